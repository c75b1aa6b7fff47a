//! What accepting writes, and what it leaves alone.

use std::fs;

use super::*;

const ID: &str = "ordering/jobs/after-script";

const CASE: &str = "\
title: a title
rule: A rule.
authority: [https://example.org/rule]
strength: observed
profile: node
goal: cjs
program: |
  console.log('sync');
";

struct Tree(tempfile::TempDir);

impl Tree {
    fn new(expectation: &str) -> Self {
        let tree = Self(tempfile::tempdir().expect("a folder"));
        tree.write("cases/suite.yaml", "version: 0.1.0\n");
        tree.write("adapters/features.yaml", "features: {}\n");
        tree.write(&format!("cases/{ID}.yaml"), CASE);
        tree.write(&format!("expected/{ID}.yaml"), expectation);
        tree
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect(file);
        fs::write(path, text).expect(file);
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.path().join(file)).expect(file)
    }

    fn suite(&self) -> Suite {
        Suite::load(self.0.path()).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    fn accept(&self, events: &[&str], ended: Ended) -> Result<String, AcceptError> {
        let suite = self.suite();
        let file = accept_expectation(&suite, suite.case(ID).expect("the case"), &trace(events), &ended)?;
        self.suite();
        Ok(self.read(file.to_str().expect("a name")))
    }

    fn record(&self, events: &[&str], ended: Ended) -> Result<String, AcceptError> {
        let suite = self.suite();
        let version = semver::Version::new(1, 4, 5);
        let file = accept_deviation(&suite, suite.case(ID).expect("the case"), "bun", &version, &trace(events), &ended)?;
        self.suite();
        Ok(self.read(file.to_str().expect("a name")))
    }
}

fn trace(events: &[&str]) -> Trace {
    events.iter().map(|event| (*event).to_owned()).collect::<Vec<_>>().into()
}

#[test]
fn only_the_lines_of_the_trace_and_the_end_change() {
    let tree = Tree::new("# first\n\n# why so\ntrace: [old]   # gone with it\n# about the end\nexit: 0\n# last\n");
    let text = tree.accept(&["sync", "1", "{x}"], Ended::Code(3)).expect("accepted");
    assert_eq!(text, "# first\n\n# why so\ntrace: [sync, \"1\", \"{{x}}\"]\n# about the end\nexit: 3\n# last\n");
}

#[test]
fn a_trace_over_many_lines_is_replaced_whole() {
    for old in ["trace:\n  - a\n  # within\n  - b\n", "trace:\n- a\n- b\n", "trace: [\n  a,\n  b\n  ]\n", "trace: []\n"] {
        let tree = Tree::new(&format!("{old}\n# end\nexit: 0\n"));
        assert_eq!(tree.accept(&["c"], Ended::Code(0)).expect("accepted"), "trace: [c]\n\n# end\nexit: 0\n", "{old}");
    }
    let tree = Tree::new("exit: 0\ntrace:\n  - a");
    assert_eq!(tree.accept(&["c"], Ended::Code(0)).expect("accepted"), "exit: 0\ntrace: [c]\n");
}

#[test]
fn an_end_that_is_not_0_is_written_where_none_stood() {
    let tree = Tree::new("trace: [a]");
    assert_eq!(tree.accept(&["a"], Ended::Signal("SIGSEGV".into())).expect("accepted"), "trace: [a]\nexit: signal SIGSEGV\n");
}

#[test]
fn what_is_left_open_stays_as_it_is() {
    for open in ["trace: [{ optional: a }]\n", "trace:\n  - unordered: [a, b]\n", "trace: [\"{int} ms\"]\n"] {
        let tree = Tree::new(open);
        let error = tree.accept(&["a", "b"], Ended::Code(0)).expect_err(open);
        assert!(matches!(error, AcceptError::Open { .. }), "{error}");
        assert_eq!(tree.read(&format!("expected/{ID}.yaml")), open);
    }
    // The end is open as well, and this program obeys it.
    let tree = Tree::new("trace: [a]\nexit: nonzero\n");
    assert_eq!(tree.accept(&["b"], Ended::Code(3)).expect("accepted"), "trace: [b]\nexit: nonzero\n");
    assert!(matches!(tree.accept(&["b"], Ended::Code(0)), Err(AcceptError::Open { .. })));
}

#[test]
fn what_did_not_end_is_no_model() {
    for ended in [Ended::Deadline, Ended::Flood, Ended::Memory] {
        let tree = Tree::new("trace: [a]\n");
        assert!(matches!(tree.accept(&["a"], ended), Err(AcceptError::NoEnd { .. })));
    }
    let tree = Tree::new("trace: [a]\nexit: running\n");
    assert_eq!(tree.accept(&["b"], Ended::Deadline).expect("accepted"), "trace: [b]\nexit: running\n");
}

#[test]
fn a_deviation_is_written_with_its_gaps() {
    let tree = Tree::new("trace: [a, b]\n");
    assert_eq!(
        tree.record(&["b", "a"], Ended::Code(0)).expect("recorded"),
        "# yaml-language-server: $schema=../deviations.schema.json\n\
         - case: ordering/jobs/after-script\n  versions: \">=1.4.5, <2\"\n  kind: bug\n  reason: \"\"\n  link: \"\"\n  trace: [b, a]\n"
    );
    let findings = super::super::lint::check(tree.0.path());
    let causes: Vec<&str> = findings.errors.iter().map(|error| error.cause.as_str()).collect();
    assert_eq!(causes, ["the reason is empty", "a bug without a link"]);
    // And it is known from then on.
    assert!(matches!(tree.record(&["b", "a"], Ended::Code(0)), Err(AcceptError::Recorded { line: 2, .. })));
}

#[test]
fn only_what_differs_is_recorded() {
    let expectation = "trace:\n  - unordered: [a, b]\n  - c\n";
    let lines = |text: String| text.lines().skip(6).map(str::to_owned).collect::<Vec<_>>();
    for (events, ended, recorded) in [
        (&["b", "a", "c"][..], Ended::Code(1), &["  exit: 1"][..]),
        (&["b"], Ended::Deadline, &["  exit: timeout"]),
        (&["b"], Ended::Signal("SIGABRT".into()), &["  exit: signal SIGABRT"]),
        (&["c"], Ended::Deadline, &["  trace: [c]", "  exit: timeout"]),
        (&["a", "c"], Ended::Code(0), &["  trace: [a, c]"]),
    ] {
        assert_eq!(lines(Tree::new(expectation).record(events, ended).expect("recorded")), recorded);
    }
    let conforms = Tree::new(expectation).record(&["b", "a", "c"], Ended::Code(0));
    assert!(matches!(conforms, Err(AcceptError::Conforms { .. })));
    assert!(matches!(Tree::new(expectation).record(&["b"], Ended::Flood), Err(AcceptError::NoEnd { .. })));
}

#[test]
fn entries_stay_sorted_and_comments_with_their_entry() {
    let tree = Tree::new("trace: [a, b]\n");
    for name in ["aaa", "zzz"] {
        tree.write(&format!("cases/ordering/jobs/{name}.yaml"), CASE);
        tree.write(&format!("expected/ordering/jobs/{name}.yaml"), "trace: [a]\n");
    }
    let entry =
        |name: &str| format!("- case: ordering/jobs/{name}\n  versions: \">=1\"\n  kind: bug\n  reason: r\n  trace: [x]\n");
    let file = format!("# editor\n# about the first\n{}# about the last\n{}", entry("aaa"), entry("zzz"));
    tree.write("expected/deviations/bun.yaml", &file);
    let text = tree.record(&["b", "a"], Ended::Code(0)).expect("recorded");
    let marks: Vec<&str> = text.lines().filter(|line| line.starts_with(['#', '-'])).collect();
    assert_eq!(
        marks,
        [
            "# editor",
            "# about the first",
            "- case: ordering/jobs/aaa",
            "- case: ordering/jobs/after-script",
            "# about the last",
            "- case: ordering/jobs/zzz",
        ]
    );
}

#[test]
fn an_entry_goes_into_an_empty_list_or_at_the_end() {
    let tree = Tree::new("trace: [a, b]\n");
    tree.write("cases/ordering/jobs/aaa.yaml", CASE);
    tree.write("expected/ordering/jobs/aaa.yaml", "trace: [a]\n");
    let first = "- case: ordering/jobs/aaa\n  versions: \">=1\"\n  kind: bug\n  reason: r\n  trace: [x]";
    tree.write("expected/deviations/bun.yaml", first);
    let text = tree.record(&["b", "a"], Ended::Code(0)).expect("recorded");
    assert!(text.starts_with(&format!("{first}\n- case: {ID}\n")), "{text}");

    let tree = Tree::new("trace: [a, b]\n");
    tree.write("expected/deviations/bun.yaml", "# editor\n[]\n");
    let text = tree.record(&["b", "a"], Ended::Code(0)).expect("recorded");
    assert!(text.starts_with(&format!("# editor\n- case: {ID}\n")), "{text}");
}
