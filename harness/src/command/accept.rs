//! `lockstep accept`.
//!
//! What a runtime prints is taken only if repeated runs agree, and never in place of an expectation that leaves something open: a run
//! shows one legal order, and cannot say how many there are.

use std::{sync::Arc, time::Duration};

use clap::Args;

use super::{
    Failure,
    args::SuiteArgs,
    inhouse_holder, load_in,
    project::Setting,
    session::{launches, ready},
};
use crate::{
    adapter::{Context, Job, Runtime, RuntimeSpec},
    gate::Code,
    run::prepare,
    suite::{AcceptError, Case, accept_deviation, accept_expectation},
    trace::Observation,
};

/// `lockstep accept`.
#[derive(Debug, Clone, Args)]
pub struct AcceptArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// The cases
    #[arg(value_name = "CASE", required = true)]
    pub cases: Vec<String>,
    /// The runtime whose trace is taken, as `run --runtime` takes it
    #[arg(long, value_name = "RUNTIME")]
    pub from: RuntimeSpec,
    /// What it is taken as: the expectation, or a recorded deviation of the runtime's product
    #[arg(long = "as", value_name = "KIND", value_parser = ["expectation", "deviation"], default_value = "expectation")]
    pub r#as: String,
    /// How many runs must agree
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub repeat: u32,
}

/// How long a program may take before it counts as one that hangs, where its case gives it more.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes what a runtime prints as the expectation, or as a recorded deviation, of each case.
///
/// # Errors
/// If a case is unknown, the runtime is not there, repeats disagree, or what was observed can be no expectation.
pub fn run(args: &AcceptArgs) -> Result<Code, Failure> {
    let setting = Setting::find()?;
    let suite = load_in(&setting, args.suite.suite.as_deref())?;
    let cases: Vec<Arc<Case>> = args
        .cases
        .iter()
        .map(|id| suite.resolve(id).cloned().map_err(|error| Failure::Usage(error.to_string())))
        .collect::<Result<_, _>>()?;
    let request =
        prepare::Request { runtimes: vec![setting.meant(&args.from)], inhouse: inhouse_holder(), ..prepare::Request::default() };
    let context = launches(&request)?;
    let prepared = ready(&request, &suite, &context)?;
    let runtime = &prepared.runtimes[0];
    for case in &cases {
        let seen = agreed(case, runtime, args.repeat, &context)?;
        let file = match args.r#as.as_str() {
            "deviation" => {
                let product = runtime.product().ok_or_else(|| {
                    Failure::Usage(format!(
                        "{} does not say which product it is, so nothing can be recorded of it",
                        runtime.name()
                    ))
                })?;
                accept_deviation(&suite, case, &product.name, &product.version, &seen.trace, &seen.ended).map_err(owner)?
            }
            _ => accept_expectation(&suite, case, &seen.trace, &seen.ended).map_err(owner)?,
        };
        anstream::println!("{}: {} runs on {} agree; written: {}", case.id, args.repeat, runtime.name(), file.display());
    }
    runtime.retire(&context);
    if args.r#as == "deviation" {
        anstream::println!("now write each entry's reason and link; `lockstep check` wants them");
    }
    Ok(Code::Success)
}

/// What all runs showed; an error if they do not agree.
fn agreed(case: &Arc<Case>, runtime: &Runtime, repeat: u32, context: &Context) -> Result<Observation, Failure> {
    let goal = runtime
        .admits(case)
        .map_err(|absent| Failure::Usage(format!("{} lacks what {} needs: {absent}", runtime.name(), case.id)))?;
    let job = Job { case, goal, deadline: case.timeout.min(PATIENCE) };
    let first = runtime.execute(&job, context)?;
    for again in 2..=repeat {
        let next = runtime.execute(&job, context)?;
        if (&next.trace, &next.ended) != (&first.trace, &first.ended) {
            return Err(Failure::Usage(format!(
                "{}: run {again} on {} differs from the first, so there is no one trace to accept; say in the expectation what the rule \
                 leaves open (unordered, one_of, …), or make the program decide\n--- first\n{}exit {}\n--- run {again}\n{}exit {}",
                case.id,
                runtime.name(),
                shown(&first),
                first.ended,
                shown(&next),
                next.ended,
            )));
        }
    }
    Ok(first)
}

fn shown(seen: &Observation) -> String {
    seen.trace.events().iter().map(|event| format!("{}\n", crate::report::text::visible(event))).collect()
}

fn owner(error: AcceptError) -> Failure {
    match error {
        AcceptError::Suite(error) => Failure::Suite(vec![error]),
        error => Failure::Usage(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_is_the_suites_fault_and_the_rest_the_users() {
        let broken = crate::suite::SuiteError::whole("expected/a.yaml", "cause", "remedy");
        assert!(matches!(owner(AcceptError::Suite(broken)), Failure::Suite(_)));
        let ended = AcceptError::NoEnd { ended: "flood".into(), remedy: "mend the program" };
        assert!(matches!(owner(ended), Failure::Usage(_)));
    }
}
