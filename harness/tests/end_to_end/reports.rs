//! What a person, a CI system and a script see. Snapshots are in `snapshots/`, one file each; `INSTA_UPDATE=always` writes them anew.

use serde_json::{Value, json};

use crate::support::{Case, Outcome, Place, fake, fake_of, probe, verdicts};

/// A suite with one of everything that a report tells apart.
fn place() -> Place {
    let place = Place::with([
        Case::new("ordering/nexttick/before-promise")
            .key("title: process.nextTick callbacks run before promise jobs")
            .key("rule: >-\n  After a CommonJS main script returns, the nextTick queue is drained before the first promise job, however long it is.")
            .key("authority: ['https://nodejs.org/api/process.html#processnexttickcallback-args', 'https://example.org/second']")
            .key("strength: documented")
            .logs(&["sync", "promise", "tick", "end"])
            .trace("[sync, tick, promise, end]"),
        Case::new("ordering/nexttick/long").logs(&ONE_TO_FORTY).trace("[{ repeat: { of: '{int}', from: 30, to: 30 } }, done]"),
        Case::new("ordering/known/as-recorded").logs(&["b", "a"]).trace("[a, b]"),
        Case::new("ordering/known/otherwise").logs(&["c", "a"]).trace("[a, b]"),
        Case::new("ordering/known/gone"),
        Case::new("ordering/skipped/esm").key("goal: esm"),
        Case::new("ordering/skipped/flies").key("needs: [hoverboard]"),
        Case::new("blocking/end/complains").habit("complain"),
        Case::new("blocking/end/dies").habit("raise:SIGSEGV").trace("[fine, dying]"),
        Case::new("backpressure/text/strange").logs(&["<b>|`x`|</b>", "", "größe 東京"]).trace("[other, '', 'größe {any}']"),
        Case::new("backpressure/text/fine"),
    ]);
    let entry = |name: &str, kind: &str, reason: &str, trace: &str| {
        let link = "https://example.org/issues/1";
        format!(
            "- {{ case: ordering/known/{name}, versions: '>=1', kind: {kind}, reason: {reason}, link: '{link}', trace: {trace} }}\n"
        )
    };
    let recorded = entry("as-recorded", "bug", "timers are run after the check phase in the first iteration", "[b, a]")
        + &entry("otherwise", "permitted", "the order is left open", "[b, a]")
        + &entry("gone", "unsupported", "it was not offered", "[other]");
    place.deviations("fake", &recorded);
    place
}

const ONE_TO_FORTY: [&str; 40] = [
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22",
    "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40",
];

/// Two runtimes over that suite, one case after the other so that findings have an order.
fn run(place: &Place, more: &[&str], env: &[(&str, &str)]) -> Outcome {
    let (dev, other) = (fake("dev", "--obey"), fake_of("other", &probe("else", "2.0.0", &["hoverboard"]), "--case say:fine"));
    let args = ["run", "--jobs", "1", "-r", &dev, "-r", &other];
    let args: Vec<&str> = args.into_iter().chain(more.iter().copied()).collect();
    place.run_command(place.lockstep(&args).envs(env.iter().copied()))
}

#[test]
fn a_run_on_the_terminal() {
    let place = place();
    let plain = run(&place, &[], &[]);
    plain.assert_code(1);
    place.assert_snapshot("run", &plain.stdout);
    // What is there to be copied is never broken; all else fits 80 columns.
    let whole = |line: &&str| !line.starts_with("  rerun ") && !line.contains("https://");
    for line in plain.stdout.lines().filter(whole) {
        assert!(lockstep::report::text::width(line) <= 80, "{line}");
    }
    let coloured = run(&place, &[], &[("CLICOLOR_FORCE", "1")]);
    place.assert_snapshot("run-in-colour", &coloured.stdout);
    let unwanted = run(&place, &[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]);
    assert!(!unwanted.stdout.contains('\u{1b}') && !plain.stdout.contains('\u{1b}'));

    place.assert_snapshot("run-quiet", &run(&place, &["--quiet"], &[]).stdout);
    place.assert_snapshot("run-one", &run(&place, &["--quiet", "backpressure/text/fine"], &[]).stdout);
    run(&place, &["known/gone"], &[]).assert_code(0).assert_says(&["s, no regression; 1 recorded deviation is gone"]);
}

#[test]
fn documents_for_ci() {
    let place = place();
    run(&place, &["--junit", "../out/r.xml", "--markdown", "../out/r.md"], &[]);
    place.assert_snapshot("junit", &place.read("out/r.xml"));
    place.assert_snapshot("markdown", &place.read("out/r.md"));
    // A good run is short, and a missing runtime is said.
    let missing = place.lockstep(&["run", "fine", "--markdown", "../out/r.md"]).env("LOCKSTEP_FAKE", "../bin/none").output();
    assert_eq!(missing.expect("the binary").status.code(), Some(2));
    run(&place, &["known/gone", "--markdown", "../out/r.md"], &[]).assert_code(0);
    assert!(place.read("out/r.md").contains("\nNo regression; 1 recorded deviation is gone.\n"));
    run(&place, &["backpressure/text/fine", "--markdown", "../out/r.md"], &[]).assert_code(0);
    place.assert_snapshot("markdown-of-a-good-run", &place.read("out/r.md"));
}

#[test]
fn the_command_that_is_shown_reproduces_the_finding() {
    let place = place();
    // A wrapper and a scale are part of what was found; the filter is not.
    place.program("wrapper", "#!/bin/sh\nexec \"$@\"\n");
    let outcome = run(&place, &["--wrap", "wrapper", "--timeout-scale", "2", "--no-deviations", "before-promise"], &[]);
    let line = outcome.stdout.lines().find_map(|line| line.strip_prefix("  rerun      ")).expect("a command");
    let mut shell = std::process::Command::new("/bin/sh");
    let lockstep = format!("lockstep() {{ '{}' \"$@\"; }}\n{line}", env!("CARGO_BIN_EXE_lockstep"));
    let direct = place.lockstep(&[]);
    shell.args(["-c", &lockstep]).current_dir(place.path("suite")).env_clear();
    shell.envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let again = place.run_command(&mut shell);
    again.assert_code(1).assert_says(&["FAIL dev ordering/nexttick/before-promise", line, "1 result in"]);
}

#[test]
fn what_ends_before_anything_runs_says_why() {
    let place = place();
    let texts = [
        &["run", "--runtime", "none"] as &[&str],
        &["run", "--runtime", "fake"],
        &["run", "--runtime", "x=fake"],
        &["run"],
        &["run", "nothing-like-this"],
        &["run", "--exact", "ordering/known/goen"],
        &["run", "--json", "../out"],
        &["run", "--json", "../none/r.json"],
        &["run", "--json", "/proc/r.json"],
        &["run", "--shard", "3"],
        &["run", "--output-limit", "much"],
        &["list", "nothing-like-this"],
        &["show", "ordering/known/goen"],
        &["check", "--suite", "../bin"],
    ]
    .map(|args| {
        let outcome = place.run(args);
        assert_eq!(outcome.stdout, "", "nothing was run: {args:?}");
        let plain = outcome.stderr.replace(" (os error 2)", "").replace(" (os error 13)", "");
        format!("$ lockstep {}\n{plain}exit {}\n", args.join(" "), outcome.code())
    });
    place.assert_snapshot("refusals", &texts.join("\n"));
}

#[test]
fn every_command_helps_with_an_example() {
    let place = Place::new();
    let help = place.run(&["--help"]);
    help.assert_code(0).assert_says(&["Exit codes:", "Example: lockstep run"]);
    let commands: Vec<&str> = help
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    let all = [
        "run",
        "check",
        "list",
        "show",
        "runtimes",
        "install",
        "new",
        "accept",
        "compare",
        "gate",
        "mutants",
        "report",
        "init",
        "triage",
        "try",
        "bisect",
        "history",
        "minimize",
        "doctor",
        "merge",
        "explore",
        "exec",
        "completions",
    ];
    let built = |name: &&str| !matches!(*name, "exec" | "explore") || cfg!(feature = "inhouse");
    assert_eq!(commands, all.into_iter().filter(built).collect::<Vec<_>>());
    for command in commands {
        place.run(&[command, "--help"]).assert_code(0).assert_says(&["Example: ", "Usage: "]);
        let example = place.run(&["help", command]);
        example.assert_code(0).assert_says(&[&format!("Example: lockstep {command}")]);
    }
    place.run(&["run", "--help"]).assert_says(&["--output-limit", "--memory-limit"]);
    let short = place.run(&["run", "-h"]);
    assert!(!short.stdout.contains("--memory-limit"), "the long help is the place for what is rarely wanted");
    for shell in ["bash", "zsh", "fish"] {
        place.run(&["completions", shell]).assert_code(0).assert_says(&["lockstep", "timeout-scale"]);
    }
}

#[test]
fn a_list_is_for_people_and_for_scripts() {
    let place = place();
    place.assert_snapshot("list", &place.run(&["list", "ordering"]).stdout);
    let listed = place.run(&["list", "--json", "--exact", "ordering/skipped/flies"]);
    let mut listed: Value = serde_json::from_str(&listed.assert_code(0).stdout).expect("JSON");
    let digest = listed["cases"][0]["digest"].take();
    assert!(digest.as_str().is_some_and(|digest| digest.len() == 16), "{digest}");
    let want = json!({ "cases": [{
        "id": "ordering/skipped/flies", "title": "a case of a tiny suite", "category": "ordering", "topic": "skipped", "profile": "node",
        "strength": "documented", "goal": "cjs", "needs": ["hoverboard"], "lane": "ordinary", "tags": [], "digest": null,
    }] });
    assert_eq!(listed, want);
    // A result names the same digest.
    run(&place, &["flies", "--json", "../out/r.json"], &[]);
    let result: Value = serde_json::from_str(&place.read("out/r.json")).expect("JSON");
    assert_eq!(result["results"][0]["digest"], digest);
}

#[test]
fn a_case_is_shown_with_everything_known_of_it() {
    let place = place();
    place.assert_snapshot("show", &place.run(&["show", "ordering/known/as-recorded"]).stdout);
    let whole = Case::new("ordering/v/whole")
        .key("files: { lib/x.cjs: 'module.exports = 1;' }")
        .key("fixtures: { gate: fifo }")
        .key("issues: ['https://example.org/issues/2']")
        .key("needs: [wheel]")
        .key("lane: quiet")
        .logs(&["a"])
        .trace("[{ unordered: [a, { optional: '{1..} b' }] }]")
        .exit("nonzero");
    place.add(&whole);
    place.assert_snapshot("show-whole", &place.run(&["show", "ordering/v/whole"]).stdout);
}

#[test]
fn runtimes_say_what_they_are() {
    let place = place();
    let (dev, blank) = (fake("dev", ""), fake_of("blank", "--probe silent", ""));
    let outcome = place.run(&["runtimes", "-r", &dev, "-r", &blank, "--features"]);
    outcome.assert_code(0);
    place.assert_snapshot("runtimes", &outcome.stdout);
    // Without names it shows what is not here, and that is no fault; with names it is.
    let all = place.run(&["runtimes"]);
    all.assert_code(0).assert_says(&["fake", "LOCKSTEP_FAKE is not set", "set LOCKSTEP_FAKE to a binary"]);
    let named = place.run(&["runtimes", "-r", "fake"]);
    named.assert_code(2).assert_warns(&["runtime `fake`"]);
}

/// The program of a case that shows everything the launch contract gives it.
#[cfg(feature = "inhouse")]
const CONTRACT: &str = "const fs = require('node:fs');
console.log(process.argv.slice(2).join(' '));
console.log(process.env.GREETING + ' ' + process.env.TZ + ' ' + process.env.NO_COLOR);
console.log(Object.keys(process.env).filter((name) => !name.startsWith('LOCKSTEP')).sort().join(' '));
console.log(require('./lib/x.cjs'));
console.log(fs.readFileSync('data.txt', 'utf8'));
console.log(fs.statSync('gate').isFIFO());
process.exitCode = 3;
";

#[test]
#[cfg(feature = "inhouse")]
fn what_show_writes_runs_without_lockstep() {
    let place = Place::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in ["inhouse", "generic"] {
        let manifest = std::fs::read_to_string(root.join(format!("adapters/{name}.yaml"))).expect("a manifest");
        place.write(&format!("suite/adapters/{name}.yaml"), &manifest);
    }
    let names = "DENO_DIR GREETING HOME NO_COLOR PATH TMPDIR TZ";
    let case = Case::new("ordering/v/contract")
        .program(CONTRACT)
        .key("files: { lib/x.cjs: 'module.exports = 41 + 1;', data.txt: 'some data' }")
        .key("fixtures: { gate: fifo }")
        .key("env: { GREETING: \"it's fine\" }")
        .key("args: ['one two', '$three']")
        .trace(&format!("['one two $three', \"it's fine UTC 1\", {names}, '42', some data, 'true']"))
        .exit("3");
    place.add(&case);
    let outcome = place.run(&["run", "-r", "inhouse", "--json", "../out/r.json"]);
    assert_eq!(verdicts(&place.path("out/r.json"))["inhouse"]["contract"], "pass", "{outcome}");

    place
        .run(&["show", "ordering/v/contract", "--write", "../out/try it"])
        .assert_code(0)
        .assert_says(&["sh '../out/try it/run.sh' node"]);
    // Found from where it is called, not from where the program stands; by path or by name.
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lockstep"), place.path("bin/inhouse")).expect("a link");
    for runtime in ["../bin/inhouse", "inhouse"] {
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["../out/try it/run.sh", runtime]).current_dir(place.path("suite")).env_clear();
        shell.env("PATH", format!("{}:/usr/bin:/bin", place.text("bin"))).env("TMPDIR", place.path("tmp")).env("SECRET", "x");
        let shown = place.run_command(&mut shell);
        shown.assert_code(3).assert_warns(&["exit 3"]);
        assert_eq!(shown.stdout, format!("one two $three\nit's fine UTC 1\n{names}\n42\nsome data\ntrue\n"));
    }
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["../out/try it/run.sh", "none"]).current_dir(place.path("suite"));
    place.run_command(&mut shell).assert_code(127).assert_warns(&["there is no none on PATH"]);
}

#[test]
fn the_page_of_recorded_deviations_is_kept_current() {
    let place = Place::with([Case::new("ordering/r/a")]);
    let entry = |reason: &str| {
        let text = format!(
            "- case: ordering/r/a\n  versions: '>=1, <2'\n  kind: bug\n  reason: {reason}\n  link: none found (2026-11-27)\n  trace: [other]\n"
        );
        place.write("suite/expected/deviations/fake.yaml", &text);
    };
    entry("it says other | things");
    place.run(&["report", "deviations"]).assert_code(0).assert_says(&[
        "| [fake](#fake) | 1 | 1 bug |",
        r"| [ordering/r/a](../../cases/ordering/r/a.yaml) | `>=1, <2` | it says other \| things | bug | none found (2026-11-27) |",
    ]);
    place.run(&["report", "deviations", "--write"]).assert_code(0);
    let old = "expected/deviations/README.md:1:1: the page is not what the files beside it say";
    assert!(!place.run(&["check"]).stdout.contains(old));
    entry("it says something else");
    place.run(&["check"]).assert_code(2).assert_says(&[old, "lockstep report deviations --write"]);
}
