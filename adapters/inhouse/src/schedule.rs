//! Choice points: the places where the outside world may decide.
//!
//! Nothing in the simulated world is random. Wherever a real machine could go one way or another, the world asks the schedule,
//! naming the [`Point`] and how many ways there are. The default schedule always takes way 0, which is what an idle machine would
//! most plausibly do; a seeded one draws; a replayed one repeats a recorded prefix and then takes way 0. Each schedule records what it
//! chose, so [exploration](crate::explore) is re-running with a longer prefix.

use std::fmt;
use std::str::FromStr;

/// A named kind of decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Point {
    /// How much time passes before a timer is inserted. Ways: none, then just enough for the timer to expire together with, or after,
    /// one that waits already.
    TimerInsertion,
    /// How much time passes before the loop updates its time. Ways: none, then just enough for one more waiting timer to be due.
    LoopUpdate,
    /// What a poll delivers next, or that it delivers nothing more. Ways: the model's own first, then whatever else could come first:
    /// another pool job, another port's message, another socket, the end of the wait, another loop's turn.
    NextEvent,
    /// How fast the thread pool is in all of the run, asked when it gets its first job. Ways: as modelled, at once.
    PoolPace,
    /// Which of several connections that wait is accepted first. Ways: as they were made.
    AcceptOrder,
    /// How much of what has arrived one read of a stream delivers. Ways: all, what was sent first.
    ReadLength,
    /// Which of HTML's task sources the next task is taken from. Ways: the sources that have a task, oldest first.
    TaskSource,
    /// How far off the next frame of the display is when the first one is asked for. Ways: one frame, then fewer milliseconds, down to none.
    Rendering,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::TimerInsertion,
        Self::LoopUpdate,
        Self::NextEvent,
        Self::PoolPace,
        Self::AcceptOrder,
        Self::ReadLength,
        Self::TaskSource,
        Self::Rendering,
    ];
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimerInsertion => "timer insertion",
            Self::LoopUpdate => "loop update",
            Self::NextEvent => "next event",
            Self::PoolPace => "pool pace",
            Self::AcceptOrder => "accept order",
            Self::ReadLength => "read length",
            Self::TaskSource => "task source",
            Self::Rendering => "rendering",
        })
    }
}

impl FromStr for Point {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|point| point.to_string() == text).ok_or(())
    }
}

/// One decision that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Where.
    pub point: Point,
    /// Among how many ways.
    pub ways: u32,
    /// Which way, from 0.
    pub taken: u32,
    /// What that way means, in a few words.
    pub what: String,
}

/// Decides at choice points, and remembers.
#[derive(Debug, Clone)]
pub struct Schedule {
    source: Source,
    taken: Vec<Choice>,
    /// Where a replay first met another choice than it had recorded.
    diverged: Option<usize>,
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
        Self { source, taken: Vec::new(), diverged: None }
    }

    /// Whether anything but way 0 may be taken, now or by a later run: whether ways are worth finding out.
    #[must_use]
    pub fn explores(&self) -> bool {
        !matches!(self.source, Source::Default)
    }

    /// Decides for one of `ways` (at least 1) at `point`; `what` says what a way means.
    pub fn choose(&mut self, point: Point, ways: u32, what: impl FnOnce(u32) -> String) -> u32 {
        if ways <= 1 {
            return 0;
        }
        let taken = match &mut self.source {
            // The default schedule is never asked what it did, and long programs pass millions of points.
            Source::Default => return 0,
            Source::Seeded(state) => (next(state) % u64::from(ways)) as u32,
            Source::Replayed(prefix) => {
                let place = self.taken.len();
                let recorded = prefix.get(place).copied().unwrap_or(0);
                if recorded >= ways {
                    self.diverged.get_or_insert(place);
                }
                recorded.min(ways - 1)
            }
        };
        self.taken.push(Choice { point, ways, taken, what: what(taken) });
        taken
    }

    /// What was chosen so far, except by the default schedule.
    #[must_use]
    pub fn taken(&self) -> &[Choice] {
        &self.taken
    }

    /// The first place where a replay asked for a way that does not exist: the program is not the one that was recorded.
    #[must_use]
    pub fn diverged(&self) -> Option<usize> {
        self.diverged
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

    fn choose(schedule: &mut Schedule, point: Point, ways: u32) -> u32 {
        schedule.choose(point, ways, |way| format!("way {way}"))
    }

    fn draw(mut schedule: Schedule) -> Vec<u32> {
        (0..32).map(|_| choose(&mut schedule, Point::NextEvent, 3)).collect()
    }

    #[test]
    fn a_seed_repeats_itself_and_differs_from_another() {
        assert_eq!(draw(Schedule::seeded(7)), draw(Schedule::seeded(7)));
        assert_ne!(draw(Schedule::seeded(7)), draw(Schedule::seeded(8)));
    }

    #[test]
    fn a_replay_repeats_the_record_and_then_takes_way_0() {
        let mut seeded = Schedule::seeded(1);
        let first: Vec<u32> = (0..5).map(|_| choose(&mut seeded, Point::LoopUpdate, 4)).collect();
        let record = seeded.taken().iter().map(|choice| choice.taken).collect();
        let mut replayed = Schedule::replayed(record);
        let again: Vec<u32> = (0..5).map(|_| choose(&mut replayed, Point::LoopUpdate, 4)).collect();
        assert_eq!(again, first);
        assert_eq!(choose(&mut replayed, Point::LoopUpdate, 4), 0);
        assert_eq!(replayed.taken()[0].what, format!("way {}", first[0]));
        assert_eq!(replayed.diverged(), None);
    }

    #[test]
    fn a_replay_of_another_program_says_where_it_left_the_record() {
        let mut replayed = Schedule::replayed(vec![0, 3, 1]);
        assert_eq!([2, 3, 2].map(|ways| choose(&mut replayed, Point::NextEvent, ways)), [0, 2, 1]);
        assert_eq!(replayed.diverged(), Some(1));
    }

    #[test]
    fn a_single_way_is_no_choice() {
        let mut schedule = Schedule::seeded(3);
        assert_eq!(choose(&mut schedule, Point::TimerInsertion, 1), 0);
        assert!(schedule.taken().is_empty());
    }

    #[test]
    fn a_point_reads_back_what_it_prints() {
        for point in Point::ALL {
            assert_eq!(point.to_string().parse(), Ok(point));
        }
        assert_eq!("elsewhere".parse::<Point>(), Err(()));
    }
}
