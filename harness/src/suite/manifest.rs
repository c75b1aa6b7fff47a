//! Adapter manifests, `adapters/<name>.yaml`: how a runtime is found, asked what it is, and started.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    case::{Goal, Profile},
    error::{SuiteError, nearest},
    faults::Faults,
    yaml::Document,
};

/// Where a user's extra flags go among the arguments.
const FLAGS: &str = "{args}";

/// What a template replaces by the program.
const PROGRAM: &str = "{program}";

/// How one runtime is found and started.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The adapter's name, which is the file's.
    pub name: String,
    /// One process a case, or a worker that runs many.
    pub kind: AdapterKind,
    /// The profiles whose cases the runtime owes.
    pub profiles: BTreeSet<Profile>,
    /// The goals it offers, the preferred one first.
    pub goals: Vec<Goal>,
    /// Where its binary is looked for.
    pub locate: Locate,
    /// A JavaScript expression that yields the product's name and version, `['bun', process.versions.bun]`. A worker's greeting says
    /// so itself and has none.
    pub product: Option<String>,
    /// The text that is put around a program, for hosts that lack files or a console.
    pub template: Option<Template>,
    /// Environment variables beside those of the launch contract.
    pub env: BTreeMap<String, String>,
    /// The flag after which a CommonJS file is named that runs before the program; none if it has no such flag.
    pub preload: Option<String>,
    /// What a case's timeout is multiplied by.
    pub timeout_scale: f64,
    /// What the end of a program looks like.
    pub ends: Ends,
    /// The file, relative to the suite's root.
    pub file: PathBuf,
}

/// The two kinds of adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdapterKind {
    /// One process a case: the arguments for each goal offered.
    Process {
        /// Arguments by goal.
        run: BTreeMap<Goal, Vec<Argument>>,
    },
    /// A long-lived process that answers case after case.
    Worker {
        /// Arguments that make the binary a worker.
        args: Vec<String>,
        /// The process manifest that starts, case by case, a binary which the user put in this one's place.
        own: Option<String>,
    },
}

/// One argument of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// Passed as it is.
    Text(String),
    /// The user's extra flags, none or many.
    Flags,
}

/// The places a binary is looked for, in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locate {
    /// The environment variable that names a binary.
    pub env: Option<String>,
    /// The pinned npm package, by operating system and architecture in Node's words (`linux-x64`).
    pub package: BTreeMap<String, String>,
    /// The binary's path within the package.
    pub package_file: Option<PathBuf>,
    /// The name looked for on `PATH`.
    pub path: Option<String>,
    /// Whether it is part of Lockstep itself.
    pub builtin: bool,
}

/// A text with a place for the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    before: String,
    after: String,
}

impl Template {
    /// The template that is written like this, `{program}` standing for the program; none if that does not stand there exactly once.
    pub fn around(written: &str) -> Option<Self> {
        match written.split(PROGRAM).collect::<Vec<_>>()[..] {
            [before, after] => Some(Self { before: before.to_owned(), after: after.to_owned() }),
            _ => None,
        }
    }

    /// As it is written.
    pub fn written(&self) -> String {
        format!("{}{PROGRAM}{}", self.before, self.after)
    }

    /// The program in its place.
    pub fn fill(&self, program: &str) -> String {
        format!("{}{program}{}", self.before, self.after)
    }
}

/// What the end of a program looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ends {
    /// The process exits.
    #[default]
    Exit,
    /// The runtime stays, and is done when nothing is left to do.
    Idle,
}

impl Manifest {
    /// The command line's arguments for `goal`, with `flags` where the manifest wants them, or `None` if the goal is not offered.
    /// A manifest without a mark has them before everything else.
    pub fn arguments(&self, goal: Goal, flags: &[String]) -> Option<Vec<String>> {
        let AdapterKind::Process { run } = &self.kind else { return None };
        let arguments = run.get(&goal)?;
        let mut line = Vec::with_capacity(arguments.len() + flags.len());
        if !arguments.contains(&Argument::Flags) {
            line.extend_from_slice(flags);
        }
        for argument in arguments {
            match argument {
                Argument::Text(text) => line.push(text.clone()),
                Argument::Flags => line.extend_from_slice(flags),
            }
        }
        Some(line)
    }

    /// The goal that a case with `goal` runs under here: its own if offered, for `any` the preferred one.
    pub fn goal_for(&self, goal: Option<Goal>) -> Option<Goal> {
        match goal {
            None => self.goals.first().copied(),
            Some(goal) => self.goals.contains(&goal).then_some(goal),
        }
    }
}

/// How a runtime is found, asked what it is, and started. The adapter's name is the file's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Lockstep adapter manifest")]
pub(super) struct RawManifest {
    /// The adapter's name; the file's without `.yaml`.
    name: String,
    /// process: one process a case; worker: a long-lived process that speaks the worker protocol.
    kind: RawKind,
    /// The profiles whose cases the runtime owes.
    #[schemars(length(min = 1))]
    profiles: Vec<Profile>,
    /// The goals it offers, in order of preference.
    #[schemars(length(min = 1))]
    goals: Vec<Goal>,
    /// Where its binary is looked for. Without it the adapter serves only named commands, `NAME=ADAPTER:COMMAND`.
    #[serde(default)]
    locate: RawLocate,
    /// A JavaScript expression yielding name and version of the product, run once a start of Lockstep.
    product: Option<String>,
    /// Kind process: arguments by goal; `{args}` marks where a user's extra flags go.
    #[serde(default)]
    run: BTreeMap<Goal, Vec<String>>,
    /// Kind worker: the arguments that make the binary a worker.
    worker: Option<Vec<String>>,
    /// Kind worker: the process manifest that starts a binary which the user put in this one's place by the environment variable.
    own: Option<String>,
    /// Text around the program, `{program}` standing for it, for hosts without files or a console.
    template: Option<String>,
    /// Environment variables beside those of the launch contract.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// The flag after which a CommonJS file is named that runs before the program. `lockstep mutants` breaks the runtime with it.
    preload: Option<String>,
    /// What a case's timeout is multiplied by.
    #[serde(default = "unscaled")]
    #[schemars(range(min = 0.1, max = 1000.0))]
    timeout_scale: f64,
    /// exit: the process ends by itself; idle: it stays, and is done when nothing is left to do.
    #[serde(default)]
    ends: Ends,
}

fn unscaled() -> f64 {
    1.0
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Kind")]
enum RawKind {
    Process,
    Worker,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Locate")]
struct RawLocate {
    /// The environment variable that names a binary.
    env: Option<String>,
    /// The npm packages that hold the binary.
    #[serde(default)]
    package: RawPackage,
    /// The name looked for on PATH.
    path: Option<String>,
    /// It is part of Lockstep itself.
    #[serde(default)]
    builtin: bool,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Package")]
struct RawPackage {
    #[serde(rename = "linux-x64")]
    linux_x64: Option<String>,
    #[serde(rename = "linux-arm64")]
    linux_arm64: Option<String>,
    #[serde(rename = "darwin-x64")]
    darwin_x64: Option<String>,
    #[serde(rename = "darwin-arm64")]
    darwin_arm64: Option<String>,
    #[serde(rename = "win32-x64")]
    win32_x64: Option<String>,
    /// The binary's path within the package.
    file: Option<String>,
}

/// Reads one manifest.
pub(super) fn read(document: &Document) -> Result<Manifest, Vec<SuiteError>> {
    let raw: RawManifest = document.value().map_err(|error| vec![error])?;
    let mut faults = Faults::of(document);
    let stem = document.file().file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if raw.name != stem {
        faults.add(&["name".into()], format!("the name `{}` is not the file's", raw.name), format!("write `name: {stem}`"));
    }
    if !is_name(&raw.name) {
        faults.add(&["name".into()], "a name is lower-case letters, digits and `-`", "rename the adapter and its file");
    }
    for (key, empty) in [("profiles", raw.profiles.is_empty()), ("goals", raw.goals.is_empty())] {
        if empty {
            faults.add(&[key.into()], format!("`{key}` is empty"), format!("list at least one under `{key}`"));
        }
    }
    if !(raw.timeout_scale >= 0.1 && raw.timeout_scale <= 1000.0) {
        faults.add(&["timeout_scale".into()], "the scale is not between 0.1 and 1000", "write 1 for no scale");
    }
    if let Some(env) = raw.locate.env.as_deref().filter(|env| !is_variable(env)) {
        faults.add(&["locate".into(), "env".into()], format!("`{env}` is no name of a variable"), "write one like LOCKSTEP_NODE");
    }
    for name in raw.env.keys().filter(|name| !is_variable(name)) {
        faults.add(
            &["env".into(), name.as_str().into()],
            format!("`{name}` is no name of a variable"),
            "use letters, digits and `_`",
        );
    }
    let kind = read_kind(&raw, &mut faults);
    let template = raw.template.as_deref().and_then(|text| {
        let template = Template::around(text);
        if template.is_none() {
            let remedy = format!("write `{PROGRAM}` exactly once, where the program goes");
            faults.add(&["template".into()], "the template has no single place for the program", remedy);
        }
        template
    });
    let locate = read_locate(raw.locate, &mut faults);
    faults.finish(kind.map(|kind| Manifest {
        name: raw.name,
        kind,
        profiles: raw.profiles.into_iter().collect(),
        goals: raw.goals,
        locate,
        product: raw.product,
        template,
        env: raw.env,
        preload: raw.preload,
        timeout_scale: raw.timeout_scale,
        ends: raw.ends,
        file: document.file().to_owned(),
    }))
}

fn read_kind(raw: &RawManifest, faults: &mut Faults<'_>) -> Option<AdapterKind> {
    let worker = raw.kind == RawKind::Worker;
    for (key, given, fits) in
        [("run", !raw.run.is_empty(), !worker), ("worker", raw.worker.is_some(), worker), ("own", raw.own.is_some(), worker)]
    {
        if given && !fits {
            faults.add(
                &[key.into()],
                format!("`{key}` does not belong to this kind"),
                format!("remove `{key}`, or change `kind`"),
            );
        }
    }
    if worker {
        let Some(args) = raw.worker.clone() else {
            faults.add(
                &["kind".into()],
                "key `worker` is missing",
                "add `worker:` with the arguments that start a worker, or []",
            );
            return None;
        };
        return Some(AdapterKind::Worker { args, own: raw.own.clone() });
    }
    if raw.product.as_deref().is_none_or(|product| product.trim().is_empty()) {
        faults.add(&["product".into()], "key `product` is missing", "add an expression like \"['node', process.versions.node]\"");
    }
    for goal in &raw.goals {
        if !raw.run.contains_key(goal) {
            faults.add(&["run".into()], format!("goal {goal} is offered and not run"), format!("add `{goal}:` below `run`"));
        }
    }
    let mut run = BTreeMap::new();
    for (goal, line) in &raw.run {
        let path = ["run".into(), goal.as_str().into()];
        if !raw.goals.contains(goal) {
            faults.add(&path, format!("goal {goal} is run and not offered"), format!("add {goal} to `goals`"));
        }
        if !line.iter().any(|argument| argument.contains(goal.entry())) {
            faults.add(&path, format!("the entry {} is not among the arguments", goal.entry()), format!("add {}", goal.entry()));
        }
        if line.iter().filter(|argument| *argument == FLAGS).count() > 1 {
            faults.add(&path, format!("`{FLAGS}` stands twice"), "keep one of the two");
        }
        let line = line.iter().map(|text| if text == FLAGS { Argument::Flags } else { Argument::Text(text.clone()) });
        run.insert(*goal, line.collect());
    }
    Some(AdapterKind::Process { run })
}

fn read_locate(raw: RawLocate, faults: &mut Faults<'_>) -> Locate {
    let RawPackage { linux_x64, linux_arm64, darwin_x64, darwin_arm64, win32_x64, file } = raw.package;
    let package: BTreeMap<String, String> = [
        ("linux-x64", linux_x64),
        ("linux-arm64", linux_arm64),
        ("darwin-x64", darwin_x64),
        ("darwin-arm64", darwin_arm64),
        ("win32-x64", win32_x64),
    ]
    .into_iter()
    .filter_map(|(system, name)| Some((system.to_owned(), name?)))
    .collect();
    if package.is_empty() == file.is_some() {
        let path = ["locate".into(), "package".into()];
        faults.add(
            &path,
            "packages and `file` belong together",
            "name the package of at least one system, and the binary's path in it",
        );
    }
    Locate { env: raw.env, package, package_file: file.map(PathBuf::from), path: raw.path, builtin: raw.builtin }
}

/// Finds manifests whose `own` names no process manifest.
pub(super) fn check_owners(manifests: &BTreeMap<String, Manifest>) -> Vec<SuiteError> {
    let is_process = |name: &str| manifests.get(name).is_some_and(|other| matches!(other.kind, AdapterKind::Process { .. }));
    let dangling = manifests.values().filter_map(|manifest| match &manifest.kind {
        AdapterKind::Worker { own: Some(own), .. } if !is_process(own) => Some((manifest, own)),
        _ => None,
    });
    dangling
        .map(|(manifest, own)| {
            let processes: Vec<&str> = manifests.keys().map(String::as_str).filter(|name| is_process(name)).collect();
            let near = nearest(own, processes.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let remedy = format!("{near}the process manifests: {}", processes.join(", "));
            SuiteError::whole(&manifest.file, format!("`own: {own}` names no process manifest"), remedy)
        })
        .collect()
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Whether `name` can be the name of an environment variable.
pub(super) fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
