//! From what was observed to a verdict.
//!
//! The judge knows the expectation, the recorded deviations that apply to the product at hand, and one observation a repeat. It
//! never runs anything, and there are no retries: repeats that disagree are a finding.

use crate::{
    result::Verdict,
    suite::{Deviation, Expectation},
    trace::{self, BoundReached, Ended, ExitPattern, Expr, Observation, Outcome},
};

/// What the judge found.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict over all repeats.
    pub verdict: Verdict,
    /// Which observation decided it.
    pub decisive: usize,
    /// How the decisive observation compares with the expectation.
    pub against_rule: Comparison,
    /// Index of the deviation that the decisive observation agrees with, if any.
    pub deviation: Option<usize>,
}

/// One observation held against one trace expression and one exit pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// How far the trace agrees.
    pub outcome: Outcome,
    /// Whether the end is allowed.
    pub exit_allowed: bool,
}

impl Comparison {
    /// Whether trace and end are both allowed.
    pub fn conforms(&self) -> bool {
        self.exit_allowed && self.outcome == Outcome::Accepted
    }
}

/// The matcher's bound was reached: the expression is the suite's fault, and no verdict on the runtime.
#[derive(Debug, thiserror::Error)]
#[error("{expression}: {bound}")]
pub struct Unjudgeable {
    /// The file of the expression.
    pub expression: String,
    /// What the matcher says.
    pub bound: BoundReached,
}

/// Judges `observations` (one a repeat, at least one).
///
/// `deviations` are those that apply to the product, version and system; together they are alternatives.
///
/// # Errors
/// If an expression is too wide for the matcher.
///
/// # Panics
/// If there is no observation.
pub fn judge(
    expectation: &Expectation,
    deviations: &[&Deviation],
    observations: &[Observation],
) -> Result<Judgement, Unjudgeable> {
    assert!(!observations.is_empty(), "a verdict needs an observation");
    let mut single = Vec::with_capacity(observations.len());
    for (index, observation) in observations.iter().enumerate() {
        single.push(judge_one(expectation, deviations, observation, index)?);
    }
    Ok(join(single, deviations))
}

/// The verdict on one observation.
fn judge_one(
    expectation: &Expectation,
    deviations: &[&Deviation],
    observation: &Observation,
    index: usize,
) -> Result<Judgement, Unjudgeable> {
    let against_rule = compare(&expectation.trace, &expectation.exit, observation)
        .map_err(|bound| Unjudgeable { expression: expectation.file.display().to_string(), bound })?;
    let mut deviation = None;
    let verdict = if against_rule.conforms() {
        match deviations {
            [] => Verdict::Pass,
            some if some.iter().any(|deviation| deviation.intermittent) => Verdict::Known,
            _ => Verdict::Fixed,
        }
    } else {
        for (number, entry) in deviations.iter().enumerate() {
            let agrees = agrees(expectation, entry, observation)
                .map_err(|bound| Unjudgeable { expression: format!("{}:{}", entry.file.display(), entry.line), bound })?;
            if agrees {
                deviation = Some(number);
                break;
            }
        }
        match (deviation, deviations) {
            (Some(_), _) => Verdict::Known,
            (None, []) => by_end(&observation.ended, against_rule.exit_allowed),
            (None, _) => Verdict::Changed,
        }
    };
    Ok(Judgement { verdict, decisive: index, against_rule, deviation })
}

/// The verdict on an observation that deviates and of which nothing is recorded.
fn by_end(ended: &Ended, exit_allowed: bool) -> Verdict {
    match ended {
        _ if exit_allowed => Verdict::Fail,
        Ended::Code(_) => Verdict::Fail,
        Ended::Signal(_) => Verdict::Crash,
        Ended::Deadline => Verdict::Timeout,
        Ended::Flood => Verdict::Flood,
        Ended::Memory => Verdict::Oom,
    }
}

/// Whether an observation deviates exactly as recorded.
fn agrees(expectation: &Expectation, deviation: &Deviation, observation: &Observation) -> Result<bool, BoundReached> {
    let exit = deviation.exit.as_ref().unwrap_or(&expectation.exit);
    if !exit.allows(&observation.ended) {
        return Ok(false);
    }
    let outcome = match &deviation.trace {
        Some(trace) => return Ok(trace::match_trace(trace, observation.trace.events())? == Outcome::Accepted),
        None => trace::match_trace(&expectation.trace, observation.trace.events())?,
    };
    // A known hang or crash may come at any point of an otherwise right trace.
    let cut_short = matches!(exit, ExitPattern::Timeout | ExitPattern::Crash | ExitPattern::Signal(_));
    Ok(outcome == Outcome::Accepted || cut_short && matches!(outcome, Outcome::Incomplete { .. }))
}

/// Holds an observation against a trace expression and an exit pattern.
fn compare(trace: &Expr, exit: &ExitPattern, observation: &Observation) -> Result<Comparison, BoundReached> {
    Ok(Comparison {
        outcome: trace::match_trace(trace, observation.trace.events())?,
        exit_allowed: exit.allows(&observation.ended),
    })
}

/// Joins the verdicts of repeats: the same everywhere, or `unstable`.
fn join(single: Vec<Judgement>, deviations: &[&Deviation]) -> Judgement {
    let first = single[0].verdict;
    if let Some(other) = single.iter().position(|judgement| judgement.verdict != first) {
        // The one that deviates is the one to look at; of two that deviate, the later.
        let decisive = if single[other].verdict.is_regression() || !first.is_regression() { other } else { 0 };
        let mut judgement = single.into_iter().nth(decisive).expect("an index of the same list");
        judgement.verdict = Verdict::Unstable;
        return judgement;
    }
    // An intermittent deviation is shown in the repeat that deviates.
    let shown = single.iter().position(|judgement| judgement.deviation.is_some()).filter(|_| !deviations.is_empty()).unwrap_or(0);
    single.into_iter().nth(shown).expect("an index of the same list")
}
