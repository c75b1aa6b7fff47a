//! What a launch is, and running one to its end.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{Interrupt, next_tag, os, watch::Watch};
use crate::trace::Ended;

/// The environment variable that marks every process of a launch; its value is different for each launch.
pub const TAG_VARIABLE: &str = "LOCKSTEP_TAG";

/// One program to be run once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// Absolute path of the program.
    pub program: PathBuf,
    /// Its arguments, without the program's own name.
    pub args: Vec<String>,
    /// Its working directory, the launch's own: an untagged process that stands in it when the program is over is swept.
    pub dir: PathBuf,
    /// Its whole environment; only [`TAG_VARIABLE`] is added. The last of two equal names wins.
    pub env: Vec<(String, String)>,
    /// What it reads from a pipe; none means `/dev/null`.
    pub stdin: Option<Vec<u8>>,
    /// The file its standard output is appended to. It must not exist yet, and best lies outside `dir`.
    pub stdout: PathBuf,
    /// The same for standard error.
    pub stderr: PathBuf,
}

/// What a launch may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Real time from the start on.
    pub deadline: Duration,
    /// Bytes of standard output and standard error together; each of them is also cut off there when it is read.
    pub output_bytes: u64,
    /// Resident bytes of the program and everything it started, summed, pages they share counted once for each.
    /// Address space is not limited: JavaScript engines reserve far more than they use.
    pub resident_bytes: u64,
    /// Size of any one file the program writes, output included. It lies well above [`Limits::output_bytes`], so that a flood
    /// is seen as such and not as an error of writing.
    pub file_bytes: u64,
}

impl Limits {
    /// The usual limits with this deadline: 8 MiB of output, 2 GiB of resident memory, 256 MiB a file.
    pub fn with_deadline(deadline: Duration) -> Self {
        Self { deadline, output_bytes: 8 << 20, resident_bytes: 2 << 30, file_bytes: 256 << 20 }
    }
}

/// A launch that is over; nothing of it runs any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// How the program ended. A program that wrote too much is a [`Ended::Flood`] even if it exited by itself.
    pub ended: Ended,
    /// Standard output, at most [`Limits::output_bytes`] of it.
    pub stdout: Vec<u8>,
    /// Standard error, at most [`Limits::output_bytes`] of it.
    pub stderr: Vec<u8>,
    /// Real time from just before the start until the program itself was over.
    pub elapsed: Duration,
    /// Processes besides the program itself that were still alive and had to be killed.
    pub left_behind: usize,
}

/// Why a launch came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// The program is not there; the adapter's fault (it may have been there a moment ago).
    #[error("`{}` does not exist", .program.display())]
    NotFound {
        /// The program.
        program: PathBuf,
    },
    /// The program is there and the system will not execute it; the adapter's fault.
    #[error("`{}` cannot be executed on this system: {source}", .program.display())]
    NotExecutable {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program could not be started for a reason that is not its own; the harness's fault.
    #[error("starting `{}` in `{}` failed: {source}", .program.display(), .dir.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Its working directory.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file for the program's output could not be made or read; the harness's fault.
    #[error("the output file `{}` failed: {source}", .path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Watching or ending the program failed, or something it started could not be killed; the harness's fault.
    #[error("ending `{}` and what it started failed: {source}", .program.display())]
    Hygiene {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The user asked the harness to stop; everything the launch had started is gone.
    #[error("interrupted by signal {signal}")]
    Interrupted {
        /// The signal's number; a shell expects 128 more as exit code.
        signal: i32,
    },
}

impl LaunchError {
    /// Whether the adapter is to blame: what it names as its runtime is missing or no program.
    pub fn is_adapter_fault(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::NotExecutable { .. })
    }
}

/// The part of a launch that every start needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program<'a> {
    pub(super) program: &'a Path,
    pub(super) args: &'a [String],
    pub(super) dir: &'a Path,
    pub(super) env: &'a [(String, String)],
}

impl Program<'_> {
    /// Starts it, tagged, and gives a failure its name.
    pub(super) fn start(&self, streams: os::Streams, file_bytes: u64) -> Result<os::Spawned, LaunchError> {
        os::spawn(self, &next_tag(), streams, file_bytes).map_err(|source| self.why_not_started(source))
    }

    /// "No such file" may mean the program, its interpreter or its directory.
    fn why_not_started(&self, source: io::Error) -> LaunchError {
        let (program, dir) = (self.program.to_owned(), self.dir.to_owned());
        let missing = source.kind() == io::ErrorKind::NotFound;
        if missing && !self.dir.is_dir() {
            LaunchError::Start { program, dir, source }
        } else if missing && !self.program.exists() {
            LaunchError::NotFound { program }
        } else if missing || source.kind() == io::ErrorKind::PermissionDenied || os::is_no_program(&source) {
            LaunchError::NotExecutable { program, source }
        } else {
            LaunchError::Start { program, dir, source }
        }
    }

    /// Gives a failure after the start its name.
    pub(super) fn hygiene(&self, source: io::Error) -> LaunchError {
        LaunchError::Hygiene { program: self.program.to_owned(), source }
    }
}

/// A new file for a stream of a child: the child's end, for append only, and ours, which stays valid whatever the child does to the name.
fn create(path: &Path) -> Result<(File, File), LaunchError> {
    let open = || Ok((fs::OpenOptions::new().append(true).create_new(true).open(path)?, File::open(path)?));
    open().map_err(|source| LaunchError::Output { path: path.to_owned(), source })
}

/// The first `cap` bytes of an output file.
fn read(mut file: File, path: &Path, cap: u64) -> Result<Vec<u8>, LaunchError> {
    let mut bytes = Vec::new();
    match Read::by_ref(&mut file).take(cap).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(source) => Err(LaunchError::Output { path: path.to_owned(), source }),
    }
}

/// Runs a program to its end, whichever comes first of its own and those that `limits` and `interrupt` set.
///
/// When this returns, with whatever result, no process of the launch is left.
///
/// # Errors
/// See [`LaunchError`]. A program that hangs, floods or crashes is no error but a way to have [`Finished`].
pub fn run(launch: &Launch, limits: &Limits, interrupt: &Interrupt) -> Result<Finished, LaunchError> {
    interrupt.check()?;
    let (stdout, stdout_read) = create(&launch.stdout)?;
    let (stderr, stderr_read) = create(&launch.stderr)?;
    let written = || length(&stdout_read) + length(&stderr_read);
    let program = Program { program: &launch.program, args: &launch.args, dir: &launch.dir, env: &launch.env };

    let started = Instant::now();
    let streams = os::Streams { piped_input: launch.stdin.is_some(), output: Some(stdout), errors: stderr };
    let os::Spawned { mut child, mut feed, .. } = program.start(streams, limits.file_bytes)?;
    let mut input = launch.stdin.as_deref().unwrap_or_default();
    let mut watch = Watch::new(started, limits);

    let cause = loop {
        // The pipe is closed once everything is written, or nobody reads it any more.
        if let Some(pipe) = &mut feed {
            match pipe.offer(input) {
                Ok(taken) => input = &input[taken..],
                Err(_) => input = &[],
            }
            if input.is_empty() {
                feed = None;
            }
        }
        match child.wait(feed.as_ref(), None, watch.pause(), interrupt).map_err(|error| program.hygiene(error))? {
            os::Woken::Exited => break None,
            os::Woken::Interrupted => {
                child.end().map_err(|error| program.hygiene(error))?;
                return Err(interrupt.error());
            }
            os::Woken::Ready => {}
        }
        if let Some(cause) = watch.exceeded(&child, written) {
            break Some(cause);
        }
    };
    let elapsed = started.elapsed();
    drop(feed);
    let reaped = child.end().map_err(|error| program.hygiene(error))?;
    let flooded = written() > limits.output_bytes;
    Ok(Finished {
        ended: if flooded { Ended::Flood } else { reaped.ended(cause) },
        stdout: read(stdout_read, &launch.stdout, limits.output_bytes)?,
        stderr: read(stderr_read, &launch.stderr, limits.output_bytes)?,
        elapsed,
        left_behind: reaped.left_behind,
    })
}

/// A file's size; one that cannot be asked is taken for empty, and the error shows when it is read.
fn length(file: &File) -> u64 {
    file.metadata().map_or(0, |metadata| metadata.len())
}
