//! The process adapter: one process a case.

use std::collections::BTreeMap;

use super::{AdapterError, Context, Workspace, launch::Program};
use crate::{
    process::{self, Launch, Limits},
    trace::{Observation, Trace},
};

/// Starts `command` for a program whose folder is prepared, and waits for its end.
///
/// # Errors
/// If it cannot be started, or the run was interrupted meanwhile.
pub(super) fn run(
    command: &[String],
    program: &Program<'_>,
    space: &Workspace,
    env: BTreeMap<String, String>,
    limits: &Limits,
    context: &Context,
) -> Result<Observation, AdapterError> {
    let (binary, args) = command.split_first().expect("a command begins with its binary");
    let launch = Launch {
        program: binary.into(),
        args: args.to_vec(),
        dir: space.dir.clone(),
        env: env.into_iter().collect(),
        stdin: program.stdin.map(|text| text.as_bytes().to_vec()),
        stdout: space.stdout.clone(),
        stderr: space.stderr.clone(),
    };
    let finished = process::run(&launch, limits, &context.interrupt)?;
    Ok(Observation {
        trace: Trace::from_bytes(&finished.stdout),
        ended: finished.ended,
        stderr: String::from_utf8_lossy(&finished.stderr).into_owned(),
    })
}
