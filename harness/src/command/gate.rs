//! `lockstep gate`: did this change break anything?
//!
//! The gate runs the suite, or takes a result of it, and compares with a baseline, case by case: what was wrong before and still is the
//! same is nobody's news, and neither is what the suite itself added or corrected. Repeats are for the suspects only, and never turn a
//! failure into a pass.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;

use super::{Failure, args::RunArgs, load_in, pages, project::Setting, regressions, run::writable, session::Session};
use crate::{
    gate::{
        Code,
        classes::behaviour,
        delta::{Change, Delta, asked, compare, counterparts},
    },
    report::{Report, collect::Collector, progress::Progress},
    result::{CaseFinished, Document, RunEnd, RunEvent, Verdict},
    run::run_pair,
};

/// `lockstep gate`.
#[derive(Debug, Clone, Args)]
pub struct GateArgs {
    /// The result that nothing may be worse than [default: the baseline of lockstep.yaml]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write this run's result as a baseline [default FILE: the baseline of lockstep.yaml]
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub record: Option<Option<PathBuf>>,
    /// Run nothing, and hold this result of `run --json` or `merge` against the baseline
    #[arg(long, value_name = "FILE", conflicts_with_all = ["record", "runtime", "filters", "exact", "shard", "wrap", "repeat", "install", "json"])]
    pub result: Option<PathBuf>,
    /// The baseline's runtime to hold this one against, where their names do not say it
    #[arg(long, value_name = "NAME")]
    pub against: Option<String>,
    /// What to run; `--repeat` is for what got worse only.
    #[command(flatten)]
    pub run: RunArgs,
}

/// What was found now, from a run or from a file.
struct Found {
    result: Document,
    /// Runtime and case to what is known beyond the document; nothing for a file.
    findings: BTreeMap<(String, String), CaseFinished>,
    end: RunEnd,
    elapsed: Duration,
}

/// Gates a runtime against a baseline, or records one.
///
/// # Errors
/// Whatever ends a run before anything runs; a baseline that cannot be read or has no such runtime.
pub fn run(args: &GateArgs) -> Result<Code, Failure> {
    if args.run.strict || args.run.quiet {
        let why = "a gate says what got worse and nothing else, and what is fixed never fails it";
        return Err(Failure::Usage(format!("--strict and --quiet are options of `lockstep run`; {why}")));
    }
    let setting = Setting::find()?;
    let Files { baseline, record } = files(args, &setting)?;
    let summary = env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()).map(PathBuf::from);
    let outputs = [&record, &args.run.json, &args.run.junit, &args.run.markdown, &args.run.html, &summary];
    for file in outputs.into_iter().flatten() {
        writable(file)?;
    }
    let baseline = baseline.as_deref().map(Document::read).transpose()?;
    if let (Some(file), Some(baseline)) = (&args.result, &baseline) {
        let result = Document::read(file)?;
        if !result.complete {
            let remedy = "run it to its end, since what it lacks could be anything";
            return Err(Failure::Usage(format!("{} is of an interrupted run; {remedy}", file.display())));
        }
        let elapsed = Duration::from_millis(result.timing.elapsed_ms);
        let found = Found { result, findings: BTreeMap::new(), end: RunEnd::Complete, elapsed };
        let selected = asked(baseline, &found.result);
        // The page shows rules and programs if there is a suite at hand; the gate itself needs none.
        let suite = args.run.html.as_ref().and_then(|_| load_in(&setting, args.run.suite.suite.as_deref()).ok());
        return conclude(
            args,
            summary.as_deref(),
            baseline,
            &found,
            selected.as_ref(),
            &pages::Source { suite: suite.as_ref(), session: None },
        );
    }
    let session = Session::open_in(&setting, &args.run)?;
    let found = run_now(&session);
    for file in [&record, &args.run.json].into_iter().flatten() {
        found.result.write(file).map_err(Failure::Report)?;
    }
    if let Some(file) = &record {
        anstream::println!("recorded: {} results in {}", found.result.results.len(), file.display());
    }
    let Some(baseline) = baseline else {
        return Ok(code(&found, false));
    };
    // What was not started is no news of the runtime.
    let all_ran = found.end == RunEnd::Complete && !args.run.fail_fast;
    let selected: BTreeSet<&str> = match all_ran {
        true => session.cases.iter().map(|case| case.id.as_str()).collect(),
        false => found.result.results.iter().map(|result| result.case.as_str()).collect(),
    };
    let source = pages::Source { suite: Some(&session.suite), session: Some(&session) };
    conclude(args, summary.as_deref(), &baseline, &found, Some(&selected), &source)
}

/// Runs what is selected, each pair once.
fn run_now(session: &Session) -> Found {
    let mut collector = Collector::new();
    let mut progress = Progress::stderr();
    let mut findings: BTreeMap<(String, String), CaseFinished> = BTreeMap::new();
    let mut elapsed = Duration::ZERO;
    let end = session.run(Some(1), &mut |event| {
        collector.event(&event);
        progress.event(&event);
        match event {
            RunEvent::CaseFinished(finished) => {
                findings.insert((finished.result.runtime.clone(), finished.result.case.clone()), *finished);
            }
            RunEvent::Ended { elapsed: whole, .. } => elapsed = whole,
            RunEvent::Planned { .. } | RunEvent::CaseStarted { .. } => {}
        }
    });
    Found { result: collector.document(), findings, end, elapsed }
}

/// Compares, says what came of it in every form that was asked for, and decides.
fn conclude(
    args: &GateArgs,
    summary: Option<&Path>,
    baseline: &Document,
    found: &Found,
    selected: Option<&BTreeSet<&str>>,
    source: &pages::Source<'_>,
) -> Result<Code, Failure> {
    let result = &found.result;
    let pairs = counterparts(baseline, result, args.against.as_deref()).map_err(Failure::Usage)?;
    let mut deltas = compare(baseline, result, &pairs, selected);
    if let Some(session) = source.session {
        settle(&mut deltas, session);
    }
    let worse: Vec<&Delta<'_>> = deltas.iter().filter(|delta| delta.change.is_worse()).collect();
    let stable = match source.session {
        Some(session) => confirm(&worse, session, args.run.repeat),
        None => vec![String::new(); worse.len()],
    };
    let about = regressions::About { deltas: &deltas, worse: &worse, stable: &stable, baseline, result };
    for line in about.lines(&found.findings) {
        anstream::println!("{line}");
    }
    if env::var_os("GITHUB_ACTIONS").is_some() {
        for line in about.annotations() {
            println!("{line}");
        }
    }
    // Everything that was asked for is written, whichever of it fails.
    let mut first = Ok(());
    let mut keep = |written: Result<(), Failure>| {
        if first.is_ok() {
            first = written;
        }
    };
    if let Some(file) = &args.run.markdown {
        keep(fs::write(file, about.markdown()).map_err(Failure::harness("cannot write the Markdown page")));
    }
    if let Some(file) = summary {
        // Other steps of the same job write there too.
        let opened = fs::OpenOptions::new().create(true).append(true).open(file);
        let written = opened.and_then(|mut file| file.write_all(about.markdown().as_bytes()));
        keep(written.map_err(Failure::harness("cannot write the job's summary")));
    }
    if let Some(file) = &args.run.junit {
        keep(about.junit(&found.findings, found.end, found.elapsed).write(file).map_err(Failure::Report));
    }
    if let Some(file) = &args.run.html {
        keep(pages::gate(source, &about, &pairs).write(file).map_err(Failure::Report));
    }
    first?;
    Ok(code(found, !worse.is_empty()))
}

fn code(found: &Found, worse: bool) -> Code {
    let faults = found.result.results.iter().any(|result| result.verdict == Verdict::Error);
    match found.end {
        RunEnd::Interrupted(signal) => Code::Signal(signal),
        RunEnd::Complete if faults => Code::Harness,
        RunEnd::Complete if worse => Code::Regression,
        RunEnd::Complete => Code::Success,
    }
}

/// How often a case that failed before, and fails otherwise now, is run to see whether it still fails as before, too.
const SETTLING: u32 = 20;

/// Takes back that a failure changed if the failure of the baseline shows again: one that is not deterministic had several forms
/// before, of which the baseline holds one. It goes on failing; nothing is turned into a pass.
fn settle(deltas: &mut [Delta<'_>], session: &Session) {
    for delta in deltas.iter_mut().filter(|delta| delta.change == Change::Changed) {
        let before = delta.old.map(behaviour);
        let Some((pair, runtime)) = session.pair(delta.case, delta.runtime) else { continue };
        let again = |_| run_pair(&pair, runtime, 1, &session.context).map(|finished| behaviour(&finished.result));
        if (0..SETTLING).map_while(again).any(|now| Some(now) == before) {
            delta.change = Change::Unchanged;
        }
    }
}

/// The baseline to hold this run against, and the one to write.
struct Files {
    baseline: Option<PathBuf>,
    record: Option<PathBuf>,
}

/// Which files are meant: those that were typed, or that of the project.
fn files(args: &GateArgs, setting: &Setting) -> Result<Files, Failure> {
    let of_project = || setting.baseline().map(Path::to_path_buf);
    let none = |option: &str| {
        Failure::Usage(format!("there is no baseline; name one with {option} FILE, or under `baseline` in lockstep.yaml"))
    };
    let record = match &args.record {
        Some(Some(file)) if file.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) => {
            return Err(Failure::Usage(format!(
                "--record takes {} for the baseline's file, and its folder is not there; to record the baseline of lockstep.yaml, \
                 write filters before --record",
                file.display()
            )));
        }
        Some(Some(file)) => Some(file.clone()),
        Some(None) => Some(of_project().ok_or_else(|| none("--record"))?),
        None => None,
    };
    let baseline = match (&args.baseline, &record) {
        (Some(file), _) => Some(file.clone()),
        // What is being recorded has nothing to be held against.
        (None, Some(_)) => None,
        (None, None) => Some(of_project().ok_or_else(|| none("--baseline"))?),
    };
    if let Some(file) = baseline.as_deref().filter(|file| args.baseline.is_none() && !file.exists()) {
        let from = setting.project().map(|project| project.file.display().to_string()).unwrap_or_default();
        return Err(Failure::Usage(format!(
            "{from} names the baseline {}, which is not there yet; record it with `lockstep gate --record`",
            file.display()
        )));
    }
    Ok(Files { baseline, record })
}

/// Runs the suspects again, `repeats` times each, to say whether they are stable; says nothing where that was not asked for.
fn confirm(worse: &[&Delta<'_>], session: &Session, repeats: u32) -> Vec<String> {
    let says = |delta: &&Delta<'_>| -> Option<String> {
        if repeats < 2 || matches!(delta.change, Change::Vanished | Change::LostFeature(_)) {
            return None;
        }
        let (pair, runtime) = session.pair(delta.case, delta.runtime)?;
        let again = run_pair(&pair, runtime, repeats, &session.context)?;
        Some(match again.result.verdict {
            Verdict::Unstable => format!("unstable: {repeats} more runs do not agree"),
            verdict if verdict.is_regression() => format!("stable: {repeats} more runs are all `{verdict}`"),
            verdict => format!("unstable: {repeats} more runs are all `{verdict}`"),
        })
    };
    let said = worse.iter().map(|delta| says(delta).unwrap_or_default()).collect();
    for runtime in &session.runtimes {
        runtime.retire(&session.context);
    }
    said
}
