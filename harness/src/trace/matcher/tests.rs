use super::*;

fn read(text: &str) -> Expr {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The outcome of a rule in YAML on blank-separated events.
fn outcome(rule: &str, events: &str) -> Outcome {
    match_trace(&read(rule), &words(events)).unwrap_or_else(|error| panic!("{rule}: {error}"))
}

fn accepts(rule: &str, events: &[&str]) {
    for events in events {
        assert_eq!(outcome(rule, events), Outcome::Accepted, "{rule} on {events}");
    }
}

fn refuses(rule: &str, events: &[&str]) {
    for events in events {
        assert_ne!(outcome(rule, events), Outcome::Accepted, "{rule} on {events}");
    }
}

fn forbidden(at: usize, allowed: &str, may_end: bool) -> Outcome {
    Outcome::Forbidden { at, allowed: words(allowed), may_end }
}

#[test]
fn a_sequence_is_taken_whole_and_in_order() {
    accepts("[a, b, b, c]", &["a b b c"]);
    assert_eq!(outcome("[a, b]", "a"), Outcome::Incomplete { allowed: words("b") });
    assert_eq!(outcome("[a, b]", "b a"), forbidden(0, "a", false));
    assert_eq!(outcome("[a, b]", "a b c"), forbidden(2, "", true));
    assert_eq!(outcome("[]", ""), Outcome::Accepted);
    assert_eq!(outcome("[]", "a"), forbidden(0, "", true));
}

#[test]
fn branches_of_unordered_keep_their_own_order() {
    let rule = "[{unordered: [[a, b], c]}, end]";
    accepts(rule, &["a b c end", "a c b end", "c a b end"]);
    refuses(rule, &["b a c end", "a b end c", "a b end", "a b c c end"]);
    assert_eq!(outcome(rule, "a end"), forbidden(1, "b c", false));
}

#[test]
fn alternatives_with_a_common_beginning_stay_open() {
    let rule = "[{one_of: [[a, b], [a, c], d]}]";
    accepts(rule, &["a b", "a c", "d"]);
    assert_eq!(outcome(rule, "a d"), forbidden(1, "b c", false));
}

#[test]
fn repeats_are_counted() {
    let rule = "[{repeat: {of: [a, b], from: 1, to: 2}}, c]";
    accepts(rule, &["a b c", "a b a b c"]);
    assert_eq!(outcome(rule, "c"), forbidden(0, "a", false));
    assert_eq!(outcome(rule, "a b x"), forbidden(2, "a c", false));
    assert_eq!(outcome(rule, "a b a b a"), forbidden(4, "c", false));
    accepts("[{repeat: {of: a, from: 0}}]", &["", "a", "a a a a a a"]);
    assert_eq!(outcome("[{repeat: {of: a, from: 0}}]", "a b"), forbidden(1, "a", true));
}

#[test]
fn a_repeat_of_what_may_be_nothing_counts_from_none() {
    let rule = "[{repeat: {of: {optional: a}, from: 2, to: 3}}]";
    accepts(rule, &["", "a", "a a", "a a a"]);
    refuses(rule, &["a a a a"]);
}

#[test]
fn a_repeated_event_and_its_like_are_dealt_out() {
    accepts("[{repeat: {of: a, from: 0}}, a, b]", &["a b", "a a a b"]);
    accepts("[{optional: a}, {optional: b}, {optional: a}, c]", &["c", "a c", "b a c", "a b a c", "a a c"]);
    refuses("[{optional: a}, {optional: b}, {optional: a}, c]", &["a a a c", "b b c", "a b a"]);
}

#[test]
fn holes_and_text_may_fit_the_same_event() {
    let rule = "[{unordered: [['waited-{1..9}', end], [waited-5, stop]]}]";
    accepts(rule, &["waited-5 waited-5 end stop", "waited-5 stop waited-7 end", "waited-5 waited-7 stop end"]);
    refuses(rule, &["waited-7 stop", "waited-5 end waited-7 stop"]);
    assert_eq!(outcome(rule, "waited-7 x"), forbidden(1, "end waited-5", false));
}

#[test]
fn lanes_are_merged_within_their_edges() {
    let rule = "[{lanes: {client: [connect, write, end], server: [accept, data, data, end2]}, \
                before: [[client.write, 'server.data#1'], [server.end2, client.end]]}]";
    accepts(rule, &["connect write accept data data end2 end", "accept connect write data data end2 end"]);
    assert_eq!(outcome(rule, "connect accept data"), forbidden(2, "write", false));
    assert_eq!(outcome(rule, "connect write end"), forbidden(2, "accept", false));
    assert_eq!(outcome(rule, "accept connect write x"), forbidden(3, "data", false));
}

#[test]
fn edges_hold_within_an_unordered_of_a_lane() {
    let rule = "[{lanes: {x: [{unordered: [a, b, c]}], z: [d]}, before: [[x.b, x.a], [z.d, x.b]]}]";
    accepts(rule, &["c d b a", "d b a c", "d c b a"]);
    refuses(rule, &["a b c d", "b d a c", "d a b c"]);
}

#[test]
fn turns_of_a_fixed_repeat_are_places_of_their_own() {
    let rule = "[{lanes: {w: [{repeat: {of: write, from: 3, to: 3}}], r: [{repeat: {of: read, from: 3, to: 3}}]}, \
                before: [['w.write#1', 'r.read#1'], ['w.write#2', 'r.read#2'], ['w.write#3', 'r.read#3']]}]";
    accepts(rule, &["write read write read write read", "write write read write read read", "write write write read read read"]);
    refuses(rule, &["read write write write read read", "write read read write write read"]);
}

#[test]
fn lanes_in_a_repeat_begin_anew() {
    let rule = "[{repeat: {of: {lanes: {x: [a], z: [b]}, before: [[x.a, z.b]]}, from: 1}}]";
    accepts(rule, &["a b", "a b a b"]);
    assert_eq!(outcome(rule, "a b b"), forbidden(2, "a", true));
}

#[test]
fn lanes_in_a_lane_keep_edges_of_their_own() {
    let rule = "[{lanes: {x: [{lanes: {p: [a], q: [b]}, before: [[p.a, q.b]]}, c], z: [d]}, before: [[z.d, x.c]]}]";
    accepts(rule, &["a b d c", "d a b c", "a d b c"]);
    refuses(rule, &["b a d c", "a b c d"]);
}

#[test]
fn an_event_that_two_places_fit_is_read_either_way() {
    // The first `go` may be of either lane, and only one reading lets `late` come.
    let rule = "[{lanes: {x: [go, late], z: [go, stop]}, before: [[z.stop, x.late]]}]";
    accepts(rule, &["go go stop late", "go stop go late"]);
    refuses(rule, &["go late go stop"]);
}

#[test]
fn an_independent_lane_takes_no_part_in_the_edges() {
    let rule = "[{lanes: {x: [a], y2: [free], z: [b]}, before: [[x.a, z.b]]}]";
    accepts(rule, &["free a b", "a free b", "a b free"]);
    refuses(rule, &["free b a"]);
}

#[test]
fn a_cut_trace_is_a_viable_prefix() {
    assert!(outcome("[a, b]", "a").is_viable_prefix());
    assert!(outcome("[a, b]", "a b").is_viable_prefix());
    assert!(!outcome("[a, b]", "b").is_viable_prefix());
}

#[test]
fn a_forbidden_event_leaves_the_matcher_where_it_was() {
    let rule = read("[a, b]");
    let mut matcher = Matcher::new(&rule).expect("far from the bound");
    assert_eq!(matcher.feed("a"), Ok(true));
    assert_eq!(matcher.feed("x"), Ok(false));
    assert_eq!(matcher.allowed(), ["b"]);
    assert_eq!(matcher.feed("b"), Ok(true));
    assert!(matcher.may_end());
}

#[test]
fn thousands_of_items_that_may_be_nothing_are_stepped_over() {
    let optional = |index: usize| Expr::optional(Expr::event(&format!("e{index}")).expect("event")).expect("optional");
    let mut items: Vec<Expr> = (0..5_000).map(optional).collect();
    items.push(Expr::event("end").expect("event"));
    let expr = Expr::Seq(items);
    assert_eq!(match_trace(&expr, &words("e7 e4999 end")), Ok(Outcome::Accepted));
    assert_eq!(match_trace(&expr, &words("e4998 e4997")), Ok(forbidden(1, "e4999 end", false)));
}

/// Twenty sequences of 500 events each, merged round robin, each event named by `name`.
fn twenty(name: impl Fn(usize, usize) -> String) -> (Expr, Vec<String>) {
    let sequence = |lane: usize| -> Vec<String> { (0..500).map(|index| name(lane, index)).collect() };
    let branches = (0..20).map(|lane| Expr::exactly(&sequence(lane)).expect("one line each")).collect();
    let events =
        (0..500).flat_map(|index| (0..20).map(move |lane| (lane, index))).map(|(lane, index)| name(lane, index)).collect();
    (Expr::unordered(branches).expect("twenty branches"), events)
}

/// Twenty sequences of 490 and more times `data`, then `end`; all the data comes first.
fn runs_of_different_lengths() -> (Expr, Vec<String>) {
    let sequence = |lane: usize| [vec!["data".to_owned(); 490 + lane], vec!["end".to_owned()]].concat();
    let branches: Vec<Expr> = (0..20).map(|lane| Expr::exactly(&sequence(lane)).expect("one line each")).collect();
    let mut events: Vec<String> = (0..20).flat_map(sequence).collect();
    events.sort_unstable();
    (Expr::unordered(branches).expect("twenty branches"), events)
}

#[test]
fn ten_thousand_events_of_twenty_sequences_stay_far_from_the_bound() {
    for (what, (expr, events)) in [
        ("events of their own", twenty(|lane, index| format!("{lane}:{index}"))),
        ("equal events", twenty(|_, index| index.to_string())),
        ("one event", twenty(|_, _| "tick".to_owned())),
        ("a run and an end", twenty(|_, index| if index < 499 { "data" } else { "end" }.to_owned())),
        ("runs of different lengths", runs_of_different_lengths()),
    ] {
        let mut matcher = Matcher::new(&expr).expect(what);
        for event in &events {
            assert_eq!(matcher.feed(event), Ok(true), "{what}");
        }
        assert!(matcher.may_end(), "{what}");
        assert!(matcher.arena.spent() < 2_000_000, "{what}: {}", matcher.arena.spent());
    }
}

#[test]
fn a_million_events_of_an_endless_repeat_neither_reach_the_bound_nor_fill_memory() {
    let rule = read("[{repeat: {of: {unordered: [a, b, [c, c]]}, from: 2}}]");
    let mut matcher = Matcher::new(&rule).expect("small");
    for turn in 0..250_000 {
        for event in if turn % 2 == 0 { ["a", "c", "b", "c"] } else { ["c", "c", "b", "a"] } {
            assert_eq!(matcher.feed(event), Ok(true));
        }
    }
    assert!(matcher.may_end());
    assert!(matcher.arena.cells() < 1_000);
}

#[test]
fn terms_that_no_longer_matter_are_swept_away() {
    let (expr, events) = twenty(|lane, index| format!("{lane}:{index}"));
    let mut matcher = Matcher::new(&expr).expect("small");
    matcher.sweep_at = 0;
    for (at, event) in events.iter().enumerate() {
        if at % 7 == 0 {
            matcher.sweep_at = 0;
        }
        assert_eq!(matcher.feed(event), Ok(true));
    }
    assert!(matcher.may_end());
}

/// Feeds allowed events, chosen by a fixed sequence of numbers, until the end or the bound.
fn walk(expr: &Expr) -> Result<usize, BoundReached> {
    let mut matcher = Matcher::new(expr)?;
    let mut number: usize = 1;
    for at in 0..2_000 {
        let allowed = matcher.allowed();
        if allowed.is_empty() {
            return Ok(at);
        }
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let event = &allowed[(number >> 33) % allowed.len()];
        assert!(matcher.feed(event)?, "{event} was allowed");
    }
    Ok(2_000)
}

#[test]
fn sequences_that_share_events_at_different_places_reach_the_bound_with_a_clear_error() {
    let sequence = |lane: usize| {
        let events = (0..60).map(|index| ["a", "b", "c"][(index * (1 + lane % 2) + lane / 2) % 3]);
        Expr::Seq(events.map(|event| Expr::event(event).expect(event)).collect())
    };
    let expr = Expr::unordered((0..20).map(sequence).collect()).expect("unordered");
    let bound = walk(&expr).expect_err("more readings than could ever be told apart");
    assert_eq!(
        bound.to_string(),
        format!(
            "the expectation can be read in too many ways at event {}; give the branches of `unordered` events of their own, \
             or bound and flatten nested `repeat` and `one_of`",
            bound.at + 1
        )
    );
}

/// Repeats of merges of choices, four deep, over the same few events.
fn nested(events: [&str; 2], branches: usize) -> Expr {
    let event = |text: &str| Expr::event(text).expect(text);
    (1..=4).fold(event("a"), |nested, depth| {
        let choice = |index: usize| {
            let row = Expr::Seq(vec![event("a"), event(events[index % 2]), event("a")]);
            Expr::one_of(vec![nested.clone(), row]).expect("one_of")
        };
        let merged = Expr::unordered((0..branches).map(choice).collect()).expect("unordered");
        Expr::repeat(merged, 1, (depth % 2 == 0).then_some(10 * depth)).expect("repeat")
    })
}

#[test]
fn nested_repeats_of_merges_of_choices_reach_the_bound_before_long() {
    for (events, branches) in [(["a", "a"], 3), (["a", "b"], 6)] {
        let bound = walk(&nested(events, branches)).expect_err("a state for every way of dealing the events out");
        // Not at once: what can be told apart in good time is.
        assert!(bound.at > 3, "{events:?}: {bound}");
    }
}

#[test]
fn an_expression_too_long_to_be_built_is_beyond_the_bound() {
    let turn = Expr::repeat(Expr::event("a").expect("a"), 1_000, Some(1_000)).expect("repeat");
    let place = |lane: &str| format!("{lane}.a#1");
    let lanes = |lane: &str| (lane.to_owned(), vec![turn.clone(), turn.clone()]);
    let one = Expr::lanes(vec![lanes("x"), lanes("z")], &[(place("x"), place("z"))]).expect("lanes");
    let many = Expr::Seq(vec![one; 2_000]);
    assert_eq!(Matcher::new(&many).err(), Some(BoundReached { at: 0 }));
}
