//! `lockstep compare`: how do these runtimes differ, or these two results?

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;

use super::{Failure, args::CompareArgs, session::Session};
use crate::{
    gate::{
        Code,
        classes::{Behaviour, CaseClasses, classes},
        delta::{Change, compare, counterparts},
    },
    report::{
        Report,
        collect::Collector,
        progress::Progress,
        terminal::columns,
        text::{fit, visible, wrap},
    },
    result::{Document, RunEnd, document::write_whole},
};

/// The JSON of `compare`: the runtimes, and each case's classes, what interests first.
#[derive(Debug, Serialize)]
pub(super) struct Comparison<'a> {
    pub(super) schema: u32,
    pub(super) runtimes: &'a [crate::result::RuntimeInfo],
    pub(super) cases: &'a [CaseClasses],
}

/// Compares runtimes, or two results.
///
/// # Errors
/// Whatever ends a run before anything runs, or a result that cannot be read.
pub fn run(args: &CompareArgs) -> Result<Code, Failure> {
    let files: Vec<&Path> = args.what.iter().map(Path::new).filter(|file| file.is_file()).collect();
    match files[..] {
        [old, new] if args.what.len() == 2 => results(old, new),
        [] => runtimes(args),
        _ => Err(Failure::Usage("compare takes either runtimes or exactly two results of `run --json`".into())),
    }
}

fn runtimes(args: &CompareArgs) -> Result<Code, Failure> {
    let mut run = args.run_args()?;
    // Two legal orders are one class, and a deviation that is recorded is one all the same.
    run.no_deviations = true;
    let session = Session::open(&run)?;
    let mut collector = Collector::new();
    let mut progress = Progress::stderr();
    let end = session.run(None, &mut |event| {
        collector.event(&event);
        progress.event(&event);
    });
    let mut document = collector.document();
    // As they were named, which is the order people read them in.
    document.runtimes.sort_by_key(|runtime| session.runtimes.iter().position(|known| known.name() == runtime.name));
    let cases = classes(&document);
    for line in lines(&document, &cases, args.agree_with.as_deref()) {
        anstream::println!("{line}");
    }
    if let Some(file) = &args.json {
        let comparison = Comparison { schema: crate::result::document::SCHEMA, runtimes: &document.runtimes, cases: &cases };
        let mut text = serde_json::to_string_pretty(&comparison).expect("strings and lists always serialise");
        text.push('\n');
        write_whole(file, &text).map_err(Failure::harness("cannot write the comparison"))?;
    }
    if let Some(file) = &args.markdown {
        write_whole(file, &page(&document, &cases)).map_err(Failure::harness("cannot write the comparison"))?;
    }
    Ok(match end {
        RunEnd::Interrupted(signal) => Code::Signal(signal),
        RunEnd::Complete => Code::Success,
    })
}

/// The disagreements, each case with its classes, and who agrees with whom.
fn lines(document: &Document, cases: &[CaseClasses], reference: Option<&str>) -> Vec<String> {
    let width = columns();
    let mut lines = Vec::new();
    for case in cases.iter().filter(|case| case.is_split()) {
        let only = case.alone().map(|runtime| format!("   only {}", visible(runtime))).unwrap_or_default();
        lines.push(format!("{}{only}", case.case));
        for class in &case.classes {
            let names = class.runtimes.iter().map(|name| visible(name)).collect::<Vec<_>>().join(" ");
            let what = match &class.behaviour {
                Behaviour::Conforms => "conforms".into(),
                Behaviour::Lacks { what } => format!("lacks {}", visible(what)),
                Behaviour::Unstable => "unstable".into(),
                Behaviour::Unjudged => "not judged".into(),
                Behaviour::Deviates { .. } | Behaviour::Prints { .. } => visible(&class.detail),
            };
            let label = format!("    {:<24}", fit(&names, 40));
            let indent = crate::report::text::width(&label) + 1;
            for (index, part) in wrap(&what, width.saturating_sub(indent).max(20)).into_iter().enumerate() {
                lines.push(if index == 0 { format!("{label} {part}") } else { format!("{}{part}", " ".repeat(indent)) });
            }
        }
        lines.push(String::new());
    }
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
fn page(document: &Document, cases: &[CaseClasses]) -> String {
    let text = |text: &str| visible(text).replace('|', "\\|").replace('<', "&lt;");
    let names: Vec<String> = document.runtimes.iter().map(|runtime| text(&runtime.name)).collect();
    let mut page = format!("## Lockstep compare\n\n| case | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for case in cases.iter().filter(|case| case.is_split()) {
        let mut letters = ('B'..='Z').cycle();
        let mut cells: BTreeMap<&str, String> = BTreeMap::new();
        for class in &case.classes {
            let cell = match class.behaviour {
                Behaviour::Conforms => "A ✓".to_owned(),
                Behaviour::Lacks { .. } | Behaviour::Unjudged => "–".to_owned(),
                Behaviour::Deviates { .. } | Behaviour::Prints { .. } | Behaviour::Unstable => {
                    letters.next().unwrap_or('?').to_string()
                }
            };
            cells.extend(class.runtimes.iter().map(|name| (name.as_str(), cell.clone())));
        }
        let row: Vec<&str> =
            document.runtimes.iter().map(|runtime| cells.get(runtime.name.as_str()).map_or("", String::as_str)).collect();
        page.push_str(&format!("| `{}` | {} |\n", case.case, row.join(" | ")));
    }
    page
}

/// Two results: what was added, deleted, corrected, changed, by (case, runtime).
fn results(old: &Path, new: &Path) -> Result<Code, Failure> {
    let (old, new) = (Document::read(old)?, Document::read(new)?);
    let pairs = counterparts(&old, &new, None).map_err(Failure::Usage)?;
    let deltas = compare(&old, &new, &pairs, None);
    for delta in deltas.iter().filter(|delta| delta.change != Change::Unchanged) {
        let was = delta.old.map_or("–", |old| old.verdict.as_str());
        let now = delta.new.map_or("–", |new| new.verdict.as_str());
        let mark = if delta.change.is_worse() { "!" } else { " " };
        anstream::println!("{mark} {:<22} {} on {}: {was} → {now}", delta.change.words(), delta.case, visible(delta.runtime));
    }
    let worse = deltas.iter().filter(|delta| delta.change.is_worse()).count();
    let same = deltas.iter().filter(|delta| delta.change == Change::Unchanged).count();
    anstream::println!("{worse} got worse, {same} unchanged of {}", deltas.len());
    Ok(if worse > 0 { Code::Regression } else { Code::Success })
}
