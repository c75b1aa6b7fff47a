//! What lies on top of a suite: overlays, which are folders of the same layout, and single files of recorded deviations. An implementer's
//! own, beside what everybody has.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    case::Case,
    deviation::{Deviation, DeviationKind},
    error::{SuiteError, nearest},
    load::Suite,
    read,
    tree::{Layer, Tree},
    yaml::Document,
};

impl Suite {
    /// Adds the deviations in `file`, which is named after its product as those in `expected/deviations/` are. They stand
    /// beside what is recorded already: together they are alternatives.
    ///
    /// # Errors
    /// If the file cannot be read, is no list of deviations, or names a case that this suite does not have.
    pub fn add_deviations(&mut self, file: &Path) -> Result<(), Vec<SuiteError>> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (Some(name), Some(product)) = (file.file_name(), file.file_stem()) else {
            return Err(vec![SuiteError::whole(file, "this is no file", "name a file of deviations, like mine/node.yaml")]);
        };
        let product = product.to_string_lossy().into_owned();
        let text = Tree::Folder(folder.into()).text(Path::new(name), file).map_err(|error| vec![error])?;
        let document = Document::scan(file.to_owned(), text).map_err(|error| vec![error])?;
        let mut read = read::read_deviations(&product, &document)?;
        check_cases(&document, &read, &self.cases)?;
        self.deviations.entry(product).or_default().append(&mut read);
        Ok(())
    }

    /// The folder that takes what a user adds: the topmost overlay, or the suite's own if it has one.
    pub fn own_folder(&self) -> Option<&Path> {
        self.layers.last().and_then(|layer| layer.tree.folder())
    }

    /// The folders on top of the suite, the topmost last.
    pub fn overlays(&self) -> impl Iterator<Item = &Path> {
        self.layers.iter().skip(1).filter_map(|layer| layer.tree.folder())
    }

    /// What messages call a file in [`Suite::own_folder`].
    pub fn own_name(&self, file: &Path) -> PathBuf {
        self.layers.last().map(|layer| layer.shown(file)).unwrap_or_default()
    }

    /// Reads one of this suite's files again; `shown` is what faults call it.
    pub(super) fn document(&self, shown: &Path) -> Result<Document, SuiteError> {
        let (layer, file) = self.layer_of(shown)?;
        Document::read(layer, file)
    }

    /// Where the file that faults call `shown` can be written.
    pub(super) fn path_of(&self, shown: &Path) -> Result<PathBuf, SuiteError> {
        let (layer, file) = self.layer_of(shown)?;
        layer.tree.folder().map(|root| root.join(file)).ok_or_else(|| {
            let remedy = "name a checkout with --suite DIR, or write your own into an overlay that lockstep.yaml names";
            SuiteError::whole(shown, "the suite inside of this binary cannot be changed", remedy)
        })
    }

    fn layer_of<'a>(&self, shown: &'a Path) -> Result<(&Layer, &'a Path), SuiteError> {
        let owner = self.layers.iter().rev().find_map(|layer| Some((layer, layer.own(shown)?)));
        owner.ok_or_else(|| SuiteError::whole(shown, "this is no file of the suite", "name one below `cases` or `expected`"))
    }
}

/// YAML right in an overlay's folder, which nothing reads, and overlays that are no folder.
pub(super) fn misplaced(layer: &Layer) -> Vec<SuiteError> {
    if !layer.is_overlay() {
        return vec![];
    }
    let here = layer.shown(Path::new(""));
    match layer.tree.entries(Path::new("")) {
        Ok(entries) => entries
            .into_iter()
            .filter(|entry| !entry.is_folder && (entry.name.ends_with(".yaml") || entry.name.ends_with(".yml")))
            .map(|entry| {
                let remedy = "put a case below `cases`, an expectation below `expected`, deviations into `expected/deviations`, a manifest into `adapters`";
                SuiteError::whole(here.join(entry.name), "an overlay's own folder holds no YAML", remedy)
            })
            .collect(),
        Err(error) => {
            let remedy = "make the folder, or take it out of `overlays`";
            vec![SuiteError::whole(here, format!("the overlay cannot be read: {error}"), remedy)]
        }
    }
}

/// What may stand in one place only: in the suite no untriaged entry, in an overlay no entry for a case that is not there.
pub(super) fn check_entries(
    layer: &Layer,
    document: &Document,
    entries: &[Deviation],
    cases: &[Arc<Case>],
) -> Result<(), Vec<SuiteError>> {
    if layer.is_overlay() {
        return check_cases(document, entries, cases);
    }
    let untriaged = entries.iter().enumerate().filter(|(_, entry)| entry.kind == DeviationKind::Untriaged);
    let errors: Vec<SuiteError> = untriaged
        .map(|(index, _)| {
            let remedy = "look into it and make it a bug, permitted or unsupported, or keep it in an overlay of your own";
            document.fault(&[index.into(), "kind".into()], "the suite itself holds nothing untriaged", remedy)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_cases(document: &Document, entries: &[Deviation], cases: &[Arc<Case>]) -> Result<(), Vec<SuiteError>> {
    let known = |id: &str| cases.iter().any(|case| case.id == id);
    let errors: Vec<SuiteError> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| !known(&entry.case))
        .map(|(index, entry)| {
            let near = nearest(&entry.case, cases.iter().map(|case| case.id.as_str()));
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let cause = format!("the deviation is of a case that is not there: {}", entry.case);
            let remedy = format!("{near}correct the id, or remove the entry; `lockstep list` shows all ids");
            document.fault(&[index.into(), "case".into()], cause, remedy)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
