//! `lockstep runtimes`.

use clap::Args;

use super::{
    Failure,
    args::{RuntimeArgs, SuiteArgs},
    distinct, inhouse_holder, load_in,
    project::Setting,
    session::{launches, wrap},
};
use crate::{
    gate::Code,
    report::text::{visible, wrap as wrap_text},
    run::prepare,
};

/// `lockstep runtimes`.
#[derive(Debug, Clone, Args)]
pub struct RuntimesArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Which runtimes.
    #[command(flatten)]
    pub runtimes: RuntimeArgs,
    /// List the features that each of them has
    #[arg(long)]
    pub features: bool,
}

/// Shows which runtimes there are, what they say they are, what they lack, and how to get the others.
///
/// # Errors
/// If the suite has errors, or a runtime that was named is not there.
pub fn run(args: &RuntimesArgs) -> Result<Code, Failure> {
    let setting = Setting::find()?;
    let runtimes = setting.runtimes(&args.runtimes.runtime);
    distinct(&runtimes)?;
    let suite = load_in(&setting, args.suite.suite.as_deref())?;
    let request = prepare::Request {
        runtimes,
        inhouse: inhouse_holder(),
        wrap: wrap(args.runtimes.wrap.as_deref())?,
        timeout_scale: args.runtimes.scale(),
        ..prepare::Request::default()
    };
    let context = launches(&request)?;
    let prepared = prepare::prepare(&request, &suite, &context)?;
    let all: Vec<&str> = suite.features.keys().map(String::as_str).collect();
    for runtime in &prepared.runtimes {
        let product =
            runtime.product().map_or("unknown product".into(), |product| format!("{} {}", product.name, product.version));
        let goals: Vec<&str> = runtime.manifest().goals.iter().map(|goal| goal.as_str()).collect();
        let profiles: Vec<&str> = runtime.manifest().profiles.iter().map(|profile| profile.as_str()).collect();
        anstream::println!("{}", visible(runtime.name()));
        anstream::println!("  product   {}", visible(&product));
        anstream::println!("  path      {}", visible(&runtime.binary().to_string_lossy()));
        anstream::println!("  goals     {}", goals.join(" "));
        anstream::println!("  profiles  {}", profiles.join(" "));
        anstream::println!("  features  {} of {}", runtime.features().len(), all.len());
        let lacks: Vec<&str> = all.iter().copied().filter(|name| !runtime.features().contains(*name)).collect();
        print_list("  lacks     ", &lacks);
        if args.features {
            print_list("  has       ", &runtime.features().iter().map(String::as_str).collect::<Vec<_>>());
        }
        if let Some(doubt) = runtime.doubt() {
            anstream::println!("  doubt     {}", visible(doubt));
        }
        runtime.retire(&context);
    }
    for missing in &prepared.missing {
        anstream::println!("{}\n  missing   {}\n  remedy    {}", missing.name, missing.reason, missing.remedy);
    }
    if !request.runtimes.is_empty() && !prepared.missing.is_empty() {
        return Err(Failure::Missing(prepared.missing));
    }
    Ok(Code::Success)
}

fn print_list(label: &str, words: &[&str]) {
    let mut lines = wrap_text(&words.join(" "), 88).into_iter();
    if let Some(first) = lines.next() {
        anstream::println!("{label}{first}");
    }
    for line in lines {
        anstream::println!("{}{line}", " ".repeat(label.len()));
    }
}
