//! The process module against programs that misbehave. After each of them nothing is left: no process, no file.
//!
//! Whatever is counted is counted in `/proc` by a variable in the environment that only this test's launches have, or by the pids that
//! fixtures wrote down. Deadlines are generous where a program has to get somewhere first, and no time is asserted but "not before".

#![cfg(target_os = "linux")]

#[path = "fixtures/hostile/locate.rs"]
mod locate;

use std::{
    fs,
    io::{BufRead, BufReader},
    os::{
        fd::AsFd,
        unix::{fs::PermissionsExt, process::ExitStatusExt},
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use locate::hostile;
use lockstep::{
    process::{
        Bounds, CaseDir, Channel, Finished, Heard, Interrupt, Launch, LaunchError, Limits, TAG_VARIABLE, TempDirs, Worker, run,
    },
    trace::Ended,
};
use lockstep_protocol as protocol;

/// Long enough for anything that ends by itself.
const PLENTY: Duration = Duration::from_secs(120);

/// Long enough for a fixture to start and get where it hangs.
const SOON: Duration = Duration::from_secs(3);

/// A private place for one test, and the mark of everything it starts.
struct Place {
    mark: String,
    launches: AtomicU64,
    outside: tempfile::TempDir,
    // Removed in this order.
    case: CaseDir,
    dirs: TempDirs,
    base: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let base = tempfile::tempdir().expect("a directory");
        let dirs = TempDirs::new_in(base.path()).expect("a root");
        let mark = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let outside = tempfile::tempdir().expect("a directory");
        Self { mark, launches: AtomicU64::new(0), outside, case: dirs.case_dir().expect("a directory"), dirs, base }
    }

    fn env(&self) -> Vec<(String, String)> {
        vec![("HOSTILE_TEST".to_owned(), self.mark.clone())]
    }

    /// A path outside the launch's directory.
    fn file(&self, name: &str) -> PathBuf {
        self.outside.path().join(name)
    }

    fn launch(&self, program: &Path, args: &[&str]) -> Launch {
        let number = self.launches.fetch_add(1, Ordering::Relaxed);
        Launch {
            program: program.to_owned(),
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
            dir: self.case.path().to_owned(),
            env: self.env(),
            stdin: None,
            stdout: self.dirs.root().join(format!("stdout-{number}")),
            stderr: self.dirs.root().join(format!("stderr-{number}")),
        }
    }

    fn hostile(&self, args: &[&str]) -> Launch {
        self.launch(hostile(), args)
    }

    fn run_with(&self, args: &[&str], limits: &Limits) -> Finished {
        let finished = run(&self.hostile(args), limits, &never()).expect("a program that can be started");
        assert_eq!(self.alive(), Vec::<String>::new(), "left behind by {args:?}");
        finished
    }

    fn run(&self, args: &[&str]) -> Finished {
        self.run_with(args, &Limits::with_deadline(PLENTY))
    }

    /// Living processes that this test's launches started.
    fn alive(&self) -> Vec<String> {
        alive(&self.mark)
    }

    /// Ends the test: with its owners, everything temporary goes.
    fn close(self) {
        let Self { case, dirs, base, mark, .. } = self;
        let root = dirs.root().to_owned();
        drop((case, dirs));
        assert!(!root.exists(), "temporary files are left");
        assert_eq!(fs::read_dir(base.path()).expect("a directory").count(), 0);
        assert_eq!(alive(&mark), Vec::<String>::new());
    }
}

/// Living processes whose environment holds the mark; a zombie has no environment.
fn alive(mark: &str) -> Vec<String> {
    let wanted = format!("HOSTILE_TEST={mark}\0");
    let holds = |pid: &str| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.windows(wanted.len()).any(|window| window == wanted.as_bytes())
    };
    pids().into_iter().filter(|pid| holds(pid)).collect()
}

fn pids() -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("procfs").map(|entry| entry.expect("an entry").file_name());
    let names = entries.map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).collect()
}

fn never() -> Interrupt {
    Interrupt::new().expect("a descriptor")
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("the fixture prints ASCII here")
}

/// Whether the process that wrote its pid to `path` is gone altogether, not even waiting to be reaped.
fn is_gone(path: &Path) -> bool {
    !Path::new("/proc").join(fs::read_to_string(path).expect("a pid")).exists()
}

fn wait_until(what: &str, mut reached: impl FnMut() -> bool) {
    // Only a hang ends up here: five minutes.
    for _ in 0..60_000 {
        if reached() {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("never reached: {what}");
}

#[test]
fn a_program_that_behaves_is_only_watched() {
    let place = Place::new();
    let finished = place.run(&["exit", "7"]);
    assert_eq!(finished.ended, Ended::Code(7));
    assert_eq!((text(&finished.stdout), text(&finished.stderr)), ("leaving\n", ""));
    assert_eq!(finished.left_behind, 0);

    let finished = place.run(&["silent"]);
    assert_eq!((finished.ended, finished.stdout), (Ended::Code(0), Vec::new()));
    place.close();
}

#[test]
fn output_is_kept_byte_by_byte() {
    let place = Place::new();
    assert_eq!(place.run(&["no-newline"]).stdout, b"half a line");
    assert_eq!(place.run(&["bytes"]).stdout, b"a\xff\xfeb\n\0\n\x1b[2J\x1b]0;t\x07\nend\r\n");
    place.close();
}

#[test]
fn a_program_that_hangs_is_killed_at_its_deadline_and_keeps_what_it_said() {
    let place = Place::new();
    for mode in ["hang", "ignore-term"] {
        let finished = place.run_with(&[mode], &Limits::with_deadline(SOON));
        assert_eq!(finished.ended, Ended::Deadline, "{mode}");
        assert_eq!(text(&finished.stdout), "started\n", "{mode}");
        assert!(finished.elapsed >= SOON, "{mode} was killed after {:?}", finished.elapsed);
        assert_eq!(finished.left_behind, 0, "{mode}");
    }
    place.close();
}

#[test]
fn a_grandchild_dies_with_its_family() {
    let place = Place::new();
    let pid = place.file("pid");
    let finished = place.run_with(&["family", pid.to_str().expect("text")], &Limits::with_deadline(SOON));
    assert_eq!((finished.ended, finished.left_behind), (Ended::Deadline, 1));
    assert!(is_gone(&pid));
    place.close();
}

#[test]
fn what_outlives_its_parent_is_swept() {
    // In the session still, out of it, without the tag, and nobody's child from the start.
    for mode in ["leave", "escape", "hide", "vanish"] {
        let place = Place::new();
        let pid = place.file("pid");
        let finished = place.run(&[mode, pid.to_str().expect("text")]);
        assert_eq!((finished.ended, finished.left_behind), (Ended::Code(0), 1), "{mode}");
        assert!(is_gone(&pid), "{mode}");
        place.close();
    }
}

#[test]
fn a_relay_of_processes_is_caught_up_with() {
    for mode in ["relay", "escaping-relay"] {
        let place = Place::new();
        let finished = place.run(&[mode]);
        assert_eq!(finished.ended, Ended::Code(0), "{mode}");
        place.close();
    }
}

#[test]
fn an_orphan_that_died_unseen_is_reaped_too() {
    let place = Place::new();
    let pid = place.file("pid");
    place.run(&["orphan-dies", pid.to_str().expect("text")]);
    // A sweep leaves strangers alone while another launch starts, and tests run side by side.
    let reaped = (0..200).any(|_| {
        place.run(&["silent"]);
        is_gone(&pid)
    });
    assert!(reaped, "it is still a zombie");
    place.close();
}

/// In a container the leader of the session may be outside the PID namespace, and has no pid there.
#[test]
fn orphans_are_reaped_too_where_the_session_has_no_leader() {
    let unshare = |program: &Path| {
        let mut command = Command::new("unshare");
        // Without the new user only a superuser may do it, with it only where the system lets users have namespaces.
        command.args(["--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"]).arg(program);
        command
    };
    if !unshare(Path::new("true")).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("left out: this system lets nobody make a PID namespace");
        return;
    }
    let this = std::env::current_exe().expect("a path");
    let status = unshare(&this).args(["--exact", "an_orphan_that_died_unseen_is_reaped_too"]).status().expect("a program");
    assert!(status.success());
}

#[test]
fn a_sweep_does_not_touch_another_launch() {
    let (place, neighbour) = (Place::new(), Place::new());
    let kin = neighbour.file("kin");
    let kin = kin.to_str().expect("text");
    let [near, far, go] = ["near", "far", "go"].map(|end| PathBuf::from(format!("{kin}.{end}")));
    thread::scope(|scope| {
        let other = scope.spawn(|| neighbour.run(&["kin", kin]));
        wait_until("the neighbour's family", || near.exists() && far.exists());
        for mode in ["leave", "escape", "hide", "vanish"] {
            let pid = place.file(mode);
            assert_eq!(place.run(&[mode, pid.to_str().expect("text")]).left_behind, 1, "{mode}");
        }
        let pid = place.file("family");
        let killed = place.run_with(&["family", pid.to_str().expect("text")], &Limits::with_deadline(SOON));
        assert_eq!(killed.left_behind, 1);
        fs::write(&go, "").expect("a file");
        let finished = other.join().expect("no panic");
        assert_eq!(text(&finished.stdout), "near true, far true\n");
        assert_eq!((finished.ended, finished.left_behind), (Ended::Code(0), 2));
    });
    assert!(is_gone(&near) && is_gone(&far));
    place.close();
    neighbour.close();
}

#[test]
fn a_flood_is_stopped_and_cut_off() {
    let place = Place::new();
    let limits = Limits { output_bytes: 1 << 20, file_bytes: 64 << 20, ..Limits::with_deadline(PLENTY) };
    for stream in ["stdout", "stderr"] {
        let finished = place.run_with(&["flood", stream], &limits);
        assert_eq!(finished.ended, Ended::Flood, "{stream}");
        let (flooded, other) =
            if stream == "stdout" { (finished.stdout, finished.stderr) } else { (finished.stderr, finished.stdout) };
        assert_eq!((flooded.len(), other.len()), (1 << 20, 0), "{stream}");
    }
    place.close();
}

#[test]
fn the_output_limit_holds_to_the_byte_however_fast_a_program_is() {
    let place = Place::new();
    let limits = Limits { output_bytes: 100_000, ..Limits::with_deadline(PLENTY) };
    assert_eq!(place.run_with(&["burst", "100000"], &limits).ended, Ended::Code(0));
    let finished = place.run_with(&["burst", "100001"], &limits);
    assert_eq!((finished.ended, finished.stdout.len()), (Ended::Flood, 100_000));
    place.close();
}

#[test]
fn whoever_eats_memory_is_stopped_even_a_grandchild() {
    let place = Place::new();
    let limits = Limits { resident_bytes: 96 << 20, ..Limits::with_deadline(PLENTY) };
    let finished = place.run_with(&["eat"], &limits);
    assert_eq!((finished.ended, finished.left_behind), (Ended::Memory, 0));
    let finished = place.run_with(&["family-eats"], &limits);
    assert_eq!((finished.ended, finished.left_behind), (Ended::Memory, 1));
    place.close();
}

#[test]
fn a_crash_is_told_by_its_signal_and_dumps_no_core() {
    let place = Place::new();
    for signal in ["SIGSEGV", "SIGABRT", "SIGKILL"] {
        let finished = place.run(&["raise", signal]);
        assert_eq!(finished.ended, Ended::Signal(signal.to_owned()));
        assert_eq!(text(&finished.stdout), "dying\n");
    }
    assert_eq!(fs::read_dir(place.case.path()).expect("a directory").count(), 0);
    place.close();
}

#[test]
fn files_elsewhere_are_the_users_but_limited() {
    let place = Place::new();
    let (small, large) = (place.file("small"), place.file("large"));
    assert_eq!(place.run(&["write", small.to_str().expect("text")]).ended, Ended::Code(0));
    assert_eq!(fs::read_to_string(&small).expect("it was written"), "was here");
    let limits = Limits { file_bytes: 1 << 20, output_bytes: 1 << 10, ..Limits::with_deadline(PLENTY) };
    let finished = place.run_with(&["fill", large.to_str().expect("text")], &limits);
    assert_eq!(finished.ended, Ended::Signal("SIGXFSZ".to_owned()));
    assert_eq!(fs::metadata(&large).expect("it was begun").len(), 1 << 20);
    place.close();
}

#[test]
fn a_directory_without_permissions_is_removed_too() {
    let place = Place::new();
    let closed = place.case.path().join("closed");
    assert_eq!(place.run(&["close", closed.to_str().expect("text")]).ended, Ended::Code(0));
    assert!(closed.exists());
    place.close();
}

#[test]
fn what_cannot_be_executed_is_the_adapters_fault() {
    let place = Place::new();
    let write = |name: &str, text: &str, mode: u32| {
        let path = place.file(name);
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("ours");
        path
    };
    let cases = [
        (place.file("nothing"), "does not exist"),
        (write("plain", "#!/bin/sh\n", 0o644), "cannot be executed"),
        (write("no-program", "exit 0\n", 0o755), "cannot be executed"),
        (write("no-interpreter", "#!/nowhere/interpreter\n", 0o755), "cannot be executed"),
        (place.outside.path().to_owned(), "cannot be executed"),
    ];
    for (program, words) in cases {
        let error = run(&place.launch(&program, &[]), &Limits::with_deadline(PLENTY), &never()).expect_err("no program");
        assert!(error.is_adapter_fault(), "{error}");
        let message = error.to_string();
        assert!(message.contains(words) && message.contains(program.to_str().expect("text")), "{message}");
        assert_eq!(matches!(error, LaunchError::NotFound { .. }), words == "does not exist", "{message}");
    }
    let mut launch = place.hostile(&["silent"]);
    launch.dir = place.file("no-directory");
    let error = run(&launch, &Limits::with_deadline(PLENTY), &never()).expect_err("no directory");
    assert!(matches!(error, LaunchError::Start { .. }) && !error.is_adapter_fault(), "{error}");
    place.close();
}

#[test]
fn a_program_that_vanishes_between_two_launches_is_told_as_such() {
    let place = Place::new();
    let program = place.file("program");
    fs::copy(hostile(), &program).expect("a copy");
    let launch = || run(&place.launch(&program, &["silent"]), &Limits::with_deadline(PLENTY), &never());
    assert_eq!(launch().expect("it is there").ended, Ended::Code(0));
    fs::remove_file(&program).expect("it was there");
    assert!(matches!(launch(), Err(LaunchError::NotFound { program: named }) if named == program));
    place.close();
}

#[test]
fn an_output_file_is_never_shared_with_an_earlier_launch() {
    let place = Place::new();
    let launch = place.hostile(&["silent"]);
    let limits = Limits::with_deadline(PLENTY);
    run(&launch, &limits, &never()).expect("new files");
    assert!(matches!(run(&launch, &limits, &never()), Err(LaunchError::Output { path, .. }) if path == launch.stdout));
    place.close();
}

#[test]
fn nothing_is_inherited_but_what_is_named() {
    let place = Place::new();
    let mut launch = place.hostile(&["environment"]);
    launch.env.extend([("B", "old"), ("A", "x=y"), ("B", "new")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut tags = Vec::new();
    for again in 0..2 {
        launch.stdout = place.dirs.root().join(format!("again-stdout-{again}"));
        launch.stderr = place.dirs.root().join(format!("again-stderr-{again}"));
        let finished = run(&launch, &Limits::with_deadline(PLENTY), &never()).expect("a program");
        let (tagged, rest): (Vec<&str>, Vec<&str>) =
            text(&finished.stdout).lines().partition(|line| line.starts_with(TAG_VARIABLE));
        assert_eq!(rest, ["A=x=y", "B=new", &format!("HOSTILE_TEST={}", place.mark), "session"]);
        tags.extend(tagged.into_iter().map(str::to_owned));
    }
    assert!(tags.len() == 2 && tags[0] != tags[1], "{tags:?}");

    // A descriptor that somebody forgot to mark.
    let forgotten = fs::File::open("/dev/null").expect("a device");
    rustix::io::fcntl_setfd(forgotten.as_fd(), rustix::io::FdFlags::empty()).expect("a descriptor");
    assert_eq!(text(&place.run(&["descriptors"]).stdout), "0 1 2\n0\n0022\n");
    place.close();
}

#[test]
fn input_comes_through_a_pipe_of_any_length_and_may_be_ignored() {
    let place = Place::new();
    let input: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    let mut launch = place.hostile(&["echo"]);
    launch.stdin = Some(input.clone());
    let finished = run(&launch, &Limits::with_deadline(PLENTY), &never()).expect("a program");
    assert_eq!(finished.ended, Ended::Code(0));
    assert!(finished.stdout == input);
    let mut launch = place.hostile(&["deaf"]);
    launch.stdin = Some(input);
    let finished = run(&launch, &Limits::with_deadline(PLENTY), &never()).expect("a program");
    assert_eq!((finished.ended, text(&finished.stdout)), (Ended::Code(0), "deaf\n"));
    assert_eq!(place.run(&["echo"]).stdout, b"", "without input there is none to wait for");
    place.close();
}

#[test]
fn an_interrupt_ends_what_runs_and_keeps_more_from_starting() {
    let place = Place::new();
    let (interrupt, pid) = (never(), place.file("pid"));
    let family = place.hostile(&["family", pid.to_str().expect("text")]);
    thread::scope(|scope| {
        let running = scope.spawn(|| run(&family, &Limits::with_deadline(PLENTY), &interrupt));
        wait_until("a family", || pid.exists());
        interrupt.trigger(15);
        interrupt.trigger(2);
        let result = running.join().expect("no panic");
        assert!(matches!(result, Err(LaunchError::Interrupted { signal: 15 })), "{result:?}");
    });
    assert!(is_gone(&pid) && place.alive().is_empty());
    let late = place.hostile(&["silent"]);
    assert!(matches!(run(&late, &Limits::with_deadline(PLENTY), &interrupt), Err(LaunchError::Interrupted { signal: 15 })));
    assert!(!late.stdout.exists());
    place.close();
}

/// A process of its own that runs `hostile kin` through the process module, and the files its family announces itself with.
fn miniature(mark: &str, base: &Path) -> (Child, [PathBuf; 2]) {
    // A signal that the tests were started to ignore, as under nohup, would stay ignored.
    let mut command = Command::new("/usr/bin/env");
    command
        .arg("--default-signal=INT,TERM,HUP")
        .arg(hostile())
        .arg("harness")
        .arg(base)
        .env("HOSTILE_TEST", mark)
        .stdin(Stdio::null());
    let child = command.spawn().expect("the fixture");
    let announced = ["near", "far"].map(|end| base.join(format!("kin.{end}")));
    wait_until("a family", || announced.iter().all(|path| path.exists()));
    (child, announced)
}

fn lockstep_roots(base: &Path) -> usize {
    let names = fs::read_dir(base).expect("a directory").map(|entry| entry.expect("an entry").file_name());
    names.filter(|name| name.to_string_lossy().starts_with("lockstep-")).count()
}

fn signal(child: &Child, signal: rustix::process::Signal) {
    rustix::process::kill_process(rustix::process::Pid::from_child(child), signal).expect("it runs");
}

#[test]
fn signals_end_a_run_in_order() {
    use rustix::process::Signal;
    for (sent, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let place = Place::new();
        let base = place.outside.path();
        let (mut child, announced) = miniature(&place.mark, base);
        assert_eq!(lockstep_roots(base), 1);
        signal(&child, sent);
        assert_eq!(child.wait().expect("ours").code(), Some(code));
        assert_eq!(place.alive(), Vec::<String>::new());
        assert!(announced.iter().all(|path| is_gone(path)));
        assert_eq!(lockstep_roots(base), 0);
        place.close();
    }
}

#[test]
fn what_a_killed_run_left_is_cleared_up_by_the_next() {
    let place = Place::new();
    let base = place.outside.path();
    let (mut child, _) = miniature(&place.mark, base);
    signal(&child, rustix::process::Signal::KILL);
    assert_eq!(child.wait().expect("ours").signal(), Some(9));
    // The program itself dies with the run; its two orphans are nobody's for now.
    wait_until("only orphans", || place.alive().len() == 2);
    assert_eq!(lockstep_roots(base), 1);
    let next = TempDirs::new_in(base).expect("a root");
    wait_until("no orphans", || place.alive().is_empty());
    assert_eq!(lockstep_roots(base), 1, "its own root only");
    drop(next);
    place.close();
}

/// A running worker with one case that logs `a` and `b`.
struct Talk {
    channel: Channel,
    case: protocol::Case,
}

impl Talk {
    fn begin(place: &Place, habit: &str) -> Self {
        let dir = place.case.path().to_owned();
        let worker = Worker {
            program: hostile().to_owned(),
            args: vec!["worker".to_owned(), habit.to_owned()],
            dir: place.dirs.root().to_owned(),
            env: place.env(),
            stderr: place.dirs.root().join("worker-stderr"),
            file_bytes: 64 << 20,
        };
        fs::write(dir.join("main.cjs"), "console.log('a');\nconsole.log('b');\n").expect("a file");
        let case = protocol::Case {
            goal: protocol::Goal::Cjs,
            entry: "main.cjs".to_owned(),
            stdout: place.dirs.root().join("case-stdout"),
            stderr: place.dirs.root().join("case-stderr"),
            dir,
            fixtures: Default::default(),
            args: Vec::new(),
            env: Default::default(),
            stdin: None,
            limits: protocol::Limits { deadline_ms: 1000, output_bytes: 1 << 20, memory_bytes: 1 << 30 },
            policy: Default::default(),
            world: protocol::World::Real,
            seed: None,
            schedule: None,
        };
        Self { channel: Channel::start(&worker, &never()).expect("a worker"), case }
    }

    fn exchange(&mut self, request: &[u8], deadline: Duration) -> Heard {
        let limits = Limits { output_bytes: 1 << 20, resident_bytes: 96 << 20, ..Limits::with_deadline(deadline) };
        let bounds = Bounds { limits, output: &[&self.case.stdout, &self.case.stderr], line_bytes: 1 << 20 };
        self.channel.exchange(request, &bounds, &never()).expect("no fault of the harness")
    }

    fn hello(&mut self) -> protocol::Hello {
        let Heard::Line(line) = self.exchange(b"", PLENTY) else { panic!("no greeting") };
        protocol::read_line(&mut &line[..]).expect("the protocol").expect("a line")
    }

    fn ask(&mut self, id: u64, deadline: Duration) -> Heard {
        let mut request = Vec::new();
        protocol::write_line(&mut request, &protocol::Request { id, case: self.case.clone() }).expect("memory");
        self.exchange(&request, deadline)
    }

    fn answer(&mut self, id: u64) -> protocol::Reply {
        let Heard::Line(line) = self.ask(id, PLENTY) else { panic!("no answer") };
        protocol::read_line(&mut &line[..]).expect("the protocol").expect("a line")
    }
}

#[test]
fn a_worker_answers_until_its_input_ends() {
    let place = Place::new();
    // It is not harmed by the end of the thread that asked for it.
    let mut talk = thread::scope(|scope| scope.spawn(|| Talk::begin(&place, "honest")).join().expect("no panic"));
    assert_eq!(talk.hello().protocol, protocol::VERSION);
    for id in [3, 4] {
        let reply = talk.answer(id);
        assert_eq!((reply.id, reply.done.events), (id, vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(talk.channel.unread().expect("a pipe"), 0);
    }
    let closed = talk.channel.finish(PLENTY, &never()).expect("a clean end");
    assert_eq!((closed.ended, closed.left_behind), (Ended::Code(0), 0));
    assert_eq!(place.alive(), Vec::<String>::new());
    place.close();
}

#[test]
fn a_worker_that_does_not_answer_is_over_and_says_how() {
    let signal = |name: &str| Ended::Signal(name.to_owned());
    let cases = [
        ("never", SOON, Ended::Deadline, ""),
        ("closes", SOON, Ended::Deadline, ""),
        ("half", SOON, Ended::Deadline, r#"{"id":1,"done":{"eve"#),
        ("half-dies", PLENTY, Ended::Code(0), r#"{"id":1,"done":{"eve"#),
        ("dies", PLENTY, signal("SIGSEGV"), ""),
        ("floods", PLENTY, Ended::Flood, ""),
        ("eats", PLENTY, Ended::Memory, ""),
    ];
    for (habit, deadline, ended, partial) in cases {
        let place = Place::new();
        let mut talk = Talk::begin(&place, habit);
        talk.hello();
        assert_eq!(talk.ask(1, deadline), Heard::Over { ended: ended.clone(), partial: partial.into() }, "{habit}");
        assert!(fs::read(&talk.case.stdout).expect("its output").starts_with(b"a\nb\n"), "the trace is kept: {habit}");
        assert_eq!(talk.ask(2, PLENTY), Heard::Over { ended, partial: Vec::new() }, "{habit} stays over");
        assert_eq!(place.alive(), Vec::<String>::new(), "{habit}");
        drop(talk);
        place.close();
    }
}

#[test]
fn a_worker_that_says_the_wrong_thing_is_heard_word_for_word() {
    let place = Place::new();
    let mut talk = Talk::begin(&place, "garbage");
    talk.hello();
    assert_eq!(talk.ask(1, PLENTY), Heard::Line(b"\x1b[31mno JSON at all\n".to_vec()));
    drop(talk);

    let mut talk = Talk::begin(&place, "twice");
    talk.hello();
    assert_eq!(talk.answer(1).id, 1);
    assert!(talk.channel.unread().expect("a pipe") > 0);
    drop(talk);

    let mut talk = Talk::begin(&place, "wrong-id");
    talk.hello();
    assert_eq!(talk.answer(1).id, 2);
    drop(talk);

    let mut talk = Talk::begin(&place, "shouts");
    talk.hello();
    assert_eq!(talk.ask(1, PLENTY), Heard::TooLong);
    assert_eq!(place.alive(), Vec::<String>::new());
    place.close();
}

#[test]
fn a_worker_that_never_greets_or_never_goes_is_killed() {
    let place = Place::new();
    let mut talk = Talk::begin(&place, "mute");
    assert_eq!(talk.exchange(b"", Duration::from_millis(300)), Heard::Over { ended: Ended::Deadline, partial: Vec::new() });

    let mut talk = Talk::begin(&place, "stays");
    talk.hello();
    let closed = talk.channel.finish(Duration::from_millis(300), &never()).expect("an end");
    assert_eq!(closed.ended, Ended::Deadline);

    let mut talk = Talk::begin(&place, "honest");
    talk.hello();
    drop(talk);
    assert_eq!(place.alive(), Vec::<String>::new(), "dropping kills");
    place.close();
}

#[test]
fn a_case_in_a_worker_leaves_nothing_behind_and_the_worker_goes_on() {
    let place = Place::new();
    let mut talk = Talk::begin(&place, "leaves");
    talk.hello();
    for id in [1, 2] {
        assert_eq!(talk.answer(id).id, id);
        let left = talk.case.dir.join("left");
        assert_eq!(talk.channel.sweep().expect("they die"), 1);
        fs::remove_file(left).expect("it was there");
        assert_eq!(place.alive().len(), 1, "the worker alone");
    }
    assert_eq!(talk.channel.sweep().expect("nothing to do"), 0);
    let closed = talk.channel.finish(PLENTY, &never()).expect("a clean end");
    assert_eq!((closed.ended, closed.left_behind), (Ended::Code(0), 0));
    place.close();
}

#[test]
fn an_interrupt_ends_a_worker() {
    let place = Place::new();
    let mut talk = Talk::begin(&place, "never");
    talk.hello();
    let interrupt = never();
    interrupt.trigger(2);
    let bounds = Bounds { limits: Limits::with_deadline(PLENTY), output: &[], line_bytes: 1 << 20 };
    let result = talk.channel.exchange(b"", &bounds, &interrupt);
    assert!(matches!(result, Err(LaunchError::Interrupted { signal: 2 })), "{result:?}");
    assert_eq!(place.alive(), Vec::<String>::new());
    place.close();
}

#[test]
fn the_fake_runtime_keeps_its_promises() {
    let place = Place::new();
    let case = place.file("case.cjs");
    fs::write(&case, "// hostile: case\nconsole.log('a');\nconsole.log('b');\n").expect("a file");
    let case = case.to_str().expect("text");
    let counter = place.file("counter");
    let swap = format!("swap:{}", counter.display());
    let wrong = (1..=40).filter(|_| text(&place.run(&["runtime", "--case", &swap, case]).stdout) == "b\na\n").count();
    assert_eq!(wrong, 2, "one run in twenty");
    let probe = place.file("probe.cjs");
    fs::write(&probe, "console.log('honest')").expect("a file");
    let probe = probe.to_str().expect("text");
    let lie = place.run(&["runtime", "--probe", r"say:a\nlie", probe]).stdout;
    assert_eq!(BufReader::new(&lie[..]).lines().map(Result::unwrap).collect::<Vec<_>>(), ["a", "lie"]);
    assert_eq!(text(&place.run(&["runtime", "--case", "hang", probe]).stdout), "honest\n");
    assert_eq!(place.run(&["runtime", "--case", "raise:SIGABRT", case]).ended, Ended::Signal("SIGABRT".to_owned()));
    assert_eq!(place.run(&["no-such-mode"]).ended, Ended::Code(64));
    place.close();
}
