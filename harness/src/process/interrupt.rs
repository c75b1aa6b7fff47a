//! Stopping in the middle: SIGINT, SIGTERM and SIGHUP.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};

use super::{launch::LaunchError, os};

/// A request to stop that every running launch notices at once.
///
/// Children lead sessions of their own, so Ctrl-C in a terminal reaches the harness alone; it is the harness that then kills
/// them, keeps the results so far, and leaves with 128 plus the signal's number. Clones share one state.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<State>);

#[derive(Debug)]
struct State {
    /// The first signal, or 0.
    signal: AtomicI32,
    wake: os::Wake,
}

impl Interrupt {
    /// One that only [`Interrupt::trigger`] sets off.
    ///
    /// # Errors
    /// Fails if the system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        Ok(Self(Arc::new(State { signal: AtomicI32::new(0), wake: os::Wake::new()? })))
    }

    /// One that the process's signals set off, from now on and for good; a second signal ends the process at once.
    ///
    /// To be called once, by the program's `main`. A signal that the process was told to ignore (`nohup`, a shell's background
    /// job) stays ignored. Ending at once runs no destructor: children die with the harness, and what else is left is cleared up
    /// by the next run.
    ///
    /// # Errors
    /// Fails if the system refuses a handler or has no descriptor left.
    pub fn on_signals() -> io::Result<Self> {
        let interrupt = Self::new()?;
        for &signal in os::SIGNALS {
            if os::is_ignored(signal) {
                continue;
            }
            let state = Arc::clone(&interrupt.0);
            let handler = move || {
                if state.signal.swap(signal, Ordering::SeqCst) != 0 {
                    signal_hook::low_level::exit(128 + signal);
                }
                state.wake.notify();
            };
            // SAFETY: the handler swaps an atomic, and writes to a descriptor or leaves by `_exit`; all three are allowed in
            // a signal handler. It never allocates, locks or panics, and never drops the `Arc`, which is kept for good.
            unsafe { signal_hook::low_level::register(signal, handler) }?;
        }
        Ok(interrupt)
    }

    /// Asks to stop as if `signal` had arrived; a second request changes nothing.
    pub fn trigger(&self, signal: i32) {
        let _ = self.0.signal.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
        self.0.wake.notify();
    }

    /// The number of the signal that asked to stop.
    pub fn signal(&self) -> Option<i32> {
        match self.0.signal.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal),
        }
    }

    /// Fails if a stop was asked for.
    pub(super) fn check(&self) -> Result<(), LaunchError> {
        if self.signal().is_some() { Err(self.error()) } else { Ok(()) }
    }

    /// The error of a launch that was stopped.
    pub(super) fn error(&self) -> LaunchError {
        LaunchError::Interrupted { signal: self.signal().unwrap_or_default() }
    }

    pub(super) fn wake(&self) -> &os::Wake {
        &self.0.wake
    }
}
