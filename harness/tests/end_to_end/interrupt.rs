//! A run that is stopped in the middle: nothing goes on, and what was found is kept.

use lockstep::result::Document;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Case, Outcome, Place, fake, fake_of, wait_until};

/// Two cases that end, and then one that has a grandchild and never does.
fn place() -> Place {
    let hanging = Case::new("ordering/stop/c");
    let place = Place::with(["a", "b"].map(|name| Case::new(&format!("ordering/stop/{name}"))));
    place.add(&hanging.habit(&format!("family:{}", place.text("out/grandchild"))).key("timeout: 10m"));
    place.add(&Case::new("ordering/stop/d"));
    place
}

/// Starts a run, waits until `file` is there, sends the signal, and waits for the end; the support then looks for what is left.
fn stop(place: &Place, args: &[&str], file: &str, signal: Signal) -> Outcome {
    let run = place.start(args);
    wait_until(|| place.path(file).exists());
    kill_process(Pid::from_child(&run), signal).expect("our child");
    place.wait(run)
}

#[test]
fn what_was_found_is_written_and_what_runs_is_ended() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let place = place();
        let bad = fake("bad", "--obey");
        let files = ["--json", "../out/r.json", "--junit", "../out/r.xml", "--markdown", "../out/r.md"];
        let args: Vec<&str> = ["run", "--jobs", "1", "-r", &bad].into_iter().chain(files).collect();
        let outcome = stop(&place, &args, "out/grandchild", signal);
        outcome.assert_code(code).assert_says(&[&format!("interrupted by signal {} after 2 of 4 results", code - 128)]);

        let document = Document::read(&place.path("out/r.json")).expect("a result");
        assert!(!document.complete);
        let found: Vec<_> = document.results.iter().map(|result| (result.case.as_str(), result.verdict.as_str())).collect();
        assert_eq!(found, [("ordering/stop/a", "pass"), ("ordering/stop/b", "pass")]);
        assert_eq!(place.read("out/r.xml").matches("<testcase ").count(), 2);
        assert!(place.read("out/r.md").contains("The run was interrupted"));
    }
}

#[test]
fn workers_are_ended_too() {
    let place = Place::with(["a", "b"].map(|name| Case::new(&format!("ordering/stop/{name}"))));
    // It leaves a process behind in its first case, and does not answer its second.
    place.add(&Case::new("ordering/stop/a").habit("leaves"));
    place.add(&Case::new("ordering/stop/b").habit("never").key("timeout: 10m"));
    place.add(&Case::new("ordering/stop/c"));
    let run = place.start(&["run", "--jobs", "1", "-r", "w=workshop:hostile worker honest", "--json", "../out/r.json"]);
    // Its output is written before it hangs.
    wait_until(|| printed(&place));
    kill_process(Pid::from_child(&run), Signal::INT).expect("our child");
    place.wait(run).assert_code(130);
    let document = Document::read(&place.path("out/r.json")).expect("a result");
    assert_eq!((document.results.len(), document.complete), (1, false));
}

/// Whether a second case's program is there and has printed something.
fn printed(place: &Place) -> bool {
    let folders = |path: std::path::PathBuf| std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    folders(place.path("tmp")).flat_map(folders).any(|case| {
        let program = std::fs::read_to_string(case.join("case/main.cjs")).unwrap_or_default();
        program.contains("// habit: never") && std::fs::metadata(case.join("stdout")).is_ok_and(|file| file.len() > 0)
    })
}

#[test]
fn before_anything_runs_there_is_nothing_to_keep() {
    let place = place();
    let probe = format!("--probe family:{}", place.text("out/probe"));
    let args = ["run", "-r", &fake("good", ""), "-r", &fake_of("bad", &probe, ""), "--json", "../out/r.json"];
    let outcome = stop(&place, &args, "out/probe", Signal::INT);
    outcome.assert_code(130).assert_warns(&["interrupted by signal 2"]);
    assert!(!place.path("out/r.json").exists(), "no result is no result without findings");
}

#[test]
fn accepting_can_be_stopped() {
    let place = place();
    let before = place.read("suite/expected/ordering/stop/c.yaml");
    let args = ["accept", "c", "--from", &fake("bad", "--obey")];
    let args = args.map(|arg| if arg == "c" { "ordering/stop/c" } else { arg });
    let outcome = stop(&place, &args, "out/grandchild", Signal::TERM);
    outcome.assert_code(143);
    assert_eq!(place.read("suite/expected/ordering/stop/c.yaml"), before, "nothing was written");
}
