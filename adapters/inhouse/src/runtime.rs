//! One program, from options to outcome.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use lockstep_protocol::{Ended, World};

use crate::engine;
use crate::engine::core::{Core, Facts, Program};
use crate::event_loop::EventLoop;
use crate::host::Host;
use crate::host::real::Real;
use crate::host::simulated::{Setting, Simulated};
use crate::options::Options;
use crate::output::Output;
use crate::schedule::Choice;

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
    let pool_size = options.pool_size();
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
