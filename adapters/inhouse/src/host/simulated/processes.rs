//! Processes of a simulated world: loops with numbers of their own, which signals reach, and loops that wait in another one's place.

use std::rc::Rc;
use std::sync::Arc;

use super::{LoopState, Simulated, State, Status, own_pid};
use crate::host::children::{self, Pid};
use crate::host::sockets::Errno;
use crate::host::{Event, Fork, Host};

/// From the start of a process until its program begins, in nanoseconds; about what a small runtime takes.
const START: u64 = 25_000_000;
/// Signals that do nothing unless they are watched for: `SIGCHLD`, `SIGCONT`, `SIGURG` and `SIGWINCH`.
const IGNORED: [i32; 4] = [17, 18, 23, 28];

impl Simulated {
    /// Makes a further loop of the world, in the state given.
    pub(super) fn fork_as(&self, state: &mut State, forked: LoopState) -> Fork {
        let me = state.loops.len();
        state.loops.push(forked);
        let explores = self.explores;
        let (world, stopping) = (Arc::clone(&self.world), Arc::clone(&self.world));
        Fork {
            enter: Box::new(move || {
                let mut state = world.await_turn(world.lock(), me);
                state.loops[me].status = Status::Runnable;
                // That it starts is what has happened to it.
                state.loops[me].poll.chosen = false;
                drop(state);
                Ok(Rc::new(Self { world, me, explores }) as Rc<dyn Host>)
            }),
            stop: Box::new(move || stopping.lock().loops[me].stopped = true),
        }
    }

    /// [`fork_process`](Host::fork_process).
    pub(super) fn new_process(&self) -> (Pid, Fork) {
        let mut state = self.world.lock();
        let last = state.loops.iter().map(|other| other.pid).max().unwrap_or_else(own_pid);
        let pid = Pid(last.0 + 1);
        let mut child = LoopState::new(pid, true);
        child.status = Status::Polling(Some(state.now + START));
        (pid, self.fork_as(&mut state, child))
    }

    /// [`nest`](Host::nest).
    pub(super) fn new_nested(&self) -> Rc<dyn Host> {
        let mut state = self.world.lock();
        let me = state.loops.len();
        let mut inner = LoopState::new(state.loops[self.me].pid, false);
        inner.outer = Some(self.me);
        state.loops.push(inner);
        state.loops[self.me].status = Status::Nested;
        state.current = me;
        Rc::new(Self { world: Arc::clone(&self.world), me, explores: self.explores })
    }

    /// [`signal`](Host::signal).
    pub(super) fn send_signal(&self, pid: Pid, signal: i32) -> Result<(), Errno> {
        let mut state = self.world.lock();
        let Some(target) = state.loops.iter().position(|other| other.pid == pid && other.leads) else {
            drop(state);
            return children::signal(pid, signal);
        };
        let bit = 1_u64.checked_shl(signal.cast_unsigned()).ok_or(Errno::INVAL)?;
        if state.loops[target].status == Status::Gone {
            return Err(Errno::SRCH);
        }
        if signal != 0 && state.loops[target].watched & bit != 0 {
            state.arrive(target, Event::Signal(signal));
        } else if signal != 0 && !IGNORED.contains(&signal) {
            state.loops[target].killed.get_or_insert(signal);
        }
        Ok(())
    }

    /// [`watch_signal`](Host::watch_signal).
    pub(super) fn set_watched(&self, signal: i32, wanted: bool) -> Result<(), Errno> {
        let bit = 1_u64.checked_shl(signal.cast_unsigned()).ok_or(Errno::INVAL)?;
        if signal == rustix::process::Signal::KILL.as_raw() || signal == rustix::process::Signal::STOP.as_raw() {
            return Err(Errno::INVAL);
        }
        let watched = &mut self.world.lock().loops[self.me].watched;
        *watched = if wanted { *watched | bit } else { *watched & !bit };
        Ok(())
    }
}
