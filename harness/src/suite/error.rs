//! What is wrong with a suite, in words its author can act on.

use std::path::PathBuf;

/// A fault in a file of the suite: where it is, what is wrong, and what to do about it. Owner: the suite.
///
/// Sorted by file, then position, so that a list of them reads like the files do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{}:{line}:{column}: {cause}\n  help: {remedy}", file.display())]
pub struct SuiteError {
    /// The file, relative to the suite's root.
    pub file: PathBuf,
    /// Line from 1; a fault of the whole file stands on its first line.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// What is wrong, as a fragment.
    pub cause: String,
    /// What to do, as a fragment in the imperative.
    pub remedy: String,
}

impl SuiteError {
    /// A fault of the file as a whole.
    pub fn whole(file: impl Into<PathBuf>, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { file: file.into(), line: 1, column: 1, cause: cause.into(), remedy: remedy.into() }
    }
}

/// The member of `known` that `word` was probably meant to be: a few letters off, or one of the two continuing the other.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let steps = distance(&lower, &other);
            let close = steps <= 1 + lower.chars().count().min(other.chars().count()) / 4;
            let ends_alike = lower.len() >= 3 && other.ends_with(&format!("/{lower}"));
            (close || ends_alike).then_some((steps, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many single-letter edits (a swap of two neighbours counting as one) turn `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (a, b, steps) in [("", "", 0), ("", "abc", 3), ("title", "tilte", 1), ("needs", "need", 1), ("goal", "coal", 1)] {
            assert_eq!(distance(a, b), steps, "{a} {b}");
            assert_eq!(distance(b, a), steps, "{b} {a}");
        }
    }

    #[test]
    fn the_nearest_word_is_near_or_is_not_offered() {
        let keys = ["title", "timeout", "tags"];
        assert_eq!(nearest("titel", keys), Some("title"));
        assert_eq!(nearest("Timeout", keys), Some("timeout"));
        assert_eq!(nearest("banana", keys), None);
        assert_eq!(nearest("before-jobs", ["ordering/nexttick/before-jobs"]), Some("ordering/nexttick/before-jobs"));
    }
}
