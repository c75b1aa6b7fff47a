//! JSON Schemas of the suite's files, for editors. Made from the raw types and kept in the suite; a test keeps them current.

use schemars::{JsonSchema, Schema, generate::SchemaSettings};

use super::{
    features::RawFeatures,
    manifest::RawManifest,
    project::RawProject,
    raw::{RawCase, RawDeviations, RawExpectation},
};

/// Each schema's file below the suite's root, and its text.
pub fn schemas() -> [(&'static str, String); 6] {
    [
        ("cases/case.schema.json", text_of::<RawCase>()),
        ("expected/expectation.schema.json", text_of::<RawExpectation>()),
        ("expected/deviations.schema.json", text_of::<RawDeviations>()),
        ("adapters/manifest.schema.json", text_of::<RawManifest>()),
        ("adapters/features.schema.json", text_of::<RawFeatures>()),
        ("ci/lockstep.schema.json", text_of::<RawProject>()),
    ]
}

fn text_of<T: JsonSchema>() -> String {
    // Draft 7 is what the editors' YAML services know best.
    let schema: Schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<T>();
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use super::*;

    #[test]
    fn the_schemas_in_the_suite_are_current() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        for (file, text) in schemas() {
            if env::var_os("LOCKSTEP_WRITE_SCHEMAS").is_some() {
                let folder = root.join(file).parent().map(Path::to_owned).expect("a folder");
                fs::create_dir_all(folder).expect(file);
                fs::write(root.join(file), &text).expect(file);
            }
            let kept = fs::read_to_string(root.join(file)).unwrap_or_default();
            assert!(kept == text, "{file} is out of date; run `LOCKSTEP_WRITE_SCHEMAS=1 cargo test -p lockstep schemas`");
        }
    }
}
