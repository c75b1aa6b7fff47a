//! What every launch of a run shares, what a binary says it is, and what can go wrong with an adapter.

use std::{io, path::PathBuf, sync::Arc};

use crate::process::{Interrupt, LaunchError, Limits, TempDirs};

/// What a binary says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its name, as deviations name it.
    pub name: String,
    /// Its version.
    pub version: semver::Version,
}

impl Product {
    /// The product that a binary says it is, if it says so decently: a name that can stand in a file name, and a semver version, of which
    /// a leading `v` is forgiven.
    pub fn new(name: &str, version: &str) -> Option<Self> {
        let decent = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let version = semver::Version::parse(version.trim_start_matches('v')).ok()?;
        decent.then(|| Self { name: name.into(), version })
    }
}

/// Why a case could not be run. Never the runtime's fault.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// The runtime could not be started or ended.
    #[error("{owner}: {0}", owner = if .0.is_adapter_fault() { "the adapter could not start the runtime" } else { "the harness failed" })]
    Launch(LaunchError),
    /// The case's folder could not be made.
    #[error("the harness could not prepare the case's folder: {0}")]
    Workspace(#[from] io::Error),
    /// The worker broke the protocol.
    #[error("the worker broke the protocol: {0}")]
    Protocol(String),
    /// The run was interrupted.
    #[error("interrupted by signal {signal}")]
    Interrupted {
        /// The signal's number.
        signal: i32,
    },
}

impl From<LaunchError> for AdapterError {
    fn from(error: LaunchError) -> Self {
        match error {
            LaunchError::Interrupted { signal } => Self::Interrupted { signal },
            error => Self::Launch(error),
        }
    }
}

/// What is shared by all launches of a run.
#[derive(Debug, Clone)]
pub struct Context {
    /// Where cases get their folders.
    pub temp: Arc<TempDirs>,
    /// One `DENO_DIR` a run, so that nothing is compiled twice and nothing is shared with the user's.
    pub deno_dir: PathBuf,
    /// SIGINT and SIGTERM.
    pub interrupt: Interrupt,
    /// Bounds of every launch; the deadline is the job's own.
    pub limits: Limits,
    /// Goes before every command, as `rr record` does.
    pub wrap: Vec<String>,
    /// What every deadline is multiplied by.
    pub timeout_scale: f64,
    /// The command that runs cases, with all options that shape a verdict, to which a case and a runtime are appended.
    pub rerun: String,
}
