//! Why a verdict is what it is: one sentence for results, and for whoever must look at it the events side by side and the command to rerun.

use super::{judge::Judgement, plan::Pair};
use crate::{
    adapter::{Context, Runtime, spec::quote_word},
    result::{Explanation, Verdict},
    suite::Deviation,
    trace::{self, Ended, Observation},
};

/// What is said of one judged pair.
#[derive(Debug)]
pub(super) struct Shown {
    /// For people; absent where nobody need look.
    pub(super) explanation: Option<Explanation>,
    /// For results; empty for a pass.
    pub(super) detail: String,
}

/// Explains a judgement.
pub(super) fn of(
    pair: &Pair<'_>,
    runtime: &Runtime,
    judgement: &Judgement,
    observations: &[Observation],
    context: &Context,
) -> Shown {
    let observation = &observations[judgement.decisive];
    let rerun = rerun(runtime, &pair.case.id, context);
    let nothing_wrong = |detail: String| Shown { explanation: None, detail };
    match judgement.verdict {
        Verdict::Pass => nothing_wrong(String::new()),
        Verdict::Skip | Verdict::Error => nothing_wrong(String::new()),
        Verdict::Known => {
            let entry = judgement.deviation.or_else(|| pair.deviations.iter().position(|deviation| deviation.intermittent));
            let detail = entry.map(|index| recorded(pair.deviations[index])).unwrap_or_default();
            nothing_wrong(match judgement.deviation {
                Some(_) => detail,
                None => format!("conforms this time; {detail}"),
            })
        }
        Verdict::Fixed => {
            let places: Vec<String> = pair.deviations.iter().map(|deviation| place(deviation)).collect();
            let sentence = format!("it conforms now; remove the recorded deviation in {}", places.join(" and "));
            let explanation = Explanation {
                sentence: sentence.clone(),
                expected: vec![],
                observed: vec![],
                at: None,
                expected_exit: None,
                recorded: Some(pair.deviations.iter().map(|deviation| recorded(deviation)).collect::<Vec<_>>().join("\n")),
                rerun,
            };
            Shown { explanation: Some(explanation), detail: sentence }
        }
        _ => {
            let sentence = sentence(pair, judgement, observation, observations);
            let broken = trace::explain(&pair.expectation.trace, observation.trace.events(), &judgement.against_rule.outcome);
            let expected = match &broken {
                Some(broken) => broken.nearest.iter().flatten().map(|event| event.shown().to_owned()).collect(),
                // Only the end is wrong: what was printed is what the rule allows.
                None => observation.trace.events().to_vec(),
            };
            let expected_exit = (!judgement.against_rule.exit_allowed).then(|| pair.expectation.exit.to_string());
            let explanation = Explanation {
                sentence: sentence.clone(),
                expected,
                observed: observation.trace.events().to_vec(),
                at: broken.map(|broken| broken.at),
                expected_exit,
                recorded: (!pair.deviations.is_empty())
                    .then(|| pair.deviations.iter().map(|deviation| recorded(deviation)).collect::<Vec<_>>().join("\n")),
                rerun,
            };
            Shown { explanation: Some(explanation), detail: sentence }
        }
    }
}

/// Explains a fault of the harness or an adapter.
pub(super) fn of_error(sentence: &str, runtime: &Runtime, case: &str, context: &Context) -> Explanation {
    Explanation {
        sentence: sentence.into(),
        expected: vec![],
        observed: vec![],
        at: None,
        expected_exit: None,
        recorded: None,
        rerun: rerun(runtime, case, context),
    }
}

/// What is wrong, in one sentence: what the trace breaks, then how the end differs, then what is peculiar to the verdict.
fn sentence(pair: &Pair<'_>, judgement: &Judgement, observation: &Observation, observations: &[Observation]) -> String {
    let mut parts = Vec::new();
    if let Some(broken) = trace::explain(&pair.expectation.trace, observation.trace.events(), &judgement.against_rule.outcome) {
        parts.push(broken.sentence);
    }
    if !judgement.against_rule.exit_allowed {
        let expected = &pair.expectation.exit;
        parts.push(match &observation.ended {
            Ended::Code(code) => format!("it exited with code {code}, and the rule wants exit {expected}"),
            Ended::Signal(name) => format!("{name} ended it"),
            Ended::Deadline => format!("it was still running at its deadline of {:?}", pair.deadline),
            Ended::Flood => "it wrote more than the output limit".into(),
            Ended::Memory => "its memory passed the limit".into(),
        });
    }
    match judgement.verdict {
        Verdict::Unstable => {
            let traces: std::collections::BTreeSet<_> = observations.iter().map(|seen| (&seen.trace, &seen.ended)).collect();
            parts.insert(
                0,
                format!("{} repeats showed {} behaviours, not all as the rule allows", observations.len(), traces.len()),
            );
        }
        Verdict::Changed => {
            let places: Vec<String> = pair.deviations.iter().map(|deviation| place(deviation)).collect();
            parts.push(format!("that is not what {} records", places.join(" or ")));
        }
        _ => {}
    }
    parts.join("; ")
}

/// A recorded deviation in one line.
fn recorded(deviation: &Deviation) -> String {
    let reason = deviation.reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match &deviation.link {
        Some(link) => format!("{}: {reason} ({link})", deviation.kind),
        None => format!("{}: {reason}", deviation.kind),
    }
}

fn place(deviation: &Deviation) -> String {
    format!("{}:{}", deviation.file.display(), deviation.line)
}

/// The command that runs this one case on this one runtime.
fn rerun(runtime: &Runtime, case: &str, context: &Context) -> String {
    format!("{} --exact {} --runtime {}", context.rerun, quote_word(case), quote_word(&runtime.spec().to_string()))
}
