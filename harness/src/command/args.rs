//! The options that several commands share. Each says what it means; nothing is interpreted here.

use std::path::PathBuf;

use clap::Args;

use crate::adapter::RuntimeSpec;

/// Which suite.
#[derive(Debug, Clone, Default, Args)]
pub struct SuiteArgs {
    /// The suite's folder, the one with `cases/` in it; `embedded` is the one inside of this binary [default: the nearest one above the
    /// working directory, else the embedded one]
    #[arg(long, value_name = "DIR")]
    pub suite: Option<PathBuf>,
}

/// Which cases.
#[derive(Debug, Clone, Default, Args)]
pub struct SelectArgs {
    /// Part of an id, a glob over ids, or tag:WORD, profile:WORD, lane:WORD, needs:WORD; several select what any of them selects
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// Exactly this case
    #[arg(long, value_name = "ID")]
    pub exact: Vec<String>,
}

impl SelectArgs {
    /// Everything that was asked for, as it was written; nothing means every case.
    pub fn asked(&self) -> Vec<String> {
        self.filters.iter().chain(&self.exact).cloned().collect()
    }
}

/// Which runtimes, and how they are started.
#[derive(Debug, Clone, Args)]
pub struct RuntimeArgs {
    /// NAME, NAME@VERSION (installed on demand) or MYNAME=ADAPTER:COMMAND …; a command that begins with the adapter's own name means
    /// the binary the adapter finds [default: those of lockstep.yaml, or every one that is here]
    #[arg(short, long, value_name = "RUNTIME")]
    pub runtime: Vec<RuntimeSpec>,
    /// Put this before every command, as in --wrap 'rr record'
    #[arg(long, value_name = "COMMAND")]
    pub wrap: Option<String>,
    /// Multiply every deadline by this, for slow machines and instrumented builds [default: 1]
    #[arg(long, value_name = "F", value_parser = scale)]
    pub timeout_scale: Option<f64>,
}

impl RuntimeArgs {
    /// What every deadline is multiplied by.
    pub fn scale(&self) -> f64 {
        self.timeout_scale.unwrap_or(1.0)
    }
}

/// `lockstep run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Which cases.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Which runtimes.
    #[command(flatten)]
    pub runtimes: RuntimeArgs,
    /// Install the pinned runtimes first, through npm
    #[arg(long)]
    pub install: bool,
    /// Run part K of N, chosen by a hash of the id [default: TEST_SHARD_INDEX and TEST_TOTAL_SHARDS]
    #[arg(long, value_name = "K/N")]
    pub shard: Option<String>,
    /// Cases at a time in the ordinary lane [default: one a processor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub jobs: Option<u16>,
    /// Run each case N times; repeats that disagree beyond the expectation are `unstable`
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub repeat: u32,
    /// Stop starting cases on a runtime after its first regression
    #[arg(long)]
    pub fail_fast: bool,
    /// Ignore recorded deviations: plain pass or fail
    #[arg(long)]
    pub no_deviations: bool,
    /// Read more recorded deviations from this file, named after its product (`node.yaml`)
    #[arg(long, value_name = "FILE")]
    pub deviations: Vec<PathBuf>,
    /// Exit with 3 if recorded deviations are gone
    #[arg(long)]
    pub strict: bool,
    /// Write the result as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the result as JUnit
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a summary as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write the result as a page for a browser: one file, with every trace in it
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Bytes of output after which a program counts as a flood, as in 64K, 8M or 1G [default: 8M]
    #[arg(long, value_name = "BYTES", value_parser = bytes, hide_short_help = true)]
    pub output_limit: Option<u64>,
    /// Resident bytes of a program and all it starts after which it counts as out of memory [default: 2G]
    #[arg(long, value_name = "BYTES", value_parser = bytes, hide_short_help = true)]
    pub memory_limit: Option<u64>,
    /// Show only what is wrong, and the matrix
    #[arg(short, long)]
    pub quiet: bool,
}

impl Default for RunArgs {
    /// What `lockstep run` means without any option.
    fn default() -> Self {
        Self {
            suite: SuiteArgs::default(),
            select: SelectArgs::default(),
            runtimes: RuntimeArgs { runtime: vec![], wrap: None, timeout_scale: None },
            install: false,
            shard: None,
            jobs: None,
            repeat: 1,
            fail_fast: false,
            no_deviations: false,
            deviations: vec![],
            strict: false,
            json: None,
            junit: None,
            markdown: None,
            html: None,
            output_limit: None,
            memory_limit: None,
            quiet: false,
        }
    }
}

/// A factor above 0 that keeps deadlines within what a clock can tell.
pub(super) fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor > 0.0 && factor <= 1_000.0 => Ok(factor),
        _ => Err("write a number above 0 and at most 1000".into()),
    }
}

/// A number of bytes above 0; `K`, `M` and `G` are powers of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 'K')) => (&text[..at], 1 << 10),
        Some((at, 'M')) => (&text[..at], 1 << 20),
        Some((at, 'G')) => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)) {
        Some(bytes) if bytes > 0 => Ok(bytes),
        _ => Err("write a number of bytes above 0, with K, M or G behind it if need be".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_suffixes() {
        assert_eq!(["1", "64K", "8M", "2G"].map(|text| bytes(text).expect(text)), [1, 64 << 10, 8 << 20, 2 << 30]);
        for text in ["", "0", "0K", "K", "-1", "1.5M", "1T", "8 M", "99999999999999999G"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_scale_is_a_sensible_factor() {
        assert!(scale("2.5").is_ok());
        for text in ["0", "-1", "nan", "inf", "1e9", "x"] {
            assert!(scale(text).is_err(), "{text}");
        }
    }
}
