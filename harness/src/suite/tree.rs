//! Where the files of a suite are: in a folder, or packed into this binary.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    embedded::{self, PackedFiles},
    error::SuiteError,
};

/// The largest file of a suite, in bytes. Programs are small; what is larger was not written by hand.
pub(super) const MAX_FILE: u64 = 1 << 20;

/// The files of a suite.
#[derive(Debug, Clone)]
pub enum Tree {
    /// The folder that holds `cases/`, `expected/` and `adapters/`.
    Folder(PathBuf),
    /// Files that are in memory; those of this binary, outside of tests.
    Packed(Arc<PackedFiles>),
}

/// One entry of a folder, by its name.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) is_folder: bool,
}

impl Tree {
    /// The suite that was packed into this binary; none if it was built without one.
    pub fn embedded() -> Option<Self> {
        let files = embedded::files();
        (!files.is_empty()).then_some(Self::Packed(files))
    }

    /// The folder, if it is one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(root) => Some(root),
            Self::Packed(_) => None,
        }
    }

    /// The content of a file in `adapters/`, if it is there.
    pub fn adapter_file(&self, name: &str) -> Option<String> {
        let file = Path::new("adapters").join(name);
        self.text(&file, &file).ok()
    }

    /// Whether `file`, relative to the root, is there.
    pub(super) fn holds(&self, file: &Path) -> bool {
        match self {
            Self::Folder(root) => root.join(file).symlink_metadata().is_ok(),
            Self::Packed(files) => files.contains_key(&key(file)),
        }
    }

    /// What stands in `folder`, sorted by name. Links to folders count as files.
    pub(super) fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        match self {
            Self::Folder(root) => {
                let entries = fs::read_dir(root.join(folder))?.collect::<Result<Vec<_>, _>>()?;
                let entries = entries.into_iter().map(|entry| Entry {
                    name: entry.file_name().to_string_lossy().into_owned(),
                    is_folder: entry.file_type().is_ok_and(|kind| kind.is_dir()),
                });
                let mut entries: Vec<Entry> = entries.collect();
                entries.sort_by(|a, b| a.name.cmp(&b.name));
                Ok(entries)
            }
            Self::Packed(files) => {
                let prefix = format!("{}/", key(folder));
                let mut entries: Vec<Entry> = Vec::new();
                for name in files.range(prefix.clone()..).map(|(name, _)| name).take_while(|name| name.starts_with(&prefix)) {
                    let (name, is_folder) = match name[prefix.len()..].split_once('/') {
                        Some((folder, _)) => (folder, true),
                        None => (&name[prefix.len()..], false),
                    };
                    if entries.last().is_none_or(|last| last.name != name) {
                        entries.push(Entry { name: name.to_owned(), is_folder });
                    }
                }
                if entries.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(entries) }
            }
        }
    }

    /// The content of `file`, relative to the root, as text; `shown` is what faults call it.
    pub(super) fn text(&self, file: &Path, shown: &Path) -> Result<String, SuiteError> {
        match self {
            Self::Folder(root) => read_text(&root.join(file), shown),
            Self::Packed(files) => {
                files.get(&key(file)).cloned().ok_or_else(|| unreadable(shown, &io::ErrorKind::NotFound.into()))
            }
        }
    }
}

/// A path as a packed suite names it.
fn key(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn unreadable(shown: &Path, error: &io::Error) -> SuiteError {
    SuiteError::whole(shown, format!("the file cannot be read: {error}"), "make it a readable file, or remove it")
}

/// The content of a file, as text. No more than [`MAX_FILE`] bytes are ever read.
pub(super) fn read_text(path: &Path, shown: &Path) -> Result<String, SuiteError> {
    let unreadable = |error: io::Error| unreadable(shown, &error);
    let opened = File::open(path).map_err(unreadable)?;
    let meta = opened.metadata().map_err(unreadable)?;
    if !meta.is_file() {
        return Err(SuiteError::whole(shown, "this is no regular file", "replace it by a file"));
    }
    let too_large = || {
        SuiteError::whole(
            shown,
            format!("the file is larger than {} KiB", MAX_FILE >> 10),
            "split the case, or let the program make its data itself",
        )
    };
    if meta.len() > MAX_FILE {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0) + 1);
    // It may grow between the look and the reading, so the reading is bounded as well.
    opened.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large());
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(SuiteError::whole(shown, "the file begins with a byte-order mark", "save it as UTF-8 without one"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line_start = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        SuiteError {
            file: shown.to_owned(),
            line: good.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: String::from_utf8_lossy(&good[line_start..]).chars().count() + 1,
            cause: "these bytes are no UTF-8".to_owned(),
            remedy: "save the file as UTF-8".to_owned(),
        }
    })
}

/// One part of a suite: the suite itself, or an overlay on top of it.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) tree: Tree,
    /// What faults put before a file's name: nothing for the suite itself, whose files are named from its root, and an overlay's folder.
    prefix: PathBuf,
}

impl Layer {
    /// The suite itself.
    pub(super) fn base(tree: Tree) -> Self {
        Self { tree, prefix: PathBuf::new() }
    }

    /// The overlay in `folder`.
    pub(super) fn overlay(folder: &Path) -> Self {
        Self { tree: Tree::Folder(folder.into()), prefix: folder.into() }
    }

    /// Whether it lies on top of a suite.
    pub(super) fn is_overlay(&self) -> bool {
        !self.prefix.as_os_str().is_empty()
    }

    /// What `file`, relative to the root, is called in faults.
    pub(super) fn shown(&self, file: &Path) -> PathBuf {
        self.prefix.join(file)
    }

    /// The file that is called `shown`, relative to this layer's root, if it is of this layer.
    pub(super) fn own<'a>(&self, shown: &'a Path) -> Option<&'a Path> {
        let file = shown.strip_prefix(&self.prefix).ok()?;
        ["cases", "expected", "adapters"].iter().any(|folder| file.starts_with(folder)).then_some(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_tree_lists_as_a_folder_does() {
        let names = ["adapters/a.yaml", "cases/a.yaml", "cases/b/c/d.yaml", "cases/b/e.yaml", "cases/f.yaml"];
        let packed = Tree::Packed(Arc::new(names.iter().map(|name| ((*name).to_owned(), String::new())).collect()));
        let folder = tempfile::tempdir().expect("a folder");
        for name in names {
            fs::create_dir_all(folder.path().join(name).parent().expect("a folder")).expect("made");
            fs::write(folder.path().join(name), "").expect("written");
        }
        let folder = Tree::Folder(folder.path().into());
        for tree in [&packed, &folder] {
            let list = |of: &str| -> Vec<(String, bool)> {
                let entries = tree.entries(Path::new(of)).expect(of);
                entries.into_iter().map(|entry| (entry.name, entry.is_folder)).collect()
            };
            assert_eq!(list("cases"), [("a.yaml".into(), false), ("b".into(), true), ("f.yaml".into(), false)]);
            assert_eq!(list("cases/b"), [("c".into(), true), ("e.yaml".into(), false)]);
            assert!(tree.entries(Path::new("expected")).is_err());
            assert!(tree.holds(Path::new("cases/b/e.yaml")) && !tree.holds(Path::new("cases/b/x.yaml")));
        }
    }

    #[test]
    fn a_layer_knows_its_own_files() {
        let (base, overlay) = (Layer::base(Tree::Folder("/suite".into())), Layer::overlay(Path::new("../mine")));
        assert_eq!(overlay.shown(Path::new("cases/a.yaml")), Path::new("../mine/cases/a.yaml"));
        assert_eq!(overlay.own(Path::new("../mine/cases/a.yaml")), Some(Path::new("cases/a.yaml")));
        assert_eq!(overlay.own(Path::new("cases/a.yaml")), None);
        assert_eq!(base.own(Path::new("cases/a.yaml")), Some(Path::new("cases/a.yaml")));
        assert_eq!(base.own(Path::new("../mine/cases/a.yaml")), None);
    }
}
