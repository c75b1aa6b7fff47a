//! `lockstep bisect`: which release changed this?

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use clap::Args;
use serde::Serialize;

use super::{
    Failure,
    args::{SuiteArgs, scale},
    load_in,
    project::Setting,
    releases::Releases,
    run::writable,
    subject::{Sample, Seen, Subject},
};
use crate::{
    adapter::{RuntimeSpec, spec::quote_word},
    gate::{Code, classes::Behaviour},
    narrow::bisect::{End, Ends, Look, Search, bisect},
    report::{
        progress::Steps,
        sides::{self, Sides, first_difference},
        terminal::{columns, hanging, marked},
        text::{visible, wrap},
    },
    result::document::{SCHEMA, write_json},
    suite::Suite,
};

/// `lockstep bisect`.
#[derive(Debug, Clone, Args)]
pub struct BisectArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// A case, or a program of which nothing but its output is known
    #[arg(value_name = "CASE|FILE")]
    pub subject: String,
    /// The runtime whose releases are searched: node, deno, bun
    #[arg(short, long, value_name = "NAME")]
    pub runtime: RuntimeSpec,
    /// A release that behaves as it should [default: the oldest that can run it]
    #[arg(long, value_name = "VERSION")]
    pub good: Option<String>,
    /// A later release that behaves otherwise [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub bad: Option<String>,
    /// Run each release N times; the two at the boundary are run ten times more, or N if that is more
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Multiply every deadline by this, for slow machines and instrumented builds
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = scale)]
    pub timeout_scale: f64,
    /// Write what was found as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// More runs of the two releases at the boundary, at least.
const CONFIRMING: u32 = 10;

/// What each release that was run showed.
type Shown = BTreeMap<usize, BTreeMap<Behaviour, Sample>>;

/// Searches the releases for the first that behaves otherwise, and shows both sides of the boundary.
///
/// # Errors
/// If the case or a version is unknown, npm or the network is not there, an end cannot be run, or both ends behave alike.
pub fn run(args: &BisectArgs) -> Result<Code, Failure> {
    args.json.as_deref().map_or(Ok(()), writable)?;
    let setting = Setting::find()?;
    let mut suite = load_in(&setting, args.suite.suite.as_deref())?;
    let subject = Subject::read(&suite, &args.subject)?;
    // Each release is asked only for what this one case needs.
    suite.features.retain(|name, _| subject.case().needs.contains(name));
    let releases = Releases::list(&args.runtime, &setting, &suite, args.timeout_scale)?;
    let (first, last) = row(args, &releases)?;
    let hunt = Hunt { args, suite: &suite, subject: &subject, releases: &releases, offset: first };

    let mut shown = Shown::new();
    let count = last - first + 1;
    let most = count.ilog2() as usize + 3;
    let mut steps = Steps::stderr();
    let ends = Ends { first_named: args.good.is_some(), last_named: args.bad.is_some() };
    let search = bisect(count, ends, |at| {
        steps.step(&format!("{}, {} of at most {most} run", releases.name(first + at), shown.len()));
        hunt.look(at, args.repeat, &mut shown)
    });
    let search = search.inspect_err(|_| steps.finish())?;
    let (last, first) = match search.end {
        End::Found { last, first, .. } => (last, first),
        End::AlwaysSince { first } => {
            steps.finish();
            return hunt.always_since(first, &search);
        }
        End::Alike => {
            steps.finish();
            return Err(hunt.alike(&search));
        }
        End::NoEnd { at } => {
            steps.finish();
            return Err(hunt.no_end(at, &search));
        }
    };
    let before = (shown[&last].keys().cloned().collect::<BTreeSet<_>>(), shown[&first].keys().cloned().collect::<BTreeSet<_>>());
    for at in [last, first] {
        steps.step(&format!("{} again, to see whether it is stable", releases.name(hunt.offset + at)));
        hunt.look(at, args.repeat.max(CONFIRMING), &mut shown)?;
    }
    steps.finish();
    let after = (shown[&last].keys().cloned().collect::<BTreeSet<_>>(), shown[&first].keys().cloned().collect::<BTreeSet<_>>());
    // It may be unstable on one side, if that is the change; but what more runs show must not make both sides alike or add to either.
    let stable = before == after;
    for line in hunt.report(last, first, &search, &shown, stable) {
        anstream::println!("{line}");
    }
    hunt.write(&search, &shown, Some(stable))?;
    Ok(if stable { Code::Success } else { Code::Regression })
}

/// The indices of both ends among the published releases.
fn row(args: &BisectArgs, releases: &Releases) -> Result<(usize, usize), Failure> {
    let published = &releases.published;
    let index = |version: &Option<String>, default: usize| match version {
        Some(version) => published.index(version).map_err(|error| Failure::Usage(error.to_string())),
        None => Ok(default),
    };
    let (good, bad) = (index(&args.good, 0)?, index(&args.bad, published.versions.len() - 1)?);
    if good >= bad {
        return Err(Failure::Usage(format!(
            "--good {} is not older than --bad {}; releases are searched in the order of their numbers, so name the older one with --good \
             whichever of them you prefer",
            published.versions[good], published.versions[bad]
        )));
    }
    Ok((good, bad))
}

/// One search.
struct Hunt<'a> {
    args: &'a BisectArgs,
    suite: &'a Suite,
    subject: &'a Subject,
    releases: &'a Releases,
    /// Index of the row's first release among the published ones.
    offset: usize,
}

impl Hunt<'_> {
    fn name(&self, at: usize) -> String {
        self.releases.name(self.offset + at)
    }

    /// Runs one release, and adds to `shown` what it shows.
    fn look(&self, at: usize, repeats: u32, shown: &mut Shown) -> Result<Look<Behaviour>, Failure> {
        let runtime = match self.releases.ready(self.offset + at, self.suite)? {
            Ok(runtime) => runtime,
            Err(reason) => return Ok(Look::Unusable(reason)),
        };
        let seen = self.subject.look(self.suite, &runtime, repeats, self.args.timeout_scale, &self.releases.context)?;
        runtime.retire(&self.releases.context);
        match seen {
            Seen::Lacks(what) => Ok(Look::Lacks(what)),
            Seen::Shows(now) if repeats > 2 && now.len() as u32 == repeats => Err(Failure::Usage(format!(
                "{}: all {repeats} runs on {} differ from each other, so no two releases could be compared; let the program print nothing \
                 that changes by itself, such as times, addresses and process ids",
                self.args.subject,
                self.name(at),
            ))),
            Seen::Shows(now) => {
                let known = shown.entry(at).or_default();
                for (behaviour, sample) in now {
                    known.entry(behaviour).and_modify(|known| known.times += sample.times).or_insert(sample);
                }
                Ok(Look::Shows(known.keys().cloned().collect()))
            }
        }
    }

    fn alike(&self, search: &Search<Behaviour>) -> Failure {
        let ran = search.looks.iter().filter(|(_, look)| matches!(look, Look::Shows(_)));
        let ends: Vec<String> = ran.map(|(at, _)| self.name(*at)).collect();
        let both = match &ends[..] {
            [newest, oldest] => format!("{oldest} and {newest} behave alike"),
            _ => format!("there is but one release to run, {}", ends.join(", ")),
        };
        Failure::Usage(format!("{both}, so there is no boundary between them; name releases that differ with --good and --bad"))
    }

    fn no_end(&self, at: usize, search: &Search<Behaviour>) -> Failure {
        let why = search.look(at).and_then(reason).unwrap_or_default();
        Failure::Usage(format!("{} cannot be run: {}; name another with --good or --bad", self.name(at), visible(&why)))
    }

    /// There was no change as far back as it can be run.
    fn always_since(&self, first: usize, search: &Search<Behaviour>) -> Result<Code, Failure> {
        let newest = search.looks.iter().find(|(_, look)| matches!(look, Look::Shows(_))).map_or(first, |(at, _)| *at);
        let text = format!(
            "{}: no release behaves otherwise than {}, as far back as {}, the oldest that can run it",
            self.args.subject,
            self.name(newest),
            self.name(first)
        );
        let mut lines = wrap(&text, columns());
        lines.extend(self.footer(search));
        for line in lines {
            anstream::println!("{line}");
        }
        self.write(search, &Shown::new(), None)?;
        Ok(Code::Success)
    }

    /// Both sides of the boundary, for people.
    fn report(&self, last: usize, first: usize, search: &Search<Behaviour>, shown: &Shown, stable: bool) -> Vec<String> {
        let width = columns();
        let (old, new) = (self.name(last), self.name(first));
        let mut lines = wrap(&format!("{}: {new} is the first that behaves otherwise", self.args.subject), width);
        if let Subject::Case(case) = self.subject {
            lines.extend(hanging("  rule       ", &case.rule, width));
            lines.push(format!("  authority  {}", case.authority.first().map(String::as_str).unwrap_or_default()));
        }
        for at in [last, first] {
            for (behaviour, sample) in &shown[&at] {
                let label = format!("  {:<16} ", self.name(at));
                lines.extend(hanging(&label, &described(behaviour, sample, &shown[&at]), width));
            }
        }
        let (left, right) = most_unlike(&shown[&last], &shown[&first]);
        let at = first_difference(&left.trace, &right.trace);
        let sides = Sides { left_title: &old, right_title: &new, left: &left.trace, right: &right.trace, at, unseen: 0 };
        lines.push(String::new());
        lines.extend(sides::lines(&sides, width, marked));
        if left.exit != right.exit {
            lines.push(format!("        {old} ends with {}, {new} with {}", ended(&left.exit), ended(&right.exit)));
        }
        lines.push(String::new());
        lines.extend(self.footer(search));
        let runs = self.args.repeat.max(CONFIRMING);
        lines.extend(match stable {
            true => hanging("  stable     ", &format!("{runs} more runs of {old} and {new} show the same"), width),
            false => hanging(
                "  unstable   ",
                &format!(
                    "{runs} more runs of {old} and {new} show something else too; give --repeat a number above {}",
                    self.args.repeat
                ),
                width,
            ),
        });
        lines.push(format!("  see it     {}", self.see_it(&old, &new)));
        lines
    }

    /// The command that shows both sides again.
    fn see_it(&self, old: &str, new: &str) -> String {
        match self.subject {
            Subject::Case(case) => format!("lockstep compare {old} {new} --filter {}", case.id),
            Subject::Program(_) => {
                let version = |name: &str| name.rsplit('@').next().unwrap_or(name).to_owned();
                let (good, bad) = (version(old), version(new));
                let file = quote_word(&self.args.subject);
                format!("lockstep bisect {file} --runtime {} --good {good} --bad {bad}", self.releases.adapter)
            }
        }
    }

    /// Which releases were looked at, and which could not be run.
    fn footer(&self, search: &Search<Behaviour>) -> Vec<String> {
        let width = columns();
        let count = search.looks.iter().map(|(at, _)| at + 1).max().unwrap_or(0);
        let mut ran: Vec<usize> =
            search.looks.iter().filter(|(_, look)| matches!(look, Look::Shows(_))).map(|(at, _)| *at).collect();
        ran.sort_unstable();
        let version = |at: usize| self.releases.published.versions[self.offset + at].to_string();
        let mut words: Vec<String> = Vec::new();
        for at in &ran {
            if search.end_first() == Some(*at) {
                words.push("|".into());
            }
            words.push(version(*at));
        }
        let mut lines = hanging("  run        ", &format!("{} of {count} releases: {}", ran.len(), words.join(" ")), width);
        let mut not: Vec<(usize, String)> = search.looks.iter().filter_map(|(at, look)| Some((*at, reason(look)?))).collect();
        not.sort();
        for (at, why) in not {
            lines.extend(hanging("  passed by  ", &format!("{}: {}", version(at), visible(&why)), width));
        }
        if let End::Found { between, .. } = &search.end
            && !between.is_empty()
        {
            let names: Vec<String> = between.iter().map(|at| version(*at)).collect();
            let text = format!("it may also have changed in {}, which cannot be run", names.join(", "));
            lines.extend(hanging("  note       ", &text, width));
        }
        lines
    }

    fn write(&self, search: &Search<Behaviour>, shown: &Shown, stable: Option<bool>) -> Result<(), Failure> {
        let Some(file) = &self.args.json else { return Ok(()) };
        let version = |at: usize| self.releases.published.versions[self.offset + at].to_string();
        let (boundary, since) = match &search.end {
            End::Found { last, first, between } => {
                let between = between.iter().map(|at| version(*at)).collect();
                (Some(Boundary { last: version(*last), first: version(*first), between, stable: stable.unwrap_or(false) }), None)
            }
            End::AlwaysSince { first } => (None, Some(version(*first))),
            End::Alike | End::NoEnd { .. } => (None, None),
        };
        let looked = search.looks.iter().map(|(at, look)| Looked {
            version: version(*at),
            otherwise: search.is_otherwise(*at),
            passed_by: reason(look),
            behaviours: shown
                .get(at)
                .into_iter()
                .flatten()
                .map(|(behaviour, sample)| Shows {
                    behaviour: behaviour.clone(),
                    trace: sample.trace.clone(),
                    exit: sample.exit.clone(),
                    detail: sample.detail.clone(),
                    times: sample.times,
                })
                .collect(),
        });
        let document = Document {
            schema: SCHEMA,
            subject: self.args.subject.clone(),
            digest: match self.subject {
                Subject::Case(case) => Some(case.digest.clone()),
                Subject::Program(_) => None,
            },
            runtime: self.releases.adapter.clone(),
            boundary,
            always_since: since,
            runs: search.runs(),
            looked: looked.collect(),
        };
        write_json(file, &document).map_err(Failure::Report)
    }
}

/// Why a release was passed over; none for one that was run.
fn reason(look: &Look<Behaviour>) -> Option<String> {
    match look {
        Look::Shows(_) => None,
        Look::Lacks(what) => Some(format!("lacks {what}")),
        Look::Unusable(why) => Some(why.clone()),
    }
}

/// A behaviour in words, with its share of the runs if there are others.
fn described(behaviour: &Behaviour, sample: &Sample, all: &BTreeMap<Behaviour, Sample>) -> String {
    let what = match behaviour {
        Behaviour::Conforms => "conforms".to_owned(),
        _ if !sample.detail.is_empty() => visible(&sample.detail),
        _ => format!("prints {} lines and ends with {}", sample.trace.len(), ended(&sample.exit)),
    };
    if all.len() == 1 {
        return what;
    }
    let runs: u32 = all.values().map(|sample| sample.times).sum();
    format!("{what} (in {} of {runs} runs)", sample.times)
}

fn ended(exit: &str) -> String {
    match exit.parse::<i32>() {
        Ok(code) => format!("code {code}"),
        Err(_) => exit.to_owned(),
    }
}

/// One sample of each side, of behaviours that the other does not have if there are any.
fn most_unlike<'a>(old: &'a BTreeMap<Behaviour, Sample>, new: &'a BTreeMap<Behaviour, Sample>) -> (&'a Sample, &'a Sample) {
    let pick = |of: &'a BTreeMap<Behaviour, Sample>, other: &BTreeMap<Behaviour, Sample>| {
        let own = of.iter().find(|(behaviour, _)| !other.contains_key(behaviour));
        own.or_else(|| of.iter().next()).map(|(_, sample)| sample).expect("a release that ran showed something")
    };
    (pick(old, new), pick(new, old))
}

/// The JSON of `bisect`.
#[derive(Debug, Serialize)]
struct Document {
    schema: u32,
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    runtime: String,
    boundary: Option<Boundary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    always_since: Option<String>,
    runs: usize,
    looked: Vec<Looked>,
}

#[derive(Debug, Serialize)]
struct Boundary {
    last: String,
    first: String,
    between: Vec<String>,
    stable: bool,
}

#[derive(Debug, Serialize)]
struct Looked {
    version: String,
    otherwise: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passed_by: Option<String>,
    behaviours: Vec<Shows>,
}

#[derive(Debug, Serialize)]
struct Shows {
    behaviour: Behaviour,
    trace: Vec<String>,
    exit: String,
    detail: String,
    times: u32,
}
