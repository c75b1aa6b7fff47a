//! What the native functions of one program share.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashSet};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use lockstep_protocol::Ended;
use rquickjs::{Ctx, Error, Function, Object, Persistent, Result, qjs};

use super::threads::Child;
use crate::builtins::decoders::Decoders;
use crate::event_loop::EventLoop;
use crate::host::channels::{Channels, EndpointId};
use crate::host::children::Pid;
use crate::host::{Host, HostEnd};
use crate::output::{Output, Stream};
use crate::policy::LoopPolicy;

/// What all loops of a program share.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) exec_path: PathBuf,
    pub(crate) policy: LoopPolicy,
    /// Bytes that each engine may allocate; 0 is no bound.
    pub(crate) memory: usize,
    pub(crate) output: Output,
    pub(crate) channels: Channels,
    last_thread: AtomicU32,
    /// Set when a program of a simulated world wants what only the real one has; shared by all programs of the world.
    pub(crate) wants_real_world: Arc<AtomicBool>,
}

impl Program {
    pub(crate) fn new(exec_path: PathBuf, policy: LoopPolicy, memory: usize, output: Output) -> Self {
        Self {
            exec_path,
            policy,
            memory,
            output,
            channels: Channels::default(),
            last_thread: AtomicU32::new(0),
            wants_real_world: Arc::default(),
        }
    }

    /// The program of a process that one of this program's loops starts in a simulated world.
    pub(crate) fn child(&self) -> Self {
        let mut child = Self::new(self.exec_path.clone(), self.policy.clone(), self.memory, self.output.clone());
        child.wants_real_world = Arc::clone(&self.wants_real_world);
        child
    }

    /// The id of the next worker thread; the main thread is 0.
    pub(crate) fn next_thread(&self) -> u32 {
        self.last_thread.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// The facts about one loop's program that natives tell it.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) entry: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    /// The program itself, if it is no file.
    pub(crate) source: Option<String>,
    /// Flags of the runtime before the entry, which `process.execArgv` lists.
    pub(crate) exec_args: Vec<String>,
    /// Set in processes of a simulated world that another one of it started.
    pub(crate) process: Option<ProcessFacts>,
    /// Set in worker threads.
    pub(crate) worker: Option<WorkerFacts>,
}

/// What a process of a simulated world knows of itself.
#[derive(Debug, Clone)]
pub(crate) struct ProcessFacts {
    /// Who started it.
    pub(crate) parent: Pid,
    /// Its working directory, if it is not the real process's.
    pub(crate) cwd: Option<PathBuf>,
    /// Its descriptors from 0 on.
    pub(crate) descriptors: Vec<ChildDescriptor>,
}

/// What a descriptor of such a process is.
#[derive(Debug, Clone)]
pub(crate) enum ChildDescriptor {
    /// Nothing comes from there, and what goes there is lost.
    Null,
    /// This one of the real process.
    Real(i32),
    /// A descriptor that the parent handed over, whatever it does to its own.
    File(Arc<OwnedFd>),
    /// The end of a pipe, by its name in the world.
    End(u64),
}

impl ChildDescriptor {
    /// The name of a pipe's end.
    pub(crate) fn end(&self) -> Option<u64> {
        if let Self::End(name) = *self { Some(name) } else { None }
    }
}

/// What a worker knows of the loop that started it.
#[derive(Debug, Clone)]
pub(crate) struct WorkerFacts {
    pub(crate) thread: u32,
    /// Its end of the channel for messages.
    pub(crate) port: EndpointId,
    /// Its end of the channel for what the runtime itself has to say.
    pub(crate) control: EndpointId,
}

/// The JavaScript functions that the engine calls, by their names in the table that `internal/bootstrap` returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    TrackRejection,
    ResolveImport,
    DescribeImport,
    EvaluateImport,
    CheckGenerators,
    ObservePromise,
    ClearFrame,
    ClearKept,
    Stream,
    Exited,
    Signal,
    Uncaught,
}

impl Hook {
    fn name(self) -> &'static str {
        match self {
            Self::TrackRejection => "trackRejection",
            Self::ResolveImport => "resolveImport",
            Self::DescribeImport => "describeImport",
            Self::EvaluateImport => "evaluateImport",
            Self::CheckGenerators => "checkGenerators",
            Self::ObservePromise => "observePromise",
            Self::ClearFrame => "clearFrame",
            Self::ClearKept => "clearKept",
            Self::Stream => "stream",
            Self::Exited => "exited",
            Self::Signal => "signal",
            Self::Uncaught => "uncaught",
        }
    }
}

/// The state of one program.
pub(crate) struct Core {
    pub(crate) event_loop: EventLoop,
    pub(crate) host: Rc<dyn Host>,
    pub(crate) facts: Facts,
    pub(crate) program: Arc<Program>,
    children: RefCell<Vec<Child>>,
    /// The ends of channels that this loop receives on; closed when it is over.
    pub(crate) bound: RefCell<BTreeSet<EndpointId>>,
    /// Broadcasts that this loop takes part in; over when it is.
    pub(crate) subscriptions: RefCell<Vec<(String, EndpointId)>>,
    /// How the program ended, once it did; nothing of it runs afterwards.
    outcome: Cell<Option<(Ended, i32)>>,
    /// The signal that ended it, if one did.
    signal: Cell<Option<i32>>,
    /// Its working directory, if it is not the real process's.
    cwd: RefCell<Option<PathBuf>>,
    /// Whether `checkGenerators` wants to be called after each promise job.
    pub(crate) watching: Cell<bool>,
    /// Whether promise jobs run in async contexts, which `clearFrame` ends after each.
    pub(crate) tracking: Cell<bool>,
    /// Whether the promise job that runs now only sets the context of the next one.
    pub(crate) keep_frame: Cell<bool>,
    /// Whether the tick queue may hold anything.
    pub(crate) ticking: Cell<bool>,
    /// Whether `settleRejections` has anything to look at.
    pub(crate) rejections: Cell<bool>,
    /// Whether `clearKept` wants to be called after the next drain.
    pub(crate) keeping: Cell<bool>,
    /// Whether a promise job has just begun, so that a specifier resolved now is that of a dynamic import.
    pub(super) fresh_job: Cell<bool>,
    /// The names of the modules that were loaded.
    pub(super) loaded: RefCell<HashSet<String>>,
    /// How many dynamic imports wait for their turn, each on the stack of the one before.
    pub(super) imports_waiting: Cell<u32>,
    pub(crate) decoders: Decoders,
    hooks: RefCell<Option<Persistent<Object<'static>>>>,
}

impl Core {
    pub(crate) fn new(event_loop: EventLoop, facts: Facts, program: Arc<Program>) -> Self {
        let host = Rc::clone(event_loop.host());
        let cwd = RefCell::new(facts.process.as_ref().and_then(|process| process.cwd.clone()));
        Self {
            signal: Cell::new(None),
            cwd,
            event_loop,
            host,
            facts,
            program,
            children: RefCell::default(),
            bound: RefCell::default(),
            subscriptions: RefCell::default(),
            outcome: Cell::new(None),
            watching: Cell::new(false),
            tracking: Cell::new(false),
            keep_frame: Cell::new(false),
            ticking: Cell::new(false),
            rejections: Cell::new(false),
            keeping: Cell::new(false),
            fresh_job: Cell::new(false),
            loaded: RefCell::default(),
            imports_waiting: Cell::new(0),
            decoders: Decoders::default(),
            hooks: RefCell::default(),
        }
    }

    /// Makes the core reachable from natives of `ctx`. The caller keeps the core alive as long as the context.
    pub(super) fn install(self: &Rc<Self>, ctx: &Ctx<'_>) {
        // SAFETY: the context is alive, and nobody else uses its opaque pointer.
        unsafe { qjs::JS_SetContextOpaque(ctx.as_raw().as_ptr(), Rc::as_ptr(self).cast_mut().cast()) };
    }

    /// The core of a context.
    pub(crate) fn of(ctx: &Ctx<'_>) -> Rc<Self> {
        // SAFETY: `install` stored a pointer that came from an `Rc`, which the engine's `run` holds until the context is gone; natives run
        // only in between.
        unsafe {
            let core: *const Self = qjs::JS_GetContextOpaque(ctx.as_raw().as_ptr()).cast_const().cast();
            Rc::increment_strong_count(core);
            Rc::from_raw(core)
        }
    }

    pub(super) fn set_hooks<'js>(&self, ctx: &Ctx<'js>, hooks: &Object<'js>) {
        *self.hooks.borrow_mut() = Some(Persistent::save(ctx, hooks.clone()));
    }

    /// Lets go of every JavaScript value; to be called before the context is freed.
    pub(super) fn release(&self) {
        self.hooks.borrow_mut().take();
    }

    pub(super) fn hook<'js>(&self, ctx: &Ctx<'js>, hook: Hook) -> Result<Function<'js>> {
        self.hooks(ctx)?.get(hook.name())
    }

    /// The whole table of functions that the engine calls.
    pub(super) fn hooks<'js>(&self, ctx: &Ctx<'js>) -> Result<Object<'js>> {
        let hooks = self.hooks.borrow().clone().ok_or(Error::Unknown)?;
        hooks.restore(ctx)
    }

    /// Ends the program; only the first end counts.
    pub(crate) fn end(&self, ended: Ended, code: i32) {
        if self.outcome.get().is_none() {
            self.outcome.set(Some((ended, code)));
        }
    }

    /// Ends a program of a simulated world that wants what only the real one has; it is to be run there again.
    pub(crate) fn end_for_real_world(&self) {
        self.program.wants_real_world.store(true, Ordering::Relaxed);
        self.end(Ended::Exit, 0);
    }

    /// Ends the program from outside.
    pub(crate) fn end_from_outside(&self, end: HostEnd) {
        if end == HostEnd::Stuck && self.outcome.get().is_none() && self.facts.worker.is_none() {
            let _ = self.write(Stream::Error, format!("inhouse: {end}\n").as_bytes());
        }
        match end {
            HostEnd::Deadline | HostEnd::Stuck => self.end(Ended::Deadline, 0),
            HostEnd::Terminated => self.end(Ended::Exit, 1),
            HostEnd::Killed(signal) => self.end_by_signal(signal),
        }
    }

    /// Ends the program as a signal does that it does not handle.
    pub(crate) fn end_by_signal(&self, signal: i32) {
        if self.outcome.get().is_none() {
            self.signal.set(Some(signal));
            self.end(Ended::Exit, 128 + signal);
        }
    }

    /// The signal that ended the program.
    pub(crate) fn signal(&self) -> Option<i32> {
        self.signal.get()
    }

    /// The program's working directory.
    pub(crate) fn cwd(&self) -> std::io::Result<PathBuf> {
        self.cwd.borrow().clone().map_or_else(std::env::current_dir, Ok)
    }

    /// Changes the program's working directory; that of the real process only if it is the program's.
    pub(crate) fn change_directory(&self, path: &Path) -> std::io::Result<()> {
        if self.facts.process.is_none() {
            return std::env::set_current_dir(path);
        }
        let target = self.resolve(path.to_owned());
        std::fs::read_dir(&target)?;
        *self.cwd.borrow_mut() = Some(target);
        Ok(())
    }

    /// What a path of the program means for the real process.
    pub(crate) fn resolve(&self, path: PathBuf) -> PathBuf {
        match &*self.cwd.borrow() {
            Some(cwd) if path.is_relative() => cwd.join(path),
            _ => path,
        }
    }

    /// Writes to the program's output; false if it ended by writing more than it may.
    pub(crate) fn write(&self, stream: Stream, bytes: &[u8]) -> bool {
        let written = self.program.output.write(stream, bytes).is_ok();
        if !written {
            self.end(Ended::Flood, 1);
        }
        written
    }

    pub(crate) fn add_child(&self, child: Child) {
        self.children.borrow_mut().push(child);
    }

    /// Tells a worker to end.
    pub(crate) fn stop_child(&self, thread: u32) {
        if let Some(child) = self.children.borrow().iter().find(|child| child.thread == Some(thread)) {
            (child.stop)();
        }
    }

    /// Ends all workers, and all processes of a simulated world, that this loop started, and waits for their threads.
    pub(super) fn end_children(&self) {
        for (name, end) in self.subscriptions.take() {
            self.program.channels.unsubscribe(&name, end);
        }
        let own = self.facts.worker.as_ref().map(|worker| [worker.port, worker.control]);
        for end in self.bound.take() {
            if !own.is_some_and(|own| own.contains(&end)) {
                self.program.channels.close(end);
            }
        }
        let children = std::mem::take(&mut *self.children.borrow_mut());
        if children.is_empty() {
            return;
        }
        for child in &children {
            (child.stop)();
        }
        self.host.leave();
        for child in children {
            // A worker that panicked has said so on standard error.
            let _ = child.handle.join();
        }
    }

    /// How the program ended, if it did.
    pub(crate) fn outcome(&self) -> Option<(Ended, i32)> {
        self.outcome.get()
    }
}
