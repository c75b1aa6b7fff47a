//! The commands: what each does with the floors below, and whose fault it is if it fails.
//!
//! `main` parses and dispatches; a command returns the exit [`Code`](crate::gate::Code) or a [`Failure`], which says its owner.

pub mod accept;
pub mod args;
pub mod author;
pub mod bisect;
pub mod check;
pub mod cli;
pub mod compare;
pub mod doctor;
#[cfg(feature = "inhouse")]
pub mod explore;
pub mod gate;
pub mod history;
pub mod init;
pub mod install;
pub mod merge;
pub mod minimize;
pub mod mutants;
pub mod pages;
pub mod project;
pub mod regressions;
pub mod releases;
pub mod report;
pub mod run;
pub mod runtimes;
pub mod session;
pub mod show;
pub mod subject;
pub mod triage;
pub mod try_program;

use std::{
    env, io,
    path::{Path, PathBuf},
};

use project::Setting;

use crate::{
    adapter::{AdapterError, RuntimeSpec},
    gate::Code,
    result::{DocumentError, MissingRuntime},
    suite::{Suite, SuiteError},
};

/// Why a command did not do what it was asked, by owner.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The user's: something on the command line or in the environment.
    #[error("{0}")]
    Usage(String),
    /// The user's: a result file.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The suite's.
    #[error("{}", all(.0))]
    Suite(Vec<SuiteError>),
    /// The user's: the project file.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Project(Vec<SuiteError>),
    /// The user named runtimes that are not there.
    #[error("{}", missing(.0))]
    Missing(Vec<MissingRuntime>),
    /// The selection is empty.
    #[error("{0}")]
    NothingSelected(String),
    /// An adapter's or the harness's.
    #[error("{0}")]
    Adapter(#[from] AdapterError),
    /// The harness's or an adapter's, as a run found it.
    #[error("{0}")]
    Fault(String),
    /// A report that could not be written after the run; that it could be was seen before, so it is the harness's.
    #[error(transparent)]
    Report(DocumentError),
    /// The harness's.
    #[error("{doing}: {source}")]
    Harness {
        /// What it was about to do.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl Failure {
    /// The exit code.
    pub fn code(&self) -> Code {
        match self {
            Self::Usage(_) | Self::Document(_) | Self::Suite(_) | Self::Project(_) | Self::Missing(_) => Code::Usage,
            Self::NothingSelected(_) => Code::NothingSelected,
            Self::Adapter(AdapterError::Interrupted { signal }) => Code::Signal(*signal),
            Self::Adapter(_) | Self::Fault(_) | Self::Report(_) | Self::Harness { .. } => Code::Harness,
        }
    }

    /// A fault of the harness while `doing` something.
    pub fn harness(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Harness { doing, source }
    }
}

fn all(errors: &[SuiteError]) -> String {
    let mut text: Vec<String> = errors.iter().map(ToString::to_string).collect();
    if errors.len() > 1 {
        text.push(format!("{} errors in the suite; nothing was run", errors.len()));
    }
    text.join("\n")
}

fn missing(runtimes: &[MissingRuntime]) -> String {
    let lines: Vec<String> =
        runtimes.iter().map(|missing| format!("runtime `{}`: {}; {}", missing.name, missing.reason, missing.remedy)).collect();
    lines.join("\n")
}

/// Reads the suite that is named, or the one that holds here, with the overlays of the project.
///
/// # Errors
/// If there is none, or if it has errors.
pub fn load(named: Option<&Path>) -> Result<Suite, Failure> {
    load_in(&Setting::find()?, named)
}

/// The same, where the project is known already.
///
/// # Errors
/// As [`load`].
pub fn load_in(setting: &Setting, named: Option<&Path>) -> Result<Suite, Failure> {
    Suite::of(&setting.suite_tree(named)?, setting.overlays()).map_err(Failure::Suite)
}

/// The folder that takes new cases: the topmost overlay, or the suite itself.
///
/// # Errors
/// If the suite is the one inside of this binary, and nothing is on top of it.
pub fn own_folder(suite: &Suite) -> Result<&Path, Failure> {
    suite.own_folder().ok_or_else(|| {
        let remedy = "name a checkout with --suite DIR, or an overlay of your own in lockstep.yaml";
        Failure::Usage(format!("the suite inside of this binary takes no new case; {remedy}"))
    })
}

/// Refuses runtimes of one name: results, reports and baselines know a runtime by its name alone.
///
/// # Errors
/// If two of them share a name.
pub fn distinct(runtimes: &[RuntimeSpec]) -> Result<(), Failure> {
    for (index, spec) in runtimes.iter().enumerate() {
        if runtimes[..index].iter().any(|earlier| earlier.name == spec.name) {
            let remedy = "name one of them anew, as in MYNAME=ADAPTER:COMMAND";
            return Err(Failure::Usage(format!("two runtimes are named `{}`; {remedy}", spec.name)));
        }
    }
    Ok(())
}

/// The binary that holds the in-house runtime: this one, if it was built with it.
pub fn inhouse_holder() -> Option<PathBuf> {
    if cfg!(feature = "inhouse") { env::current_exe().ok() } else { None }
}
