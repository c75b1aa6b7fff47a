//! From names on a command line to runtimes that are ready: locate, probe, and what all launches share.

use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::{
    adapter::{AdapterError, Context, Found, Runtime, RuntimeSpec, locate::locate},
    process::{Interrupt, Limits, TempDirs},
    result::MissingRuntime,
    suite::Suite,
};

/// What a run is asked for, beside the suite.
#[derive(Debug, Clone)]
pub struct Request {
    /// The runtimes that were named; none means every manifest that can be had.
    pub runtimes: Vec<RuntimeSpec>,
    /// The binary that holds the in-house runtime, if this build has it.
    pub inhouse: Option<PathBuf>,
    /// Goes before every command.
    pub wrap: Vec<String>,
    /// What every deadline is multiplied by.
    pub timeout_scale: f64,
    /// Bytes of output a program may write; none means the usual limit.
    pub output_limit: Option<u64>,
    /// Resident bytes a program may have; none means the usual limit.
    pub memory_limit: Option<u64>,
    /// The command that runs cases, for the findings.
    pub rerun: String,
}

impl Default for Request {
    /// Every runtime that can be had but the embedded one, under the usual limits.
    fn default() -> Self {
        Self {
            runtimes: vec![],
            inhouse: None,
            wrap: vec![],
            timeout_scale: 1.0,
            output_limit: None,
            memory_limit: None,
            rerun: String::new(),
        }
    }
}

impl Request {
    /// The bounds of every launch; the deadline is each job's own.
    fn limits(&self) -> Limits {
        let mut limits = Limits::with_deadline(Duration::from_secs(10));
        if let Some(bytes) = self.output_limit {
            limits.output_bytes = bytes;
            // No file may end a program before its output is seen to be too long.
            limits.file_bytes = limits.file_bytes.max(bytes.saturating_mul(4));
        }
        limits.resident_bytes = self.memory_limit.unwrap_or(limits.resident_bytes);
        limits
    }
}

/// Runtimes that are ready, and those that could not be had.
#[derive(Debug)]
pub struct Prepared {
    /// In the order they were named, or the in-house runtime first and then by name.
    pub runtimes: Vec<Arc<Runtime>>,
    /// The others.
    pub missing: Vec<MissingRuntime>,
}

/// What all launches of a run share.
///
/// # Errors
/// If the run's private folder cannot be made.
pub fn context(request: &Request, interrupt: Interrupt) -> io::Result<Context> {
    let temp = Arc::new(TempDirs::new()?);
    let deno_dir = temp.root().join("deno");
    fs::create_dir(&deno_dir)?;
    Ok(Context {
        temp,
        deno_dir,
        interrupt,
        limits: request.limits(),
        wrap: request.wrap.clone(),
        timeout_scale: request.timeout_scale,
        rerun: request.rerun.clone(),
    })
}

/// The in-house runtime's binary under its own name: a link called `inhouse` to the binary that holds it, so that programs which start
/// `process.execPath` again find the runtime and not the harness.
///
/// # Errors
/// If the link cannot be made.
pub fn inhouse_link(holder: &std::path::Path, context: &Context) -> io::Result<PathBuf> {
    let link = context.temp.root().join("inhouse");
    if link.symlink_metadata().is_ok() {
        return Ok(link);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(holder, &link)?;
    #[cfg(not(unix))]
    fs::copy(holder, &link).map(drop)?;
    Ok(link)
}

/// The names a run without `--runtime` means: every manifest, the embedded runtime first.
pub fn default_names(suite: &Suite) -> Vec<RuntimeSpec> {
    let mut manifests: Vec<_> = suite
        .manifests
        .values()
        .filter(|manifest| {
            manifest.locate.builtin
                || manifest.locate.env.is_some()
                || manifest.locate.path.is_some()
                || !manifest.locate.package.is_empty()
        })
        .collect();
    manifests.sort_by_key(|manifest| (!manifest.locate.builtin, &manifest.name));
    manifests.into_iter().map(|manifest| RuntimeSpec::located(&manifest.name)).collect()
}

/// Locates and probes every runtime asked for. One that cannot be started counts as missing: there is nothing to judge.
///
/// # Errors
/// If the run was interrupted, or the harness failed.
pub fn prepare(request: &Request, suite: &Suite, context: &Context) -> Result<Prepared, AdapterError> {
    let inhouse = match &request.inhouse {
        Some(holder) => Some(inhouse_link(holder, context)?),
        None => None,
    };
    let names = if request.runtimes.is_empty() { default_names(suite) } else { request.runtimes.clone() };
    let ready: Vec<_> = names.par_iter().map(|spec| ready(spec, suite, inhouse.as_deref(), context)).collect();
    let mut prepared = Prepared { runtimes: vec![], missing: vec![] };
    for one in ready {
        match one? {
            Ok(runtime) => prepared.runtimes.push(Arc::new(runtime)),
            Err(missing) => prepared.missing.push(missing),
        }
    }
    Ok(prepared)
}

/// Why tests cannot rely on a runtime: it is not here, or only of whatever version stands on `PATH`, which a test suite that is to pass
/// everywhere must not depend on. `required` takes that one too.
pub fn unreliable(
    spec: &RuntimeSpec,
    suite: &Suite,
    inhouse: Option<&std::path::Path>,
    required: bool,
) -> Option<MissingRuntime> {
    match locate(spec, suite, inhouse) {
        Found::Missing(missing) => Some(missing),
        Found::Here(manifest, located) if located.by_chance && !required => Some(MissingRuntime {
            name: spec.name.clone(),
            reason: format!("the pinned version is not installed, and {} may be of any", located.binary.display()),
            remedy: match &manifest.locate.env {
                Some(variable) => format!("run `lockstep install`, or set {variable} to it"),
                None => "run `lockstep install`".into(),
            },
        }),
        Found::Here(..) => None,
    }
}

/// Locates and probes one runtime; the inner error is a runtime that cannot be had.
///
/// # Errors
/// If the run was interrupted, or the harness failed.
pub fn ready(
    spec: &RuntimeSpec,
    suite: &Suite,
    inhouse: Option<&std::path::Path>,
    context: &Context,
) -> Result<Result<Runtime, MissingRuntime>, AdapterError> {
    let (manifest, located) = match locate(spec, suite, inhouse) {
        Found::Missing(missing) => return Ok(Err(missing)),
        Found::Here(manifest, located) => (manifest, located),
    };
    let binary = located.binary.display().to_string();
    let missing = |error: AdapterError, remedy: String| {
        Ok(Err(MissingRuntime { name: spec.name.clone(), reason: error.to_string(), remedy }))
    };
    match Runtime::probe(spec.clone(), manifest, located, &suite.features, context) {
        Ok(runtime) => Ok(Ok(runtime)),
        Err(error @ AdapterError::Protocol(_)) => {
            missing(error, format!("start {binary} by hand as the manifest does, and see what it says"))
        }
        Err(AdapterError::Launch(error)) if error.is_adapter_fault() => {
            missing(AdapterError::Launch(error), format!("see whether {binary} is a program for this system"))
        }
        Err(error) => Err(error),
    }
}
