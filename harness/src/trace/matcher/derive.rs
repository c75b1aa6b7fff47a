//! The derivative of a term: what may come after an event.
//!
//! # Runs in a merge
//!
//! Where branches of a merge are the same run of one event before the same rest, say `data` twice, then `end`, merged with
//! `data` five times, then `end`, a `data` may belong to either, and trying both would soon try every way of dealing the
//! events out. One choice is enough: let `X` be `m` to `n` times `a`, then `U`, and `Y` be `m'` to `n'` times `a`, then the
//! same `U`, with `m <= m'`, `n <= n'`, and not `m = 0 < m'`. Then whatever can follow if `Y` takes the event can also follow
//! if `X` takes it. Two steps show it. First, for any `V`, every merge of `aV` with `aᵏV` is a merge of `V` with `aᵏ⁺¹V`:
//! trivially for `k = 0`; else the first event is an `a`, give it to the second branch, and compare what is left, which is the
//! same if the first branch took it, and the claim for `k - 1` if the second one did. Now, let a trace be a merge of `p` times
//! `a`, then `U`, from `X`, and `q` times `a`, then `U`, from `Y` after it took the event. If `1 <= p <= q`, the first step
//! turns it into `p - 1` and `q + 1`, which `X` after the event and `Y` allow. If `p > q`, exchange the branches: `q` and `p`
//! are within their bounds. If `p = 0`, then `m = m' = 0` and the numbers may stay. In that last case the event may also begin
//! `U`; but then `X` allows no more than `Y`, so it is enough to let `X` do that and keep `Y`. So `Y` need not take the event.

use std::collections::HashMap;

use super::{
    super::pattern::Pattern,
    terms::{Arena, DONE, NOTHING, Spent, Table, Term, TermId},
};

/// Which named places an event may be, inside of lanes with edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    /// Outside of such lanes.
    Free,
    /// None.
    Unnamed,
    /// This one, and nothing else.
    Only(u32),
}

/// What is worked out once for an event.
#[derive(Debug, Clone, Default)]
pub(super) struct Step<'e> {
    /// Patterns without holes, by the event they fit.
    literals: HashMap<&'e str, u32>,
    /// Patterns with holes, by how they are written.
    holed: HashMap<&'e str, u32>,
    event: String,
    /// The pattern without holes that fits.
    literal: Option<u32>,
    /// For each pattern, if it has holes: whether it fits the event of this number.
    fitting: Vec<Option<(u64, bool)>>,
    number: u64,
    derived: Table<(TermId, Mode), TermId>,
}

impl<'e> Step<'e> {
    /// The number of a pattern: the one it has, or else `fresh`.
    pub(super) fn know(&mut self, pattern: &'e Pattern, fresh: u32) -> u32 {
        let (table, key, fitting) = match pattern.literal() {
            Some(literal) => (&mut self.literals, literal, None),
            None => (&mut self.holed, pattern.written(), Some((0, false))),
        };
        let id = *table.entry(key).or_insert(fresh);
        if id == fresh {
            self.fitting.push(fitting);
        }
        id
    }
}

/// A branch that begins with a run of one unnamed event.
struct Run {
    leaf: TermId,
    from: u64,
    to: Option<u64>,
    rest: TermId,
}

impl Run {
    /// Whether it is enough to let this run take the event, and not the other.
    fn spares(&self, other: &Self) -> bool {
        let differ = (self.from, self.to) != (other.from, other.to);
        let shorter =
            self.to.is_none_or(|to| other.to.is_none_or(|most| to <= most)) && (self.to.is_some() || other.to.is_none());
        (self.leaf, self.rest) == (other.leaf, other.rest)
            && differ
            && self.from <= other.from
            && shorter
            && (self.from >= 1 || other.from == 0)
    }
}

impl Arena<'_> {
    /// Begins an event.
    pub(super) fn begin(&mut self, event: &str, event_cells: u64, trace_cells: u64) {
        self.allow(event_cells, trace_cells);
        let step = &mut self.step;
        step.number += 1;
        step.literal = step.literals.get(event).copied();
        event.clone_into(&mut step.event);
        // A map that once grew large would be large to clear ever after.
        if step.derived.capacity() > 4096 {
            step.derived = Table::default();
        } else {
            step.derived.clear();
        }
    }

    /// Whether the event fits a pattern.
    fn fits(&mut self, pattern: u32) -> bool {
        let step = &self.step;
        match step.fitting[pattern as usize] {
            None => step.literal == Some(pattern),
            Some((number, fits)) if number == step.number => fits,
            Some(_) => {
                let fits = self.pattern(pattern).fits(&self.step.event);
                self.step.fitting[pattern as usize] = Some((self.step.number, fits));
                fits
            }
        }
    }

    /// What may come after the event, if `id` is what may come before it.
    pub(super) fn derive(&mut self, id: TermId, mode: Mode) -> Result<TermId, Spent> {
        self.charge(1)?;
        match **self.term(id) {
            Term::Nothing | Term::Done => return Ok(NOTHING),
            Term::Leaf { pattern, stop } => return Ok(self.derive_leaf(pattern, stop, mode)),
            Term::Then(first, rest) => {
                // By far the most frequent question, mostly answered with no: is this sequence's next event the one?
                if let Term::Leaf { pattern, stop } = **self.term(first) {
                    let taken = self.derive_leaf(pattern, stop, mode) == DONE;
                    return Ok(if taken { rest } else { NOTHING });
                }
                return self.derive_row(id, mode);
            }
            Term::Either(_) | Term::Merge(_) | Term::Times { .. } | Term::Laned { .. } => {}
        }
        if let Some(known) = self.step.derived.get(&(id, mode)) {
            return Ok(*known);
        }
        let term = std::rc::Rc::clone(self.term(id));
        let derived = match &*term {
            Term::Either(branches) => {
                let branches = branches.iter().map(|&branch| self.derive(branch, mode)).collect::<Result<_, _>>()?;
                self.either(branches)?
            }
            Term::Merge(branches) => self.derive_merge(branches, mode)?,
            Term::Times { of, from, to } => match self.derive(*of, mode)? {
                NOTHING => NOTHING,
                begun => {
                    let rest = self.times(*of, from.saturating_sub(1), to.map(|to| to - 1))?;
                    self.then(begun, rest)?
                }
            },
            Term::Laned { plan, lanes, done } => self.derive_lanes(*plan, lanes, *done, mode)?,
            Term::Nothing | Term::Done | Term::Leaf { .. } | Term::Then(..) => NOTHING,
        };
        self.step.derived.insert((id, mode), derived);
        Ok(derived)
    }

    fn derive_leaf(&mut self, pattern: u32, stop: Option<u32>, mode: Mode) -> TermId {
        let open = match mode {
            Mode::Free => true,
            Mode::Unnamed => stop.is_none(),
            Mode::Only(only) => stop == Some(only),
        };
        if open && self.fits(pattern) { DONE } else { NOTHING }
    }

    /// A sequence: its first item, or a later one if all before it may be nothing. A loop, since sequences may be long.
    fn derive_row(&mut self, id: TermId, mode: Mode) -> Result<TermId, Spent> {
        let mut found = Vec::new();
        let mut at = id;
        while let Term::Then(first, rest) = **self.term(at) {
            let begun = self.derive(first, mode)?;
            if begun != NOTHING {
                found.push(self.then(begun, rest)?);
            }
            if !self.info(first).ends {
                return self.either(found);
            }
            at = rest;
        }
        found.push(self.derive(at, mode)?);
        self.either(found)
    }

    fn derive_merge(&mut self, branches: &[TermId], mode: Mode) -> Result<TermId, Spent> {
        // Equal branches stand side by side, and one of them may take the event for all.
        let mut takers: Vec<(usize, TermId)> = Vec::new();
        for (index, &branch) in branches.iter().enumerate() {
            if index > 0 && branches[index - 1] == branch {
                continue;
            }
            let taken = self.derive(branch, mode)?;
            if taken != NOTHING {
                takers.push((index, taken));
            }
        }
        if takers.len() > 1 {
            self.spare_runs(branches, &mut takers, mode)?;
        }
        let mut found = Vec::with_capacity(takers.len());
        for (index, taken) in takers.into_iter().filter(|taker| taker.1 != NOTHING) {
            let mut merged = branches.to_vec();
            merged[index] = taken;
            found.push(self.merge(merged)?);
        }
        self.either(found)
    }

    /// Lets only one of comparable runs take the event; see the head of this module.
    fn spare_runs(&mut self, branches: &[TermId], takers: &mut [(usize, TermId)], mode: Mode) -> Result<(), Spent> {
        let mut runs: Vec<Option<Run>> = Vec::with_capacity(takers.len());
        for &(index, _) in takers.iter() {
            let run = self.run(branches[index]);
            // Only a run that does take the event can stand in for another.
            runs.push(match run {
                Some(run) if self.derive(run.leaf, mode)? == DONE => Some(run),
                _ => None,
            });
        }
        self.charge(runs.len())?;
        for (taker, run) in takers.iter_mut().zip(&runs) {
            let Some(run) = run else { continue };
            if runs.iter().flatten().any(|other| other.spares(run)) {
                taker.1 = NOTHING;
            }
        }
        Ok(())
    }

    fn run(&self, id: TermId) -> Option<Run> {
        let (first, rest) = match **self.term(id) {
            Term::Then(first, rest) => (first, rest),
            _ => (id, DONE),
        };
        self.plain_run(first).map(|(leaf, from, to)| Run { leaf, from, to, rest })
    }

    fn derive_lanes(&mut self, plan: u32, lanes: &[TermId], done: u128, mode: Mode) -> Result<TermId, Spent> {
        if matches!(mode, Mode::Only(_)) {
            // Edges of lanes around these cannot name places in them.
            return Ok(NOTHING);
        }
        let mut found = Vec::new();
        let with = |lane: usize, taken: TermId| {
            let mut lanes = lanes.to_vec();
            lanes[lane] = taken;
            lanes
        };
        for (index, &lane) in lanes.iter().enumerate() {
            let taken = self.derive(lane, Mode::Unnamed)?;
            found.push(self.laned(plan, with(index, taken), done)?);
        }
        let stops = self.plans[plan as usize].stops.clone();
        self.charge(stops.len())?;
        for number in stops {
            let stop = self.stops[number as usize].clone();
            debug_assert_eq!(stop.plan, plan);
            if done & stop.bit == 0 && stop.needs & !done == 0 && self.fits(stop.pattern) {
                let taken = self.derive(lanes[stop.lane], Mode::Only(number))?;
                found.push(self.laned(plan, with(stop.lane, taken), done | stop.bit)?);
            }
        }
        self.either(found)
    }

    /// The patterns an event may fit next, in the order they are written.
    pub(super) fn firsts(&self, id: TermId) -> Vec<u32> {
        let mut found = std::collections::BTreeSet::new();
        let mut seen = std::collections::HashSet::new();
        // Terms to visit, each with the named places that have passed in the lanes it stands in.
        let mut open = vec![(id, 0u128)];
        while let Some((id, done)) = open.pop() {
            if !seen.insert((id, done)) {
                continue;
            }
            match &**self.term(id) {
                Term::Nothing | Term::Done => {}
                Term::Leaf { pattern, stop } => {
                    if stop.is_none_or(|stop| self.stops[stop as usize].needs & !done == 0) {
                        found.insert(*pattern);
                    }
                }
                Term::Then(first, rest) => {
                    open.push((*first, done));
                    if self.info(*first).ends {
                        open.push((*rest, done));
                    }
                }
                Term::Either(parts) | Term::Merge(parts) => open.extend(parts.iter().map(|&part| (part, done))),
                Term::Times { of, .. } => open.push((*of, done)),
                Term::Laned { lanes, done, .. } => open.extend(lanes.iter().map(|&lane| (lane, *done))),
            }
        }
        found.into_iter().collect()
    }
}
