//! The published releases of one runtime, ready to be run one after the other.

use std::path::Path;

use super::{Failure, inhouse_holder, project::Setting, session::launches};
use crate::{
    adapter::{
        Context, Runtime, RuntimeSpec, Source,
        install::{InstallError, Installed, install_version},
        published::{Published, published},
    },
    run::prepare,
    suite::Suite,
};

/// The releases of one runtime.
#[derive(Debug)]
pub struct Releases {
    /// The runtime's manifest.
    pub adapter: String,
    /// What is published.
    pub published: Published,
    /// What all launches share.
    pub context: Context,
}

impl Releases {
    /// Lists the releases of the runtime that `spec` names, which is the name of a manifest and nothing else. What the project calls
    /// by a name of its own is one binary; where it calls one as the manifest is called, the releases are still the manifest's.
    ///
    /// # Errors
    /// If there is no such manifest, if `spec` names a binary or a version, or if npm does not answer.
    pub fn list(spec: &RuntimeSpec, setting: &Setting, suite: &Suite, timeout_scale: f64) -> Result<Self, Failure> {
        let meant = setting.meant(spec);
        if spec.source != Source::Located || meant.adapter != spec.adapter {
            return Err(Failure::Usage(format!(
                "--runtime takes a runtime whose releases are published; `{meant}` is one binary, so write --runtime {}",
                meant.adapter
            )));
        }
        let Some(manifest) = suite.manifests.get(&spec.adapter) else {
            let with_package = suite.manifests.values().filter(|manifest| !manifest.locate.package.is_empty());
            let known: Vec<&str> = with_package.map(|manifest| manifest.name.as_str()).collect();
            return Err(Failure::Usage(format!(
                "there is no manifest adapters/{}.yaml; name one of {}",
                spec.adapter,
                known.join(", ")
            )));
        };
        let published = published(manifest).map_err(|error| Failure::Usage(error.to_string()))?;
        let request = prepare::Request { inhouse: inhouse_holder(), timeout_scale, ..prepare::Request::default() };
        let context = launches(&request)?;
        Ok(Self { adapter: manifest.name.clone(), published, context })
    }

    /// The name of a release on the command line.
    pub fn name(&self, at: usize) -> String {
        format!("{}@{}", self.adapter, self.published.versions[at])
    }

    /// Installs and probes a release; the inner error says why it cannot be used.
    ///
    /// # Errors
    /// If npm or the network is not there, which is no fault of the release; if the run was interrupted, or the harness failed.
    pub fn ready(&self, at: usize, suite: &Suite) -> Result<Result<Runtime, String>, Failure> {
        if let Some(signal) = self.context.interrupt.signal() {
            return Err(Failure::Adapter(crate::adapter::AdapterError::Interrupted { signal }));
        }
        // Held until the runtime has a lease of its own.
        let _installed = match self.install(at, suite) {
            Ok(installed) => installed,
            Err(error) if error.is_of_the_version() => return Ok(Err(error.to_string())),
            Err(error) => return Err(Failure::Usage(error.to_string())),
        };
        let name = self.name(at);
        let spec: RuntimeSpec = name.parse().map_err(|error: crate::adapter::SpecError| Failure::Usage(error.to_string()))?;
        let runtime = match prepare::ready(&spec, suite, None, &self.context)? {
            Ok(runtime) => runtime,
            Err(missing) => return Ok(Err(missing.reason)),
        };
        match (runtime.product(), runtime.doubt()) {
            (Some(_), _) => Ok(Ok(runtime)),
            // What cannot even say what it is would be blamed for what it never ran.
            (None, doubt) => Ok(Err(doubt.unwrap_or("it does not say what it is").to_owned())),
        }
    }

    fn install(&self, at: usize, suite: &Suite) -> Result<Installed, InstallError> {
        let manifest = &suite.manifests[&self.adapter];
        let version = self.published.versions[at].to_string();
        let file = manifest.locate.package_file.as_deref().unwrap_or(Path::new(""));
        let variable = manifest.locate.env.clone().unwrap_or_default();
        install_version(&self.adapter, &version, &self.published.package, file, &variable)
    }
}
