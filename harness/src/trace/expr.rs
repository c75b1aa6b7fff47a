//! The validated form of an expectation, and the rules it has to keep.
//!
//! An [`Expr`] is built with the constructors below, which [`parse`](super::parse) calls for what stands in a file. Whatever
//! they let through has at least one legal trace, and every prefix that the matcher accepts can be carried on to a legal
//! trace: a repeat says how often, an alternative has alternatives, an order has no circle. The matcher relies on that when it
//! says what was allowed.

use super::{
    lanes::{Lanes, LanesError},
    pattern::{Pattern, PatternError},
};

/// A set of legal traces.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// One event.
    Event(Pattern),
    /// One after the other; none at all is the empty trace.
    Seq(Vec<Self>),
    /// All of them, merged in any way that keeps the order within each.
    Unordered(Vec<Self>),
    /// Exactly one of them.
    OneOf(Vec<Self>),
    /// One after the other, this many times.
    Repeat {
        /// What is repeated.
        of: Box<Self>,
        /// The least number of times.
        from: u32,
        /// The greatest number of times; none is any number.
        to: Option<u32>,
    },
    /// It, or nothing.
    Optional(Box<Self>),
    /// Sequences that keep their own order, with edges between them.
    Lanes(Lanes),
}

/// An expression that means nothing, or not what it seems to; the suite's author is to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExprError {
    /// An event that cannot be read.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// `unordered: []` or `one_of: []`.
    #[error("`{0}` is empty; list what it is about")]
    Empty(&'static str),
    /// An empty list inside an operator.
    #[error("`{0}` holds an empty list; leave it out, or say `optional` where nothing may happen")]
    EmptyBranch(&'static str),
    /// A lower bound above the upper one.
    #[error("`repeat` from {from} to {to} times is impossible; write the smaller number as `from`")]
    Reversed {
        /// The lower bound as written.
        from: u32,
        /// The upper bound as written.
        to: u32,
    },
    /// `to: 0`.
    #[error("`repeat` to 0 times says nothing; leave the item out")]
    Never,
    /// Endlessly many times nothing.
    #[error("`repeat` without `to` holds something that may be nothing; give it a `to`, or take the `optional` out of it")]
    Endless,
    /// Lanes or their edges.
    #[error(transparent)]
    Lanes(#[from] LanesError),
}

impl Expr {
    /// One event, holes and all.
    ///
    /// # Errors
    /// If the pattern cannot be read.
    pub fn event(written: &str) -> Result<Self, ExprError> {
        Ok(Self::Event(written.parse()?))
    }

    /// One after the other. A single item is itself.
    pub fn sequence(mut items: Vec<Self>) -> Self {
        if items.len() == 1 { items.remove(0) } else { Self::Seq(items) }
    }

    /// Exactly these events in this order, braces taken as text: an observed trace as an expectation.
    ///
    /// # Errors
    /// If an event holds a line feed.
    pub fn exactly(events: &[String]) -> Result<Self, ExprError> {
        let items = events.iter().map(|event| Pattern::exactly(event).map(Self::Event));
        Ok(Self::Seq(items.collect::<Result<_, _>>()?))
    }

    /// All of `branches`, merged in any way.
    ///
    /// # Errors
    /// If there is no branch, or an empty one.
    pub fn unordered(branches: Vec<Self>) -> Result<Self, ExprError> {
        filled("unordered", &branches)?;
        Ok(Self::Unordered(branches))
    }

    /// Exactly one of `branches`.
    ///
    /// # Errors
    /// If there is no branch, or an empty one.
    pub fn one_of(branches: Vec<Self>) -> Result<Self, ExprError> {
        filled("one_of", &branches)?;
        Ok(Self::OneOf(branches))
    }

    /// `of`, `from` to `to` times.
    ///
    /// # Errors
    /// If the bounds are impossible, or `of` may be nothing and has no upper bound.
    pub fn repeat(of: Self, from: u32, to: Option<u32>) -> Result<Self, ExprError> {
        filled("repeat", std::slice::from_ref(&of))?;
        match to {
            Some(0) => return Err(ExprError::Never),
            Some(to) if to < from => return Err(ExprError::Reversed { from, to }),
            None if of.may_be_nothing() => return Err(ExprError::Endless),
            _ => {}
        }
        Ok(Self::Repeat { of: Box::new(of), from, to })
    }

    /// `of`, or nothing.
    ///
    /// # Errors
    /// If `of` is empty.
    pub fn optional(of: Self) -> Result<Self, ExprError> {
        filled("optional", std::slice::from_ref(&of))?;
        Ok(Self::Optional(Box::new(of)))
    }

    /// Named sequences, and edges `[earlier, later]` between events named `lane.event` or `lane.event#occurrence`.
    ///
    /// # Errors
    /// As [`Lanes::new`].
    pub fn lanes(lanes: Vec<(String, Vec<Self>)>, before: &[(String, String)]) -> Result<Self, ExprError> {
        Ok(Self::Lanes(Lanes::new(lanes, before)?))
    }

    /// Whether the empty trace is legal.
    pub fn may_be_nothing(&self) -> bool {
        match self {
            Self::Event(_) => false,
            Self::Seq(items) | Self::Unordered(items) => items.iter().all(Self::may_be_nothing),
            Self::OneOf(branches) => branches.iter().any(Self::may_be_nothing),
            Self::Repeat { of, from, .. } => *from == 0 || of.may_be_nothing(),
            Self::Optional(_) => true,
            Self::Lanes(lanes) => lanes.lanes().iter().all(|lane| lane.items.may_be_nothing()),
        }
    }

    /// Whether more than one trace is legal, as far as operators and holes say so.
    pub fn leaves_open(&self) -> bool {
        match self {
            Self::Event(pattern) => pattern.literal().is_none(),
            Self::Seq(items) => items.iter().any(Self::leaves_open),
            Self::Unordered(branches) | Self::OneOf(branches) => branches.len() > 1 || branches.iter().any(Self::leaves_open),
            Self::Repeat { of, from, to } => *to != Some(*from) || of.leaves_open(),
            Self::Optional(_) => true,
            Self::Lanes(lanes) => lanes.lanes().len() > 1 || lanes.lanes().iter().any(|lane| lane.items.leaves_open()),
        }
    }

    /// Every event it speaks of, in the order they are written.
    pub fn patterns(&self) -> Vec<&Pattern> {
        match self {
            Self::Event(pattern) => vec![pattern],
            Self::Seq(items) | Self::Unordered(items) | Self::OneOf(items) => items.iter().flat_map(Self::patterns).collect(),
            Self::Repeat { of, .. } | Self::Optional(of) => of.patterns(),
            Self::Lanes(lanes) => lanes.lanes().iter().flat_map(|lane| lane.items.patterns()).collect(),
        }
    }

    /// The events, if the expression allows exactly one trace and says so without operators or holes.
    ///
    /// For a side-by-side view, where such an expectation is better shown as it stands.
    pub fn as_plain_sequence(&self) -> Option<Vec<&str>> {
        match self {
            Self::Event(pattern) => Some(vec![pattern.literal()?]),
            Self::Seq(items) => {
                let mut events = Vec::with_capacity(items.len());
                for item in items {
                    events.extend(item.as_plain_sequence()?);
                }
                Some(events)
            }
            _ => None,
        }
    }
}

fn filled(operator: &'static str, branches: &[Expr]) -> Result<(), ExprError> {
    if branches.is_empty() {
        return Err(ExprError::Empty(operator));
    }
    if branches.iter().any(|branch| matches!(branch, Expr::Seq(items) if items.is_empty())) {
        return Err(ExprError::EmptyBranch(operator));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Expr {
        Expr::event(text).expect(text)
    }

    #[test]
    fn what_says_nothing_is_refused() {
        assert_eq!(Expr::unordered(vec![]), Err(ExprError::Empty("unordered")));
        assert_eq!(Expr::one_of(vec![]), Err(ExprError::Empty("one_of")));
        assert_eq!(Expr::one_of(vec![event("a"), Expr::Seq(vec![])]), Err(ExprError::EmptyBranch("one_of")));
        assert_eq!(Expr::optional(Expr::Seq(vec![])), Err(ExprError::EmptyBranch("optional")));
        assert_eq!(Expr::repeat(Expr::Seq(vec![]), 1, Some(2)), Err(ExprError::EmptyBranch("repeat")));
        assert_eq!(Expr::repeat(event("a"), 0, Some(0)), Err(ExprError::Never));
    }

    #[test]
    fn a_repeat_needs_bounds_that_can_be_met() {
        assert_eq!(Expr::repeat(event("a"), 3, Some(2)), Err(ExprError::Reversed { from: 3, to: 2 }));
        assert!(Expr::repeat(event("a"), 2, Some(2)).is_ok());
        assert!(Expr::repeat(event("a"), 2, None).is_ok());
    }

    #[test]
    fn endlessly_often_nothing_is_refused() {
        let nothing = [
            Expr::optional(event("a")).expect("optional"),
            Expr::one_of(vec![event("a"), Expr::optional(event("b")).expect("optional")]).expect("one_of"),
            Expr::repeat(event("a"), 0, Some(1)).expect("repeat"),
            Expr::lanes(vec![("x".into(), vec![Expr::optional(event("a")).expect("optional")])], &[]).expect("lanes"),
        ];
        for of in nothing {
            assert_eq!(Expr::repeat(of.clone(), 1, None), Err(ExprError::Endless), "{of:?}");
            assert!(Expr::repeat(of, 1, Some(3)).is_ok());
        }
    }

    #[test]
    fn only_events_in_a_row_are_a_plain_sequence() {
        let plain = Expr::Seq(vec![event("a"), Expr::Seq(vec![event("{{b}}")])]);
        assert_eq!(plain.as_plain_sequence(), Some(vec!["a", "{b}"]));
        assert_eq!(Expr::Seq(vec![]).as_plain_sequence(), Some(vec![]));
        assert_eq!(Expr::Seq(vec![event("a"), event("{int}")]).as_plain_sequence(), None);
        assert_eq!(Expr::optional(event("a")).expect("optional").as_plain_sequence(), None);
    }

    #[test]
    fn an_observed_trace_is_taken_word_for_word() {
        let taken = Expr::exactly(&["{int}".into(), "b".into()]).expect("no line feed");
        assert_eq!(taken.as_plain_sequence(), Some(vec!["{int}", "b"]));
    }
}
