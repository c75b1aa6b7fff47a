//! The versioned result document.
//!
//! Sorted by case and runtime. What stands under `observed` and `timing` may differ between two equal runs, since legal
//! nondeterminism may; everything else is byte-identical for equal outcomes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::trace::visible;

/// Version of the document's form. A reader refuses any other.
///
/// A field may be added without a new version if it has a default that means what its absence meant; a field that changes meaning
/// or goes away takes a new one.
pub const SCHEMA: u32 = 1;

/// A whole result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The suite that was run.
    pub suite: SuiteInfo,
    /// What of it was asked for.
    pub selection: SelectionInfo,
    /// Whether the run reached its end; an interrupted one holds what it had found.
    pub complete: bool,
    /// The runtimes that took part, by name.
    pub runtimes: Vec<RuntimeInfo>,
    /// One entry for each (case, runtime), sorted by both.
    pub results: Vec<CaseResult>,
    /// Wall times in milliseconds.
    pub timing: Timing,
}

/// Which suite was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuiteInfo {
    /// Its semver version.
    pub version: String,
    /// Number of cases in it, selected or not.
    pub cases: usize,
    /// Digest over all cases.
    pub digest: String,
}

/// What of the suite was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectionInfo {
    /// Filters as given.
    pub filters: Vec<String>,
    /// `k/n`, if sharded.
    pub shard: Option<String>,
}

/// A runtime that took part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuntimeInfo {
    /// Name on the command line and in results.
    pub name: String,
    /// The manifest that started it.
    pub adapter: String,
    /// The product it says it is; none if it did not say.
    pub product: Option<String>,
    /// The version it says it is.
    pub version: Option<String>,
    /// Features it was found to have, sorted.
    pub features: Vec<String>,
}

/// One case on one runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseResult {
    /// The case's id.
    pub case: String,
    /// Digest of what the case meant when it was run.
    pub digest: String,
    /// Earlier ids of the case, by which an older result may know it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<String>,
    /// The runtime's name.
    pub runtime: String,
    /// What the harness says.
    pub verdict: Verdict,
    /// What was seen; absent where nothing was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Observed>,
    /// One sentence on the verdict; empty for a pass.
    pub detail: String,
}

/// What was seen of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The trace of the repeat that decided the verdict; shortened to [`Observed::MOST_EVENTS`].
    pub trace: Vec<String>,
    /// How many events there were before shortening, if it was shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<usize>,
    /// How it ended, in the words of the `exit` grammar.
    pub exit: String,
    /// The end of standard error; empty for a pass.
    pub stderr: String,
    /// Index of the first forbidden event; none if there is none.
    pub at: Option<usize>,
    /// What was allowed there.
    pub allowed: Vec<String>,
    /// How often the case was run.
    pub repeats: u32,
}

impl Observed {
    /// More events than this are not kept.
    pub const MOST_EVENTS: usize = 5_000;
    /// More bytes of trace than this are not kept.
    pub const MOST_BYTES: usize = 256 << 10;
    /// More bytes of standard error than this are not kept; its end is.
    pub const MOST_STDERR: usize = 4 << 10;
}

/// Wall times, in milliseconds; nothing that equal runs share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// The whole run.
    pub elapsed_ms: u64,
    /// All repeats of a pair together, by `runtime::case`.
    pub cases_ms: BTreeMap<String, u64>,
}

/// Why a result file is of no use. The file is the user's; so is the fault.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The file cannot be read or written.
    #[error("cannot {verb} {file}: {source}", file = file.display())]
    Io {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no result, or was cut short.
    #[error("{file}:{line}:{column}: this is no result of `lockstep run --json`: {cause}", file = file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        cause: String,
    },
    /// The file is of another schema version.
    #[error("{file} has schema {found}, and this Lockstep reads schema {SCHEMA}; use the Lockstep that wrote it, or run it anew", file = file.display())]
    Schema {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: u64,
    },
    /// The file says two things of one case on one runtime; it was edited, or joined by something else than `lockstep merge`.
    #[error("{file}: {case} stands twice for {runtime}; this was not written by `lockstep run` or `lockstep merge`", file = file.display())]
    Twice {
        /// The file.
        file: PathBuf,
        /// The case.
        case: String,
        /// The runtime.
        runtime: String,
    },
    /// Results that do not belong together.
    #[error("these results cannot be joined: {0}")]
    Merge(String),
}

impl Document {
    /// Sorts everything that has a canonical order.
    pub fn canonical(mut self) -> Self {
        self.runtimes.sort();
        self.results.sort_by(|a, b| (&a.case, &a.runtime).cmp(&(&b.case, &b.runtime)));
        self
    }

    /// Reads a result.
    ///
    /// # Errors
    /// If the file cannot be read, is no result, is of another schema version, or says two things of one case.
    pub fn read(file: &Path) -> Result<Self, DocumentError> {
        let text = fs::read_to_string(file).map_err(|source| DocumentError::Io { verb: "read", file: file.into(), source })?;
        let malformed = |error: serde_json::Error| DocumentError::Malformed {
            file: file.into(),
            line: error.line(),
            column: error.column(),
            cause: error.to_string(),
        };
        // The version is looked at before the form, so that a newer document is called newer and not malformed.
        #[derive(Deserialize)]
        struct Version {
            schema: u64,
        }
        let Version { schema } = serde_json::from_str(&text).map_err(malformed)?;
        if schema != u64::from(SCHEMA) {
            return Err(DocumentError::Schema { file: file.into(), found: schema });
        }
        let document: Self = serde_json::from_str(&text).map_err(malformed)?;
        let mut seen = BTreeSet::new();
        match document.results.iter().find(|result| !seen.insert((&result.case, &result.runtime))) {
            Some(result) => {
                Err(DocumentError::Twice { file: file.into(), case: visible(&result.case), runtime: visible(&result.runtime) })
            }
            None => Ok(document),
        }
    }

    /// Writes the result to `file` in one step, so that a reader never sees half of it.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, file: &Path) -> Result<(), DocumentError> {
        write_json(file, self)
    }

    /// The document as JSON text, ending in a newline.
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

/// Anything that Lockstep gives as JSON, as text that ends in a newline.
pub fn to_json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("strings, numbers and lists always serialise");
    text.push('\n');
    text
}

/// Writes it to `file` in one step, so that a reader never sees half of it.
///
/// # Errors
/// If the file cannot be written.
pub fn write_json(file: &Path, value: &impl Serialize) -> Result<(), DocumentError> {
    write_whole(file, &to_json(value)).map_err(|source| DocumentError::Io { verb: "write", file: file.into(), source })
}

/// Writes `text` beside `file` and renames it into place. What is no regular file (`/dev/stdout`, a named pipe) is written directly.
///
/// # Errors
/// What the system says.
pub fn write_whole(file: &Path, text: &str) -> io::Result<()> {
    if file.symlink_metadata().is_ok_and(|known| !known.is_file()) {
        return fs::write(file, text);
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A temporary file is private; a report is for whoever may read its folder.
        beside.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    beside.persist(file).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let result = |case: &str, runtime: &str| CaseResult {
            case: case.into(),
            digest: "d".into(),
            was: vec![],
            runtime: runtime.into(),
            verdict: Verdict::Pass,
            observed: None,
            detail: String::new(),
        };
        Document {
            schema: SCHEMA,
            suite: SuiteInfo { version: "0.1.0".into(), cases: 2, digest: "s".into() },
            selection: SelectionInfo::default(),
            complete: true,
            runtimes: vec![],
            results: vec![result("b", "node"), result("a", "node"), result("a", "bun")],
            timing: Timing::default(),
        }
        .canonical()
    }

    #[test]
    fn it_is_sorted_and_reads_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("r.json");
        document().write(&file).expect("written");
        let read = Document::read(&file).expect("read");
        assert_eq!(read, document());
        let order: Vec<_> = read.results.iter().map(|r| (r.case.as_str(), r.runtime.as_str())).collect();
        assert_eq!(order, [("a", "bun"), ("a", "node"), ("b", "node")]);
    }

    #[test]
    fn another_schema_a_cut_file_and_no_file_are_told_apart() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("r.json");
        fs::write(&file, "{\"schema\": 2, \"new\": true}").expect("written");
        assert!(matches!(Document::read(&file), Err(DocumentError::Schema { found: 2, .. })));
        let text = document().to_json();
        fs::write(&file, &text[..text.len() / 2]).expect("written");
        assert!(matches!(Document::read(&file), Err(DocumentError::Malformed { .. })));
        let mut twice = document();
        twice.results.push(twice.results[0].clone());
        fs::write(&file, twice.to_json()).expect("written");
        assert!(matches!(Document::read(&file), Err(DocumentError::Twice { .. })));
        assert!(matches!(Document::read(&folder.path().join("none")), Err(DocumentError::Io { verb: "read", .. })));
    }
}
