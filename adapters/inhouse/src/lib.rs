//! The in-house runtime: QuickJS-NG behind an event loop with libuv's phases.
//!
//! [`run`] takes one program from its first line to its end, in the real world or in a simulated one. [`cli::run`] is the command `inhouse`,
//! [`worker::serve`] the worker of the protocol. The loop itself is [`event_loop`]; read it first.

mod builtins;
pub mod cli;
mod command_line;
mod engine;
pub mod event_loop;
pub mod explore;
pub mod host;
mod options;
mod output;
pub mod policy;
pub mod recording;
mod runtime;
pub mod schedule;
pub mod worker;

pub use command_line::Exec;
pub use host::simulated::Exploration;
pub use options::Options;
pub use runtime::{Outcome, StartError, run};
