//! All schedules of a program, smallest first, without keeping any state of it.
//!
//! A run is named by the ways it takes at its choice points. Running with a prefix of ways, and way 0 from there on, shows which points come
//! after the prefix; each other way at one of them is a prefix of a further run. So every schedule is run once and only once, and
//! the program is its own state. (Stateless search: Godefroid, "Model checking for programming languages using VeriSoft", 1997.)
//!
//! Runs come in the order of how often they leave way 0, then of how early: what differs least from an idle machine is shown first, and a
//! search that is cut off has seen every schedule up to some number of departures. What leaves early has more of the program after it.

use std::collections::VecDeque;
use std::sync::Arc;

/// What a run met at one choice point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Met {
    /// Among how many ways it was to choose.
    pub ways: u32,
    /// Which way it took.
    pub taken: u32,
}

/// A run to do: the ways to take before way 0 is taken everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prefix {
    /// The ways, from the first choice point on.
    pub ways: Vec<u32>,
    /// How many of them are not 0.
    pub departures: usize,
}

/// A run to do, by the run that it leaves: programs with thousands of choice points have as many runs that leave each of theirs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Branch {
    /// Where it leaves the run.
    place: usize,
    /// The ways that the run took.
    run: Arc<[u32]>,
    /// The way that it takes instead.
    way: u32,
    departures: usize,
}

impl Branch {
    fn prefix(&self) -> Prefix {
        let mut ways = self.run[..self.place].to_vec();
        ways.push(self.way);
        Prefix { ways, departures: self.departures }
    }
}

/// The runs still to do.
#[derive(Debug, Default)]
pub struct Frontier {
    /// Whether the run with an empty prefix is still to do.
    first: bool,
    /// Those with the least departures, the shortest prefix first.
    level: VecDeque<Branch>,
    /// Those with one more.
    next: Vec<Branch>,
}

impl Frontier {
    /// The one run that is known at first: way 0 everywhere.
    #[must_use]
    pub fn new() -> Self {
        Self { first: true, level: VecDeque::new(), next: Vec::new() }
    }

    /// Takes up to `count` runs of one level; none if all schedules have been run.
    pub fn take(&mut self, count: usize) -> Vec<Prefix> {
        if count > 0 && std::mem::take(&mut self.first) {
            return vec![Prefix::default()];
        }
        if self.level.is_empty() {
            self.next.sort();
            self.level = std::mem::take(&mut self.next).into();
        }
        self.level.drain(..count.min(self.level.len())).map(|branch| branch.prefix()).collect()
    }

    /// Notes what a run met after its prefix.
    pub fn found(&mut self, prefix: &Prefix, choices: &[Met]) {
        let run: Arc<[u32]> = choices.iter().map(|choice| choice.taken).collect();
        let departures = prefix.departures + 1;
        for (place, choice) in choices.iter().enumerate().skip(prefix.ways.len()) {
            self.next.extend((1..choice.ways).map(|way| Branch { place, run: Arc::clone(&run), way, departures }));
        }
    }

    /// Whether all schedules have been run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.first && self.level.is_empty() && self.next.is_empty()
    }

    /// Runs that are known and not done.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.first) + self.level.len() + self.next.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::schedule::{Choice, Point, Schedule};

    fn met(choices: &[Choice]) -> Vec<Met> {
        choices.iter().map(|choice| Met { ways: choice.ways, taken: choice.taken }).collect()
    }

    /// A program with a point of three ways, and, after way 1, two more of two ways.
    fn program(schedule: &mut Schedule) -> Vec<u32> {
        let mut choose = |ways| schedule.choose(Point::NextEvent, ways, |_| String::new());
        let first = choose(3);
        if first == 1 { vec![first, choose(2), choose(2)] } else { vec![first] }
    }

    #[test]
    fn every_schedule_is_run_once_the_smallest_first() {
        let mut frontier = Frontier::new();
        let mut seen = Vec::new();
        while let Some(prefix) = frontier.take(1).pop() {
            let mut schedule = Schedule::replayed(prefix.ways.clone());
            seen.push(program(&mut schedule));
            let left = schedule.taken().iter().filter(|choice| choice.taken > 0).count();
            assert_eq!(left, prefix.departures);
            frontier.found(&prefix, &met(schedule.taken()));
        }
        assert_eq!(seen[0], [0]);
        assert_eq!(seen.len(), 6);
        let all: BTreeSet<_> = seen.iter().cloned().collect();
        let expected = [vec![0], vec![1, 0, 0], vec![1, 0, 1], vec![1, 1, 0], vec![1, 1, 1], vec![2]];
        assert_eq!(all, BTreeSet::from(expected));
        let departures = |way: &[u32]| way.iter().filter(|&&way| way > 0).count();
        assert!(seen.is_sorted_by_key(|way| departures(way)), "{seen:?}");
        assert!(frontier.is_empty());
    }
}
