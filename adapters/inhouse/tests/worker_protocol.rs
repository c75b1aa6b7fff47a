//! `inhouse --worker` over its protocol: cases of all kinds one after another, and nothing of one seen in the next.

mod support;

use std::io::Write;

use lockstep_protocol::{Done, Ended, World};
use support::{Place, Worker};

/// Runs a CommonJS program in a directory of its own.
fn run_program(worker: &mut Worker, program: &str) -> Done {
    let place = Place::new(program);
    worker.run(place.case())
}

#[test]
fn a_case_is_answered_with_its_events_and_end() {
    let mut worker = Worker::start();
    let done = run_program(
        &mut worker,
        "console.log(process.argv[2], process.env.NAME, Object.keys(process.env).length); console.error('e'); process.exitCode = 4",
    );
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
    let done = run_program(&mut worker, "console.log('a\\n\\nb'); process.exit(5)");
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
        assert_eq!(run_program(&mut worker, program).ended, ended, "{program}");
    }
    let done = run_program(&mut worker, "const deep = () => deep(); try { deep() } catch (error) { console.log(error.name) }");
    assert_eq!(done.events, ["RangeError"]);
}

#[test]
fn nothing_of_a_case_is_seen_by_the_next() {
    let mut worker = Worker::start();
    let look = "
        const fs = require('fs');
        console.log(typeof globalThis.left, [].left, process.umask().toString(8), fs.openSync('main.cjs'), fs.readdirSync('.').join());";
    let before = run_program(&mut worker, look);
    let messy = "
        globalThis.left = 1; Array.prototype.left = 1; process.umask(0); process.chdir('/'); process.on('exit', () => {});
        const fs = require('fs'); for (let i = 0; i < 20; i++) fs.openSync('/dev/null'); fs.closeSync(0); fs.closeSync(2);
        setInterval(() => {}, 1); new (require('worker_threads').Worker)('setInterval(() => {}, 1)', { eval: true });";
    assert_eq!(run_program(&mut worker, messy).ended, Ended::Deadline);
    assert_eq!(run_program(&mut worker, look), before);
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

/// Resident bytes of a process.
fn resident(pid: u32) -> u64 {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).expect("a running process");
    let pages: u64 = statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
    pages * 4096
}

#[test]
fn a_finished_case_returns_what_it_took() {
    let mut worker = Worker::start();
    let programs = [
        "setTimeout(() => console.log('timer'), 5)",
        "require('stream').Readable.from(['a', 'b']).on('data', console.log)",
        "require('fs').stat('.', () => {}); new ReadableStream({ pull(c) { c.close(); } }).getReader().read()",
    ]
    .map(Place::new);
    let mut run = |cases: usize| {
        for index in 0..cases {
            worker.run(programs[index % programs.len()].case());
        }
        resident(worker.child.id())
    };
    let (warm, after) = (run(300), run(900));
    assert!(after <= warm + warm / 20, "{warm} bytes after 300 cases, {after} after 900 more");
}
