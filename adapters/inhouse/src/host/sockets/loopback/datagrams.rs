//! Datagrams of the network in memory: what finds no room, or nobody, is lost, as with UDP.

use std::net::SocketAddr;

use super::{Datagrams, Kind, Name, Network, Owner, Socket, covers, destination};
use crate::host::sockets::{Address, Attempt, Errno};

/// Bytes of datagrams that wait for one socket, as of Linux's `rmem_default`; more are lost.
const DATAGRAM_BUFFER: usize = 212_992;
/// The largest datagram of UDP over IPv4.
const DATAGRAM: usize = 65_507;

impl Network {
    pub(in crate::host) fn bind_datagrams(&mut self, owner: Owner, on: SocketAddr, shared: bool) -> Result<Name, Errno> {
        let collides = |socket: &Socket| match (&socket.own, &socket.kind) {
            (Address::Ip(own), Kind::Datagrams(theirs)) => !(shared && theirs.shared) && covers(own, &on, false),
            _ => false,
        };
        if on.port() != 0 && self.find(collides).is_some() {
            return Err(Errno::ADDRINUSE);
        }
        if !on.ip().is_unspecified() && destination(on).is_err() {
            return Err(Errno::ADDRNOTAVAIL);
        }
        let port = if on.port() == 0 { self.free_port() } else { on.port() };
        let own = Address::Ip(SocketAddr::new(on.ip(), port));
        Ok(self.add(owner, own, Kind::Datagrams(Datagrams { shared, ..Datagrams::default() })))
    }

    pub(in crate::host) fn connect_datagrams(&mut self, name: Name, to: Option<SocketAddr>) -> Result<(), Errno> {
        let to = to.map(destination).transpose()?;
        self.datagrams(name)?.peer = to;
        Ok(())
    }

    pub(in crate::host) fn send(&mut self, name: Name, bytes: &[u8], to: Option<SocketAddr>) -> Attempt<usize> {
        let own = self.own_address(name)?;
        let datagrams = self.datagrams(name)?;
        if let Some(error) = datagrams.error.take() {
            return Err(error);
        }
        let connected = datagrams.peer;
        let to = destination(to.or(connected).ok_or(Errno::DESTADDRREQ)?)?;
        if bytes.len() > DATAGRAM {
            return Err(Errno::MSGSIZE);
        }
        let Address::Ip(mut from) = own else { return Err(Errno::INVAL) };
        if from.ip().is_unspecified() {
            from.set_ip(to.ip());
        }
        let target = self.find(|socket| match (&socket.own, &socket.kind) {
            (Address::Ip(own), Kind::Datagrams(theirs)) => covers(own, &to, false) && theirs.peer.is_none_or(|peer| peer == from),
            _ => false,
        });
        if let Some(target) = target {
            let theirs = self.datagrams(target)?;
            let waiting: usize = theirs.arrived.iter().map(|(bytes, _)| bytes.len()).sum();
            if waiting + bytes.len() <= DATAGRAM_BUFFER {
                theirs.arrived.push_back((bytes.to_vec(), from));
                self.touch(target);
            }
        } else if connected.is_some() {
            self.datagrams(name)?.error = Some(Errno::CONNREFUSED);
            self.touch(name);
        }
        Ok(Some(bytes.len()))
    }

    pub(in crate::host) fn receive(&mut self, name: Name) -> Attempt<(Vec<u8>, SocketAddr)> {
        let datagrams = self.datagrams(name)?;
        if let Some(error) = datagrams.error.take() {
            return Err(error);
        }
        Ok(datagrams.arrived.pop_front())
    }
}
