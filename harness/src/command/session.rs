//! What every command that runs cases begins with: the suite, the selection, the runtimes, and what their launches share.

use std::{env, sync::Arc};

use super::{
    Failure,
    args::{RunArgs, SelectArgs},
    distinct, inhouse_holder, load_in,
    project::Setting,
};
use crate::{
    adapter::{
        Context, Runtime, RuntimeSpec, install,
        spec::{quote_word, split_words},
    },
    process::Interrupt,
    result::{Document, MissingRuntime, RunEnd, RunEvent, SelectionInfo, SuiteInfo},
    run::{self, Manner, Shape, plan, prepare},
    suite::{Case, Selection, SelectionError, Shard, Suite},
};

/// Everything that is settled before the first case runs.
#[derive(Debug)]
pub struct Session {
    /// The suite, with the user's own deviations.
    pub suite: Suite,
    /// The selected cases, sorted by id; at least one.
    pub cases: Vec<Arc<Case>>,
    /// The runtimes that take part; at least one.
    pub runtimes: Vec<Arc<Runtime>>,
    /// What all launches share.
    pub context: Context,
    missing: Vec<MissingRuntime>,
    selection: SelectionInfo,
    shape: Shape,
    manner: Manner,
}

impl Session {
    /// Reads the suite, selects, installs if asked to, finds and probes the runtimes.
    ///
    /// # Errors
    /// Whatever ends a run before anything runs.
    pub fn open(args: &RunArgs) -> Result<Self, Failure> {
        Self::open_in(&Setting::find()?, args)
    }

    /// The same, in a project that is known already.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn open_in(setting: &Setting, args: &RunArgs) -> Result<Self, Failure> {
        let args = &setting.complete(args);
        distinct(&args.runtimes.runtime)?;
        let mut suite = load_in(setting, args.suite.suite.as_deref())?;
        for file in &args.deviations {
            suite.add_deviations(file).map_err(Failure::Suite)?;
        }
        let shard = shard(args)?;
        let cases = select(&suite, &args.select, shard)?;
        if args.install {
            eprintln!("lockstep: installing the pinned runtimes through npm");
            if let Err(error) = install::install_pinned(&suite) {
                // What is installed already, and the in-house runtime, can still be run.
                eprintln!("lockstep: {error}; going on without");
            }
        }
        let request = prepare::Request {
            runtimes: args.runtimes.runtime.clone(),
            inhouse: inhouse_holder(),
            wrap: wrap(args.runtimes.wrap.as_deref())?,
            timeout_scale: args.runtimes.scale(),
            output_limit: args.output_limit,
            memory_limit: args.memory_limit,
            rerun: rerun_command(args),
        };
        let context = launches(&request)?;
        let prepared = ready(&request, &suite, &context)?;
        for runtime in &prepared.runtimes {
            if let Some(doubt) = runtime.doubt() {
                eprintln!("lockstep: {}: {}", runtime.name(), crate::report::text::visible(doubt));
            }
        }
        let shape = Shape { timeout_scale: args.runtimes.scale(), deviations: !args.no_deviations };
        let manner = Manner { jobs: jobs(args.jobs), repeats: args.repeat, fail_fast: args.fail_fast };
        let selection = SelectionInfo { filters: args.select.asked(), shard: shard.map(|shard| shard.to_string()) };
        Ok(Self { suite, cases, runtimes: prepared.runtimes, context, missing: prepared.missing, selection, shape, manner })
    }

    /// Runs every selected case on every runtime, `repeats` times each (as often as the user asked, for none), and hands each event to
    /// `events`.
    pub fn run(&self, repeats: Option<u32>, events: &mut (dyn FnMut(RunEvent) + Send)) -> RunEnd {
        let pairs = plan::pairs(&self.suite, &self.cases, &self.runtimes, self.shape);
        events(RunEvent::Planned {
            suite: suite_info(&self.suite),
            selection: self.selection.clone(),
            runtimes: self.runtimes.iter().map(|runtime| runtime.info()).collect(),
            missing: self.missing.clone(),
            pairs: pairs.len(),
        });
        let manner = Manner { repeats: repeats.unwrap_or(self.manner.repeats), ..self.manner };
        run::run(pairs, &self.runtimes, manner, &self.context, events)
    }

    /// Runs some cases on one runtime that need not be among the session's own, in the session's manner.
    pub fn run_on(&self, runtime: &Arc<Runtime>, cases: &[Arc<Case>], events: &mut (dyn FnMut(RunEvent) + Send)) -> RunEnd {
        let runtimes = [Arc::clone(runtime)];
        let pairs = plan::pairs(&self.suite, cases, &runtimes, self.shape);
        run::run(pairs, &runtimes, self.manner, &self.context, events)
    }

    /// Runtimes that could not be had.
    pub fn missing(&self) -> &[MissingRuntime] {
        &self.missing
    }

    /// Puts a document's runtimes in the order in which they were named, which is the order people read them in.
    pub fn order(&self, document: &mut Document) {
        document.runtimes.sort_by_key(|runtime| self.runtimes.iter().position(|known| known.name() == runtime.name));
    }

    /// The command that runs cases on this runtime again; `--exact CASE` is to be added. None for a runtime that does not take part.
    pub fn rerun(&self, runtime: &str) -> Option<String> {
        let runtime = self.runtimes.iter().find(|known| known.name() == runtime)?;
        Some(format!("{} --runtime {}", self.context.rerun, quote_word(&runtime.spec().to_string())))
    }

    /// The plan for one case on one runtime, to run it once more.
    pub fn pair(&self, case: &str, runtime: &str) -> Option<(plan::Pair<'_>, &Runtime)> {
        let index = self.runtimes.iter().position(|known| known.name() == runtime)?;
        let case = self.cases.iter().find(|known| known.id == case)?;
        Some((plan::pair(&self.suite, case, index, &self.runtimes[index], self.shape), &self.runtimes[index]))
    }
}

/// What all launches of `request` share: limits, a temporary folder, and the watch for signals.
///
/// # Errors
/// If signals cannot be watched for, or there is no room for the folder; both are the harness's.
pub fn launches(request: &prepare::Request) -> Result<Context, Failure> {
    let interrupt = Interrupt::on_signals().map_err(Failure::harness("cannot watch for signals"))?;
    prepare::context(request, interrupt).map_err(Failure::harness("cannot make a temporary folder"))
}

/// The runtimes of `request`, all of them if it names any, and at least one.
///
/// # Errors
/// If one is missing, or cannot be asked what it is.
pub fn ready(request: &prepare::Request, suite: &Suite, context: &Context) -> Result<prepare::Prepared, Failure> {
    let prepared = prepare::prepare(request, suite, context)?;
    match prepared.runtimes.is_empty() || !request.runtimes.is_empty() && !prepared.missing.is_empty() {
        true => Err(Failure::Missing(prepared.missing)),
        false => Ok(prepared),
    }
}

/// The shard that is asked for, by option or by the variables of test runners.
fn shard(args: &RunArgs) -> Result<Option<Shard>, Failure> {
    match &args.shard {
        Some(written) => written.parse().map(Some).map_err(usage),
        None => Shard::from_env().map_err(usage),
    }
}

fn usage(error: SelectionError) -> Failure {
    Failure::Usage(error.to_string())
}

/// The cases that are asked for, in this shard or in all.
///
/// # Errors
/// If a filter cannot be read, an id is unknown, or nothing is selected.
pub fn select(suite: &Suite, asked: &SelectArgs, shard: Option<Shard>) -> Result<Vec<Arc<Case>>, Failure> {
    let of = |shard| -> Result<Vec<Arc<Case>>, Failure> {
        let selection = Selection::new(&asked.filters, &asked.exact, shard).map_err(usage)?;
        Ok(selection.of(suite).map_err(usage)?.into_iter().cloned().collect())
    };
    let cases = of(shard)?;
    if !cases.is_empty() {
        return Ok(cases);
    }
    if let (Some(shard), whole @ 1..) = (shard, of(None)?.len()) {
        let plural = if whole == 1 { "" } else { "s" };
        let message = format!("shard {shard} holds none of the {whole} selected case{plural}; take fewer shards");
        return Err(Failure::NothingSelected(message));
    }
    let words = asked.asked();
    if words.is_empty() {
        return Err(Failure::NothingSelected("the suite has no cases".into()));
    }
    let asked = words.join(" ");
    Err(Failure::NothingSelected(format!("no case is selected by `{asked}`; `lockstep list` shows all ids")))
}

/// What results say of the suite.
pub fn suite_info(suite: &Suite) -> SuiteInfo {
    SuiteInfo { version: suite.version.to_string(), cases: suite.cases.len(), digest: suite.digest.clone() }
}

/// Splits `--wrap`.
///
/// # Errors
/// If a quote is open, or nothing is left.
pub fn wrap(written: Option<&str>) -> Result<Vec<String>, Failure> {
    let Some(written) = written else { return Ok(vec![]) };
    match split_words(written) {
        Some(mut words) if !words.is_empty() => {
            words[0] = which::which(&words[0])
                .map_err(|_| Failure::Usage(format!("--wrap: there is no program `{}`", words[0])))?
                .to_string_lossy()
                .into_owned();
            Ok(words)
        }
        _ => Err(Failure::Usage(format!("--wrap `{written}` is no command"))),
    }
}

/// Cases at a time: as many as were asked for, or one a processor.
pub fn jobs(asked: Option<u16>) -> usize {
    asked.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// How this run would be started again for one case: everything that shapes a verdict, and nothing that selects.
fn rerun_command(args: &RunArgs) -> String {
    // Under `cargo run` the binary is not on PATH.
    let mut words =
        vec![if env::var_os("CARGO").is_some() { "cargo run --release -- run".to_owned() } else { "lockstep run".to_owned() }];
    let mut option = |name: &str, value: &str| words.push(format!("{name} {}", quote_word(value)));
    if let Some(suite) = &args.suite.suite {
        option("--suite", &suite.to_string_lossy());
    }
    for file in &args.deviations {
        option("--deviations", &file.to_string_lossy());
    }
    if let Some(wrap) = &args.runtimes.wrap {
        option("--wrap", wrap);
    }
    if let Some(scale) = args.runtimes.timeout_scale {
        option("--timeout-scale", &scale.to_string());
    }
    for (name, bytes) in [("--output-limit", args.output_limit), ("--memory-limit", args.memory_limit)] {
        if let Some(bytes) = bytes {
            option(name, &bytes.to_string());
        }
    }
    if args.repeat > 1 {
        option("--repeat", &args.repeat.to_string());
    }
    if args.no_deviations {
        words.push("--no-deviations".into());
    }
    words.join(" ")
}

/// The runtimes of `--on`: a command may hold commas, a list of names may not hold commands.
pub(super) fn listed(on: &[String]) -> Result<Vec<RuntimeSpec>, Failure> {
    let words = on.iter().flat_map(|text| if text.contains('=') { vec![text.as_str()] } else { text.split(',').collect() });
    let specs = words.map(|word| word.trim().parse::<RuntimeSpec>()).collect::<Result<Vec<_>, _>>();
    specs.map_err(|error| Failure::Usage(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names_is_parted_and_a_command_is_not() {
        let names = |on: &[&str]| -> Vec<String> {
            let on: Vec<String> = on.iter().map(|text| (*text).to_owned()).collect();
            listed(&on).expect("runtimes").into_iter().map(|spec| spec.name).collect()
        };
        assert_eq!(names(&["node@20, deno", "dev=node:./node --x=a,b"]), ["node@20", "deno", "dev"]);
        assert!(listed(&["node,,bun".to_owned()]).is_err());
    }
}
