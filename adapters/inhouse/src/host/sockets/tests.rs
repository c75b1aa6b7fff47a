//! The contract of sockets, held against both worlds.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::host::real::Real;
use crate::host::simulated::{Exploration, Setting, Simulated};
use crate::host::{Event, Host, Patience};
use crate::schedule::Schedule;

fn simulated(schedule: Schedule) -> Simulated {
    let exploration = Exploration::default();
    Simulated::new(Setting { pool_size: 1, virtual_limit: u64::MAX, real_deadline: None, schedule, exploration, seed: 0 })
}

/// A world, and what its polls have reported so far.
struct World {
    host: Box<dyn Host>,
    reported: RefCell<VecDeque<(SocketId, Readiness)>>,
}

impl World {
    fn both(test: impl Fn(&Self)) {
        let worlds: [Box<dyn Host>; 2] =
            [Box::new(Real::new(1, None).expect("descriptors")), Box::new(simulated(Schedule::default_schedule()))];
        worlds.into_iter().for_each(|host| test(&Self { host, reported: RefCell::default() }));
    }

    fn sockets(&self) -> &dyn Sockets {
        self.host.sockets()
    }

    /// Polls until this socket is reported, and says how.
    fn await_ready(&self, socket: SocketId) -> Readiness {
        loop {
            let mut reported = self.reported.borrow_mut();
            while let Some((ready, how)) = reported.pop_front() {
                if ready == socket {
                    reported.clear();
                    return how;
                }
            }
            let events = self.host.poll(Patience::Forever).expect("something happens");
            reported.extend(events.into_iter().filter_map(|event| match event {
                Event::Ready(socket, readiness) => Some((socket, readiness)),
                _ => None,
            }));
        }
    }

    fn listen(&self) -> (SocketId, Address) {
        let on = Address::Ip(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0));
        let listener = self.sockets().listen(&on, Listen { backlog: 511, ipv6_only: false }).expect("a free port");
        self.sockets().watch(listener, READ);
        (listener, self.sockets().own_address(listener).expect("it is bound"))
    }

    /// Client's and server's end of a new connection.
    fn connect(&self) -> (SocketId, SocketId) {
        let (listener, address) = self.listen();
        let (client, connect) = self.sockets().connect(&address, None).expect("a descriptor");
        assert_eq!(connect, Connect::Underway);
        self.sockets().watch(client, WRITE);
        self.await_ready(client);
        assert_eq!(self.sockets().outcome(client), Ok(()));
        self.sockets().watch(client, NOTHING);
        self.await_ready(listener);
        let server = self.sockets().accept(listener).expect("it waits").expect("it waits");
        self.sockets().close(listener);
        (client, server)
    }

    fn write(&self, socket: SocketId, bytes: &[u8]) {
        assert_eq!(self.sockets().write(socket, bytes), Ok(Some(bytes.len())));
    }

    /// Waits for the next read, and returns what it answers.
    fn read(&self, socket: SocketId) -> Result<Vec<u8>, Errno> {
        self.sockets().watch(socket, READ);
        self.await_ready(socket);
        self.sockets().read(socket, 65_536).map(|bytes| bytes.expect("the poll said so"))
    }
}

const NOTHING: Interest = Interest { read: false, write: false };
const READ: Interest = Interest { read: true, write: false };
const WRITE: Interest = Interest { read: false, write: true };

#[test]
fn a_connection_carries_bytes_both_ways_and_ends_by_halves() {
    World::both(|world| {
        let (client, server) = world.connect();
        assert_eq!(world.sockets().read(server, 10), Ok(None));
        world.write(client, b"request");
        assert_eq!(world.read(server), Ok(b"request".to_vec()));
        world.sockets().shutdown(client).expect("it is connected");
        assert_eq!(world.read(server), Ok(Vec::new()));
        assert_eq!(world.sockets().write(client, b"late"), Err(Errno::PIPE));
        world.write(server, b"answer");
        world.sockets().close(server);
        assert_eq!(world.read(client), Ok(b"answer".to_vec()));
        assert!(world.await_ready(client).hung_up);
        assert_eq!(world.read(client), Ok(Vec::new()));
        world.sockets().close(client);
        assert_eq!(world.sockets().read(client, 10), Err(Errno::BADF));
    });
}

#[test]
fn both_ends_know_their_addresses() {
    World::both(|world| {
        let (client, server) = world.connect();
        assert_eq!(world.sockets().own_address(client), world.sockets().peer_address(server));
        assert_eq!(world.sockets().own_address(server), world.sockets().peer_address(client));
    });
}

#[test]
fn nobody_listens() {
    World::both(|world| {
        let (listener, address) = world.listen();
        world.sockets().close(listener);
        let (client, connect) = world.sockets().connect(&address, None).expect("a descriptor");
        let outcome = match connect {
            Connect::Failed(error) => Err(error),
            Connect::Underway => {
                world.sockets().watch(client, WRITE);
                world.await_ready(client);
                world.sockets().outcome(client)
            }
        };
        assert_eq!(outcome, Err(Errno::CONNREFUSED));
    });
}

#[test]
fn an_address_in_use_is_refused() {
    World::both(|world| {
        let (_, address) = world.listen();
        let again = world.sockets().listen(&address, Listen { backlog: 1, ipv6_only: false });
        assert_eq!(again, Err(Errno::ADDRINUSE));
    });
}

#[test]
fn a_reset_and_an_unread_rest_are_told_to_the_other_end() {
    World::both(|world| {
        let (client, server) = world.connect();
        world.sockets().reset(server);
        assert_eq!(world.read(client), Err(Errno::CONNRESET));
        assert_eq!(world.sockets().write(client, b"x"), Err(Errno::PIPE));
        let (client, server) = world.connect();
        world.write(client, b"never read");
        // It has arrived before the end is closed.
        world.sockets().watch(server, READ);
        world.await_ready(server);
        world.sockets().close(server);
        assert_eq!(world.read(client), Err(Errno::CONNRESET));
    });
}

#[test]
fn writing_to_a_closed_end_is_answered_by_a_reset() {
    World::both(|world| {
        let (client, server) = world.connect();
        world.sockets().close(server);
        assert_eq!(world.read(client), Ok(Vec::new()));
        world.write(client, b"into the void");
        world.sockets().watch(client, NOTHING);
        world.sockets().watch(client, WRITE);
        while !world.await_ready(client).hung_up {}
        assert_eq!(world.sockets().write(client, b"again"), Err(Errno::PIPE));
    });
}

#[test]
fn a_reader_that_does_not_read_stops_its_writer_until_it_reads() {
    World::both(|world| {
        let (client, server) = world.connect();
        let chunk = [7; 65_536];
        let mut written = 0;
        while let Some(count) = world.sockets().write(client, &chunk).expect("it is connected") {
            written += count;
            assert!(written < 64 << 20, "the buffers are bounded");
        }
        world.sockets().watch(client, WRITE);
        world.sockets().watch(server, READ);
        let mut read = 0;
        while read < written {
            world.await_ready(server);
            read += world.sockets().read(server, 65_536).expect("no error").expect("the poll said so").len();
        }
        assert_eq!(read, written);
        world.await_ready(client);
        world.write(client, b"more");
    });
}

#[test]
fn a_unix_socket_is_a_file_while_it_listens() {
    World::both(|world| {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("socket");
        let address = Address::Path(path.clone());
        let how = Listen { backlog: 511, ipv6_only: false };
        assert_eq!(world.sockets().connect(&address, None).expect("a descriptor").1, Connect::Failed(Errno::NOENT));
        let listener = world.sockets().listen(&address, how).expect("a free path");
        assert!(path.exists());
        assert_eq!(world.sockets().listen(&address, how), Err(Errno::ADDRINUSE));
        let (client, _) = world.sockets().connect(&address, None).expect("a descriptor");
        world.sockets().watch(listener, READ);
        world.await_ready(listener);
        let server = world.sockets().accept(listener).expect("it waits").expect("it waits");
        world.write(client, b"hello");
        assert_eq!(world.read(server), Ok(b"hello".to_vec()));
        world.sockets().close(server);
        assert_eq!(world.sockets().write(client, b"x"), Err(Errno::PIPE));
        world.sockets().close(listener);
        assert!(!path.exists());
    });
}

#[test]
fn a_pair_can_be_handed_over() {
    World::both(|world| {
        let (one, other) = world.sockets().pair().expect("descriptors");
        world.write(one, b"before");
        let loose = world.sockets().detach(other).expect("it is open");
        let other = world.sockets().attach(loose).expect("it is of this world");
        world.write(one, b" and after");
        assert_eq!(world.read(other), Ok(b"before and after".to_vec()));
    });
}

#[test]
fn datagrams_keep_their_boundaries_and_tell_their_sender() {
    World::both(|world| {
        let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let bind = || world.sockets().bind_datagrams(any, false).expect("a free port");
        let (one, other) = (bind(), bind());
        let Ok(Address::Ip(from)) = world.sockets().own_address(one) else { panic!("it is bound") };
        let Ok(Address::Ip(to)) = world.sockets().own_address(other) else { panic!("it is bound") };
        assert_eq!(world.sockets().send(one, b"first", Some(to)), Ok(Some(5)));
        assert_eq!(world.sockets().send(one, b"", Some(to)), Ok(Some(0)));
        world.sockets().watch(other, READ);
        world.await_ready(other);
        assert_eq!(world.sockets().receive(other), Ok(Some((b"first".to_vec(), from))));
        world.await_ready(other);
        assert_eq!(world.sockets().receive(other), Ok(Some((Vec::new(), from))));
        assert_eq!(world.sockets().receive(other), Ok(None));
        assert_eq!(world.sockets().send(one, &[0; 70_000], Some(to)), Err(Errno::MSGSIZE));
        assert_eq!(world.sockets().send(one, b"x", None), Err(Errno::DESTADDRREQ));
        assert_eq!(world.sockets().bind_datagrams(to, false), Err(Errno::ADDRINUSE));
    });
}

#[test]
fn a_seed_changes_what_comes_first_and_how_much_is_read_and_repeats_it() {
    let run = |seed| {
        let world = World { host: Box::new(simulated(Schedule::seeded(seed))), reported: RefCell::default() };
        let ends: Vec<_> = (0..3).map(|_| world.connect()).collect();
        for &(client, server) in &ends {
            world.sockets().watch(server, READ);
            world.write(client, b"abcd");
            world.write(client, b"efgh");
        }
        let mut seen = Vec::new();
        while seen.iter().map(|(_, bytes): &(usize, Vec<u8>)| bytes.len()).sum::<usize>() < 24 {
            for event in world.host.poll(Patience::Forever).expect("within the limit") {
                let Event::Ready(socket, _) = event else { panic!("there are only sockets") };
                let which = ends.iter().position(|&(_, server)| server == socket).expect("only servers are watched");
                seen.push((which, world.sockets().read(socket, 100).expect("no error").unwrap_or_default()));
            }
        }
        seen
    };
    let runs: std::collections::BTreeSet<_> = (0..20).map(run).collect();
    assert!(runs.len() > 5, "{runs:?}");
    assert_eq!(run(3), run(3));
}
