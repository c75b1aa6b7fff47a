//! Programs with processes, threads, pipes and signals on the command `inhouse`, in both worlds.

use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs `program`, a CommonJS file that may start itself again.
fn run(flags: &[&str], program: &str) -> Output {
    let place: TempDir = tempfile::tempdir().expect("a directory");
    std::fs::write(place.path().join("main.cjs"), program).expect("a file");
    Command::new(env!("CARGO_BIN_EXE_inhouse"))
        .args(flags)
        .arg("main.cjs")
        .current_dir(place.path())
        .output()
        .expect("the command starts")
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
}

/// Runs a program in both worlds; both must print `expected` and exit with 0.
#[track_caller]
fn expect(program: &str, expected: &[&str]) {
    for flags in [&["--virtual-time"][..], &[]] {
        let output = run(flags, program);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(lines(&output.stdout), expected, "{flags:?}: {stderr}");
        assert_eq!(output.status.code(), Some(0), "{flags:?}: {stderr}");
    }
}

#[test]
fn a_child_says_spawn_first_and_close_last() {
    let program = "
        const { spawn } = require('node:child_process');
        if (process.argv[2] === 'child') {
            process.stdin.on('end', () => { console.log(process.argv[3], process.env.WORD); process.exitCode = 3; }).resume();
        } else {
            const child = spawn(process.execPath, [__filename, 'child', 'argument'], { env: { ...process.env, WORD: 'word' } });
            let output = '';
            child.stdout.on('data', (chunk) => { output += chunk; }).on('end', () => console.log('end', output.trim()));
            child.on('spawn', () => { console.log('spawn'); child.stdin.end('input'); });
            child.on('close', (code, signal) => console.log('close', code, signal));
            process.nextTick(() => console.log('tick'));
            console.log(typeof child.pid, child.exitCode);
        }";
    expect(program, &["number null", "spawn", "tick", "end argument word", "close 3 null"]);
}

#[test]
fn a_child_and_its_parent_exchange_messages() {
    let program = "
        const { fork } = require('node:child_process');
        if (process.argv[2] === 'child') {
            process.on('message', (message) => {
                process.send({ echo: message });
                if (message === 'last') process.disconnect();
            });
        } else {
            const child = fork(__filename, ['child']);
            for (const event of ['message', 'disconnect', 'exit']) child.on(event, (value) => console.log(event, JSON.stringify(value)));
            console.log(child.send('first'), child.send('last'), child.connected);
            child.on('exit', () => child.send('late', (error) => console.log(error.code)));
        }";
    let expected = [
        "true true true",
        "message {\"echo\":\"first\"}",
        "message {\"echo\":\"last\"}",
        "disconnect undefined",
        "exit 0",
        "ERR_IPC_CHANNEL_CLOSED",
    ];
    expect(program, &expected);
}

#[test]
fn signals_end_a_child_unless_it_listens() {
    let program = "
        const { fork } = require('node:child_process');
        const mode = process.argv[2];
        if (mode !== undefined) {
            if (mode === 'listens') process.on('SIGTERM', (name, number) => process.exit(number + 100));
            setInterval(() => {}, 1000);
            process.send('ready');
        } else {
            const start = (mode, next) => {
                const child = fork(__filename, [mode]);
                child.on('message', () => console.log(mode, child.kill()));
                child.on('exit', (code, signal) => { console.log(code, signal, child.killed, child.kill()); next?.(); });
            };
            start('listens', () => start('does not'));
        }";
    expect(program, &["listens true", "115 null true false", "does not true", "null SIGTERM true false"]);
}

#[test]
fn a_signal_to_oneself_comes_after_the_ticks() {
    let program = "
        const hold = setInterval(() => {}, 1000);
        process.on('SIGUSR2', (name) => { console.log(name); clearInterval(hold); });
        console.log(process.kill(process.pid, 'SIGUSR2'));
        process.nextTick(() => console.log('tick'));
        Promise.resolve().then(() => console.log('promise'));
        for (const name of ['SIGNONE', 'SIGKILL']) {
            try { name === 'SIGNONE' ? process.kill(process.pid, name) : process.on(name, () => {}); } catch (error) { console.log(error.code); }
        }";
    expect(program, &["true", "ERR_UNKNOWN_SIGNAL", "EINVAL", "tick", "promise", "SIGUSR2"]);
}

#[test]
fn a_synchronous_child_stops_everything_else() {
    let program = "
        const { execFileSync, spawnSync } = require('node:child_process');
        const mode = process.argv[2];
        const self = (...args) => [process.execPath, [__filename, ...args]];
        if (mode === 'cat') process.stdin.pipe(process.stdout);
        else if (mode === 'fail') { console.log('partial'); console.error('reason'); process.exit(2); }
        else if (mode === 'sleep') setTimeout(() => {}, 100000);
        else if (mode === 'flood') process.stdout.write('x'.repeat(100000));
        else {
            setTimeout(() => console.log('timer'), 0);
            process.nextTick(() => console.log('tick'));
            console.log(execFileSync(...self('cat'), { input: 'piped', encoding: 'utf8' }));
            try { execFileSync(...self('fail'), { stdio: 'pipe' }); } catch (error) {
                console.log(error.status, error.stdout.toString().trim(), error.message.split('\\n')[1]);
            }
            const late = spawnSync(...self('sleep'), { timeout: 200 });
            console.log(late.error.code, late.signal, late.status);
            console.log(spawnSync(...self('flood'), { maxBuffer: 1000 }).error.code);
            console.log(spawnSync('/none').error.message);
        }";
    let expected = ["piped", "2 partial reason", "ETIMEDOUT SIGTERM null", "ENOBUFS", "spawnSync /none ENOENT", "tick", "timer"];
    expect(program, &expected);
}

#[test]
fn a_program_that_is_not_there_is_an_error_event_and_never_spawned() {
    let program = "
        const child = require('node:child_process').spawn('/none', ['argument']);
        for (const event of ['spawn', 'error', 'exit', 'close']) {
            child.on(event, (value) => console.log(event, value?.message ?? value, value?.spawnargs?.join()));
        }
        console.log(child.pid);";
    expect(program, &["undefined", "error spawn /none ENOENT argument", "close -2 undefined"]);
}

#[test]
fn a_foreign_program_takes_the_whole_program_to_the_real_world() {
    let program = "
        const child = require('node:child_process').execFile('sh', ['-c', 'cat; exit 4'], (error, stdout) => {
            console.log(error.code, stdout);
        });
        child.stdin.end('through a real pipe');";
    expect(program, &["4 through a real pipe"]);
    let late = run(&["--virtual-time"], "console.log('printed'); require('node:child_process').spawn('sh');");
    assert_eq!(late.status.code(), Some(124));
    assert!(String::from_utf8_lossy(&late.stderr).contains("real world"), "what is printed cannot be taken back");
}

#[test]
fn a_child_that_is_not_read_waits_and_an_unread_writer_is_told() {
    let program = "
        const { spawn } = require('node:child_process');
        if (process.argv[2] === 'writes') {
            process.stdout.write('x'.repeat(1000000));
        } else if (process.argv[2] === 'sleeps') {
            setTimeout(() => process.exit(), 200);
        } else {
            const writer = spawn(process.execPath, [__filename, 'writes']);
            let exited = false;
            writer.on('exit', () => { exited = true; });
            const sleeper = spawn(process.execPath, [__filename, 'sleeps']);
            sleeper.stdin.on('error', () => {}).on('drain', () => console.log('drain'));
            console.log(sleeper.stdin.write('x'.repeat(1000000)));
            setTimeout(() => {
                console.log(exited);
                let length = 0;
                writer.stdout.on('data', (chunk) => { length += chunk.length; });
                writer.on('close', () => console.log(length));
            }, 100);
        }";
    expect(program, &["false", "false", "1000000"]);
}

#[test]
fn what_a_worker_prints_comes_through_its_parent() {
    let program = "
        const { Worker, isMainThread, parentPort, threadName, workerData } = require('node:worker_threads');
        if (isMainThread) {
            const worker = new Worker(__filename, { name: 'bob', stdin: true, stdout: true, workerData: { deep: [1n] } });
            let output = '';
            worker.stdout.on('data', (chunk) => { output += chunk; }).on('end', () => console.log(output));
            worker.on('exit', (code) => console.log('exit', code, worker.threadId));
            worker.stdin.end('input');
        } else {
            console.log(threadName, workerData.deep[0]);
            process.stdin.on('data', (chunk) => process.stdout.write(chunk)).on('end', () => process.exit(5));
        }";
    expect(program, &["exit 5 -1", "bob 1n", "input"]);
}

#[test]
fn broadcasts_and_notifications_reach_other_threads() {
    let program = "
        const { Worker, isMainThread, workerData } = require('node:worker_threads');
        const channel = new BroadcastChannel('all');
        if (isMainThread) {
            const cells = new Int32Array(new SharedArrayBuffer(8));
            console.log(Atomics.waitAsync(cells, 0, 1).value, Atomics.waitAsync(cells, 0, 0, 0).value);
            Atomics.waitAsync(cells, 0, 0).value.then((value) => { console.log('wait', value, cells[1]); });
            Atomics.waitAsync(cells, 1, 0, 5).value.then((value) => console.log(value));
            channel.onmessage = ({ data }) => { console.log(data); channel.close(); };
            setTimeout(() => new Worker(__filename, { workerData: cells }), 50);
        } else {
            workerData[1] = 7;
            Atomics.notify(workerData, 0);
            channel.postMessage('hello');
            channel.close();
        }";
    expect(program, &["not-equal timed-out", "timed-out", "wait ok 7", "hello"]);
}

#[test]
fn a_seed_repeats_a_program_of_several_processes() {
    let program = "
        const { fork } = require('node:child_process');
        if (process.argv[2] !== undefined) {
            const start = Date.now();
            setTimeout(() => process.send([process.argv[2], Date.now() - start, Math.random()]), 3);
        } else {
            for (const name of ['a', 'b', 'c']) fork(__filename, [name]).on('message', (message) => console.log(message.join()));
        }";
    let trace = |seed| run(&["--virtual-time", "--seed", seed], program).stdout;
    assert_eq!(lines(&trace("1")).len(), 3);
    assert_eq!(trace("1"), trace("1"));
}
