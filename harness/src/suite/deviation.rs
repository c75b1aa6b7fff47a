//! A recorded deviation: data, executed, that must fail and must fail the same way.

use std::{fmt, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::trace::{ExitPattern, Expr};

/// One entry of `expected/deviations/<product>.yaml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Deviation {
    /// The product it is about: the file's name, and what the binary says it is.
    pub product: String,
    /// The case's id.
    pub case: String,
    /// Versions it applies to.
    pub versions: Versions,
    /// Operating system it is limited to, as `std::env::consts::OS` names it.
    pub os: Option<String>,
    /// Architecture it is limited to, as `std::env::consts::ARCH` names it.
    pub arch: Option<String>,
    /// Bug, permitted or unsupported.
    pub kind: DeviationKind,
    /// Why the runtime does what it does.
    pub reason: String,
    /// The upstream thread, or `none found (DATE)`.
    pub link: Option<String>,
    /// Of an untriaged entry: the day it was recorded, `YYYY-MM-DD`.
    pub since: Option<String>,
    /// What it prints instead; none means what the expectation says, or any viable prefix of it where `exit` is a hang or a crash.
    pub trace: Option<Expr>,
    /// How it ends instead; none means as the expectation says.
    pub exit: Option<ExitPattern>,
    /// Conforms in some runs: both outcomes are `known`.
    pub intermittent: bool,
    /// The file it stands in.
    pub file: PathBuf,
    /// Line of the entry, from 1.
    pub line: usize,
}

/// A range of product versions: semver comparators with an operator each, all of which must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    pub(super) written: String,
    pub(super) range: semver::VersionReq,
}

impl Versions {
    /// Whether `version` is in the range. A canary or debug build counts as the release it leads to.
    pub fn contains(&self, version: &semver::Version) -> bool {
        let release = semver::Version::new(version.major, version.minor, version.patch);
        self.range.matches(&release)
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// How a deviation is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeviationKind {
    /// The runtime breaks the rule.
    Bug,
    /// The authority leaves it open, or the rule is not normative.
    Permitted,
    /// The runtime does not offer what the rule is about.
    Unsupported,
    /// Nobody has looked yet. Overlays alone may hold it, with the day it was recorded.
    Untriaged,
}

impl fmt::Display for DeviationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Bug => "bug",
            Self::Permitted => "permitted",
            Self::Unsupported => "unsupported",
            Self::Untriaged => "untriaged",
        })
    }
}
