//! First contact with many failures: clusters, entries, and a next run in which all of them are known.

use crate::support::{Case, Outcome, Place, fake, fake_of, probe, verdicts};

/// A suite on which the fake fails in every way that can be recorded, and in some that cannot.
fn place() -> Place {
    let place = Place::with([
        Case::new("ordering/pair/one").logs(&["tick 1", "job 1"]).trace("['job 1', 'tick 1']"),
        Case::new("ordering/pair/two").logs(&["tick 2", "job 2"]).trace("['job 2', 'tick 2']"),
        Case::new("ordering/alone/waits").logs(&["waited 12 ms"]).trace("['waited {50..} ms']"),
        Case::new("ordering/alone/braces").logs(&["{x}: [y]", "no: y"]).trace("[z]"),
        Case::new("ordering/alone/dies").habit("raise:SIGSEGV").trace("[fine, dying]"),
        Case::new("ordering/alone/leaves").habit("exit:3").trace("[fine, leaving]"),
        Case::new("ordering/alone/passes"),
        Case::new("ordering/alone/flies").key("needs: [hoverboard]"),
        Case::new("ordering/alone/recorded").logs(&["b"]).trace("[a]"),
        Case::new("blocking/end/complains").habit("complain").trace("[fine, end]"),
        Case::new("blocking/end/hangs").habit("hang").key("timeout: 1s").trace("[fine, started]"),
        Case::new("blocking/end/long").logs(&LONG).trace("[done]"),
        Case::new("blocking/end/floods").habit("flood:stdout"),
    ]);
    place.deviations("fake", "- case: ordering/alone/recorded\n  versions: '>=1'\n  kind: bug\n  reason: r\n  link: https://example.org/1\n  trace: [b]\n");
    place.write("project/lockstep.yaml", "suite: ../suite\noverlays: [own]\nbaseline: first.json\n");
    place.write("project/own/README.md", "");
    place
}

const LONG: [&str; 70] = ["n"; 70];

fn run(place: &Place, args: &[&str]) -> Outcome {
    place.run_command(place.lockstep(args).current_dir(place.path("project")))
}

#[test]
fn all_that_failed_is_known_in_the_next_run() {
    let place = place();
    let dev = fake("dev", "--obey");
    run(&place, &["run", "-r", &dev, "--json", "first.json"]).assert_code(1);
    let shown = run(&place, &["triage", "--dry-run"]);
    shown.assert_code(0);
    place.assert_snapshot("triage", &shown.stdout);
    assert!(!place.path("project/own/expected").exists(), "a dry run writes nothing");
    run(&place, &["triage"]).assert_code(0).assert_says(&["9 entries written: own/expected/deviations/fake.yaml"]);
    run(&place, &["run", "-r", &dev, "--json", "second.json"]).assert_code(1);
    let found = verdicts(&place.path("project/second.json"));
    for (case, verdict) in &found["dev"] {
        let want = match case.as_str() {
            "passes" => "pass",
            "flies" => "skip",
            "floods" => "flood",
            _ => "known",
        };
        assert_eq!(*verdict, want, "{case}");
    }
    // The same result again, and the next one, hold nothing new.
    run(&place, &["triage"]).assert_code(0).assert_says(&["recorded already: 9", "nothing to record"]);
    run(&place, &["triage", "second.json"]).assert_code(0).assert_says(&["nothing to record"]);
    run(&place, &["check", "--write-schemas"]).assert_code(0).assert_says(&["clean"]);
}

#[test]
fn entries_go_where_they_are_wanted_and_nowhere_else() {
    let place = place();
    let (dev, other) = (fake("dev", "--obey"), fake_of("other", &probe("else", "2.1.0", &["wheel"]), "--case say:x"));
    run(&place, &["run", "-r", &dev, "-r", &other, "ordering/pair", "--json", "first.json"]).assert_code(1);
    place.write("project/lockstep.yaml", "suite: ../suite\n");
    run(&place, &["triage", "first.json"]).assert_code(2).assert_warns(&["there is no place for 4 entries", "--write else.yaml"]);
    run(&place, &["triage"]).assert_code(2).assert_warns(&["name a result of `run --json`"]);
    run(&place, &["triage", "first.json", "--write", "fake.yaml"]).assert_code(2).assert_warns(&["--runtime NAME"]);
    run(&place, &["triage", "first.json", "--write", "fake.yaml", "-r", "dev"]).assert_code(0);
    run(&place, &["run", "-r", &dev, "ordering/pair", "--deviations", "fake.yaml"]).assert_code(0);
    run(&place, &["triage", "first.json", "-r", "nobody"]).assert_code(2).assert_warns(&["there are: dev, other"]);
    // A file where a folder should be stands for every folder that cannot be written.
    place.write("project/closed", "");
    run(&place, &["triage", "first.json", "-r", "dev", "--write", "closed/fake.yaml"])
        .assert_code(2)
        .assert_warns(&["cannot write closed/fake.yaml"]);
}

#[test]
fn a_result_that_does_not_fit_is_no_ground_for_entries() {
    let place = place();
    let dev = fake("dev", "--obey");
    run(&place, &["run", "-r", &dev, "ordering/pair", "--json", "first.json"]).assert_code(1);
    let whole = place.read("project/first.json");
    place.write("project/first.json", &whole[..whole.len() / 3]);
    run(&place, &["triage"]).assert_code(2).assert_warns(&["first.json:", "this is no result"]);
    place.write("project/first.json", &whole.replace("ordering/pair/one", "ordering/pair/gone"));
    run(&place, &["triage", "-n"]).assert_code(0).assert_says(&["not recorded: this suite has no such case: ordering/pair/gone"]);
    place.write("project/first.json", &whole.replacen("\"digest\": \"", "\"digest\": \"0", 9));
    run(&place, &["triage", "-n"])
        .assert_code(0)
        .assert_says(&["the case means something else in this suite", "nothing to record"]);
    place.write("project/first.json", &whole.replace("\"product\": \"fake\"", "\"product\": null"));
    run(&place, &["triage", "-n"]).assert_code(0).assert_says(&["not recorded: dev does not say which product it is"]);
}

#[test]
fn the_suite_itself_holds_nothing_untriaged() {
    let place = place();
    let entry =
        |more: &str| format!("- case: ordering/pair/one\n  versions: '>=1'\n  kind: untriaged\n  reason: r\n  exit: 1\n{more}");
    place.deviations("fake", &entry("  since: 2026-11-27\n"));
    run(&place, &["run"]).assert_code(2).assert_warns(&["fake.yaml:3:9: the suite itself holds nothing untriaged"]);
    place.deviations("fake", "[]\n");
    for (more, said) in [
        ("", "fake.yaml:1:3: an untriaged entry without its day help: add `since: YYYY-MM-DD`"),
        ("  since: yesterday\n", "fake.yaml:6:10: `yesterday` is no day"),
        ("  since: 2026-11-27\n  link: https://example.org/1\n", "fake.yaml:7:9: an untriaged entry with a link"),
    ] {
        place.write("project/own/expected/deviations/fake.yaml", &entry(more));
        run(&place, &["run"]).assert_code(2).assert_warns(&[said]);
    }
    let looked_into = entry("  since: 2026-11-27\n").replace("untriaged", "bug");
    place.write("project/own/expected/deviations/fake.yaml", &looked_into);
    run(&place, &["run"]).assert_code(2).assert_warns(&["`since` belongs to untriaged entries"]);
}
