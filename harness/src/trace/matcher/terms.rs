//! Terms: what may still come, each built once and in one form only.
//!
//! A term's parts are always older than itself, so going through terms by number is going through them bottom up.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    rc::Rc,
};

use super::super::pattern::Pattern;

/// A term's number.
pub(super) type TermId = u32;

/// The term that allows no trace at all.
pub(super) const NOTHING: TermId = 0;
/// The term that allows the empty trace only.
pub(super) const DONE: TermId = 1;

/// What may still come.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Term {
    /// No trace.
    Nothing,
    /// The empty trace.
    Done,
    /// One event that fits a pattern; if it is a named place, its number.
    Leaf { pattern: u32, stop: Option<u32> },
    /// The first, then the second. The first is no `Then`, so sequences lean to the right.
    Then(TermId, TermId),
    /// One of them; sorted, each once.
    Either(Box<[TermId]>),
    /// All of them, merged; sorted.
    Merge(Box<[TermId]>),
    /// One term so many times.
    Times { of: TermId, from: u64, to: Option<u64> },
    /// Lanes with edges, while a named place is still to come; `done` has a bit for each that has passed.
    Laned { plan: u32, lanes: Box<[TermId]>, done: u128 },
}

/// Hashes for tables of term numbers. Nobody outside chooses those numbers, so nothing is to be defended against, and each
/// event of a wide merge is one long key.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mixer(u64);

/// A table keyed by terms or their numbers.
pub(super) type Table<K, V> = HashMap<K, V, BuildHasherDefault<Mixer>>;

impl Mixer {
    fn mix(&mut self, word: u64) {
        // An odd number with its bits well spread: the golden ratio's fraction.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_ne_bytes(*word)));
        rest.iter().for_each(|byte| self.mix(u64::from(*byte)));
    }

    fn write_u32(&mut self, word: u32) {
        self.mix(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.mix(word as u64);
    }

    fn finish(&self) -> u64 {
        // The product's high bits are the good ones, and the table looks at the low ones too.
        self.0 ^ (self.0 >> 32)
    }
}

/// What is known of a term once and for all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Info {
    /// Whether the empty trace is among what it allows.
    pub(super) ends: bool,
    /// Events in the shortest trace it allows.
    pub(super) least: u64,
}

/// A named place.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    /// The lanes it belongs to.
    pub(super) plan: u32,
    /// Its lane.
    pub(super) lane: usize,
    /// Its own bit.
    pub(super) bit: u128,
    /// The bits of the places that have to pass before it.
    pub(super) needs: u128,
    pub(super) pattern: u32,
}

/// Lanes with edges.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Its named places, as numbers into [`Arena::stops`].
    pub(super) stops: Vec<u32>,
    /// All bits.
    pub(super) all: u128,
}

/// The matcher's budget for an event, or for the whole trace, is spent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent;

/// Every term there is, with what they refer to.
#[derive(Debug, Clone)]
pub(super) struct Arena<'e> {
    terms: Vec<Rc<Term>>,
    infos: Vec<Info>,
    numbers: Table<Rc<Term>, TermId>,
    /// Cells of all terms.
    cells: usize,
    /// Terms below this number belong to the expression and are never swept away; and their cells.
    settled: (usize, usize),
    patterns: Vec<&'e Pattern>,
    pub(super) stops: Vec<Stop>,
    pub(super) plans: Vec<Plan>,
    pub(super) step: super::derive::Step<'e>,
    /// Cells taken since the beginning.
    spent: u64,
    /// Where `spent` has to stop.
    limit: u64,
}

impl<'e> Arena<'e> {
    pub(super) fn new() -> Self {
        let mut arena = Self {
            terms: Vec::new(),
            infos: Vec::new(),
            numbers: Table::default(),
            cells: 0,
            settled: (0, 0),
            patterns: Vec::new(),
            stops: Vec::new(),
            plans: Vec::new(),
            step: super::derive::Step::default(),
            spent: 0,
            limit: super::TRACE_CELLS,
        };
        arena.add(Term::Nothing, Info { ends: false, least: u64::MAX });
        arena.add(Term::Done, Info { ends: true, least: 0 });
        arena
    }

    /// Declares that all terms up to here belong to the expression.
    pub(super) fn settle(&mut self) {
        self.settled = (self.terms.len(), self.cells);
    }

    /// Cells of all terms.
    pub(super) fn cells(&self) -> usize {
        self.cells
    }

    /// Cells taken from the budget since the beginning.
    #[cfg(test)]
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }

    /// Cells of the terms that do not belong to the expression.
    pub(super) fn loose_cells(&self) -> usize {
        self.cells - self.settled.1
    }

    pub(super) fn info(&self, id: TermId) -> Info {
        self.infos[id as usize]
    }

    pub(super) fn term(&self, id: TermId) -> &Rc<Term> {
        &self.terms[id as usize]
    }

    pub(super) fn pattern(&self, id: u32) -> &'e Pattern {
        self.patterns[id as usize]
    }

    /// The number of a pattern, in the order in which patterns are first seen.
    pub(super) fn pattern_id(&mut self, pattern: &'e Pattern) -> u32 {
        let fresh = u32::try_from(self.patterns.len()).expect("fewer patterns than bytes in a suite");
        let id = self.step.know(pattern, fresh);
        if id == fresh {
            self.patterns.push(pattern);
        }
        id
    }

    /// Allows so many cells for the event to come, and so many in all.
    pub(super) fn allow(&mut self, event: u64, trace: u64) {
        self.limit = trace.min(self.spent.saturating_add(event));
    }

    /// Takes cells from the budget.
    pub(super) fn charge(&mut self, cells: usize) -> Result<(), Spent> {
        self.spent += cells as u64;
        if self.spent > self.limit { Err(Spent) } else { Ok(()) }
    }

    pub(super) fn leaf(&mut self, pattern: u32, stop: Option<u32>) -> Result<TermId, Spent> {
        self.intern(Term::Leaf { pattern, stop }, |_| Info { ends: false, least: 1 })
    }

    /// `first`, then `then`, where `first` is what an event left over: a choice is spread out, so that equal readings meet.
    pub(super) fn then(&mut self, first: TermId, then: TermId) -> Result<TermId, Spent> {
        match &**self.term(first) {
            Term::Then(..) => {
                let mut items = Vec::new();
                let mut last = first;
                while let Term::Then(item, rest) = **self.term(last) {
                    items.push(item);
                    last = rest;
                }
                let mut built = self.link(last, then)?;
                for item in items.into_iter().rev() {
                    built = self.link(item, built)?;
                }
                Ok(built)
            }
            Term::Either(branches) => {
                let branches = branches.clone();
                let mut built = Vec::with_capacity(branches.len());
                for branch in branches {
                    built.push(self.then(branch, then)?);
                }
                self.either(built)
            }
            _ => self.link(first, then),
        }
    }

    /// `first`, then `then`, as written: spreading out every choice of a long expression would square its length.
    pub(super) fn link(&mut self, first: TermId, then: TermId) -> Result<TermId, Spent> {
        match (first, then) {
            (NOTHING, _) | (_, NOTHING) => return Ok(NOTHING),
            (DONE, _) => return Ok(then),
            (_, DONE) => return Ok(first),
            _ => {}
        }
        self.intern(Term::Then(first, then), |arena| {
            let (one, two) = (arena.info(first), arena.info(then));
            Info { ends: one.ends && two.ends, least: one.least.saturating_add(two.least) }
        })
    }

    /// One of `branches`.
    pub(super) fn either(&mut self, branches: Vec<TermId>) -> Result<TermId, Spent> {
        if let [only] = branches.as_slice() {
            return Ok(*only);
        }
        let mut flat = Vec::with_capacity(branches.len());
        for branch in branches {
            match &**self.term(branch) {
                Term::Either(inner) => flat.extend_from_slice(inner),
                _ => flat.push(branch),
            }
        }
        self.charge(flat.len())?;
        flat.sort_unstable();
        flat.dedup();
        let ends_anyway = flat.iter().any(|&branch| branch != DONE && self.info(branch).ends);
        flat.retain(|&branch| branch != NOTHING && !(branch == DONE && ends_anyway));
        match flat.as_slice() {
            [] => Ok(NOTHING),
            [only] => Ok(*only),
            _ => {
                let ends = flat.iter().any(|&branch| self.info(branch).ends);
                let least = flat.iter().map(|&branch| self.info(branch).least).min().unwrap_or(u64::MAX);
                self.intern(Term::Either(flat.into()), |_| Info { ends, least })
            }
        }
    }

    /// All of `branches`, merged.
    pub(super) fn merge(&mut self, branches: Vec<TermId>) -> Result<TermId, Spent> {
        let mut flat = Vec::with_capacity(branches.len());
        for branch in branches {
            match &**self.term(branch) {
                Term::Nothing => return Ok(NOTHING),
                Term::Done => {}
                Term::Merge(inner) => flat.extend_from_slice(inner),
                _ => flat.push(branch),
            }
        }
        self.charge(flat.len())?;
        self.join_runs(&mut flat)?;
        flat.sort_unstable();
        match flat.as_slice() {
            [] => Ok(DONE),
            [only] => Ok(*only),
            _ => {
                let ends = flat.iter().all(|&branch| self.info(branch).ends);
                let least = flat.iter().map(|&branch| self.info(branch).least).fold(0, u64::saturating_add);
                self.intern(Term::Merge(flat.into()), |_| Info { ends, least })
            }
        }
    }

    /// Replaces branches of a merge that are mere repeats of one event by one repeat: two to three ticks merged with one tick
    /// are three to four ticks.
    fn join_runs(&mut self, branches: &mut Vec<TermId>) -> Result<(), Spent> {
        let mut runs: Vec<(TermId, u64, Option<u64>)> = branches.iter().filter_map(|&branch| self.plain_run(branch)).collect();
        runs.sort_unstable();
        let joined: Vec<_> = runs
            .chunk_by(|one, two| one.0 == two.0)
            .filter(|same| same.len() > 1)
            .map(|same| {
                let add = |(leaf, from, to): (TermId, u64, Option<u64>), more: &(TermId, u64, Option<u64>)| {
                    (leaf, from.saturating_add(more.1), to.zip(more.2).map(|(one, two)| one.saturating_add(two)))
                };
                same[1..].iter().fold(same[0], add)
            })
            .collect();
        for (leaf, from, to) in joined {
            branches.retain(|&branch| self.plain_run(branch).is_none_or(|run| run.0 != leaf));
            branches.push(self.times(leaf, from, to)?);
        }
        Ok(())
    }

    /// A term that is one unnamed event so many times: the event's leaf, and how often.
    pub(super) fn plain_run(&self, id: TermId) -> Option<(TermId, u64, Option<u64>)> {
        match **self.term(id) {
            Term::Leaf { stop: None, .. } => Some((id, 1, Some(1))),
            Term::Times { of, from, to } if matches!(**self.term(of), Term::Leaf { stop: None, .. }) => Some((of, from, to)),
            _ => None,
        }
    }

    /// `of`, `from` to `to` times.
    pub(super) fn times(&mut self, of: TermId, from: u64, to: Option<u64>) -> Result<TermId, Spent> {
        // What may be nothing may be left out as often as one likes.
        let from = if self.info(of).ends { 0 } else { from };
        match (of, from, to) {
            (DONE, ..) | (_, _, Some(0)) | (NOTHING, 0, _) => return Ok(DONE),
            (NOTHING, ..) => return Ok(NOTHING),
            (_, 1, Some(1)) => return Ok(of),
            _ => {}
        }
        self.intern(Term::Times { of, from, to }, |arena| Info {
            ends: from == 0,
            least: if from == 0 { 0 } else { arena.info(of).least.saturating_mul(from) },
        })
    }

    /// Lanes with edges; once all named places have passed, a mere merge.
    pub(super) fn laned(&mut self, plan: u32, lanes: Vec<TermId>, done: u128) -> Result<TermId, Spent> {
        if lanes.contains(&NOTHING) {
            return Ok(NOTHING);
        }
        if done == self.plans[plan as usize].all {
            return self.merge(lanes);
        }
        let least = lanes.iter().map(|&lane| self.info(lane).least).fold(0, u64::saturating_add);
        // A named place is still to come, so this is not the end.
        self.intern(Term::Laned { plan, lanes: lanes.into(), done }, |_| Info { ends: false, least })
    }

    fn intern(&mut self, term: Term, info: impl FnOnce(&Self) -> Info) -> Result<TermId, Spent> {
        self.charge(1)?;
        if let Some(id) = self.numbers.get(&term) {
            return Ok(*id);
        }
        let info = info(self);
        Ok(self.add(term, info))
    }

    fn add(&mut self, term: Term, info: Info) -> TermId {
        let id = TermId::try_from(self.terms.len()).expect("the bound lies far below four thousand million terms");
        self.cells += term.cells();
        let term = Rc::new(term);
        self.terms.push(Rc::clone(&term));
        self.infos.push(info);
        self.numbers.insert(term, id);
        id
    }

    /// Throws away every term that neither belongs to the expression nor to `state`, and gives the state's new number.
    pub(super) fn sweep(&mut self, state: TermId) -> TermId {
        let settled = self.settled.0;
        let mut live = vec![false; self.terms.len()];
        live[state as usize] = true;
        for id in (settled..self.terms.len()).rev() {
            if live[id] {
                self.terms[id].parts(|part| live[part as usize] = true);
            }
        }
        let (terms, infos) = (self.terms.split_off(settled), self.infos.split_off(settled));
        let mut moved: Vec<TermId> = (0..).take(settled).collect();
        self.cells = self.settled.1;
        self.numbers.retain(|_, id| (*id as usize) < settled);
        // In the old order, so that sorted parts stay sorted.
        for (index, (term, info)) in terms.into_iter().zip(infos).enumerate() {
            let new = if live[settled + index] { self.add(term.moved(&moved), info) } else { NOTHING };
            moved.push(new);
        }
        moved[state as usize]
    }
}

impl Term {
    /// Its share of the budget.
    fn cells(&self) -> usize {
        let mut cells = 1;
        self.parts(|_| cells += 1);
        cells
    }

    fn parts(&self, mut visit: impl FnMut(TermId)) {
        match self {
            Self::Nothing | Self::Done | Self::Leaf { .. } => {}
            Self::Then(first, then) => {
                visit(*first);
                visit(*then);
            }
            Self::Either(parts) | Self::Merge(parts) | Self::Laned { lanes: parts, .. } => parts.iter().copied().for_each(visit),
            Self::Times { of, .. } => visit(*of),
        }
    }

    /// The same term with its parts under their new numbers.
    fn moved(&self, moved: &[TermId]) -> Self {
        let new = |id: TermId| moved[id as usize];
        let all = |ids: &[TermId]| ids.iter().map(|&id| new(id)).collect();
        match self {
            Self::Nothing => Self::Nothing,
            Self::Done => Self::Done,
            Self::Leaf { pattern, stop } => Self::Leaf { pattern: *pattern, stop: *stop },
            Self::Then(first, then) => Self::Then(new(*first), new(*then)),
            Self::Either(parts) => Self::Either(all(parts)),
            Self::Merge(parts) => Self::Merge(all(parts)),
            Self::Times { of, from, to } => Self::Times { of: new(*of), from: *from, to: *to },
            Self::Laned { plan, lanes, done } => Self::Laned { plan: *plan, lanes: all(lanes), done: *done },
        }
    }
}
