//! `host.process`, `host.clock` and `host.console`: the program's own facts, its clocks and its output.

use lockstep_protocol::Ended;
use rquickjs::{Ctx, Object, Result, Value};

use super::{errno, natives};
use crate::engine::core::Core;
use crate::engine::raw;
use crate::host::Reading;
use crate::output::Stream;
use crate::policy::Globals;

/// `host.process`.
pub(super) fn process<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    let core = Core::of(ctx);
    group.set("execPath", core.program.exec_path.to_string_lossy().into_owned())?;
    group.set("entry", core.facts.entry.to_string_lossy().into_owned())?;
    group.set("args", core.facts.args.clone())?;
    group.set("version", env!("CARGO_PKG_VERSION"))?;
    group.set("pid", std::process::id())?;
    group.set("ppid", std::os::unix::process::parent_id())?;
    group.set("platform", platform())?;
    group.set("arch", arch())?;
    group.set("page", core.event_loop.policy().globals == Globals::Page)?;
    group.set("explored", core.host.explores())?;
    group.set("simulated", core.host.simulated())?;
    if let Some(facts) = &core.facts.worker {
        let worker = Object::new(ctx.clone())?;
        worker.set("thread", facts.thread)?;
        worker.set("port", facts.port.0)?;
        worker.set("control", facts.control.0)?;
        worker.set("source", facts.source.clone())?;
        group.set("worker", worker)?;
    }
    natives!(ctx, group, {
        "end" => end,
        "env" => |ctx: Ctx<'_>| Core::of(&ctx).facts.env.clone().into_iter().map(|(name, value)| vec![name, value]).collect::<Vec<_>>(),
        "cwd" => || std::env::current_dir().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default(),
        "chdir" => |path: String| std::env::set_current_dir(path).err().and_then(|error| error.raw_os_error()),
        "cpuUsage" => |ctx: Ctx<'_>| {
            let (user, system) = Core::of(&ctx).host.cpu_usage();
            vec![user as f64, system as f64]
        },
        "memoryUsage" => memory_usage,
        "kill" => kill,
        "poolSize" => |ctx: Ctx<'_>, value: String| Core::of(&ctx).host.set_pool_size(crate::runtime::pool_size_of(&value)),
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

/// Sends a signal to another process; `{ errno, code }` if that fails.
fn kill<'js>(ctx: Ctx<'js>, pid: i32, signal: i32) -> Result<Option<Object<'js>>> {
    let answer = match (rustix::process::Pid::from_raw(pid), rustix::process::Signal::from_named_raw(signal)) {
        (Some(pid), None) if signal == 0 => rustix::process::test_kill_process(pid),
        (Some(pid), Some(signal)) => rustix::process::kill_process(pid, signal),
        _ => Err(rustix::io::Errno::INVAL),
    };
    let Err(error) = answer else { return Ok(None) };
    let facts = Object::new(ctx)?;
    facts.set("errno", -error.raw_os_error())?;
    facts.set("code", errno::describe(error.raw_os_error()).0)?;
    Ok(Some(facts))
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
fn write<'js>(ctx: Ctx<'js>, descriptor: i32, text: Value<'js>) -> Result<()> {
    let stream = if descriptor == 1 { Stream::Out } else { Stream::Error };
    let bytes = match raw::bytes(&ctx, &text)? {
        Some(bytes) => bytes,
        None => raw::utf8(&ctx, &text)?,
    };
    let core = Core::of(&ctx);
    if core.write(stream, &bytes) { Ok(()) } else { Err(raw::throw_uncatchable(&ctx)) }
}
