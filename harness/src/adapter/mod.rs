//! How a runtime is found, asked what it is, and given a program.
//!
//! Required of a runtime, all of it said in a manifest `adapters/<name>.yaml`:
//!
//! * **Locating**: an environment variable, a pinned npm package, or a name on `PATH` ([`locate`]).
//! * **Launching**: a command line for each goal it offers. The launch contract is in [`launch`].
//! * **Trace channel**: standard output, a regular file; whatever the program prints there is its trace.
//! * **Ending**: by itself when nothing is left to do, with an exit code.
//! * **Product probe**: a JavaScript expression that yields `[name, version]` from inside, so that recorded deviations attach to
//!   what the binary is and not to how it was called ([`probe`]).
//!
//! A `process` runtime is started once a case ([`process`]); a `worker` runtime answers case after case ([`worker`]).

pub mod cache;
mod context;
pub mod install;
pub mod launch;
pub mod locate;
pub mod probe;
pub mod process;
pub mod published;
pub mod runtime;
pub mod spec;
pub mod worker;

pub use context::{AdapterError, Context, Product};
pub use launch::Workspace;
pub use locate::{Found, Located};
pub use runtime::{Job, Runtime};
pub use spec::{RuntimeSpec, Source, SpecError};
