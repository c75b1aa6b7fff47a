//! A validated case.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a case may take unless it says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// One case: an ordinary JavaScript program and the rule it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Path below `cases/` without `.yaml`; unique, also without regard to case.
    pub id: String,
    /// One line that says what must happen.
    pub title: String,
    /// The rule, in full sentences.
    pub rule: String,
    /// Addresses of the texts the rule follows from; at least one.
    pub authority: Vec<String>,
    /// Whose word the rule is.
    pub strength: Strength,
    /// Which runtimes owe it.
    pub profile: Profile,
    /// How the program is parsed; `None` is `any`, the first goal that the adapter offers.
    pub goal: Option<Goal>,
    /// Features it cannot do without, as named in `adapters/features.yaml`.
    pub needs: Vec<String>,
    /// The program's text.
    pub program: String,
    /// More files, by name, written beside the program.
    pub files: BTreeMap<String, String>,
    /// Things the harness makes in the case's directory, by name.
    pub fixtures: BTreeMap<String, Fixture>,
    /// Environment variables beside those of the launch contract.
    pub env: BTreeMap<String, String>,
    /// Arguments after the entry.
    pub args: Vec<String>,
    /// Standard input; none means `/dev/null`.
    pub stdin: Option<String>,
    /// When the program is killed, before any scale is applied.
    pub timeout: Duration,
    /// Which lane it runs in.
    pub lane: Lane,
    /// Free words to select by.
    pub tags: Vec<String>,
    /// Upstream threads about the rule.
    pub issues: Vec<String>,
    /// Earlier ids of this case.
    pub was: Vec<String>,
    /// The file it was read from.
    pub file: PathBuf,
    /// Line of `file` on which the program's first line stands, from 1; to turn a program's position into the file's.
    pub program_line: usize,
    /// Digest of what the case means: goal, program, files, fixtures, environment, arguments, input and expectation. 16 hexadecimal digits.
    pub digest: String,
}

impl Case {
    /// The category, which is the id's first part.
    pub fn category(&self) -> &str {
        self.id.split('/').next().unwrap_or(&self.id)
    }

    /// The topic, which is the id's second part.
    pub fn topic(&self) -> &str {
        self.id.split('/').nth(1).unwrap_or("")
    }
}

/// The three things the suite is about; the first part of every id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// In which order callbacks run.
    Ordering,
    /// What keeps the event loop from turning.
    Blocking,
    /// How a slow consumer stops its producer.
    Backpressure,
}

impl Category {
    /// All of them, in the order reports show them.
    pub const ALL: [Self; 3] = [Self::Ordering, Self::Blocking, Self::Backpressure];

    /// The folder's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ordering => "ordering",
            Self::Blocking => "blocking",
            Self::Backpressure => "backpressure",
        }
    }
}

/// Whose word a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// A specification says it.
    Normative,
    /// Node's documentation says it.
    Documented,
    /// Node does it, and people rely on it.
    Observed,
}

/// Which runtimes owe a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Every engine: ECMA-262.
    Ecma,
    /// The common API of web-interoperable server runtimes (WinterTC).
    Web,
    /// Who promises Node's API.
    Node,
    /// Pages only.
    Browser,
    /// Deno's own API.
    Deno,
    /// Bun's own API.
    Bun,
}

/// The goal symbol a program is parsed with, CommonJS counting as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// ECMA-262 `Script`, entry `main.js`.
    Script,
    /// A CommonJS module, entry `main.cjs`.
    Cjs,
    /// ECMA-262 `Module`, entry `main.mjs`.
    Esm,
}

impl Goal {
    /// The entry's file name in the case's directory.
    pub fn entry(self) -> &'static str {
        match self {
            Self::Script => "main.js",
            Self::Cjs => "main.cjs",
            Self::Esm => "main.mjs",
        }
    }
}

/// When a case may run beside others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// In parallel with others.
    #[default]
    Ordinary,
    /// Alone, for what measures time.
    Quiet,
}

/// What the harness makes in a case's directory before it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fixture {
    /// A named pipe.
    Fifo,
}

macro_rules! display_as_yaml {
    ($($type:ty { $($variant:ident => $word:literal),+ $(,)? })+) => {$(
        impl $type {
            /// The word that stands for it in files, results and reports.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+};
}

display_as_yaml! {
    Strength { Normative => "normative", Documented => "documented", Observed => "observed" }
    Profile { Ecma => "ecma", Web => "web", Node => "node", Browser => "browser", Deno => "deno", Bun => "bun" }
    Goal { Script => "script", Cjs => "cjs", Esm => "esm" }
    Lane { Ordinary => "ordinary", Quiet => "quiet" }
    Fixture { Fifo => "fifo" }
}
