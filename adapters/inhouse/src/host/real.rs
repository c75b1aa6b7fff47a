//! The operating system: its clocks, its files, its sockets behind epoll, an eventfd to be woken by, and libuv's thread pool.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::event::{EventfdFlags, Timespec};
use signal_hook::SigId;

use super::channels::Waker;
use super::children::{self, Command, Pid};
use super::pool::{Inbox, Pool};
use super::sockets::epoll::{Descriptors, Found};
use super::sockets::{Errno, Sockets};
use super::{Event, FileError, FileReply, FileRequest, Fork, Host, HostEnd, JobId, Patience, Reading, Waited, Work};

/// The real world of one loop.
pub struct Real {
    shared: Arc<Shared>,
    descriptors: Descriptors,
    inbox: Arc<Inbox>,
    /// Jobs submitted and not yet delivered.
    in_flight: Cell<usize>,
    /// Nanoseconds that polls have waited.
    idle: Cell<u64>,
    /// The signals that are watched for.
    signals: RefCell<BTreeMap<i32, SigId>>,
    /// Whether dropping this loop ends the world: it is the program's first.
    main: bool,
}

/// What the loops of one program share.
struct Shared {
    origin: Instant,
    deadline: Option<Instant>,
    pool: Arc<Pool>,
    waits: Mutex<Waits>,
    woken: Condvar,
}

/// Who waits in `Atomics.wait`, first come first.
#[derive(Default)]
struct Waits {
    waiting: Vec<(u64, usize)>,
    last: u64,
}

impl fmt::Debug for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Real").field("deadline", &self.shared.deadline).field("main", &self.main).finish_non_exhaustive()
    }
}

impl Real {
    /// Makes a world with a pool of `size` threads, which start with the first job.
    ///
    /// # Errors
    /// Fails if the system has no descriptors left.
    pub fn new(size: usize, deadline: Option<Instant>) -> std::io::Result<Self> {
        let shared =
            Shared { origin: Instant::now(), deadline, pool: Pool::new(size), waits: Mutex::default(), woken: Condvar::new() };
        Self::join(Arc::new(shared), new_inbox()?, true)
    }

    fn join(shared: Arc<Shared>, inbox: Arc<Inbox>, main: bool) -> std::io::Result<Self> {
        let descriptors = Descriptors::new(&inbox.wake)?;
        Ok(Self { shared, descriptors, inbox, in_flight: Cell::new(0), idle: Cell::new(0), signals: RefCell::default(), main })
    }

    fn nanos(&self) -> u64 {
        u64::try_from(self.shared.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Why the loop is over, if it is.
    fn check(&self) -> Result<(), HostEnd> {
        if self.inbox.stopped.load(Ordering::Relaxed) {
            return Err(HostEnd::Terminated);
        }
        if self.shared.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(HostEnd::Deadline);
        }
        Ok(())
    }

    fn until_deadline(&self) -> Option<Duration> {
        self.shared.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

fn new_inbox() -> std::io::Result<Arc<Inbox>> {
    Ok(Arc::new(Inbox::new(rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)))
}

/// The shorter of two times, none being for ever.
fn shorter(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
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
        self.check()?;
        let wanted = match patience {
            Patience::None => Some(Duration::ZERO),
            Patience::For(millis) => Some(Duration::from_millis(millis)),
            Patience::Forever => None,
        };
        let timeout = shorter(wanted, self.until_deadline()).map(|timeout| Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        });
        let began = self.nanos();
        let found = self.descriptors.poll(timeout.as_ref());
        if patience != Patience::None {
            self.idle.set(self.idle.get() + self.nanos() - began);
        }
        self.check()?;
        let mut events = Vec::with_capacity(found.len());
        for found in found {
            match found {
                Found::Ready(socket, readiness) => events.push(Event::Ready(socket, readiness)),
                Found::Woken => {
                    let mut count = [0; 8];
                    let _ = rustix::io::read(&self.inbox.wake, &mut count);
                    events.extend(self.inbox.take());
                    let signals = self.inbox.signals.swap(0, Ordering::Relaxed);
                    events.extend((1..64).filter(|signal| signals & (1 << signal) != 0).map(Event::Signal));
                }
            }
        }
        // libuv looks at its streams first, and at the ends of processes last.
        events.sort_by_key(|event| matches!(event, Event::Exited(..)));
        let done = events.iter().filter(|event| matches!(event, Event::JobDone(..))).count();
        self.in_flight.set(self.in_flight.get() - done);
        Ok(events)
    }

    fn set_pool_size(&self, size: usize) {
        self.shared.pool.resize(size);
    }

    fn submit(&self, job: JobId, work: Work) {
        self.in_flight.set(self.in_flight.get() + 1);
        self.shared.pool.submit(&self.inbox, job, work);
    }

    fn file(&self, request: FileRequest) -> Result<Result<FileReply, FileError>, HostEnd> {
        Ok(request.perform())
    }

    fn sockets(&self) -> &dyn Sockets {
        &self.descriptors
    }

    fn spend(&self, _: u64) {}

    fn wait(&self, address: usize, until: Option<u64>, still: &dyn Fn() -> bool) -> Result<Waited, HostEnd> {
        let mut waits = self.shared.waits.lock().unwrap_or_else(PoisonError::into_inner);
        if !still() {
            return Ok(Waited::NotEqual);
        }
        waits.last += 1;
        let ticket = waits.last;
        waits.waiting.push((ticket, address));
        loop {
            let left = until.map(|until| Duration::from_nanos(until.saturating_sub(self.nanos())));
            let end = self.check().err();
            if end.is_some() || left == Some(Duration::ZERO) {
                waits.waiting.retain(|&(other, _)| other != ticket);
                return end.map_or(Ok(Waited::TimedOut), Err);
            }
            // Termination is looked for now and then; it has no part in who waits here.
            let nap = shorter(shorter(left, self.until_deadline()), Some(Duration::from_millis(20)));
            let nap = nap.unwrap_or_default();
            (waits, _) = self.shared.woken.wait_timeout(waits, nap).unwrap_or_else(PoisonError::into_inner);
            if !waits.waiting.iter().any(|&(other, _)| other == ticket) {
                return Ok(Waited::Woken);
            }
        }
    }

    fn notify(&self, address: usize, count: usize) -> usize {
        let mut waits = self.shared.waits.lock().unwrap_or_else(PoisonError::into_inner);
        let before = waits.waiting.len();
        let mut left = count;
        waits.waiting.retain(|&(_, other)| {
            let wakes = other == address && left > 0;
            left -= usize::from(wakes);
            !wakes
        });
        self.shared.woken.notify_all();
        before - waits.waiting.len()
    }

    fn tick(&self) -> Result<(), HostEnd> {
        self.check()
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

    fn idle_time(&self) -> u64 {
        self.idle.get()
    }

    fn simulated(&self) -> bool {
        false
    }

    fn waker(&self) -> Arc<dyn Waker> {
        Arc::clone(&self.inbox) as Arc<dyn Waker>
    }

    fn fork(&self) -> std::io::Result<Fork> {
        let inbox = new_inbox()?;
        let (shared, stopped) = (Arc::clone(&self.shared), Arc::clone(&inbox));
        Ok(Fork {
            enter: Box::new(move || Ok(Rc::new(Self::join(shared, inbox, false)?) as Rc<dyn Host>)),
            stop: Box::new(move || stopped.stop()),
        })
    }

    fn spawn(&self, command: Command) -> Result<Pid, Errno> {
        children::spawn(command, self.waker())
    }

    fn fork_process(&self) -> Option<(Pid, Fork)> {
        None
    }

    fn nest(&self) -> std::io::Result<Rc<dyn Host>> {
        Ok(Rc::new(Self::join(Arc::clone(&self.shared), new_inbox()?, false)?))
    }

    fn pid(&self) -> Pid {
        Pid(std::process::id().cast_signed())
    }

    fn signal(&self, pid: Pid, signal: i32) -> Result<(), Errno> {
        children::signal(pid, signal)
    }

    fn watch_signal(&self, signal: i32, wanted: bool) -> Result<(), Errno> {
        let mut signals = self.signals.borrow_mut();
        if !wanted {
            if let Some(id) = signals.remove(&signal) {
                signal_hook::low_level::unregister(id);
                children::restore_default(signal);
            }
            return Ok(());
        }
        if signals.contains_key(&signal) {
            return Ok(());
        }
        if !(1..64).contains(&signal) || signal_hook::consts::FORBIDDEN.contains(&signal) {
            return Err(Errno::INVAL);
        }
        let inbox = Arc::clone(&self.inbox);
        let note = move || {
            inbox.signals.fetch_or(1 << signal, Ordering::Relaxed);
            inbox.signal();
        };
        // SAFETY: the handler sets an atomic and writes to a descriptor, both of which are async-signal-safe.
        let id = unsafe { signal_hook::low_level::register(signal, note) }.map_err(|_| Errno::INVAL)?;
        signals.insert(signal, id);
        Ok(())
    }

    fn leave(&self) {}
}

impl Drop for Real {
    fn drop(&mut self) {
        let watched: Vec<i32> = self.signals.borrow().keys().copied().collect();
        for signal in watched {
            // Giving up a signal cannot fail.
            let _ = self.watch_signal(signal, false);
        }
        if self.main {
            self.shared.pool.close();
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
                    other => panic!("nobody caused {other:?}"),
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

    #[test]
    fn a_waiter_is_woken_by_another_loop_or_stopped() {
        let world = Real::new(1, None).expect("descriptors");
        let start = |until| {
            let fork = world.fork().expect("descriptors");
            let thread = std::thread::spawn(move || (fork.enter)().expect("descriptors").wait(64, until, &|| true));
            (thread, fork.stop)
        };
        let (woken, _) = start(None);
        while world.notify(64, 1) == 0 {
            std::thread::yield_now();
        }
        assert_eq!(woken.join().expect("no panic"), Ok(Waited::Woken));
        let (stopped, stop) = start(None);
        stop();
        assert_eq!(stopped.join().expect("no panic"), Err(HostEnd::Terminated));
        assert_eq!(world.wait(64, Some(0), &|| true), Ok(Waited::TimedOut));
        assert_eq!(world.wait(64, None, &|| false), Ok(Waited::NotEqual));
    }
}
