//! Promise jobs, and the errors that come out of callbacks.

use lockstep_protocol::Ended;
use rquickjs::{Ctx, Function, Value};

use super::core::{Core, Hook};
use super::raw::{self, Job};
use crate::output::Stream;

/// Promise jobs that pass between a call of `import()` and the evaluation of the module; observed in Node 26.
const IMPORT_TURNS: u32 = 4;

/// Dynamic imports that may wait within each other. Each waits on the stack of the one that it found waiting, which must have an end.
const IMPORTS_WAITING: u32 = 64;

/// Runs the first promise job; whether there was one. Its error, if it has one, takes the path of uncaught errors.
pub(super) fn run_one(ctx: &Ctx<'_>, core: &Core) -> bool {
    core.fresh_job.set(true);
    let job = raw::run_job(ctx);
    core.fresh_job.set(false);
    match job {
        Job::None => return false,
        Job::Ran => {}
        Job::Threw(thrown) => report(ctx, core, &thrown),
    }
    if core.tracking.get() && !core.keep_frame.replace(false) && core.outcome().is_none() {
        call_hook(ctx, core, Hook::ClearFrame);
    }
    if core.watching.get() && core.outcome().is_none() {
        call_hook(ctx, core, Hook::CheckGenerators);
    }
    true
}

/// Calls a function of the builtins that fails only for want of memory.
fn call_hook(ctx: &Ctx<'_>, core: &Core, hook: Hook) {
    if core.hook(ctx, hook).and_then(|function| function.call::<_, ()>(())).is_err() {
        let thrown = ctx.catch();
        report(ctx, core, &thrown);
    }
}

/// Lets other promise jobs take their turns if this is the beginning of a dynamic import, whose module is loaded asynchronously in Node;
/// the engine would load it in the job that it queues at the call.
pub(super) fn take_turns(ctx: &Ctx<'_>) {
    let core = Core::of(ctx);
    if !core.fresh_job.replace(false) || core.imports_waiting.get() == IMPORTS_WAITING {
        return;
    }
    core.imports_waiting.set(core.imports_waiting.get() + 1);
    wait_turns(ctx, &core);
    core.imports_waiting.set(core.imports_waiting.get() - 1);
    core.fresh_job.set(false);
}

fn wait_turns(ctx: &Ctx<'_>, core: &Core) {
    for _ in 0..IMPORT_TURNS {
        // What is queued before the marker is one turn.
        let turn_is_over = std::rc::Rc::new(std::cell::Cell::new(false));
        let marker = Function::new(ctx.clone(), {
            let turn_is_over = std::rc::Rc::clone(&turn_is_over);
            move || turn_is_over.set(true)
        });
        if marker.and_then(|marker| raw::enqueue(ctx, marker)).is_err() {
            // Memory is exhausted; the import itself will say so.
            drop(ctx.catch());
            return;
        }
        while !turn_is_over.get() && core.outcome().is_none() && run_one(ctx, core) {}
    }
}

/// Takes a thrown value down the path of uncaught errors, unless it is the one that ends the program.
pub(super) fn report<'js>(ctx: &Ctx<'js>, core: &Core, thrown: &Value<'js>) {
    if core.outcome().is_some() {
        return;
    }
    if is_out_of_memory(ctx, thrown) {
        core.end(Ended::Memory, 1);
        return;
    }
    let reported = core.hook(ctx, Hook::Uncaught).and_then(|uncaught| uncaught.call::<_, Value<'js>>((thrown.clone(), false)));
    let Err(error) = reported else { return };
    let failure = ctx.catch();
    if core.outcome().is_some() {
        return;
    }
    if !error.is_exception() || is_out_of_memory(ctx, &failure) {
        core.end(Ended::Memory, 1);
        return;
    }
    // The path of uncaught errors failed itself: a fault of the runtime, which must not swallow either error.
    for error in [thrown, &failure] {
        let text = format!("inhouse: uncaught {}\n", describe(ctx, error));
        core.write(Stream::Error, text.as_bytes());
    }
    core.end(Ended::Exit, FAULT);
}

/// The exit code of a program that a fault of the runtime ended; `EX_SOFTWARE` of sysexits.
pub(super) const FAULT: i32 = 70;

/// An error in words, without help from JavaScript's inspector.
pub(super) fn describe<'js>(ctx: &Ctx<'js>, thrown: &Value<'js>) -> String {
    let stack = thrown.as_object().and_then(|object| object.get::<_, String>("stack").ok()).unwrap_or_default();
    let message = raw::string(ctx, thrown).unwrap_or_else(|_| "an error that has no words".to_owned());
    format!("{message}\n{stack}")
}

/// Whether an exception is how the engine says that memory is exhausted: an error of its own, or `null` if there was no room for one.
pub(super) fn is_out_of_memory<'js>(ctx: &Ctx<'js>, thrown: &Value<'js>) -> bool {
    if thrown.is_null() {
        return true;
    }
    let Some(object) = thrown.as_object().filter(|_| thrown.is_error()) else { return false };
    let is = |key: &str, text: &str| {
        object.get::<_, Value<'js>>(key).and_then(|value| raw::string(ctx, &value)).is_ok_and(|value| value == text)
    };
    is("message", "out of memory") && is("name", "InternalError")
}
