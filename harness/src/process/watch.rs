//! The limits of a program that runs: when to look, and what was exceeded.

use std::{
    process::ExitStatus,
    time::{Duration, Instant},
};

use super::{launch::Limits, os};
use crate::trace::Ended;

/// How often output and memory are looked at. The end of the program wakes its waiter by itself, so this costs no latency.
const TICK: Duration = Duration::from_millis(25);

/// Every so many ticks memory is summed over all processes, which costs a few reads for each; else only the child is looked at.
const WHOLE_EVERY: u32 = 4;

/// The alarm clock of one launch.
#[derive(Debug)]
pub(super) struct Watch {
    limits: Limits,
    /// None if the deadline is further away than the clock reaches.
    deadline: Option<Instant>,
    next: Instant,
    ticks: u32,
}

impl Watch {
    pub(super) fn new(started: Instant, limits: &Limits) -> Self {
        Self { limits: *limits, deadline: started.checked_add(limits.deadline), next: started + TICK, ticks: 0 }
    }

    /// How long may be slept until the next look.
    pub(super) fn pause(&self) -> Duration {
        let next = self.deadline.map_or(self.next, |deadline| deadline.min(self.next));
        next.saturating_duration_since(Instant::now())
    }

    /// Looks at everything that is due; says why the program must be killed. `written` is asked for bytes of output so far.
    pub(super) fn exceeded(&mut self, child: &os::Child, written: impl FnOnce() -> u64) -> Option<Ended> {
        let now = Instant::now();
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            return Some(Ended::Deadline);
        }
        if now < self.next {
            return None;
        }
        self.next = now + TICK;
        self.ticks += 1;
        if written() > self.limits.output_bytes {
            return Some(Ended::Flood);
        }
        let whole = self.ticks.is_multiple_of(WHOLE_EVERY);
        (child.resident(whole) > self.limits.resident_bytes).then_some(Ended::Memory)
    }
}

/// A child that is gone, with everything it started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reaped {
    pub(super) status: ExitStatus,
    /// Processes besides the child that had to be killed.
    pub(super) left_behind: usize,
}

impl Reaped {
    /// How the program ended, if it was killed for `cause`: one that was faster and ended by itself keeps its own end.
    pub(super) fn ended(&self, cause: Option<Ended>) -> Ended {
        match (os::signal_of(self.status), cause) {
            (Some(signal), Some(cause)) if os::is_kill(signal) => cause,
            (Some(signal), _) => Ended::Signal(os::signal_name(signal)),
            // A status has either a signal or a code.
            (None, _) => Ended::Code(self.status.code().unwrap_or_default()),
        }
    }
}
