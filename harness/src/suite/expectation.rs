//! A validated expectation.

use std::path::PathBuf;

use crate::trace::{ExitPattern, Expr};

/// What a case's program may print and how it may end.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// The legal traces.
    pub trace: Expr,
    /// The legal ends.
    pub exit: ExitPattern,
    /// The file it was read from.
    pub file: PathBuf,
}
