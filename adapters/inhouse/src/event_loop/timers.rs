//! Timers as Node keeps them: one list per duration, the lists ordered by expiry.
//!
//! libuv sees a single timer for all of them. A list is due when its first timer is; once due it runs *all* its due timers before the
//! next list gets its turn, so a later timer of a shorter duration can overtake an earlier one of a longer duration. Equal expiries
//! go by the order in which the lists got them (libuv's `start_id`, Node's list id), so the order is total.
//! Times are whole milliseconds on the loop's clock.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::policy::LoopPolicy;

/// Names a timer within its loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerId(pub u32);

#[derive(Debug)]
struct Timer {
    /// Milliseconds, already at least the policy's minimum.
    duration: u64,
    repeats: bool,
    refed: bool,
    /// HTML's timer nesting level.
    nesting: u32,
    /// Where the timer waits; none while it runs.
    place: Option<Place>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    list: ListKey,
    /// Insertions are numbered through, so this is the position within the list.
    stamp: u64,
}

/// Timers that share a list: those of one duration, or each for itself if the policy knows no lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum ListKey {
    Duration(u64),
    Alone(u64),
}

#[derive(Debug)]
struct List {
    duration: u64,
    expiry: u64,
    /// Breaks ties between equal expiries.
    order: u64,
    /// From stamp to the timer and the time it was inserted at.
    waiting: BTreeMap<u64, (TimerId, u64)>,
}

/// All timers of one loop.
#[derive(Debug, Default)]
pub(super) struct Timers {
    timers: HashMap<TimerId, Timer>,
    lists: HashMap<ListKey, List>,
    queue: BTreeSet<(u64, u64, ListKey)>,
    /// When libuv's one timer fires; none if it is stopped.
    armed: Option<u64>,
    /// When the earliest list expires, as last announced.
    next_expiry: Option<u64>,
    refed: usize,
    last_id: u32,
    last_stamp: u64,
    last_order: u64,
}

/// What [`Timers::next_due`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) id: TimerId,
    pub(super) repeats: bool,
    /// In milliseconds.
    pub(super) duration: u64,
    /// The level of timers that its callback starts is one more.
    pub(super) nesting: u32,
}

/// The nesting level beyond which HTML holds timers to a minimum. Authority: HTML, timer initialization steps.
const FREE_NESTING: u32 = 5;

impl Timers {
    /// How long a timer of `delay` milliseconds waits that is nested in `nesting - 1` others.
    pub(super) fn duration_of(policy: &LoopPolicy, delay: u64, nesting: u32) -> u64 {
        let nested = if nesting > FREE_NESTING { policy.timer_nested_minimum } else { 0 };
        delay.max(u64::from(policy.timer_minimum)).max(u64::from(nested))
    }

    /// Makes a timer that waits `duration` milliseconds from `now`.
    pub(super) fn start(&mut self, policy: &LoopPolicy, duration: u64, repeats: bool, nesting: u32, now: u64) -> TimerId {
        self.last_id += 1;
        let id = TimerId(self.last_id);
        self.timers.insert(id, Timer { duration, repeats, refed: true, nesting, place: None });
        self.refed += 1;
        self.insert(policy, id, now);
        id
    }

    /// Lets a timer wait its duration again from `now`, whether it waits or runs. Does nothing for a timer that is gone.
    pub(super) fn restart(&mut self, policy: &LoopPolicy, id: TimerId, now: u64) {
        if self.timers.contains_key(&id) {
            self.withdraw(id);
            self.insert(policy, id, now);
        }
    }

    /// Removes a timer.
    pub(super) fn stop(&mut self, id: TimerId) {
        self.withdraw(id);
        if self.timers.remove(&id).is_some_and(|timer| timer.refed) {
            self.refed -= 1;
        }
    }

    /// Says whether a timer keeps the loop alive.
    pub(super) fn set_ref(&mut self, id: TimerId, refed: bool) {
        let Some(timer) = self.timers.get_mut(&id) else { return };
        match (timer.refed, refed) {
            (false, true) => self.refed += 1,
            (true, false) => self.refed -= 1,
            _ => {}
        }
        timer.refed = refed;
    }

    /// Whether any timer keeps the loop alive.
    pub(super) fn alive(&self) -> bool {
        self.refed > 0
    }

    /// Whether a timer is due at `now`.
    pub(super) fn is_due(&self, now: u64) -> bool {
        self.queue.first().is_some_and(|&(expiry, ..)| expiry <= now)
    }

    /// How long a timer waits; none if it is gone.
    pub(super) fn duration(&self, id: TimerId) -> Option<u64> {
        self.timers.get(&id).map(|timer| timer.duration)
    }

    /// The times after `now` from which on one more timer is due.
    pub(super) fn due_times(&self, now: u64) -> Vec<u64> {
        let due = self.lists.values().flat_map(|list| list.waiting.values().map(|&(_, since)| since + list.duration));
        let times: BTreeSet<u64> = due.chain(self.armed).filter(|&time| time > now).collect();
        times.into_iter().collect()
    }

    /// The times after `now` from which on a new timer of `duration` would be due together with, or after, one more that waits.
    pub(super) fn insertion_times(&self, now: u64, duration: u64) -> Vec<u64> {
        let due = self.lists.values().flat_map(|list| list.waiting.values().map(|&(_, since)| since + list.duration));
        let times: BTreeSet<u64> = due
            .filter(|&due| due >= duration)
            .flat_map(|due| [due - duration, due - duration + 1])
            .filter(|&time| time > now)
            .collect();
        times.into_iter().collect()
    }

    /// When libuv's timer fires.
    pub(super) fn armed(&self) -> Option<u64> {
        self.armed
    }

    /// Begins the timers phase; libuv's timer has fired.
    pub(super) fn begin(&mut self) {
        self.armed = None;
        self.next_expiry = None;
    }

    /// Takes the next timer due at `now`; from here on it runs, and waits no more.
    pub(super) fn next_due(&mut self, now: u64) -> Option<Due> {
        loop {
            let &(expiry, order, key) = self.queue.first()?;
            if expiry > now {
                return None;
            }
            let list = self.lists.get_mut(&key).expect("the queue names existing lists");
            let (&stamp, &(id, since)) = list.waiting.first_key_value().expect("an empty list is removed");
            if now.saturating_sub(since) < list.duration {
                // The list was due for a timer that is gone; its first remaining one is later.
                self.queue.remove(&(expiry, order, key));
                self.last_order += 1;
                list.order = self.last_order;
                list.expiry = (since + list.duration).max(now + 1);
                self.queue.insert((list.expiry, list.order, key));
                continue;
            }
            list.waiting.remove(&stamp);
            let timer = self.timers.get_mut(&id).expect("lists name existing timers");
            timer.place = None;
            // An emptied list stays until its callback is over: a timer of the same duration inserted meanwhile joins it.
            return Some(Due { id, repeats: timer.repeats, duration: timer.duration, nesting: timer.nesting });
        }
    }

    /// Ends the turn of a timer that [`Timers::next_due`] gave out: a repeating one waits again from `again`, others are forgotten
    /// unless they were restarted or stopped meanwhile.
    pub(super) fn finish(&mut self, policy: &LoopPolicy, due: Due, again: u64) {
        if let Some(timer) = self.timers.get_mut(&due.id).filter(|timer| timer.place.is_none()) {
            if due.repeats {
                // Each period of an interval is nested in the one before.
                timer.nesting += 1;
                timer.duration = Self::duration_of(policy, timer.duration, timer.nesting);
                self.insert(policy, due.id, again);
            } else {
                self.stop(due.id);
            }
        }
        self.drop_empty_first_list();
    }

    /// Ends the timers phase: arms libuv's timer for what waits, never earlier than a millisecond after `now`.
    pub(super) fn end(&mut self, now: u64) {
        self.next_expiry = self.queue.first().map(|&(expiry, ..)| expiry);
        self.armed = self.next_expiry.map(|expiry| expiry.max(now + 1));
    }

    fn insert(&mut self, policy: &LoopPolicy, id: TimerId, now: u64) {
        self.last_stamp += 1;
        let stamp = self.last_stamp;
        let timer = self.timers.get_mut(&id).expect("checked by the callers");
        let duration = timer.duration;
        let key = if policy.timer_lists { ListKey::Duration(duration) } else { ListKey::Alone(stamp) };
        timer.place = Some(Place { list: key, stamp });
        if let Some(list) = self.lists.get_mut(&key) {
            list.waiting.insert(stamp, (id, now));
            return;
        }
        self.last_order += 1;
        let list =
            List { duration, expiry: now + duration, order: self.last_order, waiting: BTreeMap::from([(stamp, (id, now))]) };
        self.queue.insert((list.expiry, list.order, key));
        if self.next_expiry.is_none_or(|next| next > list.expiry) {
            self.next_expiry = Some(list.expiry);
            self.armed = Some(list.expiry);
        }
        self.lists.insert(key, list);
    }

    fn withdraw(&mut self, id: TimerId) {
        let Some(place) = self.timers.get_mut(&id).and_then(|timer| timer.place.take()) else { return };
        let list = self.lists.get_mut(&place.list).expect("a waiting timer has its list");
        list.waiting.remove(&place.stamp);
        if list.waiting.is_empty() {
            self.queue.remove(&(list.expiry, list.order, place.list));
            self.lists.remove(&place.list);
        }
    }

    fn drop_empty_first_list(&mut self) {
        while let Some(&(expiry, order, key)) = self.queue.first() {
            if !self.lists[&key].waiting.is_empty() {
                return;
            }
            self.queue.remove(&(expiry, order, key));
            self.lists.remove(&key);
        }
    }
}
