//! Private temporary directories that do not outlive their run.

use std::{
    env,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{os, run_id};

/// The file in a run's root that is locked as long as the run lives. The kernel lets go of the lock however the process ends.
const LOCK: &str = "lock";

/// What a root is called until it is locked.
const UNLOCKED_PREFIX: &str = "lockstep-new-";

/// How old a root without a lock must be to be taken for abandoned: between making and locking lies a moment.
const ABANDONED: Duration = Duration::from_secs(3600);

/// The private root of one run of the harness, under the system's temporary directory, accessible to its user alone.
///
/// Dropping it removes it with everything in it, whatever permissions programs have set. `std::process::exit` drops nothing,
/// so `main` returns its exit code. What a killed run left, directories and tagged processes, is removed when the next
/// run makes its root.
#[derive(Debug)]
pub struct TempDirs {
    root: PathBuf,
    next: AtomicU64,
    /// Directories that were handed back.
    spare: Arc<Mutex<Vec<PathBuf>>>,
    /// Held until the root is gone: fields are dropped after [`Drop::drop`].
    _lock: File,
}

impl TempDirs {
    /// Makes a root under the system's temporary directory (`TMPDIR`), and clears up after runs that were killed.
    ///
    /// # Errors
    /// Fails if a directory or its lock cannot be made. What cannot be cleared up is left.
    pub fn new() -> io::Result<Self> {
        Self::new_in(&env::temp_dir())
    }

    /// The same under `base`.
    ///
    /// # Errors
    /// As [`TempDirs::new`].
    pub fn new_in(base: &Path) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        // Without links in it, since processes are known by the directory they stand in.
        let base = fs::canonicalize(base)?;
        clear_up(&base);
        // It gets its final name once it is locked, so that no other run ever finds it unlocked under that name.
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNLOCKED_PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let made = builder.tempdir_in(&base)?;
        let lock = File::create_new(made.path().join(LOCK))?;
        lock.lock()?;
        let root = base.join(format!("lockstep-{}-{}", run_id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        fs::rename(made.path(), &root)?;
        // It has another name now and is ours to remove.
        let _ = made.keep();
        Ok(Self { root, next: AtomicU64::new(0), spare: Arc::default(), _lock: lock })
    }

    /// The root: absolute, without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Makes an empty directory of its own for one launch.
    ///
    /// # Errors
    /// Fails if it cannot be made.
    pub fn case_dir(&self) -> io::Result<CaseDir> {
        let path = self.root.join(format!("c{}", self.next.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir(&path)?;
        Ok(CaseDir { path, spare: Arc::clone(&self.spare), kept: None })
    }

    /// The same, or a directory that was handed back, with nothing but empty directories and empty files in it.
    ///
    /// # Errors
    /// Fails if one has to be made and cannot.
    pub fn spare_dir(&self) -> io::Result<CaseDir> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match spare {
            Some(path) => Ok(CaseDir { path, spare: Arc::clone(&self.spare), kept: None }),
            None => self.case_dir(),
        }
    }
}

impl Drop for TempDirs {
    fn drop(&mut self) {
        // What resists is found again, and tried again, by the next run.
        let _ = remove(&self.root);
    }
}

/// One launch's directory. Dropping it removes it with everything in it.
#[derive(Debug)]
pub struct CaseDir {
    path: PathBuf,
    spare: Arc<Mutex<Vec<PathBuf>>>,
    /// What may be in it if it is to serve again; none if it is removed.
    kept: Option<&'static [&'static str]>,
}

impl CaseDir {
    /// Where it is: absolute, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands it back when it is dropped instead of removing it: emptied, it is the next [`TempDirs::spare_dir`]. Only for launches after
    /// which nobody is left who could still write into it, and only if there is nothing in it but `made`, so that nothing of a program is
    /// there for the next. Making and removing directories and files is most of what a short case costs the system.
    pub fn hand_back(&mut self, made: &'static [&'static str]) {
        self.kept = Some(made);
    }
}

impl Drop for CaseDir {
    fn drop(&mut self) {
        if self.kept.is_some_and(|made| empty(&self.path, made).is_ok()) {
            self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.path));
            return;
        }
        // The root goes at the end of the run and takes along what resists now.
        let _ = remove(&self.path);
    }
}

/// Makes `dir` a directory with nothing in it, if it is none yet.
///
/// # Errors
/// What the system says; also if something else has that name.
pub fn make_empty_dir(dir: &Path) -> io::Result<()> {
    match fs::create_dir(dir) {
        // Handed back by an earlier launch.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        made => made,
    }
}

/// Empties the directories and files in `path`, which are called as `made` says.
///
/// # Errors
/// What the system says, or that something is not as it was made.
fn empty(path: &Path, made: &[&str]) -> io::Result<()> {
    let untouched = permissions(path)?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let (inner, kind) = (entry.path(), entry.file_type()?);
        if !entry.file_name().to_str().is_some_and(|name| made.contains(&name)) {
            return Err(io::Error::other("it holds what no launch makes"));
        }
        if kind.is_file() {
            if !is_only_name(&entry.metadata()?) {
                return Err(io::Error::other("the file has another name elsewhere"));
            }
            File::create(inner)?;
            continue;
        }
        if !kind.is_dir() {
            return Err(io::Error::other("it holds what no launch makes"));
        }
        if permissions(&inner)? != untouched {
            return Err(io::Error::other("its permissions were changed"));
        }
        for entry in fs::read_dir(inner)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

/// Whether a file has no other name, by which emptying it would reach somebody else's.
#[cfg(unix)]
fn is_only_name(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) == 1
}

#[cfg(not(unix))]
fn is_only_name(_metadata: &fs::Metadata) -> bool {
    true
}

fn permissions(path: &Path) -> io::Result<fs::Permissions> {
    Ok(fs::symlink_metadata(path)?.permissions())
}

/// Removes a tree even if its owner may not look into parts of it.
fn remove(path: &Path) -> io::Result<()> {
    for _ in 0..3 {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(_) => open_up(path),
            Ok(()) => return Ok(()),
        }
    }
    fs::remove_dir_all(path)
}

/// Gives the owner every right on every directory of a tree. Links are not followed, and nobody is left to put one in our way.
fn open_up(path: &Path) {
    let mut queue = vec![path.to_owned()];
    while let Some(path) = queue.pop() {
        if !fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
            continue;
        }
        #[cfg(unix)]
        let _ = fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700));
        queue.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
    }
}

/// Removes the roots of runs that are dead, and the processes they started. Whatever fails is left for the next run.
fn clear_up(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if !entry.metadata().is_ok_and(|metadata| metadata.is_dir() && is_own(&metadata)) {
            continue;
        }
        let path = entry.path();
        if name.starts_with(UNLOCKED_PREFIX) {
            if is_abandoned(&path) {
                let _ = remove(&path);
            }
        } else if let Some(dead) = run_of(name) {
            match File::open(path.join(LOCK)) {
                Ok(lock) if lock.try_lock().is_ok() => {
                    os::end_strays(dead);
                    let _ = remove(&path);
                }
                // Its owner lives.
                Ok(_) => {}
                // Its owner is just removing it, or was killed while it did.
                Err(_) if is_abandoned(&path) => drop(remove(&path)),
                Err(_) => {}
            }
        }
    }
}

/// The run's id in a root's name; none if that is no root's name.
fn run_of(name: &str) -> Option<&str> {
    let (id, count) = name.strip_prefix("lockstep-")?.split_once('-')?;
    let is_id = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_id && !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

fn is_abandoned(path: &Path) -> bool {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > ABANDONED))
}

/// Temporary directories are shared between users; others' runs are theirs.
#[cfg(unix)]
fn is_own(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(_metadata: &fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> tempfile::TempDir {
        tempfile::tempdir().expect("a directory")
    }

    fn entries(path: &Path) -> Vec<PathBuf> {
        fs::read_dir(path).expect("a directory").map(|entry| entry.expect("an entry").path()).collect()
    }

    #[test]
    fn directories_go_with_their_owners() {
        let base = base();
        let dirs = TempDirs::new_in(base.path()).expect("a root");
        let (first, second) = (dirs.case_dir().expect("a directory"), dirs.case_dir().expect("a directory"));
        assert_ne!(first.path(), second.path());
        fs::create_dir_all(first.path().join("a/b")).expect("a tree");
        fs::write(first.path().join("a/b/c"), "x").expect("a file");
        let path = first.path().to_owned();
        drop(first);
        assert!(!path.exists() && second.path().exists());
        drop(dirs);
        assert!(entries(base.path()).is_empty());
        drop(second);
    }

    #[test]
    fn a_directory_handed_back_serves_again_with_nothing_in_it() {
        let base = base();
        let dirs = TempDirs::new_in(base.path()).expect("a root");
        let mut case = dirs.case_dir().expect("a directory");
        let path = case.path().to_owned();
        make_empty_dir(&path.join("case")).expect("a directory");
        fs::create_dir_all(path.join("case/deep/deeper")).expect("a tree");
        for file in ["stdout", "case/main.cjs", "case/deep/deeper/file"] {
            fs::write(path.join(file), "x").expect("a file");
        }
        case.hand_back(&["case", "stdout"]);
        drop(case);
        assert_ne!(dirs.case_dir().expect("a directory").path(), path);
        let next = dirs.spare_dir().expect("a directory");
        assert_eq!(next.path(), path);
        let mut left = entries(&path);
        left.sort();
        assert_eq!(left, [path.join("case"), path.join("stdout")]);
        assert_eq!(fs::metadata(path.join("stdout")).expect("a file").len(), 0);
        make_empty_dir(&path.join("case")).expect("it is there already");
        assert!(entries(&path.join("case")).is_empty());
        assert!(make_empty_dir(&dirs.root().join(LOCK)).is_err(), "a file is no directory");
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_is_not_as_it_was_made_is_not_used_again() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let base = base();
        let outside = base.path().join("outside");
        fs::write(&outside, "x").expect("a file");
        let dirs = TempDirs::new_in(base.path()).expect("a root");
        type Change<'a> = &'a dyn Fn(&Path);
        let changes: [(&str, Change<'_>); 4] = [
            ("permissions", &|path| fs::set_permissions(path.join("tmp"), PermissionsExt::from_mode(0o711)).expect("ours")),
            ("a file beside it", &|path| fs::write(path.join("note"), "").expect("a file")),
            ("a link", &|path| symlink(&outside, path.join("stdout")).expect("a link")),
            ("another name of a file", &|path| fs::hard_link(&outside, path.join("stdout")).expect("a link")),
        ];
        for (name, change) in changes {
            let mut case = dirs.case_dir().expect("a directory");
            let path = case.path().to_owned();
            make_empty_dir(&path.join("tmp")).expect("a directory");
            change(&path);
            case.hand_back(&["tmp", "stdout"]);
            drop(case);
            assert!(!path.exists(), "{name}");
        }
        assert_eq!(fs::read(&outside).expect("a file"), b"x");
    }

    #[cfg(unix)]
    #[test]
    fn a_root_is_private_and_closed_directories_are_opened_again() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let base = base();
        let mode = |path: &Path| fs::metadata(path).expect("a directory").permissions().mode() & 0o777;
        let dirs = TempDirs::new_in(base.path()).expect("a root");
        assert_eq!(mode(dirs.root()), 0o700);

        let outside = base.path().join("outside");
        fs::create_dir(&outside).expect("a directory");
        fs::set_permissions(&outside, PermissionsExt::from_mode(0o500)).expect("ours");
        let case = dirs.case_dir().expect("a directory");
        let (closed, inner) = (case.path().join("closed"), case.path().join("closed/inner"));
        fs::create_dir_all(&inner).expect("a tree");
        symlink(&outside, case.path().join("link")).expect("a link");
        for path in [&inner, &closed] {
            fs::set_permissions(path, PermissionsExt::from_mode(0o000)).expect("ours");
        }
        // Whoever runs this as root could remove the tree anyway, so the opening is looked at by itself.
        open_up(case.path());
        assert_eq!((mode(&closed), mode(&inner)), (0o700, 0o700));
        assert_eq!(mode(&outside), 0o500, "what a link leads to is not ours");
        fs::set_permissions(&closed, PermissionsExt::from_mode(0o000)).expect("ours");
        drop(case);
        assert_eq!(entries(dirs.root()), [dirs.root().join(LOCK)]);
        assert!(outside.exists());
    }

    #[test]
    fn only_what_a_dead_run_left_is_cleared_up() {
        let base = base();
        let living = TempDirs::new_in(base.path()).expect("a root");
        let dead = base.path().join("lockstep-0123456789abcdef-0");
        let others = ["lockstep-new-abc", "lockstep-0123456789abcdef-x", "lockstep-notes", "lockstep-0123456789abcdef-1"];
        for other in others {
            fs::create_dir(base.path().join(other)).expect("a directory");
        }
        fs::create_dir(&dead).expect("a directory");
        File::create(dead.join(LOCK)).expect("a file");
        let next = TempDirs::new_in(base.path()).expect("a root");
        assert!(!dead.exists(), "nobody holds its lock");
        assert!(living.root().exists() && next.root().exists());
        for other in others {
            assert!(base.path().join(other).exists(), "{other} may be in the making, or somebody else's");
        }
    }
}
