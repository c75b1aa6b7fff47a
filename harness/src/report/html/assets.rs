//! The parts that lie beside this file, joined into one page.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::Kind;

const TEMPLATE: &str = include_str!("page.html");

const STYLE: &str = include_str!("style.css");

/// In the order they are joined: what stands first knows nothing of what follows.
const SCRIPTS: [&str; 7] = [
    include_str!("element.js"),
    include_str!("highlight.js"),
    include_str!("align.js"),
    include_str!("filter.js"),
    include_str!("overview.js"),
    include_str!("case.js"),
    include_str!("main.js"),
];

/// The page of this kind that holds `data`, which is JSON.
pub(super) fn page(kind: Kind, data: &str) -> String {
    let script = script();
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        source(&script),
        source(STYLE)
    );
    let mut page = String::with_capacity(TEMPLATE.len() + STYLE.len() + script.len() + data.len());
    let mut rest = TEMPLATE;
    // Each place is looked for in the template alone, so that nothing filled in can be taken for a place.
    for (place, text) in [
        ("{{policy}}", policy.as_str()),
        ("{{title}}", title(kind)),
        ("{{style}}", STYLE),
        ("{{data}}", &inert(data)),
        ("{{script}}", &script),
    ] {
        let (before, after) = rest.split_once(place).expect("the template is ours and has all places in this order");
        page.push_str(before);
        page.push_str(text);
        rest = after;
    }
    page.push_str(rest);
    page
}

/// All scripts as one, in a scope of its own.
fn script() -> String {
    format!("(() => {{\n\"use strict\";\n{}}})();\n", SCRIPTS.join("\n"))
}

/// A source expression that allows exactly this text.
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// JSON in which no markup can begin or end: the three characters stand only inside strings, where an escape means the same.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Run => "Lockstep run",
        Kind::Compare => "Lockstep comparison",
        Kind::Results => "Lockstep: two results",
        Kind::Gate => "Lockstep gate",
        Kind::History => "Lockstep history",
    }
}
