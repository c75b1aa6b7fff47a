//! `lockstep list` and `lockstep show`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use super::{
    Failure,
    args::{SelectArgs, SuiteArgs},
    load,
    session::select,
};
use crate::{
    adapter::{launch::PATH, spec::quote_word},
    gate::Code,
    report::{
        terminal::columns,
        text::{visible, wrap},
    },
    result::document::to_json,
    suite::{Case, Fixture, Goal, Suite},
    trace::render_lines,
};

/// `lockstep list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Which cases.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Print them as one JSON document
    #[arg(long)]
    pub json: bool,
}

/// `lockstep show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// The case, by its id or a former one
    #[arg(value_name = "CASE")]
    pub case: String,
    /// Write program, files and a run.sh that reproduces it without Lockstep into this folder
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
}

/// One case as `list --json` gives it.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    id: &'a str,
    title: &'a str,
    category: &'a str,
    topic: &'a str,
    profile: &'a str,
    strength: &'a str,
    goal: &'a str,
    needs: &'a [String],
    lane: &'a str,
    tags: &'a [String],
    digest: &'a str,
}

/// The document of `list --json`.
#[derive(Debug, Serialize)]
struct Listing<'a> {
    cases: Vec<Listed<'a>>,
}

/// Lists the selected cases.
///
/// # Errors
/// If the suite has errors, or nothing is selected.
pub fn list(args: &ListArgs) -> Result<Code, Failure> {
    let suite = load(args.suite.suite.as_deref())?;
    let cases = select(&suite, &args.select, None)?;
    if args.json {
        let cases = cases.iter().map(|case| listed(case)).collect();
        anstream::print!("{}", to_json(&Listing { cases }));
        return Ok(Code::Success);
    }
    if let Some(from) = origin(&suite) {
        eprintln!("lockstep: {from}");
    }
    let longest = cases.iter().map(|case| case.id.len()).max().unwrap_or(0);
    for case in &cases {
        // Not cut to the terminal: a list is for grep too.
        anstream::println!("{:<longest$}  {}", case.id, case.title);
    }
    Ok(Code::Success)
}

/// Where the cases come from, if it is not just a folder.
fn origin(suite: &Suite) -> Option<String> {
    let overlays: Vec<String> = suite.overlays().map(|folder| folder.display().to_string()).collect();
    let base = match suite.base().folder() {
        Some(_) if overlays.is_empty() => return None,
        Some(folder) => folder.display().to_string(),
        None => "inside of this binary".into(),
    };
    let on_top = if overlays.is_empty() { String::new() } else { format!(", with {} on top", overlays.join(", ")) };
    Some(format!("the suite {} is {base}{on_top}", suite.version))
}

fn listed(case: &Case) -> Listed<'_> {
    Listed {
        id: &case.id,
        title: &case.title,
        category: case.category(),
        topic: case.topic(),
        profile: case.profile.as_str(),
        strength: case.strength.as_str(),
        goal: case.goal.map_or("any", Goal::as_str),
        needs: &case.needs,
        lane: case.lane.as_str(),
        tags: &case.tags,
        digest: &case.digest,
    }
}

/// Shows one case, and writes it as something to run by hand if asked.
///
/// # Errors
/// If there is no such case, or the folder cannot be written.
pub fn show(args: &ShowArgs) -> Result<Code, Failure> {
    let suite = load(args.suite.suite.as_deref())?;
    let case = suite.resolve(&args.case).map_err(|error| Failure::Usage(error.to_string()))?;
    for line in description(case, &suite) {
        anstream::println!("{line}");
    }
    if let Some(folder) = &args.write {
        write(case, folder).map_err(|source| Failure::Usage(format!("cannot write {}: {source}", folder.display())))?;
        anstream::println!(
            "written to {}; try: sh {} node",
            folder.display(),
            quote_word(&folder.join("run.sh").to_string_lossy())
        );
    }
    Ok(Code::Success)
}

/// Everything that is known of a case before it is run.
fn description(case: &Case, suite: &Suite) -> Vec<String> {
    let width = columns();
    let field = |label: &str, text: &str| {
        let mut lines = wrap(text, width.saturating_sub(12)).into_iter();
        let mut out = vec![format!("{label:<12}{}", lines.next().unwrap_or_default())];
        out.extend(lines.map(|line| format!("{:12}{line}", "")));
        out
    };
    let mut lines = vec![case.id.clone()];
    lines.extend(field("title", &case.title));
    lines.extend(field("rule", &case.rule));
    for authority in &case.authority {
        lines.push(format!("{:<12}{authority} ({})", "authority", case.strength));
    }
    for issue in &case.issues {
        lines.push(format!("{:<12}{issue}", "issue"));
    }
    let goal = case.goal.map_or("any goal", Goal::as_str);
    lines.extend(field("runs as", &format!("{goal}, profile {}, lane {}", case.profile, case.lane)));
    if !case.needs.is_empty() {
        lines.extend(field("needs", &case.needs.join(", ")));
    }
    lines.push(String::new());
    let mut block = |name: &str, text: &str| {
        lines.push(format!("{name}:"));
        lines.extend(text.lines().map(|line| format!("    {}", visible(line))));
        lines.push(String::new());
    };
    block("program", &case.program);
    for (name, text) in &case.files {
        block(name, text);
    }
    for (name, fixture) in &case.fixtures {
        block(name, &format!("a {fixture}, made before the program starts"));
    }
    let expectation = suite.expectation(case);
    let allowed = render_lines(&expectation.trace).join("\n");
    block("it prints", &format!("{allowed}\nand exits: {}", expectation.exit));
    for (product, deviations) in &suite.deviations {
        for deviation in deviations.iter().filter(|deviation| deviation.case == case.id) {
            let mut text = format!("{} (versions {})\n{}", deviation.kind, deviation.versions, deviation.reason.trim());
            if let Some(link) = &deviation.link {
                text.push_str(&format!("\n{link}"));
            }
            if let Some(trace) = &deviation.trace {
                text.push_str(&format!("\nit prints:\n  {}", render_lines(trace).join("\n  ")));
            }
            if let Some(exit) = &deviation.exit {
                text.push_str(&format!("\nand exits: {exit}"));
            }
            if deviation.intermittent {
                text.push_str("\nin some runs only");
            }
            block(&format!("{product} deviates"), &text);
        }
    }
    lines
}

/// Writes program, files and a script that runs them as Lockstep would.
fn write(case: &Case, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let goal = case.goal.unwrap_or(Goal::Cjs);
    fs::write(folder.join(goal.entry()), &case.program)?;
    for (name, text) in &case.files {
        let file: PathBuf = folder.join(name);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, text)?;
    }
    if let Some(stdin) = &case.stdin {
        fs::write(folder.join("stdin"), stdin)?;
    }
    fs::write(folder.join("run.sh"), script(case, goal))
}

/// The script: the launch contract in shell.
fn script(case: &Case, goal: Goal) -> String {
    let mut text = format!(
        "#!/bin/sh\n# {}\n# Runs this case as Lockstep does. Usage: sh run.sh RUNTIME [FLAG …], as in: sh run.sh node\n\
         set -eu\n[ $# -gt 0 ] || set -- node\n\
         case \"$1\" in\n  /*) command=$1 ;;\n  */*) command=$PWD/$1 ;;\n  \
         *) command=$(command -v \"$1\") || {{ echo \"there is no $1 on PATH\" >&2; exit 127; }} ;;\nesac\n\
         shift\nset -- \"$command\" \"$@\"\ncd \"$(dirname \"$0\")\"\n\
         extra=\ncase \"${{1##*/}}\" in\n  deno*) extra='DENO_NO_UPDATE_CHECK=1 DENO_NO_PROMPT=1'; first=$1; shift; set -- \"$first\" run -A --quiet \"$@\" ;;\n  bun*) first=$1; shift; set -- \"$first\" run \"$@\" ;;\nesac\n\
         private=$(mktemp -d)\ntrap 'rm -rf \"$private\"' EXIT\nmkdir \"$private/home\" \"$private/tmp\"\n",
        case.id
    );
    for (name, fixture) in &case.fixtures {
        let name = quote_word(name);
        match fixture {
            Fixture::Fifo => text.push_str(&format!("[ -p {name} ] || mkfifo {name}\n")),
        }
    }
    text.push_str(&format!(
        "env -i PATH={PATH} HOME=\"$private/home\" TMPDIR=\"$private/tmp\" DENO_DIR=\"$private/deno\" TZ=UTC NO_COLOR=1 $extra"
    ));
    for (name, value) in &case.env {
        text.push_str(&format!(" {name}={}", quote_word(value)));
    }
    text.push_str(&format!(" \\\n  \"$@\" {}", goal.entry()));
    for argument in &case.args {
        text.push_str(&format!(" {}", quote_word(argument)));
    }
    // Through files, since some runtimes lose what they wrote to a pipe when they exit.
    let input = if case.stdin.is_some() { "stdin" } else { "/dev/null" };
    text.push_str(&format!(
        " <{input} >>\"$private/out\" 2>>\"$private/err\" && code=0 || code=$?\n\
         cat \"$private/out\"\ncat \"$private/err\" >&2\necho \"exit $code\" >&2\nexit $code\n"
    ));
    text
}
