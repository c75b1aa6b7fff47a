//! Narrowing a difference down: to the release that made it ([`bisect`]), to the statements that show it.
//!
//! Both are searches that know nothing of runtimes. They ask, as rarely as they can, and whoever calls them runs something to answer.

pub mod bisect;
