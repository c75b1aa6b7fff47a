//! The matrix: how often each verdict was found, by category and runtime, as lines of text.

use super::{collect::Tally, text};
use crate::{result::Verdict, suite::Category};

/// One row: a category (or `total`), a verdict, and a count for each runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The category's name; `total` for the last ones.
    pub category: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// Counts, in the order of the runtimes.
    pub counts: Vec<usize>,
}

/// The rows that have anything in them, by category, then the totals.
pub fn rows(tally: &Tally, runtimes: &[String]) -> Vec<Row> {
    let groups = Category::ALL.iter().map(|category| (category.as_str(), Some(category.as_str()))).chain([("total", None)]);
    let mut rows = Vec::new();
    for (name, category) in groups {
        for verdict in Verdict::ALL {
            let counts: Vec<usize> = runtimes.iter().map(|runtime| tally.count(category, runtime, verdict)).collect();
            if counts.iter().any(|count| *count > 0) {
                rows.push(Row { category: name, verdict, counts });
            }
        }
    }
    rows
}

/// The matrix in lines of at most `columns`; runtimes that do not fit beside each other get a block of their own.
pub fn lines(tally: &Tally, runtimes: &[String], columns: usize) -> Vec<String> {
    const LEFT: usize = 24;
    let rows = rows(tally, runtimes);
    let cell = |name: &String| text::width(name).clamp(6, 20) + 2;
    let mut lines = Vec::new();
    let mut from = 0;
    while from < runtimes.len() {
        let mut to = from;
        let mut used = LEFT;
        while to < runtimes.len() && (to == from || used + cell(&runtimes[to]) <= columns) {
            used += cell(&runtimes[to]);
            to += 1;
        }
        if from > 0 {
            lines.push(String::new());
        }
        let mut head = " ".repeat(LEFT);
        for name in &runtimes[from..to] {
            let name_cell = cell(name);
            head.push_str(&format!("{:>name_cell$}", text::fit(name, name_cell - 2)));
        }
        lines.push(head);
        let mut last = "";
        for row in &rows {
            if row.counts[from..to].iter().all(|count| *count == 0) {
                continue;
            }
            let category = if row.category == last { "" } else { row.category };
            last = row.category;
            let mut line = format!("{category:<14}{:<10}", row.verdict);
            for (name, count) in runtimes[from..to].iter().zip(&row.counts[from..to]) {
                let shown = if *count == 0 { "·".to_owned() } else { count.to_string() };
                let name_cell = cell(name);
                line.push_str(&format!("{shown:>name_cell$}"));
            }
            lines.push(line);
        }
        from = to;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally() -> (Tally, Vec<String>) {
        let mut tally = Tally::default();
        for (category, runtime, verdict) in [
            ("ordering", "node", Verdict::Pass),
            ("ordering", "node", Verdict::Pass),
            ("ordering", "bun", Verdict::Known),
            ("blocking", "bun", Verdict::Fail),
        ] {
            tally.add(category, runtime, verdict);
        }
        (tally, vec!["node".into(), "bun".into()])
    }

    #[test]
    fn only_what_was_found_has_a_row() {
        let (tally, runtimes) = tally();
        assert_eq!(
            lines(&tally, &runtimes, 80),
            [
                "                            node     bun",
                "ordering      pass             2       ·",
                "              known            ·       1",
                "blocking      fail             ·       1",
                "total         pass             2       ·",
                "              known            ·       1",
                "              fail             ·       1",
            ]
        );
    }

    #[test]
    fn many_runtimes_are_shown_in_blocks_that_fit() {
        let (tally, _) = tally();
        let runtimes: Vec<String> = (0..12).map(|n| format!("runtime-{n}")).chain(["node".into()]).collect();
        let lines = lines(&tally, &runtimes, 80);
        assert!(lines.iter().all(|line| text::width(line) <= 80), "{lines:#?}");
        assert!(lines.iter().any(|line| line.is_empty()));
    }
}
