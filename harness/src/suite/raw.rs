//! Cases, expectations and deviations exactly as written. What they mean, and whether they mean anything, is decided in `read`.
//!
//! The JSON Schemas that editors use are made from these types, and their descriptions from the comments here.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

use crate::trace::Expr;

use super::{
    case::{Fixture, Goal, Lane, Profile, Strength},
    deviation::DeviationKind,
};

/// A case: an ordinary JavaScript program and the rule it stands for. Its id is the file's path below `cases/`, without `.yaml`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Lockstep case")]
pub(super) struct RawCase {
    /// One line that says what must happen.
    pub(super) title: String,
    /// The rule, in full sentences.
    pub(super) rule: String,
    /// Addresses of the texts the rule follows from; at least one.
    #[schemars(length(min = 1))]
    pub(super) authority: Vec<String>,
    /// normative: a specification says it; documented: Node's documentation says it; observed: Node does it, and people rely on it.
    pub(super) strength: Strength,
    /// Which runtimes owe it: ecma, every engine; web, WinterTC's common API; node, Node's API promise; browser, pages only; deno and bun, their own APIs.
    pub(super) profile: Profile,
    /// How the program is parsed. The same lines order differently as script, cjs and esm; any is the first goal that the runtime offers.
    pub(super) goal: RawGoal,
    /// Features it cannot do without, as named in `adapters/features.yaml`; a runtime that lacks one skips the case.
    #[serde(default)]
    pub(super) needs: Vec<String>,
    /// The program, as a literal block (`|`). Its standard output, line by line, is the trace.
    pub(super) program: String,
    /// More files, by name, written beside the program.
    #[serde(default)]
    pub(super) files: BTreeMap<String, String>,
    /// Things the harness makes in the case's directory before the program starts, by name.
    #[serde(default)]
    pub(super) fixtures: BTreeMap<String, Fixture>,
    /// Environment variables beside those every program gets.
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    /// Arguments of the program.
    #[serde(default)]
    pub(super) args: Vec<String>,
    /// Standard input, through a pipe; without it, `/dev/null`.
    pub(super) stdin: Option<String>,
    /// When the program is killed; 10s unless given.
    pub(super) timeout: Option<RawDuration>,
    /// quiet: runs alone, for what measures time.
    #[serde(default)]
    pub(super) lane: Lane,
    /// Free words to select by.
    #[serde(default)]
    pub(super) tags: Vec<String>,
    /// Upstream threads about the rule.
    #[serde(default)]
    pub(super) issues: Vec<String>,
    /// Earlier ids of this case.
    #[serde(default)]
    pub(super) was: Vec<String>,
}

/// How a program is parsed; `any` is the first goal that the runtime offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "CaseGoal")]
pub(super) enum RawGoal {
    /// ECMA-262 `Script`, entry `main.js`.
    Script,
    /// A CommonJS module, entry `main.cjs`.
    Cjs,
    /// ECMA-262 `Module`, entry `main.mjs`.
    Esm,
    /// The first goal that the runtime offers.
    Any,
}

impl From<RawGoal> for Option<Goal> {
    fn from(raw: RawGoal) -> Self {
        match raw {
            RawGoal::Script => Some(Goal::Script),
            RawGoal::Cjs => Some(Goal::Cjs),
            RawGoal::Esm => Some(Goal::Esm),
            RawGoal::Any => None,
        }
    }
}

/// A duration: a whole number and `ms`, `s` or `m`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(rename = "Duration")]
pub(super) struct RawDuration(#[schemars(regex(pattern = r"^[1-9][0-9]*(ms|s|m)$"))] pub(super) String);

/// How the program ends: a code (0 to 255), `nonzero`, `any`, `signal NAME`, `crash`, `running`, or in a deviation `timeout`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawExit(pub(super) String);

impl<'de> Deserialize<'de> for RawExit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExitVisitor;
        impl Visitor<'_> for ExitVisitor {
            type Value = RawExit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an exit code (0 to 255), nonzero, any, signal NAME, crash or running")
            }
            fn visit_u64<E: de::Error>(self, code: u64) -> Result<RawExit, E> {
                Ok(RawExit(code.to_string()))
            }
            fn visit_i64<E: de::Error>(self, code: i64) -> Result<RawExit, E> {
                Ok(RawExit(code.to_string()))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawExit, E> {
                Ok(RawExit(text.to_owned()))
            }
        }
        deserializer.deserialize_any(ExitVisitor)
    }
}

impl JsonSchema for RawExit {
    fn schema_name() -> Cow<'static, str> {
        "Exit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How the program ends: a code (0 to 255), nonzero (any other code than 0), any (any code), signal NAME, crash (any signal), running (killed at the timeout, as it must be), or in a deviation timeout (a known hang).",
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": 255 },
                { "type": "string", "pattern": "^(nonzero|any|crash|running|timeout|signal SIG[A-Z0-9]+)$" }
            ]
        })
    }
}

/// Of `cases/suite.yaml`: what is true of the suite as a whole.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Lockstep suite")]
pub(super) struct RawSuite {
    /// The suite's semantic version: patch for corrections, minor for new cases, major when a rule changes its meaning.
    pub(super) version: String,
}

/// What a case's program may print and how it may end. The case is the one with the same path below `cases/`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Lockstep expectation")]
pub(super) struct RawExpectation {
    /// The legal traces: what the program prints, one item an event or an operator.
    pub(super) trace: Expr,
    /// How it ends; 0 unless given.
    pub(super) exit: Option<RawExit>,
}

/// What one product is known to do otherwise. The file's name is the product, as its binary says it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(title = "Lockstep deviations")]
pub(super) struct RawDeviations(pub(super) Vec<RawDeviation>);

/// One recorded deviation: executed, must fail, and must fail the same way.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Deviation")]
pub(super) struct RawDeviation {
    /// The case's id.
    pub(super) case: String,
    /// Versions it applies to: comparators with an operator each, parted by commas, like `">=1.0, <2"`.
    pub(super) versions: String,
    /// The operating system it is limited to.
    pub(super) os: Option<RawOs>,
    /// The architecture it is limited to.
    pub(super) arch: Option<RawArch>,
    /// bug: the runtime breaks the rule; permitted: the authority leaves it open; unsupported: the runtime does not offer it; untriaged:
    /// nobody has looked yet, which only overlays may hold.
    pub(super) kind: DeviationKind,
    /// Why the runtime does what it does.
    pub(super) reason: String,
    /// The upstream thread, or `none found (YYYY-MM-DD)`; required for a bug.
    pub(super) link: Option<String>,
    /// Of an untriaged entry: the day it was recorded, as `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub(super) since: Option<String>,
    /// What it prints instead; left out, as expected (any prefix of it where `exit` is timeout or crash).
    pub(super) trace: Option<Expr>,
    /// How it ends instead; left out, as expected. timeout and crash record a known hang or crash.
    pub(super) exit: Option<RawExit>,
    /// It conforms in some runs: both outcomes are known.
    #[serde(default)]
    pub(super) intermittent: bool,
}

/// Operating systems, in Rust's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Os")]
pub(super) enum RawOs {
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

impl RawOs {
    /// As `std::env::consts::OS` has it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Macos => "macos",
            Self::Windows => "windows",
        }
    }
}

/// Architectures, in Rust's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Arch")]
pub(super) enum RawArch {
    /// 64-bit x86.
    #[serde(rename = "x86_64")]
    X86,
    /// 64-bit ARM.
    #[serde(rename = "aarch64")]
    Arm,
}

impl RawArch {
    /// As `std::env::consts::ARCH` has it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::X86 => "x86_64",
            Self::Arm => "aarch64",
        }
    }
}
