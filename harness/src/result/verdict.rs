//! Verdicts: what the harness says of one case on one runtime.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the harness says of one case on one runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Trace and exit are as the rule allows.
    Pass,
    /// Deviates as recorded (XFAIL).
    Known,
    /// Recorded as deviating, but conforms now (XPASS).
    Fixed,
    /// Not run: a feature, goal or profile is absent.
    Skip,
    /// Deviates, and no deviation is recorded.
    Fail,
    /// Deviates otherwise than recorded.
    Changed,
    /// Repeats of one build disagree beyond the expectation (flaky).
    Unstable,
    /// Still running at its deadline.
    Timeout,
    /// Ended by a signal.
    Crash,
    /// Wrote more than the output limit.
    Flood,
    /// Used more than the memory limit.
    Oom,
    /// The harness or an adapter failed; never blamed on the runtime.
    Error,
}

impl Verdict {
    /// All of them, in the order reports show them.
    pub const ALL: [Self; 12] = [
        Self::Pass,
        Self::Known,
        Self::Fixed,
        Self::Skip,
        Self::Fail,
        Self::Changed,
        Self::Unstable,
        Self::Timeout,
        Self::Crash,
        Self::Flood,
        Self::Oom,
        Self::Error,
    ];

    /// Whether it makes a run fail: the runtime does what neither the rule nor a recorded deviation allows.
    pub fn is_regression(self) -> bool {
        matches!(self, Self::Fail | Self::Changed | Self::Unstable | Self::Timeout | Self::Crash | Self::Flood | Self::Oom)
    }

    /// The word in results and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Known => "known",
            Self::Fixed => "fixed",
            Self::Skip => "skip",
            Self::Fail => "fail",
            Self::Changed => "changed",
            Self::Unstable => "unstable",
            Self::Timeout => "timeout",
            Self::Crash => "crash",
            Self::Flood => "flood",
            Self::Oom => "oom",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_serialised_form() {
        for verdict in Verdict::ALL {
            assert_eq!(serde_json::to_string(&verdict).expect("a word"), format!("\"{verdict}\""));
        }
    }

    #[test]
    fn what_is_recorded_or_absent_is_no_regression() {
        let harmless: Vec<_> = Verdict::ALL.into_iter().filter(|verdict| !verdict.is_regression()).collect();
        assert_eq!(harmless, [Verdict::Pass, Verdict::Known, Verdict::Fixed, Verdict::Skip, Verdict::Error]);
    }
}
