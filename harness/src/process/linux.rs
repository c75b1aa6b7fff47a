//! Linux: sessions, process descriptors, `/proc`. Needs kernel 5.4 (waiting through a process descriptor).

mod exec;
mod pipes;
mod procfs;
mod sweep;

use std::{
    ffi::OsString,
    fs::File,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::{CommandExt, ExitStatusExt},
    },
    process::ExitStatus,
    sync::{Mutex, MutexGuard, Once, PoisonError, RwLock},
    time::{Duration, Instant},
};

use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    io::Errno,
    process::{Pid, PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal, set_child_subreaper},
};

pub(super) use pipes::{Feed, Tap};

use super::{
    interrupt::Interrupt,
    launch::{Program, TAG_VARIABLE},
    watch::Reaped,
};
use exec::Image;
use sweep::Mark;

/// How long killed processes may take to disappear. Only one that hangs inside the kernel needs more than a moment.
const PATIENCE: Duration = Duration::from_secs(10);

/// The signals that stop a run.
pub(super) const SIGNALS: &[i32] = &[libc::SIGINT, libc::SIGTERM, libc::SIGHUP];

/// Direct children of all launches that are not reaped yet; their pids are also the ids of their sessions and process groups.
static LIVE: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Held shared from before a child exists until it is in [`LIVE`], so that whoever holds it alone knows every child.
static STARTING: RwLock<()> = RwLock::new(());

fn live() -> MutexGuard<'static, Vec<Pid>> {
    // The list is consistent between any two operations, so a panic elsewhere does not spoil it.
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a child's standard streams lead.
#[derive(Debug)]
pub(super) struct Streams {
    /// Whether standard input is a pipe; else it is `/dev/null`.
    pub(super) piped_input: bool,
    /// The file of standard output; none means a pipe.
    pub(super) output: Option<File>,
    /// The file of standard error.
    pub(super) errors: File,
}

/// A started child with the harness's ends of its pipes.
#[derive(Debug)]
pub(super) struct Spawned {
    pub(super) child: Child,
    pub(super) feed: Option<Feed>,
    pub(super) tap: Option<Tap>,
}

/// Why [`Child::wait`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// The child itself is over.
    Exited,
    /// The user wants to stop.
    Interrupted,
    /// A pipe is ready, time is up, or nothing at all: look again.
    Ready,
}

/// A child and everything it starts. Dropping it ends them all.
#[derive(Debug)]
pub(super) struct Child {
    handle: duct::Handle,
    pid: Pid,
    pidfd: OwnedFd,
    mark: Mark,
    over: Option<Reaped>,
}

/// Starts a program in a session of its own. A child dies with the thread that called this.
pub(super) fn spawn(program: &Program<'_>, tag: &str, streams: Streams, file_bytes: u64) -> io::Result<Spawned> {
    static SUBREAPER: Once = Once::new();
    // A kernel that refuses (none that has process descriptors does) costs the sweep of orphans, which then kills by process group only.
    SUBREAPER.call_once(|| {
        let _ = set_child_subreaper(Some(getpid()));
    });

    let mark = Mark::new(tag, program.dir);
    let env: Vec<(&str, &str)> =
        program.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([(TAG_VARIABLE, tag)]).collect();
    let image = Image::new(program.program, program.args, &env)?;
    let limits = exec::Limits { parent: getpid(), file_bytes };
    let mut expression =
        duct::cmd(program.program, Vec::<OsString>::new()).dir(program.dir).stderr_file(streams.errors).unchecked().before_spawn(
            move |command| {
                let image = image.clone();
                // SAFETY: between fork and exec only what may be called there is called: `enter` makes system calls on values
                // made before the fork, and neither allocates, locks nor panics.
                unsafe { command.pre_exec(move || exec::enter(&limits, &image)) };
                Ok(())
            },
        );
    let mut feed = None;
    expression = if streams.piped_input {
        let (ours, theirs) = Feed::pair()?;
        feed = Some(ours);
        expression.stdin_file(theirs)
    } else {
        expression.stdin_null()
    };
    let mut tap = None;
    expression = match streams.output {
        Some(file) => expression.stdout_file(file),
        None => {
            let (ours, theirs) = Tap::pair()?;
            tap = Some(ours);
            expression.stdout_file(theirs)
        }
    };

    let starting = STARTING.read().unwrap_or_else(PoisonError::into_inner);
    let handle = start_when_free(&expression)?;
    // duct takes whatever it started, and it started one process.
    let pid = handle.pids().first().and_then(|&pid| Pid::from_raw(pid.cast_signed())).ok_or(io::ErrorKind::NotFound)?;
    live().push(pid);
    drop(starting);
    match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(pidfd) => Ok(Spawned { child: Child { handle, pid, pidfd, mark: mark.of(pid), over: None }, feed, tap }),
        Err(error) => {
            handle.kill()?;
            handle.wait()?;
            live().retain(|other| *other != pid);
            Err(error.into())
        }
    }
}

/// A program file that somebody still writes cannot be executed, and another thread's child holds our own descriptors
/// for the instant between its fork and its exec; so a busy program gets a moment.
fn start_when_free(expression: &duct::Expression) -> io::Result<duct::Handle> {
    for _ in 0..20 {
        match expression.start() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => std::thread::sleep(Duration::from_millis(5)),
            result => return result,
        }
    }
    expression.start()
}

impl Child {
    /// Sleeps until the child is over, a pipe is ready, a stop is asked for, or `timeout` has passed.
    pub(super) fn wait(
        &self,
        feed: Option<&Feed>,
        tap: Option<&Tap>,
        timeout: Duration,
        interrupt: &Interrupt,
    ) -> io::Result<Woken> {
        let mut fds = Vec::with_capacity(4);
        fds.push(PollFd::new(&self.pidfd, PollFlags::IN));
        fds.push(PollFd::new(&interrupt.wake().0, PollFlags::IN));
        fds.extend(feed.map(|feed| PollFd::from_borrowed_fd(feed.as_fd(), PollFlags::OUT)));
        fds.extend(tap.map(|tap| PollFd::from_borrowed_fd(tap.as_fd(), PollFlags::IN)));
        poll_for(&mut fds, timeout)?;
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        Ok(match ready[..] {
            [_, true, ..] => Woken::Interrupted,
            // What the child wrote before its end is read before the end is told.
            [_, _, .., true] if tap.is_some() => Woken::Ready,
            [true, ..] => Woken::Exited,
            _ => Woken::Ready,
        })
    }

    /// Resident bytes of the child, or with `whole` of everything it started too.
    pub(super) fn resident(&self, whole: bool) -> u64 {
        let mut bytes = procfs::resident(self.pid);
        if whole {
            bytes += sweep::members(&self.mark, self.pid).map(procfs::resident).sum::<u64>();
        }
        bytes
    }

    /// Kills everything the child started and leaves the child alone; says how many processes those were.
    pub(super) fn sweep(&self) -> io::Result<usize> {
        let give_up = Instant::now() + PATIENCE;
        Ok(sweep::descendants(&self.mark, self.pid, give_up)? + sweep::orphans(&self.mark, give_up, false)?)
    }

    /// Kills the child, if it still runs, and everything it started; returns when all of it is gone.
    pub(super) fn end(&mut self) -> io::Result<Reaped> {
        if let Some(reaped) = self.over {
            return Ok(reaped);
        }
        let give_up = Instant::now() + PATIENCE;
        let mut left_behind = 0;
        if !has_exited(&self.pidfd)? {
            // Who descends from the child is known while the child lives, whatever they did to their session and environment.
            let known = sweep::below(&self.mark, self.pid);
            kill(&self.pidfd);
            sweep::kill_group(self.pid);
            left_behind += sweep::finish(known, give_up)?;
            poll_for(&mut [PollFd::new(&self.pidfd, PollFlags::IN)], give_up.saturating_duration_since(Instant::now()))?;
            if !has_exited(&self.pidfd)? {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the process does not die"));
            }
        }
        // Until it is reaped, the dead child keeps its pid, and so its session and group, from being given to anybody else.
        left_behind += sweep::orphans(&self.mark, give_up, true)?;
        let status = self.handle.wait()?.status;
        live().retain(|other| *other != self.pid);
        let reaped = Reaped { status, left_behind };
        self.over = Some(reaped);
        Ok(reaped)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // The way out of a panic or of another error, which is the one to be told.
        let _ = self.end();
    }
}

/// What remains of earlier runs of the harness that were killed: every process tagged by the run `run_id`.
pub(super) fn end_strays(run_id: &str) {
    sweep::strays(run_id);
}

/// Kills; a process that is gone already is as good.
fn kill(pidfd: &OwnedFd) {
    let _ = pidfd_send_signal(pidfd, Signal::KILL);
}

fn has_exited(pidfd: &OwnedFd) -> io::Result<bool> {
    Ok(poll_for(&mut [PollFd::new(pidfd, PollFlags::IN)], Duration::ZERO)? > 0)
}

/// Polls; a signal that is handled in between counts as the time being up.
fn poll_for(fds: &mut [PollFd<'_>], timeout: Duration) -> io::Result<usize> {
    let timeout = Timespec { tv_sec: timeout.as_secs().cast_signed(), tv_nsec: timeout.subsec_nanos().into() };
    match poll(fds, Some(&timeout)) {
        Ok(ready) => Ok(ready),
        Err(Errno::INTR) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// A descriptor that, once notified, stays ready for everybody who polls it.
#[derive(Debug)]
pub(super) struct Wake(OwnedFd);

impl Wake {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    /// May be called from a signal handler.
    pub(super) fn notify(&self) {
        // It can only fail when the counter is full, and then it is ready anyway.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }
}

/// Whether the process was told to ignore this signal before it started.
pub(super) fn is_ignored(signal: i32) -> bool {
    // SAFETY: `sigaction` is plain data for which all zeroes are a value, and with a null action the call only reads into it.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action) == 0 && action.sa_sigaction == libc::SIG_IGN
    }
}

/// Whether starting failed because the file is no program this system knows.
pub(super) fn is_no_program(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::NOEXEC | Errno::LIBBAD | Errno::LIBACC | Errno::ISDIR))
}

/// The signal that ended a process.
pub(super) fn signal_of(status: ExitStatus) -> Option<i32> {
    status.signal()
}

/// Whether this is the signal the harness kills with.
pub(super) fn is_kill(signal: i32) -> bool {
    signal == libc::SIGKILL
}

/// A signal's name; one that has none (the real-time signals) gets its number.
pub(super) fn signal_name(signal: i32) -> String {
    signal_hook::low_level::signal_name(signal).map_or_else(|| format!("SIG{signal}"), str::to_owned)
}
