//! Streams of the loop over the simulated network: a program that notes what it is told and does what it was prepared for.

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use super::*;
use crate::event_loop::{FrameId, ImmediateId, Ran, Tasks, TimerId};
use crate::host::channels::EndpointId;
use crate::host::children::{Pid, Status};
use crate::host::simulated::{Exploration, Setting, Simulated};
use crate::host::{Completion, HostEnd, JobId};
use crate::policy::LoopPolicy;
use crate::schedule::Schedule;

/// The number by which a test knows the stream that was accepted last.
type Act = Box<dyn Fn(&EventLoop)>;

#[derive(Default)]
struct Notes {
    event_loop: RefCell<Option<Rc<EventLoop>>>,
    said: RefCell<Vec<String>>,
    accepted: Cell<Option<SocketId>>,
    /// What to do when something is said for the first time.
    acts: RefCell<Vec<(&'static str, Act)>>,
}

impl Notes {
    fn say(&self, text: String) -> Ran {
        let place = self.acts.borrow().iter().position(|(on, _)| *on == text);
        let act = place.map(|place| self.acts.borrow_mut().swap_remove(place).1);
        self.said.borrow_mut().push(text);
        let event_loop = self.event_loop.borrow().clone().expect("it runs");
        if let Some(act) = act {
            act(&event_loop);
        }
        Ran::Returned
    }

    fn on(&self, text: &'static str, act: impl Fn(&EventLoop) + 'static) {
        self.acts.borrow_mut().push((text, Box::new(act)));
    }
}

impl Tasks for Notes {
    fn run_timer(&self, id: TimerId) -> Ran {
        panic!("nobody started {id:?}")
    }

    fn run_immediate(&self, _: ImmediateId) -> Ran {
        self.say("immediate".to_owned())
    }

    fn complete(&self, job: JobId, _: Completion) -> Ran {
        panic!("nobody submitted {job:?}")
    }

    fn receive(&self, endpoint: EndpointId) -> Ran {
        panic!("nobody sent to {endpoint:?}")
    }

    fn stream(&self, socket: SocketId, event: StreamEvent) -> Ran {
        let who = if Some(socket) == self.accepted.get() { "server" } else { "client" };
        self.say(match event {
            StreamEvent::Connection(socket) => {
                self.accepted.set(Some(socket));
                "connection".to_owned()
            }
            StreamEvent::Data(bytes) => format!("{who} data {}", bytes.len()),
            StreamEvent::Connected(outcome) => format!("{who} connected {outcome:?}"),
            other => format!("{who} {other:?}"),
        })
    }

    fn run_frame(&self, id: FrameId, _: f64) -> Ran {
        panic!("nobody asked for {id:?}")
    }

    fn exited(&self, pid: Pid, _: Status) -> Ran {
        panic!("nobody started {pid:?}")
    }

    fn signal(&self, signal: i32) -> Ran {
        panic!("nobody sent signal {signal}")
    }

    fn run_task(&self, id: TaskId) -> Ran {
        self.say(format!("task {}", id.0))
    }

    fn run_tick(&self) -> Option<Ran> {
        None
    }

    fn run_promise_job(&self) -> bool {
        false
    }

    fn settle_rejections(&self) -> Option<Ran> {
        None
    }

    fn drained(&self) {}

    fn stopping(&self) -> bool {
        false
    }
}

/// A loop with a listener and a connection underway; the listener is closed with the first connection.
fn connected(policy: LoopPolicy) -> (Rc<EventLoop>, Rc<Notes>, SocketId) {
    let setting = Setting {
        pool_size: 1,
        virtual_limit: 1_000_000_000,
        real_deadline: None,
        schedule: Schedule::default_schedule(),
        exploration: Exploration::default(),
        seed: 0,
    };
    let event_loop = Rc::new(EventLoop::new(Rc::new(Simulated::new(setting)), policy));
    let notes = Rc::new(Notes::default());
    *notes.event_loop.borrow_mut() = Some(Rc::clone(&event_loop));
    let on = Address::Ip(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0));
    let listener = event_loop.listen(&on, Listen { backlog: 5, ipv6_only: false }).expect("a free port");
    let address = event_loop.host().sockets().own_address(listener).expect("it is bound");
    let client = event_loop.connect(&address, None).expect("a descriptor");
    notes.on("connection", move |event_loop| event_loop.close_stream(listener, false, TaskId(9)));
    (event_loop, notes, client)
}

fn said(event_loop: &EventLoop, notes: &Notes) -> Vec<String> {
    assert_eq!(event_loop.run(notes), Ok(()));
    notes.said.take()
}

#[test]
fn an_idle_connection_keeps_no_loop_alive() {
    let (event_loop, notes, _) = connected(LoopPolicy::node());
    assert_eq!(said(&event_loop, &notes), ["connection", "client connected Ok(())", "task 9"]);
}

#[test]
fn a_reader_keeps_the_loop_alive_unless_it_is_unreferenced() {
    let (event_loop, notes, client) = connected(LoopPolicy::node());
    notes.on("client connected Ok(())", move |event_loop| event_loop.read_stream(client, true));
    assert_eq!(event_loop.run(&*notes), Err(HostEnd::Stuck), "nobody writes");
    event_loop.ref_stream(client, false);
    assert!(!event_loop.alive());
}

#[test]
fn what_finds_no_room_is_queued_and_reported_before_the_shutdown() {
    let (event_loop, notes, client) = connected(LoopPolicy::node());
    let size = 4 << 20;
    notes.on("client connected Ok(())", move |event_loop| {
        assert_eq!(event_loop.write_stream(client, vec![1; 10]), Ok(Written::Now));
        assert_eq!(event_loop.write_stream(client, vec![2; size]), Ok(Written::Later));
        assert!(event_loop.queued_bytes(client) > 0);
        assert_eq!(event_loop.write_stream(client, vec![3; 5]), Ok(Written::Later));
        event_loop.shut_stream(client).expect("it is open");
        assert_eq!(event_loop.shut_stream(client), Err(Errno::NOTCONN), "it is under way");
    });
    let reader = Rc::clone(&notes);
    notes.on("task 9", move |event_loop| event_loop.read_stream(reader.accepted.get().expect("it was accepted"), true));
    let said = said(&event_loop, &notes);
    let read: usize = said.iter().filter_map(|line| line.strip_prefix("server data ")?.parse::<usize>().ok()).sum();
    assert_eq!(read, size + 15);
    let others: Vec<&String> = said.iter().filter(|line| !line.starts_with("server data")).collect();
    let expected = [
        "connection",
        "client connected Ok(())",
        "task 9",
        "client Written(Ok(()))",
        "client Written(Ok(()))",
        "client Shut(Ok(()))",
        "server End",
    ];
    assert_eq!(others, expected);
}

#[test]
fn closing_cancels_what_is_owed_before_its_task_and_runs_last_first() {
    let (event_loop, notes, client) = connected(LoopPolicy::node());
    notes.on("client connected Ok(())", move |event_loop| {
        event_loop.write_stream(client, vec![0; 4 << 20]).expect("it is open");
        event_loop.shut_stream(client).expect("it is open");
        let _ = event_loop.start_immediate();
        event_loop.close(TaskId(1));
        event_loop.close_stream(client, false, TaskId(2));
        assert_eq!(event_loop.write_stream(client, Vec::new()), Err(Errno::BADF));
    });
    let expected = [
        "connection",
        "client connected Ok(())",
        "immediate",
        "client Written(Err(Os { code: 125, kind: Uncategorized, message: \"Operation canceled\" }))",
        "client Shut(Err(Os { code: 125, kind: Uncategorized, message: \"Operation canceled\" }))",
        "task 2",
        "task 1",
        "task 9",
    ];
    assert_eq!(said(&event_loop, &notes), expected);
}

#[test]
fn the_policy_says_in_which_order_closed_handles_are_told() {
    let mut policy = LoopPolicy::node();
    policy.set("close_callbacks_last_first", "false").expect("a field");
    let (event_loop, notes, _) = connected(policy);
    notes.on("client connected Ok(())", |event_loop| {
        event_loop.close(TaskId(1));
        event_loop.close(TaskId(2));
    });
    assert_eq!(said(&event_loop, &notes), ["connection", "client connected Ok(())", "task 9", "task 1", "task 2"]);
}

#[test]
fn a_listener_accepts_as_many_as_the_policy_says_at_once() {
    for (accepts, expected) in [(1, ["connection", "immediate", "connection"]), (8, ["connection", "connection", "immediate"])] {
        let mut policy = LoopPolicy::node();
        policy.accepts_per_readiness = accepts;
        let (event_loop, notes, _) = connected(policy);
        notes.acts.borrow_mut().clear();
        let on = Address::Ip(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 32_768));
        event_loop.connect(&on, None).expect("a descriptor");
        notes.on("connection", |event_loop| {
            let _ = event_loop.start_immediate();
        });
        assert_eq!(event_loop.run(&*notes), Err(HostEnd::Stuck), "the listener goes on");
        let mut said = notes.said.take();
        said.retain(|line| !line.starts_with("client"));
        assert_eq!(said, expected);
    }
}
