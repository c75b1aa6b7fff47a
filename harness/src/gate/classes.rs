//! How the runtimes of one result differ: per case, the runtimes grouped by equal behaviour.
//!
//! All that conforms is one class, however many legal orders an expectation has; what deviates is in one class with what deviates in
//! the same way. A runtime that lacks what a case needs stands apart from both.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::result::{CaseResult, Document, Verdict};

/// One case and the classes of its runtimes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseClasses {
    /// The case's id.
    pub case: String,
    /// The classes: the conforming one first, then the larger before the smaller.
    pub classes: Vec<Class>,
}

/// Runtimes that behave alike in one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Class {
    /// What they have in common.
    pub behaviour: Behaviour,
    /// Their names, in the order of the result.
    pub runtimes: Vec<String>,
    /// One sentence on it; empty for the conforming class.
    pub detail: String,
}

/// What runtimes have in common in one case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Behaviour {
    /// As the rule allows.
    Conforms,
    /// Otherwise, with this trace and end.
    Deviates {
        /// The trace.
        trace: Vec<String>,
        /// The end, in the words of the `exit` grammar.
        exit: String,
    },
    /// This trace and end, where there is no rule to hold them against.
    Prints {
        /// The trace.
        trace: Vec<String>,
        /// The end, in the words of the `exit` grammar.
        exit: String,
    },
    /// Repeats disagree.
    Unstable,
    /// Not run, for want of this.
    Lacks {
        /// The feature, goal or profile.
        what: String,
    },
    /// Not judged: a fault of the harness or an adapter.
    Unjudged,
}

impl CaseClasses {
    /// The classes that were run and judged.
    fn behaving(&self) -> impl Iterator<Item = &Class> {
        self.classes.iter().filter(|class| !matches!(class.behaviour, Behaviour::Lacks { .. } | Behaviour::Unjudged))
    }

    /// The classes with their letters: A for what conforms, B and so on for the others; none where nothing was judged.
    pub fn lettered(&self) -> impl Iterator<Item = (Option<char>, &Class)> {
        let mut letters = 'B'..='Z';
        self.classes.iter().map(move |class| {
            let letter = match class.behaviour {
                Behaviour::Conforms => Some('A'),
                Behaviour::Lacks { .. } | Behaviour::Unjudged => None,
                // More than twenty-five ways to deviate are not told apart by a letter.
                _ => Some(letters.next().unwrap_or('Z')),
            };
            (letter, class)
        })
    }

    /// Whether runtimes disagree.
    pub fn is_split(&self) -> bool {
        self.behaving().count() > 1
    }

    /// The one runtime that behaves as no other does, if there is exactly one and at least two others agree, or one other conforms.
    pub fn alone(&self) -> Option<&str> {
        let classes: Vec<&Class> = self.behaving().collect();
        match classes[..] {
            [a, b] => match (a.runtimes.len(), b.runtimes.len()) {
                (more, 1) if more > 1 => Some(&b.runtimes[0]),
                (1, more) if more > 1 => Some(&a.runtimes[0]),
                (1, 1) if a.behaviour == Behaviour::Conforms => Some(&b.runtimes[0]),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether two runtimes were both run and behave alike; none if either was not.
    pub fn agree(&self, one: &str, other: &str) -> Option<bool> {
        let class = |name: &str| self.behaving().position(|class| class.runtimes.iter().any(|runtime| runtime == name));
        Some(class(one)? == class(other)?)
    }
}

/// Groups the runtimes of `document`, case by case. What interests comes first: a runtime alone, then other splits, then agreement; each
/// by id.
pub fn classes(document: &Document) -> Vec<CaseClasses> {
    let mut by_case: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
    for result in &document.results {
        by_case.entry(&result.case).or_default().push(result);
    }
    let order: BTreeMap<&str, usize> =
        document.runtimes.iter().enumerate().map(|(index, runtime)| (runtime.name.as_str(), index)).collect();
    let mut all: Vec<CaseClasses> = by_case
        .into_iter()
        .map(|(case, mut results)| {
            results.sort_by_key(|result| order.get(result.runtime.as_str()).copied());
            let behaviours = results.into_iter().map(|result| {
                let behaviour = behaviour(result);
                let detail = if behaviour == Behaviour::Conforms { String::new() } else { result.detail.clone() };
                (result.runtime.clone(), behaviour, detail)
            });
            group(case, behaviours)
        })
        .collect();
    all.sort_by_key(|case| (case.alone().is_none(), !case.is_split(), case.case.clone()));
    all
}

/// Groups what runtimes did in one case, or with one program: each with its behaviour and a sentence on it, in the order to show them.
pub fn group(case: &str, behaviours: impl IntoIterator<Item = (String, Behaviour, String)>) -> CaseClasses {
    let mut groups: BTreeMap<Behaviour, Class> = BTreeMap::new();
    for (runtime, behaviour, detail) in behaviours {
        let class = groups.entry(behaviour.clone()).or_insert(Class { behaviour, runtimes: vec![], detail });
        class.runtimes.push(runtime);
    }
    let mut classes: Vec<Class> = groups.into_values().collect();
    classes.sort_by_key(|class| (class.behaviour != Behaviour::Conforms, std::cmp::Reverse(class.runtimes.len())));
    CaseClasses { case: case.into(), classes }
}

/// What a result says of how its runtime behaves.
pub fn behaviour(result: &CaseResult) -> Behaviour {
    match (&result.verdict, &result.observed) {
        (Verdict::Pass | Verdict::Fixed, _) => Behaviour::Conforms,
        (Verdict::Skip, _) => Behaviour::Lacks { what: result.detail.clone() },
        (Verdict::Unstable, _) => Behaviour::Unstable,
        (Verdict::Error, _) | (_, None) => Behaviour::Unjudged,
        // A known deviation that happens to conform has no first forbidden event.
        (Verdict::Known, Some(seen)) if seen.at.is_none() && result.detail.starts_with("conforms this time") => {
            Behaviour::Conforms
        }
        (_, Some(seen)) => Behaviour::Deviates { trace: seen.trace.clone(), exit: seen.exit.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(behaviour: Behaviour, runtimes: &[&str]) -> Class {
        Class { behaviour, runtimes: runtimes.iter().map(|name| (*name).to_owned()).collect(), detail: String::new() }
    }

    fn other(trace: &str) -> Behaviour {
        Behaviour::Deviates { trace: vec![trace.into()], exit: "0".into() }
    }

    fn case(classes: Vec<Class>) -> CaseClasses {
        CaseClasses { case: "a".into(), classes }
    }

    #[test]
    fn one_against_many_is_alone_and_a_tie_is_decided_by_the_rule() {
        assert_eq!(case(vec![class(Behaviour::Conforms, &["a", "b"]), class(other("x"), &["c"])]).alone(), Some("c"));
        assert_eq!(case(vec![class(Behaviour::Conforms, &["a"]), class(other("x"), &["b", "c"])]).alone(), Some("a"));
        assert_eq!(case(vec![class(Behaviour::Conforms, &["a"]), class(other("x"), &["b"])]).alone(), Some("b"));
        assert_eq!(case(vec![class(other("y"), &["a"]), class(other("x"), &["b"])]).alone(), None);
        assert_eq!(case(vec![class(Behaviour::Conforms, &["a", "b"])]).alone(), None);
    }

    #[test]
    fn equal_traces_and_ends_are_one_class_the_larger_first() {
        let prints = |trace: &str, exit: &str| Behaviour::Prints { trace: vec![trace.into()], exit: exit.into() };
        let seen = [("a", prints("x", "0")), ("b", prints("y", "0")), ("c", prints("y", "0")), ("d", prints("y", "1"))];
        let grouped = group("p", seen.into_iter().map(|(name, behaviour)| (name.to_owned(), behaviour, String::new())));
        let names: Vec<Vec<String>> = grouped.classes.iter().map(|class| class.runtimes.clone()).collect();
        assert_eq!(names, [vec!["b", "c"], vec!["a"], vec!["d"]]);
        assert!(grouped.is_split() && grouped.alone().is_none());
    }

    #[test]
    fn who_lacks_a_feature_neither_agrees_nor_disagrees() {
        let lacking = class(Behaviour::Lacks { what: "node:fs".into() }, &["c"]);
        let case = case(vec![class(Behaviour::Conforms, &["a", "b"]), lacking]);
        assert!(!case.is_split());
        assert_eq!(case.agree("a", "b"), Some(true));
        assert_eq!(case.agree("a", "c"), None);
    }
}
