//! What a suite's author is told: each fault of a suite with its place, its cause and its remedy.
//!
//! Every test writes a tiny suite, breaks it in one way, and compares the whole message. The suite is sound before it is broken,
//! which a test of its own says.

use std::{fs, path::Path};

use lockstep::suite::{NewCase, Suite, lint};
use tempfile::TempDir;

const CASE: &str = "\
title: promise jobs run after the script
rule: A promise job runs when the script has ended.
authority:
  - https://tc39.es/ecma262/#sec-jobs
strength: normative
profile: ecma
goal: cjs
needs: [setTimeout]
program: |
  Promise.resolve().then(() => console.log('job'));
  console.log('sync');
";

const EXPECTATION: &str = "trace: [sync, job]\n";

const DEVIATIONS: &str = "\
- case: ordering/jobs/after-script
  versions: \">=1.0, <2\"
  kind: bug
  reason: jobs run as soon as they are queued
  link: https://example.com/issues/1
  trace: [job, sync]
";

/// A suite in a temporary folder.
struct Tree(TempDir);

impl Tree {
    /// One that has nothing wrong with it.
    fn sound() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
            .with("cases/suite.yaml", "version: 0.1.0\n")
            .with("cases/ordering/jobs/after-script.yaml", CASE)
            .with("expected/ordering/jobs/after-script.yaml", EXPECTATION)
            .with("expected/deviations/bun.yaml", DEVIATIONS)
            .with("adapters/features.yaml", "features:\n  setTimeout: { expression: \"typeof setTimeout === 'function'\" }\n")
    }

    fn with(self, file: &str, content: &str) -> Self {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect(file);
        fs::write(path, content).expect(file);
        self
    }

    /// The one case, with a piece of it replaced.
    fn with_case(self, from: &str, to: &str) -> Self {
        assert!(CASE.contains(from), "{from}");
        self.with("cases/ordering/jobs/after-script.yaml", &CASE.replacen(from, to, 1))
    }

    fn with_deviation(self, from: &str, to: &str) -> Self {
        assert!(DEVIATIONS.contains(from), "{from}");
        self.with("expected/deviations/bun.yaml", &DEVIATIONS.replacen(from, to, 1))
    }

    fn without(self, file: &str) -> Self {
        fs::remove_file(self.0.path().join(file)).expect(file);
        self
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    /// What keeps it from loading.
    fn refused(&self) -> String {
        let errors = Suite::load(self.root()).expect_err("the suite is broken");
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    /// What loads, and is found by `check`.
    fn found(&self) -> String {
        Suite::load(self.root()).unwrap_or_else(|errors| panic!("{errors:?}"));
        let findings = lint::check(self.root());
        findings.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn a_sound_suite_has_no_fault() {
    let tree = Tree::sound();
    let suite = Suite::load(tree.root()).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(suite.cases.len(), 1);
    assert_eq!(suite.deviations_of("bun", "ordering/jobs/after-script").count(), 1);
    assert_eq!(lint::check(tree.root()), lint::Findings::default());
}

#[test]
fn unknown_key() {
    insta::assert_snapshot!(Tree::sound().with_case("goal: cjs\n", "goal: cjs\ntimout: 2s\n").refused(), @r"
    cases/ordering/jobs/after-script.yaml:8:1: unknown key `timout`
      help: did you mean `timeout`? the keys that may stand here: title, rule, authority, strength, profile, goal, needs, program, files, fixtures, env, args, stdin, timeout, lane, tags, issues, was
    ");
}

#[test]
fn duplicate_key() {
    insta::assert_snapshot!(Tree::sound().with_case("goal: cjs\n", "goal: cjs\ntitle: another\n").refused(), @r"
    cases/ordering/jobs/after-script.yaml:8:1: key `title` is given twice; the first stands on line 1
      help: keep one of the two
    ");
}

#[test]
fn missing_key() {
    insta::assert_snapshot!(Tree::sound().with_case("strength: normative\n", "").refused(), @r"
    cases/ordering/jobs/after-script.yaml:1:1: key `strength` is missing
      help: add `strength:`
    ");
}

#[test]
fn missing_key_of_an_entry() {
    insta::assert_snapshot!(Tree::sound().with_deviation("  kind: bug\n", "").refused(), @r"
    expected/deviations/bun.yaml:1:3: key `kind` is missing
      help: add `kind:`
    ");
}

#[test]
fn wrong_type() {
    insta::assert_snapshot!(Tree::sound().with_case("needs: [setTimeout]", "needs: setTimeout").refused(), @r"
    cases/ordering/jobs/after-script.yaml:8:8: something else where a list belongs
      help: write a list
    ");
}

#[test]
fn wrong_word() {
    insta::assert_snapshot!(Tree::sound().with_case("profile: ecma", "profile: emca").refused(), @r"
    cases/ordering/jobs/after-script.yaml:6:10: `emca` is not a word that may stand here
      help: did you mean `ecma`? the words that may stand here: ecma, web, node, browser, deno, bun
    ");
}

#[test]
fn unquoted_scalar_text() {
    insta::assert_snapshot!(Tree::sound().with_case("needs: [setTimeout]", "args: [a, 1]").refused(), @r#"
    cases/ordering/jobs/after-script.yaml:8:11: `1` is no text but a number, a truth value or nothing
      help: quote it: "1"
    "#);
}

#[test]
fn unquoted_scalar_event() {
    let tree = Tree::sound().with("expected/ordering/jobs/after-script.yaml", "trace:\n  - sync\n  - 1\n");
    insta::assert_snapshot!(tree.refused(), @r"
    expected/ordering/jobs/after-script.yaml:3:5: an event is text, and this is the number 1
      help: quote it
    ");
}

#[test]
fn broken_event() {
    let tree = Tree::sound().with("expected/ordering/jobs/after-script.yaml", "trace:\n  - sync\n  - \"waited {50 ms\"\n");
    insta::assert_snapshot!(tree.refused(), @r#"
    expected/ordering/jobs/after-script.yaml:3:5: event "waited {50 ms", column 8: this `{` is never closed
      help: close it with `}`, or write `{{` for a brace
    "#);
}

#[test]
fn wrong_exit() {
    let tree = Tree::sound().with("expected/ordering/jobs/after-script.yaml", "trace: [sync, job]\nexit: timeout\n");
    insta::assert_snapshot!(tree.refused(), @r"
    expected/ordering/jobs/after-script.yaml:2:7: `timeout` is no rule but a known hang
      help: write `running` if the rule is that the program never ends
    ");
}

#[test]
fn tab() {
    insta::assert_snapshot!(Tree::sound().with_case("  - https", "\t- https").refused(), @r"
    cases/ordering/jobs/after-script.yaml:4:1: a tab in the indentation
      help: indent with spaces
    ");
}

#[test]
fn anchor() {
    insta::assert_snapshot!(Tree::sound().with_case("needs: [setTimeout]", "needs: &all [setTimeout]").refused(), @r"
    cases/ordering/jobs/after-script.yaml:8:8: an anchor (`&name`)
      help: leave it out, and quote text that begins with `&`; the suite's files have no anchors
    ");
}

#[test]
fn file_of_100_megabytes() {
    let tree = Tree::sound();
    let file = fs::File::create(tree.root().join("cases/ordering/jobs/after-script.yaml")).expect("created");
    // A hole: it has the size, and would be read as zeros if anybody read it.
    file.set_len(100 << 20).expect("grown");
    insta::assert_snapshot!(tree.refused(), @r"
    cases/ordering/jobs/after-script.yaml:1:1: the file is larger than 1024 KiB
      help: split the case, or let the program make its data itself
    ");
}

#[test]
fn empty_file() {
    insta::assert_snapshot!(Tree::sound().with("cases/ordering/jobs/after-script.yaml", "").refused(), @r"
    cases/ordering/jobs/after-script.yaml:1:1: the file is empty
      help: write its content, or remove it
    ");
}

#[test]
fn missing_expectation() {
    insta::assert_snapshot!(Tree::sound().without("expected/ordering/jobs/after-script.yaml").refused(), @r"
    cases/ordering/jobs/after-script.yaml:1:1: the case has no expectation
      help: write expected/ordering/jobs/after-script.yaml, or let `lockstep new` do so
    ");
}

#[test]
fn orphan_expectation() {
    insta::assert_snapshot!(Tree::sound().with("expected/ordering/jobs/after-scripts.yaml", EXPECTATION).found(), @r"
    expected/ordering/jobs/after-scripts.yaml:1:1: the expectation belongs to no case
      help: rename it to that of `ordering/jobs/after-script`, or write cases/ordering/jobs/after-scripts.yaml, or remove it
    ");
}

#[test]
fn deviation_for_an_unknown_case() {
    insta::assert_snapshot!(Tree::sound().with_deviation("jobs/after-script", "jobs/after-scripts").found(), @r"
    expected/deviations/bun.yaml:1:9: a deviation for the unknown case `ordering/jobs/after-scripts`
      help: did you mean `ordering/jobs/after-script`? name a case, or remove the entry
    ");
}

#[test]
fn missing_link() {
    insta::assert_snapshot!(Tree::sound().with_deviation("  link: https://example.com/issues/1\n", "").found(), @r"
    expected/deviations/bun.yaml:1:3: a bug without a link
      help: add the upstream thread, or `none found (YYYY-MM-DD)` if you looked
    ");
}

#[test]
fn link_that_is_none() {
    insta::assert_snapshot!(Tree::sound().with_deviation("https://example.com/issues/1", "none found").found(), @r"
    expected/deviations/bun.yaml:5:9: `none found` is no address
      help: write the thread's address, or `none found (YYYY-MM-DD)`
    ");
    assert_eq!(Tree::sound().with_deviation("https://example.com/issues/1", "none found (2026-11-22)").found(), "");
}

#[test]
fn empty_reason() {
    insta::assert_snapshot!(Tree::sound().with_deviation("jobs run as soon as they are queued", "\"\"").found(), @r"
    expected/deviations/bun.yaml:4:11: the reason is empty
      help: say why the runtime does what it does
    ");
}

#[test]
fn permitted_against_a_specification() {
    insta::assert_snapshot!(Tree::sound().with_deviation("kind: bug", "kind: permitted").found(), @r"
    expected/deviations/bun.yaml:3:9: `permitted`, and the rule is normative
      help: say in a comment above the entry where the authority leaves it open, or make it a bug
    ");
    let explained = DEVIATIONS.replacen("- case", "# The specification leaves the turn of jobs to the host.\n- case", 1);
    assert_eq!(
        Tree::sound().with("expected/deviations/bun.yaml", &explained.replacen("kind: bug", "kind: permitted", 1)).found(),
        ""
    );
}

#[test]
fn deviation_that_deviates_in_nothing() {
    insta::assert_snapshot!(Tree::sound().with_deviation("[job, sync]", "[sync, job]").found(), @r"
    expected/deviations/bun.yaml:1:3: the entry says what is expected anyway
      help: record what the runtime does otherwise, or remove the entry
    ");
}

#[test]
fn malformed_version_range() {
    insta::assert_snapshot!(Tree::sound().with_deviation("\">=1.0, <2\"", "1.4.5").refused(), @r"
    expected/deviations/bun.yaml:2:13: `1.4.5` has no operator
      help: write `=1.4.5` for it alone, or a range like `>=1.4.5, <2`
    ");
}

#[test]
fn id_with_dots() {
    insta::assert_snapshot!(Tree::sound().with_deviation("ordering/jobs/after-script", "../../etc/passwd").refused(), @r"
    expected/deviations/bun.yaml:1:9: id `../../etc/passwd` contains `..`
      help: name the case below `cases/`, without dots
    ");
}

#[test]
fn id_differing_only_in_case() {
    let tree = Tree::sound()
        .with("cases/ordering/jobs/After-Script.yaml", CASE)
        .with("expected/ordering/jobs/After-Script.yaml", EXPECTATION);
    insta::assert_snapshot!(tree.refused(), @r"
    cases/ordering/jobs/after-script.yaml:1:1: the ids `ordering/jobs/After-Script` and `ordering/jobs/after-script` differ only in case
      help: rename one of the two; some systems cannot hold both
    ");
}

#[test]
fn unknown_feature() {
    insta::assert_snapshot!(Tree::sound().with_case("[setTimeout]", "[setTimeuot]").refused(), @r"
    cases/ordering/jobs/after-script.yaml:8:9: unknown feature `setTimeuot`
      help: did you mean `setTimeout`? say in adapters/features.yaml how a runtime is asked for it
    ");
}

#[test]
fn unparsable_program() {
    insta::assert_snapshot!(Tree::sound().with_case("console.log('sync');", "console.log('sync'").found(), @r"
    cases/ordering/jobs/after-script.yaml:11:21: the program does not parse: expected `)` but found `EOF`
      help: mend the program
    ");
}

#[test]
fn program_and_goal_that_do_not_fit() {
    let tree = Tree::sound().with_case("console.log('sync');", "await null;");
    insta::assert_snapshot!(tree.found(), @r"
    cases/ordering/jobs/after-script.yaml:11:3: the program does not fit goal cjs: `await` is only allowed within async functions and at the top levels of modules
      help: write `goal: esm`, under which it parses, or change the program
    ");
    let tree = Tree::sound().with_case("goal: cjs", "goal: esm").with_case("goal: cjs", "goal: esm");
    assert_eq!(tree.found(), "");
    let tree = Tree::sound().with(
        "cases/ordering/jobs/after-script.yaml",
        &CASE.replace("cjs", "esm").replace("Promise.", "require('x');\n  Promise."),
    );
    insta::assert_snapshot!(tree.found(), @r"
    cases/ordering/jobs/after-script.yaml:10:3: the program does not fit goal esm: `require` exists in CommonJS modules only
      help: write `goal: cjs`, or use `import`
    ");
}

#[test]
fn unparsable_file_beside_the_program() {
    let files = "files:\n  lib.mjs: |\n    export const a = 1;\n    export let = ;\nprogram: |";
    insta::assert_snapshot!(Tree::sound().with_case("program: |", files).found(), @r"
    cases/ordering/jobs/after-script.yaml:12:16: `lib.mjs` does not parse: unexpected token
      help: mend the program
    ");
    let on_purpose = format!("tags: [syntax-error]\n{files}");
    assert_eq!(Tree::sound().with_case("program: |", &on_purpose).found(), "");
}

#[test]
fn too_much_waiting() {
    insta::assert_snapshot!(Tree::sound().with_case("console.log('sync');", "setTimeout(() => {}, 300);").found(), @r"
    cases/ordering/jobs/after-script.yaml:10:3: the program waits 300 ms on purpose; 250 ms is the limit outside the quiet lane
      help: turn time into order, shorten the delays, or add `lane: quiet` if the case measures time
    ");
}

#[test]
fn endless_case_with_a_long_timeout() {
    let tree = Tree::sound().with("expected/ordering/jobs/after-script.yaml", "trace: [sync, job]\nexit: running\n");
    insta::assert_snapshot!(tree.found(), @r"
    cases/ordering/jobs/after-script.yaml:10:3: a case that never ends takes its whole timeout of 10 s
      help: add a short `timeout`, like 1s
    ");
}

#[test]
fn no_authority() {
    insta::assert_snapshot!(Tree::sound().with_case("authority:\n  - https://tc39.es/ecma262/#sec-jobs", "authority: []").refused(), @r"
    cases/ordering/jobs/after-script.yaml:3:12: no authority is named
      help: add the address of the text the rule follows from; a rule nobody states is no rule
    ");
}

#[test]
fn authority_that_is_no_address() {
    insta::assert_snapshot!(Tree::sound().with_case("https://tc39.es/ecma262/#sec-jobs", "section 9.5").refused(), @r"
    cases/ordering/jobs/after-script.yaml:4:5: `section 9.5` is no address
      help: write the page's address, beginning with https://
    ");
}

#[test]
fn carriage_return() {
    let tree = Tree::sound().with("cases/ordering/jobs/after-script.yaml", &CASE.replacen("normative\n", "normative\r\n", 1));
    insta::assert_snapshot!(tree.found(), @r"
    cases/ordering/jobs/after-script.yaml:5:20: a carriage return
      help: end lines with LF alone
    ");
}

#[test]
fn expectation_without_events() {
    let tree = Tree::sound().with("expected/ordering/jobs/after-script.yaml", "trace: []\n");
    insta::assert_snapshot!(tree.found(), @r"
    expected/ordering/jobs/after-script.yaml:1:1: the expectation holds no event
      help: list what the program prints, or let `lockstep accept` do so
    ");
    // A program that must fail without a word is a rule.
    let tree = Tree::sound().with("expected/ordering/jobs/after-script.yaml", "trace: []\nexit: nonzero\n");
    assert_eq!(tree.found(), "");
}

#[test]
fn former_id_that_is_taken() {
    let again = CASE.replacen("title", "was: [ordering/jobs/after-script]\ntitle", 1);
    let tree =
        Tree::sound().with("cases/ordering/jobs/second.yaml", &again).with("expected/ordering/jobs/second.yaml", EXPECTATION);
    insta::assert_snapshot!(tree.found(), @r"
    cases/ordering/jobs/second.yaml:1:1: the former id `ordering/jobs/after-script` is or was that of `ordering/jobs/after-script`
      help: remove it from `was` of one of the two
    ");
}

#[test]
fn deviation_written_twice() {
    insta::assert_snapshot!(Tree::sound().with("expected/deviations/bun.yaml", &DEVIATIONS.repeat(2)).found(), @r"
    expected/deviations/bun.yaml:7:3: the entry stands here twice
      help: remove one of the two
    ");
}

#[test]
fn template_that_was_never_filled_in() {
    let tree = Tree::sound();
    let suite = Suite::load(tree.root()).unwrap_or_else(|errors| panic!("{errors:?}"));
    let new = NewCase::new("ordering/jobs/my-case", None, &suite.features).expect("a good id");
    new.write(tree.root()).expect("written");
    insta::assert_snapshot!(tree.found(), @r"
    cases/ordering/jobs/my-case.yaml:4:3: the rule is still the template's
      help: say what must happen, and when
    cases/ordering/jobs/my-case.yaml:6:3: the authority is still the template's
      help: name the text that the rule follows from
    expected/ordering/jobs/my-case.yaml:1:1: the expectation holds no event
      help: list what the program prints, or let `lockstep accept` do so
    ");
}

#[test]
fn feature_that_nobody_needs() {
    let tree = Tree::sound().with_case("needs: [setTimeout]\n", "");
    assert_eq!(tree.found(), "");
    let warnings: Vec<String> = lint::check(tree.root()).warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(warnings.join("\n"), @r"
    adapters/features.yaml:2:15: no case needs `setTimeout`
      help: remove it, or name it where it is used
    ");
}

#[test]
fn no_suite_at_all() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    let errors = Suite::load(empty.path()).expect_err("nothing to load");
    let files: Vec<String> = errors.iter().map(|error| error.file.display().to_string()).collect();
    assert_eq!(files, ["adapters", "adapters/features.yaml", "cases", "cases/suite.yaml", "expected"]);
}

#[test]
fn all_faults_are_told_in_order() {
    let tree = Tree::sound()
        .with_case("goal: cjs", "goal: module")
        .with_deviation("\">=1.0, <2\"", "\"^1\"")
        .with(
            "cases/ordering/jobs/second.yaml",
            &CASE.replacen("title: promise jobs run after the script", "title: \"\"", 1).replacen("[setTimeout]", "[a, b]", 1),
        )
        .with("expected/ordering/jobs/second.yaml", "trace: sync\n");
    let errors = Suite::load(tree.root()).expect_err("the suite is broken");
    let places: Vec<String> = errors.iter().map(|error| format!("{}:{}", error.file.display(), error.line)).collect();
    assert_eq!(
        places,
        [
            "cases/ordering/jobs/after-script.yaml:7",
            "cases/ordering/jobs/second.yaml:1",
            "cases/ordering/jobs/second.yaml:8",
            "cases/ordering/jobs/second.yaml:8",
            "expected/deviations/bun.yaml:2",
            "expected/ordering/jobs/second.yaml:1",
        ]
    );
}
