//! `lockstep doctor`: may what is seen of this runtime be believed?

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::{
    Failure,
    args::SuiteArgs,
    inhouse_holder, load_in,
    project::Setting,
    session::{launches, wrap},
};
use crate::{
    adapter::{
        Context, Found, Located, RuntimeSpec, Source,
        locate::{find_binary, locate},
        spec::{quote_word, split_words},
    },
    doctor::{Finding, Grade, Patient, checks, forms},
    gate::Code,
    report::{
        terminal::columns,
        text::{visible, width, wrap as wrap_text},
    },
    result::MissingRuntime,
    run::prepare,
    suite::{AcceptError, AdapterKind, Argument, Manifest, Suite, write_manifest},
};

/// `lockstep doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Which suite, for its manifests.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// A command that runs a file whose name follows it, with flags if need be; or a runtime as `run --runtime` takes it
    #[arg(value_name = "RUNTIME")]
    pub runtime: String,
    /// The name of its manifest [default: that of the file to write, or of the binary]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Write its manifest to this file, which has the manifest's name [default FILE: adapters/NAME.yaml in the topmost overlay]
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub write: Option<Option<PathBuf>>,
    /// Put this before every command, as in --wrap 'rr record'
    #[arg(long, value_name = "COMMAND")]
    pub wrap: Option<String>,
    /// Multiply every deadline by this, for slow machines and instrumented builds
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = super::args::scale)]
    pub timeout_scale: f64,
}

/// Whom to examine.
enum Subject {
    /// A runtime that has a manifest.
    Known(RuntimeSpec, Arc<Manifest>, Located),
    /// A command, and what its manifest will be called.
    Unknown(RuntimeSpec, Located),
}

/// Examines a runtime, tells what it means for results, and drafts its manifest.
///
/// # Errors
/// If the runtime is not there, or the manifest cannot be written.
pub fn run(args: &DoctorArgs) -> Result<Code, Failure> {
    let setting = Setting::find()?;
    let suite = load_in(&setting, args.suite.suite.as_deref())?;
    let target = target(args, &suite)?;
    let request = prepare::Request {
        inhouse: inhouse_holder(),
        wrap: wrap(args.wrap.as_deref())?,
        timeout_scale: args.timeout_scale,
        ..prepare::Request::default()
    };
    let context = launches(&request)?;
    let mut findings = Vec::new();
    let (spec, manifest, located, drafted) = match subject(args, &setting, &suite, target.as_deref(), &context)? {
        Subject::Known(spec, manifest, located) => (spec, manifest, located, false),
        Subject::Unknown(spec, located) => {
            let forms = forms::find(&spec, &located, &context)?;
            for finding in &forms.findings {
                tell(finding);
            }
            findings.extend(forms.findings);
            (spec, Arc::new(forms.manifest), located, true)
        }
    };
    let manifest = if drafted { Arc::new(complete(&manifest, &spec, &located)) } else { manifest };
    // The flags stand in the drafted command line now, or still in the command.
    let patient = Patient {
        spec: spec.clone(),
        manifest: Arc::clone(&manifest),
        located: bare(&located, &manifest, drafted),
        context: &context,
    };
    findings.extend(checks::examine(&patient, &mut tell)?);
    let count = |grade| findings.iter().filter(|finding| finding.grade == grade).count();
    let (bad, doubtful) = (count(Grade::Bad), count(Grade::Doubtful));
    anstream::println!(
        "\n{}",
        match (bad, doubtful) {
            (0, 0) => "what is seen of it can be believed".to_owned(),
            (0, doubtful) => format!("{doubtful} to know when results are read"),
            (bad, 0) => format!("{bad} to mend before results are believed"),
            (bad, doubtful) => format!("{bad} to mend before results are believed, {doubtful} to know"),
        }
    );
    if drafted && !manifest.goals.is_empty() {
        draft(&manifest, &spec, &patient.located, target.as_deref())?;
    }
    Ok(if bad > 0 { Code::Regression } else { Code::Success })
}

/// The file to write, if one is asked for.
fn target(args: &DoctorArgs, suite: &Suite) -> Result<Option<PathBuf>, Failure> {
    let file = match &args.write {
        None => return Ok(None),
        Some(Some(file)) => file.clone(),
        Some(None) => {
            let Some(overlay) = suite.overlays().last() else {
                return Err(Failure::Usage(
                    "there is no overlay to write to; name a file, as in --write adapters/mine.yaml".into(),
                ));
            };
            let name = args.name.clone().map_or_else(|| name_of(&args.runtime), Ok)?;
            overlay.join("adapters").join(format!("{name}.yaml"))
        }
    };
    if file.symlink_metadata().is_ok() {
        return Err(Failure::Usage(format!("{} is there already; remove it, or name another", file.display())));
    }
    Ok(Some(file))
}

/// A name for what a command starts: its binary's, in the letters of manifests.
fn name_of(command: &str) -> Result<String, Failure> {
    let words = words(command)?;
    let stem = Path::new(&words[0]).file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name: String = stem.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' }).collect();
    let name = name.trim_matches(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
    match name.starts_with(|c: char| c.is_ascii_lowercase()) {
        true => Ok(name.to_owned()),
        false => Err(Failure::Usage(format!("`{}` gives no name for a manifest; choose one with --name", words[0]))),
    }
}

fn words(command: &str) -> Result<Vec<String>, Failure> {
    match split_words(command) {
        Some(words) if !words.is_empty() => Ok(words),
        _ => Err(Failure::Usage(format!("`{command}` is no command"))),
    }
}

/// Who is meant: a runtime that has a manifest, if it is named as those are, else a command.
fn subject(
    args: &DoctorArgs,
    setting: &Setting,
    suite: &Suite,
    target: Option<&Path>,
    context: &Context,
) -> Result<Subject, Failure> {
    let known = args.runtime.parse::<RuntimeSpec>().ok().map(|spec| setting.meant(&spec));
    let known = known.filter(|spec| suite.manifests.contains_key(&spec.adapter));
    if let Some(spec) = known.filter(|_| args.name.is_none() && target.is_none()) {
        let link = inhouse_holder().map(|holder| prepare::inhouse_link(&holder, context)).transpose();
        let link = link.map_err(Failure::harness("cannot link to the in-house runtime"))?;
        return match locate(&spec, suite, link.as_deref()) {
            Found::Here(manifest, located) => Ok(Subject::Known(spec, manifest, located)),
            Found::Missing(missing) => Err(Failure::Missing(vec![missing])),
        };
    }
    let words = words(&args.runtime)?;
    let stem = target.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    let name = match (&args.name, stem) {
        (Some(name), Some(stem)) if *name != stem => {
            return Err(Failure::Usage(format!("a manifest's name is its file's; write --name {stem}, or another file")));
        }
        (Some(name), _) => name.clone(),
        (None, Some(stem)) => stem,
        (None, None) => name_of(&args.runtime)?,
    };
    let binary = find_binary(&words[0]).map_err(|reason| {
        let remedy = "name an executable file, or one on PATH, or a runtime that `lockstep runtimes` shows".into();
        Failure::Missing(vec![MissingRuntime { name: name.clone(), reason, remedy }])
    })?;
    let located = Located { binary, flags: crate::adapter::locate::absolute_flags(&words[1..]), by_chance: false, lease: None };
    Ok(Subject::Unknown(RuntimeSpec { name: name.clone(), adapter: name, source: Source::Command(words) }, located))
}

/// Whether the flags can stand in a manifest, which is read wherever it lies.
fn portable(spec: &RuntimeSpec) -> bool {
    let Source::Command(words) = &spec.source else { return false };
    !words[1..].iter().any(|word| word.contains("./") || word.contains('{'))
}

/// The draft with all that the command line says: where the binary is, and the flags.
fn complete(manifest: &Manifest, spec: &RuntimeSpec, located: &Located) -> Manifest {
    let mut manifest = manifest.clone();
    let Source::Command(words) = &spec.source else { return manifest };
    let upper: String = manifest.name.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_uppercase() }).collect();
    manifest.locate.env = Some(format!("LOCKSTEP_{upper}"));
    manifest.locate.path = (!words[0].contains('/')).then(|| words[0].clone());
    if let (true, AdapterKind::Process { run }) = (portable(spec), &mut manifest.kind) {
        for line in run.values_mut() {
            if let Some(at) = line.iter().position(|argument| *argument == Argument::Flags) {
                line.splice(at..at, located.flags.iter().cloned().map(Argument::Text));
            }
        }
    }
    manifest
}

/// The binary without the flags that the draft has.
fn bare(located: &Located, manifest: &Manifest, drafted: bool) -> Located {
    let in_draft = drafted
        && matches!(&manifest.kind, AdapterKind::Process { run } if run.values().all(|line| located.flags.iter().all(|flag| line.contains(&Argument::Text(flag.clone())))));
    if in_draft { Located { flags: vec![], ..located.clone() } } else { located.clone() }
}

/// One finding for people.
fn tell(finding: &Finding) {
    let head = format!("{:<9} {:<20} ", finding.grade.as_str(), finding.about);
    let indent = width(&head);
    let room = columns().saturating_sub(indent).max(30);
    let mut lines = wrap_text(&visible(&finding.seen), room);
    if !finding.means.is_empty() {
        lines.extend(wrap_text(&format!("→ {}", finding.means), room));
    }
    for (index, line) in lines.into_iter().enumerate() {
        anstream::println!("{}{line}", if index == 0 { head.clone() } else { " ".repeat(indent) });
    }
}

/// Writes the manifest, or says how, and how the runtime is then named.
fn draft(manifest: &Manifest, spec: &RuntimeSpec, located: &Located, target: Option<&Path>) -> Result<(), Failure> {
    let Source::Command(words) = &spec.source else { return Ok(()) };
    let name = &manifest.name;
    let by_name = manifest.locate.path.is_some() && located.flags.is_empty();
    let command = match located.flags.is_empty() {
        true => quote_word(&words[0]),
        false => words.iter().map(|word| quote_word(word)).collect::<Vec<_>>().join(" "),
    };
    let runtime = if by_name { name.clone() } else { quote_word(&format!("{name}={name}:{command}")) };
    let Some(file) = target else {
        anstream::println!("a manifest for it: lockstep doctor {} --write {name}.yaml", quote_word(&words.join(" ")));
        return Ok(());
    };
    write_manifest(manifest, file).map_err(|error| match error {
        AcceptError::Suite(error) => Failure::Usage(error.to_string()),
        error => Failure::Usage(error.to_string()),
    })?;
    anstream::println!(
        "written: {}\nin adapters/ of a suite or an overlay it makes this work: lockstep run --runtime {runtime}",
        file.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_gives_its_name() {
        assert_eq!(name_of("./build/My_Runtime.sh --flag").expect("a name"), "my-runtime");
        assert_eq!(name_of("qjs").expect("a name"), "qjs");
        for nameless in ["./1", "''", ""] {
            assert!(name_of(nameless).is_err(), "{nameless}");
        }
    }

    #[test]
    fn flags_with_paths_of_here_stay_out_of_the_draft() {
        let spec = |text: &str| RuntimeSpec {
            name: "x".into(),
            adapter: "x".into(),
            source: Source::Command(split_words(text).expect("words")),
        };
        assert!(portable(&spec("./x run -A")));
        assert!(!portable(&spec("./x --require ./a.cjs")));
        assert!(!portable(&spec("./x --require=../a.cjs")));
    }
}
