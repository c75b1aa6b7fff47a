//! `lockstep merge`.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::{
    gate::Code,
    result::{Document, RunEnd, merge::merge},
};

/// `lockstep merge`.
#[derive(Debug, Clone, Args)]
pub struct MergeArgs {
    /// Results of `run --json`
    #[arg(value_name = "RESULT", required = true)]
    pub results: Vec<PathBuf>,
    /// Where to write the joined result [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Joins results into one, and returns the exit code that the joined run would have had.
///
/// # Errors
/// If a file is no result, or if they contradict each other.
pub fn run(args: &MergeArgs) -> Result<Code, Failure> {
    let documents = args.results.iter().map(|file| Document::read(file)).collect::<Result<Vec<_>, _>>()?;
    let joined = merge(documents)?;
    match &args.json {
        Some(file) => joined.write(file)?,
        None => anstream::print!("{}", joined.to_json()),
    }
    if let Some(shards) = &joined.selection.shard {
        eprintln!("lockstep: these are not all shards: {shards}");
    }
    Ok(Code::of_run(joined.results.iter().map(|result| result.verdict), RunEnd::Complete, false))
}
