//! Text from a program under test, made fit for a terminal and for a sentence.
//!
//! A trace may hold escape sequences, NUL or marks that turn the direction of writing. None of them may reach a person raw:
//! an escape sequence could repaint the very report that complains about it.

use std::fmt::Write as _;

/// `text` with every character that steers a terminal or hides from the eye written as an escape (`\r`, `\t`, `\u{1b}`).
///
/// Everything else stays as it is, backslashes included, so that ordinary events read as the program wrote them.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push_visible(&mut out, c);
    }
    out
}

/// `text` between double quotes, as a sentence shows an event: [`visible`], with quotes and backslashes escaped as well.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        push_visible(&mut out, c);
    }
    out.push('"');
    out
}

fn push_visible(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if c.is_control() || is_hidden(c) => {
            write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a string takes every write");
        }
        _ => out.push(c),
    }
}

/// Characters without a shape of their own: zero-width ones, line separators and marks that reorder what follows.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_the_rest_stays() {
        assert_eq!(visible("a\u{1b}[2Jb\0\r\t\u{9b}"), "a\\u{1b}[2Jb\\u{0}\\r\\t\\u{9b}");
        assert_eq!(visible("größe 東京 C:\\x \"y\" \u{fffd}"), "größe 東京 C:\\x \"y\" \u{fffd}");
    }

    #[test]
    fn what_hides_or_turns_the_line_around_is_escaped() {
        assert_eq!(visible("a\u{202e}b\u{200b}"), "a\\u{202e}b\\u{200b}");
    }

    #[test]
    fn a_quoted_event_can_be_told_from_its_quotes() {
        assert_eq!(quoted(r#"say "hi" \n"#), r#""say \"hi\" \\n""#);
        assert_eq!(quoted(""), "\"\"");
    }
}
