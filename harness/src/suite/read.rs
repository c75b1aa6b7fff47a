//! From what was written to what it means: one case and its expectation, or one file of deviations.

use std::{collections::BTreeMap, path::Path, time::Duration};

use crate::trace::ExitPattern;

use super::{
    case::{Case, DEFAULT_TIMEOUT},
    deviation::{Deviation, DeviationKind},
    error::{SuiteError, nearest},
    expectation::Expectation,
    faults::{Faults, check_address},
    features::Features,
    id,
    manifest::is_variable,
    raw::{RawCase, RawDeviation, RawDeviations, RawDuration, RawExit, RawExpectation},
    versions::ParseVersionsError,
    yaml::{Document, Step, Style},
};

/// The longest a case may take. A case that needs more is no case of ordering.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);

/// Variables of the launch contract, which no case may set.
const RESERVED_ENV: [&str; 6] = ["PATH", "HOME", "TMPDIR", "TZ", "NO_COLOR", "DENO_DIR"];

/// Reads the case `id`. Its digest is left empty: it covers the expectation as well.
pub(super) fn read_case(id: &str, document: &Document, features: &Features) -> Result<Case, Vec<SuiteError>> {
    let mut raw: RawCase = document.value().map_err(|error| vec![error])?;
    let mut faults = Faults::of(document);
    if let Err((cause, remedy)) = id::check(id) {
        faults.add(&[], cause, remedy);
    }
    check_texts(&raw, &mut faults);
    check_needs(&raw, features, &mut faults);
    check_program(document, &raw, &mut faults);
    check_surroundings(&raw, &mut faults);
    let timeout = match &raw.timeout {
        None => Some(DEFAULT_TIMEOUT),
        Some(RawDuration(text)) => faults.check(&["timeout".into()], read_duration(text)),
    };
    // Block scalars are read by doubling; a suite of ten thousand cases keeps none of the slack.
    raw.program.shrink_to_fit();
    raw.rule.shrink_to_fit();
    raw.files.values_mut().for_each(String::shrink_to_fit);
    let program_line = document.position(&["program".into()]).line;
    faults.finish(timeout.map(|timeout| Case {
        id: id.to_owned(),
        title: raw.title,
        rule: raw.rule,
        authority: raw.authority,
        strength: raw.strength,
        profile: raw.profile,
        goal: raw.goal.into(),
        needs: raw.needs,
        program: raw.program,
        files: raw.files,
        fixtures: raw.fixtures,
        env: raw.env,
        args: raw.args,
        stdin: raw.stdin,
        timeout,
        lane: raw.lane,
        tags: raw.tags,
        issues: raw.issues,
        was: raw.was,
        file: document.file().to_owned(),
        program_line,
        digest: String::new(),
    }))
}

fn check_texts(raw: &RawCase, faults: &mut Faults<'_>) {
    faults.check_filled("title", &raw.title);
    faults.check_filled("rule", &raw.rule);
    if raw.title.contains('\n') {
        faults.add(&["title".into()], "the title has more than one line", "keep the first, and tell the rest under `rule`");
    }
    if raw.authority.is_empty() {
        let remedy = "add the address of the text the rule follows from; a rule nobody states is no rule";
        faults.add(&["authority".into()], "no authority is named", remedy);
    }
    for (key, addresses) in [("authority", &raw.authority), ("issues", &raw.issues)] {
        faults.check_distinct(key, addresses);
        for (index, address) in addresses.iter().enumerate() {
            faults.check(&[key.into(), index.into()], check_address(address));
        }
    }
    faults.check_distinct("tags", &raw.tags);
    for (index, tag) in raw.tags.iter().enumerate() {
        if tag.is_empty() || !tag.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            let remedy = "use lower-case letters, digits and `-`";
            faults.add(&["tags".into(), index.into()], format!("`{}` is no tag", tag.escape_debug()), remedy);
        }
    }
    for (index, former) in raw.was.iter().enumerate() {
        faults.check(&["was".into(), index.into()], id::check(former));
    }
}

fn check_needs(raw: &RawCase, features: &Features, faults: &mut Faults<'_>) {
    faults.check_distinct("needs", &raw.needs);
    for (index, need) in raw.needs.iter().enumerate() {
        if !features.contains_key(need) {
            let near = nearest(need, features.keys().map(String::as_str));
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let remedy = format!("{near}say in adapters/features.yaml how a runtime is asked for it");
            faults.add(&["needs".into(), index.into()], format!("unknown feature `{need}`"), remedy);
        }
    }
}

fn check_program(document: &Document, raw: &RawCase, faults: &mut Faults<'_>) {
    faults.check_filled("program", &raw.program);
    if !document.is_literal(&["program".into()]) {
        let remedy = "write `program: |` and the program indented below, so that its lines are lines of the file";
        faults.add(&["program".into()], "the program is no literal block", remedy);
    }
    for (name, content) in &raw.files {
        let path = ["files".into(), name.as_str().into()];
        if document.style(&path) == Some(Style::Folded) {
            faults.add(&path, "a folded block joins the lines of this file", "write `|` instead of `>`");
        }
        if content.contains('\0') && is_script(name) {
            faults.add(&path, "the file contains NUL", "write its escape in the program");
        }
    }
}

/// Whether a file beside the program is JavaScript, by its name.
pub(super) fn is_script(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "js" || end == "cjs" || end == "mjs")
}

fn check_surroundings(raw: &RawCase, faults: &mut Faults<'_>) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    let names = raw.files.keys().map(|name| ("files", name)).chain(raw.fixtures.keys().map(|name| ("fixtures", name)));
    for (key, name) in names {
        let path = [key.into(), name.as_str().into()];
        faults.check(&path, id::check_file_name(name));
        // Case-insensitive, since some file systems are.
        if let Some(other) = taken.insert(name.to_lowercase(), name) {
            faults.add(&path, format!("`{name}` and `{other}` are the same file on some systems"), "rename one of the two");
        }
    }
    for name in taken.keys() {
        let folder = Path::new(name).ancestors().skip(1).filter_map(Path::to_str).find(|folder| taken.contains_key(*folder));
        if let Some(folder) = folder {
            faults.add(&["files".into()], format!("`{folder}` is a file, and the folder of `{name}`"), "rename one of the two");
        }
    }
    for (name, value) in &raw.env {
        let path = ["env".into(), name.as_str().into()];
        if !is_variable(name) {
            faults.add(&path, format!("`{}` is no name of a variable", name.escape_debug()), "use letters, digits and `_`");
        }
        if RESERVED_ENV.contains(&name.as_str()) || name.starts_with("LOCKSTEP") {
            faults.add(&path, format!("`{name}` belongs to the launch contract"), "choose another variable");
        }
        if value.contains('\0') {
            faults.add(&path, "the value contains NUL", "leave it out; no system passes it on");
        }
    }
    for (index, argument) in raw.args.iter().enumerate() {
        if argument.contains('\0') {
            faults.add(&["args".into(), index.into()], "the argument contains NUL", "leave it out; no system passes it on");
        }
    }
}

/// Reads an expectation.
pub(super) fn read_expectation(document: &Document) -> Result<Expectation, Vec<SuiteError>> {
    let raw: RawExpectation = document.value().map_err(|error| vec![error])?;
    let mut faults = Faults::of(document);
    let exit = match &raw.exit {
        None => Some(ExitPattern::default()),
        Some(exit) => read_exit(exit, &["exit".into()], false, &mut faults),
    };
    faults.finish(exit.map(|exit| Expectation { trace: raw.trace, exit, file: document.file().to_owned() }))
}

/// Reads the deviations of `product`. Whether they are complete is for lint to say, since `accept` leaves room to fill in.
pub(super) fn read_deviations(product: &str, document: &Document) -> Result<Vec<Deviation>, Vec<SuiteError>> {
    let raw: RawDeviations = document.value().map_err(|error| vec![error])?;
    let mut faults = Faults::of(document);
    let mut entries = Vec::with_capacity(raw.0.len());
    for (index, raw) in raw.0.into_iter().enumerate() {
        faults.check(&[index.into(), "case".into()], id::check(&raw.case));
        let versions = raw.versions.parse().map_err(|error: ParseVersionsError| (error.cause, error.remedy));
        let versions = faults.check(&[index.into(), "versions".into()], versions);
        let exit = raw.exit.as_ref().map(|exit| read_exit(exit, &[index.into(), "exit".into()], true, &mut faults));
        if raw.trace.is_none() && raw.exit.is_none() {
            faults.add(&[index.into()], "the entry says nothing that differs", "give it a `trace`, an `exit` or both");
        }
        check_triage(index, &raw, &mut faults);
        let (Some(versions), None | Some(Some(_))) = (versions, &exit) else { continue };
        entries.push(Deviation {
            product: product.to_owned(),
            case: raw.case,
            versions,
            os: raw.os.map(|os| os.as_str().to_owned()),
            arch: raw.arch.map(|arch| arch.as_str().to_owned()),
            kind: raw.kind,
            reason: raw.reason,
            link: raw.link.filter(|link| !link.trim().is_empty()),
            since: raw.since,
            trace: raw.trace,
            exit: exit.flatten(),
            intermittent: raw.intermittent,
            file: document.file().to_owned(),
            line: document.position(&[index.into()]).line,
        });
    }
    faults.finish(Some(entries))
}

/// An entry that nobody has looked into has the day it was recorded and no link; one that somebody has, has no such day.
fn check_triage(index: usize, raw: &RawDeviation, faults: &mut Faults<'_>) {
    let untriaged = raw.kind == DeviationKind::Untriaged;
    match &raw.since {
        None if untriaged => {
            faults.add(&[index.into()], "an untriaged entry without its day", "add `since: YYYY-MM-DD`");
        }
        Some(day) if !is_day(day) => {
            faults.add(&[index.into(), "since".into()], format!("`{}` is no day", day.escape_debug()), "write it as YYYY-MM-DD");
        }
        Some(_) if !untriaged => {
            let remedy = "remove it; version control knows when the entry was made";
            faults.add(&[index.into(), "since".into()], "`since` belongs to untriaged entries", remedy);
        }
        _ => {}
    }
    if untriaged && raw.link.as_ref().is_some_and(|link| !link.trim().is_empty()) {
        let remedy = "make it a bug, permitted or unsupported, and remove `since`";
        faults.add(&[index.into(), "link".into()], "an untriaged entry with a link", remedy);
    }
}

/// Whether `text` is a day, `YYYY-MM-DD`.
pub(super) fn is_day(text: &str) -> bool {
    let number = |part: &str, digits: usize| (part.len() == digits).then(|| part.parse::<u32>().ok()).flatten();
    match text.split('-').collect::<Vec<_>>()[..] {
        [year, month, day] => {
            number(year, 4).is_some()
                && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
                && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
        }
        _ => false,
    }
}

fn read_duration(text: &str) -> Result<Duration, (String, String)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: Option<u64> = number.parse().ok();
    let duration = match (number, unit) {
        (Some(number), "ms") => Some(Duration::from_millis(number)),
        (Some(number), "s") => Some(Duration::from_secs(number)),
        (Some(number), "m") => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    };
    match duration {
        Some(duration) if !duration.is_zero() && duration <= MAX_TIMEOUT => Ok(duration),
        Some(_) => Err((format!("`{text}` is not between 1ms and 10m"), "shorten what the case waits for".to_owned())),
        None => Err((
            format!("`{}` is no duration", text.escape_debug()),
            "write a number and ms, s or m, like 500ms or 10s".to_owned(),
        )),
    }
}

/// Reads an `exit:` value; `timeout` is for deviations only.
fn read_exit(raw: &RawExit, path: &[Step<'_>], deviation: bool, faults: &mut Faults<'_>) -> Option<ExitPattern> {
    let parsed = raw.0.parse::<ExitPattern>().map_err(|error| {
        let text = error.to_string();
        let (cause, remedy) = text.split_once("; ").unwrap_or((&text, "write an exit code"));
        (cause.to_owned(), remedy.to_owned())
    });
    let exit = faults.check(path, parsed)?;
    if !deviation && exit == ExitPattern::Timeout {
        faults.add(path, "`timeout` is no rule but a known hang", "write `running` if the rule is that the program never ends");
    }
    Some(exit)
}
