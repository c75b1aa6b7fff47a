//! What a gate found, in the forms that people and CI systems read: lines, annotations, Markdown, JUnit.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    gate::delta::{Change, Delta},
    report::{
        Report,
        junit::JUnit,
        terminal::{columns, finding},
        text::{visible, wrap},
    },
    result::{CaseFinished, CaseResult, Document, RunEnd, RunEvent, Verdict},
};

/// Names that a list gives before it counts the rest.
const NAMED: usize = 20;

/// Annotations that GitHub shows of one step.
const MOST_ANNOTATIONS: usize = 10;

/// Bytes of Markdown; a comment on GitHub takes 65,536 characters.
const MOST_MARKDOWN: usize = 60_000;

/// A gate's findings.
#[derive(Debug)]
pub struct About<'a> {
    /// Everything that was compared, what is worse first.
    pub deltas: &'a [Delta<'a>],
    /// What got worse.
    pub worse: &'a [&'a Delta<'a>],
    /// What repeats said of each of those; empty where they were not asked.
    pub stable: &'a [String],
    /// The older result.
    pub baseline: &'a Document,
    /// The newer one.
    pub result: &'a Document,
}

impl<'a> About<'a> {
    /// For people: each regression, then the summary.
    pub fn lines(&self, findings: &BTreeMap<(String, String), CaseFinished>) -> Vec<String> {
        let mut lines = Vec::new();
        // Lost features are grouped in the summary: one that is gone takes many cases with it.
        for (delta, stability) in self.worse.iter().zip(self.stable) {
            if !matches!(delta.change, Change::LostFeature(_)) {
                lines.extend(regression(delta, stability, findings));
            }
        }
        lines.extend(self.summary());
        lines
    }

    /// Lost features: the cases that each took along, by feature and runtime.
    pub fn lost(&self) -> BTreeMap<(&str, &str), Vec<&str>> {
        let mut lost: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for delta in self.worse {
            if let Change::LostFeature(feature) = &delta.change {
                lost.entry((feature, delta.runtime)).or_default().push(delta.case);
            }
        }
        lost
    }

    /// What of it is of this kind.
    pub fn of(&self, change: &Change) -> Vec<&Delta<'a>> {
        self.deltas.iter().filter(|delta| delta.change == *change).collect()
    }

    /// The last line: how many, in one sentence.
    pub fn verdict(&self) -> String {
        let same = self.of(&Change::Unchanged).len();
        match self.worse.len() {
            0 => format!("nothing got worse; {same} unchanged"),
            worse => format!("{worse} got worse; {same} unchanged"),
        }
    }

    /// What is to be known of the comparison itself.
    pub fn notes(&self) -> Vec<String> {
        let (baseline, result) = (self.baseline, self.result);
        let mut notes = Vec::new();
        if baseline.suite.digest != result.suite.digest {
            notes.push(format!(
                "the suite is {} now and was {} in the baseline; only what means the same was compared",
                visible(&result.suite.version),
                visible(&baseline.suite.version)
            ));
        }
        if !baseline.complete {
            notes.push("the baseline is of an interrupted run; what it lacks was not compared".into());
        }
        if let Some(shards) = &result.selection.shard {
            notes.push(format!("only {} of the suite was compared", visible(shards)));
        }
        notes
    }

    /// What changed, in counts and names; lost features grouped, what the suite did apart.
    fn summary(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for ((feature, runtime), cases) in self.lost() {
            lines.push(format!("lost {} on {}: {}", visible(feature), visible(runtime), plural(cases.len())));
            lines.extend(listed(&cases.iter().map(|case| (*case).to_owned()).collect::<Vec<_>>()));
        }
        for change in [Change::Fixed, Change::Unjudged, Change::Corrected, Change::Deleted, Change::Added] {
            let of = self.of(&change);
            if of.is_empty() {
                continue;
            }
            lines.push(format!("{}: {}", change.words(), of.len()));
            if change != Change::Added {
                lines.extend(listed(&of.iter().map(|delta| place(delta)).collect::<Vec<_>>()));
            }
        }
        let renamed: Vec<String> = self.deltas.iter().filter_map(renaming).collect();
        if !renamed.is_empty() {
            lines.push(format!("renamed in the suite: {}", renamed.len()));
            lines.extend(listed(&renamed));
        }
        lines.extend(self.notes());
        lines.push(self.verdict());
        lines.into_iter().flat_map(|line| wrap_indented(&line)).collect()
    }

    /// Workflow commands that GitHub shows beside the change; no more than it shows, a lost feature once.
    pub fn annotations(&self) -> Vec<String> {
        let mut all = Vec::new();
        for delta in self.worse.iter().filter(|delta| !matches!(delta.change, Change::LostFeature(_))) {
            let detail = delta.new.map(|new| new.detail.as_str()).unwrap_or_default();
            all.push(annotation(
                &format!("lockstep: {} on {}", delta.change.words(), delta.runtime),
                &format!("{}: {detail}", delta.case),
            ));
        }
        for ((feature, runtime), cases) in self.lost() {
            all.push(annotation(&format!("lockstep: lost {feature} on {runtime}"), &plural(cases.len())));
        }
        if all.len() > MOST_ANNOTATIONS {
            let rest = all.split_off(MOST_ANNOTATIONS - 1).len();
            all.push(annotation("lockstep", &format!("and {rest} more; the step's log and summary have them all")));
        }
        all
    }

    /// The page for a pull request's comment or a job's summary. Its first line marks it, so that a script can find its own comment again.
    pub fn markdown(&self) -> String {
        let mut page = format!("<!-- lockstep gate -->\n## Lockstep gate\n\n{}.\n", sentence(&self.verdict()));
        for note in self.notes() {
            page.push_str(&format!("\n{}.\n", sentence(&prose(&note))));
        }
        let lost = self.lost();
        if !lost.is_empty() {
            page.push('\n');
        }
        for ((feature, runtime), cases) in lost {
            page.push_str(&format!("* **lost `{}` on {}**: {}\n", code(feature), prose(runtime), plural(cases.len())));
        }
        let one_by_one: Vec<String> = (self.worse.iter().zip(self.stable))
            .filter(|(delta, _)| !matches!(delta.change, Change::LostFeature(_)))
            .map(|(delta, stability)| row(delta, stability))
            .collect();
        if !one_by_one.is_empty() {
            page.push_str("\n| | case | runtime | finding |\n|---|---|---|---|\n");
            let mut left = one_by_one.len();
            for row in one_by_one {
                if page.len() + row.len() > MOST_MARKDOWN {
                    page.push_str(&format!("| | and {left} more | | |\n"));
                    break;
                }
                page.push_str(&row);
                left -= 1;
            }
        }
        for change in [Change::Fixed, Change::Unjudged, Change::Corrected, Change::Deleted, Change::Added] {
            let of = self.of(&change);
            if of.is_empty() || page.len() > MOST_MARKDOWN {
                continue;
            }
            page.push_str(&format!("\n<details><summary>{}: {}</summary>\n\n", change.words(), of.len()));
            for delta in of.iter().take(NAMED) {
                page.push_str(&format!("* `{}` on {}\n", code(delta.case), prose(delta.runtime)));
            }
            if of.len() > NAMED {
                page.push_str(&format!("* and {} more\n", of.len() - NAMED));
            }
            page.push_str("\n</details>\n");
        }
        page
    }

    /// JUnit in which only what got worse is a failure.
    pub fn junit(&self, findings: &BTreeMap<(String, String), CaseFinished>, end: RunEnd, elapsed: Duration) -> JUnit {
        let worse: BTreeMap<(&str, &str), &Change> =
            self.worse.iter().map(|delta| ((delta.runtime, delta.case), &delta.change)).collect();
        let mut junit = JUnit::new();
        let mut seen = BTreeSet::new();
        for result in &self.result.results {
            let key = (result.runtime.as_str(), result.case.as_str());
            seen.insert(key);
            let result = relative(result, worse.get(&key).copied());
            let spent = self.result.timing.cases_ms.get(&format!("{}::{}", key.0, key.1)).copied().unwrap_or(0);
            match findings.get(&(key.0.to_owned(), key.1.to_owned())) {
                Some(finished) => {
                    junit.event(&RunEvent::CaseFinished(Box::new(CaseFinished { result, ..finished.clone() })));
                }
                None => junit.add(result, Duration::from_millis(spent)),
            }
        }
        // What vanished has no result to be a failure of; it is one all the same.
        for delta in self.worse.iter().filter(|delta| !seen.contains(&(delta.runtime, delta.case))) {
            if let Some(old) = delta.old {
                let detail = "vanished: it has a result in the baseline and none now".into();
                let result = CaseResult {
                    runtime: delta.runtime.into(),
                    case: delta.case.into(),
                    verdict: Verdict::Fail,
                    detail,
                    ..old.clone()
                };
                junit.add(result, Duration::ZERO);
            }
        }
        junit.event(&RunEvent::Ended { end, elapsed });
        junit
    }
}

/// A result as the gate takes it: what got worse fails, and what was wrong in the baseline too is known.
fn relative(result: &CaseResult, worse: Option<&Change>) -> CaseResult {
    let mut result = result.clone();
    match (worse, result.verdict) {
        (Some(Change::LostFeature(feature)), _) => {
            result.verdict = Verdict::Fail;
            result.detail = format!("lost feature: {feature}");
        }
        (Some(_), Verdict::Known) => result.verdict = Verdict::Fail,
        (None, verdict) if verdict.is_regression() => {
            result.verdict = Verdict::Known;
            result.detail = format!("as in the baseline: {}", result.detail);
        }
        _ => {}
    }
    result
}

/// One regression for people.
fn regression(delta: &Delta<'_>, stability: &str, findings: &BTreeMap<(String, String), CaseFinished>) -> Vec<String> {
    let was = delta.old.map_or("nothing".to_owned(), |old| old.verdict.to_string());
    let now = delta.new.map_or("nothing".to_owned(), |new| new.verdict.to_string());
    let mut head = format!("{}: {was} in the baseline, {now} now", delta.change.words());
    if !stability.is_empty() {
        head.push_str(&format!("; {stability}"));
    }
    let mut lines = vec![head];
    let finished = findings.get(&(delta.runtime.to_owned(), delta.case.to_owned()));
    match finished.and_then(|finished| Some((finished, finished.explanation.as_ref()?))) {
        Some((finished, explanation)) => lines.extend(finding(finished, explanation, columns())),
        None => {
            let detail = delta.new.map(|new| new.detail.as_str()).unwrap_or_default();
            let detail = if detail.is_empty() { String::new() } else { format!(": {}", visible(detail)) };
            lines.extend(wrap_indented(&format!("  {}{detail}", place(delta))));
            lines.push(String::new());
        }
    }
    lines
}

fn place(delta: &Delta<'_>) -> String {
    format!("{} on {}", visible(delta.case), visible(delta.runtime))
}

/// Which name a case had before.
pub(super) fn renaming(delta: &Delta<'_>) -> Option<String> {
    Some(format!("{} on {}, was {}", visible(delta.case), visible(delta.runtime), visible(delta.renamed()?)))
}

fn plural(cases: usize) -> String {
    if cases == 1 { "1 case".into() } else { format!("{cases} cases") }
}

fn listed(which: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = which.iter().take(NAMED).map(|one| format!("  {one}")).collect();
    if which.len() > NAMED {
        lines.push(format!("  and {} more", which.len() - NAMED));
    }
    lines
}

fn wrap_indented(line: &str) -> Vec<String> {
    let indent = line.len() - line.trim_start().len();
    wrap(line, columns().saturating_sub(indent)).into_iter().map(|part| format!("{}{part}", " ".repeat(indent))).collect()
}

/// With a capital at its beginning.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn annotation(title: &str, message: &str) -> String {
    let data = |text: &str| visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!("::error title={}::{}", property(title), data(message))
}

fn row(delta: &Delta<'_>, stability: &str) -> String {
    let detail = delta.new.map(|new| new.detail.as_str()).unwrap_or_default();
    let detail: String = detail.chars().take(300).collect();
    let said = if stability.is_empty() { String::new() } else { format!(" ({stability})") };
    let words = delta.change.words();
    format!("| {words} | `{}` | {} | {}{said} |\n", code(delta.case), prose(delta.runtime), prose(&detail))
}

/// Text that Markdown takes as text, also within a table's cell.
fn prose(text: &str) -> String {
    let mut shown = String::new();
    for c in visible(text).chars() {
        if "\\`*_[]<>#|~@".contains(c) {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

/// Text between backticks, in which nothing can be escaped.
fn code(text: &str) -> String {
    visible(text).replace('`', "'").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_runtime_printed_stays_text() {
        assert_eq!(prose("a|b `c` <d> @e"), "a\\|b \\`c\\` \\<d\\> \\@e");
        assert_eq!(code("a`b|c\u{1b}"), "a'b\\|c\\u{1b}");
        assert_eq!(annotation("a: b, c", "x%\n::error::y"), "::error title=a%3A b%2C c::x%25\\n::error::y");
    }
}
