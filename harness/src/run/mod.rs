//! Executing a plan and judging what was observed.
//!
//! [`plan`] says which case runs where; [`execute`] runs it over rayon in two lanes and emits [`RunEvent`](crate::result::RunEvent)s;
//! [`judge`] turns observations into a verdict; `explain` says why. There are no silent retries: an ordering suite that retries hides
//! its bugs.

pub mod execute;
mod explain;
#[cfg(feature = "inhouse")]
pub mod explore;
pub mod judge;
pub mod plan;
pub mod prepare;

pub use execute::{Manner, run, run_pair};
pub use judge::judge;
pub use plan::{Pair, Shape};
