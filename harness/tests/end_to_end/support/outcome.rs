//! What came of running the binary.

use std::{
    collections::BTreeMap,
    fmt, fs,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Output},
};

use lockstep::result::Document;

/// How the binary ended, and what it said.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the harness prints UTF-8");
        Self { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The exit code; a death by signal is none, and fails the test.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("it died of signal {:?}\n{self}", self.status.signal()))
    }

    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code(), code, "{self}");
        self
    }

    /// Asserts that standard output holds each of these, wherever lines are broken.
    #[track_caller]
    pub(crate) fn assert_says(&self, texts: &[&str]) -> &Self {
        assert_holds(&self.stdout, texts, self)
    }

    /// The same of standard error.
    #[track_caller]
    pub(crate) fn assert_warns(&self, texts: &[&str]) -> &Self {
        assert_holds(&self.stderr, texts, self)
    }
}

#[track_caller]
fn assert_holds<'a>(text: &str, wanted: &[&str], outcome: &'a Outcome) -> &'a Outcome {
    // Sentences are broken where the line ends.
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for wanted in wanted {
        assert!(text.contains(wanted) || joined.contains(wanted), "`{wanted}` is missing\n{outcome}");
    }
    outcome
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Escaped, since it may be about escape sequences.
        let shown = |text: &str| text.lines().map(|line| format!("  {}\n", line.escape_debug())).collect::<String>();
        write!(f, "{}\nstandard output:\n{}standard error:\n{}", self.status, shown(&self.stdout), shown(&self.stderr))
    }
}

/// Verdicts by runtime and the last part of the case's id.
pub(crate) type Verdicts = BTreeMap<String, BTreeMap<String, &'static str>>;

/// Reads a result and gives its verdicts.
pub(crate) fn verdicts(file: &Path) -> Verdicts {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let document: Document = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut verdicts = Verdicts::new();
    for result in &document.results {
        let name = result.case.rsplit('/').next().expect("an id").to_owned();
        let before = verdicts.entry(result.runtime.clone()).or_default().insert(name, result.verdict.as_str());
        assert_eq!(before, None, "{} stands twice in the result", result.case);
    }
    verdicts
}
