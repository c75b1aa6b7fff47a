//! The thread pool of the real world, one a program, and the inboxes of the loops that use it.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::fs::OFlags;

use super::channels::{EndpointId, Waker};
use super::children::{Pid, Status};
use super::{Event, FileRequest, JobId, Work, files};

/// What happened for one loop, and the descriptor that wakes its poll.
pub(super) struct Inbox {
    events: Mutex<Vec<Event>>,
    /// Written with each event, read by the poll.
    pub(super) wake: OwnedFd,
    /// Whether the loop is to end.
    pub(super) stopped: AtomicBool,
    /// Signals that have come and are not delivered, a bit each.
    pub(super) signals: AtomicU64,
}

impl Inbox {
    pub(super) fn new(wake: OwnedFd) -> Self {
        Self { events: Mutex::default(), wake, stopped: AtomicBool::new(false), signals: AtomicU64::new(0) }
    }

    fn push(&self, event: Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        self.signal();
    }

    pub(super) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends the current poll.
    pub(super) fn signal(&self) {
        // The counter of an eventfd that nobody reads overflows after 2^64 events.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.signal();
    }
}

impl Waker for Inbox {
    fn wake(&self, endpoint: EndpointId) {
        self.push(Event::Message(endpoint));
    }

    fn exited(&self, pid: Pid, status: Status) {
        self.push(Event::Exited(pid, status));
    }
}

/// A pool of threads that take jobs first in, first out.
pub(super) struct Pool {
    state: Mutex<State>,
    work: Condvar,
    /// Threads that the first job starts.
    size: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<(Arc<Inbox>, JobId, Work)>,
    /// FIFOs that threads are blocked in opening.
    opening: Vec<PathBuf>,
    closed: bool,
}

impl Pool {
    /// Sets the number of threads; without effect once they run.
    pub(super) fn resize(&self, size: usize) {
        self.size.store(size, Ordering::Relaxed);
    }

    pub(super) fn new(size: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), work: Condvar::new(), size: AtomicUsize::new(size), threads: Mutex::default() })
    }

    /// A panic in a job is the job's; the lists stay sound.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a job; its completion goes to `inbox`. The threads start with the first job.
    pub(super) fn submit(self: &Arc<Self>, inbox: &Arc<Inbox>, job: JobId, work: Work) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if threads.is_empty() {
            threads.extend((0..self.size.load(Ordering::Relaxed)).map_while(|_| {
                let pool = Arc::clone(self);
                std::thread::Builder::new().name("pool".into()).stack_size(1 << 20).spawn(move || pool.serve()).ok()
            }));
        }
        self.lock().queue.push_back((Arc::clone(inbox), job, work));
        self.work.notify_one();
    }

    fn serve(&self) {
        let mut state = self.lock();
        loop {
            if let Some((inbox, job, work)) = state.queue.pop_front() {
                let opening = fifo_opened_by(&work);
                state.opening.extend(opening.clone());
                drop(state);
                let completion = work.run();
                state = self.lock();
                if let Some(path) = opening
                    && let Some(index) = state.opening.iter().position(|other| *other == path)
                {
                    state.opening.swap_remove(index);
                }
                inbox.push(Event::JobDone(job, completion));
            } else if state.closed {
                return;
            } else {
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Ends all threads; opens that wait for a FIFO's other end are given one.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.queue.clear();
        drop(state);
        self.work.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            while !thread.is_finished() {
                let opening = self.lock().opening.clone();
                let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
                let ends: Vec<OwnedFd> =
                    opening.iter().filter_map(|path| rustix::fs::open(path, flags, rustix::fs::Mode::empty()).ok()).collect();
                if !opening.is_empty() {
                    std::thread::sleep(Duration::from_millis(1));
                }
                drop(ends);
                std::thread::yield_now();
            }
            // A job that panicked has lost its completion, which nobody waits for any more.
            let _ = thread.join();
        }
    }
}

fn fifo_opened_by(work: &Work) -> Option<PathBuf> {
    match work {
        Work::File(FileRequest::Open { path, .. } | FileRequest::ReadFile { path, .. } | FileRequest::WriteFile { path, .. })
            if files::is_fifo(path) =>
        {
            Some(path.clone())
        }
        _ => None,
    }
}
