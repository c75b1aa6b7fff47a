//! The events of a run: the only thing reports consume.

use std::{sync::Arc, time::Duration};

use super::{CaseResult, RuntimeInfo, SelectionInfo, SuiteInfo};
use crate::suite::Case;

/// One thing that happened in a run, in order.
#[derive(Debug, Clone)]
pub enum RunEvent {
    /// What will be run on what; the first event.
    Planned {
        /// The suite.
        suite: SuiteInfo,
        /// What of it was asked for.
        selection: SelectionInfo,
        /// The runtimes that take part, in the order they were named.
        runtimes: Vec<RuntimeInfo>,
        /// Runtimes that could not be had.
        missing: Vec<MissingRuntime>,
        /// How many (runtime, case) pairs there are, skipped ones included.
        pairs: usize,
    },
    /// A pair was started.
    CaseStarted {
        /// The runtime's name.
        runtime: String,
        /// The case's id.
        case: String,
    },
    /// A pair was judged, or skipped.
    CaseFinished(Box<CaseFinished>),
    /// The last event.
    Ended {
        /// Why the run is over.
        end: RunEnd,
        /// Wall time of the whole run.
        elapsed: Duration,
    },
}

/// One pair, judged.
#[derive(Debug, Clone)]
pub struct CaseFinished {
    /// The case.
    pub case: Arc<Case>,
    /// What was found.
    pub result: CaseResult,
    /// For every verdict that somebody must look at: why.
    pub explanation: Option<Explanation>,
    /// Wall time of all repeats together.
    pub elapsed: Duration,
}

/// Why a verdict is what it is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// One sentence: the first forbidden event and what was allowed there, or how the exit differs.
    pub sentence: String,
    /// The legal trace nearest to what was observed, or what the recorded deviation says.
    pub expected: Vec<String>,
    /// What was observed.
    pub observed: Vec<String>,
    /// Index of the first forbidden event in `observed`; its length if the trace ends too early; none if only the exit is wrong.
    pub at: Option<usize>,
    /// The `exit` that was expected, if another one was observed.
    pub expected_exit: Option<String>,
    /// The recorded deviation's reason and link, where one applies.
    pub recorded: Option<String>,
    /// The command that runs this one case on this one runtime.
    pub rerun: String,
}

/// A runtime that could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRuntime {
    /// Its name.
    pub name: String,
    /// Where it was looked for, or what went wrong.
    pub reason: String,
    /// How to get it.
    pub remedy: String,
}

/// Why a run is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// Every pair was judged or skipped, or left out after a regression under fail-fast.
    Complete,
    /// A signal of this number stopped it; what was found so far is kept.
    Interrupted(i32),
}
