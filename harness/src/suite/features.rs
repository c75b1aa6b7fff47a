//! Feature probes, `adapters/features.yaml`: what each name under a case's `needs` means, as something a runtime can be asked.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{error::SuiteError, faults::Faults, yaml::Document};

/// All features, by name.
pub type Features = BTreeMap<String, Probe>;

/// How a runtime is asked whether it has a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// A JavaScript expression, which may use `await`; the feature is there if its value is truthy. One that throws means no.
    Expression(String),
    /// The body of an async function, for syntax or modules that must be tried; the feature is there if it does not throw.
    Program(String),
}

/// The features that cases may need.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Lockstep features")]
pub(super) struct RawFeatures {
    /// How a runtime is asked whether it has the feature, by the feature's name.
    features: BTreeMap<String, RawProbe>,
}

/// One of the two ways to ask.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Probe", extend("minProperties" = 1, "maxProperties" = 1))]
struct RawProbe {
    /// A JavaScript expression, which may use `await`; truthy where the feature is.
    expression: Option<String>,
    /// The body of an async function, which does not throw where the feature is.
    program: Option<String>,
}

/// Reads the feature file.
pub(super) fn read(document: &Document) -> Result<Features, Vec<SuiteError>> {
    let raw: RawFeatures = document.value().map_err(|error| vec![error])?;
    let mut faults = Faults::of(document);
    let mut features = Features::new();
    for (name, probe) in raw.features {
        let path = ["features".into(), name.as_str().into()];
        if name.trim().is_empty() || name.contains(|c: char| c.is_control()) {
            faults.add(&path, "a feature without a name", "name it as programs do, like `process.nextTick`");
        }
        let probe = match (probe.expression, probe.program) {
            (Some(text), None) if !text.trim().is_empty() => Probe::Expression(text),
            (None, Some(text)) if !text.trim().is_empty() => Probe::Program(text),
            _ => {
                faults.add(
                    &path,
                    format!("feature `{name}` has no single probe"),
                    "give it either an `expression` or a `program`",
                );
                continue;
            }
        };
        features.insert(name, probe);
    }
    faults.finish(Some(features))
}
