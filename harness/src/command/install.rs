//! `lockstep install`.

use clap::Args;

use super::{Failure, args::SuiteArgs, load};
use crate::{
    adapter::{
        Found, RuntimeSpec, Source,
        cache::{self, shown_size},
        install,
        locate::locate,
    },
    gate::Code,
};

/// `lockstep install`.
#[derive(Debug, Clone, Args)]
pub struct InstallArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Published versions, as NAME@VERSION [default: the pinned ones]
    #[arg(value_name = "NAME@VERSION")]
    pub versions: Vec<RuntimeSpec>,
    /// Remove from the cache the versions that were not used for longest, until it is within its size; what is in use stays
    #[arg(long, conflicts_with = "versions")]
    pub prune: bool,
    /// The size to prune to, as in 0, 500M or 2G [default: LOCKSTEP_CACHE_SIZE, or 4G]
    #[arg(long, value_name = "BYTES", value_parser = size, requires = "prune")]
    pub max_size: Option<u64>,
}

/// Installs the pinned runtimes, or published versions; or removes the longest unused of the latter.
///
/// # Errors
/// If npm is not there or fails, or if a runtime is unknown.
pub fn run(args: &InstallArgs) -> Result<Code, Failure> {
    if args.prune {
        return prune(args.max_size);
    }
    let suite = load(args.suite.suite.as_deref())?;
    if args.versions.is_empty() {
        install::install_pinned(&suite).map_err(|error| Failure::Usage(error.to_string()))?;
        for manifest in suite.manifests.values().filter(|manifest| !manifest.locate.package.is_empty()) {
            if let Found::Here(_, located) = locate(&RuntimeSpec::located(&manifest.name), &suite, None) {
                anstream::println!("{:<14}{}", manifest.name, located.binary.display());
            }
        }
        return Ok(Code::Success);
    }
    for spec in &args.versions {
        if !matches!(spec.source, Source::Version(_)) {
            return Err(Failure::Usage(format!("`{spec}` names no version; write NAME@VERSION, as in node@20.20.2")));
        }
        match locate(spec, &suite, None) {
            Found::Here(_, located) => anstream::println!("{:<14}{}", spec.name, located.binary.display()),
            Found::Missing(missing) => return Err(Failure::Missing(vec![missing])),
        }
    }
    Ok(Code::Success)
}

/// Cuts the cache back to its size.
fn prune(limit: Option<u64>) -> Result<Code, Failure> {
    let usage = |error: install::InstallError| Failure::Usage(error.to_string());
    let limit = limit.map_or_else(cache::size_limit, Ok).map_err(usage)?;
    let pruned = cache::prune(limit).map_err(usage)?;
    for version in &pruned.removed {
        anstream::println!("removed {}@{}, {}", version.adapter, version.version, shown_size(version.bytes));
    }
    for version in &pruned.in_use {
        anstream::println!("kept    {}@{}, which is in use", version.adapter, version.version);
    }
    let folder = cache::cache_folder();
    anstream::println!("{} left in {}, which may hold {}", shown_size(pruned.left), folder.display(), shown_size(limit));
    Ok(Code::Success)
}

/// A size that may be 0.
fn size(text: &str) -> Result<u64, String> {
    cache::parse_size(text).ok_or_else(|| "write a number of bytes, with K, M or G behind it if need be".into())
}
