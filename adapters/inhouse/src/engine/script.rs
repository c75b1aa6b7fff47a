//! A running program, as the loop's [`Tasks`]: calls into the JavaScript half, and takes in what comes back.

use std::rc::Rc;

use lockstep_protocol::{Ended, Goal};
use rquickjs::function::IntoArgs;
use rquickjs::{Ctx, Function, Object, Result, Value};

use super::core::{Core, Hook};
use super::{jobs, raw};
use crate::builtins::{completions, net};
use crate::event_loop::{FrameId, ImmediateId, Ran, StreamEvent, TaskId, Tasks, TimerId};
use crate::host::channels::EndpointId;
use crate::host::children::{Pid, Status};
use crate::host::sockets::SocketId;
use crate::host::{Completion, JobId};
use crate::output::Stream;

/// The functions of `internal/bootstrap`'s table that the loop calls, and the state they need.
pub(super) struct Script<'js> {
    ctx: Ctx<'js>,
    core: Rc<Core>,
    run_main: Function<'js>,
    run_timer: Function<'js>,
    run_immediate: Function<'js>,
    run_frame: Function<'js>,
    complete: Function<'js>,
    run_task: Function<'js>,
    receive: Function<'js>,
    run_tick: Function<'js>,
    settle_rejections: Function<'js>,
    before_exit: Function<'js>,
    exit: Function<'js>,
}

impl<'js> Script<'js> {
    pub(super) fn new(ctx: &Ctx<'js>, core: Rc<Core>, hooks: &Object<'js>) -> Result<Self> {
        Ok(Self {
            ctx: ctx.clone(),
            core,
            run_main: hooks.get("runMain")?,
            run_timer: hooks.get("runTimer")?,
            run_immediate: hooks.get("runImmediate")?,
            run_frame: hooks.get("runFrame")?,
            complete: hooks.get("complete")?,
            run_task: hooks.get("runTask")?,
            receive: hooks.get("receive")?,
            run_tick: hooks.get("runTick")?,
            settle_rejections: hooks.get("settleRejections")?,
            before_exit: hooks.get("beforeExit")?,
            exit: hooks.get("exit")?,
        })
    }

    /// Runs the entry. An ES module's main body is a promise job, so the drain that follows runs it.
    pub(super) fn run_main(&self, goal: Goal) -> Result<()> {
        let goal = match goal {
            Goal::Script => "script",
            Goal::Cjs => "cjs",
            Goal::Esm => "esm",
        };
        if goal == "esm" && self.core.event_loop.policy().esm_main_in_promise_job {
            let main: Function<'js> = self.run_main.clone();
            let bind: Function<'js> = main.as_object().expect("functions are objects").get("bind")?;
            let bound: Function<'js> =
                bind.call((rquickjs::function::This(main.clone()), Value::new_undefined(self.ctx.clone()), goal))?;
            return raw::enqueue(&self.ctx, bound);
        }
        self.call(&self.run_main, (goal,));
        Ok(())
    }

    /// Emits `beforeExit`.
    pub(super) fn before_exit(&self) {
        self.call(&self.before_exit, ());
        if !self.stopping() {
            self.core.event_loop.drain(self);
        }
    }

    /// Emits `exit`, and returns the exit code.
    pub(super) fn exit(&self) -> i32 {
        match self.exit.call::<_, i32>(()) {
            Ok(code) => code,
            Err(error) => {
                self.take_error(&error);
                if self.stopping() {
                    return 1;
                }
                // A listener threw, and the program handled it. 'exit' has been emitted, so this only asks for the code.
                self.exit.call::<_, i32>(()).unwrap_or(1)
            }
        }
    }

    /// Calls a function of the builtins that fails only for want of memory.
    fn call_hook(&self, hook: Hook) {
        match self.core.hook(&self.ctx, hook) {
            Ok(function) => {
                self.call(&function, ());
            }
            Err(error) => self.take_error(&error),
        }
    }

    /// Calls back into the program.
    fn call<A: IntoArgs<'js>>(&self, function: &Function<'js>, args: A) -> Ran {
        match function.call::<_, Value<'js>>(args) {
            Ok(_) => Ran::Returned,
            Err(error) => {
                self.take_error(&error);
                Ran::Threw
            }
        }
    }

    /// Takes the pending exception down the path of uncaught errors, unless it is the one that ends the program.
    fn take_error(&self, error: &rquickjs::Error) {
        if self.stopping() {
            drop(self.ctx.catch());
            return;
        }
        if error.is_exception() {
            let thrown = self.ctx.catch();
            jobs::report(&self.ctx, &self.core, &thrown);
        } else {
            // A conversion between the two halves failed: a fault of the runtime, shown as such.
            let text = format!("inhouse: {error}\n");
            self.core.write(Stream::Error, text.as_bytes());
            self.core.end(Ended::Exit, jobs::FAULT);
        }
    }
}

impl Tasks for Script<'_> {
    fn run_timer(&self, id: TimerId) -> Ran {
        self.call(&self.run_timer, (id.0,))
    }

    fn run_immediate(&self, id: ImmediateId) -> Ran {
        self.call(&self.run_immediate, (id.0,))
    }

    fn run_frame(&self, id: FrameId, time: f64) -> Ran {
        self.call(&self.run_frame, (id.0, time))
    }

    fn complete(&self, job: JobId, completion: Completion) -> Ran {
        match completions::to_js(&self.ctx, completion) {
            Ok((error, value)) => self.call(&self.complete, (job.0 as f64, error, value)),
            Err(error) => {
                self.take_error(&error);
                Ran::Threw
            }
        }
    }

    fn run_task(&self, id: TaskId) -> Ran {
        self.call(&self.run_task, (id.0,))
    }

    fn receive(&self, endpoint: EndpointId) -> Ran {
        self.call(&self.receive, (endpoint.0,))
    }

    fn stream(&self, socket: SocketId, event: StreamEvent) -> Ran {
        let hook = self.core.hook(&self.ctx, Hook::Stream);
        match hook.and_then(|hook| Ok((hook, net::event_to_js(&self.ctx, event)?))) {
            Ok((hook, (kind, value))) => self.call(&hook, (socket.0 as f64, kind, value)),
            Err(error) => {
                self.take_error(&error);
                Ran::Threw
            }
        }
    }

    fn exited(&self, pid: Pid, status: Status) -> Ran {
        let (code, signal) = match status {
            Status::Code(code) => (code, 0),
            Status::Signal(signal) => (0, signal),
        };
        match self.core.hook(&self.ctx, Hook::Exited) {
            Ok(hook) => self.call(&hook, (pid.0, code, signal)),
            Err(error) => {
                self.take_error(&error);
                Ran::Threw
            }
        }
    }

    fn signal(&self, signal: i32) -> Ran {
        match self.core.hook(&self.ctx, Hook::Signal) {
            Ok(hook) => self.call(&hook, (signal,)),
            Err(error) => {
                self.take_error(&error);
                Ran::Threw
            }
        }
    }

    fn run_tick(&self) -> Option<Ran> {
        if !self.core.ticking.get() {
            return None;
        }
        match self.run_tick.call::<_, bool>(()) {
            Ok(true) => Some(Ran::Returned),
            Ok(false) => None,
            Err(error) => {
                self.take_error(&error);
                Some(Ran::Threw)
            }
        }
    }

    fn run_promise_job(&self) -> bool {
        jobs::run_one(&self.ctx, &self.core)
    }

    fn settle_rejections(&self) -> Option<Ran> {
        if !self.core.rejections.replace(false) {
            return None;
        }
        match self.settle_rejections.call::<_, bool>(()) {
            Ok(true) => Some(Ran::Returned),
            Ok(false) => None,
            Err(error) => {
                self.take_error(&error);
                Some(Ran::Threw)
            }
        }
    }

    fn drained(&self) {
        if self.core.keeping.get() {
            self.call_hook(Hook::ClearKept);
        }
    }

    fn stopping(&self) -> bool {
        self.core.outcome().is_some()
    }
}
