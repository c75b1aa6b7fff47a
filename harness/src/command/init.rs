//! `lockstep init`.

use std::{fs, io, path::Path};

use clap::Args;

use super::{Failure, distinct};
use crate::{
    adapter::RuntimeSpec,
    gate::Code,
    suite::project::{FILE, template},
};

/// The overlay that a new project begins with.
const OVERLAY: &str = "conformance";

/// The baseline that a new project names.
const BASELINE: &str = "conformance/baseline.json";

/// What stands in a new overlay, so that version control keeps the folder.
const README: &str = "What Lockstep reads beside its own suite: `cases/<id>.yaml` with `expected/<id>.yaml`, recorded deviations in\n\
`expected/deviations/<product>.yaml`, manifests in `adapters/<name>.yaml`. `baseline.json` is what `lockstep gate` holds a run against.\n";

/// `lockstep init`.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// A runtime the project is about, as `run --runtime` takes it; repeatable
    #[arg(short, long, value_name = "RUNTIME")]
    pub runtime: Vec<RuntimeSpec>,
}

/// Writes a project file, and the overlay it names, into the working directory.
///
/// # Errors
/// If there is a project file already, or the folder cannot be written.
pub fn run(args: &InitArgs) -> Result<Code, Failure> {
    distinct(&args.runtime)?;
    let file = Path::new(FILE);
    let cannot = |what: &Path, error: &io::Error| Failure::Usage(format!("cannot write {}: {error}", what.display()));
    if file.symlink_metadata().is_ok() {
        return Err(Failure::Usage(format!("{FILE} is here already; edit it, or remove it to begin anew")));
    }
    let overlay = Path::new(OVERLAY);
    fs::create_dir_all(overlay).map_err(|error| cannot(overlay, &error))?;
    let readme = overlay.join("README.md");
    if readme.symlink_metadata().is_err() {
        fs::write(&readme, README).map_err(|error| cannot(&readme, &error))?;
        anstream::println!("written: {}", readme.display());
    }
    let runtimes: Vec<String> = args.runtime.iter().map(ToString::to_string).collect();
    fs::write(file, template(&runtimes, BASELINE, OVERLAY)).map_err(|error| cannot(file, &error))?;
    anstream::println!(
        "written: {FILE}\n\nnext\n  lockstep gate --record    what the runtimes do now, as {BASELINE}\n  lockstep gate             exit 1 with exactly what got worse\n  \
         lockstep triage {BASELINE}    what fails now, in clusters, recorded to be looked into"
    );
    Ok(Code::Success)
}
