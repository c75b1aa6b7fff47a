use super::*;
use crate::trace::canonical;

fn read(text: &str) -> Expr {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{text}{error}"))
}

/// Line, column and message of what is wrong with `text`.
fn fault(text: &str) -> (u64, u64, String) {
    let error = serde_yaml::from_str::<Expr>(text).expect_err(text);
    let message = error.without_snippet().to_string();
    let at = error.location().map_or((0, 0), |at| (at.line(), at.column()));
    let place = format!(" at line {}, column {}", at.0, at.1);
    (at.0, at.1, message.strip_suffix(&place).unwrap_or(&message).to_owned())
}

fn check(text: &str, at: (u64, u64), message: &str) {
    let (line, column, said) = fault(text);
    assert_eq!(((line, column), said.as_str()), (at, message), "{text}");
}

#[test]
fn every_operator_is_read() {
    let text = "
- sync
- unordered: [timeout, [immediate, after]]
- one_of: [[a, b], c]
- repeat: { of: tick, from: 1, to: 20 }
- repeat: { from: 0, of: [v, w] }
- optional: extra
- optional: [p, q]
- lanes: { client: [connect, write, end], server: [accept, data, data, end] }
  before: [[client.write, 'server.data#1'], [server.end, client.end]]
- 'waited {50..} ms'
";
    assert_eq!(
        canonical(&read(text)),
        "(seq 4:sync (unordered (seq 9:immediate 5:after) 7:timeout) (one_of (seq 1:a 1:b) 1:c) (repeat 1 20 4:tick) \
         (repeat 0 * (seq 1:v 1:w)) (optional 5:extra) (optional (seq 1:p 1:q)) (lanes \
         (lane 6:client (seq 7:connect 5:write 3:end)) (lane 6:server (seq 6:accept 4:data 4:data 3:end)) \
         (before 6:client 1 6:server 1) (before 6:server 3 6:client 2)) 16:waited {50..} ms)"
    );
    assert_eq!(read("[]"), Expr::Seq(vec![]));
}

#[test]
fn edges_may_stand_before_their_lanes() {
    let (one, two) = ("{lanes: {a: [v], b: [w]}, before: [[a.v, b.w]]}", "{before: [[a.v, b.w]], lanes: {a: [v], b: [w]}}");
    assert_eq!(read(&format!("[{one}]")), read(&format!("[{two}]")));
}

#[test]
fn another_format_reads_the_same() {
    let json = r#"["a", {"repeat": {"of": ["b", "c"], "from": 2, "to": 3}}, {"optional": "1"}]"#;
    let expr: Expr = serde_json::from_str(json).expect("sound");
    assert_eq!(expr, read("- a\n- repeat: { of: [b, c], from: 2, to: 3 }\n- optional: '1'\n"));
    let twice = serde_json::from_str::<Expr>(r#"[{"repeat": {"of": "a", "of": "b", "from": 1}}]"#).expect_err("twice");
    assert!(twice.to_string().starts_with("`of` stands here twice; write it once"), "{twice}");
    for (json, said) in [
        (r#"[{"optional": "a", "optional": "b"}]"#, "`optional` stands here twice; write it once"),
        (r#"[{"lanes": {"x": ["a"], "x": ["b"]}}]"#, "two lanes are named `x`; name each once"),
    ] {
        let error = serde_json::from_str::<Expr>(json).expect_err(json).to_string();
        assert!(error.starts_with(said), "{error}");
    }
}

#[test]
fn duplicate_keys_are_refused_where_they_stand() {
    for (text, at) in [
        ("- unordered: [a]\n  unordered: [b]\n", (2, 3)),
        ("- repeat: { of: a, of: b, from: 1 }\n", (1, 20)),
        ("- lanes: { x: [a], x: [b] }\n", (1, 20)),
    ] {
        let (line, column, said) = fault(text);
        assert_eq!((line, column), at, "{said}");
        assert!(said.contains("duplicate"), "{said}");
    }
}

#[test]
fn an_event_that_is_no_text_is_to_be_quoted() {
    check("- a\n- 1\n", (2, 3), "an event is text, and this is the number 1; quote it");
    check("- -1.5\n", (1, 3), "an event is text, and this is the number -1.5; quote it");
    check("- a\n- yes\n", (2, 3), "an event is text, and this word reads as the boolean true; quote it");
    check("- unordered: [a, false]\n", (1, 18), "an event is text, and this word reads as the boolean false; quote it");
    let null = "nothing stands here, or a bare null; an event is text: quote it, as \"null\", or \"\" for an empty line";
    check("- a\n-\n- b\n", (2, 2), null);
    check("- null\n", (1, 3), null);
    assert_eq!(read("- '1'\n- \"true\"\n- ''\n").as_plain_sequence(), Some(vec!["1", "true", ""]));
}

#[test]
fn a_malformed_hole_is_found_in_its_line() {
    check(
        "- a\n- unordered:\n    - b\n    - \"in {1..\"\n",
        (4, 7),
        "event \"in {1..\", column 4: this `{` is never closed; close it with `}`, or write `{{` for a brace",
    );
}

#[test]
fn an_event_of_two_lines_is_refused() {
    let (line, _, said) = fault("- |\n  a\n");
    assert!(line > 0 && said.contains("an event is one line"), "{said}");
}

#[test]
fn an_unknown_key_is_met_with_the_known_ones() {
    let known = "an item has one of `unordered`, `one_of`, `repeat`, `optional`, or `lanes` with `before`, \
                 and an event that holds a colon is quoted";
    check("- a\n- unordred: [a]\n", (2, 3), &format!("unknown key `unordred`; {known}"));
    check("- error: it broke\n", (1, 3), &format!("unknown key `error`; {known}"));
    check("- 1: a\n", (1, 3), &format!("unknown key `1`; {known}"));
    check("- repeat: { of: a, from: 1, too: 3 }\n", (1, 29), "unknown key `too` in `repeat`; it has `of`, `from` and `to`");
}

#[test]
fn an_item_has_one_operator() {
    check(
        "- unordered: [a]\n  one_of: [b]\n",
        (2, 3),
        "`one_of` stands beside `unordered`, and an item has one operator; begin it with a dash of its own",
    );
    check(
        "- optional: a\n  before: [[x.a, x.b]]\n",
        (2, 3),
        "`before` stands beside `optional`, and an item has one operator; begin it with a dash of its own",
    );
    check("- before: [[x.a, x.b]]\n", (1, 3), "`before` orders the events of `lanes`; write `lanes` beside it");
    check(
        "- {}\n",
        (1, 3),
        "an empty mapping is no item; write an event, or one of `unordered`, `one_of`, `repeat`, `optional`, or `lanes` with `before`",
    );
}

#[test]
fn what_stands_in_the_wrong_shape_is_met_with_the_right_one() {
    let list =
        "is a list of events and operators, and this is the text \"a\"; write `[event, …]`, or each in a line after a dash";
    assert_eq!(fault("a\n").2, format!("a trace {list}"));
    check("- lanes: { x: a }\n", (1, 15), &format!("a lane {list}"));
    check(
        "- [a, b]\n",
        (1, 3),
        "a list is possible only inside an operator; items of a trace follow each other anyway, so take the inner brackets away",
    );
    check("- unordered: [[a, [b]]]\n", (1, 19), &fault("- [a, b]\n").2);
    check(
        "- unordered: a\n",
        (1, 14),
        "`unordered` takes a list, and this is the text \"a\"; write `unordered: [first, [second, third], …]`",
    );
    check(
        "- repeat: a\n",
        (1, 11),
        "`repeat` takes a mapping, and this is the text \"a\"; write `repeat: { of: event, from: 1, to: 20 }`",
    );
    check("- lanes: [a]\n", (1, 10), "`lanes` takes a mapping, and this is a list; write `lanes: { name: [event, …], … }`");
    let pair =
        |found| format!("an edge is a pair, and this is {found}; write `[lane.event, other.event]`, the earlier one first");
    check("- lanes: { x: [a], z: [b] }\n  before: [x.a, z.b]\n", (2, 12), &pair("the text \"x.a\""));
    for (edge, found) in [("[x.a]", "a list of 1"), ("[]", "a list of 0"), ("[x.a, z.b, x.a]", "a list of 3")] {
        assert_eq!(fault(&format!("- lanes: {{ x: [a], z: [b] }}\n  before: [{edge}]\n")).2, pair(found));
    }
    check(
        "- lanes: { x: [a], z: [b] }\n  before: [[1.5, z.b]]\n",
        (2, 13),
        "an edge's end is lane.event, and this is 1.5; quote it if it is meant as text",
    );
}

#[test]
fn counts_are_whole_numbers() {
    for (written, found) in
        [("-1", "-1"), ("1.5", "1.5"), ("4294967296", "4294967296"), ("true", "true"), ("x", "the text \"x\"")]
    {
        check(
            &format!("- a\n- repeat: {{ of: a, from: {written} }}\n"),
            (2, 26),
            &format!("{found} is no number of times; write a whole number from 0 to 4294967295"),
        );
    }
    check("- repeat: { from: 1 }\n", (1, 11), "`repeat` lacks `of`; write what is repeated, as `of: event`");
    check("- repeat: { of: a }\n", (1, 11), "`repeat` lacks `from`; write the least number of times, as `from: 0`");
}

#[test]
fn what_means_nothing_is_refused_near_where_it_stands() {
    check("- unordered: []\n", (1, 3), "`unordered` is empty; list what it is about");
    check(
        "- a\n- one_of: [a, []]\n",
        (2, 3),
        "`one_of` holds an empty list; leave it out, or say `optional` where nothing may happen",
    );
    check(
        "- repeat: { of: a, from: 3, to: 2 }\n",
        (1, 11),
        "`repeat` from 3 to 2 times is impossible; write the smaller number as `from`",
    );
    check(
        "- a\n- repeat: { of: { optional: a }, from: 1 }\n",
        (2, 11),
        "`repeat` without `to` holds something that may be nothing; give it a `to`, or take the `optional` out of it",
    );
    check("- lanes: { x: [] }\n", (1, 3), "lane `x` is empty; list its events, or leave it out");
    let (line, _, said) = fault("- b\n- lanes: { x: [a], z: [b] }\n  before: [[x.a, z.c]]\n");
    assert_eq!((line, said.as_str()), (2, "`z.c` names no event of its lane; lane `z` has `b`"));
}

#[test]
fn a_lane_may_have_any_name_that_edges_can_use() {
    let expr = read("- lanes: { y: [a], 1: [b] }\n  before: [[y.a, '1.b']]\n");
    assert!(canonical(&expr).contains("(before 1:y 0 1:1 0)"));
}

#[test]
fn nesting_ends_before_the_stack_does() {
    let nested = |depth: usize| format!("- {}a{}\n", "{ optional: ".repeat(depth), " }".repeat(depth));
    assert!(serde_yaml::from_str::<Expr>(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(fault(&nested(MAX_DEPTH + 1)).2, "operators stand more than 32 deep here; flatten them");
}

#[test]
fn the_schema_names_every_key_and_no_other() {
    let schema = serde_json::to_value(schemars::schema_for!(Expr)).expect("a schema is JSON");
    let choices = schema["$defs"]["TraceItem"]["anyOf"].as_array().expect("choices");
    let mut keys: Vec<&str> = choices
        .iter()
        .filter_map(|choice| choice["properties"].as_object())
        .flat_map(|object| object.keys().map(String::as_str))
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, ["before", "lanes", "one_of", "optional", "repeat", "unordered"]);
    assert_eq!(schema["items"]["$ref"], "#/$defs/TraceItem");
    assert!(choices.iter().filter(|choice| choice["type"] == "object").all(|choice| choice["additionalProperties"] == false));
}

#[test]
fn the_examples_of_the_manual_are_read() {
    let mut read_in_all = 0;
    for manual in [include_str!("../mod.rs"), include_str!("../lanes.rs"), include_str!("../pattern.rs")] {
        let lines = manual.lines().filter_map(|line| line.strip_prefix("//!")).map(|line| line.strip_prefix(' ').unwrap_or(line));
        let text = lines.collect::<Vec<_>>().join("\n");
        for example in text.split("```yaml\n").skip(1) {
            read(example.split("```").next().expect("a closed block"));
            read_in_all += 1;
        }
    }
    assert_eq!(read_in_all, 4);
}
