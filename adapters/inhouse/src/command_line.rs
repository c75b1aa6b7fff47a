//! What the commands `inhouse` and `lockstep exec` take, and the options it comes down to.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use lockstep_protocol::{Goal, World};

use crate::options::Options;
use crate::policy::LoopPolicy;
use crate::recording::Recording;
use crate::schedule::Schedule;

/// Runs a JavaScript program on the in-house runtime.
#[derive(Debug, Parser)]
#[command(name = "inhouse", version, after_help = "Example: inhouse --virtual-time --policy drain=phase main.cjs")]
pub(crate) struct Command {
    /// Simulate the outside world: virtual time, modelled thread pool
    #[arg(long)]
    virtual_time: bool,
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// Answer cases of the worker protocol on standard input
    #[arg(long, conflicts_with_all = ["file", "virtual_time", "policy", "seed", "goal", "schedule"])]
    pub(crate) worker: bool,
    /// Run this text instead of a file
    #[arg(short, long, value_name = "CODE", conflicts_with = "worker")]
    eval: Option<String>,
    /// Run this text, and print what it comes to
    #[arg(short, long, value_name = "CODE", conflicts_with_all = ["worker", "eval"])]
    print: Option<String>,
    /// The program and its arguments
    #[arg(value_name = "FILE", required_unless_present_any = ["worker", "eval", "print"], trailing_var_arg = true, allow_hyphen_values = true)]
    file: Vec<OsString>,
}

/// The arguments of `lockstep exec`, which runs a program on the in-house runtime in the simulated world that cases run in.
#[derive(Debug, clap::Args)]
#[command(override_usage = "lockstep exec [OPTIONS] FILE [ARGUMENT]...")]
pub struct Exec {
    /// Run it in the real world
    #[arg(long)]
    real_time: bool,
    #[command(flatten)]
    settings: Settings,
    /// The program, and behind it the program's own arguments, whatever they look like; a -- right behind the program parts them, and
    /// is no argument
    #[arg(value_name = "FILE", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<OsString>,
}

/// What both commands can set.
#[derive(Debug, clap::Args)]
#[group(multiple = true)]
pub(crate) struct Settings {
    /// Follow another loop's rules first: node (the default), node_18, node_10, or web, which is HTML's
    #[arg(long, value_name = "NAME", value_parser = LoopPolicy::named)]
    pub(crate) rules: Option<LoopPolicy>,
    /// Set one rule of the loop differently; repeatable
    #[arg(long = "policy", value_name = "FIELD=VALUE", value_parser = parse_setting)]
    policy: Vec<(String, String)>,
    /// Let a seed decide where the simulated world may choose
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Make the choices that `lockstep explore --record` wrote for a trace
    #[arg(long, value_name = "FILE", conflicts_with = "seed", value_parser = Recording::read)]
    schedule: Option<Recording>,
    /// How the program is parsed; by default its extension says
    #[arg(long, value_name = "GOAL")]
    goal: Option<GoalName>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum GoalName {
    Script,
    Cjs,
    Esm,
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("it has the form FIELD=VALUE")?;
    LoopPolicy::node().set(field, value).map_err(|error| error.to_string())?;
    Ok((field.to_owned(), value.to_owned()))
}

/// The program that a command line names: `arguments` are those after the command's name. None if it is none.
pub(crate) fn program_of(arguments: impl Iterator<Item = OsString>) -> Option<Options> {
    let command = Command::try_parse_from(std::iter::once("inhouse".into()).chain(arguments)).ok()?;
    (!command.worker).then(|| command.options())
}

impl Command {
    pub(crate) fn options(self) -> Options {
        let mut file = self.file.into_iter();
        let printed = self.print.map(|code| format!("console.log(eval({}))", serde_json::Value::String(code)));
        let source = self.eval.or(printed);
        let entry = if source.is_some() { "[eval]".into() } else { file.next().unwrap_or_default() };
        let world = if self.virtual_time { World::Simulated } else { World::Real };
        let mut options = self.settings.apply(PathBuf::from(entry), file, world);
        options.source = source;
        options
    }
}

impl Exec {
    /// What is to be run, or the option that there is not: what may stand behind the program is let through in its place, too.
    pub(crate) fn options(self) -> Result<Options, String> {
        let mut words = self.program.into_iter();
        let file = words.next().unwrap_or_default();
        if file.as_encoded_bytes().starts_with(b"-") {
            return Err(file.to_string_lossy().into_owned());
        }
        let mut arguments = words.peekable();
        arguments.next_if(|first| first == "--");
        Ok(self.settings.apply(file.into(), arguments, if self.real_time { World::Real } else { World::Simulated }))
    }
}

impl Settings {
    fn apply(self, entry: PathBuf, arguments: impl Iterator<Item = OsString>, world: World) -> Options {
        let mut options = Options::new(entry);
        options.world = world;
        options.args = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
        options.env = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect();
        options.policy = self.rules.unwrap_or_default();
        for (field, value) in &self.policy {
            // Each setting was tried when it was parsed.
            let _ = options.policy.set(field, value);
        }
        if let Some(seed) = self.seed {
            options.schedule = Schedule::seeded(seed);
            options.seed = seed;
        }
        if let Some(recording) = self.schedule {
            options.schedule = Schedule::replayed(recording.ways());
            options.exploration.slack = recording.slack_ms.saturating_mul(1_000_000);
        }
        match self.goal {
            Some(GoalName::Script) => options.goal = Goal::Script,
            Some(GoalName::Cjs) => options.goal = Goal::Cjs,
            Some(GoalName::Esm) => options.goal = Goal::Esm,
            None => {}
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// `lockstep exec` by itself.
    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        exec: Exec,
    }

    fn parse(line: &str) -> Result<Command, clap::Error> {
        Command::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_command_is_well_formed() {
        Command::command().debug_assert();
        Alone::command().debug_assert();
    }

    #[test]
    fn everything_after_the_file_is_the_programs() {
        let options = parse("inhouse --virtual-time main.cjs --policy x -- y").expect("a command").options();
        assert_eq!(options.args, ["--policy", "x", "--", "y"]);
        assert_eq!((options.world, options.goal), (World::Simulated, Goal::Cjs));
        assert_eq!(parse("inhouse main.mjs").expect("a command").options().goal, Goal::Esm);
    }

    #[test]
    fn exec_simulates_unless_told_otherwise() {
        let exec =
            |line: &str| Alone::try_parse_from(line.split_whitespace()).expect("a command").exec.options().expect("a program");
        let options = exec("exec --policy drain=phase --seed 7 main.cjs");
        assert_eq!((options.world, options.seed, options.policy.drain), (World::Simulated, 7, crate::policy::Drain::Phase));
        assert_eq!(exec("exec --real-time main.cjs").world, World::Real);
    }

    #[test]
    fn exec_leaves_everything_behind_the_file_to_the_program() {
        let exec = |words: &[&str]| Alone::try_parse_from(["exec"].iter().chain(words)).expect("a command").exec.options();
        let args = |words: &[&str]| exec(words).expect("a program").args;
        assert_eq!(args(&["main.cjs", "a b", "--seed", "7"]), ["a b", "--seed", "7"]);
        assert_eq!(args(&["--seed", "7", "main.cjs", "--real-time", "-h"]), ["--real-time", "-h"]);
        // The first -- parts, every other is the program's.
        assert_eq!(args(&["main.cjs", "--", "--real-time", "--", "x"]), ["--real-time", "--", "x"]);
        assert_eq!(args(&["main.cjs", "a", "--", "b"]), ["a", "--", "b"]);
        assert_eq!(args(&["--", "main.cjs", "a"]), ["a"]);
        assert_eq!(exec(&["--bogus", "main.cjs"]).err().as_deref(), Some("--bogus"), "it is no program");
        assert!(Alone::try_parse_from(["exec"]).is_err(), "a program is needed");
    }

    #[test]
    fn a_policy_is_checked_when_it_is_given() {
        let options = parse("inhouse --rules node_10 --policy drain=callback main.cjs").expect("a command").options();
        assert_eq!(options.policy, {
            let mut expected = LoopPolicy::node_10();
            expected.drain = crate::policy::Drain::Callback;
            expected
        });
        let error = parse("inhouse --policy drain=often main.cjs").expect_err("no such value").to_string();
        assert!(error.contains("`callback` or `phase`"), "{error}");
        assert!(parse("inhouse").is_err(), "a program is needed");
        assert!(parse("inhouse --worker --seed 1").is_err(), "the protocol sets what the flags would");
    }
}
