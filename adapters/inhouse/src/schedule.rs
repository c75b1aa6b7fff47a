//! Choice points: the places where the outside world may decide.
//!
//! Nothing in the simulated world is random. Wherever a real machine could go one way or another, the world asks the schedule,
//! naming the [`Point`] and how many ways there are. The default schedule always takes way 0, which is what an idle machine would
//! most plausibly do; a seeded one draws; a replayed one repeats a recorded prefix and then takes way 0. Each schedule records what it
//! chose, so exploration is re-running with a longer prefix.

use std::fmt;

/// A named kind of decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Point {
    /// Whether a millisecond passes between two insertions of timers. Ways: no, yes.
    TimerInsertion,
    /// Whether a millisecond passes before the loop updates its time. Ways: no, yes.
    LoopUpdate,
    /// Which of several ready completions is delivered first. Ways: in order of completion.
    CompletionOrder,
    /// Whether a poll delivers a ready event now or leaves it, and those after it, to the next poll. Ways: now, later.
    PollBatch,
    /// Which of several ready sockets a poll reports first; completions and messages count as one. Ways: as they became ready.
    SocketOrder,
    /// Which of several connections that wait is accepted first. Ways: as they were made.
    AcceptOrder,
    /// How much of what has arrived one read delivers. Ways: all, the first half.
    ReadLength,
    /// How long a pool job takes beyond its model. Ways: nothing, one, two … modelled durations more.
    JobLatency,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimerInsertion => "timer insertion",
            Self::LoopUpdate => "loop update",
            Self::CompletionOrder => "completion order",
            Self::PollBatch => "poll batch",
            Self::SocketOrder => "socket order",
            Self::AcceptOrder => "accept order",
            Self::ReadLength => "read length",
            Self::JobLatency => "job latency",
        })
    }
}

/// One decision that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Where.
    pub point: Point,
    /// Among how many ways.
    pub ways: u32,
    /// Which way, from 0.
    pub taken: u32,
}

/// Decides at choice points, and remembers.
#[derive(Debug, Clone)]
pub struct Schedule {
    source: Source,
    taken: Vec<Choice>,
}

#[derive(Debug, Clone)]
enum Source {
    Default,
    Seeded(u64),
    Replayed(Vec<u32>),
}

impl Schedule {
    /// Takes way 0 everywhere.
    #[must_use]
    pub fn default_schedule() -> Self {
        Self::from(Source::Default)
    }

    /// Draws each way from `seed`; the same seed draws the same ways.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::from(Source::Seeded(seed))
    }

    /// Repeats `prefix`, then takes way 0. A way that does not exist any more becomes the last one.
    #[must_use]
    pub fn replayed(prefix: Vec<u32>) -> Self {
        Self::from(Source::Replayed(prefix))
    }

    fn from(source: Source) -> Self {
        Self { source, taken: Vec::new() }
    }

    /// Decides for one of `ways` (at least 1) at `point`.
    pub fn choose(&mut self, point: Point, ways: u32) -> u32 {
        if ways <= 1 {
            return 0;
        }
        let taken = match &mut self.source {
            // The default schedule is never asked what it did, and long programs pass millions of points.
            Source::Default => return 0,
            Source::Seeded(state) => (next(state) % u64::from(ways)) as u32,
            Source::Replayed(prefix) => prefix.get(self.taken.len()).copied().unwrap_or(0).min(ways - 1),
        };
        self.taken.push(Choice { point, ways, taken });
        taken
    }

    /// What was chosen so far, except by the default schedule.
    #[must_use]
    pub fn taken(&self) -> &[Choice] {
        &self.taken
    }
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(mut schedule: Schedule) -> Vec<u32> {
        (0..32).map(|_| schedule.choose(Point::PollBatch, 3)).collect()
    }

    #[test]
    fn a_seed_repeats_itself_and_differs_from_another() {
        assert_eq!(draw(Schedule::seeded(7)), draw(Schedule::seeded(7)));
        assert_ne!(draw(Schedule::seeded(7)), draw(Schedule::seeded(8)));
    }

    #[test]
    fn a_replay_repeats_the_record_and_then_takes_way_0() {
        let mut seeded = Schedule::seeded(1);
        let first: Vec<u32> = (0..5).map(|_| seeded.choose(Point::LoopUpdate, 4)).collect();
        let record = seeded.taken().iter().map(|choice| choice.taken).collect();
        let mut replayed = Schedule::replayed(record);
        let again: Vec<u32> = (0..5).map(|_| replayed.choose(Point::LoopUpdate, 4)).collect();
        assert_eq!(again, first);
        assert_eq!(replayed.choose(Point::LoopUpdate, 4), 0);
    }

    #[test]
    fn a_single_way_is_no_choice() {
        let mut schedule = Schedule::seeded(3);
        assert_eq!(schedule.choose(Point::CompletionOrder, 1), 0);
        assert!(schedule.taken().is_empty());
    }
}
