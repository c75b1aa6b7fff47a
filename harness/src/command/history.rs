//! `lockstep history`: how the releases of a runtime behaved, case by release.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use clap::Args;
use semver::Version;
use serde::Serialize;

use super::{
    Failure,
    args::{SelectArgs, SuiteArgs, scale},
    load_in, pages,
    project::Setting,
    releases::Releases,
    run::writable,
    session::{jobs, select, suite_info},
    subject::interrupted,
};
use crate::{
    adapter::{RuntimeSpec, published::Published},
    gate::{
        Code,
        classes::{Behaviour, CaseClasses, classes},
    },
    report::{
        Report,
        collect::Collector,
        progress::Steps,
        terminal::{columns, hanging},
        text::{fit, visible, width},
    },
    result::{
        Document, RunEnd, RunEvent, SelectionInfo,
        document::{SCHEMA, write_json, write_whole},
    },
    run::{self, Manner, Shape, plan},
    suite::{Shard, Suite, Versions},
};

/// `lockstep history`.
#[derive(Debug, Clone, Args)]
pub struct HistoryArgs {
    /// Which suite.
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Which cases.
    #[command(flatten)]
    pub select: SelectArgs,
    /// The runtime whose releases are run: node, deno, bun
    #[arg(short, long, value_name = "NAME")]
    pub runtime: RuntimeSpec,
    /// A range, as in '>=18, <23', or a list, as in '18.20.4, 20.3.0' [default: every stable release]
    #[arg(long, value_name = "RANGE|LIST")]
    pub versions: Option<String>,
    /// Of a range, run the newest of each of these [default: major, or minor where there are fewer than three majors]
    #[arg(long, value_name = "PART", value_parser = ["major", "minor", "release"])]
    pub newest_of_each: Option<String>,
    /// Run each case N times on each release; those whose runs differ are marked `?`
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Cases at a time in the ordinary lane [default: one a processor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub jobs: Option<u16>,
    /// Multiply every deadline by this, for slow machines and instrumented builds
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = scale)]
    pub timeout_scale: f64,
    /// Write the whole history as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the table as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write the history as a page for a browser: one file, with every trace in it
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// The JSON of `history`.
#[derive(Debug, Serialize)]
struct History<'a> {
    schema: u32,
    runtime: &'a str,
    versions: Vec<String>,
    unusable: &'a BTreeMap<String, String>,
    cases: &'a [CaseClasses],
}

/// Runs a set of releases, and prints what changed between them.
///
/// # Errors
/// If no version is meant, none can be run, or the run cannot begin.
pub fn run(args: &HistoryArgs) -> Result<Code, Failure> {
    for file in [&args.json, &args.markdown, &args.html].into_iter().flatten() {
        writable(file)?;
    }
    let setting = Setting::find()?;
    let suite = load_in(&setting, args.suite.suite.as_deref())?;
    let cases = select(&suite, &args.select, None::<Shard>)?;
    let releases = Releases::list(&args.runtime, &setting, &suite, args.timeout_scale)?;
    let sample = sample(&releases.published, args.versions.as_deref(), args.newest_of_each.as_deref())?;
    let mut steps = Steps::stderr();
    let (mut whole, mut unusable) = (None, BTreeMap::new());
    let mut labels: Vec<(String, String)> = Vec::new();
    let short = labels_of(&releases.published, &sample);
    for (done, (at, label)) in sample.iter().zip(short).enumerate() {
        let name = releases.name(*at);
        steps.step(&format!("{name}, {} of {}, {} cases", done + 1, sample.len(), cases.len()));
        let runtime = match releases.ready(*at, &suite).inspect_err(|_| steps.finish())? {
            Ok(runtime) => Arc::new(runtime),
            Err(reason) => {
                unusable.insert(name, reason);
                continue;
            }
        };
        labels.push((name, label));
        let document = one(&suite, &cases, &runtime, args, &releases).inspect_err(|_| steps.finish())?;
        whole = Some(match whole {
            None => document,
            Some(so_far) => joined(so_far, document),
        });
    }
    steps.finish();
    let Some(document) = whole else {
        let why: Vec<String> = unusable.iter().map(|(name, why)| format!("{name}: {}", visible(why))).collect();
        return Err(Failure::Usage(format!("none of these releases can be run\n{}", why.join("\n"))));
    };
    let mut cases = classes(&document);
    cases.sort_by(|a, b| a.case.cmp(&b.case));
    for line in table(&cases, &labels, &unusable, &releases.adapter) {
        anstream::println!("{line}");
    }
    if let Some(file) = &args.json {
        let versions = labels.iter().map(|(name, _)| version(name)).collect();
        let history = History { schema: SCHEMA, runtime: &releases.adapter, versions, unusable: &unusable, cases: &cases };
        write_json(file, &history).map_err(Failure::Report)?;
    }
    if let Some(file) = &args.markdown {
        write_whole(file, &page(&cases, &labels, &releases.adapter)).map_err(Failure::harness("cannot write the history"))?;
    }
    if let Some(file) = &args.html {
        let notes: Vec<String> = unusable.iter().map(|(name, why)| format!("{name} could not be run: {why}")).collect();
        let source = pages::Source { suite: Some(&suite), session: None };
        pages::history(&source, &document, &cases, &notes).write(file).map_err(Failure::Report)?;
    }
    Ok(Code::Success)
}

fn version(name: &str) -> String {
    name.rsplit('@').next().unwrap_or(name).to_owned()
}

/// Runs all cases on one release.
fn one(
    suite: &Suite,
    cases: &[Arc<crate::suite::Case>],
    runtime: &Arc<crate::adapter::Runtime>,
    args: &HistoryArgs,
    releases: &Releases,
) -> Result<Document, Failure> {
    let runtimes = [Arc::clone(runtime)];
    let pairs = plan::pairs(suite, cases, &runtimes, Shape { timeout_scale: args.timeout_scale, deviations: false });
    let mut collector = Collector::new();
    collector.event(&RunEvent::Planned {
        suite: suite_info(suite),
        selection: SelectionInfo::default(),
        runtimes: vec![runtime.info()],
        missing: vec![],
        pairs: pairs.len(),
    });
    let manner = Manner { jobs: jobs(args.jobs), repeats: args.repeat, fail_fast: false };
    match run::run(pairs, &runtimes, manner, &releases.context, &mut |event| collector.event(&event)) {
        RunEnd::Complete => Ok(collector.document()),
        RunEnd::Interrupted(_) => Err(interrupted(&releases.context)),
    }
}

/// Two releases' results in one document; the order of the runtimes is that of the releases.
fn joined(mut so_far: Document, next: Document) -> Document {
    so_far.runtimes.extend(next.runtimes);
    so_far.results.extend(next.results);
    so_far
}

/// The indices of the releases that are meant, the oldest first.
fn sample(published: &Published, meant: Option<&str>, part: Option<&str>) -> Result<Vec<usize>, Failure> {
    let usage = |error: String| Failure::Usage(format!("--versions: {error}"));
    let all: Vec<usize> = (0..published.versions.len()).collect();
    let range = match meant {
        None => all,
        Some(text) if text.contains(['<', '>', '=']) => {
            let range: Versions = text.parse().map_err(|error: crate::suite::ParseVersionsError| usage(error.to_string()))?;
            all.into_iter().filter(|at| range.contains(&published.versions[*at])).collect()
        }
        Some(text) => {
            let words = text.split([',', ' ']).filter(|word| !word.is_empty());
            let mut listed = words
                .map(|word| newest_in(published, word).ok_or(()).or_else(|()| published.index(word)))
                .collect::<Result<Vec<usize>, _>>()
                .map_err(|error| usage(error.to_string()))?;
            listed.sort_unstable();
            listed.dedup();
            if listed.is_empty() {
                return Err(usage(
                    "it names no version; write a range, as in '>=18, <23', or a list, as in '18.20.4, 20'".into(),
                ));
            }
            return Ok(listed);
        }
    };
    if range.is_empty() {
        let newest = &published.versions[published.versions.len() - 1];
        return Err(usage(format!("no published release is in `{}`; the newest is {newest}", meant.unwrap_or_default())));
    }
    let key = |at: usize, part: &str| -> Version {
        let Version { major, minor, patch, .. } = published.versions[at];
        match part {
            "major" => Version::new(major, 0, 0),
            "minor" => Version::new(major, minor, 0),
            _ => Version::new(major, minor, patch),
        }
    };
    let newest = |part: &str| -> Vec<usize> {
        let by_key: BTreeMap<Version, usize> = range.iter().map(|at| (key(*at, part), *at)).collect();
        by_key.into_values().collect()
    };
    Ok(match part {
        Some(part) => newest(part),
        None => Some(newest("major")).filter(|majors| majors.len() > 2).unwrap_or_else(|| newest("minor")),
    })
}

/// The newest release of `20` or `20.3`; none for a whole version.
fn newest_in(published: &Published, word: &str) -> Option<usize> {
    let parts: Vec<u64> = word.trim_start_matches('v').split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let within = |version: &Version| match parts[..] {
        [major] => version.major == major,
        [major, minor] => (version.major, version.minor) == (major, minor),
        _ => false,
    };
    published.versions.iter().rposition(within)
}

/// The shortest names that tell the releases apart.
fn labels_of(published: &Published, sample: &[usize]) -> Vec<String> {
    let of = |parts: usize| -> Vec<String> {
        sample
            .iter()
            .map(|at| published.versions[*at].to_string().splitn(4, '.').take(parts).collect::<Vec<_>>().join("."))
            .collect()
    };
    let distinct = |labels: &Vec<String>| labels.windows(2).all(|pair| pair[0] != pair[1]);
    (1..3).map(of).find(distinct).unwrap_or_else(|| of(3))
}

/// One mark for each release: a dot conforms, letters tell the ways to deviate apart.
fn marks(case: &CaseClasses, labels: &[(String, String)]) -> Vec<String> {
    let mut letters = ('A'..='Z').cycle();
    let mut by_class: BTreeMap<usize, String> = BTreeMap::new();
    labels
        .iter()
        .map(|(name, _)| {
            let Some(class) = case.classes.iter().position(|class| class.runtimes.contains(name)) else { return String::new() };
            match &case.classes[class].behaviour {
                Behaviour::Conforms => "·".to_owned(),
                Behaviour::Lacks { .. } => "-".to_owned(),
                Behaviour::Unstable | Behaviour::Unjudged => "?".to_owned(),
                // In the order of the releases, so that the oldest way to deviate is A.
                Behaviour::Deviates { .. } | Behaviour::Prints { .. } => {
                    by_class.entry(class).or_insert_with(|| letters.next().unwrap_or('Z').to_string()).clone()
                }
            }
        })
        .collect()
}

/// The table for people: only the cases on which releases differ.
fn table(cases: &[CaseClasses], labels: &[(String, String)], unusable: &BTreeMap<String, String>, adapter: &str) -> Vec<String> {
    let wide = labels.iter().map(|(_, label)| width(label)).max().unwrap_or(1) + 1;
    let changed: Vec<&CaseClasses> = cases.iter().filter(|case| case.is_split()).collect();
    let name_width = columns().saturating_sub(wide * labels.len()).clamp(30, 60);
    let mut lines = Vec::new();
    if !changed.is_empty() {
        let head: String = labels.iter().map(|(_, label)| format!("{label:>wide$}")).collect();
        lines.push(format!("{:<name_width$}{head}", adapter));
    }
    for case in &changed {
        let cells: String = marks(case, labels).iter().map(|mark| format!("{mark:>wide$}")).collect();
        // Its end tells a case from its neighbours.
        let id = if width(&case.case) <= name_width { case.case.clone() } else { end_of(&case.case, name_width) };
        lines.push(format!("{}{cells}", format_args!("{id:<name_width$}")));
    }
    if !changed.is_empty() {
        lines.push(String::new());
        lines.push("· conforms   A, B, … deviates, each in its own way   - lacks what it needs   ? its runs differ".into());
    }
    for (name, why) in unusable {
        lines.extend(hanging(&format!("not run  {name}: "), &visible(why), columns()));
    }
    let versions: Vec<String> = labels.iter().map(|(name, _)| version(name)).collect();
    lines.extend(hanging("releases ", &versions.join(" "), columns()));
    lines.push(format!(
        "{} cases on {} releases of {adapter}, {} on which they differ",
        cases.len(),
        labels.len(),
        changed.len()
    ));
    lines
}

fn end_of(id: &str, columns: usize) -> String {
    let reversed: String = id.chars().rev().collect();
    fit(&reversed, columns).chars().rev().collect()
}

/// The same as Markdown.
fn page(cases: &[CaseClasses], labels: &[(String, String)], adapter: &str) -> String {
    let versions: Vec<String> = labels.iter().map(|(name, _)| version(name)).collect();
    let mut page = format!(
        "## Lockstep history of {adapter}\n\nOnly cases on which releases differ. · conforms; A, B, … deviates, each in its own way; - lacks what it \
         needs; ? its runs differ.\n\n| case | {} |\n|---|{}\n",
        versions.join(" | "),
        "---|".repeat(versions.len())
    );
    for case in cases.iter().filter(|case| case.is_split()) {
        page.push_str(&format!("| `{}` | {} |\n", case.case, marks(case, labels).join(" | ")));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(versions: &str) -> Published {
        let versions = versions.split(' ').map(|version| version.parse().expect("a version")).collect();
        Published { package: "p".into(), versions }
    }

    fn sampled(versions: &str, meant: Option<&str>, part: Option<&str>) -> String {
        let published = published(versions);
        match sample(&published, meant, part) {
            Ok(sample) => sample.iter().map(|at| published.versions[*at].to_string()).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    }

    const NODE: &str = "18.0.0 18.20.8 19.9.0 20.2.0 20.3.0 20.20.2 21.0.0 22.0.0";
    const BUN: &str = "0.8.1 1.0.0 1.0.36 1.1.45 1.2.0 1.2.23";

    #[test]
    fn a_sample_is_the_newest_of_each_part() {
        for (versions, meant, part, want) in [
            (NODE, None, None, "18.20.8 19.9.0 20.20.2 21.0.0 22.0.0"),
            (NODE, Some(">=19, <22"), None, "19.9.0 20.20.2 21.0.0"),
            (NODE, Some(">=20, <21"), None, "20.2.0 20.3.0 20.20.2"),
            (NODE, Some(">=20, <21"), Some("major"), "20.20.2"),
            (NODE, Some("=18"), Some("release"), "18.0.0 18.20.8"),
            (BUN, None, None, "0.8.1 1.0.36 1.1.45 1.2.23"),
            (NODE, Some("22.0.0, 18.0.0 20"), None, "18.0.0 20.20.2 22.0.0"),
            (NODE, Some("20.2"), None, "20.2.0"),
        ] {
            assert_eq!(sampled(versions, meant, part), want, "{meant:?} {part:?}");
        }
    }

    #[test]
    fn what_means_no_release_is_said() {
        for (meant, want) in [
            ("", "it names no version"),
            (">=99", "no published release is in `>=99`; the newest is 22.0.0"),
            (">=18 <20", "part comparators by a comma"),
            ("20.4.0", "no version 20.4.0 of p is published; near it are 20.2.0, 20.3.0, 20.20.2"),
            ("latest", "no version latest of p is published"),
        ] {
            let said = sampled(NODE, Some(meant), None);
            assert!(said.contains(want), "{meant}: {said}");
        }
    }

    #[test]
    fn labels_are_as_short_as_they_can_be() {
        let labels = |versions: &str| labels_of(&published(versions), &(0..versions.split(' ').count()).collect::<Vec<_>>());
        assert_eq!(labels("18.20.8 20.3.0"), ["18", "20"]);
        assert_eq!(labels("1.0.36 1.1.45"), ["1.0", "1.1"]);
        assert_eq!(labels("1.1.1 1.1.2"), ["1.1.1", "1.1.2"]);
    }
}
