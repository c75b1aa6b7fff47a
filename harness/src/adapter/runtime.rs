//! A runtime that is ready to run cases.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{RuntimeSpec, launch::Program, locate::Located, probe, process, worker::Workers};
use crate::{
    process::{Interrupt, LaunchError, Limits, TempDirs},
    result::RuntimeInfo,
    suite::{AdapterKind, Argument, Case, Ends, Features, Goal, Manifest, Profile},
    trace::{Ended, Observation},
};

/// How long a program gets on a host that never exits by itself, before any scale; programs wait 250 ms at most.
const IDLE: Duration = Duration::from_secs(2);

/// What a binary says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its name, as deviations name it.
    pub name: String,
    /// Its version.
    pub version: semver::Version,
}

impl Product {
    /// The product that a binary says it is, if it says so decently: a name that can stand in a file name, and a semver version, of which
    /// a leading `v` is forgiven.
    pub fn new(name: &str, version: &str) -> Option<Self> {
        let decent = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let version = semver::Version::parse(version.trim_start_matches('v')).ok()?;
        decent.then(|| Self { name: name.into(), version })
    }
}

/// Why a case could not be run. Never the runtime's fault.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// The runtime could not be started or ended.
    #[error("{owner}: {0}", owner = if .0.is_adapter_fault() { "the adapter could not start the runtime" } else { "the harness failed" })]
    Launch(LaunchError),
    /// The case's folder could not be made.
    #[error("the harness could not prepare the case's folder: {0}")]
    Workspace(#[from] io::Error),
    /// The worker broke the protocol.
    #[error("the worker broke the protocol: {0}")]
    Protocol(String),
    /// The run was interrupted.
    #[error("interrupted by signal {signal}")]
    Interrupted {
        /// The signal's number.
        signal: i32,
    },
}

impl From<LaunchError> for AdapterError {
    fn from(error: LaunchError) -> Self {
        match error {
            LaunchError::Interrupted { signal } => Self::Interrupted { signal },
            error => Self::Launch(error),
        }
    }
}

/// What is shared by all launches of a run.
#[derive(Debug, Clone)]
pub struct Context {
    /// Where cases get their folders.
    pub temp: Arc<TempDirs>,
    /// One `DENO_DIR` a run, so that nothing is compiled twice and nothing is shared with the user's.
    pub deno_dir: PathBuf,
    /// SIGINT and SIGTERM.
    pub interrupt: Interrupt,
    /// Bounds of every launch; the deadline is the job's own.
    pub limits: Limits,
    /// Goes before every command, as `rr record` does.
    pub wrap: Vec<String>,
    /// What every deadline is multiplied by.
    pub timeout_scale: f64,
    /// The command that runs cases, with all options that shape a verdict, to which a case and a runtime are appended.
    pub rerun: String,
}

/// One case to run on one runtime.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The case.
    pub case: &'a Case,
    /// The goal chosen for it.
    pub goal: Goal,
    /// When it is killed.
    pub deadline: Duration,
}

/// A runtime that was found and asked what it is.
#[derive(Debug)]
pub struct Runtime {
    spec: RuntimeSpec,
    manifest: Arc<Manifest>,
    located: Located,
    product: Option<Product>,
    features: BTreeSet<String>,
    /// What was odd about the probe, for the user.
    doubt: Option<String>,
    workers: Option<Workers>,
}

impl Runtime {
    /// Asks a located runtime what it is and which of `features` it has. A runtime that does not answer has no product and no features;
    /// [`Runtime::doubt`] then says what it did instead.
    ///
    /// # Errors
    /// If it cannot be started at all.
    pub fn probe(
        spec: RuntimeSpec,
        manifest: Arc<Manifest>,
        located: Located,
        features: &Features,
        context: &Context,
    ) -> Result<Self, AdapterError> {
        let workers = match &manifest.kind {
            AdapterKind::Process { .. } => None,
            AdapterKind::Worker { args, .. } => Some(Workers::new(worker_command(args, &located, &context.wrap))),
        };
        let mut runtime = Self { spec, manifest, located, product: None, features: BTreeSet::new(), doubt: None, workers };
        let answer = probe::ask(&runtime, features, context)?;
        runtime.product = answer.product;
        runtime.features = answer.features;
        runtime.doubt = answer.doubt;
        Ok(runtime)
    }

    /// Its name in results.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// How it was named on the command line.
    pub fn spec(&self) -> &RuntimeSpec {
        &self.spec
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Where its binary was found.
    pub fn binary(&self) -> &Path {
        &self.located.binary
    }

    /// What it says it is.
    pub fn product(&self) -> Option<&Product> {
        self.product.as_ref()
    }

    /// Which features it has.
    pub fn features(&self) -> &BTreeSet<String> {
        &self.features
    }

    /// What was odd about its answer to the probe.
    pub fn doubt(&self) -> Option<&str> {
        self.doubt.as_deref()
    }

    /// What results say of it.
    pub fn info(&self) -> RuntimeInfo {
        RuntimeInfo {
            name: self.spec.name.clone(),
            adapter: self.manifest.name.clone(),
            product: self.product.as_ref().map(|product| product.name.clone()),
            version: self.product.as_ref().map(|product| product.version.to_string()),
            features: self.features.iter().cloned().collect(),
        }
    }

    /// The goal a case is run with here, or why it is not run here.
    ///
    /// # Errors
    /// The absent profile, goal or feature, as a skip says it.
    pub fn admits(&self, case: &Case) -> Result<Goal, String> {
        if !self.manifest.profiles.contains(&case.profile) {
            return Err(format!("profile {}", case.profile));
        }
        let goal = self.goal(case)?;
        match case.needs.iter().find(|need| !self.features.contains(*need)) {
            Some(need) => Err(need.clone()),
            None => Ok(goal),
        }
    }

    fn goal(&self, case: &Case) -> Result<Goal, String> {
        match case.goal {
            Some(goal) if self.manifest.goals.contains(&goal) => Ok(goal),
            Some(goal) => Err(format!("goal {goal}")),
            None => self.manifest.goals.first().copied().ok_or_else(|| "goal any".into()),
        }
    }

    /// Whether it owes rules of `profile`.
    pub fn owes(&self, profile: Profile) -> bool {
        self.manifest.profiles.contains(&profile)
    }

    /// Runs a case.
    ///
    /// # Errors
    /// See [`AdapterError`]; whatever the runtime does is an [`Observation`], not an error.
    pub fn execute(&self, job: &Job<'_>, context: &Context) -> Result<Observation, AdapterError> {
        let program = Program::of_case(job.case, job.goal);
        if self.manifest.ends == Ends::Exit {
            return self.launch(&program, job.deadline, context);
        }
        // A host that never exits is over when it has had time enough; that it still runs then is its way to end.
        let deadline = job.deadline.min(IDLE.mul_f64(context.timeout_scale));
        let mut observation = self.launch(&program, deadline, context)?;
        if observation.ended == Ended::Deadline {
            observation.ended = Ended::Code(0);
        }
        Ok(observation)
    }

    /// Runs a program.
    pub(super) fn launch(
        &self,
        program: &Program<'_>,
        deadline: Duration,
        context: &Context,
    ) -> Result<Observation, AdapterError> {
        let root = context.temp.case_dir()?;
        let space = super::Workspace::prepare(root.path(), program, self.manifest.template.as_ref())?;
        let env = space.environment(&context.deno_dir, &self.manifest.env, program.env);
        let limits = Limits { deadline, ..context.limits };
        match &self.workers {
            Some(workers) => workers.run(program, &space, env, &limits, context),
            None => {
                let command = process_command(&self.manifest, &self.located, program, &context.wrap);
                process::run(&command, program, &space, env, &limits, context)
            }
        }
    }

    /// What its worker said it is, if it is one and has greeted.
    pub(super) fn greeting(&self) -> Option<Product> {
        self.workers.as_ref()?.greeting()
    }

    /// Ends the workers it keeps; called when it has no more cases.
    pub fn retire(&self, context: &Context) {
        if let Some(workers) = &self.workers {
            workers.retire(&context.interrupt);
        }
    }
}

/// The whole command of one launch: wrapper, binary, the manifest's arguments with the user's flags at their place, the case's arguments.
fn process_command(manifest: &Manifest, located: &Located, program: &Program<'_>, wrap: &[String]) -> Vec<String> {
    let arguments = match &manifest.kind {
        AdapterKind::Process { run } => run.get(&program.goal).map(Vec::as_slice).unwrap_or_default(),
        AdapterKind::Worker { .. } => &[],
    };
    let mut command: Vec<String> = wrap.to_vec();
    command.push(located.binary.to_string_lossy().into_owned());
    if !arguments.contains(&Argument::Flags) {
        command.extend(located.flags.iter().cloned());
    }
    for argument in arguments {
        match argument {
            Argument::Flags => command.extend(located.flags.iter().cloned()),
            Argument::Text(text) => command.push(text.clone()),
        }
    }
    command.extend(program.args.iter().cloned());
    command
}

/// The command that starts a worker.
fn worker_command(args: &[String], located: &Located, wrap: &[String]) -> Vec<String> {
    let mut command: Vec<String> = wrap.to_vec();
    command.push(located.binary.to_string_lossy().into_owned());
    command.extend(located.flags.iter().cloned());
    command.extend(args.iter().cloned());
    command
}
