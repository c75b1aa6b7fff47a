//! A worker process, and places for its cases.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lockstep_protocol::{Case, Done, Goal, Hello, Limits, Reply, Request, VERSION, World, read_line, write_line};
use tempfile::TempDir;

/// A running `inhouse --worker`.
pub(crate) struct Worker {
    /// The process.
    pub(crate) child: Child,
    /// Its standard input.
    pub(crate) input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    last: u64,
}

impl Worker {
    /// Starts one and hears its greeting.
    pub(crate) fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_inhouse"))
            .arg("--worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker starts");
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let hello: Hello = read_line(&mut output).expect("a line").expect("a greeting");
        assert_eq!((hello.protocol, hello.product.as_str()), (VERSION, "inhouse"));
        Self { child, input, output, last: 0 }
    }

    /// Runs a case.
    pub(crate) fn run(&mut self, case: Case) -> Done {
        self.last += 1;
        write_line(self.input.as_mut().expect("open"), &Request { id: self.last, case }).expect("the worker listens");
        let reply: Reply = read_line(&mut self.output).expect("a line").expect("a reply");
        assert_eq!(reply.id, self.last);
        reply.done
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.input.take());
        let status = self.child.wait().expect("the worker is ours");
        if !std::thread::panicking() {
            assert!(status.success(), "the worker ends when its input does: {status}");
        }
    }
}

/// A directory with a program.
pub(crate) struct Place(TempDir);

impl Place {
    /// Writes a CommonJS program.
    pub(crate) fn new(program: &str) -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        std::fs::create_dir(place.0.path().join("case")).expect("a directory");
        std::fs::write(place.0.path().join("case/main.cjs"), program).expect("a file");
        place
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A case in the simulated world.
    pub(crate) fn case(&self) -> Case {
        Case {
            goal: Goal::Cjs,
            entry: "main.cjs".to_owned(),
            dir: self.path("case"),
            stdout: self.path("out"),
            stderr: self.path("err"),
            fixtures: BTreeMap::new(),
            args: vec!["argument".to_owned()],
            env: BTreeMap::from([("NAME".to_owned(), "value".to_owned())]),
            stdin: None,
            limits: Limits { deadline_ms: 2_000, output_bytes: 1 << 20, memory_bytes: 64 << 20 },
            policy: BTreeMap::new(),
            world: World::Simulated,
            seed: None,
            schedule: None,
        }
    }
}
