//! Processes of the operating system: started with the descriptors they are given, waited for on a thread each.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{self, Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::channels::Waker;
use super::sockets::{Errno, Loose};

/// Names a process, as the operating system or the simulated world numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pid(pub i32);

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// With this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// What a descriptor of a new process is.
#[derive(Debug)]
pub enum Descriptor {
    /// `/dev/null`.
    Null,
    /// The same as this one of the parent.
    Inherited(RawFd),
    /// The end of a pipe.
    End(Loose),
}

/// A process to be started.
#[derive(Debug)]
pub struct Command {
    /// The program: a path, or a name to be looked for in the `PATH` of `env`.
    pub file: OsString,
    /// Its arguments; the first one is its name for itself.
    pub args: Vec<OsString>,
    /// Its environment.
    pub env: Vec<(OsString, OsString)>,
    /// Its working directory, unless it is the parent's.
    pub cwd: Option<PathBuf>,
    /// Its descriptors from 0 on.
    pub descriptors: Vec<Descriptor>,
    /// Whether it leads a session of its own.
    pub detached: bool,
    /// Its user, unless it is the parent's.
    pub uid: Option<u32>,
    /// Its group, unless it is the parent's.
    pub gid: Option<u32>,
}

/// Descriptors are moved here first, where no target of theirs lies.
const ABOVE: RawFd = 800;

/// The processes that were started and are not over.
static RUNNING: Mutex<BTreeSet<Pid>> = Mutex::new(BTreeSet::new());

fn running() -> MutexGuard<'static, BTreeSet<Pid>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The threads that wait for them. Each holds descriptors of the loop that it wakes.
static WAITERS: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

fn waiters() -> MutexGuard<'static, Vec<JoinHandle<()>>> {
    WAITERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a process; `waker` hears of its end.
pub(super) fn spawn(command: Command, waker: Arc<dyn Waker>) -> Result<Pid, Errno> {
    let failed = |error: std::io::Error| Errno::from_raw_os_error(error.raw_os_error().unwrap_or(Errno::INVAL.raw_os_error()));
    let mut builder = process::Command::new(&command.file);
    let (name, arguments) = command.args.split_first().ok_or(Errno::INVAL)?;
    builder.arg0(name).args(arguments).env_clear().envs(command.env.iter().map(|(key, value)| (key, value)));
    if let Some(cwd) = &command.cwd {
        builder.current_dir(cwd);
    }
    if let Some(uid) = command.uid {
        builder.uid(uid);
    }
    if let Some(gid) = command.gid {
        builder.gid(gid);
    }
    let mut further = Vec::new();
    for (target, descriptor) in (0..).zip(command.descriptors) {
        let source = source_of(descriptor)?;
        match target {
            0 => builder.stdin(stdio(source)),
            1 => builder.stdout(stdio(source)),
            2 => builder.stderr(stdio(source)),
            _ => {
                further.extend(source.map(|source| (source, target)));
                &mut builder
            }
        };
    }
    let detached = command.detached;
    // SAFETY: between fork and exec the closure makes system calls only, and allocates nothing; the descriptors live as long as the builder.
    unsafe {
        builder.pre_exec(move || {
            if detached {
                rustix::process::setsid()?;
            }
            for (source, target) in &further {
                duplicate_onto(source, *target)?;
            }
            Ok(())
        });
    }
    let child = builder.spawn().map_err(failed)?;
    let pid = Pid(child.id().cast_signed());
    running().insert(pid);
    let waiting = std::thread::Builder::new().name(format!("wait {}", pid.0)).stack_size(64 << 10);
    let thread = waiting.spawn(move || wait(child, pid, waker)).map_err(failed)?;
    let mut threads = waiters();
    threads.retain(|thread| !thread.is_finished());
    threads.push(thread);
    Ok(pid)
}

/// A descriptor of the parent's, above all targets; none for `/dev/null`.
fn source_of(descriptor: Descriptor) -> Result<Option<OwnedFd>, Errno> {
    match descriptor {
        Descriptor::Null => Ok(None),
        Descriptor::Inherited(fd) if fd >= 0 => duplicate(fd, ABOVE).map(Some),
        Descriptor::End(Loose::Descriptor(end)) => {
            // Programs expect descriptors that wait.
            rustix::io::ioctl_fionbio(&end, false)?;
            rustix::io::fcntl_dupfd_cloexec(&end, ABOVE).map(Some)
        }
        Descriptor::Inherited(_) | Descriptor::End(Loose::InMemory(_)) => Err(Errno::BADF),
    }
}

/// A copy of one of this process's descriptors, numbered `least` or above.
///
/// # Errors
/// `EBADF` if nothing is open there.
pub(crate) fn duplicate(fd: RawFd, least: RawFd) -> Result<OwnedFd, Errno> {
    if fd < 0 {
        return Err(Errno::BADF);
    }
    // SAFETY: the number is not kept; the call fails if nothing is open there.
    rustix::io::fcntl_dupfd_cloexec(unsafe { BorrowedFd::borrow_raw(fd) }, least)
}

/// Whether one of this process's descriptors is a pipe or a socket.
pub(crate) fn is_pipe(fd: RawFd) -> bool {
    if fd < 0 {
        return false;
    }
    // SAFETY: the number is not kept; the call fails if nothing is open there.
    let status = rustix::fs::fstat(unsafe { BorrowedFd::borrow_raw(fd) });
    let kind = status.map(|status| rustix::fs::FileType::from_raw_mode(status.st_mode));
    matches!(kind, Ok(rustix::fs::FileType::Fifo | rustix::fs::FileType::Socket))
}

fn stdio(source: Option<OwnedFd>) -> Stdio {
    source.map_or_else(Stdio::null, Stdio::from)
}

/// `dup2`, which leaves the copy open at `exec`.
fn duplicate_onto(source: &OwnedFd, target: RawFd) -> Result<(), Errno> {
    use std::os::fd::FromRawFd;
    // SAFETY: in the new process the number belongs to nobody else; the value is forgotten, not closed.
    let mut place = std::mem::ManuallyDrop::new(unsafe { OwnedFd::from_raw_fd(target) });
    rustix::io::dup2(source.as_fd(), &mut place)
}

fn wait(mut child: Child, pid: Pid, waker: Arc<dyn Waker>) {
    let status = child.wait();
    running().remove(&pid);
    waker.exited(pid, status.map_or(Status::Code(-1), status_of));
}

fn status_of(status: ExitStatus) -> Status {
    match (status.code(), status.signal()) {
        (Some(code), _) => Status::Code(code),
        (None, signal) => Status::Signal(signal.unwrap_or_default()),
    }
}

/// Kills every process that was started and is not over; comes back when all are.
pub(crate) fn kill_all() {
    for &pid in running().iter() {
        if let Some(pid) = rustix::process::Pid::from_raw(pid.0) {
            // It may be over by now.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
    let threads = std::mem::take(&mut *waiters());
    for thread in threads {
        // A thread that panicked has lost an event that nobody waits for any more.
        let _ = thread.join();
    }
}

/// Sends a signal to a process of the operating system.
pub(super) fn signal(pid: Pid, signal: i32) -> Result<(), Errno> {
    use rustix::process::{Pid as Number, Signal};
    // Negative numbers name process groups, and 0 the own one.
    let group = pid.0 <= 0;
    match (Number::from_raw(pid.0.abs()), Signal::from_named_raw(signal)) {
        (Some(number), None) if signal == 0 && group => rustix::process::test_kill_process_group(number),
        (Some(number), None) if signal == 0 => rustix::process::test_kill_process(number),
        (Some(number), Some(signal)) if group => rustix::process::kill_process_group(number, signal),
        (Some(number), Some(signal)) => rustix::process::kill_process(number, signal),
        (None, Some(signal)) => rustix::process::kill_current_process_group(signal),
        (None, None) if signal == 0 => rustix::process::test_kill_current_process_group(),
        _ => Err(Errno::INVAL),
    }
}

/// Gives a signal its default effect again.
pub(crate) fn restore_default(signal: i32) {
    // SAFETY: the default disposition runs no code of this process.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}
