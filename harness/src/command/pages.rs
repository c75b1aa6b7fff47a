//! The pages that commands write for a browser: which columns they have, which groups, and what is marked.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    regressions::{About, renaming},
    session::Session,
};
use crate::{
    gate::{
        classes::{Behaviour, CaseClasses},
        delta::{Change, Delta, Pairing},
    },
    report::{
        html::{Kind, Page, Tone},
        terminal::gone,
    },
    result::{Document, Verdict},
    suite::Suite,
};

/// Where rules, programs and commands come from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The suite, if there is one at hand.
    pub suite: Option<&'a Suite>,
    /// What was run, if anything was.
    pub session: Option<&'a Session>,
}

impl Source<'_> {
    fn rerun(&self, runtime: &str) -> Option<String> {
        self.session.and_then(|session| session.rerun(runtime))
    }
}

/// A page whose columns are a document's runtimes, as they were named.
fn of_document<'a>(kind: Kind, source: &Source<'a>, document: &'a Document) -> Page<'a> {
    let mut page = Page::new(kind, source.suite);
    for runtime in &document.runtimes {
        page.column(document, &runtime.name, &runtime.name, source.rerun(&runtime.name));
    }
    if let Some(session) = source.session {
        page.missing(session.missing());
    }
    page
}

/// A run, judged by the suite.
pub fn run<'a>(source: &Source<'a>, document: &'a Document) -> Page<'a> {
    let mut page = of_document(Kind::Run, source, document);
    let count = |what: fn(Verdict) -> bool| document.results.iter().filter(|result| what(result.verdict)).count();
    let (wrong, faults) = (count(Verdict::is_regression), count(|verdict| verdict == Verdict::Error));
    let fixed = count(|verdict| verdict == Verdict::Fixed);
    let mut parts = match (wrong, faults) {
        (0, 0) if fixed == 0 => vec!["All as recorded".to_owned()],
        (0, _) => vec!["No regression".to_owned()],
        _ => vec![format!("{wrong} to look at")],
    };
    parts.extend((faults > 0).then(|| format!("{faults} not judged")));
    parts.extend((fixed > 0).then(|| gone(fixed)));
    page.headline(format!("{}; {} results.", parts.join("; "), document.results.len()));
    page
}

/// Runtimes against each other: the conforming class is A, the others follow.
pub fn compare<'a>(source: &Source<'a>, document: &'a Document, cases: &[CaseClasses], notes: &[String]) -> Page<'a> {
    let mut page = of_document(Kind::Compare, source, document);
    let of = |what: &dyn Fn(&CaseClasses) -> bool| -> Vec<String> {
        cases.iter().filter(|case| what(case)).map(|case| case.case.clone()).collect()
    };
    page.group("One runtime stands alone", of(&|case| case.alone().is_some()));
    page.group("Other differences", of(&|case| case.is_split()));
    page.group("All alike", of(&|_| true));
    letters(&mut page, cases, |case, runtime| case.alone() == Some(runtime));
    let split = cases.iter().filter(|case| case.is_split()).count();
    page.headline(format!("{} cases, {split} on which the runtimes differ.", cases.len()));
    notes.iter().for_each(|note| page.note(note.trim()));
    page
}

/// Releases of one runtime beside each other, in the order of the document's runtimes; what changed from one to another comes first.
pub fn history<'a>(source: &Source<'a>, document: &'a Document, cases: &[CaseClasses], notes: &[String]) -> Page<'a> {
    let mut page = of_document(Kind::History, source, document);
    let split = |case: &&CaseClasses| case.is_split();
    page.group("Changed between these releases", cases.iter().filter(split).map(|case| case.case.clone()));
    page.group("The same in all of them", cases.iter().map(|case| case.case.clone()));
    letters(&mut page, cases, |_, _| false);
    let changed = cases.iter().filter(split).count();
    page.headline(format!("{} releases, {} cases, {changed} of them changed.", document.runtimes.len(), cases.len()));
    notes.iter().for_each(|note| page.note(note.trim()));
    page
}

/// Marks each result with the letter of its class.
fn letters(page: &mut Page<'_>, cases: &[CaseClasses], alone: impl Fn(&CaseClasses, &str) -> bool) {
    for case in cases {
        for (letter, class) in case.lettered() {
            let Some(letter) = letter else { continue };
            for runtime in &class.runtimes {
                let (words, tone) = match &class.behaviour {
                    Behaviour::Conforms => ("conforms", Tone::Good),
                    Behaviour::Unstable => ("unstable", Tone::Bad),
                    _ if alone(case, runtime) => ("alone", Tone::Bad),
                    _ => ("deviates", Tone::Bad),
                };
                page.mark(&case.case, runtime, format!("{letter} {words}"), tone);
            }
        }
    }
}

/// Two results against each other.
pub fn results<'a>(
    source: &Source<'a>,
    old: &'a Document,
    new: &'a Document,
    pairing: &'a Pairing,
    deltas: &[Delta<'_>],
    headline: &str,
) -> Page<'a> {
    let mut page = Page::new(Kind::Results, source.suite);
    for runtime in &pairing.only_old {
        page.note(format!("only the older result has {runtime}"));
    }
    for runtime in &pairing.only_new {
        page.note(format!("only the newer result has {runtime}"));
    }
    against(&mut page, source, (old, "older"), (new, "newer"), &pairing.pairs);
    changes(&mut page, deltas, " (newer)");
    page.headline(headline);
    page
}

/// A run against a baseline.
pub fn gate<'a>(source: &Source<'a>, about: &About<'a>, pairs: &'a BTreeMap<String, String>) -> Page<'a> {
    let mut page = Page::new(Kind::Gate, source.suite);
    against(&mut page, source, (about.baseline, "baseline"), (about.result, ""), pairs);
    for ((feature, runtime), cases) in about.lost() {
        page.note(format!("lost {feature} on {runtime}: {} cases", cases.len()));
    }
    about.notes().into_iter().for_each(|note| page.note(note));
    changes(&mut page, about.deltas, "");
    page.headline(format!("{}.", about.verdict()));
    page
}

/// A column for each runtime of the older result and, beside it, its counterpart.
fn against<'a>(
    page: &mut Page<'a>,
    source: &Source<'a>,
    (old, before): (&'a Document, &str),
    (new, now): (&'a Document, &str),
    pairs: &'a BTreeMap<String, String>,
) {
    for (runtime, counterpart) in pairs {
        page.column(old, counterpart, &format!("{counterpart} ({before})"), None);
        let label = if now.is_empty() { runtime.clone() } else { format!("{runtime} ({now})") };
        page.column(new, runtime, &label, source.rerun(runtime));
    }
}

/// Groups cases by what became of them, and marks what changed on its runtime's newer column.
fn changes(page: &mut Page<'_>, deltas: &[Delta<'_>], suffix: &str) {
    let is_of_suite = |change: &Change| matches!(change, Change::Added | Change::Deleted | Change::Corrected);
    let of = |what: &dyn Fn(&Delta<'_>) -> bool| -> BTreeSet<String> {
        deltas.iter().filter(|delta| what(delta)).map(|delta| delta.case.to_owned()).collect()
    };
    page.group("Got worse", of(&|delta| delta.change.is_worse()));
    page.group("Fixed", of(&|delta| delta.change == Change::Fixed));
    page.group("Not judged", of(&|delta| delta.change == Change::Unjudged));
    page.group("Changed in the suite", of(&|delta| is_of_suite(&delta.change)));
    page.group("Renamed in the suite", of(&|delta| renaming(delta).is_some()));
    page.group("Unchanged", of(&|_| true));
    for delta in deltas.iter().filter(|delta| delta.change != Change::Unchanged) {
        let tone = match &delta.change {
            change if change.is_worse() => Tone::Bad,
            Change::Fixed => Tone::Good,
            _ => Tone::Note,
        };
        page.mark(delta.case, &format!("{}{suffix}", delta.runtime), delta.change.words(), tone);
    }
}
