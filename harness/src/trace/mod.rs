//! The trace-expression language: what a program printed, and what it may print.
//!
//! This folder knows no file, no process and no runtime. It takes an expectation as written ([`parse`]), matches a [`Trace`]
//! against it event by event with derivatives ([`match_trace`]), and says what was allowed where the trace left the rule
//! ([`explain()`]).
//!
//! # The language
//!
//! An expectation is a list of items, one after the other. An item is an event, which is text, or a mapping with one operator:
//!
//! | item | allows |
//! | --- | --- |
//! | `text` | that event, with holes for what the rule leaves open ([`pattern`]); a number or a boolean is quoted |
//! | `unordered: [a, [b, c]]` | all branches, merged in any way; `b` stays before `c` |
//! | `one_of: [a, [b, c]]` | exactly one of the branches |
//! | `repeat: { of: a, from: 1, to: 20 }` | so many times, one after the other; without `to` any number |
//! | `optional: a` | it, or nothing |
//! | `lanes: { x: [a, b], y: [c] }`, `before: [[x.a, y.c]]` | all lanes, merged in any way that keeps the edges ([`lanes`]) |
//!
//! A branch of `unordered` and `one_of`, and what `repeat` and `optional` hold, is an item or a list of items. The whole trace
//! has to be consumed, so the empty list allows exactly the empty trace. Where two items could take an event, all ways are
//! followed: a trace is legal if there is one way to read it.
//!
//! Timers and immediates that may come in either order, between what is fixed:
//!
//! ```yaml
//! - sync
//! - tick
//! - unordered: [timeout, immediate]
//! - "done after {0..} ms"
//! ```
//!
//! A client and a server, each in its own order, and no answer before its question:
//!
//! ```yaml
//! - listening
//! - lanes:
//!     client: [connect, write, "read pong", end]
//!     server: [accept, "read ping", { optional: drain }, end]
//!   before:
//!     - [client.write, server.read ping]
//!     - [server.read ping, client.read pong]
//! ```

pub mod audit;
pub mod exit;
pub mod explain;
pub mod expr;
pub mod lanes;
pub mod matcher;
pub mod observation;
pub mod parse;
pub mod pattern;
pub mod render;
pub mod visible;

pub use exit::{Ended, ExitPattern, ParseExitError};
pub use explain::{Explanation, LegalEvent, explain};
pub use expr::{Expr, ExprError};
pub use lanes::{Lanes, LanesError};
pub use matcher::{BoundReached, Matcher, Outcome, match_trace};
pub use observation::{Observation, Trace};
pub use pattern::{Pattern, PatternError};
pub use render::{canonical, render_lines};
pub use visible::{quoted, visible};
