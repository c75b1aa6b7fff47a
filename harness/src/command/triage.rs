//! `lockstep triage`: first contact with many failures.
//!
//! Failures are shown in clusters, and recorded as untriaged deviations in an overlay of the user's own, so that the next run says `known` of
//! them and everything new stands out. Nothing is run.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Args;

use super::{Failure, args::SuiteArgs, load_in, project::Setting};
use crate::{
    gate::{
        Code,
        triage::{Cause, Cluster, clusters, entry},
    },
    report::{
        terminal::columns,
        text::{fit, visible, wrap},
    },
    result::{CaseResult, Document, RuntimeInfo, Verdict},
    suite::{
        AcceptError, NewDeviation, Suite,
        record::{OVERLAY_HEAD, record},
    },
};

/// How many cases of a cluster are listed.
const LISTED: usize = 5;

/// `lockstep triage`.
#[derive(Debug, Clone, Args)]
pub struct TriageArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Results of `run --json` or `gate --record`; of several, each way a case fails is recorded [default: the baseline of lockstep.yaml]
    #[arg(value_name = "RESULT")]
    pub results: Vec<PathBuf>,
    /// Only this runtime of the results; repeatable
    #[arg(short, long, value_name = "NAME")]
    pub runtime: Vec<String>,
    /// Write the entries to this file, named after the product (`mine/node.yaml`), for `run --deviations` [default: the topmost overlay of
    /// lockstep.yaml]
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub write: Option<PathBuf>,
    /// Show the clusters, and write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// The entries of one product, and what cannot be recorded of it.
#[derive(Debug, Default)]
struct Entries {
    new: Vec<NewDeviation>,
    impossible: BTreeMap<&'static str, Vec<String>>,
    /// How many failures have an entry already.
    recorded: usize,
}

/// Shows failures in clusters and records them.
///
/// # Errors
/// If a result cannot be read, has no such runtime, or the entries cannot be written.
pub fn run(args: &TriageArgs) -> Result<Code, Failure> {
    let setting = Setting::find()?;
    let files = match (args.results.is_empty(), setting.baseline()) {
        (false, _) => args.results.clone(),
        (true, Some(baseline)) => vec![baseline.to_owned()],
        (true, None) => return Err(Failure::Usage("name a result of `run --json`, or a baseline in lockstep.yaml".into())),
    };
    let documents = files.iter().map(|file| Document::read(file)).collect::<Result<Vec<_>, _>>()?;
    let suite = load_in(&setting, args.suite.suite.as_deref())?;
    let runtimes = chosen(&documents, &args.runtime)?;
    let since = today();

    let mut by_product: BTreeMap<String, Entries> = BTreeMap::new();
    for runtime in &runtimes {
        let results = || documents.iter().flat_map(|document| &document.results).filter(|result| result.runtime == runtime.name);
        for line in shown(runtime, &clusters(results()), results()) {
            anstream::println!("{line}");
        }
        let Some((product, version)) = product(runtime) else {
            if results().any(|result| result.verdict.is_regression()) {
                anstream::println!(
                    "not recorded: {} does not say which product it is; give its manifest a `product`, as `lockstep doctor` does\n",
                    visible(&runtime.name)
                );
            }
            continue;
        };
        let name = product.clone();
        let entries = by_product.entry(product).or_default();
        for result in results().filter(|result| result.verdict.is_regression()) {
            let recorded = || suite.deviations_of(&name, &result.case).filter(|entry| entry.versions.contains(&version));
            match entry(result, &suite, &version, &since) {
                // A result without deviations, or one that was triaged before, fails where something is recorded.
                Ok(Some(new))
                    if result.verdict != Verdict::Changed && recorded().next().is_some()
                        || recorded().any(|entry| new.says_what(entry)) =>
                {
                    entries.recorded += 1;
                }
                Ok(Some(new)) if !entries.new.iter().any(|other| same(other, &new)) => entries.new.push(new),
                Ok(_) => {}
                Err(why) => entries.impossible.entry(why).or_default().push(result.case.clone()),
            }
        }
    }
    for (why, cases) in by_product.values().flat_map(|entries| &entries.impossible) {
        anstream::println!("not recorded: {why}: {}", listed(cases.iter().map(String::as_str)));
    }
    let recorded: usize = by_product.values().map(|entries| entries.recorded).sum();
    if recorded > 0 {
        anstream::println!("recorded already: {recorded}");
    }
    by_product.retain(|_, entries| !entries.new.is_empty());
    for entries in by_product.values_mut() {
        entries.new.sort_by(|a, b| a.case.cmp(&b.case));
    }
    write(args, &suite, &by_product)?;
    Ok(Code::Success)
}

/// The runtimes that are asked for, each once; all of them if none is named.
fn chosen<'a>(documents: &'a [Document], named: &[String]) -> Result<Vec<&'a RuntimeInfo>, Failure> {
    let mut all: Vec<&RuntimeInfo> = Vec::new();
    for runtime in documents.iter().flat_map(|document| &document.runtimes) {
        match all.iter().find(|known| known.name == runtime.name) {
            None => all.push(runtime),
            Some(known) if (&known.product, &known.version) == (&runtime.product, &runtime.version) => {}
            Some(_) => {
                return Err(Failure::Usage(format!(
                    "the results disagree on what {} is; triage them one by one",
                    visible(&runtime.name)
                )));
            }
        }
    }
    if let Some(unknown) = named.iter().find(|name| !all.iter().any(|runtime| runtime.name == **name)) {
        let names: Vec<String> = all.iter().map(|runtime| visible(&runtime.name)).collect();
        return Err(Failure::Usage(format!(
            "there is no runtime `{}` in the results; there are: {}",
            visible(unknown),
            names.join(", ")
        )));
    }
    all.retain(|runtime| named.is_empty() || named.contains(&runtime.name));
    Ok(all)
}

fn product(runtime: &RuntimeInfo) -> Option<(String, semver::Version)> {
    Some((runtime.product.clone()?, runtime.version.as_deref()?.parse().ok()?))
}

/// Whether two entries record the same.
fn same(one: &NewDeviation, other: &NewDeviation) -> bool {
    (&one.case, &one.versions, &one.trace, &one.exit) == (&other.case, &other.versions, &other.trace, &other.exit)
}

/// The clusters of one runtime for people.
fn shown<'a>(runtime: &RuntimeInfo, clusters: &[Cluster<'_>], results: impl Iterator<Item = &'a CaseResult>) -> Vec<String> {
    let failures: usize = clusters.iter().map(|cluster| cluster.results.len()).sum();
    let said = match (&runtime.product, &runtime.version) {
        (Some(product), Some(version)) => format!(" ({} {})", visible(product), visible(version)),
        _ => String::new(),
    };
    let name = visible(&runtime.name);
    let plural = |count: usize, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let mut lines = vec![format!("{name}{said}: {} in {}", plural(failures, "failure"), plural(clusters.len(), "cluster"))];
    let width = columns();
    for cluster in clusters {
        let head = match &cluster.cause {
            Cause::Missing(feature) => format!("missing {}", visible(feature)),
            Cause::Pair { allowed, observed } => format!("{} where the rule allows {}", visible(observed), visible(allowed)),
            Cause::Topic(topic) => visible(topic),
        };
        let count = cluster.results.len();
        lines.push(format!("  {count:>4}  {}", fit(&format!("{head}{}", verdicts(&cluster.results)), width.saturating_sub(8))));
        let cases = listed(cluster.results.iter().map(|result| result.case.as_str()));
        lines.extend(wrap(&cases, width.saturating_sub(10)).into_iter().map(|line| format!("          {line}")));
    }
    let mut lacks: BTreeMap<&str, usize> = BTreeMap::new();
    for result in results.filter(|result| result.verdict == Verdict::Skip) {
        *lacks.entry(&result.detail).or_default() += 1;
    }
    let mut lacks: Vec<(usize, &str)> = lacks.into_iter().map(|(what, count)| (count, what)).collect();
    lacks.sort_by_key(|(count, what)| (std::cmp::Reverse(*count), *what));
    if !lacks.is_empty() {
        let all: Vec<String> = lacks.iter().map(|(count, what)| format!("{} ({count})", visible(what))).collect();
        lines.extend(
            wrap(&format!("not run, for want of: {}", all.join(", ")), width.saturating_sub(2))
                .iter()
                .map(|line| format!("  {line}")),
        );
    }
    lines.push(String::new());
    lines
}

/// Verdicts that are not plain failures.
fn verdicts(results: &[&CaseResult]) -> String {
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for result in results.iter().filter(|result| result.verdict != Verdict::Fail) {
        *counts.entry(result.verdict).or_default() += 1;
    }
    let words: Vec<String> = counts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

fn listed<'a>(cases: impl Iterator<Item = &'a str>) -> String {
    let cases: Vec<&str> = cases.collect();
    let more = if cases.len() > LISTED { format!(" and {} more", cases.len() - LISTED) } else { String::new() };
    format!("{}{more}", cases.iter().take(LISTED).copied().collect::<Vec<_>>().join(", "))
}

/// Writes the entries where the user wants them, or says how to have them written.
fn write(args: &TriageArgs, suite: &Suite, by_product: &BTreeMap<String, Entries>) -> Result<(), Failure> {
    let count: usize = by_product.values().map(|entries| entries.new.len()).sum();
    if count == 0 {
        anstream::println!("nothing to record");
        return Ok(());
    }
    if args.dry_run {
        anstream::println!("{count} entries to record; without --dry-run they are written");
        return Ok(());
    }
    let fault = |error: AcceptError| match error {
        AcceptError::Suite(error) => Failure::Suite(vec![error]),
        error => Failure::Usage(error.to_string()),
    };
    let overlay = suite.overlays().last();
    for (product, entries) in by_product {
        let file = match (&args.write, overlay) {
            (Some(file), _) => {
                if file.file_stem().is_none_or(|stem| stem != product.as_str())
                    || file.extension().is_none_or(|end| end != "yaml")
                {
                    return Err(Failure::Usage(format!(
                        "deviations of {product} stand in a file of that name; write --write {}, and --runtime NAME if the result is of \
                         several products",
                        file.with_file_name(format!("{product}.yaml")).display()
                    )));
                }
                file.clone()
            }
            (None, Some(overlay)) => overlay.join("expected/deviations").join(format!("{product}.yaml")),
            (None, None) => {
                return Err(Failure::Usage(format!(
                    "there is no place for {count} entries: name an overlay in lockstep.yaml (`lockstep init` does), or a file: --write {product}.yaml"
                )));
            }
        };
        record(&file, &file, product, OVERLAY_HEAD, &entries.new).map_err(fault)?;
        anstream::println!("{} entries written: {}", entries.new.len(), file.display());
    }
    let again = match &args.write {
        Some(file) => format!("`lockstep run --deviations {}`", file.display()),
        None => "the next run".into(),
    };
    anstream::println!("{again} says `known` of them; as each is looked into, give it a kind, a reason and a link");
    Ok(())
}

/// Today in UTC, as `YYYY-MM-DD`.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    day(seconds / 86_400)
}

/// The day that begins `days` after 1970-01-01, in the Gregorian calendar; years are counted from March, so that leap days come last.
fn day(days: u64) -> String {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{of_month:02}", year + era * 400 + carry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, written) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_784, "2026-11-27"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(day(days), written);
        }
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(listed(["a", "b"].into_iter()), "a, b");
        assert_eq!(listed(["a", "b", "c", "d", "e", "f", "g"].into_iter()), "a, b, c, d, e and 2 more");
    }
}
