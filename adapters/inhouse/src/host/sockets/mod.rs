//! The floor for sockets: byte streams and datagrams, none of whose calls ever waits.
//!
//! A socket is a name, [`SocketId`]; what it is in the world behind is that world's affair: a descriptor behind epoll ([`epoll`]), or two
//! queues in memory ([`loopback`]). What cannot be done now answers [`Attempt`]'s `None`, and is worth trying again when a poll
//! says that the socket is ready. Readiness is a level, as with epoll: it is reported by each poll as long as it lasts and is
//! [wanted](Sockets::watch). Errors are the system's numbers. Streams with their queues and callbacks are built on this floor by
//! [`event_loop`](crate::event_loop).

pub(super) mod epoll;
pub(super) mod loopback;
mod simulated;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

pub use rustix::io::Errno;

/// Names a socket within its loop; names are never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub u64);

/// Where a socket listens, or connects to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// TCP or UDP.
    Ip(SocketAddr),
    /// A Unix domain socket; the empty path is that of a socket without a name.
    Path(PathBuf),
}

/// What came of a call that does not wait; `None` if it would have had to.
pub type Attempt<T> = Result<Option<T>, Errno>;

/// How a connection begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connect {
    /// The outcome is there when the socket becomes writable; ask [`Sockets::outcome`].
    Underway,
    /// It failed at once.
    Failed(Errno),
}

/// How to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// Connections that may wait to be accepted.
    pub backlog: u32,
    /// Whether the unspecified IPv6 address excludes IPv4.
    pub ipv6_only: bool,
}

/// What a loop wants to hear of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interest {
    /// That a read or an accept would not wait.
    pub read: bool,
    /// That a write would not wait, or that a connection's outcome is there.
    pub write: bool,
}

/// What a poll has found. An error of the socket makes it both readable and writable, wanted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Readiness {
    /// A read or an accept would not wait.
    pub readable: bool,
    /// A write would not wait.
    pub writable: bool,
    /// Both directions are over.
    pub hung_up: bool,
}

/// A setting of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketOption {
    /// Small writes are sent at once (`TCP_NODELAY`).
    NoDelay(bool),
    /// Idle connections are probed (`SO_KEEPALIVE`), after this many seconds if given.
    KeepAlive(bool, Option<u32>),
    /// Datagrams may go to a broadcast address.
    Broadcast(bool),
    /// Hops that a datagram may make.
    TimeToLive(u32),
}

/// A socket between two loops: taken from one, not yet given to the other.
#[derive(Debug)]
pub enum Loose {
    /// A descriptor of the operating system: a socket, or a pipe.
    Descriptor(OwnedFd),
    /// An end in memory.
    InMemory(u64),
}

/// Sockets, as a part of the outside world.
pub trait Sockets {
    /// Listens for connections. A listening Unix domain socket's file is removed when it is closed.
    ///
    /// # Errors
    /// The system's, as of `bind` and `listen`.
    fn listen(&self, on: &Address, how: Listen) -> Result<SocketId, Errno>;

    /// Begins a connection, from a certain own address if one is given.
    ///
    /// # Errors
    /// The system's, if there can be no such socket; that nobody answers is [`Connect::Failed`], or the later outcome.
    fn connect(&self, to: &Address, from: Option<SocketAddr>) -> Result<(SocketId, Connect), Errno>;

    /// The outcome of a connection that was underway, or whatever error the socket holds.
    ///
    /// # Errors
    /// The system's, as `SO_ERROR` has it.
    fn outcome(&self, socket: SocketId) -> Result<(), Errno>;

    /// Takes the first connection that waits.
    ///
    /// # Errors
    /// The system's, as of `accept`.
    fn accept(&self, listener: SocketId) -> Attempt<SocketId>;

    /// Two ends of a new connection, both this loop's.
    ///
    /// # Errors
    /// The system's, as of `socketpair`.
    fn pair(&self) -> Result<(SocketId, SocketId), Errno>;

    /// Takes an end away from this loop.
    ///
    /// # Errors
    /// `EBADF` if there is no such socket.
    fn detach(&self, socket: SocketId) -> Result<Loose, Errno>;

    /// Gives an end to this loop.
    ///
    /// # Errors
    /// `EBADF` if the end belongs to another world, else the system's.
    fn attach(&self, end: Loose) -> Result<SocketId, Errno>;

    /// Reads what has arrived, about `most` bytes of it; nothing at the end of the stream.
    ///
    /// # Errors
    /// The system's, as of `read`.
    fn read(&self, socket: SocketId, most: usize) -> Attempt<Vec<u8>>;

    /// Writes as much as there is room for.
    ///
    /// # Errors
    /// The system's, as of `write`.
    fn write(&self, socket: SocketId, bytes: &[u8]) -> Attempt<usize>;

    /// Ends the writing direction; what was written arrives.
    ///
    /// # Errors
    /// The system's, as of `shutdown`.
    fn shutdown(&self, socket: SocketId) -> Result<(), Errno>;

    /// Closes a socket; its name is void from here on. What was written arrives, unless the other end left something unread.
    fn close(&self, socket: SocketId);

    /// Closes all sockets of this loop.
    fn abandon(&self);

    /// Closes a TCP connection by a reset, which the other end sees as `ECONNRESET`.
    fn reset(&self, socket: SocketId);

    /// Says what the next polls report of a socket; nothing before the first call.
    fn watch(&self, socket: SocketId, interest: Interest);

    /// The socket's own address.
    ///
    /// # Errors
    /// The system's, as of `getsockname`.
    fn own_address(&self, socket: SocketId) -> Result<Address, Errno>;

    /// The address of the other end.
    ///
    /// # Errors
    /// The system's, as of `getpeername`.
    fn peer_address(&self, socket: SocketId) -> Result<Address, Errno>;

    /// Changes a setting.
    ///
    /// # Errors
    /// The system's, as of `setsockopt`.
    fn set_option(&self, socket: SocketId, option: SocketOption) -> Result<(), Errno>;

    /// Makes a socket for datagrams, shared with others at the same address if `shared`.
    ///
    /// # Errors
    /// The system's, as of `bind`.
    fn bind_datagrams(&self, on: SocketAddr, shared: bool) -> Result<SocketId, Errno>;

    /// Lets datagrams go to `to` by default, and come from there only; to and from everywhere if there is none.
    ///
    /// # Errors
    /// The system's, as of `connect`.
    fn connect_datagrams(&self, socket: SocketId, to: Option<SocketAddr>) -> Result<(), Errno>;

    /// Sends one datagram.
    ///
    /// # Errors
    /// The system's, as of `sendto`.
    fn send(&self, socket: SocketId, bytes: &[u8], to: Option<SocketAddr>) -> Attempt<usize>;

    /// Takes one datagram and its sender.
    ///
    /// # Errors
    /// The system's, as of `recvfrom`.
    fn receive(&self, socket: SocketId) -> Attempt<(Vec<u8>, SocketAddr)>;
}
