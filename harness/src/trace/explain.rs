//! Where a trace left the rule, what was allowed there, and the nearest trace that would have kept it.
//!
//! ```
//! use lockstep::trace::{Expr, explain, match_trace};
//!
//! let rule = Expr::Seq(vec![Expr::event("sync")?, Expr::event("tick")?, Expr::event("promise")?]);
//! let seen = ["sync", "promise", "tick"].map(String::from);
//! let outcome = match_trace(&rule, &seen)?;
//! let explained = explain(&rule, &seen, &outcome).expect("it breaks the rule");
//! assert_eq!(explained.sentence, r#"event 2 is "promise"; the rule allows "tick" here"#);
//! assert_eq!(explained.nearest_texts().expect("short"), ["sync", "tick", "promise"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::{BTreeSet, HashMap};

use super::{
    expr::Expr,
    matcher::{BoundReached, Matcher, Outcome},
    pattern::Pattern,
    visible::quoted,
};

/// Alternatives that a sentence names before it says how many more there are.
const NAMED: usize = 6;
/// Characters of an observed event that a sentence shows before it says how many more there are.
const SHOWN: usize = 200;
/// Events that may have to be made up before the nearest legal trace is given up: nobody reads more.
const MADE_UP: u64 = 1_000;

/// Observed events that are looked through for one that fits a pattern with holes; text is found however far away.
const REACH: usize = 200;

/// Why a trace is none of the legal ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Index of the first event that broke the rule, from 0; the trace's length if it ended too early.
    pub at: usize,
    /// One sentence for a person, without a full stop, control characters escaped; events are counted from 1.
    pub sentence: String,
    /// A legal trace that keeps as much of the observed one as a simple search finds: the "expected" side of a side-by-side
    /// view. None if a thousand events are missing, or the search reached the matcher's bound.
    pub nearest: Option<Vec<LegalEvent>>,
}

impl Explanation {
    /// The events of [`Self::nearest`]: a trace that the matcher accepts.
    pub fn nearest_texts(&self) -> Option<Vec<String>> {
        let nearest = self.nearest.as_ref()?;
        Some(nearest.iter().map(LegalEvent::text).collect())
    }
}

/// An event of the nearest legal trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegalEvent {
    /// An event that was observed, here or later.
    Observed(String),
    /// One that is missing.
    Missing {
        /// As the author wrote it, holes and all.
        written: String,
        /// An event that fits it.
        example: String,
    },
}

impl LegalEvent {
    /// An event as a program prints it.
    pub fn text(&self) -> String {
        match self {
            Self::Observed(event) => event.clone(),
            Self::Missing { example, .. } => example.clone(),
        }
    }

    /// What to show a person: a missing event with its holes, since any number in range will do.
    pub fn shown(&self) -> &str {
        match self {
            Self::Observed(event) => event,
            Self::Missing { written, .. } => written,
        }
    }
}

/// Explains an outcome of [`match_trace`](super::match_trace) on the same expression and events; none if it is accepted.
pub fn explain(expr: &Expr, events: &[String], outcome: &Outcome) -> Option<Explanation> {
    let (at, sentence) = match outcome {
        Outcome::Accepted => return None,
        Outcome::Forbidden { at, allowed, may_end } => (*at, forbidden(*at, &events[*at], allowed, *may_end)),
        Outcome::Incomplete { allowed } => (events.len(), incomplete(events.len(), allowed)),
    };
    let nearest = nearest(expr, &events[..at], &events[at..]).ok().flatten();
    Some(Explanation { at, sentence, nearest })
}

fn forbidden(at: usize, event: &str, allowed: &[String], may_end: bool) -> String {
    let subject = format!("event {} is {}", at + 1, beginning(event));
    match (allowed, may_end) {
        ([], true) if at == 0 => format!("{subject}; the rule allows no event at all"),
        ([], true) => format!("{subject}; the rule has the trace end before it"),
        (_, true) => format!("{subject}; the rule allows {} here", alternatives(allowed, Some("the end of the trace"))),
        (_, false) => format!("{subject}; the rule allows {} here", alternatives(allowed, None)),
    }
}

/// An observed event between quotes; of one that a flood made, its beginning.
fn beginning(event: &str) -> String {
    match event.char_indices().nth(SHOWN) {
        None => quoted(event),
        Some((end, _)) => format!("{} and {} more characters", quoted(&event[..end]), event[end..].chars().count()),
    }
}

fn incomplete(length: usize, allowed: &[String]) -> String {
    let required = alternatives(allowed, None);
    match length {
        0 => format!("the trace is empty; the rule requires {required} first"),
        1 => format!("the trace ends here, after 1 event; the rule still requires {required}"),
        _ => format!("the trace ends here, after {length} events; the rule still requires {required}"),
    }
}

/// `"a", "b" or "c"`; beyond a few, how many more.
fn alternatives(allowed: &[String], end: Option<&str>) -> String {
    let mut named: Vec<String> = allowed.iter().map(|event| quoted(event)).collect();
    if named.len() > NAMED + 1 {
        let more = named.len() - NAMED;
        named.truncate(NAMED);
        named.push(format!("{more} others"));
    }
    named.extend(end.map(str::to_owned));
    match named.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
    }
}

/// Follows `kept`; then, step by step, takes whichever event of `rest` comes first among those that are allowed, or makes up
/// the first allowed one that brings the end nearer.
fn nearest(expr: &Expr, kept: &[String], rest: &[String]) -> Result<Option<Vec<LegalEvent>>, BoundReached> {
    let mut matcher = Matcher::new(expr)?;
    let mut found = Vec::with_capacity(kept.len() + rest.len());
    for event in kept {
        matcher.feed(event)?;
        found.push(LegalEvent::Observed(event.clone()));
    }
    let mut pool = Pool::new(rest);
    let mut made_up = 0;
    loop {
        let allowed = matcher.allowed_patterns();
        if let Some(event) = pool.take(&allowed) {
            matcher.feed(event)?;
            found.push(LegalEvent::Observed(event.to_owned()));
            continue;
        }
        if matcher.may_end() {
            return Ok(Some(found));
        }
        made_up += 1;
        if made_up > MADE_UP || matcher.least() > MADE_UP {
            return Ok(None);
        }
        // Some shortest completion begins with an allowed event, so one of them brings the end nearer.
        let left = matcher.least();
        let mut chosen = None;
        for pattern in allowed {
            let example = pattern.example();
            if matcher.least_after(&example)?.is_some_and(|least| least < left) {
                chosen = Some(LegalEvent::Missing { written: pattern.written().to_owned(), example });
                break;
            }
        }
        let Some(chosen) = chosen else { return Ok(None) };
        matcher.feed(&chosen.text())?;
        found.push(chosen);
    }
}

/// The observed events from the break on that have found no place yet.
struct Pool<'e> {
    events: &'e [String],
    /// The places of each event, the next one last.
    places: HashMap<&'e str, Vec<usize>>,
    left: BTreeSet<usize>,
}

impl<'e> Pool<'e> {
    fn new(events: &'e [String]) -> Self {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, event) in events.iter().enumerate().rev() {
            places.entry(event).or_default().push(index);
        }
        Self { events, places, left: (0..events.len()).collect() }
    }

    /// Takes out the earliest event that fits one of `allowed`.
    fn take(&mut self, allowed: &[&Pattern]) -> Option<&'e str> {
        let earliest = |pattern: &&Pattern| match pattern.literal() {
            Some(literal) => self.places.get(literal)?.last().copied(),
            None => self.left.iter().copied().take(REACH).find(|&index| pattern.fits(&self.events[index])),
        };
        let index = allowed.iter().filter_map(earliest).min()?;
        let event = self.events[index].as_str();
        self.left.remove(&index);
        self.places.get_mut(event)?.pop();
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::super::match_trace;
    use super::*;

    fn event(text: &str) -> Expr {
        Expr::event(text).expect(text)
    }

    fn row(texts: &[&str]) -> Expr {
        Expr::Seq(texts.iter().map(|text| event(text)).collect())
    }

    fn built(expr: Result<Expr, super::super::ExprError>) -> Expr {
        expr.expect("a sound expression")
    }

    fn explained(expr: &Expr, events: &[&str]) -> Explanation {
        let events: Vec<String> = events.iter().map(|event| (*event).to_owned()).collect();
        let outcome = match_trace(expr, &events).expect("far from the bound");
        let explanation = explain(expr, &events, &outcome).expect("the trace breaks the rule");
        let nearest = explanation.nearest_texts().expect("nothing much is missing");
        assert_eq!(match_trace(expr, &nearest), Ok(Outcome::Accepted), "{nearest:?}");
        explanation
    }

    fn shown(explanation: &Explanation) -> Vec<&str> {
        explanation.nearest.as_ref().expect("a legal trace").iter().map(LegalEvent::shown).collect()
    }

    #[test]
    fn an_event_out_of_order_is_put_back() {
        let told = explained(&row(&["sync", "tick", "promise", "end"]), &["sync", "promise", "tick", "end"]);
        assert_eq!(told.at, 1);
        assert_eq!(told.sentence, "event 2 is \"promise\"; the rule allows \"tick\" here");
        assert_eq!(shown(&told), ["sync", "tick", "promise", "end"]);
    }

    #[test]
    fn a_trace_that_ends_early_is_told_what_is_missing() {
        let told = explained(&row(&["a", "waited {50..} ms"]), &["a"]);
        assert_eq!(
            (told.at, told.sentence.as_str()),
            (1, "the trace ends here, after 1 event; the rule still requires \"waited {50..} ms\"")
        );
        assert_eq!(shown(&told), ["a", "waited {50..} ms"]);
        assert_eq!(told.nearest_texts().expect("short"), ["a", "waited 50 ms"]);
        assert_eq!(explained(&row(&["a"]), &[]).sentence, "the trace is empty; the rule requires \"a\" first");
    }

    #[test]
    fn a_trace_that_goes_on_is_told_to_end() {
        let told = explained(&row(&["a"]), &["a", "b\u{1b}[2J"]);
        assert_eq!(told.sentence, "event 2 is \"b\\u{1b}[2J\"; the rule has the trace end before it");
        assert_eq!(shown(&told), ["a"]);
        assert_eq!(explained(&Expr::Seq(vec![]), &["x"]).sentence, "event 1 is \"x\"; the rule allows no event at all");
        let optional = Expr::Seq(vec![event("a"), built(Expr::optional(event("b")))]);
        assert_eq!(
            explained(&optional, &["a", "x"]).sentence,
            "event 2 is \"x\"; the rule allows \"b\" or the end of the trace here"
        );
    }

    #[test]
    fn an_endless_line_is_shown_by_its_beginning() {
        let told = explained(&row(&["a"]), &[&"é".repeat(SHOWN + 3)]);
        assert_eq!(
            told.sentence,
            format!("event 1 is \"{}\" and 3 more characters; the rule allows \"a\" here", "é".repeat(SHOWN))
        );
    }

    #[test]
    fn what_was_observed_decides_between_legal_ways() {
        let expr = Expr::Seq(vec![built(Expr::unordered(vec![event("a"), event("b"), event("c")])), event("end")]);
        let told = explained(&expr, &["x", "c", "a"]);
        assert_eq!(told.sentence, "event 1 is \"x\"; the rule allows \"a\", \"b\" or \"c\" here");
        assert_eq!(shown(&told), ["c", "a", "b", "end"]);
    }

    #[test]
    fn the_nearest_trace_does_not_repeat_for_ever() {
        let expr = Expr::Seq(vec![built(Expr::repeat(event("tick"), 0, None)), event("end")]);
        assert_eq!(shown(&explained(&expr, &["tick", "x", "tick"])), ["tick", "tick", "end"]);
    }

    #[test]
    fn many_alternatives_are_counted() {
        let names: Vec<String> = (0..20).map(|index| format!("e{index}")).collect();
        let expr = built(Expr::one_of(names.iter().map(|name| event(name)).collect()));
        assert_eq!(
            explained(&expr, &["x"]).sentence,
            "event 1 is \"x\"; the rule allows \"e0\", \"e1\", \"e2\", \"e3\", \"e4\", \"e5\" or 14 others here"
        );
    }

    #[test]
    fn a_thousand_missing_events_are_not_made_up() {
        let expr = built(Expr::repeat(event("tick"), 1_001, None));
        let outcome = match_trace(&expr, &[]).expect("far from the bound");
        assert_eq!(explain(&expr, &[], &outcome).expect("incomplete").nearest, None);
    }

    #[test]
    fn a_legal_trace_needs_no_explanation() {
        assert_eq!(explain(&row(&["a"]), &["a".to_owned()], &Outcome::Accepted), None);
    }
}
