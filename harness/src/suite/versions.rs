//! Version ranges of recorded deviations: `">=1.0, <2"`.
//!
//! Every comparator has an operator, and commas mean *and*. What other tools read into bare versions, blanks, `^`, `~`, `*` or `||`
//! differs between them, so all of those are refused with what to write instead. A version with fewer than three numbers stands for
//! all releases that begin with it: `=1.4` is any 1.4, `>1.4` begins at 1.5.

use std::str::FromStr;

use super::deviation::Versions;

/// A text that is no version range. Owner: the suite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}; {remedy}")]
pub struct ParseVersionsError {
    /// What is wrong, as a fragment.
    pub cause: String,
    /// What to write instead, as a fragment.
    pub remedy: String,
}

fn fault(cause: impl Into<String>, remedy: impl Into<String>) -> ParseVersionsError {
    ParseVersionsError { cause: cause.into(), remedy: remedy.into() }
}

/// Operators, the longer ones first, so that `>=` is not taken for `>`.
const OPERATORS: [&str; 5] = [">=", "<=", ">", "<", "="];

type Release = (u64, u64, u64);

/// One comparator as the half-open range of releases it allows.
struct Span {
    from: Release,
    to: Option<Release>,
}

impl FromStr for Versions {
    type Err = ParseVersionsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains("||") {
            return Err(fault("version ranges know no `||`", "write one entry for each alternative"));
        }
        let mut from = (0, 0, 0);
        let mut to: Option<Release> = None;
        for comparator in text.split(',') {
            let span = comparator_span(comparator.trim())?;
            from = from.max(span.from);
            to = match (to, span.to) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        if to.is_some_and(|to| to <= from) {
            return Err(fault(format!("no version is in `{text}`"), "let the lower bound stand below the upper one"));
        }
        let range = semver::VersionReq::parse(text)
            .map_err(|error| fault(format!("`{text}` is no version range: {error}"), "write one like `>=1.0, <2`"))?;
        Ok(Self { written: text.to_owned(), range })
    }
}

fn comparator_span(comparator: &str) -> Result<Span, ParseVersionsError> {
    if comparator.is_empty() {
        return Err(fault("a comparator is missing", "write one like `>=1.0, <2`"));
    }
    let Some(operator) = OPERATORS.into_iter().find(|operator| comparator.starts_with(operator)) else {
        return Err(without_operator(comparator));
    };
    let version = comparator[operator.len()..].trim_start();
    if version.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '=')) {
        return Err(fault(format!("`{comparator}` is more than one comparator"), "part comparators by a comma: `>=1.0, <2`"));
    }
    let (first, after) = release(version)?;
    Ok(match operator {
        ">=" => Span { from: first, to: None },
        ">" => Span { from: after, to: None },
        "<" => Span { from: (0, 0, 0), to: Some(first) },
        "<=" => Span { from: (0, 0, 0), to: Some(after) },
        _ => Span { from: first, to: Some(after) },
    })
}

/// The first release that `version` stands for, and the first after those it stands for.
fn release(version: &str) -> Result<(Release, Release), ParseVersionsError> {
    if let Some(suffix) = version.find(['-', '+']) {
        return Err(fault(
            format!("`{version}` names a pre-release or a build"),
            format!("write `{}`; a canary counts as the release it leads to", &version[..suffix]),
        ));
    }
    let number = |part: &str| {
        let plain = part.len() == 1 || !part.starts_with('0');
        part.parse::<u64>().ok().filter(|number| plain && *number < u64::MAX && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let parts: Option<Vec<u64>> = version.split('.').map(number).collect();
    match parts.as_deref() {
        Some([major]) => Ok(((*major, 0, 0), (major + 1, 0, 0))),
        Some([major, minor]) => Ok(((*major, *minor, 0), (*major, minor + 1, 0))),
        Some([major, minor, patch]) => Ok(((*major, *minor, *patch), (*major, *minor, patch + 1))),
        _ => Err(fault(format!("`{version}` is no version"), "write one to three numbers, like `1.4.5`")),
    }
}

fn without_operator(comparator: &str) -> ParseVersionsError {
    let next = |version: &str| match release(version) {
        Ok(((major, ..), _)) => format!(">={version}, <{}", major + 1),
        Err(_) => ">=1.0, <2".to_owned(),
    };
    match comparator.as_bytes()[0] {
        b'^' | b'~' => fault(
            format!("`{comparator}` means different ranges to different tools"),
            format!("write both bounds, like `{}`", next(&comparator[1..])),
        ),
        b'*' | b'x' | b'X' => fault(format!("`{comparator}` is no comparator"), "write `>=0` for every version"),
        b'v' | b'V' => fault(format!("`{comparator}` has a `v` and no operator"), format!("write `={}`", &comparator[1..])),
        _ => fault(
            format!("`{comparator}` has no operator"),
            format!("write `={comparator}` for it alone, or a range like `{}`", next(comparator)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contains(range: &str, version: &str) -> bool {
        let versions: Versions = range.parse().unwrap_or_else(|error| panic!("{range}: {error}"));
        assert_eq!(versions.to_string(), range);
        versions.contains(&version.parse().expect(version))
    }

    #[test]
    fn ranges_hold_what_they_say() {
        for (range, inside, outside) in [
            (">=1.0, <2", &["1.0.0", "1.99.3"][..], &["0.9.9", "2.0.0"][..]),
            (">=20,<22", &["20.0.0", "21.7.1"], &["19.9.9", "22.0.0"]),
            ("=1.4.5", &["1.4.5"], &["1.4.4", "1.4.6"]),
            ("=1.4", &["1.4.0", "1.4.9"], &["1.3.9", "1.5.0"]),
            (">1.4", &["1.5.0"], &["1.4.9", "1.4.0"]),
            ("<=1.4", &["1.4.9", "0.1.0"], &["1.5.0"]),
            ("> 1.4.5", &["1.4.6"], &["1.4.5"]),
            (">=0", &["0.0.0", "99.0.0"], &[]),
        ] {
            for version in inside {
                assert!(contains(range, version), "{version} should be in {range}");
            }
            for version in outside {
                assert!(!contains(range, version), "{version} should not be in {range}");
            }
        }
    }

    #[test]
    fn a_canary_counts_as_the_release_it_leads_to() {
        assert!(contains(">=1.4.6, <2", "1.4.6-canary.3+abc"));
        assert!(!contains(">=1.4.6, <2", "1.4.5-canary.3"));
        assert!(!contains("<2", "2.0.0-rc.1"));
    }

    #[test]
    fn what_tools_read_differently_is_refused_with_the_right_spelling() {
        for (text, cause, remedy) in [
            ("1.4.5", "no operator", "`=1.4.5`"),
            ("1.4.5", "no operator", "`>=1.4.5, <2`"),
            (">=1, 2", "`2` has no operator", "`=2`"),
            (">=1.0 <2", "more than one comparator", "comma"),
            (">=1.0<2", "more than one comparator", "comma"),
            (">=1 || <0.5", "no `||`", "one entry for each"),
            ("^1.2", "different tools", "`>=1.2, <2`"),
            ("~1.2", "different tools", "`>=1.2, <2`"),
            ("*", "no comparator", ">=0"),
            ("v1.2", "`v`", "`=1.2`"),
            (">=1.0.0-canary", "pre-release", "`1.0.0`"),
            ("", "missing", ">="),
            (">=1.0,", "missing", ">="),
            (">=", "no version", "1.4.5"),
            (">=1.x", "no version", "1.4.5"),
            (">=01.2", "no version", "1.4.5"),
            (">=1.2.3.4", "no version", "1.4.5"),
            (">=2, <1", "no version is in", "lower bound"),
            ("<0", "no version is in", "lower bound"),
        ] {
            let error = text.parse::<Versions>().expect_err(text);
            assert!(error.cause.contains(cause) && error.remedy.contains(remedy), "{text}: {error}");
        }
    }

    proptest! {
        /// The bounds that refuse empty ranges agree with the crate that decides membership.
        #[test]
        fn bounds_agree_with_semver(
            operators in prop::collection::vec((0usize..5, 1usize..=3, 0u64..3, 0u64..3, 0u64..3), 1..4)
        ) {
            let written: Vec<String> = operators
                .iter()
                .map(|(operator, parts, a, b, c)| {
                    let numbers: Vec<String> = [a, b, c].iter().take(*parts).map(ToString::to_string).collect();
                    format!("{}{}", OPERATORS[*operator], numbers.join("."))
                })
                .collect();
            let text = written.join(", ");
            let range = semver::VersionReq::parse(&text).expect("semver takes all of these");
            let grid = (0..5).flat_map(|a| (0..5).flat_map(move |b| (0..5).map(move |c| semver::Version::new(a, b, c))));
            let some = grid.into_iter().any(|version| range.matches(&version));
            prop_assert_eq!(text.parse::<Versions>().is_ok(), some, "{}", text);
        }
    }
}
