//! What a run found: verdicts, the events of a run, the versioned result document, and joining documents.
//!
//! Everything that shows or gates results consumes [`RunEvent`]s or a [`Document`] made from them, and nothing else; nobody
//! re-reads what a runtime printed.

pub mod document;
pub mod event;
pub mod merge;
pub mod verdict;

pub use document::{CaseResult, Document, DocumentError, Observed, RuntimeInfo, SelectionInfo, SuiteInfo};
pub use event::{CaseFinished, Explanation, MissingRuntime, RunEnd, RunEvent};
pub use verdict::Verdict;
