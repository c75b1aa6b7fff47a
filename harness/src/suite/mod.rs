//! What is on disk: cases, expectations, recorded deviations, manifests and feature probes, read and validated.
//!
//! Reading has two stages. The *raw* types are exactly what was written, with positions; the types re-exported here are what it
//! means, and only they leave this folder. All YAML goes through one module, `yaml`.
//!
//! A suite is a folder with `cases/`, `expected/` and `adapters/`. A case is one file, `cases/<id>.yaml`; its expectation is
//! `expected/<id>.yaml`; deviations are lists in `expected/deviations/<product>.yaml`.

pub mod accept;
pub mod case;
pub mod deviation;
mod digest;
mod draft;
mod embedded;
mod emit;
pub mod error;
pub mod expectation;
mod faults;
pub mod features;
mod id;
pub mod lint;
mod load;
mod loose;
pub mod manifest;
pub mod mutant;
mod overlay;
mod program;
pub mod project;
mod raw;
mod read;
pub mod record;
pub mod rewrites;
pub mod schema;
pub mod selection;
pub mod statements;
pub mod template;
mod tree;
pub mod versions;
mod waiting;
mod yaml;

pub use accept::{AcceptError, Difference, accept_deviation, accept_expectation, differs};
pub use case::{Case, Category, Fixture, Goal, Lane, Profile, Strength};
pub use deviation::{Deviation, DeviationKind, Versions};
pub use draft::write_manifest;
pub use error::SuiteError;
pub use expectation::Expectation;
pub use features::{Features, Probe};
pub use lint::Findings;
pub use load::Suite;
pub use loose::LooseError;
pub use manifest::{AdapterKind, Argument, Ends, Locate, Manifest, Template};
pub use mutant::{Mutant, read_mutants};
pub use program::guess_goal;
pub use project::Project;
pub use record::{NewDeviation, Written};
pub use schema::schemas;
pub use selection::{Selection, SelectionError, Shard};
pub use template::{NewCase, NewCaseError};
pub use tree::Tree;
pub use versions::ParseVersionsError;
