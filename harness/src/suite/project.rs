//! The project file, `lockstep.yaml`: what Lockstep does in an implementer's own repository unless the command line says otherwise.
//!
//! ```yaml
//! runtimes: [node, "dev=node:./out/node --flag"]   # as --runtime takes them
//! filters: [ordering/, tag:article]                # as `run` takes them
//! baseline: conformance/baseline.json              # what `gate` holds a run against
//! overlays: [conformance]                          # cases, expectations, deviations and manifests on top of the suite
//! timeout_scale: 2
//! jobs: 4
//! suite: ../lockstep                               # a checkout instead of the suite inside of the binary
//! ```
//!
//! All keys may be left out. Paths are relative to the file's folder.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    error::SuiteError,
    faults::Faults,
    selection::Selection,
    tree::read_text,
    yaml::{Document, Step},
};

/// The file's name.
pub const FILE: &str = "lockstep.yaml";

/// The word that stands for the suite inside of the binary where a folder is named.
pub const EMBEDDED: &str = "embedded";

/// What a project file says, valid as far as that can be told without looking at anything else.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// The file.
    pub file: PathBuf,
    /// Which suite, in place of the nearest checkout or the embedded one.
    pub suite: Option<PathBuf>,
    /// The runtimes, as they are written on command lines.
    pub runtimes: Vec<Written>,
    /// Filters for commands that are given none.
    pub filters: Vec<String>,
    /// What `gate` holds a run against.
    pub baseline: Option<PathBuf>,
    /// Folders on top of the suite, the topmost last.
    pub overlays: Vec<PathBuf>,
    /// Cases at a time.
    pub jobs: Option<u16>,
    /// What every deadline is multiplied by.
    pub timeout_scale: Option<f64>,
}

/// A text whose meaning others decide, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
}

/// What Lockstep does in this repository unless the command line says otherwise. Paths are relative to this file's folder.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Lockstep project")]
pub(super) struct RawProject {
    /// A checkout of the suite, or `embedded` for the one inside of the binary; left out, the nearest checkout above, else the embedded one.
    suite: Option<String>,
    /// The runtimes, as --runtime takes them: NAME, NAME@VERSION or MYNAME=ADAPTER:COMMAND. A name defined here may be used on command lines.
    #[serde(default)]
    runtimes: Vec<String>,
    /// Which cases, as `run` takes them: parts of ids, globs, tag:WORD and the like; left out, all.
    #[serde(default)]
    filters: Vec<String>,
    /// The result that `gate` holds a run against, and that `gate --record` writes.
    baseline: Option<String>,
    /// Folders with `cases`, `expected` and `adapters` of your own on top of the suite; the last one takes what commands write.
    #[serde(default)]
    overlays: Vec<String>,
    /// Cases at a time in the ordinary lane; left out, one a processor.
    #[schemars(range(min = 1, max = 512))]
    jobs: Option<u16>,
    /// What every deadline is multiplied by, for slow machines and instrumented builds.
    #[schemars(range(min = 0.001, max = 1000.0))]
    timeout_scale: Option<f64>,
}

impl Project {
    /// Reads the project file at `file`.
    ///
    /// # Errors
    /// Every fault found, with its place. Owner: the user.
    pub fn read(file: &Path) -> Result<Self, Vec<SuiteError>> {
        let text = read_text(file, file).map_err(|error| vec![error])?;
        let document = Document::scan(file.to_owned(), text).map_err(|error| vec![error])?;
        Self::of(&document)
    }

    fn of(document: &Document) -> Result<Self, Vec<SuiteError>> {
        let raw: RawProject = document.value().map_err(|error| vec![error])?;
        let mut faults = Faults::of(document);
        for (key, list) in [("runtimes", &raw.runtimes), ("filters", &raw.filters), ("overlays", &raw.overlays)] {
            faults.check_distinct(key, list);
            for (index, _) in list.iter().enumerate().filter(|(_, text)| text.trim().is_empty()) {
                faults.add(&[key.into(), index.into()], "an empty text", "fill it in, or remove it");
            }
        }
        for (key, text) in [("suite", &raw.suite), ("baseline", &raw.baseline)] {
            if let Some(text) = text {
                faults.check_filled(key, text);
            }
        }
        for (index, filter) in raw.filters.iter().enumerate() {
            if let Err(error) = Selection::new(std::slice::from_ref(filter), &[], None) {
                let remedy = "write a part of an id, a glob over ids, or tag:WORD, profile:WORD and the like";
                faults.add(&[Step::from("filters"), index.into()], error.to_string(), remedy);
            }
        }
        if raw.jobs.is_some_and(|jobs| !(1..=512).contains(&jobs)) {
            faults.add(&["jobs".into()], "this many cases at a time cannot be run", "write a number from 1 to 512");
        }
        if raw.timeout_scale.is_some_and(|scale| !(scale > 0.0 && scale <= 1_000.0)) {
            faults.add(&["timeout_scale".into()], "this is no scale", "write a number above 0 and at most 1000; 1 is no scale");
        }
        let folder = document.file().parent().unwrap_or(Path::new("")).to_owned();
        let place = |key: &'static str, index: usize| document.position(&[key.into(), index.into()]);
        let runtimes = raw.runtimes.iter().enumerate().map(|(index, text)| {
            let at = place("runtimes", index);
            Written { text: text.clone(), line: at.line, column: at.column }
        });
        let project = Self {
            file: document.file().to_owned(),
            suite: raw.suite.map(|suite| if suite == EMBEDDED { suite.into() } else { folder.join(suite) }),
            runtimes: runtimes.collect(),
            filters: raw.filters,
            baseline: raw.baseline.map(|baseline| folder.join(baseline)),
            overlays: raw.overlays.iter().map(|overlay| folder.join(overlay)).collect(),
            jobs: raw.jobs,
            timeout_scale: raw.timeout_scale,
        };
        faults.finish(Some(project))
    }

    /// The folder that relative paths start from.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }
}

/// The text of a new project file, with everything explained, for these runtimes, this baseline and this overlay.
pub fn template(runtimes: &[String], baseline: &str, overlay: &str) -> String {
    let runtimes = match runtimes {
        [] => "# runtimes:\n#   - node\n#   - dev=node:./out/node --flag\n".to_owned(),
        some => {
            let lines: String = some.iter().map(|runtime| format!("  - {}\n", super::emit::scalar(runtime))).collect();
            format!("runtimes:\n{lines}")
        }
    };
    format!(
        "# What Lockstep does in this repository unless the command line says otherwise. Paths are relative to this file.

# The runtimes that run, gate and compare take: NAME (found on PATH or where its manifest says), NAME@VERSION (installed through
# npm), or a build of your own, MYNAME=ADAPTER:COMMAND. Left out: every runtime that is here.
{runtimes}
# What `lockstep gate --record` writes and `lockstep gate` holds a run against; keep it in version control.
baseline: {baseline}

# Cases, expectations, deviations and manifests of your own on top of the suite, in folders laid out as the suite is. The last
# one takes what `lockstep triage`, `lockstep new` and `lockstep accept` write.
overlays: [{overlay}]

# Which cases: parts of ids, globs, or tag:WORD, profile:WORD and the like. Left out: all.
# filters: [ordering/, backpressure/]

# For slow machines and instrumented builds; no verdict depends on it but that of a hang.
# timeout_scale: 2

# Cases at a time. Left out: one a processor.
# jobs: 4

# A checkout of the suite in place of the one inside of the binary.
# suite: ../lockstep
",
        baseline = super::emit::scalar(baseline),
        overlay = super::emit::scalar(overlay),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Project, Vec<SuiteError>> {
        Project::of(
            &Document::scan(PathBuf::from("sub/lockstep.yaml"), text.to_owned()).unwrap_or_else(|error| panic!("{error}")),
        )
    }

    fn refused(text: &str) -> String {
        let errors = read(text).expect_err(text);
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_key_is_read_and_paths_start_from_the_file() {
        let text = "suite: ../lockstep\nruntimes:\n  - node\n  - 'dev=node:./out/node'\nfilters: [ordering/, 'tag:article']\n\
                    baseline: base.json\noverlays: [own, ../shared]\njobs: 4\ntimeout_scale: 2.5\n";
        let project = read(text).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!(project.suite.as_deref(), Some(Path::new("sub/../lockstep")));
        assert_eq!(project.runtimes[1], Written { text: "dev=node:./out/node".into(), line: 4, column: 5 });
        assert_eq!(project.filters, ["ordering/", "tag:article"]);
        assert_eq!(project.baseline.as_deref(), Some(Path::new("sub/base.json")));
        assert_eq!(project.overlays, [Path::new("sub/own"), Path::new("sub/../shared")]);
        assert_eq!((project.jobs, project.timeout_scale), (Some(4), Some(2.5)));
        assert_eq!(read("suite: embedded\n").expect("read").suite.as_deref(), Some(Path::new("embedded")));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_a_remedy() {
        let said = refused("runtimes: [node]\nfilter: [a]\n");
        assert!(said.starts_with("sub/lockstep.yaml:2:1: unknown key `filter`"), "{said}");
        assert!(said.contains("did you mean `filters`?"), "{said}");
        let said = refused("filters: [ok, 'profile:nod']\njobs: 0\ntimeout_scale: 0\noverlays: [a, a]\nbaseline: ''\n");
        for part in ["1:15: `nod` is no profile", "2:7: ", "3:16: ", "4:15: `a` is listed twice", "5:11: `baseline` is empty"] {
            assert!(said.contains(&format!("sub/lockstep.yaml:{part}")), "{part}\n{said}");
        }
        assert!(refused("runtimes: node\n").contains("sub/lockstep.yaml:1:11: "), "{}", refused("runtimes: node\n"));
        assert!(refused("jobs: many\n").contains("a whole number from 0"), "{}", refused("jobs: many\n"));
    }

    #[test]
    fn a_new_file_reads_back() {
        let runtimes = ["node".to_owned(), "dev=node:./out/node --flag 'a b'".to_owned()];
        let project =
            read(&template(&runtimes, "lockstep/baseline.json", "lockstep")).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!(project.runtimes.iter().map(|runtime| runtime.text.clone()).collect::<Vec<_>>(), runtimes);
        assert_eq!(project.overlays, [Path::new("sub/lockstep")]);
        assert!(read(&template(&[], "b.json", "o")).expect("read").runtimes.is_empty());
    }

    #[test]
    fn a_file_may_say_nothing() {
        assert_eq!(read("{}\n").expect("read").runtimes, []);
        let empty = Document::scan(PathBuf::from("lockstep.yaml"), "# nothing yet\n".to_owned()).expect_err("empty");
        assert!(empty.remedy.contains("or remove it"), "{empty}");
    }
}
