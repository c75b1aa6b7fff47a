//! Joining the results of shards, or of parts of a run, into one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Document, DocumentError};

/// Joins documents of one suite into one.
///
/// The same (case, runtime) may stand in several documents only if it was found the same: a join must not choose between
/// findings. Runtimes of one name must be the same product, version and features.
///
/// # Errors
/// If there is nothing to join, or if the documents contradict each other.
pub fn merge(documents: Vec<Document>) -> Result<Document, DocumentError> {
    let mut parts = documents.into_iter();
    let Some(mut joined) = parts.next() else {
        return Err(DocumentError::Merge("no result was given".into()));
    };
    let mut filters: BTreeSet<String> = joined.selection.filters.drain(..).collect();
    let mut shards = vec![joined.selection.shard.take()];
    let mut runtimes: BTreeMap<_, _> = joined.runtimes.drain(..).map(|runtime| (runtime.name.clone(), runtime)).collect();
    let mut results: BTreeMap<_, _> = BTreeMap::new();
    let mut pending = std::mem::take(&mut joined.results);
    loop {
        for result in pending {
            let key = (result.case.clone(), result.runtime.clone());
            match results.get(&key) {
                None => {
                    results.insert(key, result);
                }
                Some(known) if known.verdict == result.verdict && known.digest == result.digest => {}
                Some(known) => {
                    return Err(DocumentError::Merge(format!(
                        "{} on {} is `{}` in one and `{}` in another",
                        key.0, key.1, known.verdict, result.verdict
                    )));
                }
            }
        }
        let Some(part) = parts.next() else { break };
        if part.suite != joined.suite {
            return Err(DocumentError::Merge(format!(
                "one is of suite {} ({}), another of suite {} ({})",
                joined.suite.version, joined.suite.digest, part.suite.version, part.suite.digest
            )));
        }
        for runtime in part.runtimes {
            match runtimes.get(&runtime.name) {
                Some(known) if *known != runtime => {
                    return Err(DocumentError::Merge(format!("the runtime `{}` is not the same in all of them", runtime.name)));
                }
                _ => {
                    runtimes.insert(runtime.name.clone(), runtime);
                }
            }
        }
        filters.extend(part.selection.filters);
        shards.push(part.selection.shard);
        joined.complete &= part.complete;
        joined.timing.elapsed_ms = joined.timing.elapsed_ms.max(part.timing.elapsed_ms);
        joined.timing.cases_ms.extend(part.timing.cases_ms);
        pending = part.results;
    }
    joined.selection.filters = filters.into_iter().collect();
    joined.selection.shard = missing_shards(&shards);
    joined.runtimes = runtimes.into_values().collect();
    joined.results = results.into_values().collect();
    Ok(joined.canonical())
}

/// What a joined result says of its shards: nothing if they are all there, else which of them it holds.
fn missing_shards(shards: &[Option<String>]) -> Option<String> {
    let named: BTreeSet<&str> = shards.iter().flatten().map(String::as_str).collect();
    let (_, of) = named.first()?.split_once('/')?;
    let all = of.parse::<usize>().ok()?;
    let whole = shards.iter().all(Option::is_some)
        && named.len() == all
        && named.iter().all(|shard| shard.split_once('/').is_some_and(|(_, other)| other == of));
    (!whole).then(|| named.into_iter().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{CaseResult, SelectionInfo, SuiteInfo, Verdict, document::SCHEMA};

    fn part(shard: &str, cases: &[(&str, Verdict)]) -> Document {
        Document {
            schema: SCHEMA,
            suite: SuiteInfo { version: "0.1.0".into(), cases: 3, digest: "s".into() },
            selection: SelectionInfo { filters: vec![], shard: Some(shard.into()) },
            complete: true,
            runtimes: vec![],
            results: cases
                .iter()
                .map(|(case, verdict)| CaseResult {
                    case: (*case).into(),
                    digest: "d".into(),
                    was: vec![],
                    runtime: "node".into(),
                    verdict: *verdict,
                    observed: None,
                    detail: String::new(),
                })
                .collect(),
            timing: Default::default(),
        }
    }

    #[test]
    fn all_shards_make_a_whole_and_some_say_which() {
        let one = part("1/2", &[("b", Verdict::Pass)]);
        let two = part("2/2", &[("a", Verdict::Fail)]);
        let whole = merge(vec![one.clone(), two]).expect("they fit");
        assert_eq!(whole.selection.shard, None);
        assert_eq!(whole.results.iter().map(|r| r.case.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(merge(vec![one]).expect("one is enough").selection.shard.as_deref(), Some("1/2"));
    }

    #[test]
    fn a_contradiction_is_no_choice_of_ours() {
        let error = merge(vec![part("1/1", &[("a", Verdict::Pass)]), part("1/1", &[("a", Verdict::Fail)])]);
        let message = error.expect_err("they contradict").to_string();
        assert!(message.contains("a on node is `pass` in one and `fail` in another"), "{message}");
    }

    #[test]
    fn nothing_and_another_suite_are_refused() {
        assert!(merge(vec![]).is_err());
        let mut other = part("1/1", &[]);
        other.suite.digest = "t".into();
        assert!(merge(vec![part("1/1", &[]), other]).is_err());
    }
}
