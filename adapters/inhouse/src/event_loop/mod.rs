//! The event loop: libuv's phases as Node runs them, and nothing else.
//!
//! Contract of this folder: no JavaScript engine and no operating system in sight. The outside world is a [`Host`]; what the program
//! wants to have called is behind [`Tasks`]; every order that could be otherwise is a field of [`LoopPolicy`].
//! [`EventLoop::run`] is the loop; read it first. Its methods take `&self`, because callbacks add timers and tasks while it runs:
//! no borrow of the state lives across a callback, and each phase takes what it is going to run *before* it runs anything.
//!
//! Authorities: libuv's design overview (<https://docs.libuv.org/en/v1.x/design.html>) for the phases and their order, Node's
//! `lib/internal/timers.js` for timer lists and immediates, as observed in Node 26.

mod frames;
mod html;
mod immediates;
mod streams;
mod timers;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use crate::host::channels::EndpointId;
use crate::host::children::{Pid, Status};
use crate::host::sockets::SocketId;
use crate::host::{Completion, Event, Host, HostEnd, JobId, Patience, Reading};
use crate::policy::{Drain, LoopPolicy, Model, TimersAt};
pub use frames::FrameId;
pub use immediates::ImmediateId;
pub use streams::{StreamEvent, Written};
pub use timers::TimerId;

use frames::Frames;
use immediates::Immediates;
use streams::Streams;
use timers::Timers;

#[cfg(test)]
mod tests;

/// How a callback came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// It returned.
    Returned,
    /// It threw; whoever implements [`Tasks`] has reported the error already.
    Threw,
}

/// Names a task that the embedder queued; only the embedder knows what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaskId(pub u32);

/// The program as the loop sees it: callbacks to run, and the two queues that are drained between them.
pub trait Tasks {
    /// Runs a timer's callback.
    fn run_timer(&self, id: TimerId) -> Ran;
    /// Runs an immediate's callback.
    fn run_immediate(&self, id: ImmediateId) -> Ran;
    /// Runs the callback of an animation frame; `time` is the frame's, in milliseconds on the world's clock.
    fn run_frame(&self, id: FrameId, time: f64) -> Ran;
    /// Runs the callback of a finished pool job.
    fn complete(&self, job: JobId, completion: Completion) -> Ran;
    /// Takes in what has come to this end of a channel. What it posts is delivered in the same poll.
    fn receive(&self, endpoint: EndpointId) -> Ran;
    /// Takes in what a stream has to say.
    fn stream(&self, socket: SocketId, event: StreamEvent) -> Ran;
    /// Takes in that a process is over.
    fn exited(&self, pid: Pid, status: Status) -> Ran;
    /// Takes in a signal.
    fn signal(&self, signal: i32) -> Ran;
    /// Runs a task from the pending, closing or message queue.
    fn run_task(&self, id: TaskId) -> Ran;
    /// Runs the first callback of the tick queue; none if it is empty.
    fn run_tick(&self) -> Option<Ran>;
    /// Runs the first promise job; none if there is none. A job cannot fail the drain: its errors are reported one by one.
    fn run_promise_job(&self) -> bool;
    /// Looks at promises that were rejected and have no handler yet; whether that ran any callback of the program.
    fn settle_rejections(&self) -> Option<Ran>;
    /// A drain is over, and with it what ECMA-262 calls the job of the callback before it (`ClearKeptObjects`).
    fn drained(&self);
    /// Whether the program asked to end, or must be ended.
    fn stopping(&self) -> bool;
}

/// What waits for the pending or the closing phase.
#[derive(Debug, Clone, Copy)]
enum Pending {
    /// A task of the embedder.
    Task(TaskId),
    /// A stream that knows something to report, or is to be forgotten.
    Stream(SocketId),
}

/// One event loop.
pub struct EventLoop {
    host: Rc<dyn Host>,
    policy: LoopPolicy,
    /// The cached time in milliseconds; libuv's `loop->time`.
    time: Cell<u64>,
    timers: RefCell<Timers>,
    immediates: RefCell<Immediates>,
    streams: RefCell<Streams>,
    pending: RefCell<VecDeque<Pending>>,
    closing: RefCell<VecDeque<Pending>>,
    frames: RefCell<Frames>,
    /// The world's clock as it was last read, in nanoseconds.
    last_reading: Cell<u64>,
    /// How deeply the timer that runs now is nested in others: HTML's timer nesting level.
    nesting: Cell<u32>,
    posted: RefCell<VecDeque<TaskId>>,
    /// What goes on with the wake-up of the posted task that runs now.
    continuation: Cell<Option<TaskId>>,
    /// Requests in flight (pool jobs), each of which keeps the loop alive.
    requests: Cell<usize>,
    /// Open handles that keep the loop alive.
    handles: Cell<usize>,
    last_job: Cell<u64>,
    iterations: Cell<u64>,
}

impl fmt::Debug for EventLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLoop")
            .field("policy", &self.policy)
            .field("time", &self.time)
            .field("requests", &self.requests)
            .field("handles", &self.handles)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

impl EventLoop {
    /// Makes a loop that has nothing to do.
    #[must_use]
    pub fn new(host: Rc<dyn Host>, policy: LoopPolicy) -> Self {
        let reading = host.now(Reading::LoopUpdate);
        Self {
            host,
            policy,
            time: Cell::new(millis(reading)),
            timers: RefCell::default(),
            immediates: RefCell::default(),
            streams: RefCell::default(),
            frames: RefCell::default(),
            last_reading: Cell::new(reading),
            nesting: Cell::new(0),
            pending: RefCell::default(),
            closing: RefCell::default(),
            posted: RefCell::default(),
            continuation: Cell::new(None),
            requests: Cell::new(0),
            handles: Cell::new(0),
            last_job: Cell::new(0),
            iterations: Cell::new(0),
        }
    }

    /// Runs until nothing keeps the loop alive or the program is stopping: `uv_run` in its default mode.
    ///
    /// # Errors
    /// [`HostEnd`] if the world will never give another event, or the run's time is over.
    pub fn run(&self, tasks: &dyn Tasks) -> Result<(), HostEnd> {
        match self.policy.model {
            Model::Phases => self.run_phases(tasks),
            Model::Html => self.run_html(tasks),
        }
    }

    /// libuv's loop.
    fn run_phases(&self, tasks: &dyn Tasks) -> Result<(), HostEnd> {
        let mut alive = self.alive();
        if self.policy.timers_at == TimersAt::End && alive && !tasks.stopping() {
            self.update_time();
            self.run_timers(tasks);
        }
        while alive && !tasks.stopping() {
            if self.policy.timers_at == TimersAt::Start {
                self.update_time();
                self.run_timers(tasks);
            }
            self.run_pending(tasks);
            self.run_idle();
            self.run_prepare();
            self.run_poll(tasks)?;
            if self.policy.check_before_close {
                self.run_check(tasks);
                self.run_closing(tasks);
            } else {
                self.run_closing(tasks);
                self.run_check(tasks);
            }
            if self.policy.timers_at == TimersAt::End {
                self.update_time();
                self.run_timers(tasks);
            }
            alive = self.alive();
        }
        Ok(())
    }

    /// Whether anything keeps the loop alive: libuv's `uv_loop_alive`.
    #[must_use]
    pub fn alive(&self) -> bool {
        self.requests.get() > 0
            || self.handles.get() > 0
            || self.timers.borrow().alive()
            || self.immediates.borrow().alive()
            || self.frames.borrow().alive()
            || !self.pending.borrow().is_empty()
            || !self.closing.borrow().is_empty()
    }

    // The phases, in the order of the loop.

    /// Runs the timers that are due, list by list, on the clock as it is when the phase begins.
    fn run_timers(&self, tasks: &dyn Tasks) {
        if self.timers.borrow().armed().is_none_or(|armed| armed > self.time.get()) {
            return;
        }
        let now = self.read_clock(Reading::LoopUpdate);
        self.timers.borrow_mut().begin();
        let mut batch = Batch::new(self, tasks);
        loop {
            // The drain comes before the next timer is taken: what it runs may stop or restart that timer.
            if !batch.before_next() {
                break;
            }
            self.nesting.set(0);
            let Some(due) = self.timers.borrow_mut().next_due(now) else { break };
            let mut again = self.time.get();
            if due.repeats && self.policy.interval_from_start {
                again = self.insertion_time(due.duration);
            }
            self.nesting.set(due.nesting);
            batch.ran(tasks.run_timer(due.id));
            if due.repeats && !self.policy.interval_from_start {
                again = self.insertion_time(due.duration);
            }
            self.timers.borrow_mut().finish(&self.policy, due, again);
        }
        // Node runs the phase in one callback scope of its own, which is closed even if the last timer threw.
        batch.close_even_after_throw();
        self.nesting.set(0);
        self.timers.borrow_mut().end(self.time.get());
    }

    /// Runs callbacks that the previous iteration put off.
    fn run_pending(&self, tasks: &dyn Tasks) {
        let taken = std::mem::take(&mut *self.pending.borrow_mut());
        let mut batch = Batch::new(self, tasks);
        for next in taken {
            match next {
                Pending::Task(task) => self.run_task(task, &mut batch),
                Pending::Stream(socket) => self.stream_fed(socket, &mut batch),
            }
        }
    }

    /// libuv's idle phase. Node has one idle handle, active while an immediate is referenced, and its callback does nothing:
    /// its effect is that poll does not wait, see [`EventLoop::poll_patience`].
    fn run_idle(&self) {
        self.iterations.set(self.iterations.get() + 1);
    }

    /// libuv's prepare phase. Node's one prepare handle measures idle time and runs nothing of the program.
    fn run_prepare(&self) {}

    /// Waits for the outside world, and runs the callbacks of what happened there.
    fn run_poll(&self, tasks: &dyn Tasks) -> Result<(), HostEnd> {
        let events = self.host.poll(self.poll_patience())?;
        self.update_time();
        let mut posted = self.posted.borrow().len();
        let mut batch = Batch::new(self, tasks);
        let mut events = events.into_iter();
        while let Some(event) = events.next().or_else(|| self.next_of_poll(&batch)) {
            if !batch.before_next() {
                break;
            }
            match event {
                Event::JobDone(job, completion) => {
                    self.requests.set(self.requests.get() - 1);
                    batch.ran(tasks.complete(job, completion));
                }
                Event::Message(endpoint) => {
                    let before = self.posted.borrow().len();
                    batch.ran(tasks.receive(endpoint));
                    posted += self.posted.borrow().len() - before;
                }
                Event::Exited(pid, status) => batch.ran(tasks.exited(pid, status)),
                Event::Signal(signal) => batch.ran(tasks.signal(signal)),
                Event::Ready(socket, readiness) => self.stream_ready(socket, readiness, &mut batch),
            }
            batch.close();
        }
        for _ in 0..posted {
            if !batch.before_next() {
                break;
            }
            let mut next = self.posted.borrow_mut().pop_front();
            while let Some(task) = next {
                batch.ran(tasks.run_task(task));
                batch.close();
                next = self.continuation.take().filter(|_| batch.before_next());
            }
        }
        // libuv runs what the callbacks of this phase put off, a few rounds, lest a fast peer starve the rest of the loop.
        for _ in 0..8 {
            if self.pending.borrow().is_empty() {
                break;
            }
            self.run_pending(tasks);
        }
        Ok(())
    }

    /// What a world that is explored delivers in the same poll, now that the callback of the event before has run.
    fn next_of_poll(&self, batch: &Batch<'_>) -> Option<Event> {
        if !self.host.explores() || !batch.has_run || batch.tasks.stopping() {
            return None;
        }
        let between = self.immediates.borrow().queued() > 0
            || !self.posted.borrow().is_empty()
            || !self.pending.borrow().is_empty()
            || !self.closing.borrow().is_empty()
            || !self.alive();
        self.host.more(between, self.timers.borrow().armed())
    }

    /// Runs the immediates that were queued when the phase began.
    fn run_check(&self, tasks: &dyn Tasks) {
        let mut places = self.immediates.borrow().queued();
        let mut batch = Batch::new(self, tasks);
        while places > 0 && batch.before_next() {
            let Some(place) = self.immediates.borrow_mut().next() else { break };
            if let Some(id) = place {
                batch.ran(tasks.run_immediate(id));
            }
            places = if self.policy.immediates_wait { places - 1 } else { self.immediates.borrow().queued() };
        }
        batch.close();
    }

    /// Runs close callbacks.
    fn run_closing(&self, tasks: &dyn Tasks) {
        let taken = std::mem::take(&mut *self.closing.borrow_mut());
        let mut batch = Batch::new(self, tasks);
        for next in taken {
            match next {
                Pending::Task(task) => self.run_task(task, &mut batch),
                Pending::Stream(socket) => self.end_stream(socket, &mut batch),
            }
        }
    }

    fn run_task(&self, task: TaskId, batch: &mut Batch<'_>) {
        if batch.before_next() {
            batch.ran(batch.tasks.run_task(task));
            batch.close();
        }
    }

    /// How long poll may wait: libuv's `uv_backend_timeout`.
    fn poll_patience(&self) -> Patience {
        let idle = self.policy.immediates_stop_poll && self.immediates.borrow().alive();
        if idle
            || !self.alive()
            || !self.posted.borrow().is_empty()
            || !self.pending.borrow().is_empty()
            || !self.closing.borrow().is_empty()
        {
            return Patience::None;
        }
        match self.timers.borrow().armed() {
            // Callbacks of the timers phase may have taken long. Node has libuv measure its idle time, so a poll that may wait looks once
            // without waiting and reads the clock, and then waits for what is left.
            Some(armed) => Patience::For(armed.saturating_sub(millis(self.host.now(Reading::LoopUpdate)))),
            None => Patience::Forever,
        }
    }

    /// Empties the tick queue and the promise jobs, as after every callback. Also the end of the main program.
    ///
    /// A tick that throws ends the drain; what is left of the queue waits for the next one.
    pub fn drain(&self, tasks: &dyn Tasks) {
        self.empty_queues(tasks);
        tasks.drained();
    }

    fn empty_queues(&self, tasks: &dyn Tasks) {
        loop {
            if self.policy.ticks_before_promise_jobs && !self.run_ticks(tasks) {
                return;
            }
            while !tasks.stopping() && tasks.run_promise_job() {}
            if tasks.stopping() {
                return;
            }
            match tasks.run_tick() {
                Some(Ran::Returned) => continue,
                Some(Ran::Threw) => return,
                None => {}
            }
            match tasks.settle_rejections() {
                Some(Ran::Returned) => {}
                Some(Ran::Threw) | None => return,
            }
        }
    }

    /// Whether the drain may go on.
    fn run_ticks(&self, tasks: &dyn Tasks) -> bool {
        while !tasks.stopping() {
            match tasks.run_tick() {
                Some(Ran::Returned) => {}
                Some(Ran::Threw) => return false,
                None => return true,
            }
        }
        false
    }

    // What callbacks ask of the loop.

    /// The rules this loop follows.
    #[must_use]
    pub fn policy(&self) -> &LoopPolicy {
        &self.policy
    }

    /// The outside world.
    #[must_use]
    pub fn host(&self) -> &Rc<dyn Host> {
        &self.host
    }

    /// The loop's cached time in milliseconds.
    #[must_use]
    pub fn time(&self) -> u64 {
        self.time.get()
    }

    /// Iterations begun so far.
    #[must_use]
    pub fn iterations(&self) -> u64 {
        self.iterations.get()
    }

    /// Reads the clock into the loop's cached time.
    pub fn update_time(&self) {
        if self.host.explores() {
            let mut times = self.timers.borrow().due_times(self.time.get());
            if let Some(frame) = self.frames.borrow().due().map(|due| due.div_ceil(NANOS_PER_MILLI)) {
                times.push(frame);
                times.sort_unstable();
                times.dedup();
            }
            self.host.linger(Reading::LoopUpdate, &times);
        }
        self.read_clock(Reading::LoopUpdate);
    }

    /// Starts a timer of `delay` milliseconds.
    #[must_use]
    pub fn start_timer(&self, delay: u64, repeats: bool) -> TimerId {
        let nesting = self.nesting.get() + 1;
        let duration = Timers::duration_of(&self.policy, delay, nesting);
        let now = self.insertion_time(duration);
        self.timers.borrow_mut().start(&self.policy, duration, repeats, nesting, now)
    }

    /// Lets a timer wait its duration anew.
    pub fn restart_timer(&self, id: TimerId) {
        let Some(duration) = self.timers.borrow().duration(id) else { return };
        let now = self.insertion_time(duration);
        self.timers.borrow_mut().restart(&self.policy, id, now);
    }

    /// Stops a timer; a stopped timer is forgotten.
    pub fn stop_timer(&self, id: TimerId) {
        self.timers.borrow_mut().stop(id);
    }

    /// Says whether a timer keeps the loop alive; it does from its start.
    pub fn ref_timer(&self, id: TimerId, refed: bool) {
        self.timers.borrow_mut().set_ref(id, refed);
    }

    /// Queues an immediate for the next check phase.
    #[must_use]
    pub fn start_immediate(&self) -> ImmediateId {
        self.immediates.borrow_mut().start()
    }

    /// Cancels an immediate.
    pub fn stop_immediate(&self, id: ImmediateId) {
        self.immediates.borrow_mut().stop(id);
    }

    /// Says whether an immediate keeps the loop alive; it does from its start.
    pub fn ref_immediate(&self, id: ImmediateId, refed: bool) {
        self.immediates.borrow_mut().set_ref(id, refed);
    }

    /// Begins a request that ends with [`Event::JobDone`] of the returned name.
    #[must_use]
    pub fn begin_request(&self) -> JobId {
        self.last_job.set(self.last_job.get() + 1);
        self.requests.set(self.requests.get() + 1);
        JobId(self.last_job.get())
    }

    /// Queues a task for the pending phase of the next iteration.
    pub fn defer(&self, task: TaskId) {
        self.pending.borrow_mut().push_back(Pending::Task(task));
    }

    /// Queues a task for the closing phase.
    pub fn close(&self, task: TaskId) {
        self.put_closing(&[Pending::Task(task)]);
    }

    /// Queues what belongs together for the closing phase, before or behind what is queued already.
    fn put_closing(&self, together: &[Pending]) {
        let mut closing = self.closing.borrow_mut();
        if self.policy.close_callbacks_last_first {
            together.iter().rev().for_each(|&pending| closing.push_front(pending));
        } else {
            closing.extend(together);
        }
    }

    /// Queues a task for the next poll phase that begins. It does not keep the loop alive.
    pub fn post(&self, task: TaskId) {
        self.posted.borrow_mut().push_back(task);
    }

    /// Lets a posted task that runs now go on with `task`: a callback of its own, after ticks and promise jobs, before any other
    /// event. So one wake-up of a message port delivers several messages.
    pub fn continue_with(&self, task: TaskId) {
        self.continuation.set(Some(task));
    }

    /// Counts a handle that keeps the loop alive.
    pub fn ref_handle(&self) {
        self.handles.set(self.handles.get() + 1);
    }

    /// Takes back one [`EventLoop::ref_handle`].
    pub fn unref_handle(&self) {
        self.handles.set(self.handles.get().saturating_sub(1));
    }

    /// The time from which a timer of `duration` milliseconds waits.
    fn insertion_time(&self, duration: u64) -> u64 {
        if !self.policy.timer_rereads_clock {
            return self.time.get();
        }
        if self.host.explores() {
            self.host.linger(Reading::TimerInsertion, &self.timers.borrow().insertion_times(self.time.get(), duration));
        }
        self.read_clock(Reading::TimerInsertion)
    }

    fn read_clock(&self, reading: Reading) -> u64 {
        let now = self.host.now(reading);
        self.last_reading.set(now);
        self.time.set(millis(now));
        self.time.get()
    }
}

const NANOS_PER_MILLI: u64 = 1_000_000;

fn millis(nanos: u64) -> u64 {
    nanos / NANOS_PER_MILLI
}

/// The drains between and after the callbacks of one phase.
struct Batch<'a> {
    event_loop: &'a EventLoop,
    tasks: &'a dyn Tasks,
    /// How the last callback came back, while its drain is still due.
    owed: Option<Ran>,
    /// Whether any callback has run.
    has_run: bool,
}

impl<'a> Batch<'a> {
    fn new(event_loop: &'a EventLoop, tasks: &'a dyn Tasks) -> Self {
        Self { event_loop, tasks, owed: None, has_run: false }
    }

    /// Notes a callback that ran.
    fn ran(&mut self, ran: Ran) {
        self.owed = Some(ran);
        self.has_run = true;
    }

    /// Drains if the policy wants it between two callbacks; whether a next callback may run.
    fn before_next(&mut self) -> bool {
        if self.event_loop.policy.drain == Drain::Callback {
            self.close();
        }
        !self.tasks.stopping()
    }

    /// Drains after the last callback, unless it threw and the policy leaves that to the next callback.
    fn close(&mut self) {
        if self.owed == Some(Ran::Threw) && !self.event_loop.policy.drain_after_throw {
            return;
        }
        self.close_even_after_throw();
    }

    /// Drains after the last callback even if it threw.
    fn close_even_after_throw(&mut self) {
        if self.owed.take().is_some() && !self.tasks.stopping() {
            self.event_loop.drain(self.tasks);
        }
    }
}
