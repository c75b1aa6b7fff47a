//! Showing what a run found.
//!
//! Every report consumes [`RunEvent`]s and nothing else; none of them knows how a case was run, and none looks at what a runtime
//! printed except through [`text::visible`], so that control characters never reach a terminal raw.

pub mod collect;
pub mod deviations;
pub mod difference;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod matrix;
pub mod progress;
pub mod sides;
pub mod terminal;
pub mod text;

use crate::result::RunEvent;

/// Something that shows a run.
pub trait Report: Send {
    /// Takes the next event.
    fn event(&mut self, event: &RunEvent);
}
