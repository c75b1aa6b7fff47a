//! Worker threads: each a loop and an engine of its own in the world of the program.

use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;

use lockstep_protocol::{Ended, Goal};

use super::STACK;
use super::core::{ChildDescriptor, Core, Facts, Program};
use crate::event_loop::EventLoop;
use crate::host::channels::{Packet, Waker};
use crate::host::children::{Pid, Status};
use crate::host::sockets::Loose;
use crate::host::{Fork, Host, Patience};

/// Room for the engine's own frames above the stack that JavaScript may use.
const MARGIN: usize = 4 << 20;

/// Virtual milliseconds from the last step of a process until its parent is told.
const END: u64 = 1;

/// A worker as the loop that started it holds it.
pub(crate) struct Child {
    /// The id of a worker; none for a process of a simulated world.
    pub(super) thread: Option<u32>,
    pub(super) stop: Box<dyn Fn() + Send>,
    pub(super) handle: JoinHandle<()>,
}

/// Starts a worker; it tells its control endpoint when it is over.
pub(crate) fn start(program: Arc<Program>, host: &dyn Host, facts: Facts, goal: Goal) -> std::io::Result<Child> {
    let fork = host.fork()?;
    let thread = facts.worker.as_ref().map(|worker| worker.thread);
    let enter = fork.enter;
    let handle = builder(format!("worker {}", thread.unwrap_or_default()))
        .spawn(move || run(&program, enter, facts, goal))
        .inspect_err(|_| (fork.stop)())?;
    Ok(Child { thread, stop: fork.stop, handle })
}

fn builder(name: String) -> std::thread::Builder {
    std::thread::Builder::new().name(name).stack_size(STACK + MARGIN)
}

/// Starts a process of a simulated world, which tells `parent` when it is over.
pub(crate) fn start_process(
    program: Program,
    pid: Pid,
    fork: Fork,
    parent: Arc<dyn Waker>,
    facts: Facts,
    goal: Goal,
) -> std::io::Result<Child> {
    let enter = fork.enter;
    let handle = builder(format!("process {}", pid.0))
        .spawn(move || parent_hears(pid, enter, &*parent, Arc::new(program), facts, goal))
        .inspect_err(|_| (fork.stop)())?;
    Ok(Child { thread: None, stop: fork.stop, handle })
}

fn parent_hears(
    pid: Pid,
    enter: Box<dyn FnOnce() -> std::io::Result<Rc<dyn Host>> + Send>,
    parent: &dyn Waker,
    program: Arc<Program>,
    facts: Facts,
    goal: Goal,
) {
    let Ok(host) = enter() else {
        parent.exited(pid, Status::Code(1));
        return;
    };
    let ends: Vec<u64> = facts.process.iter().flat_map(|process| &process.descriptors).filter_map(ChildDescriptor::end).collect();
    for end in ends {
        // It was taken from the parent for this loop.
        let _ = host.sockets().attach(Loose::InMemory(end));
    }
    let core = Rc::new(Core::new(EventLoop::new(Rc::clone(&host), program.policy.clone()), facts, program));
    super::run(Rc::clone(&core), goal);
    let status = match (core.signal(), core.outcome()) {
        (Some(signal), _) => Status::Signal(signal),
        (None, Some((Ended::Exit | Ended::Idle, code))) => Status::Code(code & 0xff),
        (None, _) => Status::Code(1),
    };
    // Its pipes are closed before anybody hears of its end, which takes the system a moment.
    host.sockets().abandon();
    let _ = host.poll(Patience::For(END));
    parent.exited(pid, status);
    host.leave();
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
