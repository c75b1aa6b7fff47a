//! The network of a simulated world, as one of its loops uses it.

use std::net::SocketAddr;

use super::{Address, Attempt, Connect, Errno, Interest, Listen, Loose, SocketId, SocketOption, Sockets};
use crate::host::simulated::Simulated;

impl Sockets for Simulated {
    fn listen(&self, on: &Address, how: Listen) -> Result<SocketId, Errno> {
        self.network(|network, me, _| network.listen(me, on, how)).map(SocketId)
    }

    fn connect(&self, to: &Address, from: Option<SocketAddr>) -> Result<(SocketId, Connect), Errno> {
        self.network(|network, me, _| network.connect(me, to, from)).map(|(name, connect)| (SocketId(name), connect))
    }

    fn outcome(&self, socket: SocketId) -> Result<(), Errno> {
        self.network(|network, _, _| network.outcome(socket.0))
    }

    fn accept(&self, listener: SocketId) -> Attempt<SocketId> {
        Ok(self.network(|network, _, schedule| network.accept(listener.0, schedule))?.map(SocketId))
    }

    fn pair(&self) -> Result<(SocketId, SocketId), Errno> {
        let (one, other) = self.network(|network, me, _| network.pair(me));
        Ok((SocketId(one), SocketId(other)))
    }

    fn detach(&self, socket: SocketId) -> Result<Loose, Errno> {
        self.network(|network, _, _| network.detach(socket.0)).map(|()| Loose::InMemory(socket.0))
    }

    fn attach(&self, end: Loose) -> Result<SocketId, Errno> {
        let Loose::InMemory(name) = end else { return Err(Errno::BADF) };
        self.network(|network, me, _| network.attach(me, name)).map(|()| SocketId(name))
    }

    fn read(&self, socket: SocketId, most: usize) -> Attempt<Vec<u8>> {
        self.network(|network, _, schedule| network.read(socket.0, most, schedule))
    }

    fn write(&self, socket: SocketId, bytes: &[u8]) -> Attempt<usize> {
        self.network(|network, _, _| network.write(socket.0, bytes))
    }

    fn shutdown(&self, socket: SocketId) -> Result<(), Errno> {
        self.network(|network, _, _| network.shutdown(socket.0))
    }

    fn close(&self, socket: SocketId) {
        self.network(|network, _, _| network.close(socket.0, false));
    }

    fn abandon(&self) {
        self.network(|network, me, _| network.abandon(me));
    }

    fn reset(&self, socket: SocketId) {
        self.network(|network, _, _| network.close(socket.0, true));
    }

    fn watch(&self, socket: SocketId, interest: Interest) {
        self.network(|network, _, _| network.watch(socket.0, interest));
    }

    fn own_address(&self, socket: SocketId) -> Result<Address, Errno> {
        self.network(|network, _, _| network.own_address(socket.0))
    }

    fn peer_address(&self, socket: SocketId) -> Result<Address, Errno> {
        self.network(|network, _, _| network.peer_address(socket.0))
    }

    fn set_option(&self, socket: SocketId, _: SocketOption) -> Result<(), Errno> {
        // Nothing is delayed, lost or routed here: settings have nothing to change.
        self.own_address(socket).map(|_| ())
    }

    fn bind_datagrams(&self, on: SocketAddr, shared: bool) -> Result<SocketId, Errno> {
        self.network(|network, me, _| network.bind_datagrams(me, on, shared)).map(SocketId)
    }

    fn connect_datagrams(&self, socket: SocketId, to: Option<SocketAddr>) -> Result<(), Errno> {
        self.network(|network, _, _| network.connect_datagrams(socket.0, to))
    }

    fn send(&self, socket: SocketId, bytes: &[u8], to: Option<SocketAddr>) -> Attempt<usize> {
        self.network(|network, _, _| network.send(socket.0, bytes, to))
    }

    fn receive(&self, socket: SocketId) -> Attempt<(Vec<u8>, SocketAddr)> {
        self.network(|network, _, _| network.receive(socket.0))
    }
}
