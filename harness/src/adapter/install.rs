//! Getting runtimes through npm: the pinned ones beside the suite, any published version into a cache folder.
//!
//! The packages are those that hold the binaries themselves, so install scripts stay off and nothing else is downloaded.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use crate::suite::Suite;

/// Why a runtime could not be installed. The adapter's fault or the network's, with what to do.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// There is no npm.
    #[error("npm is not on PATH; install Node.js with npm, or put the binary there yourself and name it with {variable}")]
    NoNpm {
        /// The manifest's environment variable.
        variable: String,
    },
    /// The manifest names no package for this system.
    #[error("the manifest `{adapter}` names no npm package for {platform}")]
    NoPackage {
        /// The manifest.
        adapter: String,
        /// `os-arch`.
        platform: String,
    },
    /// npm failed.
    #[error("npm could not install {what}: {message}")]
    Npm {
        /// Package and version, or the pinned set.
        what: String,
        /// The telling lines of what npm said.
        message: String,
    },
    /// npm was content, but the binary is not where the manifest says.
    #[error("{what} was installed, but holds no {file}; the manifest's `locate.package` does not fit this version", file = file.display())]
    NoBinary {
        /// Package and version.
        what: String,
        /// Where the binary should be.
        file: PathBuf,
    },
    /// The cache folder cannot be written.
    #[error("cannot write {folder}: {source}; set LOCKSTEP_CACHE to a folder that can be written", folder = folder.display())]
    Cache {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Where versions installed on demand are kept: `LOCKSTEP_CACHE`, else `lockstep` in the user's cache folder.
pub fn cache_folder() -> PathBuf {
    let named = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("LOCKSTEP_CACHE")
        .or_else(|| named("XDG_CACHE_HOME").map(|folder| folder.join("lockstep")))
        .or_else(|| named("HOME").map(|home| home.join(".cache").join("lockstep")))
        .unwrap_or_else(|| env::temp_dir().join("lockstep-cache"))
}

/// Where this version's binary stands once it is installed.
pub fn cached_binary(adapter: &str, version: &str, package: &str, file: &Path) -> PathBuf {
    version_folder(adapter, version).join("node_modules").join(package).join(file)
}

fn version_folder(adapter: &str, version: &str) -> PathBuf {
    cache_folder().join("runtimes").join(adapter).join(version)
}

/// Installs one published version into the cache; does nothing if it is there.
///
/// # Errors
/// See [`InstallError`].
pub fn install_version(
    adapter: &str,
    version: &str,
    package: &str,
    file: &Path,
    variable: &str,
) -> Result<PathBuf, InstallError> {
    let binary = cached_binary(adapter, version, package, file);
    if binary.is_file() {
        return Ok(binary);
    }
    let target = version_folder(adapter, version);
    let parent = target.parent().expect("a version folder lies in its adapter's");
    let cache = |source| InstallError::Cache { folder: parent.into(), source };
    fs::create_dir_all(parent).map_err(cache)?;
    // Installed beside and renamed into place, so that a broken download is never taken for a runtime.
    let beside = tempfile::Builder::new().prefix(".installing-").tempdir_in(parent).map_err(cache)?;
    let what = format!("{package}@{version}");
    npm(beside.path(), &["install", "--no-save", "--no-package-lock", "--prefix", ".", &what], &what, variable)?;
    let made = beside.path().join("node_modules").join(package).join(file);
    if !made.is_file() {
        return Err(InstallError::NoBinary { what, file: made });
    }
    executable(&made).map_err(cache)?;
    let made = beside.keep();
    match fs::rename(&made, &target) {
        Ok(()) => {}
        // Somebody else installed the same version meanwhile; theirs is as good.
        Err(_) if binary.is_file() => fs::remove_dir_all(&made).map_err(cache)?,
        Err(source) => return Err(InstallError::Cache { folder: target, source }),
    }
    Ok(binary)
}

/// Gives the binary the bit that some packages leave to their install script.
#[cfg(unix)]
fn executable(binary: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(binary)?.permissions().mode();
    fs::set_permissions(binary, fs::Permissions::from_mode(mode | 0o111))
}

/// What makes a file a program is its name on other systems.
#[cfg(not(unix))]
fn executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The folder whose `node_modules` holds the suite's pinned runtimes: beside the suite, or in the cache if the suite is in this binary.
pub fn pinned_folder(suite: &Suite) -> PathBuf {
    match suite.base().folder() {
        Some(root) => root.join("adapters"),
        None => cache_folder().join("pinned").join(suite.version.to_string()),
    }
}

/// Installs the runtimes that the suite pins in `adapters/package-lock.json`.
///
/// # Errors
/// See [`InstallError`].
pub fn install_pinned(suite: &Suite) -> Result<(), InstallError> {
    let folder = pinned_folder(suite);
    if suite.base().folder().is_none() {
        let cache = |source| InstallError::Cache { folder: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(cache)?;
        for name in ["package.json", "package-lock.json"] {
            let text = suite.base().adapter_file(name).unwrap_or_default();
            fs::write(folder.join(name), text).map_err(cache)?;
        }
    }
    npm(&folder, &["ci"], "the pinned runtimes", "LOCKSTEP_NODE, LOCKSTEP_DENO, LOCKSTEP_BUN")
}

/// Runs npm with install scripts off and nothing but errors printed.
fn npm(folder: &Path, arguments: &[&str], what: &str, variable: &str) -> Result<(), InstallError> {
    let fixed = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
    let arguments: Vec<&str> = arguments.iter().copied().chain(fixed).collect();
    let output =
        duct::cmd("npm", arguments).dir(folder).stdin_null().stdout_capture().stderr_capture().unchecked().run().map_err(
            |error| match error.kind() {
                io::ErrorKind::NotFound => InstallError::NoNpm { variable: variable.into() },
                _ => InstallError::Npm { what: what.into(), message: error.to_string() },
            },
        )?;
    if output.status.success() {
        return Ok(());
    }
    Err(InstallError::Npm { what: what.into(), message: telling_lines(&String::from_utf8_lossy(&output.stderr)) })
}

/// What npm says, without its prefixes and without pointers to log files.
fn telling_lines(stderr: &str) -> String {
    let lines: Vec<&str> = stderr
        .lines()
        .map(|line| line.trim_start_matches("npm error").trim_start_matches("npm ERR!").trim())
        .filter(|line| !line.is_empty() && !line.contains("complete log of this run") && !line.starts_with("npm warn"))
        .take(4)
        .collect();
    if lines.is_empty() { "it gave no reason".into() } else { lines.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_npm_says_is_cut_to_what_tells() {
        let said = "npm warn old\nnpm error code ETARGET\nnpm error notarget No matching version found for x@9.\nnpm error\n\
                    npm error A complete log of this run can be found in: /home/log\n";
        assert_eq!(telling_lines(said), "code ETARGET; notarget No matching version found for x@9.");
        assert_eq!(telling_lines(""), "it gave no reason");
    }
}
