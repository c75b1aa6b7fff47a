//! The packed form of a suite: all its files in one compressed piece. `suite::embedded` reads it.
//!
//! Uncompressed it is one record a file, sorted by name: the name's length, the name, the content's length, the content; lengths are
//! 32 bits, little-endian, names are relative to the suite's root and parted by `/`. Compressed it is a zlib stream.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The files that make a suite: YAML and JSON below `cases` and `expected`, and of `adapters` those that are not a runtime's own sources.
pub(crate) fn files(root: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for (folder, deep) in [("cases", true), ("expected", true), ("adapters", false)] {
        let mut open: Vec<PathBuf> = vec![folder.into()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(root.join(&folder))? {
                let entry = entry?;
                let path = folder.join(entry.file_name());
                let name = path.to_string_lossy().replace('\\', "/");
                if entry.file_name().to_string_lossy().starts_with('.') {
                    continue;
                }
                if entry.file_type()?.is_dir() {
                    if deep {
                        open.push(path);
                    }
                } else if name.ends_with(".yaml") || name.ends_with(".json") {
                    found.insert(name, fs::read(root.join(&path))?);
                }
            }
        }
    }
    Ok(found)
}

/// Packs `files`, at a level from 1, fast, to 9, small.
pub(crate) fn pack(files: &BTreeMap<String, Vec<u8>>, level: u8) -> Vec<u8> {
    let mut plain = Vec::new();
    for (name, content) in files {
        for part in [name.as_bytes(), content] {
            let length = u32::try_from(part.len()).expect("files of a suite are small");
            plain.extend_from_slice(&length.to_le_bytes());
            plain.extend_from_slice(part);
        }
    }
    miniz_oxide::deflate::compress_to_vec_zlib(&plain, level)
}
