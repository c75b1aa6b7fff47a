//! `lockstep compare`: how do these runtimes differ, or these two results?

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use super::{
    Failure,
    args::{RunArgs, RuntimeArgs, SelectArgs, SuiteArgs, scale},
    load_in, pages,
    project::Setting,
    regressions::renaming,
    run::writable,
    session::Session,
};
use crate::{
    adapter::RuntimeSpec,
    gate::{
        Code,
        classes::{Behaviour, CaseClasses, classes},
        delta::{self, Change, Delta, Pairing},
    },
    report::{
        Report,
        collect::Collector,
        progress::Progress,
        terminal::columns,
        text::{fit, visible, wrap},
    },
    result::{
        Document, RunEnd, RuntimeInfo, SuiteInfo, Verdict,
        document::{SCHEMA, write_json, write_whole},
    },
};

/// `lockstep compare`.
#[derive(Debug, Clone, Args)]
pub struct CompareArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Runtimes, as `run --runtime` takes them; or one result of `run --json`, or two, the older first [default: the runtimes of lockstep.yaml,
    /// or every one that is here]
    #[arg(value_name = "RUNTIME|RESULT")]
    pub what: Vec<String>,
    /// Only these cases, as `run` selects them; repeatable
    #[arg(short, long, value_name = "FILTER")]
    pub filter: Vec<String>,
    /// Say how often each runtime agrees with this one
    #[arg(long, value_name = "RUNTIME")]
    pub agree_with: Option<String>,
    /// Multiply every deadline by this, for slow machines and instrumented builds [default: 1]
    #[arg(long, value_name = "F", value_parser = scale)]
    pub timeout_scale: Option<f64>,
    /// Run each case N times; repeats that disagree beyond the expectation are a class of their own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub repeat: u32,
    /// Write the classes as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the matrix as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write the comparison as a page for a browser: one file, with every trace in it
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

impl CompareArgs {
    /// The run that this comparison is made of.
    ///
    /// # Errors
    /// If a runtime cannot be read.
    pub fn run_args(&self) -> Result<RunArgs, Failure> {
        let runtime = self.what.iter().map(|word| word.parse()).collect::<Result<Vec<RuntimeSpec>, _>>();
        Ok(RunArgs {
            suite: self.suite.clone(),
            select: SelectArgs { filters: self.filter.clone(), exact: vec![] },
            runtimes: RuntimeArgs {
                runtime: runtime.map_err(|error| Failure::Usage(error.to_string()))?,
                wrap: None,
                timeout_scale: self.timeout_scale,
            },
            repeat: self.repeat,
            no_deviations: true,
            ..RunArgs::default()
        })
    }
}

/// The JSON of `compare`: the runtimes, and each case's classes, what interests first.
#[derive(Debug, Serialize)]
pub(super) struct Comparison<'a> {
    pub(super) schema: u32,
    pub(super) runtimes: &'a [RuntimeInfo],
    pub(super) cases: &'a [CaseClasses],
}

/// The JSON of two results: every (case, runtime) of either, what is worse first.
#[derive(Debug, Serialize)]
struct Changes<'a> {
    schema: u32,
    older: Side<'a>,
    newer: Side<'a>,
    changes: Vec<ChangeOf<'a>>,
}

/// One of two results.
#[derive(Debug, Serialize)]
struct Side<'a> {
    suite: &'a SuiteInfo,
    runtimes: &'a [RuntimeInfo],
    /// Names that the other result has no counterpart of; not compared.
    alone: &'a [String],
}

/// What became of one case on one runtime.
#[derive(Debug, Serialize)]
struct ChangeOf<'a> {
    case: &'a str,
    /// The id in the older result, if the case was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<&'a str>,
    runtime: &'a str,
    change: &'static str,
    worse: bool,
    /// The feature that is gone, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<&'a str>,
    older: Option<Verdict>,
    newer: Option<Verdict>,
    detail: &'a str,
}

/// Compares runtimes, or results.
///
/// # Errors
/// Whatever ends a run before anything runs, or a result that cannot be read.
pub fn run(args: &CompareArgs) -> Result<Code, Failure> {
    let files: Vec<&Path> = args.what.iter().map(Path::new).filter(|file| file.is_file()).collect();
    for file in [&args.json, &args.markdown, &args.html].into_iter().flatten() {
        writable(file)?;
    }
    if !files.is_empty() && !args.filter.is_empty() {
        return Err(Failure::Usage("--filter selects what is run; a result holds what was selected when it was made".into()));
    }
    match files[..] {
        [] => runtimes(args),
        [one] if args.what.len() == 1 => of_one(args, Document::read(one)?),
        [old, new] if args.what.len() == 2 => {
            if args.agree_with.is_some() {
                return Err(Failure::Usage(
                    "--agree-with is about runtimes of one run or one result, not about two results".into(),
                ));
            }
            results(args, &Document::read(old)?, &Document::read(new)?)
        }
        _ => Err(Failure::Usage("compare takes either runtimes, or one result of `run --json`, or two".into())),
    }
}

fn runtimes(args: &CompareArgs) -> Result<Code, Failure> {
    let mut run = args.run_args()?;
    // Two legal orders are one class, and a deviation that is recorded is one all the same.
    run.no_deviations = true;
    known(args.agree_with.as_deref(), run.runtimes.runtime.iter().map(|spec| spec.name.as_str()))?;
    let session = Session::open(&run)?;
    let mut collector = Collector::new();
    let mut progress = Progress::stderr();
    let end = session.run(None, &mut |event| {
        collector.event(&event);
        progress.event(&event);
    });
    let mut document = collector.document();
    session.order(&mut document);
    show(args, &document, &pages::Source { suite: Some(&session.suite), session: Some(&session) })?;
    Ok(match end {
        RunEnd::Interrupted(signal) => Code::Signal(signal),
        RunEnd::Complete if document.results.iter().any(|result| result.verdict == Verdict::Error) => Code::Harness,
        RunEnd::Complete => Code::Success,
    })
}

/// The runtimes of a result that is there already.
fn of_one(args: &CompareArgs, document: Document) -> Result<Code, Failure> {
    known(args.agree_with.as_deref(), document.runtimes.iter().map(|runtime| runtime.name.as_str()))?;
    let suite = suite_at_hand(args)?;
    show(args, &document, &pages::Source { suite: suite.as_ref(), session: None })?;
    Ok(Code::Success)
}

/// The suite, for a page that shows rules and programs; a comparison of results needs none, and does without it.
fn suite_at_hand(args: &CompareArgs) -> Result<Option<crate::suite::Suite>, Failure> {
    if args.html.is_none() {
        return Ok(None);
    }
    let setting = Setting::find()?;
    match load_in(&setting, args.suite.suite.as_deref()) {
        Ok(suite) => Ok(Some(suite)),
        Err(failure) if args.suite.suite.is_some() => Err(failure),
        Err(_) => Ok(None),
    }
}

/// Refuses a reference that takes no part, before anything runs.
fn known<'a>(reference: Option<&str>, names: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let Some(reference) = reference else { return Ok(()) };
    let names: Vec<&str> = names.collect();
    match names.contains(&reference) {
        true => Ok(()),
        false => {
            Err(Failure::Usage(format!("--agree-with: there is no runtime `{reference}` here; there are {}", names.join(", "))))
        }
    }
}

/// Prints the classes and writes the files that were asked for.
fn show(args: &CompareArgs, document: &Document, source: &pages::Source<'_>) -> Result<(), Failure> {
    let cases = classes(document);
    let totals = totals(document, &cases, args.agree_with.as_deref());
    for line in differences(&cases).iter().chain(&totals) {
        anstream::println!("{line}");
    }
    if let Some(file) = &args.json {
        write_json(file, &Comparison { schema: SCHEMA, runtimes: &document.runtimes, cases: &cases }).map_err(Failure::Report)?;
    }
    if let Some(file) = &args.markdown {
        let text = page(document, &cases, &totals);
        write_whole(file, &text).map_err(Failure::harness("cannot write the comparison"))?;
    }
    if let Some(file) = &args.html {
        pages::compare(source, document, &cases, &totals[1..]).write(file).map_err(Failure::Report)?;
    }
    Ok(())
}

/// The disagreements, each case with its classes.
fn differences(cases: &[CaseClasses]) -> Vec<String> {
    let width = columns();
    let mut lines = Vec::new();
    for case in cases.iter().filter(|case| case.is_split()) {
        let only = case.alone().map(|runtime| format!("   only {}", visible(runtime))).unwrap_or_default();
        lines.push(format!("{}{only}", visible(&case.case)));
        for (letter, class) in case.lettered() {
            let names = class.runtimes.iter().map(|name| visible(name)).collect::<Vec<_>>().join(" ");
            let what = match &class.behaviour {
                Behaviour::Conforms => "conforms".into(),
                Behaviour::Lacks { what } => format!("lacks {}", visible(what)),
                Behaviour::Unstable => "unstable".into(),
                Behaviour::Unjudged => "not judged".into(),
                Behaviour::Deviates { .. } | Behaviour::Prints { .. } => visible(&class.detail),
            };
            let label = format!("  {} {:<24}", letter.unwrap_or('–'), fit(&names, 40));
            let indent = crate::report::text::width(&label) + 1;
            for (index, part) in wrap(&what, width.saturating_sub(indent).max(20)).into_iter().enumerate() {
                lines.push(if index == 0 { format!("{label} {part}") } else { format!("{}{part}", " ".repeat(indent)) });
            }
        }
        lines.push(String::new());
    }
    lines
}

/// How many differ, who stands alone how often, and who agrees with the reference.
fn totals(document: &Document, cases: &[CaseClasses], reference: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    let split = cases.iter().filter(|case| case.is_split()).count();
    let mut alone: BTreeMap<&str, usize> = BTreeMap::new();
    for runtime in cases.iter().filter_map(CaseClasses::alone) {
        *alone.entry(runtime).or_default() += 1;
    }
    lines.push(format!("{} cases, {split} on which the runtimes differ", cases.len()));
    for (runtime, count) in alone {
        lines.push(format!("  only {} stands alone: {count}", visible(runtime)));
    }
    if let Some(reference) = reference {
        for runtime in document.runtimes.iter().filter(|runtime| runtime.name != reference) {
            let judged: Vec<bool> = cases.iter().filter_map(|case| case.agree(reference, &runtime.name)).collect();
            let agree = judged.iter().filter(|agree| **agree).count();
            lines.push(format!("  {} agrees with {} in {agree} of {}", visible(&runtime.name), visible(reference), judged.len()));
        }
    }
    lines
}

/// The same as Markdown: a table whose cells are the classes' letters, A conforming.
fn page(document: &Document, cases: &[CaseClasses], totals: &[String]) -> String {
    let names: Vec<String> = document.runtimes.iter().map(|runtime| cell(&runtime.name)).collect();
    let mut page = format!("## Lockstep compare\n\n{}.\n", totals[0]);
    for total in &totals[1..] {
        page.push_str(&format!("* {}\n", cell(total.trim())));
    }
    if !cases.iter().any(CaseClasses::is_split) {
        return page;
    }
    page.push_str(&format!("\n| case | {} | |\n|---|{}---|\n", names.join(" | "), "---|".repeat(names.len())));
    for case in cases.iter().filter(|case| case.is_split()) {
        let mut cells: BTreeMap<&str, String> = BTreeMap::new();
        for (letter, class) in case.lettered() {
            let shown = match letter {
                Some('A') => "A ✓".to_owned(),
                Some(letter) => letter.to_string(),
                None => "–".to_owned(),
            };
            cells.extend(class.runtimes.iter().map(|name| (name.as_str(), shown.clone())));
        }
        let row: Vec<&str> =
            document.runtimes.iter().map(|runtime| cells.get(runtime.name.as_str()).map_or("", String::as_str)).collect();
        let only = case.alone().map(|runtime| format!("only {}", cell(runtime))).unwrap_or_default();
        page.push_str(&format!("| `{}` | {} | {only} |\n", cell(&case.case), row.join(" | ")));
    }
    page.push_str("\nA conforms; who shares a letter behaves alike; – was not run.\n");
    page
}

/// Text within a table's cell.
fn cell(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('`', "'")
}

/// Two results: what was added, deleted, corrected, renamed, changed, by (case, runtime).
fn results(args: &CompareArgs, old: &Document, new: &Document) -> Result<Code, Failure> {
    let pairing = delta::pair(old, new).map_err(Failure::Usage)?;
    let asked = delta::asked(old, new);
    let deltas = delta::compare(old, new, &pairing.pairs, asked.as_ref());
    for delta in deltas.iter().filter(|delta| delta.change != Change::Unchanged || delta.renamed().is_some()) {
        anstream::println!("{}", changed(delta));
    }
    for (side, names) in [("older", &pairing.only_old), ("newer", &pairing.only_new)] {
        for name in names {
            anstream::println!("  only the {side} result has {}", visible(name));
        }
    }
    let worse = deltas.iter().filter(|delta| delta.change.is_worse()).count();
    let same = deltas.iter().filter(|delta| delta.change == Change::Unchanged).count();
    let total = format!("{worse} got worse, {same} unchanged of {}", deltas.len());
    anstream::println!("{total}");
    if let Some(file) = &args.json {
        write_json(file, &as_json(old, new, &pairing, &deltas)).map_err(Failure::Report)?;
    }
    if let Some(file) = &args.markdown {
        let text = page_of_results(&deltas, &total);
        write_whole(file, &text).map_err(Failure::harness("cannot write the comparison"))?;
    }
    if let Some(file) = &args.html {
        let suite = suite_at_hand(args)?;
        let source = pages::Source { suite: suite.as_ref(), session: None };
        let page = pages::results(&source, old, new, &pairing, &deltas, &format!("{total}."));
        page.write(file).map_err(Failure::Report)?;
    }
    Ok(if worse > 0 { Code::Regression } else { Code::Success })
}

/// One change in one line.
fn changed(delta: &Delta<'_>) -> String {
    let mark = if delta.change.is_worse() { "!" } else { " " };
    let words = match (&delta.change, delta.renamed()) {
        (Change::Unchanged, Some(_)) => "renamed in the suite",
        (change, _) => change.words(),
    };
    let detail = match (&delta.change, renaming(delta)) {
        (Change::LostFeature(feature), _) => format!(" (lost {})", visible(feature)),
        (_, Some(_)) => format!(" (was {})", visible(delta.renamed().unwrap_or_default())),
        _ => String::new(),
    };
    let (was, now) = verdicts(delta);
    format!("{mark} {words:<22} {} on {}: {was} → {now}{detail}", visible(delta.case), visible(delta.runtime))
}

fn verdicts(delta: &Delta<'_>) -> (&'static str, &'static str) {
    let word = |result: Option<&crate::result::CaseResult>| result.map_or("–", |result| result.verdict.as_str());
    (word(delta.old), word(delta.new))
}

fn as_json<'a>(old: &'a Document, new: &'a Document, pairing: &'a Pairing, deltas: &'a [Delta<'a>]) -> Changes<'a> {
    let change = |delta: &'a Delta<'a>| ChangeOf {
        case: delta.case,
        was: delta.renamed(),
        runtime: delta.runtime,
        change: delta.change.words(),
        worse: delta.change.is_worse(),
        lost: if let Change::LostFeature(feature) = &delta.change { Some(feature) } else { None },
        older: delta.old.map(|old| old.verdict),
        newer: delta.new.map(|new| new.verdict),
        detail: delta.new.map_or("", |new| &new.detail),
    };
    Changes {
        schema: SCHEMA,
        older: Side { suite: &old.suite, runtimes: &old.runtimes, alone: &pairing.only_old },
        newer: Side { suite: &new.suite, runtimes: &new.runtimes, alone: &pairing.only_new },
        changes: deltas.iter().map(change).collect(),
    }
}

fn page_of_results(deltas: &[Delta<'_>], total: &str) -> String {
    let mut page = format!("## Lockstep compare\n\n{total}.\n");
    let told: Vec<&Delta<'_>> =
        deltas.iter().filter(|delta| delta.change != Change::Unchanged || delta.renamed().is_some()).collect();
    if told.is_empty() {
        return page;
    }
    page.push_str("\n| | case | runtime | older | newer |\n|---|---|---|---|---|\n");
    for delta in told {
        let (was, now) = verdicts(delta);
        let words = if delta.change == Change::Unchanged { "renamed in the suite" } else { delta.change.words() };
        let strong = if delta.change.is_worse() { "**" } else { "" };
        let former = delta.renamed().map(|former| format!(" (was `{}`)", cell(former))).unwrap_or_default();
        page.push_str(&format!(
            "| {strong}{words}{strong} | `{}`{former} | {} | {was} | {now} |\n",
            cell(delta.case),
            cell(delta.runtime)
        ));
    }
    page
}
