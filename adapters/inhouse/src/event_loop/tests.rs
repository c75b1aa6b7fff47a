//! The loop alone: its world is a clock that tests set, its program a list of labelled callbacks.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::*;
use crate::host::channels::Waker;
use crate::host::children::{Command, Pid, Status};
use crate::host::sockets::Errno;
use crate::host::{FileError, FileReply, FileRequest, Fork, Waited, Work};

/// A world whose clock moves only when the loop waits or a callback says so.
#[derive(Default)]
struct Clock {
    now: Cell<u64>,
    events: RefCell<VecDeque<Event>>,
    polls: RefCell<Vec<Patience>>,
}

impl Host for Clock {
    fn now(&self, _: Reading) -> u64 {
        self.now.get()
    }

    fn wall_clock(&self) -> f64 {
        0.0
    }

    fn poll(&self, patience: Patience) -> Result<Vec<Event>, HostEnd> {
        self.polls.borrow_mut().push(patience);
        let events: Vec<Event> = self.events.borrow_mut().drain(..).collect();
        match patience {
            Patience::For(millis) if events.is_empty() => self.now.set(self.now.get() + millis * NANOS_PER_MILLI),
            Patience::Forever if events.is_empty() => return Err(HostEnd::Stuck),
            _ => {}
        }
        Ok(events)
    }

    fn submit(&self, _: JobId, _: Work) {}

    fn file(&self, _: FileRequest) -> Result<Result<FileReply, FileError>, HostEnd> {
        Err(HostEnd::Stuck)
    }

    fn sockets(&self) -> &dyn crate::host::sockets::Sockets {
        unreachable!("streams have a world of their own in `streams/tests.rs`")
    }

    fn spend(&self, _: u64) {}

    fn wait(&self, _: usize, _: Option<u64>, _: &dyn Fn() -> bool) -> Result<Waited, HostEnd> {
        Err(HostEnd::Stuck)
    }

    fn notify(&self, _: usize, _: usize) -> usize {
        0
    }

    fn tick(&self) -> Result<(), HostEnd> {
        Ok(())
    }

    fn random(&self, _: &mut [u8]) {}

    fn cpu_usage(&self) -> (u64, u64) {
        (0, 0)
    }

    fn simulated(&self) -> bool {
        true
    }

    fn waker(&self) -> Arc<dyn Waker> {
        panic!("the loop wakes nobody")
    }

    fn fork(&self) -> std::io::Result<Fork> {
        panic!("the loop makes no other")
    }

    fn leave(&self) {}

    fn spawn(&self, command: Command) -> Result<Pid, Errno> {
        panic!("nobody starts {command:?}")
    }

    fn fork_process(&self) -> Option<(Pid, Fork)> {
        None
    }

    fn nest(&self) -> std::io::Result<Rc<dyn Host>> {
        panic!("nobody waits for a process")
    }

    fn idle_time(&self) -> u64 {
        0
    }

    fn pid(&self) -> Pid {
        Pid(1)
    }

    fn signal(&self, pid: Pid, _: i32) -> Result<(), Errno> {
        panic!("nobody signals {pid:?}")
    }

    fn watch_signal(&self, signal: i32, _: bool) -> Result<(), Errno> {
        panic!("nobody watches for {signal}")
    }
}

/// What a callback does, in order.
#[derive(Clone)]
enum Act {
    Log(&'static str),
    /// The clock advances by milliseconds, as by a busy loop.
    Busy(u64),
    Timer(u64, Vec<Act>),
    Unref(u64, Vec<Act>),
    Interval(u64, Vec<Act>),
    StopInterval,
    Immediate(Vec<Act>),
    Tick(Vec<Act>),
    Micro(Vec<Act>),
    Close(Vec<Act>),
    Post(Vec<Act>),
    Continue(Vec<Act>),
    Request(Vec<Act>),
    Throw,
    Exit,
}
use Act::{Busy, Close, Continue, Exit, Immediate, Interval, Log, Micro, Post, Request, StopInterval, Throw, Tick, Timer, Unref};

struct Program {
    event_loop: EventLoop,
    clock: Rc<Clock>,
    log: RefCell<Vec<&'static str>>,
    timers: RefCell<HashMap<TimerId, Vec<Act>>>,
    intervals: RefCell<Vec<TimerId>>,
    immediates: RefCell<HashMap<ImmediateId, Vec<Act>>>,
    jobs: RefCell<HashMap<JobId, Vec<Act>>>,
    tasks: RefCell<Vec<Vec<Act>>>,
    ticks: RefCell<VecDeque<Vec<Act>>>,
    micros: RefCell<VecDeque<Vec<Act>>>,
    stopping: Cell<bool>,
}

impl Program {
    fn new(policy: LoopPolicy) -> Self {
        let clock = Rc::new(Clock::default());
        Self {
            event_loop: EventLoop::new(Rc::clone(&clock) as Rc<dyn Host>, policy),
            clock,
            log: RefCell::default(),
            timers: RefCell::default(),
            intervals: RefCell::default(),
            immediates: RefCell::default(),
            jobs: RefCell::default(),
            tasks: RefCell::default(),
            ticks: RefCell::default(),
            micros: RefCell::default(),
            stopping: Cell::default(),
        }
    }

    fn act(&self, acts: &[Act]) -> Ran {
        for act in acts {
            match act.clone() {
                Log(line) => self.log.borrow_mut().push(line),
                Busy(millis) => self.clock.now.set(self.clock.now.get() + millis * NANOS_PER_MILLI),
                Timer(delay, then) => {
                    let id = self.event_loop.start_timer(delay, false);
                    self.timers.borrow_mut().insert(id, then);
                }
                Unref(delay, then) => {
                    let id = self.event_loop.start_timer(delay, false);
                    self.event_loop.ref_timer(id, false);
                    self.timers.borrow_mut().insert(id, then);
                }
                Interval(delay, then) => {
                    let id = self.event_loop.start_timer(delay, true);
                    self.timers.borrow_mut().insert(id, then);
                    self.intervals.borrow_mut().push(id);
                }
                StopInterval => {
                    if let Some(id) = self.intervals.borrow_mut().pop() {
                        self.event_loop.stop_timer(id);
                    }
                }
                Immediate(then) => {
                    let id = self.event_loop.start_immediate();
                    self.immediates.borrow_mut().insert(id, then);
                }
                Tick(then) => self.ticks.borrow_mut().push_back(then),
                Micro(then) => self.micros.borrow_mut().push_back(then),
                Close(then) => self.event_loop.close(self.task(then)),
                Post(then) => self.event_loop.post(self.task(then)),
                Continue(then) => self.event_loop.continue_with(self.task(then)),
                Request(then) => {
                    let job = self.event_loop.begin_request();
                    self.jobs.borrow_mut().insert(job, then);
                    self.clock.events.borrow_mut().push_back(Event::JobDone(job, Completion::Bytes(Vec::new())));
                }
                Throw => return Ran::Threw,
                Exit => self.stopping.set(true),
            }
        }
        Ran::Returned
    }

    fn task(&self, acts: Vec<Act>) -> TaskId {
        let mut tasks = self.tasks.borrow_mut();
        tasks.push(acts);
        TaskId(u32::try_from(tasks.len() - 1).expect("few tasks"))
    }
}

impl Tasks for Program {
    fn run_timer(&self, id: TimerId) -> Ran {
        let acts = self.timers.borrow()[&id].clone();
        self.act(&acts)
    }

    fn run_frame(&self, _: FrameId, _: f64) -> Ran {
        Ran::Returned
    }

    fn run_immediate(&self, id: ImmediateId) -> Ran {
        let acts = self.immediates.borrow()[&id].clone();
        self.act(&acts)
    }

    fn complete(&self, job: JobId, _: Completion) -> Ran {
        let acts = self.jobs.borrow()[&job].clone();
        self.act(&acts)
    }

    fn run_task(&self, id: TaskId) -> Ran {
        let acts = self.tasks.borrow()[id.0 as usize].clone();
        self.act(&acts)
    }

    fn stream(&self, socket: SocketId, event: StreamEvent) -> Ran {
        panic!("nobody opened {socket:?}, which says {event:?}")
    }

    fn receive(&self, endpoint: EndpointId) -> Ran {
        panic!("nobody sent to {endpoint:?}")
    }

    fn exited(&self, pid: Pid, _: Status) -> Ran {
        panic!("nobody started {pid:?}")
    }

    fn signal(&self, signal: i32) -> Ran {
        panic!("nobody watches for {signal}")
    }

    fn run_tick(&self) -> Option<Ran> {
        let acts = self.ticks.borrow_mut().pop_front()?;
        Some(self.act(&acts))
    }

    fn run_promise_job(&self) -> bool {
        let Some(acts) = self.micros.borrow_mut().pop_front() else { return false };
        self.act(&acts);
        true
    }

    fn settle_rejections(&self) -> Option<Ran> {
        None
    }

    fn drained(&self) {}

    fn stopping(&self) -> bool {
        self.stopping.get()
    }
}

fn trace_under(policy: LoopPolicy, main: &[Act]) -> Vec<&'static str> {
    let program = Program::new(policy);
    program.act(main);
    program.event_loop.drain(&program);
    program.event_loop.run(&program).expect("the program ends by itself");
    program.log.take()
}

fn trace(main: &[Act]) -> Vec<&'static str> {
    trace_under(LoopPolicy::node(), main)
}

fn log(line: &'static str) -> Vec<Act> {
    vec![Log(line)]
}

#[test]
fn one_iteration_runs_its_phases_in_order() {
    let main = [
        Immediate(vec![Log("check"), Close(log("close")), Timer(1, log("timer")), Busy(2)]),
        Post(log("poll")),
        Timer(5, log("late timer")),
        Tick(log("tick")),
        Micro(log("micro")),
        Log("main"),
    ];
    assert_eq!(trace(&main), ["main", "tick", "micro", "poll", "check", "close", "timer", "late timer"]);
}

#[test]
fn due_timers_run_before_the_first_poll() {
    let main = [Timer(1, log("timer")), Immediate(log("immediate")), Request(log("request")), Busy(5)];
    assert_eq!(trace(&main), ["timer", "request", "immediate"]);
    let not_due = [Timer(1, log("timer")), Immediate(vec![Log("immediate"), Busy(5)])];
    assert_eq!(trace(&not_due), ["immediate", "timer"]);
}

#[test]
fn ticks_and_promise_jobs_run_between_two_callbacks_of_a_phase() {
    let callback = |line, tick, micro| vec![Log(line), Micro(log(micro)), Tick(log(tick))];
    let main = [Timer(1, callback("t1", "k1", "m1")), Timer(1, callback("t2", "k2", "m2")), Busy(5)];
    assert_eq!(trace(&main), ["t1", "k1", "m1", "t2", "k2", "m2"]);
    assert_eq!(trace_under(LoopPolicy::node_10(), &main), ["t1", "t2", "k1", "k2", "m1", "m2"]);
}

#[test]
fn a_wake_up_goes_on_before_other_tasks_with_drains_between() {
    let first = vec![Log("a1"), Micro(log("m")), Continue(vec![Log("a2"), Post(log("next iteration"))]), Tick(log("k"))];
    let main = [Post(first), Post(log("b")), Immediate(vec![Log("check"), Immediate(log("alive"))])];
    assert_eq!(trace(&main), ["a1", "k", "m", "a2", "b", "check", "next iteration", "alive"]);
    assert_eq!(trace(&[Post(vec![Continue(log("never")), Exit]), Immediate(log("no"))]), [""; 0]);
}

#[test]
fn ticks_queued_by_promise_jobs_run_after_all_of_them() {
    let main = [Micro(vec![Log("m1"), Tick(log("k")), Micro(log("m3"))]), Micro(log("m2"))];
    assert_eq!(trace(&main), ["m1", "m2", "m3", "k"]);
}

#[test]
fn immediates_queued_in_the_check_phase_wait_an_iteration() {
    let main = [Immediate(vec![Log("i1"), Immediate(log("i3")), Post(log("poll"))]), Immediate(log("i2"))];
    assert_eq!(trace(&main), ["i1", "i2", "poll", "i3"]);
    let mut eager = LoopPolicy::node();
    eager.immediates_wait = false;
    assert_eq!(trace_under(eager, &main), ["i1", "i2", "i3"]);
}

#[test]
fn equal_deadlines_go_by_creation_and_a_due_list_runs_to_its_end() {
    let equal = [Timer(3, log("a")), Busy(1), Timer(2, log("b")), Busy(1), Timer(1, log("c")), Busy(5)];
    assert_eq!(trace(&equal), ["a", "b", "c"]);
    let lists = [Timer(1, log("a")), Timer(3, log("b")), Busy(10), Timer(1, log("c")), Busy(10)];
    assert_eq!(trace(&lists), ["a", "c", "b"]);
    let mut by_deadline = LoopPolicy::node();
    by_deadline.timer_lists = false;
    assert_eq!(trace_under(by_deadline, &lists), ["a", "b", "c"]);
}

#[test]
fn a_timer_set_by_a_timer_waits_for_the_next_timers_phase() {
    let main = [Timer(1, vec![Log("t1"), Timer(1, log("t2")), Busy(10)]), Immediate(log("immediate")), Busy(5)];
    assert_eq!(trace(&main), ["t1", "immediate", "t2"]);
}

#[test]
fn an_interval_counts_from_the_start_of_its_callback() {
    let main = [Interval(10, vec![Log("i"), Busy(4), Timer(7, vec![Log("t"), StopInterval])])];
    assert_eq!(trace(&main), ["i", "i", "t", "t"]);
    let mut from_end = LoopPolicy::node();
    from_end.interval_from_start = false;
    assert_eq!(trace_under(from_end, &main), ["i", "t"]);
}

#[test]
fn node_18_runs_timers_at_the_start_of_an_iteration() {
    // The order of phases is the same circle; what differs is whether the last iteration still has a timers phase.
    let main = [Unref(1, log("timer")), Immediate(vec![Log("immediate"), Busy(5)])];
    assert_eq!(trace(&main), ["immediate", "timer"]);
    assert_eq!(trace_under(LoopPolicy::node_18(), &main), ["immediate"]);
}

#[test]
fn what_is_unreferenced_does_not_keep_the_loop_alive() {
    assert_eq!(trace(&[Unref(1, log("never"))]), [""; 0]);
    assert_eq!(trace(&[Unref(1, log("on the way")), Timer(2, log("end"))]), ["on the way", "end"]);
    assert_eq!(trace(&[Post(log("never"))]), [""; 0]);
}

#[test]
fn a_callback_that_threw_is_not_followed_by_a_drain() {
    let main = [Timer(1, vec![Log("t1"), Tick(log("k")), Throw]), Timer(1, log("t2")), Timer(1, log("t3")), Busy(5)];
    assert_eq!(trace(&main), ["t1", "t2", "k", "t3"]);
    let last = [Timer(1, vec![Log("t1"), Tick(log("k")), Throw]), Immediate(log("i")), Busy(5)];
    assert_eq!(trace(&last), ["t1", "k", "i"], "the timers phase drains at its end all the same");
    let tick = [Timer(1, vec![Tick(vec![Log("k1"), Throw]), Tick(log("k2"))]), Immediate(log("i")), Busy(5)];
    assert_eq!(trace(&tick), ["k1", "i", "k2"], "what a failed drain left waits for the next one");
}

#[test]
fn a_program_that_stops_runs_nothing_more() {
    let main = [Timer(1, vec![Log("t1"), Tick(log("tick")), Exit]), Timer(1, log("t2")), Busy(5)];
    assert_eq!(trace(&main), ["t1"]);
}

#[test]
fn poll_waits_for_the_next_timer_and_not_while_an_immediate_is_queued() {
    let program = Program::new(LoopPolicy::node());
    program.act(&[Timer(100, log("timer")), Immediate(log("immediate"))]);
    program.event_loop.run(&program).expect("it ends");
    assert_eq!(*program.clock.polls.borrow(), [Patience::None, Patience::For(100)]);
    assert_eq!(program.log.take(), ["immediate", "timer"]);
}

#[test]
fn a_poll_waits_for_what_callbacks_have_left_of_the_time() {
    let program = Program::new(LoopPolicy::node());
    program.act(&[Interval(60, vec![Log("i"), Busy(40), Timer(70, vec![StopInterval])])]);
    program.event_loop.run(&program).expect("it stops itself");
    // From the start of the first callback it is 60 ms to the second, of which that callback has used 40.
    assert_eq!(program.clock.polls.borrow()[..2], [Patience::For(60), Patience::For(20)]);
    assert_eq!(program.log.take(), ["i", "i"]);
}

#[test]
fn a_handle_without_events_is_stuck() {
    let program = Program::new(LoopPolicy::node());
    program.event_loop.ref_handle();
    assert_eq!(program.event_loop.run(&program), Err(HostEnd::Stuck));
    program.event_loop.unref_handle();
    assert_eq!(program.event_loop.run(&program), Ok(()));
}
