//! The outside world, behind one trait.
//!
//! Contract of this folder: [`Host`] is all that the loop and the builtins know of clocks, files, threads and waiting. [`real`] is the
//! operating system; [`simulated`] is a world where time is virtual and every outside decision is a choice point of the
//! [schedule](crate::schedule). Both run the same [`FileRequest`]s by the same code, so they differ in *when*, never in *what*.

pub mod channels;
pub mod children;
mod fifo;
pub mod files;
mod pool;
pub mod real;
pub mod simulated;
pub mod sockets;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use crate::schedule::Point;
use channels::{EndpointId, Waker};
use children::{Command, Pid, Status};
pub use files::{FileError, FileReply, FileRequest, Stat};
use sockets::Errno;
use sockets::{Readiness, SocketId, Sockets};

/// Names a pool job within its loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// Why the clock is read. The simulated world lets time pass differently for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The program asks for the time.
    Program,
    /// A timer is inserted.
    TimerInsertion,
    /// The loop updates its cached time.
    LoopUpdate,
}

/// How long a poll may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Not at all.
    None,
    /// For this many milliseconds from now. They are counted from the poll on, not from when the loop last looked at its clock: so
    /// a wait is never too short, and mostly a little long.
    For(u64),
    /// As long as it takes.
    Forever,
}

/// Something that happened outside.
#[derive(Debug)]
pub enum Event {
    /// A pool job is done.
    JobDone(JobId, Completion),
    /// Something has come to this end of a channel.
    Message(EndpointId),
    /// A socket is ready.
    Ready(SocketId, Readiness),
    /// A process that this loop started is over.
    Exited(Pid, Status),
    /// A signal that this loop watches for has come.
    Signal(i32),
}

/// What a pool job is to do.
pub enum Work {
    /// A file operation.
    File(FileRequest),
    /// A computation.
    Compute {
        /// How long it takes in the simulated world, in nanoseconds.
        modelled: u64,
        /// The computation itself.
        run: Box<dyn FnOnce() -> Completion + Send>,
    },
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(request) => f.debug_tuple("File").field(request).finish(),
            Self::Compute { modelled, .. } => f.debug_struct("Compute").field("modelled", modelled).finish_non_exhaustive(),
        }
    }
}

impl Work {
    /// Does it, on whatever thread this is called.
    #[must_use]
    pub fn run(self) -> Completion {
        match self {
            Self::File(request) => Completion::File(request.perform()),
            Self::Compute { run, .. } => run(),
        }
    }
}

/// What became of a pool job.
#[derive(Debug)]
pub enum Completion {
    /// The result of [`Work::File`].
    File(Result<FileReply, FileError>),
    /// Bytes that a computation made.
    Bytes(Vec<u8>),
    /// The addresses of a name, or the code of the error, as the C library's `EAI_` constants name them.
    Addresses(Result<Vec<IpAddr>, &'static str>),
}

/// Why a world ends a run from outside the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostEnd {
    /// The run's time, real or virtual, is over.
    #[error("the time limit is reached")]
    Deadline,
    /// The program waits for something that cannot happen in a simulated world any more.
    #[error("the program waits for an event that can never come")]
    Stuck,
    /// The loop that started this one wants it to end.
    #[error("the worker is terminated")]
    Terminated,
    /// The process of this loop was killed by a signal.
    #[error("the process was killed by signal {0}")]
    Killed(i32),
}

/// How a wait for shared memory ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// The memory did not hold the expected value.
    NotEqual,
    /// Somebody notified this waiter.
    Woken,
    /// Its time was over first.
    TimedOut,
}

/// A further loop of the same program, to be run on a thread of its own.
pub struct Fork {
    /// To be called on the new thread: waits for its turn where turns are taken, and returns the loop's host.
    pub enter: Box<dyn FnOnce() -> io::Result<Rc<dyn Host>> + Send>,
    /// Ends the loop from any thread.
    pub stop: Box<dyn Fn() + Send>,
}

impl fmt::Debug for Fork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fork").finish_non_exhaustive()
    }
}

/// The outside world.
pub trait Host {
    /// Nanoseconds on a clock that never goes back, from an origin of its own.
    fn now(&self, reading: Reading) -> u64;

    /// Milliseconds since 1970 for `Date`.
    fn wall_clock(&self) -> f64;

    /// Waits for events. An empty answer means patience ended, or was interrupted for no reason that matters.
    ///
    /// # Errors
    /// [`HostEnd`] if the run is over, or nothing can ever happen any more.
    fn poll(&self, patience: Patience) -> Result<Vec<Event>, HostEnd>;

    /// Whether a schedule decides what happens when. Only then is there any use in the five calls that follow; other worlds ignore them.
    fn explores(&self) -> bool {
        false
    }

    /// The next event of the same poll, asked after the callback of the one before has run. `between` says whether anything could run
    /// between this poll and the next one, `timer` when the next timer is due, in milliseconds.
    fn more(&self, between: bool, timer: Option<u64>) -> Option<Event> {
        let _ = (between, timer);
        None
    }

    /// Lets time pass before a reading of the clock. `marks` are the milliseconds, in ascending order, from which on the loop would go another way.
    fn linger(&self, reading: Reading, marks: &[u64]) {
        let _ = (reading, marks);
    }

    /// Decides for one of `ways` where the loop itself may choose; way 0 unless a schedule says otherwise.
    fn choose(&self, point: Point, ways: u32, what: &dyn Fn(u32) -> String) -> u32 {
        let _ = (point, ways, what);
        0
    }

    /// Says that the completion of `job`, just submitted, runs nothing of the program.
    fn hide(&self, job: JobId) {
        let _ = job;
    }

    /// Says that the program cannot tell `job`, just submitted, from others of the same `class`.
    fn alike(&self, job: JobId, class: u64) {
        let _ = (job, class);
    }

    /// Sets the number of the pool's threads, unless it has had a job already.
    fn set_pool_size(&self, size: usize) {
        let _ = size;
    }

    /// Queues a job on the thread pool.
    fn submit(&self, job: JobId, work: Work);

    /// Does a file operation now, blocking the loop.
    ///
    /// # Errors
    /// [`HostEnd`] if the operation blocks for ever in a simulated world; the inner error is the operation's own.
    fn file(&self, request: FileRequest) -> Result<Result<FileReply, FileError>, HostEnd>;

    /// The network, and the ends of pipes.
    fn sockets(&self) -> &dyn Sockets;

    /// Lets a computation on the loop's thread take its modelled time.
    fn spend(&self, nanos: u64);

    /// Blocks the loop until another one notifies `address`, or until `until` (nanoseconds on this clock; none is for ever). `still` is asked
    /// first, in one step with the beginning of the wait, whether there is anything to wait for.
    ///
    /// # Errors
    /// [`HostEnd`] if the run is over first, or nothing can wake the loop any more.
    fn wait(&self, address: usize, until: Option<u64>, still: &dyn Fn() -> bool) -> Result<Waited, HostEnd>;

    /// Wakes up to `count` loops that wait for `address`, in the order in which they began; how many.
    fn notify(&self, address: usize, count: usize) -> usize;

    /// One interrupt tick of the engine, some ten thousand steps of the program.
    ///
    /// # Errors
    /// [`HostEnd::Deadline`] if the run's time is over.
    fn tick(&self) -> Result<(), HostEnd>;

    /// Fills `bytes` with randomness: the system's, or the schedule's.
    fn random(&self, bytes: &mut [u8]);

    /// Processor time used so far, user and system, in microseconds.
    fn cpu_usage(&self) -> (u64, u64);

    /// Nanoseconds that polls of this loop have waited for events so far.
    fn idle_time(&self) -> u64;

    /// Whether time and the outside are modelled.
    fn simulated(&self) -> bool;

    /// What wakes this loop from other threads.
    fn waker(&self) -> Arc<dyn Waker>;

    /// Makes a further loop of the same world.
    ///
    /// # Errors
    /// Fails if the system has no descriptors left.
    fn fork(&self) -> io::Result<Fork>;

    /// Starts a process of the operating system; [`Event::Exited`] reports its end.
    ///
    /// # Errors
    /// The system's; `ENOSYS` in a simulated world, which has no such processes.
    fn spawn(&self, command: Command) -> Result<Pid, Errno>;

    /// Makes a further loop that is a process of its own; none where processes are the operating system's.
    fn fork_process(&self) -> Option<(Pid, Fork)>;

    /// Makes a loop that takes this one's place until it is dropped, on the same thread.
    ///
    /// # Errors
    /// Fails if the system has no descriptors left.
    fn nest(&self) -> io::Result<Rc<dyn Host>>;

    /// The number of this loop's process.
    fn pid(&self) -> Pid;

    /// Sends a signal to a process; signal 0 only asks whether there is one.
    ///
    /// # Errors
    /// The system's, as of `kill`.
    fn signal(&self, pid: Pid, signal: i32) -> Result<(), Errno>;

    /// Says whether [`Event::Signal`] is wanted for a signal, which then has no other effect.
    ///
    /// # Errors
    /// `EINVAL` for a signal that cannot be caught.
    fn watch_signal(&self, signal: i32, wanted: bool) -> Result<(), Errno>;

    /// Says that this loop is over, so that others need not wait for it.
    fn leave(&self);
}
