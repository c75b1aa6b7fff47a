//! Requests for animation frames, and the ticking of a display.
//!
//! Authority: HTML, "animation frames" and "update the rendering". Times are nanoseconds on the world's clock.

use std::collections::BTreeSet;

/// Names a request for a frame within its loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameId(pub u32);

/// The requests of one loop.
#[derive(Debug, Default)]
pub(super) struct Frames {
    waiting: BTreeSet<FrameId>,
    last: u32,
    /// A time at which the display was, or will be, updated; none before the first request.
    tick: Option<u64>,
    /// When the waiting requests are served; none if there are none.
    due: Option<u64>,
}

impl Frames {
    /// How long a frame of a display with this many updates a second lasts.
    pub(super) fn period(rate: u64) -> u64 {
        1_000_000_000 / rate
    }

    pub(super) fn is_ticking(&self) -> bool {
        self.tick.is_some()
    }

    /// Lets the display tick: the first time one period from `now`, or `earlier`.
    pub(super) fn start(&mut self, now: u64, period: u64, earlier: u64) {
        self.tick = Some(now + period.saturating_sub(earlier));
    }

    /// Adds a request, to be served at the display's next tick after `now`.
    pub(super) fn request(&mut self, now: u64, period: u64) -> FrameId {
        self.last += 1;
        let id = FrameId(self.last);
        self.waiting.insert(id);
        let tick = self.tick.unwrap_or(now + period);
        let behind = now.saturating_sub(tick);
        let next = if now < tick { tick } else { tick + (behind / period + 1) * period };
        self.due.get_or_insert(next);
        id
    }

    pub(super) fn cancel(&mut self, id: FrameId) {
        self.waiting.remove(&id);
        if self.waiting.is_empty() {
            self.due = None;
        }
    }

    /// Begins a frame at `now`: the requests that wait, in their order. What is requested from now on waits for another frame.
    pub(super) fn begin(&mut self, now: u64) -> Vec<FrameId> {
        self.tick = self.due.take().or(Some(now));
        self.waiting.iter().copied().collect()
    }

    /// Takes a request to serve it; false if it was cancelled.
    pub(super) fn take(&mut self, id: FrameId) -> bool {
        self.waiting.remove(&id)
    }

    /// When the next frame is due; none if nobody waits for one.
    pub(super) fn due(&self) -> Option<u64> {
        self.due
    }

    /// Whether anybody waits.
    pub(super) fn alive(&self) -> bool {
        !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_served_at_ticks_and_those_made_meanwhile_at_later_ones() {
        let mut frames = Frames::default();
        frames.start(5, 10, 0);
        let one = frames.request(5, 10);
        let two = frames.request(6, 10);
        assert_eq!(frames.due(), Some(15));
        assert_eq!(frames.begin(16), [one, two]);
        assert!(frames.take(one));
        let three = frames.request(17, 10);
        frames.cancel(two);
        assert!(!frames.take(two), "it was cancelled within the frame");
        assert_eq!(frames.due(), Some(25));
        assert_eq!(frames.begin(47), [three]);
        assert!(frames.take(three));
        let _ = frames.request(48, 10);
        assert_eq!(frames.due(), Some(55), "ticks that were missed are not made up for");
    }

    #[test]
    fn a_display_without_requests_wakes_nobody() {
        let mut frames = Frames::default();
        frames.start(0, 10, 7);
        let id = frames.request(0, 10);
        assert_eq!(frames.due(), Some(3));
        frames.cancel(id);
        assert_eq!((frames.due(), frames.alive()), (None, false));
    }
}
