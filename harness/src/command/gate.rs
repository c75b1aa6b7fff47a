//! `lockstep gate`: did this change break anything?
//!
//! The gate runs the suite and compares with a baseline, case by case: what was wrong before and still is the same is nobody's news, and
//! neither is what the suite itself added or corrected. Repeats are for the suspects only, and never turn a failure into a pass.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use super::{Failure, args::GateArgs, project::Setting, run::writable, session::Session};
use crate::{
    gate::{
        Code,
        classes::behaviour,
        delta::{Change, Delta, compare, counterparts},
    },
    report::{
        Report,
        collect::Collector,
        junit::JUnit,
        progress::Progress,
        terminal::{columns, finding},
        text::{visible, wrap},
    },
    result::{CaseFinished, Document, RunEnd, RunEvent, Verdict},
    run::run_pair,
};

/// Gates a runtime against a baseline, or records one.
///
/// # Errors
/// Whatever ends a run before anything runs; a baseline that cannot be read or has no such runtime.
pub fn run(args: &GateArgs) -> Result<Code, Failure> {
    let setting = Setting::find()?;
    let Files { baseline, record } = files(args, &setting)?;
    for file in [&record, &args.run.json, &args.run.junit, &args.markdown_file()].into_iter().flatten() {
        writable(file)?;
    }
    let baseline = baseline.as_deref().map(Document::read).transpose()?;
    let session = Session::open_in(&setting, &args.run)?;
    let mut collector = Collector::new();
    let mut progress = Progress::stderr();
    let mut findings: BTreeMap<(String, String), CaseFinished> = BTreeMap::new();
    let mut elapsed = None;
    let end = session.run(Some(1), &mut |event| {
        collector.event(&event);
        progress.event(&event);
        match event {
            RunEvent::CaseFinished(finished) => {
                findings.insert((finished.result.runtime.clone(), finished.result.case.clone()), *finished);
            }
            RunEvent::Ended { elapsed: whole, .. } => elapsed = Some(whole),
            RunEvent::Planned { .. } | RunEvent::CaseStarted { .. } => {}
        }
    });
    let result = collector.document();
    for file in [&record, &args.run.json].into_iter().flatten() {
        result.write(file).map_err(Failure::Report)?;
    }
    if let Some(file) = &record {
        anstream::println!("recorded: {} results in {}", result.results.len(), file.display());
    }
    let faults = result.results.iter().any(|result| result.verdict == Verdict::Error);
    let Some(baseline) = baseline else {
        return Ok(match end {
            RunEnd::Interrupted(signal) => Code::Signal(signal),
            RunEnd::Complete if faults => Code::Harness,
            RunEnd::Complete => Code::Success,
        });
    };
    let pairs = counterparts(&baseline, &result, args.against.as_deref()).map_err(Failure::Usage)?;
    let selected: BTreeSet<&str> = session.cases.iter().map(|case| case.id.as_str()).collect();
    let mut deltas = compare(&baseline, &result, &pairs, Some(&selected));
    settle(&mut deltas, &session);
    let worse: Vec<&Delta<'_>> = deltas.iter().filter(|delta| delta.change.is_worse()).collect();
    let stable = confirm(&worse, &session, args.run.repeat);

    let mut lines = Vec::new();
    // Lost features are grouped in the summary: one that is gone takes many cases with it.
    for (delta, stability) in worse.iter().zip(&stable).filter(|(delta, _)| !matches!(delta.change, Change::LostFeature(_))) {
        lines.extend(regression(delta, stability, &findings));
    }
    lines.extend(summary(&deltas, &baseline, &result));
    for line in &lines {
        anstream::println!("{line}");
    }
    if env::var_os("GITHUB_ACTIONS").is_some() {
        for delta in &worse {
            println!("{}", annotation(delta));
        }
    }
    if let Some(file) = args.markdown_file() {
        let page = page(&deltas, &worse, &stable);
        let written = fs::OpenOptions::new()
            .create(true)
            .append(args.run.markdown.is_none())
            .write(true)
            .truncate(args.run.markdown.is_some())
            .open(&file);
        written
            .and_then(|mut file| file.write_all(page.as_bytes()))
            .map_err(Failure::harness("cannot write the Markdown page"))?;
    }
    if let Some(file) = &args.run.junit {
        junit(&worse, findings.into_values().collect(), end, elapsed).write(file).map_err(Failure::Report)?;
    }
    Ok(match end {
        RunEnd::Interrupted(signal) => Code::Signal(signal),
        RunEnd::Complete if faults => Code::Harness,
        RunEnd::Complete if worse.is_empty() => Code::Success,
        RunEnd::Complete => Code::Regression,
    })
}

/// How often a case that failed before, and fails otherwise now, is run to see whether it still fails as before, too.
const SETTLING: u32 = 20;

/// Takes back that a failure changed if the failure of the baseline shows again: one that is not deterministic had several forms
/// before, of which the baseline holds one. It goes on failing; nothing is turned into a pass.
fn settle(deltas: &mut [Delta<'_>], session: &Session) {
    for delta in deltas.iter_mut().filter(|delta| delta.change == Change::Changed) {
        let before = delta.old.map(behaviour);
        let Some((pair, runtime)) = session.pair(delta.case, delta.runtime) else { continue };
        let again = |_| run_pair(&pair, runtime, 1, &session.context).map(|finished| behaviour(&finished.result));
        if (0..SETTLING).map_while(again).any(|now| Some(now) == before) {
            delta.change = Change::Unchanged;
        }
    }
}

/// The baseline to hold this run against, and the one to write.
struct Files {
    baseline: Option<PathBuf>,
    record: Option<PathBuf>,
}

/// Which files are meant: those that were typed, or that of the project.
fn files(args: &GateArgs, setting: &Setting) -> Result<Files, Failure> {
    let of_project = || setting.baseline().map(Path::to_path_buf);
    let none = |option: &str| {
        Failure::Usage(format!("there is no baseline; name one with {option} FILE, or under `baseline` in lockstep.yaml"))
    };
    let record = match &args.record {
        Some(Some(file)) if file.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) => {
            return Err(Failure::Usage(format!(
                "--record takes {} for the baseline's file, and its folder is not there; to record the baseline of lockstep.yaml, \
                 write filters before --record",
                file.display()
            )));
        }
        Some(Some(file)) => Some(file.clone()),
        Some(None) => Some(of_project().ok_or_else(|| none("--record"))?),
        None => None,
    };
    let baseline = match (&args.baseline, &record) {
        (Some(file), _) => Some(file.clone()),
        // What is being recorded has nothing to be held against.
        (None, Some(_)) => None,
        (None, None) => Some(of_project().ok_or_else(|| none("--baseline"))?),
    };
    if let Some(file) = baseline.as_deref().filter(|file| args.baseline.is_none() && !file.exists()) {
        let from = setting.project().map(|project| project.file.display().to_string()).unwrap_or_default();
        return Err(Failure::Usage(format!(
            "{from} names the baseline {}, which is not there yet; record it with `lockstep gate --record`",
            file.display()
        )));
    }
    Ok(Files { baseline, record })
}

/// Runs the suspects again, `repeats` times each, to say whether they are stable; says nothing where that was not asked for.
fn confirm(worse: &[&Delta<'_>], session: &Session, repeats: u32) -> Vec<String> {
    let says = |delta: &&Delta<'_>| -> Option<String> {
        if repeats < 2 || matches!(delta.change, Change::Vanished | Change::LostFeature(_)) {
            return None;
        }
        let (pair, runtime) = session.pair(delta.case, delta.runtime)?;
        let again = run_pair(&pair, runtime, repeats, &session.context)?;
        Some(match again.result.verdict {
            Verdict::Unstable => format!("unstable: {repeats} more runs do not agree"),
            verdict if verdict.is_regression() => format!("stable: {repeats} more runs are all `{verdict}`"),
            verdict => format!("unstable: {repeats} more runs are all `{verdict}`"),
        })
    };
    let said = worse.iter().map(|delta| says(delta).unwrap_or_default()).collect();
    for runtime in &session.runtimes {
        runtime.retire(&session.context);
    }
    said
}

/// One regression for people.
fn regression(delta: &Delta<'_>, stability: &str, findings: &BTreeMap<(String, String), CaseFinished>) -> Vec<String> {
    let was = delta.old.map_or("nothing".to_owned(), |old| old.verdict.to_string());
    let now = delta.new.map_or("nothing".to_owned(), |new| new.verdict.to_string());
    let mut head = format!("{}: {was} in the baseline, {now} now", delta.change.words());
    if !stability.is_empty() {
        head.push_str(&format!("; {stability}"));
    }
    let mut lines = vec![head];
    let finished = findings.get(&(delta.runtime.to_owned(), delta.case.to_owned()));
    match finished.and_then(|finished| Some((finished, finished.explanation.as_ref()?))) {
        Some((finished, explanation)) => lines.extend(finding(finished, explanation, columns())),
        None => {
            let detail = delta.new.map(|new| new.detail.as_str()).unwrap_or_default();
            lines.push(format!(
                "  {} on {}{}",
                delta.case,
                visible(delta.runtime),
                if detail.is_empty() { String::new() } else { format!(": {}", visible(detail)) }
            ));
            lines.push(String::new());
        }
    }
    lines
}

/// What changed, in counts and names; lost features grouped, what the suite did apart.
fn summary(deltas: &[Delta<'_>], baseline: &Document, result: &Document) -> Vec<String> {
    let mut lines = Vec::new();
    let mut lost: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    let mut counts: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for delta in deltas {
        match &delta.change {
            Change::Unchanged => {}
            Change::LostFeature(feature) => lost.entry((feature, delta.runtime)).or_default().push(delta.case.to_owned()),
            change => counts.entry(change.words()).or_default().push(format!("{} on {}", delta.case, visible(delta.runtime))),
        }
    }
    let list = |which: &[String]| {
        let mut listed: Vec<String> = which.iter().take(20).map(|one| format!("  {one}")).collect();
        if which.len() > 20 {
            listed.push(format!("  and {} more", which.len() - 20));
        }
        listed
    };
    for ((feature, runtime), which) in lost {
        let plural = if which.len() == 1 { "case" } else { "cases" };
        lines.push(format!("lost {} on {}: {} {plural}", visible(feature), visible(runtime), which.len()));
        lines.extend(list(&which));
    }
    for (words, which) in counts {
        lines.push(format!("{words}: {}", which.len()));
        if words != Change::Added.words() {
            lines.extend(list(&which));
        }
    }
    if baseline.suite.digest != result.suite.digest {
        lines.push(format!(
            "the suite is {} now and was {} in the baseline; only what means the same was compared",
            result.suite.version, baseline.suite.version
        ));
    }
    if !baseline.complete {
        lines.push("the baseline is of an interrupted run; what it lacks was not compared".into());
    }
    let worse = deltas.iter().filter(|delta| delta.change.is_worse()).count();
    let same = deltas.iter().filter(|delta| delta.change == Change::Unchanged).count();
    lines.push(match worse {
        0 => format!("nothing got worse; {same} unchanged"),
        _ => format!("{worse} got worse; {same} unchanged"),
    });
    lines.into_iter().flat_map(|line| wrap_indented(&line)).collect()
}

fn wrap_indented(line: &str) -> Vec<String> {
    let indent = line.len() - line.trim_start().len();
    wrap(line, columns().saturating_sub(indent)).into_iter().map(|part| format!("{}{part}", " ".repeat(indent))).collect()
}

/// A workflow command that GitHub shows beside the change.
fn annotation(delta: &Delta<'_>) -> String {
    let data = |text: &str| visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let detail = delta.new.map(|new| new.detail.as_str()).unwrap_or_default();
    format!(
        "::error title={}::{}: {}",
        property(&format!("lockstep: {} on {}", delta.change.words(), delta.runtime)),
        data(delta.case),
        data(detail)
    )
}

/// The page for a pull request's comment or a job's summary.
fn page(deltas: &[Delta<'_>], worse: &[&Delta<'_>], stable: &[String]) -> String {
    let text = |text: &str| {
        visible(text).replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('`', "\\`").replace('*', "\\*")
    };
    let mut page = String::from("## Lockstep gate\n\n");
    let fixed = deltas.iter().filter(|delta| delta.change == Change::Fixed).count();
    if worse.is_empty() {
        page.push_str("Nothing got worse.\n");
    } else {
        page.push_str(&format!("{} got worse.\n\n| | case | runtime | finding |\n|---|---|---|---|\n", worse.len()));
        for (delta, stability) in worse.iter().zip(stable) {
            let detail = delta.new.map(|new| new.detail.as_str()).unwrap_or_default();
            page.push_str(&format!(
                "| {} | `{}` | {} | {} {} |\n",
                delta.change.words(),
                delta.case,
                text(delta.runtime),
                text(detail),
                stability
            ));
        }
    }
    if fixed > 0 {
        page.push_str(&format!("\n{fixed} fixed.\n"));
    }
    page
}

/// JUnit in which only what got worse is a failure.
fn junit(worse: &[&Delta<'_>], findings: Vec<CaseFinished>, end: RunEnd, elapsed: Option<std::time::Duration>) -> JUnit {
    let worse: BTreeSet<(&str, &str)> = worse.iter().map(|delta| (delta.runtime, delta.case)).collect();
    let mut junit = JUnit::new();
    for mut finished in findings {
        let result = &mut finished.result;
        let is_worse = worse.contains(&(result.runtime.as_str(), result.case.as_str()));
        match (is_worse, result.verdict) {
            (true, Verdict::Skip) => {
                result.verdict = Verdict::Fail;
                result.detail = format!("lost feature: {}", result.detail);
            }
            (true, Verdict::Known) => result.verdict = Verdict::Fail,
            (false, verdict) if verdict.is_regression() => {
                result.verdict = Verdict::Known;
                result.detail = format!("as in the baseline: {}", result.detail);
            }
            _ => {}
        }
        junit.event(&RunEvent::CaseFinished(Box::new(finished)));
    }
    junit.event(&RunEvent::Ended { end, elapsed: elapsed.unwrap_or_default() });
    junit
}
