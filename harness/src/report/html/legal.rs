//! What the suite says of single results: which case they are of, and the legal trace nearest to what was observed.

use std::collections::BTreeMap;

use super::Page;
use crate::{
    result::CaseResult,
    suite::{Case, Suite},
    trace::{explain, match_trace},
};

/// Events from the first forbidden one on that the nearest legal trace is looked for with.
const AHEAD: usize = 100;

/// The cases of a page by id, and what is legal in them.
#[derive(Debug)]
pub(super) struct Legal<'a> {
    /// Current ids by earlier ones.
    renamed: BTreeMap<&'a str, &'a str>,
    /// By current id: the first column that leaves the rule, and the legal trace nearest to what was observed there. One stands for all,
    /// since a reader needs one to hold the others against.
    nearest: BTreeMap<&'a str, (usize, Vec<String>)>,
}

impl<'a> Legal<'a> {
    /// Looks at everything that a page holds.
    pub(super) fn of(page: &'a Page<'a>) -> Self {
        let results = || page.columns.iter().flat_map(|column| &column.results);
        let of_suite = page.suite.into_iter().flat_map(|suite| &suite.cases);
        let renamed = of_suite
            .flat_map(|case| case.was.iter().map(|was| (was.as_str(), case.id.as_str())))
            .chain(results().flat_map(|result| result.was.iter().map(|was| (was.as_str(), result.case.as_str()))))
            .collect();
        let mut legal = Self { renamed, nearest: BTreeMap::new() };
        if let Some(suite) = page.suite {
            for (index, column) in page.columns.iter().enumerate() {
                for result in &column.results {
                    let id = legal.id(&result.case);
                    if !legal.nearest.contains_key(id)
                        && let Some(trace) = suite.case(id).and_then(|case| nearest(suite, case, result))
                    {
                        legal.nearest.insert(id, (index, trace));
                    }
                }
            }
        }
        legal
    }

    /// The id that a case has now.
    pub(super) fn id(&self, id: &'a str) -> &'a str {
        self.renamed.get(id).copied().unwrap_or(id)
    }

    /// The legal trace nearest to what was observed in this column, if the column is the first that leaves the rule.
    pub(super) fn nearest(&self, column: usize, id: &str) -> Option<&[String]> {
        self.nearest.get(id).filter(|(index, _)| *index == column).map(|(_, trace)| trace.as_slice())
    }
}

/// The legal trace nearest to what a result holds; none if it conforms, is of another version of the case, or was shortened before the
/// first forbidden event.
fn nearest(suite: &Suite, case: &Case, result: &CaseResult) -> Option<Vec<String>> {
    let seen = result.observed.as_ref()?;
    let at = seen.at?;
    if result.digest != case.digest || seen.events.is_some() && at >= seen.trace.len() {
        return None;
    }
    let events = &seen.trace[..seen.trace.len().min(at.saturating_add(AHEAD))];
    let expected = &suite.expectation(case).trace;
    let outcome = match_trace(expected, events).ok()?;
    let nearest = explain(expected, events, &outcome)?.nearest?;
    Some(nearest.iter().map(|event| event.shown().to_owned()).collect())
}
