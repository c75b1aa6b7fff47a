//! JUnit, through `quick-junit`: a test suite a runtime, a test case a case.
//!
//! `known` and `skip` are skipped with their reason, since neither is anything to act on; a harness fault is an error; everything else
//! that deviates is a failure, and `fixed` is a success that says so.

use std::{path::Path, time::Duration};

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::{Report, terminal::finding};
use crate::result::{CaseResult, DocumentError, RunEvent, Verdict, document::write_whole};

/// Columns of the text inside a failure.
const COLUMNS: usize = 100;

/// Gathers a run into a JUnit report.
#[derive(Debug, Default)]
pub struct JUnit {
    entries: Vec<Entry>,
    elapsed: Duration,
}

/// One test case.
#[derive(Debug)]
struct Entry {
    result: CaseResult,
    /// The whole finding.
    text: Option<String>,
    elapsed: Duration,
}

impl JUnit {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a result of which nothing more is known than a document says.
    pub fn add(&mut self, result: CaseResult, elapsed: Duration) {
        self.entries.push(Entry { result, text: None, elapsed });
    }

    /// Writes the report.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(mut self, file: &Path) -> Result<(), DocumentError> {
        self.entries.sort_by(|a, b| (&a.result.runtime, &a.result.case).cmp(&(&b.result.runtime, &b.result.case)));
        let mut report = Junit::new("lockstep");
        report.set_time(self.elapsed);
        for of_one in self.entries.chunk_by(|a, b| a.result.runtime == b.result.runtime) {
            let mut suite = TestSuite::new(of_one[0].result.runtime.clone());
            suite.add_test_cases(of_one.iter().map(test_case));
            report.add_test_suite(suite);
        }
        let io = |source| DocumentError::Io { verb: "write", file: file.into(), source };
        let text = report.to_string().map_err(|error| io(std::io::Error::other(error)))?;
        write_whole(file, &text).map_err(io)
    }
}

fn test_case(entry: &Entry) -> TestCase {
    let result = &entry.result;
    let unsuccessful = |kind| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(result.verdict.as_str()).set_message(result.detail.clone());
        if let Some(text) = &entry.text {
            status.set_description(text.clone());
        }
        status
    };
    let status = match result.verdict {
        Verdict::Pass | Verdict::Fixed => TestCaseStatus::success(),
        Verdict::Known | Verdict::Skip => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(result.verdict.as_str()).set_message(result.detail.clone());
            status
        }
        Verdict::Error => unsuccessful(NonSuccessKind::Error),
        _ => unsuccessful(NonSuccessKind::Failure),
    };
    let mut case = TestCase::new(result.case.clone(), status);
    case.set_classname(result.runtime.clone()).set_time(entry.elapsed);
    if result.verdict == Verdict::Fixed {
        case.set_system_out(result.detail.clone());
    }
    case
}

/// Without the escape sequences of styles.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

impl Report for JUnit {
    fn event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::CaseFinished(finished) => self.entries.push(Entry {
                result: finished.result.clone(),
                text: finished.explanation.as_ref().map(|shown| plain(&finding(finished, shown, COLUMNS).join("\n"))),
                elapsed: finished.elapsed,
            }),
            RunEvent::Ended { elapsed, .. } => self.elapsed = *elapsed,
            RunEvent::Planned { .. } | RunEvent::CaseStarted { .. } => {}
        }
    }
}
