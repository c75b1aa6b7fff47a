//! Runtimes that misbehave in every way the issue lists, against a model of what must be said of each.
//!
//! After every run [`Place::run`] counts what is left of it: no process, no temporary file.

use crate::support::{Case, Place, Verdicts, fake, fake_of, probe, verdicts};

/// How one habit is to be judged.
struct Model {
    /// The habit, with `%` for a folder outside of every case's own.
    habit: &'static str,
    /// What it prints after `fine`, in YAML; legal, so that the verdict is about the end alone.
    prints: &'static str,
    verdict: &'static str,
}

const fn model(habit: &'static str, prints: &'static str, verdict: &'static str) -> Model {
    Model { habit, prints, verdict }
}

/// Every bad habit of a process that is started once a case. Names are numbered, so that the first is running all the time: it waits
/// for what the last one writes.
const HABITS: &[Model] = &[
    model("kin:%/kin", "'near true, far true'", "pass"),
    model("hang", "started", "timeout"),
    model("ignore-term", "started", "timeout"),
    model("family:%/family", "started", "timeout"),
    model("leave:%/leave", "", "pass"),
    model("escape:%/escape", "", "pass"),
    model("hide:%/hide", "", "pass"),
    model("vanish:%/vanish", "", "pass"),
    model("orphan-dies:%/orphan", "", "pass"),
    model("flood:stdout", "", "flood"),
    model("flood:stderr", "", "flood"),
    model("flood:lines", "", "flood"),
    model("eat", "", "oom"),
    model("family-eats", "", "oom"),
    model("no-newline", "half a line", "pass"),
    model("silent", "", "fail"),
    model("exit:3", "leaving", "fail"),
    model("raise:SIGSEGV", "dying", "crash"),
    model("raise:SIGABRT", "dying", "crash"),
    model("raise:SIGKILL", "dying", "crash"),
    model("deaf", "deaf", "pass"),
    model("close:closed", "", "pass"),
    model("write:%/elsewhere", "", "pass"),
    model("write:%/kin.go", "", "pass"),
];

fn name(number: usize) -> String {
    format!("habit-{number:02}")
}

#[test]
fn every_habit_has_its_verdict_and_harms_nobody_else() {
    let place = Place::new();
    let outside = place.text("out");
    for (number, model) in HABITS.iter().enumerate() {
        let trace = if model.prints.is_empty() { "[fine]".into() } else { format!("[fine, {{ optional: {} }}]", model.prints) };
        // Where the verdict is not about the deadline, the deadline is far away.
        let timeout = if model.verdict == "timeout" { "timeout: 1s" } else { "timeout: 2m" };
        let case = Case::new(&format!("ordering/hostile/{}", name(number)));
        place.add(&case.habit(&model.habit.replace('%', &outside)).trace(&trace).key(timeout));
    }
    let (good, bad) = (fake("good", ""), fake("bad", "--obey"));
    let outcome =
        place.run(&["run", "--jobs", "2", "-r", &good, "-r", &bad, "--memory-limit", "96M", "--json", "../out/result.json"]);
    outcome.assert_code(1);
    let of = |verdict: &dyn Fn(&Model) -> &'static str| {
        HABITS.iter().enumerate().map(|(number, model)| (name(number), verdict(model))).collect()
    };
    let want = Verdicts::from([("good".to_owned(), of(&|_| "pass")), ("bad".to_owned(), of(&|model: &Model| model.verdict))]);
    assert_eq!(verdicts(&place.path("out/result.json")), want, "{outcome}");
    assert_eq!(place.read("out/elsewhere"), "was here", "what lies elsewhere is not the harness's to remove");
}

/// Every bad habit of a worker within a case; the worker is honest in all others.
const WORKER_HABITS: &[Model] = &[
    model("honest", "", "pass"),
    model("garbage", "", "error"),
    model("half", "", "error"),
    model("half-dies", "", "error"),
    model("wrong-id", "", "error"),
    model("twice", "", "error"),
    model("shouts", "", "error"),
    model("never", "", "timeout"),
    model("closes", "", "timeout"),
    model("dies", "", "crash"),
    model("floods", "", "flood"),
    model("eats", "", "oom"),
    model("leaves", "", "pass"),
    model("honest", "", "pass"),
];

#[test]
fn a_worker_that_breaks_the_protocol_is_an_error_and_one_that_dies_a_finding() {
    let place = Place::new();
    for (number, model) in WORKER_HABITS.iter().enumerate() {
        let patient = !matches!(model.habit, "half" | "never" | "closes");
        let timeout = if patient { "timeout: 2m" } else { "timeout: 500ms" };
        place.add(&Case::new(&format!("ordering/hostile/{}", name(number))).habit(model.habit).key(timeout));
    }
    let outcome = place.run(&[
        "run",
        "--jobs",
        "2",
        "-r",
        &fake("good", ""),
        "-r",
        "bad=workshop:hostile worker honest",
        "--memory-limit",
        "96M",
        "--json",
        "../out/result.json",
    ]);
    // Faults of the adapter are said before what the runtime did.
    outcome.assert_code(5).assert_says(&[
        "ERROR bad",
        r"\u{1b}[31mno JSON at all",
        "it ended within an answer, after 20 bytes",
        "it said more than one answer to a request",
        "CRASH bad",
        "SIGSEGV ended it",
    ]);
    let found = verdicts(&place.path("out/result.json"));
    let want = WORKER_HABITS.iter().enumerate().map(|(number, model)| (name(number), model.verdict)).collect();
    assert_eq!(found["bad"], want, "{outcome}");
    assert!(found["good"].values().all(|verdict| *verdict == "pass"), "{outcome}");
}

#[test]
fn a_worker_that_stays_is_killed_and_one_that_does_not_speak_is_not_there() {
    let place = Place::with([Case::new("ordering/hostile/one"), Case::new("ordering/hostile/two")]);
    place.run(&["run", "-r", "w=workshop:hostile worker stays"]).assert_code(0);
    let future = place.run(&["run", "-r", &fake("good", ""), "-r", "w=workshop:hostile worker future"]);
    future.assert_code(2).assert_warns(&["runtime `w`", "it speaks version 2, and this Lockstep version 1", "by hand"]);
    assert_eq!(future.stdout, "", "nothing was run");
    // A program that is no worker at all.
    let silent = place.run(&["run", "-r", "w=workshop:hostile silent"]);
    silent.assert_code(2).assert_warns(&["before it greeted"]);
}

#[test]
fn a_worker_that_never_greets_is_not_there() {
    let place = Place::with([Case::new("ordering/hostile/one")]);
    let mute = place.run(&["run", "-r", "w=workshop:hostile worker mute"]);
    mute.assert_code(2).assert_warns(&["runtime `w`", "before it greeted"]);
}

#[test]
fn wrong_order_in_one_run_of_twenty_is_unstable() {
    let place = Place::with([Case::new("ordering/hostile/order").logs(&["one", "two"]).trace("[one, two]")]);
    let swap = format!("--case swap:{}", place.text("out/counter"));
    let swaps = fake("swaps", &swap);
    let run = || place.run(&["run", "--json", "../out/result.json", "-r", &swaps, "--repeat", "10"]);
    // The first ten runs are as they should be, the second ten hold the twentieth.
    run().assert_code(0);
    assert_eq!(verdicts(&place.path("out/result.json"))["swaps"]["order"], "pass");
    run().assert_code(1).assert_says(&["UNSTABLE swaps", "10 repeats showed 2 behaviours", "event 1 is \"two\""]);
    assert_eq!(verdicts(&place.path("out/result.json"))["swaps"]["order"], "unstable");
}

#[test]
fn what_a_program_prints_reaches_nobody_raw() {
    let place = Place::with([Case::new("ordering/hostile/bytes").habit("bytes")]);
    let bad = fake("bad", "--obey");
    let files = ["--json", "../out/r.json", "--junit", "../out/r.xml", "--markdown", "../out/r.md"];
    let args: Vec<&str> = ["run", "-r", &bad].into_iter().chain(files).collect();
    let outcome = place.run_command(place.lockstep(&args).env("CLICOLOR_FORCE", "1"));
    outcome.assert_code(1).assert_says(&["a\u{fffd}\u{fffd}b", r"\u{0}", r"\u{1b}[2J\u{1b}]0;t\u{7}", r"end\r"]);
    // Styles are the one thing that may begin with an escape.
    let unstyled = unstyled(&outcome.stdout);
    assert_ne!(unstyled, outcome.stdout, "colours were asked for");
    for text in [&unstyled, &outcome.stderr, &place.read("out/r.json"), &place.read("out/r.xml"), &place.read("out/r.md")] {
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{}", text.escape_debug());
    }
}

/// `text` without sequences that set a style (`ESC [ … m`).
fn unstyled(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (style, rest) = part.split_once('m').expect("a style has an end");
        assert!(style.chars().all(|c| c.is_ascii_digit() || c == ';'), "no style: {}", part.escape_debug());
        plain.push_str(rest);
    }
    plain
}

#[test]
fn what_cannot_be_executed_is_not_there() {
    let place = Place::with([Case::new("ordering/hostile/one")]);
    let good = fake("good", "");
    place.write("bin/data", "no program\n");
    place.program("text", "\u{0}\u{1}\u{2} no program of this system\n");
    place.program("orphan", "#!/no/such/interpreter\n");
    for (command, reason) in [
        ("../bin/data", "is not executable"),
        ("../bin/text", "cannot be executed on this system"),
        ("../bin/orphan", "cannot be executed on this system"),
        ("../bin/none", "there is no file `../bin/none`"),
        ("none", "there is no `none` on PATH"),
        ("../bin", "is a folder"),
    ] {
        let bad = format!("bad=fake:{command}");
        let outcome = place.run(&["run", "-r", &good, "-r", &bad]);
        outcome.assert_code(2).assert_warns(&["runtime `bad`", reason]);
        assert_eq!(outcome.stdout, "", "nothing was run");
    }
    // Not named but found, it is said and left out; alone, there is nothing to run.
    place.program("faithful", &script(&place, ""));
    place.write(
        "suite/adapters/other.yaml",
        &place.read("suite/adapters/fake.yaml").replace("fake", "other").replace("FAKE", "OTHER"),
    );
    let both =
        place.run_command(place.lockstep(&["run"]).env("LOCKSTEP_FAKE", "../bin/text").env("LOCKSTEP_OTHER", "../bin/faithful"));
    both.assert_code(0).assert_says(&["not here", "cannot be executed on this system", "1 result in"]);
    let none = place.run_command(place.lockstep(&["run"]).env("LOCKSTEP_FAKE", "../bin/text"));
    none.assert_code(2).assert_warns(&["cannot be executed on this system"]);
}

/// The faithful runtime as a shell script, which does something before. Programs have a `PATH` of their own.
fn script(place: &Place, before: &str) -> String {
    format!("#!/bin/sh\n{before}exec {} runtime {} \"$@\"\n", place.text("bin/hostile"), probe("fake", "1.0.0", &[]))
}

#[test]
fn a_runtime_that_vanishes_after_the_probe_is_an_error_of_its_own_cases_only() {
    let place = Place::with(["a", "b", "c"].map(|name| Case::new(&format!("ordering/hostile/{name}"))));
    place.program("gone", &script(&place, "rm \"$0\"\n"));
    let outcome = place.run(&["run", "-r", &fake("good", ""), "-r", "bad=fake:../bin/gone", "--json", "../out/result.json"]);
    outcome.assert_code(5).assert_says(&["ERROR bad", "does not exist", "3 on bad"]);
    let found = verdicts(&place.path("out/result.json"));
    assert!(found["good"].values().all(|verdict| *verdict == "pass"), "{outcome}");
    assert!(found["bad"].values().all(|verdict| *verdict == "error"), "{outcome}");
}

#[test]
fn a_probe_that_lies_is_not_believed() {
    let place = Place::with([
        Case::new("ordering/hostile/fails").logs(&["two", "one"]).trace("[one, two]"),
        Case::new("ordering/hostile/flies").key("needs: [hoverboard]"),
        Case::new("ordering/hostile/plain"),
        Case::new("ordering/hostile/rolls").key("needs: [wheel]"),
    ]);
    let known = "- { case: ordering/hostile/fails, versions: '>=1', kind: bug, reason: r, link: 'https://example.org/1', trace: [two, one] }\n";
    place.deviations("fake", known);
    let run = |probe: &str| {
        let liar = fake_of("liar", probe, "");
        let outcome = place.run(&["run", "-r", &liar, "--json", "../out/result.json"]);
        let found = verdicts(&place.path("out/result.json")).remove("liar").expect("it ran");
        (found.into_values().collect::<Vec<_>>().join(" "), outcome)
    };
    // Verdicts on: fails, flies, plain, rolls.
    let honest = run(&probe("fake", "1.0.0", &["wheel"]));
    assert_eq!((honest.0.as_str(), honest.1.code()), ("known skip pass pass", 0), "{}", honest.1);
    for (lie, said) in [
        // No product that it could have deviations of.
        ("--probe 'say:product [\"fake\",\"latest\"]\\nhas wheel\\ndone .'", "which product"),
        ("--probe 'say:product [\"../fake\",\"1.0.0\"]\\nhas wheel\\ndone .'", "which product"),
        ("--probe 'say:product \"fake\"\\nhas wheel\\ndone .'", "which product"),
        ("--probe 'say:has wheel\\ndone .'", "which product"),
    ] {
        let (found, outcome) = run(lie);
        assert_eq!((found.as_str(), outcome.code()), ("fail skip pass pass", 1), "{lie}\n{outcome}");
        outcome.assert_warns(&["lockstep: liar: ", said]);
    }
    for (lie, said) in [
        // Features that nobody asked for, and nothing that was.
        ("--probe 'say:has everything\\nhas Wheel\\ndone .'", "which product"),
        ("--probe silent", "the probe's program did not run: it exited with code 0"),
        ("--probe raise:SIGSEGV", "SIGSEGV ended it"),
        ("--probe bytes", "the probe's program did not run"),
        ("--probe flood:stdout", "it printed without end"),
    ] {
        let (found, outcome) = run(lie);
        assert_eq!((found.as_str(), outcome.code()), ("fail skip pass skip", 1), "{lie}\n{outcome}");
        outcome.assert_warns(&["lockstep: liar: ", said]);
    }
    // A question that it does not survive costs that question alone.
    let (found, outcome) = run("--probe 'say:asking product\\nproduct [\"fake\",\"1.0.0\"]\\nhas wheel\\nasking hoverboard'");
    assert_eq!((found.as_str(), outcome.code()), ("known skip pass pass", 0), "{outcome}");
    outcome.assert_warns(&["it did not answer the probe for hoverboard"]);
}

#[test]
fn a_probe_that_hangs_costs_what_was_asked_and_no_case() {
    let place = Place::with([Case::new("ordering/hostile/plain"), Case::new("ordering/hostile/rolls").key("needs: [wheel]")]);
    let outcome = place.run(&[
        "run",
        "-r",
        &fake("good", ""),
        "-r",
        &fake_of("bad", "--probe ignore-term", ""),
        "--json",
        "../out/result.json",
    ]);
    outcome
        .assert_code(0)
        .assert_warns(&["lockstep: bad: the probe's program did not run: it was still running at its deadline"]);
    let found = verdicts(&place.path("out/result.json"));
    assert_eq!(found["good"].values().collect::<Vec<_>>(), [&"pass", &"pass"]);
    assert_eq!(found["bad"].values().collect::<Vec<_>>(), [&"pass", &"skip"]);
}

#[test]
fn a_program_that_fills_its_file_to_the_system_s_limit_is_stopped() {
    let place = Place::with([Case::new("ordering/hostile/fills").habit("fill:file"), Case::new("ordering/hostile/fine")]);
    // The smaller of the two limits on files is 256 MiB; a program that ignores it gets an error of writing and goes on.
    let outcome = place.run(&["run", "-r", &fake("bad", "--obey"), "--json", "../out/result.json"]);
    let found = verdicts(&place.path("out/result.json"));
    assert_eq!((found["bad"]["fills"], found["bad"]["fine"]), ("crash", "pass"), "{outcome}");
    outcome.assert_says(&["SIGXFSZ ended it"]);
}
