//! A runtime that is ready to run cases.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use super::worker::{Explored, Search, Workers};
use super::{AdapterError, Context, Product, RuntimeSpec, launch::Program, locate::Located, probe, process};
use crate::{
    process::Limits,
    result::RuntimeInfo,
    suite::{AdapterKind, Argument, Case, Ends, Features, Goal, Manifest, Profile},
    trace::{Ended, Observation},
};

/// How long a program gets on a host that never exits by itself, before any scale; programs wait 250 ms at most.
const IDLE: Duration = Duration::from_secs(2);

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
        let mut runtime = Self::unasked(spec, manifest, located, context);
        let mut launch = |program: &Program<'_>, deadline| runtime.launch(program, deadline, context);
        let answer = probe::ask(&runtime.manifest, features, context.timeout_scale, &mut launch)?;
        // A worker says in its greeting what it is, and a process in its answer.
        runtime.product = runtime.workers.as_ref().and_then(Workers::greeting).or(answer.product);
        runtime.features = answer.features;
        let unknown = || "it did not say which product and version it is, so no recorded deviation applies".to_owned();
        runtime.doubt = answer.doubt.or_else(|| runtime.product.is_none().then(unknown));
        Ok(runtime)
    }

    /// A runtime that was asked nothing: it has no product and no features. For whoever examines one that is not known yet.
    pub fn unasked(spec: RuntimeSpec, manifest: Arc<Manifest>, located: Located, context: &Context) -> Self {
        let workers = match &manifest.kind {
            AdapterKind::Process { .. } => None,
            AdapterKind::Worker { args, .. } => Some(Workers::new(worker_command(args, &located, &context.wrap))),
        };
        Self { spec, manifest, located, product: None, features: BTreeSet::new(), doubt: None, workers }
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

    /// Runs a case in the worker's simulated world, with choices as `search` says; none if this runtime is no worker.
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub fn explore(&self, job: &Job<'_>, search: &Search, context: &Context) -> Result<Option<Explored>, AdapterError> {
        let Some(workers) = &self.workers else { return Ok(None) };
        let program = Program::of_case(job.case, job.goal);
        let mut root = context.temp.spare_dir()?;
        let space = super::Workspace::prepare(root.path(), &program, self.manifest.template.as_ref())?;
        let env = space.environment(&context.deno_dir, &self.manifest.env, program.env);
        let limits = Limits { deadline: job.deadline, ..context.limits };
        let explored = workers.run(&program, &space, env, &limits, Some(search), context)?;
        if explored.survived {
            root.hand_back(super::Workspace::MADE);
        }
        Ok(Some(explored))
    }

    /// Runs a program, whatever it is part of; `deadline` holds as it is.
    ///
    /// # Errors
    /// As [`Runtime::execute`].
    pub fn launch(&self, program: &Program<'_>, deadline: Duration, context: &Context) -> Result<Observation, AdapterError> {
        let mut root = if self.workers.is_some() { context.temp.spare_dir()? } else { context.temp.case_dir()? };
        let space = super::Workspace::prepare(root.path(), program, self.manifest.template.as_ref())?;
        let env = space.environment(&context.deno_dir, &self.manifest.env, program.env);
        let limits = Limits { deadline, ..context.limits };
        match &self.workers {
            Some(workers) => {
                let run = workers.run(program, &space, env, &limits, None, context)?;
                if run.survived {
                    root.hand_back(super::Workspace::MADE);
                }
                Ok(run.observation)
            }
            None => {
                let command = process_command(&self.manifest, &self.located, program, &context.wrap);
                process::run(&command, program, &space, env, &limits, context)
            }
        }
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
