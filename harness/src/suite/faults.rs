//! Collecting every fault of one file, rather than stopping at the first.

use super::{
    error::SuiteError,
    yaml::{Document, Step},
};

/// The faults found so far in one document.
#[derive(Debug)]
pub(super) struct Faults<'a> {
    document: &'a Document,
    list: Vec<SuiteError>,
}

impl<'a> Faults<'a> {
    /// None yet.
    pub(super) fn of(document: &'a Document) -> Self {
        Self { document, list: Vec::new() }
    }

    /// Notes a fault at `path`.
    pub(super) fn add(&mut self, path: &[Step<'_>], cause: impl Into<String>, remedy: impl Into<String>) {
        self.list.push(self.document.fault(path, cause, remedy));
    }

    /// Notes the fault at `path` if there is one, and yields the value if not.
    pub(super) fn check<T>(&mut self, path: &[Step<'_>], checked: Result<T, (String, String)>) -> Option<T> {
        checked.map_err(|(cause, remedy)| self.add(path, cause, remedy)).ok()
    }

    /// Notes a blank text at `path`.
    pub(super) fn check_filled(&mut self, key: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(&[key.into()], format!("`{key}` is empty"), format!("fill in `{key}`"));
        }
    }

    /// Notes items that stand twice in the list at `key`.
    pub(super) fn check_distinct(&mut self, key: &str, items: &[String]) {
        for (index, item) in items.iter().enumerate() {
            if items[..index].contains(item) {
                self.add(&[key.into(), index.into()], format!("`{item}` is listed twice"), "keep one of the two");
            }
        }
    }

    /// `value` if nothing was wrong.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<SuiteError>> {
        match value {
            Some(value) if self.list.is_empty() => Ok(value),
            _ => Err(self.list),
        }
    }
}

/// Checks that `text` is the address of a page.
pub(super) fn check_address(text: &str) -> Result<(), (String, String)> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if rest.contains('.') && !text.contains(|c: char| c.is_whitespace() || c.is_control()) => Ok(()),
        _ => Err((
            format!("`{}` is no address", text.escape_debug()),
            "write the page's address, beginning with https://".to_owned(),
        )),
    }
}
