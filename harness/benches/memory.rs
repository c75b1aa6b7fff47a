//! The harness's own peak memory over 10,000 synthetic cases on the in-house runtime: VmHWM of `lockstep run`, its workers not counted.
//!
//! ```sh
//! cargo bench --bench memory
//! ```

use std::{
    env, fs, io,
    path::Path,
    process::{Command, ExitCode, Stdio},
    thread,
    time::Duration,
};

/// Cases of the synthetic suite.
const CASES: usize = 10_000;

fn main() -> ExitCode {
    // Cargo runs benchmarks once as tests too, and then there is nothing to measure.
    if !env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let suite = tempfile::tempdir().expect("a temporary folder");
    write_suite(suite.path()).expect("a suite of synthetic cases");
    let mut child = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(["run", "--quiet", "--runtime", "inhouse", "--json"])
        .arg(suite.path().join("result.json"))
        .arg("--suite")
        .arg(suite.path())
        .stdin(Stdio::null())
        .spawn()
        .expect("lockstep starts");
    let mut peak = 0;
    let status = loop {
        // The high-water mark only grows, so the last reading is the peak.
        peak = high_water_mark(child.id()).unwrap_or(peak).max(peak);
        match child.try_wait().expect("lockstep is a child") {
            Some(status) => break status,
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    println!("{CASES} cases, {status}: peak resident memory of the harness {:.1} MiB", peak as f64 / 1024.0);
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// VmHWM of a process, in KiB.
fn high_water_mark(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

fn write_suite(root: &Path) -> io::Result<()> {
    let adapters = Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters");
    fs::create_dir_all(root.join("adapters"))?;
    for file in ["inhouse.yaml", "generic.yaml", "features.yaml"] {
        fs::copy(adapters.join(file), root.join("adapters").join(file))?;
    }
    for tree in ["cases", "expected"] {
        fs::create_dir_all(root.join(tree).join("ordering/synthetic"))?;
    }
    fs::write(root.join("cases/suite.yaml"), "version: 0.1.0\n")?;
    for number in 0..CASES {
        let case = format!(
            "title: synthetic case {number}\nrule: Lines are printed in the order of the program.\nauthority: [https://example.org/{number}]\n\
             strength: observed\nprofile: ecma\ngoal: cjs\nprogram: |\n  console.log('first of {number}');\n  \
             Promise.resolve().then(() => console.log('third'));\n  console.log('second');\n"
        );
        fs::write(root.join(format!("cases/ordering/synthetic/case-{number}.yaml")), case)?;
        let expectation = format!("trace: [first of {number}, second, third]\n");
        fs::write(root.join(format!("expected/ordering/synthetic/case-{number}.yaml")), expectation)?;
    }
    Ok(())
}
