//! How much of what was found a page holds.

use crate::report::text::visible;

/// What is kept of each trace and text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Events of a trace.
    pub(super) events: usize,
    /// Characters of one event, and of one sentence.
    pub(super) line: usize,
    /// Characters of a trace.
    pub(super) trace: usize,
    /// Characters of standard error, of which the end is kept.
    pub(super) stderr: usize,
    /// Characters of a program or of one file beside it.
    pub(super) program: usize,
}

/// From generous to scant; a page takes the first that lets it stay below its size.
pub(super) const LADDER: [Bounds; 6] = [
    Bounds { events: 400, line: 2_000, trace: 24_000, stderr: 4_000, program: 40_000 },
    Bounds { events: 200, line: 600, trace: 6_000, stderr: 2_000, program: 20_000 },
    Bounds { events: 100, line: 300, trace: 2_000, stderr: 800, program: 8_000 },
    Bounds { events: 50, line: 160, trace: 700, stderr: 300, program: 4_000 },
    Bounds { events: 20, line: 80, trace: 240, stderr: 120, program: 1_000 },
    Bounds { events: 10, line: 48, trace: 120, stderr: 60, program: 500 },
];

/// One line of text made visible, at most `most` characters of it and a word on the rest.
pub(super) fn line(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => visible(text),
        Some((at, _)) => format!("{}… ({} characters in all)", visible(&text[..at]), thousands(text.chars().count())),
    }
}

/// Several lines of text made visible, from the beginning.
pub(super) fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => lines(text),
        Some((at, _)) => format!("{}…\n({} characters in all)", lines(&text[..at]), thousands(text.chars().count())),
    }
}

/// Several lines of text made visible, from the end.
pub(super) fn end(text: &str, most: usize) -> String {
    let count = text.chars().count();
    match text.char_indices().nth(count.saturating_sub(most)) {
        Some((at, _)) if at > 0 => format!("…{}", lines(&text[at..])),
        _ => lines(text),
    }
}

fn lines(text: &str) -> String {
    text.trim_end_matches('\n').split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// Where the kept part of several traces begins so that the event `at` is in it, with what stands before it in half the room.
pub(super) fn start<'a>(traces: impl Iterator<Item = &'a [String]> + Clone, at: usize, bounds: &Bounds) -> usize {
    let cost = |index: usize| traces.clone().filter_map(|trace| trace.get(index)).map(|event| cost(event, bounds)).max();
    let mut from = at;
    let mut used = 0;
    while from > 0 && at - from < bounds.events / 2 {
        used += cost(from - 1).unwrap_or(0);
        if used > bounds.trace / 2 {
            break;
        }
        from -= 1;
    }
    from
}

/// What an event takes of a trace's room; something even if it is empty.
fn cost(event: &str, bounds: &Bounds) -> usize {
    event.len().min(bounds.line) + 4
}

/// The part of a trace that is kept: from `from` on, as many events as the bounds allow, at least one.
pub(super) fn window(trace: &[String], from: usize, bounds: &Bounds) -> Vec<String> {
    let mut kept = Vec::new();
    let mut used = 0;
    for event in trace.iter().skip(from).take(bounds.events) {
        used += cost(event, bounds);
        if used > bounds.trace && !kept.is_empty() {
            break;
        }
        kept.push(line(event, bounds.line));
    }
    kept
}

/// A number with its thousands apart.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(line("abc", 3), "abc");
        assert_eq!(line(&"é".repeat(1_234_567), 3), "ééé… (1,234,567 characters in all)");
        assert_eq!(beginning("a\nbc\n", 2), "a…\n(5 characters in all)");
        assert_eq!(beginning("a\n\u{1b}b\n", 9), "a\n\\u{1b}b");
        assert_eq!(end("one\ntwo\n", 4), "…two");
        assert_eq!(end("one\n", 400), "one");
    }

    #[test]
    fn a_window_holds_at_least_one_event_and_no_more_than_fit() {
        let bounds = Bounds { events: 3, line: 10, trace: 30, stderr: 0, program: 0 };
        let trace: Vec<String> = ["a", "b", "c", "d", "e"].map(String::from).into();
        assert_eq!(window(&trace, 1, &bounds), ["b", "c", "d"]);
        assert_eq!(window(&trace, 9, &bounds), Vec::<String>::new());
        let tight = Bounds { trace: 14, ..bounds };
        let long = vec!["x".repeat(50), "y".into()];
        assert_eq!(window(&long, 0, &tight), ["xxxxxxxxxx… (50 characters in all)"]);
        assert_eq!(start([&trace[..]].into_iter(), 4, &bounds), 3);
        let room = Bounds { events: 100, ..bounds };
        assert_eq!(start([&trace[..], &long[..]].into_iter(), 4, &room), 1);
        assert_eq!(start([&trace[..], &long[..]].into_iter(), 1, &room), 0);
    }

    #[test]
    fn the_ladder_only_goes_down() {
        for pair in LADDER.windows(2) {
            let [more, less] = pair else { unreachable!("windows of two") };
            assert!(more.events > less.events && more.line > less.line && more.trace > less.trace);
            assert!(more.stderr > less.stderr && more.program > less.program);
        }
    }
}
