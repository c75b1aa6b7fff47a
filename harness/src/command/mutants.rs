//! `lockstep mutants`: does the suite notice when a runtime is broken on purpose?
//!
//! Each [`Mutant`] is a preload that breaks one thing. The cases it names are run first, up to the first that notices; what they do not
//! catch is tried on the whole suite. A case counts only if it is as recorded without the mutant.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use clap::Args;

use super::{
    Failure,
    args::{RunArgs, RuntimeArgs, SelectArgs, SuiteArgs},
    inhouse_holder,
    project::Setting,
    session::{Session, select},
};
use crate::{
    adapter::{Runtime, RuntimeSpec, Source},
    gate::Code,
    report::text::{visible, wrap},
    result::{CaseResult, RunEnd, RunEvent},
    run::prepare,
    suite::{Case, Mutant, read_mutants},
};

/// `lockstep mutants`.
#[derive(Debug, Clone, Args)]
pub struct MutantsArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Only mutants whose name contains this
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// The runtime that is broken
    #[arg(short, long, value_name = "RUNTIME", default_value = "node")]
    pub runtime: RuntimeSpec,
    /// The folder of mutants, files NAME.cjs [default: harness/tests/mutants of the suite]
    #[arg(long, value_name = "DIR")]
    pub mutants: Option<PathBuf>,
    /// Cases at a time in the ordinary lane [default: one a processor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub jobs: Option<u16>,
    /// Multiply every deadline by this, for slow machines and instrumented builds [default: 1]
    #[arg(long, value_name = "F", value_parser = super::args::scale)]
    pub timeout_scale: Option<f64>,
}

/// Breaks the runtime in every way that is at hand, and says which ways the suite notices.
///
/// # Errors
/// Whatever ends a run before anything runs; mutants that cannot be read; a runtime without a flag for preloads.
pub fn run(args: &MutantsArgs) -> Result<Code, Failure> {
    let setting = Setting::find()?;
    let folder = match &args.mutants {
        Some(folder) => folder.clone(),
        None => match setting.suite_tree(args.suite.suite.as_deref())?.folder() {
            Some(checkout) => checkout.join("harness/tests/mutants"),
            None => {
                return Err(Failure::Usage(
                    "the suite inside of this binary has no mutants; name a folder with --mutants".into(),
                ));
            }
        },
    };
    let mut mutants = read_mutants(&folder).map_err(Failure::Suite)?;
    if !args.names.is_empty() {
        mutants.retain(|mutant| args.names.iter().any(|name| mutant.name.contains(name.as_str())));
    }
    if mutants.is_empty() {
        return Err(Failure::NothingSelected(format!("no mutant is named like {}", args.names.join(" or "))));
    }
    let session = Session::open_in(&setting, &run_args(args))?;
    let meant = setting.meant(&args.runtime);
    let base = &session.runtimes[0];
    let Some(flag) = base.manifest().preload.clone() else {
        let adapter = &base.manifest().name;
        return Err(Failure::Usage(format!("adapters/{adapter}.yaml names no flag for preloads; add `preload: FLAG` to it")));
    };
    let mut unexplained = 0;
    let mut noticed = 0;
    let mut outdated = 0;
    for mutant in &mutants {
        let runtime = broken(mutant, &meant, &flag, &session)?;
        let found = notice(mutant, &runtime, &session)?;
        if let Some(signal) = session.context.interrupt.signal() {
            return Ok(Code::Signal(signal));
        }
        match (&found, &mutant.survives) {
            (Some(_), None) => noticed += 1,
            (Some(_), Some(_)) => {
                noticed += 1;
                outdated += 1;
            }
            (None, Some(_)) => {}
            (None, None) => unexplained += 1,
        }
        for line in line(mutant, found.as_ref()) {
            anstream::println!("{line}");
        }
    }
    let survivors = mutants.len() - noticed;
    anstream::println!(
        "\n{noticed} of {} mutants noticed, {survivors} survive, {unexplained} of them unexplained",
        mutants.len()
    );
    Ok(if unexplained + outdated > 0 { Code::Regression } else { Code::Success })
}

fn run_args(args: &MutantsArgs) -> RunArgs {
    RunArgs {
        suite: args.suite.clone(),
        runtimes: RuntimeArgs { runtime: vec![args.runtime.clone()], wrap: None, timeout_scale: args.timeout_scale },
        jobs: args.jobs,
        fail_fast: true,
        ..RunArgs::default()
    }
}

/// The runtime with the mutant loaded first.
fn broken(mutant: &Mutant, base: &RuntimeSpec, flag: &str, session: &Session) -> Result<Arc<Runtime>, Failure> {
    let file = std::path::absolute(&mutant.file).map_err(Failure::harness("cannot tell the working directory"))?;
    let mut words = match &base.source {
        Source::Command(words) => words.clone(),
        Source::Located => vec![base.adapter.clone()],
        Source::Version(_) => vec![session.runtimes[0].binary().to_string_lossy().into_owned()],
    };
    words.extend([flag.to_owned(), file.to_string_lossy().into_owned()]);
    let spec = RuntimeSpec { name: mutant.name.clone(), adapter: base.adapter.clone(), source: Source::Command(words) };
    let inhouse = match inhouse_holder() {
        Some(holder) => Some(
            prepare::inhouse_link(&holder, &session.context).map_err(Failure::harness("cannot link to the in-house runtime"))?,
        ),
        None => None,
    };
    prepare::ready(&spec, &session.suite, inhouse.as_deref(), &session.context)?
        .map(Arc::new)
        .map_err(|missing| Failure::Missing(vec![missing]))
}

/// The first case that notices; none if the mutant survives the whole suite.
fn notice(mutant: &Mutant, runtime: &Arc<Runtime>, session: &Session) -> Result<Option<CaseResult>, Failure> {
    let filters = SelectArgs { filters: mutant.noticed_by.clone(), exact: vec![] };
    let first = if mutant.noticed_by.is_empty() { vec![] } else { select(&session.suite, &filters, None)? };
    let tried: BTreeSet<&str> = first.iter().map(|case| case.id.as_str()).collect();
    let rest: Vec<Arc<Case>> = session.cases.iter().filter(|case| !tried.contains(case.id.as_str())).cloned().collect();
    for mut cases in [first.clone(), rest] {
        // A case that fails without the mutant as well says nothing, and the next one is asked.
        while let Some(found) = first_regression(&cases, runtime, session) {
            let unbroken = &session.runtimes[0];
            let alone: Vec<Arc<Case>> = cases.iter().filter(|case| case.id == found.case).cloned().collect();
            if first_regression(&alone, unbroken, session).is_none() {
                return Ok(Some(found));
            }
            cases.retain(|case| case.id != found.case);
        }
    }
    Ok(None)
}

/// The first case, in the order of ids, among those that regress before the run stops.
fn first_regression(cases: &[Arc<Case>], runtime: &Arc<Runtime>, session: &Session) -> Option<CaseResult> {
    let mut found: Vec<CaseResult> = Vec::new();
    let end = session.run_on(runtime, cases, &mut |event| {
        if let RunEvent::CaseFinished(finished) = event
            && finished.result.verdict.is_regression()
        {
            found.push(finished.result);
        }
    });
    if end != RunEnd::Complete {
        return None;
    }
    found.into_iter().min_by(|a, b| a.case.cmp(&b.case))
}

fn line(mutant: &Mutant, found: Option<&CaseResult>) -> Vec<String> {
    let (word, what) = match (found, &mutant.survives) {
        (Some(found), None) => ("noticed ", format!("{}: {}", found.case, found.detail)),
        (Some(found), Some(_)) => ("noticed ", format!("{}, though it says `survives`; remove that line", found.case)),
        (None, Some(reason)) => ("survives", format!("{}; {reason}", mutant.breaks)),
        (None, None) => ("SURVIVES", format!("{}: no case notices", mutant.breaks)),
    };
    let label = format!("{word}  {:<36}", mutant.name);
    let mut lines = Vec::new();
    for (index, part) in wrap(&visible(&what), 96).into_iter().enumerate() {
        lines.push(if index == 0 { format!("{label}  {part}") } else { format!("{}{part}", " ".repeat(12)) });
    }
    lines
}
