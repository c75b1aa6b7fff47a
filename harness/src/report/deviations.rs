//! The recorded deviations as a page for people: `expected/deviations/README.md`.

use std::{collections::BTreeMap, fmt::Write};

use crate::suite::{Deviation, Suite};

/// Where the page stands, below the suite's root.
pub const DEVIATIONS_PAGE: &str = "expected/deviations/README.md";

/// The page, by product and topic. Equal suites have equal pages.
pub fn deviations_page(suite: &Suite) -> String {
    let mut page = String::from(
        "# Recorded deviations\n\n\
        Where a runtime does otherwise than a rule says, and is known to. Each entry is executed with every run, must still fail, and \
        must fail in this way. This page is written by `lockstep report deviations --write` from the files beside it, and \
        `lockstep check` says when it is old.\n",
    );
    let counts = |deviations: &[Deviation]| {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for deviation in deviations {
            *kinds.entry(deviation.kind.to_string()).or_default() += 1;
        }
        kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
    };
    page.push_str("\n| product | entries | of which |\n| --- | --- | --- |\n");
    let recorded = || suite.deviations.iter().filter(|(_, deviations)| !deviations.is_empty());
    for (product, deviations) in recorded() {
        row(&mut page, &[&format!("[{0}](#{0})", cell(product)), &deviations.len().to_string(), &counts(deviations)]);
    }
    for (product, deviations) in recorded() {
        let _ = write!(
            page,
            "\n## {}\n\n| case | versions | what it does | kind | thread |\n| --- | --- | --- | --- | --- |\n",
            cell(product)
        );
        let mut sorted: Vec<&Deviation> = deviations.iter().collect();
        sorted.sort_by(|a, b| (&a.case, a.line).cmp(&(&b.case, b.line)));
        for deviation in sorted {
            let case = format!("[{0}](../../cases/{0}.yaml)", cell(&deviation.case));
            let mut versions = format!("`{}`", deviation.versions);
            for system in [&deviation.os, &deviation.arch].into_iter().flatten() {
                let _ = write!(versions, " on {}", cell(system));
            }
            let sometimes = if deviation.intermittent { ", in some runs" } else { "" };
            let reason = format!("{}{sometimes}", cell(&deviation.reason));
            row(&mut page, &[&case, &versions, &reason, &deviation.kind.to_string(), &thread(deviation.link.as_deref())]);
        }
    }
    page
}

fn row(page: &mut String, cells: &[&str]) {
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

/// The upstream thread: where it is, or when it was looked for.
fn thread(link: Option<&str>) -> String {
    match link {
        None => String::new(),
        Some(link) if link.starts_with("https://") => {
            let words = link.trim_start_matches("https://").trim_end_matches('/');
            let short = match words.strip_prefix("github.com/").map(|path| path.split('/').collect::<Vec<_>>()).as_deref() {
                Some([owner, name, "issues" | "pull", number]) => format!("{owner}/{name}#{number}"),
                _ => words.split(['/', '#']).next().unwrap_or(words).to_owned(),
            };
            format!("[{}]({link})", cell(&short))
        }
        Some(words) => cell(words),
    }
}

/// Text as it can stand in one cell of a table.
fn cell(text: &str) -> String {
    let text = crate::report::text::visible(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    text.replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_named_shortly() {
        for (link, want) in [
            (None, ""),
            (Some("none found (2026-11-22)"), "none found (2026-11-22)"),
            (
                Some("https://github.com/nodejs/node/issues/35304"),
                "[nodejs/node#35304](https://github.com/nodejs/node/issues/35304)",
            ),
            (Some("https://nodejs.org/api/timers.html#x"), "[nodejs.org](https://nodejs.org/api/timers.html#x)"),
        ] {
            assert_eq!(thread(link), want);
        }
    }

    #[test]
    fn nothing_breaks_a_table() {
        assert_eq!(cell("a | b\n  <c>"), "a \\| b &lt;c>");
    }
}
