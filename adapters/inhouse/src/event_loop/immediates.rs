//! The check phase's queue.

use std::collections::{HashMap, VecDeque};

/// Names an immediate within its loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImmediateId(pub u32);

/// Immediates in the order they were made.
#[derive(Debug, Default)]
pub(super) struct Immediates {
    queue: VecDeque<ImmediateId>,
    /// Whether each queued immediate keeps the loop alive. Cancelled ones are missing here and skipped in the queue.
    refed: HashMap<ImmediateId, bool>,
    alive: usize,
    last_id: u32,
}

impl Immediates {
    /// Queues an immediate.
    pub(super) fn start(&mut self) -> ImmediateId {
        self.last_id = self.last_id.wrapping_add(1);
        let id = ImmediateId(self.last_id);
        self.queue.push_back(id);
        self.refed.insert(id, true);
        self.alive += 1;
        id
    }

    /// Cancels an immediate, also one that the current check phase has yet to run.
    pub(super) fn stop(&mut self, id: ImmediateId) {
        if self.refed.remove(&id) == Some(true) {
            self.alive -= 1;
        }
    }

    /// Says whether an immediate keeps the loop alive.
    pub(super) fn set_ref(&mut self, id: ImmediateId, refed: bool) {
        let Some(state) = self.refed.get_mut(&id) else { return };
        match (*state, refed) {
            (false, true) => self.alive += 1,
            (true, false) => self.alive -= 1,
            _ => {}
        }
        *state = refed;
    }

    /// Whether any queued immediate keeps the loop alive.
    pub(super) fn alive(&self) -> bool {
        self.alive > 0
    }

    /// How many places are queued now, cancelled ones included: those that the check phase which begins here runs.
    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Takes the next place of the queue; `Some(None)` is one whose immediate was cancelled.
    pub(super) fn next(&mut self) -> Option<Option<ImmediateId>> {
        let id = self.queue.pop_front()?;
        Some(self.refed.contains_key(&id).then(|| {
            self.stop(id);
            id
        }))
    }
}
