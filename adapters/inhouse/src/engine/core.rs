//! What the native functions of one program share.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;

use lockstep_protocol::Ended;
use rquickjs::{Ctx, Error, Function, JsLifetime, Object, Persistent, Result};

use crate::event_loop::EventLoop;
use crate::host::{Host, HostEnd};
use crate::output::{Output, Stream};

/// The facts about a program that natives tell it.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) exec_path: PathBuf,
    pub(crate) entry: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
}

/// The JavaScript functions that the engine calls, by their names in the table that `internal/bootstrap` returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    TrackRejection,
    ResolveImport,
    DescribeImport,
    EvaluateImport,
    CheckGenerators,
    ClearKept,
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
            Self::ClearKept => "clearKept",
            Self::Uncaught => "uncaught",
        }
    }
}

/// The state of one program.
pub(crate) struct Core {
    pub(crate) event_loop: EventLoop,
    pub(crate) host: Rc<dyn Host>,
    pub(crate) facts: Facts,
    pub(crate) output: Output,
    /// How the program ended, once it did; nothing of it runs afterwards.
    outcome: Cell<Option<(Ended, i32)>>,
    /// Whether `checkGenerators` wants to be called after each promise job.
    pub(crate) watching: Cell<bool>,
    /// Whether `clearKept` wants to be called after the next drain.
    pub(crate) keeping: Cell<bool>,
    /// Whether a promise job has just begun, so that a specifier resolved now is that of a dynamic import.
    pub(super) fresh_job: Cell<bool>,
    hooks: RefCell<Option<Persistent<Object<'static>>>>,
}

/// The core as user data of its context.
struct Shared(Rc<Core>);

// SAFETY: the core holds no value of a JavaScript lifetime, except as `Persistent`, which has none.
unsafe impl JsLifetime<'_> for Shared {
    type Changed<'to> = Shared;
}

impl Core {
    pub(crate) fn new(event_loop: EventLoop, facts: Facts, output: Output) -> Self {
        let host = Rc::clone(event_loop.host());
        Self {
            event_loop,
            host,
            facts,
            output,
            outcome: Cell::new(None),
            watching: Cell::new(false),
            keeping: Cell::new(false),
            fresh_job: Cell::new(false),
            hooks: RefCell::default(),
        }
    }

    /// Makes the core reachable from natives of `ctx`.
    pub(super) fn install(self: &Rc<Self>, ctx: &Ctx<'_>) {
        let stored = ctx.store_userdata(Shared(Rc::clone(self)));
        debug_assert!(stored.is_ok(), "user data is stored before any native runs");
    }

    /// The core of a context.
    pub(crate) fn of(ctx: &Ctx<'_>) -> Rc<Self> {
        let shared = ctx.userdata::<Shared>().expect("installed before the first native exists");
        Rc::clone(&shared.0)
    }

    pub(super) fn set_hooks<'js>(&self, ctx: &Ctx<'js>, hooks: &Object<'js>) {
        *self.hooks.borrow_mut() = Some(Persistent::save(ctx, hooks.clone()));
    }

    /// Lets go of every JavaScript value; to be called before the context is freed.
    pub(super) fn release(&self) {
        self.hooks.borrow_mut().take();
    }

    pub(super) fn hook<'js>(&self, ctx: &Ctx<'js>, hook: Hook) -> Result<Function<'js>> {
        let hooks = self.hooks.borrow().clone().ok_or(Error::Unknown)?;
        hooks.restore(ctx)?.get(hook.name())
    }

    /// Ends the program; only the first end counts.
    pub(crate) fn end(&self, ended: Ended, code: i32) {
        if self.outcome.get().is_none() {
            self.outcome.set(Some((ended, code)));
        }
    }

    /// Ends the program from outside.
    pub(crate) fn end_from_outside(&self, end: HostEnd) {
        if end == HostEnd::Stuck && self.outcome.get().is_none() {
            let _ = self.output.write(Stream::Error, format!("inhouse: {end}\n").as_bytes());
        }
        self.end(Ended::Deadline, 0);
    }

    /// How the program ended, if it did.
    pub(crate) fn outcome(&self) -> Option<(Ended, i32)> {
        self.outcome.get()
    }
}
