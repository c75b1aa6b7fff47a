//! `lockstep new`.

use std::{fs, path::PathBuf};

use clap::Args;

use super::{Failure, args::SuiteArgs, load, own_folder};
use crate::{gate::Code, suite::NewCase};

/// `lockstep new`.
#[derive(Debug, Clone, Args)]
pub struct NewArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// The new case's id: category/topic/name
    #[arg(value_name = "ID")]
    pub id: String,
    /// A program to begin with
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
}

/// Begins a case: writes its file and its expectation, with everything to fill in explained.
///
/// # Errors
/// If the id is none or taken, or the program cannot be read.
pub fn run(args: &NewArgs) -> Result<Code, Failure> {
    let suite = load(args.suite.suite.as_deref())?;
    let program = match &args.from {
        Some(file) => {
            Some(fs::read_to_string(file).map_err(|error| Failure::Usage(format!("cannot read {}: {error}", file.display())))?)
        }
        None => None,
    };
    let usage = |error: crate::suite::NewCaseError| Failure::Usage(error.to_string());
    let case = NewCase::new(&args.id, program.as_deref(), &suite.features).map_err(usage)?;
    case.write(own_folder(&suite)?).map_err(usage)?;
    anstream::println!(
        "written: {}\nwritten: {}\n\nnow say in the case what the rule is and who says so, then\n  lockstep run --exact {id}\n  \
         lockstep accept {id} --from node   if what it prints is what the authority says",
        suite.own_name(&case.case_file).display(),
        suite.own_name(&case.expectation_file).display(),
        id = args.id,
    );
    Ok(Code::Success)
}
