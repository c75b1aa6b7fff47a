//! What a person sees while a run goes on and when it is over.
//!
//! Progress goes to standard error, and only if that is a terminal; elsewhere a line now and then says that something is happening.
//! Findings go to standard output, each as soon as it is there, and the matrix at the end. Colours come from anstream, which
//! leaves them out where nobody wants them (`NO_COLOR`, a pipe, a dumb terminal).

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    time::Duration,
};

use anstyle::{AnsiColor, Style};

use super::{
    Report,
    collect::Tally,
    matrix,
    progress::Progress,
    sides::{self, Sides},
    text,
};
use crate::result::{CaseFinished, Explanation, MissingRuntime, RunEnd, RunEvent, RuntimeInfo, Verdict};

/// Lines shown of the end of standard error, and how many of them are its beginning.
const STDERR_LINES: usize = 10;
const STDERR_HEAD: usize = 4;

/// The report for people.
pub struct Terminal<W> {
    out: W,
    columns: usize,
    progress: Progress,
    tally: Tally,
    runtimes: Vec<RuntimeInfo>,
    missing: Vec<MissingRuntime>,
    known: Vec<(String, String, String)>,
    skipped: BTreeMap<(String, String), usize>,
    regressions: BTreeMap<String, usize>,
    fixed: usize,
    quiet: bool,
}

impl<W> std::fmt::Debug for Terminal<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("columns", &self.columns).field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl Terminal<anstream::AutoStream<io::Stdout>> {
    /// One that writes to standard output, with progress on standard error. `quiet` leaves out everything but regressions and the matrix.
    pub fn stdout(quiet: bool) -> Self {
        Self::new(anstream::stdout(), columns(), Progress::stderr(), quiet)
    }
}

/// The terminal's width, or 80.
pub fn columns() -> usize {
    #[cfg(unix)]
    if io::stdout().is_terminal()
        && let Ok(size) = rustix::termios::tcgetwinsize(io::stdout())
        && size.ws_col >= 40
    {
        return usize::from(size.ws_col).min(160);
    }
    80
}

impl<W: Write + Send> Terminal<W> {
    /// One that writes to `out` and assumes `columns`.
    pub fn new(out: W, columns: usize, progress: Progress, quiet: bool) -> Self {
        Self {
            out,
            columns,
            progress,
            tally: Tally::default(),
            runtimes: vec![],
            missing: vec![],
            known: vec![],
            skipped: BTreeMap::new(),
            regressions: BTreeMap::new(),
            fixed: 0,
            quiet,
        }
    }

    /// What was written so far, for tests.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// Prints lines above the progress bar. A reader that went away (`| head`) is no fault of ours.
    fn print(&mut self, lines: &[String]) {
        let out = &mut self.out;
        self.progress.suspend(|| {
            for line in lines {
                let _ = writeln!(out, "{line}");
            }
            let _ = out.flush();
        });
    }

    fn planned(&mut self) {
        let mut lines = Vec::new();
        for runtime in &self.runtimes {
            let product = match (&runtime.product, &runtime.version) {
                (Some(product), Some(version)) => format!("{product} {version}"),
                _ => "unknown product".into(),
            };
            lines.push(text::fit(&format!("{:<14}{product}", text::visible(&runtime.name)), self.columns));
        }
        for missing in &self.missing {
            lines.extend(hanging(
                &format!("{:<14}", missing.name),
                &format!("not here: {}; {}", missing.reason, missing.remedy),
                self.columns,
            ));
        }
        if !self.quiet {
            lines.push(String::new());
            self.print(&lines);
        }
    }

    fn finished(&mut self, finished: &CaseFinished) {
        let result = &finished.result;
        self.tally.add(finished.case.category(), &result.runtime, result.verdict);
        match result.verdict {
            Verdict::Pass => {}
            Verdict::Skip => *self.skipped.entry((result.runtime.clone(), result.detail.clone())).or_default() += 1,
            Verdict::Known => self.known.push((result.runtime.clone(), result.case.clone(), result.detail.clone())),
            verdict => {
                if verdict == Verdict::Fixed {
                    self.fixed += 1;
                }
                if verdict.is_regression() || verdict == Verdict::Error {
                    *self.regressions.entry(result.runtime.clone()).or_default() += 1;
                }
                if let Some(explanation) = &finished.explanation {
                    let lines = finding(finished, explanation, self.columns);
                    self.print(&lines);
                }
            }
        }
    }

    fn ended(&mut self, end: RunEnd, elapsed: Duration) {
        let names: Vec<String> = self.runtimes.iter().map(|runtime| text::visible(&runtime.name)).collect();
        let mut lines = Vec::new();
        if !self.quiet {
            lines.extend(self.recorded());
            lines.extend(self.skips());
        }
        lines.extend(matrix::lines(&self.tally, &names, self.columns));
        lines.push(String::new());
        let mut last = format!("{} in {:.1} s", results(self.progress.done()), elapsed.as_secs_f64());
        if self.regressions.is_empty() {
            last.push_str(match self.fixed {
                0 => ", all as recorded",
                _ => ", no regression",
            });
        } else {
            let each: Vec<String> =
                self.regressions.iter().map(|(runtime, count)| format!("{count} on {}", text::visible(runtime))).collect();
            last.push_str(&format!("; to look at: {}", each.join(", ")));
        }
        if self.fixed > 0 {
            last.push_str(&format!("; {}", gone(self.fixed)));
        }
        if let RunEnd::Interrupted(signal) = end {
            last = format!("interrupted by signal {signal} after {} of {} results", self.progress.done(), self.progress.total());
        }
        lines.extend(text::wrap(&last, self.columns));
        self.print(&lines);
    }

    /// Every recorded disagreement, explained.
    fn recorded(&self) -> Vec<String> {
        let mut known = self.known.clone();
        known.sort();
        let mut lines = Vec::new();
        let mut of = "";
        for (runtime, case, detail) in &known {
            if runtime != of {
                of = runtime;
                lines.push(format!("{}deviates as recorded:", bold(&format!("{} ", text::visible(runtime)))));
            }
            lines.push(format!("  {case}"));
            lines.extend(hanging("    ", &text::visible(detail), self.columns));
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }

    /// What was skipped and for want of what.
    fn skips(&self) -> Vec<String> {
        let mut by_runtime: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
        for ((runtime, absent), count) in &self.skipped {
            by_runtime.entry(runtime).or_default().push((*count, absent));
        }
        let mut lines = Vec::new();
        for (runtime, mut absent) in by_runtime {
            absent.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
            let each: Vec<String> = absent.iter().map(|(count, what)| format!("{} ({count})", text::visible(what))).collect();
            lines.extend(hanging(&format!("{} skipped for want of: ", text::visible(runtime)), &each.join(", "), self.columns));
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }
}

impl<W: Write + Send> Report for Terminal<W> {
    fn event(&mut self, event: &RunEvent) {
        self.progress.event(event);
        match event {
            RunEvent::Planned { runtimes, missing, .. } => {
                self.runtimes = runtimes.clone();
                self.missing = missing.clone();
                self.planned();
            }
            RunEvent::CaseStarted { .. } => {}
            RunEvent::CaseFinished(finished) => self.finished(finished),
            RunEvent::Ended { end, elapsed } => self.ended(*end, *elapsed),
        }
    }
}

/// A finding that somebody must look at: the rule, its authority, what differs and how to see it again. Lines end without newline.
pub fn finding(finished: &CaseFinished, explanation: &Explanation, columns: usize) -> Vec<String> {
    let (case, result) = (&finished.case, &finished.result);
    let mut lines = vec![format!(
        "{} {}  {}",
        paint(&result.verdict.to_string().to_uppercase(), verdict_style(result.verdict)),
        bold(&text::visible(&result.runtime)),
        case.id
    )];
    lines.extend(hanging("  rule       ", &case.rule, columns));
    for (index, authority) in case.authority.iter().enumerate() {
        let label = if index == 0 { "  authority  " } else { "             " };
        lines.push(format!("{label}{authority}{}", if index == 0 { format!(" ({})", case.strength) } else { String::new() }));
    }
    lines.extend(hanging("  finding    ", &text::visible(&explanation.sentence), columns));
    if let Some(recorded) = &explanation.recorded {
        for entry in recorded.lines() {
            lines.extend(hanging("  recorded   ", &text::visible(entry), columns));
        }
    }
    lines.extend(side_by_side(explanation, columns));
    if let Some(observed) = &result.observed
        && !observed.stderr.trim().is_empty()
    {
        lines.push("  standard error ends:".into());
        let all: Vec<&str> = observed.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        // The message stands before the stack in some runtimes and after it in others, so both ends are shown.
        let cut = all.len().saturating_sub(STDERR_LINES);
        for (index, line) in all.iter().enumerate() {
            if index == STDERR_HEAD && cut > 0 {
                lines.push(format!("    | … {cut} more lines"));
            }
            if index < STDERR_HEAD || index >= STDERR_HEAD + cut {
                lines.push(format!("    | {}", text::fit(&text::visible(line), columns.saturating_sub(6))));
            }
        }
    }
    // Never cut or wrapped: it is there to be copied.
    lines.push(format!("  rerun      {}", text::visible(&explanation.rerun)));
    lines.push(String::new());
    lines
}

/// The two columns, around the first forbidden event.
fn side_by_side(explanation: &Explanation, columns: usize) -> Vec<String> {
    if explanation.expected.is_empty() && explanation.observed.is_empty() {
        return vec![];
    }
    let sides = Sides {
        left_title: "the rule allows",
        right_title: "observed",
        left: &explanation.expected,
        right: &explanation.observed,
        at: explanation.at,
        unseen: explanation.unseen,
    };
    let mut lines = vec![String::new()];
    lines.extend(sides::lines(&sides, columns, marked));
    if let Some(exit) = &explanation.expected_exit {
        lines.push(format!("        exit {exit} is what the rule wants"));
    }
    lines.push(String::new());
    lines
}

/// The line of the first event that differs.
pub fn marked(line: &str) -> String {
    paint(line, Style::new().bold().fg_color(Some(AnsiColor::Red.into())))
}

fn results(count: usize) -> String {
    if count == 1 { "1 result".into() } else { format!("{count} results") }
}

/// What is to be cleaned up, in words.
pub fn gone(count: usize) -> String {
    match count {
        1 => "1 recorded deviation is gone".into(),
        _ => format!("{count} recorded deviations are gone"),
    }
}

/// `label`, then `text` wrapped and indented to it.
pub fn hanging(label: &str, body: &str, columns: usize) -> Vec<String> {
    let indent = text::width(label).min(columns / 2);
    let mut lines = text::wrap(body, columns.saturating_sub(indent).max(20)).into_iter();
    let mut out = vec![format!("{label}{}", lines.next().unwrap_or_default())];
    out.extend(lines.map(|line| format!("{}{line}", " ".repeat(indent))));
    out
}

fn verdict_style(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Known | Verdict::Skip => AnsiColor::Cyan,
        Verdict::Fixed => AnsiColor::Yellow,
        Verdict::Error => AnsiColor::Magenta,
        _ => AnsiColor::Red,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}

fn bold(text: &str) -> String {
    paint(text, Style::new().bold())
}

fn paint(text: &str, style: Style) -> String {
    format!("{style}{text}{style:#}")
}
