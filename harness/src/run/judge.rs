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
    let against_rule = against(expectation, observation)?;
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

/// Holds an observation against an expectation, whatever is recorded of the product.
///
/// # Errors
/// If the expression is too wide for the matcher.
pub fn against(expectation: &Expectation, observation: &Observation) -> Result<Comparison, Unjudgeable> {
    compare(&expectation.trace, &expectation.exit, observation)
        .map_err(|bound| Unjudgeable { expression: expectation.file.display().to_string(), bound })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{suite::DeviationKind, trace::Trace};

    /// A sequence of words, each an event; `-` is none.
    fn expr(words: &str) -> Expr {
        match words {
            "-" => Expr::Seq(vec![]),
            words => Expr::Seq(words.split(' ').map(|word| Expr::event(word).expect("a plain event")).collect()),
        }
    }

    fn expectation(words: &str, exit: &str) -> Expectation {
        let exit = exit.parse().expect("an exit");
        Expectation { trace: expr(words), exit, file: "expected/ordering/a/b.yaml".into() }
    }

    /// `trace / exit`, each `=` if it is left out; a leading `~` makes it intermittent.
    fn deviation(written: &str) -> Deviation {
        let (intermittent, written) = written.strip_prefix('~').map_or((false, written), |rest| (true, rest));
        let (trace, exit) = written.split_once(" / ").expect("trace and exit");
        let given = |text: &str| (text != "=").then(|| text.to_owned());
        Deviation {
            product: "fake".into(),
            case: "ordering/a/b".into(),
            versions: ">=0".parse().expect("a range"),
            os: None,
            arch: None,
            kind: DeviationKind::Bug,
            reason: "r".into(),
            link: None,
            since: None,
            trace: given(trace).map(|words| expr(&words)),
            exit: given(exit).map(|exit| exit.parse().expect("an exit")),
            intermittent,
            file: "expected/deviations/fake.yaml".into(),
            line: 1,
        }
    }

    /// `trace / how it ended`.
    fn observation(written: &str) -> Observation {
        let (words, end) = written.split_once(" / ").expect("trace and end");
        let ended = match end {
            "timeout" => Ended::Deadline,
            "flood" => Ended::Flood,
            "oom" => Ended::Memory,
            signal if signal.starts_with("SIG") => Ended::Signal(signal.into()),
            code => Ended::Code(code.parse().expect("a code")),
        };
        let events: Vec<String> = words.split(' ').filter(|word| *word != "-").map(str::to_owned).collect();
        Observation { trace: Trace::from(events), ended, stderr: String::new() }
    }

    fn judged(expectation: &Expectation, deviations: &[&str], observations: &[&str]) -> Judgement {
        let deviations: Vec<Deviation> = deviations.iter().map(|written| deviation(written)).collect();
        let observations: Vec<Observation> = observations.iter().map(|written| observation(written)).collect();
        judge(expectation, &deviations.iter().collect::<Vec<_>>(), &observations).expect("far from the bound")
    }

    /// Deviations, observations, and the verdict on them, for a rule that wants `a b` and exit 0.
    const TABLE: &[(&[&str], &[&str], Verdict)] = &[
        // Nothing is recorded.
        (&[], &["a b / 0"], Verdict::Pass),
        (&[], &["b a / 0"], Verdict::Fail),
        (&[], &["a / 0"], Verdict::Fail),
        (&[], &["- / 0"], Verdict::Fail),
        (&[], &["a b c / 0"], Verdict::Fail),
        (&[], &["a b / 1"], Verdict::Fail),
        (&[], &["b a / 1"], Verdict::Fail),
        (&[], &["a b / SIGSEGV"], Verdict::Crash),
        (&[], &["b a / SIGKILL"], Verdict::Crash),
        (&[], &["a b / timeout"], Verdict::Timeout),
        (&[], &["b / timeout"], Verdict::Timeout),
        (&[], &["a b / flood"], Verdict::Flood),
        (&[], &["a b / oom"], Verdict::Oom),
        // Another trace is recorded.
        (&["b a / ="], &["b a / 0"], Verdict::Known),
        (&["b a / ="], &["a b / 0"], Verdict::Fixed),
        (&["b a / ="], &["a / 0"], Verdict::Changed),
        (&["b a / ="], &["b a / 1"], Verdict::Changed),
        (&["b a / ="], &["b a / timeout"], Verdict::Changed),
        (&["b a / ="], &["- / flood"], Verdict::Changed),
        // Another end.
        (&["= / 1"], &["a b / 1"], Verdict::Known),
        (&["= / 1"], &["a b / 2"], Verdict::Changed),
        (&["= / 1"], &["a / 1"], Verdict::Changed),
        (&["= / nonzero"], &["a b / 2"], Verdict::Known),
        (&["b / 1"], &["b / 1"], Verdict::Known),
        (&["b / 1"], &["b / 0"], Verdict::Changed),
        // A hang or a crash may come anywhere in a legal trace, and nowhere else.
        (&["= / timeout"], &["- / timeout"], Verdict::Known),
        (&["= / timeout"], &["a / timeout"], Verdict::Known),
        (&["= / timeout"], &["a b / timeout"], Verdict::Known),
        (&["= / timeout"], &["b / timeout"], Verdict::Changed),
        (&["= / timeout"], &["a b / 0"], Verdict::Fixed),
        (&["= / crash"], &["a / SIGABRT"], Verdict::Known),
        (&["= / crash"], &["a / timeout"], Verdict::Changed),
        (&["= / signal SIGSEGV"], &["a / SIGSEGV"], Verdict::Known),
        (&["= / signal SIGSEGV"], &["a / SIGABRT"], Verdict::Changed),
        // With a trace of its own, all of that trace.
        (&["a / timeout"], &["a / timeout"], Verdict::Known),
        (&["a b / timeout"], &["a / timeout"], Verdict::Changed),
        // Several are alternatives.
        (&["b a / =", "c / ="], &["c / 0"], Verdict::Known),
        (&["b a / =", "c / ="], &["d / 0"], Verdict::Changed),
        // Intermittent: both are known, a third is not.
        (&["~b a / ="], &["b a / 0"], Verdict::Known),
        (&["~b a / ="], &["a b / 0"], Verdict::Known),
        (&["~b a / ="], &["c / 0"], Verdict::Changed),
        (&["~b a / ="], &["a b / 0", "b a / 0"], Verdict::Known),
        (&["b a / =", "~c / ="], &["a b / 0", "b a / 0", "c / 0"], Verdict::Known),
        // Repeats.
        (&[], &["a b / 0", "a b / 0"], Verdict::Pass),
        (&[], &["a b / 0", "a b / 0", "b a / 0"], Verdict::Unstable),
        (&[], &["b a / 0", "a b / 0"], Verdict::Unstable),
        (&[], &["b a / 0", "b a / timeout"], Verdict::Unstable),
        (&["b a / ="], &["a b / 0", "b a / 0"], Verdict::Unstable),
        (&["b a / ="], &["b a / 0", "c / 0"], Verdict::Unstable),
    ];

    #[test]
    fn the_table() {
        let rule = expectation("a b", "0");
        for (deviations, observations, want) in TABLE {
            let got = judged(&rule, deviations, observations).verdict;
            assert_eq!(got, *want, "recorded {deviations:?}, observed {observations:?}");
        }
    }

    #[test]
    fn an_end_that_the_rule_wants_is_no_fault() {
        for (exit, observed, want) in [
            ("running", "a / timeout", Verdict::Pass),
            ("running", "b / timeout", Verdict::Fail),
            ("running", "a / 0", Verdict::Fail),
            ("nonzero", "a / 3", Verdict::Pass),
            ("nonzero", "a / SIGABRT", Verdict::Crash),
            ("any", "a / 3", Verdict::Pass),
            ("any", "a / flood", Verdict::Flood),
            ("crash", "a / SIGABRT", Verdict::Pass),
            ("crash", "b / SIGABRT", Verdict::Fail),
            ("crash", "a / timeout", Verdict::Timeout),
            ("signal SIGTERM", "a / SIGTERM", Verdict::Pass),
            ("signal SIGTERM", "a / SIGKILL", Verdict::Crash),
        ] {
            assert_eq!(judged(&expectation("a", exit), &[], &[observed]).verdict, want, "{exit}: {observed}");
        }
    }

    #[test]
    fn legal_nondeterminism_is_not_unstable() {
        let open = Expectation { trace: Expr::unordered(vec![expr("a"), expr("b")]).expect("two"), ..expectation("-", "0") };
        assert_eq!(judged(&open, &[], &["a b / 0", "b a / 0"]).verdict, Verdict::Pass);
    }

    #[test]
    fn the_repeat_that_deviates_is_the_one_to_look_at() {
        let rule = expectation("a b", "0");
        for (deviations, observations, want) in [
            (&[] as &[&str], &["a b / 0", "b a / 0", "a b / 0"] as &[&str], 1),
            (&[], &["b a / 0", "a b / 0"], 0),
            (&["~b a / ="], &["a b / 0", "b a / 0"], 1),
            (&["b a / ="], &["b a / 0", "c / 0"], 1),
            (&[], &["b a / 0", "c / 0"], 0),
        ] {
            assert_eq!(judged(&rule, deviations, observations).decisive, want, "{deviations:?} {observations:?}");
        }
    }

    #[test]
    fn the_entry_that_agrees_is_named() {
        let rule = expectation("a b", "0");
        assert_eq!(judged(&rule, &["b a / =", "c / ="], &["c / 0"]).deviation, Some(1));
        assert_eq!(judged(&rule, &["b a / =", "c / ="], &["a b / 0"]).deviation, None);
    }

    #[test]
    fn an_expression_beyond_the_bound_names_its_file() {
        // Twenty merged sequences of the same few events: more readings than can be told apart.
        let row = |lane: usize| {
            let events = (0..60).map(|index| ["a", "b", "c"][(index * (1 + lane % 2) + lane / 2) % 3]);
            expr(&events.collect::<Vec<_>>().join(" "))
        };
        let wide = Expr::unordered((0..20).map(row).collect()).expect("unordered");
        let seen = observation(&format!("{} / 0", ["a b c"; 400].join(" ")));
        let rule = Expectation { trace: wide.clone(), ..expectation("-", "0") };
        let error = judge(&rule, &[], std::slice::from_ref(&seen)).expect_err("no verdict");
        assert!(error.to_string().starts_with("expected/ordering/a/b.yaml: the expectation can be read in too many ways"));
        let recorded = Deviation { trace: Some(wide), line: 7, ..deviation("b / =") };
        let error = judge(&expectation("a", "0"), &[&recorded], &[seen]).expect_err("no verdict");
        assert!(error.to_string().starts_with("expected/deviations/fake.yaml:7: "), "{error}");
    }
}
