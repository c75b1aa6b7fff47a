//! Writing what a runtime did into the suite: as the expectation of a case, or as a recorded deviation.
//!
//! Only the lines that say the trace and the end are replaced; comments and all other keys stay. An expectation that leaves
//! something open is never touched, because one run cannot say how much the rule leaves open.

use std::{io, path::PathBuf};

use crate::trace::{Ended, ExitPattern, Outcome, Trace, match_trace};

use super::{
    case::Case,
    deviation::DeviationKind,
    emit,
    error::SuiteError,
    expectation::Expectation,
    load::Suite,
    read,
    record::{NewDeviation, OVERLAY_HEAD, Written, from_version, record, save},
    yaml::Document,
};

/// Why what a runtime did cannot be accepted. Owner: the user, or the suite where a file is broken.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The expectation leaves order or number open.
    #[error(
        "the expectation of {case} leaves something open ({what}), and a run cannot say how much the rule leaves open; edit {} by hand",
        file.display()
    )]
    Open {
        /// The case.
        case: String,
        /// What it leaves open.
        what: &'static str,
        /// The expectation's file.
        file: PathBuf,
    },
    /// The program did not end in a way that a rule can ask for.
    #[error("a program that ended by {ended} is no model; {remedy}")]
    NoEnd {
        /// How it ended.
        ended: String,
        /// What to do.
        remedy: &'static str,
    },
    /// There is nothing to record.
    #[error("{product} {version} does in {case} what is expected; there is no deviation to record")]
    Conforms {
        /// The case.
        case: String,
        /// The product.
        product: String,
        /// Its version.
        version: semver::Version,
    },
    /// A deviation of this case and version is recorded already.
    #[error("{}:{line} records a deviation of {case} for {product} {version} already; edit that entry", file.display())]
    Recorded {
        /// The case.
        case: String,
        /// The product.
        product: String,
        /// Its version.
        version: semver::Version,
        /// The file of deviations.
        file: PathBuf,
        /// Line of the entry.
        line: usize,
    },
    /// A file of the suite is broken.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// A file cannot be written.
    #[error("cannot write {}: {error}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

/// Makes what a runtime printed, and how it ended, the expectation of `case`. Yields the file, relative to the suite's root.
///
/// # Errors
/// If the expectation leaves something open, the program did not end, or the file cannot be read or written.
pub fn accept_expectation(suite: &Suite, case: &Case, trace: &Trace, ended: &Ended) -> Result<PathBuf, AcceptError> {
    let expectation = suite.expectation(case);
    let file = expectation.file.clone();
    let open = |what| AcceptError::Open { case: case.id.clone(), what, file: file.clone() };
    if expectation.trace.as_plain_sequence().is_none() {
        return Err(open("an operator or a hole in its trace"));
    }
    let exit = match (&expectation.exit, ended) {
        (ExitPattern::Code(_) | ExitPattern::Signal(_), Ended::Code(_) | Ended::Signal(_)) => Some(ended.to_string()),
        (pattern, ended) if pattern.allows(ended) => None,
        (ExitPattern::Code(_) | ExitPattern::Signal(_), Ended::Deadline) => {
            let remedy = "write `exit: running` and a short timeout if the rule is that it never ends";
            return Err(AcceptError::NoEnd { ended: ended.to_string(), remedy });
        }
        (ExitPattern::Code(_) | ExitPattern::Signal(_), _) => {
            return Err(AcceptError::NoEnd { ended: ended.to_string(), remedy: "mend the program" });
        }
        _ => return Err(open("its exit")),
    };
    let path = suite.path_of(&file)?;
    let document = suite.document(&file)?;
    let mut text = replace_key(&document, "trace", &emit::list("trace", &Written::exactly(trace.events()).events, 0));
    if let Some(exit) = exit.filter(|exit| *exit != expectation.exit.to_string()) {
        let document = Document::scan(file.clone(), text)?;
        text = replace_key(&document, "exit", &format!("exit: {exit}\n"));
    }
    // Nothing is written that would not be read as it was meant.
    let written = Document::scan(file.clone(), text)?;
    read::read_expectation(&written).map_err(first)?;
    save(&path, written.text()).map_err(|error| AcceptError::Write { file: file.clone(), error })?;
    Ok(file)
}

/// Records what a runtime printed, and how it ended, as a deviation of `product` in `case`, with reason and link left to fill in.
/// Yields the file, relative to the suite's root.
///
/// # Errors
/// If nothing differs from the expectation, one is recorded for this version already, or the file cannot be read or written.
pub fn accept_deviation(
    suite: &Suite,
    case: &Case,
    product: &str,
    version: &semver::Version,
    seen: &Trace,
    ended: &Ended,
) -> Result<PathBuf, AcceptError> {
    if let Some(entry) = suite.deviations_of(product, &case.id).find(|entry| entry.versions.contains(version)) {
        return Err(AcceptError::Recorded {
            case: case.id.clone(),
            product: product.to_owned(),
            version: version.clone(),
            file: entry.file.clone(),
            line: entry.line,
        });
    }
    let differs = differs(suite.expectation(case), seen, ended)?;
    let Some(Difference { trace, exit }) = differs else {
        return Err(AcceptError::Conforms { case: case.id.clone(), product: product.to_owned(), version: version.clone() });
    };
    let entry = NewDeviation {
        case: case.id.clone(),
        versions: from_version(version),
        kind: DeviationKind::Bug,
        reason: String::new(),
        since: None,
        trace: trace.then(|| Written::exactly(seen.events())),
        exit,
        intermittent: false,
    };
    let layer = suite.layers.last().expect("a suite has a layer");
    let file = layer.shown(&PathBuf::from(format!("expected/deviations/{product}.yaml")));
    let head = if layer.is_overlay() { OVERLAY_HEAD } else { "# yaml-language-server: $schema=../deviations.schema.json" };
    record(&suite.path_of(&file)?, &file, product, head, &[entry])?;
    Ok(file)
}

/// How an observation differs from the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Whether the trace does.
    pub trace: bool,
    /// The end, as an entry records it, if that does.
    pub exit: Option<String>,
}

/// What of an observation an entry has to record: only what differs, since a total order in place of a partial one would say more than was
/// seen. Nothing, if nothing differs.
///
/// # Errors
/// If it has no end that could be recorded.
pub fn differs(expectation: &Expectation, trace: &Trace, ended: &Ended) -> Result<Option<Difference>, AcceptError> {
    let exit = match ended {
        Ended::Code(_) | Ended::Signal(_) => ended.to_string(),
        Ended::Deadline => ExitPattern::Timeout.to_string(),
        Ended::Flood | Ended::Memory => {
            return Err(AcceptError::NoEnd { ended: ended.to_string(), remedy: "its output has no end that could be recorded" });
        }
    };
    let as_expected = match match_trace(&expectation.trace, trace.events()) {
        Ok(outcome) if matches!(ended, Ended::Deadline | Ended::Signal(_)) => outcome.is_viable_prefix(),
        Ok(outcome) => outcome == Outcome::Accepted,
        Err(_) => false,
    };
    let ends_as_expected = expectation.exit.allows(ended);
    let exit = (!ends_as_expected).then_some(exit);
    Ok((!as_expected || !ends_as_expected).then_some(Difference { trace: !as_expected, exit }))
}

pub(super) fn first(errors: Vec<SuiteError>) -> AcceptError {
    errors.into_iter().next().map_or_else(
        || AcceptError::Suite(SuiteError::whole("", "the file cannot be read back", "report this as a fault of lockstep")),
        AcceptError::Suite,
    )
}

/// The document's text with the lines of a top-level key replaced, or with the key added at the end.
fn replace_key(document: &Document, key: &str, replacement: &str) -> String {
    let lines: Vec<&str> = document.text().split_inclusive('\n').collect();
    let keys = document.top_level_lines();
    let Some(place) = keys.iter().position(|(name, _)| name == key) else {
        let end = if document.text().ends_with('\n') { "" } else { "\n" };
        return format!("{}{end}{replacement}", document.text());
    };
    let start = keys[place].1 - 1;
    let end = keys.get(place + 1).map_or(lines.len(), |(_, line)| line - 1);
    // Comments and blank lines right before the next key, or at the end, belong to what follows.
    let outside = |line: &&str| line.trim().is_empty() || line.starts_with('#');
    let kept = lines[start + 1..end].iter().rev().take_while(|line| outside(line)).count();
    [&lines[..start].concat(), replacement, &lines[end - kept..].concat()].concat()
}

#[cfg(test)]
#[path = "accept_tests.rs"]
mod tests;
