//! Narrowing a difference down: to the release that made it ([`bisect`]), to the statements that show it ([`minimize`]).
//!
//! Both are searches that know nothing of runtimes. They ask, as rarely as they can, and whoever calls them runs something to answer.
//! [`disagreement`] says what of a difference must stay while a program shrinks.

pub mod bisect;
pub mod disagreement;
pub mod minimize;
