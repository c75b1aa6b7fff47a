//! Getting runtimes through npm: the pinned ones beside the suite, any published version into a cache folder.
//!
//! The packages are those that hold the binaries themselves, so install scripts stay off and nothing else is downloaded.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::cache::{self, Lease};
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
    #[error("npm could not {doing}: {message}")]
    Npm {
        /// What it was to do: `install` or `list the versions of`, and of what.
        doing: String,
        /// The telling lines of what npm said.
        message: String,
    },
    /// npm cannot reach its registry.
    #[error(
        "npm could not {doing}, since it cannot reach its registry ({message}); see to the network, or to npm's proxy settings, and run \
         the same again: what is in the cache already needs no network"
    )]
    Offline {
        /// What it was to do.
        doing: String,
        /// What npm calls it.
        message: String,
    },
    /// There is no such version.
    #[error("no version {version} of {package} is published{}", nearest(.near))]
    NoVersion {
        /// The package.
        package: String,
        /// The version asked for.
        version: String,
        /// Published versions near it.
        near: Vec<String>,
    },
    /// What `LOCKSTEP_CACHE_SIZE` says is no size.
    #[error("LOCKSTEP_CACHE_SIZE is `{text}`; write a number of bytes, with K, M or G behind it if need be")]
    CacheSize {
        /// What it says.
        text: String,
    },
    /// npm was content, but the binary is not where the manifest says.
    #[error("{what} was installed, but holds no {file}; the manifest's `locate.package` does not fit this version", file = file.display())]
    NoBinary {
        /// Package and version.
        what: String,
        /// Where the binary should be, below npm's `node_modules`.
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

impl InstallError {
    /// Whether the version is at fault, so that another may well be had.
    pub fn is_of_the_version(&self) -> bool {
        matches!(self, Self::Npm { .. } | Self::NoBinary { .. } | Self::NoVersion { .. })
    }

    /// What to do about it, for who wanted to run it.
    pub fn remedy(&self, package: &str, adapter: &str) -> String {
        match self {
            Self::Npm { .. } | Self::NoVersion { .. } => format!("see which versions there are: npm view {package} versions"),
            _ => format!("or name a binary that is here: --runtime 'x={adapter}:/path/to/binary'"),
        }
    }
}

fn nearest(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; near it are {}", near.join(", ")) }
}

/// A version in the cache, and the right to use it.
#[derive(Debug, Clone)]
pub struct Installed {
    /// Its binary.
    pub binary: PathBuf,
    /// While this lives, no other process removes it.
    pub lease: Arc<Lease>,
}

/// Installs one published version into the cache; only takes the right to use it if it is there. After an installation the cache
/// is cut back to its size.
///
/// # Errors
/// See [`InstallError`].
pub fn install_version(
    adapter: &str,
    version: &str,
    package: &str,
    file: &Path,
    variable: &str,
) -> Result<Installed, InstallError> {
    let parent = &*cache::adapter_folder(adapter);
    let target = parent.join(version);
    let binary = target.join("node_modules").join(package).join(file);
    let cache = |source| InstallError::Cache { folder: parent.into(), source };
    let lease = Arc::new(Lease::take(parent, version).map_err(cache)?);
    if binary.is_file() {
        return Ok(Installed { binary, lease });
    }
    let limit = cache::size_limit()?;
    // Installed beside and renamed into place, so that a broken download is never taken for a runtime.
    let beside = tempfile::Builder::new().prefix(".installing-").tempdir_in(parent).map_err(cache)?;
    let what = format!("{package}@{version}");
    let arguments = ["install", "--no-save", "--no-package-lock", "--prefix", ".", &what];
    npm(beside.path(), &arguments, &format!("install {what}"), variable)?;
    let made = beside.path().join("node_modules").join(package).join(file);
    if !made.is_file() {
        return Err(InstallError::NoBinary { what, file: Path::new(package).join(file) });
    }
    executable(&made).map_err(cache)?;
    let made = beside.keep();
    match fs::rename(&made, &target) {
        Ok(()) => {}
        // Somebody else installed the same version meanwhile; theirs is as good.
        Err(_) if binary.is_file() => fs::remove_dir_all(&made).map_err(cache)?,
        Err(source) => return Err(InstallError::Cache { folder: target, source }),
    }
    // What is leased stays, so this one does; others may go for it.
    cache::prune(limit)?;
    Ok(Installed { binary, lease })
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
        None => cache::cache_folder().join("pinned").join(suite.version.to_string()),
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
    npm(&folder, &["ci"], "install the pinned runtimes", "LOCKSTEP_NODE, LOCKSTEP_DENO, LOCKSTEP_BUN").map(drop)
}

/// Runs npm with install scripts off and nothing but errors printed, and gives its standard output.
pub(super) fn npm(folder: &Path, arguments: &[&str], doing: &str, variable: &str) -> Result<String, InstallError> {
    let fixed = [
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-progress",
        "--no-update-notifier",
        "--loglevel=error",
        // It would wait ten seconds and then a minute between tries; who is offline wants to know sooner.
        "--fetch-retry-mintimeout=1000",
        "--fetch-retry-maxtimeout=5000",
    ];
    let arguments: Vec<&str> = arguments.iter().copied().chain(fixed).collect();
    let output =
        duct::cmd("npm", arguments).dir(folder).stdin_null().stdout_capture().stderr_capture().unchecked().run().map_err(
            |error| match error.kind() {
                io::ErrorKind::NotFound => InstallError::NoNpm { variable: variable.into() },
                _ => InstallError::Npm { doing: doing.into(), message: error.to_string() },
            },
        )?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let code = |codes: &[&str]| said.split_whitespace().find(|word| codes.contains(word)).map(str::to_owned);
    if let Some(code) = code(&["ENOSPC", "EDQUOT", "EROFS"]) {
        let kind = if code == "EROFS" { io::ErrorKind::ReadOnlyFilesystem } else { io::ErrorKind::StorageFull };
        return Err(InstallError::Cache { folder: folder.into(), source: io::Error::from(kind) });
    }
    Err(match code(&OFFLINE) {
        Some(message) => InstallError::Offline { doing: doing.into(), message },
        None => InstallError::Npm { doing: doing.into(), message: telling_lines(&said) },
    })
}

/// Codes by which npm says that it reached nobody.
const OFFLINE: [&str; 9] = [
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "EHOSTUNREACH",
    "ENOTCACHED",
    "ERR_SOCKET_TIMEOUT",
];

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
