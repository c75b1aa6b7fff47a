//! Which sockets of the network in memory are ready, and in which order a poll reports them.

use super::{Kind, Lists, Name, Network, Owner, Progress, Socket, WAKE};
use crate::host::sockets::{Interest, Readiness};

impl Network {
    fn readiness(&self, name: Name) -> Readiness {
        let Some(socket) = self.sockets.get(&name) else { return Readiness::default() };
        match &socket.kind {
            Kind::Listener { waiting, .. } => Readiness { readable: !waiting.is_empty(), ..Readiness::default() },
            Kind::Datagrams(datagrams) => {
                Readiness { readable: !datagrams.arrived.is_empty() || datagrams.error.is_some(), writable: true, hung_up: false }
            }
            Kind::Stream(stream) if stream.progress == Progress::Knocking => Readiness::default(),
            Kind::Stream(stream) => {
                let hung_up = stream.dead || (stream.ended && stream.shut);
                let broken = hung_up || stream.error.is_some();
                let room = stream.peer.and_then(|peer| self.sockets.get(&peer)).map_or(usize::MAX, Socket::room);
                Readiness {
                    readable: broken || stream.ended || !stream.arrived.is_empty(),
                    // Linux waits until a third of the buffer is free.
                    writable: broken || stream.shut || room >= socket.capacity() / 3,
                    hung_up,
                }
            }
        }
    }

    /// What a poll reports of a socket, if anything.
    fn reported(&self, name: Name) -> Option<Readiness> {
        let interest = self.sockets.get(&name)?.interest;
        let ready = self.readiness(name);
        let both = ready.readable && ready.writable && (ready.hung_up || self.has_error(name));
        let (read, write) = (interest.read || both, interest.write || both);
        let wanted = interest != Interest::default();
        let reported = Readiness { readable: ready.readable && read, writable: ready.writable && write, ..ready };
        (wanted && (reported.readable || reported.writable)).then_some(reported)
    }

    fn has_error(&self, name: Name) -> bool {
        match self.sockets.get(&name).map(|socket| &socket.kind) {
            Some(Kind::Stream(stream)) => stream.error.is_some(),
            Some(Kind::Datagrams(datagrams)) => datagrams.error.is_some(),
            _ => false,
        }
    }

    /// Notes that something about a socket has changed.
    pub(super) fn touch(&mut self, name: Name) {
        if self.reported(name).is_none() {
            return;
        }
        if let Some(socket) = self.sockets.get_mut(&name)
            && let Some(owner) = socket.owner
            && !std::mem::replace(&mut socket.listed, true)
        {
            self.lists.entry(owner).or_default().ready.push_back(name);
        }
    }

    /// Notes that something else than a socket wakes the loop: all of it arrives through one descriptor, and so at one place in the list.
    pub(in crate::host) fn wake(&mut self, owner: Owner) {
        let ready = &mut self.lists.entry(owner).or_default().ready;
        if !ready.contains(&WAKE) {
            ready.push_back(WAKE);
        }
    }

    /// Takes changes of interest into account, as the beginning of a poll does.
    pub(in crate::host) fn register(&mut self, owner: Owner) {
        for name in std::mem::take(&mut self.lists.entry(owner).or_default().changed) {
            if let Some(socket) = self.sockets.get_mut(&name) {
                socket.interest = socket.wanted;
                self.touch(name);
            }
        }
    }

    /// Whether a poll of this loop would report anything.
    pub(in crate::host) fn is_ready(&self, owner: Owner) -> bool {
        let reports = |lists: &Lists| lists.ready.iter().any(|&name| name == WAKE || self.reported(name).is_some());
        self.lists.get(&owner).is_some_and(reports) || self.gathered(owner).next().is_some()
    }

    /// What is ready, in the order in which a poll reports it.
    pub(in crate::host) fn collect(&mut self, owner: Owner) -> Vec<(Name, Readiness)> {
        let list = std::mem::take(&mut self.lists.entry(owner).or_default().ready);
        let mut found = Vec::with_capacity(list.len());
        for name in list {
            if name == WAKE {
                found.push((name, Readiness::default()));
            } else if let Some(socket) = self.sockets.get_mut(&name) {
                socket.listed = false;
                found.extend(self.reported(name).map(|readiness| (name, readiness)));
            }
        }
        // Readiness is a level: what was reported stays in the list, at its end.
        for &(name, _) in &found {
            self.touch(name);
        }
        found
    }

    /// Takes what is ready, for a poll that reports one socket at a time. What an earlier one has left comes first.
    pub(in crate::host) fn gather(&mut self, owner: Owner) {
        let lists = self.lists.entry(owner).or_default();
        let ready = std::mem::take(&mut lists.ready);
        lists.gathered.extend(ready.into_iter().filter(|&name| name != WAKE).map(|name| (name, false)));
    }

    /// Lets a poll end without what was gathered: it has arrived a little later. No socket is missed twice.
    pub(in crate::host) fn miss(&mut self, owner: Owner) {
        if let Some(lists) = self.lists.get_mut(&owner) {
            lists.gathered.iter_mut().for_each(|(_, missed)| *missed = true);
        }
    }

    /// What was gathered, is ready still and was not reported yet; and whether a poll has missed it already.
    pub(in crate::host) fn gathered(&self, owner: Owner) -> impl Iterator<Item = (Name, bool)> {
        let gathered = self.lists.get(&owner).map_or(&[][..], |lists| &lists.gathered);
        gathered.iter().copied().filter(|&(name, _)| self.reported(name).is_some())
    }

    /// Reports one of what was gathered; it is ready for the next poll again, as long as it is.
    pub(in crate::host) fn report(&mut self, owner: Owner, name: Name) -> Option<Readiness> {
        let readiness = self.reported(name);
        self.lists.entry(owner).or_default().gathered.retain(|&(other, _)| other != name);
        if let Some(socket) = self.sockets.get_mut(&name) {
            socket.listed = false;
        }
        self.touch(name);
        readiness
    }

    pub(in crate::host) fn watch(&mut self, name: Name, interest: Interest) {
        if let Some(socket) = self.sockets.get_mut(&name)
            && socket.wanted != interest
        {
            socket.wanted = interest;
            if let Some(owner) = socket.owner {
                self.lists.entry(owner).or_default().changed.push(name);
            }
        }
    }
}
