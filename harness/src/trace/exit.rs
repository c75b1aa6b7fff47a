//! How a program ended, and the `exit` grammar that says how it should.

use std::{fmt, str::FromStr};

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ended {
    /// It exited by itself with this code.
    Code(i32),
    /// A signal of this name ended it (`SIGSEGV`, …).
    Signal(String),
    /// It was still running at its deadline and was killed.
    Deadline,
    /// It wrote more than the output limit and was killed.
    Flood,
    /// Its resident memory passed the limit and it was killed.
    Memory,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Signal(name) => write!(f, "signal {name}"),
            Self::Deadline => f.write_str("timeout"),
            Self::Flood => f.write_str("flood"),
            Self::Memory => f.write_str("oom"),
        }
    }
}

impl Ended {
    /// The end that prints as `text`, as results keep it.
    pub fn read(text: &str) -> Option<Self> {
        Some(match text {
            "timeout" => Self::Deadline,
            "flood" => Self::Flood,
            "oom" => Self::Memory,
            _ => match text.strip_prefix("signal ") {
                Some(name) if is_signal_name(name) => Self::Signal(name.to_owned()),
                Some(_) => return None,
                None => Self::Code(text.parse().ok()?),
            },
        })
    }
}

/// What an `exit:` key allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExitPattern {
    /// Exactly this code.
    Code(i32),
    /// Any code but 0.
    Nonzero,
    /// Any code at all; a signal, a hang or a flood still fails.
    Any,
    /// Ended by this signal.
    Signal(String),
    /// Ended by any signal.
    Crash,
    /// Still running at the deadline, as the rule says it must be; the trace so far is matched whole.
    Running,
    /// Still running at the deadline, as a recorded deviation; only deviations may say so.
    Timeout,
}

impl Default for ExitPattern {
    fn default() -> Self {
        Self::Code(0)
    }
}

impl ExitPattern {
    /// Whether `ended` is allowed.
    pub fn allows(&self, ended: &Ended) -> bool {
        match (self, ended) {
            (Self::Code(want), Ended::Code(got)) => want == got,
            (Self::Nonzero, Ended::Code(got)) => *got != 0,
            (Self::Any, Ended::Code(_)) => true,
            (Self::Signal(want), Ended::Signal(got)) => want == got,
            (Self::Crash, Ended::Signal(_)) => true,
            (Self::Running | Self::Timeout, Ended::Deadline) => true,
            _ => false,
        }
    }

    /// Whether a program that obeys this pattern is killed at its deadline.
    pub fn waits_for_deadline(&self) -> bool {
        matches!(self, Self::Running | Self::Timeout)
    }
}

impl fmt::Display for ExitPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Nonzero => f.write_str("nonzero"),
            Self::Any => f.write_str("any"),
            Self::Signal(name) => write!(f, "signal {name}"),
            Self::Crash => f.write_str("crash"),
            Self::Running => f.write_str("running"),
            Self::Timeout => f.write_str("timeout"),
        }
    }
}

/// An `exit:` value that is none of the grammar's forms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no exit; write a code (0 to 255), nonzero, any, signal NAME, crash, running, or in a deviation timeout")]
pub struct ParseExitError(String);

impl FromStr for ExitPattern {
    type Err = ParseExitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || ParseExitError(text.to_owned());
        Ok(match text {
            "nonzero" => Self::Nonzero,
            "any" => Self::Any,
            "crash" => Self::Crash,
            "running" => Self::Running,
            "timeout" => Self::Timeout,
            _ => match text.strip_prefix("signal ") {
                Some(name) if is_signal_name(name) => Self::Signal(name.to_owned()),
                Some(_) => return Err(fault()),
                None => Self::Code(text.parse::<u8>().map_err(|_| fault())?.into()),
            },
        })
    }
}

/// `SIG` and then upper-case letters or digits: names, since numbers differ between systems.
fn is_signal_name(name: &str) -> bool {
    name.strip_prefix("SIG")
        .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_back_as_it_prints() {
        for text in ["0", "13", "nonzero", "any", "signal SIGSEGV", "crash", "running", "timeout"] {
            assert_eq!(text.parse::<ExitPattern>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn other_words_are_refused() {
        for text in ["", "256", "-1", "signal 11", "signal segv", "zero", "signal SIG"] {
            assert!(text.parse::<ExitPattern>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn any_code_is_no_licence_to_crash_or_hang() {
        assert!(ExitPattern::Any.allows(&Ended::Code(7)));
        assert!(!ExitPattern::Any.allows(&Ended::Signal("SIGABRT".into())));
        assert!(!ExitPattern::Any.allows(&Ended::Deadline));
        assert!(!ExitPattern::Nonzero.allows(&Ended::Code(0)));
        assert!(ExitPattern::Running.allows(&Ended::Deadline));
        assert!(!ExitPattern::Running.allows(&Ended::Code(0)));
    }
}
