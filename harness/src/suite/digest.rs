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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{
        super::{features::Features, read, yaml::Document},
        *,
    };

    const CASE: &str =
        "title: a\nrule: b\nauthority: [https://example.org]\nstrength: observed\nprofile: node\ngoal: cjs\nprogram: |\n  one\n";
    const EXPECTATION: &str = "trace: [a, { unordered: [b, c] }]\n";

    fn digest(case: &str, expectation: &str) -> String {
        let scan =
            |text: &str| Document::scan(PathBuf::from("a.yaml"), text.to_owned()).unwrap_or_else(|error| panic!("{error}"));
        let case = read::read_case("ordering/a/b", &scan(case), &Features::new()).unwrap_or_else(|errors| panic!("{errors:?}"));
        let expectation = read::read_expectation(&scan(expectation)).unwrap_or_else(|errors| panic!("{errors:?}"));
        of_case(&case, &expectation)
    }

    #[test]
    fn what_means_the_same_has_the_same_digest() {
        let digest_of = digest(CASE, EXPECTATION);
        assert_eq!(digest_of.len(), 16);
        for case in [
            CASE.replacen("title: a", "title: another", 1),
            CASE.replacen("rule: b", "rule: better said", 1),
            CASE.replacen("goal: cjs", "# a comment\ngoal: cjs", 1),
            format!("{CASE}tags: [x]\nissues: [https://example.org/1]\nwas: [ordering/a/c]\nlane: quiet\ntimeout: 3s\n"),
            CASE.replacen("strength: observed", "strength: documented", 1),
        ] {
            assert_eq!(digest(&case, EXPECTATION), digest_of, "{case}");
        }
        for expectation in ["trace:\n  - a # comment\n  - unordered: [c, b]\n", "exit: 0\ntrace: [a, { unordered: [b, c] }]\n"] {
            assert_eq!(digest(CASE, expectation), digest_of, "{expectation}");
        }
    }

    #[test]
    fn what_means_something_else_has_another_digest() {
        let cases = [
            CASE.to_owned(),
            CASE.replacen("one", "two", 1),
            CASE.replacen("goal: cjs", "goal: any", 1),
            format!("{CASE}files: {{ a: b }}\n"),
            format!("{CASE}files: {{ ab: \"\" }}\n"),
            format!("{CASE}fixtures: {{ a: fifo }}\n"),
            format!("{CASE}env: {{ a: b }}\n"),
            format!("{CASE}args: [a, b]\n"),
            format!("{CASE}args: [ab]\n"),
            format!("{CASE}stdin: \"\"\n"),
            format!("{CASE}stdin: ab\n"),
        ];
        let expectations = ["trace: [a]\n", "trace: [a, b]\n", "trace: [a]\nexit: 1\n", "trace: [a]\nexit: any\n"];
        let mut all: Vec<String> = cases.iter().map(|case| digest(case, EXPECTATION)).collect();
        all.extend(expectations.iter().map(|expectation| digest(CASE, expectation)));
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "two of them collide");
    }

    #[test]
    fn the_deadline_means_something_only_where_it_is_waited_for() {
        let short = format!("{CASE}timeout: 1s\n");
        let running = "trace: [a]\nexit: running\n";
        assert_eq!(digest(&short, EXPECTATION), digest(CASE, EXPECTATION));
        assert_ne!(digest(&short, running), digest(CASE, running));
    }
}
