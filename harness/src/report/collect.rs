//! Collecting a run into the result document, and keeping it on disk as it grows.

use std::{collections::BTreeMap, time::Duration};

use super::Report;
use crate::result::{
    CaseResult, Document, RunEnd, RunEvent, RuntimeInfo, SelectionInfo, SuiteInfo, Verdict,
    document::{SCHEMA, Timing},
};

/// Everything that a result document says, gathered from events.
#[derive(Debug, Default)]
pub struct Collector {
    suite: Option<SuiteInfo>,
    selection: SelectionInfo,
    runtimes: Vec<RuntimeInfo>,
    results: Vec<CaseResult>,
    timing: Timing,
    end: Option<RunEnd>,
}

impl Collector {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every verdict so far.
    pub fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        self.results.iter().map(|result| result.verdict)
    }

    /// The document of what was found so far; complete only if the run was.
    pub fn document(self) -> Document {
        Document {
            schema: SCHEMA,
            suite: self.suite.unwrap_or(SuiteInfo { version: String::new(), cases: 0, digest: String::new() }),
            selection: self.selection,
            complete: self.end == Some(RunEnd::Complete),
            runtimes: self.runtimes,
            results: self.results,
            timing: self.timing,
        }
        .canonical()
    }
}

impl Report for Collector {
    fn event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Planned { suite, selection, runtimes, .. } => {
                self.suite = Some(suite.clone());
                self.selection = selection.clone();
                self.runtimes = runtimes.clone();
            }
            RunEvent::CaseStarted { .. } => {}
            RunEvent::CaseFinished(finished) => {
                let key = format!("{}::{}", finished.result.runtime, finished.result.case);
                self.timing.cases_ms.insert(key, milliseconds(finished.elapsed));
                self.results.push(finished.result.clone());
            }
            RunEvent::Ended { end, elapsed } => {
                self.end = Some(*end);
                self.timing.elapsed_ms = milliseconds(*elapsed);
            }
        }
    }
}

fn milliseconds(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// How often each verdict was found, by category and runtime.
#[derive(Debug, Default, Clone)]
pub struct Tally(BTreeMap<(String, String), BTreeMap<Verdict, usize>>);

impl Tally {
    /// Counts one.
    pub fn add(&mut self, category: &str, runtime: &str, verdict: Verdict) {
        *self.0.entry((category.into(), runtime.into())).or_default().entry(verdict).or_default() += 1;
    }

    /// How often `verdict` was found in `category` (or in all, for none) on `runtime`.
    pub fn count(&self, category: Option<&str>, runtime: &str, verdict: Verdict) -> usize {
        self.0
            .iter()
            .filter(|((in_category, on), _)| on == runtime && category.is_none_or(|category| category == in_category))
            .map(|(_, counts)| counts.get(&verdict).copied().unwrap_or(0))
            .sum()
    }
}
