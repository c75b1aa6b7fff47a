//! The command `inhouse`, which `lockstep` also answers to when it is called by that name.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use lockstep_protocol::{Ended, Goal, World};

use crate::policy::LoopPolicy;
use crate::schedule::Schedule;
use crate::{Options, run as run_program, worker};

/// The exit code of a usage error.
const USAGE: u8 = 2;
/// The exit code of a fault of the runtime itself; `EX_SOFTWARE` of sysexits.
const FAULT: u8 = 70;
/// The exit code of a program that was ended from outside; what `timeout` uses.
const ENDED: u8 = 124;

/// Runs a JavaScript program on the in-house runtime.
#[derive(Debug, Parser)]
#[command(name = "inhouse", version, after_help = "Example: inhouse --virtual-time --policy drain=phase main.cjs")]
struct Command {
    /// Simulate the outside world: virtual time, modelled thread pool
    #[arg(long)]
    virtual_time: bool,
    /// Follow another loop's rules first: node (the default), node_18 or node_10
    #[arg(long, value_name = "NAME", default_value = "node")]
    rules: Rules,
    /// Set one rule of the loop differently; repeatable
    #[arg(long = "policy", value_name = "FIELD=VALUE", value_parser = parse_setting)]
    policy: Vec<(String, String)>,
    /// Let a seed decide where the simulated world may choose
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How the program is parsed; by default its extension says
    #[arg(long, value_name = "GOAL")]
    goal: Option<GoalName>,
    /// Answer cases of the worker protocol on standard input
    #[arg(long, conflicts_with_all = ["file", "virtual_time", "policy", "seed", "goal"])]
    worker: bool,
    /// The program and its arguments
    #[arg(value_name = "FILE", required_unless_present = "worker", trailing_var_arg = true, allow_hyphen_values = true)]
    file: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Rules {
    #[value(name = "node")]
    Node,
    #[value(name = "node_18")]
    Node18,
    #[value(name = "node_10")]
    Node10,
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

/// Runs the command; the first argument is the name it was called by. Returns what the process exits with.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match Command::try_parse_from(args) {
        Ok(command) => command,
        Err(error) => {
            // Help and version are no errors, and go to standard output.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
        }
    };
    if command.worker {
        return match worker::serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fault(&error),
        };
    }
    execute(command.options())
}

/// Runs one program by hand, and says on standard error if it was ended from outside.
#[must_use]
pub fn execute(options: Options) -> ExitCode {
    match run_program(options) {
        Ok(outcome) => match outcome.ended {
            Ended::Exit | Ended::Idle => ExitCode::from(outcome.code.to_le_bytes()[0]),
            Ended::Deadline => ExitCode::from(ENDED),
            Ended::Flood => ended("the program wrote more than it may"),
            Ended::Memory => ended("the program needs more memory than it may have"),
        },
        Err(error) => fault(&error),
    }
}

fn ended(reason: &str) -> ExitCode {
    eprintln!("inhouse: {reason}");
    ExitCode::from(ENDED)
}

fn fault(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("inhouse: {error}");
    ExitCode::from(FAULT)
}

impl Command {
    fn options(self) -> Options {
        let mut file = self.file.into_iter();
        let mut options = Options::new(PathBuf::from(file.next().unwrap_or_default()));
        options.args = file.map(|argument| argument.to_string_lossy().into_owned()).collect();
        options.env = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect();
        options.policy = match self.rules {
            Rules::Node => LoopPolicy::node(),
            Rules::Node18 => LoopPolicy::node_18(),
            Rules::Node10 => LoopPolicy::node_10(),
        };
        for (field, value) in &self.policy {
            // Each setting was tried when it was parsed.
            let _ = options.policy.set(field, value);
        }
        if self.virtual_time {
            options.world = World::Simulated;
        }
        if let Some(seed) = self.seed {
            options.schedule = Schedule::seeded(seed);
            options.seed = seed;
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

    fn parse(line: &str) -> Result<Command, clap::Error> {
        Command::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_command_is_well_formed() {
        Command::command().debug_assert();
    }

    #[test]
    fn everything_after_the_file_is_the_programs() {
        let options = parse("inhouse --virtual-time main.cjs --policy x -- y").expect("a command").options();
        assert_eq!(options.args, ["--policy", "x", "--", "y"]);
        assert_eq!((options.world, options.goal), (World::Simulated, Goal::Cjs));
        assert_eq!(parse("inhouse main.mjs").expect("a command").options().goal, Goal::Esm);
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
    }
}
