//! `lockstep run`.

use std::{io::Write, path::Path};

use super::{Failure, args::RunArgs, pages, session::Session};
use crate::{
    gate::Code,
    report::{Report, collect::Collector, junit::JUnit, markdown::Markdown, terminal::Terminal},
    result::RunEvent,
};

/// Runs cases on runtimes, shows and writes what was found, and returns the exit code.
///
/// # Errors
/// Whatever ends a run before anything runs, or keeps its result from being written.
pub fn run(args: &RunArgs) -> Result<Code, Failure> {
    for file in [&args.json, &args.junit, &args.markdown, &args.html].into_iter().flatten() {
        writable(file)?;
    }
    let session = Session::open(args)?;
    let mut reports = Reports::new(args);
    let end = session.run(None, &mut |event| reports.event(&event));
    let code = Code::of_run(reports.collector.verdicts(), end, args.strict);
    reports.write(args, &session)?;
    Ok(code)
}

/// The reports of one run.
struct Reports {
    terminal: Terminal<anstream::AutoStream<std::io::Stdout>>,
    collector: Collector,
    junit: Option<JUnit>,
    markdown: Option<Markdown>,
}

impl Reports {
    fn new(args: &RunArgs) -> Self {
        Self {
            terminal: Terminal::stdout(args.quiet),
            collector: Collector::new(),
            junit: args.junit.as_ref().map(|_| JUnit::new()),
            markdown: args.markdown.as_ref().map(|_| Markdown::new()),
        }
    }

    /// Writes every file that was asked for, whichever of them fails.
    fn write(self, args: &RunArgs, session: &Session) -> Result<(), Failure> {
        let mut first = Ok(());
        let mut keep = |written: Result<(), crate::result::DocumentError>| {
            if first.is_ok() {
                first = written;
            }
        };
        let mut document = self.collector.document();
        if let Some(file) = &args.json {
            keep(document.write(file));
        }
        if let (Some(file), Some(junit)) = (&args.junit, self.junit) {
            keep(junit.write(file));
        }
        if let (Some(file), Some(markdown)) = (&args.markdown, self.markdown) {
            keep(markdown.write(file));
        }
        if let Some(file) = &args.html {
            session.order(&mut document);
            let source = pages::Source { suite: Some(&session.suite), session: Some(session) };
            keep(pages::run(&source, &document).write(file));
        }
        first.map_err(Failure::Report)
    }
}

impl Report for Reports {
    fn event(&mut self, event: &RunEvent) {
        self.collector.event(event);
        if let Some(junit) = &mut self.junit {
            junit.event(event);
        }
        if let Some(markdown) = &mut self.markdown {
            markdown.event(event);
        }
        self.terminal.event(event);
    }
}

/// Fails now rather than after the run if a report cannot be written.
///
/// # Errors
/// If `file` cannot be written.
pub fn writable(file: &Path) -> Result<(), Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fault = |why: &str| Failure::Usage(format!("cannot write {}: {why}", file.display()));
    if file.is_dir() {
        return Err(fault("it is a folder"));
    }
    if file.symlink_metadata().is_ok_and(|known| !known.is_file()) {
        return Ok(());
    }
    match tempfile::tempfile_in(folder).and_then(|mut probe| probe.write_all(b"x")) {
        Ok(()) => Ok(()),
        Err(error) => Err(fault(&error.to_string())),
    }
}
