//! A world in which time is virtual and nothing is left to chance.
//!
//! The clock stands still unless something moves it: each reading costs 20 µs and each interrupt tick of the engine 100 µs, so that
//! busy-waits end; a poll with nothing ready jumps to the next thing that will happen. Pool jobs take modelled times on a pool of the real
//! size; their work is done when they complete. Files are real, FIFOs are modelled (`fifo.rs`), and so is the network
//! (`sockets/loopback.rs`). Where a real world could go either
//! way, the [`Schedule`] is asked.
//!
//! A program may have several loops (its workers), each on a thread of its own, but only one of them runs at any time: the one whose turn it is.
//! A turn ends when the loop waits, and at an interrupt tick, so that nothing depends on how the system schedules threads.
//!
//! A program that waits for what can never happen is told so at once ([`HostEnd::Stuck`]), and one whose virtual time exceeds its limit
//! ends as at a real deadline, only sooner.

mod explored;
mod processes;

use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::channels::{EndpointId, Waker};
use super::children::Status as Ended;
use super::children::{Command, Pid};
use super::fifo::{Fifos, Operation};
use super::sockets::loopback::{Network, WAKE};
use super::sockets::{Errno, SocketId, Sockets};
use super::{Completion, Event, FileError, FileReply, FileRequest, Fork, Host, HostEnd, JobId, Patience, Reading, Waited, Work};
use crate::schedule::{self, Choice, Point, Schedule};
pub use explored::Exploration;
use explored::{Explored, LastPoll};

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
    /// Between what, unless the schedule is the default one.
    pub exploration: Exploration,
    /// Where randomness starts.
    pub seed: u64,
}

/// One loop's view of a simulated world.
pub struct Simulated {
    world: Arc<World>,
    /// Which of the world's loops this is; 0 is the program's first.
    me: usize,
    /// Whether the schedule has anything to decide.
    explores: bool,
}

impl fmt::Debug for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulated").field("me", &self.me).finish_non_exhaustive()
    }
}

struct World {
    state: Mutex<State>,
    /// Signalled when the turn goes to another loop.
    turn: Condvar,
}

#[derive(Debug)]
struct State {
    explored: Explored,
    setting: Setting,
    now: u64,
    /// Time not spent waiting.
    busy: u64,
    random: u64,
    fifos: Fifos,
    network: Network,
    /// Jobs that no thread has taken yet.
    queue: VecDeque<Ticket>,
    /// Jobs on threads.
    running: Vec<Running>,
    last_started: u64,
    last_wait: u64,
    loops: Vec<LoopState>,
    /// Whose turn it is.
    current: usize,
    /// Set when nothing can ever happen any more, in any loop.
    stuck: bool,
}

#[derive(Debug)]
struct Ticket {
    owner: usize,
    job: JobId,
    work: Work,
}

#[derive(Debug)]
struct LoopState {
    status: Status,
    /// What the next polls deliver besides sockets, in the order in which it happened.
    ready: VecDeque<Event>,
    stopped: bool,
    /// The process that the loop belongs to, if it is one in which all of this happens.
    pid: Pid,
    /// Whether it is its process's first loop.
    leads: bool,
    /// The signal that its process was killed by.
    killed: Option<i32>,
    /// Signals that its program watches for, a bit each.
    watched: u64,
    /// The loop on the same thread that waits for this one's end.
    outer: Option<usize>,
    /// The last job it submitted.
    last_job: u64,
    /// Its last wait for shared memory, in the order of all loops' waits.
    wait: u64,
    poll: LastPoll,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// It runs, or would run if it were its turn.
    Runnable,
    /// It polls until a time, or for ever.
    Polling(Option<u64>),
    /// It waits for an address of shared memory, until a time or for ever.
    Waiting(usize, Option<u64>),
    /// Another loop runs in its place.
    Nested,
    /// It is over.
    Gone,
}

#[derive(Debug)]
struct Running {
    owner: usize,
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
    /// Makes a world at time 0, with one loop.
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        let random = setting.seed;
        let explores = setting.schedule.explores();
        let state = State {
            explored: Explored::new(setting.exploration),
            setting,
            now: 0,
            busy: 0,
            random,
            fifos: Fifos::default(),
            network: Network::default(),
            queue: VecDeque::new(),
            running: Vec::new(),
            last_started: 0,
            last_wait: 0,
            loops: vec![LoopState::new(own_pid(), true)],
            current: 0,
            stuck: false,
        };
        Self { world: Arc::new(World { state: Mutex::new(state), turn: Condvar::new() }), me: 0, explores }
    }

    /// The first choice that a replayed schedule had recorded otherwise.
    #[must_use]
    pub fn diverged(&self) -> Option<usize> {
        self.world.lock().setting.schedule.diverged()
    }

    /// What the schedule chose so far.
    #[must_use]
    pub fn choices(&self) -> Vec<Choice> {
        self.world.lock().setting.schedule.taken().to_vec()
    }

    /// Lets `call` use the network.
    pub(super) fn network<T>(&self, call: impl FnOnce(&mut Network, usize, &mut Schedule) -> T) -> T {
        let state = &mut *self.world.lock();
        call(&mut state.network, self.me, &mut state.setting.schedule)
    }

    /// Lets other loops have their turns; comes back when it is this one's again.
    fn pass_turn<'a>(&self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let Some(next) = state.next_runnable(self.me) else { return state };
        state.current = next;
        self.world.turn.notify_all();
        self.world.await_turn(state, self.me)
    }

    /// Waits as `status` says, until something is there for this loop; lets others run, and time jump, meanwhile. Returns the status that
    /// the loop had at last.
    fn idle<'a>(&self, mut state: MutexGuard<'a, State>, status: Status) -> Result<(MutexGuard<'a, State>, Status), HostEnd> {
        state.loops[self.me].status = status;
        let end = loop {
            if let Err(end) = state.check_limits(self.me) {
                break Some(end);
            }
            state.collect();
            if state.is_runnable(self.me) {
                break None;
            }
            if state.next_runnable(self.me).is_some() {
                state = self.pass_turn(state);
            } else if !state.jump() {
                state.stuck = true;
            }
        };
        let last = std::mem::replace(&mut state.loops[self.me].status, Status::Runnable);
        end.map_or(Ok((state, last)), Err)
    }
}

impl World {
    /// A panic of another loop's thread is that thread's; the state is sound between two calls.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn await_turn<'a>(&self, mut state: MutexGuard<'a, State>, me: usize) -> MutexGuard<'a, State> {
        while state.current != me {
            state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }
}

fn own_pid() -> Pid {
    Pid(std::process::id().cast_signed())
}

impl LoopState {
    fn new(pid: Pid, leads: bool) -> Self {
        Self {
            status: Status::Runnable,
            ready: VecDeque::new(),
            stopped: false,
            pid,
            leads,
            killed: None,
            watched: 0,
            outer: None,
            last_job: 0,
            wait: 0,
            poll: LastPoll::default(),
        }
    }

    fn is_gone(&self) -> bool {
        self.status == Status::Gone
    }
}

impl State {
    /// Lets busy time pass.
    fn pass(&mut self, nanos: u64) {
        self.now += nanos;
        self.busy += nanos;
    }

    fn check_limits(&self, me: usize) -> Result<(), HostEnd> {
        let state = &self.loops[me];
        if let Some(signal) = state.killed {
            return Err(HostEnd::Killed(signal));
        }
        if state.stopped {
            return Err(HostEnd::Terminated);
        }
        if let Some(outer) = state.outer {
            self.check_limits(outer)?;
        }
        if self.stuck {
            return Err(HostEnd::Stuck);
        }
        if self.now > self.setting.virtual_limit || self.setting.real_deadline.is_some_and(|deadline| Instant::now() >= deadline)
        {
            return Err(HostEnd::Deadline);
        }
        Ok(())
    }

    /// Whether a loop has something to do now.
    fn is_runnable(&self, index: usize) -> bool {
        let state = &self.loops[index];
        match state.status {
            Status::Gone | Status::Nested => false,
            Status::Runnable => true,
            _ if state.stopped || state.killed.is_some() => true,
            Status::Polling(until) => self.has_news(index) || until.is_some_and(|until| until <= self.now),
            Status::Waiting(_, until) => until.is_some_and(|until| until <= self.now),
        }
    }

    /// Whether a poll of this loop would deliver something now.
    fn has_news(&self, index: usize) -> bool {
        !self.loops[index].ready.is_empty() || self.network.is_ready(index)
    }

    /// The next loop after `me`, in a circle, that has something to do.
    fn next_runnable(&self, me: usize) -> Option<usize> {
        let count = self.loops.len();
        (1..count).map(|step| (me + step) % count).find(|&index| self.is_runnable(index))
    }

    /// Gives queued jobs to free threads, as of `at`.
    fn start_jobs(&mut self, at: u64) {
        while self.running.len() < self.setting.pool_size {
            let Some(Ticket { owner, job, work }) = self.queue.pop_front() else { return };
            self.last_started += 1;
            let stage = match work {
                Work::File(request) => match self.fifos.admit(request) {
                    Ok(operation) => Stage::Waiting(operation),
                    Err(request) => Stage::Timed { at: at + FILE, work: Work::File(request) },
                },
                Work::Compute { modelled, run } => Stage::Timed { at: at + modelled, work: Work::Compute { modelled, run } },
            };
            self.running.push(Running { owner, job, started: self.last_started, stage });
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
            let finished = self
                .running
                .iter()
                .enumerate()
                .filter_map(|(index, job)| Some((job.finishes_at().filter(|&at| at <= self.now)?, job.started, index)));
            let Some((at, _, index)) = finished.min() else { return };
            let owner = self.running[index].owner;
            let event = self.finish(index, at);
            self.arrive(owner, event);
        }
    }

    /// Completes a job, which does its work, and lets others go on in its place.
    fn finish(&mut self, index: usize, at: u64) -> Event {
        let running = self.running.remove(index);
        let completion = match running.stage {
            Stage::Timed { work, .. } => work.run(),
            Stage::Known { result, .. } => Completion::File(result),
            Stage::Waiting(_) => unreachable!("a waiting job has no time to finish at"),
        };
        self.advance_fifos(at);
        self.start_jobs(at);
        Event::JobDone(running.job, completion)
    }

    /// Notes that something has happened for a loop.
    fn arrive(&mut self, owner: usize, event: Event) {
        self.loops[owner].ready.push_back(event);
        self.network.wake(owner);
    }

    /// Takes what one poll delivers.
    fn deliver(&mut self, me: usize) -> Vec<Event> {
        let mut events = Vec::new();
        for (name, readiness) in self.network.collect(me) {
            if name == WAKE {
                events.extend(self.loops[me].ready.drain(..));
            } else {
                events.push(Event::Ready(SocketId(name), readiness));
            }
        }
        events
    }

    /// Jumps to whatever happens next: a job that finishes, or the end of a loop's patience. Whether there is anything to jump to.
    fn jump(&mut self) -> bool {
        let patience = self.loops.iter().filter_map(|state| match state.status {
            Status::Polling(until) | Status::Waiting(_, until) => until,
            Status::Runnable | Status::Nested | Status::Gone => None,
        });
        let Some(next) = patience.chain(self.next_finish()).min() else { return false };
        self.now = self.now.max(next);
        true
    }
}

impl Host for Simulated {
    fn now(&self, _: Reading) -> u64 {
        let mut state = self.world.lock();
        state.pass(READING);
        state.now
    }

    fn wall_clock(&self) -> f64 {
        EPOCH_MS + self.now(Reading::Program) as f64 / MILLISECOND as f64
    }

    fn poll(&self, patience: Patience) -> Result<Vec<Event>, HostEnd> {
        if self.explores {
            return self.poll_explored(patience);
        }
        let mut state = self.world.lock();
        state.network.register(self.me);
        let until = match patience {
            Patience::None => {
                state = self.pass_turn(state);
                state.check_limits(self.me)?;
                state.collect();
                return Ok(state.deliver(self.me));
            }
            Patience::For(millis) => Some(state.now + millis * MILLISECOND),
            Patience::Forever => None,
        };
        let (mut state, _) = self.idle(state, Status::Polling(until))?;
        Ok(state.deliver(self.me))
    }

    fn explores(&self) -> bool {
        self.explores
    }

    fn more(&self, between: bool, timer: Option<u64>) -> Option<Event> {
        if self.explores { self.more_explored(between, timer) } else { None }
    }

    fn linger(&self, reading: Reading, marks: &[u64]) {
        if self.explores {
            self.linger_explored(reading, marks);
        }
    }

    fn choose(&self, point: Point, ways: u32, what: &dyn Fn(u32) -> String) -> u32 {
        if self.explores { self.world.lock().setting.schedule.choose(point, ways, what) } else { 0 }
    }

    fn hide(&self, job: JobId) {
        if self.explores {
            self.hide_explored(job);
        }
    }

    fn alike(&self, job: JobId, class: u64) {
        if self.explores {
            self.alike_explored(job, class);
        }
    }

    fn set_pool_size(&self, size: usize) {
        let mut state = self.world.lock();
        if state.last_started == 0 {
            state.setting.pool_size = size;
        }
    }

    fn submit(&self, job: JobId, work: Work) {
        if self.explores {
            self.pace_explored();
        }
        let mut state = self.world.lock();
        if !self.explores {
            state.collect();
        }
        state.loops[self.me].last_job = job.0;
        state.queue.push_back(Ticket { owner: self.me, job, work });
        let now = state.now;
        state.start_jobs(now);
    }

    fn file(&self, request: FileRequest) -> Result<Result<FileReply, FileError>, HostEnd> {
        let mut state = self.world.lock();
        state.pass(FILE);
        state.collect();
        let mut operation = match state.fifos.admit(request) {
            Ok(operation) => operation,
            Err(request) => return Ok(request.perform()),
        };
        loop {
            let result = state.fifos.advance(&mut operation);
            let now = state.now;
            state.advance_fifos(now);
            // What this operation did may have freed a job, and that job this operation.
            if let Some(result) = result.or_else(|| state.fifos.advance(&mut operation)) {
                return Ok(result);
            }
            // The thread is blocked; only jobs that are on their way, and other loops, can free it.
            state.check_limits(self.me)?;
            if state.next_runnable(self.me).is_some() {
                state = self.pass_turn(state);
            } else if !state.jump() {
                return Err(HostEnd::Stuck);
            }
            state.collect();
        }
    }

    fn sockets(&self) -> &dyn Sockets {
        self
    }

    fn spend(&self, nanos: u64) {
        self.world.lock().pass(nanos);
    }

    fn wait(&self, address: usize, until: Option<u64>, still: &dyn Fn() -> bool) -> Result<Waited, HostEnd> {
        if !still() {
            return Ok(Waited::NotEqual);
        }
        {
            let mut state = self.world.lock();
            state.last_wait += 1;
            state.loops[self.me].wait = state.last_wait;
        }
        // Whoever notifies makes this loop runnable; its status tells why it came back.
        let status = if self.explores {
            self.wait_explored(address, until)?
        } else {
            self.idle(self.world.lock(), Status::Waiting(address, until))?.1
        };
        Ok(if status == Status::Runnable { Waited::Woken } else { Waited::TimedOut })
    }

    fn notify(&self, address: usize, count: usize) -> usize {
        let mut state = self.world.lock();
        let waits = |other: &LoopState| matches!(other.status, Status::Waiting(at, _) if at == address);
        let mut waiting: Vec<&mut LoopState> = state.loops.iter_mut().filter(|other| waits(other)).collect();
        waiting.sort_by_key(|other| other.wait);
        waiting.into_iter().take(count).map(|other| other.status = Status::Runnable).count()
    }

    fn tick(&self) -> Result<(), HostEnd> {
        let mut state = self.world.lock();
        state.pass(TICK);
        state.check_limits(self.me)?;
        if state.loops.len() > 1 {
            if !self.explores {
                state.collect();
            }
            state = self.pass_turn(state);
        }
        state.check_limits(self.me)
    }

    fn random(&self, bytes: &mut [u8]) {
        let mut state = self.world.lock();
        for chunk in bytes.chunks_mut(8) {
            let drawn = schedule::next(&mut state.random).to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }

    fn cpu_usage(&self) -> (u64, u64) {
        (self.world.lock().busy / 1000, 0)
    }

    fn idle_time(&self) -> u64 {
        let state = self.world.lock();
        state.now - state.busy
    }

    fn simulated(&self) -> bool {
        true
    }

    fn waker(&self) -> Arc<dyn Waker> {
        Arc::new(LoopWaker { world: Arc::clone(&self.world), target: self.me })
    }

    fn fork(&self) -> std::io::Result<Fork> {
        let mut state = self.world.lock();
        let pid = state.loops[self.me].pid;
        Ok(self.fork_as(&mut state, LoopState::new(pid, false)))
    }

    fn spawn(&self, _: Command) -> Result<Pid, Errno> {
        Err(Errno::NOSYS)
    }

    fn fork_process(&self) -> Option<(Pid, Fork)> {
        Some(self.new_process())
    }

    fn nest(&self) -> std::io::Result<Rc<dyn Host>> {
        Ok(self.new_nested())
    }

    fn pid(&self) -> Pid {
        self.world.lock().loops[self.me].pid
    }

    fn signal(&self, pid: Pid, signal: i32) -> Result<(), Errno> {
        self.send_signal(pid, signal)
    }

    fn watch_signal(&self, signal: i32, wanted: bool) -> Result<(), Errno> {
        self.set_watched(signal, wanted)
    }

    fn leave(&self) {
        let mut state = self.world.lock();
        if state.loops[self.me].status == Status::Gone {
            return;
        }
        if let Some(outer) = state.loops[self.me].outer {
            state.loops[self.me].status = Status::Gone;
            state.network.abandon(self.me);
            state.loops[outer].status = Status::Runnable;
            state.current = outer;
            return;
        }
        state.loops[self.me].status = Status::Gone;
        state.network.abandon(self.me);
        // A loop that waits takes the turn too: it finds out itself what happens next.
        let alive = (0..state.loops.len()).find(|&index| state.loops[index].status != Status::Gone);
        if let Some(next) = state.next_runnable(self.me).or(alive) {
            state.current = next;
        }
        self.world.turn.notify_all();
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Wakes one loop of a simulated world.
struct LoopWaker {
    world: Arc<World>,
    target: usize,
}

impl Waker for LoopWaker {
    fn wake(&self, endpoint: EndpointId) {
        self.world.lock().arrive(self.target, Event::Message(endpoint));
    }

    fn exited(&self, pid: Pid, status: Ended) {
        self.world.lock().arrive(self.target, Event::Exited(pid, status));
    }
}

#[cfg(test)]
mod tests;
