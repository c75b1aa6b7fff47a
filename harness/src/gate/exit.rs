//! The exit codes, all of them.
//!
//! | code | meaning |
//! | --- | --- |
//! | 0 | all as recorded |
//! | 1 | a regression: fail, changed, unstable, timeout, crash, flood, oom |
//! | 2 | suite or usage error, or a runtime named explicitly but not found; nothing was run |
//! | 3 | only `fixed` entries to clean up, under `--strict` |
//! | 4 | nothing was selected; nothing was run |
//! | 5 | harness fault: some result is `error` |
//! | 130, 143 | stopped by SIGINT or SIGTERM; the results so far are written |
//!
//! Where several apply, 5 is said before 1, 1 before 3, 3 before 0.

use std::process::ExitCode;

use crate::result::{RunEnd, Verdict};

/// How Lockstep ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// All as recorded.
    Success,
    /// The runtime under test does what neither rule nor record allows.
    Regression,
    /// The user or the suite is at fault.
    Usage,
    /// Recorded deviations that are gone, under `--strict`.
    CleanUp,
    /// The selection is empty.
    NothingSelected,
    /// The harness or an adapter is at fault.
    Harness,
    /// Stopped by this signal.
    Signal(i32),
}

impl Code {
    /// The number.
    pub fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Regression => 1,
            Self::Usage => 2,
            Self::CleanUp => 3,
            Self::NothingSelected => 4,
            Self::Harness => 5,
            // 128 + n is what shells report for a process that died of signal n.
            Self::Signal(number) => u8::try_from(128 + number).unwrap_or(255),
        }
    }

    /// The code of a finished run.
    pub fn of_run(verdicts: impl IntoIterator<Item = Verdict>, end: RunEnd, strict: bool) -> Self {
        if let RunEnd::Interrupted(signal) = end {
            return Self::Signal(signal);
        }
        let mut code = Self::Success;
        for verdict in verdicts {
            let this = match verdict {
                Verdict::Error => return Self::Harness,
                verdict if verdict.is_regression() => Self::Regression,
                Verdict::Fixed if strict => Self::CleanUp,
                _ => continue,
            };
            if code != Self::Regression {
                code = this;
            }
        }
        code
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        ExitCode::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        use Verdict::*;
        let table: &[(&[Verdict], bool, u8)] = &[
            (&[], false, 0),
            (&[Pass, Known, Skip], true, 0),
            (&[Pass, Fixed], false, 0),
            (&[Pass, Fixed], true, 3),
            (&[Fail], false, 1),
            (&[Changed], false, 1),
            (&[Unstable], false, 1),
            (&[Timeout], false, 1),
            (&[Crash], false, 1),
            (&[Flood], false, 1),
            (&[Oom], false, 1),
            (&[Fixed, Fail], true, 1),
            (&[Fail, Fixed], true, 1),
            (&[Error], false, 5),
            (&[Fail, Error], true, 5),
            (&[Error, Fixed], true, 5),
        ];
        for (verdicts, strict, want) in table {
            let got = Code::of_run(verdicts.iter().copied(), RunEnd::Complete, *strict).number();
            assert_eq!(got, *want, "{verdicts:?} strict {strict}");
        }
    }

    #[test]
    fn a_signal_is_said_before_everything_found() {
        assert_eq!(Code::of_run([Verdict::Error], RunEnd::Interrupted(2), false).number(), 130);
        assert_eq!(Code::of_run([Verdict::Pass], RunEnd::Interrupted(15), false).number(), 143);
    }

    #[test]
    fn what_ends_before_anything_runs() {
        assert_eq!(Code::Usage.number(), 2);
        assert_eq!(Code::NothingSelected.number(), 4);
    }
}
