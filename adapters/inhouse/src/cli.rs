//! The command `inhouse`.

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command with the given arguments, the first of which is the program's name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter().skip(1);
    let Some(file) = args.next() else {
        return ExitCode::from(2);
    };
    let mut options = crate::Options::new(file.into());
    options.args = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
    options.env = std::env::vars().collect();
    match crate::run(options) {
        Ok(outcome) => ExitCode::from(outcome.code as u8),
        Err(error) => {
            eprintln!("inhouse: {error}");
            ExitCode::from(70)
        }
    }
}
