//! Two lists of events side by side, aligned.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Events that are aligned before and after the first forbidden one. Aligning takes the square of what differs, and a flood has
/// millions of events.
const REACH: usize = 200;

/// One line of the two columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The event that the rule allows, if one stands here.
    pub expected: Option<&'a str>,
    /// The event that was observed, if one stands here.
    pub observed: Option<&'a str>,
    /// Index of the observed event, or of where it is missing.
    pub index: usize,
}

/// Rows that can be shown, and how many there are besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aligned<'a> {
    /// The rows around the first forbidden event.
    pub rows: Vec<Row<'a>>,
    /// Rows before them, on which both lists agree.
    pub before: usize,
    /// Rows after them, not aligned.
    pub after: usize,
}

/// Aligns what was expected with what was observed, as far as anybody will look: [`REACH`] events before and after the first forbidden one.
///
/// Where the first forbidden event is known, both lists agree before it; it then stands beside the event that the rule wanted there, and
/// only what follows is aligned by what it has in common. Events that differ stand beside each other as far as they go.
pub fn align<'a>(expected: &'a [String], observed: &'a [String], at: Option<usize>) -> Aligned<'a> {
    let focus = at.unwrap_or(observed.len()).min(observed.len());
    let (before, end) = (focus.saturating_sub(REACH), focus.saturating_add(REACH));
    let part = |list: &'a [String]| &list[before.min(list.len())..end.min(list.len())];
    let after = expected.len().max(observed.len()).saturating_sub(end);
    Aligned { rows: rows(part(expected), part(observed), at.map(|at| at - before), before), before, after }
}

/// All rows; `offset` is the index of the first observed event.
fn rows<'a>(expected: &'a [String], observed: &'a [String], at: Option<usize>, offset: usize) -> Vec<Row<'a>> {
    let agreed = at.filter(|at| *at < expected.len() && *at < observed.len() && expected[..*at] == observed[..*at]);
    let Some(at) = agreed else { return aligned(expected, observed, offset) };
    let mut rows = aligned(&expected[..at], &observed[..at], offset);
    rows.push(Row { expected: Some(&expected[at]), observed: Some(&observed[at]), index: offset + at });
    rows.extend(aligned(&expected[at + 1..], &observed[at + 1..], offset + at + 1));
    rows
}

/// Rows aligned by what the lists have in common; `offset` is the index of the first observed event.
fn aligned<'a>(expected: &'a [String], observed: &'a [String], offset: usize) -> Vec<Row<'a>> {
    let mut rows = Vec::with_capacity(expected.len().max(observed.len()));
    for operation in capture_diff_slices(Algorithm::Myers, expected, observed) {
        let (old, new) = match operation {
            DiffOp::Equal { old_index, new_index, len } => (old_index..old_index + len, new_index..new_index + len),
            DiffOp::Delete { old_index, old_len, new_index } => (old_index..old_index + old_len, new_index..new_index),
            DiffOp::Insert { old_index, new_index, new_len } => (old_index..old_index, new_index..new_index + new_len),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                (old_index..old_index + old_len, new_index..new_index + new_len)
            }
        };
        for step in 0..old.len().max(new.len()) {
            rows.push(Row {
                expected: expected.get(old.start + step).filter(|_| step < old.len()).map(String::as_str),
                observed: observed.get(new.start + step).filter(|_| step < new.len()).map(String::as_str),
                index: offset + new.start + step.min(new.len()),
            });
        }
    }
    rows
}

impl<'a> Aligned<'a> {
    /// The rows around the first forbidden event: `around` before and after it. With no such event, the last ones.
    /// Returns the rows, the place of the event among them, and how many rows were left out before and after.
    pub fn window(&self, at: Option<usize>, around: usize) -> (&[Row<'a>], Option<usize>, usize, usize) {
        let focus = focus(&self.rows, at);
        let middle = focus.unwrap_or(self.rows.len().saturating_sub(1));
        let from = middle.saturating_sub(around);
        let to = self.rows.len().min(middle + around + 1);
        let after = self.after + self.rows.len() - to;
        (&self.rows[from..to], focus.map(|focus| focus - from), self.before + from, after)
    }
}

/// The row that shows the first forbidden event, or the place where the trace ends too early.
fn focus(rows: &[Row<'_>], at: Option<usize>) -> Option<usize> {
    let at = at?;
    rows.iter()
        .position(|row| row.observed.is_some() && row.index == at)
        .or_else(|| rows.iter().position(|row| row.observed.is_none() && row.index >= at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        text.split(' ').filter(|word| !word.is_empty()).map(String::from).collect()
    }

    #[test]
    fn the_forbidden_event_stands_beside_the_one_that_was_due() {
        let (expected, observed) = (list("sync tick promise"), list("sync promise tick"));
        let rows = align(&expected, &observed, Some(1)).rows;
        let shown: Vec<_> = rows.iter().map(|row| (row.expected, row.observed)).collect();
        assert_eq!(shown[..2], [(Some("sync"), Some("sync")), (Some("tick"), Some("promise"))]);
        let observed_again: Vec<_> = shown.iter().filter_map(|(_, seen)| *seen).collect();
        assert_eq!(observed_again, ["sync", "promise", "tick"]);
        let expected_again: Vec<_> = shown.iter().filter_map(|(want, _)| *want).collect();
        assert_eq!(expected_again, ["sync", "tick", "promise"]);
        assert_eq!(focus(&rows, Some(1)), Some(1));
    }

    #[test]
    fn a_trace_that_ends_early_is_marked_where_it_ends() {
        let (expected, observed) = (list("a b"), list("a"));
        let rows = align(&expected, &observed, Some(1)).rows;
        let row = rows[focus(&rows, Some(1)).expect("it is there")];
        assert_eq!((row.expected, row.observed), (Some("b"), None));
    }

    #[test]
    fn a_window_counts_what_it_leaves_out() {
        let (expected, observed) = (list("a b c d e f g"), list("a b c x e f g"));
        let aligned = align(&expected, &observed, Some(3));
        let (shown, focus, before, after) = aligned.window(Some(3), 1);
        assert_eq!((shown.len(), focus, before, after), (3, Some(1), 2, 2));
    }

    #[test]
    fn of_a_flood_only_the_surroundings_are_aligned() {
        let number = |n: usize| n.to_string();
        let observed: Vec<String> = (0..100_000).map(number).collect();
        let mut expected: Vec<String> = observed[..50_000].to_vec();
        expected.extend((0..30_000).map(|n| format!("x{n}")));
        let aligned = align(&expected, &observed, Some(50_000));
        let (shown, focus, before, after) = aligned.window(Some(50_000), 2);
        let row = shown[focus.expect("it is shown")];
        assert_eq!((row.expected, row.observed, row.index), (Some("x0"), Some("50000"), 50_000));
        assert_eq!((shown.len(), before, after), (5, 49_998, 100_000 - 50_003));
        // Nothing legal was found, and the trace ends too early.
        let aligned = align(&[], &observed, Some(100_000));
        let (shown, _, before, after) = aligned.window(Some(100_000), 2);
        assert_eq!((shown.last().expect("a row").observed, before + shown.len(), after), (Some("99999"), 100_000, 0));
    }
}
