//! QuickJS-NG behind the event loop.
//!
//! Contract of this folder: it alone speaks the engine's C interface ([`raw`], [`bytecode`], [`modules`] hold all `unsafe` of the engine).
//! [`run`] takes a program from its first line to its end: one runtime and one context for it, freed with everything in them when it returns.
//! The engine runs one promise job at a time, so that the loop decides what comes between; errors of any callback come back here and take
//! the path of uncaught errors; a program is ended by an error that no JavaScript can catch.

mod bytecode;
pub(crate) mod core;
mod jobs;
pub(crate) mod modules;
pub(crate) mod raw;
mod script;
mod shared;
pub(crate) mod threads;

use std::rc::Rc;

use lockstep_protocol::{Ended, Goal};
use rquickjs::{Context, Ctx, Object, Result, Value};

pub(crate) use bytecode::{exists, load as load_builtin, public_ids};
use core::{Core, Hook};
use script::Script;

use crate::builtins;
use crate::event_loop::Tasks;
use crate::output::Stream;

/// Stack that JavaScript may use, in bytes. Node's default lets about 11,000 plain calls nest; so does this.
pub(crate) const STACK: usize = 7 << 20;

/// Bytes that a program may allocate before cycles are looked for the first time. The engine's own 256 KiB are less than some modules take
/// to load; a program that keeps within this is looked through once, when it is freed.
const GARBAGE: usize = 8 << 20;

/// Runs a program to its end.
pub(crate) fn run(core: Rc<Core>, goal: Goal) {
    let failed = |core: &Core| core.end(Ended::Memory, 1);
    let Ok(runtime) = rquickjs::Runtime::new() else { return failed(&core) };
    runtime.set_memory_limit(core.program.memory);
    runtime.set_max_stack_size(STACK);
    runtime.set_gc_threshold(GARBAGE);
    runtime.set_loader(modules::Resolve, modules::Load);
    runtime.set_interrupt_handler(Some(Box::new({
        let core = Rc::clone(&core);
        move || {
            if let Err(end) = core.host.tick() {
                core.end_from_outside(end);
            }
            core.outcome().is_some()
        }
    })));
    let Ok(context) = Context::full(&runtime) else { return failed(&core) };
    context.with(|ctx| {
        core.install(&ctx);
        // SAFETY: the runtime of a live context is alive.
        shared::install(unsafe { rquickjs::qjs::JS_GetRuntime(ctx.as_raw().as_ptr()) });
        if let Err(error) = drive(&ctx, &core, goal) {
            if core.outcome().is_some() {
                // It was ended from outside before it began.
                return;
            }
            // Nothing of the program has run: the builtins themselves failed, for want of memory or through a fault of ours.
            let thrown = if error.is_exception() { ctx.catch() } else { Value::new_null(ctx.clone()) };
            if jobs::is_out_of_memory(&ctx, &thrown) {
                core.end(Ended::Memory, 1);
                return;
            }
            let text = format!("inhouse: {error}: {}\n", jobs::describe(&ctx, &thrown));
            core.write(Stream::Error, text.as_bytes());
            core.end(Ended::Exit, jobs::FAULT);
        }
    });
    core.end_children();
    core.release();
    drop(context);
    // Rejections and interrupts of what the engine frees now have nobody to go to.
    runtime.set_host_promise_rejection_tracker(None);
    runtime.set_promise_hook(None);
    runtime.set_interrupt_handler(None);
}

/// Sets the builtins up, runs the program, and says how it ended.
fn drive<'js>(ctx: &Ctx<'js>, core: &Rc<Core>, goal: Goal) -> Result<()> {
    let host = builtins::install(ctx)?;
    let hooks = boot(ctx, &host)?;
    core.set_hooks(ctx, &hooks);
    track_rejections(ctx);
    let script = Script::new(ctx, Rc::clone(core), &hooks)?;
    script.run_main(goal)?;
    core.event_loop.drain(&script);
    let end = loop {
        if script.stopping() {
            break Ok(());
        }
        if let Err(end) = core.event_loop.run(&script) {
            break Err(end);
        }
        if script.stopping() {
            break Ok(());
        }
        script.before_exit();
        if !core.event_loop.alive() {
            break Ok(());
        }
    };
    match end {
        Err(end) => core.end_from_outside(end),
        Ok(()) if !script.stopping() => {
            let code = script.exit();
            if core.event_loop.policy().promise_jobs_after_exit {
                while !script.stopping() && script.run_promise_job() {}
            }
            core.end(Ended::Idle, code);
        }
        Ok(()) => {}
    }
    Ok(())
}

/// Drains ticks and promise jobs while a callback of the builtins is still on the stack, as the loop does after one.
///
/// # Errors
/// Only for want of memory; errors of the program take their own path.
pub(crate) fn drain(ctx: &Ctx<'_>, core: &Rc<Core>) -> Result<()> {
    let script = Script::new(ctx, Rc::clone(core), &core.hooks(ctx)?)?;
    core.event_loop.drain(&script);
    Ok(())
}

/// Loads the JavaScript half's entry, and returns its table of hooks.
fn boot<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<Object<'js>> {
    let loader = bytecode::load(ctx, "internal/bootstrap")?.ok_or(rquickjs::Error::Unknown)?;
    loader.call((Object::new(ctx.clone())?, Value::new_undefined(ctx.clone()), Value::new_undefined(ctx.clone()), host.clone()))
}

/// Reports to `observePromise` what happens to promises outside of calls that JavaScript sees, so that async contexts can follow them:
/// 0 for one that is made (with the promise that it is derived from, if it is), 1 for one that is about to be fulfilled, 2 before a thenable
/// is asked on its behalf, 3 after that.
pub(crate) fn track_promises(ctx: &Ctx<'_>) {
    /// What the engine calls.
    unsafe extern "C" fn observe(
        ctx: *mut rquickjs::qjs::JSContext,
        kind: rquickjs::qjs::JSPromiseHookType,
        promise: rquickjs::qjs::JSValue,
        parent: rquickjs::qjs::JSValue,
        _: *mut std::ffi::c_void,
    ) {
        let kind = match kind {
            rquickjs::qjs::JSPromiseHookType_JS_PROMISE_HOOK_INIT => 0,
            rquickjs::qjs::JSPromiseHookType_JS_PROMISE_HOOK_RESOLVE => 1,
            rquickjs::qjs::JSPromiseHookType_JS_PROMISE_HOOK_BEFORE => 2,
            rquickjs::qjs::JSPromiseHookType_JS_PROMISE_HOOK_AFTER => 3,
            _ => return,
        };
        // SAFETY: the engine passes its live context and two values that it keeps alive for the call; both are duplicated.
        let (ctx, promise, parent) = unsafe {
            let live = std::ptr::NonNull::new(ctx).expect("the engine passes its context");
            let promise = rquickjs::qjs::JS_DupValue(ctx, promise);
            let parent = rquickjs::qjs::JS_DupValue(ctx, parent);
            let ctx = Ctx::from_raw(live);
            (ctx.clone(), Value::from_raw(ctx.clone(), promise), Value::from_raw(ctx, parent))
        };
        let core = Core::of(&ctx);
        if core.outcome().is_some() {
            return;
        }
        let observed = core.hook(&ctx, Hook::ObservePromise).and_then(|hook| hook.call::<_, ()>((kind, promise, parent)));
        if observed.is_err() {
            // Only exhausted memory or stack gets here; the promise then has no context.
            drop(ctx.catch());
        }
    }
    Core::of(ctx).tracking.set(true);
    // SAFETY: `observe` is a plain function and needs no state.
    unsafe {
        let runtime = rquickjs::qjs::JS_GetRuntime(ctx.as_raw().as_ptr());
        rquickjs::qjs::JS_SetPromiseHook(runtime, Some(observe), std::ptr::null_mut());
    }
}

/// Reports each rejection without a handler, and each handler that came later, to `trackRejection`.
fn track_rejections(ctx: &Ctx<'_>) {
    let raw = ctx.as_raw().as_ptr();
    /// What the engine calls.
    unsafe extern "C" fn track(
        ctx: *mut rquickjs::qjs::JSContext,
        promise: rquickjs::qjs::JSValue,
        reason: rquickjs::qjs::JSValue,
        handled: bool,
        _: *mut std::ffi::c_void,
    ) {
        // SAFETY: the engine passes its live context and two values that it keeps alive for the call; both are duplicated.
        let (ctx, promise, reason) = unsafe {
            let live = std::ptr::NonNull::new(ctx).expect("the engine passes its context");
            let promise = rquickjs::qjs::JS_DupValue(ctx, promise);
            let reason = rquickjs::qjs::JS_DupValue(ctx, reason);
            let ctx = Ctx::from_raw(live);
            (ctx.clone(), Value::from_raw(ctx.clone(), promise), Value::from_raw(ctx, reason))
        };
        let core = Core::of(&ctx);
        if core.outcome().is_none() {
            core.rejections.set(true);
            let tracked = core.hook(&ctx, Hook::TrackRejection).and_then(|hook| hook.call::<_, ()>((promise, reason, handled)));
            if tracked.is_err() {
                // Only exhausted memory or stack gets here; the promise is then not tracked.
                drop(ctx.catch());
            }
        }
    }
    // SAFETY: `track` is a plain function and needs no state.
    unsafe {
        rquickjs::qjs::JS_SetHostPromiseRejectionTracker(rquickjs::qjs::JS_GetRuntime(raw), Some(track), std::ptr::null_mut());
    }
}
