//! Matching a trace against an expression, event by event, by derivatives.
//!
//! The state is a *term*: what may still come. An event turns it into its derivative, the term for what may come after that
//! event; the term that allows nothing means the event was forbidden, and the term before it says what was allowed instead.
//! Terms are built once and shared (`terms`), so equal states are one state; a merge keeps its branches apart instead of
//! multiplying them out, sorted, so branches that are in the same position are interchangeable (`derive`).
//!
//! # The bound
//!
//! Whether a trace is a merge of given sequences is an NP-complete question, so some expressions cannot be matched in good
//! time: an `unordered` of many sequences that share events at different positions has a state for every way of dealing the
//! events out. Work is counted in cells, one for each term visited and each branch written. An event may take
//! [`EVENT_CELLS`], a whole trace [`TRACE_CELLS`] and [`EXTRA_CELLS`] for each of its events, and the state may hold
//! [`STATE_CELLS`]. An ordinary event takes fewer than a hundred. What goes beyond is [`BoundReached`]: a fault of the
//! suite, whose expectation is to be made narrower, and never one of the runtime under test.

mod compile;
mod derive;
mod terms;

use super::{expr::Expr, pattern::Pattern};
use derive::Mode;
use terms::{Arena, TermId};

/// Cells that one event may take: some hundredths of a second.
pub const EVENT_CELLS: u64 = 500_000;
/// Cells that a trace may take, whatever its length: less than a second.
pub const TRACE_CELLS: u64 = 5_000_000;
/// Cells that a trace may take in addition for each of its events.
pub const EXTRA_CELLS: u64 = 256;
/// Cells that the state between two events may hold.
pub const STATE_CELLS: usize = 250_000;
/// Cells from which on terms that no longer matter are looked for: few enough to stay in the processor's cache.
const SWEEP_CELLS: usize = 1 << 15;

/// What a trace is to an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is one of the legal traces.
    Accepted,
    /// It is the beginning of a legal trace, and no more than that.
    Incomplete {
        /// The events that could come next, as the author wrote them and in that order, each once.
        allowed: Vec<String>,
    },
    /// No legal trace begins like this.
    Forbidden {
        /// Index of the first event that broke the rule, from 0.
        at: usize,
        /// The events that were allowed in its place, as the author wrote them and in that order, each once.
        allowed: Vec<String>,
        /// Whether the trace was allowed to end before it.
        may_end: bool,
    },
}

impl Outcome {
    /// Whether some legal trace begins like this one: what a run that was cut short can be held to.
    pub fn is_viable_prefix(&self) -> bool {
        !matches!(self, Self::Forbidden { .. })
    }
}

/// The expectation leaves so many readings of the trace that they cannot be told apart in good time.
///
/// The suite's author is to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the expectation can be read in too many ways at event {}; give the branches of `unordered` events of their own, \
     or bound and flatten nested `repeat` and `one_of`",
    .at + 1
)]
pub struct BoundReached {
    /// Index of the event at which matching was given up, from 0.
    pub at: usize,
}

/// Matches a whole trace.
///
/// # Errors
/// If the bound is reached.
pub fn match_trace(expr: &Expr, events: &[String]) -> Result<Outcome, BoundReached> {
    let mut matcher = Matcher::new(expr)?;
    for (at, event) in events.iter().enumerate() {
        if !matcher.feed(event)? {
            return Ok(Outcome::Forbidden { at, allowed: matcher.allowed(), may_end: matcher.may_end() });
        }
    }
    Ok(if matcher.may_end() { Outcome::Accepted } else { Outcome::Incomplete { allowed: matcher.allowed() } })
}

/// Matching in progress.
#[derive(Debug, Clone)]
pub struct Matcher<'e> {
    arena: Arena<'e>,
    state: TermId,
    fed: usize,
    /// Cells after which terms that no longer matter are thrown away.
    sweep_at: usize,
}

impl<'e> Matcher<'e> {
    /// Before the first event.
    ///
    /// # Errors
    /// If the expression itself is beyond the bound.
    pub fn new(expr: &'e Expr) -> Result<Self, BoundReached> {
        let mut arena = Arena::new();
        let state = compile::compile(expr, &mut arena).map_err(|_| BoundReached { at: 0 })?;
        arena.settle();
        let sweep_at = arena.cells().saturating_mul(2).max(SWEEP_CELLS);
        Ok(Self { arena, state, fed: 0, sweep_at })
    }

    /// Takes the next event, and says whether it was allowed; if not, the state is as it was before.
    ///
    /// # Errors
    /// If the bound is reached; the matcher is of no use after that.
    pub fn feed(&mut self, event: &str) -> Result<bool, BoundReached> {
        let next = self.next(event)?;
        if next == terms::NOTHING {
            return Ok(false);
        }
        self.state = next;
        self.fed += 1;
        if self.arena.cells() > self.sweep_at {
            self.state = self.arena.sweep(self.state);
            if self.arena.loose_cells() > STATE_CELLS {
                return Err(BoundReached { at: self.fed - 1 });
            }
            self.sweep_at = self.arena.cells().saturating_mul(2).max(SWEEP_CELLS);
        }
        Ok(true)
    }

    /// Whether the trace may end here.
    pub fn may_end(&self) -> bool {
        self.arena.info(self.state).ends
    }

    /// The events allowed next, as the author wrote them and in that order, each once.
    pub fn allowed(&self) -> Vec<String> {
        self.arena.firsts(self.state).into_iter().map(|id| self.arena.pattern(id).written().to_owned()).collect()
    }

    /// The least number of events that complete the trace from here.
    pub(super) fn least(&self) -> u64 {
        self.arena.info(self.state).least
    }

    /// The patterns allowed next, in the order of [`Self::allowed`].
    pub(super) fn allowed_patterns(&self) -> Vec<&'e Pattern> {
        self.arena.firsts(self.state).into_iter().map(|id| self.arena.pattern(id)).collect()
    }

    /// The least number of events that complete the trace after `event`, or none if it is forbidden.
    pub(super) fn least_after(&mut self, event: &str) -> Result<Option<u64>, BoundReached> {
        let next = self.next(event)?;
        Ok((next != terms::NOTHING).then(|| self.arena.info(next).least))
    }

    fn next(&mut self, event: &str) -> Result<TermId, BoundReached> {
        let spare = TRACE_CELLS + EXTRA_CELLS * self.fed as u64;
        self.arena.begin(event, EVENT_CELLS, spare);
        self.arena.derive(self.state, Mode::Free).map_err(|_| BoundReached { at: self.fed })
    }
}

#[cfg(test)]
mod tests;
