//! Which case runs on which runtime, with which goal, and which do not and why.

use std::{env::consts, sync::Arc, time::Duration};

use crate::{
    adapter::Runtime,
    suite::{AdapterKind, Case, Deviation, Ends, Expectation, Goal, Lane, Suite},
    trace::ExitPattern,
};

/// A known hang is given this long, times the scale, and not the whole limit: it is known.
pub const KNOWN_HANG: Duration = Duration::from_secs(2);

/// A program that must still run at its deadline is given this long, times the scale, by a worker, which has started already: the rest of
/// the limit is for those whose start is part of it.
const RUNS_ON: Duration = Duration::from_millis(300);

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
    let expectation = suite.expectation(case);
    let mut limit = limit(case, &deviations);
    if expectation.exit.waits_for_deadline() && matches!(runtime.manifest().kind, AdapterKind::Worker { .. }) {
        limit = limit.min(RUNS_ON);
    }
    let mut goal = runtime.admits(case);
    if goal.is_ok() && expectation.exit.waits_for_deadline() && runtime.manifest().ends == Ends::Idle {
        // A host that never exits cannot show that a program keeps running.
        goal = Err("an end of its own".into());
    }
    Pair { runtime: index, case, expectation, deviations, goal, deadline: limit.mul_f64(scale) }
}

/// How long a case may take before any scale.
fn limit(case: &Case, deviations: &[&Deviation]) -> Duration {
    // One recorded outcome that hangs is enough: the others end long before this. One that hangs in some runs is no reason to hurry
    // the runs that do not.
    let hangs = deviations.iter().any(|deviation| deviation.exit == Some(ExitPattern::Timeout) && !deviation.intermittent);
    if hangs { case.timeout.min(KNOWN_HANG) } else { case.timeout }
}

/// Whether a deviation is about this system.
fn is_here(deviation: &Deviation) -> bool {
    deviation.os.as_deref().is_none_or(|os| os == consts::OS) && deviation.arch.as_deref().is_none_or(|arch| arch == consts::ARCH)
}

/// Splits pairs into the ordinary lane and the quiet one, order kept.
pub fn lanes(pairs: Vec<Pair<'_>>) -> (Vec<Pair<'_>>, Vec<Pair<'_>>) {
    pairs.into_iter().partition(|pair| pair.case.lane == Lane::Ordinary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{DeviationKind, Profile, Strength};

    fn case(id: &str, lane: Lane, timeout: Duration) -> Case {
        Case {
            id: id.into(),
            title: String::new(),
            rule: String::new(),
            authority: vec![],
            strength: Strength::Observed,
            profile: Profile::Node,
            goal: None,
            needs: vec![],
            program: String::new(),
            files: Default::default(),
            fixtures: Default::default(),
            env: Default::default(),
            args: vec![],
            stdin: None,
            timeout,
            lane,
            tags: vec![],
            issues: vec![],
            was: vec![],
            file: Default::default(),
            program_line: 1,
            digest: String::new(),
        }
    }

    fn deviation(exit: Option<ExitPattern>, intermittent: bool) -> Deviation {
        Deviation {
            product: "fake".into(),
            case: "ordering/a/b".into(),
            versions: ">=0".parse().expect("a range"),
            os: None,
            arch: None,
            kind: DeviationKind::Bug,
            reason: String::new(),
            link: None,
            since: None,
            trace: None,
            exit,
            intermittent,
            file: Default::default(),
            line: 1,
        }
    }

    #[test]
    fn a_known_hang_is_given_two_seconds_and_nothing_else_is() {
        let seconds = Duration::from_secs;
        let table = [
            (10, None, false, 10),
            (10, Some(ExitPattern::Timeout), false, 2),
            (1, Some(ExitPattern::Timeout), false, 1),
            (10, Some(ExitPattern::Timeout), true, 10),
            (10, Some(ExitPattern::Crash), false, 10),
        ];
        for (timeout, exit, intermittent, want) in table {
            let recorded = deviation(exit.clone(), intermittent);
            let got = limit(&case("ordering/a/b", Lane::Ordinary, seconds(timeout)), &[&recorded]);
            assert_eq!(got, seconds(want), "{timeout} s, {exit:?}, intermittent {intermittent}");
        }
        let two = [&deviation(None, false), &deviation(Some(ExitPattern::Timeout), false)];
        assert_eq!(limit(&case("ordering/a/b", Lane::Ordinary, seconds(10)), &two), seconds(2));
    }

    #[test]
    fn a_deviation_of_another_system_does_not_count() {
        let about = |os: Option<&str>, arch: Option<&str>| {
            let deviation = deviation(None, false);
            is_here(&Deviation { os: os.map(Into::into), arch: arch.map(Into::into), ..deviation })
        };
        assert!(about(None, None) && about(Some(consts::OS), None) && about(Some(consts::OS), Some(consts::ARCH)));
        assert!(!about(Some("plan9"), None) && !about(None, Some("pdp11")) && !about(Some(consts::OS), Some("pdp11")));
    }

    #[test]
    fn lanes_keep_their_order() {
        let cases: Vec<Arc<Case>> = [("a", Lane::Quiet), ("b", Lane::Ordinary), ("c", Lane::Quiet), ("d", Lane::Ordinary)]
            .map(|(id, lane)| Arc::new(case(id, lane, KNOWN_HANG)))
            .into();
        let expectation =
            Expectation { trace: crate::trace::Expr::Seq(vec![]), exit: Default::default(), file: Default::default() };
        let pair = |case| Pair {
            runtime: 0,
            case,
            expectation: &expectation,
            deviations: vec![],
            goal: Ok(Goal::Cjs),
            deadline: KNOWN_HANG,
        };
        let (ordinary, quiet) = lanes(cases.iter().map(pair).collect());
        let ids = |lane: &[Pair<'_>]| lane.iter().map(|pair| pair.case.id.clone()).collect::<Vec<_>>();
        assert_eq!((ids(&ordinary), ids(&quiet)), (vec!["b".into(), "d".into()], vec!["a".into(), "c".to_owned()]));
    }
}
