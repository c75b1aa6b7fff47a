//! How far a run is, on standard error: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Report, text};
use crate::result::RunEvent;

/// How often something is said where there is no terminal.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// The progress of one run.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    said: Instant,
    speaks: bool,
    total: usize,
    done: usize,
}

impl Progress {
    /// On standard error, in the form that suits it.
    pub fn stderr() -> Self {
        let bar = match io::stderr().is_terminal() {
            true => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
            false => ProgressBar::hidden(),
        };
        Self { bar, speaks: true, ..Self::hidden() }
    }

    /// None at all.
    pub fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), said: Instant::now(), speaks: false, total: 0, done: 0 }
    }

    /// How many pairs are done.
    pub fn done(&self) -> usize {
        self.done
    }

    /// How many pairs there are.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Prints something without tearing the bar.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

/// The progress of a search, whose steps are few and may each take long: what it is doing now.
#[derive(Debug)]
pub struct Steps(ProgressBar);

impl Steps {
    /// On standard error: a line that is overwritten on a terminal, a line for each step elsewhere.
    pub fn stderr() -> Self {
        let bar = match io::stderr().is_terminal() {
            true => ProgressBar::new_spinner(),
            false => ProgressBar::hidden(),
        };
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// Says what is done next.
    pub fn step(&mut self, what: &str) {
        if self.0.is_hidden() {
            eprintln!("lockstep: {}", text::visible(what));
        } else {
            self.0.set_message(text::visible(what));
        }
    }

    /// Whether each step replaces the one before, so that there may be many.
    pub fn is_live(&self) -> bool {
        !self.0.is_hidden()
    }

    /// Leaves the terminal as it was.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Report for Progress {
    fn event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Planned { pairs, .. } => {
                self.total = *pairs;
                self.bar.set_length(*pairs as u64);
                let style =
                    ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}").expect("the template is ours and has a test");
                self.bar.set_style(style.progress_chars("=> "));
            }
            RunEvent::CaseStarted { runtime, case } => self.bar.set_message(format!("{} {case}", text::visible(runtime))),
            RunEvent::CaseFinished(_) => {
                self.done += 1;
                self.bar.set_position(self.done as u64);
                if self.speaks && self.bar.is_hidden() && self.said.elapsed() >= SIGN_OF_LIFE {
                    self.said = Instant::now();
                    eprintln!("lockstep: {} of {} done", self.done, self.total);
                }
            }
            RunEvent::Ended { .. } => self.bar.finish_and_clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_can_be_read() {
        assert!(ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}").is_ok());
    }
}
