//! A whole suite, read from its folder or from this binary, with overlays on top of it. Everything that is wrong is found, not only the
//! first fault.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    case::Case,
    deviation::Deviation,
    digest,
    error::SuiteError,
    expectation::Expectation,
    features::{self, Features},
    manifest::{self, Manifest},
    overlay,
    raw::RawSuite,
    read,
    tree::{Layer, Tree},
    yaml::Document,
};

/// Where recorded deviations stand, below the root.
const DEVIATIONS: &str = "expected/deviations";

/// Everything on disk, valid and consistent: each case has an expectation, and each feature it needs a probe.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The suite itself, then the overlays on top of it.
    pub(super) layers: Vec<Layer>,
    /// The suite's own version.
    pub version: semver::Version,
    /// The cases, sorted by id.
    pub cases: Vec<Arc<Case>>,
    /// What each may print, by id; every case has an entry, and an orphan may have one too.
    pub expectations: BTreeMap<String, Expectation>,
    /// Recorded deviations by product, in the order they stand in.
    pub deviations: BTreeMap<String, Vec<Deviation>>,
    /// Digest of what all cases mean. 16 hexadecimal digits.
    pub digest: String,
    /// How a runtime is asked for the features that cases need.
    pub features: Features,
    /// Adapters by name.
    pub manifests: BTreeMap<String, Manifest>,
}

impl Suite {
    /// Reads the suite at `root`.
    ///
    /// # Errors
    /// Every fault found, sorted by file and position. Owner: the suite; or the user, if there is no suite at `root`.
    pub fn load(root: &Path) -> Result<Self, Vec<SuiteError>> {
        Self::of(&Tree::Folder(root.into()), &[])
    }

    /// Reads the suite in `base` with the overlays, folders of the same layout, on top of it: a file of a later one stands in for the same
    /// file of an earlier one, but recorded deviations and features are added to what is there.
    ///
    /// # Errors
    /// As [`Suite::load`]; the owner of what is wrong in an overlay is the user.
    pub fn of(base: &Tree, overlays: &[PathBuf]) -> Result<Self, Vec<SuiteError>> {
        let layers = layers(base, overlays);
        let mut errors: Vec<SuiteError> = layers.iter().flat_map(overlay::misplaced).collect();
        let version = keep(&mut errors, read_version(&layers[0]));
        let manifests = read_manifests(&layers, &mut errors);
        let features = keep(&mut errors, read_features(&layers));
        let files = Files::find(&layers, &mut errors);

        let none = Features::new();
        let known = features.as_ref().unwrap_or(&none);
        let mut cases: Vec<Arc<Case>> = Vec::with_capacity(files.cases.len());
        let mut expectations = BTreeMap::new();
        for read in files.cases.par_iter().map(|file| read_pair(&layers, file, known)).collect::<Vec<_>>() {
            if let Some((case, expectation)) = keep(&mut errors, read) {
                expectations.insert(case.id.clone(), expectation);
                cases.push(case);
            }
        }
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        errors.extend(alike(&layers, &files.cases));

        let mut deviations: BTreeMap<String, Vec<Deviation>> = BTreeMap::new();
        for file in &files.deviations {
            let product = stem(&file.file);
            let layer = &layers[file.layer];
            let read = read_one(layer, &file.file, |document| {
                let entries = read::read_deviations(&product, document)?;
                overlay::check_entries(layer, document, &entries, &cases)?;
                Ok(entries)
            });
            deviations.entry(product).or_default().extend(keep(&mut errors, read).unwrap_or_default());
        }
        match (version, features) {
            (Some(version), Some(features)) if errors.is_empty() => {
                let digest = digest::of_suite(&cases);
                Ok(Self { layers, version, cases, expectations, deviations, digest, features, manifests })
            }
            _ => {
                // A feature file that cannot be read makes every need unknown; one fault says it.
                errors.sort();
                errors.dedup();
                Err(errors)
            }
        }
    }

    /// The suite itself, without overlays.
    pub fn base(&self) -> &Tree {
        &self.layers[0].tree
    }

    /// The case with this id.
    pub fn case(&self, id: &str) -> Option<&Arc<Case>> {
        let at = self.cases.binary_search_by(|case| case.id.as_str().cmp(id)).ok()?;
        Some(&self.cases[at])
    }

    /// What the program of `case` may print and how it may end.
    ///
    /// # Panics
    /// If the case is not of this suite.
    pub fn expectation(&self, case: &Case) -> &Expectation {
        &self.expectations[&case.id]
    }

    /// The recorded deviations of `product` in the case `id`.
    pub fn deviations_of<'a>(&'a self, product: &str, id: &'a str) -> impl Iterator<Item = &'a Deviation> {
        self.deviations.get(product).into_iter().flatten().filter(move |deviation| deviation.case == id)
    }
}

/// A file of a suite, and the layer that has the last word on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// Index of the layer.
    pub(super) layer: usize,
    /// The file, relative to the layer's root.
    pub(super) file: PathBuf,
}

/// The files of a suite that are YAML.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// `cases/**`, without `cases/suite.yaml`; of each id one.
    pub(super) cases: Vec<Placed>,
    /// `expected/**`, without the deviations; of each id one.
    pub(super) expectations: Vec<Placed>,
    /// `expected/deviations/*` of every layer.
    pub(super) deviations: Vec<Placed>,
}

impl Files {
    /// Walks the two trees of every layer.
    pub(super) fn find(layers: &[Layer], errors: &mut Vec<SuiteError>) -> Self {
        let mut files = Self::default();
        let mut cases = BTreeMap::new();
        let mut expectations = BTreeMap::new();
        for (index, layer) in layers.iter().enumerate() {
            let found = walk(layer, Path::new("cases"), errors).into_iter();
            cases.extend(found.filter(|file| file != Path::new("cases/suite.yaml")).map(|file| (file, index)));
            for file in walk(layer, Path::new("expected"), errors) {
                if file.starts_with(DEVIATIONS) {
                    files.deviations.push(Placed { layer: index, file });
                } else {
                    expectations.insert(file, index);
                }
            }
        }
        let placed = |found: BTreeMap<PathBuf, usize>| found.into_iter().map(|(file, layer)| Placed { layer, file }).collect();
        files.cases = placed(cases);
        files.expectations = placed(expectations);
        files
    }
}

/// The suite's layer and those of its overlays.
pub(super) fn layers(base: &Tree, overlays: &[PathBuf]) -> Vec<Layer> {
    let overlays = overlays.iter().map(|folder| Layer::overlay(folder));
    [Layer::base(base.clone())].into_iter().chain(overlays).collect()
}

/// The id of a file in one of the two trees: its path in it, without `.yaml`.
pub(super) fn id_of(file: &Path) -> String {
    let parts = file.iter().skip(1).map(|part| part.to_string_lossy());
    let path = parts.collect::<Vec<_>>().join("/");
    path.strip_suffix(".yaml").unwrap_or(&path).to_owned()
}

/// The expectation's file for the case `id`.
pub(super) fn expectation_file(id: &str) -> PathBuf {
    PathBuf::from(format!("expected/{id}.yaml"))
}

/// Collects the `.yaml` files below `folder`, sorted. Hidden ones are none of ours, and links to folders are not followed.
fn walk(layer: &Layer, folder: &Path, errors: &mut Vec<SuiteError>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk_into(layer, folder, errors, &mut found);
    found
}

fn walk_into(layer: &Layer, folder: &Path, errors: &mut Vec<SuiteError>, found: &mut Vec<PathBuf>) {
    let entries = match layer.tree.entries(folder) {
        Ok(entries) => entries,
        // An overlay holds what it has to say, and no more.
        Err(error) if layer.is_overlay() && error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => return errors.push(no_folder(layer, folder, &error)),
    };
    for entry in entries {
        let path = folder.join(&entry.name);
        if entry.name.starts_with('.') {
            continue;
        }
        if entry.is_folder {
            walk_into(layer, &path, errors, found);
        } else if entry.name.ends_with(".yaml") {
            found.push(path);
        } else if entry.name.ends_with(".yml") {
            errors.push(SuiteError::whole(layer.shown(&path), "this file is not read, by its ending", "rename it to `.yaml`"));
        }
    }
}

fn no_folder(layer: &Layer, folder: &Path, error: &std::io::Error) -> SuiteError {
    let remedy = "name the suite's folder, which holds `cases`, `expected` and `adapters`";
    SuiteError::whole(layer.shown(folder), format!("the folder cannot be read: {error}"), remedy)
}

fn stem(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Notes the errors and keeps the value.
fn keep<T>(errors: &mut Vec<SuiteError>, read: Result<T, Vec<SuiteError>>) -> Option<T> {
    read.map_err(|mut found| errors.append(&mut found)).ok()
}

fn read_one<T>(
    layer: &Layer,
    file: &Path,
    read: impl FnOnce(&Document) -> Result<T, Vec<SuiteError>>,
) -> Result<T, Vec<SuiteError>> {
    read(&Document::read(layer, file).map_err(|error| vec![error])?)
}

/// Reads a case and its expectation, and seals them with their digest.
fn read_pair(layers: &[Layer], placed: &Placed, features: &Features) -> Result<(Arc<Case>, Expectation), Vec<SuiteError>> {
    let id = id_of(&placed.file);
    let layer = &layers[placed.layer];
    let mut errors = Vec::new();
    let case = keep(&mut errors, read_one(layer, &placed.file, |document| read::read_case(&id, document, features)));
    let expected = expectation_file(&id);
    let expectation = match layers.iter().rev().find(|layer| layer.tree.holds(&expected)) {
        Some(layer) => keep(&mut errors, read_one(layer, &expected, read::read_expectation)),
        None => {
            let remedy = format!("write {}, or let `lockstep new` do so", layer.shown(&expected).display());
            errors.push(SuiteError::whole(layer.shown(&placed.file), "the case has no expectation", remedy));
            None
        }
    };
    match (case, expectation) {
        (Some(mut case), Some(expectation)) if errors.is_empty() => {
            case.digest = digest::of_case(&case, &expectation);
            Ok((Arc::new(case), expectation))
        }
        _ => Err(errors),
    }
}

fn read_version(layer: &Layer) -> Result<semver::Version, Vec<SuiteError>> {
    read_one(layer, Path::new("cases/suite.yaml"), |document| {
        let raw: RawSuite = document.value().map_err(|error| vec![error])?;
        semver::Version::parse(&raw.version).map_err(|error| {
            let cause = format!("`{}` is no semantic version: {error}", raw.version);
            vec![document.fault(&["version".into()], cause, "write three numbers, like 0.1.0")]
        })
    })
}

/// The features of the suite, and those that overlays add or ask for in another way.
fn read_features(layers: &[Layer]) -> Result<Features, Vec<SuiteError>> {
    let file = Path::new("adapters/features.yaml");
    let mut all = Features::new();
    let mut errors = Vec::new();
    for layer in layers.iter().filter(|layer| !layer.is_overlay() || layer.tree.holds(file)) {
        all.extend(keep(&mut errors, read_one(layer, file, features::read)).unwrap_or_default());
    }
    if errors.is_empty() { Ok(all) } else { Err(errors) }
}

fn read_manifests(layers: &[Layer], errors: &mut Vec<SuiteError>) -> BTreeMap<String, Manifest> {
    let mut files: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for (index, layer) in layers.iter().enumerate() {
        match layer.tree.entries(Path::new("adapters")) {
            Ok(entries) => {
                let manifests = entries.into_iter().filter(|entry| !entry.is_folder && entry.name != "features.yaml");
                let manifests = manifests.map(|entry| Path::new("adapters").join(entry.name));
                files
                    .extend(manifests.filter(|file| file.extension().is_some_and(|end| end == "yaml")).map(|file| (file, index)));
            }
            Err(_) if layer.is_overlay() => {}
            Err(error) => errors.push(no_folder(layer, Path::new("adapters"), &error)),
        }
    }
    let before = errors.len();
    let read = files.iter().filter_map(|(file, layer)| keep(errors, read_one(&layers[*layer], file, manifest::read)));
    let manifests: BTreeMap<String, Manifest> = read.map(|manifest| (manifest.name.clone(), manifest)).collect();
    if errors.len() == before {
        errors.extend(manifest::check_owners(&manifests));
    }
    manifests
}

/// Ids that differ only in case: on some systems they are the same file.
fn alike(layers: &[Layer], files: &[Placed]) -> Vec<SuiteError> {
    let mut seen: HashMap<String, &Path> = HashMap::with_capacity(files.len());
    let mut errors = Vec::new();
    for Placed { layer, file } in files {
        if let Some(other) = seen.insert(file.to_string_lossy().to_lowercase(), file) {
            let cause = format!("the ids `{}` and `{}` differ only in case", id_of(other), id_of(file));
            let remedy = "rename one of the two; some systems cannot hold both";
            errors.push(SuiteError::whole(layers[*layer].shown(file), cause, remedy));
        }
    }
    errors
}
