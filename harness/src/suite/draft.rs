//! A manifest written from what was found out about a runtime.

use std::path::Path;

use super::{
    accept::{AcceptError, first},
    emit,
    manifest::{self, AdapterKind, Argument, Ends, Manifest},
    record::save,
    yaml::Document,
};

/// The text of a manifest, with what its author has to decide explained.
fn text(manifest: &Manifest) -> String {
    let list = |items: Vec<String>| items.join(", ");
    let mut text = format!(
        "# Drafted by `lockstep doctor` from what the runtime did; what it could not know is for you to say.
name: {name}
kind: process
# Whose rules it owes: ecma, every engine; web, WinterTC's common API; node, Node's API promise.
profiles: [{profiles}]
goals: [{goals}]
",
        name = manifest.name,
        profiles = list(manifest.profiles.iter().map(ToString::to_string).collect()),
        goals = list(manifest.goals.iter().map(ToString::to_string).collect()),
    );
    let locate = &manifest.locate;
    let keys: Vec<String> = [("env", &locate.env), ("path", &locate.path)]
        .into_iter()
        .filter_map(|(key, value)| Some(format!("{key}: {}", emit::scalar(value.as_deref()?))))
        .collect();
    if !keys.is_empty() {
        text.push_str(&format!("locate: {{ {} }}\n", list(keys)));
    }
    let product = manifest.product.as_deref().unwrap_or_default();
    text.push_str(&format!(
        "# JavaScript that yields name and version; recorded deviations are by this name, and a constant version never changes them.\nproduct: {}\n",
        emit::scalar(product)
    ));
    if let AdapterKind::Process { run } = &manifest.kind {
        text.push_str("# `{args}` is where a user's extra flags go.\nrun:\n");
        for (goal, line) in run {
            let words = line.iter().map(|argument| match argument {
                Argument::Flags => "\"{args}\"".to_owned(),
                Argument::Text(word) => emit::scalar(word),
            });
            text.push_str(&format!("  {goal}: [{}]\n", list(words.collect())));
        }
    }
    if let Some(flag) = &manifest.preload {
        text.push_str(&format!("preload: {}\n", emit::scalar(flag)));
    }
    if let Some(block) = manifest.template.as_ref().and_then(|template| emit::literal("template", &template.written(), 0)) {
        text.push_str(&block);
    }
    if manifest.ends == Ends::Idle {
        text.push_str("# It stays when nothing is left to do.\nends: idle\n");
    }
    text
}

/// Writes `manifest` to `file`, whose name it has; makes the folder if need be.
///
/// # Errors
/// If the file cannot be written, or its name is none for an adapter.
pub fn write_manifest(manifest: &Manifest, file: &Path) -> Result<(), AcceptError> {
    // Nothing is written that would not be read as it was meant.
    let document = Document::scan(file.to_owned(), text(manifest))?;
    manifest::read(&document).map_err(first)?;
    save(file, document.text()).map_err(|error| AcceptError::Write { file: file.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{
        super::{Goal, Locate, Profile, Template},
        *,
    };

    #[test]
    fn what_is_drafted_reads_back() {
        let word = |word: &str| Argument::Text(word.to_owned());
        let manifest = Manifest {
            name: "mine".into(),
            kind: AdapterKind::Process {
                run: BTreeMap::from([
                    (Goal::Cjs, vec![word("--flag=a b"), Argument::Flags, word("main.cjs")]),
                    (Goal::Esm, vec![word("-m"), Argument::Flags, word("main.mjs")]),
                ]),
            },
            profiles: BTreeSet::from([Profile::Ecma, Profile::Node]),
            goals: vec![Goal::Cjs, Goal::Esm],
            locate: Locate { env: Some("LOCKSTEP_MINE".into()), path: Some("mine".into()), ..Locate::default() },
            product: Some("['mine', process.versions['mine']]".into()),
            template: Template::around("before();\n{program}\n"),
            preload: Some("--import".into()),
            env: BTreeMap::new(),
            timeout_scale: 1.0,
            ends: Ends::Idle,
            file: "adapters/mine.yaml".into(),
        };
        let document = Document::scan("adapters/mine.yaml".into(), text(&manifest)).expect("well-formed");
        let read = manifest::read(&document).unwrap_or_else(|errors| panic!("{}\n{errors:?}", text(&manifest)));
        assert_eq!(read, manifest);
        assert!(write_manifest(&manifest, Path::new("other.yaml")).is_err(), "the name is not the file's");
    }
}
