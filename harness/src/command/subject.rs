//! What is looked at again and again: a case of the suite, or any program at hand; and how a runtime behaves with it.
//!
//! A case is judged, so two legal orders of one expectation are one behaviour. Of a program nothing is known, so its behaviour is what it
//! printed and how it ended.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use super::Failure;
use crate::{
    adapter::{Context, Job, Runtime},
    gate::classes::{Behaviour, behaviour},
    result::{Observed, Verdict},
    run::{Shape, plan, run_pair},
    suite::{Case, Suite},
    trace::Ended,
};

/// A case or a program.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A case of the suite.
    Case(Arc<Case>),
    /// A program at hand, as a case without an expectation.
    Program(Arc<Case>),
}

/// How a runtime behaves with a subject.
#[derive(Debug)]
pub enum Seen {
    /// What its runs showed; more than one thing if they differ.
    Shows(BTreeMap<Behaviour, Sample>),
    /// It lacks this, and was not run.
    Lacks(String),
}

/// One run that showed a behaviour, and how many did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The trace of the first of them.
    pub trace: Vec<String>,
    /// How it ended.
    pub exit: String,
    /// One sentence on it; empty where nothing is wrong or known.
    pub detail: String,
    /// How many runs showed it.
    pub times: u32,
}

impl Subject {
    /// What `written` names: a file that is there, or a case's id.
    ///
    /// # Errors
    /// If it is neither, or the file is no program.
    pub fn read(suite: &Suite, written: &str) -> Result<Self, Failure> {
        let file = Path::new(written);
        if !file.is_file() {
            let case =
                suite.resolve(written).map_err(|error| Failure::Usage(format!("{error}; nor is there a file `{written}`")))?;
            return Ok(Self::Case(Arc::clone(case)));
        }
        let text = fs::read_to_string(file).map_err(|error| Failure::Usage(format!("cannot read {written}: {error}")))?;
        let case = Case::loose(file, &text, None);
        case.parses().map_err(|error| Failure::Usage(error.to_string()))?;
        Ok(Self::Program(Arc::new(case)))
    }

    /// The case, or the program as one.
    pub fn case(&self) -> &Arc<Case> {
        match self {
            Self::Case(case) | Self::Program(case) => case,
        }
    }

    /// Runs it `repeats` times on a runtime. Recorded deviations do not count: a deviation is a behaviour, recorded or not.
    ///
    /// # Errors
    /// If the run was interrupted, or the harness or the adapter failed.
    pub fn look(
        &self,
        suite: &Suite,
        runtime: &Runtime,
        repeats: u32,
        timeout_scale: f64,
        context: &Context,
    ) -> Result<Seen, Failure> {
        let mut shows: BTreeMap<Behaviour, Sample> = BTreeMap::new();
        for repeat in 0..repeats {
            let (behaviour, sample) = match self {
                Self::Case(case) => match judged(case, suite, runtime, timeout_scale, context)? {
                    Ok(found) => found,
                    Err(lacks) => return Ok(Seen::Lacks(lacks)),
                },
                Self::Program(case) => match raw(case, runtime, timeout_scale, context)? {
                    Ok(found) => found,
                    Err(lacks) => return Ok(Seen::Lacks(lacks)),
                },
            };
            let hangs = sample.exit == "timeout";
            shows.entry(behaviour).and_modify(|known| known.times += 1).or_insert(sample);
            // Each hang takes its whole limit, and two that agree are enough to know one.
            if hangs && repeat > 0 {
                break;
            }
        }
        Ok(Seen::Shows(shows))
    }
}

type Found = (Behaviour, Sample);

/// One run of a case, judged.
fn judged(
    case: &Arc<Case>,
    suite: &Suite,
    runtime: &Runtime,
    timeout_scale: f64,
    context: &Context,
) -> Result<Result<Found, String>, Failure> {
    let pair = plan::pair(suite, case, 0, runtime, Shape { timeout_scale, deviations: false });
    let Some(finished) = run_pair(&pair, runtime, 1, context) else {
        return Err(interrupted(context));
    };
    let result = finished.result;
    if result.verdict == Verdict::Skip {
        return Ok(Err(result.detail));
    }
    let seen = match &result.observed {
        Some(seen) if result.verdict != Verdict::Error => seen.clone(),
        _ => return Err(Failure::Fault(format!("{} on {}: {}", case.id, runtime.name(), result.detail))),
    };
    let sample = Sample { trace: seen.trace, exit: seen.exit, detail: result.detail.clone(), times: 1 };
    Ok(Ok((of_its_kind(behaviour(&result)), sample)))
}

/// One run of a program.
fn raw(case: &Case, runtime: &Runtime, timeout_scale: f64, context: &Context) -> Result<Result<Found, String>, Failure> {
    let goal = match runtime.admits(case) {
        Ok(goal) => goal,
        Err(lacks) => return Ok(Err(lacks)),
    };
    let deadline = case.timeout.mul_f64(timeout_scale * runtime.manifest().timeout_scale);
    let observation = runtime.execute(&Job { case, goal, deadline }, context)?;
    let exit = observation.ended.to_string();
    // What a program that ended well wrote to standard error is no finding.
    let complaint = observation.complaint().filter(|_| observation.ended != Ended::Code(0));
    let detail = complaint.unwrap_or_default().to_owned();
    let mut trace = observation.trace.into_events();
    trace.truncate(Observed::MOST_EVENTS);
    let behaviour = Behaviour::Prints { trace: trace.clone(), exit: exit.clone() };
    Ok(Ok((of_its_kind(behaviour), Sample { trace, exit, detail, times: 1 })))
}

/// The behaviour without what no two runs of it share: a flood is cut off somewhere else each time.
fn of_its_kind(behaviour: Behaviour) -> Behaviour {
    match behaviour {
        Behaviour::Deviates { exit, .. } if matches!(exit.as_str(), "flood" | "oom") => {
            Behaviour::Deviates { trace: vec![], exit }
        }
        Behaviour::Prints { exit, .. } if matches!(exit.as_str(), "flood" | "oom") => Behaviour::Prints { trace: vec![], exit },
        other => other,
    }
}

/// The failure of a run that a signal stopped.
pub(super) fn interrupted(context: &Context) -> Failure {
    Failure::Adapter(crate::adapter::AdapterError::Interrupted { signal: context.interrupt.signal().unwrap_or(2) })
}
