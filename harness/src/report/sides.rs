//! Two lists of events in two columns, around the first event on which they differ.

use super::{difference, text};

/// Rows shown before and after the first event that differs.
const AROUND: usize = 8;

/// What is shown side by side.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// What the left column is.
    pub left_title: &'a str,
    /// What the right column is.
    pub right_title: &'a str,
    /// The left events.
    pub left: &'a [String],
    /// The right events, which are numbered.
    pub right: &'a [String],
    /// Index of the first right event that differs; its length if it ends too early; none if only the ends differ.
    pub at: Option<usize>,
    /// How many right events there are besides.
    pub unseen: usize,
}

/// The columns within `columns`; `emphasis` makes the marked line stand out. Nothing if there are no events.
pub fn lines(sides: &Sides<'_>, columns: usize, emphasis: impl Fn(&str) -> String) -> Vec<String> {
    if sides.left.is_empty() && sides.right.is_empty() {
        return vec![];
    }
    let aligned = difference::align(sides.left, sides.right, sides.at);
    let (shown, focus, before, after) = aligned.window(sides.at, AROUND);
    let after = after + sides.unseen;
    let column = columns.saturating_sub(12) / 2;
    let mut lines = vec![pair("      ", sides.left_title, sides.right_title, column)];
    if before > 0 {
        lines.push(format!("       … {before} more before"));
    }
    for (offset, row) in shown.iter().enumerate() {
        let marked = focus == Some(offset);
        let mark = if marked { ">" } else { " " };
        let number = if row.observed.is_some() { (row.index + 1).to_string() } else { "-".into() };
        let shown =
            |event: Option<&str>| event.map(|event| if event.is_empty() { "(empty line)".into() } else { text::visible(event) });
        let missing = if row.observed.is_none() && marked { "(nothing)" } else { "" };
        let line = pair(
            &format!("{mark} {number:>4}  "),
            &shown(row.expected).unwrap_or_default(),
            &shown(row.observed).unwrap_or_else(|| missing.into()),
            column,
        );
        lines.push(if marked { emphasis(&line) } else { line });
    }
    if after > 0 {
        lines.push(format!("       … {after} more after"));
    }
    lines
}

fn pair(margin: &str, left: &str, right: &str, column: usize) -> String {
    let left = text::fit(left, column);
    let gap = " ".repeat(column - text::width(&left));
    format!("{margin:<8}{left}{gap}  {}", text::fit(right, column)).trim_end().to_owned()
}

/// Index of the first event on which two lists differ; none if they are equal.
pub fn first_difference(left: &[String], right: &[String]) -> Option<usize> {
    let common = left.iter().zip(right).take_while(|(left, right)| left == right).count();
    (common < left.len() || common < right.len()).then_some(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_first_difference() {
        for (left, right, at) in
            [("a b", "a b", None), ("a b", "a c", Some(1)), ("a", "a b", Some(1)), ("a b", "a", Some(1)), ("", "", None)]
        {
            assert_eq!(first_difference(&list(left), &list(right)), at, "{left} {right}");
        }
    }

    #[test]
    fn columns_have_titles_and_a_mark() {
        let (left, right) = (list("sync tick promise"), list("sync promise tick"));
        let at = first_difference(&left, &right);
        let sides = Sides { left_title: "node@10", right_title: "node@11", left: &left, right: &right, at, unseen: 0 };
        let shown = lines(&sides, 60, |line| format!("*{line}"));
        assert!(shown[0].contains("node@10") && shown[0].contains("node@11"));
        assert!(shown.iter().any(|line| line.starts_with("*>    2  tick") && line.ends_with("promise")), "{shown:#?}");
    }
}
