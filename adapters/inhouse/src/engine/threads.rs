//! Worker threads: each a loop and an engine of its own in the world of the program.

use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;

use lockstep_protocol::{Ended, Goal};

use super::STACK;
use super::core::{Core, Facts, Program};
use crate::event_loop::EventLoop;
use crate::host::Host;
use crate::host::channels::Packet;

/// Room for the engine's own frames above the stack that JavaScript may use.
const MARGIN: usize = 4 << 20;

/// A worker as the loop that started it holds it.
pub(crate) struct Child {
    pub(super) thread: u32,
    pub(super) stop: Box<dyn Fn() + Send>,
    pub(super) handle: JoinHandle<()>,
}

/// Starts a worker; it tells its control endpoint when it is over.
pub(crate) fn start(program: Arc<Program>, host: &dyn Host, facts: Facts, goal: Goal) -> std::io::Result<Child> {
    let fork = host.fork()?;
    let thread = facts.worker.as_ref().map_or(0, |worker| worker.thread);
    let enter = fork.enter;
    let handle = std::thread::Builder::new()
        .name(format!("worker {thread}"))
        .stack_size(STACK + MARGIN)
        .spawn(move || run(&program, enter, facts, goal))
        .inspect_err(|_| (fork.stop)())?;
    Ok(Child { thread, stop: fork.stop, handle })
}

fn run(program: &Arc<Program>, enter: Box<dyn FnOnce() -> std::io::Result<Rc<dyn Host>> + Send>, facts: Facts, goal: Goal) {
    let control = facts.worker.as_ref().map(|worker| worker.control);
    // Without descriptors there is no loop; the parent learns that the worker ended, as if it had failed at once.
    let Ok(host) = enter() else {
        if let Some(control) = control {
            program.channels.send(control, Packet::Exited(1));
        }
        return;
    };
    let core = Rc::new(Core::new(EventLoop::new(Rc::clone(&host), program.policy.clone()), facts, Arc::clone(program)));
    super::run(Rc::clone(&core), goal);
    let code = match core.outcome() {
        Some((Ended::Exit | Ended::Idle, code)) => code,
        _ => 1,
    };
    if let Some(control) = control {
        program.channels.send(control, Packet::Exited(code));
    }
    host.leave();
}
