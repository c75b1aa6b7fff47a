//! File operations as values: requested on the loop, done on any thread, the same in both worlds.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::{BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;

/// One operation, named as the system call that Node reports for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the operations are those of POSIX, and their fields are its arguments")]
pub enum FileRequest {
    Open {
        path: PathBuf,
        flags: i32,
        mode: u32,
    },
    Close {
        fd: RawFd,
    },
    /// `position` is none for the descriptor's own.
    Read {
        fd: RawFd,
        length: usize,
        position: Option<u64>,
    },
    Write {
        fd: RawFd,
        bytes: Vec<u8>,
        position: Option<u64>,
    },
    /// The whole of a file: open, stat, read, close in one job.
    ReadFile {
        path: PathBuf,
        flags: i32,
    },
    /// The rest of an open file.
    ReadAll {
        fd: RawFd,
    },
    /// Opens, writes everything, closes.
    WriteFile {
        path: PathBuf,
        flags: i32,
        mode: u32,
        bytes: Vec<u8>,
    },
    Stat {
        path: PathBuf,
    },
    Lstat {
        path: PathBuf,
    },
    Fstat {
        fd: RawFd,
    },
    Access {
        path: PathBuf,
        mode: u32,
    },
    ReadDir {
        path: PathBuf,
    },
    MakeDir {
        path: PathBuf,
        mode: u32,
        recursive: bool,
    },
    /// `XXXXXX` at the end of the prefix is replaced.
    MakeTempDir {
        prefix: PathBuf,
    },
    RemoveDir {
        path: PathBuf,
    },
    Unlink {
        path: PathBuf,
    },
    /// Removes a file, or with `recursive` a tree; `force` forgives what is not there.
    Remove {
        path: PathBuf,
        recursive: bool,
        force: bool,
    },
    Rename {
        path: PathBuf,
        to: PathBuf,
    },
    CopyFile {
        path: PathBuf,
        to: PathBuf,
    },
    Link {
        path: PathBuf,
        to: PathBuf,
    },
    Symlink {
        target: PathBuf,
        path: PathBuf,
    },
    ReadLink {
        path: PathBuf,
    },
    RealPath {
        path: PathBuf,
    },
    Chmod {
        path: PathBuf,
        mode: u32,
    },
    Truncate {
        path: PathBuf,
        length: u64,
    },
    Ftruncate {
        fd: RawFd,
        length: u64,
    },
    Fsync {
        fd: RawFd,
    },
    /// Times in seconds since 1970.
    Utimes {
        path: PathBuf,
        accessed: Seconds,
        modified: Seconds,
    },
}

/// Seconds with a fraction, kept as nanoseconds so that requests can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub i128);

/// What an operation answers.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FileReply {
    Nothing,
    Descriptor(RawFd),
    Count(usize),
    Bytes(Vec<u8>),
    Path(OsString),
    Stat(Stat),
    /// Names in a directory, sorted by the system only, with their types as `d_type` has them.
    Names(Vec<(OsString, EntryKind)>),
}

/// What a directory entry is, without following links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum EntryKind {
    Unknown = 0,
    File = 1,
    Directory = 2,
    Link = 3,
    Fifo = 4,
    Socket = 5,
    CharDevice = 6,
    BlockDevice = 7,
}

/// `struct stat`, in the order of Node's `fs.Stats`: numbers as they are, times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names are those of struct stat")]
pub struct Stat {
    pub dev: u64,
    pub mode: u32,
    pub nlink: u64,
    pub uid: u32,
    pub gid: u32,
    pub rdev: u64,
    pub blksize: u64,
    pub ino: u64,
    pub size: u64,
    pub blocks: u64,
    pub atime_ms: f64,
    pub mtime_ms: f64,
    pub ctime_ms: f64,
    pub birthtime_ms: f64,
}

/// A failed operation, with what Node's error objects tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The system's error number, positive.
    pub errno: i32,
    /// The system call that failed.
    pub syscall: &'static str,
    /// The path it was given.
    pub path: Option<PathBuf>,
    /// The second path it was given.
    pub dest: Option<PathBuf>,
}

impl FileRequest {
    /// Does the operation on this thread.
    ///
    /// # Errors
    /// What the system answered, with call and paths.
    pub fn perform(self) -> Result<FileReply, FileError> {
        let (path, dest) = self.paths();
        self.run().map_err(|(syscall, error)| {
            let errno = error.raw_os_error().unwrap_or(Errno::IO.raw_os_error());
            // Calls on a descriptor know no path, also where the operation as a whole has one.
            let by_descriptor = matches!(syscall, "read" | "write" | "fstat" | "close" | "ftruncate");
            FileError { errno, syscall, path: path.filter(|_| !by_descriptor), dest }
        })
    }

    /// The paths that errors name.
    #[must_use]
    pub fn paths(&self) -> (Option<PathBuf>, Option<PathBuf>) {
        use FileRequest as R;
        match self {
            R::Open { path, .. }
            | R::ReadFile { path, .. }
            | R::WriteFile { path, .. }
            | R::Stat { path }
            | R::Lstat { path }
            | R::Access { path, .. }
            | R::ReadDir { path }
            | R::MakeDir { path, .. }
            | R::MakeTempDir { prefix: path }
            | R::RemoveDir { path }
            | R::Unlink { path }
            | R::Remove { path, .. }
            | R::ReadLink { path }
            | R::RealPath { path }
            | R::Chmod { path, .. }
            | R::Truncate { path, .. }
            | R::Utimes { path, .. } => (Some(path.clone()), None),
            R::Rename { path, to } | R::CopyFile { path, to } | R::Link { path, to } => (Some(path.clone()), Some(to.clone())),
            R::Symlink { target, path } => (Some(target.clone()), Some(path.clone())),
            R::Close { .. }
            | R::Read { .. }
            | R::Write { .. }
            | R::ReadAll { .. }
            | R::Fstat { .. }
            | R::Ftruncate { .. }
            | R::Fsync { .. } => (None, None),
        }
    }

    fn run(self) -> Result<FileReply, (&'static str, io::Error)> {
        use FileReply::{Bytes, Count, Descriptor, Nothing};
        use FileRequest as R;
        let named = |name: &'static str| move |error: io::Error| (name, error);
        let errno = |name: &'static str| move |error: Errno| (name, io::Error::from(error));
        Ok(match self {
            R::Open { path, flags, mode } => Descriptor(open(&path, flags, mode).map_err(errno("open"))?.into_raw_fd()),
            R::Close { fd } => {
                close(fd).map_err(errno("close"))?;
                Nothing
            }
            R::Read { fd, length, position } => Bytes(read(fd, length, position).map_err(errno("read"))?),
            R::Write { fd, bytes, position } => Count(write(fd, &bytes, position).map_err(errno("write"))?),
            R::ReadFile { path, flags } => {
                let file = open(&path, flags, 0o666).map_err(errno("open"))?;
                if stat_of(rustix::fs::fstat(&file).map_err(errno("fstat"))?).is_directory() {
                    return Err(("read", Errno::ISDIR.into()));
                }
                let mut bytes = Vec::new();
                std::fs::File::from(file).read_to_end(&mut bytes).map_err(named("read"))?;
                Bytes(bytes)
            }
            R::ReadAll { fd } => {
                let mut bytes = Vec::new();
                loop {
                    let chunk = read(fd, 64 << 10, None).map_err(errno("read"))?;
                    if chunk.is_empty() {
                        break Bytes(bytes);
                    }
                    bytes.extend_from_slice(&chunk);
                }
            }
            R::WriteFile { path, flags, mode, bytes } => {
                let file = open(&path, flags, mode).map_err(errno("open"))?;
                std::fs::File::from(file).write_all(&bytes).map_err(named("write"))?;
                Nothing
            }
            R::Stat { path } => FileReply::Stat(stat_of(rustix::fs::stat(&path).map_err(errno("stat"))?)),
            R::Lstat { path } => FileReply::Stat(stat_of(rustix::fs::lstat(&path).map_err(errno("lstat"))?)),
            R::Fstat { fd } => FileReply::Stat(stat_of(rustix::fs::fstat(borrow(fd)).map_err(errno("fstat"))?)),
            R::Access { path, mode } => {
                let access = rustix::fs::Access::from_bits_truncate(mode);
                rustix::fs::accessat(CWD, &path, access, AtFlags::empty()).map_err(errno("access"))?;
                Nothing
            }
            R::ReadDir { path } => FileReply::Names(read_dir(&path).map_err(named("scandir"))?),
            R::MakeDir { path, mode, recursive } => make_dir(&path, mode, recursive).map_err(named("mkdir"))?,
            R::MakeTempDir { prefix } => FileReply::Path(make_temp_dir(&prefix).map_err(named("mkdtemp"))?),
            R::RemoveDir { path } => {
                std::fs::remove_dir(path).map_err(named("rmdir"))?;
                Nothing
            }
            R::Unlink { path } => {
                rustix::fs::unlink(&path).map_err(errno("unlink"))?;
                Nothing
            }
            R::Remove { path, recursive, force } => {
                remove(&path, recursive, force).map_err(named("rm"))?;
                Nothing
            }
            R::Rename { path, to } => {
                std::fs::rename(path, to).map_err(named("rename"))?;
                Nothing
            }
            R::CopyFile { path, to } => {
                std::fs::copy(path, to).map_err(named("copyfile"))?;
                Nothing
            }
            R::Link { path, to } => {
                std::fs::hard_link(path, to).map_err(named("link"))?;
                Nothing
            }
            R::Symlink { target, path } => {
                std::os::unix::fs::symlink(target, path).map_err(named("symlink"))?;
                Nothing
            }
            R::ReadLink { path } => FileReply::Path(std::fs::read_link(path).map_err(named("readlink"))?.into_os_string()),
            R::RealPath { path } => FileReply::Path(std::fs::canonicalize(path).map_err(named("realpath"))?.into_os_string()),
            R::Chmod { path, mode } => {
                rustix::fs::chmod(&path, Mode::from_raw_mode(mode)).map_err(errno("chmod"))?;
                Nothing
            }
            R::Truncate { path, length } => {
                let file = std::fs::OpenOptions::new().write(true).open(path).map_err(named("open"))?;
                file.set_len(length).map_err(named("ftruncate"))?;
                Nothing
            }
            R::Ftruncate { fd, length } => {
                rustix::fs::ftruncate(borrow(fd), length).map_err(errno("ftruncate"))?;
                Nothing
            }
            R::Fsync { fd } => {
                rustix::fs::fsync(borrow(fd)).map_err(errno("fsync"))?;
                Nothing
            }
            R::Utimes { path, accessed, modified } => {
                let times = rustix::fs::Timestamps { last_access: timespec(accessed), last_modification: timespec(modified) };
                rustix::fs::utimensat(CWD, &path, &times, AtFlags::empty()).map_err(errno("utime"))?;
                Nothing
            }
        })
    }
}

impl Stat {
    fn is_directory(&self) -> bool {
        rustix::fs::FileType::from_raw_mode(self.mode).is_dir()
    }
}

/// Opens a path close-on-exec, as libuv does.
fn open(path: &Path, flags: i32, mode: u32) -> Result<OwnedFd, Errno> {
    let flags = OFlags::from_bits_retain(flags.cast_unsigned()) | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::from_raw_mode(mode))
}

/// The descriptor that a program named by number. It may well be closed: then the call it is used for answers `EBADF`.
fn borrow<'fd>(fd: RawFd) -> BorrowedFd<'fd> {
    // -1 is the one number that the type forbids; any other that is not open is answered with the same EBADF.
    let fd = if fd < 0 { RawFd::MAX } else { fd };
    // SAFETY: the value is not -1. Numbers are all that programs have of descriptors, so liveness is the system's to judge, call by call.
    unsafe { BorrowedFd::borrow_raw(fd) }
}

fn close(fd: RawFd) -> Result<(), Errno> {
    rustix::io::fcntl_getfd(borrow(fd))?;
    // SAFETY: the descriptor is open (checked above), and the program, which owns it by number, gives it up.
    unsafe { rustix::io::close(fd) };
    Ok(())
}

fn read(fd: RawFd, length: usize, position: Option<u64>) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0; length];
    let count = loop {
        let result = match position {
            Some(position) => rustix::io::pread(borrow(fd), &mut bytes[..], position),
            None => rustix::io::read(borrow(fd), &mut bytes[..]),
        };
        match result {
            Err(Errno::INTR) => {}
            other => break other?,
        }
    };
    bytes.truncate(count);
    Ok(bytes)
}

fn write(fd: RawFd, bytes: &[u8], position: Option<u64>) -> Result<usize, Errno> {
    loop {
        let result = match position {
            Some(position) => rustix::io::pwrite(borrow(fd), bytes, position),
            None => rustix::io::write(borrow(fd), bytes),
        };
        match result {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

fn read_dir(path: &Path) -> io::Result<Vec<(OsString, EntryKind)>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let kind = entry.file_type().map_or(EntryKind::Unknown, |kind| {
            if kind.is_file() {
                EntryKind::File
            } else if kind.is_dir() {
                EntryKind::Directory
            } else if kind.is_symlink() {
                EntryKind::Link
            } else if kind.is_fifo() {
                EntryKind::Fifo
            } else if kind.is_socket() {
                EntryKind::Socket
            } else if kind.is_char_device() {
                EntryKind::CharDevice
            } else if kind.is_block_device() {
                EntryKind::BlockDevice
            } else {
                EntryKind::Unknown
            }
        });
        names.push((entry.file_name(), kind));
    }
    // libuv sorts what scandir returns, and programs have come to see sorted names.
    names.sort_by(|left, right| left.0.as_bytes().cmp(right.0.as_bytes()));
    Ok(names)
}

/// With `recursive` answers the first directory that was made, as Node does.
fn make_dir(path: &Path, mode: u32, recursive: bool) -> io::Result<FileReply> {
    if !recursive {
        std::fs::DirBuilder::new().mode(mode).create(path)?;
        return Ok(FileReply::Nothing);
    }
    let first = path
        .ancestors()
        .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists())
        .last()
        .map(Path::to_path_buf);
    std::fs::DirBuilder::new().mode(mode).recursive(true).create(path)?;
    Ok(first.map_or(FileReply::Nothing, |first| FileReply::Path(first.into_os_string())))
}

fn make_temp_dir(prefix: &Path) -> io::Result<OsString> {
    const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for _ in 0..100 {
        let mut random = [0; 6];
        rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty())?;
        let mut name = prefix.as_os_str().as_bytes().to_vec();
        name.extend(random.map(|byte| LETTERS[usize::from(byte) % LETTERS.len()]));
        let name = OsString::from_vec(name);
        match std::fs::DirBuilder::new().mode(0o700).create(&name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|()| name),
        }
    }
    Err(Errno::EXIST.into())
}

fn remove(path: &Path, recursive: bool, force: bool) -> io::Result<()> {
    let result = match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() && recursive => std::fs::remove_dir_all(path),
        Ok(metadata) if metadata.is_dir() => Err(Errno::ISDIR.into()),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match result {
        Err(error) if force && error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn timespec(seconds: Seconds) -> rustix::fs::Timespec {
    const NANOS: i128 = 1_000_000_000;
    let whole = i64::try_from(seconds.0.div_euclid(NANOS)).unwrap_or(0);
    rustix::fs::Timespec { tv_sec: whole, tv_nsec: i64::try_from(seconds.0.rem_euclid(NANOS)).unwrap_or(0) }
}

fn stat_of(stat: rustix::fs::Stat) -> Stat {
    let milliseconds = |seconds: i64, nanos: u64| seconds as f64 * 1000.0 + nanos as f64 / 1_000_000.0;
    let changed = milliseconds(stat.st_ctime, stat.st_ctime_nsec);
    Stat {
        dev: stat.st_dev,
        mode: stat.st_mode,
        nlink: stat.st_nlink,
        uid: stat.st_uid,
        gid: stat.st_gid,
        rdev: stat.st_rdev,
        blksize: stat.st_blksize.cast_unsigned(),
        ino: stat.st_ino,
        size: stat.st_size.cast_unsigned(),
        blocks: stat.st_blocks.cast_unsigned(),
        atime_ms: milliseconds(stat.st_atime, stat.st_atime_nsec),
        mtime_ms: milliseconds(stat.st_mtime, stat.st_mtime_nsec),
        ctime_ms: changed,
        birthtime_ms: changed,
    }
}

/// Whether `path` is a FIFO.
#[must_use]
pub fn is_fifo(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

/// A descriptor with a number of its own and nothing behind it, for what the simulated world keeps itself.
pub(super) fn placeholder() -> Result<RawFd, Errno> {
    open(Path::new("/dev/null"), OFlags::RDWR.bits().cast_signed(), 0).map(IntoRawFd::into_raw_fd)
}

/// The device and inode of a path, which name a FIFO however it is reached.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// The error of a system call on `request`'s paths.
pub(super) fn failure(request: &FileRequest, syscall: &'static str, errno: Errno) -> FileError {
    let (path, dest) = request.paths();
    FileError { errno: errno.raw_os_error(), syscall, path, dest }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn a_file_is_written_read_and_gone() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("a");
        let flags = (OFlags::CREATE | OFlags::WRONLY | OFlags::TRUNC).bits().cast_signed();
        let write = FileRequest::WriteFile { path: path.clone(), flags, mode: 0o666, bytes: b"hello".to_vec() };
        assert_eq!(write.perform(), Ok(FileReply::Nothing));
        assert_eq!(FileRequest::ReadFile { path: path.clone(), flags: 0 }.perform(), Ok(FileReply::Bytes(b"hello".to_vec())));
        assert_eq!(FileRequest::Unlink { path: path.clone() }.perform(), Ok(FileReply::Nothing));
        let error = FileRequest::Stat { path: path.clone() }.perform().expect_err("it is gone");
        assert_eq!(error, FileError { errno: Errno::NOENT.raw_os_error(), syscall: "stat", path: Some(path), dest: None });
    }

    #[test]
    fn a_number_that_is_no_descriptor_is_a_bad_descriptor() {
        for fd in [-1, RawFd::MAX] {
            let error = FileRequest::Close { fd }.perform().expect_err("it is not open");
            assert_eq!((error.errno, error.syscall), (Errno::BADF.raw_os_error(), "close"));
        }
    }

    #[test]
    fn a_descriptor_reads_at_its_own_and_at_given_positions() {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(b"abcdef").expect("room for six bytes");
        let fd = file.as_raw_fd();
        let read = |position| FileRequest::Read { fd, length: 3, position }.perform();
        assert_eq!(read(Some(1)), Ok(FileReply::Bytes(b"bcd".to_vec())));
        assert_eq!(read(None), Ok(FileReply::Bytes(Vec::new())), "its own position is at the end");
    }
}
