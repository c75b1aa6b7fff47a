//! The check phase's queue.

use std::collections::VecDeque;

/// Names an immediate within its loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImmediateId(pub u32);

/// Immediates in the order they were made.
#[derive(Debug, Default)]
pub(super) struct Immediates {
    queue: VecDeque<Place>,
    /// The number of the first place in the queue; the others follow one by one.
    first: u32,
    /// Places that keep the loop alive.
    alive: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Refed,
    Unrefed,
    /// Cancelled; its turn passes.
    Empty,
}

impl Immediates {
    /// Queues an immediate.
    pub(super) fn start(&mut self) -> ImmediateId {
        let id = ImmediateId(self.first.wrapping_add(u32::try_from(self.queue.len()).unwrap_or(u32::MAX)));
        self.queue.push_back(Place::Refed);
        self.alive += 1;
        id
    }

    /// Cancels an immediate, also one that the current check phase has yet to run.
    pub(super) fn stop(&mut self, id: ImmediateId) {
        self.change(id, Place::Empty);
    }

    /// Says whether an immediate keeps the loop alive.
    pub(super) fn set_ref(&mut self, id: ImmediateId, refed: bool) {
        self.change(id, if refed { Place::Refed } else { Place::Unrefed });
    }

    fn change(&mut self, id: ImmediateId, to: Place) {
        // A number before the first place wraps around to one far behind the last.
        let Some(place) = self.queue.get_mut(id.0.wrapping_sub(self.first) as usize) else { return };
        if *place == Place::Empty {
            return;
        }
        self.alive -= usize::from(*place == Place::Refed);
        self.alive += usize::from(to == Place::Refed);
        *place = to;
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
        let place = self.queue.pop_front()?;
        let id = ImmediateId(self.first);
        self.first = self.first.wrapping_add(1);
        self.alive -= usize::from(place == Place::Refed);
        Some((place != Place::Empty).then_some(id))
    }
}
