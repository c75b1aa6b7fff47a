//! `host.timers` and `host.loop`: what the JavaScript half asks of the event loop.

use rquickjs::{Ctx, Object, Result};

use super::natives;
use crate::engine::core::Core;
use crate::engine::{self, raw};
use crate::event_loop::{FrameId, ImmediateId, TaskId, TimerId};

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
        "requestFrame" => |ctx: Ctx<'_>| Core::of(&ctx).event_loop.request_frame().0,
        "cancelFrame" => |ctx: Ctx<'_>, id: u32| Core::of(&ctx).event_loop.cancel_frame(FrameId(id)),
        "now" => |ctx: Ctx<'_>| Core::of(&ctx).event_loop.time() as f64,
    });
    Ok(())
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
        "alive" => |ctx: Ctx<'_>| Core::of(&ctx).event_loop.alive(),
        "iterations" => |ctx: Ctx<'_>| Core::of(&ctx).event_loop.iterations() as f64,
        "checkpoint" => checkpoint,
        "drain" => drain,
        "policy" => |ctx: Ctx<'_>, field: String| Core::of(&ctx).event_loop.policy().get(&field),
    });
    Ok(())
}

/// Drains ticks and promise jobs after a callback that is followed by another one in the same event of the loop.
fn drain(ctx: Ctx<'_>) -> Result<()> {
    let core = Core::of(&ctx);
    engine::drain(&ctx, &core)?;
    if core.outcome().is_some() { Err(raw::throw_uncatchable(&ctx)) } else { Ok(()) }
}

/// Drains ticks and promise jobs between two listeners of an event that the loop fires, if its policy has that.
fn checkpoint(ctx: Ctx<'_>) -> Result<()> {
    let core = Core::of(&ctx);
    if !core.event_loop.policy().drain_after_listener {
        return Ok(());
    }
    engine::drain(&ctx, &core)?;
    if core.outcome().is_some() { Err(raw::throw_uncatchable(&ctx)) } else { Ok(()) }
}
