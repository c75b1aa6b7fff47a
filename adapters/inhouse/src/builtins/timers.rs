//! `host.timers` and `host.loop`: what the JavaScript half asks of the event loop.

use rquickjs::{Ctx, Object, Result};

use super::natives;
use crate::engine::core::Core;
use crate::engine::raw::{self, Job};
use crate::event_loop::{ImmediateId, TaskId, TimerId};

/// `host.timers`. Delays arrive coerced, in whole milliseconds.
pub(super) fn group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, {
        "start" => |ctx: Ctx<'_>, delay: f64, repeats: bool| Core::of(&ctx).event_loop.start_timer(delay as u64, repeats).0,
        "restart" => |ctx: Ctx<'_>, id: u32| Core::of(&ctx).event_loop.restart_timer(TimerId(id)),
        "stop" => |ctx: Ctx<'_>, id: u32| Core::of(&ctx).event_loop.stop_timer(TimerId(id)),
        "ref" => |ctx: Ctx<'_>, id: u32, refed: bool| Core::of(&ctx).event_loop.ref_timer(TimerId(id), refed),
        "startImmediate" => |ctx: Ctx<'_>| Core::of(&ctx).event_loop.start_immediate().0,
        "stopImmediate" => |ctx: Ctx<'_>, id: u32| Core::of(&ctx).event_loop.stop_immediate(ImmediateId(id)),
        "refImmediate" => |ctx: Ctx<'_>, id: u32, refed: bool| Core::of(&ctx).event_loop.ref_immediate(ImmediateId(id), refed),
        "now" => |ctx: Ctx<'_>| Core::of(&ctx).event_loop.time() as f64,
    });
    Ok(())
}

/// Runs the first promise job within the callback that is running; whether there was one. Throws what the job threw.
fn run_promise_job(ctx: Ctx<'_>) -> Result<bool> {
    match raw::run_job(&ctx) {
        Job::None => Ok(false),
        Job::Ran => Ok(true),
        Job::Threw(thrown) => Err(ctx.throw(thrown)),
    }
}

/// `host.loop`. Tasks are named by numbers that `internal/tasks` gives out.
pub(super) fn loop_group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, {
        "post" => |ctx: Ctx<'_>, task: u32| Core::of(&ctx).event_loop.post(TaskId(task)),
        "defer" => |ctx: Ctx<'_>, task: u32| Core::of(&ctx).event_loop.defer(TaskId(task)),
        "close" => |ctx: Ctx<'_>, task: u32| Core::of(&ctx).event_loop.close(TaskId(task)),
        "continueWith" => |ctx: Ctx<'_>, task: u32| Core::of(&ctx).event_loop.continue_with(TaskId(task)),
        "ref" => |ctx: Ctx<'_>| Core::of(&ctx).event_loop.ref_handle(),
        "unref" => |ctx: Ctx<'_>| Core::of(&ctx).event_loop.unref_handle(),
        "runPromiseJob" => run_promise_job,
        "alive" => |ctx: Ctx<'_>| Core::of(&ctx).event_loop.alive(),
        "iterations" => |ctx: Ctx<'_>| Core::of(&ctx).event_loop.iterations() as f64,
        "policy" => |ctx: Ctx<'_>, field: String| Core::of(&ctx).event_loop.policy().get(&field),
    });
    Ok(())
}
