//! One program, from options to outcome.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use lockstep_protocol::{Ended, Goal, World};

use crate::engine;
use crate::engine::core::{Core, Facts, Program};
use crate::event_loop::EventLoop;
use crate::host::Host;
use crate::host::real::Real;
use crate::host::simulated::{Exploration, Setting, Simulated};
use crate::output::Output;
use crate::policy::LoopPolicy;
use crate::schedule::{Choice, Schedule};

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

/// How a program went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Why it is over.
    pub ended: Ended,
    /// Its exit code.
    pub code: i32,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Whether the program, run in a simulated world, wanted to start a program that is not this runtime. The run then means nothing, and
    /// has to be repeated in the real world.
    pub wants_real_world: bool,
    /// What the schedule chose, in order; empty for the default schedule and in the real world.
    pub choices: Vec<Choice>,
    /// The first choice that a replayed schedule had recorded, and that could not be made again: the program is another one.
    pub diverged: Option<usize>,
}

/// Why a program could not be started. The owner is the machine, not the program.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The real world needs descriptors.
    #[error("the event loop could not be set up: {0}")]
    World(#[from] std::io::Error),
}

/// Runs a program to its end. What it prints goes to descriptors 1 and 2; paths are relative to the process's working directory.
///
/// # Errors
/// [`StartError`] if its world cannot be made. Whatever the program does is an [`Outcome`].
pub fn run(options: Options) -> Result<Outcome, StartError> {
    let deadline = options.deadline.map(|limit| Instant::now() + limit);
    let pool_size = pool_size(&options);
    let mut simulated = None;
    let host: Rc<dyn Host> = match options.world {
        World::Real => Rc::new(Real::new(pool_size, deadline)?),
        World::Simulated => {
            let virtual_limit = options.deadline.map_or(u64::MAX, |limit| u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX));
            let setting = Setting {
                pool_size,
                virtual_limit,
                real_deadline: deadline,
                schedule: options.schedule,
                exploration: options.exploration,
                seed: options.seed,
            };
            let world = Rc::new(Simulated::new(setting));
            simulated = Some(Rc::clone(&world));
            world
        }
    };
    // Modules are named by their real paths; a missing entry is the program's error, reported as such.
    let entry = std::fs::canonicalize(&options.entry).or_else(|_| std::path::absolute(&options.entry)).unwrap_or(options.entry);
    let facts = Facts {
        entry,
        args: options.args,
        env: options.env,
        source: options.source,
        exec_args: options.exec_args,
        process: None,
        worker: None,
    };
    let memory = usize::try_from(options.memory_bytes).unwrap_or(usize::MAX);
    let output = Output::new(options.output_bytes);
    let program = Arc::new(Program::new(options.exec_path, options.policy.clone(), memory, output));
    let core = Rc::new(Core::new(EventLoop::new(host, options.policy), facts, Arc::clone(&program)));
    engine::run(Rc::clone(&core), options.goal);
    // A program that never got to an end was stopped by a fault of the engine.
    let (ended, code) = core.outcome().unwrap_or((Ended::Exit, 70));
    let wants_real_world = program.wants_real_world.load(Ordering::Relaxed);
    let diverged = simulated.as_ref().and_then(|world| world.diverged());
    Ok(Outcome {
        ended,
        code,
        signal: core.signal(),
        wants_real_world,
        diverged,
        choices: simulated.map_or_else(Vec::new, |world| world.choices()),
    })
}

/// Threads of the pool when the program starts.
fn pool_size(options: &Options) -> usize {
    match options.env.iter().find(|(name, _)| name == "UV_THREADPOOL_SIZE") {
        Some((_, value)) => pool_size_of(value),
        None => options.policy.pool_size as usize,
    }
}

/// Threads that a value of `UV_THREADPOOL_SIZE` means: libuv reads it from 1 to 1024; what is no number counts as 0, and 0 as 1.
pub(crate) fn pool_size_of(value: &str) -> usize {
    let digits: String = value.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0_usize).clamp(1, 1024)
}
