//! `host.process`, `host.clock` and `host.console`: the program's own facts, its clocks and its output.

use std::path::Path;

use lockstep_protocol::Ended;
use rquickjs::{Ctx, Object, Result, Value};

use super::{errno, natives};
use crate::engine::core::Core;
use crate::engine::raw;
use crate::host::Reading;
use crate::host::children::Pid;
use crate::output::Stream;
use crate::policy::Globals;

/// `host.process`.
pub(super) fn process<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    let core = Core::of(ctx);
    group.set("execPath", core.program.exec_path.to_string_lossy().into_owned())?;
    group.set("entry", core.facts.entry.to_string_lossy().into_owned())?;
    group.set("args", core.facts.args.clone())?;
    group.set("version", env!("CARGO_PKG_VERSION"))?;
    group.set("source", core.facts.source.clone())?;
    group.set("execArgs", core.facts.exec_args.clone())?;
    group.set("pid", core.host.pid().0)?;
    let parent =
        core.facts.process.as_ref().map_or_else(|| std::os::unix::process::parent_id().cast_signed(), |facts| facts.parent.0);
    group.set("ppid", parent)?;
    group.set("platform", platform())?;
    group.set("arch", arch())?;
    group.set("page", core.event_loop.policy().globals == Globals::Page)?;
    group.set("explored", core.host.explores())?;
    group.set("simulated", core.host.simulated())?;
    // Where the program's output goes elsewhere than to files, the JavaScript half takes care of it.
    group.set(
        "routed",
        core.facts.worker.is_some()
            || core.facts.process.is_some()
            || [1, 2].iter().any(|&fd| super::child::kind(&core, fd) != "file"),
    )?;
    let channel =
        core.facts.env.iter().find(|(name, _)| name == "NODE_CHANNEL_FD").and_then(|(_, value)| value.parse::<i32>().ok());
    group.set("channel", channel)?;
    if let Some(facts) = &core.facts.worker {
        let worker = Object::new(ctx.clone())?;
        worker.set("thread", facts.thread)?;
        worker.set("port", facts.port.0)?;
        worker.set("control", facts.control.0)?;
        group.set("worker", worker)?;
    }
    natives!(ctx, group, {
        "end" => end,
        "env" => |ctx: Ctx<'_>| Core::of(&ctx).facts.env.clone().into_iter().map(|(name, value)| vec![name, value]).collect::<Vec<_>>(),
        "cwd" => |ctx: Ctx<'_>| Core::of(&ctx).cwd().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default(),
        "chdir" => |ctx: Ctx<'_>, path: String| Core::of(&ctx).change_directory(Path::new(&path)).err().and_then(|error| error.raw_os_error()),
        "idleTime" => |ctx: Ctx<'_>| Core::of(&ctx).host.idle_time() as f64 / 1e6,
        "cpuUsage" => |ctx: Ctx<'_>| {
            let (user, system) = Core::of(&ctx).host.cpu_usage();
            vec![user as f64, system as f64]
        },
        "memoryUsage" => memory_usage,
        "system" => system,
        "kill" => kill,
        "poolSize" => |ctx: Ctx<'_>, value: String| Core::of(&ctx).host.set_pool_size(crate::options::pool_size_of(&value)),
        "endBySignal" => end_by_signal,
        "watchSignal" => |ctx: Ctx<'_>, signal: i32, on: bool| Core::of(&ctx).host.watch_signal(signal, on).is_ok(),
        "umask" => |mask: Option<u32>| umask(mask),
        "ids" => || vec![
            rustix::process::getuid().as_raw(),
            rustix::process::geteuid().as_raw(),
            rustix::process::getgid().as_raw(),
            rustix::process::getegid().as_raw(),
        ],
    });
    Ok(())
}

/// Ends the program with a code: unwinds it by an error that nothing catches.
fn end(ctx: Ctx<'_>, code: i32) -> Result<()> {
    Core::of(&ctx).end(Ended::Exit, code);
    Err(raw::throw_uncatchable(&ctx))
}

fn memory_usage(ctx: Ctx<'_>) -> Vec<f64> {
    let mut usage = std::mem::MaybeUninit::uninit();
    // SAFETY: the engine fills the structure it is given.
    let usage = unsafe {
        rquickjs::qjs::JS_ComputeMemoryUsage(rquickjs::qjs::JS_GetRuntime(ctx.as_raw().as_ptr()), usage.as_mut_ptr());
        usage.assume_init()
    };
    let resident = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|statm| statm.split_whitespace().nth(1)?.parse::<f64>().ok())
        .map_or(0.0, |pages| pages * rustix::param::page_size() as f64);
    vec![resident, usage.malloc_size as f64, usage.memory_used_size as f64, usage.binary_object_size as f64]
}

/// What the operating system says of itself and the machine: bytes, seconds and words.
fn system(ctx: Ctx<'_>) -> Result<Object<'_>> {
    let (name, state) = (rustix::system::uname(), rustix::system::sysinfo());
    let facts = Object::new(ctx)?;
    facts.set("hostname", name.nodename().to_string_lossy().into_owned())?;
    facts.set("release", name.release().to_string_lossy().into_owned())?;
    facts.set("version", name.version().to_string_lossy().into_owned())?;
    facts.set("uptime", state.uptime as f64)?;
    let unit = f64::from(state.mem_unit.max(1));
    facts.set("totalMemory", state.totalram as f64 * unit)?;
    facts.set("freeMemory", state.freeram as f64 * unit)?;
    // The kernel counts load in units of 2^-16.
    facts.set("load", state.loads.map(|load| load as f64 / 65_536.0).to_vec())?;
    facts.set("parallelism", std::thread::available_parallelism().map_or(1, std::num::NonZero::get))?;
    Ok(facts)
}

/// Sends a signal to a process; `{ errno, code }` if that fails. One that ends the program itself does so at once.
fn kill<'js>(ctx: Ctx<'js>, pid: i32, signal: i32) -> Result<Option<Object<'js>>> {
    let Err(error) = Core::of(&ctx).host.signal(Pid(pid), signal) else { return Ok(None) };
    let facts = Object::new(ctx)?;
    facts.set("errno", -error.raw_os_error())?;
    facts.set("code", errno::describe(error.raw_os_error()).0)?;
    Ok(Some(facts))
}

/// Ends the program as a signal does.
fn end_by_signal(ctx: Ctx<'_>, signal: i32) -> Result<()> {
    Core::of(&ctx).end_by_signal(signal);
    Err(raw::throw_uncatchable(&ctx))
}

fn umask(mask: Option<u32>) -> u32 {
    let new = rustix::fs::Mode::from_raw_mode(mask.unwrap_or(0));
    let old = rustix::process::umask(new);
    if mask.is_none() {
        rustix::process::umask(old);
    }
    old.bits()
}

fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// `host.clock`. Times are milliseconds with a fraction, except `nanos`.
pub(super) fn clock<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    let core = Core::of(ctx);
    let now = core.host.now(Reading::Program) as f64 / 1e6;
    group.set("timeOrigin", core.host.wall_clock() - now)?;
    natives!(ctx, group, {
        "now" => |ctx: Ctx<'_>| Core::of(&ctx).host.now(Reading::Program) as f64 / 1e6,
        "nanos" => |ctx: Ctx<'_>| Core::of(&ctx).host.now(Reading::Program) as f64,
        "wall" => |ctx: Ctx<'_>| Core::of(&ctx).host.wall_clock(),
        "random" => |ctx: Ctx<'_>| {
            let mut bytes = [0; 8];
            Core::of(&ctx).host.random(&mut bytes);
            (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
        },
    });
    Ok(())
}

/// `host.console`.
pub(super) fn console<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, { "write" => write });
    Ok(())
}

/// Writes a string or bytes to descriptor 1 or 2.
pub(super) fn write<'js>(ctx: Ctx<'js>, descriptor: i32, text: Value<'js>) -> Result<()> {
    let stream = if descriptor == 1 { Stream::Out } else { Stream::Error };
    let bytes = match raw::bytes(&ctx, &text)? {
        Some(bytes) => bytes,
        None => raw::utf8(&ctx, &text)?,
    };
    let core = Core::of(&ctx);
    if core.write(stream, &bytes) { Ok(()) } else { Err(raw::throw_uncatchable(&ctx)) }
}
