//! `host.messaging` and `host.workers`: channels to other loops, waiting on shared memory, and the loops of worker threads.

use std::path::PathBuf;
use std::sync::Arc;

use lockstep_protocol::Goal;
use rquickjs::{Ctx, Exception, IntoJs, Object, Result, Value};

use super::natives;
use crate::engine::core::{Core, Facts, WorkerFacts};
use crate::engine::{raw, threads};
use crate::host::channels::{EndpointId, Packet};
use crate::host::{Reading, Waited};

/// `host.messaging`. Endpoints are numbers.
pub(super) fn group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, {
        "pair" => |ctx: Ctx<'_>| {
            let (one, other) = Core::of(&ctx).program.channels.pair();
            vec![one.0, other.0]
        },
        "bind" => |ctx: Ctx<'_>, end: u32| {
            let core = Core::of(&ctx);
            core.program.channels.bind(EndpointId(end), core.host.waker());
            core.bound.borrow_mut().insert(EndpointId(end));
        },
        "unbind" => |ctx: Ctx<'_>, end: u32| {
            let core = Core::of(&ctx);
            core.bound.borrow_mut().remove(&EndpointId(end));
            core.program.channels.unbind(EndpointId(end));
        },
        "close" => |ctx: Ctx<'_>, end: u32| {
            let core = Core::of(&ctx);
            core.bound.borrow_mut().remove(&EndpointId(end));
            core.program.channels.close(EndpointId(end));
        },
        "send" => send,
        "receive" => receive,
        "wait" => wait,
        "waitAsync" => wait_async,
        "forgetWait" => |ctx: Ctx<'_>, end: u32, number: u32| Core::of(&ctx).program.channels.forget_wait(EndpointId(end), number),
        "notify" => notify,
        "subscribe" => |ctx: Ctx<'_>, name: String| {
            let core = Core::of(&ctx);
            let end = core.program.channels.subscribe(&name);
            core.subscriptions.borrow_mut().push((name, end));
            end.0
        },
        "unsubscribe" => |ctx: Ctx<'_>, name: String, end: u32| Core::of(&ctx).program.channels.unsubscribe(&name, EndpointId(end)),
        "others" => |ctx: Ctx<'_>, name: String, end: u32| {
            let ends = Core::of(&ctx).program.channels.others(&name, EndpointId(end));
            ends.into_iter().map(|end| end.0).collect::<Vec<_>>()
        },
    });
    Ok(())
}

/// Sends plain data (see `internal/web/structured_clone`).
fn send<'js>(ctx: Ctx<'js>, end: u32, message: Value<'js>) -> Result<()> {
    let packet = raw::write_message(&ctx, &message)?;
    Core::of(&ctx).program.channels.send(EndpointId(end), packet);
    Ok(())
}

/// Everything that has come: `[kind, value]` with kind 0 for a message, 1 for the end of the channel, 2 for the end of a worker with its code.
fn receive<'js>(ctx: Ctx<'js>, end: u32) -> Result<Vec<Vec<Value<'js>>>> {
    let packets = Core::of(&ctx).program.channels.receive(EndpointId(end));
    let entry = |kind: i32, value| Ok(vec![kind.into_js(&ctx)?, value]);
    packets
        .into_iter()
        .map(|packet| match packet {
            // The packet's references to shared memory are dropped after the engine has taken its own.
            Packet::Message { bytes, shared } => {
                let value = raw::read_message(&ctx, &bytes)?;
                drop(shared);
                entry(0, value)
            }
            Packet::Closed => entry(1, Value::new_undefined(ctx.clone())),
            Packet::Exited(code) => entry(2, code.into_js(&ctx)?),
        })
        .collect()
}

/// ECMA-262 `Atomics.wait` after its checks: waits while the element at byte `offset` of `view` equals the first element of `expected`.
fn wait<'js>(ctx: Ctx<'js>, view: Value<'js>, offset: f64, expected: Value<'js>, millis: f64) -> Result<&'static str> {
    let core = Core::of(&ctx);
    let offset = offset as usize;
    let (Some(address), Some(expected)) = (raw::address(&ctx, &view, offset)?, raw::bytes(&ctx, &expected)?) else {
        return Err(Exception::throw_type(&ctx, "the value is no typed array"));
    };
    let until = millis.is_finite().then(|| core.host.now(Reading::Program) + (millis.max(0.0) * 1e6) as u64);
    let still = || raw::shared_element_is(address, &expected);
    match core.host.wait(address, until, &still) {
        Ok(Waited::NotEqual) => Ok("not-equal"),
        Ok(Waited::Woken) => Ok("ok"),
        Ok(Waited::TimedOut) => Ok("timed-out"),
        Err(end) => {
            core.end_from_outside(end);
            Err(raw::throw_uncatchable(&ctx))
        }
    }
}

/// ECMA-262 `Atomics.waitAsync` after its checks: whether the element equals the expected one, so that wait `number` has begun. A
/// notification comes to `end` as a message with that number.
fn wait_async<'js>(ctx: Ctx<'js>, view: Value<'js>, offset: f64, expected: Value<'js>, end: u32, number: u32) -> Result<bool> {
    let offset = offset as usize;
    let (Some(address), Some(expected)) = (raw::address(&ctx, &view, offset)?, raw::bytes(&ctx, &expected)?) else {
        return Err(Exception::throw_type(&ctx, "the value is no typed array"));
    };
    let channels = &Core::of(&ctx).program.channels;
    // Who notifies after a change of the element finds the wait, or the change is seen here.
    channels.wait(address, EndpointId(end), number);
    let equal = raw::shared_element_is(address, &expected);
    if !equal {
        channels.forget_wait(EndpointId(end), number);
    }
    Ok(equal)
}

fn notify<'js>(ctx: Ctx<'js>, view: Value<'js>, offset: f64, count: f64) -> Result<f64> {
    let Some(address) = raw::address(&ctx, &view, offset as usize)? else { return Ok(0.0) };
    let core = Core::of(&ctx);
    // Counts beyond what a number can index are as good as all.
    let count = count as usize;
    let woken = core.host.notify(address, count);
    let taken = core.program.channels.take_waits(address, count - woken);
    for &(end, number) in &taken {
        let packet = raw::write_message(&ctx, &number.into_js(&ctx)?)?;
        core.program.channels.send(end, packet);
    }
    Ok((woken + taken.len()) as f64)
}

/// `host.workers`.
pub(super) fn workers<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, {
        "start" => start,
        "stop" => |ctx: Ctx<'_>, thread: u32| Core::of(&ctx).stop_child(thread),
    });
    Ok(())
}

/// Starts a worker from `{ entry, source, goal, args, env, port, control }`; its thread id.
fn start<'js>(ctx: Ctx<'js>, spec: Object<'js>) -> Result<u32> {
    let core = Core::of(&ctx);
    let goal: String = spec.get("goal")?;
    let env: Vec<Vec<String>> = spec.get("env")?;
    let worker = WorkerFacts {
        thread: core.program.next_thread(),
        port: EndpointId(spec.get("port")?),
        control: EndpointId(spec.get("control")?),
    };
    let thread = worker.thread;
    let facts = Facts {
        entry: PathBuf::from(spec.get::<_, String>("entry")?),
        args: spec.get("args")?,
        env: env.into_iter().filter_map(|pair| <[String; 2]>::try_from(pair).ok()).map(Into::into).collect(),
        source: spec.get("source")?,
        exec_args: Vec::new(),
        process: core.facts.process.clone(),
        worker: Some(worker),
    };
    let goal = if goal == "esm" { Goal::Esm } else { Goal::Cjs };
    let child = threads::start(Arc::clone(&core.program), &*core.host, facts, goal)
        .map_err(|error| Exception::throw_message(&ctx, &format!("the worker's thread could not be started: {error}")))?;
    core.add_child(child);
    Ok(thread)
}
