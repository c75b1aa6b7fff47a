//! `inhouse FILE`: runs a program by hand.

use std::process::ExitCode;

fn main() -> ExitCode {
    inhouse::cli::run(std::env::args_os())
}
