//! Channels between the loops of one program: messages as bytes, and the waking of the loop that receives them.
//!
//! A channel has two endpoints. An endpoint belongs to the loop that bound it last; what arrives before that waits. Neither end knows
//! what the bytes mean: the engine wrote them, another instance of the same engine reads them.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::children::{Pid, Status};

/// Names one end of a channel within its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointId(pub u32);

/// Memory that two engines share, kept alive while a message that mentions it is under way.
pub trait SharedMemory: Send + fmt::Debug {}

/// What travels through a channel.
#[derive(Debug)]
pub enum Packet {
    /// A message.
    Message {
        /// The value as the engine wrote it.
        bytes: Vec<u8>,
        /// Shared memory that the bytes point to.
        shared: Vec<Box<dyn SharedMemory>>,
    },
    /// The other end was closed, and sends nothing more.
    Closed,
    /// The loop at the other end is over, with this exit code.
    Exited(i32),
}

/// Wakes a loop, from any thread.
pub trait Waker: Send + Sync {
    /// Lets the loop's next poll deliver that `endpoint` has something to receive.
    fn wake(&self, endpoint: EndpointId);

    /// Lets the loop's next poll report that a process is over.
    fn exited(&self, pid: Pid, status: Status);
}

/// The channels of one program.
#[derive(Default)]
pub struct Channels {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ends: HashMap<EndpointId, End>,
    last: u32,
    /// Who takes part in a broadcast: the end to send through, and the one that receives.
    groups: HashMap<String, Vec<(EndpointId, EndpointId)>>,
    /// Who waits for shared memory without blocking, first come first: address, the end that hears of it, and the wait's number there.
    waits: Vec<(usize, EndpointId, u32)>,
}

struct End {
    peer: EndpointId,
    queue: VecDeque<Packet>,
    waker: Option<Arc<dyn Waker>>,
}

impl fmt::Debug for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channels").field("ends", &self.lock().ends.len()).finish()
    }
}

impl Channels {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a channel; neither end is bound.
    pub fn pair(&self) -> (EndpointId, EndpointId) {
        let mut state = self.lock();
        let (one, other) = (EndpointId(state.last + 1), EndpointId(state.last + 2));
        state.last += 2;
        for (end, peer) in [(one, other), (other, one)] {
            state.ends.insert(end, End { peer, queue: VecDeque::new(), waker: None });
        }
        (one, other)
    }

    /// Lets `waker`'s loop receive what comes to `end`, and what has come already.
    pub fn bind(&self, end: EndpointId, waker: Arc<dyn Waker>) {
        let mut state = self.lock();
        let Some(known) = state.ends.get_mut(&end) else { return };
        known.waker = Some(Arc::clone(&waker));
        let waiting = !known.queue.is_empty();
        drop(state);
        if waiting {
            waker.wake(end);
        }
    }

    /// Takes `end` away from its loop, so that another may bind it.
    pub fn unbind(&self, end: EndpointId) {
        if let Some(known) = self.lock().ends.get_mut(&end) {
            known.waker = None;
        }
    }

    /// Sends through `end` to the other end; a closed one swallows it.
    pub fn send(&self, end: EndpointId, packet: Packet) {
        let mut state = self.lock();
        let Some(peer) = state.ends.get(&end).map(|known| known.peer) else { return };
        let Some(target) = state.ends.get_mut(&peer) else { return };
        target.queue.push_back(packet);
        // A queue that was not empty has woken its loop already.
        let waker = target.waker.clone().filter(|_| target.queue.len() == 1);
        drop(state);
        if let Some(waker) = waker {
            waker.wake(peer);
        }
    }

    /// Takes everything that has come to `end`.
    pub fn receive(&self, end: EndpointId) -> Vec<Packet> {
        self.lock().ends.get_mut(&end).map(|known| known.queue.drain(..).collect()).unwrap_or_default()
    }

    /// Makes an end that receives what others of the group `name` broadcast.
    pub fn subscribe(&self, name: &str) -> EndpointId {
        let (sender, receiver) = self.pair();
        self.lock().groups.entry(name.to_owned()).or_default().push((sender, receiver));
        receiver
    }

    /// Takes an end of [`Channels::subscribe`] out of its group.
    pub fn unsubscribe(&self, name: &str, receiver: EndpointId) {
        let mut state = self.lock();
        let Some(group) = state.groups.get_mut(name) else { return };
        let Some(index) = group.iter().position(|&(_, other)| other == receiver) else { return };
        let (sender, _) = group.remove(index);
        if group.is_empty() {
            state.groups.remove(name);
        }
        state.ends.remove(&sender);
        state.ends.remove(&receiver);
    }

    /// The ends through which the others of a group are reached.
    pub fn others(&self, name: &str, receiver: EndpointId) -> Vec<EndpointId> {
        let state = self.lock();
        let group = state.groups.get(name).into_iter().flatten();
        group.filter(|&&(_, other)| other != receiver).map(|&(sender, _)| sender).collect()
    }

    /// Lets `end` hear of the next notification of `address` that nobody who waits longer takes.
    pub fn wait(&self, address: usize, end: EndpointId, wait: u32) {
        self.lock().waits.push((address, end, wait));
    }

    /// Takes back a [`Channels::wait`]; whether it still waited.
    pub fn forget_wait(&self, end: EndpointId, wait: u32) -> bool {
        let mut state = self.lock();
        let before = state.waits.len();
        state.waits.retain(|&(_, other, number)| (other, number) != (end, wait));
        state.waits.len() < before
    }

    /// Takes up to `count` waits for `address`.
    pub fn take_waits(&self, address: usize, count: usize) -> Vec<(EndpointId, u32)> {
        let mut state = self.lock();
        let mut taken = Vec::new();
        state.waits.retain(|&(other, end, wait)| {
            let takes = other == address && taken.len() < count;
            if takes {
                taken.push((end, wait));
            }
            !takes
        });
        taken
    }

    /// Closes `end`, and tells the other one.
    pub fn close(&self, end: EndpointId) {
        self.send(end, Packet::Closed);
        self.lock().ends.remove(&end);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    impl Waker for mpsc::SyncSender<EndpointId> {
        fn wake(&self, endpoint: EndpointId) {
            self.send(endpoint).expect("the test listens");
        }

        fn exited(&self, pid: Pid, _: Status) {
            panic!("nobody started {pid:?}");
        }
    }

    fn message(text: &str) -> Packet {
        Packet::Message { bytes: text.as_bytes().to_vec(), shared: Vec::new() }
    }

    fn texts(packets: Vec<Packet>) -> Vec<String> {
        packets
            .into_iter()
            .map(|packet| match packet {
                Packet::Message { bytes, .. } => String::from_utf8(bytes).expect("text was sent"),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn an_end_receives_in_order_and_its_loop_is_woken_once_for_all() {
        let channels = Channels::default();
        let (wakes, woken) = mpsc::sync_channel(9);
        let (one, other) = channels.pair();
        channels.send(one, message("early"));
        channels.bind(other, Arc::new(wakes));
        assert_eq!(woken.try_recv(), Ok(other));
        channels.send(one, message("second"));
        assert!(woken.try_recv().is_err(), "it has been woken and has not looked yet");
        assert_eq!(texts(channels.receive(other)), ["early", "second"]);
        channels.close(one);
        assert_eq!(woken.try_recv(), Ok(other));
        assert_eq!(texts(channels.receive(other)), ["Closed"]);
        channels.send(other, message("to nobody"));
    }

    #[test]
    fn a_broadcast_reaches_the_others_of_its_group() {
        let channels = Channels::default();
        let (one, other, stranger) = (channels.subscribe("a"), channels.subscribe("a"), channels.subscribe("b"));
        for end in channels.others("a", one) {
            channels.send(end, message("hello"));
        }
        assert_eq!(texts(channels.receive(other)), ["hello"]);
        assert!(channels.receive(one).is_empty() && channels.receive(stranger).is_empty());
        channels.unsubscribe("a", other);
        assert_eq!(channels.others("a", one), []);
    }

    #[test]
    fn asynchronous_waits_are_taken_first_come_first() {
        let channels = Channels::default();
        let (end, _) = channels.pair();
        for (address, wait) in [(64, 1), (64, 2), (8, 3), (64, 4)] {
            channels.wait(address, end, wait);
        }
        assert!(channels.forget_wait(end, 1) && !channels.forget_wait(end, 1));
        assert_eq!(channels.take_waits(64, 1), [(end, 2)]);
        assert_eq!(channels.take_waits(64, 9), [(end, 4)]);
        assert_eq!(channels.take_waits(8, 0), []);
    }
}
