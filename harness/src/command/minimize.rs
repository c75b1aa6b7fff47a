//! `lockstep minimize`: the smallest program on which two runtimes still disagree in the same way.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use clap::Args;

use super::{
    Failure,
    args::{SuiteArgs, scale},
    distinct, inhouse_holder, load_in, own_folder,
    project::Setting,
    session::{launches, listed, ready},
    subject::{Subject, interrupted},
};
use crate::{
    adapter::{AdapterError, Context, Job, Runtime},
    gate::Code,
    narrow::{disagreement::Disagreement, minimize::minimize},
    report::{
        progress::Steps,
        sides::{self, Sides, first_difference},
        terminal::{columns, hanging, marked},
        text::visible,
    },
    run::{judge, plan::KNOWN_HANG, prepare},
    suite::{Case, Goal, NewCase, Suite, statements::lines},
    trace::{Ended, Observation, Outcome},
};

/// `lockstep minimize`.
#[derive(Debug, Clone, Args)]
pub struct MinimizeArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// A case, or a program of which nothing but its output is known
    #[arg(value_name = "CASE|FILE")]
    pub subject: String,
    /// The two runtimes that disagree on it, parted by a comma; a MYNAME=ADAPTER:COMMAND has an --on of its own
    #[arg(long, value_name = "RUNTIMES", required = true)]
    pub on: Vec<String>,
    /// Call the new case so [default: the case's own id with `-minimal`, or ordering/minimized/ and the file's name]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Print the program, and write no case
    #[arg(long, conflicts_with = "id")]
    pub print: bool,
    /// Each smaller program must show the disagreement in N runs out of N
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Multiply every deadline by this, for slow machines and instrumented builds
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = scale)]
    pub timeout_scale: f64,
}

/// Runs that the original and the result must agree in, at least.
const CONFIRMING: u32 = 10;

/// How much longer than the original a smaller program may take: it does less, so what takes longer than this hangs.
const PATIENCE: u32 = 10;

/// What a smaller program may take at least, whatever the original took.
const LEAST: Duration = Duration::from_secs(2);

/// Shrinks the program, and writes a case of it.
///
/// # Errors
/// If the case, the file or a runtime is unknown, the runtimes agree on it, or their disagreement is not stable.
pub fn run(args: &MinimizeArgs) -> Result<Code, Failure> {
    let setting = Setting::find()?;
    let on = listed(&args.on)?;
    if on.len() != 2 {
        return Err(Failure::Usage(format!("--on takes two runtimes, as in --on node,bun; here are {}", on.len())));
    }
    let runtimes = setting.runtimes(&on);
    distinct(&runtimes)?;
    let mut suite = load_in(&setting, args.suite.suite.as_deref())?;
    let subject = Subject::read(&suite, &args.subject)?;
    let id = id(args, &subject);
    if !args.print {
        // Better now than after the work.
        let new = NewCase::smaller(&id, subject.case(), &subject.case().program, &[], &suite.features);
        let folder = own_folder(&suite)?;
        new.and_then(|new| new.vacant(folder)).map_err(|error| Failure::Usage(error.to_string()))?;
    }
    let features = suite.features.clone();
    suite.features.retain(|name, _| subject.case().needs.contains(name));
    let request = prepare::Request {
        runtimes,
        inhouse: inhouse_holder(),
        timeout_scale: args.timeout_scale,
        ..prepare::Request::default()
    };
    let context = launches(&request)?;
    let prepared = ready(&request, &suite, &context)?;
    let (one, other) = (&prepared.runtimes[0], &prepared.runtimes[1]);
    let pair = Both::new(&subject, one, other, &context, args.timeout_scale)?;
    let found = shrink(args, &suite, &subject, &pair);
    one.retire(&context);
    other.retire(&context);
    let (text, sides) = found?;
    if args.print {
        anstream::print!("{text}");
        return Ok(Code::Success);
    }
    let notes = [(one, &sides.0), (other, &sides.1)].map(|(runtime, seen)| note(runtime, seen)).concat();
    let usage = |error: crate::suite::NewCaseError| Failure::Usage(error.to_string());
    let case = NewCase::smaller(&id, subject.case(), &text, &notes, &features).map_err(usage)?;
    case.write(own_folder(&suite)?).map_err(usage)?;
    anstream::println!(
        "written: {}\nwritten: {}\n\nnow see whether the rule stands for the smaller program too, then\n  lockstep accept {id} --from {}   if what \
         it prints is what the authority says",
        suite.own_name(&case.case_file).display(),
        suite.own_name(&case.expectation_file).display(),
        visible(one.name()),
    );
    Ok(Code::Success)
}

/// The smaller program, and what both runtimes do with it; all that is said of it goes to standard error if the program itself is printed.
fn shrink(
    args: &MinimizeArgs,
    suite: &Suite,
    subject: &Subject,
    pair: &Both<'_>,
) -> Result<(String, (Observation, Observation)), Failure> {
    let case = subject.case();
    let mut steps = Steps::stderr();
    steps.step(&format!("{} on {} and {}", args.subject, pair.one.name(), pair.other.name()));
    let names = || format!("{} and {}", pair.one.name(), pair.other.name());
    let originals = (0..args.repeat.max(CONFIRMING)).map(|_| pair.run(&case.program, None)).collect::<Result<Vec<_>, _>>()?;
    let (first_one, first_other) = &originals[0];
    let at = match subject {
        Subject::Case(case) => forbidden(suite, case, first_other),
        Subject::Program(_) => None,
    };
    let Some(disagreement) = Disagreement::between(first_one, first_other, at) else {
        steps.finish();
        return Err(Failure::Usage(format!("{} agree on {}, so there is nothing to keep", names(), args.subject)));
    };
    if let Some(index) = originals.iter().position(|(one, other)| !disagreement.holds(one, other)) {
        steps.finish();
        return Err(Failure::Usage(format!(
            "run {} of {} does not show what the first did, {disagreement}; what is not stable cannot be kept while the program shrinks",
            index + 1,
            args.subject
        )));
    }
    let limit = pair.limit(&originals, case.timeout);
    let hangs = [&disagreement.ends.0, &disagreement.ends.1].into_iter().any(|end| end == "timeout");
    let whole = lines(&case.program);
    let (mut asked, mut smallest) = (0, whole);
    let minimized = minimize(&case.program, pair.goal, |text| {
        asked += 1;
        if steps.is_live() || asked % 50 == 1 {
            steps.step(&format!("{smallest} of {whole} lines left, {asked} smaller programs tried"));
        }
        // Each hang takes its whole limit; whether it is stable is seen in the end.
        for _ in 0..if hangs { 1 } else { args.repeat } {
            let Some((one, other)) = pair.run_if(text, Some(limit), hangs, |one| disagreement.may_hold(one))? else {
                return Ok::<_, Failure>(false);
            };
            if !disagreement.holds(&one, &other) {
                return Ok(false);
            }
        }
        smallest = lines(text);
        Ok(true)
    })?;
    steps.step("the smallest once more, to see whether it is stable");
    let ends = (0..args.repeat.max(CONFIRMING)).map(|_| pair.run(&minimized.text, None)).collect::<Result<Vec<_>, _>>()?;
    steps.finish();
    if let Some(index) = ends.iter().position(|(one, other)| !disagreement.holds(one, other)) {
        return Err(Failure::Usage(format!(
            "the program shrank to {} lines, of which run {} does not show {disagreement}; give --repeat a number above {}\n\n{}",
            lines(&minimized.text),
            index + 1,
            args.repeat,
            minimized.text
        )));
    }
    let mut said = hanging("kept       ", &visible(&disagreement.to_string()), columns());
    said.push(format!(
        "size       {} of {whole} lines, {} smaller programs tried, stable in {} runs",
        lines(&minimized.text),
        minimized.asked,
        ends.len()
    ));
    let (one, other) = ends.into_iter().next().expect("there are at least ten");
    said.push(String::new());
    if !args.print {
        said.extend(minimized.text.lines().map(|line| format!("    {}", visible(line))));
        said.push(String::new());
    }
    let (left, right) = (one.trace.events(), other.trace.events());
    let shown = Sides {
        left_title: pair.one.name(),
        right_title: pair.other.name(),
        left,
        right,
        at: first_difference(left, right),
        unseen: 0,
    };
    said.extend(sides::lines(&shown, columns(), marked));
    if one.ended != other.ended {
        said.push(format!("        exit {} on {}, {} on {}", one.ended, pair.one.name(), other.ended, pair.other.name()));
    }
    said.push(String::new());
    for line in said {
        if args.print { anstream::eprintln!("{line}") } else { anstream::println!("{line}") }
    }
    Ok((minimized.text, (one, other)))
}

/// The new case's id.
fn id(args: &MinimizeArgs, subject: &Subject) -> String {
    let plain = |name: &str| {
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect::<String>()
    };
    match (&args.id, subject) {
        (Some(id), _) => id.clone(),
        // A dot may stand only before the last part of a name.
        (None, Subject::Case(case)) => match case.id.split_once('.') {
            Some((id, rest)) => format!("{id}-{}-minimal", plain(rest)),
            None => format!("{}-minimal", case.id),
        },
        (None, Subject::Program(case)) => format!("ordering/minimized/{}", plain(&case.id).trim_matches('-')),
    }
}

/// Index of the first event that the case's rule forbids; none if it forbids none.
fn forbidden(suite: &Suite, case: &Arc<Case>, seen: &Observation) -> Option<usize> {
    let judgement = judge(suite.expectation(case), &[], std::slice::from_ref(seen)).ok()?;
    match judgement.against_rule.outcome {
        Outcome::Forbidden { at, .. } => Some(at),
        Outcome::Accepted | Outcome::Incomplete { .. } => None,
    }
}

/// What a runtime prints, as comments in the new case.
fn note(runtime: &Runtime, seen: &Observation) -> Vec<String> {
    let version = runtime.product().map_or_else(String::new, |product| format!(" ({} {})", product.name, product.version));
    let events = seen.trace.events().iter().take(20).map(|event| format!("{:?}", visible(event))).collect::<Vec<_>>().join(", ");
    let more = if seen.trace.len() > 20 { ", …" } else { "" };
    // A comment ends with its line, and what was printed is the runtime's.
    vec![format!("{}{version} prints {events}{more} and ends with exit {}.", visible(runtime.name()), seen.ended)]
}

/// The two runtimes, and what a program needs to run on them.
struct Both<'a> {
    one: &'a Runtime,
    other: &'a Runtime,
    case: &'a Case,
    goal: Goal,
    scale: f64,
    context: &'a Context,
}

impl<'a> Both<'a> {
    fn new(
        subject: &'a Subject,
        one: &'a Runtime,
        other: &'a Runtime,
        context: &'a Context,
        scale: f64,
    ) -> Result<Self, Failure> {
        let case = subject.case();
        let goals = [one, other].map(|runtime| {
            runtime
                .admits(case)
                .map_err(|lacks| Failure::Usage(format!("{} lacks what {} needs: {lacks}", runtime.name(), case.id)))
        });
        let [goal, same] = goals;
        let (goal, same) = (goal?, same?);
        if goal != same {
            return Err(Failure::Usage(format!("the goal is {goal} on one of them and {same} on the other; say it in the case")));
        }
        Ok(Self { one, other, case, goal, scale, context })
    }

    /// Runs a program on both of them at once, each within `limit` or the case's own.
    fn run(&self, text: &str, limit: Option<Duration>) -> Result<(Observation, Observation), Failure> {
        let case = self.with(text);
        let (one, other) = thread::scope(|scope| {
            let other = scope.spawn(|| self.execute(self.other, &case, limit));
            let one = self.execute(self.one, &case, limit);
            (one, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        Ok((one?, other?))
    }

    /// The same; but if `slow`, one after the other, and the other only if the one did what it `may`.
    fn run_if(
        &self,
        text: &str,
        limit: Option<Duration>,
        slow: bool,
        may: impl Fn(&Observation) -> bool,
    ) -> Result<Option<(Observation, Observation)>, Failure> {
        if !slow {
            return self.run(text, limit).map(Some);
        }
        let case = self.with(text);
        let one = self.execute(self.one, &case, limit)?;
        if !may(&one) {
            return Ok(None);
        }
        Ok(Some((one, self.execute(self.other, &case, limit)?)))
    }

    fn with(&self, text: &str) -> Case {
        Case { program: text.to_owned(), ..self.case.clone() }
    }

    fn execute(&self, runtime: &Runtime, case: &Case, limit: Option<Duration>) -> Result<Observation, Failure> {
        let deadline = limit.unwrap_or(case.timeout).mul_f64(self.scale * runtime.manifest().timeout_scale);
        match runtime.execute(&Job { case, goal: self.goal, deadline }, self.context) {
            Err(AdapterError::Interrupted { .. }) => Err(interrupted(self.context)),
            other => other.map_err(Failure::Adapter),
        }
    }

    /// How long a smaller program may take before it counts as one that hangs.
    fn limit(&self, originals: &[(Observation, Observation)], timeout: Duration) -> Duration {
        if originals.iter().any(|(one, other)| one.ended == Ended::Deadline || other.ended == Ended::Deadline) {
            // To hang is what it is to go on doing.
            return timeout.min(KNOWN_HANG);
        }
        let started = Instant::now();
        let again = self.run(&self.case.program, None);
        let took = started.elapsed().div_f64(self.scale);
        if again.is_ok() { timeout.min(LEAST.max(took * PATIENCE)) } else { timeout }
    }
}
