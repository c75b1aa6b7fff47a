//! Which versions of a runtime are published.

use std::path::Path;

use semver::Version;

use super::{
    install::{InstallError, npm},
    locate::{package, platform},
};
use crate::suite::Manifest;

/// The stable releases of the npm package that holds a manifest's binary for this system, the oldest first.
///
/// Pre-releases and builds are left out: a canary behaves like the release before or after it, and nobody can install one for long.
///
/// # Errors
/// If the manifest names no package for this system, or npm is not there, fails, or lists nothing.
pub fn published(manifest: &Manifest) -> Result<Published, InstallError> {
    let platform = platform();
    let Some((package, _)) = package(manifest, &platform) else {
        return Err(InstallError::NoPackage { adapter: manifest.name.clone(), platform });
    };
    let variable = manifest.locate.env.clone().unwrap_or_default();
    let doing = format!("list the versions of {package}");
    let listed = npm(Path::new("."), &["view", package, "versions", "--json"], &doing, &variable)?;
    let versions = stable(&listed).filter(|versions| !versions.is_empty());
    match versions {
        Some(versions) => Ok(Published { package: package.into(), versions }),
        None => Err(InstallError::Npm { doing, message: "it named no stable release".into() }),
    }
}

/// Published versions of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The package.
    pub package: String,
    /// Its stable releases, the oldest first.
    pub versions: Vec<Version>,
}

impl Published {
    /// The index of a version; a leading `v` is forgiven.
    ///
    /// # Errors
    /// If there is no such version; the error names those near it.
    pub fn index(&self, version: &str) -> Result<usize, InstallError> {
        let wanted = Version::parse(version.trim_start_matches('v'));
        let found = wanted.as_ref().ok().and_then(|wanted| self.versions.binary_search(wanted).ok());
        found.ok_or_else(|| InstallError::NoVersion {
            package: self.package.clone(),
            version: version.into(),
            near: self.near(version),
        })
    }

    /// Up to four versions around where `version` would stand, however incomplete it is.
    fn near(&self, version: &str) -> Vec<String> {
        let mut parts = version.trim_start_matches('v').splitn(3, '.').map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u64>().unwrap_or(0)
        });
        let mut part = || parts.next().unwrap_or(0);
        let around = Version::new(part(), part(), part());
        let at = self.versions.partition_point(|known| *known < around);
        let from = at.saturating_sub(2).min(self.versions.len().saturating_sub(4));
        self.versions[from..].iter().take(4).map(ToString::to_string).collect()
    }
}

/// Stable releases in what npm lists: an array, or the one string of a package that was published once.
fn stable(listed: &str) -> Option<Vec<Version>> {
    let value: serde_json::Value = serde_json::from_str(listed).ok()?;
    let texts: Vec<String> = match value {
        serde_json::Value::String(one) => vec![one],
        other => serde_json::from_value(other).ok()?,
    };
    let mut versions: Vec<Version> = texts.iter().filter_map(|text| Version::parse(text).ok()).collect();
    versions.retain(|version| version.pre.is_empty() && version.build.is_empty());
    versions.sort();
    versions.dedup();
    Some(versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Published {
        let listed = r#"["1.10.0", "1.2.0", "1.2.1-canary.20250209.1", "2.0.0-rc.1", "1.9.3", "2.0.1"]"#;
        Published { package: "p".into(), versions: stable(listed).expect("a list") }
    }

    #[test]
    fn stable_releases_in_order() {
        let shown: Vec<String> = known().versions.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["1.2.0", "1.9.3", "1.10.0", "2.0.1"]);
        assert_eq!(stable("\"1.0.0\"").expect("one").len(), 1);
        for text in ["", "{}", "{\"error\": {}}", "[1]"] {
            assert_eq!(stable(text), None, "{text}");
        }
    }

    #[test]
    fn an_unknown_version_names_those_near_it() {
        assert_eq!(known().index("v1.10.0").expect("it is there"), 2);
        for (version, near) in [("1.9", "1.2.0, 1.9.3, 1.10.0, 2.0.1"), ("2.0.0-rc.1", "1.9.3"), ("latest", "1.2.0")] {
            let error = known().index(version).expect_err(version).to_string();
            assert!(error.contains(&format!("no version {version} of p is published")) && error.contains(near), "{error}");
        }
    }
}
