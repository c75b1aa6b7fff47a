//! What can be typed to narrow a difference down.

use std::path::PathBuf;

use clap::Args;

use super::args::{SelectArgs, SuiteArgs, scale};
use crate::adapter::RuntimeSpec;

/// `lockstep bisect`.
#[derive(Debug, Clone, Args)]
pub struct BisectArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// A case, or a program of which nothing but its output is known
    #[arg(value_name = "CASE|FILE")]
    pub subject: String,
    /// The runtime whose releases are searched: node, deno, bun
    #[arg(short, long, value_name = "NAME")]
    pub runtime: RuntimeSpec,
    /// A release that behaves as it should [default: the oldest that can run it]
    #[arg(long, value_name = "VERSION")]
    pub good: Option<String>,
    /// A later release that behaves otherwise [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub bad: Option<String>,
    /// Run each release N times; the two at the boundary are run ten times more, or N if that is more
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Multiply every deadline by this
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = scale)]
    pub timeout_scale: f64,
    /// Write what was found as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// `lockstep minimize`.
#[derive(Debug, Clone, Args)]
pub struct MinimizeArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// A case, or a program of which nothing but its output is known
    #[arg(value_name = "CASE|FILE")]
    pub subject: String,
    /// The two runtimes that disagree on it, as `run --runtime` takes them
    #[arg(long, value_name = "A,B", required = true, value_delimiter = ',')]
    pub on: Vec<RuntimeSpec>,
    /// Call the new case so [default: the case's own id with `-minimal`, or ordering/minimized/ and the file's name]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Print the program, and write no case
    #[arg(long, conflicts_with = "id")]
    pub print: bool,
    /// Each smaller program must show the disagreement in N runs out of N
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Multiply every deadline by this
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = scale)]
    pub timeout_scale: f64,
}

/// `lockstep history`.
#[derive(Debug, Clone, Args)]
pub struct HistoryArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Which cases.
    #[command(flatten)]
    pub select: SelectArgs,
    /// The runtime whose releases are run: node, deno, bun
    #[arg(short, long, value_name = "NAME")]
    pub runtime: RuntimeSpec,
    /// A range, as in '>=18, <23', or a list, as in '18.20.4, 20.3.0' [default: every stable release]
    #[arg(long, value_name = "RANGE|LIST")]
    pub versions: Option<String>,
    /// Of a range, run the newest of each of these [default: major, or minor where there are fewer than three majors]
    #[arg(long, value_name = "PART", value_parser = ["major", "minor", "release"])]
    pub newest_of_each: Option<String>,
    /// Run each case N times on each release; those whose runs differ are marked `?`
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Cases at a time [default: one a processor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub jobs: Option<u16>,
    /// Multiply every deadline by this
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = scale)]
    pub timeout_scale: f64,
    /// Write the whole history as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the table as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write the history as a page for a browser: one file, with every trace in it
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}
