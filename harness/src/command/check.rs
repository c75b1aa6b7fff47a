//! `lockstep check`.

use std::{fs, path::Path};

use clap::Args;

use super::{Failure, args::SuiteArgs, project::Setting};
use crate::{
    gate::Code,
    report::{
        deviations::{DEVIATIONS_PAGE, deviations_page},
        text::visible,
    },
    suite::{Suite, lint, schemas},
};

/// `lockstep check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Write the JSON Schemas anew instead of complaining that they are old
    #[arg(long)]
    pub write_schemas: bool,
    /// Show warnings too: what may be meant, such as a feature probe that no case needs
    #[arg(long)]
    pub warnings: bool,
}

/// Lints the suite; everything it says of an error must be mended before a case lands.
///
/// # Errors
/// If there is no suite, or a schema cannot be written.
pub fn run(args: &CheckArgs) -> Result<Code, Failure> {
    let setting = Setting::find()?;
    let tree = setting.suite_tree(args.suite.suite.as_deref())?;
    let mut old = 0;
    // The suite inside of this binary has the schemas it was built with.
    let root = tree.folder().unwrap_or(Path::new(""));
    for (file, text) in schemas().into_iter().filter(|_| tree.folder().is_some()) {
        let path = root.join(file);
        if fs::read_to_string(&path).is_ok_and(|written| written == text) {
            continue;
        }
        if args.write_schemas {
            let folder = path.parent().unwrap_or(root);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&path, text))
                .map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))?;
            anstream::println!("written: {file}");
        } else {
            old += 1;
            anstream::println!(
                "{file}:1:1: the schema is not what this Lockstep reads\n  help: run `lockstep check --write-schemas`"
            );
        }
    }
    // A suite with faults has no page to compare with, and they are said below.
    if tree.folder().is_some()
        && let Ok(suite) = Suite::of(&tree, &[])
        && fs::read_to_string(root.join(DEVIATIONS_PAGE)).is_ok_and(|written| written != deviations_page(&suite))
    {
        old += 1;
        anstream::println!(
            "{DEVIATIONS_PAGE}:1:1: the page is not what the files beside it say\n  help: run `lockstep report deviations --write`"
        );
    }
    let found = lint::check_layers(&tree, setting.overlays());
    let none = Vec::new();
    for (kind, findings) in [("error", &found.errors), ("warning", if args.warnings { &found.warnings } else { &none })] {
        for finding in findings {
            for (index, line) in finding.to_string().lines().enumerate() {
                anstream::println!("{}{}", if index == 0 { format!("{kind}: ") } else { String::new() }, visible(line));
            }
        }
    }
    let errors = found.errors.len() + old;
    let hint = if args.warnings || found.warnings.is_empty() { "" } else { "; --warnings shows them" };
    if errors > 0 {
        anstream::println!("{errors} to mend, {} warnings{hint}", found.warnings.len());
        return Ok(Code::Usage);
    }
    anstream::println!("the suite is clean ({} warnings{hint})", found.warnings.len());
    Ok(Code::Success)
}
