//! The last steps of a child between fork and exec.

use std::{
    ffi::{CString, OsStr, c_char},
    io,
    os::unix::ffi::OsStrExt,
    path::Path,
    ptr,
    sync::Arc,
};

use rustix::{
    fs::Mode,
    process::{Pid, Resource, Rlimit, Signal, getppid, getrlimit, set_parent_process_death_signal, setrlimit, setsid, umask},
};

/// What the child puts on itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The process that forks.
    pub(super) parent: Pid,
    /// Size of any file it writes.
    pub(super) file_bytes: u64,
}

/// A program with its arguments and environment, laid out as `execve` wants it before the fork, since nothing may be allocated after.
///
/// The standard library would look for the program by itself, and it hands a file that is no program to the shell, which
/// then complains in the runtime's name. Here it is an error of starting.
#[derive(Debug, Clone)]
pub(super) struct Image(Arc<Strings>);

#[derive(Debug)]
struct Strings {
    path: CString,
    argv: Pointers,
    envp: Pointers,
}

/// Strings and the null-terminated array of their addresses.
#[derive(Debug)]
struct Pointers {
    addresses: Vec<*const c_char>,
    /// Owns what `addresses` points to; the text of a `CString` stays where it is when the vector moves.
    _strings: Vec<CString>,
}

// SAFETY: the addresses point into strings that this value owns and nobody changes, so any thread may read them.
unsafe impl Send for Pointers {}
// SAFETY: as above; there is no interior mutability.
unsafe impl Sync for Pointers {}

impl Pointers {
    fn new(strings: Vec<CString>) -> Self {
        let addresses = strings.iter().map(|string| string.as_ptr()).chain([ptr::null()]).collect();
        Self { addresses, _strings: strings }
    }
}

impl Image {
    /// # Errors
    /// Fails if a string holds a NUL.
    pub(super) fn new(program: &Path, args: &[String], env: &[(&str, &str)]) -> io::Result<Self> {
        let path = c_string(program.as_os_str())?;
        let mut argv = vec![path.clone()];
        for arg in args {
            argv.push(c_string(OsStr::new(arg))?);
        }
        // Sorted by name, so that a program that lists its environment sees the same order each time; the last of two equal names wins.
        let unique: std::collections::BTreeMap<&str, &str> = env.iter().copied().collect();
        let mut envp = Vec::with_capacity(unique.len());
        for (name, value) in unique {
            envp.push(c_string(OsStr::new(&format!("{name}={value}")))?);
        }
        Ok(Self(Arc::new(Strings { path, argv: Pointers::new(argv), envp: Pointers::new(envp) })))
    }
}

fn c_string(text: &OsStr) -> io::Result<CString> {
    CString::new(text.as_bytes()).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

/// Runs in the forked child: makes it a stranger to the harness, and becomes the program. Returns only on failure.
///
/// The standard library has already set the standard streams and the directory, and emptied the signal mask.
pub(super) fn enter(limits: &Limits, image: &Image) -> io::Result<()> {
    setsid()?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have died before the signal was asked for.
    if getppid() != Some(limits.parent) {
        return Err(rustix::io::Errno::CHILD.into());
    }
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    let allowed = getrlimit(Resource::Fsize).maximum.map_or(limits.file_bytes, |most| most.min(limits.file_bytes));
    setrlimit(Resource::Fsize, Rlimit { current: Some(allowed), maximum: Some(allowed) })?;
    umask(Mode::WGRP | Mode::WOTH);
    // What the harness, or whoever started it, ignores (a broken pipe, a hang-up) would stay ignored beyond exec.
    // Those that cannot be changed (SIGKILL, the C library's own) refuse, and need no change.
    for signal in 1..=64 {
        // SAFETY: setting a default disposition is allowed between fork and exec, and installs no code.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: marks descriptors that others may have left inheritable; it closes nothing before exec. A kernel before 5.11 refuses,
    // and then only those that were opened without care stay open.
    unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    let Strings { path, argv, envp } = &*image.0;
    // SAFETY: the path is a C string, the arrays are null-terminated and point to C strings, and all live in `image`.
    unsafe { libc::execve(path.as_ptr(), argv.addresses.as_ptr(), envp.addresses.as_ptr()) };
    Err(io::Error::last_os_error())
}
