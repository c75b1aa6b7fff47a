//! Lists `src/js/**/*.js` into a table, so that adding a builtin module needs no Rust.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("src/js");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut ids = Vec::new();
    collect(&root, &root, &mut ids);
    ids.sort();
    let mut table = String::from("pub(super) static SOURCES: &[(&str, &str)] = &[\n");
    for (id, path) in ids {
        writeln!(table, "    ({id:?}, include_str!({path:?})),").expect("a string takes everything");
    }
    table.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("sources.rs"), table).expect("the output directory is writable");
}

/// Adds the id (path without `.js`) and the absolute path of each file below `folder`.
fn collect(root: &Path, folder: &Path, ids: &mut Vec<(String, PathBuf)>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder).expect("the folder of builtin modules is readable") {
        let path = entry.expect("its entries too").path();
        if path.is_dir() {
            collect(root, &path, ids);
        } else if path.extension().is_some_and(|extension| extension == "js") {
            println!("cargo::rerun-if-changed={}", path.display());
            let relative = path.strip_prefix(root).expect("collected below the root").with_extension("");
            ids.push((relative.to_str().expect("module ids are ASCII").replace('\\', "/"), path));
        }
    }
}
