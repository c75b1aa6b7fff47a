//! Lanes: sequences that run side by side, with edges that say which event of one comes before which event of another.
//!
//! ```yaml
//! - lanes: { client: [connect, write, end], server: [accept, data, data, end] }
//!   before: [[client.write, "server.data#1"], [server.end, client.end]]
//! ```
//!
//! An edge names events as `lane.event`, or `lane.event#2` for the second place the event stands in its lane, counted as
//! written. Only places that every trace passes exactly once can be named: those of the lane itself, of an `unordered` in it,
//! and of a `repeat` whose `from` and `to` are equal, which counts once for each time. A place inside `one_of`, `optional` or
//! any other `repeat` may never come, so nothing could wait for it; it is not counted either. Where an event's own text ends
//! in `#2`, that reading goes first. Edges and lane orders together must not form a circle.

use super::{expr::Expr, pattern::Pattern, visible::visible};

/// Places in one set of lanes that edges may name; the matcher keeps them as bits of one number.
const MAX_NAMED: usize = 128;
/// Places in one lane that can be counted; a fixed repeat is written out to count them.
const MAX_PLACES: usize = 10_000;

/// Named sequences and the edges between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Lanes {
    lanes: Vec<Lane>,
    before: Vec<Edge>,
}

/// One lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// What happens in it, in order.
    pub items: Expr,
}

/// An edge: `first` happens before `then`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The earlier event.
    pub first: Place,
    /// The later event.
    pub then: Place,
}

/// A place in a lane that every trace passes exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Index of the lane.
    pub lane: usize,
    /// Index among the countable places of the lane, in the order they are written.
    pub place: usize,
    /// As the author named it.
    pub written: String,
}

/// Lanes or edges that make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LanesError {
    /// No lane at all.
    #[error("`lanes` is empty; write `lanes: {{ name: [event, …], … }}`")]
    NoLane,
    /// A lane without events.
    #[error("lane `{0}` is empty; list its events, or leave it out")]
    EmptyLane(String),
    /// A name that edges could not use.
    #[error("`{0}` is no name for a lane; use a word without a dot, since edges name events as lane.event")]
    Name(String),
    /// Two lanes of one name.
    #[error("two lanes are named `{0}`; name each once")]
    Twice(String),
    /// An edge's end without a dot.
    #[error("`{0}` names no event; write lane.event, or lane.event#2 for its second place")]
    Form(String),
    /// An edge into a lane that is not there.
    #[error("`{written}` names no lane; the lanes are {lanes}")]
    UnknownLane {
        /// The edge's end.
        written: String,
        /// The lanes there are.
        lanes: String,
    },
    /// An event that its lane does not hold.
    #[error("`{written}` names no event of its lane; lane `{lane}` has {events}")]
    UnknownEvent {
        /// The edge's end.
        written: String,
        /// The lane.
        lane: String,
        /// The events that could be named.
        events: String,
    },
    /// An event that stands in the lane, but only where it may be left out or repeated.
    #[error(
        "`{0}` may be left out or repeated, so nothing can be ordered by it; name an event outside `one_of`, `optional` and \
         repeats of no fixed number"
    )]
    NotCertain(String),
    /// An event that stands in several places.
    #[error("`{written}` stands in {count} places of its lane; say which, as in `{written}#1`")]
    Ambiguous {
        /// The edge's end.
        written: String,
        /// How many places.
        count: usize,
    },
    /// An occurrence that is not there.
    #[error("`{written}`: the event stands in {count} places of its lane, counted from #1")]
    Occurrence {
        /// The edge's end.
        written: String,
        /// How many places.
        count: usize,
    },
    /// A circle.
    #[error("the order turns in a circle: {0}; take one edge out")]
    Circle(String),
    /// More named places than the matcher keeps.
    #[error("`before` names {0} events, and at most {MAX_NAMED} are possible; leave out edges that follow from others")]
    TooManyNamed(usize),
    /// A lane too long to be written out.
    #[error("lane `{0}` has more than {MAX_PLACES} events to count, repeats written out; shorten it, or take `before` out")]
    TooLong(String),
}

impl Lanes {
    /// Checks lanes and edges.
    ///
    /// # Errors
    /// If a lane is empty or its name cannot be used, an edge names no certain place, or the order has a circle.
    pub fn new(lanes: Vec<(String, Vec<Expr>)>, before: &[(String, String)]) -> Result<Self, LanesError> {
        if lanes.is_empty() {
            return Err(LanesError::NoLane);
        }
        let mut checked: Vec<Lane> = Vec::with_capacity(lanes.len());
        for (name, items) in lanes {
            if name.trim() != name || name.is_empty() || name.contains('.') {
                return Err(LanesError::Name(name));
            }
            if items.is_empty() {
                return Err(LanesError::EmptyLane(name));
            }
            if checked.iter().any(|lane| lane.name == name) {
                return Err(LanesError::Twice(name));
            }
            checked.push(Lane { name, items: Expr::Seq(items) });
        }
        let mut lanes = Self { lanes: checked, before: Vec::new() };
        if !before.is_empty() {
            lanes.before = Resolver::new(&lanes.lanes)?.edges(before)?;
        }
        Ok(lanes)
    }

    /// The lanes, as written.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// The edges, as written.
    pub fn before(&self) -> &[Edge] {
        &self.before
    }
}

/// A countable place.
struct Countable<'e> {
    pattern: &'e Pattern,
    /// The way to it: at each operator whether it is ordered, and which branch.
    way: Vec<(bool, usize)>,
}

/// The countable places of a lane in the order they are written, or none if there are too many.
fn places(items: &Expr) -> Option<Vec<Countable<'_>>> {
    fn walk<'e>(expr: &'e Expr, way: &mut Vec<(bool, usize)>, found: &mut Vec<Countable<'e>>) {
        let mut branch = |ordered, index, expr: &'e Expr, found: &mut Vec<Countable<'e>>| {
            way.push((ordered, index));
            walk(expr, way, found);
            way.pop();
        };
        match expr {
            Expr::Event(pattern) => found.push(Countable { pattern, way: way.clone() }),
            Expr::Seq(items) => items.iter().enumerate().for_each(|(index, item)| branch(true, index, item, found)),
            Expr::Unordered(items) => items.iter().enumerate().for_each(|(index, item)| branch(false, index, item, found)),
            Expr::Repeat { of, from, to } if *to == Some(*from) && countable(of) > 0 => {
                (0..*from as usize).for_each(|index| branch(true, index, of, found));
            }
            Expr::OneOf(_) | Expr::Repeat { .. } | Expr::Optional(_) | Expr::Lanes(_) => {}
        }
    }
    let mut found = Vec::new();
    if countable(items) > MAX_PLACES {
        return None;
    }
    walk(items, &mut Vec::new(), &mut found);
    Some(found)
}

/// How many countable places an expression has.
pub(super) fn countable(expr: &Expr) -> usize {
    match expr {
        Expr::Event(_) => 1,
        Expr::Seq(items) | Expr::Unordered(items) => items.iter().map(countable).fold(0, usize::saturating_add),
        Expr::Repeat { of, from, to } if *to == Some(*from) => countable(of).saturating_mul(*from as usize),
        Expr::OneOf(_) | Expr::Repeat { .. } | Expr::Optional(_) | Expr::Lanes(_) => 0,
    }
}

/// Whether an event of this text stands anywhere in `expr`.
fn holds(expr: &Expr, written: &str) -> bool {
    match expr {
        Expr::Event(pattern) => pattern.written() == written,
        Expr::Seq(items) | Expr::Unordered(items) | Expr::OneOf(items) => items.iter().any(|item| holds(item, written)),
        Expr::Repeat { of, .. } | Expr::Optional(of) => holds(of, written),
        Expr::Lanes(lanes) => lanes.lanes.iter().any(|lane| holds(&lane.items, written)),
    }
}

/// Finds what edges name.
struct Resolver<'l> {
    lanes: &'l [Lane],
    places: Vec<Vec<Countable<'l>>>,
}

impl<'l> Resolver<'l> {
    fn new(lanes: &'l [Lane]) -> Result<Self, LanesError> {
        let places = lanes
            .iter()
            .map(|lane| places(&lane.items).ok_or_else(|| LanesError::TooLong(lane.name.clone())))
            .collect::<Result<_, _>>()?;
        Ok(Self { lanes, places })
    }

    fn edges(&self, before: &[(String, String)]) -> Result<Vec<Edge>, LanesError> {
        let edges: Vec<Edge> = before
            .iter()
            .map(|(first, then)| Ok(Edge { first: self.place(first)?, then: self.place(then)? }))
            .collect::<Result<_, LanesError>>()?;
        let mut named: Vec<&Place> = edges.iter().flat_map(|edge| [&edge.first, &edge.then]).collect();
        named.sort_by_key(|place| (place.lane, place.place));
        named.dedup_by_key(|place| (place.lane, place.place));
        if named.len() > MAX_NAMED {
            return Err(LanesError::TooManyNamed(named.len()));
        }
        match self.circle(&named, &edges) {
            Some(circle) => Err(LanesError::Circle(circle)),
            None => Ok(edges),
        }
    }

    fn place(&self, written: &str) -> Result<Place, LanesError> {
        let (name, event) = written.split_once('.').ok_or_else(|| LanesError::Form(written.to_owned()))?;
        let Some(lane) = self.lanes.iter().position(|lane| lane.name == name) else {
            let lanes = self.lanes.iter().map(|lane| format!("`{}`", lane.name)).collect::<Vec<_>>().join(", ");
            return Err(LanesError::UnknownLane { written: written.to_owned(), lanes });
        };
        let found = |place| Ok(Place { lane, place, written: written.to_owned() });
        let standing = |event: &str| -> Vec<usize> {
            let all = self.places[lane].iter().enumerate();
            all.filter(|(_, place)| place.pattern.written() == event).map(|(index, _)| index).collect()
        };
        match standing(event).as_slice() {
            [] => {}
            [only] => return found(*only),
            several => return Err(LanesError::Ambiguous { written: written.to_owned(), count: several.len() }),
        }
        let (event, occurrence) = match event.rsplit_once('#') {
            Some((event, digits)) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                (event, Some(digits.parse::<usize>().unwrap_or(usize::MAX)))
            }
            _ => (event, None),
        };
        let standing = standing(event);
        match occurrence.and_then(|occurrence| occurrence.checked_sub(1)).and_then(|index| standing.get(index)) {
            Some(place) => found(*place),
            None if !standing.is_empty() => Err(LanesError::Occurrence { written: written.to_owned(), count: standing.len() }),
            None if holds(&self.lanes[lane].items, event) => Err(LanesError::NotCertain(written.to_owned())),
            None => {
                Err(LanesError::UnknownEvent { written: written.to_owned(), lane: name.to_owned(), events: self.namable(lane) })
            }
        }
    }

    /// The events of a lane that an edge could name, for a message: each once, and not more than a person reads.
    fn namable(&self, lane: usize) -> String {
        const SHOWN: usize = 8;
        let mut events: Vec<&str> = Vec::new();
        for place in &self.places[lane] {
            if !events.contains(&place.pattern.written()) {
                events.push(place.pattern.written());
            }
            if events.len() > SHOWN {
                break;
            }
        }
        let more = if events.len() > SHOWN { ", …" } else { "" };
        match events.as_slice() {
            [] => "no event that must happen".to_owned(),
            events => {
                let shown: Vec<_> = events.iter().take(SHOWN).map(|event| format!("`{}`", visible(event))).collect();
                shown.join(", ") + more
            }
        }
    }

    /// A circle among the named places, in words: edges and the orders of the lanes followed until a place comes again.
    fn circle(&self, named: &[&Place], edges: &[Edge]) -> Option<String> {
        let index = |place: &Place| {
            named.iter().position(|other| (other.lane, other.place) == (place.lane, place.place)).expect("every end is named")
        };
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); named.len()];
        for edge in edges {
            after[index(&edge.first)].push(index(&edge.then));
        }
        for (one, first) in named.iter().enumerate() {
            for (two, then) in named.iter().enumerate() {
                if first.lane == then.lane && self.in_order(first, then) {
                    after[one].push(two);
                }
            }
        }
        // Take away what nothing precedes until nothing is left, or only what lies on circles or behind them.
        let mut left: Vec<bool> = vec![true; named.len()];
        while let Some(free) = (0..named.len())
            .find(|&node| left[node] && !(0..named.len()).any(|other| left[other] && after[other].contains(&node)))
        {
            left[free] = false;
        }
        let mut node = left.iter().position(|left| *left)?;
        // Everything left has something left before it, so walking backwards must come round.
        let mut walked = vec![node];
        loop {
            node = (0..named.len()).find(|&other| left[other] && after[other].contains(&node))?;
            if let Some(start) = walked.iter().position(|&seen| seen == node) {
                let mut round: Vec<usize> = walked.drain(start..).rev().collect();
                round.insert(0, node);
                let names: Vec<_> = round.iter().map(|&node| format!("`{}`", visible(&named[node].written))).collect();
                return Some(names.join(" before "));
            }
            walked.push(node);
        }
    }

    /// Whether the lane itself puts one place before another.
    fn in_order(&self, first: &Place, then: &Place) -> bool {
        let (one, two) = (&self.places[first.lane][first.place].way, &self.places[then.lane][then.place].way);
        let parting = one.iter().zip(two).find(|(one, two)| one != two);
        parting.is_some_and(|((ordered, one), (_, two))| *ordered && one < two)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(written: &[&str]) -> Vec<Expr> {
        written.iter().map(|event| Expr::event(event).expect(event)).collect()
    }

    fn two() -> Vec<(String, Vec<Expr>)> {
        vec![("client".into(), items(&["connect", "write", "end"])), ("server".into(), items(&["accept", "data", "data", "end"]))]
    }

    fn edges(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(first, then)| ((*first).to_owned(), (*then).to_owned())).collect()
    }

    fn said(lanes: Vec<(String, Vec<Expr>)>, pairs: &[(&str, &str)]) -> String {
        Lanes::new(lanes, &edges(pairs)).expect_err("a fault").to_string()
    }

    #[test]
    fn edges_find_the_places_they_name() {
        let lanes = Lanes::new(two(), &edges(&[("client.write", "server.data#2"), ("server.end", "client.end")])).expect("sound");
        let ends: Vec<_> = lanes.before().iter().map(|edge| (edge.first.place, edge.then.place)).collect();
        assert_eq!(ends, [(1, 2), (3, 2)]);
    }

    #[test]
    fn places_are_counted_through_unordered_and_fixed_repeats_only() {
        let data = || Expr::event("data").expect("event");
        let lane = vec![
            Expr::unordered(vec![data(), Expr::Seq(items(&["head", "data"]))]).expect("unordered"),
            Expr::optional(data()).expect("optional"),
            Expr::repeat(data(), 3, Some(3)).expect("repeat"),
            Expr::repeat(data(), 1, Some(3)).expect("repeat"),
            data(),
        ];
        let lanes = || vec![("x".to_owned(), lane.clone()), ("y".to_owned(), items(&["a"]))];
        let sound = Lanes::new(lanes(), &edges(&[("x.data#6", "y.a")])).expect("six places");
        assert_eq!(sound.before()[0].first.place, 6);
        assert_eq!(
            said(lanes(), &[("x.data#7", "y.a")]),
            "`x.data#7`: the event stands in 6 places of its lane, counted from #1"
        );
    }

    #[test]
    fn an_event_whose_text_ends_like_an_occurrence_is_found_as_it_stands() {
        let lanes = vec![("x".to_owned(), items(&["job", "job#2", "job"])), ("y".to_owned(), items(&["a"]))];
        let sound = Lanes::new(lanes, &edges(&[("x.job#2", "y.a")])).expect("sound");
        assert_eq!(sound.before()[0].first.place, 1);
    }

    #[test]
    fn what_an_edge_cannot_name_is_said_with_what_it_could() {
        assert_eq!(
            said(two(), &[("write", "client.end")]),
            "`write` names no event; write lane.event, or lane.event#2 for its second place"
        );
        assert_eq!(said(two(), &[("peer.x", "client.end")]), "`peer.x` names no lane; the lanes are `client`, `server`");
        assert_eq!(
            said(two(), &[("client.wrte", "client.end")]),
            "`client.wrte` names no event of its lane; lane `client` has `connect`, `write`, `end`"
        );
        assert_eq!(
            said(two(), &[("server.data", "client.end")]),
            "`server.data` stands in 2 places of its lane; say which, as in `server.data#1`"
        );
        for occurrence in ["server.data#0", "server.data#3", "server.data#99999999999999999999999"] {
            assert!(said(two(), &[(occurrence, "client.end")]).contains("stands in 2 places"), "{occurrence}");
        }
        let optional = vec![("x".to_owned(), vec![Expr::optional(Expr::event("a").expect("event")).expect("optional")])];
        assert!(said(optional, &[("x.a", "x.a")]).starts_with("`x.a` may be left out or repeated"));
    }

    #[test]
    fn lanes_need_names_and_events() {
        assert_eq!(Lanes::new(vec![], &[]), Err(LanesError::NoLane));
        assert_eq!(Lanes::new(vec![("x".into(), vec![])], &[]), Err(LanesError::EmptyLane("x".into())));
        for name in ["", "a.b", " a"] {
            assert_eq!(Lanes::new(vec![(name.into(), items(&["e"]))], &[]), Err(LanesError::Name(name.into())));
        }
        let twice = vec![("x".to_owned(), items(&["a"])), ("x".to_owned(), items(&["b"]))];
        assert_eq!(Lanes::new(twice, &[]), Err(LanesError::Twice("x".into())));
    }

    #[test]
    fn circles_are_named() {
        assert_eq!(
            said(two(), &[("client.end", "server.accept"), ("server.end", "client.connect")]),
            "the order turns in a circle: `client.connect` before `client.end` before `server.accept` before `server.end` \
             before `client.connect`; take one edge out"
        );
        assert_eq!(
            said(two(), &[("client.write", "client.write")]),
            "the order turns in a circle: `client.write` before `client.write`; take one edge out"
        );
        assert!(said(two(), &[("client.end", "client.connect")]).contains("circle"));
    }

    #[test]
    fn a_circle_is_told_from_what_leads_to_it_and_from_it() {
        let said = said(
            vec![
                ("a".to_owned(), items(&["1", "2"])),
                ("b".to_owned(), items(&["1", "2"])),
                ("c".to_owned(), items(&["1"])),
                ("d".to_owned(), items(&["1"])),
            ],
            &[("c.1", "a.1"), ("a.2", "b.1"), ("b.2", "a.1"), ("b.2", "d.1")],
        );
        assert!(!said.contains("c.1") && !said.contains("d.1"), "{said}");
    }

    #[test]
    fn edges_within_an_unordered_order_it() {
        let free = Expr::unordered(items(&["a", "b"])).expect("unordered");
        assert!(Lanes::new(vec![("x".into(), vec![free])], &edges(&[("x.b", "x.a")])).is_ok());
    }

    #[test]
    fn lanes_too_long_to_count_are_refused_only_where_counting_is_needed() {
        let long = || vec![Expr::repeat(Expr::event("tick").expect("event"), 10_001, Some(10_001)).expect("repeat")];
        assert!(Lanes::new(vec![("x".into(), long())], &[]).is_ok());
        assert!(said(vec![("x".into(), long())], &[("x.tick#1", "x.tick#2")]).contains("more than 10000"));
    }
}
