//! What a page holds, read from the file.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use lockstep::{
    command::pages::{self, Source},
    gate::classes::classes,
    report::html::{Kind, MOST_BYTES, Page, Tone},
    result::{CaseResult, Document, Verdict},
    suite::Suite,
    trace::visible,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::synthetic::{RUNTIMES, document, hostile, id, ordinary, result, suite, trace};

fn page<'a>(suite: &'a Suite, document: &'a Document) -> Page<'a> {
    let mut page = Page::new(Kind::Run, Some(suite));
    page.document(document);
    page
}

/// What stands between two texts.
fn between<'a>(html: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = html.split_once(before).unwrap_or_else(|| panic!("there is no {before}"));
    rest.split_once(after).unwrap_or_else(|| panic!("there is no {after} behind it")).0
}

fn data(html: &str) -> Value {
    serde_json::from_str(between(html, "id=\"data\">", "</script>")).expect("JSON")
}

fn case<'a>(data: &'a Value, id: &str) -> &'a Value {
    let cases = data["cases"].as_array().expect("cases");
    cases.iter().find(|case| case["id"] == id).unwrap_or_else(|| panic!("{id} is not there"))
}

#[test]
fn a_thousand_cases_on_four_runtimes_stay_below_three_mebibytes_with_everything_in_it() {
    let suite = suite(1_000);
    let document = document(1_000, ordinary);
    let html = page(&suite, &document).to_html();
    assert!(html.len() < MOST_BYTES, "{} bytes", html.len());
    let data = data(&html);
    assert_eq!(data["cases"].as_array().map(Vec::len), Some(1_000));
    for case in data["cases"].as_array().expect("cases") {
        assert!(case["traces"].as_array().expect("traces").iter().all(|trace| trace["total"].is_null()), "{case}");
    }
}

#[test]
fn long_traces_are_shortened_until_the_page_is_small_and_say_so() {
    let suite = suite(1_000);
    let long = |number: usize, runtime: &str| {
        let events = trace(8).into_iter().chain((8..300).map(|event| format!("{runtime} {number} {event} {}", "x".repeat(60))));
        result(number, runtime, Verdict::Fail, events.collect(), Some(8))
    };
    let document = document(1_000, long);
    let html = page(&suite, &document).to_html();
    assert!(html.len() < MOST_BYTES, "{} bytes", html.len());
    let data = data(&html);
    let found = case(&data, &id(7));
    let kept = &found["traces"][found["cells"][0]["trace"].as_u64().expect("a trace") as usize];
    assert_eq!(kept["total"], 300);
    // Around the first forbidden event, which is what one looks for.
    let (from, events) = (kept["from"].as_u64().unwrap_or(0), kept["events"].as_array().expect("events"));
    assert!(from <= 8 && 8 < from + events.len() as u64, "{from} {}", events.len());
    assert_eq!(found["cells"][0]["at"], 8);
}

#[test]
fn equal_input_makes_equal_bytes() {
    let suite = suite(60);
    let (one, other) = (document(60, ordinary), document(60, ordinary));
    assert_eq!(page(&suite, &one).to_html(), page(&suite, &other).to_html());
}

#[test]
fn nothing_that_a_runtime_printed_is_markup_or_steers_the_reader() {
    let suite = suite(50);
    let strange = |number: usize, runtime: &str| {
        let events = (0..20).map(|event| hostile(number * 20 + event)).collect();
        let mut found = result(number, runtime, Verdict::Fail, events, Some(0));
        let seen = found.observed.as_mut().expect("it was run");
        (seen.stderr, seen.exit) = (hostile(number), hostile(number + 1));
        found.detail = hostile(number + 2);
        found
    };
    let mut document = document(50, strange);
    document.suite.version = hostile(0);
    document.selection.filters = vec![hostile(1)];
    document.runtimes[0].version = Some(hostile(2));
    let mut page = page(&suite, &document);
    page.note(hostile(3));
    page.mark(&id(0), "node", hostile(5), Tone::Bad);
    let html = page.to_html();
    // Two scripts, each closed once, as in a page of nothing; no markup stands in the data.
    let empty = Page::new(Kind::Run, None).to_html();
    for tag in ["<script", "</script", "<!--", "<img", "<svg", "<iframe", "<base", "<style", "<meta"] {
        assert_eq!(html.matches(tag).count(), empty.matches(tag).count(), "{tag}");
    }
    let block = between(&html, "id=\"data\">", "</script>");
    assert!(!block.contains(['<', '>', '&']));
    // A file that is looked at in an editor or a terminal does nothing there either.
    assert!(!html.chars().any(|c| c != '\n' && visible(&c.to_string()) != c.to_string()));
    // And it is all there.
    let data = data(&html);
    let events: BTreeSet<String> = data["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .flat_map(|case| case["traces"].as_array().expect("traces"))
        .flat_map(|trace| trace["events"].as_array().expect("events"))
        .map(|event| event.as_str().expect("text").to_owned())
        .collect();
    for number in 0..1_000 {
        let shown = visible(&hostile(number));
        assert!(events.contains(&shown), "{shown}");
    }
}

#[test]
fn a_line_of_eight_mebibytes_is_a_short_one() {
    let suite = suite(1);
    let flood = |number: usize, runtime: &str| {
        result(number, runtime, Verdict::Flood, vec!["x".repeat(8 << 20), "é".repeat(8 << 20)], Some(0))
    };
    let document = document(1, flood);
    let html = page(&suite, &document).to_html();
    assert!(html.len() < 256 << 10, "{} bytes", html.len());
    assert!(html.contains("… (8,388,608 characters in all)"));
}

#[test]
fn the_policy_allows_this_script_and_this_style_and_nothing_else() {
    let html = page(&suite(2), &document(2, ordinary)).to_html();
    let policy = between(&html, "Content-Security-Policy\" content=\"", "\"");
    let digest = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let style = digest(between(&html, "<style>", "</style>"));
    let script = digest(between(&html, "<script>", "</script>"));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; form-action 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'"
        )
    );
    // Neither names an address, nor makes markup of text.
    let page = html.replace(between(&html, "id=\"data\">", "</script>"), "");
    for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "url(", "@import", "src=", "fetch("] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn groups_and_marks_are_shown_as_they_were_given() {
    let (suite, document) = (suite(20), document(20, ordinary));
    let mut page = page(&suite, &document);
    page.group("First", [id(5), id(2), "ordering/none/none".into()]);
    page.group("Nothing of it", ["ordering/none/none".into()]);
    page.group("Second", [id(2), id(1)]);
    page.mark(&id(5), "bun", "only bun", Tone::Bad);
    page.headline("So it is.");
    let data = data(&page.to_html());
    assert_eq!(
        data["groups"],
        serde_json::json!(["First", "Second", "To look at", "Deviations as recorded", "As the rule wants"])
    );
    let order: Vec<&str> = data["cases"].as_array().expect("cases").iter().filter_map(|case| case["id"].as_str()).collect();
    assert_eq!(order[..4], [&id(5), &id(2), &id(1), &id(3)]);
    assert_eq!(order.len(), 20);
    let bun = RUNTIMES.iter().position(|name| *name == "bun").expect("it is one");
    let column = data["columns"].as_array().expect("columns").iter().position(|column| column["label"] == "bun");
    assert_eq!(case(&data, &id(5))["cells"][column.unwrap_or(bun)]["mark"], serde_json::json!(["only bun", "bad"]));
    assert_eq!(data["headline"], "So it is.");

    // What is gone from one column has its mark there all the same.
    let mut short = document.clone();
    short.results.retain(|result| (result.case.as_str(), result.runtime.as_str()) != (id(5).as_str(), "bun"));
    let mut page = Page::new(Kind::Gate, Some(&suite));
    page.document(&short);
    page.mark(&id(5), "bun", "vanished", Tone::Bad);
    let data = self::data(&page.to_html());
    let cells = &case(&data, &id(5))["cells"];
    assert_eq!(cells[0], serde_json::json!({ "verdict": "none", "mark": ["vanished", "bad"] }));
    assert!(case(&data, &id(3))["cells"][0]["end"] == true, "a hang is another end than the rule wants");
}

#[test]
fn an_older_result_finds_its_case_under_its_new_name() {
    let mut suite = suite(3);
    let mut renamed = (*suite.cases[1]).clone();
    renamed.was = vec!["ordering/old/name".into()];
    suite.cases[1] = renamed.into();
    let rename = |number: usize, runtime: &str| match number {
        1 => CaseResult { case: "ordering/old/name".into(), digest: "0".repeat(16), ..ordinary(number, runtime) },
        _ => ordinary(number, runtime),
    };
    let (old, new) = (document(3, rename), document(3, ordinary));
    let mut page = Page::new(Kind::Results, Some(&suite));
    page.column(&old, "node", "node, older", None);
    page.column(&new, "node", "node, newer", Some("lockstep run --runtime node".into()));
    let data = data(&page.to_html());
    assert_eq!(data["cases"].as_array().map(Vec::len), Some(3));
    let cells = &case(&data, &id(1))["cells"];
    assert_eq!((&cells[0]["was"], &cells[0]["other"]), (&"ordering/old/name".into(), &true.into()));
    assert!(cells[1]["was"].is_null() && cells[1]["other"].is_null());
}

#[test]
fn the_legal_trace_nearest_to_a_deviation_stands_beside_it() {
    let (suite, document) = (suite(2), document(2, ordinary));
    let data = data(&page(&suite, &document).to_html());
    let found = case(&data, &id(0));
    let cell = found["cells"].as_array().expect("cells").iter().find(|cell| cell["verdict"] == "known").expect("one is known");
    let nearest = &found["traces"][cell["nearest"].as_u64().expect("a trace") as usize];
    assert_eq!(nearest["events"], serde_json::json!(trace(8)));
    assert_eq!(found["deviations"][0]["link"], "https://example.org/issues/1");
}

#[test]
fn without_a_suite_it_shows_what_the_documents_say() {
    let document = document(3, ordinary);
    let mut page = Page::new(Kind::Compare, None);
    page.document(&document);
    let data = data(&page.to_html());
    let found = case(&data, &id(1));
    assert!(found["rule"].is_null() && found["cells"][0]["verdict"].is_string());
    let rerun: Vec<&str> =
        data["columns"].as_array().expect("columns").iter().filter_map(|column| column["rerun"].as_str()).collect();
    assert!(rerun.contains(&"lockstep run --runtime bun"), "{rerun:?}");
}

#[test]
fn a_history_shows_what_changed_between_releases_first() {
    let (suite, document) = (suite(12), document(12, ordinary));
    let cases = classes(&document);
    let source = Source { suite: Some(&suite), session: None };
    let data = data(&pages::history(&source, &document, &cases, &["  one release could not be run".into()]).to_html());
    assert_eq!(data["kind"], "history");
    assert_eq!(data["groups"], serde_json::json!(["Changed between these releases", "The same in all of them"]));
    // Of nine cases the first, second and fourth deviate on one runtime each.
    assert_eq!(data["headline"], "4 releases, 12 cases, 5 of them changed.");
    assert_eq!(data["notes"], serde_json::json!(["one release could not be run"]));
    let marks = |number| case(&data, &id(number))["cells"].as_array().expect("cells").iter().map(|cell| cell["mark"][0].clone());
    assert_eq!(marks(1).collect::<Vec<_>>(), ["A conforms", "B deviates", "A conforms", "A conforms"]);
    assert_eq!(marks(2).collect::<Vec<_>>()[2], Value::Null, "who lacks a feature is in no class");
}
