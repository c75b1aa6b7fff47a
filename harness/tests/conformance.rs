//! `cargo test`: one trial a (runtime, case), named `runtime::case`.
//!
//! The suite is read when the tests start, so a changed case file needs no rebuild; `LOCKSTEP_SUITE` names another one. A runtime
//! that is not here is ignored with the reason; `LOCKSTEP_REQUIRE=node,deno` makes that a failure, `LOCKSTEP_STRICT=1` makes `fixed`
//! one, and `LOCKSTEP_RUNTIMES` names runtimes as `--runtime` does, separated by semicolons. `TEST_SHARD_INDEX` and
//! `TEST_TOTAL_SHARDS` shard.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, OnceLock},
};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use lockstep::{
    adapter::{Context, Runtime, RuntimeSpec},
    command::{distinct, load_in, project::Setting},
    process::Interrupt,
    report::terminal::finding,
    result::{MissingRuntime, Verdict},
    run::{self, Shape, plan, prepare},
    suite::{Case, Lane, Selection, Shard, Suite},
};

/// What all trials share.
struct Session {
    suite: Suite,
    context: Context,
    inhouse: Option<PathBuf>,
    strict: bool,
}

/// A runtime that is probed when its first trial runs, since nextest starts a process a test and most need only one.
struct Column {
    spec: RuntimeSpec,
    absent: Option<MissingRuntime>,
    required: bool,
    ready: OnceLock<Result<Arc<Runtime>, String>>,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials(&arguments) {
        Ok((trials, columns, session)) => {
            let conclusion = libtest_mimic::run(&arguments, trials);
            for runtime in columns.iter().filter_map(|column| column.ready.get()?.as_ref().ok()) {
                runtime.retire(&session.context);
            }
            conclusion.exit_code()
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

/// Trials, runtimes and what they share.
type Everything = (Vec<Trial>, Vec<Arc<Column>>, Arc<Session>);

fn trials(arguments: &Arguments) -> Result<Everything, String> {
    // Whatever project this checkout lies in: its tests are of the suite alone.
    let mut suite = load_in(&Setting::default(), None).map_err(|error| error.to_string())?;
    let words = |variable: &str, separator: char| -> Vec<String> {
        let value = env::var(variable).unwrap_or_default();
        value.split(separator).map(str::trim).filter(|word| !word.is_empty()).map(String::from).collect()
    };
    let named = words("LOCKSTEP_RUNTIMES", ';').iter().map(|word| word.parse()).collect::<Result<Vec<RuntimeSpec>, _>>();
    let named = named.map_err(|error| format!("LOCKSTEP_RUNTIMES: {error}"))?;
    distinct(&named).map_err(|error| format!("LOCKSTEP_RUNTIMES: {error}"))?;
    let required = words("LOCKSTEP_REQUIRE", ',');
    let names = if named.is_empty() { prepare::default_names(&suite) } else { named };
    if let Some(unknown) = required.iter().find(|name| !names.iter().any(|spec| spec.name == **name)) {
        return Err(format!("LOCKSTEP_REQUIRE names `{unknown}`, and there is no such runtime"));
    }
    let holder = cfg!(feature = "inhouse").then(|| PathBuf::from(env!("CARGO_BIN_EXE_lockstep")));
    let rerun = "cargo run --release -- run".to_owned();
    let request = prepare::Request { inhouse: holder.clone(), rerun, ..prepare::Request::default() };
    let interrupt = Interrupt::on_signals().map_err(|error| error.to_string())?;
    let context = prepare::context(&request, interrupt).map_err(|error| error.to_string())?;
    let link = holder.map(|holder| prepare::inhouse_link(&holder, &context)).transpose().map_err(|error| error.to_string())?;
    let shard = Shard::from_env().map_err(|error| error.to_string())?;
    let selection = Selection::new(&[], &[], shard).map_err(|error| error.to_string())?;
    let cases = selection.of(&suite).map_err(|error| error.to_string())?.into_iter().cloned().collect::<Vec<_>>();

    // A test process for one case, as nextest starts them, asks a runtime for what that case needs and nothing else.
    if let (true, Some((_, id))) = (arguments.exact, arguments.filter.as_deref().and_then(|name| name.split_once("::"))) {
        let needs = suite.case(id).map(|case| case.needs.clone()).unwrap_or_default();
        suite.features.retain(|name, _| needs.contains(name));
    }
    let session =
        Arc::new(Session { suite, context, inhouse: link, strict: env::var("LOCKSTEP_STRICT").is_ok_and(|value| value == "1") });
    let columns: Vec<Arc<Column>> = names
        .into_iter()
        .map(|spec| {
            let required = required.contains(&spec.name);
            let absent = prepare::unreliable(&spec, &session.suite, session.inhouse.as_deref(), required);
            Arc::new(Column { spec, absent, required, ready: OnceLock::new() })
        })
        .collect();
    let trials = columns.iter().flat_map(|column| cases.iter().map(|case| trial(column, case, &session))).collect();
    Ok((trials, columns, session))
}

fn trial(column: &Arc<Column>, case: &Arc<Case>, session: &Arc<Session>) -> Trial {
    let ignored = column.absent.is_some() && !column.required;
    let name = format!("{}::{}", column.spec.name, case.id);
    let (column, case, session) = (Arc::clone(column), Arc::clone(case), Arc::clone(session));
    Trial::ignorable_test(name, move || judge(&column, &case, &session)).with_ignored_flag(ignored)
}

fn judge(column: &Column, case: &Arc<Case>, session: &Session) -> Result<Completion, Failed> {
    if let Some(missing) = &column.absent {
        let reason = format!("{}; {}", missing.reason, missing.remedy);
        return if column.required { Err(reason.into()) } else { Ok(Completion::ignored_with(reason)) };
    }
    let ready = column.ready.get_or_init(|| {
        match prepare::ready(&column.spec, &session.suite, session.inhouse.as_deref(), &session.context) {
            Ok(Ok(runtime)) => Ok(Arc::new(runtime)),
            Ok(Err(missing)) => Err(format!("{}; {}", missing.reason, missing.remedy)),
            Err(error) => Err(error.to_string()),
        }
    });
    let runtime = ready.as_ref().map_err(|reason| Failed::from(reason.clone()))?;
    // Other test processes run beside this one, so a lock on a file keeps the quiet lane quiet.
    let lock = fs::File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("lane.lock")).map_err(|error| error.to_string())?;
    match case.lane {
        Lane::Ordinary => lock.lock_shared(),
        Lane::Quiet => lock.lock(),
    }
    .map_err(|error| error.to_string())?;
    let shape = Shape { timeout_scale: 1.0, deviations: true };
    let pair = plan::pair(&session.suite, case, 0, runtime, shape);
    let Some(finished) = run::run_pair(&pair, runtime, 1, &session.context) else {
        return Err("the run was interrupted".into());
    };
    match finished.result.verdict {
        Verdict::Pass | Verdict::Known => Ok(Completion::Completed),
        Verdict::Skip => Ok(Completion::ignored_with(format!("it lacks {}", finished.result.detail))),
        Verdict::Fixed if !session.strict => Ok(Completion::Completed),
        _ => Err(match &finished.explanation {
            Some(explanation) => finding(&finished, explanation, 100).join("\n").into(),
            None => finished.result.detail.into(),
        }),
    }
}
