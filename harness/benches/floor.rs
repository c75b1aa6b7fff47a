//! What the harness costs: `lockstep run` beside the leanest launcher of the same programs, both in one run, in turns.
//!
//! The launcher starts each program with `posix_spawn` (which is what the standard library uses for a plain command), two at a time, its
//! output going to files, and compares nothing. Its folders are made before the clock starts. The figure is the ratio of the medians of
//! the wall times; a shared machine moves both alike.
//!
//! ```sh
//! cargo bench --bench floor            # LOCKSTEP_FLOOR_ROUNDS=9 for more rounds
//! ```

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use lockstep::{
    adapter::{Found, RuntimeSpec, Workspace, launch::Program, locate::locate},
    result::{Document, Verdict},
    suite::{AdapterKind, Argument, Case, Goal, Lane, Suite},
};

/// Programs at a time, as `--jobs 2`.
const JOBS: usize = 2;

fn main() -> ExitCode {
    // Cargo runs benchmarks once as tests too, and then there is nothing to measure.
    if !env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<(), String> {
    let rounds: usize = env::var("LOCKSTEP_FLOOR_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let suite = Suite::load(&root).map_err(|errors| format!("{} errors in the suite; see `lockstep check`", errors.len()))?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let ids = passing(&suite, folder.path())?;
    let launches = prepare(&suite, &ids, folder.path())?;
    println!("{} cases of the ordinary lane that node passes; {rounds} rounds, {JOBS} at a time", ids.len());

    let (mut floors, mut harnesses) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // In turns, and the first of a round by turns as well.
        let mut floor = || floors.push(launch_all(&launches));
        let mut harness = || run_lockstep(&ids, &folder.path().join("again.json")).map(|elapsed| harnesses.push(elapsed));
        if round % 2 == 0 {
            floor();
            harness()?;
        } else {
            harness()?;
            floor();
        }
    }
    let (floor, harness) = (median(&mut floors), median(&mut harnesses));
    println!(
        "leanest launcher  {:>8.1} ms  {:>6.2} ms a case",
        floor.as_secs_f64() * 1e3,
        floor.as_secs_f64() * 1e3 / ids.len() as f64
    );
    println!(
        "lockstep run      {:>8.1} ms  {:>6.2} ms a case",
        harness.as_secs_f64() * 1e3,
        harness.as_secs_f64() * 1e3 / ids.len() as f64
    );
    println!("ratio             {:>8.3}", harness.as_secs_f64() / floor.as_secs_f64());
    Ok(())
}

/// The cases of the ordinary lane that node passes, found by running them; without those that must still run at their deadline, which the
/// launcher does not have.
fn passing(suite: &Suite, folder: &Path) -> Result<Vec<String>, String> {
    let result = folder.join("first.json");
    let ends = |case: &Case| !suite.expectation(case).exit.waits_for_deadline();
    let cases = suite.cases.iter().filter(|case| case.lane == Lane::Ordinary && ends(case));
    let ids: Vec<String> = cases.map(|case| case.id.clone()).collect();
    run_lockstep(&ids, &result)?;
    let document = Document::read(&result).map_err(|error| error.to_string())?;
    Ok(document.results.into_iter().filter(|result| result.verdict == Verdict::Pass).map(|result| result.case).collect())
}

fn run_lockstep(ids: &[String], result: &Path) -> Result<Duration, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
    command.args(["run", "--quiet", "--runtime", "node", "--jobs", &JOBS.to_string(), "--json"]).arg(result);
    command.args(ids.iter().flat_map(|id| ["--exact", id]));
    let started = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().map_err(|error| error.to_string())?;
    let elapsed = started.elapsed();
    // A case that deviates under load is no fault of the harness's cost; a run that did not take place is.
    match status.code() {
        Some(0 | 1) => Ok(elapsed),
        _ => Err(format!("lockstep run ended with {status}; install the pinned runtimes first")),
    }
}

/// One program, ready to be started again and again.
struct Launch {
    binary: PathBuf,
    args: Vec<String>,
    space: Workspace,
    env: Vec<(String, String)>,
}

fn prepare(suite: &Suite, ids: &[String], folder: &Path) -> Result<Vec<Launch>, String> {
    let Found::Here(manifest, located) = locate(&RuntimeSpec::located("node"), suite, None) else {
        return Err("node is not installed; run `lockstep install`".into());
    };
    let AdapterKind::Process { run } = &manifest.kind else { return Err("node's manifest is no process manifest".into()) };
    let deno_dir = folder.join("deno");
    ids.iter()
        .enumerate()
        .map(|(index, id)| {
            let case = suite.case(id).ok_or("a case of this suite")?;
            let program = Program::of_case(case, case.goal.unwrap_or(Goal::Cjs));
            let root = folder.join(index.to_string());
            fs::create_dir(&root).map_err(|error| error.to_string())?;
            let space = Workspace::prepare(&root, &program, None).map_err(|error| error.to_string())?;
            let env = space.environment(&deno_dir, &manifest.env, program.env).into_iter().collect();
            let args = run[&program.goal].iter().filter_map(|argument| match argument {
                Argument::Text(text) => Some(text.clone()),
                Argument::Flags => None,
            });
            let args = args.chain(program.args.iter().cloned()).collect();
            Ok(Launch { binary: located.binary.clone(), args, space, env })
        })
        .collect()
}

/// Starts every program, [`JOBS`] at a time, and waits for all of them.
fn launch_all(launches: &[Launch]) -> Duration {
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..JOBS {
            scope.spawn(|| {
                while let Some(launch) = launches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let output =
                        |file: &Path| fs::OpenOptions::new().create(true).append(true).open(file).expect("an output file");
                    let status = Command::new(&launch.binary)
                        .args(&launch.args)
                        .current_dir(&launch.space.dir)
                        .env_clear()
                        .envs(launch.env.iter().map(|(name, value)| (name, value)))
                        .stdin(Stdio::null())
                        .stdout(output(&launch.space.stdout))
                        .stderr(output(&launch.space.stderr))
                        .status();
                    drop(status);
                }
            });
        }
    });
    started.elapsed()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}
