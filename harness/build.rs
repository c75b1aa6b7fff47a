//! Packs the suite into the binary, so that a gate needs neither a clone nor a toolchain.
//!
//! A release holds the suite as it is when it is built. Other builds hold it as it was when this script, or the module that reads
//! suites, last changed: there a checkout always comes first, and a changed case must cost no rebuild.

use std::{collections::BTreeMap, env, fs, path::Path};

#[path = "build/pack.rs"]
mod pack;

fn main() {
    let harness = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let root = Path::new(&harness).parent().expect("the workspace");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=src/suite");
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let files = pack::files(root).unwrap_or_else(|error| panic!("the suite cannot be read: {error}"));
    if release {
        // Folders too, or a file that is added would go unseen.
        for folder in ["cases", "expected"] {
            println!("cargo:rerun-if-changed={}", root.join(folder).display());
        }
        for (name, _) in files.iter().filter(|(name, _)| name.starts_with("adapters/")) {
            println!("cargo:rerun-if-changed={}", root.join(name).display());
        }
    }
    println!("cargo:rustc-env=LOCKSTEP_EMBEDDED={}", describe(&files));
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    // Speed rather than size where nobody ships the result.
    let packed = pack::pack(&files, if release { 9 } else { 1 });
    fs::write(Path::new(&out).join("suite.pack"), packed).expect("the build folder can be written");
}

/// The suite's version and size, for `--version`.
fn describe(files: &BTreeMap<String, Vec<u8>>) -> String {
    let version = files.get("cases/suite.yaml").map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
    let version = version.lines().find_map(|line| line.strip_prefix("version:")).unwrap_or("of no version").trim();
    let cases =
        files.keys().filter(|name| name.starts_with("cases/") && name.ends_with(".yaml") && *name != "cases/suite.yaml").count();
    format!("{version}, {cases} cases")
}
