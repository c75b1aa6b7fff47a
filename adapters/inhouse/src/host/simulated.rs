//! A world in which time is virtual and nothing is left to chance.
//!
//! The clock stands still unless something moves it: each reading costs 20 µs and each interrupt tick of the engine 100 µs, so that
//! busy-waits end; a poll with nothing ready jumps to the next thing that will happen. Pool jobs take modelled times on a pool of the real
//! size; their work is done when they complete. Files are real, FIFOs are [modelled](super::fifo). Where a real world could go either
//! way, the [`Schedule`] is asked.
//!
//! A program that waits for what can never happen is told so at once ([`HostEnd::Stuck`]), and one whose virtual time exceeds its limit
//! ends as at a real deadline, only sooner.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

use super::fifo::{Fifos, Operation};
use super::{Completion, Event, FileError, FileReply, FileRequest, Host, HostEnd, JobId, Patience, Reading, Work};
use crate::schedule::{self, Choice, Point, Schedule};

/// What a reading of the clock costs.
const READING: u64 = 20_000;
/// What an interrupt tick of the engine costs; about what it takes on a machine of 2025.
const TICK: u64 = 100_000;
/// What a file operation takes.
const FILE: u64 = 50_000;
/// One way of the clock's choice points.
const MILLISECOND: u64 = 1_000_000;
/// 2026-01-01, when every simulated program starts.
const EPOCH_MS: f64 = 1_767_225_600_000.0;

/// What a simulated world needs to know.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Threads of the pool.
    pub pool_size: usize,
    /// Virtual nanoseconds the program may take.
    pub virtual_limit: u64,
    /// When the run ends in real time, whatever the virtual clock says.
    pub real_deadline: Option<Instant>,
    /// Who decides.
    pub schedule: Schedule,
    /// Where randomness starts.
    pub seed: u64,
}

/// The simulated world of one program.
pub struct Simulated {
    state: RefCell<State>,
}

impl fmt::Debug for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state.borrow().fmt(f)
    }
}

#[derive(Debug)]
struct State {
    setting: Setting,
    now: u64,
    /// Time not spent waiting.
    busy: u64,
    random: u64,
    fifos: Fifos,
    /// Jobs that no thread has taken yet.
    queue: VecDeque<(JobId, Work)>,
    /// Jobs on threads.
    running: Vec<Running>,
    /// Completions that no poll has delivered yet, in the order in which they happened.
    ready: VecDeque<Event>,
    last_started: u64,
}

#[derive(Debug)]
struct Running {
    job: JobId,
    /// Breaks ties between jobs that finish at the same time.
    started: u64,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Done at `at`; the work is done then.
    Timed { at: u64, work: Work },
    /// Done at `at` with a result that is known.
    Known { at: u64, result: Result<FileReply, FileError> },
    /// Waits for the other end of a FIFO.
    Waiting(Operation),
}

impl Running {
    fn finishes_at(&self) -> Option<u64> {
        match self.stage {
            Stage::Timed { at, .. } | Stage::Known { at, .. } => Some(at),
            Stage::Waiting(_) => None,
        }
    }
}

impl Simulated {
    /// Makes a world at time 0.
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        let random = setting.seed;
        Self {
            state: RefCell::new(State {
                setting,
                now: 0,
                busy: 0,
                random,
                fifos: Fifos::default(),
                queue: VecDeque::new(),
                running: Vec::new(),
                ready: VecDeque::new(),
                last_started: 0,
            }),
        }
    }

    /// What the schedule chose so far.
    #[must_use]
    pub fn choices(&self) -> Vec<Choice> {
        self.state.borrow().setting.schedule.taken().to_vec()
    }
}

impl State {
    /// Lets busy time pass.
    fn pass(&mut self, nanos: u64) {
        self.now += nanos;
        self.busy += nanos;
    }

    fn check_limits(&self) -> Result<(), HostEnd> {
        if self.now > self.setting.virtual_limit || self.setting.real_deadline.is_some_and(|deadline| Instant::now() >= deadline)
        {
            return Err(HostEnd::Deadline);
        }
        Ok(())
    }

    /// Gives queued jobs to free threads, as of `at`.
    fn start_jobs(&mut self, at: u64) {
        while self.running.len() < self.setting.pool_size {
            let Some((job, work)) = self.queue.pop_front() else { return };
            self.last_started += 1;
            let stage = match work {
                Work::File(request) => match self.fifos.admit(request) {
                    Ok(operation) => Stage::Waiting(operation),
                    Err(request) => Stage::Timed { at: at + FILE, work: Work::File(request) },
                },
                Work::Compute { modelled, run } => Stage::Timed { at: at + modelled, work: Work::Compute { modelled, run } },
            };
            self.running.push(Running { job, started: self.last_started, stage });
            self.advance_fifos(at);
        }
    }

    /// Lets every waiting operation go as far as it can; one may free another.
    fn advance_fifos(&mut self, at: u64) {
        loop {
            let mut progress = false;
            for running in &mut self.running {
                if let Stage::Waiting(operation) = &mut running.stage
                    && let Some(result) = self.fifos.advance(operation)
                {
                    running.stage = Stage::Known { at: at + FILE, result };
                    progress = true;
                }
            }
            if !progress {
                return;
            }
        }
    }

    /// When the next job finishes.
    fn next_finish(&self) -> Option<u64> {
        self.running.iter().filter_map(Running::finishes_at).min()
    }

    /// Completes all jobs that are finished by now, each at its own time, and starts others in their place.
    fn collect(&mut self) {
        loop {
            self.start_jobs(self.now);
            let Some(at) = self.next_finish().filter(|&at| at <= self.now) else { return };
            let index = self.choose_finisher();
            let running = self.running.remove(index);
            let completion = match running.stage {
                Stage::Timed { work, .. } => work.run(),
                Stage::Known { result, .. } => Completion::File(result),
                Stage::Waiting(_) => unreachable!("a waiting job has no time to finish at"),
            };
            self.ready.push_back(Event::JobDone(running.job, completion));
            self.advance_fifos(at);
            self.start_jobs(at);
        }
    }

    /// Which running job finishes now: the earliest, or by choice another one that could as well have been faster.
    fn choose_finisher(&mut self) -> usize {
        let mut order: Vec<usize> =
            (0..self.running.len()).filter(|&index| self.running[index].finishes_at().is_some()).collect();
        order.sort_by_key(|&index| (self.running[index].finishes_at(), self.running[index].started));
        let ways = u32::try_from(order.len()).unwrap_or(u32::MAX);
        order[self.setting.schedule.choose(Point::CompletionOrder, ways) as usize]
    }

    /// Takes what one poll delivers.
    fn deliver(&mut self, waits: bool) -> Vec<Event> {
        let count = self.ready.len();
        let ways = u32::try_from(count + usize::from(!waits)).unwrap_or(u32::MAX);
        let left = self.setting.schedule.choose(Point::PollBatch, ways) as usize;
        self.ready.drain(..count - left).collect()
    }

    /// Jumps to the next job that finishes, no later than `until`. Whether there was anything to jump to.
    fn jump(&mut self, until: Option<u64>) -> bool {
        let next = match (self.next_finish(), until) {
            (Some(finish), Some(until)) => finish.min(until),
            (Some(time), None) | (None, Some(time)) => time,
            (None, None) => return false,
        };
        self.now = self.now.max(next);
        true
    }
}

impl Host for Simulated {
    fn now(&self, reading: Reading) -> u64 {
        let mut state = self.state.borrow_mut();
        state.pass(READING);
        let point = match reading {
            Reading::Program => return state.now,
            Reading::TimerInsertion => Point::TimerInsertion,
            Reading::LoopUpdate => Point::LoopUpdate,
        };
        if state.setting.schedule.choose(point, 2) == 1 {
            state.pass(MILLISECOND);
        }
        state.now
    }

    fn wall_clock(&self) -> f64 {
        EPOCH_MS + self.now(Reading::Program) as f64 / MILLISECOND as f64
    }

    fn poll(&self, patience: Patience) -> Result<Vec<Event>, HostEnd> {
        let mut state = self.state.borrow_mut();
        let until = match patience {
            Patience::For(millis) => Some(state.now + millis * MILLISECOND),
            Patience::None | Patience::Forever => None,
        };
        loop {
            state.check_limits()?;
            state.collect();
            if patience == Patience::None {
                return Ok(state.deliver(false));
            }
            if !state.ready.is_empty() {
                return Ok(state.deliver(true));
            }
            if until.is_some_and(|until| state.now >= until) {
                return Ok(Vec::new());
            }
            if !state.jump(until) {
                return Err(HostEnd::Stuck);
            }
        }
    }

    fn submit(&self, job: JobId, work: Work) {
        let mut state = self.state.borrow_mut();
        state.collect();
        state.queue.push_back((job, work));
        let now = state.now;
        state.start_jobs(now);
    }

    fn file(&self, request: FileRequest) -> Result<Result<FileReply, FileError>, HostEnd> {
        let mut state = self.state.borrow_mut();
        state.pass(FILE);
        state.collect();
        let mut operation = match state.fifos.admit(request) {
            Ok(operation) => operation,
            Err(request) => return Ok(request.perform()),
        };
        loop {
            if let Some(result) = state.fifos.advance(&mut operation) {
                let now = state.now;
                state.advance_fifos(now);
                return Ok(result);
            }
            let now = state.now;
            state.advance_fifos(now);
            if let Some(result) = state.fifos.advance(&mut operation) {
                return Ok(result);
            }
            // The loop's thread is blocked; only jobs that are on their way can free it.
            state.check_limits()?;
            if !state.jump(None) {
                return Err(HostEnd::Stuck);
            }
            state.collect();
        }
    }

    fn spend(&self, nanos: u64) {
        self.state.borrow_mut().pass(nanos);
    }

    fn block(&self, until: Option<u64>) -> Result<bool, HostEnd> {
        let mut state = self.state.borrow_mut();
        let until = until.ok_or(HostEnd::Stuck)?;
        state.now = state.now.max(until);
        state.check_limits()?;
        Ok(false)
    }

    fn tick(&self) -> Result<(), HostEnd> {
        let mut state = self.state.borrow_mut();
        state.pass(TICK);
        state.check_limits()
    }

    fn random(&self, bytes: &mut [u8]) {
        let mut state = self.state.borrow_mut();
        for chunk in bytes.chunks_mut(8) {
            let drawn = schedule::next(&mut state.random).to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }

    fn cpu_usage(&self) -> (u64, u64) {
        (self.state.borrow().busy / 1000, 0)
    }

    fn simulated(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(pool_size: usize, schedule: Schedule) -> Simulated {
        let second = 1_000_000_000;
        Simulated::new(Setting { pool_size, virtual_limit: 10 * second, real_deadline: None, schedule, seed: 0 })
    }

    fn compute(modelled: u64) -> Work {
        Work::Compute { modelled, run: Box::new(|| Completion::Bytes(Vec::new())) }
    }

    fn done(events: &[Event]) -> Vec<u64> {
        events
            .iter()
            .map(|event| match event {
                Event::JobDone(job, _) => job.0,
                Event::Task(task) => panic!("nobody posted {task:?}"),
            })
            .collect()
    }

    fn drain(world: &Simulated, jobs: usize) -> Vec<u64> {
        let mut order = Vec::new();
        while order.len() < jobs {
            order.extend(done(&world.poll(Patience::Forever).expect("jobs are on their way")));
        }
        order
    }

    #[test]
    fn a_poll_jumps_to_its_deadline() {
        let world = world(4, Schedule::default_schedule());
        let before = world.now(Reading::Program);
        assert!(world.poll(Patience::For(5_000)).expect("within the limit").is_empty());
        assert!(world.now(Reading::Program) >= before + 5_000_000_000);
        assert_eq!(world.cpu_usage().0, 2 * READING / 1000, "waiting costs no processor time");
    }

    #[test]
    fn waiting_for_nothing_is_stuck_and_waiting_too_long_is_the_deadline() {
        let world = world(4, Schedule::default_schedule());
        assert_eq!(world.poll(Patience::Forever).expect_err("nothing can happen"), HostEnd::Stuck);
        assert_eq!(world.block(None).expect_err("nobody can wake it"), HostEnd::Stuck);
        let late = world.poll(Patience::For(10_001)).expect_err("it is beyond the limit");
        assert_eq!(late, HostEnd::Deadline);
    }

    #[test]
    fn jobs_are_taken_in_order_and_finish_by_their_model() {
        let one = world(1, Schedule::default_schedule());
        let two = world(2, Schedule::default_schedule());
        for world in [&one, &two] {
            world.submit(JobId(1), compute(3_000_000));
            world.submit(JobId(2), compute(1_000_000));
            world.submit(JobId(3), compute(1_000_000));
        }
        assert_eq!(drain(&one, 3), [1, 2, 3]);
        assert_eq!(drain(&two, 3), [2, 3, 1], "the second thread does both short ones");
    }

    #[test]
    fn a_seed_changes_the_order_of_equal_jobs_and_repeats_it() {
        let order = |seed| {
            let world = world(4, Schedule::seeded(seed));
            (1..=4).for_each(|job| world.submit(JobId(job), compute(1_000_000)));
            drain(&world, 4)
        };
        let orders: std::collections::BTreeSet<_> = (0..20).map(order).collect();
        assert!(orders.len() > 1, "{orders:?}");
        assert_eq!(order(3), order(3));
    }

    #[test]
    fn blocked_opens_hold_the_pool_until_the_other_end_comes() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("gate");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).expect("a FIFO");
        let open = |flags| FileRequest::Open { path: path.clone(), flags, mode: 0 };
        let world = world(1, Schedule::default_schedule());
        world.submit(JobId(1), Work::File(open(0)));
        world.submit(JobId(2), compute(1_000));
        assert_eq!(world.poll(Patience::Forever).expect_err("the pool is full for ever"), HostEnd::Stuck);
        let writer = world.file(open(1)).expect("a reader waits already");
        assert!(matches!(writer, Ok(FileReply::Descriptor(_))), "{writer:?}");
        assert_eq!(drain(&world, 2), [1, 2]);
        let lone = dir.path().join("lone");
        rustix::fs::mknodat(rustix::fs::CWD, &lone, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).expect("a FIFO");
        let stuck = world.file(FileRequest::Open { path: lone, flags: 0, mode: 0 });
        assert_eq!(stuck.expect_err("nobody will open the other end"), HostEnd::Stuck);
    }
}
