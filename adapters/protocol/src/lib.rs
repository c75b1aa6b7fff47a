//! The worker protocol, version 1: one JSON value a line, requests on the worker's standard input, replies on its standard output.
//!
//! A *worker* is a long-lived process that runs one case after another, so that a runtime which starts in
//! microseconds is not measured by how fast processes start. Any runtime can offer one; the in-house runtime does.
//!
//! ```text
//! worker  -> {"protocol":1,"product":"inhouse","version":"0.1.0"}                       once, before anything else
//! harness -> {"id":7,"kind":"case","case":{"goal":"cjs","entry":"main.cjs",...}}
//! worker  -> {"id":7,"kind":"done","done":{"events":["a"],"ended":"exit","code":0,"stderr":""}}
//! ```
//!
//! What a worker must do:
//!
//! * Duplicate the protocol's two descriptors close-on-exec first thing, and never let a case see them: during a case
//!   descriptor 0 is the case's standard input (or `/dev/null`), and descriptors 1 and 2 are the files [`Case::stdout`]
//!   and [`Case::stderr`], opened for append. What the program printed is thus on disk even if the worker dies.
//! * Answer every request with exactly one reply of the same `id`, in order.
//! * Take the next case in a state no earlier case can be seen from: no globals, timers, handles, threads or children left.
//!
//! The harness closes standard input when it has no more cases; the worker then exits with code 0. A worker that dies is charged to
//! the case in flight; one that answers with anything else than this protocol is an adapter fault, never the runtime's.
//! Version rule: a field may be added if an old reader can ignore it; everything else takes a new [`VERSION`].

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The protocol's version. The harness refuses a worker that greets with another one.
pub const VERSION: u32 = 1;

/// The longest line either side accepts, in bytes. A longer one is a fault of its writer.
pub const MAX_LINE: u64 = 64 << 20;

/// What a worker says first, unasked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`] of the protocol the worker speaks.
    pub protocol: u32,
    /// The product the worker runs, as deviations name it.
    pub product: String,
    /// The product's semver version.
    pub version: String,
}

/// A request: run this case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Repeated in the reply.
    pub id: u64,
    /// The case to run.
    pub case: Case,
}

/// Which goal symbol the entry is parsed with, and by which module system it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// ECMA-262 `Script`, no module wrapper.
    Script,
    /// A CommonJS module.
    Cjs,
    /// ECMA-262 `Module`.
    Esm,
}

/// Everything a worker needs to run one case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// How [`Case::entry`] is parsed.
    pub goal: Goal,
    /// File name of the program within [`Case::dir`]; the harness has already written it.
    pub entry: String,
    /// The case's working directory, absolute, made and removed by the harness; program, files and real fixtures are in it.
    pub dir: PathBuf,
    /// File that descriptor 1 appends to.
    pub stdout: PathBuf,
    /// File that descriptor 2 appends to.
    pub stderr: PathBuf,
    /// Fixtures by file name. They exist in [`Case::dir`] too, for runtimes that simulate none.
    #[serde(default)]
    pub fixtures: BTreeMap<String, Fixture>,
    /// Arguments after the entry.
    #[serde(default)]
    pub args: Vec<String>,
    /// The whole environment of the case.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Standard input; none means `/dev/null`.
    #[serde(default)]
    pub stdin: Option<String>,
    /// Bounds the worker keeps by itself as far as it can; the harness keeps them from outside as well.
    pub limits: Limits,
    /// Loop policy: fields to set differently from the worker's default, by name.
    #[serde(default)]
    pub policy: BTreeMap<String, String>,
    /// Which world the case runs in.
    #[serde(default)]
    pub world: World,
    /// Seed of the schedule in the simulated world; none is the default schedule.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Explores the simulated world: the ways to take at its first choice points. A worker that knows no choice points may ignore it, and
    /// then reports no [`Done::choices`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Search>,
}

/// One run of an exploration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// The ways to take from the first choice point on; way 0 after that. With [`Case::seed`] the seed draws them all instead.
    #[serde(default)]
    pub ways: Vec<u32>,
    /// Milliseconds that the machine may be away in all of the run, beyond what the worker's model says.
    pub slack_ms: u64,
    /// Whether ways are left out whose traces others show.
    pub reduced: bool,
}

/// A fixture's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fixture {
    /// A named pipe.
    Fifo,
}

/// Bounds of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Real time, in milliseconds.
    pub deadline_ms: u64,
    /// Bytes of standard output and error together.
    pub output_bytes: u64,
    /// Bytes the engine may allocate.
    pub memory_bytes: u64,
}

/// Real or simulated outside world.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// Virtual time and modelled latencies: deterministic.
    #[default]
    Simulated,
    /// The operating system's clock, files and threads.
    Real,
}

/// The answer to one [`Request`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The request's `id`.
    pub id: u64,
    /// The case's outcome.
    pub done: Done,
}

/// How a case went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Standard output, one event a line, split as the trace language says.
    pub events: Vec<String>,
    /// Why the case is over.
    pub ended: Ended,
    /// The exit code; meaningful for [`Ended::Exit`] and [`Ended::Idle`].
    pub code: i32,
    /// Standard error.
    pub stderr: String,
    /// Set if the case needs something this runtime knows it lacks, by name; the harness then skips it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// The choices of the simulated world that were met, in order, if [`Case::schedule`] or a seed asked for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
}

/// One decision of the simulated world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The kind of choice point.
    pub point: String,
    /// Among how many ways.
    pub ways: u32,
    /// Which way was taken, from 0.
    pub taken: u32,
    /// What that way means, in a few words.
    pub what: String,
}

/// Why a case is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    /// The program asked to exit, or failed with an uncaught error.
    Exit,
    /// Nothing was left to do.
    Idle,
    /// [`Limits::deadline_ms`] was reached, or virtual time ran out.
    Deadline,
    /// [`Limits::output_bytes`] was reached.
    Flood,
    /// [`Limits::memory_bytes`] was reached.
    Memory,
}

/// Why a line could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Reading or writing failed.
    #[error("the worker's channel failed: {0}")]
    Io(#[from] io::Error),
    /// The other side closed in the middle of a line.
    #[error("the line ends without a newline after {0} bytes")]
    Half(usize),
    /// The line is longer than [`MAX_LINE`].
    #[error("the line is longer than {MAX_LINE} bytes")]
    TooLong,
    /// The line is no value of the expected form.
    #[error("`{line}` is not what the protocol asks for here: {source}")]
    Garbage {
        /// The line, shortened for display.
        line: String,
        /// What the JSON reader said.
        source: serde_json::Error,
    },
}

/// Writes `message` as one line and flushes it.
///
/// # Errors
/// Fails if the channel does, or if `message` cannot be written as JSON.
pub fn write_line<T: Serialize>(to: &mut impl Write, message: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

/// Reads one line; `None` means the other side closed between two lines.
///
/// # Errors
/// See [`LineError`].
pub fn read_line<T: DeserializeOwned>(from: &mut impl BufRead) -> Result<Option<T>, LineError> {
    let mut line = Vec::new();
    io::Read::take(from, MAX_LINE).read_until(b'\n', &mut line)?;
    match line.last() {
        None => return Ok(None),
        Some(b'\n') => {}
        Some(_) if line.len() as u64 == MAX_LINE => return Err(LineError::TooLong),
        Some(_) => return Err(LineError::Half(line.len())),
    }
    serde_json::from_slice(&line).map(Some).map_err(|source| LineError::Garbage { line: shorten(&line), source })
}

/// At most 120 characters of `line`, control characters escaped.
fn shorten(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end_matches('\n');
    let mut short: String = text.chars().take(120).flat_map(char::escape_debug).collect();
    if text.chars().nth(120).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<Hello>, LineError> {
        read_line(&mut io::BufReader::new(bytes))
    }

    #[test]
    fn a_message_survives_the_channel() {
        let hello = Hello { protocol: VERSION, product: "x".into(), version: "1.0.0".into() };
        let mut bytes = Vec::new();
        write_line(&mut bytes, &hello).expect("a vector takes everything");
        assert_eq!(read(&bytes).expect("a whole line").as_ref(), Some(&hello));
    }

    #[test]
    fn the_end_between_lines_is_no_error_and_within_one_is() {
        assert!(matches!(read(b""), Ok(None)));
        assert!(matches!(read(b"{\"protocol\":1"), Err(LineError::Half(13))));
    }

    #[test]
    fn garbage_is_named_without_its_control_characters() {
        let error = read(b"\x1b[31mboo\n").expect_err("not JSON").to_string();
        assert!(error.contains("\\u{1b}[31mboo"), "{error}");
    }

    fn case() -> impl Strategy<Value = Case> {
        let text = || "\\PC{0,20}";
        let names = || prop::collection::btree_map(text(), text(), 0..4);
        let program =
            (prop_oneof![Just(Goal::Script), Just(Goal::Cjs), Just(Goal::Esm)], text(), prop::collection::vec(text(), 0..4));
        let search = prop::option::of((prop::collection::vec(any::<u32>(), 0..6), any::<u64>(), any::<bool>()));
        let setting = (names(), names(), prop::option::of(text()), prop::option::of(any::<u64>()), search);
        (program, setting, any::<[u64; 3]>()).prop_map(|((goal, entry, args), (env, policy, stdin, seed, search), limits)| Case {
            goal,
            dir: PathBuf::from("/dir").join(&entry),
            stdout: PathBuf::from("/out"),
            stderr: PathBuf::from("/err"),
            entry,
            fixtures: BTreeMap::from([("pipe".to_owned(), Fixture::Fifo)]),
            args,
            env,
            stdin,
            limits: Limits { deadline_ms: limits[0], output_bytes: limits[1], memory_bytes: limits[2] },
            policy,
            world: if seed.is_some() { World::Simulated } else { World::Real },
            seed,
            schedule: search.map(|(ways, slack_ms, reduced)| Search { ways, slack_ms, reduced }),
        })
    }

    proptest! {
        #[test]
        fn any_request_is_one_line_and_reads_back(id in any::<u64>(), case in case()) {
            let request = Request { id, case };
            let mut bytes = Vec::new();
            write_line(&mut bytes, &request).expect("a vector takes everything");
            prop_assert_eq!(bytes.iter().filter(|&&byte| byte == b'\n').count(), 1);
            let mut input = io::BufReader::new(&bytes[..]);
            prop_assert_eq!(read_line::<Request>(&mut input).expect("a whole line"), Some(request));
            prop_assert!(matches!(read_line::<Request>(&mut input), Ok(None)));
        }

        #[test]
        fn any_bytes_are_a_message_or_an_error(start in prop::sample::select(vec!["", "{\"id\":1,\"done\":{"]), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let input = [start.as_bytes(), &bytes].concat();
            let mut input = io::BufReader::new(&input[..]);
            // Each call takes a line, whatever it says, so this ends.
            for _ in 0..=bytes.len() {
                match read_line::<Reply>(&mut input) {
                    Ok(None) | Err(LineError::Half(_)) => return Ok(()),
                    Ok(Some(_)) => {}
                    Err(error) => prop_assert!(!error.to_string().contains('\x1b'), "control characters are escaped"),
                }
            }
            prop_assert!(false, "the input does not end");
        }
    }
}
