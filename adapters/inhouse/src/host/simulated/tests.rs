//! One world, one loop and several, without an engine.

use super::*;

fn world(pool_size: usize, schedule: Schedule) -> Simulated {
    let second = 1_000_000_000;
    let exploration = Exploration::default();
    Simulated::new(Setting { pool_size, virtual_limit: 10 * second, real_deadline: None, schedule, exploration, seed: 0 })
}

fn compute(modelled: u64) -> Work {
    Work::Compute { modelled, run: Box::new(|| Completion::Bytes(Vec::new())) }
}

fn done(events: &[Event]) -> Vec<u64> {
    events
        .iter()
        .map(|event| match event {
            Event::JobDone(job, _) => job.0,
            other => panic!("nobody caused {other:?}"),
        })
        .collect()
}

fn drain(world: &Simulated, jobs: usize) -> Vec<u64> {
    let mut order = Vec::new();
    while order.len() < jobs {
        order.extend(done(&world.poll(Patience::Forever).expect("jobs are on their way")));
    }
    order
}

#[test]
fn a_poll_jumps_to_its_deadline() {
    let world = world(4, Schedule::default_schedule());
    let before = world.now(Reading::Program);
    assert!(world.poll(Patience::For(5_000)).expect("within the limit").is_empty());
    assert!(world.now(Reading::Program) >= before + 5_000_000_000);
    assert_eq!(world.cpu_usage().0, 2 * READING / 1000, "waiting costs no processor time");
}

#[test]
fn waiting_for_nothing_is_stuck_and_waiting_too_long_is_the_deadline() {
    let new = || world(4, Schedule::default_schedule());
    assert_eq!(new().poll(Patience::Forever).expect_err("nothing can happen"), HostEnd::Stuck);
    assert_eq!(new().wait(64, None, &|| true).expect_err("nobody can wake it"), HostEnd::Stuck);
    let late = new().poll(Patience::For(10_001)).expect_err("it is beyond the limit");
    assert_eq!(late, HostEnd::Deadline);
}

#[test]
fn jobs_are_taken_in_order_and_finish_by_their_model() {
    let one = world(1, Schedule::default_schedule());
    let two = world(2, Schedule::default_schedule());
    for world in [&one, &two] {
        world.submit(JobId(1), compute(3_000_000));
        world.submit(JobId(2), compute(1_000_000));
        world.submit(JobId(3), compute(1_000_000));
    }
    assert_eq!(drain(&one, 3), [1, 2, 3]);
    assert_eq!(drain(&two, 3), [2, 3, 1], "the second thread does both short ones");
}

#[test]
fn a_seed_changes_the_order_of_equal_jobs_and_repeats_it() {
    let order = |seed| {
        let world = world(4, Schedule::seeded(seed));
        (1..=4).for_each(|job| world.submit(JobId(job), compute(1_000_000)));
        drain(&world, 4)
    };
    let orders: std::collections::BTreeSet<_> = (0..20).map(order).collect();
    assert!(orders.len() > 1, "{orders:?}");
    assert_eq!(order(3), order(3));
}

/// Runs `body` as a second loop, and returns what it returned and how to stop it.
fn second<T: Send + 'static>(
    world: &Simulated,
    body: impl FnOnce(&dyn Host) -> T + Send + 'static,
) -> std::thread::JoinHandle<T> {
    let fork = world.fork().expect("a simulated loop needs nothing");
    std::thread::spawn(move || {
        let host = (fork.enter)().expect("a simulated loop needs nothing");
        body(&*host)
    })
}

#[test]
fn loops_take_turns_and_time_passes_for_both() {
    let main = world(4, Schedule::default_schedule());
    let log = Arc::new(Mutex::new(Vec::new()));
    let theirs = Arc::clone(&log);
    let other = second(&main, move |host| {
        for millis in [3, 4] {
            host.poll(Patience::For(millis)).expect("within the limit");
            theirs.lock().expect("no panic").push(format!("other {millis}"));
        }
    });
    for millis in [2, 3, 5] {
        main.poll(Patience::For(millis)).expect("within the limit");
        log.lock().expect("no panic").push(format!("main {millis}"));
    }
    main.leave();
    other.join().expect("no panic");
    assert_eq!(*log.lock().expect("no panic"), ["main 2", "other 3", "main 3", "other 4", "main 5"]);
}

#[test]
fn a_waiter_is_woken_by_the_other_loop_and_a_busy_loop_is_preempted() {
    let main = world(4, Schedule::default_schedule());
    let other = second(&main, |host| {
        let woken = host.wait(64, None, &|| true);
        (woken, host.wait(64, Some(0), &|| true))
    });
    let mut ticks = 0;
    while main.notify(64, 1) == 0 {
        main.tick().expect("within the limit");
        ticks += 1;
    }
    main.leave();
    assert_eq!(other.join().expect("no panic"), (Ok(Waited::Woken), Ok(Waited::TimedOut)));
    assert!(ticks > 0, "the other loop came to its turn at a tick");
}

#[test]
fn when_all_loops_wait_for_ever_all_of_them_are_stuck() {
    let main = world(4, Schedule::default_schedule());
    let other = second(&main, |host| host.poll(Patience::Forever).map(|_| ()));
    assert_eq!(main.poll(Patience::Forever).expect_err("nothing can happen"), HostEnd::Stuck);
    main.leave();
    assert_eq!(other.join().expect("no panic"), Err(HostEnd::Stuck));
}

#[test]
fn blocked_opens_hold_the_pool_until_the_other_end_comes() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("gate");
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).expect("a FIFO");
    let open = |flags| FileRequest::Open { path: path.clone(), flags, mode: 0 };
    let world = world(1, Schedule::default_schedule());
    world.submit(JobId(1), Work::File(open(0)));
    world.submit(JobId(2), compute(1_000));
    assert!(world.poll(Patience::For(1_000)).expect("within the limit").is_empty(), "the pool is full");
    let writer = world.file(open(1)).expect("a reader waits already");
    assert!(matches!(writer, Ok(FileReply::Descriptor(_))), "{writer:?}");
    assert_eq!(drain(&world, 2), [1, 2]);
    let lone = dir.path().join("lone");
    rustix::fs::mknodat(rustix::fs::CWD, &lone, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).expect("a FIFO");
    let stuck = world.file(FileRequest::Open { path: lone, flags: 0, mode: 0 });
    assert_eq!(stuck.expect_err("nobody will open the other end"), HostEnd::Stuck);
}
