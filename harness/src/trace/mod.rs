//! The trace-expression language: what a program printed, and what it may print.
//!
//! This folder knows no file, no process and no runtime. It takes an expectation as written ([`parse`](self)), matches a
//! [`Trace`] against it event by event with derivatives, and says what was allowed where the trace left the rule.

pub mod exit;
pub mod expr;
pub mod observation;

pub use exit::{Ended, ExitPattern, ParseExitError};
pub use expr::Expr;
pub use observation::{Observation, Trace};
