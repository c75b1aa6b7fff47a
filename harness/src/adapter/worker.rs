//! The worker adapter: a long-lived process that answers case after case over JSON lines.
//!
//! The protocol is documented in the crate `lockstep-protocol`. A worker that dies is charged to the case in flight, with the trace it
//! had printed, and a new one is started for the next case. A worker that says anything else than the protocol is an adapter
//! fault; it is killed, since nothing it says afterwards could be matched to a case.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use lockstep_protocol::{self as protocol, Done, Hello, Reply, Request, World};

use super::{AdapterError, Context, Product, Workspace, launch::Program};
use crate::{
    process::{Bounds, CaseDir, Channel, Heard, Interrupt, Limits, Worker},
    suite::{Fixture, Goal},
    trace::{Ended, Observation, Trace},
};

/// How long a new worker may take to greet, before any scale.
const GREETING: Duration = Duration::from_secs(10);

/// How long past a case's deadline a worker may take to say that the case reached it, before it is killed instead.
const GRACE: Duration = Duration::from_millis(500);

/// How long a worker may take to leave when it is told that there are no more cases.
const LEAVING: Duration = Duration::from_secs(2);

/// How one run of an exploration decides where the simulated world may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The ways to take from the first choice point on; way 0 after that.
    pub ways: Vec<u32>,
    /// Draws all ways instead.
    pub seed: Option<u64>,
    /// Milliseconds that the machine may be away in all of the run.
    pub slack_ms: u64,
    /// Whether ways are left out whose traces others show.
    pub reduced: bool,
}

/// What such a run showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Explored {
    /// Trace and end.
    pub observation: Observation,
    /// The choices it met, in order; none if the runtime knows no choice points.
    pub choices: Vec<protocol::Choice>,
    /// Whether the worker outlived it, so that nothing of it is left.
    pub(super) survived: bool,
}

/// The workers of one runtime: as many as cases are run at a time.
#[derive(Debug)]
pub struct Workers {
    command: Vec<String>,
    idle: Mutex<Vec<Live>>,
    /// What the first of them said it is.
    product: OnceLock<Option<Product>>,
}

/// A worker that has greeted.
#[derive(Debug)]
struct Live {
    // Before the folder it works in, so that it is gone when the folder is removed.
    channel: Channel,
    next: u64,
    _home: CaseDir,
}

impl Workers {
    /// Workers that `command` starts, none of them yet.
    pub fn new(command: Vec<String>) -> Self {
        Self { command, idle: Mutex::new(vec![]), product: OnceLock::new() }
    }

    /// What the workers say they are; none before the first case, or if it is no product and version.
    pub(super) fn greeting(&self) -> Option<Product> {
        self.product.get().cloned().flatten()
    }

    /// Runs one program on an idle worker, or on a new one.
    ///
    /// # Errors
    /// If no worker can be started, or if it breaks the protocol.
    pub(super) fn run(
        &self,
        program: &Program<'_>,
        space: &Workspace,
        env: BTreeMap<String, String>,
        limits: &Limits,
        search: Option<&Search>,
        context: &Context,
    ) -> Result<Explored, AdapterError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut live = match idle {
            Some(live) => live,
            None => self.start(context)?,
        };
        live.next += 1;
        let request = self.request(live.next, program, space, env, limits, search);
        let mut line = serde_json::to_vec(&request).map_err(|error| AdapterError::Protocol(error.to_string()))?;
        line.push(b'\n');
        for file in [&space.stdout, &space.stderr] {
            fs::File::create(file)?;
        }
        let output = [space.stdout.as_path(), space.stderr.as_path()];
        let outside = Limits { deadline: limits.deadline + GRACE.max(limits.deadline / 10), ..*limits };
        let bounds = Bounds { limits: outside, output: &output, line_bytes: protocol::MAX_LINE as usize };
        match live.channel.exchange(&line, &bounds, &context.interrupt)? {
            Heard::Line(answer) => {
                let reply: Reply = read(&answer)?;
                if reply.id != live.next {
                    return Err(AdapterError::Protocol(format!("it answered request {} with the id {}", live.next, reply.id)));
                }
                if live.channel.unread()? > 0 {
                    return Err(AdapterError::Protocol("it said more than one answer to a request".into()));
                }
                live.channel.sweep()?;
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(live);
                Ok(explored(reply.done))
            }
            Heard::TooLong => Err(AdapterError::Protocol(format!("its answer is longer than {} bytes", protocol::MAX_LINE))),
            Heard::Over { partial, .. } if !partial.is_empty() => {
                Err(AdapterError::Protocol(format!("it ended within an answer, after {} bytes", partial.len())))
            }
            // An orderly end without an answer is as good as none: it was told to answer.
            Heard::Over { ended: Ended::Code(code), .. } => {
                Err(AdapterError::Protocol(format!("it exited with code {code} instead of answering{}", said(&live))))
            }
            // The case in flight took the worker with it: that is the case's outcome, with what it had printed.
            Heard::Over { ended, .. } => {
                let read = |file: &PathBuf| fs::read(file).unwrap_or_default();
                let observation = Observation {
                    trace: Trace::from_bytes(&read(&space.stdout)),
                    ended,
                    stderr: String::from_utf8_lossy(&read(&space.stderr)).into_owned(),
                };
                Ok(Explored { observation, choices: vec![], survived: false })
            }
        }
    }

    /// Starts a worker and hears its greeting.
    fn start(&self, context: &Context) -> Result<Live, AdapterError> {
        let home = context.temp.case_dir()?;
        let (binary, args) = self.command.split_first().expect("a command begins with its binary");
        let worker = Worker {
            program: binary.into(),
            args: args.to_vec(),
            dir: home.path().into(),
            env: vec![("PATH".into(), super::launch::PATH.into()), ("TZ".into(), "UTC".into()), ("NO_COLOR".into(), "1".into())],
            stderr: home.path().join("stderr"),
            file_bytes: context.limits.file_bytes,
        };
        let channel = Channel::start(&worker, &context.interrupt)?;
        let mut live = Live { channel, next: 0, _home: home };
        let limits = Limits { deadline: GREETING.mul_f64(context.timeout_scale.max(1.0)), ..context.limits };
        let bounds = Bounds { limits, output: &[], line_bytes: 64 << 10 };
        match live.channel.exchange(&[], &bounds, &context.interrupt)? {
            Heard::Line(line) => {
                let hello: Hello = read(&line)?;
                if hello.protocol != protocol::VERSION {
                    let spoken = hello.protocol;
                    return Err(AdapterError::Protocol(format!(
                        "it speaks version {spoken}, and this Lockstep version {}",
                        protocol::VERSION
                    )));
                }
                self.product.get_or_init(|| Product::new(&hello.product, &hello.version));
                Ok(live)
            }
            Heard::TooLong => Err(AdapterError::Protocol("its greeting does not end".into())),
            Heard::Over { ended, .. } => {
                Err(AdapterError::Protocol(format!("it ended ({ended}) before it greeted{}", said(&live))))
            }
        }
    }

    fn request(
        &self,
        id: u64,
        program: &Program<'_>,
        space: &Workspace,
        env: BTreeMap<String, String>,
        limits: &Limits,
        search: Option<&Search>,
    ) -> Request {
        let milliseconds = u64::try_from(limits.deadline.as_millis()).unwrap_or(u64::MAX);
        Request {
            id,
            case: protocol::Case {
                goal: match program.goal {
                    Goal::Script => protocol::Goal::Script,
                    Goal::Cjs => protocol::Goal::Cjs,
                    Goal::Esm => protocol::Goal::Esm,
                },
                entry: program.goal.entry().into(),
                dir: space.dir.clone(),
                stdout: space.stdout.clone(),
                stderr: space.stderr.clone(),
                fixtures: program
                    .fixtures
                    .iter()
                    .map(|(name, fixture)| match fixture {
                        Fixture::Fifo => (name.clone(), protocol::Fixture::Fifo),
                    })
                    .collect(),
                args: program.args.to_vec(),
                env,
                stdin: program.stdin.map(str::to_owned),
                limits: protocol::Limits {
                    deadline_ms: milliseconds,
                    output_bytes: limits.output_bytes,
                    memory_bytes: limits.resident_bytes,
                },
                policy: BTreeMap::new(),
                world: World::Simulated,
                seed: search.and_then(|search| search.seed),
                schedule: search.map(|search| protocol::Search {
                    ways: search.ways.clone(),
                    slack_ms: search.slack_ms,
                    reduced: search.reduced,
                }),
            },
        }
    }

    /// Tells every idle worker that there are no more cases.
    pub fn retire(&self, interrupt: &Interrupt) {
        for live in self.idle.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // Its cases are judged; a worker that leaves badly is killed by this and changes no verdict.
            drop(live.channel.finish(LEAVING, interrupt));
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(line: &[u8]) -> Result<T, AdapterError> {
    match protocol::read_line(&mut &line[..]) {
        Ok(Some(message)) => Ok(message),
        Ok(None) => Err(AdapterError::Protocol("it said nothing".into())),
        Err(error) => Err(AdapterError::Protocol(error.to_string())),
    }
}

fn explored(done: Done) -> Explored {
    let ended = match done.ended {
        protocol::Ended::Exit | protocol::Ended::Idle => Ended::Code(done.code),
        protocol::Ended::Deadline => Ended::Deadline,
        protocol::Ended::Flood => Ended::Flood,
        protocol::Ended::Memory => Ended::Memory,
    };
    let observation = Observation { trace: Trace::from(done.events), ended, stderr: done.stderr };
    Explored { observation, choices: done.choices, survived: true }
}

/// The last line of a worker's standard error, which is where it says why it gave up.
fn said(live: &Live) -> String {
    let end = live.channel.stderr_end(512).unwrap_or_default();
    let text = String::from_utf8_lossy(&end);
    match text.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => format!(" ({})", line.trim().escape_debug()),
        None => String::new(),
    }
}
