//! What a page holds, as compact JSON. Fields that say nothing are left out; the script takes them for empty.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    Page, Tone,
    bound::{Bounds, beginning, end, line, start, window},
    legal::Legal,
};
use crate::{
    adapter::spec::quote_word,
    report::text::visible,
    result::{CaseResult, RuntimeInfo, SelectionInfo, Verdict},
    suite::{Case, Goal, Suite},
    trace::render_lines,
};

#[derive(Debug, Serialize)]
struct Model {
    kind: &'static str,
    harness: &'static str,
    headline: String,
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suite: Option<About>,
    selection: Vec<String>,
    complete: bool,
    columns: Vec<ColumnModel>,
    missing: Vec<Missing>,
    groups: Vec<String>,
    cases: Vec<CaseModel>,
}

#[derive(Debug, Serialize)]
struct About {
    version: String,
    cases: usize,
    digest: String,
}

#[derive(Debug, Serialize)]
struct ColumnModel {
    label: String,
    adapter: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    rerun: String,
}

#[derive(Debug, Serialize)]
struct Missing {
    name: String,
    reason: String,
    remedy: String,
}

#[derive(Debug, Serialize)]
struct CaseModel {
    id: String,
    group: usize,
    #[serde(flatten)]
    facts: Option<Facts>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    traces: Vec<TraceModel>,
    cells: Vec<Option<Cell>>,
}

/// What the suite says of a case.
#[derive(Debug, Serialize)]
struct Facts {
    title: String,
    rule: String,
    authority: Vec<String>,
    strength: &'static str,
    profile: &'static str,
    goal: &'static str,
    entry: &'static str,
    #[serde(skip_serializing_if = "is_ordinary")]
    lane: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    issues: Vec<String>,
    program: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<(String, String)>,
    allowed: Vec<String>,
    exit: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deviations: Vec<DeviationModel>,
}

#[derive(Debug, Serialize)]
struct DeviationModel {
    product: String,
    versions: String,
    kind: String,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// Columns it is about.
    columns: Vec<usize>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    intermittent: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct TraceModel {
    events: Vec<String>,
    /// Index of the first event that is kept.
    #[serde(skip_serializing_if = "is_zero")]
    from: usize,
    /// How many there were, if they are not all kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
}

#[derive(Debug, Default, Serialize)]
struct Cell {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<(String, Tone)>,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// Index of the trace among the case's.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<usize>,
    /// Index of the nearest legal trace among the case's.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit: Option<String>,
    /// Whether the end is what broke the rule.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    end: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    stderr: String,
    #[serde(skip_serializing_if = "is_one")]
    repeats: u32,
    /// Whether it is of another version of the case than the suite holds.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    other: bool,
    /// The id that the case had there.
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<String>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn is_one(number: &u32) -> bool {
    *number == 1
}

fn is_ordinary(lane: &&str) -> bool {
    *lane == "ordinary"
}

/// The page's data.
pub(super) fn json(page: &Page<'_>, legal: &Legal<'_>, bounds: &Bounds) -> String {
    let rows = rows(page, legal);
    let (groups, order) = arranged(page, &rows);
    let cases = order.into_iter().map(|(id, group)| case(page, legal, id, group, &rows[id], bounds)).collect();
    let shown = |text: &str| line(text, 2_000);
    let model = Model {
        kind: page.kind.as_str(),
        harness: env!("CARGO_PKG_VERSION"),
        headline: shown(&page.headline),
        notes: page.notes.iter().map(|note| shown(note)).collect(),
        suite: page.about.map(|(suite, _)| About {
            version: visible(&suite.version),
            cases: suite.cases,
            digest: visible(&suite.digest),
        }),
        selection: page.about.map(|(_, selection)| selected(selection)).unwrap_or_default(),
        complete: page.complete,
        columns: page.columns.iter().map(column).collect(),
        missing: page
            .missing
            .iter()
            .map(|missing| Missing { name: shown(&missing.name), reason: shown(&missing.reason), remedy: shown(&missing.remedy) })
            .collect(),
        groups,
        cases,
    };
    serde_json::to_string(&model).expect("strings, numbers and lists always serialise")
}

fn selected(selection: &SelectionInfo) -> Vec<String> {
    let shard = selection.shard.iter().map(|shard| format!("shard {shard}"));
    selection.filters.iter().cloned().chain(shard).map(|word| visible(&word)).collect()
}

fn column(column: &super::Column<'_>) -> ColumnModel {
    let info = column.info;
    ColumnModel {
        label: line(&column.label, 200),
        adapter: visible(&info.adapter),
        product: match (&info.product, &info.version) {
            (Some(product), Some(version)) => Some(line(&format!("{product} {version}"), 200)),
            _ => None,
        },
        rerun: line(&column.rerun.clone().unwrap_or_else(|| rerun(info)), 4_000),
    }
}

/// How a runtime of a document would be started again, as far as the document knows: the command of a build of one's own is not in it.
fn rerun(info: &RuntimeInfo) -> String {
    let published = info.name.strip_prefix(info.adapter.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('@'));
    let spec = if published { info.name.clone() } else { format!("{}={}:COMMAND", info.name, info.adapter) };
    format!("lockstep run --runtime {}", quote_word(&spec))
}

/// The results of each case, one a column.
type Rows<'a> = BTreeMap<&'a str, Vec<Option<&'a CaseResult>>>;

fn rows<'a>(page: &'a Page<'a>, legal: &Legal<'a>) -> Rows<'a> {
    let mut rows = Rows::new();
    for (index, column) in page.columns.iter().enumerate() {
        for result in &column.results {
            rows.entry(legal.id(&result.case)).or_insert_with(|| vec![None; page.columns.len()])[index] = Some(result);
        }
    }
    rows
}

/// The titles of the groups that hold anything, and the cases in the order they are shown in, each with the index of its group.
fn arranged<'a>(page: &'a Page<'_>, rows: &Rows<'a>) -> (Vec<String>, Vec<(&'a str, usize)>) {
    let mut placed = BTreeSet::new();
    let mut titles: Vec<String> = Vec::new();
    let mut order = Vec::with_capacity(rows.len());
    let mut add = |title: &str, ids: Vec<&'a str>| {
        let ids: Vec<&str> = ids.into_iter().filter(|id| placed.insert(*id)).collect();
        if !ids.is_empty() {
            order.extend(ids.iter().map(|id| (*id, titles.len())));
            titles.push(visible(title));
        }
    };
    for group in &page.groups {
        let known = group.cases.iter().filter_map(|id| rows.get_key_value(id.as_str()));
        add(&group.title, known.map(|(id, _)| *id).collect());
    }
    for (title, belongs) in BY_VERDICT {
        let verdicts = |row: &[Option<&CaseResult>]| row.iter().flatten().map(|result| result.verdict).collect::<Vec<_>>();
        add(title, rows.iter().filter(|(_, row)| belongs(&verdicts(row))).map(|(id, _)| *id).collect());
    }
    (titles, order)
}

type Belongs = fn(&[Verdict]) -> bool;

/// Groups for cases that were not put into one; what interests comes first, and the last takes what is left.
const BY_VERDICT: [(&str, Belongs); 5] = [
    ("To look at", |verdicts| verdicts.iter().any(|verdict| verdict.is_regression() || *verdict == Verdict::Error)),
    ("Recorded deviations that are gone", |verdicts| verdicts.contains(&Verdict::Fixed)),
    ("Deviations as recorded", |verdicts| verdicts.contains(&Verdict::Known)),
    ("Run nowhere", |verdicts| verdicts.iter().all(|verdict| *verdict == Verdict::Skip)),
    ("As the rule wants", |_| true),
];

fn case(page: &Page<'_>, legal: &Legal<'_>, id: &str, group: usize, row: &[Option<&CaseResult>], bounds: &Bounds) -> CaseModel {
    let known = page.suite.and_then(|suite| Some((suite, suite.case(id)?)));
    // All lanes are cut at the same places, around the first event that any of them may not have.
    let focus = row.iter().flatten().filter_map(|result| result.observed.as_ref()?.at).min();
    let lanes = row.iter().flatten().filter_map(|result| Some(result.observed.as_ref()?.trace.as_slice()));
    let from = focus.map_or(0, |at| start(lanes.clone(), at, bounds));
    let fit = lanes.clone().all(|trace| window(trace, 0, bounds).len() == trace.len());
    let mut traces: Vec<TraceModel> = Vec::new();
    let mut keep = |events: &[String], whole: usize| {
        let from = if fit { 0 } else { from.min(events.len().saturating_sub(1)) };
        let kept = window(events, from, bounds);
        let total = (kept.len() < whole).then_some(whole);
        let trace = TraceModel { events: kept, from, total };
        traces.iter().position(|known| *known == trace).unwrap_or_else(|| {
            traces.push(trace);
            traces.len() - 1
        })
    };
    let mut cells = Vec::with_capacity(row.len());
    for (index, result) in row.iter().enumerate() {
        let mark = page.marks.get(&(id.to_owned(), page.columns[index].label.clone()));
        let mark = mark.map(|mark| (line(&mark.text, bounds.line), mark.tone));
        let Some(result) = result else {
            // What is gone has no verdict, and may still be worth a word.
            cells.push(mark.map(|mark| Cell { verdict: "none", mark: Some(mark), repeats: 1, ..Cell::default() }));
            continue;
        };
        let seen = result.observed.as_ref();
        let broken = !matches!(result.verdict, Verdict::Pass | Verdict::Fixed | Verdict::Skip | Verdict::Error);
        let conforms = result.verdict == Verdict::Known && result.detail.starts_with("conforms this time");
        let cut = matches!(result.verdict, Verdict::Timeout | Verdict::Crash | Verdict::Flood | Verdict::Oom);
        cells.push(Some(Cell {
            verdict: result.verdict.as_str(),
            mark,
            detail: line(&result.detail, bounds.line),
            trace: seen.map(|seen| keep(&seen.trace, seen.events.unwrap_or(seen.trace.len()))),
            nearest: legal.nearest(index, id).map(|nearest| keep(nearest, nearest.len())),
            at: seen.and_then(|seen| seen.at),
            exit: seen.map(|seen| line(&seen.exit, 80)),
            end: cut || broken && !conforms && seen.is_some_and(|seen| seen.at.is_none()),
            stderr: seen.map(|seen| end(&seen.stderr, bounds.stderr)).unwrap_or_default(),
            repeats: seen.map_or(1, |seen| seen.repeats),
            other: known.is_some_and(|(_, case)| case.digest != result.digest),
            was: (result.case != id).then(|| visible(&result.case)),
        }));
    }
    let facts = known.map(|(suite, case)| facts(page, suite, case, bounds));
    CaseModel { id: visible(id), group, facts, traces, cells }
}

fn facts(page: &Page<'_>, suite: &Suite, case: &Case, bounds: &Bounds) -> Facts {
    let expectation = suite.expectation(case);
    let all = |lines: &[String]| -> Vec<String> { lines.iter().map(|text| line(text, bounds.line)).collect() };
    let goal = case.goal.unwrap_or(Goal::Cjs);
    Facts {
        title: line(&case.title, bounds.line),
        rule: line(&case.rule.split_whitespace().collect::<Vec<_>>().join(" "), bounds.program),
        authority: all(&case.authority),
        strength: case.strength.as_str(),
        profile: case.profile.as_str(),
        goal: case.goal.map_or("any", Goal::as_str),
        entry: if case.goal.is_some() { goal.entry() } else { "main" },
        lane: case.lane.as_str(),
        needs: all(&case.needs),
        tags: all(&case.tags),
        issues: all(&case.issues),
        program: beginning(&case.program, bounds.program),
        files: case.files.iter().map(|(name, text)| (visible(name), beginning(text, bounds.program))).collect(),
        allowed: window(&render_lines(&expectation.trace), 0, bounds),
        exit: expectation.exit.to_string(),
        deviations: deviations(page, suite, &case.id, bounds),
    }
}

/// What is recorded of this case for the products that the page has columns of.
fn deviations(page: &Page<'_>, suite: &Suite, id: &str, bounds: &Bounds) -> Vec<DeviationModel> {
    let products: BTreeSet<&str> = page.columns.iter().filter_map(|column| column.info.product.as_deref()).collect();
    let about = |deviation: &crate::suite::Deviation, column: &super::Column<'_>| {
        let version = column.info.version.as_deref().and_then(|version| semver::Version::parse(version).ok());
        column.info.product.as_deref() == Some(deviation.product.as_str())
            && version.is_some_and(|version| deviation.versions.contains(&version))
    };
    products
        .into_iter()
        .flat_map(|product| suite.deviations_of(product, id))
        .map(|deviation| DeviationModel {
            product: visible(&deviation.product),
            versions: visible(&deviation.versions.to_string()),
            kind: deviation.kind.to_string(),
            reason: line(&deviation.reason.split_whitespace().collect::<Vec<_>>().join(" "), bounds.program),
            link: deviation.link.as_deref().map(|link| line(link, bounds.line)),
            columns: (0..page.columns.len()).filter(|index| about(deviation, &page.columns[*index])).collect(),
            intermittent: deviation.intermittent,
        })
        .collect()
}
