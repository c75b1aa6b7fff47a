//! The commands and the help of the whole.

use clap::{Args, CommandFactory, Parser, Subcommand};

#[cfg(feature = "inhouse")]
use super::explore::ExploreArgs;
use super::{
    Failure,
    accept::AcceptArgs,
    args::RunArgs,
    author::NewArgs,
    bisect::BisectArgs,
    check::CheckArgs,
    compare::CompareArgs,
    doctor::DoctorArgs,
    gate::GateArgs,
    history::HistoryArgs,
    init::InitArgs,
    install::InstallArgs,
    merge::MergeArgs,
    minimize::MinimizeArgs,
    mutants::MutantsArgs,
    report::ReportArgs,
    runtimes::RuntimesArgs,
    show::{ListArgs, ShowArgs},
    triage::TriageArgs,
    try_program::TryArgs,
};

/// Conformance of JavaScript runtimes in ordering, blocking and backpressure.
#[derive(Debug, Parser)]
#[command(
    name = "lockstep",
    version,
    long_version = concat!(env!("CARGO_PKG_VERSION"), "\nembedded suite ", env!("LOCKSTEP_EMBEDDED")),
    about = "Does a JavaScript runtime order, block and push back exactly as the rules say?",
    long_about = "Does a JavaScript runtime order, block and push back exactly as the rules say?\n\n\
        Without a command, `lockstep` is `lockstep run`: every case on the in-house runtime and on every runtime it finds.",
    after_help = "Exit codes:\n  0 all as recorded   1 a regression   2 suite or usage error, or a named runtime not found\n  \
        3 only `fixed` entries to clean up (--strict)   4 nothing selected   5 harness fault\n\n\
        Example: lockstep run --runtime node --runtime 'dev=bun:./build/bun-debug --smol' ordering/",
    args_conflicts_with_subcommands = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do; `run` if left out.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options of `run`.
    #[command(flatten)]
    pub run: RunArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run cases on runtimes and judge them (also the default).
    #[command(
        after_help = "Example: lockstep run --runtime node@20.20.2 --runtime node tag:article --json result.json --html result.html"
    )]
    Run(RunArgs),
    /// Lint the suite: everything that would mislead a reader or a run.
    #[command(after_help = "Example: lockstep check")]
    Check(CheckArgs),
    /// List the cases.
    #[command(after_help = "Example: lockstep list --json ordering/timers")]
    List(ListArgs),
    /// Show one case: rule, authority, program, what it may print, recorded deviations.
    #[command(
        after_help = "Example: lockstep show ordering/nexttick/before-promise-jobs --write /tmp/try && sh /tmp/try/run.sh node"
    )]
    Show(ShowArgs),
    /// Show which runtimes there are, what they say they are, and how to get the others.
    #[command(after_help = "Example: lockstep runtimes --runtime bun@1.2.5")]
    Runtimes(RuntimesArgs),
    /// Install the pinned runtimes, or published versions, through npm.
    #[command(after_help = "Example: lockstep install node@20.20.2 deno@2.2.0")]
    Install(InstallArgs),
    /// Begin a case: write its file and its expectation, with everything to fill in explained.
    #[command(after_help = "Example: lockstep new ordering/timers/my-case --from bug.js")]
    New(NewArgs),
    /// Take what a runtime prints as the expectation, or as a recorded deviation, of a case.
    #[command(after_help = "Example: lockstep accept ordering/timers/my-case --from node")]
    Accept(AcceptArgs),
    /// Compare runtimes, or two results: who behaves alike, and who stands alone.
    #[command(after_help = "Example: lockstep compare node@20.20.2 node deno bun --filter ordering/ --agree-with node\n\n\
            More:\n  lockstep compare node deno bun --html compare.html    every case and every trace, in a browser\n  \
            lockstep compare all.json                             the runtimes of one result; runs nothing\n  \
            lockstep compare last-night.json tonight.json         what changed; exit 1 if anything got worse")]
    Compare(CompareArgs),
    /// Gate a runtime against a baseline: exit 1 with exactly what got worse.
    #[command(
        after_help = "Example: lockstep gate --record base.json --runtime node && lockstep gate --baseline base.json --runtime 'dev=node:./out/node'\n\n\
            In shards, each on a machine of its own, and then on one:\n  lockstep run --runtime 'dev=node:./out/node' --shard 1/4 --json 1.json\n  \
            lockstep merge 1.json 2.json 3.json 4.json --json whole.json\n  lockstep gate --baseline base.json --result whole.json --html gate.html",
        mut_arg("repeat", |repeat| repeat.help("Run what got worse N more times, for N above 1, to say whether that is stable; a failure stays one")),
        mut_arg("strict", |strict| strict.hide(true)),
        mut_arg("quiet", |quiet| quiet.hide(true))
    )]
    Gate(GateArgs),
    /// Break a runtime on purpose, and see whether the suite notices.
    #[command(after_help = "Example: lockstep mutants --runtime node immediates")]
    Mutants(MutantsArgs),
    /// Print a page that is written from the suite itself.
    #[command(after_help = "Example: lockstep report deviations")]
    Report(ReportArgs),
    /// Begin a project: write a lockstep.yaml with everything explained.
    #[command(after_help = "Example: lockstep init --runtime 'dev=node:./out/node' && lockstep gate --record && lockstep gate")]
    Init(InitArgs),
    /// Show the failures of a result in clusters, and record them to be looked into.
    #[command(
        after_help = "Example: lockstep triage first.json --dry-run\n\nThe result is one of `lockstep run --json first.json`."
    )]
    Triage(TriageArgs),
    /// Run any program on several runtimes, and show who behaves alike.
    #[command(after_help = "Example: lockstep try bug.js --on node@20.20.2,node,deno,bun")]
    Try(TryArgs),
    /// Find the release of a runtime that changed a case's, or any program's, behaviour.
    #[command(
        after_help = "Example: lockstep bisect ordering/timers/microtasks-between-timers --runtime node --good 10.0.0 --bad 12.0.0"
    )]
    Bisect(BisectArgs),
    /// Show how the releases of a runtime behaved, case by release, where that changed.
    #[command(after_help = "Example: lockstep history --runtime node --versions '>=10, <27' ordering/timers")]
    History(HistoryArgs),
    /// Make a program smaller while two runtimes go on disagreeing on it, and write a case of it.
    #[command(after_help = "Example: lockstep minimize bug.js --on node,bun --id ordering/timers/my-bug")]
    Minimize(MinimizeArgs),
    /// Calibrate a runtime: whether what is seen of it is what its programs did; draft its manifest.
    #[command(after_help = "Example: lockstep doctor './build/mine --flag' --write adapters/mine.yaml")]
    Doctor(DoctorArgs),
    /// Join results of shards or parts into one; exit as the joined run would have.
    #[command(after_help = "Example: lockstep merge 1.json 2.json --json whole.json")]
    Merge(MergeArgs),
    /// Explore a case: every schedule of the simulated world, each trace once, and what they say about the expectation.
    #[cfg(feature = "inhouse")]
    #[command(after_help = "Example: lockstep explore ordering/immediate/vs-timeout0-main --against node --record schedules\n\n\
            Make the choices of one of its traces again:\n  \
            lockstep show ordering/immediate/vs-timeout0-main --write here\n  \
            lockstep exec --schedule schedules/2.json here/main.cjs")]
    Explore(ExploreArgs),
    /// Run a program on the in-house runtime.
    #[cfg(feature = "inhouse")]
    #[command(after_help = "Example: lockstep exec --policy drain=phase --seed 7 main.cjs --an-argument-of-the-program")]
    Exec(inhouse::Exec),
    /// Print a completion script for a shell.
    #[command(after_help = "Example: lockstep completions bash > ~/.local/share/bash-completion/completions/lockstep")]
    Completions(CompletionsArgs),
}

/// `lockstep completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Refuses `lockstep --suite . check`: behind an option a command would be read as a filter, and other cases than were meant would run.
///
/// # Errors
/// If the first filter is the name of a command.
pub fn no_command_among(args: &RunArgs) -> Result<(), Failure> {
    match args.select.filters.first() {
        Some(word) if Cli::command().find_subcommand(word).is_some() => Err(Failure::Usage(format!(
            "`{word}` is a command here, and a command stands before all options: lockstep {word} --option …; to filter by that word, \
             write `lockstep run {word}`"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_command_it_is_run() {
        let cli = Cli::try_parse_from(["lockstep", "--runtime", "node", "ordering/"]).expect("it parses");
        assert!(cli.command.is_none());
        assert_eq!(cli.run.select.filters, ["ordering/"]);
    }

    #[test]
    fn every_command_has_an_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Example: lockstep "), "{} has none", command.get_name());
        }
    }
}
