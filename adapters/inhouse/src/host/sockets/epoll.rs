//! Sockets of the operating system, behind one epoll descriptor a loop.
//!
//! As in libuv (`uv__io_poll`), a change of interest reaches the kernel when the next poll begins, in the order in which the changes were
//! made: that order, and not the order of the system calls before, decides which of two sockets that are ready already comes first.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{Timespec, epoll};
use rustix::net::{
    self, AddressFamily, RecvFlags, SendFlags, Shutdown, SocketAddrAny, SocketAddrUnix, SocketFlags, SocketType, sockopt,
};

use super::{Address, Attempt, Connect, Errno, Interest, Listen, Loose, Readiness, SocketId, SocketOption, Sockets};

/// What wakes the loop from other threads; no socket has this number.
const WAKE: u64 = 0;
/// Events that one poll takes; libuv takes as many.
const EVENTS: usize = 1024;
/// The largest datagram.
const DATAGRAM: usize = 65_536;

/// What a poll has found, in the kernel's order.
pub(in crate::host) enum Found {
    /// Another thread has woken the loop.
    Woken,
    /// A socket is ready.
    Ready(SocketId, Readiness),
}

/// The descriptors of one loop.
pub(in crate::host) struct Descriptors {
    epoll: OwnedFd,
    open: RefCell<HashMap<SocketId, Descriptor>>,
    /// Whose interest has changed since the last poll.
    changed: RefCell<Vec<SocketId>>,
    last: Cell<u64>,
}

struct Descriptor {
    fd: OwnedFd,
    wanted: Interest,
    /// What the kernel knows of `wanted`.
    registered: Interest,
    is_socket: bool,
    /// The file to remove with it.
    file: Option<PathBuf>,
}

impl Descriptors {
    /// Makes an epoll that `wake` wakes.
    pub(in crate::host) fn new(wake: &OwnedFd) -> Result<Self, Errno> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, wake, epoll::EventData::new_u64(WAKE), epoll::EventFlags::IN)?;
        Ok(Self { epoll, open: RefCell::default(), changed: RefCell::default(), last: Cell::new(WAKE) })
    }

    /// Waits for readiness. An interrupted wait finds nothing; the loop polls again.
    pub(in crate::host) fn poll(&self, timeout: Option<&Timespec>) -> Vec<Found> {
        self.register();
        let mut events = Vec::with_capacity(EVENTS);
        let _ = epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), timeout);
        let open = self.open.borrow();
        let found = events.into_iter().filter_map(|event| {
            let (data, flags) = (event.data, event.flags);
            if data.u64() == WAKE {
                return Some(Found::Woken);
            }
            let socket = SocketId(data.u64());
            let wanted = open.get(&socket)?.wanted;
            let broken = flags.intersects(epoll::EventFlags::ERR | epoll::EventFlags::HUP);
            let readiness = Readiness {
                readable: broken || flags.contains(epoll::EventFlags::IN),
                writable: broken || flags.contains(epoll::EventFlags::OUT),
                hung_up: flags.contains(epoll::EventFlags::HUP),
            };
            (wanted != Interest::default()).then_some(Found::Ready(socket, readiness))
        });
        found.collect()
    }

    /// Tells the kernel what has changed.
    fn register(&self) {
        let mut open = self.open.borrow_mut();
        for socket in self.changed.borrow_mut().drain(..) {
            let Some(descriptor) = open.get_mut(&socket) else { continue };
            if descriptor.wanted == descriptor.registered {
                continue;
            }
            let mut flags = epoll::EventFlags::empty();
            flags.set(epoll::EventFlags::IN, descriptor.wanted.read);
            flags.set(epoll::EventFlags::OUT, descriptor.wanted.write);
            let data = epoll::EventData::new_u64(socket.0);
            // The kernel refuses only what is no socket and no pipe, which never becomes ready.
            let _ = if flags.is_empty() {
                epoll::delete(&self.epoll, &descriptor.fd)
            } else if descriptor.registered == Interest::default() {
                epoll::add(&self.epoll, &descriptor.fd, data, flags)
            } else {
                epoll::modify(&self.epoll, &descriptor.fd, data, flags)
            };
            descriptor.registered = descriptor.wanted;
        }
    }

    fn add(&self, fd: OwnedFd, file: Option<PathBuf>) -> SocketId {
        self.last.set(self.last.get() + 1);
        let socket = SocketId(self.last.get());
        let is_socket = sockopt::socket_type(&fd).is_ok();
        let descriptor = Descriptor { fd, wanted: Interest::default(), registered: Interest::default(), is_socket, file };
        self.open.borrow_mut().insert(socket, descriptor);
        socket
    }

    fn with<T>(&self, socket: SocketId, call: impl FnOnce(&OwnedFd) -> Result<T, Errno>) -> Result<T, Errno> {
        let open = self.open.borrow();
        call(&open.get(&socket).ok_or(Errno::BADF)?.fd)
    }

    fn remove(&self, socket: SocketId) -> Option<Descriptor> {
        self.open.borrow_mut().remove(&socket)
    }
}

/// Turns "would wait" into `None`, and tries again what a signal interrupted.
fn attempt<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Attempt<T> {
    loop {
        match call() {
            Ok(value) => return Ok(Some(value)),
            Err(Errno::INTR) => {}
            Err(error) if error == Errno::AGAIN || error == Errno::WOULDBLOCK => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}

fn family(address: &SocketAddr) -> AddressFamily {
    if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 }
}

fn new_socket(family: AddressFamily, kind: SocketType) -> Result<OwnedFd, Errno> {
    net::socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)
}

fn address(name: SocketAddrAny) -> Result<Address, Errno> {
    if name.address_family() == AddressFamily::UNIX {
        let unix = SocketAddrUnix::try_from(name)?;
        let path =
            unix.path().map(|path| PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(path.to_bytes())));
        return Ok(Address::Path(path.unwrap_or_default()));
    }
    Ok(Address::Ip(SocketAddr::try_from(name)?))
}

fn listen_at_path(path: &Path, how: Listen) -> Result<OwnedFd, Errno> {
    let fd = new_socket(AddressFamily::UNIX, SocketType::STREAM)?;
    net::bind(&fd, &SocketAddrUnix::new(path)?)?;
    net::listen(&fd, backlog(how))?;
    Ok(fd)
}

fn backlog(how: Listen) -> i32 {
    i32::try_from(how.backlog).unwrap_or(i32::MAX)
}

impl Sockets for Descriptors {
    fn listen(&self, on: &Address, how: Listen) -> Result<SocketId, Errno> {
        match on {
            Address::Path(path) => Ok(self.add(listen_at_path(path, how)?, Some(path.clone()))),
            Address::Ip(on) => {
                let fd = new_socket(family(on), SocketType::STREAM)?;
                sockopt::set_socket_reuseaddr(&fd, true)?;
                if on.is_ipv6() {
                    sockopt::set_ipv6_v6only(&fd, how.ipv6_only)?;
                }
                net::bind(&fd, on)?;
                net::listen(&fd, backlog(how))?;
                Ok(self.add(fd, None))
            }
        }
    }

    fn connect(&self, to: &Address, from: Option<SocketAddr>) -> Result<(SocketId, Connect), Errno> {
        let (fd, answer) = match to {
            Address::Path(path) => {
                let fd = new_socket(AddressFamily::UNIX, SocketType::STREAM)?;
                let answer = SocketAddrUnix::new(path.as_path()).and_then(|name| net::connect(&fd, &name));
                (fd, answer)
            }
            Address::Ip(to) => {
                let fd = new_socket(family(to), SocketType::STREAM)?;
                if let Some(from) = from {
                    sockopt::set_socket_reuseaddr(&fd, true)?;
                    net::bind(&fd, &from)?;
                }
                let answer = net::connect(&fd, to);
                (fd, answer)
            }
        };
        let connect = match answer {
            Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Connect::Underway,
            Err(error) if matches!(to, Address::Path(_)) || error == Errno::CONNREFUSED => Connect::Failed(error),
            Err(error) => return Err(error),
        };
        Ok((self.add(fd, None), connect))
    }

    fn outcome(&self, socket: SocketId) -> Result<(), Errno> {
        self.with(socket, |fd| sockopt::socket_error(fd)?)
    }

    fn accept(&self, listener: SocketId) -> Attempt<SocketId> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let accepted = self.with(listener, |fd| attempt(|| net::accept_with(fd, flags)))?;
        Ok(accepted.map(|fd| self.add(fd, None)))
    }

    fn pair(&self) -> Result<(SocketId, SocketId), Errno> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let (one, other) = net::socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        Ok((self.add(one, None), self.add(other, None)))
    }

    fn detach(&self, socket: SocketId) -> Result<Loose, Errno> {
        let descriptor = self.remove(socket).ok_or(Errno::BADF)?;
        if descriptor.registered != Interest::default() {
            epoll::delete(&self.epoll, &descriptor.fd)?;
        }
        Ok(Loose::Descriptor(descriptor.fd))
    }

    fn attach(&self, end: Loose) -> Result<SocketId, Errno> {
        let Loose::Descriptor(fd) = end else { return Err(Errno::BADF) };
        rustix::io::ioctl_fionbio(&fd, true)?;
        Ok(self.add(fd, None))
    }

    fn read(&self, socket: SocketId, most: usize) -> Attempt<Vec<u8>> {
        let mut bytes = Vec::with_capacity(most);
        let read = self.with(socket, |fd| attempt(|| rustix::io::read(fd, rustix::buffer::spare_capacity(&mut bytes))))?;
        bytes.shrink_to_fit();
        Ok(read.map(|_| bytes))
    }

    fn write(&self, socket: SocketId, bytes: &[u8]) -> Attempt<usize> {
        let open = self.open.borrow();
        let descriptor = open.get(&socket).ok_or(Errno::BADF)?;
        attempt(|| {
            if descriptor.is_socket {
                net::send(&descriptor.fd, bytes, SendFlags::NOSIGNAL)
            } else {
                rustix::io::write(&descriptor.fd, bytes)
            }
        })
    }

    fn shutdown(&self, socket: SocketId) -> Result<(), Errno> {
        self.with(socket, |fd| net::shutdown(fd, Shutdown::Write))
    }

    fn close(&self, socket: SocketId) {
        if let Some(Descriptor { file: Some(path), .. }) = self.remove(socket) {
            // It may be gone, or replaced, already; libuv looks no closer.
            let _ = rustix::fs::unlink(&path);
        }
    }

    fn abandon(&self) {
        let sockets: Vec<SocketId> = self.open.borrow().keys().copied().collect();
        sockets.into_iter().for_each(|socket| self.close(socket));
    }

    fn reset(&self, socket: SocketId) {
        // A socket that cannot linger is closed in the usual way.
        let _ = self.with(socket, |fd| sockopt::set_socket_linger(fd, Some(Duration::ZERO)));
        self.close(socket);
    }

    fn watch(&self, socket: SocketId, interest: Interest) {
        if let Some(descriptor) = self.open.borrow_mut().get_mut(&socket)
            && descriptor.wanted != interest
        {
            descriptor.wanted = interest;
            self.changed.borrow_mut().push(socket);
        }
    }

    fn own_address(&self, socket: SocketId) -> Result<Address, Errno> {
        self.with(socket, |fd| address(net::getsockname(fd)?))
    }

    fn peer_address(&self, socket: SocketId) -> Result<Address, Errno> {
        self.with(socket, |fd| address(net::getpeername(fd)?.ok_or(Errno::NOTCONN)?))
    }

    fn set_option(&self, socket: SocketId, option: SocketOption) -> Result<(), Errno> {
        self.with(socket, |fd| match option {
            SocketOption::NoDelay(on) => sockopt::set_tcp_nodelay(fd, on),
            SocketOption::KeepAlive(on, idle) => {
                sockopt::set_socket_keepalive(fd, on)?;
                idle.filter(|_| on).map_or(Ok(()), |seconds| sockopt::set_tcp_keepidle(fd, Duration::from_secs(seconds.into())))
            }
            SocketOption::Broadcast(on) => sockopt::set_socket_broadcast(fd, on),
            SocketOption::TimeToLive(hops) => sockopt::set_ip_ttl(fd, hops),
        })
    }

    fn bind_datagrams(&self, on: SocketAddr, shared: bool) -> Result<SocketId, Errno> {
        let fd = new_socket(family(&on), SocketType::DGRAM)?;
        sockopt::set_socket_reuseaddr(&fd, shared)?;
        net::bind(&fd, &on)?;
        Ok(self.add(fd, None))
    }

    fn connect_datagrams(&self, socket: SocketId, to: Option<SocketAddr>) -> Result<(), Errno> {
        self.with(socket, |fd| match to {
            Some(to) => net::connect(fd, &to),
            None => net::connect_unspec(fd),
        })
    }

    fn send(&self, socket: SocketId, bytes: &[u8], to: Option<SocketAddr>) -> Attempt<usize> {
        self.with(socket, |fd| {
            attempt(|| match to {
                Some(to) => net::sendto(fd, bytes, SendFlags::NOSIGNAL, &to),
                None => net::send(fd, bytes, SendFlags::NOSIGNAL),
            })
        })
    }

    fn receive(&self, socket: SocketId) -> Attempt<(Vec<u8>, SocketAddr)> {
        let mut bytes = vec![0; DATAGRAM];
        let received = self.with(socket, |fd| attempt(|| net::recvfrom(fd, &mut bytes[..], RecvFlags::empty())))?;
        let Some((_, length, Some(from))) = received else { return Ok(None) };
        bytes.truncate(length);
        Ok(Some((bytes, SocketAddr::try_from(from)?)))
    }
}
