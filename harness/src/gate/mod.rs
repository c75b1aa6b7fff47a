//! What a run means for whoever called it: the exit code, and how it compares with another run.
//!
//! Comparison is always by (case, runtime) and never by counts, and only where the case meant the same in both runs: a suite that grew
//! or corrected itself breaks nobody's gate. [`delta`] compares two results, [`classes`] groups the runtimes of one, [`triage`] the failures of
//! one.

pub mod classes;
pub mod delta;
pub mod exit;
pub mod triage;

pub use exit::Code;
