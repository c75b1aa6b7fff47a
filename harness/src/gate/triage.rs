//! First contact with many failures: what they have in common, and an entry for each, to be looked into later.

use std::{cmp::Reverse, collections::BTreeMap};

use crate::{
    result::{CaseResult, Verdict},
    suite::{DeviationKind, NewDeviation, Suite, Written, differs, record::from_version},
    trace::{Ended, Pattern, Trace, quoted},
};

/// A longer trace is recorded up to a little behind its first forbidden event; the rest is left open.
const MOST_EVENTS: usize = 60;

/// A longer event is recorded by its beginning.
const MOST_CHARS: usize = 300;

/// What failures have in common, the most telling first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The program died for want of this.
    Missing(String),
    /// The same event, or end, where the same was allowed; numbers count as equal.
    Pair {
        /// What the rule allows there.
        allowed: String,
        /// What was observed.
        observed: String,
    },
    /// Nothing but the topic.
    Topic(String),
}

/// Failures of one runtime that have something in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster<'a> {
    /// What it is.
    pub cause: Cause,
    /// The failures, by case.
    pub results: Vec<&'a CaseResult>,
}

/// Clusters the failures among `results`, which are of one runtime: by a missing feature, else by what was allowed and observed where two
/// or more share that, else by topic. The largest cluster comes first.
pub fn clusters<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> Vec<Cluster<'a>> {
    let failures: Vec<&CaseResult> = results.into_iter().filter(|result| result.verdict.is_regression()).collect();
    let mut by_cause: BTreeMap<Cause, Vec<&CaseResult>> = BTreeMap::new();
    let mut shared: BTreeMap<Cause, usize> = BTreeMap::new();
    for result in &failures {
        *shared.entry(pair(result)).or_default() += 1;
    }
    for result in failures {
        let pair = pair(result);
        let cause = match missing(result) {
            Some(feature) => Cause::Missing(feature),
            None if shared[&pair] > 1 => pair,
            None => Cause::Topic(result.case.rsplit_once('/').map_or(result.case.as_str(), |(topic, _)| topic).to_owned()),
        };
        by_cause.entry(cause).or_default().push(result);
    }
    let mut clusters: Vec<Cluster<'_>> = by_cause.into_iter().map(|(cause, results)| Cluster { cause, results }).collect();
    clusters.sort_by_key(|cluster| (Reverse(cluster.results.len()), cluster.cause.clone()));
    clusters
}

/// The feature whose absence standard error gives as the reason, in the words of the engines: V8, JavaScriptCore, SpiderMonkey, QuickJS.
fn missing(result: &CaseResult) -> Option<String> {
    let seen = result.observed.as_ref()?;
    // A program that goes on, or is ended from outside, did not die of it.
    matches!(Ended::read(&seen.exit), Some(Ended::Code(code)) if code != 0).then_some(())?;
    seen.stderr.lines().find_map(absent)
}

/// What one line of standard error says is absent.
fn absent(line: &str) -> Option<String> {
    const AFTER: [&str; 8] = [
        "Can't find variable: ",
        "Cannot find module ",
        "Cannot find package ",
        "No such built-in module: ",
        "Unknown built-in module: ",
        "Module not found ",
        "does not provide an export named ",
        "ot implemented: ",
    ];
    const BEFORE: [&str; 4] = [" is not defined", " is not a function", " is not a constructor", " is not implemented"];
    let name_of = |text: &str| -> Option<String> {
        let name: String = text
            .trim_matches(|c: char| c.is_whitespace() || "'\"`().,;:".contains(c))
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "_$.:/@-".contains(*c))
            .take(80)
            .collect();
        let name = name.trim_end_matches(['.', ':']);
        (!name.is_empty()).then(|| name.to_owned())
    };
    let after = AFTER.iter().find_map(|words| line.split_once(words).and_then(|(_, rest)| name_of(rest)));
    after.or_else(|| {
        BEFORE.iter().find_map(|words| {
            let (before, _) = line.split_once(words)?;
            name_of(before.rsplit_once(": ").map_or(before, |(_, name)| name).rsplit(' ').next()?)
        })
    })
}

/// What was allowed and what was observed, with numbers taken out.
fn pair(result: &CaseResult) -> Cause {
    let Some(seen) = &result.observed else {
        return Cause::Pair { allowed: "a result".into(), observed: result.detail.clone() };
    };
    let events = |list: &[String]| -> String {
        let shown: Vec<String> = list.iter().take(3).map(|event| quoted(&without_numbers(event))).collect();
        let more = if list.len() > 3 { " or others" } else { "" };
        format!("{}{more}", shown.join(" or "))
    };
    let end = || format!("the end ({})", exit_words(&seen.exit));
    let (allowed, observed) = match seen.at {
        Some(at) => {
            let allowed = if seen.allowed.is_empty() { "the end".into() } else { events(&seen.allowed) };
            (allowed, seen.trace.get(at).map_or_else(end, |event| events(std::slice::from_ref(event))))
        }
        None => ("another end of the program".into(), end()),
    };
    Cause::Pair { allowed, observed }
}

fn exit_words(exit: &str) -> String {
    if exit.parse::<i32>().is_ok() { format!("exit {exit}") } else { exit.to_owned() }
}

/// Each run of digits as `#`, and what is long cut: `tick 1` and `tick 12` are the same finding.
fn without_numbers(event: &str) -> String {
    let mut out = String::new();
    for c in event.chars().take(MOST_CHARS) {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c => out.push(c),
        }
    }
    out
}

/// The entry that makes `result` known, of the day `since`; none if it conforms.
///
/// # Errors
/// Why there can be no entry, as a fragment.
pub fn entry(
    result: &CaseResult,
    suite: &Suite,
    version: &semver::Version,
    since: &str,
) -> Result<Option<NewDeviation>, &'static str> {
    let Some(case) = suite.case(&result.case) else { return Err("this suite has no such case") };
    if case.digest != result.digest {
        return Err("the case means something else in this suite");
    }
    let Some(seen) = &result.observed else { return Err("nothing was observed") };
    let ended = Ended::read(&seen.exit).ok_or("its end cannot be read")?;
    let expectation = suite.expectation(case);
    let trace = Trace::from(seen.trace.clone());
    let difference = differs(expectation, &trace, &ended).map_err(|_| "its output has no end that could be recorded")?;
    let Some(mut difference) = difference else { return Ok(None) };
    // Of a trace that results keep in part only, the part may be right.
    difference.trace |= seen.events.is_some();
    let written = difference.trace.then(|| {
        // What a program prints until it is killed depends on when that is.
        let open = seen.events.is_some() || ended == Ended::Deadline || seen.trace.len() > MOST_EVENTS;
        let keep = match seen.at {
            Some(at) if open => seen.trace.len().min((at + 1).clamp(1, 4 * MOST_EVENTS)),
            None if open => seen.trace.len().min(MOST_EVENTS),
            _ => seen.trace.len(),
        };
        let patterns = expectation.trace.patterns();
        let right = seen.at.unwrap_or(keep);
        let events = seen.trace[..keep].iter().enumerate();
        Written { events: events.map(|(index, event)| written(event, &patterns, index < right)).collect(), open }
    });
    Ok(Some(NewDeviation {
        case: case.id.clone(),
        versions: from_version(version),
        kind: DeviationKind::Untriaged,
        reason: reason(&result.detail),
        since: Some(since.to_owned()),
        trace: written,
        exit: difference.exit,
        intermittent: result.verdict == Verdict::Unstable,
    }))
}

/// One event as an entry has it: where the rule leaves a number or a text of this event open, so does the entry.
fn written(event: &str, patterns: &[&Pattern], right: bool) -> String {
    let holes = || patterns.iter().filter(|pattern| pattern.literal().is_none() && (right || !pattern.is_any()));
    if let Some(pattern) = holes().find(|pattern| pattern.fits(event)) {
        return pattern.written().to_owned();
    }
    if let Some(pattern) = holes().map(|pattern| pattern.relaxed()).find(|pattern| pattern.fits(event)) {
        return pattern.written().to_owned();
    }
    let escaped = |text: &str| text.replace('{', "{{").replace('}', "}}");
    if event.chars().count() <= MOST_CHARS {
        return escaped(event);
    }
    format!("{}{{any}}", escaped(&event.chars().take(MOST_CHARS).collect::<String>()))
}

/// The finding as a reason to begin with.
fn reason(detail: &str) -> String {
    let line = detail.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count() {
        0 => "nobody has looked into it yet".into(),
        count if count <= MOST_CHARS => line,
        _ => format!("{}…", line.chars().take(MOST_CHARS).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::Observed;

    fn result(case: &str, trace: &[&str], at: Option<usize>, allowed: &[&str], exit: &str, stderr: &str) -> CaseResult {
        let list = |events: &[&str]| events.iter().map(|event| (*event).to_owned()).collect::<Vec<_>>();
        CaseResult {
            case: case.into(),
            digest: String::new(),
            was: vec![],
            runtime: "dev".into(),
            verdict: Verdict::Fail,
            observed: Some(Observed {
                trace: list(trace),
                events: None,
                exit: exit.into(),
                stderr: stderr.into(),
                at,
                allowed: list(allowed),
                repeats: 1,
            }),
            detail: "d".into(),
        }
    }

    #[test]
    fn engines_say_what_is_absent_in_their_own_words() {
        for (line, name) in [
            ("ReferenceError: setImmediate is not defined", "setImmediate"),
            ("error: Uncaught (in promise) ReferenceError: setImmediate is not defined", "setImmediate"),
            ("ReferenceError: Can't find variable: setImmediate", "setImmediate"),
            ("ReferenceError: 'setImmediate' is not defined", "setImmediate"),
            ("TypeError: process.binding is not a function. (In 'process.binding()', …)", "process.binding"),
            ("TypeError: x.compose(...) is not a function", "x.compose"),
            ("TypeError: Foo is not a constructor", "Foo"),
            ("Error: Cannot find module 'node:zlib'", "node:zlib"),
            ("error: Cannot find package \"left-pad\" from \"/a\"", "left-pad"),
            ("SyntaxError: The requested module 'x' does not provide an export named 'pipeline'", "pipeline"),
            ("Error: Not implemented: Socket.prototype.pause", "Socket.prototype.pause"),
        ] {
            assert_eq!(absent(line).as_deref(), Some(name), "{line}");
        }
        for line in ["Error: boom", "    at Object.<anonymous> (main.cjs:1:1)", "", "Warning: this is not good"] {
            assert_eq!(absent(line), None, "{line}");
        }
    }

    #[test]
    fn a_missing_feature_goes_before_a_pair_and_a_pair_before_a_topic() {
        let dead = "ReferenceError: setImmediate is not defined";
        let results = [
            result("ordering/a/one", &["tick 1"], Some(0), &["job 1"], "0", ""),
            result("ordering/a/two", &["tick 2"], Some(0), &["job 2"], "0", ""),
            result("ordering/a/three", &["x"], Some(0), &["y"], "0", ""),
            result("ordering/a/four", &["z"], Some(0), &["y"], "0", ""),
            result("blocking/b/five", &[], Some(0), &["job 1"], "1", dead),
            result("blocking/c/six", &[], Some(0), &["a"], "1", dead),
            result("blocking/c/seven", &["a"], None, &[], "1", dead),
            CaseResult { verdict: Verdict::Pass, ..result("blocking/c/eight", &["a"], None, &[], "0", "") },
        ];
        let found = clusters(&results);
        let shown: Vec<(Cause, usize)> = found.into_iter().map(|cluster| (cluster.cause, cluster.results.len())).collect();
        assert_eq!(
            shown,
            [
                (Cause::Missing("setImmediate".into()), 3),
                (Cause::Pair { allowed: "\"job #\"".into(), observed: "\"tick #\"".into() }, 2),
                (Cause::Topic("ordering/a".into()), 2),
            ]
        );
    }

    #[test]
    fn an_event_is_recorded_as_open_as_the_rule_leaves_it() {
        let read = |text: &str| text.parse::<Pattern>().expect(text);
        let (waited, any, plain) = (read("waited {50..} ms"), read("{any}"), read("plain"));
        let patterns = [&waited, &any, &plain];
        assert_eq!(written("waited 61 ms", &patterns, false), "waited {50..} ms");
        assert_eq!(written("waited 3 ms", &patterns, false), "waited {..} ms");
        assert_eq!(written("plain {x}", &patterns, false), "plain {{x}}");
        assert_eq!(written("whatever", &patterns, true), "{any}");
        let long = written(&"x".repeat(1_000), &[], false);
        assert_eq!(long.chars().count(), MOST_CHARS + "{any}".len());
    }
}
