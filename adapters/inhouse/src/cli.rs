//! The command `inhouse`, which `lockstep` also answers to when it is called by that name.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use lockstep_protocol::{Ended, World};

use crate::command_line::{Command, Exec};
use crate::{Options, Outcome, run as run_program, worker};

/// The exit code of a usage error.
const USAGE: u8 = 2;
/// The exit code of a fault of the runtime itself; `EX_SOFTWARE` of sysexits.
const FAULT: u8 = 70;
/// The exit code of a program that was ended from outside; what `timeout` uses.
const ENDED: u8 = 124;

/// Runs the command `inhouse`; the first argument is the name it was called by. Returns what the process exits with.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Command::try_parse_from(args) {
        Ok(command) if command.worker => match worker::serve(command.settings.rules.unwrap_or_default()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fault(&error),
        },
        Ok(command) => execute(command.options()),
        Err(error) => usage(&error),
    }
}

/// Runs the command `lockstep exec`. Returns what the process exits with.
#[must_use]
pub fn exec(exec: Exec) -> ExitCode {
    match exec.options() {
        Ok(options) => execute(options),
        Err(no_option) => {
            eprintln!("inhouse: there is no option `{no_option}`; if it is the program, write ./{no_option}");
            ExitCode::from(USAGE)
        }
    }
}

fn usage(error: &clap::Error) -> ExitCode {
    // Help and version are no errors, and go to standard output.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { USAGE } else { 0 })
}

/// Runs one program by hand, and says on standard error if it was ended from outside.
#[must_use]
pub fn execute(options: Options) -> ExitCode {
    let written = crate::output::written();
    let again = (options.world == World::Simulated).then(|| Options { world: World::Real, ..options.clone() });
    let outcome = match run_program(options) {
        Ok(outcome) if outcome.wants_real_world => match again {
            Some(again) if crate::output::written() == written => run_program(again),
            _ => {
                return ended(
                    "the program starts another program, which the simulated world cannot; it has to run in the real world",
                );
            }
        },
        outcome => outcome,
    };
    match outcome {
        Ok(outcome) => {
            if let Some(place) = outcome.diverged {
                eprintln!("inhouse: choice {place} of the schedule cannot be made here; it was recorded for another program");
            }
            outcome.signal.map_or_else(|| exit_code(&outcome), die_by)
        }
        Err(error) => fault(&error),
    }
}

/// Ends the process as the signal would have that its program did not handle.
fn die_by(signal: i32) -> ExitCode {
    crate::host::children::restore_default(signal);
    if let Some(signal) = rustix::process::Signal::from_named_raw(signal) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
    }
    // Signals that stop a process, or do nothing by default, come here.
    ExitCode::from((128 + signal).to_le_bytes()[0])
}

fn exit_code(outcome: &Outcome) -> ExitCode {
    match outcome.ended {
        Ended::Exit | Ended::Idle => ExitCode::from(outcome.code.to_le_bytes()[0]),
        Ended::Deadline => ExitCode::from(ENDED),
        Ended::Flood => ended("the program wrote more than it may"),
        Ended::Memory => ended("the program needs more memory than it may have"),
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
