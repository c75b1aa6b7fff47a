//! The documented changes of real releases, found and gated for real: `cargo test --test releases -- --ignored`.
//!
//! This needs npm and a network, and installs some forty releases into the cache, so it runs only when it is asked for. The tests that run
//! always search a registry of fakes (`end_to_end/releases.rs`) and shrink programs on the in-house runtime (`end_to_end/minimizing.rs`).

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// A case, a runtime, the last release before the change and the first after it, and which of the two conforms.
const CHANGES: [(&str, &str, &str, &str, bool); 6] = [
    // Microtasks run between two timers since https://github.com/nodejs/node/pull/22842.
    ("ordering/timers/microtasks-between-timers", "node", "10.24.1", "11.0.0", false),
    // Timers come after poll since libuv 1.45.
    ("ordering/loop/unref-timer-due-before-loop-ends", "node", "20.2.0", "20.3.0", false),
    // The default mark of byte streams is 64 KiB since https://github.com/nodejs/node/pull/52037.
    ("backpressure/node-writable/default-hwm-bytes", "node", "21.7.3", "22.0.0", false),
    // An identity transform holds nothing since https://github.com/denoland/deno/issues/36790.
    ("backpressure/pipe/chain-backpressure-reaches-source", "deno", "2.9.1", "2.9.2", true),
    ("ordering/nexttick/before-promise-jobs", "deno", "2.7.4", "2.7.5", false),
    ("ordering/promise/finally-three-turn-cost", "bun", "1.3.6", "1.3.7", true),
];

/// The programs of `fixtures/minimize`, and two runtimes that disagree on each.
const PROGRAMS: [(&str, &str); 10] = [
    ("scheduler.cjs", "node,bun"),
    ("startup.mjs", "node,bun"),
    ("cleanup.cjs", "node,bun"),
    ("notifier.cjs", "node,bun"),
    ("crash.cjs", "node,bun"),
    ("pipeline.mjs", "node,deno"),
    ("closing.mjs", "node,deno"),
    ("gestures.mjs", "bun,node"),
    ("plugins.mjs", "bun,node"),
    ("stuck.mjs", "node,bun"),
];

fn lockstep(args: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO_BIN_EXE_lockstep")).args(args).current_dir(root).output().expect("the binary");
    eprintln!("$ lockstep {}\n{}", args.join(" "), String::from_utf8_lossy(&output.stdout));
    output
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{:?}", output.status))
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn text(path: &Path) -> String {
    path.to_str().expect("temporary folders have plain names").to_owned()
}

#[test]
#[ignore = "installs releases through npm"]
fn bisect_finds_each_change_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    for (case, runtime, last, first, _) in CHANGES {
        let file: PathBuf = folder.path().join("found.json");
        let output = lockstep(&["bisect", case, "--runtime", runtime, "--json", &text(&file)]);
        assert_eq!(code(&output), 0, "{}", said(&output));
        let found: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("written")).expect("JSON");
        assert_eq!((&found["boundary"]["last"], &found["boundary"]["first"]), (&last.into(), &first.into()), "{case}");
        assert_eq!(found["boundary"]["stable"], true, "{case}");
        let runs = found["runs"].as_u64().expect("a number");
        // No runtime has more than a thousand releases.
        assert!(runs <= 10 + 3, "{case}: {runs} runs");
    }
}

#[test]
#[ignore = "installs releases through npm"]
fn gate_tells_each_change_every_time() {
    let folder = tempfile::tempdir().expect("a folder");
    for (case, runtime, last, first, last_conforms) in CHANGES {
        let (good, bad) = if last_conforms { (last, first) } else { (first, last) };
        let (good, bad) = (format!("{runtime}@{good}"), format!("{runtime}@{bad}"));
        let baseline = text(&folder.path().join("baseline.json"));
        assert_eq!(code(&lockstep(&["gate", "--record", &baseline, "--runtime", &good, "--exact", case])), 0);
        for _ in 0..20 {
            let pass = lockstep(&["gate", "--baseline", &baseline, "--runtime", &good, "--exact", case]);
            assert_eq!(code(&pass), 0, "{}", said(&pass));
            let fail = lockstep(&["gate", "--baseline", &baseline, "--runtime", &bad, "--exact", case]);
            assert_eq!(code(&fail), 1, "{}", said(&fail));
            assert!(said(&fail).contains(case), "{}", said(&fail));
        }
    }
}

#[test]
#[ignore = "needs the pinned node"]
fn gate_tells_a_feature_that_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let removed = folder.path().join("removed.cjs");
    let program = "delete globalThis.setImmediate; require('node:timers').setImmediate = undefined;";
    std::fs::write(&removed, program).expect("a file");
    let baseline = text(&folder.path().join("baseline.json"));
    assert_eq!(code(&lockstep(&["gate", "--record", &baseline, "--runtime", "node", "ordering/immediate"])), 0);
    let dev = format!("dev=node:node --require {}", removed.display());
    let output = lockstep(&["gate", "--baseline", &baseline, "--runtime", &dev, "ordering/immediate"]);
    assert_eq!(code(&output), 1);
    assert!(said(&output).contains("lost setImmediate on dev"), "{}", said(&output));
}

#[test]
#[ignore = "needs the pinned node, deno and bun"]
fn ten_programs_shrink_to_a_dozen_lines() {
    for (name, on) in PROGRAMS {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/minimize").join(name);
        let whole = std::fs::read_to_string(&file).expect("a program");
        assert!((40..=80).contains(&whole.lines().count()), "{name} has {} lines", whole.lines().count());
        let output = lockstep(&["minimize", &text(&file), "--on", on, "--print"]);
        assert_eq!(code(&output), 0, "{name}: {}", said(&output));
        let lines = String::from_utf8_lossy(&output.stdout).lines().count();
        assert!(lines <= 12, "{name} has {lines} lines left");
    }
}
