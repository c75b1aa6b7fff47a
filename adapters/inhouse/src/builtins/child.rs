//! `host.child`: processes, and the descriptors that a process is born with.
//!
//! In the real world a process is the operating system's. In a simulated one, a process that starts this runtime again is a further loop;
//! any other program ends the run with the wish for the real world.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::fd::{AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rquickjs::{Array, Ctx, FromJs, IntoJs, Object, Result, TypedArray, Value};

use super::{child_sync, natives};
use crate::command_line;
use crate::engine::core::{ChildDescriptor, Core, Facts, ProcessFacts};
use crate::engine::{raw, threads};
use crate::host::Host;
use crate::host::children::{self, Command, Descriptor, Pid};
use crate::host::sockets::{Errno, Loose, SocketId};

/// `host.child`. A pipe's end is a stream of `host.net`; an error is a negative error number.
pub(super) fn group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, {
        "spawn" => spawn,
        "spawnSync" => child_sync::run,
        "pair" => pair,
        "open" => |ctx: Ctx<'_>, socket: f64| Core::of(&ctx).event_loop.open_stream(SocketId(socket as u64)),
        "kind" => |ctx: Ctx<'_>, fd: i32| kind(&Core::of(&ctx), fd),
        "number" => |ctx: Ctx<'_>, fd: i32| number(&Core::of(&ctx), fd),
        "attach" => attach,
        "write" => |ctx: Ctx<'js>, fd: i32, bytes: Value<'js>| write(&ctx, fd, &bytes),
    });
    Ok(())
}

/// Two ends of a pipe: this loop's, an open stream, and the one for a new process.
fn pair(ctx: Ctx<'_>) -> Vec<f64> {
    let core = Core::of(&ctx);
    match core.host.sockets().pair() {
        Ok((near, far)) => {
            core.event_loop.open_stream(near);
            vec![near.0 as f64, far.0 as f64]
        }
        Err(error) => vec![negative(error)],
    }
}

pub(super) fn negative(error: Errno) -> f64 {
    -f64::from(error.raw_os_error())
}

/// Starts a process from `{ file, args, env, cwd, stdio, detached, uid, gid }`; its number, or an error number.
fn spawn<'js>(ctx: Ctx<'js>, spec: Object<'js>) -> Result<f64> {
    let core = Core::of(&ctx);
    let command = match command(&ctx, &*core.host, &spec)? {
        Ok(command) => command,
        Err(error) => return Ok(negative(error)),
    };
    let ends: Vec<u64> = command
        .descriptors
        .iter()
        .filter_map(|descriptor| if let Descriptor::End(Loose::InMemory(name)) = descriptor { Some(*name) } else { None })
        .collect();
    let started = start(&core, &*core.host, command);
    if started.is_err() {
        // Nobody has got the far ends; what is in memory does not close by itself.
        for end in ends {
            let _ = core.host.sockets().attach(Loose::InMemory(end)).map(|socket| core.host.sockets().close(socket));
        }
    }
    match started {
        Ok(pid) => Ok(f64::from(pid.0)),
        Err(Refusal::System(error)) => Ok(negative(error)),
        Err(Refusal::WantsRealWorld) => Err(raw::throw_uncatchable(&ctx)),
    }
}

/// Why a process could not be started.
pub(super) enum Refusal {
    /// The system says so.
    System(Errno),
    /// It is none that a simulated world can have; the program is over.
    WantsRealWorld,
}

/// Reads what is to be started.
pub(super) fn command<'js>(ctx: &Ctx<'js>, host: &dyn Host, spec: &Object<'js>) -> Result<std::result::Result<Command, Errno>> {
    let mut descriptors = Vec::new();
    for entry in spec.get::<_, Array<'js>>("stdio")?.iter::<Array<'js>>() {
        let entry = entry?;
        let kind: String = entry.get(0)?;
        descriptors.push(match kind.as_str() {
            "fd" => Descriptor::Inherited(entry.get(1)?),
            "end" => match host.sockets().detach(SocketId(entry.get::<f64>(1)? as u64)) {
                Ok(end) => Descriptor::End(end),
                Err(error) => return Ok(Err(error)),
            },
            _ => Descriptor::Null,
        });
    }
    let env: Vec<Vec<String>> = spec.get("env")?;
    Ok(Ok(Command {
        file: os_string(ctx, spec.get("file")?)?,
        args: spec.get::<_, Vec<String>>("args")?.into_iter().map(OsString::from).collect(),
        env: env
            .into_iter()
            .filter_map(|pair| <[String; 2]>::try_from(pair).ok())
            .map(|[key, value]| (key.into(), value.into()))
            .collect(),
        cwd: spec.get::<_, Option<String>>("cwd")?.map(PathBuf::from),
        descriptors,
        detached: spec.get::<_, Option<bool>>("detached")?.unwrap_or_default(),
        uid: spec.get("uid")?,
        gid: spec.get("gid")?,
    }))
}

fn os_string<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<OsString> {
    raw::string(ctx, &value).map(OsString::from)
}

/// Starts `command`; `host` hears of its end.
pub(super) fn start(core: &Core, host: &dyn Host, mut command: Command) -> std::result::Result<Pid, Refusal> {
    if !host.simulated() {
        command.cwd = command.cwd.map(|cwd| core.resolve(cwd));
        return host.spawn(command).map_err(Refusal::System);
    }
    let wants_real_world = || {
        core.end_for_real_world();
        Refusal::WantsRealWorld
    };
    if !is_this_runtime(core, Path::new(&command.file)) {
        // What is not there needs no real world.
        find(core, &command).map_err(Refusal::System)?;
        return Err(wants_real_world());
    }
    let arguments = command.args.iter().skip(1).cloned();
    let Some(options) = command_line::program_of(arguments) else { return Err(wants_real_world()) };
    let Some(descriptors) = descriptors(core, command.descriptors) else { return Err(wants_real_world()) };
    let cwd = core.cwd().map_err(|_| Refusal::System(Errno::NOENT))?;
    let wanted = command.cwd.map_or_else(|| cwd.clone(), |wanted| cwd.join(wanted));
    let moved = core.facts.process.as_ref().is_some_and(|process| process.cwd.is_some());
    if !wanted.is_dir() {
        return Err(Refusal::System(Errno::NOENT));
    }
    let entry = wanted.join(&options.entry);
    let text = |text: OsString| text.to_string_lossy().into_owned();
    let facts = Facts {
        entry: std::fs::canonicalize(&entry).unwrap_or(entry),
        args: options.args,
        env: command.env.into_iter().map(|(key, value)| (text(key), text(value))).collect(),
        source: options.source,
        exec_args: options.exec_args,
        process: Some(ProcessFacts { parent: core.host.pid(), cwd: (moved || wanted != cwd).then_some(wanted), descriptors }),
        worker: None,
    };
    let (pid, fork) = host.fork_process().ok_or(Refusal::System(Errno::NOSYS))?;
    let child = threads::start_process(core.program.child(), pid, fork, host.waker(), facts, options.goal)
        .map_err(|_| Refusal::System(Errno::AGAIN))?;
    core.add_child(child);
    Ok(pid)
}

/// Whether a path leads to the binary that `process.execPath` names.
fn is_this_runtime(core: &Core, file: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let exec_path = &core.program.exec_path;
    file == exec_path
        || (file.components().count() > 1
            && real(&core.resolve(file.to_owned())).is_some_and(|file| Some(file) == real(exec_path)))
}

/// Looks for the file of a command as `execvp` does.
fn find(core: &Core, command: &Command) -> std::result::Result<(), Errno> {
    let is_program = |path: &Path| rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && !path.is_dir();
    let file = Path::new(&command.file);
    if file.components().count() > 1 || file.is_absolute() {
        let file = core.resolve(file.to_owned());
        return if is_program(&file) {
            Ok(())
        } else if file.exists() {
            Err(Errno::ACCESS)
        } else {
            Err(Errno::NOENT)
        };
    }
    let path =
        command.env.iter().find(|(name, _)| name == "PATH").map_or(OsString::from("/usr/bin:/bin"), |(_, value)| value.clone());
    let found = std::env::split_paths(&path).any(|folder| is_program(&folder.join(file)));
    if found { Ok(()) } else { Err(Errno::NOENT) }
}

/// The descriptors of a process of a simulated world; none if it would share a pipe with its parent, which only the real world can.
fn descriptors(core: &Core, wanted: Vec<Descriptor>) -> Option<Vec<ChildDescriptor>> {
    let own = core.facts.process.as_ref().map(|process| &process.descriptors);
    let descriptor = |wanted| match wanted {
        Descriptor::Null => Some(ChildDescriptor::Null),
        Descriptor::End(Loose::InMemory(name)) => Some(ChildDescriptor::End(name)),
        Descriptor::End(Loose::Descriptor(_)) => None,
        Descriptor::Inherited(fd) => match own {
            None => handed_over(fd),
            Some(own) => match own.get(usize::try_from(fd).ok()?) {
                Some(ChildDescriptor::End(_)) => None,
                Some(other) => Some(other.clone()),
                None => handed_over(fd),
            },
        },
    };
    wanted.into_iter().map(descriptor).collect()
}

/// The standard descriptors are the real process's; any other one is kept open for the child. None if nothing is open there.
fn handed_over(fd: RawFd) -> Option<ChildDescriptor> {
    if (0..3).contains(&fd) {
        return Some(ChildDescriptor::Real(fd));
    }
    children::duplicate(fd, 3).ok().map(|copy| ChildDescriptor::File(Arc::new(copy)))
}

/// What a descriptor is for this program.
fn own_descriptor(core: &Core, fd: RawFd) -> ChildDescriptor {
    let Some(process) = &core.facts.process else { return ChildDescriptor::Real(fd) };
    usize::try_from(fd).ok().and_then(|fd| process.descriptors.get(fd)).cloned().unwrap_or(ChildDescriptor::Real(fd))
}

/// `pipe` for what is read and written as a stream, `null` for nothing, `file` for everything else.
pub(super) fn kind(core: &Core, fd: RawFd) -> &'static str {
    match own_descriptor(core, fd) {
        ChildDescriptor::Null => "null",
        ChildDescriptor::End(_) => "pipe",
        ChildDescriptor::Real(fd) if !core.host.simulated() && children::is_pipe(fd) => "pipe",
        ChildDescriptor::Real(_) | ChildDescriptor::File(_) => "file",
    }
}

/// Opens one of the program's own descriptors as a stream, if it is a pipe; the stream, or an error number.
fn attach(ctx: Ctx<'_>, fd: i32) -> f64 {
    let core = Core::of(&ctx);
    let socket = match own_descriptor(&core, fd) {
        ChildDescriptor::Null | ChildDescriptor::File(_) => Err(Errno::BADF),
        ChildDescriptor::End(name) => Ok(SocketId(name)),
        ChildDescriptor::Real(fd) => {
            children::duplicate(fd, 3).and_then(|end| core.host.sockets().attach(Loose::Descriptor(end)))
        }
    };
    match socket {
        Ok(socket) => {
            core.event_loop.open_stream(socket);
            socket.0 as f64
        }
        Err(error) => negative(error),
    }
}

/// Writes to a descriptor that is no pipe: what is inherited goes where the real process writes.
fn write<'js>(ctx: &Ctx<'js>, fd: i32, bytes: &Value<'js>) -> Result<()> {
    let core = Core::of(ctx);
    match own_descriptor(&core, fd) {
        ChildDescriptor::Real(real) => super::system::write(ctx.clone(), real, bytes.clone()),
        ChildDescriptor::File(file) => {
            let bytes = match raw::bytes(ctx, bytes)? {
                Some(bytes) => bytes,
                None => raw::utf8(ctx, bytes)?,
            };
            // A full disk or a broken pipe swallows it, as for Node's console.
            let _ = file.try_clone().and_then(|file| std::fs::File::from(file).write_all(&bytes));
            Ok(())
        }
        ChildDescriptor::Null | ChildDescriptor::End(_) => Ok(()),
    }
}

/// The number that one of the program's descriptors has in the real process; negative if it has none.
fn number(core: &Core, fd: RawFd) -> RawFd {
    match own_descriptor(core, fd) {
        ChildDescriptor::Real(real) => real,
        ChildDescriptor::File(file) => file.as_raw_fd(),
        ChildDescriptor::Null | ChildDescriptor::End(_) => -1,
    }
}

/// `[pid, code, signal, error, outputs]` of a process that was waited for.
pub(super) fn sync_result<'js>(
    ctx: &Ctx<'js>,
    pid: f64,
    status: (i32, i32),
    error: f64,
    outputs: Vec<Option<Vec<u8>>>,
) -> Result<Vec<Value<'js>>> {
    let outputs = outputs
        .into_iter()
        .map(|output| match output {
            Some(bytes) => Ok(TypedArray::new(ctx.clone(), bytes)?.into_value()),
            None => Ok(Value::new_null(ctx.clone())),
        })
        .collect::<Result<Vec<Value<'js>>>>()?;
    Ok(vec![pid.into_js(ctx)?, status.0.into_js(ctx)?, status.1.into_js(ctx)?, error.into_js(ctx)?, outputs.into_js(ctx)?])
}

/// The bytes of an optional member.
pub(super) fn member_bytes<'js>(ctx: &Ctx<'js>, spec: &Object<'js>, name: &str) -> Result<Vec<u8>> {
    let value: Value<'js> = spec.get(name)?;
    Ok(raw::bytes(ctx, &value)?.unwrap_or_default())
}

/// A number of an optional member.
pub(super) fn member_number<'js>(ctx: &Ctx<'js>, spec: &Object<'js>, name: &str) -> Result<Option<f64>> {
    let value: Value<'js> = spec.get(name)?;
    if value.is_number() { f64::from_js(ctx, value).map(Some) } else { Ok(None) }
}
