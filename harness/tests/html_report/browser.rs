//! The page in a browser: made here, driven by `tests/browser/check.mjs` through the system's Chromium.

use std::{path::Path, process::Command};

use lockstep::{
    report::html::{Kind, Page, Tone},
    result::{Document, Verdict},
    suite::Suite,
};

use crate::synthetic::{document, hostile, id, ordinary, result, suite};

/// A thousand strings that would do something if they were not text, twenty a case, in every place that a runtime can fill.
fn of_strings(suite: &Suite) -> String {
    let strange = |number: usize, runtime: &str| {
        let mut events: Vec<String> = (0..20).map(|event| hostile(number * 20 + event)).collect();
        if runtime == "bun" {
            events.push("x".repeat(8 << 20));
        }
        let mut found = result(number, runtime, Verdict::Fail, events, Some(0));
        let seen = found.observed.as_mut().expect("it was run");
        (seen.stderr, seen.exit) = (hostile(number), hostile(number + 1));
        found.detail = hostile(number + 2);
        found
    };
    let mut document = document(50, strange);
    document.selection.filters = vec![hostile(1)];
    document.runtimes[0].version = Some(hostile(2));
    let mut page = Page::new(Kind::Run, Some(suite));
    page.document(&document);
    page.headline(hostile(3));
    page.note(hostile(4));
    page.mark(&id(0), "node", hostile(5), Tone::Bad);
    page.to_html()
}

fn of_a_run(suite: &Suite, document: &Document) -> String {
    let mut page = Page::new(Kind::Run, Some(suite));
    page.document(document);
    page.headline("223 to look at; 4,000 results.");
    page.to_html()
}

/// Marks, groups and two columns of one runtime, as a gate has them.
fn of_a_gate(suite: &Suite, document: &Document) -> String {
    let mut page = Page::new(Kind::Gate, Some(suite));
    page.column(document, "node", "node in the baseline", None);
    page.column(document, "deno", "dev", Some("lockstep run --runtime 'dev=node:./out/node'".into()));
    page.headline("2 got worse.");
    page.note("the suite is 1.2.3 now and was 1.2.2 in the baseline; only what means the same was compared");
    page.group("Got worse", [id(1), id(10)]);
    page.mark(&id(1), "dev", "newly failing", Tone::Bad);
    page.mark(&id(10), "dev", "changed", Tone::Bad);
    page.mark(&id(4), "dev", "fixed", Tone::Good);
    page.to_html()
}

#[test]
#[ignore = "needs Chromium and Node on PATH, and `npm ci` in harness/tests/browser"]
fn it_is_accessible_inert_and_quick_to_the_keys() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, html: String| std::fs::write(folder.path().join(name), html).expect("a page");
    let (fifty, thousand) = (suite(50), suite(1_000));
    let run = document(1_000, ordinary);
    write("strings.html", of_strings(&fifty));
    write("run.html", of_a_run(&thousand, &run));
    write("gate.html", of_a_gate(&thousand, &run));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/check.mjs");
    let ended = Command::new("node").arg(script).arg(folder.path()).status().expect("Node is on PATH");
    assert!(ended.success(), "{ended}");
}
