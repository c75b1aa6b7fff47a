//! A long-lived child that answers line by line: what the worker adapter talks through.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use super::{
    Interrupt, LaunchError, Limits,
    launch::Program,
    os,
    watch::{Reaped, Watch},
};
use crate::trace::Ended;

/// A program to be started as a worker; standard input and output become the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// Absolute path of the program.
    pub program: PathBuf,
    /// Its arguments, without the program's own name.
    pub args: Vec<String>,
    /// Its working directory, the worker's own.
    pub dir: PathBuf,
    /// Its whole environment; only [`TAG_VARIABLE`](super::TAG_VARIABLE) is added.
    pub env: Vec<(String, String)>,
    /// The file its standard error is appended to, made if need be.
    pub stderr: PathBuf,
    /// Size of any one file it writes.
    pub file_bytes: u64,
}

impl Worker {
    fn program(&self) -> Program<'_> {
        Program { program: &self.program, args: &self.args, dir: &self.dir, env: &self.env }
    }
}

/// What one exchange may use up.
#[derive(Debug, Clone, Copy)]
pub struct Bounds<'a> {
    /// Time from the request on, output and memory. The size of files is fixed at the worker's start.
    pub limits: Limits,
    /// Files that the worker writes its case's output to; their size, and the growth of the worker's own standard error, counts as output.
    pub output: &'a [&'a Path],
    /// The longest line that is accepted, in bytes.
    pub line_bytes: usize,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// One line with its newline.
    Line(Vec<u8>),
    /// A line longer than [`Bounds::line_bytes`]; the worker was killed.
    TooLong,
    /// The worker is over: it ended by itself, or reached a limit and was killed with all it had started.
    Over {
        /// How.
        ended: Ended,
        /// What it had said of an unfinished line.
        partial: Vec<u8>,
    },
}

/// A worker that is gone, with everything it started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// How it ended; [`Ended::Deadline`] if it had to be killed.
    pub ended: Ended,
    /// Processes besides the worker that were still alive and had to be killed.
    pub left_behind: usize,
}

/// A running worker. Dropping it kills the worker and everything it started.
#[derive(Debug)]
pub struct Channel {
    worker: Worker,
    child: os::Child,
    feed: Option<os::Feed>,
    tap: Option<os::Tap>,
    /// What was read and not handed on.
    unread: Vec<u8>,
    /// How much of `unread` is known to hold no newline.
    scanned: usize,
    over: Option<Ended>,
}

impl Channel {
    /// Starts a worker.
    ///
    /// # Errors
    /// See [`LaunchError`].
    pub fn start(worker: &Worker, interrupt: &Interrupt) -> Result<Self, LaunchError> {
        interrupt.check()?;
        let output = |source| LaunchError::Output { path: worker.stderr.clone(), source };
        let errors = fs::OpenOptions::new().append(true).create(true).open(&worker.stderr).map_err(output)?;
        let streams = os::Streams { piped_input: true, output: None, errors };
        let owned = worker.clone();
        let spawned = on_lasting_thread(move || owned.program().start(streams, owned.file_bytes));
        let os::Spawned { child, feed, tap } = spawned.map_err(|source| worker.program().hygiene(source))??;
        Ok(Self { worker: worker.clone(), child, feed, tap, unread: Vec::new(), scanned: 0, over: None })
    }

    /// Writes `request` (which may be empty) and waits for one line.
    ///
    /// Anything but [`Heard::Line`] means that the worker is gone; so it is after an error. A worker that closes its end
    /// without ending is waited for until the deadline.
    ///
    /// # Errors
    /// Fails with [`LaunchError::Interrupted`] or [`LaunchError::Hygiene`].
    pub fn exchange(&mut self, request: &[u8], bounds: &Bounds<'_>, interrupt: &Interrupt) -> Result<Heard, LaunchError> {
        if let Some(ended) = &self.over {
            return Ok(Heard::Over { ended: ended.clone(), partial: Vec::new() });
        }
        let mut request = request;
        let mut watch = Watch::new(Instant::now(), &bounds.limits);
        let errors = self.worker.stderr.clone();
        let errors_before = size(&errors);
        let written = || {
            let output: u64 = bounds.output.iter().map(|path| size(path)).sum();
            output + size(&errors).saturating_sub(errors_before)
        };
        loop {
            if let Some(line) = take_line(&mut self.unread, &mut self.scanned) {
                return Ok(if line.len() > bounds.line_bytes { self.too_long()? } else { Heard::Line(line) });
            }
            if self.unread.len() > bounds.line_bytes {
                return self.too_long();
            }
            if let Some(cause) = watch.exceeded(&self.child, written) {
                return self.end(Some(cause));
            }
            // A worker that does not read its input any more may still answer, or be about to end.
            let feed = match &mut self.feed {
                Some(feed) if !request.is_empty() => match feed.offer(request) {
                    Ok(taken) => {
                        request = &request[taken..];
                        (!request.is_empty()).then_some(&*feed)
                    }
                    Err(_) => {
                        request = &[];
                        None
                    }
                },
                _ => None,
            };
            let woken = self.child.wait(feed, self.tap.as_ref(), watch.pause(), interrupt);
            match woken.map_err(|error| self.worker.program().hygiene(error))? {
                os::Woken::Interrupted => {
                    self.end(None)?;
                    return Err(interrupt.error());
                }
                // What its pipe held has been read: a ready pipe is told before the end is.
                os::Woken::Exited => {
                    // One that is faster than the watch dies of the system's limit on the size of a file, or of nothing.
                    let flooded = written() > bounds.limits.output_bytes;
                    return if flooded { self.flooded() } else { self.end(None) };
                }
                os::Woken::Ready => self.listen()?,
            }
        }
    }

    /// Bytes the worker has said that nobody asked for: more than one answer to a request.
    ///
    /// # Errors
    /// Fails with [`LaunchError::Hygiene`] if the pipe cannot be read.
    pub fn unread(&mut self) -> Result<usize, LaunchError> {
        self.listen()?;
        Ok(self.unread.len())
    }

    /// Kills what the worker started and has not ended itself; says how many processes those were. To be called between two
    /// cases, when a worker has no process of its own left to lose.
    ///
    /// # Errors
    /// Fails with [`LaunchError::Hygiene`] if something will not die.
    pub fn sweep(&self) -> Result<usize, LaunchError> {
        self.child.sweep().map_err(|error| self.worker.program().hygiene(error))
    }

    /// The last `most` bytes of the worker's standard error.
    ///
    /// # Errors
    /// Fails with [`LaunchError::Output`] if the file cannot be read.
    pub fn stderr_end(&self, most: u64) -> Result<Vec<u8>, LaunchError> {
        let read = || {
            let mut file = File::open(&self.worker.stderr)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
            let mut bytes = Vec::new();
            file.take(most).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|source| LaunchError::Output { path: self.worker.stderr.clone(), source })
    }

    /// Closes the worker's input and gives it `grace` to end by itself; then kills it, and in any case all it started.
    ///
    /// # Errors
    /// Fails with [`LaunchError::Interrupted`] or [`LaunchError::Hygiene`]; the worker is gone then too.
    pub fn finish(mut self, grace: Duration, interrupt: &Interrupt) -> Result<Closed, LaunchError> {
        self.feed = None;
        let deadline = Instant::now() + grace;
        let mut cause = None;
        while self.over.is_none() {
            // What it still says is read and forgotten, so that a full pipe does not keep it from ending.
            self.unread.clear();
            self.scanned = 0;
            let left = deadline.saturating_duration_since(Instant::now());
            let woken = self.child.wait(None, self.tap.as_ref(), left, interrupt);
            match woken.map_err(|error| self.worker.program().hygiene(error))? {
                os::Woken::Exited => break,
                os::Woken::Interrupted => return Err(interrupt.error()),
                os::Woken::Ready => self.listen()?,
            }
            if Instant::now() >= deadline {
                cause = Some(Ended::Deadline);
                break;
            }
        }
        self.close(cause)
    }

    /// Kills the worker and everything it started.
    ///
    /// # Errors
    /// Fails with [`LaunchError::Hygiene`] if something will not die.
    pub fn kill(mut self) -> Result<Closed, LaunchError> {
        self.close(Some(Ended::Deadline))
    }

    /// Reads what is there; at its end the pipe is let go, so that it does not wake anybody any more.
    fn listen(&mut self) -> Result<(), LaunchError> {
        if let Some(tap) = &mut self.tap {
            let open = tap.drain(&mut self.unread).map_err(|error| self.worker.program().hygiene(error))?;
            if !open {
                self.tap = None;
            }
        }
        Ok(())
    }

    fn close(&mut self, cause: Option<Ended>) -> Result<Closed, LaunchError> {
        let reaped: Reaped = self.child.end().map_err(|error| self.worker.program().hygiene(error))?;
        let ended = self.over.get_or_insert_with(|| reaped.ended(cause)).clone();
        Ok(Closed { ended, left_behind: reaped.left_behind })
    }

    fn end(&mut self, cause: Option<Ended>) -> Result<Heard, LaunchError> {
        let Closed { ended, .. } = self.close(cause)?;
        self.scanned = 0;
        Ok(Heard::Over { ended, partial: std::mem::take(&mut self.unread) })
    }

    /// The worker is over, and wrote more than it may, however it ended.
    fn flooded(&mut self) -> Result<Heard, LaunchError> {
        self.over = Some(Ended::Flood);
        self.end(None)
    }

    fn too_long(&mut self) -> Result<Heard, LaunchError> {
        self.end(Some(Ended::Flood))?;
        Ok(Heard::TooLong)
    }
}

/// Takes the first whole line out of what was read.
fn take_line(unread: &mut Vec<u8>, scanned: &mut usize) -> Option<Vec<u8>> {
    match unread[*scanned..].iter().position(|byte| *byte == b'\n') {
        Some(at) => {
            let rest = unread.split_off(*scanned + at + 1);
            *scanned = 0;
            Some(std::mem::replace(unread, rest))
        }
        None => {
            *scanned = unread.len();
            None
        }
    }
}

/// A file's size; one that is not there yet is empty.
fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

type Job = Box<dyn FnOnce() + Send>;

/// Runs `job` on a thread that lives as long as the process, since a child dies with the thread that started it.
fn on_lasting_thread<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    static STARTER: Mutex<Option<mpsc::Sender<Job>>> = Mutex::new(None);
    let (give, take) = mpsc::sync_channel(1);
    let job: Job = Box::new(move || drop(give.send(job())));
    let mut starter = STARTER.lock().unwrap_or_else(PoisonError::into_inner);
    let jobs = match &mut *starter {
        Some(jobs) => jobs,
        none => {
            let (jobs, queue) = mpsc::channel::<Job>();
            thread::Builder::new().name("worker-starter".to_owned()).spawn(move || queue.into_iter().for_each(|job| job()))?;
            none.insert(jobs)
        }
    };
    let gone = || io::Error::other("the thread that starts workers is gone");
    jobs.send(job).map_err(|_| gone())?;
    drop(starter);
    take.recv().map_err(|_| gone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_one_by_one_however_they_arrive() {
        let (mut unread, mut scanned) = (b"on".to_vec(), 0);
        assert_eq!(take_line(&mut unread, &mut scanned), None);
        unread.extend_from_slice(b"e\ntwo\nth");
        assert_eq!(take_line(&mut unread, &mut scanned).as_deref(), Some(&b"one\n"[..]));
        assert_eq!(take_line(&mut unread, &mut scanned).as_deref(), Some(&b"two\n"[..]));
        assert_eq!(take_line(&mut unread, &mut scanned), None);
        assert_eq!(unread, b"th");
    }

    #[test]
    fn jobs_run_on_one_thread_that_is_not_ours() {
        let id = || on_lasting_thread(|| thread::current().id()).expect("a thread");
        let first = thread::spawn(id).join().expect("no panic");
        assert_eq!(first, id());
        assert_ne!(first, thread::current().id());
    }
}
