//! Shrinking programs, on the in-house runtime under two policies: what differs between them is known, and no run depends on a clock.

#![cfg(feature = "inhouse")]

use std::{fs, path::Path};

use crate::support::{Case, Place};

/// A policy under which microtasks wait for the end of a phase.
const OTHER: &str = "x=generic:inhouse --virtual-time --policy drain=phase";

/// The in-house runtime as it is, started case by case like the other.
const ONE: &str = "one=generic:inhouse --virtual-time";

fn place() -> Place {
    let place = Place::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in ["inhouse", "generic"] {
        let manifest = fs::read_to_string(root.join(format!("adapters/{name}.yaml"))).expect("a manifest");
        place.write(&format!("suite/adapters/{name}.yaml"), &manifest);
    }
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lockstep"), place.path("bin/inhouse")).expect("a link");
    place
}

/// Two timers that are due together, and a microtask between them, amid much else.
const PROGRAM: &str = "// A queue of jobs.
const names = ['one', 'two', 'three'];
const log = [];

class Queue {
  constructor(size) {
    this.size = size;
    this.jobs = [];
  }

  push(job) {
    if (this.jobs.length === this.size) {
      throw new RangeError('full');
    }
    this.jobs.push(job);
    return this;
  }
}

function say(text) {
  log.push(text);
  console.log(text);
}

const queue = new Queue(3);
for (const name of names) {
  queue.push(() => name.toUpperCase());
}
say(`${queue.jobs.length} jobs`);

setTimeout(() => {
  say('first timer');
  Promise.resolve(queue.jobs.length).then((count) => {
    if (count > 2) {
      say('promise of the first timer');
    }
  });
}, 0);
setTimeout(() => {
  const done = queue.jobs.map((job) => job());
  say('second timer');
  queue.jobs.length = 0;
  log.push(...done);
}, 0);

const start = Date.now();
while (Date.now() - start < 5) {
  // Both timers become due.
}
setTimeout(() => say(`${log.length} lines`), 10);
";

#[test]
fn a_program_shrinks_to_what_two_runtimes_disagree_on_and_becomes_a_case() {
    let place = place();
    place.write("out/bug.cjs", PROGRAM);
    let args = ["minimize", "../out/bug.cjs", "--on", ONE, "--on", OTHER, "--id", "ordering/timers/shrunk"];
    let outcome = place.run(&args);
    outcome.assert_code(0).assert_says(&[
        "kept the order of \"promise of the first timer\" and \"second timer\"",
        "stable in 10 runs",
        "written: cases/ordering/timers/shrunk.yaml",
        "lockstep accept ordering/timers/shrunk --from one",
    ]);
    let case = place.read("suite/cases/ordering/timers/shrunk.yaml");
    let program = case.split_once("program: |\n").expect("a program").1;
    assert!(program.lines().count() <= 12, "{case}");
    assert!(
        program.contains("promise of the first timer") && program.contains("second timer") && !program.contains("Queue"),
        "{case}"
    );
    assert!(case.contains("# one") && case.contains("# x") && case.contains("goal: cjs"), "{case}");
    // It is a case like any other, on which the two go on disagreeing.
    place.run(&["accept", "ordering/timers/shrunk", "--from", ONE, "--repeat", "2"]).assert_code(0);
    place.run(&["run", "-r", ONE, "shrunk"]).assert_code(0);
    place.run(&["run", "-r", OTHER, "shrunk"]).assert_code(1).assert_says(&["event 1 is \"second timer\""]);
    // Nothing is overwritten.
    place.run(&args).assert_code(2).assert_warns(&["exists already"]);
}

#[test]
fn a_case_keeps_its_rule_and_what_its_rule_forbids() {
    let place = place();
    let program = PROGRAM.replace("${log.length} lines", "end");
    let case = Case::new("ordering/timers/whole")
        .key("rule: Microtasks run between two timers.")
        .program(&program)
        .trace("[3 jobs, first timer, promise of the first timer, second timer, end]");
    place.add(&case);
    place.run(&["minimize", "ordering/timers/whole", "--on", ONE, "--on", OTHER]).assert_code(0);
    let case = place.read("suite/cases/ordering/timers/whole-minimal.yaml");
    assert!(case.contains("rule: Microtasks run between two timers") && case.contains("https://example.org/rule"), "{case}");
    // Printed, it is a program that can be run as it is.
    let printed = place.run(&["minimize", "ordering/timers/whole", "--on", ONE, "--on", OTHER, "--print"]);
    printed.assert_code(0).assert_warns(&["size"]);
    assert_eq!(case.split_once("program: |\n").expect("a program").1.replace("\n  ", "\n").trim(), printed.stdout.trim());
}

#[test]
fn a_program_that_hangs_on_one_of_them_is_bounded() {
    let place = place();
    // Where microtasks wait for the end of the phase, the second timer never sees the flag and looks again for ever.
    let program = "let seen = false;\nlet rounds = 0;\nsetTimeout(() => {\n  Promise.resolve().then(() => (seen = true));\n}, 0);\n\
        setTimeout(() => {\n  if (!seen) {\n    while (true) {\n      rounds += 1;\n    }\n  }\n  console.log('seen');\n}, 0);\n\
        const start = Date.now();\nwhile (Date.now() - start < 5) {}\nconsole.log('sync');\n";
    place.write("out/bug.cjs", program);
    let mut command =
        place.lockstep(&["minimize", "../out/bug.cjs", "--on", ONE, "--on", OTHER, "--print", "--timeout-scale", "0.05"]);
    let outcome = place.run_command(&mut command);
    outcome.assert_code(0).assert_warns(&["exit 0 and timeout"]);
    assert!(outcome.stdout.lines().count() <= 12, "{outcome}");
}

#[test]
fn what_cannot_shrink_says_why() {
    let place = place();
    place.write("out/bug.cjs", PROGRAM);
    place.write("out/same.cjs", "console.log('a');\n");
    for (args, why) in [
        (
            &["../out/same.cjs", "--on", ONE, "--on", OTHER] as &[&str],
            "one and x agree on ../out/same.cjs, so there is nothing to keep",
        ),
        (&["../out/bug.cjs", "--on", "inhouse"], "--on takes two runtimes"),
        (&["../out/bug.cjs", "--on", "inhouse,inhouse"], "two runtimes are named `inhouse`"),
        (&["../out/bug.cjs", "--on", "inhouse,nobody"], "there is no manifest adapters/nobody.yaml"),
        (&["../out/none.cjs", "--on", ONE, "--on", OTHER], "nor is there a file"),
        (&["../out/bug.cjs", "--on", ONE, "--on", OTHER, "--id", "x"], "id `x`"),
    ] {
        let args: Vec<&str> = ["minimize"].into_iter().chain(args.iter().copied()).collect();
        place.run(&args).assert_code(2).assert_warns(&[why]);
    }
}
