//! Digests of what a case means, so that results of different suites can be told apart case by case.
//!
//! Into a case's digest goes what can change its outcome: goal, program, files, fixtures, environment, arguments, input, the
//! expectation, and when it counts as hung. Titles, rules, comments, tags and the layout of the files do not.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::trace::canonical;

use super::{case::Case, expectation::Expectation};

/// Changed whenever the same case would get another digest.
const FORMAT: &str = "lockstep case 1";

/// A hash over fields, each with its length, so that no two lists of fields look alike.
struct Fields(Sha256);

impl Fields {
    fn new(format: &str) -> Self {
        let mut fields = Self(Sha256::new());
        fields.add(format);
        fields
    }

    fn add(&mut self, field: &str) {
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field.as_bytes());
    }

    fn add_count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    fn add_pairs<'a>(&mut self, pairs: impl ExactSizeIterator<Item = (&'a str, &'a str)>) {
        self.add_count(pairs.len());
        for (name, value) in pairs {
            self.add(name);
            self.add(value);
        }
    }

    /// The first 64 bits, as 16 hexadecimal digits.
    fn finish(self) -> String {
        self.0.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The digest of one case with its expectation.
pub(super) fn of_case(case: &Case, expectation: &Expectation) -> String {
    let mut fields = Fields::new(FORMAT);
    fields.add(case.goal.map_or("any", |goal| goal.as_str()));
    fields.add(&case.program);
    fields.add_pairs(case.files.iter().map(|(name, content)| (name.as_str(), content.as_str())));
    fields.add_pairs(case.fixtures.iter().map(|(name, kind)| (name.as_str(), kind.as_str())));
    fields.add_pairs(case.env.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    fields.add_count(case.args.len());
    for argument in &case.args {
        fields.add(argument);
    }
    fields.add_count(usize::from(case.stdin.is_some()));
    fields.add(case.stdin.as_deref().unwrap_or(""));
    if expectation.exit.waits_for_deadline() {
        // Only here is the deadline a part of the rule; elsewhere it is a matter of patience.
        fields.add(&case.timeout.as_millis().to_string());
    }
    fields.add(&expectation.exit.to_string());
    fields.add(&canonical(&expectation.trace));
    fields.finish()
}

/// The digest of all cases, which are sorted by id.
pub(super) fn of_suite(cases: &[Arc<Case>]) -> String {
    let mut fields = Fields::new("lockstep suite 1");
    fields.add_pairs(cases.iter().map(|case| (case.id.as_str(), case.digest.as_str())));
    fields.finish()
}
