//! `lockstep report`: pages that are written from the suite itself.

use std::fs;

use clap::{Args, Subcommand};

use super::{Failure, args::SuiteArgs, load};
use crate::{
    gate::Code,
    report::deviations::{DEVIATIONS_PAGE, deviations_page},
};

/// `lockstep report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// Which page
    #[command(subcommand)]
    pub page: Page,
}

/// The pages.
#[derive(Debug, Clone, Subcommand)]
pub enum Page {
    /// The recorded deviations of all runtimes, with reasons and upstream threads
    #[command(after_help = "Example: lockstep report deviations --write")]
    Deviations {
        /// Which suite.
        #[command(flatten)]
        suite: SuiteArgs,
        /// Write it to expected/deviations/README.md instead of standard output
        #[arg(long)]
        write: bool,
    },
}

/// Prints or writes a page.
///
/// # Errors
/// If the suite cannot be read or the page cannot be written.
pub fn run(args: &ReportArgs) -> Result<Code, Failure> {
    let Page::Deviations { suite, write } = &args.page;
    let suite = load(suite.suite.as_deref())?;
    let page = deviations_page(&suite);
    if *write {
        let path = suite.root.join(DEVIATIONS_PAGE);
        fs::write(&path, page).map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))?;
        anstream::println!("written: {DEVIATIONS_PAGE}");
    } else {
        anstream::print!("{page}");
    }
    Ok(Code::Success)
}
