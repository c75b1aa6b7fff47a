//! `lockstep report`: pages that are written from the suite itself.

use std::fs;

use clap::{Args, Subcommand};

use super::{Failure, args::SuiteArgs, project::Setting};
use crate::{
    gate::Code,
    report::deviations::{DEVIATIONS_PAGE, deviations_page},
    suite::Suite,
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
    let Page::Deviations { suite: named, write } = &args.page;
    let named = named.suite.as_deref();
    let tree = Setting::find()?.suite_tree(named)?;
    // The page is the suite's own; what a project puts on top is not in it.
    let page = deviations_page(&Suite::of(&tree, &[]).map_err(Failure::Suite)?);
    match tree.folder() {
        Some(folder) if *write => {
            let path = folder.join(DEVIATIONS_PAGE);
            fs::write(&path, page).map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))?;
            anstream::println!("written: {DEVIATIONS_PAGE}");
        }
        None if *write => {
            let remedy = "name a checkout with --suite DIR, or leave out --write";
            return Err(Failure::Usage(format!("the suite inside of this binary cannot be written to; {remedy}")));
        }
        _ => anstream::print!("{page}"),
    }
    Ok(Code::Success)
}
