//! `inhouse --worker`: case after case over the worker protocol, each in a runtime of its own.
//!
//! What a case can change about the process is put back after it: descriptors, working directory, file mode mask. What it can
//! allocate hangs on its runtime and its world, both dropped before the reply is written.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use lockstep_protocol::{Case, Done, Ended, Hello, LineError, Reply, Request, VERSION, World, read_line, write_line};

use crate::policy::{Globals, LoopPolicy};
use crate::schedule::{Choice, Schedule};
use crate::{Exploration, Options, Outcome, StartError, run};

/// Where the protocol's descriptors go: beyond what programs number their own by.
const ABOVE: RawFd = 900;

/// Bytes of free memory at the end of the heap that stay with the worker, and the size from which a block is mapped by itself. Less by far
/// than what a case may use, which counts what the worker holds.
#[cfg(target_env = "gnu")]
const KEPT: libc::c_int = 32 << 20;

/// Why the worker stopped before its standard input did. The owner is the harness, or the machine.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The channel failed, or carried something that is not the protocol.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The process could not be prepared for a case, or put back after it.
    #[error("the worker could not {doing}: {source}")]
    Process {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A world could not be made.
    #[error(transparent)]
    Start(#[from] StartError),
}

fn doing(doing: &'static str) -> impl Fn(io::Error) -> WorkerError {
    move |source| WorkerError::Process { doing, source }
}

/// Serves cases until standard input ends. Cases follow `rules` where they say nothing else.
///
/// # Errors
/// [`WorkerError`] if the channel fails or the process cannot be kept clean. No program's misbehaviour is an error here.
pub fn serve(rules: LoopPolicy) -> Result<(), WorkerError> {
    crate::options::exec_path();
    keep_memory();
    let (input, mut output) = take_over_channel().map_err(doing("take over its channel"))?;
    let mut input = BufReader::new(input);
    let hello = Hello { protocol: VERSION, product: product(&rules).to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    write_line(&mut output, &hello).map_err(LineError::from)?;
    let process = Process::remember().map_err(doing("look at its own descriptors"))?;
    while let Some(request) = read_line::<Request>(&mut input)? {
        let done = answer(&process, request.case, rules.clone())?;
        write_line(&mut output, &Reply { id: request.id, done }).map_err(LineError::from)?;
    }
    Ok(())
}

/// Lets the allocator keep what one case frees for the next one, up to a bound: memory given back to the system is mapped, and its pages
/// are cleared, again for each case.
fn keep_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: these set numbers of the allocator, before the process has a second thread.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, KEPT);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
    }
}

/// What recorded deviations know this runtime by: as a page it is another product than as a server.
fn product(rules: &LoopPolicy) -> &'static str {
    match rules.globals {
        Globals::Node => "inhouse",
        Globals::Page => "inhouse-web",
    }
}

/// Moves the protocol off descriptors 0 and 1, where programs would meet it, and leaves `/dev/null` there.
fn take_over_channel() -> io::Result<(File, File)> {
    let input = rustix::io::fcntl_dupfd_cloexec(io::stdin().as_fd(), ABOVE)?;
    let output = rustix::io::fcntl_dupfd_cloexec(io::stdout().as_fd(), ABOVE)?;
    let null = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    Ok((File::from(input), File::from(output)))
}

/// Runs one case.
fn answer(process: &Process, case: Case, mut policy: LoopPolicy) -> Result<Done, WorkerError> {
    for (field, value) in &case.policy {
        if let Err(error) = policy.set(field, value) {
            return Ok(lacks(format!("loop policy {field}={value}"), error.to_string()));
        }
    }
    let stdin = case.stdin.clone().map(String::into_bytes);
    let (stdout, stderr) = (case.stdout.clone(), case.stderr.clone());
    let before = names_in(&case.dir);
    let mut outcome = attempt(process, case.clone(), policy.clone(), stdin.clone())?;
    if outcome.wants_real_world {
        // The first attempt never happened.
        for path in names_in(&case.dir).difference(&before) {
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
        for path in [&stdout, &stderr] {
            File::create(path).map_err(doing("empty the case's output"))?;
        }
        outcome = attempt(process, Case { world: World::Real, ..case }, policy, stdin)?;
    }
    report(outcome, &stdout, &stderr)
}

fn attempt(process: &Process, case: Case, policy: LoopPolicy, stdin: Option<Vec<u8>>) -> Result<Outcome, WorkerError> {
    let outcome = {
        let _setting = process.enter(&case, stdin)?;
        run(options(case, policy))?
    };
    crate::host::children::kill_all();
    process.restore()?;
    Ok(outcome)
}

/// What lies in a folder; nothing if it cannot be read.
fn names_in(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect()
}

fn options(case: Case, policy: LoopPolicy) -> Options {
    let mut options = Options::new(PathBuf::from(case.entry));
    options.goal = case.goal;
    options.args = case.args;
    options.env = case.env.into_iter().collect();
    options.world = case.world;
    options.policy = policy;
    if let (Some(seed), World::Simulated) = (case.seed, case.world) {
        options.schedule = Schedule::seeded(seed);
        options.seed = seed;
    }
    if let (Some(search), World::Simulated) = (case.schedule, case.world) {
        options.schedule = match case.seed {
            Some(seed) => Schedule::seeded(seed),
            None => Schedule::replayed(search.ways),
        };
        options.exploration = Exploration { slack: search.slack_ms.saturating_mul(1_000_000), reduced: search.reduced };
    }
    options.memory_bytes = case.limits.memory_bytes;
    options.output_bytes = case.limits.output_bytes;
    options.deadline = Some(Duration::from_millis(case.limits.deadline_ms));
    options
}

fn lacks(missing: String, stderr: String) -> Done {
    Done { events: Vec::new(), ended: Ended::Exit, code: 0, stderr, missing: Some(missing), choices: Vec::new() }
}

fn report(outcome: Outcome, stdout: &Path, stderr: &Path) -> Result<Done, WorkerError> {
    let read = |path| std::fs::read(path).map_err(doing("read what the case printed"));
    Ok(Done {
        events: events(&read(stdout)?),
        ended: outcome.ended,
        code: outcome.code,
        stderr: String::from_utf8_lossy(&read(stderr)?).into_owned(),
        missing: None,
        choices: outcome.choices.into_iter().map(recorded).collect(),
    })
}

fn recorded(choice: Choice) -> lockstep_protocol::Choice {
    lockstep_protocol::Choice { point: choice.point.to_string(), ways: choice.ways, taken: choice.taken, what: choice.what }
}

/// A case's events: its lines, with an unterminated last one, and bytes that are no UTF-8 replaced.
fn events(output: &[u8]) -> Vec<String> {
    if output.is_empty() {
        return Vec::new();
    }
    let whole = output.strip_suffix(b"\n").unwrap_or(output);
    whole.split(|&byte| byte == b'\n').map(|line| String::from_utf8_lossy(line).into_owned()).collect()
}

/// The process as it is between cases.
struct Process {
    descriptors: BTreeSet<RawFd>,
    directory: PathBuf,
    stderr: OwnedFd,
    null: File,
}

/// A case's setting; dropping it ends what feeds its standard input.
struct Setting {
    feeder: Option<JoinHandle<()>>,
}

impl Process {
    fn remember() -> io::Result<Self> {
        let directory = std::env::current_dir()?;
        let stderr = rustix::io::fcntl_dupfd_cloexec(io::stderr().as_fd(), ABOVE)?;
        let low = OpenOptions::new().read(true).write(true).open("/dev/null")?;
        let null = File::from(rustix::io::fcntl_dupfd_cloexec(&low, ABOVE)?);
        drop(low);
        Ok(Self { descriptors: open_descriptors()?, directory, stderr, null })
    }

    /// Gives the process the case's descriptors and directory.
    fn enter(&self, case: &Case, stdin: Option<Vec<u8>>) -> Result<Setting, WorkerError> {
        let open = |path: &Path| OpenOptions::new().append(true).create(true).open(path).map_err(doing("open the case's output"));
        let (stdout, stderr) = (open(&case.stdout)?, open(&case.stderr)?);
        let errno = |what| move |error: rustix::io::Errno| doing(what)(error.into());
        rustix::stdio::dup2_stdout(&stdout).map_err(errno("set the case's output"))?;
        rustix::stdio::dup2_stderr(&stderr).map_err(errno("set the case's output"))?;
        std::env::set_current_dir(&case.dir).map_err(doing("enter the case's directory"))?;
        let Some(bytes) = stdin else { return Ok(Setting { feeder: None }) };
        let (read_end, write_end) =
            rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(errno("make the case's standard input"))?;
        let write_end = rustix::io::fcntl_dupfd_cloexec(&write_end, ABOVE).map_err(errno("make the case's standard input"))?;
        rustix::stdio::dup2_stdin(&read_end).map_err(errno("set the case's standard input"))?;
        let feeder = std::thread::Builder::new()
            .name("stdin".to_owned())
            // A case that does not read breaks the pipe when it ends, which ends this thread.
            .spawn(move || drop(File::from(write_end).write_all(&bytes)))
            .map_err(doing("feed the case's standard input"))?;
        Ok(Setting { feeder: Some(feeder) })
    }

    /// Takes everything back that a case may have changed.
    fn restore(&self) -> Result<(), WorkerError> {
        let errno = |error: rustix::io::Errno| doing("put its descriptors back")(error.into());
        rustix::stdio::dup2_stdin(&self.null).map_err(errno)?;
        rustix::stdio::dup2_stdout(&self.null).map_err(errno)?;
        rustix::stdio::dup2_stderr(&self.stderr).map_err(errno)?;
        std::env::set_current_dir(&self.directory).map_err(doing("leave the case's directory"))?;
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        for fd in open_descriptors().map_err(doing("look for open descriptors"))?.difference(&self.descriptors) {
            // SAFETY: the number is open, was not before the case, and belongs to nobody: the case's world is gone.
            drop(unsafe { OwnedFd::from_raw_fd(*fd) });
        }
        Ok(())
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        if let Some(feeder) = self.feeder.take() {
            // The read end is the last one; without it the feeder cannot go on.
            if let Ok(null) = File::open("/dev/null") {
                let _ = rustix::stdio::dup2_stdin(&null);
            }
            let _ = feeder.join();
        }
    }
}

/// The open descriptors.
fn open_descriptors() -> io::Result<BTreeSet<RawFd>> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir("/proc/self/fd")? {
        found.extend(entry?.file_name().to_str().and_then(|name| name.parse::<RawFd>().ok()));
    }
    // Reading the folder takes a descriptor itself, closed again by now.
    // SAFETY: the numbers are not -1, and asking for flags harms no descriptor, whoever owns it.
    found.retain(|&fd| rustix::io::fcntl_getfd(unsafe { BorrowedFd::borrow_raw(fd) }).is_ok());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_split_into_events_as_the_trace_language_says() {
        assert_eq!(events(b""), [""; 0]);
        assert_eq!(events(b"a\n\nb"), ["a", "", "b"]);
        assert_eq!(events(b"\n"), [""]);
        assert_eq!(events(b"\xff\n"), ["\u{fffd}"]);
    }
}
