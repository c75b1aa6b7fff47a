//! `lockstep try`: any program on several runtimes, without a case.
//!
//! The launch contract is that of cases, so that what is seen here is what a case made of the program would show.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::{
    Failure,
    args::SuiteArgs,
    compare::Comparison,
    distinct, inhouse_holder, load_in,
    project::Setting,
    run::writable,
    session::{launches, listed, ready},
};
use crate::{
    adapter::{AdapterError, Context, Job, Runtime},
    gate::{
        Code,
        classes::{Behaviour, CaseClasses, Class, group},
    },
    report::{
        terminal::columns,
        text::{fit, visible, width, wrap},
    },
    result::{
        RuntimeInfo,
        document::{SCHEMA, write_json},
    },
    run::prepare,
    suite::{Case, Goal},
    trace::Observation,
};

/// More events than these are not shown around the first difference.
const SHOWN: usize = 40;

/// The largest program, in bytes.
const MOST_BYTES: u64 = 8 << 20;

/// `lockstep try`.
#[derive(Debug, Clone, Args)]
pub struct TryArgs {
    /// Which suite, for its manifests.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// The program; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The runtimes, parted by commas; a MYNAME=ADAPTER:COMMAND has an --on of its own [default: those of lockstep.yaml, or every one that is here]
    #[arg(long, value_name = "RUNTIMES")]
    pub on: Vec<String>,
    /// How it is parsed: script, cjs or esm [default: by the file's ending, else the first that fits, cjs first]
    #[arg(long, value_name = "GOAL", value_parser = goal)]
    pub goal: Option<Goal>,
    /// Run it N times on each; runs that disagree are said to
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Seconds after which it is killed
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
    /// Write the classes as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Arguments of the program
    #[arg(last = true, value_name = "ARGUMENT")]
    pub arguments: Vec<String>,
}

fn goal(text: &str) -> Result<Goal, String> {
    let all = [Goal::Script, Goal::Cjs, Goal::Esm];
    all.into_iter().find(|goal| goal.as_str() == text).ok_or_else(|| "write script, cjs or esm".into())
}

/// Runs a program on several runtimes and shows who behaves alike.
///
/// # Errors
/// If the program cannot be read, a runtime is not there, or the harness failed.
pub fn run(args: &TryArgs) -> Result<Code, Failure> {
    args.json.as_deref().map_or(Ok(()), writable)?;
    let setting = Setting::find()?;
    let case = case(args)?;
    let runtimes = setting.runtimes(&listed(&args.on)?);
    distinct(&runtimes)?;
    let mut suite = load_in(&setting, args.suite.suite.as_deref())?;
    // Nothing is judged or skipped by them here.
    suite.features.clear();
    let request = prepare::Request { runtimes, inhouse: inhouse_holder(), ..prepare::Request::default() };
    let context = launches(&request)?;
    let prepared = ready(&request, &suite, &context)?;
    let seen: Vec<Result<(Behaviour, String), AdapterError>> =
        prepared.runtimes.par_iter().map(|runtime| behaviour(&case, runtime, args.repeat, &context)).collect();
    let mut behaviours = Vec::with_capacity(seen.len());
    for (runtime, seen) in prepared.runtimes.iter().zip(seen) {
        runtime.retire(&context);
        let (behaviour, detail) = match seen {
            Err(error @ AdapterError::Interrupted { .. }) => return Err(error.into()),
            Err(error) => (Behaviour::Unjudged, error.to_string()),
            Ok(seen) => seen,
        };
        behaviours.push((runtime.name().to_owned(), behaviour, detail));
    }
    let classes = group(&case.id, behaviours);
    for line in lines(&classes, columns()) {
        anstream::println!("{line}");
    }
    if args.file != Path::new("-") {
        anstream::println!(
            "\ngo on: lockstep new ordering/TOPIC/NAME --from {file}   lockstep bisect {file} --runtime NAME",
            file = crate::adapter::spec::quote_word(&args.file.to_string_lossy())
        );
    }
    if let Some(file) = &args.json {
        let infos: Vec<RuntimeInfo> = prepared.runtimes.iter().map(|runtime| runtime.info()).collect();
        let comparison = Comparison { schema: SCHEMA, runtimes: &infos, cases: std::slice::from_ref(&classes) };
        write_json(file, &comparison).map_err(Failure::Report)?;
    }
    let unjudged = classes.classes.iter().any(|class| class.behaviour == Behaviour::Unjudged);
    Ok(if unjudged { Code::Harness } else { Code::Success })
}

/// The program as if it were a case of one file.
fn case(args: &TryArgs) -> Result<Case, Failure> {
    let unreadable = |error: io::Error| Failure::Usage(format!("cannot read {}: {error}", args.file.display()));
    let mut bytes = Vec::new();
    let source: Box<dyn Read> = if args.file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(fs::File::open(&args.file).map_err(unreadable)?)
    };
    source.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Failure::Usage(format!("{} is larger than {} MiB", args.file.display(), MOST_BYTES >> 20)));
    }
    let program = String::from_utf8(bytes).map_err(|_| Failure::Usage(format!("{} is no UTF-8", args.file.display())))?;
    let id = args.file.file_name().map_or_else(|| "-".into(), |name| name.to_string_lossy().into_owned());
    // A program that no goal fits may be about just that, so nothing is checked.
    let loose = Case::loose(&args.file, &program, args.goal);
    Ok(Case { id, args: args.arguments.clone(), timeout: Duration::from_secs(args.timeout), ..loose })
}

/// What one runtime does with the program, and a sentence on it.
fn behaviour(case: &Case, runtime: &Runtime, repeat: u32, context: &Context) -> Result<(Behaviour, String), AdapterError> {
    let Some(goal) = runtime.manifest().goal_for(case.goal) else {
        let what = format!("goal {}", case.goal.map_or("any", Goal::as_str));
        return Ok((Behaviour::Lacks { what: what.clone() }, what));
    };
    let job = Job { case, goal, deadline: case.timeout };
    let first = runtime.execute(&job, context)?;
    for again in 2..=repeat {
        let next = runtime.execute(&job, context)?;
        if let Some(difference) = difference(&first, &next) {
            return Ok((Behaviour::Unstable, format!("run {again} differs from the first: {difference}")));
        }
    }
    let detail = said(&first);
    Ok((Behaviour::Prints { trace: first.trace.into_events(), exit: first.ended.to_string() }, detail))
}

/// Where two runs differ, as a fragment.
fn difference(first: &Observation, next: &Observation) -> Option<String> {
    let (one, other) = (first.trace.events(), next.trace.events());
    let at = one.iter().zip(other).position(|(one, other)| one != other).unwrap_or(one.len().min(other.len()));
    if at < one.len().max(other.len()) {
        let event = |events: &[String]| events.get(at).map_or("nothing".into(), |event| crate::trace::quoted(event));
        return Some(format!("event {} is {} and was {}", at + 1, event(other), event(one)));
    }
    (first.ended != next.ended).then(|| format!("the end is {} and was {}", next.ended, first.ended))
}

/// The line of standard error that tells most, in part.
fn said(seen: &Observation) -> String {
    seen.complaint().map(|line| line.chars().take(200).collect()).unwrap_or_default()
}

/// The classes for people: side by side where that fits, else one after the other.
fn lines(classes: &CaseClasses, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let shown: Vec<(char, &Class, &[String], &str)> = ('A'..='Z')
        .cycle()
        .zip(&classes.classes)
        .filter_map(|(letter, class)| match &class.behaviour {
            Behaviour::Prints { trace, exit } => Some((letter, class, trace.as_slice(), exit.as_str())),
            _ => None,
        })
        .collect();
    for (letter, class) in ('A'..='Z').cycle().zip(&classes.classes) {
        let names = class.runtimes.iter().map(|name| visible(name)).collect::<Vec<_>>().join(" ");
        let what = match &class.behaviour {
            Behaviour::Prints { trace, exit } => {
                let plural = if trace.len() == 1 { "event" } else { "events" };
                let said = if exit == "0" || class.detail.is_empty() { String::new() } else { format!(": {}", class.detail) };
                format!("{} {plural}, exit {exit}{said}", trace.len())
            }
            Behaviour::Lacks { what } => format!("lacks {what}"),
            Behaviour::Unstable => format!("unstable; {}", class.detail),
            _ => class.detail.clone(),
        };
        let head = format!("{letter}  {:<24} ", fit(&names, 40));
        let indent = width(&head);
        for (index, part) in wrap(&visible(&what), columns.saturating_sub(indent).max(20)).into_iter().enumerate() {
            lines.push(if index == 0 { format!("{head}{part}") } else { format!("{}{part}", " ".repeat(indent)) });
        }
    }
    if let Some(alone) = classes.alone() {
        lines.push(format!("only {}", visible(alone)));
    } else if shown.len() == 1 && classes.classes.len() == 1 {
        lines.push("all behave alike".into());
    }
    let longest = shown.iter().map(|(_, _, trace, _)| trace.len()).max().unwrap_or(0);
    if longest == 0 {
        return lines;
    }
    lines.push(String::new());
    let differs = |row: usize| shown.iter().any(|(_, _, trace, _)| trace.get(row) != shown[0].2.get(row));
    let first = (0..longest).find(|row| differs(*row));
    let from = first.unwrap_or(0).saturating_sub(SHOWN / 2);
    let to = longest.min(from + SHOWN);
    let cell = columns.saturating_sub(8) / shown.len();
    let row = |mark: &str, label: &str, cells: Vec<String>| -> String {
        let cells: Vec<String> = cells
            .into_iter()
            .map(|text| {
                let text = fit(&text, cell.saturating_sub(2).max(8));
                let pad = cell.saturating_sub(width(&text));
                format!("{text}{}", " ".repeat(pad))
            })
            .collect();
        format!("{mark:<1}{label:>5}  {}", cells.concat()).trim_end().to_owned()
    };
    if shown.len() > 1 {
        lines.push(row("", "", shown.iter().map(|(letter, ..)| letter.to_string()).collect()));
    }
    if from > 0 {
        lines.push(row("", "", vec![format!("… {from} events before, alike")]));
    }
    for index in from..to {
        let cells =
            shown.iter().map(|(_, _, trace, _)| trace.get(index).map(|event| visible(event)).unwrap_or_default()).collect();
        lines.push(row(if first == Some(index) { ">" } else { "" }, &(index + 1).to_string(), cells));
    }
    if to < longest {
        lines.push(row("", "", vec![format!("… {} more", longest - to)]));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prints(name: &str, trace: &[&str], exit: &str) -> (String, Behaviour, String) {
        let trace = trace.iter().map(|event| (*event).to_owned()).collect();
        (name.into(), Behaviour::Prints { trace, exit: exit.into() }, String::new())
    }

    #[test]
    fn classes_stand_side_by_side_with_the_first_difference_marked() {
        let classes = group(
            "bug.js",
            [
                prints("node", &["sync", "tick", "job"], "0"),
                prints("deno", &["sync", "tick", "job"], "0"),
                prints("bun", &["sync", "job\u{1b}[2J", "tick", "more"], "1"),
                ("old".to_owned(), Behaviour::Lacks { what: "goal esm".into() }, "goal esm".into()),
            ],
        );
        insta::assert_snapshot!(lines(&classes, 60).join("\n"), @"
        A  node deno                3 events, exit 0
        B  bun                      4 events, exit 1
        C  old                      lacks goal esm
        only bun

                A                         B
             1  sync                      sync
        >    2  tick                      job\\u{1b}[2J
             3  job                       tick
             4                            more
        ");
    }

    #[test]
    fn who_agrees_is_shown_once_and_long_traces_in_part() {
        let long: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let long: Vec<&str> = long.iter().map(String::as_str).collect();
        let shown = lines(&group("p", [prints("a", &long, "0"), prints("b", &long, "0")]), 80);
        assert_eq!(shown[1], "all behave alike");
        assert_eq!(shown.last().map(String::as_str), Some("        … 60 more"));
        let mut other = long.clone();
        other[80] = "x";
        let shown = lines(&group("p", [prints("a", &long, "0"), prints("b", &other, "0")]), 80);
        assert!(shown.iter().any(|line| line.contains("… 60 events before, alike")), "{shown:?}");
        assert!(shown.iter().any(|line| line.starts_with(">   81  80")), "{shown:?}");
    }
}
