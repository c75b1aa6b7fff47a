//! From a bug in one's hand to a case in the suite: new, run, accept, check.

use crate::support::{Case, Place, fake, fake_of, probe, verdicts};

/// A suite that `check` finds nothing wrong with, with the in-house runtime.
fn place() -> Place {
    let place = Place::new();
    let adapters = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters");
    for name in ["inhouse", "generic"] {
        let manifest = std::fs::read_to_string(adapters.join(format!("{name}.yaml"))).expect("a manifest");
        place.write(&format!("suite/adapters/{name}.yaml"), &manifest);
    }
    place.run(&["check"]).assert_code(2).assert_says(&["run `lockstep check --write-schemas`"]);
    place.run(&["check", "--write-schemas"]).assert_code(0);
    place.run(&["check"]).assert_code(0).assert_says(&["the suite is clean"]);
    place
}

const BUG: &str = "setTimeout(() => console.log('timeout'), 0);
process.nextTick(() => console.log('tick'));
console.log('sync');
";

#[test]
#[cfg(feature = "inhouse")]
fn from_a_program_to_a_case() {
    let place = place();
    place.write("out/bug.js", BUG);
    let new = place.run(&["new", "ordering/timers/my-case", "--from", "../out/bug.js"]);
    new.assert_code(0).assert_says(&[
        "cases/ordering/timers/my-case.yaml",
        "expected/ordering/timers/my-case.yaml",
        "lockstep accept",
    ]);
    // It can be run at once, and says what it prints.
    let first = place.run(&["run", "--runtime", "inhouse", "my-case"]);
    first.assert_code(1).assert_says(&["event 1 is \"sync\"; the rule allows no event at all"]);
    let accepted = place.run(&["accept", "ordering/timers/my-case", "--from", "inhouse"]);
    accepted.assert_code(0).assert_says(&["10 runs on inhouse agree"]);
    let expectation = place.read("suite/expected/ordering/timers/my-case.yaml");
    assert!(expectation.contains("\ntrace: [sync, tick, timeout]\n"), "{expectation}");
    assert!(expectation.starts_with("# yaml-language-server: "), "comments stay\n{expectation}");
    place.run(&["run", "--runtime", "inhouse", "my-case"]).assert_code(0);
    // What only the author can say is asked for.
    let unwritten = place.run(&["check"]);
    unwritten.assert_code(2).assert_says(&[
        "the rule is still the template's",
        "the authority is still the template's",
        "2 to mend",
    ]);
    let case = place.read("suite/cases/ordering/timers/my-case.yaml");
    let case = case
        .replace("Say here, in full sentences, what must happen, and when.", "Ticks go before timers.")
        .replace("https://example.org/where-the-rule-is-stated", "https://nodejs.org/api/process.html");
    place.write("suite/cases/ordering/timers/my-case.yaml", &case);
    place.run(&["check"]).assert_code(0);
    place.run(&["run", "--runtime", "inhouse", "--exact", "ordering/timers/my-case"]).assert_code(0);
    // Nothing is overwritten.
    place.run(&["new", "ordering/timers/my-case"]).assert_code(2).assert_warns(&["exists already"]);
    assert_eq!(place.read("suite/cases/ordering/timers/my-case.yaml"), case);
}

#[test]
fn an_id_that_is_none_writes_nothing() {
    let place = Place::new();
    for id in ["../escape", "ordering/../../escape", "timing/a/b", "ordering/a", "/ordering/a/b", "ordering/a b/c"] {
        place.run(&["new", id]).assert_code(2);
    }
    place.run(&["new", "ordering/a/b", "--from", "../out/none.js"]).assert_code(2).assert_warns(&["cannot read ../out/none.js"]);
    place.write("out/empty.js", "\n");
    place.run(&["new", "ordering/a/b", "--from", "../out/empty.js"]).assert_code(2);
    assert_eq!(place.run(&["list"]).code(), 4, "the suite has no cases");
    place.run(&["new", "ordering/a/b"]).assert_code(0);
    place.run(&["list"]).assert_code(0);
}

#[test]
fn runs_that_disagree_are_not_accepted() {
    let place = Place::with([Case::new("ordering/v/case").logs(&["one", "two"]).trace("[]")]);
    let before = place.read("suite/expected/ordering/v/case.yaml");
    let swaps = fake("swaps", &format!("--case swap:{}", place.text("out/counter")));
    let refused = place.run(&["accept", "ordering/v/case", "--from", &swaps, "--repeat", "20"]);
    refused.assert_code(2).assert_warns(&[
        "run 20 on swaps differs from the first",
        "--- first one two exit 0",
        "--- run 20 two one exit 0",
    ]);
    assert_eq!(place.read("suite/expected/ordering/v/case.yaml"), before);
    place.run(&["accept", "ordering/v/case", "--from", &swaps, "--repeat", "1"]).assert_code(2).assert_warns(&["--repeat"]);
    // Ten that agree are enough.
    place.run(&["accept", "ordering/v/case", "--from", &swaps]).assert_code(0);
    assert_eq!(place.read("suite/expected/ordering/v/case.yaml"), "trace: [one, two]\n");
}

#[test]
fn what_the_rule_leaves_open_is_not_narrowed() {
    let open = [
        "[{ unordered: [one, two] }]",
        "[{ one_of: [one, two] }, { optional: three }]",
        "[{ repeat: { of: one, from: 1 } }]",
        "['{any}', two]",
        "[{ lanes: { a: [one], b: [two] }, before: [[a.one, b.two]] }]",
    ];
    let names: Vec<String> = (0..open.len()).map(|number| format!("ordering/v/open-{number}")).collect();
    let place = Place::with(names.iter().zip(open).map(|(name, trace)| Case::new(name).logs(&["one", "two"]).trace(trace)));
    for name in &names {
        let file = format!("suite/expected/{name}.yaml");
        let before = place.read(&file);
        let refused = place.run(&["accept", name, "--from", &fake("r", ""), "--repeat", "2"]);
        refused.assert_code(2).assert_warns(&[name, "leaves something open", "edit"]);
        assert_eq!(place.read(&file), before, "{name}");
    }
}

#[test]
fn what_is_no_model_is_not_accepted() {
    let place = Place::with([
        Case::new("ordering/v/hang").habit("hang").key("timeout: 300ms").trace("[]"),
        Case::new("ordering/v/flood").habit("flood:stdout").trace("[]"),
        Case::new("ordering/v/flies").key("needs: [hoverboard]").trace("[]"),
        Case::new("ordering/v/crash").habit("raise:SIGABRT").trace("[]"),
    ]);
    let accept =
        |name: &str| place.run(&["accept", &format!("ordering/v/{name}"), "--from", &fake("r", "--obey"), "--repeat", "2"]);
    accept("hang").assert_code(2).assert_warns(&["`exit: running`"]);
    accept("flood").assert_code(2).assert_warns(&["mend the program"]);
    accept("flies").assert_code(2).assert_warns(&["r lacks what ordering/v/flies needs: hoverboard"]);
    accept("crash").assert_code(0);
    assert_eq!(place.read("suite/expected/ordering/v/crash.yaml"), "trace: [fine, dying]\nexit: signal SIGABRT\n");
    accept("none").assert_code(2).assert_warns(&["no case is named `ordering/v/none`"]);
    let missing = place.run(&["accept", "ordering/v/crash", "--from", "r=fake:none"]);
    missing.assert_code(2).assert_warns(&["there is no `none` on PATH"]);
}

#[test]
fn a_deviation_is_recorded_and_then_explained() {
    let place = place();
    place.add(&Case::new("ordering/v/order").logs(&["two", "one"]).trace("[one, two]"));
    place.add(&Case::new("ordering/v/hang").habit("hang").key("timeout: 1s").trace("[fine, started, more]"));
    let runtime = fake("r", "--obey");
    let run = || {
        let outcome = place.run(&["run", "-r", &runtime, "--json", "../out/r.json"]);
        (verdicts(&place.path("out/r.json")).remove("r").expect("it ran").into_values().collect::<Vec<_>>(), outcome.code())
    };
    assert_eq!(run(), (vec!["timeout", "fail"], 1));
    let cases = ["ordering/v/order", "ordering/v/hang"];
    let args = ["accept", cases[0], cases[1], "--from", &runtime, "--as", "deviation", "--repeat", "2"];
    place.run(&args).assert_code(0).assert_says(&["expected/deviations/fake.yaml", "reason and link"]);
    assert_eq!(run(), (vec!["known", "known"], 0));
    // Two entries, each without reason and link.
    let asked = place.run(&["check"]);
    asked.assert_code(2).assert_says(&["4 to mend"]);
    assert_eq!(
        (asked.stdout.matches("expected/deviations/fake.yaml:").count(), asked.stdout.matches("reason").count() > 1),
        (4, true),
        "{asked}"
    );
    let recorded = place.read("suite/expected/deviations/fake.yaml");
    let explained = recorded
        .replace("reason: \"\"", "reason: it does it the other way round")
        .replace("link: \"\"", "link: none found (2026-11-22)");
    place.write("suite/expected/deviations/fake.yaml", &explained);
    place.run(&["check"]).assert_code(0);
    assert_eq!(run(), (vec!["known", "known"], 0));
    // The same again is recorded already; a later major version is not.
    place.run(&args).assert_code(2).assert_warns(&["records a deviation of ordering/v/order for fake 1.0.0 already"]);
    assert_eq!(place.read("suite/expected/deviations/fake.yaml"), explained);
    let later = fake_of("r", &probe("fake", "2.3.4", &[]), "");
    place.run(&["accept", cases[0], "--from", &later, "--as", "deviation"]).assert_code(0);
    assert!(place.read("suite/expected/deviations/fake.yaml").contains("\">=2.3.4, <3\""));
    // Who does not say what it is has no deviations.
    let nobody = fake_of("r", "--probe silent", "");
    place
        .run(&["accept", cases[0], "--from", &nobody, "--as", "deviation"])
        .assert_code(2)
        .assert_warns(&["which product it is"]);
}
