//! `lockstep install`.

use super::{Failure, args::InstallArgs, load};
use crate::{
    adapter::{Found, RuntimeSpec, Source, install, locate::locate},
    gate::Code,
};

/// Installs the pinned runtimes, or published versions.
///
/// # Errors
/// If npm is not there or fails, or if a runtime is unknown.
pub fn run(args: &InstallArgs) -> Result<Code, Failure> {
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
