//! The commands: what each does with the floors below, and whose fault it is if it fails.
//!
//! `main` parses and dispatches; a command returns the exit [`Code`](crate::gate::Code) or a [`Failure`], which says its owner.

pub mod accept;
pub mod args;
pub mod author;
pub mod bisect;
pub mod check;
pub mod compare;
pub mod gate;
pub mod history;
pub mod install;
pub mod merge;
pub mod minimize;
pub mod narrow_args;
pub mod releases;
pub mod run;
pub mod runtimes;
pub mod session;
pub mod show;
pub mod subject;

use std::{
    env, io,
    path::{Path, PathBuf},
};

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
            Self::Usage(_) | Self::Document(_) | Self::Suite(_) | Self::Missing(_) => Code::Usage,
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

/// The suite's folder: the one named, or `LOCKSTEP_SUITE`, or the nearest above the working directory, or the one this binary was built in.
///
/// # Errors
/// If there is none.
pub fn suite_root(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let is_suite = |folder: &Path| folder.join("cases").is_dir() && folder.join("expected").is_dir();
    let from_variable = env::var_os("LOCKSTEP_SUITE").filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = named.map(Path::to_path_buf).or(from_variable) {
        return match is_suite(&folder) {
            true => Ok(folder),
            false => {
                Err(Failure::Usage(format!("{} is no suite: it has no `cases` and `expected` folder in it", folder.display())))
            }
        };
    }
    let here = env::current_dir().map_err(Failure::harness("cannot tell the working directory"))?;
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    here.ancestors().chain(built_in).find(|folder| is_suite(folder)).map(Path::to_path_buf).ok_or_else(|| {
        Failure::Usage("there is no suite here: no folder above the working directory has `cases` and `expected` in it; name one with --suite DIR".into())
    })
}

/// Reads the suite.
///
/// # Errors
/// If there is none, or if it has errors.
pub fn load(named: Option<&Path>) -> Result<Suite, Failure> {
    Suite::load(&suite_root(named)?).map_err(Failure::Suite)
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
