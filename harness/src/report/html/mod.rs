//! The report as a page for a browser: one file that holds everything, asks no network for anything and works from disk.
//!
//! A [`Page`] is made from result documents, a column a runtime, and from what the suite says of the cases. Whoever makes one may
//! group cases by what interests and mark single results; `run`, `compare`, `gate` and `history` differ in nothing else.
//!
//! What a runtime printed is hostile until shown otherwise. Every text passes [`visible`](super::text::visible) on its way in, stands
//! in a JSON block in which no markup can begin, and is shown by the script as text, never as markup; a content security policy that
//! names the page's own script and style by digest, and forbids the sinks that make markup of text, stands behind that.
//!
//! Style and script lie beside this file, as they are; the page differs from them by their being joined.

mod assets;
mod bound;
mod legal;
mod model;

use std::{collections::BTreeMap, path::Path};

use bound::LADDER;
use legal::Legal;

use crate::{
    result::{CaseResult, Document, DocumentError, MissingRuntime, RuntimeInfo, SelectionInfo, SuiteInfo, document::write_whole},
    suite::Suite,
};

/// The size that a page stays below as long as shortening traces can achieve it, in bytes.
pub const MOST_BYTES: usize = 3 << 20;

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One run, judged by the suite.
    Run,
    /// Runtimes against each other.
    Compare,
    /// Two results against each other.
    Results,
    /// A run against a baseline.
    Gate,
    /// Versions of one runtime.
    History,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Compare => "compare",
            Self::Results => "results",
            Self::Gate => "gate",
            Self::History => "history",
        }
    }
}

/// How a mark is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Somebody must look at it.
    Bad,
    /// Something got better, or is as it should be.
    Good,
    /// Worth knowing.
    Note,
}

/// A word on one result that says more than its verdict does: what became of it, or which class it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The word.
    pub text: String,
    /// How it is to be taken.
    pub tone: Tone,
}

/// A group of cases, shown together under its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The title.
    pub title: String,
    /// Ids, in the order they are shown in.
    pub cases: Vec<String>,
}

/// One column: what one document found on one runtime.
#[derive(Debug, Clone)]
struct Column<'a> {
    label: String,
    info: &'a RuntimeInfo,
    rerun: Option<String>,
    results: Vec<&'a CaseResult>,
}

/// A page in the making.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    kind: Kind,
    suite: Option<&'a Suite>,
    about: Option<(&'a SuiteInfo, &'a SelectionInfo)>,
    complete: bool,
    headline: String,
    notes: Vec<String>,
    columns: Vec<Column<'a>>,
    missing: Vec<MissingRuntime>,
    groups: Vec<Group>,
    marks: BTreeMap<(String, String), Mark>,
}

impl<'a> Page<'a> {
    /// An empty one. Without a suite it shows what documents say: no rule, no program, no expectation.
    pub fn new(kind: Kind, suite: Option<&'a Suite>) -> Self {
        Self {
            kind,
            suite,
            about: None,
            complete: true,
            headline: String::new(),
            notes: vec![],
            columns: vec![],
            missing: vec![],
            groups: vec![],
            marks: BTreeMap::new(),
        }
    }

    /// Adds a column for each runtime of a document, under its own name.
    pub fn document(&mut self, document: &'a Document) {
        for runtime in &document.runtimes {
            self.column(document, &runtime.name, &runtime.name, None);
        }
    }

    /// Adds a column for one runtime of a document, labelled so that it can be told from the others, with the command that starts it
    /// anew; `--exact CASE` is added to that. The document added last is the one whose suite and selection the page names.
    pub fn column(&mut self, document: &'a Document, runtime: &str, label: &str, rerun: Option<String>) {
        let Some(info) = document.runtimes.iter().find(|known| known.name == runtime) else { return };
        let results = document.results.iter().filter(|result| result.runtime == runtime).collect();
        self.columns.push(Column { label: label.into(), info, rerun, results });
        self.about = Some((&document.suite, &document.selection));
        self.complete &= document.complete;
    }

    /// Says in one sentence what came of it.
    pub fn headline(&mut self, sentence: impl Into<String>) {
        self.headline = sentence.into();
    }

    /// Adds a line below the headline.
    pub fn note(&mut self, line: impl Into<String>) {
        self.notes.push(line.into());
    }

    /// Says which runtimes could not be had.
    pub fn missing(&mut self, runtimes: &[MissingRuntime]) {
        self.missing.extend_from_slice(runtimes);
    }

    /// Adds a group; groups are shown in this order, and a case in the first that names it. Cases that none names come last, grouped by
    /// their verdicts.
    pub fn group(&mut self, title: impl Into<String>, cases: impl IntoIterator<Item = String>) {
        self.groups.push(Group { title: title.into(), cases: cases.into_iter().collect() });
    }

    /// Marks one result; `label` is its column's.
    pub fn mark(&mut self, case: &str, label: &str, text: impl Into<String>, tone: Tone) {
        self.marks.insert((case.into(), label.into()), Mark { text: text.into(), tone });
    }

    /// The whole file. Equal input makes equal bytes.
    ///
    /// Traces, standard error and texts are shortened only as far as the size wants it, all by the same measure, and say so.
    pub fn to_html(&self) -> String {
        let legal = Legal::of(self);
        let mut page = String::new();
        for bounds in &LADDER {
            page = assets::page(self.kind, &model::json(self, &legal, bounds));
            if page.len() < MOST_BYTES {
                break;
            }
        }
        page
    }

    /// Writes the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, file: &Path) -> Result<(), DocumentError> {
        write_whole(file, &self.to_html()).map_err(|source| DocumentError::Io { verb: "write", file: file.into(), source })
    }
}
