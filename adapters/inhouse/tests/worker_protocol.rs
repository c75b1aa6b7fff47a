//! `inhouse --worker` over its protocol: cases of all kinds one after another, and nothing of one seen in the next.

use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lockstep_protocol::{Case, Done, Ended, Goal, Hello, Limits, Reply, Request, VERSION, World, read_line, write_line};
use tempfile::TempDir;

struct Worker {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    last: u64,
}

impl Worker {
    fn start() -> Self {
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

    fn run(&mut self, case: Case) -> Done {
        self.last += 1;
        write_line(self.input.as_mut().expect("open"), &Request { id: self.last, case }).expect("the worker listens");
        let reply: Reply = read_line(&mut self.output).expect("a line").expect("a reply");
        assert_eq!(reply.id, self.last);
        reply.done
    }

    /// Runs a CommonJS program in a directory of its own.
    fn run_program(&mut self, program: &str) -> Done {
        let place = Place::new(program);
        self.run(place.case())
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

struct Place(TempDir);

impl Place {
    fn new(program: &str) -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        std::fs::create_dir(place.0.path().join("case")).expect("a directory");
        std::fs::write(place.0.path().join("case/main.cjs"), program).expect("a file");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn case(&self) -> Case {
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

#[test]
fn a_case_is_answered_with_its_events_and_end() {
    let mut worker = Worker::start();
    let done = worker.run_program("console.log(process.argv[2], process.env.NAME, Object.keys(process.env).length); console.error('e'); process.exitCode = 4");
    assert_eq!(
        done,
        Done {
            events: vec!["argument value 1".to_owned()],
            ended: Ended::Idle,
            code: 4,
            stderr: "e\n".to_owned(),
            missing: None,
            choices: Vec::new()
        }
    );
    let done = worker.run_program("console.log('a\\n\\nb'); process.exit(5)");
    assert_eq!((done.events, done.ended, done.code), (vec!["a".to_owned(), String::new(), "b".to_owned()], Ended::Exit, 5));
}

#[test]
fn every_kind_of_runaway_ends_at_its_limit_and_the_worker_goes_on() {
    let mut worker = Worker::start();
    for (program, ended) in [
        ("for (;;);", Ended::Deadline),
        ("setInterval(() => {}, 10)", Ended::Deadline),
        ("const next = () => process.nextTick(next); next()", Ended::Deadline),
        ("const next = () => { Promise.resolve().then(next) }; next()", Ended::Deadline),
        ("const next = () => setImmediate(next); next()", Ended::Deadline),
        ("/(a+)+$/.test('a'.repeat(40) + 'b')", Ended::Deadline),
        ("for (;;) console.log('x'.repeat(1000))", Ended::Flood),
        ("const kept = []; for (;;) kept.push(new Array(1000).fill(kept.length))", Ended::Memory),
        ("const w = new (require('worker_threads').Worker)('for (;;);', { eval: true })", Ended::Deadline),
    ] {
        assert_eq!(worker.run_program(program).ended, ended, "{program}");
    }
    let done = worker.run_program("const deep = () => deep(); try { deep() } catch (error) { console.log(error.name) }");
    assert_eq!(done.events, ["RangeError"]);
}

#[test]
fn nothing_of_a_case_is_seen_by_the_next() {
    let mut worker = Worker::start();
    let look = "
        const fs = require('fs');
        console.log(typeof globalThis.left, [].left, process.umask().toString(8), fs.openSync('main.cjs'), fs.readdirSync('.').join());";
    let before = worker.run_program(look);
    let messy = "
        globalThis.left = 1; Array.prototype.left = 1; process.umask(0); process.chdir('/'); process.on('exit', () => {});
        const fs = require('fs'); for (let i = 0; i < 20; i++) fs.openSync('/dev/null'); fs.closeSync(0); fs.closeSync(2);
        setInterval(() => {}, 1); new (require('worker_threads').Worker)('setInterval(() => {}, 1)', { eval: true });";
    assert_eq!(worker.run_program(messy).ended, Ended::Deadline);
    assert_eq!(worker.run_program(look), before);
}

#[test]
fn standard_input_is_the_cases() {
    let mut worker = Worker::start();
    let place = Place::new(
        "const fs = require('fs'); const text = fs.readFileSync(0); let sum = 0; for (const byte of text) sum += byte; console.log(text.length, sum)",
    );
    let mut case = place.case();
    case.stdin = Some("a".repeat(300_000));
    assert_eq!(worker.run(case).events, [format!("300000 {}", 300_000 * 97)]);
    let unread = Place::new("console.log('does not read')");
    let mut case = unread.case();
    case.stdin = Some("a".repeat(300_000));
    assert_eq!(worker.run(case).events, ["does not read"]);
}

#[test]
fn fifos_block_pool_threads_in_both_worlds() {
    let program = "
        const fs = require('fs');
        let open = 0;
        for (let i = 0; i < 4; i++) fs.open('gate' + i, 'r', (error, fd) => { console.log('opened', error); fs.closeSync(fd); });
        fs.stat('.', () => { console.log('stat'); });
        setTimeout(() => { console.log('the pool is full'); for (let i = 0; i < 4; i++) fs.closeSync(fs.openSync('gate' + i, 'w')); }, 20);";
    let mut worker = Worker::start();
    for world in [World::Simulated, World::Real] {
        let place = Place::new(program);
        for gate in 0..4 {
            let path = place.path(&format!("case/gate{gate}"));
            rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).expect("a FIFO");
        }
        let mut case = place.case();
        case.world = world;
        let done = worker.run(case);
        let mut events = done.events;
        assert_eq!(events.first().map(String::as_str), Some("the pool is full"), "{world:?}: {events:?} {}", done.stderr);
        events.sort();
        assert_eq!(events, ["opened null", "opened null", "opened null", "opened null", "stat", "the pool is full"], "{world:?}");
    }
    let place = Place::new("console.log('before'); require('fs').openSync('gate', 'r'); console.log('never')");
    let path = place.path("case/gate");
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).expect("a FIFO");
    let done = worker.run(place.case());
    assert_eq!((done.events, done.ended), (vec!["before".to_owned()], Ended::Deadline));
}

#[test]
fn a_policy_that_does_not_exist_is_missing() {
    let mut worker = Worker::start();
    let place = Place::new("console.log('never')");
    let mut case = place.case();
    case.policy.insert("no_such_field".to_owned(), "1".to_owned());
    let done = worker.run(case);
    assert_eq!((done.missing.as_deref(), done.events.len()), (Some("loop policy no_such_field=1"), 0));
    assert!(done.stderr.contains("timers_at"), "{}", done.stderr);
}

#[test]
fn a_broken_line_ends_the_worker_with_a_fault() {
    let mut worker = Worker::start();
    let input = worker.input.as_mut().expect("open");
    input.write_all(b"{\"id\":1}\n").expect("the worker listens");
    drop(worker.input.take());
    assert_eq!(worker.child.wait().expect("the worker is ours").code(), Some(70));
    std::mem::forget(worker);
}
