//! YAML written by hand: scalars and literal blocks that read back as what went in.
//!
//! Files of the suite are for people, so plain text stays plain where no reader, however old its dialect, takes it for anything else.

use std::fmt::Write as _;

/// `text` as a scalar on one line, quoted if it must be; good in block and in flow context.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

fn is_plain(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let ends_well = text.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, ')' | '.' | '!' | '?' | '/'));
    let harmless =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/' | '(' | ')' | '!' | '?' | '=' | '+' | '$');
    starts_well && ends_well && text.chars().all(harmless) && !is_word_of_yaml(text)
}

/// Words that some version of YAML takes for a truth value or for nothing.
fn is_word_of_yaml(text: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // What is invisible, or breaks lines somewhere, is spelled out.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{ad}') || !is_printable(c) => {
                let code = u32::from(c);
                let written = if code <= 0xff {
                    write!(out, "\\x{code:02x}")
                } else if code <= 0xffff {
                    write!(out, "\\u{code:04x}")
                } else {
                    write!(out, "\\U{code:08x}")
                };
                written.expect("a string takes all");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// YAML's printable characters, without those that `quoted` escapes anyway.
fn is_printable(c: char) -> bool {
    matches!(u32::from(c), 0x20..=0x7e | 0xa0..=0xd7ff | 0xe000..=0xfffd | 0x10000..=0x10ffff)
}

/// `items` as a list, on one line if they are few and short, else one a line after a dash; `indent` is the lines' depth.
pub(super) fn list(key: &str, items: &[String], indent: usize) -> String {
    const WIDTH: usize = 100;
    let scalars: Vec<String> = items.iter().map(|item| scalar(item)).collect();
    let line = format!("{:indent$}{key}: [{}]\n", "", scalars.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let mut out = format!("{:indent$}{key}:\n", "");
    for item in scalars {
        writeln!(out, "{:indent$}  - {item}", "").expect("a string takes all");
    }
    out
}

/// `text` as a literal block under `key`, or `None` if no block can hold it. A last line without an end gets one.
pub(super) fn literal(key: &str, text: &str, indent: usize) -> Option<String> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let printable = text.chars().all(|c| matches!(c, '\n' | '\t') || is_printable(c))
        && !text.contains(['\u{2028}', '\u{2029}', '\u{feff}', '\u{85}']);
    if !printable || body.trim().is_empty() || body.ends_with('\n') {
        return None;
    }
    // A first line that begins with a blank would be taken for deeper indentation, so the depth is said.
    let first = body.lines().find(|line| !line.is_empty()).unwrap_or("");
    let depth = if first.starts_with([' ', '\t']) || body.starts_with('\n') { "2" } else { "" };
    let mut out = format!("{:indent$}{key}: |{depth}\n", "");
    for line in body.split('\n') {
        if line.is_empty() {
            out.push('\n');
        } else {
            writeln!(out, "{:indent$}  {line}", "").expect("a string takes all");
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::PathBuf};

    use proptest::prelude::*;

    use super::{super::yaml::Document, *};

    fn read(text: &str) -> BTreeMap<String, Vec<String>> {
        let document = Document::scan(PathBuf::from("a.yaml"), text.to_owned()).unwrap_or_else(|error| panic!("{text}\n{error}"));
        document.value().unwrap_or_else(|error| panic!("{text}\n{error}"))
    }

    fn read_text(text: &str) -> String {
        let document = Document::scan(PathBuf::from("a.yaml"), text.to_owned()).unwrap_or_else(|error| panic!("{text}\n{error}"));
        let mut map: BTreeMap<String, String> = document.value().unwrap_or_else(|error| panic!("{text}\n{error}"));
        map.remove("k").expect("the key")
    }

    #[test]
    fn plain_text_stays_plain_and_the_rest_is_quoted() {
        for plain in ["sync", "read ping", "a/b (c)!", "process.nextTick", "a-b"] {
            assert_eq!(scalar(plain), plain);
        }
        for text in [
            "", " a", "a ", "1", "1.5", "true", "No", "null", "~", "a: b", "a #b", "- a", "{x}", "[x]", "&a", "*a", "!a", "é",
            "a\tb", "\0", "a,b",
        ] {
            assert!(scalar(text).starts_with('"'), "{text:?}");
        }
    }

    #[test]
    fn long_lists_go_one_a_line() {
        assert_eq!(list("trace", &["a".into(), "1".into()], 0), "trace: [a, \"1\"]\n");
        let long = list("trace", &vec!["a long event of its own".to_owned(); 6], 2);
        assert_eq!(long.lines().count(), 7);
        assert!(long.starts_with("  trace:\n    - a long event"));
    }

    #[test]
    fn what_no_block_can_hold_is_refused() {
        for text in ["", "\n", "  \n ", "a\0b", "a\u{1b}[0m", "a\r\nb", "a\n\n"] {
            assert_eq!(literal("k", text, 0), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn scalars_read_back(events in prop::collection::vec(any::<String>(), 0..8), indent in 0usize..3) {
            let text = list("k", &events, indent);
            prop_assert_eq!(&read(&text)["k"], &events);
        }

        #[test]
        fn odd_scalars_read_back(events in prop::collection::vec("[ -~\u{80}-\u{a0}\u{2028}\u{feff}\u{fffe}\n\t\r]{0,12}", 0..40)) {
            let text = list("k", &events, 0);
            prop_assert_eq!(&read(&text)["k"], &events);
        }

        #[test]
        fn blocks_read_back(body in "[ a{}:#\t\n'\"-]{0,40}", indent in 0usize..3) {
            if let Some(text) = literal("k", &body, indent) {
                let ended = if body.ends_with('\n') { body } else { format!("{body}\n") };
                prop_assert_eq!(read_text(&text), ended);
            }
        }
    }
}
