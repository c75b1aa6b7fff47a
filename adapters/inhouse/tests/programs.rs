//! Whole programs on the command `inhouse`, in both worlds: what they print, where, and how they end.

use std::process::{Command, Output};

use tempfile::TempDir;

/// A directory with files, in which programs run.
struct Place(TempDir);

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        for (name, text) in files {
            std::fs::write(place.0.path().join(name), text).expect("a file");
        }
        place
    }

    fn run(&self, flags: &[&str], entry: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_inhouse"))
            .args(flags)
            .arg(entry)
            .current_dir(self.0.path())
            .output()
            .expect("the command starts")
    }
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
}

/// Runs a program in both worlds; both must print `expected` and exit with `code`. Returns standard error of the real one.
#[track_caller]
fn expect(entry: &str, files: &[(&str, &str)], expected: &[&str], code: i32) -> String {
    let place = Place::new(files);
    let mut stderr = String::new();
    for flags in [&["--virtual-time"][..], &[]] {
        let output = place.run(flags, entry);
        stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(lines(&output.stdout), expected, "{flags:?}: {stderr}");
        assert_eq!(output.status.code(), Some(code), "{flags:?}: {stderr}");
    }
    stderr
}

#[track_caller]
fn expect_cjs(program: &str, expected: &[&str]) {
    expect("main.cjs", &[("main.cjs", program)], expected, 0);
}

#[test]
fn ticks_precede_promise_jobs_in_commonjs() {
    let program = "
        setImmediate(() => console.log('immediate'));
        Promise.resolve().then(() => { console.log('promise'); process.nextTick(() => console.log('tick of the promise')); });
        queueMicrotask(() => console.log('microtask'));
        process.nextTick(() => console.log('tick'));
        console.log('sync');";
    expect_cjs(program, &["sync", "tick", "promise", "microtask", "tick of the promise", "immediate"]);
}

#[test]
fn promise_jobs_precede_ticks_in_a_modules_body() {
    let program = "
        process.nextTick(() => console.log('tick'));
        Promise.resolve().then(() => console.log('promise'));
        console.log('sync');
        await 0;
        console.log('after await');";
    expect("main.mjs", &[("main.mjs", program)], &["sync", "promise", "after await", "tick"], 0);
}

#[test]
fn a_classic_script_has_no_module_wrapper() {
    let place = Place::new(&[(
        "main.js",
        "console.log(typeof require, this === globalThis); var seen = 1; console.log(globalThis.seen)",
    )]);
    let output = place.run(&["--goal", "script"], "main.js");
    assert_eq!(lines(&output.stdout), ["undefined true", "1"]);
}

#[test]
fn timers_have_their_objects() {
    let program = "
        const late = setTimeout(() => console.log('never'), 1);
        console.log(late.hasRef(), late.unref().hasRef(), typeof +late);
        clearTimeout(late);
        let ticks = 0;
        const interval = setInterval(() => { if (++ticks === 3) { clearInterval(interval); console.log('three'); } }, 1);
        let rounds = 0;
        const again = setTimeout(() => { if (++rounds < 4) again.refresh(); else console.log('refreshed'); }, 2);
        setTimeout((...args) => console.log(args.join()), 60, 'a', 'b');
        setTimeout(() => { throw new Error('unreferenced timers do not hold the loop') }, 1e6).unref();";
    let files = [("main.cjs", program)];
    let place = Place::new(&files);
    for flags in [&["--virtual-time"][..], &[]] {
        let output = place.run(flags, "main.cjs");
        let printed = lines(&output.stdout);
        assert_eq!(printed[0], "true false number");
        assert!(printed.contains(&"three".to_owned()) && printed.contains(&"refreshed".to_owned()), "{printed:?}");
        assert!(printed.contains(&"a,b".to_owned()) && output.status.success(), "{printed:?}");
    }
}

#[test]
fn what_only_looks_like_an_immediate_cancels_none() {
    let program = "
        const real = setImmediate(() => console.log('ran'));
        const forged = Object.create(Object.getPrototypeOf(real));
        for (const other of [forged, {}, 5, null, undefined, real.constructor.prototype]) clearImmediate(other);
        console.log(forged.unref() === forged, real.hasRef());
        const cleared = setImmediate(() => console.log('must not run'));
        clearImmediate(cleared);
        clearImmediate(cleared);
        console.log(cleared.hasRef());";
    expect_cjs(program, &["true true", "false", "ran"]);
}

#[test]
fn uncaught_errors_end_the_program_with_code_1_after_an_exit_event() {
    let program = "
        process.on('exit', (code) => console.log('exit', code));
        process.nextTick(() => console.log('never'));
        setTimeout(() => console.log('never'), 1);
        throw new TypeError('wrong');";
    let stderr = expect("main.cjs", &[("main.cjs", program)], &["exit 1"], 1);
    assert!(stderr.contains("TypeError: wrong") && stderr.contains("main.cjs:5"), "{stderr}");
}

#[test]
fn an_error_in_an_exit_listener_can_be_handled_too() {
    let program = "
        process.on('uncaughtException', (error) => console.log('handled', error.message));
        process.on('exit', () => { process.exitCode = 3; throw new Error('late'); });
        process.on('exit', () => console.log('never'));";
    expect("main.cjs", &[("main.cjs", program)], &["handled late"], 3);
    let program = "process.on('exit', () => { process.exitCode = 5; throw new Error('late'); });";
    let stderr = expect("main.cjs", &[("main.cjs", program)], &[], 5);
    assert!(stderr.contains("Error: late"), "{stderr}");
}

#[test]
fn a_handled_error_lets_the_program_go_on() {
    let program = "
        process.on('uncaughtException', (error, origin) => console.log(origin, error.message));
        process.nextTick(() => { console.log('tick 1'); throw new Error('tick'); });
        process.nextTick(() => console.log('tick 2'));
        queueMicrotask(() => { throw new Error('microtask') });
        queueMicrotask(() => console.log('microtask 2'));
        setTimeout(() => { console.log('timer'); Promise.reject(new Error('promise')); }, 1);
        throw new Error('main');";
    let expected = [
        "uncaughtException main",
        "tick 1",
        "uncaughtException tick",
        "timer",
        "tick 2",
        "uncaughtException microtask",
        "microtask 2",
        "unhandledRejection promise",
    ];
    let place = Place::new(&[("main.cjs", program)]);
    // Whether the timer is due before the check phase that runs the rest of the queue is the clock's business.
    let mut printed = lines(&place.run(&["--virtual-time"], "main.cjs").stdout);
    let mut wanted = expected.map(str::to_owned).to_vec();
    printed.retain(|line| line != "timer");
    wanted.retain(|line| line != "timer");
    assert_eq!(printed, wanted);
}

#[test]
fn rejections_are_judged_when_the_queues_are_empty() {
    let program = "
        process.on('unhandledRejection', (reason) => console.log('unhandled', reason.message));
        process.on('rejectionHandled', () => console.log('handled late'));
        const promise = Promise.reject(new Error('a'));
        const early = Promise.reject(new Error('b'));
        queueMicrotask(() => early.catch(() => console.log('in time')));
        process.nextTick(() => console.log('tick'));
        setTimeout(() => promise.catch(() => console.log('caught')), 5);";
    expect_cjs(program, &["tick", "in time", "unhandled a", "caught", "handled late"]);
}

#[test]
fn exits_are_final() {
    let program = "
        process.on('exit', (code) => console.log('exit', code));
        (async () => { try { await null; process.exit(3); } catch { console.log('never') } finally { console.log('never') } })();
        setTimeout(() => console.log('never'), 1);";
    expect("main.cjs", &[("main.cjs", program)], &["exit 3"], 3);
    let pending = "process.on('exit', (code) => console.log('exit', code)); await new Promise(() => {});";
    let stderr = expect("main.mjs", &[("main.mjs", pending)], &["exit 13"], 13);
    assert!(stderr.contains("top-level await"), "{stderr}");
    let again = "let n = 0; process.on('beforeExit', () => { if (n++ < 2) setTimeout(() => console.log('again'), 1) });";
    expect_cjs(again, &["again", "again"]);
}

#[test]
fn modules_of_all_kinds_find_each_other() {
    let files = [
        ("main.mjs", "import fs, { readFileSync } from 'node:fs'; import cjs, { named } from './cjs.cjs'; import data from './data.json' with { type: 'json' };
            import * as self from './main.mjs'; export const own = 1;
            console.log(fs.readFileSync === readFileSync, cjs.named === named, named, data.value, self.own);
            const late = await import('./esm.mjs'); console.log(late.value, import.meta.filename.endsWith('main.mjs'), import.meta.main);
            await import('./none.mjs').catch((error) => console.log(error.code));
            await import('node:none').catch((error) => console.log(error.code));"),
        ("cjs.cjs", "exports.named = require('./data.json').value + require('./esm.mjs').value; console.log(require.main === undefined);"),
        ("esm.mjs", "export const value = 40;"),
        ("data.json", "{ \"value\": 2 }"),
    ];
    expect(
        "main.mjs",
        &files,
        &["true", "true true 42 2 1", "40 true true", "ERR_MODULE_NOT_FOUND", "ERR_UNKNOWN_BUILTIN_MODULE"],
        0,
    );
    let required = [
        ("main.cjs", "try { require('./tla.mjs') } catch (error) { console.log(error.code) } try { require('./no') } catch (error) { console.log(error.code) }
            console.log(require.main === module, require('./a').b.done)"),
        ("tla.mjs", "await 0;"),
        ("a.js", "exports.b = require('./b'); exports.late = true;"),
        ("b.js", "exports.done = require('./a').late === undefined;"),
    ];
    expect("main.cjs", &required, &["ERR_REQUIRE_ASYNC_MODULE", "MODULE_NOT_FOUND", "true true"], 0);
}

#[test]
fn files_are_read_written_and_reported() {
    let program = "
        const fs = require('node:fs');
        fs.writeFileSync('a', 'one'); fs.appendFileSync('a', ' two');
        console.log(fs.readFileSync('a', 'utf8'), fs.existsSync('b'), fs.statSync('a').size);
        try { fs.readFileSync('b') } catch (error) { console.log(error.code, error.errno, error.syscall, error.path, error.message) }
        fs.readFile('a', 'utf8', (error, text) => {
            console.log(error, text);
            fs.promises.readFile('b').catch((error) => console.log(error.message));
        });
        process.nextTick(() => console.log('tick'));";
    let missing = "ENOENT: no such file or directory, open 'b'";
    let reported = format!("ENOENT -2 open b {missing}");
    expect_cjs(program, &["one two false 7", &reported, "tick", "null one two", missing]);
}

#[test]
fn workers_run_on_loops_of_their_own() {
    let program = "
        const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
        if (isMainThread) {
            const memory = new Int32Array(new SharedArrayBuffer(4));
            const worker = new Worker(__filename, { workerData: memory });
            worker.on('message', (message) => {
                console.log(message);
                if (message === 'waits') setTimeout(() => { memory[0] = 7; Atomics.notify(memory, 0); }, 5);
            });
            worker.on('error', (error) => console.log('error', error.message));
            worker.on('exit', (code) => console.log('exit', code));
            worker.postMessage('ping');
        } else {
            parentPort.once('message', (message) => {
                parentPort.postMessage(message + ' pong');
                parentPort.postMessage('waits');
                parentPort.postMessage(Atomics.wait(workerData, 0, 0) + ' ' + workerData[0]);
                throw new Error('at last');
            });
        }";
    expect_cjs(program, &["ping pong", "waits", "ok 7", "error at last", "exit 1"]);
}

#[test]
fn virtual_time_costs_nothing_and_is_seen_everywhere() {
    let program = "
        const start = [Date.now(), performance.now(), process.hrtime()[0]];
        setTimeout(() => {
            const passed = [Date.now() - start[0], performance.now() - start[1], (process.hrtime()[0] - start[2]) * 1000];
            console.log(passed.every((millis) => millis >= 86_399_000 && millis < 86_401_000));
            console.log(Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_600_000));
            const until = Date.now() + 1000;
            while (Date.now() < until);
            console.log('a busy wait ends');
        }, 86_400_000);";
    let place = Place::new(&[("main.cjs", program)]);
    let output = place.run(&["--virtual-time"], "main.cjs");
    assert_eq!(lines(&output.stdout), ["true", "timed-out", "a busy wait ends"]);
}

#[test]
fn a_seed_repeats_itself_to_the_byte() {
    let program = "
        const fs = require('node:fs');
        for (const name of ['a', 'b', 'c', 'd', 'e']) fs.stat('.', () => console.log(name, Math.random(), Date.now()));
        setTimeout(() => console.log('timeout'), 0);
        setImmediate(() => console.log('immediate'));";
    let place = Place::new(&[("main.cjs", program)]);
    let run = |seed: &str| place.run(&["--virtual-time", "--seed", seed], "main.cjs").stdout;
    let traces: std::collections::BTreeSet<_> = (0..12).map(|seed| run(&seed.to_string())).collect();
    assert!(traces.len() > 1, "seeds make no difference");
    assert_eq!(run("5"), run("5"));
}

#[test]
fn a_policy_changes_one_rule() {
    let program = "
        for (const name of ['a', 'b']) setImmediate(() => { console.log(name); process.nextTick(() => console.log('tick of ' + name)); });";
    let place = Place::new(&[("main.cjs", program)]);
    assert_eq!(lines(&place.run(&[], "main.cjs").stdout), ["a", "tick of a", "b", "tick of b"]);
    assert_eq!(lines(&place.run(&["--policy", "drain=phase"], "main.cjs").stdout), ["a", "b", "tick of a", "tick of b"]);
    assert_eq!(lines(&place.run(&["--rules", "node_10"], "main.cjs").stdout), ["a", "b", "tick of a", "tick of b"]);
}

#[test]
fn what_can_never_happen_is_said_so() {
    let place = Place::new(&[(
        "main.cjs",
        "console.log('before'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); console.log('never')",
    )]);
    let output = place.run(&["--virtual-time"], "main.cjs");
    assert_eq!((lines(&output.stdout), output.status.code()), (vec!["before".to_owned()], Some(124)));
    assert!(String::from_utf8_lossy(&output.stderr).contains("can never come"));
}

#[test]
fn the_engines_faults_are_repaired() {
    let generators = "
        async function* one() { yield 1; }
        const generator = one();
        const show = (label) => (result) => console.log(label, JSON.stringify(result));
        for (const label of ['a', 'b', 'c']) generator.next().then(show(label));
        generator.return('r').then(show('return'));
        generator.throw(new Error('t')).catch((error) => console.log('throw', error.message));
        generator.next().then(show('d'));
        setTimeout(() => generator.next().then(show('later')), 1);";
    let done = "{\"done\":true}";
    let expected = [
        "a {\"value\":1,\"done\":false}",
        &format!("b {done}"),
        &format!("c {done}"),
        "return {\"value\":\"r\",\"done\":true}",
        "throw t",
        &format!("d {done}"),
        &format!("later {done}"),
    ];
    expect_cjs(generators, &expected);
    let references = "
        const reference = (() => new WeakRef({}))();
        console.log(reference.deref() !== undefined, reference instanceof WeakRef);
        Promise.resolve().then(() => console.log(reference.deref() !== undefined));";
    expect_cjs(references, &["true true", "true"]);
    // ECMA-262: an element of a sync iterator is awaited twice over, an array-like's once.
    let from_async = "
        const order = [];
        Array.fromAsync([1]).then(() => order.push('array'));
        Array.fromAsync({ length: 1, 0: 1 }).then(() => order.push('array-like'));
        setTimeout(() => console.log(order.join()), 1);";
    expect_cjs(from_async, &["array-like,array"]);
}

#[test]
fn usage_errors_have_code_2_and_say_what_is_allowed() {
    let place = Place::new(&[]);
    let output = place.run(&["--policy", "drain=never"], "main.cjs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`callback` or `phase`"));
    let missing = place.run(&[], "none.cjs");
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("Cannot find module"));
}
