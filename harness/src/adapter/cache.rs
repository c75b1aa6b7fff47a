//! The folder of runtimes that were installed on demand: who uses which now, and what goes when it grows too large.
//!
//! ```text
//! runtimes/<adapter>/<version>/        what npm installed
//! runtimes/<adapter>/<version>.lock    locked, shared, by whoever uses it; its time is that of the last use
//! ```
//!
//! A version is only ever removed under the exclusive lock, and by renaming it away first, so that any number of Locksteps may install,
//! use and prune at once: nobody loses what is in use, and nobody sees half of a version. The locks themselves stay; they are empty.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::install::InstallError;

/// Bytes that the cache may hold unless `LOCKSTEP_CACHE_SIZE` says otherwise: some forty versions.
pub const DEFAULT_SIZE: u64 = 4 << 30;

/// How old an unfinished installation or removal must be to be taken for abandoned.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Where versions installed on demand are kept: `LOCKSTEP_CACHE`, else `lockstep` in the user's cache folder.
pub fn cache_folder() -> PathBuf {
    let named = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("LOCKSTEP_CACHE")
        .or_else(|| named("XDG_CACHE_HOME").map(|folder| folder.join("lockstep")))
        .or_else(|| named("HOME").map(|home| home.join(".cache").join("lockstep")))
        .unwrap_or_else(|| env::temp_dir().join("lockstep-cache"))
}

/// The bytes that the cache may hold: `LOCKSTEP_CACHE_SIZE`, or [`DEFAULT_SIZE`].
///
/// # Errors
/// If the variable holds no size.
pub fn size_limit() -> Result<u64, InstallError> {
    match env::var("LOCKSTEP_CACHE_SIZE") {
        Ok(text) if !text.is_empty() => parse_size(&text).ok_or(InstallError::CacheSize { text }),
        _ => Ok(DEFAULT_SIZE),
    }
}

/// A number of bytes; `K`, `M` and `G` are powers of 1024.
pub fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = match text.char_indices().next_back()? {
        (at, 'K') => (&text[..at], 1 << 10),
        (at, 'M') => (&text[..at], 1 << 20),
        (at, 'G') => (&text[..at], 1 << 30),
        _ => (text, 1_u64),
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// A number of bytes for people.
pub fn shown_size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1 << 10)),
        1_048_576..1_073_741_824 => format!("{} MiB", bytes >> 20),
        _ => format!("{:.1} GiB", bytes as f64 / f64::from(1_u32 << 30)),
    }
}

/// The folder of one adapter's versions.
pub(super) fn adapter_folder(adapter: &str) -> PathBuf {
    cache_folder().join("runtimes").join(adapter)
}

/// The right to use a cached version: while it lives, nobody removes that version.
#[derive(Debug)]
pub struct Lease {
    /// None where the cache cannot be written: then nobody can remove anything from it either.
    _lock: Option<File>,
}

impl Lease {
    /// Takes the right to use `version`, whether it is installed already or about to be, and notes that it was used now. Waits while
    /// another process removes it.
    ///
    /// # Errors
    /// If the lock can be neither made nor done without.
    pub(super) fn take(folder: &Path, version: &str) -> io::Result<Self> {
        let path = folder.join(format!("{version}.lock"));
        let made =
            fs::create_dir_all(folder).and_then(|()| OpenOptions::new().create(true).truncate(false).write(true).open(&path));
        let lock = match made {
            Ok(lock) => lock,
            Err(_) if folder.join(version).is_dir() => return Ok(Self { _lock: None }),
            Err(error) => return Err(error),
        };
        lock.lock_shared()?;
        // Where times cannot be set, the order of removal is a little worse, which is no reason not to run.
        let _ = lock.set_modified(SystemTime::now());
        Ok(Self { _lock: Some(lock) })
    }
}

/// One version in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    /// The adapter.
    pub adapter: String,
    /// The version.
    pub version: String,
    /// Bytes of all its files.
    pub bytes: u64,
    /// When it was last used.
    pub used: SystemTime,
}

/// What pruning did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// What was removed, the longest unused first.
    pub removed: Vec<Cached>,
    /// What would have gone but is in use now.
    pub in_use: Vec<Cached>,
    /// Bytes that are left.
    pub left: u64,
}

/// Removes the versions that were not used for longest until the cache holds at most `limit` bytes. What is in use now stays, even
/// if that is too much.
///
/// # Errors
/// If the cache cannot be read, or a version not removed.
pub fn prune(limit: u64) -> Result<Pruned, InstallError> {
    let root = cache_folder().join("runtimes");
    prune_in(&root, limit).map_err(|source| InstallError::Cache { folder: root, source })
}

fn prune_in(root: &Path, limit: u64) -> io::Result<Pruned> {
    let mut versions = Vec::new();
    for folder in folders(root)? {
        clear_up(&folder)?;
        for version in folders(&folder)? {
            let name = name(&version);
            if name.starts_with('.') {
                continue;
            }
            let lock = folder.join(format!("{name}.lock"));
            // Without a lock it was installed before there were any.
            let used = fs::metadata(&lock).or_else(|_| fs::metadata(&version)).and_then(|known| known.modified());
            versions.push(Cached {
                adapter: self::name(&folder),
                bytes: size(&version),
                version: name,
                used: used.unwrap_or(SystemTime::UNIX_EPOCH),
            });
        }
    }
    versions.sort_by(|a, b| (a.used, &a.adapter, &a.version).cmp(&(b.used, &b.adapter, &b.version)));
    let mut pruned = Pruned { left: versions.iter().map(|version| version.bytes).sum(), ..Pruned::default() };
    for version in versions {
        if pruned.left <= limit {
            break;
        }
        if remove(&root.join(&version.adapter), &version.version)? {
            pruned.left -= version.bytes;
            pruned.removed.push(version);
        } else {
            pruned.in_use.push(version);
        }
    }
    Ok(pruned)
}

/// Removes one version; false if it is in use.
fn remove(folder: &Path, version: &str) -> io::Result<bool> {
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(format!("{version}.lock")))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(false),
        Err(fs::TryLockError::Error(error)) => return Err(error),
    }
    let aside = tempfile::Builder::new().prefix(".removing-").tempdir_in(folder)?;
    match fs::rename(folder.join(version), aside.path().join("it")) {
        Ok(()) => {}
        // Another pruning was first.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    }
    // Under its own name it is gone, so whoever waits may install it anew while the rest is removed.
    drop(lock);
    aside.close()?;
    Ok(true)
}

/// Removes what a killed installation or removal left.
fn clear_up(folder: &Path) -> io::Result<()> {
    for left in folders(folder)? {
        let name = name(&left);
        let unfinished = name.starts_with(".installing-") || name.starts_with(".removing-");
        let age = fs::metadata(&left).and_then(|known| known.modified()).ok().and_then(|modified| modified.elapsed().ok());
        if unfinished && age.is_some_and(|age| age > ABANDONED) {
            fs::remove_dir_all(&left)?;
        }
    }
    Ok(())
}

/// The folders in `folder`, sorted; none if it is not there.
fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Bytes of all files below; what vanishes meanwhile counts nothing.
fn size(path: &Path) -> u64 {
    let Ok(known) = fs::symlink_metadata(path) else { return 0 };
    if !known.is_dir() {
        return known.len();
    }
    fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size(&entry.path())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cache with versions of 10 bytes each, the first used longest ago.
    fn cache(versions: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("node");
        for (age, version) in versions.iter().rev().enumerate() {
            fs::create_dir_all(folder.join(version).join("bin")).expect("a folder");
            fs::write(folder.join(version).join("bin/node"), "0123456789").expect("a file");
            drop(Lease::take(&folder, version).expect("a lease"));
            let lock = File::options().write(true).open(folder.join(format!("{version}.lock"))).expect("there");
            let used = SystemTime::now() - Duration::from_secs(60 * (1 + age as u64));
            lock.set_modified(used).expect("ours");
        }
        root
    }

    fn there(root: &Path) -> Vec<String> {
        folders(&root.join("node")).expect("readable").iter().map(|folder| name(folder)).collect()
    }

    fn versions(which: &[Cached]) -> Vec<&str> {
        which.iter().map(|cached| cached.version.as_str()).collect()
    }

    #[test]
    fn the_longest_unused_go_first_and_only_until_it_fits() {
        let root = cache(&["2.0.0", "1.0.0", "3.0.0"]);
        let pruned = prune_in(root.path(), 20).expect("pruned");
        assert_eq!((versions(&pruned.removed), pruned.left), (vec!["2.0.0"], 20));
        assert_eq!(there(root.path()), ["1.0.0", "3.0.0"]);
        assert_eq!(prune_in(root.path(), 20).expect("pruned"), Pruned { left: 20, ..Pruned::default() });
    }

    #[test]
    fn what_is_in_use_stays_and_using_makes_recent() {
        let root = cache(&["1.0.0", "2.0.0", "3.0.0"]);
        let lease = Lease::take(&root.path().join("node"), "1.0.0").expect("a lease");
        let pruned = prune_in(root.path(), 0).expect("pruned");
        assert_eq!((versions(&pruned.removed), versions(&pruned.in_use)), (vec!["2.0.0", "3.0.0"], vec!["1.0.0"]));
        assert_eq!(there(root.path()), ["1.0.0"]);
        drop(lease);
        assert_eq!(versions(&prune_in(root.path(), 0).expect("pruned").removed), ["1.0.0"]);

        let root = cache(&["1.0.0", "2.0.0"]);
        drop(Lease::take(&root.path().join("node"), "1.0.0").expect("a lease"));
        assert_eq!(versions(&prune_in(root.path(), 10).expect("pruned").removed), ["2.0.0"]);
    }

    #[test]
    fn what_was_left_unfinished_goes_when_it_is_old() {
        let root = cache(&["1.0.0"]);
        let (old, new) = (root.path().join("node/.installing-a"), root.path().join("node/.removing-b"));
        for folder in [&old, &new] {
            fs::create_dir(folder).expect("a folder");
        }
        File::open(&old).expect("a folder").set_modified(SystemTime::now() - 2 * ABANDONED).expect("ours");
        assert_eq!(prune_in(root.path(), 1 << 20).expect("pruned").removed, []);
        assert!(!old.exists() && new.exists());
    }

    #[test]
    fn without_a_cache_there_is_nothing_to_do() {
        let root = tempfile::tempdir().expect("a folder");
        assert_eq!(prune_in(&root.path().join("none"), 0).expect("nothing"), Pruned::default());
    }

    #[test]
    fn prunings_and_uses_at_once_lose_nothing_in_use() {
        let root = cache(&["1.0.0", "2.0.0", "3.0.0", "4.0.0"]);
        let folder = root.path().join("node");
        std::thread::scope(|scope| {
            for version in ["1.0.0", "2.0.0", "3.0.0", "4.0.0"] {
                let folder = &folder;
                scope.spawn(move || {
                    for _ in 0..200 {
                        let _lease = Lease::take(folder, version).expect("a lease");
                        let file = folder.join(version).join("bin/node");
                        if !file.exists() {
                            // As an installation does it: beside, then renamed.
                            let beside = tempfile::Builder::new().prefix(".installing-").tempdir_in(folder).expect("a folder");
                            fs::create_dir(beside.path().join("bin")).expect("a folder");
                            fs::write(beside.path().join("bin/node"), "0123456789").expect("a file");
                            fs::rename(beside.keep(), folder.join(version)).expect("nobody else installs this one");
                        }
                        assert_eq!(fs::read_to_string(&file).expect("it is in use"), "0123456789");
                    }
                });
            }
            for _ in 0..2 {
                scope.spawn(|| (0..200).for_each(|_| drop(prune_in(root.path(), 10).expect("pruned"))));
            }
        });
    }

    #[test]
    fn sizes_are_read_and_shown() {
        let read = ["0", "64K", "8M", "2G"].map(|text| parse_size(text).expect(text));
        assert_eq!(read, [0, 64 << 10, 8 << 20, 2 << 30]);
        for text in ["", "K", "-1", "1.5G", "1T", "x"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
        assert_eq!([0, 1, 3 << 20, 3 << 29].map(shown_size), ["0 KiB", "1 KiB", "3 MiB", "1.5 GiB"]);
    }
}
