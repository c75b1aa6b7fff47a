//! Systems without an implementation of their own: the crate compiles, runs programs and keeps deadlines, and that is all it claims.
//!
//! The child itself is killed, what it started is not; memory is not watched; waiting wakes every few milliseconds.

use std::{
    fs::File,
    io::{self, Read, Write},
    process::ExitStatus,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use super::{
    interrupt::Interrupt,
    launch::{Program, TAG_VARIABLE},
    watch::Reaped,
};

/// How long one wait lasts at most, since pipes and interrupts wake nobody here.
const NAP: Duration = Duration::from_millis(5);

/// The signals that stop a run.
pub(super) const SIGNALS: &[i32] = &[signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];

/// Where a child's standard streams lead.
#[derive(Debug)]
pub(super) struct Streams {
    /// Whether standard input is a pipe; else it is empty.
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

/// A child. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Child {
    handle: duct::Handle,
    over: Option<Reaped>,
}

/// Starts a program.
pub(super) fn spawn(program: &Program<'_>, tag: &str, streams: Streams, _file_bytes: u64) -> io::Result<Spawned> {
    let env = program.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([(TAG_VARIABLE, tag)]);
    let mut expression =
        duct::cmd(program.program, program.args).dir(program.dir).full_env(env).stderr_file(streams.errors).unchecked();
    let mut feed = None;
    expression = if streams.piped_input {
        let (theirs, ours) = io::pipe()?;
        feed = Some(Feed::to(ours)?);
        expression.stdin_file(theirs)
    } else {
        expression.stdin_null()
    };
    let mut tap = None;
    expression = match streams.output {
        Some(file) => expression.stdout_file(file),
        None => {
            let (ours, theirs) = io::pipe()?;
            tap = Some(Tap::of(ours)?);
            expression.stdout_file(theirs)
        }
    };
    Ok(Spawned { child: Child { handle: expression.start()?, over: None }, feed, tap })
}

impl Child {
    /// Sleeps until the child is over, but not longer than a nap.
    pub(super) fn wait(
        &self,
        _feed: Option<&Feed>,
        tap: Option<&Tap>,
        timeout: Duration,
        interrupt: &Interrupt,
    ) -> io::Result<Woken> {
        if interrupt.wake().0.load(Ordering::SeqCst) {
            return Ok(Woken::Interrupted);
        }
        match self.handle.wait_timeout(timeout.min(NAP))? {
            // What the child wrote before its end is read before the end is told.
            Some(_) if tap.is_none() => Ok(Woken::Exited),
            _ => Ok(Woken::Ready),
        }
    }

    /// Not known here.
    pub(super) fn resident(&self, _whole: bool) -> u64 {
        0
    }

    /// What the child started is not known here.
    pub(super) fn sweep(&self) -> io::Result<usize> {
        Ok(0)
    }

    /// Kills the child, if it still runs.
    pub(super) fn end(&mut self) -> io::Result<Reaped> {
        if let Some(reaped) = self.over {
            return Ok(reaped);
        }
        if self.handle.try_wait()?.is_none() {
            self.handle.kill()?;
        }
        let reaped = Reaped { status: self.handle.wait()?.status, left_behind: 0 };
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

/// The end that writes a child's standard input, through a thread; dropping it is the end of input.
#[derive(Debug)]
pub(super) struct Feed(mpsc::Sender<Vec<u8>>);

impl Feed {
    fn to(mut pipe: io::PipeWriter) -> io::Result<Self> {
        let (give, take) = mpsc::channel::<Vec<u8>>();
        thread::Builder::new().spawn(move || take.iter().all(|bytes| pipe.write_all(&bytes).is_ok()))?;
        Ok(Self(give))
    }

    /// Takes everything; fails once nobody reads any more.
    pub(super) fn offer(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }
}

/// The end that reads a child's standard output, through a thread.
#[derive(Debug)]
pub(super) struct Tap(mpsc::Receiver<Vec<u8>>);

impl Tap {
    fn of(mut pipe: io::PipeReader) -> io::Result<Self> {
        let (give, take) = mpsc::sync_channel(16);
        thread::Builder::new().spawn(move || {
            let mut chunk = vec![0; 64 << 10];
            while let Ok(length @ 1..) = pipe.read(&mut chunk) {
                if give.send(chunk[..length].to_vec()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self(take))
    }

    /// Appends what is there now; false once everybody who could write has closed.
    pub(super) fn drain(&mut self, into: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            match self.0.try_recv() {
                Ok(chunk) => into.extend_from_slice(&chunk),
                Err(mpsc::TryRecvError::Empty) => return Ok(true),
                Err(mpsc::TryRecvError::Disconnected) => return Ok(false),
            }
        }
    }
}

/// A flag that waits look at.
#[derive(Debug)]
pub(super) struct Wake(AtomicBool);

impl Wake {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(AtomicBool::new(false)))
    }

    /// May be called from a signal handler.
    pub(super) fn notify(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Processes of dead runs are not known here.
pub(super) fn end_strays(_run_id: &str) {}

/// Not known here.
pub(super) fn is_ignored(_signal: i32) -> bool {
    false
}

/// Whether starting failed because the file is no program this system knows (`ENOEXEC`, `ERROR_BAD_EXE_FORMAT`).
pub(super) fn is_no_program(error: &io::Error) -> bool {
    error.raw_os_error() == Some(if cfg!(windows) { 193 } else { 8 })
}

/// The signal that ended a process.
#[cfg(unix)]
pub(super) fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

/// A process that is killed has a code here, which cannot be told from its own.
#[cfg(not(unix))]
pub(super) fn signal_of(_status: ExitStatus) -> Option<i32> {
    None
}

/// Whether this is the signal the harness kills with.
pub(super) fn is_kill(signal: i32) -> bool {
    signal == 9
}

/// A signal's name; one that has none gets its number.
pub(super) fn signal_name(signal: i32) -> String {
    #[cfg(unix)]
    if let Some(name) = signal_hook::low_level::signal_name(signal) {
        return name.to_owned();
    }
    format!("SIG{signal}")
}
