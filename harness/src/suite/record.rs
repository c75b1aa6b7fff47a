//! Writing recorded deviations: new entries into the file of a product, each before the first of a later case, and nothing else touched.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::trace::{Expr, canonical};

use super::{
    accept::{AcceptError, first},
    deviation::{Deviation, DeviationKind},
    emit, read,
    tree::{MAX_FILE, read_text},
    yaml::Document,
};

/// The first line of a new file of deviations in an overlay.
pub const OVERLAY_HEAD: &str = "# What this product is known to do otherwise, beside what the suite records of it.";

/// An entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeviation {
    /// The case's id.
    pub case: String,
    /// The versions it applies to, as the file has them.
    pub versions: String,
    /// How it is to be read.
    pub kind: DeviationKind,
    /// Why the runtime does what it does, as far as that is known.
    pub reason: String,
    /// Of an untriaged entry: today, `YYYY-MM-DD`.
    pub since: Option<String>,
    /// What it prints instead; none if that is as expected.
    pub trace: Option<Written>,
    /// How it ends instead; none if that is as expected.
    pub exit: Option<String>,
    /// It conforms in some runs.
    pub intermittent: bool,
}

/// A trace as a file has it: a pattern an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The patterns, in order.
    pub events: Vec<String>,
    /// Whether anything may follow.
    pub open: bool,
}

impl Written {
    /// Exactly these events; braces are escaped, since a pattern takes them for holes.
    pub fn exactly(events: &[String]) -> Self {
        Self { events: events.iter().map(|event| event.replace('{', "{{").replace('}', "}}")).collect(), open: false }
    }

    /// The same as an expression.
    fn expression(&self) -> Option<Expr> {
        let mut items = self.events.iter().map(|event| Expr::event(event)).collect::<Result<Vec<_>, _>>().ok()?;
        if self.open {
            items.push(Expr::repeat(Expr::event("{any}").ok()?, 0, None).ok()?);
        }
        Some(Expr::sequence(items))
    }

    /// The key of an entry.
    fn text(&self) -> String {
        if !self.open {
            return emit::list("trace", &self.events, 2);
        }
        let mut text = String::from("  trace:\n");
        for event in &self.events {
            text.push_str(&format!("    - {}\n", emit::scalar(event)));
        }
        text.push_str("    - repeat: { of: \"{any}\", from: 0 }\n");
        text
    }
}

impl NewDeviation {
    /// Whether `other` records the same trace and end.
    pub fn says_what(&self, other: &Deviation) -> bool {
        let exit = other.exit.as_ref().map(ToString::to_string);
        let trace = match (&self.trace, &other.trace) {
            (None, None) => true,
            (Some(own), Some(other)) => own.expression().is_some_and(|own| canonical(&own) == canonical(other)),
            _ => false,
        };
        trace && self.exit == exit
    }

    fn text(&self) -> String {
        let mut text = format!("- case: {}\n  versions: \"{}\"\n  kind: {}\n", self.case, self.versions, self.kind);
        if let Some(day) = &self.since {
            text.push_str(&format!("  since: \"{day}\"\n"));
        }
        text.push_str(&match self.reason.as_str() {
            "" => "  reason: \"\"\n".to_owned(),
            reason => format!("  reason: {}\n", emit::scalar(reason)),
        });
        if self.kind == DeviationKind::Bug {
            text.push_str("  link: \"\"\n");
        }
        if let Some(trace) = &self.trace {
            text.push_str(&trace.text());
        }
        if let Some(exit) = &self.exit {
            text.push_str(&format!("  exit: {exit}\n"));
        }
        if self.intermittent {
            text.push_str("  intermittent: true\n");
        }
        text
    }
}

/// From this version on, up to the next major one: what is known of one build is expected of those that follow it.
pub fn from_version(version: &semver::Version) -> String {
    format!(">={}.{}.{}, <{}", version.major, version.minor, version.patch, version.major + 1)
}

/// Writes `entries`, sorted by case, into the file of `product` at `path`; `shown` is what messages call it. The file is made if it is not
/// there, with `head` as its first line; entries and comments that are there stay.
///
/// # Errors
/// If the file is there and cannot be read, or would become too large, or cannot be written.
pub fn record(path: &Path, shown: &Path, product: &str, head: &str, entries: &[NewDeviation]) -> Result<(), AcceptError> {
    let new = !path.exists();
    let text = if new {
        let entries: String = entries.iter().map(NewDeviation::text).collect();
        format!("{head}\n{entries}")
    } else {
        let document = Document::scan(shown.to_owned(), read_text(path, shown)?)?;
        insert(&document, entries)?
    };
    if text.len() as u64 > MAX_FILE {
        let error = io::Error::other(format!("it would be larger than {} KiB; select fewer cases", MAX_FILE >> 10));
        return Err(AcceptError::Write { file: shown.to_owned(), error });
    }
    // Nothing is written that would not be read as it was meant.
    let written = Document::scan(shown.to_owned(), text)?;
    read::read_deviations(product, &written).map_err(first)?;
    save(path, written.text()).map_err(|error| AcceptError::Write { file: PathBuf::from(shown), error })
}

/// The document's text with each of `entries` put before the first entry of a later case.
fn insert(document: &Document, entries: &[NewDeviation]) -> Result<String, AcceptError> {
    let lines: Vec<&str> = document.text().split_inclusive('\n').collect();
    let known = read::read_deviations("", document).map_err(first)?;
    if known.is_empty() {
        // `[]` has to go, or nothing could follow it.
        let comments: String = lines.iter().filter(|line| line.starts_with('#')).copied().collect();
        return Ok(comments + &entries.iter().map(NewDeviation::text).collect::<String>());
    }
    let mut places: Vec<(usize, &NewDeviation)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let later = known.iter().find(|other| other.case > entry.case);
        let mut at = later.map_or(lines.len(), |entry| entry.line - 1);
        // The comments above an entry are its own; the file's first line is the editor's.
        while at > 1 && at < lines.len() && lines[at - 1].starts_with('#') {
            at -= 1;
        }
        places.push((at, entry));
    }
    places.sort_by_key(|(at, _)| *at);
    let mut text = String::new();
    let mut done = 0;
    for (at, entry) in places {
        text.push_str(&lines[done..at].concat());
        done = at;
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&entry.text());
    }
    text.push_str(&lines[done..].concat());
    Ok(text)
}

/// Replaces a file as a whole, so that no reader sees half of it.
pub(super) fn save(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let fresh = tempfile::NamedTempFile::new_in(folder)?;
    fs::write(fresh.path(), text)?;
    // A temporary file is its owner's alone; one of the suite is read by all.
    let permissions = fs::metadata(path).map(|meta| meta.permissions()).ok();
    fresh.persist(path).map_err(|error| error.error)?;
    match permissions {
        Some(permissions) => fs::set_permissions(path, permissions),
        None => readable_by_all(path),
    }
}

#[cfg(unix)]
fn readable_by_all(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(case: &str) -> NewDeviation {
        NewDeviation {
            case: case.into(),
            versions: from_version(&semver::Version::new(1, 4, 5)),
            kind: DeviationKind::Untriaged,
            reason: "event 1 is \"b\"; the rule allows \"a\" here".into(),
            since: Some("2026-11-27".into()),
            trace: Some(Written { events: vec!["b".into(), "{{x}} {int}".into()], open: false }),
            exit: None,
            intermittent: false,
        }
    }

    #[test]
    fn entries_read_back_and_the_rest_of_the_file_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mine/fake.yaml");
        let shown = Path::new("mine/fake.yaml");
        record(&file, shown, "fake", "# ours", &[entry("ordering/b/b"), entry("ordering/d/d")]).expect("written");
        let open = NewDeviation {
            trace: Some(Written { events: vec!["b".into()], open: true }),
            exit: Some("timeout".into()),
            intermittent: true,
            ..entry("ordering/a/a")
        };
        fs::write(&file, fs::read_to_string(&file).expect("read").replace("- case: ordering/d", "# mine\n- case: ordering/d"))
            .expect("written");
        record(&file, shown, "fake", "# ours", &[open, entry("ordering/c/c"), entry("ordering/c/d"), entry("ordering/e/e")])
            .expect("written");
        let text = fs::read_to_string(&file).expect("read");
        let document = Document::scan(file, text.clone()).expect("well-formed");
        let read = read::read_deviations("fake", &document).unwrap_or_else(|errors| panic!("{text}\n{errors:?}"));
        let cases: Vec<&str> = read.iter().map(|entry| entry.case.as_str()).collect();
        assert_eq!(cases, ["ordering/a/a", "ordering/b/b", "ordering/c/c", "ordering/c/d", "ordering/d/d", "ordering/e/e"]);
        assert!(text.contains("# mine\n- case: ordering/d/d"), "{text}");
        assert!(read[0].intermittent && read[0].exit.is_some());
        assert_eq!(read[1].since.as_deref(), Some("2026-11-27"));
        assert_eq!(read[1].reason, entry("x").reason);
        assert!(entry("ordering/b/b").says_what(&read[1]) && !entry("ordering/b/b").says_what(&read[0]));
    }

    #[test]
    fn a_file_that_would_be_too_large_is_not_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("fake.yaml");
        let large = NewDeviation { reason: "x".repeat(600 << 10), ..entry("ordering/a/a") };
        let error = record(&file, Path::new("fake.yaml"), "fake", "# ours", &[large.clone(), large]).expect_err("too large");
        assert!(error.to_string().contains("larger than 1024 KiB"), "{error}");
        assert!(!file.exists());
    }
}
