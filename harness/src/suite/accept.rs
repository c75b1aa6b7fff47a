//! Writing what a runtime did into the suite: as the expectation of a case, or as a recorded deviation.
//!
//! Only the lines that say the trace and the end are replaced; comments and all other keys stay. An expectation that leaves
//! something open is never touched, because one run cannot say how much the rule leaves open.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::trace::{Ended, ExitPattern, Outcome, Trace, match_trace};

use super::{case::Case, emit, error::SuiteError, load::Suite, read, yaml::Document};

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
    let document = Document::read(&suite.root, &file)?;
    let mut text = replace_key(&document, "trace", &trace_text(trace, 0));
    if let Some(exit) = exit.filter(|exit| *exit != expectation.exit.to_string()) {
        let document = Document::scan(file.clone(), text)?;
        text = replace_key(&document, "exit", &format!("exit: {exit}\n"));
    }
    // Nothing is written that would not be read as it was meant.
    let written = Document::scan(file.clone(), text)?;
    read::read_expectation(&written).map_err(first)?;
    save(&suite.root, &file, written.text())?;
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
    trace: &Trace,
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
    let exit = match ended {
        Ended::Code(_) | Ended::Signal(_) => ended.to_string(),
        Ended::Deadline => ExitPattern::Timeout.to_string(),
        Ended::Flood | Ended::Memory => {
            return Err(AcceptError::NoEnd { ended: ended.to_string(), remedy: "its output has no end that could be recorded" });
        }
    };
    let mut entry = format!(
        "- case: {}\n  versions: \">={}.{}.{}, <{}\"\n  kind: bug\n  reason: \"\"\n  link: \"\"\n",
        case.id,
        version.major,
        version.minor,
        version.patch,
        version.major + 1,
    );
    let expectation = suite.expectation(case);
    // Only what differs is recorded: a total order in place of a partial one would say more than was seen.
    let as_expected = match match_trace(&expectation.trace, trace.events()) {
        Ok(outcome) if matches!(ended, Ended::Deadline | Ended::Signal(_)) => outcome.is_viable_prefix(),
        Ok(outcome) => outcome == Outcome::Accepted,
        Err(_) => false,
    };
    let ends_as_expected = expectation.exit.allows(ended);
    if as_expected && ends_as_expected {
        return Err(AcceptError::Conforms { case: case.id.clone(), product: product.to_owned(), version: version.clone() });
    }
    if !as_expected {
        entry.push_str(&trace_text(trace, 2));
    }
    if !ends_as_expected {
        entry.push_str(&format!("  exit: {exit}\n"));
    }
    let file = PathBuf::from(format!("expected/deviations/{product}.yaml"));
    let text = if suite.root.join(&file).exists() {
        insert_entry(&suite.root, &file, &case.id, &entry)?
    } else {
        format!("# yaml-language-server: $schema=../deviations.schema.json\n{entry}")
    };
    let written = Document::scan(file.clone(), text)?;
    read::read_deviations(product, &written).map_err(first)?;
    save(&suite.root, &file, written.text())?;
    Ok(file)
}

fn first(errors: Vec<SuiteError>) -> AcceptError {
    errors.into_iter().next().map_or_else(
        || AcceptError::Suite(SuiteError::whole("", "the file cannot be read back", "report this as a fault of lockstep")),
        AcceptError::Suite,
    )
}

/// The `trace` key for events as they were printed; braces are escaped, since an expectation takes them for holes.
fn trace_text(trace: &Trace, indent: usize) -> String {
    let events: Vec<String> = trace.events().iter().map(|event| event.replace('{', "{{").replace('}', "}}")).collect();
    emit::list("trace", &events, indent)
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

/// The file's text with `entry` put before the first entry of a later case.
fn insert_entry(root: &Path, file: &Path, case: &str, entry: &str) -> Result<String, AcceptError> {
    let document = Document::read(root, file)?;
    let lines: Vec<&str> = document.text().split_inclusive('\n').collect();
    let entries = read::read_deviations("", &document).map_err(first)?;
    if entries.is_empty() {
        // `[]` has to go, or nothing could follow it.
        let comments: String = lines.iter().filter(|line| line.starts_with('#')).copied().collect();
        return Ok(format!("{comments}{entry}"));
    }
    let later = entries.iter().find(|other| other.case.as_str() > case);
    let mut at = later.map_or(lines.len(), |entry| entry.line - 1);
    // The comments above an entry are its own; the file's first line is the editor's.
    while at > 1 && at < lines.len() && lines[at - 1].starts_with('#') {
        at -= 1;
    }
    let before = lines[..at].concat();
    let end = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    Ok(format!("{before}{end}{entry}{}", lines[at..].concat()))
}

/// Replaces a file as a whole, so that no reader sees half of it.
fn save(root: &Path, file: &Path, text: &str) -> Result<(), AcceptError> {
    let path = root.join(file);
    let folder = path.parent().unwrap_or(root);
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let fresh = tempfile::NamedTempFile::new_in(folder)?;
        fs::write(fresh.path(), text)?;
        // A temporary file is its owner's alone; one of the suite is read by all.
        let permissions = fs::metadata(&path).map(|meta| meta.permissions()).ok();
        fresh.persist(&path).map_err(|error| error.error)?;
        match permissions {
            Some(permissions) => fs::set_permissions(&path, permissions),
            None => readable_by_all(&path),
        }
    };
    write().map_err(|error| AcceptError::Write { file: file.to_owned(), error })
}

#[cfg(unix)]
fn readable_by_all(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[path = "accept_tests.rs"]
mod tests;
