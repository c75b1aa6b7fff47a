//! From an expression to its first term.

use super::{
    super::{
        expr::Expr,
        lanes::{Lanes, countable},
    },
    terms::{Arena, DONE, Plan, Spent, Stop, Term, TermId},
};

/// The term for what `expr` allows.
pub(super) fn compile<'e>(expr: &'e Expr, arena: &mut Arena<'e>) -> Result<TermId, Spent> {
    build(expr, arena, None)
}

/// The named places of one lane, while its term is being built.
struct Counting<'p> {
    /// Number of the next countable place.
    next: usize,
    /// Named places of this lane: number of the place, number of the stop.
    named: &'p [(usize, u32)],
}

/// `counting` is there where places are certain, and gone below whatever may be left out or repeated.
fn build<'e>(expr: &'e Expr, arena: &mut Arena<'e>, counting: Option<&mut Counting<'_>>) -> Result<TermId, Spent> {
    match expr {
        Expr::Event(pattern) => {
            let stop = counting.and_then(|counting| {
                let place = counting.next;
                counting.next += 1;
                counting.named.iter().find(|named| named.0 == place).map(|named| named.1)
            });
            let pattern = arena.pattern_id(pattern);
            if let Some(stop) = stop {
                arena.stops[stop as usize].pattern = pattern;
            }
            arena.leaf(pattern, stop)
        }
        Expr::Seq(items) => {
            let items = build_all(items, arena, counting)?;
            row(items, arena)
        }
        Expr::Unordered(items) => {
            let items = build_all(items, arena, counting)?;
            arena.merge(items)
        }
        Expr::OneOf(items) => {
            let items = build_all(items, arena, None)?;
            arena.either(items)
        }
        Expr::Optional(of) => {
            let of = build(of, arena, None)?;
            arena.either(vec![of, DONE])
        }
        Expr::Repeat { of, from, to } => match counting {
            // Written out, so that each turn has places of its own.
            Some(counting) if *to == Some(*from) && countable(of) > 0 => {
                let turns = (0..*from).map(|_| build(of, arena, Some(counting))).collect::<Result<Vec<_>, _>>()?;
                row(turns, arena)
            }
            _ => {
                let of = build(of, arena, None)?;
                arena.times(of, u64::from(*from), to.map(u64::from))
            }
        },
        Expr::Lanes(lanes) => build_lanes(lanes, arena),
    }
}

fn build_all<'e>(
    items: &'e [Expr],
    arena: &mut Arena<'e>,
    mut counting: Option<&mut Counting<'_>>,
) -> Result<Vec<TermId>, Spent> {
    items.iter().map(|item| build(item, arena, counting.as_deref_mut())).collect()
}

/// One after the other, built from the back so that equal endings are one term; equal unnamed events in a row become a repeat.
fn row(items: Vec<TermId>, arena: &mut Arena<'_>) -> Result<TermId, Spent> {
    let mut built = DONE;
    let mut items = items.into_iter().rev().peekable();
    while let Some(item) = items.next() {
        let Some((leaf, mut from, mut to)) = arena.plain_run(item) else {
            built =
                if matches!(**arena.term(item), Term::Then(..)) { arena.then(item, built)? } else { arena.link(item, built)? };
            continue;
        };
        while let Some((_, more, most)) = items.peek().and_then(|&next| arena.plain_run(next)).filter(|run| run.0 == leaf) {
            from = from.saturating_add(more);
            to = to.zip(most).map(|(one, two)| one.saturating_add(two));
            items.next();
        }
        let run = arena.times(leaf, from, to)?;
        built = arena.link(run, built)?;
    }
    Ok(built)
}

/// Lanes that no edge touches are independent of the rest, so they stay outside of the plan.
fn build_lanes<'e>(lanes: &'e Lanes, arena: &mut Arena<'e>) -> Result<TermId, Spent> {
    let mut named: Vec<(usize, usize)> =
        lanes.before().iter().flat_map(|edge| [&edge.first, &edge.then]).map(|place| (place.lane, place.place)).collect();
    named.sort_unstable();
    named.dedup();
    let bit = |lane, place| 1u128 << named.binary_search(&(lane, place)).expect("every end of an edge is named");

    let plan = u32::try_from(arena.plans.len()).expect("fewer plans than bytes in a suite");
    let base = u32::try_from(arena.stops.len()).expect("fewer named places than bytes in a suite");
    for &(lane, place) in &named {
        let edges = lanes.before().iter().filter(|edge| (edge.then.lane, edge.then.place) == (lane, place));
        let needs = edges.fold(0, |bits, edge| bits | bit(edge.first.lane, edge.first.place));
        let position = lanes_with_edges(&named).iter().position(|&other| other == lane).expect("a named lane");
        // The pattern is filled in when the place is built.
        arena.stops.push(Stop { plan, lane: position, bit: bit(lane, place), needs, pattern: 0 });
    }
    let stops: Vec<u32> = (base..).take(named.len()).collect();
    let all = named.iter().fold(0, |bits, &(lane, place)| bits | bit(lane, place));
    arena.plans.push(Plan { stops: stops.clone(), all });

    let (mut tied, mut free) = (Vec::new(), Vec::new());
    for (index, lane) in lanes.lanes().iter().enumerate() {
        let here: Vec<(usize, u32)> =
            named.iter().zip(&stops).filter(|(named, _)| named.0 == index).map(|(named, stop)| (named.1, *stop)).collect();
        if here.is_empty() {
            free.push(build(&lane.items, arena, None)?);
        } else {
            tied.push(build(&lane.items, arena, Some(&mut Counting { next: 0, named: &here }))?);
        }
    }
    if !tied.is_empty() {
        free.push(arena.laned(plan, tied, 0)?);
    }
    arena.merge(free)
}

/// The lanes that edges touch, in order.
fn lanes_with_edges(named: &[(usize, usize)]) -> Vec<usize> {
    let mut lanes: Vec<usize> = named.iter().map(|(lane, _)| *lane).collect();
    lanes.dedup();
    lanes
}
