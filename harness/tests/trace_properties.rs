//! The matcher against a brute-force enumerator.
//!
//! The enumerator follows the definition of each operator and nothing else: a sequence concatenates, `unordered` lists every
//! merge, lanes list every merge whose places keep the edges. It knows the language of an expression up to a length; the
//! matcher has to agree on every trace up to one event less, on what may come next, and on what may be the end.

use std::collections::BTreeSet;

use lockstep::trace::{Expr, Lanes, Matcher, Outcome, explain, match_trace};
use proptest::prelude::*;

/// Traces are compared up to this length; the enumerator goes one further, to know what may follow.
const LENGTH: usize = 6;
const ALPHABET: [&str; 3] = ["a", "b", "c"];

/// A trace in the making: events, each with the number of the place it comes from while that matters.
type Word = Vec<(char, Option<usize>)>;
type Language = BTreeSet<Word>;

/// What can be printed, shortest traces included, as far as it may be the beginning of something of at most `limit` events.
fn language(expr: &Expr, limit: usize, places: Option<&mut usize>) -> Language {
    match expr {
        Expr::Event(pattern) => {
            let place = places.map(|next| {
                *next += 1;
                *next - 1
            });
            let event = |event: &&&str| pattern.fits(event);
            ALPHABET.iter().filter(event).map(|event| vec![(event.chars().next().expect("a letter"), place)]).collect()
        }
        Expr::Seq(items) => row(items, limit, places),
        Expr::Unordered(items) => {
            let mut places = places;
            let branches: Vec<Language> = items.iter().map(|item| language(item, limit, places.as_deref_mut())).collect();
            branches.iter().fold(nothing(), |merged, branch| pairs(&merged, branch, limit, merges))
        }
        Expr::OneOf(items) => items.iter().flat_map(|item| language(item, limit, None)).collect(),
        Expr::Optional(of) => language(of, limit, None).into_iter().chain(nothing()).collect(),
        Expr::Repeat { of, from, to } => match places {
            Some(places) if *to == Some(*from) => row(&vec![(**of).clone(); *from as usize], limit, Some(places)),
            _ => {
                let once = language(of, limit, None);
                let mut found = Language::new();
                let mut times = nothing();
                for turn in 0..=to.map_or(limit as u32, |to| to.min(limit as u32 + *from)) {
                    if turn >= *from {
                        found.extend(times.iter().cloned());
                    }
                    times = pairs(&times, &once, limit, |one, two| vec![[one, two].concat()]);
                }
                found
            }
        },
        Expr::Lanes(lanes) => merged_lanes(lanes, limit),
    }
}

fn nothing() -> Language {
    Language::from([Word::new()])
}

fn row(items: &[Expr], limit: usize, mut places: Option<&mut usize>) -> Language {
    items.iter().fold(nothing(), |before, item| {
        let item = language(item, limit, places.as_deref_mut());
        pairs(&before, &item, limit, |one, two| vec![[one, two].concat()])
    })
}

fn pairs(
    one: &Language,
    two: &Language,
    limit: usize,
    join: impl Fn(&[(char, Option<usize>)], &[(char, Option<usize>)]) -> Vec<Word>,
) -> Language {
    let fitting = one.iter().flat_map(|first| two.iter().map(move |then| (first, then)));
    fitting.filter(|(first, then)| first.len() + then.len() <= limit).flat_map(|(first, then)| join(first, then)).collect()
}

/// Every merge of two words.
fn merges(one: &[(char, Option<usize>)], two: &[(char, Option<usize>)]) -> Vec<Word> {
    let (Some((first, rest)), Some((other, others))) = (one.split_first(), two.split_first()) else {
        return vec![[one, two].concat()];
    };
    let begin = |event: &(char, Option<usize>), merged: Vec<Word>| {
        merged.into_iter().map(|word| [vec![*event], word].concat()).collect::<Vec<_>>()
    };
    [begin(first, merges(rest, two)), begin(other, merges(one, others))].concat()
}

/// Every merge of the lanes that keeps the edges. A lane's places are told apart by numbers of its own.
fn merged_lanes(lanes: &Lanes, limit: usize) -> Language {
    const LANE: usize = 1_000;
    let each = lanes.lanes().iter().enumerate().map(|(index, lane)| {
        let mut next = index * LANE;
        language(&lane.items, limit, Some(&mut next))
    });
    let merged = each.fold(nothing(), |merged, lane| pairs(&merged, &lane, limit, merges));
    let keeps = |word: &Word| {
        lanes.before().iter().all(|edge| {
            let at = |lane: usize, place: usize| word.iter().position(|event| event.1 == Some(lane * LANE + place));
            at(edge.first.lane, edge.first.place) < at(edge.then.lane, edge.then.place)
        })
    };
    merged.into_iter().filter(keeps).map(|word| word.into_iter().map(|event| (event.0, None)).collect()).collect()
}

/// Every trace the expression allows, up to `limit` events.
fn traces(expr: &Expr, limit: usize) -> BTreeSet<Vec<String>> {
    language(expr, limit, None).into_iter().map(|word| word.into_iter().map(|event| event.0.to_string()).collect()).collect()
}

/// The length of the longest trace, or none if there is no limit.
fn longest(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Event(_) => Some(1),
        Expr::Seq(items) | Expr::Unordered(items) => items.iter().map(longest).sum(),
        Expr::OneOf(items) => items.iter().map(longest).collect::<Option<Vec<_>>>().map(|all| all.into_iter().max().unwrap_or(0)),
        Expr::Optional(of) => longest(of),
        Expr::Repeat { of, to, .. } => Some(longest(of)? * (*to)? as usize),
        Expr::Lanes(lanes) => lanes.lanes().iter().map(|lane| longest(&lane.items)).sum(),
    }
}

/// Every event sequence of a length.
fn every(length: usize) -> Vec<Vec<String>> {
    (0..length).fold(vec![vec![]], |words, _| {
        words.iter().flat_map(|word| ALPHABET.map(|event| [word.clone(), vec![event.to_owned()]].concat())).collect()
    })
}

/// Small expressions; `{any}` among the events, so that two items may fit one.
fn expr() -> impl Strategy<Value = Expr> {
    let event = prop_oneof![4 => prop::sample::select(ALPHABET.to_vec()), 1 => Just("{any}")]
        .prop_map(|event| Expr::event(event).expect(event));
    event.prop_recursive(3, 10, 3, |inner| {
        let items = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            2 => items().prop_map(Expr::sequence),
            3 => items().prop_map(|items| Expr::unordered(items).expect("branches")),
            2 => items().prop_map(|items| Expr::one_of(items).expect("branches")),
            1 => inner.clone().prop_map(|of| Expr::optional(of).expect("something")),
            2 => (inner.clone(), 0..3u32, prop::option::of(0..3u32)).prop_map(|(of, from, more)| {
                let to = if of.may_be_nothing() { Some(from + more.unwrap_or(1)) } else { more.map(|more| from + more) };
                Expr::repeat(of, from, to.map(|to| to.max(1))).expect("bounds")
            }),
            3 => (prop::collection::vec(items(), 1..4), prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..4)).prop_map(|(lanes, picks)| with_edges(lanes, &picks)),
        ]
    })
}

/// Lanes with those of the picked edges that can be kept together.
fn with_edges(lanes: Vec<Vec<Expr>>, picks: &[(prop::sample::Index, prop::sample::Index)]) -> Expr {
    let lanes: Vec<(String, Vec<Expr>)> =
        lanes.into_iter().enumerate().map(|(index, items)| (format!("lane{index}"), items)).collect();
    // Every name that an edge could have; those that name nothing are found out by trying.
    let names: Vec<String> = lanes
        .iter()
        .flat_map(|(lane, _)| {
            ["a", "b", "c", "{any}"].into_iter().flat_map(move |event| {
                let numbered = (1..4).map(move |number| format!("{lane}.{event}#{number}"));
                numbered.chain([format!("{lane}.{event}")])
            })
        })
        .filter(|name| {
            Expr::lanes(lanes.clone(), &[(name.clone(), name.clone())]).is_err_and(|error| error.to_string().contains("circle"))
        })
        .collect();
    let mut edges: Vec<(String, String)> = Vec::new();
    for (first, then) in picks.iter().filter(|_| !names.is_empty()) {
        edges.push((first.get(&names).clone(), then.get(&names).clone()));
        if Expr::lanes(lanes.clone(), &edges).is_err() {
            edges.pop();
        }
    }
    Expr::lanes(lanes, &edges).expect("only edges that can be kept")
}

fn agree(expr: &Expr) -> Result<(), TestCaseError> {
    // Where traces cannot grow beyond what is enumerated, the beginnings of legal traces are known as well.
    let closed = longest(expr).is_some_and(|longest| longest <= LENGTH + 2);
    let legal = traces(expr, if closed { LENGTH + 2 } else { LENGTH });
    let beginnings: BTreeSet<&[String]> =
        legal.iter().flat_map(|trace| (0..=trace.len()).map(|length| &trace[..length])).collect();
    for word in (0..=4).flat_map(every).chain(legal.iter().take(500).cloned()) {
        let outcome = match_trace(expr, &word).expect("small expressions are far from the bound");
        prop_assert_eq!(outcome == Outcome::Accepted, legal.contains(&word), "{:?} is {:?}", word, outcome);
        prop_assert!(outcome.is_viable_prefix() || !beginnings.contains(&word[..]), "{:?} begins a legal trace", word);
        if closed {
            prop_assert_eq!(outcome.is_viable_prefix(), beginnings.contains(&word[..]), "{:?}", word);
            allowed_agrees(&outcome, &word, &beginnings, &legal)?;
        }
        if let Some(explanation) = explain(expr, &word, &outcome) {
            let nearest = explanation.nearest_texts().expect("small expressions have small traces");
            prop_assert_eq!(match_trace(expr, &nearest).expect("small"), Outcome::Accepted, "{:?}", nearest);
            prop_assert_eq!(&nearest[..explanation.at], &word[..explanation.at]);
        }
    }
    Ok(())
}

/// What the outcome says was allowed is what the enumerated traces go on with.
fn allowed_agrees(
    outcome: &Outcome,
    word: &[String],
    beginnings: &BTreeSet<&[String]>,
    legal: &BTreeSet<Vec<String>>,
) -> Result<(), TestCaseError> {
    let (at, allowed, ends) = match outcome {
        Outcome::Accepted => return Ok(()),
        Outcome::Incomplete { allowed } => (word.len(), allowed, false),
        Outcome::Forbidden { at, allowed, may_end } => (*at, allowed, *may_end),
    };
    let go_on = |event: &str| beginnings.contains(&*[&word[..at], &[event.to_owned()]].concat());
    let said: BTreeSet<&str> = allowed
        .iter()
        .flat_map(|pattern| {
            let pattern: lockstep::trace::Pattern = pattern.parse().expect("as it was written");
            ALPHABET.into_iter().filter(move |event| pattern.fits(event))
        })
        .collect();
    prop_assert_eq!(said, ALPHABET.into_iter().filter(|event| go_on(event)).collect::<BTreeSet<_>>(), "after {:?}", &word[..at]);
    prop_assert_eq!(ends, legal.contains(&word[..at]), "the end after {:?}", &word[..at]);
    let distinct: BTreeSet<&String> = allowed.iter().collect();
    prop_assert_eq!(distinct.len(), allowed.len(), "each once");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn the_matcher_agrees_with_the_enumerator(expr in expr()) {
        agree(&expr)?;
    }

    /// Merges of runs, where the matcher leaves readings out because others stand in for them.
    #[test]
    fn runs_in_a_merge_agree_with_the_enumerator(
        runs in prop::collection::vec((0..3u32, 0..3u32, prop::sample::select(vec!["b", "c", "{any}", ""])), 2..4)
    ) {
        let branches = runs.into_iter().map(|(from, more, end)| {
            let run = Expr::repeat(Expr::event("a").expect("a"), from, Some((from + more).max(1))).expect("bounds");
            if end.is_empty() { run } else { Expr::Seq(vec![run, Expr::event(end).expect(end)]) }
        });
        agree(&Expr::unordered(branches.collect()).expect("branches"))?;
    }

    /// Any walk along what is allowed can be carried on to a legal end.
    #[test]
    fn what_is_allowed_never_leads_astray(expr in expr(), choices in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let mut matcher = Matcher::new(&expr).expect("small");
        let mut walked = Vec::new();
        for choice in choices {
            let allowed = matcher.allowed();
            if allowed.is_empty() {
                prop_assert!(matcher.may_end());
                break;
            }
            let event = choice.get(&allowed).parse::<lockstep::trace::Pattern>().expect("as written").example();
            prop_assert!(matcher.feed(&event).expect("small"));
            walked.push(event);
        }
        let outcome = match_trace(&expr, &walked).expect("small");
        prop_assert!(outcome.is_viable_prefix());
        if let Some(explanation) = explain(&expr, &walked, &outcome) {
            let nearest = explanation.nearest_texts().expect("small");
            prop_assert_eq!(&nearest[..walked.len()], &walked[..]);
            prop_assert_eq!(match_trace(&expr, &nearest).expect("small"), Outcome::Accepted);
        }
    }
}

#[test]
fn the_enumerator_itself_knows_the_operators() {
    let read = |text: &str| -> Expr { serde_json::from_str(text).expect(text) };
    let said = |text: &str| -> Vec<String> { traces(&read(text), 4).into_iter().map(|trace| trace.concat()).collect() };
    assert_eq!(said(r#"["a", {"optional": "b"}]"#), ["a", "ab"]);
    assert_eq!(said(r#"[{"unordered": [["a", "b"], "c"]}]"#), ["abc", "acb", "cab"]);
    assert_eq!(said(r#"[{"one_of": ["{any}", ["a", "a"]]}]"#), ["a", "aa", "b", "c"]);
    assert_eq!(said(r#"[{"repeat": {"of": ["a", "b"], "from": 0}}]"#), ["", "ab", "abab"]);
    assert_eq!(said(r#"[{"repeat": {"of": "a", "from": 2, "to": 3}}]"#), ["aa", "aaa"]);
    assert_eq!(
        said(r#"[{"lanes": {"x": ["a", "b"], "z": ["c", "c"]}, "before": [["x.b", "z.c#2"], ["z.c#1", "x.a"]]}]"#),
        ["cabc"]
    );
}
