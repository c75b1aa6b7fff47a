//! How to run a program: what every way to start one comes down to.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use lockstep_protocol::{Goal, World};

use crate::host::simulated::Exploration;
use crate::policy::LoopPolicy;
use crate::schedule::Schedule;

/// How to run a program.
#[derive(Debug, Clone)]
pub struct Options {
    /// How the entry is parsed.
    pub goal: Goal,
    /// The entry's path; relative paths are relative to the working directory.
    pub entry: PathBuf,
    /// The program itself, if it is no file; `entry` then is only a name.
    pub source: Option<String>,
    /// Flags of the runtime before the entry, which the program sees.
    pub exec_args: Vec<String>,
    /// Arguments after the entry.
    pub args: Vec<String>,
    /// The program's environment, in order.
    pub env: Vec<(String, String)>,
    /// What `process.execPath` says.
    pub exec_path: PathBuf,
    /// Which world it runs in.
    pub world: World,
    /// The loop's rules.
    pub policy: LoopPolicy,
    /// Who decides at the choice points of the simulated world.
    pub schedule: Schedule,
    /// Between what it may choose.
    pub exploration: Exploration,
    /// Where randomness of the simulated world starts.
    pub seed: u64,
    /// Bytes the engine may allocate; 0 is no bound.
    pub memory_bytes: u64,
    /// Bytes of standard output and error together.
    pub output_bytes: u64,
    /// Real time the program may take, and in the simulated world virtual time as well; none is no bound.
    pub deadline: Option<Duration>,
}

impl Options {
    /// Runs `entry` as Node would: in the real world, without bounds, with the goal that its extension names.
    #[must_use]
    pub fn new(entry: PathBuf) -> Self {
        let goal = if entry.extension().is_some_and(|extension| extension == "mjs") { Goal::Esm } else { Goal::Cjs };
        Self {
            goal,
            entry,
            source: None,
            exec_args: Vec::new(),
            args: Vec::new(),
            env: Vec::new(),
            exec_path: exec_path().to_owned(),
            world: World::Real,
            policy: LoopPolicy::node(),
            schedule: Schedule::default_schedule(),
            exploration: Exploration::default(),
            seed: 0,
            memory_bytes: 0,
            output_bytes: u64::MAX,
            deadline: None,
        }
    }

    /// Threads of the pool when the program starts.
    pub(crate) fn pool_size(&self) -> usize {
        match self.env.iter().find(|(name, _)| name == "UV_THREADPOOL_SIZE") {
            Some((_, value)) => pool_size_of(value),
            None => self.policy.pool_size as usize,
        }
    }
}

/// The path by which this process was started, if it names a file: a link called `inhouse` is to be started by that name again.
/// To be called before the working directory changes.
pub(crate) fn exec_path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let called = std::env::args_os().next().map(PathBuf::from).filter(|path| path.components().count() > 1);
        let called = called.and_then(|path| std::path::absolute(path).ok()).filter(|path| path.is_file());
        called.or_else(|| std::env::current_exe().ok()).unwrap_or_default()
    })
}

/// Threads that a value of `UV_THREADPOOL_SIZE` means: libuv reads it from 1 to 1024; what is no number counts as 0, and 0 as 1.
pub(crate) fn pool_size_of(value: &str) -> usize {
    let digits: String = value.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0_usize).clamp(1, 1024)
}
