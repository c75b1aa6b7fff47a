//! How runtimes differ, what became of a result, and the gate: what each says, writes and ends with.

use std::fs;

use serde_json::Value;

use crate::support::{Case, Outcome, Place, fake, fake_of, probe};

/// Cases on which an obedient fake and one that only says `fine` differ in every way there is.
fn place() -> Place {
    Place::with([
        Case::new("ordering/c/same"),
        Case::new("ordering/c/only-fine-deviates").logs(&["one", "two"]).trace("[one, two]"),
        Case::new("ordering/c/only-fine-conforms").logs(&["a|b"]),
        Case::new("ordering/c/flies").key("needs: [hoverboard]"),
        Case::new("blocking/c/same"),
    ])
}

fn says_fine(name: &str) -> String {
    fake_of(name, &probe("else", "2.0.0", &["wheel"]), "--case say:fine")
}

fn json(place: &Place, file: &str) -> Value {
    serde_json::from_str(&place.read(file)).expect("JSON")
}

/// The data of a page.
fn page(place: &Place, file: &str) -> Value {
    let html = place.read(file);
    let (_, data) = html.split_once("id=\"data\">").expect("a page");
    serde_json::from_str(data.split_once("</script>").expect("its end").0).expect("JSON")
}

#[test]
fn runtimes_are_grouped_by_what_they_do_and_who_stands_alone_comes_first() {
    let place = place();
    let (one, two, three) = (fake("one", "--obey"), fake("two", "--obey"), says_fine("three"));
    let files = ["--json", "../out/c.json", "--markdown", "../out/c.md", "--html", "../out/c.html"];
    let args: Vec<&str> = ["compare", &one, &two, &three, "--agree-with", "one"].into_iter().chain(files).collect();
    let outcome = place.run(&args);
    outcome.assert_code(0);
    place.assert_snapshot("compare", &outcome.stdout);
    place.assert_snapshot("compare-markdown", &place.read("out/c.md"));
    let json = json(&place, "out/c.json");
    assert_eq!(json["cases"][0]["case"], "ordering/c/only-fine-conforms");
    assert_eq!(json["cases"][0]["classes"][0]["runtimes"], serde_json::json!(["three"]));
    let page = page(&place, "out/c.html");
    assert_eq!(page["groups"], serde_json::json!(["One runtime stands alone", "All alike"]));
    let labels: Vec<&Value> = page["columns"].as_array().expect("columns").iter().map(|column| &column["label"]).collect();
    assert_eq!(labels, ["one", "two", "three"]);
    assert_eq!(page["cases"][0]["cells"][2]["mark"], serde_json::json!(["A conforms", "good"]));
    assert_eq!(page["cases"][1]["cells"][2]["mark"], serde_json::json!(["B alone", "bad"]));

    // One result holds the same, and nothing is run for it.
    place.run(&["run", "-r", &one, "-r", &two, "-r", &three, "--json", "../out/all.json"]);
    let again = place.run(&["compare", "../out/all.json", "--agree-with", "one"]);
    again.assert_code(0).assert_says(&["5 cases, 2 on which the runtimes differ", "only three stands alone: 2"]);
}

#[test]
fn a_comparison_that_makes_no_sense_is_refused_before_anything_runs() {
    let place = place();
    let (one, two) = (fake("one", "--obey"), says_fine("two"));
    place.run(&["run", "-r", &one, "--json", "../out/a.json"]);
    let refused = |args: &[&str], why: &str| {
        let outcome = place.run(args);
        outcome.assert_code(2).assert_warns(&[why]);
        assert_eq!(outcome.stdout, "", "{args:?}");
    };
    refused(&["compare", &one, &two, "--agree-with", "node"], "there is no runtime `node` here; there are one, two");
    refused(&["compare", &one, &two, "--html", "../none/c.html"], "cannot write ../none/c.html");
    refused(&["compare", "../out/a.json", "../out/a.json", "--filter", "ordering"], "a result holds what was selected");
    refused(&["compare", "../out/a.json", &one], "either runtimes, or one result of `run --json`, or two");
    fs::write(place.path("out/b.json"), place.read("out/a.json").replace("\"schema\": 1", "\"schema\": 9")).expect("a file");
    refused(&["compare", "../out/a.json", "../out/b.json"], "has schema 9, and this Lockstep reads schema 1");
    refused(&["gate", "--baseline", "../out/b.json", "-r", &one], "has schema 9");
}

#[test]
fn two_results_are_compared_case_by_case() {
    let place = Place::with([
        Case::new("ordering/c/same"),
        Case::new("ordering/c/breaks").logs(&["a"]).trace("[a]"),
        Case::new("ordering/c/before"),
        Case::new("ordering/c/corrected"),
        Case::new("ordering/c/gone"),
    ]);
    let obeys = fake("dev", "--obey");
    place.run(&["run", "-r", &obeys, "--json", "../out/old.json"]).assert_code(0);
    for name in ["before", "gone"] {
        for tree in ["cases", "expected"] {
            fs::remove_file(place.path(&format!("suite/{tree}/ordering/c/{name}.yaml"))).expect("it is there");
        }
    }
    place.add(&Case::new("ordering/c/after").key("was: [ordering/c/before]"));
    place.add(&Case::new("ordering/c/corrected").trace("[other]"));
    place.add(&Case::new("ordering/c/new"));
    let breaks = fake("dev", "--case say:fine");
    place.run(&["run", "-r", &breaks, "--json", "../out/new.json"]).assert_code(1);
    let files = ["--json", "../out/c.json", "--markdown", "../out/c.md", "--html", "../out/c.html"];
    let args: Vec<&str> = ["compare", "../out/old.json", "../out/new.json"].into_iter().chain(files).collect();
    let outcome = place.run(&args);
    outcome.assert_code(1);
    place.assert_snapshot("compare-results", &format!("{}\n{}", outcome.stdout, place.read("out/c.md")));
    let json = json(&place, "out/c.json");
    let change =
        |case: &str| json["changes"].as_array().expect("changes").iter().find(|change| change["case"] == case).expect(case);
    assert_eq!(change("ordering/c/after")["was"], "ordering/c/before");
    assert_eq!((&change("ordering/c/breaks")["worse"], &change("ordering/c/breaks")["newer"]), (&true.into(), &"fail".into()));
    assert_eq!(change("ordering/c/same")["change"], "unchanged");
    let page = page(&place, "out/c.html");
    assert_eq!(page["groups"], serde_json::json!(["Got worse", "Changed in the suite", "Renamed in the suite", "Unchanged"]));
    // The other way round nothing got worse.
    place.run(&["compare", "../out/new.json", "../out/old.json"]).assert_code(0).assert_says(&["fixed", "0 got worse"]);
    place.run(&["compare", "../out/old.json", "../out/old.json"]).assert_code(0).assert_says(&["0 got worse, 5 unchanged of 5"]);
}

/// A gate in the environment of a GitHub job, with every report.
fn gate(place: &Place, more: &[&str]) -> Outcome {
    let files = ["--junit", "../out/g.xml", "--markdown", "../out/g.md", "--html", "../out/g.html"];
    let args: Vec<&str> =
        ["gate", "--baseline", "../out/base.json"].into_iter().chain(more.iter().copied()).chain(files).collect();
    fs::write(place.path("out/summary.md"), "what another step wrote\n").expect("a file");
    let summary = place.text("out/summary.md");
    place.run_command(place.lockstep(&args).envs([("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", &summary)]))
}

#[test]
fn a_gate_says_exactly_what_got_worse_in_every_form() {
    let place = place();
    place.add(&Case::new("ordering/c/always-wrong").logs(&["b"]).trace("[a]"));
    let good = fake_of("dev", &probe("fake", "1.0.0", &["wheel", "hoverboard"]), "--obey");
    place.run(&["gate", "--record", "../out/base.json", "-r", &good]).assert_code(0).assert_says(&["recorded: 6 results"]);
    gate(&place, &["-r", &good]).assert_code(0).assert_says(&["nothing got worse; 6 unchanged"]);
    assert!(place.read("out/g.md").contains("Nothing got worse; 6 unchanged."));

    let bad = fake_of("dev", &probe("fake", "1.0.0", &["wheel"]), "--case say:fine");
    let outcome = gate(&place, &["-r", &bad, "--repeat", "3"]);
    outcome.assert_code(1).assert_says(&[
        "newly failing: pass in the baseline, fail now; stable: 3 more runs are all `fail`",
        "FAIL dev ordering/c/only-fine-deviates",
        "changed: fail in the baseline, fail now",
        "lost hoverboard on dev: 1 case",
        "fixed: 1",
        "3 got worse; 2 unchanged",
        "::error title=lockstep%3A newly failing on dev::ordering/c/only-fine-deviates: ",
        "::error title=lockstep%3A lost hoverboard on dev::1 case",
    ]);
    let markdown = place.read("out/g.md");
    place.assert_snapshot("gate-markdown", &markdown);
    assert_eq!(
        place.read("out/summary.md"),
        format!("what another step wrote\n{markdown}"),
        "the job's summary is one more place"
    );
    place.assert_snapshot("gate-junit", &place.read("out/g.xml"));
    let page = page(&place, "out/g.html");
    assert_eq!(page["groups"], serde_json::json!(["Got worse", "Fixed", "Unchanged"]));
    assert_eq!(page["columns"][0]["label"], "dev (baseline)");
    assert_eq!(page["headline"], "3 got worse; 2 unchanged.");
    // Under fail-fast and after an interrupt, what was not started is no news.
    let hasty = place.run(&["gate", "--baseline", "../out/base.json", "-r", &bad, "--fail-fast", "--jobs", "1"]);
    assert!(!hasty.assert_code(1).stdout.contains("vanished"), "{hasty}");
}

#[test]
fn a_failure_of_several_forms_has_not_changed_if_its_form_in_the_baseline_shows_again() {
    let place = Place::with([Case::new("ordering/c/wavers").logs(&["a", "b"]).trace("[c]")]);
    let other_form = fake("dev", r"--case 'say:b\na'");
    place.run(&["gate", "--record", "../out/base.json", "-r", &other_form]).assert_code(0);
    let held = |runtime: &str| place.run(&["gate", "--baseline", "../out/base.json", "-r", runtime]);
    // A failure of one form, and that is another: each of 20 more runs shows it.
    let counted = fake("dev", &format!("--case swap:{}", place.text("out/counter")));
    let runs = || place.read("out/counter").len();
    let short_of = |runs: usize| place.write("out/counter", &".".repeat(runs));
    // The 20th run after the first is the one of the baseline's form: 20 more are enough, and no more are made than need be.
    short_of(39);
    held(&counted).assert_code(0).assert_says(&["nothing got worse; 1 unchanged"]);
    assert_eq!(runs(), 40, "a run like the baseline's is looked at no further");
    short_of(19 + 1);
    held(&counted).assert_code(0).assert_says(&["nothing got worse; 1 unchanged"]);
    assert_eq!(runs(), 40, "the first run, and 19 more up to the one that is like the baseline's");
    held(&fake("dev", "")).assert_code(1).assert_says(&["changed: fail in the baseline, fail now", "1 got worse"]);
    // It is not asked of what passed, and a failure that shows the rule's trace now and then stays one.
    let fine = fake("dev", "--case say:c");
    place.run(&["gate", "--record", "../out/base.json", "-r", &fine]).assert_code(0);
    short_of(20);
    held(&counted).assert_code(1).assert_says(&["newly failing: pass in the baseline, fail now"]);
    assert_eq!(runs(), 21, "a failure that is new is run no more than was asked for");
    // What is only for a run is no silent wish of a gate.
    place.run(&["gate", "--baseline", "../out/base.json", "-r", &fine, "--strict"]).assert_code(2).assert_warns(&["options of"]);
}

#[test]
fn shards_are_gated_as_one_run_is() {
    let place = place();
    let (good, bad) = (fake("dev", "--obey"), fake("dev", "--case say:fine"));
    place.run(&["gate", "--record", "../out/base.json", "-r", &good]).assert_code(0);
    let whole = place.run(&["gate", "--baseline", "../out/base.json", "-r", &bad]);
    let of_parts = |shards: usize| {
        let files: Vec<String> = (1..=shards)
            .map(|shard| {
                let file = format!("../out/{shard}-{shards}.json");
                let outcome = place.run(&["run", "-r", &bad, "--shard", &format!("{shard}/{shards}"), "--json", &file]);
                assert!([0, 1, 4].contains(&outcome.code()), "{outcome}");
                file
            })
            .filter(|file| place.path(&file["../".len()..]).exists())
            .collect();
        let args: Vec<&str> =
            ["merge", "--json", "../out/whole.json"].into_iter().chain(files.iter().map(String::as_str)).collect();
        place.run(&args);
        place.run(&["gate", "--baseline", "../out/base.json", "--result", "../out/whole.json"])
    };
    let last = |outcome: &Outcome| outcome.stdout.lines().last().expect("a line").to_owned();
    for shards in [1, 2] {
        let parts = of_parts(shards);
        parts
            .assert_code(1)
            .assert_says(&["newly failing: pass in the baseline, fail now", "ordering/c/only-fine-deviates on dev"]);
        assert_eq!(last(&parts), last(&whole));
    }
    // A result of its own needs no suite.
    let nowhere = tempfile::tempdir().expect("a folder");
    let (base, result) = (place.text("out/base.json"), place.text("out/whole.json"));
    let mut alone = place.lockstep(&["gate", "--baseline", &base, "--result", &result]);
    place.run_command(alone.current_dir(nowhere.path())).assert_code(1);

    let mut edited = json(&place, "out/base.json");
    edited["results"].as_array_mut().expect("results").remove(0);
    place.write("out/short.json", &edited.to_string());
    let short =
        place.run(&["gate", "--baseline", "../out/base.json", "--result", "../out/short.json", "--junit", "../out/s.xml"]);
    short.assert_code(1).assert_says(&["vanished: pass in the baseline, nothing now", "blocking/c/same on dev", "1 got worse"]);
    assert!(place.read("out/s.xml").contains("vanished: it has a result in the baseline and none now"));
    edited["complete"] = false.into();
    place.write("out/short.json", &edited.to_string());
    let cut = place.run(&["gate", "--baseline", "../out/base.json", "--result", "../out/short.json"]);
    cut.assert_code(2).assert_warns(&["is of an interrupted run"]);
    let both = place.run(&["gate", "--baseline", "../out/base.json", "--result", "../out/short.json", "-r", &good]);
    both.assert_code(2).assert_warns(&["cannot be used with"]);
}

#[test]
fn a_run_is_written_as_a_page() {
    let place = place();
    let (one, two) = (fake("one", "--obey"), says_fine("two"));
    place.run(&["run", "-r", &two, "-r", &one, "--html", "../out/r.html"]).assert_code(1);
    let page = page(&place, "out/r.html");
    let labels: Vec<&Value> = page["columns"].as_array().expect("columns").iter().map(|column| &column["label"]).collect();
    assert_eq!(labels, ["two", "one"], "as they were named");
    let rerun = page["columns"][1]["rerun"].as_str().expect("a command");
    assert!(rerun.starts_with("lockstep run --runtime 'one=fake:hostile runtime "), "{rerun}");
    place.run(&["run", "-r", &one, "--html", "../none/r.html"]).assert_code(2).assert_warns(&["cannot write ../none/r.html"]);
}

/// A script of `ci/`, in a folder of its own, with `lockstep` on nothing but the variable that names it.
fn script(place: &Place, name: &str, args: &[&str], env: &[(&str, &str)]) -> Outcome {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../ci").join(name);
    let direct = place.lockstep(&[]);
    let mut shell = std::process::Command::new("/bin/sh");
    shell.arg(script).args(args).current_dir(place.path("out")).env_clear();
    shell.envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("LOCKSTEP", env!("CARGO_BIN_EXE_lockstep")).env("LOCKSTEP_SUITE", place.text("suite"));
    place.run_command(shell.envs(env.iter().copied()))
}

#[test]
fn the_gate_for_any_shell_does_what_its_page_says() {
    let place = Place::with([
        Case::new("ordering/c/same"),
        Case::new("blocking/c/same"),
        Case::new("ordering/c/breaks").logs(&["a"]).trace("[a]"),
    ]);
    let (good, bad) = (fake("dev", "--obey"), fake("dev", "--case say:fine"));
    let gate = |args: &[&str], env: &[(&str, &str)]| script(&place, "gate.sh", args, env);
    // Against the suite, then a baseline that is recorded and held against.
    gate(&[&good], &[]).assert_code(0);
    gate(&[&bad], &[]).assert_code(1).assert_says(&["FAIL dev"]);
    gate(&[&good, "base.json"], &[]).assert_code(0).assert_warns(&["there is no base.json yet; recording it"]);
    gate(&[&good, "base.json"], &[]).assert_code(0).assert_says(&["nothing got worse"]);
    let failing = gate(&[&bad, "base.json"], &[]);
    failing.assert_code(1).assert_says(&["stable: 5 more runs are all `fail`", "1 got worse"]);
    for file in ["lockstep.json", "lockstep.xml", "lockstep.md", "lockstep.html"] {
        assert!(place.path("out").join(file).is_file(), "{file}");
    }
    // In shards: a part never fails for what is wrong, and all parts together do.
    for index in ["0", "1"] {
        let part = gate(&[&bad, "base.json"], &[("TEST_SHARD_INDEX", index), ("TEST_TOTAL_SHARDS", "2")]);
        part.assert_code(0);
        fs::rename(place.path("out/lockstep.json"), place.path(&format!("out/part-{index}.json"))).expect("a part");
    }
    let merged = gate(&["--merge", "base.json", "part-0.json", "part-1.json"], &[]);
    merged.assert_code(1).assert_says(&["1 got worse"]);
    gate(&["--merge", "new.json", "part-0.json", "part-1.json"], &[]).assert_code(0).assert_warns(&["recording it"]);
    gate(&["--merge", "new.json", "part-0.json", "part-1.json"], &[]).assert_code(0).assert_says(&["nothing got worse"]);
    // Faults of one's own stay faults.
    gate(&["none-such"], &[]).assert_code(2);
    gate(&[], &[]).assert_code(2).assert_warns(&["name the runtime to gate"]);
}

#[test]
fn the_nightly_run_says_what_changed_since_the_last_one() {
    let place = place();
    let (good, bad) = (fake("dev", "--obey"), fake("dev", "--case say:fine"));
    let night = |runtime: &str| script(&place, "nightly.sh", &[runtime, "last.json"], &[]);
    night(&good).assert_code(0);
    night(&good).assert_code(0).assert_says(&["0 got worse"]);
    night(&bad).assert_code(1).assert_says(&["newly failing", "1 got worse"]);
    // It is the measure of the next night.
    night(&bad).assert_code(0).assert_says(&["0 got worse"]);
}
