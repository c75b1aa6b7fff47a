//! What changed between two results.

use std::collections::{BTreeMap, BTreeSet};

use crate::result::{CaseResult, Document, Verdict};

/// What became of one case on one runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta<'a> {
    /// The case's id in the newer result, or in the older if it is gone.
    pub case: &'a str,
    /// The runtime's name in the newer result.
    pub runtime: &'a str,
    /// What became of it.
    pub change: Change,
    /// The older finding.
    pub old: Option<&'a CaseResult>,
    /// The newer finding.
    pub new: Option<&'a CaseResult>,
}

impl<'a> Delta<'a> {
    /// The id that the case had in the older result, if it was renamed since.
    pub fn renamed(&self) -> Option<&'a str> {
        self.old.map(|old| old.case.as_str()).filter(|former| *former != self.case)
    }
}

/// What can become of a case on a runtime.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Was no regression, is one now.
    NewlyFailing,
    /// Deviates otherwise than before.
    Changed,
    /// Repeats disagree now.
    Unstable,
    /// Hangs now.
    TimedOut,
    /// Dies of a signal, or of an output or memory limit, now.
    Crashed,
    /// Has no result any more, though the case was selected.
    Vanished,
    /// Conformed, and is skipped now for want of this.
    LostFeature(String),
    /// Deviated, and conforms now.
    Fixed,
    /// The suite has a case it did not have.
    Added,
    /// The suite has a case no more.
    Deleted,
    /// The case means something else now; nothing is compared.
    Corrected,
    /// The harness or an adapter failed, then or now; nothing is compared.
    Unjudged,
    /// As before.
    Unchanged,
}

impl Change {
    /// Whether the runtime got worse.
    pub fn is_worse(&self) -> bool {
        matches!(
            self,
            Self::NewlyFailing
                | Self::Changed
                | Self::Unstable
                | Self::TimedOut
                | Self::Crashed
                | Self::Vanished
                | Self::LostFeature(_)
        )
    }

    /// The words that reports use.
    pub fn words(&self) -> &'static str {
        match self {
            Self::NewlyFailing => "newly failing",
            Self::Changed => "changed",
            Self::Unstable => "unstable",
            Self::TimedOut => "timed out",
            Self::Crashed => "crashed",
            Self::Vanished => "vanished",
            Self::LostFeature(_) => "lost feature",
            Self::Fixed => "fixed",
            Self::Added => "added to the suite",
            Self::Deleted => "deleted from the suite",
            Self::Corrected => "corrected in the suite",
            Self::Unjudged => "not judged",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Which runtime of the older result each runtime of the newer one is held against.
///
/// One name in both is the same; where each result has just one runtime, they belong together whatever they are called, since an
/// implementer's `dev` is gated against the `node` it is built from.
///
/// # Errors
/// The newer names that have no counterpart, with the older names.
pub fn counterparts(old: &Document, new: &Document, against: Option<&str>) -> Result<BTreeMap<String, String>, String> {
    let old_names: Vec<&str> = old.runtimes.iter().map(|runtime| runtime.name.as_str()).collect();
    let mut pairs = BTreeMap::new();
    for runtime in &new.runtimes {
        let name = runtime.name.as_str();
        let counterpart = match against {
            Some(named) => old_names.iter().find(|old| **old == named),
            None if old_names.len() == 1 && new.runtimes.len() == 1 => old_names.first(),
            None => old_names.iter().find(|old| **old == name),
        };
        match counterpart {
            Some(old) => pairs.insert(name.to_owned(), (*old).to_owned()),
            None => {
                let wanted = against.unwrap_or(name);
                return Err(format!("the baseline has no runtime `{wanted}`; it has {}", old_names.join(", ")));
            }
        };
    }
    Ok(pairs)
}

/// The runtimes that two results have in common, and those that only one of them has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairing {
    /// Older names by newer ones.
    pub pairs: BTreeMap<String, String>,
    /// Names that only the older result has.
    pub only_old: Vec<String>,
    /// Names that only the newer result has.
    pub only_new: Vec<String>,
}

/// Pairs the runtimes of two results by name, or as the only ones; what has no counterpart is named and not compared.
///
/// # Errors
/// If they have none in common.
pub fn pair(old: &Document, new: &Document) -> Result<Pairing, String> {
    let names = |document: &Document| -> Vec<String> { document.runtimes.iter().map(|runtime| runtime.name.clone()).collect() };
    let (olds, news) = (names(old), names(new));
    if let ([old], [new]) = (&olds[..], &news[..]) {
        return Ok(Pairing { pairs: BTreeMap::from([(new.clone(), old.clone())]), ..Pairing::default() });
    }
    let only = |of: &[String], other: &[String]| of.iter().filter(|name| !other.contains(name)).cloned().collect();
    let pairing = Pairing {
        pairs: news.iter().filter(|name| olds.contains(name)).map(|name| (name.clone(), name.clone())).collect(),
        only_old: only(&olds, &news),
        only_new: only(&news, &olds),
    };
    match pairing.pairs.is_empty() {
        true => Err(format!("the results have no runtime in common: {} there, {} here", olds.join(", "), news.join(", "))),
        false => Ok(pairing),
    }
}

/// The cases that a result was asked for, so that one it lacks has vanished: all of the older result's if both were asked for the same of
/// the same suite. None if the suite is another, where a case that is gone was deleted from it.
pub fn asked<'a>(old: &'a Document, new: &'a Document) -> Option<BTreeSet<&'a str>> {
    let ids = |document: &'a Document| document.results.iter().map(|result| result.case.as_str());
    match (old.selection == new.selection && new.complete, old.suite.digest == new.suite.digest) {
        (true, true) => Some(ids(old).chain(ids(new)).collect()),
        (true, false) => None,
        (false, _) => Some(ids(new).collect()),
    }
}

/// Compares two results, runtime by runtime as `counterparts` pairs them, sorted by what interests: what is worse first.
///
/// `selected` are the ids that the newer run was asked for; a case of the older result that is not among them says nothing. Without it
/// every case of either result counts, and one that is gone is taken to be deleted.
pub fn compare<'a>(
    old: &'a Document,
    new: &'a Document,
    pairs: &'a BTreeMap<String, String>,
    selected: Option<&BTreeSet<&str>>,
) -> Vec<Delta<'a>> {
    let index = |document: &'a Document| -> BTreeMap<(&'a str, &'a str), &'a CaseResult> {
        document.results.iter().map(|result| ((result.runtime.as_str(), result.case.as_str()), result)).collect()
    };
    let (olds, news) = (index(old), index(new));
    let renamed: BTreeMap<&str, &str> =
        new.results.iter().flat_map(|result| result.was.iter().map(|was| (was.as_str(), result.case.as_str()))).collect();
    let mut deltas = Vec::new();
    for (runtime, counterpart) in pairs {
        let mut seen = BTreeSet::new();
        for result in new.results.iter().filter(|result| result.runtime == *runtime) {
            let former = result.was.iter().find_map(|was| olds.get(&(counterpart.as_str(), was.as_str())));
            let before = olds.get(&(counterpart.as_str(), result.case.as_str())).or(former).copied();
            seen.insert(result.case.as_str());
            let change = before.map_or(Change::Added, |before| change(before, result));
            deltas.push(Delta { case: &result.case, runtime, change, old: before, new: Some(result) });
        }
        for before in old.results.iter().filter(|result| result.runtime == *counterpart) {
            let now = renamed.get(before.case.as_str()).copied().unwrap_or(&before.case);
            if seen.contains(now) || news.contains_key(&(runtime.as_str(), now)) {
                continue;
            }
            let change = match selected {
                Some(selected) if selected.contains(now) => Change::Vanished,
                // In the suite or not, nobody asked for it this time.
                Some(_) => continue,
                None => Change::Deleted,
            };
            deltas.push(Delta { case: &before.case, runtime, change, old: Some(before), new: None });
        }
    }
    deltas.sort_by(|a, b| {
        (!a.change.is_worse(), &a.change, a.case, a.runtime).cmp(&(!b.change.is_worse(), &b.change, b.case, b.runtime))
    });
    deltas
}

/// What became of a case that both results have.
fn change(old: &CaseResult, new: &CaseResult) -> Change {
    if old.digest != new.digest {
        return Change::Corrected;
    }
    if old.verdict == Verdict::Error || new.verdict == Verdict::Error {
        return Change::Unjudged;
    }
    let conformed = matches!(old.verdict, Verdict::Pass | Verdict::Fixed);
    match new.verdict {
        Verdict::Skip if conformed => Change::LostFeature(new.detail.clone()),
        Verdict::Skip => Change::Unchanged,
        Verdict::Pass | Verdict::Fixed if conformed || old.verdict == Verdict::Skip => Change::Unchanged,
        Verdict::Pass | Verdict::Fixed => Change::Fixed,
        // A case that could not be run before is no worse for what it shows now that it can, unless that is a regression.
        Verdict::Known if !conformed => same_or_changed(old, new),
        verdict if verdict != old.verdict => match verdict {
            Verdict::Unstable => Change::Unstable,
            Verdict::Timeout => Change::TimedOut,
            Verdict::Crash | Verdict::Flood | Verdict::Oom => Change::Crashed,
            _ if conformed || matches!(old.verdict, Verdict::Known | Verdict::Skip) => Change::NewlyFailing,
            _ => Change::Changed,
        },
        _ => same_or_changed(old, new),
    }
}

/// Two deviations: the same behaviour, or another. What is recorded as known may take any of its recorded forms.
fn same_or_changed(old: &CaseResult, new: &CaseResult) -> Change {
    if new.verdict == Verdict::Known || old.verdict == Verdict::Skip {
        return Change::Unchanged;
    }
    let behaviour = |result: &CaseResult| result.observed.as_ref().map(|seen| (seen.trace.clone(), seen.exit.clone()));
    // A hang, a crash or an unstable case is cut off somewhere else each time.
    let comparable = matches!(new.verdict, Verdict::Fail | Verdict::Changed);
    if comparable && behaviour(old) != behaviour(new) { Change::Changed } else { Change::Unchanged }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{Observed, RuntimeInfo, SelectionInfo, SuiteInfo, document::SCHEMA};

    fn result(case: &str, verdict: Verdict, trace: &str) -> CaseResult {
        let observed = Observed {
            trace: trace.split(' ').map(String::from).collect(),
            events: None,
            exit: "0".into(),
            stderr: String::new(),
            at: None,
            allowed: vec![],
            repeats: 1,
        };
        CaseResult {
            case: case.into(),
            digest: "d".into(),
            was: vec![],
            runtime: "node".into(),
            verdict,
            observed: (verdict != Verdict::Skip).then_some(observed),
            detail: if verdict == Verdict::Skip { "setImmediate".into() } else { String::new() },
        }
    }

    fn document(name: &str, results: Vec<CaseResult>) -> Document {
        let runtime = RuntimeInfo { name: name.into(), adapter: "node".into(), product: None, version: None, features: vec![] };
        Document {
            schema: SCHEMA,
            suite: SuiteInfo { version: "0.1.0".into(), cases: 1, digest: "s".into() },
            selection: SelectionInfo::default(),
            complete: true,
            runtimes: vec![runtime],
            results: results.into_iter().map(|result| CaseResult { runtime: name.into(), ..result }).collect(),
            timing: Default::default(),
        }
    }

    #[test]
    fn the_table_of_changes() {
        use Verdict::*;
        let lost = || Change::LostFeature("setImmediate".into());
        let table = [
            (Pass, Pass, Change::Unchanged),
            (Pass, Fail, Change::NewlyFailing),
            (Pass, Known, Change::NewlyFailing),
            (Pass, Timeout, Change::TimedOut),
            (Pass, Crash, Change::Crashed),
            (Pass, Flood, Change::Crashed),
            (Pass, Unstable, Change::Unstable),
            (Pass, Skip, lost()),
            (Fixed, Skip, lost()),
            (Known, Fail, Change::NewlyFailing),
            (Known, Changed, Change::NewlyFailing),
            (Known, Known, Change::Unchanged),
            (Known, Pass, Change::Fixed),
            (Known, Skip, Change::Unchanged),
            (Fail, Pass, Change::Fixed),
            (Fail, Fail, Change::Unchanged),
            (Fail, Timeout, Change::TimedOut),
            (Timeout, Fail, Change::Changed),
            (Skip, Pass, Change::Unchanged),
            (Skip, Known, Change::Unchanged),
            (Skip, Fail, Change::NewlyFailing),
            (Pass, Error, Change::Unjudged),
        ];
        for (old, new, want) in table {
            assert_eq!(change(&result("a", old, "x"), &result("a", new, "x")), want, "{old} to {new}");
        }
        assert_eq!(change(&result("a", Fail, "x"), &result("a", Fail, "y")), Change::Changed);
        assert_eq!(change(&result("a", Timeout, "x"), &result("a", Timeout, "x x")), Change::Unchanged);
    }

    #[test]
    fn a_corrected_case_is_never_a_regression() {
        let new = CaseResult { digest: "e".into(), ..result("a", Verdict::Fail, "x") };
        assert_eq!(change(&result("a", Verdict::Pass, "x"), &new), Change::Corrected);
    }

    #[test]
    fn added_renamed_vanished_and_unasked_are_told_apart() {
        let old = document(
            "node",
            vec![result("gone", Verdict::Pass, "x"), result("before", Verdict::Pass, "x"), result("other", Verdict::Pass, "x")],
        );
        let renamed = CaseResult { was: vec!["before".into()], ..result("after", Verdict::Fail, "x") };
        let new = document("dev", vec![renamed, result("new", Verdict::Pass, "x")]);
        let pairs = counterparts(&old, &new, None).expect("one each");
        let selected = BTreeSet::from(["gone", "after", "new"]);
        let found: Vec<_> =
            compare(&old, &new, &pairs, Some(&selected)).into_iter().map(|delta| (delta.case, delta.change)).collect();
        assert_eq!(found, [("after", Change::NewlyFailing), ("gone", Change::Vanished), ("new", Change::Added)]);
        let unasked: Vec<_> = compare(&old, &new, &pairs, None)
            .into_iter()
            .filter(|delta| delta.change == Change::Deleted)
            .map(|d| d.case)
            .collect();
        assert_eq!(unasked, ["gone", "other"]);
    }

    #[test]
    fn a_renamed_case_is_the_same_case() {
        let old = document("node", vec![result("before", Verdict::Pass, "x")]);
        let renamed = CaseResult { was: vec!["before".into()], ..result("after", Verdict::Pass, "x") };
        let new = document("node", vec![renamed]);
        let pairs = pair(&old, &new).expect("one each").pairs;
        let found: Vec<_> = compare(&old, &new, &pairs, None).into_iter().map(|d| (d.case, d.renamed(), d.change)).collect();
        assert_eq!(found, [("after", Some("before"), Change::Unchanged)]);
    }

    #[test]
    fn what_is_gone_has_vanished_or_was_deleted_or_was_not_asked_for() {
        let (old, new) = (document("node", vec![result("gone", Verdict::Pass, "x")]), document("node", vec![]));
        let pairs = pair(&old, &new).expect("one each").pairs;
        let found = |new: &Document| {
            let asked = asked(&old, new);
            compare(&old, new, &pairs, asked.as_ref()).into_iter().map(|delta| delta.change).collect::<Vec<_>>()
        };
        assert_eq!(found(&new), [Change::Vanished]);
        let mut later = new.clone();
        later.suite.digest = "t".into();
        assert_eq!(found(&later), [Change::Deleted]);
        let mut filtered = new.clone();
        filtered.selection.filters = vec!["ordering/".into()];
        assert_eq!(found(&filtered), []);
        let interrupted = Document { complete: false, ..new };
        assert_eq!(found(&interrupted), []);
    }

    #[test]
    fn what_only_one_result_has_is_named() {
        let named = |names: &[&str]| {
            let mut all = document(names[0], vec![]);
            all.runtimes = names.iter().map(|name| RuntimeInfo { name: (*name).into(), ..all.runtimes[0].clone() }).collect();
            all
        };
        let pairing = pair(&named(&["bun", "node"]), &named(&["deno", "node"])).expect("they share node");
        assert_eq!((pairing.pairs.len(), pairing.only_old, pairing.only_new), (1, vec!["bun".into()], vec!["deno".into()]));
        let error = pair(&named(&["bun", "node"]), &named(&["deno"])).expect_err("they share nothing");
        assert!(error.contains("bun, node there, deno here"), "{error}");
    }

    #[test]
    fn runtimes_are_paired_by_name_or_by_being_the_only_ones() {
        let one = document("node", vec![]);
        assert_eq!(counterparts(&one, &document("dev", vec![]), None).expect("only ones")["dev"], "node");
        let mut two = document("node", vec![]);
        two.runtimes.push(RuntimeInfo { name: "bun".into(), ..two.runtimes[0].clone() });
        let error = counterparts(&two, &document("dev", vec![]), None).expect_err("which?");
        assert!(error.contains("it has node, bun"), "{error}");
        assert_eq!(counterparts(&two, &document("dev", vec![]), Some("bun")).expect("named")["dev"], "bun");
    }
}
