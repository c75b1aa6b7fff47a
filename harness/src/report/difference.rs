//! Two lists of events side by side, aligned.

use similar::{Algorithm, DiffOp, capture_diff_slices};

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

/// Aligns what was expected with what was observed.
///
/// Where the first forbidden event is known, both lists agree before it; it then stands beside the event that the rule wanted there, and
/// only what follows is aligned by what it has in common. Events that differ stand beside each other as far as they go.
pub fn rows<'a>(expected: &'a [String], observed: &'a [String], at: Option<usize>) -> Vec<Row<'a>> {
    let agreed = at.filter(|at| *at < expected.len() && *at < observed.len() && expected[..*at] == observed[..*at]);
    let Some(at) = agreed else { return aligned(expected, observed, 0) };
    let mut rows = aligned(&expected[..at], &observed[..at], 0);
    rows.push(Row { expected: Some(&expected[at]), observed: Some(&observed[at]), index: at });
    rows.extend(aligned(&expected[at + 1..], &observed[at + 1..], at + 1));
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

/// The rows around the first forbidden event: `around` before and after it. With no such event, the last ones.
/// Returns the rows and how many were left out before and after.
pub fn window<'r, 'a>(rows: &'r [Row<'a>], at: Option<usize>, around: usize) -> (&'r [Row<'a>], usize, usize) {
    let focus = focus(rows, at).unwrap_or(rows.len().saturating_sub(1));
    let from = focus.saturating_sub(around);
    let to = rows.len().min(focus + around + 1);
    (&rows[from..to], from, rows.len() - to)
}

/// The row that shows the first forbidden event, or the place where the trace ends too early.
pub fn focus(rows: &[Row<'_>], at: Option<usize>) -> Option<usize> {
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
        let rows = rows(&expected, &observed, Some(1));
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
        let rows = rows(&expected, &observed, Some(1));
        let row = rows[focus(&rows, Some(1)).expect("it is there")];
        assert_eq!((row.expected, row.observed), (Some("b"), None));
    }

    #[test]
    fn a_window_counts_what_it_leaves_out() {
        let (expected, observed) = (list("a b c d e f g"), list("a b c x e f g"));
        let rows = rows(&expected, &observed, Some(3));
        let (shown, before, after) = window(&rows, Some(3), 1);
        assert_eq!((shown.len(), before, after), (3, 2, 2));
    }
}
