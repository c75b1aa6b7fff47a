//! The command line: parse, dispatch, exit code; nothing else.

use std::{io, process::ExitCode};

use clap::{CommandFactory, Parser};
use lockstep::{
    command::{
        Failure, accept, author, bisect, check,
        cli::{self, Cli, Command},
        compare, doctor, gate, history, init, install, merge, minimize, mutants, report, run, runtimes, show, triage,
        try_program,
    },
    gate::Code,
};

fn main() -> ExitCode {
    #[cfg(feature = "inhouse")]
    if let Some(code) = in_house_by_name() {
        return code;
    }
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(code) => code,
        Err(failure) => {
            anstream::eprintln!("lockstep: {failure}");
            failure.code().into()
        }
    }
}

fn dispatch(cli: Cli) -> Result<ExitCode, Failure> {
    let code = match cli.command {
        None => {
            cli::no_command_among(&cli.run)?;
            run::run(&cli.run)?
        }
        Some(Command::Run(args)) => run::run(&args)?,
        Some(Command::Check(args)) => check::run(&args)?,
        Some(Command::List(args)) => show::list(&args)?,
        Some(Command::Show(args)) => show::show(&args)?,
        Some(Command::Runtimes(args)) => runtimes::run(&args)?,
        Some(Command::Install(args)) => install::run(&args)?,
        Some(Command::New(args)) => author::run(&args)?,
        Some(Command::Accept(args)) => accept::run(&args)?,
        Some(Command::Compare(args)) => compare::run(&args)?,
        Some(Command::Gate(args)) => gate::run(&args)?,
        Some(Command::Mutants(args)) => mutants::run(&args)?,
        Some(Command::Report(args)) => report::run(&args)?,
        Some(Command::Init(args)) => init::run(&args)?,
        Some(Command::Triage(args)) => triage::run(&args)?,
        Some(Command::Try(args)) => try_program::run(&args)?,
        Some(Command::Bisect(args)) => bisect::run(&args)?,
        Some(Command::History(args)) => history::run(&args)?,
        Some(Command::Minimize(args)) => minimize::run(&args)?,
        Some(Command::Doctor(args)) => doctor::run(&args)?,
        Some(Command::Merge(args)) => merge::run(&args)?,
        #[cfg(feature = "inhouse")]
        Some(Command::Explore(args)) => lockstep::command::explore::run(&args)?,
        #[cfg(feature = "inhouse")]
        Some(Command::Exec(args)) => return Ok(inhouse::cli::exec(args)),
        Some(Command::Completions(args)) => {
            clap_complete::generate(args.shell, &mut Cli::command(), "lockstep", &mut io::stdout());
            Code::Success
        }
    };
    Ok(code.into())
}

/// A link to this binary called `inhouse` is the in-house runtime, so that programs which start `process.execPath` again find it.
#[cfg(feature = "inhouse")]
fn in_house_by_name() -> Option<ExitCode> {
    let name = std::env::args_os().next()?;
    (std::path::Path::new(&name).file_name()? == "inhouse").then(|| inhouse::cli::run(std::env::args_os()))
}
