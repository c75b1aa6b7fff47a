//! A network in memory, of one host that has nothing but its loopback interface.
//!
//! It behaves as Linux does where programs can tell: data is there at once, a connection is made before the listener's program
//! accepts it, buffers are bounded, a socket that is closed with something unread resets the other end, and writing to a closed one
//! is answered by a reset. Unix domain sockets have their file, so that programs find it. Readiness is a list a loop, as in epoll: a
//! socket enters it when it becomes ready, and stays, at the end, as long as it is.
//!
//! What a network decides is a choice point: which of several ready sockets comes first (where the world is explored), which of several
//! connections is accepted first, how much one read delivers.

mod datagrams;
mod readiness;

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use super::{Address, Attempt, Connect, Errno, Interest, Listen};
use crate::schedule::{Point, Schedule};

/// Bytes that TCP takes for a reader that does not read; a stock Linux takes about as many on its loopback interface.
pub(in crate::host) const TCP_BUFFER: usize = 2_621_440;
/// Bytes that a Unix domain socket takes; Linux has room for three writes of 64 KiB.
pub(in crate::host) const UNIX_BUFFER: usize = 196_608;
/// Bytes that travel together; the loopback interface takes packets of 64 KiB.
const SEGMENT: usize = 65_536;
/// The first port that is given out (`ip_local_port_range`).
const FIRST_PORT: u16 = 32_768;

/// Names a socket within its world.
pub(in crate::host) type Name = u64;

/// In the list of what is ready: something else than a socket has woken the loop. No socket has this name.
pub(in crate::host) const WAKE: Name = 0;

/// Which loop a socket belongs to.
type Owner = usize;

/// The sockets of one simulated world.
#[derive(Debug, Default)]
pub(in crate::host) struct Network {
    sockets: BTreeMap<Name, Socket>,
    last: Name,
    lists: BTreeMap<Owner, Lists>,
    last_port: u16,
}

/// What one loop's polls look at.
#[derive(Debug, Default)]
struct Lists {
    /// What may be ready, in the order in which it became so.
    ready: VecDeque<Name>,
    /// What polls have found and not reported yet, where a schedule decides what is reported; and whether one has missed it already.
    gathered: Vec<(Name, bool)>,
    /// Whose interest has changed since the last poll.
    changed: Vec<Name>,
}

#[derive(Debug)]
struct Socket {
    owner: Option<Owner>,
    wanted: Interest,
    /// What the last poll took of `wanted`.
    interest: Interest,
    /// Whether it is in its loop's list.
    listed: bool,
    own: Address,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Listener { backlog: usize, ipv6_only: bool, waiting: VecDeque<Name> },
    Stream(Stream),
    Datagrams(Datagrams),
}

#[derive(Debug)]
struct Stream {
    peer_address: Address,
    /// The other end, while it exists.
    peer: Option<Name>,
    progress: Progress,
    /// What has arrived and is not read.
    arrived: VecDeque<u8>,
    /// The same in the pieces in which it was sent; a read may come between two of them.
    segments: VecDeque<usize>,
    /// The other end writes no more.
    ended: bool,
    /// This end writes no more.
    shut: bool,
    /// The connection was reset.
    dead: bool,
    /// To be reported once.
    error: Option<Errno>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// It waits for room in a listener's backlog.
    Knocking,
    /// Both ends exist.
    Connected,
}

#[derive(Debug, Default)]
struct Datagrams {
    arrived: VecDeque<(Vec<u8>, SocketAddr)>,
    peer: Option<SocketAddr>,
    shared: bool,
    /// An answer that nobody was there.
    error: Option<Errno>,
}

impl Stream {
    fn new(peer: Option<Name>, peer_address: Address) -> Self {
        Self {
            peer_address,
            peer,
            progress: Progress::Connected,
            arrived: VecDeque::new(),
            segments: VecDeque::new(),
            ended: false,
            shut: false,
            dead: false,
            error: None,
        }
    }

    /// What was written has arrived.
    fn arrive(&mut self, bytes: &[u8]) {
        self.arrived.extend(bytes);
        self.segments.extend(bytes.chunks(SEGMENT).map(<[u8]>::len));
    }

    /// Takes what a read delivers.
    fn take(&mut self, count: usize) -> Vec<u8> {
        let mut left = count;
        while let Some(first) = self.segments.front_mut().filter(|_| left > 0) {
            let taken = left.min(*first);
            (*first, left) = (*first - taken, left - taken);
            if *first == 0 {
                self.segments.pop_front();
            }
        }
        let (older, newer) = self.arrived.as_slices();
        let from_older = count.min(older.len());
        let mut bytes = Vec::with_capacity(count);
        bytes.extend_from_slice(&older[..from_older]);
        bytes.extend_from_slice(&newer[..count - from_older]);
        self.arrived.drain(..count);
        bytes
    }

    /// A reset has arrived.
    fn die(&mut self) {
        if !self.dead {
            self.error = Some(if self.ended { Errno::PIPE } else { Errno::CONNRESET });
            (self.dead, self.peer) = (true, None);
        }
    }
}

impl Socket {
    fn capacity(&self) -> usize {
        if matches!(self.own, Address::Path(_)) { UNIX_BUFFER } else { TCP_BUFFER }
    }

    fn room(&self) -> usize {
        let Kind::Stream(stream) = &self.kind else { return 0 };
        self.capacity().saturating_sub(stream.arrived.len())
    }
}

/// Port 0 of the loopback interface in the family of `address`.
fn loopback_like(address: &SocketAddr) -> SocketAddr {
    let ip = if address.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) };
    SocketAddr::new(ip, 0)
}

/// The address that a packet to `to` goes to: to the unspecified one is to oneself.
fn destination(to: SocketAddr) -> Result<SocketAddr, Errno> {
    let mut to = to;
    if to.ip().is_unspecified() {
        to.set_ip(loopback_like(&to).ip());
    }
    let mapped = matches!(to.ip(), IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()));
    if to.ip().is_loopback() || mapped { Ok(to) } else { Err(Errno::NETUNREACH) }
}

/// Whether a socket bound to `own` gets what is sent to `to`.
fn covers(own: &SocketAddr, to: &SocketAddr, ipv6_only: bool) -> bool {
    own.port() == to.port()
        && (own.ip().to_canonical() == to.ip().to_canonical()
            || (own.ip().is_unspecified() && (own.is_ipv4() == to.ip().to_canonical().is_ipv4() || own.is_ipv6() && !ipv6_only)))
}

/// An address as a socket at `own` sees it: IPv4 looks like IPv6 from there.
fn seen_from(own: &Address, other: &Address) -> Address {
    match (own, other) {
        (Address::Ip(SocketAddr::V6(_)), Address::Ip(SocketAddr::V4(other))) => {
            Address::Ip(SocketAddr::new(IpAddr::V6(other.ip().to_ipv6_mapped()), other.port()))
        }
        _ => other.clone(),
    }
}

impl Network {
    fn add(&mut self, owner: Owner, own: Address, kind: Kind) -> Name {
        self.last += 1;
        let interest = Interest::default();
        self.sockets.insert(self.last, Socket { owner: Some(owner), wanted: interest, interest, listed: false, own, kind });
        self.last
    }

    fn stream(&mut self, name: Name) -> Result<&mut Stream, Errno> {
        match self.sockets.get_mut(&name) {
            Some(Socket { kind: Kind::Stream(stream), .. }) => Ok(stream),
            Some(_) => Err(Errno::NOTCONN),
            None => Err(Errno::BADF),
        }
    }

    fn datagrams(&mut self, name: Name) -> Result<&mut Datagrams, Errno> {
        match self.sockets.get_mut(&name) {
            Some(Socket { kind: Kind::Datagrams(datagrams), .. }) => Ok(datagrams),
            Some(_) => Err(Errno::OPNOTSUPP),
            None => Err(Errno::BADF),
        }
    }

    fn find(&self, wanted: impl Fn(&Socket) -> bool) -> Option<Name> {
        self.sockets.iter().find(|(_, socket)| wanted(socket)).map(|(&name, _)| name)
    }

    fn port_is_taken(&self, port: u16) -> bool {
        self.find(|socket| matches!(socket.own, Address::Ip(own) if own.port() == port)).is_some()
    }

    fn free_port(&mut self) -> u16 {
        loop {
            self.last_port = if (FIRST_PORT..60_999).contains(&self.last_port) { self.last_port + 1 } else { FIRST_PORT };
            if !self.port_is_taken(self.last_port) {
                return self.last_port;
            }
        }
    }

    pub(in crate::host) fn listen(&mut self, owner: Owner, on: &Address, how: Listen) -> Result<Name, Errno> {
        let own = match on {
            Address::Path(path) => {
                use rustix::fs::{CWD, FileType, Mode};
                rustix::fs::mknodat(CWD, path, FileType::Socket, Mode::from_raw_mode(0o755), 0).map_err(|error| match error {
                    Errno::EXIST => Errno::ADDRINUSE,
                    error => error,
                })?;
                on.clone()
            }
            Address::Ip(on) => Address::Ip(self.bind(*on, how.ipv6_only)?),
        };
        let backlog = how.backlog as usize;
        Ok(self.add(owner, own, Kind::Listener { backlog, ipv6_only: how.ipv6_only, waiting: VecDeque::new() }))
    }

    /// The address that a listener or a datagram socket gets.
    fn bind(&mut self, on: SocketAddr, ipv6_only: bool) -> Result<SocketAddr, Errno> {
        if !on.ip().is_unspecified() && destination(on).is_err() {
            return Err(Errno::ADDRNOTAVAIL);
        }
        if on.port() == 0 {
            return Ok(SocketAddr::new(on.ip(), self.free_port()));
        }
        let collides = |socket: &Socket| match (&socket.own, &socket.kind) {
            (Address::Ip(own), Kind::Listener { ipv6_only: theirs, .. }) => {
                covers(own, &on, *theirs) || covers(&on, own, ipv6_only)
            }
            _ => false,
        };
        if self.find(collides).is_some() { Err(Errno::ADDRINUSE) } else { Ok(on) }
    }

    pub(in crate::host) fn connect(
        &mut self,
        owner: Owner,
        to: &Address,
        from: Option<SocketAddr>,
    ) -> Result<(Name, Connect), Errno> {
        let (listener, own, target) = match to {
            Address::Path(_) => {
                let listener = self.find(|socket| socket.own == *to && matches!(socket.kind, Kind::Listener { .. }));
                (listener, Address::Path(PathBuf::new()), to.clone())
            }
            Address::Ip(to) => {
                let to = destination(*to)?;
                let listener = self.find(|socket| match (&socket.own, &socket.kind) {
                    (Address::Ip(own), Kind::Listener { ipv6_only, .. }) => covers(own, &to, *ipv6_only),
                    _ => false,
                });
                let mut own = from.unwrap_or_else(|| loopback_like(&to));
                if own.port() == 0 {
                    own.set_port(self.free_port());
                }
                (listener, Address::Ip(own), Address::Ip(to))
            }
        };
        let mut stream = Stream::new(None, target.clone());
        let Some(listener) = listener else {
            let error = match &target {
                Address::Ip(_) => Errno::CONNREFUSED,
                Address::Path(path) if std::fs::symlink_metadata(path).is_ok() => Errno::CONNREFUSED,
                Address::Path(_) => Errno::NOENT,
            };
            let connect = match target {
                Address::Path(_) => Connect::Failed(error),
                Address::Ip(_) => {
                    stream.die();
                    stream.error = Some(error);
                    Connect::Underway
                }
            };
            return Ok((self.add(owner, own, Kind::Stream(stream)), connect));
        };
        stream.progress = Progress::Knocking;
        let name = self.add(owner, own, Kind::Stream(stream));
        let Some(Socket { kind: Kind::Listener { waiting, .. }, .. }) = self.sockets.get_mut(&listener) else {
            unreachable!("it was found")
        };
        waiting.push_back(name);
        self.admit(listener);
        Ok((name, Connect::Underway))
    }

    /// Completes connections as far as the backlog has room; as in Linux, one more than it says.
    fn admit(&mut self, listener: Name) {
        let Some(socket) = self.sockets.get(&listener) else { return };
        let Kind::Listener { backlog, waiting, .. } = &socket.kind else { return };
        let (own, owner) = (socket.own.clone(), socket.owner);
        let knocking: Vec<(usize, Name)> = waiting.iter().copied().enumerate().take(backlog + 1).collect();
        for (place, name) in knocking {
            let Some(client) = self.sockets.get(&name) else { continue };
            let Kind::Stream(stream @ Stream { progress: Progress::Knocking, .. }) = &client.kind else { continue };
            let (theirs, target) = (seen_from(&own, &client.own), seen_from(&own, &stream.peer_address));
            let server = self.add(owner.unwrap_or_default(), target, Kind::Stream(Stream::new(Some(name), theirs)));
            if let Ok(stream) = self.stream(name) {
                (stream.peer, stream.progress) = (Some(server), Progress::Connected);
            }
            if let Some(Socket { kind: Kind::Listener { waiting, .. }, .. }) = self.sockets.get_mut(&listener) {
                waiting[place] = server;
            }
            self.touch(name);
        }
        self.touch(listener);
    }

    pub(in crate::host) fn outcome(&mut self, name: Name) -> Result<(), Errno> {
        self.stream(name)?.error.take().map_or(Ok(()), Err)
    }

    pub(in crate::host) fn accept(&mut self, listener: Name, schedule: &mut Schedule) -> Attempt<Name> {
        let Some(Socket { kind: Kind::Listener { backlog, waiting, .. }, .. }) = self.sockets.get_mut(&listener) else {
            return Err(Errno::BADF);
        };
        if waiting.is_empty() {
            return Ok(None);
        }
        let complete = waiting.len().min(*backlog + 1);
        let chosen = schedule.choose(Point::AcceptOrder, u32::try_from(complete).unwrap_or(u32::MAX), |way| {
            format!("connection {} in the queue is accepted", way + 1)
        }) as usize;
        let accepted = waiting.remove(chosen);
        self.admit(listener);
        Ok(accepted)
    }

    pub(in crate::host) fn pair(&mut self, owner: Owner) -> (Name, Name) {
        let nameless = || Address::Path(PathBuf::new());
        let one = self.add(owner, nameless(), Kind::Stream(Stream::new(None, nameless())));
        let other = self.add(owner, nameless(), Kind::Stream(Stream::new(Some(one), nameless())));
        if let Ok(stream) = self.stream(one) {
            stream.peer = Some(other);
        }
        (one, other)
    }

    /// Takes a socket from its loop.
    pub(in crate::host) fn detach(&mut self, name: Name) -> Result<(), Errno> {
        let socket = self.sockets.get_mut(&name).ok_or(Errno::BADF)?;
        let owner = socket.owner.take();
        (socket.wanted, socket.interest, socket.listed) = (Interest::default(), Interest::default(), false);
        self.unlist(owner, name);
        Ok(())
    }

    /// Gives a socket that has no loop to one.
    pub(in crate::host) fn attach(&mut self, owner: Owner, name: Name) -> Result<(), Errno> {
        match self.sockets.get_mut(&name) {
            Some(socket) if socket.owner.is_none() => {
                socket.owner = Some(owner);
                Ok(())
            }
            _ => Err(Errno::BADF),
        }
    }

    pub(in crate::host) fn read(&mut self, name: Name, most: usize, schedule: &mut Schedule) -> Attempt<Vec<u8>> {
        let stream = self.stream(name)?;
        let arrived = stream.arrived.len().min(most);
        if arrived == 0 {
            return match stream.error.take() {
                _ if stream.ended => Ok(Some(Vec::new())),
                Some(error) => Err(error),
                None if stream.dead => Ok(Some(Vec::new())),
                None => Ok(None),
            };
        }
        let lengths = [arrived, stream.segments.front().map_or(arrived, |&first| first.min(arrived))];
        let ways = if lengths[1] < arrived { 2 } else { 1 };
        let taken = schedule.choose(Point::ReadLength, ways, |way| format!("{} bytes are read", lengths[way as usize]));
        let delivered = lengths[taken as usize];
        let bytes = stream.take(delivered);
        if let Some(peer) = stream.peer {
            self.touch(peer);
        }
        Ok(Some(bytes))
    }

    pub(in crate::host) fn write(&mut self, name: Name, bytes: &[u8]) -> Attempt<usize> {
        let is_unix = matches!(self.sockets.get(&name).map(|socket| &socket.own), Some(Address::Path(_)));
        let stream = self.stream(name)?;
        if let Some(error) = stream.error.take() {
            return Err(error);
        }
        if stream.shut || stream.dead {
            return Err(Errno::PIPE);
        }
        let Some(peer) = stream.peer else {
            // A Unix domain socket sees that the other end is gone, TCP only when a reset answers.
            if is_unix {
                return Err(Errno::PIPE);
            }
            stream.die();
            self.touch(name);
            return Ok(Some(bytes.len()));
        };
        let room = self.sockets.get(&peer).map_or(0, Socket::room);
        if room == 0 && !bytes.is_empty() {
            return Ok(None);
        }
        let taken = bytes.len().min(room);
        self.stream(peer)?.arrive(&bytes[..taken]);
        self.touch(peer);
        Ok(Some(taken))
    }

    pub(in crate::host) fn shutdown(&mut self, name: Name) -> Result<(), Errno> {
        let stream = self.stream(name)?;
        if stream.dead || stream.progress == Progress::Knocking {
            return Err(Errno::NOTCONN);
        }
        stream.shut = true;
        if let Some(peer) = stream.peer {
            self.stream(peer)?.ended = true;
            self.touch(peer);
        }
        self.touch(name);
        Ok(())
    }

    pub(in crate::host) fn close(&mut self, name: Name, reset: bool) {
        let Some(socket) = self.sockets.remove(&name) else { return };
        self.unlist(socket.owner, name);
        match socket.kind {
            Kind::Datagrams(_) => {}
            Kind::Listener { waiting, .. } => {
                if let Address::Path(path) = &socket.own {
                    // It may be gone, or replaced, already; libuv looks no closer.
                    let _ = rustix::fs::unlink(path);
                }
                for name in waiting {
                    if matches!(self.stream(name), Ok(stream) if stream.progress == Progress::Connected) {
                        self.close(name, true);
                    } else if let Ok(stream) = self.stream(name) {
                        stream.die();
                        (stream.error, stream.progress) = (Some(Errno::CONNREFUSED), Progress::Connected);
                        self.touch(name);
                    }
                }
            }
            Kind::Stream(stream) => {
                if let Some(peer) = stream.peer {
                    let unread = !stream.arrived.is_empty();
                    if let Ok(other) = self.stream(peer) {
                        if reset || unread {
                            other.die();
                        } else {
                            (other.ended, other.peer) = (true, None);
                        }
                        self.touch(peer);
                    }
                } else if stream.progress == Progress::Knocking {
                    self.forget_knocking(name);
                }
            }
        }
    }

    fn unlist(&mut self, owner: Option<Owner>, name: Name) {
        if let Some(lists) = owner.and_then(|owner| self.lists.get_mut(&owner)) {
            lists.ready.retain(|&other| other != name);
            lists.gathered.retain(|&(other, _)| other != name);
        }
    }

    fn forget_knocking(&mut self, name: Name) {
        for socket in self.sockets.values_mut() {
            if let Kind::Listener { waiting, .. } = &mut socket.kind {
                waiting.retain(|&other| other != name);
            }
        }
    }

    /// Closes whatever a loop that is over leaves open.
    pub(in crate::host) fn abandon(&mut self, owner: Owner) {
        let left: Vec<Name> =
            self.sockets.iter().filter(|(_, socket)| socket.owner == Some(owner)).map(|(&name, _)| name).collect();
        left.into_iter().for_each(|name| self.close(name, false));
    }

    pub(in crate::host) fn own_address(&self, name: Name) -> Result<Address, Errno> {
        self.sockets.get(&name).map(|socket| socket.own.clone()).ok_or(Errno::BADF)
    }

    pub(in crate::host) fn peer_address(&mut self, name: Name) -> Result<Address, Errno> {
        if let Ok(datagrams) = self.datagrams(name) {
            return datagrams.peer.map(Address::Ip).ok_or(Errno::NOTCONN);
        }
        let stream = self.stream(name)?;
        let connected = stream.progress == Progress::Connected && !stream.dead;
        if connected { Ok(stream.peer_address.clone()) } else { Err(Errno::NOTCONN) }
    }
}
