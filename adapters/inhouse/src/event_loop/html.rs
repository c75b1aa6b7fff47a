//! HTML's event loop: one task, one microtask checkpoint, again and again; a frame is a task too.
//!
//! Authority: HTML, "processing model" (<https://html.spec.whatwg.org/multipage/webappapis.html#event-loop-processing-model>), which this reads
//! like; [`LoopPolicy::model`] decides between it and libuv's phases. A page has no end; here it ends when nothing is left that could run.
//!
//! The standard leaves open which task source comes next, and when a rendering opportunity comes; both are choice points. By default
//! rendering goes before what has happened, and that before timers; the display ticks at the policy's rate from the first request on.

use super::frames::Frames;
use super::{Batch, Event, EventLoop, HostEnd, NANOS_PER_MILLI, Patience, Pending, Reading, Tasks};
use crate::schedule::Point;

/// Where a task comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The rendering: the display is about to be updated.
    Rendering,
    /// What the outside world has told: finished jobs, messages of other loops.
    Event,
    /// Messages of this loop's own ports, and what the runtime itself queued.
    Posted,
    /// Timers that are due.
    Timer,
    /// What builtin modules put off with Node's immediates; programs have none.
    Immediate,
}

impl EventLoop {
    /// Runs until nothing is left that could run.
    pub(super) fn run_html(&self, tasks: &dyn Tasks) -> Result<(), HostEnd> {
        let mut events = std::collections::VecDeque::new();
        while !tasks.stopping() && (self.alive() || self.has_tasks() || !events.is_empty()) {
            self.update_time();
            let busy = !events.is_empty()
                || self.has_tasks()
                || self.has_immediates()
                || self.timers.borrow().is_due(self.time())
                || self.is_frame_due();
            events.extend(self.host.poll(if busy { Patience::None } else { self.page_patience() })?);
            if !busy {
                self.update_time();
            }
            match self.next_source(!events.is_empty()) {
                Some(Source::Rendering) => self.update_the_rendering(tasks),
                Some(Source::Event) => self.run_event(events.pop_front(), tasks),
                Some(Source::Posted) => self.run_one_task(tasks),
                Some(Source::Timer) => self.run_one_timer(tasks),
                Some(Source::Immediate) => self.run_check(tasks),
                None => {}
            }
        }
        Ok(())
    }

    /// Whether a queue of the runtime's own holds a task.
    fn has_tasks(&self) -> bool {
        !self.posted.borrow().is_empty() || !self.pending.borrow().is_empty() || !self.closing.borrow().is_empty()
    }

    fn has_immediates(&self) -> bool {
        self.immediates.borrow().queued() > 0
    }

    /// "Let taskQueue be one such task queue, chosen in an implementation-defined manner."
    fn next_source(&self, has_events: bool) -> Option<Source> {
        let mut sources = Vec::new();
        if self.is_frame_due() {
            sources.push(Source::Rendering);
        }
        if has_events {
            sources.push(Source::Event);
        }
        if self.has_tasks() {
            sources.push(Source::Posted);
        }
        if self.timers.borrow().is_due(self.time()) {
            sources.push(Source::Timer);
        }
        // No choice: the program cannot tell when they run.
        if sources.is_empty() && self.has_immediates() {
            return Some(Source::Immediate);
        }
        let ways = u32::try_from(sources.len()).unwrap_or(1);
        let chosen = self.host.choose(Point::TaskSource, ways, &|way| format!("{:?}", sources[way as usize]).to_lowercase());
        sources.get(chosen as usize).copied()
    }

    fn run_event(&self, event: Option<Event>, tasks: &dyn Tasks) {
        let mut batch = Batch::new(self, tasks);
        match event {
            Some(Event::JobDone(job, completion)) => {
                self.requests.set(self.requests.get() - 1);
                batch.ran(tasks.complete(job, completion));
            }
            Some(Event::Message(endpoint)) => batch.ran(tasks.receive(endpoint)),
            Some(Event::Ready(socket, readiness)) => self.stream_ready(socket, readiness, &mut batch),
            Some(Event::Exited(pid, status)) => batch.ran(tasks.exited(pid, status)),
            Some(Event::Signal(signal)) => batch.ran(tasks.signal(signal)),
            None => {}
        }
        batch.close_even_after_throw();
    }

    fn run_one_task(&self, tasks: &dyn Tasks) {
        let mut batch = Batch::new(self, tasks);
        let mut next = self.posted.borrow_mut().pop_front();
        if next.is_none() {
            // Each is taken in a statement of its own: what it runs may queue more.
            let pending = self.pending.borrow_mut().pop_front();
            let closing = if pending.is_none() { self.closing.borrow_mut().pop_front() } else { None };
            match (pending, closing) {
                (Some(Pending::Stream(socket)), _) => self.stream_fed(socket, &mut batch),
                (_, Some(Pending::Stream(socket))) => self.end_stream(socket, &mut batch),
                (Some(Pending::Task(task)), _) | (_, Some(Pending::Task(task))) => next = Some(task),
                (None, None) => {}
            }
        }
        while let Some(task) = next {
            batch.ran(tasks.run_task(task));
            batch.close_even_after_throw();
            next = self.continuation.take().filter(|_| !tasks.stopping());
        }
    }

    fn run_one_timer(&self, tasks: &dyn Tasks) {
        let now = self.time();
        self.timers.borrow_mut().begin();
        let mut batch = Batch::new(self, tasks);
        let due = self.timers.borrow_mut().next_due(now);
        if let Some(due) = due {
            self.nesting.set(due.nesting);
            batch.ran(tasks.run_timer(due.id));
            batch.close_even_after_throw();
            self.nesting.set(0);
            let again = if due.repeats { self.insertion_time(due.duration) } else { now };
            self.timers.borrow_mut().finish(&self.policy, due, again);
        }
        self.timers.borrow_mut().end(now);
    }

    /// "Update the rendering", as far as a program without a display can tell: the frame callbacks that wait now run, with one time for all.
    fn update_the_rendering(&self, tasks: &dyn Tasks) {
        let now = self.host.now(Reading::Program);
        let waiting = self.frames.borrow_mut().begin(now);
        let mut batch = Batch::new(self, tasks);
        for id in waiting {
            if !batch.before_next() {
                break;
            }
            // One that an earlier callback of this frame has cancelled does not run.
            if self.frames.borrow_mut().take(id) {
                batch.ran(tasks.run_frame(id, now as f64 / NANOS_PER_MILLI as f64));
            }
        }
        batch.close_even_after_throw();
    }

    fn is_frame_due(&self) -> bool {
        // Asked between any two tasks, so it costs no time by itself.
        self.frames.borrow().due().is_some_and(|due| due <= self.last_reading.get())
    }

    /// How long a page may wait: until the next timer or frame.
    fn page_patience(&self) -> Patience {
        let now = self.last_reading.get();
        let frame = self.frames.borrow().due().map(|due| due.saturating_sub(now).div_ceil(NANOS_PER_MILLI));
        let timer = self.timers.borrow().armed().map(|armed| armed.saturating_sub(self.time()));
        match frame.into_iter().chain(timer).min() {
            Some(millis) => Patience::For(millis),
            None => Patience::Forever,
        }
    }

    /// Asks for a frame: the callback runs when the display is next updated.
    #[must_use]
    pub fn request_frame(&self) -> super::FrameId {
        let rate = u64::from(self.policy.frame_rate.max(1));
        let period = Frames::period(rate);
        let mut frames = self.frames.borrow_mut();
        if !frames.is_ticking() {
            // Nobody knows where within a frame the display is when a program first asks.
            let ways = u32::try_from(period.div_ceil(NANOS_PER_MILLI)).unwrap_or(1) + 1;
            let earlier =
                self.host.choose(Point::Rendering, ways, &|way| format!("the first frame is {way} ms nearer than one whole"));
            let now = self.host.now(Reading::Program);
            frames.start(now, period, u64::from(earlier) * NANOS_PER_MILLI);
        }
        let now = self.last_reading.get();
        frames.request(now, period)
    }

    /// Takes a request back.
    pub fn cancel_frame(&self, id: super::FrameId) {
        self.frames.borrow_mut().cancel(id);
    }
}
