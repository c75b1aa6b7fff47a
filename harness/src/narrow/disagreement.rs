//! How two runtimes disagree on a program, in a form that outlives the program: it can be asked of a smaller one too.

use std::{collections::BTreeMap, fmt};

use crate::trace::Observation;

/// The class of a disagreement between two runtimes, *one* and *other*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// How the program ends on each of them.
    pub ends: (String, String),
    /// What they disagree on.
    pub kind: Kind,
}

/// What two traces disagree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// On the one, `first` comes before `second`; on the other, after it.
    Order {
        /// The event that the one has first.
        first: String,
        /// The event that the other has first.
        second: String,
    },
    /// The one prints `event` more often than the other.
    OnlyOne {
        /// The event.
        event: String,
    },
    /// The other prints `event` more often than the one.
    OnlyOther {
        /// The event.
        event: String,
    },
    /// Events that are alike but for their numbers have other numbers.
    Number {
        /// The event, `#` for each number.
        like: String,
    },
    /// The traces agree, and the ends do not.
    End,
}

impl Disagreement {
    /// How two observations of one program disagree; none if they do not. `at` is the index of the other's first event that a rule
    /// forbids, where one is known; without it, the first event that differs counts.
    pub fn between(one: &Observation, other: &Observation, at: Option<usize>) -> Option<Self> {
        let (left, right) = (one.trace.events(), other.trace.events());
        let ends = (one.ended.to_string(), other.ended.to_string());
        let differs = left.iter().zip(right).take_while(|(left, right)| left == right).count();
        if differs == left.len() && differs == right.len() {
            return (ends.0 != ends.1).then_some(Self { ends, kind: Kind::End });
        }
        let at = at.unwrap_or(differs).min(right.len());
        let second = right.get(at);
        // What the one has that the other has not had by then.
        let mut had = counts(&right[..at]);
        let first = left.iter().find(|event| match had.get_mut(event.as_str()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        let mut kinds = Vec::new();
        if let (Some(first), Some(second)) = (first, second) {
            if first != second && numberless(first) == numberless(second) && !(left.contains(second) && right.contains(first)) {
                kinds.push(Kind::Number { like: numberless(first) });
            }
            kinds.push(Kind::Order { first: first.clone(), second: second.clone() });
        }
        kinds.extend(first.map(|event| Kind::OnlyOne { event: event.clone() }));
        kinds.extend(second.map(|event| Kind::OnlyOther { event: event.clone() }));
        // Where events repeat, the first that differ may be in order each by itself; then any two that are not.
        kinds.extend(inverted(left, right));
        if let (Some(first), Some(second)) = (left.get(differs), right.get(differs))
            && numberless(first) == numberless(second)
        {
            kinds.push(Kind::Number { like: numberless(first) });
        }
        kinds.into_iter().map(|kind| Self { ends: ends.clone(), kind }).find(|found| found.holds(one, other))
    }

    /// Whether it may show where the one did this, whatever the other does; to know it before the other is run.
    pub fn may_hold(&self, one: &Observation) -> bool {
        let has = |event: &String| one.trace.events().contains(event);
        self.ends.0 == one.ended.to_string()
            && match &self.kind {
                Kind::Order { first, second } => precedes(one.trace.events(), first, second),
                Kind::OnlyOne { event } => has(event),
                Kind::Number { like } => one.trace.events().iter().any(|event| numberless(event) == *like),
                Kind::OnlyOther { .. } | Kind::End => true,
            }
    }

    /// Whether the same disagreement shows in these observations, of whatever program.
    pub fn holds(&self, one: &Observation, other: &Observation) -> bool {
        if self.ends.0 != one.ended.to_string() || self.ends.1 != other.ended.to_string() {
            return false;
        }
        let (left, right) = (one.trace.events(), other.trace.events());
        let count = |of: &[String], event: &str| of.iter().filter(|known| *known == event).count();
        match &self.kind {
            Kind::Order { first, second } => precedes(left, first, second) && precedes(right, second, first),
            Kind::OnlyOne { event } => count(left, event) > count(right, event),
            Kind::OnlyOther { event } => count(right, event) > count(left, event),
            Kind::Number { like } => {
                let alike = |of: &[String]| of.iter().filter(|event| numberless(event) == *like).cloned().collect::<Vec<_>>();
                let (left, right) = (alike(left), alike(right));
                !left.is_empty() && left.len() == right.len() && left != right
            }
            Kind::End => left == right,
        }
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Order { first, second } => write!(f, "the order of \"{first}\" and \"{second}\"")?,
            Kind::OnlyOne { event } => write!(f, "\"{event}\", which only the first prints, or more often")?,
            Kind::OnlyOther { event } => write!(f, "\"{event}\", which only the second prints, or more often")?,
            Kind::Number { like } => write!(f, "the numbers in \"{like}\"")?,
            Kind::End => write!(f, "how it ends")?,
        }
        if self.ends.0 != self.ends.1 {
            write!(f, " (exit {} and {})", self.ends.0, self.ends.1)?;
        }
        Ok(())
    }
}

fn counts(events: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        *counts.entry(event.as_str()).or_default() += 1;
    }
    counts
}

/// Whether both are there, and the first `first` before the first `second`.
fn precedes(events: &[String], first: &str, second: &str) -> bool {
    let at = |wanted: &str| events.iter().position(|event| event == wanted);
    matches!((at(first), at(second)), (Some(first), Some(second)) if first < second)
}

/// Two events that stand once in each list, in another order; the earliest in the left one.
fn inverted(left: &[String], right: &[String]) -> Option<Kind> {
    let (in_left, in_right) = (counts(left), counts(right));
    let once = |event: &&String| in_left.get(event.as_str()) == Some(&1) && in_right.get(event.as_str()) == Some(&1);
    let shared: Vec<&String> = left.iter().filter(once).take(500).collect();
    let pair = shared.windows(2).find(|pair| precedes(right, pair[1], pair[0]))?;
    Some(Kind::Order { first: pair[0].clone(), second: pair[1].clone() })
}

/// An event with `#` for each run of digits.
fn numberless(event: &str) -> String {
    let mut out = String::with_capacity(event.len());
    for c in event.chars() {
        match c.is_ascii_digit() {
            true if out.ends_with('#') => {}
            true => out.push('#'),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Ended, Trace};

    fn seen(words: &str) -> Observation {
        let (words, code) = words.split_once(" / ").unwrap_or((words, "0"));
        let events = words.split(", ").filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let ended = if code == "timeout" { Ended::Deadline } else { Ended::Code(code.parse().expect("a code")) };
        Observation { trace: Trace::from(events), ended, stderr: String::new() }
    }

    fn shown(one: &str, other: &str, at: Option<usize>) -> String {
        Disagreement::between(&seen(one), &seen(other), at).map_or_else(|| "none".into(), |found| found.to_string())
    }

    #[test]
    fn the_table() {
        for (one, other, at, want) in [
            ("a, b", "a, b", None, "none"),
            ("a, b", "b, a", None, "the order of \"a\" and \"b\""),
            ("s, a, b, c", "s, c, a, b", None, "the order of \"a\" and \"c\""),
            ("a, b, c", "a, c", None, "\"b\", which only the first prints, or more often"),
            ("a, c", "a, b, c", None, "\"b\", which only the second prints, or more often"),
            ("a", "a, a", None, "\"a\", which only the second prints, or more often"),
            ("read 4", "read 1", None, "the numbers in \"read #\""),
            ("a", "a / 1", None, "how it ends (exit 0 and 1)"),
            ("a", " / timeout", None, "\"a\", which only the first prints, or more often (exit 0 and timeout)"),
            // The rule leaves the order of x and y open, so what differs first is nothing.
            ("x, y, a, b", "y, x, b, a", Some(2), "the order of \"a\" and \"b\""),
            ("x, y, a, b", "y, x, b, a", None, "the order of \"x\" and \"y\""),
            ("tick 1, tick 2", "tick 2, tick 1", None, "the order of \"tick 1\" and \"tick 2\""),
            // Each first that differs is in order by itself.
            ("a, b, a, c, d", "a, b, d, a, c", None, "the order of \"c\" and \"d\""),
        ] {
            assert_eq!(shown(one, other, at), want, "{one} | {other}");
        }
    }

    #[test]
    fn it_can_be_asked_of_a_smaller_program() {
        let found = Disagreement::between(&seen("s, a, b, c"), &seen("s, c, a, b"), None).expect("they differ");
        assert!(found.holds(&seen("a, c"), &seen("c, a")) && found.may_hold(&seen("a, c")));
        assert!(!found.may_hold(&seen("a")) && !found.may_hold(&seen("a, c / 1")));
        for (one, other) in [("a, c", "a, c"), ("a", "c, a"), ("a, b", "b, a"), ("c, a", "a, c"), ("a, c / 1", "c, a / 1")] {
            assert!(!found.holds(&seen(one), &seen(other)), "{one} | {other}");
        }
    }
}
