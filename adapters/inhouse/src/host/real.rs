//! The operating system: its clocks, its files, an eventfd behind epoll to be woken by, and libuv's thread pool.

use std::collections::VecDeque;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::event::{EventfdFlags, Timespec, epoll};
use rustix::fs::OFlags;

use super::{Event, FileError, FileReply, FileRequest, Host, HostEnd, JobId, Patience, Reading, Work, files};

/// The real world of one program.
pub struct Real {
    origin: Instant,
    deadline: Option<Instant>,
    epoll: OwnedFd,
    pool: Arc<Pool>,
    size: usize,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl fmt::Debug for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Real").field("deadline", &self.deadline).field("size", &self.size).finish_non_exhaustive()
    }
}

/// What the loop's thread and the pool's threads share.
struct Pool {
    state: Mutex<PoolState>,
    work: Condvar,
    /// Written once for each completion, read by the poll.
    wake: OwnedFd,
}

#[derive(Default)]
struct PoolState {
    queue: VecDeque<(JobId, Work)>,
    done: Vec<Event>,
    /// Jobs submitted and not yet delivered; while there is none, nothing can wake the loop.
    in_flight: usize,
    /// FIFOs that threads are blocked in opening.
    opening: Vec<PathBuf>,
    closed: bool,
}

impl Pool {
    /// A panic in a job is the job's; the lists stay sound.
    fn lock(&self) -> MutexGuard<'_, PoolState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread of the pool: takes jobs first in, first out.
    fn serve(&self) {
        let mut state = self.lock();
        loop {
            if let Some((job, work)) = state.queue.pop_front() {
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
                state.done.push(Event::JobDone(job, completion));
                // The counter of an eventfd that nobody reads overflows after 2^64 jobs.
                let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
            } else if state.closed {
                return;
            } else {
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
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

impl Real {
    /// Makes a world with a pool of `size` threads, which start with the first job.
    ///
    /// # Errors
    /// Fails if the system has no descriptors left.
    pub fn new(size: usize, deadline: Option<Instant>) -> std::io::Result<Self> {
        let wake = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &wake, epoll::EventData::new_u64(0), epoll::EventFlags::IN)?;
        let pool = Arc::new(Pool { state: Mutex::default(), work: Condvar::new(), wake });
        Ok(Self { origin: Instant::now(), deadline, epoll, pool, size, threads: Mutex::default() })
    }

    fn nanos(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn expired(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl Host for Real {
    fn now(&self, _: Reading) -> u64 {
        self.nanos()
    }

    fn wall_clock(&self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros() as f64 / 1000.0
    }

    fn poll(&self, patience: Patience) -> Result<Vec<Event>, HostEnd> {
        if self.expired() {
            return Err(HostEnd::Deadline);
        }
        // With nothing in flight a poll that may not wait has nothing to find.
        if patience == Patience::None && self.pool.lock().in_flight == 0 {
            return Ok(Vec::new());
        }
        let until = match patience {
            Patience::None => Some(Duration::ZERO),
            Patience::For(millis) => Some(Duration::from_millis(millis)),
            Patience::Forever => None,
        };
        let limit = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let timeout = match (until, limit) {
            (Some(until), Some(limit)) => Some(until.min(limit)),
            (until, limit) => until.or(limit),
        };
        let timeout = timeout.map(|timeout| Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        });
        let mut ready = Vec::with_capacity(8);
        // An interrupted wait is a poll that found nothing; the loop polls again.
        let _ = epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut ready), timeout.as_ref());
        if !ready.is_empty() {
            let mut count = [0; 8];
            let _ = rustix::io::read(&self.pool.wake, &mut count);
        }
        let mut state = self.pool.lock();
        let done = std::mem::take(&mut state.done);
        state.in_flight -= done.len();
        drop(state);
        if done.is_empty() && self.expired() {
            return Err(HostEnd::Deadline);
        }
        Ok(done)
    }

    fn submit(&self, job: JobId, work: Work) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if threads.is_empty() {
            threads.extend((0..self.size).map_while(|_| {
                let pool = Arc::clone(&self.pool);
                std::thread::Builder::new().name("pool".into()).stack_size(1 << 20).spawn(move || pool.serve()).ok()
            }));
        }
        let mut state = self.pool.lock();
        state.in_flight += 1;
        state.queue.push_back((job, work));
        drop(state);
        self.pool.work.notify_one();
    }

    fn file(&self, request: FileRequest) -> Result<Result<FileReply, FileError>, HostEnd> {
        Ok(request.perform())
    }

    fn spend(&self, _: u64) {}

    fn block(&self, until: Option<u64>) -> Result<bool, HostEnd> {
        let until = until.map(|until| Duration::from_nanos(until.saturating_sub(self.nanos())));
        let limit = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match (until, limit) {
            (Some(until), Some(limit)) => std::thread::sleep(until.min(limit)),
            (Some(time), None) | (None, Some(time)) => std::thread::sleep(time),
            (None, None) => loop {
                std::thread::park();
            },
        }
        if self.expired() { Err(HostEnd::Deadline) } else { Ok(false) }
    }

    fn tick(&self) -> Result<(), HostEnd> {
        if self.expired() { Err(HostEnd::Deadline) } else { Ok(()) }
    }

    fn random(&self, bytes: &mut [u8]) {
        let mut filled = 0;
        while filled < bytes.len() {
            match rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty()) {
                Ok(count) => filled += count,
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => unreachable!("getrandom fails only before the first boot entropy: {error}"),
            }
        }
    }

    fn cpu_usage(&self) -> (u64, u64) {
        // Seconds and nanoseconds are the system's; they are not negative.
        let micros = |id| {
            let time = rustix::time::clock_gettime(id);
            time.tv_sec.cast_unsigned() * 1_000_000 + time.tv_nsec.cast_unsigned() / 1000
        };
        (micros(rustix::time::ClockId::ProcessCPUTime), 0)
    }

    fn simulated(&self) -> bool {
        false
    }
}

impl Drop for Real {
    /// Leaves no thread behind: opens that wait for a FIFO's other end are given one.
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.closed = true;
        state.queue.clear();
        drop(state);
        self.pool.work.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            while !thread.is_finished() {
                let opening = self.pool.lock().opening.clone();
                let ends: Vec<OwnedFd> = opening
                    .iter()
                    .filter_map(|path| {
                        rustix::fs::open(path, OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC, rustix::fs::Mode::empty()).ok()
                    })
                    .collect();
                std::thread::sleep(Duration::from_millis(if opening.is_empty() { 0 } else { 1 }));
                drop(ends);
                std::thread::yield_now();
            }
            // A job that panicked has lost its completion, which nobody waits for any more.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Completion;

    fn run_to_end(world: &Real, jobs: usize) -> Vec<u64> {
        let mut order = Vec::new();
        while order.len() < jobs {
            for event in world.poll(Patience::Forever).expect("there is no deadline") {
                match event {
                    Event::JobDone(job, _) => order.push(job.0),
                    Event::Task(task) => panic!("nobody posted {task:?}"),
                }
            }
        }
        order
    }

    #[test]
    fn one_thread_completes_jobs_in_order() {
        let world = Real::new(1, None).expect("descriptors");
        for job in 0..50 {
            world.submit(JobId(job), Work::Compute { modelled: 0, run: Box::new(|| Completion::Bytes(Vec::new())) });
        }
        assert_eq!(run_to_end(&world, 50), (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn a_poll_waits_at_least_its_patience() {
        let world = Real::new(1, None).expect("descriptors");
        let before = world.now(Reading::Program);
        assert!(world.poll(Patience::For(20)).expect("there is no deadline").is_empty());
        assert!(world.now(Reading::Program) >= before + 20_000_000);
    }

    #[test]
    fn the_deadline_ends_a_poll_that_would_wait_for_ever() {
        let world = Real::new(1, Some(Instant::now() + Duration::from_millis(5))).expect("descriptors");
        let end = loop {
            if let Err(end) = world.poll(Patience::Forever) {
                break end;
            }
        };
        assert_eq!(end, HostEnd::Deadline);
    }

    #[test]
    fn a_world_ends_although_a_thread_waits_for_a_fifo() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("gate");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).expect("a FIFO");
        let world = Real::new(2, None).expect("descriptors");
        world.submit(JobId(1), Work::File(FileRequest::Open { path: path.clone(), flags: 0, mode: 0 }));
        world.submit(JobId(2), Work::File(FileRequest::ReadFile { path, flags: 0 }));
        drop(world);
    }
}
