//! Exploration over the worker protocol: the reductions lose no trace, way 0 is the default schedule, and schedules repeat to the byte.

mod support;

use std::collections::BTreeSet;

use inhouse::explore::{Frontier, Met, Prefix};
use lockstep_protocol::{Case, Done, Search};
use support::{Place, Worker};

/// More schedules than any program here has.
const MOST: usize = 60_000;

fn run(worker: &mut Worker, case: Case) -> Done {
    let (stdout, stderr) = (case.stdout.clone(), case.stderr.clone());
    let done = worker.run(case);
    for file in [stdout, stderr] {
        std::fs::remove_file(file).expect("the worker wrote it");
    }
    done
}

/// All traces of a program, and how many schedules it took to find them.
fn explore(worker: &mut Worker, place: &Place, slack_ms: u64, reduced: bool) -> (BTreeSet<Vec<String>>, usize) {
    let (mut frontier, mut traces, mut schedules) = (Frontier::new(), BTreeSet::new(), 0);
    while let Some(prefix) = frontier.take(1).pop() {
        let Prefix { ways, .. } = &prefix;
        let case = Case { schedule: Some(Search { ways: ways.clone(), slack_ms, reduced }), ..place.case() };
        let done = run(worker, case);
        let met: Vec<Met> = done.choices.iter().map(|choice| Met { ways: choice.ways, taken: choice.taken }).collect();
        assert!(met.iter().zip(ways).all(|(met, way)| met.taken == *way), "the prefix is taken");
        frontier.found(&prefix, &met);
        traces.insert(done.events);
        schedules += 1;
        assert!(schedules < MOST, "too many schedules; {} traces", traces.len());
    }
    (traces, schedules)
}

/// A program with what one is to find: the number of its traces.
const PROGRAMS: &[(&str, &str, u64, usize)] = &[
    ("a timer and an immediate", "setTimeout(() => console.log('t'), 1); setImmediate(() => console.log('i'));", 2, 2),
    (
        "timers whose order depends on the time between their insertions",
        "setTimeout(() => console.log('2'), 2); setTimeout(() => console.log('1'), 1);",
        2,
        2,
    ),
    (
        "jobs in flight",
        "const fs = require('fs'); for (const name of ['a', 'b', 'c']) fs.stat('.', () => console.log(name));",
        0,
        6,
    ),
    (
        "a job, an immediate and a tick",
        "const fs = require('fs');
         fs.stat('.', () => { console.log('job'); process.nextTick(() => console.log('tick')); });
         fs.stat('main.cjs', () => console.log('other job'));
         setImmediate(() => console.log('immediate'));",
        0,
        6,
    ),
    (
        "jobs that the program cannot tell apart",
        "const fs = require('fs'); let n = 0; const done = () => console.log(++n);
         for (let i = 0; i < 3; i++) fs.stat('.', done);
         fs.stat('main.cjs', () => console.log('other'));",
        0,
        4,
    ),
    (
        "a job against a timer",
        "const fs = require('fs'); fs.stat('.', () => console.log('job')); setTimeout(() => console.log('timer'), 2);",
        2,
        2,
    ),
    (
        "a worker's message against an immediate",
        "const { Worker } = require('worker_threads');
         const w = new Worker('require(\"worker_threads\").parentPort.postMessage(1)', { eval: true });
         w.on('message', () => console.log('message'));
         setImmediate(() => console.log('immediate'));",
        0,
        2,
    ),
];

/// Programs one part of which goes on until another has had its turn. They have more schedules than anybody could run.
const BUSY: &[(&str, &str)] = &[
    (
        "a worker that sends until it is told",
        "const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
         if (isMainThread) {
           const cells = new Int32Array(new SharedArrayBuffer(8));
           const worker = new Worker(__filename, { workerData: cells });
           worker.on('message', () => Atomics.add(cells, 1, 1));
           worker.once('message', () => setTimeout(() => { console.log('timer'); Atomics.store(cells, 0, 1); }, 2));
           worker.on('exit', () => console.log('exit'));
         } else {
           for (let sent = 0; Atomics.load(workerData, 0) === 0;) {
             if (sent - Atomics.load(workerData, 1) < 100) { parentPort.postMessage(sent); sent += 1; }
           }
         }",
    ),
    (
        "a process that writes until it is killed",
        "if (process.argv[2] !== 'write') {
           const child = require('child_process').spawn(process.execPath, [__filename, 'write'], { stdio: ['ignore', 'pipe', 'inherit'] });
           let fired = false;
           child.stdout.once('data', () => setTimeout(() => { fired = true; console.log('timer'); }, 2));
           child.stdout.on('data', () => { if (fired) child.kill('SIGKILL'); });
           child.on('close', (code, signal) => console.log(signal));
         } else {
           (function write() { while (process.stdout.write('x'.repeat(10000))); process.stdout.once('drain', write); })();
         }",
    ),
];

#[test]
fn the_reductions_lose_no_trace_and_find_no_other() {
    let mut worker = Worker::start();
    for (name, program, slack, expected) in PROGRAMS {
        let place = Place::new(program);
        let (traces, few) = explore(&mut worker, &place, *slack, true);
        let (all, many) = explore(&mut worker, &place, *slack, false);
        assert_eq!(traces, all, "{name}");
        assert_eq!(traces.len(), *expected, "{name}: {traces:?}");
        assert!(few <= many, "{name}: {few} schedules with the reductions, {many} without");
    }
}

#[test]
fn invisible_hops_need_no_schedules_of_their_own() {
    let mut worker = Worker::start();
    let program = "const fs = require('fs'); for (const name of ['a', 'b']) fs.readFile('main.cjs', () => console.log(name));";
    let place = Place::new(program);
    let four_hops = |mut case: Case| {
        case.policy.insert("read_file_hops".to_owned(), "4".to_owned());
        case
    };
    let mut count = |reduced| {
        let (mut frontier, mut traces, mut schedules) = (Frontier::new(), BTreeSet::new(), 0);
        while let Some(prefix) = frontier.take(1).pop() {
            let search = Search { ways: prefix.ways.clone(), slack_ms: 0, reduced };
            let done = run(&mut worker, four_hops(Case { schedule: Some(search), ..place.case() }));
            let met: Vec<Met> = done.choices.iter().map(|choice| Met { ways: choice.ways, taken: choice.taken }).collect();
            frontier.found(&prefix, &met);
            traces.insert(done.events);
            schedules += 1;
            assert!(schedules < MOST, "too many schedules");
        }
        (traces, schedules)
    };
    let ((traces, few), (all, many)) = (count(true), count(false));
    assert_eq!(traces, all);
    assert_eq!(traces.len(), 2, "{traces:?}");
    assert!(few * 4 < many, "{few} schedules with the reductions, {many} without");
}

#[test]
fn way_0_is_what_the_default_schedule_does() {
    let mut worker = Worker::start();
    let small = PROGRAMS.iter().map(|&(name, program, slack_ms, _)| (name, program, slack_ms));
    for (name, program, slack_ms) in small.chain(BUSY.iter().map(|&(name, program)| (name, program, 20))) {
        let place = Place::new(program);
        let default = run(&mut worker, place.case());
        let search = Search { ways: Vec::new(), slack_ms, reduced: true };
        let first = run(&mut worker, Case { schedule: Some(search), ..place.case() });
        assert_eq!((first.events, first.code), (default.events, default.code), "{name}");
        assert_eq!(first.code, 0, "{name}");
        assert!(default.choices.is_empty(), "{name}: the default schedule records nothing");
    }
}

#[test]
fn a_schedule_and_a_seed_repeat_to_the_byte() {
    let mut worker = Worker::start();
    let (_, program, ..) = PROGRAMS.last().expect("one with a worker");
    let place = Place::new(program);
    for seed in [None, Some(7), Some(8)] {
        let case = || {
            let search = Search { ways: vec![1], slack_ms: 20, reduced: true };
            Case { schedule: Some(search), seed, ..place.case() }
        };
        let first = run(&mut worker, case());
        for _ in 0..20 {
            assert_eq!(run(&mut worker, case()), first, "{seed:?}");
        }
    }
}
