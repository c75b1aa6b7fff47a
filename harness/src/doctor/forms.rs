//! How an unknown runtime takes its programs: which goals it offers, and with which command line.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use super::{Finding, Grade, More, Patient};
use crate::{
    adapter::{AdapterError, Context, Located, RuntimeSpec},
    suite::{AdapterKind, Argument, Ends, Goal, Locate, Manifest, Profile, Template},
    trace::{Ended, Observation},
};

/// Says a line wherever there is a way to.
pub(super) const SAY: &str =
    "function say(text) { if (typeof console === 'object' && console) console.log(text); else print(text); }\n";

/// What a program prints under the goal it was written for; anything else under another.
const CJS: &str = "say('goal ' + (typeof require === 'function' && typeof module === 'object' && this === module.exports ? 'cjs' : 'other'));\n";
const ESM: &str = "await null;\nsay('goal ' + (typeof import.meta === 'object' && this === undefined ? 'esm' : 'other'));\n";
const SCRIPT: &str = "var lockstepGoal = 1;\nsay('goal ' + (globalThis.lockstepGoal === 1 && typeof module === 'undefined' ? 'script' : 'other'));\n";

/// Command lines that runtimes have, by what stands before the entry, the plainest first.
const FORMS: [&[&str]; 4] = [&[], &["run"], &["-m"], &["--module"]];

/// The template for a host that has `print` and no console.
pub const PRINT_TEMPLATE: &str = "if (typeof console !== 'object') globalThis.console = { log: print };\n{program}";

/// Launches that may hang, crash or flood without the right word before the runtime counts as one that runs nothing.
const MOST_HANGS: usize = 2;

/// What is known of a command line after all forms were tried.
#[derive(Debug)]
pub struct Forms {
    /// The manifest, as far as it could be drafted; without goals if no program ran.
    pub manifest: Manifest,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Tries every goal with every form, under the name of `spec`.
///
/// # Errors
/// If the runtime cannot be started at all, or the run was interrupted.
pub fn find(spec: &RuntimeSpec, located: &Located, context: &Context) -> Result<Forms, AdapterError> {
    let mut manifest = blank(&spec.adapter);
    let mut findings = Vec::new();
    let mut idle = false;
    let mut noise: Option<String> = None;
    let mut hangs = 0;
    let mut last: Option<Observation> = None;
    for (goal, text) in [(Goal::Cjs, CJS), (Goal::Esm, ESM), (Goal::Script, SCRIPT)] {
        let wanted = format!("goal {goal}");
        for form in FORMS {
            if hangs >= MOST_HANGS || goal != Goal::Esm && form.first().is_some_and(|first| first.starts_with('-')) {
                continue;
            }
            let patient = Patient {
                spec: spec.clone(),
                manifest: Arc::new(with_form(&manifest, goal, form)),
                located: located.clone(),
                context,
            };
            let seen = patient.run(goal, &format!("{SAY}{text}"), &More::default())?;
            let events = seen.trace.events();
            if events.contains(&wanted) {
                idle |= seen.ended == Ended::Deadline;
                noise = noise.or_else(|| events.iter().find(|event| **event != wanted).cloned());
                manifest = with_form(&manifest, goal, form);
                break;
            }
            hangs += usize::from(!matches!(seen.ended, Ended::Code(_)));
            // A program that ran, under another goal, says more than a file that was not found.
            if last.is_none() || !events.is_empty() {
                last = Some(seen);
            }
        }
    }
    if idle {
        manifest.ends = Ends::Idle;
    }
    findings.push(goals(&manifest, last.as_ref()));
    if !manifest.goals.is_empty() {
        findings.push(match noise {
            None => {
                Finding { about: "its own output", grade: Grade::Good, seen: "nothing but what programs print".into(), means: "" }
            }
            Some(line) => Finding {
                about: "its own output",
                grade: Grade::Bad,
                seen: format!("it prints {} by itself", crate::trace::quoted(&line)),
                means: "every trace has lines that no program printed; switch the banner off with a flag",
            },
        });
        character(&mut manifest, spec, located, context)?;
    }
    Ok(Forms { manifest, findings })
}

/// A manifest that offers nothing yet.
fn blank(name: &str) -> Manifest {
    Manifest {
        name: name.into(),
        kind: AdapterKind::Process { run: BTreeMap::new() },
        profiles: BTreeSet::from([Profile::Ecma]),
        goals: vec![],
        locate: Locate::default(),
        product: None,
        template: None,
        env: BTreeMap::new(),
        preload: None,
        timeout_scale: 1.0,
        ends: Ends::Exit,
        file: PathBuf::from(format!("adapters/{name}.yaml")),
    }
}

/// The same, offering `goal` by this form.
fn with_form(manifest: &Manifest, goal: Goal, form: &[&str]) -> Manifest {
    let mut manifest = manifest.clone();
    if let AdapterKind::Process { run } = &mut manifest.kind {
        let text = |text: &str| Argument::Text(text.to_owned());
        let before = form.iter().map(|word| text(word));
        run.insert(goal, before.chain([Argument::Flags, text(goal.entry())]).collect());
    }
    if !manifest.goals.contains(&goal) {
        manifest.goals.push(goal);
    }
    manifest
}

fn goals(manifest: &Manifest, last: Option<&Observation>) -> Finding {
    let about = "goals";
    if manifest.goals.is_empty() {
        let seen = match last {
            Some(seen) => format!("no program ran as it should: {}", super::checks::how(seen)),
            None => "no program ran".into(),
        };
        let means = "nothing can be run; name the command so that a file's name behind it runs the file, with flags if need be";
        return Finding { about, grade: Grade::Bad, seen, means };
    }
    let offered: Vec<String> = manifest.goals.iter().map(|goal| format!("{goal} ({})", goal.entry())).collect();
    let all = manifest.goals.len() == 3 || manifest.goals.contains(&Goal::Cjs) && manifest.goals.contains(&Goal::Esm);
    let (grade, means) =
        if all { (Grade::Good, "") } else { (Grade::Absent, "cases of the goals it does not offer are skipped, by name") };
    Finding { about, grade, seen: offered.join(", "), means }
}

/// What the runtime is like from inside: whether it has a console, which profiles it seems to owe, and what it says it is.
fn character(manifest: &mut Manifest, spec: &RuntimeSpec, located: &Located, context: &Context) -> Result<(), AdapterError> {
    let patient = Patient { spec: spec.clone(), manifest: Arc::new(manifest.clone()), located: located.clone(), context };
    let Some(goal) = patient.usual_goal() else { return Ok(()) };
    let own = serde_json::to_string(&manifest.name).expect("a string");
    let text = format!("{SAY}var own = {own};\n{CHARACTER}");
    let seen = patient.run(goal, &text, &More::default())?;
    let said = |word: &str| seen.trace.events().iter().find_map(|event| event.strip_prefix(word)).map(str::to_owned);
    if said("console ").is_some_and(|has| has == "false") {
        manifest.template = Template::around(PRINT_TEMPLATE);
    }
    for (word, profile) in [("web ", Profile::Web), ("node ", Profile::Node)] {
        if said(word).is_some_and(|owes| owes == "true") {
            manifest.profiles.insert(profile);
        }
    }
    manifest.product = Some(said("product ").unwrap_or_else(|| format!("['{}', '0.0.0']", manifest.name)));
    Ok(())
}

/// Asks what a manifest has to say. The product is an expression: its own name among the versions before those of runtimes that others
/// imitate, and a constant if it says nothing.
const CHARACTER: &str = r"
function has(test) { try { return !!test(); } catch (e) { return false; } }
say('console ' + (typeof console === 'object' && !!console));
say('web ' + has(function () { return typeof setTimeout === 'function' && typeof AbortController === 'function' && typeof ReadableStream === 'function'; }));
say('node ' + has(function () { return typeof process.nextTick === 'function' && typeof Buffer === 'function'; }));
var version = /^v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]*)?$/;
function is(test) { return has(function () { return version.test(test()); }); }
var product = '[' + JSON.stringify(own).replace(/\x22/g, '\x27') + ', \x270.0.0\x27]';
if (is(function () { return process.versions[own]; })) product = '[\x27' + own + '\x27, process.versions[\x27' + own + '\x27]]';
else if (is(function () { return Deno.version.deno; })) product = '[\x27deno\x27, Deno.version.deno]';
else if (is(function () { return Bun.version; })) product = '[\x27bun\x27, Bun.version]';
else if (is(function () { return process.versions.node; }) && has(function () { return process.release.name === 'node'; })) product = '[\x27node\x27, process.versions.node]';
else if (has(function () { return /^[A-Za-z][A-Za-z0-9_-]*\/[0-9]+\.[0-9]+\.[0-9]+$/.test(navigator.userAgent); })) product = 'navigator.userAgent.toLowerCase().split(\x27/\x27)';
say('product ' + product);
";
