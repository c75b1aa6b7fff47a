//! Exploring one case: every schedule of the simulated world, what it prints, and what that says about the expectation.
//!
//! The search is in `inhouse::explore`; here its runs go to a worker, several at a time, and come back in the order in which they were
//! taken, so that the result does not depend on how many there are.

use std::collections::BTreeMap;

use inhouse::explore::{Frontier, Met, Prefix};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use super::judge::{self, Unjudgeable};
use crate::{
    adapter::{
        AdapterError, Context, Job, Runtime,
        worker::{Explored, Search},
    },
    suite::Expectation,
    trace::{Ended, Observation, Pattern, Trace, audit, explain},
};

/// Runs that are handed to the workers at once.
const BATCH: usize = 64;

/// Which schedules are run.
#[derive(Debug, Clone, Copy)]
pub enum Reach {
    /// All, up to this many.
    All {
        /// The most runs.
        limit: usize,
    },
    /// Some drawn by seeds.
    Seeded {
        /// The first seed; the others follow.
        seed: u64,
        /// How many.
        runs: usize,
    },
}

/// How a case is explored.
#[derive(Debug, Clone, Copy)]
pub struct Exploration {
    /// Which schedules.
    pub reach: Reach,
    /// Milliseconds that the machine may be away in all of a run.
    pub slack_ms: u64,
    /// Whether schedules are left out whose traces others show.
    pub reduced: bool,
}

/// One trace, and the smallest schedule that leads to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The events, of the first schedule that leads to it; where the expectation has holes, others may print other numbers.
    pub trace: Vec<String>,
    /// The events as [`level`] makes them: what is compared.
    #[serde(skip)]
    pub levelled: Trace,
    /// How the program ended.
    pub exit: String,
    /// Whether the expectation allows both.
    pub allowed: bool,
    /// Where and why not, in a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objection: Option<String>,
    /// How many of the schedules lead to it.
    pub schedules: usize,
    /// The seed that led to it, if seeds were drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The choices that lead to it, for `lockstep exec --schedule`.
    pub schedule: inhouse::recording::Recording,
}

/// What exploring a case has shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Findings {
    /// Schedules run.
    pub schedules: usize,
    /// Whether those are all.
    pub complete: bool,
    /// The traces, smallest schedule first.
    pub traces: Vec<Found>,
    /// What the expectation leaves open and no trace used, a sentence each.
    pub unused: Vec<String>,
}

/// Why a case could not be explored.
#[derive(Debug, thiserror::Error)]
pub enum ExploreError {
    /// The adapter's or the harness's.
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// The suite's.
    #[error(transparent)]
    Unjudgeable(#[from] Unjudgeable),
    /// The user's: the runtime is no worker.
    #[error("{0} is no worker, so it has no simulated world to explore; the in-house runtime has")]
    NoWorker(String),
    /// The user's: the worker does not report choices.
    #[error("{0} took no notice of the schedule it was given, so it cannot be explored")]
    NoChoices(String),
}

/// Runs the schedules of a case.
///
/// # Errors
/// See [`ExploreError`].
pub fn explore(
    job: &Job<'_>,
    expectation: &Expectation,
    runtime: &Runtime,
    exploration: Exploration,
    context: &Context,
) -> Result<Findings, ExploreError> {
    let mut collected = Collected { places: BTreeMap::new(), traces: Vec::new(), expectation, slack_ms: exploration.slack_ms };
    let search = |ways: Vec<u32>, seed| Search { ways, seed, slack_ms: exploration.slack_ms, reduced: exploration.reduced };
    let run = |search: &Search| -> Result<Explored, ExploreError> {
        runtime.explore(job, search, context)?.ok_or_else(|| ExploreError::NoWorker(runtime.name().to_owned()))
    };
    let mut schedules = 0;
    let complete = match exploration.reach {
        Reach::Seeded { seed, runs } => {
            let seeds: Vec<u64> = (0..runs as u64).map(|index| seed.wrapping_add(index)).collect();
            for batch in seeds.chunks(BATCH) {
                let ran: Vec<_> = batch.par_iter().map(|&seed| run(&search(vec![], Some(seed)))).collect();
                for (seed, explored) in batch.iter().zip(ran) {
                    collected.add(explored?, Some(*seed))?;
                    schedules += 1;
                }
            }
            false
        }
        Reach::All { limit } => {
            let mut frontier = Frontier::new();
            while schedules < limit {
                let batch: Vec<Prefix> = frontier.take(BATCH.min(limit - schedules));
                if batch.is_empty() {
                    break;
                }
                let ran: Vec<_> = batch.par_iter().map(|prefix| run(&search(prefix.ways.clone(), None))).collect();
                for (prefix, explored) in batch.iter().zip(ran) {
                    let explored = explored?;
                    if explored.choices.len() < prefix.ways.len() && ended_by_itself(&explored.observation) {
                        return Err(ExploreError::NoChoices(runtime.name().to_owned()));
                    }
                    let met: Vec<Met> =
                        explored.choices.iter().map(|choice| Met { ways: choice.ways, taken: choice.taken }).collect();
                    frontier.found(prefix, &met);
                    collected.add(explored, None)?;
                    schedules += 1;
                }
            }
            frontier.is_empty()
        }
    };
    let allowed: Vec<&[String]> =
        collected.traces.iter().filter(|found| found.allowed).map(|found| found.trace.as_slice()).collect();
    let unused = audit::unused(&expectation.trace, &allowed)
        .map_err(|bound| Unjudgeable { expression: expectation.file.display().to_string(), bound })?;
    Ok(Findings { schedules, complete, traces: collected.traces, unused })
}

/// A run that was cut off, or that took its worker along, reports fewer choices than it was given.
fn ended_by_itself(observation: &Observation) -> bool {
    matches!(observation.ended, Ended::Code(_))
}

struct Collected<'a> {
    /// Where in `traces` a trace and its end are.
    places: BTreeMap<(Trace, String), usize>,
    traces: Vec<Found>,
    expectation: &'a Expectation,
    slack_ms: u64,
}

impl Collected<'_> {
    fn add(&mut self, explored: Explored, seed: Option<u64>) -> Result<(), ExploreError> {
        let Explored { observation, choices, .. } = explored;
        let levelled = level(self.expectation, &observation.trace);
        let exit = observation.ended.to_string();
        let next = self.traces.len();
        let place = *self.places.entry((levelled.clone(), exit.clone())).or_insert(next);
        if place < next {
            self.traces[place].schedules += 1;
            return Ok(());
        }
        let objection = objection(self.expectation, &observation)?;
        let recorded: Vec<_> = choices.into_iter().filter_map(choice).collect();
        self.traces.push(Found {
            trace: observation.trace.into_events(),
            levelled,
            exit,
            allowed: objection.is_none(),
            objection,
            schedules: 1,
            seed,
            schedule: inhouse::recording::Recording::new(self.slack_ms, &recorded),
        });
        Ok(())
    }
}

fn choice(choice: lockstep_protocol::Choice) -> Option<inhouse::schedule::Choice> {
    let point = choice.point.parse().ok()?;
    Some(inhouse::schedule::Choice { point, ways: choice.ways, taken: choice.taken, what: choice.what })
}

/// What the expectation has against an observation, in a line; none if it allows it.
///
/// # Errors
/// If the expression is too wide for the matcher.
pub fn objection(expectation: &Expectation, observation: &Observation) -> Result<Option<String>, Unjudgeable> {
    let comparison = judge::against(expectation, observation)?;
    if comparison.conforms() {
        return Ok(None);
    }
    let explained = explain(&expectation.trace, observation.trace.events(), &comparison.outcome);
    Ok(Some(match explained {
        Some(explanation) => explanation.sentence,
        None => format!("it ends with {}", observation.ended),
    }))
}

/// A trace with what holes of the expectation leave open taken out of it, so that virtual and real numbers can be compared.
pub fn level(expectation: &Expectation, trace: &Trace) -> Trace {
    let open: Vec<&Pattern> = expectation.trace.patterns().into_iter().filter(|pattern| pattern.literal().is_none()).collect();
    let levelled = |event: &String| match open.iter().find(|pattern| pattern.fits(event)) {
        Some(pattern) => pattern.written().to_owned(),
        None => event.clone(),
    };
    Trace::from(trace.events().iter().map(levelled).collect::<Vec<_>>())
}
