//! Runtimes that nobody knows, and what stands between them and the harness.

use crate::support::{Outcome, Place};

/// A short patience, for runtimes that never say anything.
const SHORT: &str = "0.05";

/// A script around the embedded runtime, in the folder that is first on `PATH`.
fn script(place: &Place, name: &str, body: &str) {
    place.program(name, &format!("#!/bin/sh\nrun() {{ {} exec \"$@\"; }}\n{body}\n", env!("CARGO_BIN_EXE_lockstep")));
}

fn grade<'a>(outcome: &'a Outcome, about: &str) -> &'a str {
    let line = outcome.stdout.lines().find(|line| line.get(10..).is_some_and(|rest| rest.starts_with(about)));
    line.unwrap_or_else(|| panic!("nothing about {about}\n{outcome}")).split(' ').next().expect("a word")
}

#[cfg(feature = "inhouse")]
#[test]
fn a_sound_runtime_gets_a_manifest_that_works_at_once() {
    let place = Place::new();
    let binary = env!("CARGO_BIN_EXE_lockstep");
    place.program("my-runtime", &format!("#!/bin/sh\nexec {binary} exec \"$@\"\n"));
    place.write("lockstep.yaml", "suite: suite\noverlays: [own]\n");
    place.write("own/README.md", "");
    let base = |args: &[&str]| place.run_command(place.lockstep(args).current_dir(place.path("")));
    let outcome = base(&["doctor", "my-runtime", "--write"]);
    for about in
        ["goals", "its own output", "lines", "flush on exit", "flush on throw", "order of lines", "UTF-8", "natural exit"]
    {
        assert_eq!(grade(&outcome, about), "ok", "{about}\n{outcome}");
    }
    outcome.assert_code(0).assert_says(&["written: own/adapters/my-runtime.yaml", "lockstep run --runtime my-runtime"]);
    let case = crate::support::Case::new("ordering/d/one").program("process.nextTick(() => console.log('fine'));\n");
    place.add(&case);
    base(&["run", "--runtime", "my-runtime"]).assert_code(0).assert_says(&["all as recorded"]);
    base(&["doctor", "my-runtime", "--write"]).assert_code(2).assert_warns(&["is there already"]);
}

#[cfg(feature = "inhouse")]
#[test]
fn what_a_wrapper_spoils_is_found_and_explained() {
    let place = Place::new();
    script(&place, "spoiler", "echo 'welcome'\nrun \"$1\" 2>&1 | head -n 50000\nexit 0");
    let outcome = place.run(&["doctor", "spoiler"]);
    outcome.assert_code(1).assert_says(&["it prints \"welcome\" by itself", "to mend before results are believed"]);
    for about in ["its own output", "lines", "flush on exit", "flush on throw", "exit code", "standard error", "UTF-8"] {
        assert_eq!(grade(&outcome, about), "bad", "{about}\n{outcome}");
    }
    assert_eq!(grade(&outcome, "arguments"), "doubtful", "{outcome}");
    assert_eq!(grade(&outcome, "endless programs"), "doubtful", "{outcome}");
    script(&place, "between", "run \"$@\"\nexit $?");
    let outcome = place.run(&["doctor", "between"]);
    assert_eq!(grade(&outcome, "lines"), "ok", "{outcome}");
    assert_ne!(grade(&outcome, "signals"), "bad", "{outcome}");
}

#[cfg(all(feature = "inhouse", target_os = "linux"))]
#[test]
fn a_wrapper_is_seen_to_pass_signals_on_or_to_keep_them() {
    let place = Place::new();
    let exec = format!("{} exec --real-time \"$@\"", env!("CARGO_BIN_EXE_lockstep"));
    for (name, body, passed_on, death) in [
        ("direct", format!("exec {exec}"), "ok", "ok"),
        ("between", format!("{exec}\nexit $?"), "doubtful", "doubtful"),
        // It passes SIGTERM on, waits for the program again, and ends with its code.
        (
            "passes",
            format!("trap 'kill -TERM $!' TERM\n{exec} & wait $!\ncode=$?\nwait $! 2>/dev/null\nexit $code"),
            "ok",
            "doubtful",
        ),
    ] {
        place.program(name, &format!("#!/bin/sh\n{body}\n"));
        let outcome = place.run(&["doctor", name]);
        assert_eq!(grade(&outcome, "signals passed on"), passed_on, "{name}\n{outcome}");
        assert_eq!(grade(&outcome, "signals  "), death, "{name}\n{outcome}");
    }
}

#[cfg(feature = "inhouse")]
#[test]
fn a_host_with_print_and_no_console_gets_a_template() {
    let place = Place::new();
    // It takes the console from the embedded runtime, in the same file, so that nothing but `print` is left.
    let body = "printf 'var print = console.log; delete globalThis.console;\\n' | cat - \"$1\" > \"copy-$1\"\nrun \"copy-$1\"";
    script(&place, "printer", body);
    place.write("lockstep.yaml", "suite: suite\noverlays: [own]\n");
    place.write("own/README.md", "");
    let base = |args: &[&str]| place.run_command(place.lockstep(args).current_dir(place.path("")));
    let outcome = base(&["doctor", "printer", "--write"]);
    assert_eq!(grade(&outcome, "lines"), "ok", "{outcome}");
    assert_eq!(grade(&outcome, "standard error"), "absent", "{outcome}");
    let manifest = place.read("own/adapters/printer.yaml");
    assert!(manifest.contains("globalThis.console = { log: print }"), "{manifest}");
    place.add(&crate::support::Case::new("ordering/d/one").program("Promise.resolve().then(() => console.log('fine'));\n"));
    base(&["run", "--runtime", "printer"]).assert_code(0).assert_says(&["all as recorded"]);
}

#[test]
fn a_runtime_that_runs_nothing_is_said_to_and_soon() {
    let place = Place::new();
    for (habit, said) in [
        ("hang", "\"started\" was printed, it was still running at its deadline"),
        ("flood:stdout", "it printed without end"),
        ("raise:SIGSEGV", "SIGSEGV ended it"),
        ("exit:3", "\"leaving\" was printed, it exited with code 3"),
        ("say:hello\\nworld", "2 lines were printed, the first \"hello\""),
    ] {
        place.program("odd", &format!("#!/bin/sh\nexec {} runtime --probe '{habit}' \"$@\"\n", place.text("bin/hostile")));
        let scale = if habit == "hang" { SHORT } else { "1" };
        let outcome = place.run(&["doctor", "odd", "--timeout-scale", scale]);
        outcome.assert_code(1).assert_says(&["no program ran as it should", said]);
        assert!(!outcome.stdout.contains("manifest"), "{outcome}");
    }
}

#[test]
fn what_is_no_runtime_is_the_users_fault() {
    let place = Place::new();
    place.run(&["doctor", "no-such-thing"]).assert_code(2).assert_warns(&["there is no `no-such-thing` on PATH"]);
    place.run(&["doctor", "./cases"]).assert_code(2).assert_warns(&["is a folder"]);
    place.run(&["doctor", "'open"]).assert_code(2).assert_warns(&["is no command"]);
    place.run(&["doctor", "hostile", "--write"]).assert_code(2).assert_warns(&["there is no overlay to write to"]);
    place
        .run(&["doctor", "hostile", "--write", "a.yaml", "--name", "b"])
        .assert_code(2)
        .assert_warns(&["a manifest's name is its file's"]);
    place.run(&["doctor", "fake"]).assert_code(2).assert_warns(&["LOCKSTEP_FAKE is not set"]);
}
