//! Finding a runtime's binary.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{RuntimeSpec, Source, cache::Lease, install};
use crate::{
    result::MissingRuntime,
    suite::{AdapterKind, Manifest, Suite},
};

/// A binary and the flags a user wants it to have.
#[derive(Debug, Clone)]
pub struct Located {
    /// The binary, absolute.
    pub binary: PathBuf,
    /// The user's own flags.
    pub flags: Vec<String>,
    /// Whether it is just what happened to stand on `PATH`: of any version, and not what anybody named or pinned.
    pub by_chance: bool,
    /// For a version from the cache: keeps it there while it is used.
    pub lease: Option<Arc<Lease>>,
}

/// A runtime that was looked for.
#[derive(Debug, Clone)]
pub enum Found {
    /// It is here, and this manifest starts it.
    Here(Arc<Manifest>, Located),
    /// It is not, and this is how to get it.
    Missing(MissingRuntime),
}

/// `os-arch` of this system, in the words npm's packages use.
pub fn platform() -> String {
    let os = match env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}-{arch}")
}

/// Looks for the runtime that `spec` names. With `install`, a version that is not in the cache is installed; without, it is missing.
///
/// `inhouse` is the path of the embedded runtime, if this build has one.
pub fn locate(spec: &RuntimeSpec, suite: &Suite, inhouse: Option<&Path>) -> Found {
    let missing = |reason: String, remedy: String| Found::Missing(MissingRuntime { name: spec.name.clone(), reason, remedy });
    let Some(manifest) = suite.manifests.get(&spec.adapter).cloned().map(Arc::new) else {
        let known: Vec<_> = suite.manifests.keys().map(String::as_str).collect();
        return missing(
            format!("there is no manifest adapters/{}.yaml", spec.adapter),
            format!("write one, or name one of {}", known.join(", ")),
        );
    };
    match &spec.source {
        Source::Located => located(spec, manifest, suite, inhouse),
        Source::Version(version) => {
            let platform = platform();
            let Some((package, file)) = package(&manifest, &platform) else {
                return missing(
                    format!("adapters/{}.yaml names no npm package for {platform}", manifest.name),
                    format!("name a binary: --runtime 'x={}:/path/to/binary'", manifest.name),
                );
            };
            let variable = manifest.locate.env.clone().unwrap_or_default();
            match install::install_version(&manifest.name, version, package, file, &variable) {
                Ok(install::Installed { binary, lease }) => {
                    Found::Here(manifest, Located { binary, flags: vec![], by_chance: false, lease: Some(lease) })
                }
                Err(error) => missing(error.to_string(), error.remedy(package, &manifest.name)),
            }
        }
        Source::Command(words) => {
            let (binary, flags) = words.split_first().expect("a command has at least one word");
            let flags = absolute_flags(flags);
            if *binary == manifest.name {
                // The manifest's own name as the command means the binary of that column, with other flags.
                return match located(&RuntimeSpec::located(&manifest.name), manifest, suite, inhouse) {
                    Found::Here(manifest, located) => Found::Here(manifest, Located { flags, ..located }),
                    Found::Missing(found) => Found::Missing(MissingRuntime { name: spec.name.clone(), ..found }),
                };
            }
            match find_binary(binary) {
                Ok(binary) => {
                    Found::Here(process_manifest(manifest, suite), Located { binary, flags, by_chance: false, lease: None })
                }
                Err(reason) => missing(reason, "name an executable file, or one on PATH".into()),
            }
        }
    }
}

/// Environment variable, then pinned package, then `PATH`; the embedded runtime is always there.
fn located(spec: &RuntimeSpec, manifest: Arc<Manifest>, suite: &Suite, inhouse: Option<&Path>) -> Found {
    let locate = &manifest.locate;
    let here = |manifest, binary| Found::Here(manifest, Located { binary, flags: vec![], by_chance: false, lease: None });
    let missing = |reason: String, remedy: String| Found::Missing(MissingRuntime { name: spec.name.clone(), reason, remedy });
    let mut looked = Vec::new();
    if let Some(variable) = &locate.env
        && let Some(value) = env::var_os(variable).filter(|value| !value.is_empty())
    {
        return match find_binary(&value.to_string_lossy()) {
            Ok(binary) => here(process_manifest(Arc::clone(&manifest), suite), binary),
            // Set but wrong is no reason to test another binary than the user meant.
            Err(reason) => missing(format!("{variable} is set, but {reason}"), format!("correct {variable}, or unset it")),
        };
    }
    if locate.builtin {
        return match inhouse {
            Some(binary) => here(manifest, binary.into()),
            None => missing(
                "this build of Lockstep has no runtime of its own".into(),
                "build it with the cargo feature `inhouse`".into(),
            ),
        };
    }
    if let Some(variable) = &locate.env {
        looked.push(format!("{variable} is not set"));
    }
    if let Some((package, file)) = package(&manifest, &platform()) {
        let pinned = install::pinned_folder(suite).join("node_modules").join(package).join(file);
        if pinned.is_file() {
            return here(manifest, fs::canonicalize(&pinned).unwrap_or(pinned));
        }
        looked.push(format!("the pinned package {package} is not installed"));
    }
    if let Some(name) = &locate.path {
        match which::which(name) {
            Ok(binary) => return Found::Here(manifest, Located { binary, flags: vec![], by_chance: true, lease: None }),
            Err(_) => looked.push(format!("there is no `{name}` on PATH")),
        }
    }
    let remedy = match (&locate.env, locate.package.is_empty()) {
        (Some(variable), false) => format!("run `lockstep install`, or set {variable} to a binary"),
        (Some(variable), true) => format!("set {variable} to a binary"),
        (None, _) => format!("run `lockstep install`, or name a binary: --runtime 'x={}:/path'", manifest.name),
    };
    missing(looked.join("; "), remedy)
}

/// The manifest that starts a foreign binary: the manifest itself, or for a worker the process manifest it names for that.
fn process_manifest(manifest: Arc<Manifest>, suite: &Suite) -> Arc<Manifest> {
    match &manifest.kind {
        AdapterKind::Worker { own: Some(own), .. } => suite.manifests.get(own).cloned().map_or(manifest, Arc::new),
        _ => manifest,
    }
}

/// The npm package that holds the binary for this system, and the binary's path in it.
pub(super) fn package<'a>(manifest: &'a Manifest, platform: &str) -> Option<(&'a str, &'a Path)> {
    let name = manifest.locate.package.get(platform)?;
    Some((name, manifest.locate.package_file.as_deref()?))
}

/// A path to an executable file, or a name on `PATH`; absolute, since cases have a working directory of their own.
///
/// # Errors
/// Why it is none, as a fragment.
pub fn find_binary(named: &str) -> Result<PathBuf, String> {
    which::which(named).map(|binary| std::path::absolute(&binary).unwrap_or(binary)).map_err(|_| {
        let path = Path::new(named);
        if path.is_dir() {
            format!("`{named}` is a folder")
        } else if path.exists() {
            format!("`{named}` is not executable")
        } else if named.contains('/') {
            format!("there is no file `{named}`")
        } else {
            format!("there is no `{named}` on PATH")
        }
    })
}

/// A user's flags, with relative paths made absolute.
pub fn absolute_flags(flags: &[String]) -> Vec<String> {
    flags.iter().map(|flag| absolute_word(flag)).collect()
}

/// A flag's relative path, made absolute if it exists: programs run in folders of their own, and the user wrote it from theirs.
fn absolute_word(word: &str) -> String {
    let (before, path) = match word.split_once('=') {
        Some((flag, path)) if flag.starts_with('-') => (format!("{flag}="), path),
        _ => (String::new(), word),
    };
    let relative = path.starts_with("./") || path.starts_with("../");
    match fs::canonicalize(path) {
        Ok(whole) if relative => format!("{before}{}", whole.display()),
        _ => word.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_binary_says_why() {
        assert!(find_binary("/").expect_err("a folder").contains("is a folder"));
        assert!(find_binary("./no/such").expect_err("nothing").contains("there is no file"));
        assert!(find_binary("no-such-runtime").expect_err("nothing").contains("on PATH"));
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert!(find_binary(&file.path().to_string_lossy()).expect_err("no bit").contains("not executable"));
    }

    #[test]
    fn only_paths_that_exist_are_made_absolute() {
        let here = env::current_dir().expect("a working directory");
        assert_eq!(absolute_word("./src"), here.join("src").display().to_string());
        assert_eq!(absolute_word("--require=./src"), format!("--require={}", here.join("src").display()));
        assert_eq!(absolute_word("./none"), "./none");
        assert_eq!(absolute_word("--smol"), "--smol");
        assert_eq!(absolute_word("src"), "src");
    }
}
