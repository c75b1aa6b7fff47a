//! Which case runs on which runtime, with which goal, and which do not and why.

use std::{env::consts, sync::Arc, time::Duration};

use crate::{
    adapter::Runtime,
    suite::{Case, Deviation, Ends, Expectation, Goal, Lane, Suite},
    trace::ExitPattern,
};

/// A known hang is given this long, times the scale, and not the whole limit: it is known.
pub const KNOWN_HANG: Duration = Duration::from_secs(2);

/// One case on one runtime.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    /// Index of the runtime in the plan.
    pub runtime: usize,
    /// The case.
    pub case: &'a Arc<Case>,
    /// What it may do.
    pub expectation: &'a Expectation,
    /// What is recorded of it for this product, version and system.
    pub deviations: Vec<&'a Deviation>,
    /// The goal it is run with; or the absent profile, goal or feature it is skipped for.
    pub goal: Result<Goal, String>,
    /// When it is killed.
    pub deadline: Duration,
}

/// What shapes a plan beside suite and runtimes.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// What every deadline is multiplied by.
    pub timeout_scale: f64,
    /// Whether recorded deviations count.
    pub deviations: bool,
}

/// Every pair, case by case in the order of ids, so that a disagreement shows on all runtimes at about the same time.
pub fn pairs<'a>(suite: &'a Suite, cases: &'a [Arc<Case>], runtimes: &[Arc<Runtime>], shape: Shape) -> Vec<Pair<'a>> {
    let mut pairs = Vec::with_capacity(cases.len() * runtimes.len());
    for case in cases {
        for (index, runtime) in runtimes.iter().enumerate() {
            pairs.push(pair(suite, case, index, runtime, shape));
        }
    }
    pairs
}

/// One pair.
pub fn pair<'a>(suite: &'a Suite, case: &'a Arc<Case>, index: usize, runtime: &Runtime, shape: Shape) -> Pair<'a> {
    let deviations: Vec<&Deviation> = match runtime.product() {
        Some(product) if shape.deviations => suite
            .deviations_of(&product.name, &case.id)
            .filter(|deviation| deviation.versions.contains(&product.version) && is_here(deviation))
            .collect(),
        _ => vec![],
    };
    let scale = shape.timeout_scale * runtime.manifest().timeout_scale;
    // One recorded outcome that hangs is enough: the others end long before this.
    let hangs = deviations.iter().any(|deviation| deviation.exit == Some(ExitPattern::Timeout) && !deviation.intermittent);
    let limit = if hangs { case.timeout.min(KNOWN_HANG) } else { case.timeout };
    let expectation = suite.expectation(case);
    let mut goal = runtime.admits(case);
    if goal.is_ok() && expectation.exit.waits_for_deadline() && runtime.manifest().ends == Ends::Idle {
        // A host that never exits cannot show that a program keeps running.
        goal = Err("an end of its own".into());
    }
    Pair { runtime: index, case, expectation, deviations, goal, deadline: limit.mul_f64(scale) }
}

/// Whether a deviation is about this system.
fn is_here(deviation: &Deviation) -> bool {
    deviation.os.as_deref().is_none_or(|os| os == consts::OS) && deviation.arch.as_deref().is_none_or(|arch| arch == consts::ARCH)
}

/// Splits pairs into the ordinary lane and the quiet one, order kept.
pub fn lanes(pairs: Vec<Pair<'_>>) -> (Vec<Pair<'_>>, Vec<Pair<'_>>) {
    pairs.into_iter().partition(|pair| pair.case.lane == Lane::Ordinary)
}
