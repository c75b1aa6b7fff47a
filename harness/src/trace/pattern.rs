//! One event of an expectation: text, with holes where the rule leaves a value open.
//!
//! | written | allows |
//! | --- | --- |
//! | `{lo..hi}` | a number from `lo` to `hi`, both included; either may be left out, both may be negative or have decimals |
//! | `{int}` | a whole number, with or without a minus sign |
//! | `{any}` | any text, also none |
//! | `{{` and `}}` | a brace |
//!
//! ```yaml
//! - "waited {50..} ms"
//! - "progress {0..1}, {int} left"
//! ```
//!
//! A number is what JavaScript prints for one: digits, perhaps a minus sign before, a fraction and an exponent after
//! (`-12`, `0.25`, `1e+21`); it is read as far as it goes, so `{0..9}` does not fit the first digit of `12`. Bounds are
//! compared as double-precision numbers, as the language under test does. Two holes need text between them, since nothing
//! else says where the first one ends.

use std::{fmt, str::FromStr};

/// An event of an expectation, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    written: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Any,
    Int,
    Number { lo: Option<f64>, hi: Option<f64> },
}

/// A pattern that cannot be read; the suite's author is to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {}, column {column}: {kind}", super::visible::quoted(.event))]
pub struct PatternError {
    /// The event as written.
    pub event: String,
    /// Where in the event the fault is, in characters from 1.
    pub column: usize,
    /// What is wrong there, and what to write instead.
    pub kind: PatternErrorKind,
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternErrorKind {
    /// `{` without a `}` after it.
    #[error("this `{{` is never closed; close it with `}}`, or write `{{{{` for a brace")]
    Unclosed,
    /// `}` without a `{` before it.
    #[error("this `}}` closes nothing; write `}}}}` for a brace")]
    Unopened,
    /// Something other than `lo..hi`, `int` or `any` between braces.
    #[error("`{{{0}}}` is no hole; write {{int}}, {{any}} or {{lo..hi}}, or `{{{{` and `}}}}` for braces")]
    Unknown(String),
    /// A bound that is no number.
    #[error("`{0}` is no number; write bounds like {{50..}}, {{..-1}} or {{0.5..2}}")]
    Bound(String),
    /// A lower bound above the upper one.
    #[error("no number lies between {0} and {1}; write the lower bound first")]
    Empty(String, String),
    /// Two holes side by side.
    #[error("nothing says where the hole before this one ends; put text between two holes")]
    Adjacent,
    /// Text that would continue the number of the hole before it.
    #[error("the number hole before this would take in what follows; put text between that is no part of a number")]
    Continues,
    /// A line feed, which no event can hold.
    #[error("an event is one line, so it holds no line feed; write two events")]
    LineFeed,
}

impl Pattern {
    /// The pattern that fits exactly this event, braces escaped.
    ///
    /// # Errors
    /// If the event holds a line feed.
    pub fn exactly(event: &str) -> Result<Self, PatternError> {
        event.replace('{', "{{").replace('}', "}}").parse()
    }

    /// The pattern as its author wrote it.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The one event that fits, if the pattern has no holes.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// An event that fits: holes take their lower bound, else their upper one, else 0, or an ellipsis.
    pub fn example(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Any => out.push('…'),
                Part::Int => out.push('0'),
                Part::Number { lo, hi } => out.push_str(&lo.or(*hi).unwrap_or(0.0).to_string()),
            }
        }
        out
    }

    /// The same text with number holes that take any number: what a program prints where it gets the value wrong.
    pub fn relaxed(&self) -> Self {
        let mut written = String::new();
        let mut parts = self.parts.clone();
        for part in &mut parts {
            match part {
                Part::Text(text) => written.push_str(&text.replace('{', "{{").replace('}', "}}")),
                Part::Any => written.push_str("{any}"),
                Part::Int | Part::Number { .. } => {
                    *part = Part::Number { lo: None, hi: None };
                    written.push_str("{..}");
                }
            }
        }
        Self { written, parts }
    }

    /// Whether it says nothing at all: a hole for any text, and no text of its own.
    pub fn is_any(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Any])
    }

    /// Whether `event` fits, whole.
    pub fn fits(&self, event: &str) -> bool {
        if let Some(literal) = self.literal() {
            return literal == event;
        }
        // Every place the parts so far may end at; more than one only after `{any}`.
        let mut ends = vec![0];
        for (index, part) in self.parts.iter().enumerate() {
            let next = self.parts.get(index + 1);
            ends = ends.iter().flat_map(|&at| part.ends(event, at, next)).collect();
            ends.sort_unstable();
            ends.dedup();
            if ends.is_empty() {
                return false;
            }
            if matches!(part, Part::Any) {
                let first = ends[0];
                ends = (first..=event.len()).filter(|at| event.is_char_boundary(*at)).collect();
            }
        }
        ends.last() == Some(&event.len())
    }
}

impl Part {
    /// Whether a number hole would read on into the text after it, so that nothing could ever fit.
    fn swallows(&self, after: &[char]) -> bool {
        let digit = |at: usize| after.get(at).is_some_and(char::is_ascii_digit);
        let exponent =
            matches!(after.first(), Some('e' | 'E')) && (digit(1) || matches!(after.get(1), Some('+' | '-')) && digit(2));
        match self {
            Self::Text(_) | Self::Any => false,
            Self::Int => digit(0),
            Self::Number { .. } => digit(0) || exponent,
        }
    }

    /// Where this part may end if it begins at byte `at` of `event`; for [`Part::Any`] only the nearest place.
    fn ends(&self, event: &str, at: usize, next: Option<&Self>) -> Vec<usize> {
        let rest = &event[at..];
        match self {
            Self::Text(text) => rest.starts_with(text.as_str()).then_some(at + text.len()).into_iter().collect(),
            Self::Any => vec![at],
            Self::Int => scan_number(rest).map(|number| at + number.whole).into_iter().collect(),
            Self::Number { lo, hi } => {
                let Some(number) = scan_number(rest) else { return Vec::new() };
                let mut lengths = vec![number.all];
                // `took {0..5}.` is a sentence with a full stop, `{0..5}.{0..9}` two numbers: text after the hole that
                // begins like a fraction may be meant as text.
                if matches!(next, Some(Self::Text(text)) if text.starts_with('.')) && number.whole != number.all {
                    lengths.push(number.whole);
                }
                lengths.retain(|&length| {
                    rest[..length]
                        .parse::<f64>()
                        .is_ok_and(|value| lo.is_none_or(|lo| lo <= value) && hi.is_none_or(|hi| value <= hi))
                });
                lengths.into_iter().map(|length| at + length).collect()
            }
        }
    }
}

/// Lengths in bytes of the number at the start of a text.
struct Scanned {
    /// Sign and digits.
    whole: usize,
    /// With fraction and exponent.
    all: usize,
}

fn scan_number(text: &str) -> Option<Scanned> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = sign + digits(sign);
    if whole == sign {
        return None;
    }
    let mut all = whole;
    if bytes.get(all) == Some(&b'.') {
        let fraction = digits(all + 1);
        if fraction > 0 {
            all += 1 + fraction;
        }
    }
    if matches!(bytes.get(all), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(all + 1), Some(b'+' | b'-')));
        let exponent = digits(all + 1 + sign);
        if exponent > 0 {
            all += 1 + sign + exponent;
        }
    }
    Some(Scanned { whole, all })
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        let chars: Vec<char> = written.chars().collect();
        let fault = |at: usize, kind| PatternError { event: written.to_owned(), column: at + 1, kind };
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut at = 0;
        while let Some(&c) = chars.get(at) {
            match c {
                '{' | '}' if chars.get(at + 1) == Some(&c) => {
                    text.push(c);
                    at += 2;
                }
                '{' => {
                    let length = chars[at..].iter().position(|c| *c == '}').ok_or(fault(at, PatternErrorKind::Unclosed))?;
                    let inner: String = chars[at + 1..at + length].iter().collect();
                    let hole = read_hole(&inner).map_err(|kind| fault(at, kind))?;
                    if !text.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut text)));
                    } else if !parts.is_empty() {
                        return Err(fault(at, PatternErrorKind::Adjacent));
                    }
                    parts.push(hole);
                    at += length + 1;
                }
                '}' => return Err(fault(at, PatternErrorKind::Unopened)),
                '\n' => return Err(fault(at, PatternErrorKind::LineFeed)),
                _ => {
                    if text.is_empty() && parts.last().is_some_and(|hole: &Part| hole.swallows(&chars[at..])) {
                        return Err(fault(at, PatternErrorKind::Continues));
                    }
                    text.push(c);
                    at += 1;
                }
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        // Most events are one piece of text, and a suite holds very many; a vector's first growth is to four.
        parts.shrink_to_fit();
        Ok(Self { written: written.to_owned(), parts })
    }
}

fn read_hole(inner: &str) -> Result<Part, PatternErrorKind> {
    match inner {
        "int" => return Ok(Part::Int),
        "any" => return Ok(Part::Any),
        _ => {}
    }
    let (lo, hi) = inner.split_once("..").ok_or_else(|| PatternErrorKind::Unknown(inner.to_owned()))?;
    let (low, high) = (read_bound(lo)?, read_bound(hi)?);
    if low.zip(high).is_some_and(|(low, high)| low > high) {
        return Err(PatternErrorKind::Empty(lo.trim().to_owned(), hi.trim().to_owned()));
    }
    Ok(Part::Number { lo: low, hi: high })
}

/// Nothing is no bound; anything else must be a number as programs print them, since `inf` and `nan` would bound nothing.
fn read_bound(written: &str) -> Result<Option<f64>, PatternErrorKind> {
    let trimmed = written.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    let whole = scan_number(trimmed).is_some_and(|number| number.all == trimmed.len());
    let value = trimmed.parse::<f64>().ok().filter(|value| whole && value.is_finite());
    value.map(Some).ok_or_else(|| PatternErrorKind::Bound(trimmed.to_owned()))
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(written: &str) -> Pattern {
        written.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    fn check(written: &str, fitting: &[&str], others: &[&str]) {
        let pattern = pattern(written);
        for event in fitting {
            assert!(pattern.fits(event), "{written:?} refuses {event:?}");
        }
        for event in others {
            assert!(!pattern.fits(event), "{written:?} takes {event:?}");
        }
        assert!(pattern.fits(&pattern.example()), "{written:?} refuses its own example {:?}", pattern.example());
    }

    #[test]
    fn text_fits_itself_only() {
        check("sync", &["sync"], &["", "sync ", " sync", "synch", "Sync"]);
        check("", &[""], &[" "]);
    }

    #[test]
    fn a_relaxed_pattern_takes_any_number_and_keeps_its_text() {
        let relaxed = pattern("{{x}} waited {50..} ms, {int} left, {any}").relaxed();
        assert!(relaxed.fits("{x} waited 3.5 ms, -1 left, so"), "{relaxed}");
        assert!(!relaxed.fits("{x} waited no ms, 1 left, so"));
        assert_eq!(pattern(relaxed.written()), relaxed);
        assert!(pattern("{any}").is_any() && !pattern("{any}!").is_any() && !pattern("{int}").is_any());
    }

    #[test]
    fn doubled_braces_are_braces() {
        check("{{\"a\":{{}}}}", &["{\"a\":{}}"], &["{{\"a\":{{}}}}", "{\"a\":{}"]);
        assert_eq!(pattern("{{int}}").literal(), Some("{int}"));
    }

    #[test]
    fn bounds_are_included_and_either_may_be_left_out() {
        check("waited {50..} ms", &["waited 50 ms", "waited 50.0 ms", "waited 1e3 ms"], &["waited 49.999 ms", "waited  ms"]);
        check("{..-1.5}", &["-1.5", "-2", "-1e9"], &["-1.4", "2", "x"]);
        check("{-1..1}", &["-1", "0", "-0", "1", "0.5", "1e-7"], &["1.0001", "-1.01", "", "-", "+1", ".5"]);
        check("{..}", &["0", "-17.25"], &["NaN", "Infinity", "inf", "0x10", "1 "]);
        check("{ 1 .. 2 }", &["1", "2"], &["3"]);
    }

    #[test]
    fn a_number_is_read_as_far_as_it_goes() {
        check("{0..9}", &["9"], &["12", "9.5"]);
        check("x{int}.{int}", &["x1.2", "x-1.22"], &["x1.2.3", "x1"]);
        check("took {0..5}.", &["took 5.", "took 4.5."], &["took 6.", "took 5"]);
        check("v{0..9}.{0..9}", &["v1.2"], &["v1.12", "v1"]);
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        check("{int} left", &["3 left", "-3 left", "007 left"], &["3.5 left", "3e1 left", "left", "- left"]);
    }

    #[test]
    fn any_text_backs_off_to_what_follows() {
        check("at {any}:{int}", &["at a:b:12", "at :1", "at 東:1"], &["at a:b", "at a"]);
        check("{any}", &["", "x", "東"], &[]);
        check("{any} and {any}", &["a and b", " and ", "a and b and c"], &["a, b"]);
    }

    #[test]
    fn an_example_of_a_range_is_in_the_range() {
        for (written, example) in [("{..-2}", "-2"), ("{0.5..2}", "0.5"), ("{..}", "0"), ("{1e21..}", "1000000000000000000000")] {
            assert_eq!(pattern(written).example(), example);
            assert!(pattern(written).fits(example));
        }
    }

    #[test]
    fn malformed_holes_say_column_and_remedy() {
        let said = |written: &str| written.parse::<Pattern>().expect_err(written).to_string();
        assert_eq!(
            said("é {50.. ms"),
            "event \"é {50.. ms\", column 3: this `{` is never closed; close it with `}`, or write `{{` for a brace"
        );
        assert_eq!(said("a}"), "event \"a}\", column 2: this `}` closes nothing; write `}}` for a brace");
        assert_eq!(
            said("{ms}"),
            "event \"{ms}\", column 1: `{ms}` is no hole; write {int}, {any} or {lo..hi}, or `{{` and `}}` for braces"
        );
        assert_eq!(
            said("in {1s..} left"),
            "event \"in {1s..} left\", column 4: `1s` is no number; write bounds like {50..}, {..-1} or {0.5..2}"
        );
        assert_eq!(said("{2..1}"), "event \"{2..1}\", column 1: no number lies between 2 and 1; write the lower bound first");
        assert_eq!(
            said("{int}{any}"),
            "event \"{int}{any}\", column 6: nothing says where the hole before this one ends; put text between two holes"
        );
        assert_eq!(
            said("x{0..9}5"),
            "event \"x{0..9}5\", column 8: the number hole before this would take in what follows; \
             put text between that is no part of a number"
        );
        assert!("{0..9}e5".parse::<Pattern>().is_err());
        assert!("{int}e5".parse::<Pattern>().is_ok());
        assert_eq!(said("a\nb"), "event \"a\\nb\", column 2: an event is one line, so it holds no line feed; write two events");
    }

    #[test]
    fn bounds_that_bound_nothing_are_refused() {
        for written in ["{nan..}", "{inf..}", "{1e999..}", "{1...2}", "{--1..}", "{}"] {
            assert!(written.parse::<Pattern>().is_err(), "{written} was taken");
        }
    }

    #[test]
    fn an_event_taken_exactly_keeps_its_braces() {
        let taken = Pattern::exactly("{\"n\":{int}}").expect("no line feed");
        assert_eq!(taken.literal(), Some("{\"n\":{int}}"));
    }
}
