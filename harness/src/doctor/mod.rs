//! Calibrating a runtime that nobody knows yet: whether what the harness sees of it is what its programs did.
//!
//! An ordering suite believes standard output line by line, and exit codes. Before a runtime is blamed for an order, it must be shown that it
//! loses no line, however a program ends, that its end is its own, and how it takes its programs. [`forms`] finds the command line for each
//! goal, [`checks`] does the rest; each finding says what it means for results.

pub mod checks;
pub mod forms;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    adapter::{AdapterError, Context, Located, Runtime, RuntimeSpec, launch::Program},
    suite::{Ends, Goal, Manifest},
    trace::Observation,
};

/// How long one program may take, before any scale.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The same for a runtime that never exits by itself.
const IDLE: Duration = Duration::from_secs(3);

/// What was found of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The thing, in a word or two.
    pub about: &'static str,
    /// How it is.
    pub grade: Grade,
    /// What was seen.
    pub seen: String,
    /// What that means for results; empty where all is well.
    pub means: &'static str,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// As the harness needs it.
    Good,
    /// Could not be asked, since the runtime does not offer it.
    Absent,
    /// Results can be read if one knows.
    Doubtful,
    /// Results cannot be trusted.
    Bad,
}

impl Grade {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Absent => "absent",
            Self::Doubtful => "doubtful",
            Self::Bad => "bad",
        }
    }
}

/// A runtime under examination: how it is started, as far as that is known.
#[derive(Debug)]
pub struct Patient<'a> {
    /// The name and the command it was given as.
    pub spec: RuntimeSpec,
    /// Its manifest, known or being drafted.
    pub manifest: Arc<Manifest>,
    /// Its binary.
    pub located: Located,
    /// What all launches share.
    pub context: &'a Context,
}

impl Patient<'_> {
    /// The runtime as the manifest starts it.
    fn runtime(&self) -> Runtime {
        Runtime::unasked(self.spec.clone(), Arc::clone(&self.manifest), self.located.clone(), self.context)
    }

    /// Runs one program text under `goal`.
    ///
    /// # Errors
    /// If the runtime cannot be started, or the run was interrupted.
    fn run(&self, goal: Goal, text: &str, more: &More<'_>) -> Result<Observation, AdapterError> {
        let none = BTreeMap::new();
        let program = Program { goal, text, files: more.files, fixtures: &none, env: more.env, args: more.args, stdin: None };
        let runtime = self.runtime();
        // A runtime that stays is waited for each time.
        let deadline = if self.manifest.ends == Ends::Idle { more.deadline.min(IDLE) } else { more.deadline };
        let seen = runtime.launch(&program, deadline.mul_f64(self.context.timeout_scale), self.context);
        runtime.retire(self.context);
        seen
    }

    /// The goal to ask general questions under: what runs under it runs under most.
    fn usual_goal(&self) -> Option<Goal> {
        [Goal::Cjs, Goal::Script, Goal::Esm].into_iter().find(|goal| self.manifest.goals.contains(goal))
    }
}

/// What a program is given besides its text.
struct More<'a> {
    files: &'a BTreeMap<String, String>,
    env: &'a BTreeMap<String, String>,
    args: &'a [String],
    deadline: Duration,
}

impl Default for More<'_> {
    fn default() -> Self {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        Self { files: &NONE, env: &NONE, args: &[], deadline: PATIENCE }
    }
}
