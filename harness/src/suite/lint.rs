//! What `lockstep check` says of a suite: everything that keeps it from loading, and what a careful author would not leave.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use oxc_allocator::Allocator;
use rayon::prelude::*;

use crate::trace::{ExitPattern, Expr, Matcher, canonical};

use super::{
    case::{Case, DEFAULT_TIMEOUT, Goal, Lane, Strength},
    deviation::{Deviation, DeviationKind},
    error::{SuiteError, nearest},
    faults::check_address,
    features,
    load::{Files, Placed, Suite, id_of, layers},
    program::{self, ProgramFault},
    read::{is_day, is_script},
    template::{UNWRITTEN_AUTHORITY, UNWRITTEN_RULE},
    tree::{Layer, Tree},
    waiting,
    yaml::{Document, Step},
};

/// How long a case outside the quiet lane may wait on purpose, in milliseconds.
const MAX_WAITING: u64 = 250;

/// How long a case may run whose rule is that it never ends.
const MAX_RUNNING: Duration = Duration::from_secs(2);

/// The tag of cases whose files are broken on purpose.
const SYNTAX_ERROR: &str = "syntax-error";

/// What was found, each list sorted by file and position.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// What must be mended.
    pub errors: Vec<SuiteError>,
    /// What may be meant.
    pub warnings: Vec<SuiteError>,
}

/// Lints the suite at `root`.
pub fn check(root: &Path) -> Findings {
    check_layers(&Tree::Folder(root.into()), &[])
}

/// Lints a suite and the overlays on top of it.
pub fn check_layers(base: &Tree, overlays: &[PathBuf]) -> Findings {
    let mut found = Findings::default();
    let layers = layers(base, overlays);
    // Faults of walking are among those of loading.
    let files = Files::find(&layers, &mut Vec::new());
    found.errors.extend(orphans(&layers, &files));
    found.errors.extend(carriage_returns(&layers, &files));
    match Suite::of(base, overlays) {
        Ok(suite) => {
            found.errors.par_extend(suite.cases.par_iter().flat_map_iter(|case| check_case(&suite, case)));
            found.errors.extend(check_names(&suite));
            found.errors.extend(check_deviations(&suite));
            found.warnings = unused_features(&suite);
        }
        Err(errors) => found.errors.extend(errors),
    }
    found.errors.sort();
    found.errors.dedup();
    found.warnings.sort();
    found
}

/// Expectations without a case.
fn orphans(layers: &[Layer], files: &Files) -> Vec<SuiteError> {
    let cases: BTreeSet<String> = files.cases.iter().map(|placed| id_of(&placed.file)).collect();
    let all = files.expectations.iter().map(|placed| (layers[placed.layer].shown(&placed.file), id_of(&placed.file)));
    let orphans = all.filter(|(_, id)| !cases.contains(id));
    orphans
        .map(|(file, id)| {
            let near = nearest(&id, cases.iter().map(String::as_str));
            let near = near.map(|near| format!("rename it to that of `{near}`, or ")).unwrap_or_default();
            SuiteError::whole(file, "the expectation belongs to no case", format!("{near}write cases/{id}.yaml, or remove it"))
        })
        .collect()
}

/// Lines that end in CR LF, which some tools turn into others.
fn carriage_returns(layers: &[Layer], files: &Files) -> Vec<SuiteError> {
    let all: Vec<&Placed> = files.cases.iter().chain(&files.expectations).chain(&files.deviations).collect();
    let found = all.into_par_iter().filter_map(|Placed { layer, file }| {
        let shown = layers[*layer].shown(file);
        let text = layers[*layer].tree.text(file, &shown).ok()?;
        let (line, text) = text.split('\n').enumerate().find(|(_, line)| line.contains('\r'))?;
        Some(SuiteError {
            file: shown,
            line: line + 1,
            column: text.split('\r').next().unwrap_or("").chars().count() + 1,
            cause: "a carriage return".to_owned(),
            remedy: "end lines with LF alone".to_owned(),
        })
    });
    found.collect()
}

/// Faults with a path into the document they stand in.
type Fault = (Vec<Step<'static>>, String, String);

fn check_case(suite: &Suite, case: &Case) -> Vec<SuiteError> {
    let expectation = suite.expectation(case);
    let mut faults: Vec<Fault> = Vec::new();
    let mut add = |key: &'static str, cause: String, remedy: &str| faults.push((vec![key.into()], cause, remedy.to_owned()));
    if case.rule.trim() == UNWRITTEN_RULE {
        add("rule", "the rule is still the template's".to_owned(), "say what must happen, and when");
    }
    if case.authority.iter().any(|address| address == UNWRITTEN_AUTHORITY) {
        add("authority", "the authority is still the template's".to_owned(), "name the text that the rule follows from");
    }
    if expectation.exit == ExitPattern::Running {
        if case.timeout > MAX_RUNNING {
            let cause = format!("a case that never ends takes its whole timeout of {} s", case.timeout.as_secs_f64());
            let key = if case.timeout == DEFAULT_TIMEOUT { "program" } else { "timeout" };
            add(key, cause, "add a short `timeout`, like 1s");
        }
    } else if case.lane != Lane::Quiet {
        let waited = waited(case);
        if waited > MAX_WAITING {
            let cause = format!("the program waits {waited} ms on purpose; {MAX_WAITING} ms is the limit outside the quiet lane");
            add("program", cause, "turn time into order, shorten the delays, or add `lane: quiet` if the case measures time");
        }
    }
    let mut errors = Vec::new();
    let broken = check_programs(case);
    if !faults.is_empty() || !broken.is_empty() {
        // Positions are looked up for what is wrong only; a file that was just read is still there.
        match suite.document(&case.file) {
            Ok(document) => {
                errors.extend(faults.into_iter().map(|(path, cause, remedy)| document.fault(&path, cause, remedy)));
                errors.extend(broken.into_iter().map(|(name, fault)| place(&document, case, name, fault)));
            }
            Err(error) => errors.push(error),
        }
    }
    if let Some(cause) = unmatchable(&expectation.trace) {
        errors.push(SuiteError::whole(&expectation.file, cause, "flatten nested operators, or name fewer alternatives"));
    }
    let says_nothing = expectation.exit == ExitPattern::default()
        && expectation.trace.as_plain_sequence().is_some_and(|events| events.is_empty());
    if says_nothing {
        let remedy = "list what the program prints, or let `lockstep accept` do so";
        errors.push(SuiteError::whole(&expectation.file, "the expectation holds no event", remedy));
    }
    errors
}

/// Why the matcher could not even begin with this expression.
fn unmatchable(trace: &Expr) -> Option<String> {
    Matcher::new(trace).err().map(|_| "the expression is too large to be matched".to_owned())
}

/// The programs of a case that are no JavaScript: of the case itself (no name), or files.
fn check_programs(case: &Case) -> Vec<(Option<&str>, ProgramFault)> {
    let own = program::check(&case.program, case.goal).err().map(|fault| (None, fault));
    let on_purpose = case.tags.iter().any(|tag| tag == SYNTAX_ERROR);
    let scripts = case.files.iter().filter(|(name, _)| !on_purpose && is_script(name));
    let files = scripts.filter_map(|(name, content)| Some((Some(name.as_str()), program::check_file(name, content).err()?)));
    own.into_iter().chain(files).collect()
}

/// Turns an offset in a program into a position in the case's file.
fn place(document: &Document, case: &Case, name: Option<&str>, fault: ProgramFault) -> SuiteError {
    let (path, text) = match name {
        None => (vec![Step::from("program")], case.program.as_str()),
        Some(name) => (vec!["files".into(), name.into()], case.files[name].as_str()),
    };
    let mut error = document.fault(&path, fault.cause, fault.remedy);
    if let Some(name) = name {
        error.cause = error.cause.replacen("the program", &format!("`{name}`"), 1);
    }
    if document.is_literal(&path) {
        // A fault at the end stands after the last thing written, not below it.
        let before = &text[..fault.offset.min(text.trim_end().len())];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        error.line += before.matches('\n').count();
        error.column += before[line_start..].chars().count();
    }
    error
}

/// How many milliseconds a case waits on purpose, by its program or one of its files.
fn waited(case: &Case) -> u64 {
    let of = |text: &str, goals: &[Goal]| {
        let allocator = Allocator::default();
        goals
            .iter()
            .find_map(|goal| program::parse(&allocator, text, *goal).ok())
            .map_or(0, |parsed| waiting::milliseconds(parsed.tree))
    };
    let goal = case.goal.unwrap_or(Goal::Cjs);
    let files = case.files.iter().filter(|(name, _)| is_script(name)).map(|(_, content)| of(content, &[Goal::Cjs, Goal::Esm]));
    files.chain([of(&case.program, &[goal])]).max().unwrap_or(0)
}

/// Former ids that are taken.
fn check_names(suite: &Suite) -> Vec<SuiteError> {
    let mut errors = Vec::new();
    let mut former: BTreeMap<&str, &str> = BTreeMap::new();
    for case in &suite.cases {
        for was in &case.was {
            let other = suite.case(was).map(|other| other.id.as_str()).or_else(|| former.insert(was, &case.id));
            if let Some(other) = other {
                let cause = format!("the former id `{was}` is or was that of `{other}`");
                errors.push(SuiteError::whole(&case.file, cause, "remove it from `was` of one of the two"));
            }
        }
    }
    errors
}

fn check_deviations(suite: &Suite) -> Vec<SuiteError> {
    let mut errors = Vec::new();
    // Of one product, entries of one file stand together.
    for entries in suite.deviations.values().flat_map(|entries| entries.chunk_by(|one, next| one.file == next.file)) {
        match suite.document(&entries[0].file) {
            Ok(document) => {
                for (index, entry) in entries.iter().enumerate() {
                    let faults = check_deviation(suite, &document, entry, &entries[..index]);
                    errors.extend(faults.into_iter().map(|(key, cause, remedy)| {
                        let path: &[Step<'_>] = if key.is_empty() { &[index.into()] } else { &[index.into(), key.into()] };
                        document.fault(path, cause, remedy)
                    }));
                }
            }
            Err(error) => errors.push(error),
        }
    }
    errors
}

/// What is wrong with one entry: the key, the cause and the remedy.
fn check_deviation(
    suite: &Suite,
    document: &Document,
    entry: &Deviation,
    earlier: &[Deviation],
) -> Vec<(&'static str, String, String)> {
    let mut faults = Vec::new();
    let mut add = |key, cause: String, remedy: &str| faults.push((key, cause, remedy.to_owned()));
    if entry.reason.trim().is_empty() {
        add("reason", "the reason is empty".to_owned(), "say why the runtime does what it does");
    }
    match (&entry.link, entry.kind) {
        (None, DeviationKind::Bug) => {
            let remedy = "add the upstream thread, or `none found (YYYY-MM-DD)` if you looked";
            add("link", "a bug without a link".to_owned(), remedy);
        }
        (Some(link), _) if !is_search_without_result(link) => {
            if let Err((cause, _)) = check_address(link) {
                add("link", cause, "write the thread's address, or `none found (YYYY-MM-DD)`");
            }
        }
        _ => {}
    }
    if earlier.iter().any(|other| same_deviation(other, entry)) {
        add("", "the entry stands here twice".to_owned(), "remove one of the two");
    }
    if let Some(cause) = entry.trace.as_ref().and_then(unmatchable) {
        add("trace", cause, "flatten nested operators, or name fewer alternatives");
    }
    let Some(case) = suite.case(&entry.case) else {
        let current = suite.resolve(&entry.case).ok().map(|case| case.id.as_str());
        let near = current.or_else(|| nearest(&entry.case, suite.cases.iter().map(|case| case.id.as_str())));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        add(
            "case",
            format!("a deviation for the unknown case `{}`", entry.case),
            &format!("{near}name a case, or remove the entry"),
        );
        return faults;
    };
    let expectation = suite.expectation(case);
    if entry.kind == DeviationKind::Permitted && case.strength == Strength::Normative && !has_comment(document, entry.line) {
        let remedy = "say in a comment above the entry where the authority leaves it open, or make it a bug";
        add("kind", "`permitted`, and the rule is normative".to_owned(), remedy);
    }
    let same_trace = entry.trace.as_ref().is_none_or(|trace| canonical(trace) == canonical(&expectation.trace));
    let same_exit = entry.exit.as_ref().is_none_or(|exit| *exit == expectation.exit);
    if same_trace && same_exit {
        add(
            "",
            "the entry says what is expected anyway".to_owned(),
            "record what the runtime does otherwise, or remove the entry",
        );
    }
    faults
}

fn same_deviation(a: &Deviation, b: &Deviation) -> bool {
    let key = |entry: &Deviation| {
        (entry.case.clone(), entry.versions.clone(), entry.os.clone(), entry.arch.clone(), entry.exit.clone())
    };
    let trace = |entry: &Deviation| entry.trace.as_ref().map(canonical);
    key(a) == key(b) && trace(a) == trace(b)
}

/// `none found (YYYY-MM-DD)`: somebody looked, and when.
fn is_search_without_result(link: &str) -> bool {
    let date = link.strip_prefix("none found (").and_then(|rest| rest.strip_suffix(')'));
    date.is_some_and(is_day)
}

/// Whether a comment, other than the editor's line, stands right above the entry that begins on `line`.
fn has_comment(document: &Document, line: usize) -> bool {
    let above = line.checked_sub(2).and_then(|index| document.text().lines().nth(index));
    above.is_some_and(|above| above.trim_start().starts_with('#') && !above.contains("yaml-language-server"))
}

/// Features that no case needs: spare, or misspelt somewhere.
fn unused_features(suite: &Suite) -> Vec<SuiteError> {
    let needed: BTreeSet<&str> = suite.cases.iter().flat_map(|case| &case.needs).map(String::as_str).collect();
    let file = Path::new("adapters/features.yaml");
    let mut unused = Vec::new();
    for layer in suite.layers.iter().filter(|layer| layer.tree.holds(file)) {
        let Ok(document) = Document::read(layer, file) else { continue };
        let own = features::read(&document).unwrap_or_default();
        unused.extend(own.keys().filter(|name| !needed.contains(name.as_str())).map(|name| {
            let path = ["features".into(), name.as_str().into()];
            document.fault(&path, format!("no case needs `{name}`"), "remove it, or name it where it is used")
        }));
    }
    unused
}
