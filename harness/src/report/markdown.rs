//! Markdown, for the summary of a CI job.

use std::path::Path;

use super::{Report, collect::Tally, difference, matrix, terminal::gone, text::visible};
use crate::result::{CaseFinished, DocumentError, MissingRuntime, RunEnd, RunEvent, RuntimeInfo, Verdict, document::write_whole};

/// Findings shown in full; more are listed by name. CI systems cut summaries at about a megabyte.
const MOST_IN_FULL: usize = 50;

/// Gathers a run into a Markdown page.
#[derive(Debug, Default)]
pub struct Markdown {
    tally: Tally,
    runtimes: Vec<RuntimeInfo>,
    missing: Vec<MissingRuntime>,
    findings: Vec<CaseFinished>,
    end: Option<RunEnd>,
}

impl Markdown {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the page.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(self, file: &Path) -> Result<(), DocumentError> {
        write_whole(file, &self.page()).map_err(|source| DocumentError::Io { verb: "write", file: file.into(), source })
    }

    /// The page.
    pub fn page(mut self) -> String {
        self.findings.sort_by(|a, b| (&a.result.case, &a.result.runtime).cmp(&(&b.result.case, &b.result.runtime)));
        let wrong = self.findings.iter().filter(|finished| finished.result.verdict != Verdict::Fixed).count();
        let mut page = String::from("## Lockstep\n\n");
        page.push_str(&match self.end {
            Some(RunEnd::Complete) if self.findings.is_empty() => "All as recorded.\n\n".to_owned(),
            Some(RunEnd::Complete) if wrong == 0 => format!("No regression; {}.\n\n", gone(self.findings.len())),
            Some(RunEnd::Complete) => format!("{wrong} to look at.\n\n"),
            _ => "The run was interrupted; this is what it had found.\n\n".to_owned(),
        });
        let names: Vec<String> = self.runtimes.iter().map(|runtime| runtime.name.clone()).collect();
        let head: Vec<String> = self
            .runtimes
            .iter()
            .map(|runtime| match (&runtime.product, &runtime.version) {
                (Some(product), Some(version)) => format!("{} ({} {})", cell(&runtime.name), cell(product), cell(version)),
                _ => cell(&runtime.name),
            })
            .collect();
        page.push_str(&format!("| | | {} |\n|---|---|{}\n", head.join(" | "), "---:|".repeat(names.len())));
        for row in matrix::rows(&self.tally, &names) {
            let counts: Vec<String> = row.counts.iter().map(usize::to_string).collect();
            page.push_str(&format!("| {} | {} | {} |\n", row.category, row.verdict, counts.join(" | ")));
        }
        for missing in &self.missing {
            page.push_str(&format!("\n`{}` is not here: {}; {}.\n", missing.name, cell(&missing.reason), cell(&missing.remedy)));
        }
        for finished in self.findings.iter().take(MOST_IN_FULL) {
            page.push_str(&section(finished));
        }
        if self.findings.len() > MOST_IN_FULL {
            page.push_str("\nAnd, without details:\n\n");
            for finished in &self.findings[MOST_IN_FULL..] {
                let result = &finished.result;
                page.push_str(&format!("* {} `{}` on `{}`\n", result.verdict, result.case, cell(&result.runtime)));
            }
        }
        page
    }
}

fn section(finished: &CaseFinished) -> String {
    let (case, result) = (&finished.case, &finished.result);
    let mut section = format!("\n### {} · {} · `{}`\n\n", result.verdict, cell(&result.runtime), case.id);
    section.push_str(&format!("{}\n\n", prose(&case.rule)));
    for authority in &case.authority {
        section.push_str(&format!("<{authority}> ({})\n", case.strength));
    }
    section.push_str(&format!("\n**{}**\n", prose(&result.detail)));
    if let Some(explanation) = &finished.explanation {
        let aligned = difference::align(&explanation.expected, &explanation.observed, explanation.at);
        if !aligned.rows.is_empty() {
            let (shown, focus, before, after) = aligned.window(explanation.at, 8);
            section.push_str("\n| | the rule allows | observed |\n|---|---|---|\n");
            if before > 0 {
                section.push_str(&format!("| | … {before} more | |\n"));
            }
            for (offset, row) in shown.iter().enumerate() {
                let mark = if focus == Some(offset) { "▶" } else { "" };
                section.push_str(&format!("| {mark} | {} | {} |\n", code(row.expected), code(row.observed)));
            }
            if after > 0 {
                section.push_str(&format!("| | … {after} more | |\n"));
            }
        }
        section.push_str(&format!("\n{}\n", fenced(&visible(&explanation.rerun))));
    }
    section
}

/// One event as code in a table's cell.
fn code(event: Option<&str>) -> String {
    let Some(event) = event else { return String::new() };
    let shown: String = visible(event).chars().take(200).collect();
    if shown.is_empty() {
        return "(empty line)".into();
    }
    // An entity is the one form in which a bar or a backtick survives both table and code.
    let escaped =
        shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('|', "&#124;").replace('`', "&#96;");
    format!("<code>{escaped}</code>")
}

/// Text within a table's cell.
fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|")
}

/// Text that Markdown takes as text.
fn prose(text: &str) -> String {
    let mut shown = String::new();
    for c in visible(&text.split_whitespace().collect::<Vec<_>>().join(" ")).chars() {
        if "\\`*_[]<>#".contains(c) {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

/// Code in a fence longer than any it contains.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}sh\n{text}\n{fence}")
}

impl Report for Markdown {
    fn event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Planned { runtimes, missing, .. } => {
                self.runtimes = runtimes.clone();
                self.missing = missing.clone();
            }
            RunEvent::CaseStarted { .. } => {}
            RunEvent::CaseFinished(finished) => {
                let result = &finished.result;
                self.tally.add(finished.case.category(), &result.runtime, result.verdict);
                if finished.explanation.is_some() {
                    self.findings.push((**finished).clone());
                }
            }
            RunEvent::Ended { end, .. } => self.end = Some(*end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_runtime_printed_stays_text() {
        assert_eq!(code(Some("a|b`<i>")), "<code>a&#124;b&#96;&lt;i&gt;</code>");
        assert_eq!(prose("a *b* <c>"), "a \\*b\\* \\<c\\>");
        assert_eq!(fenced("a ```` b"), "`````sh\na ```` b\n`````");
        assert_eq!(code(Some("\x1b[2J")), "<code>\\u{1b}[2J</code>");
    }
}
