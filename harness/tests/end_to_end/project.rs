//! An implementer's own repository: the embedded suite, the project file, baselines and overlays.

use crate::support::{Case, Outcome, Place, fake, verdicts};

/// A folder beside the suite with this project file.
fn project(place: &Place, text: &str) {
    place.write("project/lockstep.yaml", text);
}

/// Runs in the project's folder.
fn run(place: &Place, args: &[&str]) -> Outcome {
    place.run_command(place.lockstep(args).current_dir(place.path("project")))
}

#[cfg(feature = "inhouse")]
#[test]
fn an_empty_folder_the_binary_and_a_runtime_have_a_failing_gate_within_five_commands() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).expect("a directory");
    // What stands for a runtime on PATH: a real one, and then the same after a change that breaks it.
    let runtime = |flags: &str| {
        place.program("mine", &format!("#!/bin/sh\nexec {} exec {flags} \"$@\"\n", env!("CARGO_BIN_EXE_lockstep")));
    };
    let typed = |args: &[&str]| {
        let mut command = place.lockstep(args);
        // Other builds than releases prefer the checkout they were built in.
        place.run_command(command.current_dir(place.path("empty")).env("LOCKSTEP_SUITE", "embedded"))
    };
    let timers = "ordering/timers/microtasks-between";
    runtime("");
    typed(&["init", "--runtime", "mine=generic:mine"]).assert_code(0).assert_says(&["written: lockstep.yaml"]);
    typed(&["gate", timers, "--record"]).assert_code(0).assert_says(&["in conformance/baseline.json"]);
    typed(&["gate", timers]).assert_code(0).assert_says(&["nothing got worse"]);
    runtime("--policy drain=phase");
    let failing = typed(&["gate", timers]);
    failing.assert_code(1).assert_says(&["newly failing", "ordering/timers/microtasks-between-timers", "1 got worse"]);
    let left: Vec<String> = std::fs::read_dir(place.path("empty"))
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_project_begins_once() {
    let place = Place::new();
    project(&place, "{}\n");
    run(&place, &["init"]).assert_code(2).assert_warns(&["lockstep.yaml is here already"]);
    std::fs::remove_file(place.path("project/lockstep.yaml")).expect("ours");
    place.write("project/conformance", "a file in the way");
    run(&place, &["init"]).assert_code(2).assert_warns(&["cannot write conformance"]);
}

#[test]
fn the_project_says_what_the_command_line_leaves_open() {
    let place = Place::with([Case::new("ordering/p/one"), Case::new("ordering/p/two"), Case::new("blocking/p/three")]);
    let runtimes = format!("  - >-\n    {}\n  - >-\n    {}\n", fake("dev", ""), fake("other", ""));
    project(&place, &format!("suite: ../suite\nruntimes:\n{runtimes}filters: [ordering/]\n"));
    let result = place.path("out/result.json");
    let result = result.to_str().expect("a plain name");
    run(&place, &["run", "--json", result]).assert_code(0);
    let found = verdicts(&place.path("out/result.json"));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["dev", "other"]);
    assert_eq!(found["dev"].keys().collect::<Vec<_>>(), ["one", "two"]);
    // What is typed wins, and a name of the project is one that can be typed.
    run(&place, &["run", "-r", "dev", "--exact", "blocking/p/three", "--json", result]).assert_code(0);
    let found = verdicts(&place.path("out/result.json"));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["dev"]);
    assert_eq!(found["dev"].keys().collect::<Vec<_>>(), ["three"]);
    // The project holds in folders below, and not where it is told not to.
    place.write("project/below/keep", "");
    let below = |more: &[(&str, &str)]| {
        let mut command = place.lockstep(&["compare"]);
        place.run_command(command.current_dir(place.path("project/below")).envs(more.iter().copied()))
    };
    below(&[]).assert_code(0).assert_says(&["2 cases, 0 on which"]);
    below(&[("LOCKSTEP_PROJECT", "none"), ("LOCKSTEP_SUITE", &place.text("suite"))]).assert_code(2);
}

#[test]
fn overlays_add_cases_and_have_the_last_word_on_expectations_manifests_and_deviations() {
    let place = Place::with([
        Case::new("ordering/o/kept"),
        Case::new("ordering/o/corrected").trace("[other]"),
        Case::new("ordering/o/deviates").trace("[other]"),
    ]);
    project(&place, "suite: ../suite\noverlays: [own]\n");
    let added = Case::new("ordering/o/added").key("needs: [spoon]");
    place.write("project/own/cases/ordering/o/added.yaml", &added.file());
    place.write("project/own/expected/ordering/o/added.yaml", &added.expectation());
    place.write("project/own/expected/ordering/o/corrected.yaml", "trace: [fine]\n");
    place.write(
        "project/own/expected/deviations/fake.yaml",
        "- case: ordering/o/deviates\n  versions: '>=1'\n  kind: untriaged\n  since: 2026-11-27\n  reason: nobody knows\n  trace: [fine]\n",
    );
    place.write(
        "project/own/adapters/features.yaml",
        "features:\n  spoon: { expression: \"true\" }\n  fork: { expression: \"true\" }\n",
    );
    place.write("project/own/adapters/mine.yaml", &place.read("suite/adapters/fake.yaml").replace("name: fake", "name: mine"));
    let probe = crate::support::probe("fake", "1.0.0", &["spoon"]);
    let runtime = format!("dev=mine:hostile runtime {probe}");
    let result = place.path("out/result.json");
    let outcome = run(&place, &["run", "-r", &runtime, "--json", result.to_str().expect("a plain name")]);
    outcome.assert_code(0);
    let found = verdicts(&result);
    let want = [("added", "pass"), ("corrected", "pass"), ("deviates", "known"), ("kept", "pass")];
    assert_eq!(found["dev"].iter().map(|(name, verdict)| (name.as_str(), *verdict)).collect::<Vec<_>>(), want, "{outcome}");
    run(&place, &["check", "--write-schemas", "--warnings"])
        .assert_code(0)
        .assert_says(&["own/adapters/features.yaml:3:9: no case needs `fork`"]);
    run(&place, &["list"]).assert_code(0).assert_warns(&["with own on top"]);
    run(&place, &["new", "ordering/o/mine"]).assert_code(0).assert_says(&["written: own/cases/ordering/o/mine.yaml"]);
}

#[cfg(feature = "inhouse")]
#[test]
fn a_program_shrinks_under_the_projects_runtimes_into_its_overlay() {
    let place = Place::new();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lockstep"), place.path("bin/inhouse")).expect("a link");
    place.write("suite/adapters/generic.yaml", include_str!("../../../adapters/generic.yaml"));
    let runtimes =
        "runtimes: ['dev=generic:inhouse --virtual-time', 'old=generic:inhouse --virtual-time --policy drain=phase']\n";
    project(&place, &format!("suite: ../suite\noverlays: [lower, upper]\n{runtimes}"));
    // The case stands in one overlay, with the expectation of another, and both are of no suite below.
    let whole = Case::new("ordering/o/whole")
        .program(
            "const noise = [1, 2];\nsetTimeout(() => {\n  console.log('one');\n  Promise.resolve().then(() => console.log('job'));\n}, 0);\n\
             setTimeout(() => console.log('two'), 0);\nconst start = Date.now();\nwhile (Date.now() - start < 5) {}\nnoise.push(3);\n",
        )
        .trace("[one, job, two]");
    place.write("project/lower/cases/ordering/o/whole.yaml", &whole.file());
    place.write("project/lower/expected/ordering/o/whole.yaml", "trace: [never]\n");
    place.write("project/upper/expected/ordering/o/whole.yaml", &whole.expectation());
    let outcome = run(&place, &["minimize", "ordering/o/whole", "--on", "dev,old"]);
    outcome.assert_code(0).assert_says(&["written: upper/cases/ordering/o/whole-minimal.yaml"]);
    let case = place.read("project/upper/cases/ordering/o/whole-minimal.yaml");
    assert!(case.contains("# dev") && case.contains("# old") && !case.contains("noise"), "{case}");
    assert!(!place.path("suite/cases/ordering").exists(), "the suite below is not written to");
    // What it wrote is a case of the overlay.
    run(&place, &["accept", "ordering/o/whole-minimal", "--from", "dev", "--repeat", "2"]).assert_code(0);
    run(&place, &["run", "-r", "dev", "whole"]).assert_code(0).assert_says(&["all as recorded"]);
    run(&place, &["run", "-r", "old", "whole"]).assert_code(1);
    run(&place, &["minimize", "ordering/o/whole", "--on", "dev,older", "--id", "ordering/o/other"])
        .assert_code(2)
        .assert_warns(&["there is no manifest adapters/older.yaml"]);
}

#[test]
fn releases_are_those_of_an_adapter_and_not_of_the_projects_own_binaries() {
    let place = Place::with([Case::new("ordering/p/one")]);
    project(&place, &format!("suite: ../suite\nruntimes:\n  - >-\n    {}\n", fake("dev", "")));
    for command in ["bisect", "history"] {
        let outcome = run(&place, &[command, "ordering/p/one", "--runtime", "dev"]);
        outcome.assert_code(2).assert_warns(&["is one binary, so write --runtime fake"]);
    }
}

#[test]
fn mutants_break_the_runtime_that_the_project_means() {
    let place = Place::with([Case::new("ordering/p/one")]);
    let breakable = place.read("suite/adapters/fake.yaml").replace("name: fake", "name: breakable") + "preload: --preload\n";
    place.write("suite/adapters/breakable.yaml", &breakable);
    project(&place, "suite: ../suite\nruntimes: ['dev=breakable:hostile runtime']\n");
    place.write("mutants/loud.cjs", "// breaks: all output\n\n// fake: say:other\n");
    run(&place, &["mutants", "--mutants", "../mutants", "--runtime", "dev"])
        .assert_code(0)
        .assert_says(&["noticed   loud", "1 of 1 mutants noticed"]);
}

#[test]
fn what_is_wrong_with_a_project_is_said_with_its_place_and_nothing_is_run() {
    let place = Place::with([Case::new("ordering/w/one")]);
    for (text, said) in [
        ("runtime: [node]\n", "lockstep.yaml:1:1: unknown key `runtime` help: did you mean `runtimes`?"),
        ("runtimes: [node]\nruntimes: [bun]\n", "lockstep.yaml:2:1: key `runtimes` is given twice; the first stands on line 1"),
        ("runtimes:\n  - fake\n  - 'x=fake'\n", "lockstep.yaml:3:5: `x=fake` names no runtime"),
        ("runtimes: [fake, 'fake=fake:hostile']\n", "lockstep.yaml:1:18: two runtimes are named `fake`"),
        ("filters: ['strength:strong']\n", "lockstep.yaml:1:11: `strong` is no strength"),
        ("jobs: 1000\n", "lockstep.yaml:1:7: this many cases at a time cannot be run help: write a number from 1 to 512"),
        ("suite: ../nothing\n", "../nothing is no suite"),
        ("suite: ../suite\noverlays: [nowhere]\n", "the overlay cannot be read"),
    ] {
        project(&place, text);
        run(&place, &["run"]).assert_code(2).assert_warns(&[said]);
    }
    project(&place, "suite: ../suite\noverlays: [own]\n");
    place.write("project/own/mine.yaml", "{}\n");
    run(&place, &["run"]).assert_code(2).assert_warns(&["own/mine.yaml:1:1: an overlay's own folder holds no YAML"]);
    std::fs::remove_file(place.path("project/own/mine.yaml")).expect("ours");
    place.write(
        "project/own/expected/deviations/fake.yaml",
        "- case: ordering/w/on\n  versions: '>=1'\n  kind: bug\n  reason: r\n  exit: 1\n",
    );
    run(&place, &["run"])
        .assert_code(2)
        .assert_warns(&["own/expected/deviations/fake.yaml:1:9:", "did you mean `ordering/w/one`?"]);
}

#[test]
fn a_baseline_that_is_not_there_is_told_from_one_that_is_broken() {
    let place = Place::with([Case::new("ordering/b/one")]);
    let runtime = fake("dev", "");
    project(&place, "suite: ../suite\n");
    run(&place, &["gate", "-r", &runtime]).assert_code(2).assert_warns(&["there is no baseline; name one with --baseline FILE"]);
    run(&place, &["gate", "-r", &runtime, "--record"]).assert_code(2).assert_warns(&["under `baseline` in lockstep.yaml"]);
    project(&place, "suite: ../suite\nbaseline: base.json\n");
    run(&place, &["gate", "-r", &runtime])
        .assert_code(2)
        .assert_warns(&["base.json, which is not there yet", "`lockstep gate --record`"]);
    run(&place, &["gate", "-r", &runtime, "--record"]).assert_code(0);
    run(&place, &["gate", "-r", &runtime]).assert_code(0).assert_says(&["nothing got worse; 1 unchanged"]);
    let whole = place.read("project/base.json");
    place.write("project/base.json", &whole[..whole.len() / 2]);
    run(&place, &["gate", "-r", &runtime])
        .assert_code(2)
        .assert_warns(&["base.json:", "this is no result of `lockstep run --json`"]);
    place.write("project/base.json", &whole.replacen("\"schema\": 1", "\"schema\": 9", 1));
    run(&place, &["gate", "-r", &runtime]).assert_code(2).assert_warns(&["base.json has schema 9"]);
}

#[test]
fn the_embedded_suite_cannot_be_changed_but_an_overlay_can() {
    let place = Place::new();
    project(&place, "suite: embedded\n");
    let id = "ordering/nexttick/of-my-own";
    run(&place, &["new", id]).assert_code(2).assert_warns(&["takes no new case"]);
    run(&place, &["list", "ordering/nexttick"]).assert_code(0).assert_warns(&["inside of this binary"]);
    project(&place, "suite: embedded\noverlays: [own]\n");
    place.write("project/own/README.md", "");
    run(&place, &["new", id]).assert_code(0);
    run(&place, &["list", id]).assert_code(0).assert_says(&[id]);
}
