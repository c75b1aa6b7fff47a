//! `lockstep explore`: the legal traces of a case, and whether its expectation, and another runtime, agree with them.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use clap::Args;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use super::{
    Failure,
    args::{SelectArgs, SuiteArgs},
    inhouse_holder, load_in,
    project::Setting,
    run::writable,
    session::{self, launches, ready},
};
use crate::{
    adapter::{Context, Job, Runtime, RuntimeSpec},
    gate::Code,
    report::text::visible,
    result::document::{SCHEMA, write_json},
    run::{
        explore::{Exploration, ExploreError, Findings, Reach, explore, level, objection},
        prepare,
    },
    suite::{Case, Expectation, Lane, Suite},
    trace::Trace,
};

/// `lockstep explore`.
#[derive(Debug, Clone, Args)]
pub struct ExploreArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Which cases.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Only cases whose expectation leaves something open
    #[arg(long)]
    pub open: bool,
    /// The worker whose world is explored
    #[arg(short, long, value_name = "RUNTIME", default_value = "inhouse")]
    pub runtime: RuntimeSpec,
    /// The most schedules of a case, those nearest to an idle machine
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub limit: u32,
    /// Draw schedules by this seed and those after it, instead of running all
    #[arg(long, value_name = "S", requires = "runs")]
    pub seed: Option<u64>,
    /// How many seeds, from --seed on
    #[arg(long, value_name = "N", requires = "seed", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub runs: Option<u32>,
    /// Milliseconds that the machine may be away in all of a run, beyond what the model says
    #[arg(long, value_name = "MS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    pub slack: u64,
    /// Run also schedules whose traces others are known to show
    #[arg(long)]
    pub unreduced: bool,
    /// Run the case on this runtime too, and look for each of its traces among the explored ones
    #[arg(long, value_name = "RUNTIME")]
    pub against: Option<RuntimeSpec>,
    /// How often it is run there
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub repeat: u32,
    /// Write each trace's schedule into this folder, as N.json below the case's id if several cases are explored
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Write what was found as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// What was found, as JSON.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: u32,
    slack_ms: u64,
    cases: &'a [Explored],
}

/// One case.
#[derive(Debug, Serialize)]
struct Explored {
    case: String,
    #[serde(flatten)]
    findings: Findings,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<Against>,
}

/// What another runtime showed of a case.
#[derive(Debug, Serialize)]
struct Against {
    runtime: String,
    runs: u32,
    /// Its traces with how often each was seen, and whether exploration found it too.
    traces: Vec<Seen>,
}

#[derive(Debug, Serialize)]
struct Seen {
    trace: Vec<String>,
    exit: String,
    times: u32,
    /// Whether exploration found it too.
    explored: bool,
    /// Whether the expectation allows it; if not, that is the runtime's own fault and says nothing about the exploration.
    allowed: bool,
}

impl Seen {
    /// Whether the model should have shown it.
    fn is_missing(&self) -> bool {
        self.allowed && !self.explored
    }
}

impl Explored {
    /// Whether expectation and model agree with everything that was seen.
    fn agrees(&self) -> bool {
        self.findings.traces.iter().all(|found| found.allowed)
            && self.against.iter().flat_map(|against| &against.traces).all(|seen| !seen.is_missing())
    }
}

/// Explores cases, and prints each trace once, smallest schedule first.
///
/// # Errors
/// If nothing is selected, a runtime is not there, or a case cannot be explored on it.
pub fn run(args: &ExploreArgs) -> Result<Code, Failure> {
    args.json.as_deref().map_or(Ok(()), writable)?;
    let setting = Setting::find()?;
    let suite = load_in(&setting, args.suite.suite.as_deref())?;
    let mut cases = session::select(&suite, &args.select, None)?;
    if args.open {
        cases.retain(|case| suite.expectation(case).trace.leaves_open());
    }
    if cases.is_empty() {
        return Err(Failure::NothingSelected("none of the selected cases leaves anything open".into()));
    }
    let runtimes = std::iter::once(&args.runtime).chain(&args.against).map(|spec| setting.meant(spec)).collect();
    let request = prepare::Request { runtimes, inhouse: inhouse_holder(), ..prepare::Request::default() };
    let context = launches(&request)?;
    let prepared = ready(&request, &suite, &context)?;
    let runtime = &prepared.runtimes[0];
    let other = prepared.runtimes.get(1);
    let mut explored = Vec::new();
    let mut skipped = Vec::new();
    for case in &cases {
        match runtime.admits(case) {
            Ok(goal) => {
                let job = Job { case, goal, deadline: case.timeout };
                let one = explore_one(args, &suite, &job, runtime, other, &context)?;
                for line in lines(&one) {
                    anstream::println!("{line}");
                }
                record(args, &one, cases.len() > 1)?;
                explored.push(one);
            }
            Err(absent) => skipped.push(format!("{} ({absent})", case.id)),
        }
    }
    for runtime in &prepared.runtimes {
        runtime.retire(&context);
    }
    if explored.is_empty() {
        return Err(Failure::NothingSelected(format!("{} can run none of the cases: {}", runtime.name(), skipped.join(", "))));
    }
    if !skipped.is_empty() {
        anstream::println!("skipped: {}", skipped.join(", "));
    }
    if explored.len() > 1 {
        anstream::println!("{}", summary(&explored));
    }
    if let Some(file) = &args.json {
        let document = Document { schema: SCHEMA, slack_ms: args.slack, cases: &explored };
        write_json(file, &document).map_err(Failure::Report)?;
    }
    Ok(if explored.iter().all(Explored::agrees) { Code::Success } else { Code::Regression })
}

fn explore_one(
    args: &ExploreArgs,
    suite: &Suite,
    job: &Job<'_>,
    runtime: &Runtime,
    other: Option<&Arc<Runtime>>,
    context: &Context,
) -> Result<Explored, Failure> {
    let expectation = suite.expectation(job.case);
    let reach = match (args.seed, args.runs) {
        (Some(seed), Some(runs)) => Reach::Seeded { seed, runs: runs as usize },
        _ => Reach::All { limit: args.limit as usize },
    };
    let exploration = Exploration { reach, slack_ms: args.slack, reduced: !args.unreduced };
    let findings = explore(job, expectation, runtime, exploration, context).map_err(|error| owner(error, job.case))?;
    let against = match other {
        Some(other) => match other.admits(job.case) {
            Ok(goal) => Some(compare(args.repeat, expectation, &Job { goal, ..*job }, other, &findings, context)?),
            Err(_) => None,
        },
        None => None,
    };
    Ok(Explored { case: job.case.id.to_string(), findings, against })
}

/// Runs a case on another runtime, and looks for what it shows among the explored traces.
fn compare(
    runs: u32,
    expectation: &Expectation,
    job: &Job<'_>,
    other: &Runtime,
    findings: &Findings,
    context: &Context,
) -> Result<Against, Failure> {
    let mut seen: BTreeMap<(Trace, String), (u32, bool)> = BTreeMap::new();
    // Several at a time, unless the case asks for a quiet machine: a loaded one shows more.
    let jobs = if job.case.lane == Lane::Quiet { 1 } else { 2 * rayon::current_num_threads() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
    let pool = pool.map_err(|error| Failure::Harness { doing: "cannot start threads", source: std::io::Error::other(error) })?;
    let ran: Vec<_> = pool.install(|| (0..runs).into_par_iter().map(|_| other.execute(job, context)).collect());
    for observation in ran {
        let observation = observation?;
        let known = seen.entry((level(expectation, &observation.trace), observation.ended.to_string())).or_default();
        known.0 += 1;
        if known.0 == 1 {
            known.1 = objection(expectation, &observation).map_err(|error| owner(error.into(), job.case))?.is_none();
        }
    }
    let traces = seen
        .into_iter()
        .map(|((trace, exit), (times, allowed))| {
            let explored = findings.traces.iter().any(|found| found.levelled == trace && found.exit == exit);
            Seen { trace: trace.into_events(), exit, times, explored, allowed }
        })
        .collect();
    Ok(Against { runtime: other.name().to_owned(), runs, traces })
}

fn owner(error: ExploreError, case: &Case) -> Failure {
    match error {
        ExploreError::Adapter(error) => Failure::Adapter(error),
        error => Failure::Usage(format!("{}: {error}", case.id)),
    }
}

// What a user sees.

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn lines(one: &Explored) -> Vec<String> {
    let Findings { schedules, complete, traces, unused } = &one.findings;
    let all = if *complete { ", which are all" } else { "" };
    let mut lines = vec![format!("{}: {}{all}; {}", one.case, count(*schedules, "schedule"), count(traces.len(), "trace"))];
    for (index, found) in traces.iter().enumerate() {
        let way = match found.seed {
            Some(seed) => format!("seed {seed}"),
            None => departures(found),
        };
        lines.push(format!("  {}. {way}", index + 1));
        lines.extend(found.trace.iter().map(|event| format!("     {}", visible(event))));
        if found.exit != "0" {
            lines.push(format!("     exit {}", found.exit));
        }
        if let Some(objection) = &found.objection {
            lines.push(format!("     FORBIDDEN by the expectation: {objection}"));
        }
    }
    lines.extend(unused.iter().map(|sentence| format!("  perhaps too loose: {sentence}")));
    if let Some(against) = &one.against {
        let missing: Vec<_> = against.traces.iter().filter(|seen| seen.is_missing()).collect();
        let wrong = against.traces.iter().filter(|seen| !seen.allowed).count();
        let outcome =
            if missing.is_empty() { "all among these".to_owned() } else { format!("{} NOT AMONG THESE", missing.len()) };
        let outcome = if wrong == 0 { outcome } else { format!("{outcome}, not counting {wrong} against the rule") };
        lines.push(format!(
            "  {} in {} runs: {}, {outcome}",
            against.runtime,
            against.runs,
            count(against.traces.len(), "trace")
        ));
        for seen in missing {
            lines.push(format!("     {} of {}, exit {}:", seen.times, against.runs, seen.exit));
            lines.extend(shown(seen));
        }
        for seen in against.traces.iter().filter(|seen| !seen.allowed) {
            lines.push(format!("     against the rule, {} of {}, exit {}:", seen.times, against.runs, seen.exit));
            lines.extend(shown(seen));
        }
    }
    lines
}

fn shown(seen: &Seen) -> impl Iterator<Item = String> {
    seen.trace.iter().map(|event| format!("       {}", visible(event)))
}

/// The choices of a schedule that are not those of an idle machine.
fn departures(found: &crate::run::explore::Found) -> String {
    let taken: Vec<String> = found
        .schedule
        .choices()
        .iter()
        .enumerate()
        .filter(|(_, choice)| choice.taken > 0)
        .map(|(place, choice)| format!("{} {}: {}", choice.point, place + 1, choice.what))
        .collect();
    if taken.is_empty() { "an idle machine".to_owned() } else { taken.join("; ") }
}

fn summary(explored: &[Explored]) -> String {
    let schedules: usize = explored.iter().map(|one| one.findings.schedules).sum();
    let complete = explored.iter().filter(|one| one.findings.complete).count();
    let tight = explored.iter().filter(|one| one.findings.traces.iter().any(|found| !found.allowed)).count();
    let loose = explored.iter().filter(|one| !one.findings.unused.is_empty()).count();
    let mut text = format!(
        "{}, {}; {complete} explored completely; {tight} with a forbidden trace; {loose} perhaps too loose",
        count(explored.len(), "case"),
        count(schedules, "schedule"),
    );
    let compared: Vec<_> = explored.iter().filter_map(|one| one.against.as_ref()).collect();
    if let Some(first) = compared.first() {
        let sound = compared.iter().filter(|against| against.traces.iter().all(|seen| !seen.is_missing())).count();
        text.push_str(&format!("; every trace of {} explored in {sound} of {}", first.runtime, count(compared.len(), "case")));
    }
    text
}

fn record(args: &ExploreArgs, one: &Explored, several: bool) -> Result<(), Failure> {
    let Some(folder) = &args.record else { return Ok(()) };
    let folder = if several { folder.join(&one.case) } else { folder.clone() };
    std::fs::create_dir_all(&folder).map_err(Failure::harness("cannot make the folder for schedules"))?;
    for (index, found) in one.findings.traces.iter().enumerate() {
        write_json(&folder.join(format!("{}.json", index + 1)), &found.schedule).map_err(Failure::Report)?;
    }
    Ok(())
}
