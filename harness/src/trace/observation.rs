//! What one run of one program left behind.

use std::fmt;

use super::exit::Ended;

/// A case's trace: its standard output, one event a line.
///
/// Split at LF: an empty line is an event, so is an unterminated last line; invalid bytes become U+FFFD. A carriage return
/// belongs to its event, so that a runtime which prints CR LF is seen to.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trace(Vec<String>);

impl Trace {
    /// Splits what a program wrote to standard output.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        // A terminated last line leaves an empty rest behind it, which is no event.
        if lines.last().is_some_and(|rest| rest.is_empty()) {
            lines.pop();
        }
        Self(lines.into_iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect())
    }

    /// The events in order.
    pub fn events(&self) -> &[String] {
        &self.0
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was printed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the events out.
    pub fn into_events(self) -> Vec<String> {
        self.0
    }
}

impl From<Vec<String>> for Trace {
    fn from(events: Vec<String>) -> Self {
        Self(events)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.0 {
            writeln!(f, "{event}")?;
        }
        Ok(())
    }
}

/// Everything that was seen of one run: the trace, how it ended, and what went to standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Standard output.
    pub trace: Trace,
    /// How the program ended.
    pub ended: Ended,
    /// Standard error, invalid bytes replaced; for people, never judged.
    pub stderr: String,
}

impl Observation {
    /// The line of standard error that tells most: one that names an error, which an engine does after it has shown the place, or else
    /// the first that is not blank.
    pub fn complaint(&self) -> Option<&str> {
        let lines = || self.stderr.lines().map(str::trim).filter(|line| !line.is_empty());
        let naming = |word: &str| lines().find(|line| line.contains(word));
        naming("Error").or_else(|| naming("error")).or_else(|| lines().next())
    }

    /// The end as a clause, with the complaint.
    pub fn how_it_ended(&self) -> String {
        let end = match &self.ended {
            Ended::Code(code) => format!("it exited with code {code}"),
            Ended::Signal(name) => format!("{name} ended it"),
            Ended::Deadline => "it was still running at its deadline".into(),
            Ended::Flood => "it printed without end".into(),
            Ended::Memory => "it used too much memory".into(),
        };
        match self.complaint() {
            Some(line) => format!("{end} ({})", line.chars().take(120).collect::<String>().escape_debug()),
            None => end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(bytes: &[u8]) -> Vec<String> {
        Trace::from_bytes(bytes).into_events()
    }

    #[test]
    fn nothing_printed_is_no_event() {
        assert!(events(b"").is_empty());
    }

    #[test]
    fn an_empty_line_is_an_event_and_so_is_an_unterminated_last_line() {
        assert_eq!(events(b"\n"), [""]);
        assert_eq!(events(b"a\n\nb"), ["a", "", "b"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_a_carriage_return_stays() {
        assert_eq!(events(b"\xff\r\n"), ["\u{fffd}\r"]);
    }

    #[test]
    fn the_end_is_told_with_the_line_that_tells_most() {
        let told = |ended: Ended, stderr: &str| {
            Observation { trace: Trace::from_bytes(b""), ended, stderr: stderr.to_owned() }.how_it_ended()
        };
        assert_eq!(told(Ended::Code(0), "\n \n"), "it exited with code 0");
        assert_eq!(
            told(Ended::Code(1), "x.js:1\n  f(;\n\nSyntaxError: no\n  at error"),
            "it exited with code 1 (SyntaxError: no)"
        );
        assert_eq!(told(Ended::Code(2), "usage:\n  error: no flag\u{1b}"), "it exited with code 2 (error: no flag\\u{1b})");
        assert_eq!(told(Ended::Signal("SIGSEGV".into()), "\nsh: died\n"), "SIGSEGV ended it (sh: died)");
    }
}
