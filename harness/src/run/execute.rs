//! Running a plan: lanes, repeats, fail-fast, and one event after another to whoever reports.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    time::Instant,
};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{
    explain::{self, Shown},
    judge::judge,
    plan::{self, Pair},
};
use crate::{
    adapter::{AdapterError, Context, Job, Runtime},
    result::{CaseFinished, CaseResult, Observed, RunEnd, RunEvent, Verdict},
    trace::{Observation, Outcome},
};

/// How a plan is run.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Cases at a time in the ordinary lane.
    pub jobs: usize,
    /// Runs of each case.
    pub repeats: u32,
    /// Stop starting cases on a runtime after its first regression.
    pub fail_fast: bool,
}

/// Runs `pairs` and hands every event but the first to `events`, in the order they happen.
///
/// The ordinary lane goes first, [`Manner::jobs`] at a time and in the plan's order; then the quiet lane, one by one. An interrupt
/// ends the run after the cases in flight were killed; what they found is dropped, what was found before is kept.
pub fn run(
    pairs: Vec<Pair<'_>>,
    runtimes: &[Arc<Runtime>],
    manner: Manner,
    context: &Context,
    events: &mut (dyn FnMut(RunEvent) + Send),
) -> RunEnd {
    let started = Instant::now();
    let (sender, receiver) = mpsc::channel();
    let end = std::thread::scope(|scope| {
        let runner = scope.spawn(move || {
            let run = Run { runtimes, manner, context, failed: runtimes.iter().map(|_| AtomicBool::new(false)).collect() };
            let (ordinary, quiet) = plan::lanes(pairs);
            run.lane(&ordinary, manner.jobs, &sender);
            run.lane(&quiet, 1, &sender);
            for runtime in runtimes {
                runtime.retire(context);
            }
            context.interrupt.signal().map_or(RunEnd::Complete, RunEnd::Interrupted)
        });
        forward(receiver, events);
        runner.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    events(RunEvent::Ended { end, elapsed: started.elapsed() });
    end
}

fn forward(receiver: Receiver<RunEvent>, events: &mut dyn FnMut(RunEvent)) {
    for event in receiver {
        events(event);
    }
}

struct Run<'a> {
    runtimes: &'a [Arc<Runtime>],
    manner: Manner,
    context: &'a Context,
    failed: Vec<AtomicBool>,
}

impl Run<'_> {
    /// Runs one lane, `jobs` pairs at a time, in order.
    fn lane(&self, pairs: &[Pair<'_>], jobs: usize, events: &Sender<RunEvent>) {
        if pairs.is_empty() {
            return;
        }
        let next = AtomicUsize::new(0);
        let work = || {
            // Each thread takes the next pair rather than a share of them, so that pairs start in the plan's order and a slow one holds up nothing.
            while self.context.interrupt.signal().is_none()
                && let Some(pair) = pairs.get(next.fetch_add(1, Ordering::Relaxed))
            {
                self.pair(pair, events);
            }
        };
        if jobs <= 1 {
            return work();
        }
        match rayon::ThreadPoolBuilder::new().num_threads(jobs).build() {
            Ok(pool) => pool.install(|| (0..jobs).into_par_iter().for_each(|_| work())),
            // A system that gives no threads still gives this one.
            Err(_) => work(),
        }
    }

    /// Runs one pair and reports it; a receiver that is gone has stopped listening, which is no fault.
    fn pair(&self, pair: &Pair<'_>, events: &Sender<RunEvent>) {
        let runtime = &self.runtimes[pair.runtime];
        if self.manner.fail_fast && self.failed[pair.runtime].load(Ordering::Relaxed) {
            return;
        }
        let _ = events.send(RunEvent::CaseStarted { runtime: runtime.name().into(), case: pair.case.id.clone() });
        if let Some(finished) = run_pair(pair, runtime, self.manner.repeats, self.context) {
            if finished.result.verdict.is_regression() {
                self.failed[pair.runtime].store(true, Ordering::Relaxed);
            }
            let _ = events.send(RunEvent::CaseFinished(Box::new(finished)));
        }
    }
}

/// Runs one pair as often as asked and judges it; `None` if the run was interrupted meanwhile.
pub fn run_pair(pair: &Pair<'_>, runtime: &Runtime, repeats: u32, context: &Context) -> Option<CaseFinished> {
    let started = Instant::now();
    let (result, explanation) = match &pair.goal {
        Err(absent) => (finding(pair, runtime, Verdict::Skip, None, absent.clone()), None),
        Ok(goal) => {
            let job = Job { case: pair.case, goal: *goal, deadline: pair.deadline };
            match observe(&job, runtime, repeats, context) {
                Ok(observations) => judged(pair, runtime, &observations, context),
                Err(AdapterError::Interrupted { .. }) => return None,
                Err(error) => {
                    let sentence = error.to_string();
                    let shown = explain::of_error(&sentence, runtime, &pair.case.id, context);
                    (finding(pair, runtime, Verdict::Error, None, sentence), Some(shown))
                }
            }
        }
    };
    Some(CaseFinished { case: Arc::clone(pair.case), result, explanation, elapsed: started.elapsed() })
}

fn observe(job: &Job<'_>, runtime: &Runtime, repeats: u32, context: &Context) -> Result<Vec<Observation>, AdapterError> {
    (0..repeats.max(1)).map(|_| runtime.execute(job, context)).collect()
}

fn judged(
    pair: &Pair<'_>,
    runtime: &Runtime,
    observations: &[Observation],
    context: &Context,
) -> (CaseResult, Option<crate::result::Explanation>) {
    let judgement = match judge(pair.expectation, &pair.deviations, observations) {
        Ok(judgement) => judgement,
        Err(unjudgeable) => {
            let sentence = unjudgeable.to_string();
            let shown = explain::of_error(&sentence, runtime, &pair.case.id, context);
            return (finding(pair, runtime, Verdict::Error, None, sentence), Some(shown));
        }
    };
    let observation = &observations[judgement.decisive];
    let Shown { explanation, detail } = explain::of(pair, runtime, &judgement, observations, context);
    let (at, allowed) = match &judgement.against_rule.outcome {
        Outcome::Accepted => (None, vec![]),
        Outcome::Incomplete { allowed } => (Some(observation.trace.len()), allowed.clone()),
        Outcome::Forbidden { at, allowed, .. } => (Some(*at), allowed.clone()),
    };
    let quiet = matches!(judgement.verdict, Verdict::Pass | Verdict::Known);
    let (trace, events) = shorten(observation.trace.events(), at);
    let observed = Observed {
        trace,
        events,
        exit: observation.ended.to_string(),
        stderr: if quiet { String::new() } else { end_of(&observation.stderr) },
        at,
        allowed,
        repeats: u32::try_from(observations.len()).unwrap_or(u32::MAX),
    };
    (finding(pair, runtime, judgement.verdict, Some(observed), detail), explanation)
}

fn finding(pair: &Pair<'_>, runtime: &Runtime, verdict: Verdict, observed: Option<Observed>, detail: String) -> CaseResult {
    CaseResult {
        case: pair.case.id.clone(),
        digest: pair.case.digest.clone(),
        was: pair.case.was.clone(),
        runtime: runtime.name().into(),
        verdict,
        observed,
        detail,
    }
}

/// The trace as results keep it: whole, or up to its limits, which never cut before the first forbidden event unless that lies beyond them.
fn shorten(events: &[String], at: Option<usize>) -> (Vec<String>, Option<usize>) {
    let mut bytes = 0;
    let fits = events
        .iter()
        .take(Observed::MOST_EVENTS.max(at.map_or(0, |at| (at + 1).min(2 * Observed::MOST_EVENTS))))
        .take_while(|event| {
            bytes += event.len() + 1;
            bytes <= Observed::MOST_BYTES
        })
        .count();
    if fits == events.len() {
        return (events.to_vec(), None);
    }
    let mut kept = events[..fits].to_vec();
    if kept.is_empty() {
        // One event that is larger than all that is kept: its beginning says more than nothing.
        kept.push(events[0].chars().take(1_000).collect());
    }
    (kept, Some(events.len()))
}

/// The end of standard error, cut at a line if there is one.
fn end_of(stderr: &str) -> String {
    if stderr.len() <= Observed::MOST_STDERR {
        return stderr.into();
    }
    let mut from = stderr.len() - Observed::MOST_STDERR;
    while !stderr.is_char_boundary(from) {
        from += 1;
    }
    let end = &stderr[from..];
    end.split_once('\n').map_or(end, |(_, rest)| if rest.is_empty() { end } else { rest }).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_trace_keeps_its_beginning_and_says_how_long_it_was() {
        let events: Vec<String> = (0..Observed::MOST_EVENTS + 1).map(|n| n.to_string()).collect();
        let (kept, whole) = shorten(&events, None);
        assert_eq!((kept.len(), whole), (Observed::MOST_EVENTS, Some(events.len())));
        assert_eq!(shorten(&events[..10], None), (events[..10].to_vec(), None));
    }

    #[test]
    fn one_huge_event_is_cut() {
        let (kept, whole) = shorten(&["x".repeat(Observed::MOST_BYTES + 1)], Some(0));
        assert_eq!((kept[0].len(), whole), (1_000, Some(1)));
    }

    #[test]
    fn the_end_of_standard_error_begins_at_a_line() {
        let text = format!("{}\nlast\n", "é".repeat(Observed::MOST_STDERR));
        assert_eq!(end_of(&text), "last\n");
        assert_eq!(end_of("short"), "short");
    }
}
