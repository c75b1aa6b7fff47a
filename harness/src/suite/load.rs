//! A whole suite, read from its folder. Everything that is wrong with it is found, not only the first fault.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
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
    raw::RawSuite,
    read,
    yaml::Document,
};

/// Where recorded deviations stand, below the root.
const DEVIATIONS: &str = "expected/deviations";

/// Everything on disk, valid and consistent: each case has an expectation, and each feature it needs a probe.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The folder that holds `cases/`, `expected/` and `adapters/`.
    pub root: PathBuf,
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
        let mut errors = Vec::new();
        let version = keep(&mut errors, read_version(root));
        let manifests = read_manifests(root, &mut errors);
        let features = read_one(root, Path::new("adapters/features.yaml"), features::read);
        let features = keep(&mut errors, features);
        let files = Files::find(root, &mut errors);

        let none = Features::new();
        let known = features.as_ref().unwrap_or(&none);
        let mut cases: Vec<Arc<Case>> = Vec::with_capacity(files.cases.len());
        let mut expectations = BTreeMap::new();
        for read in files.cases.par_iter().map(|file| read_pair(root, file, known)).collect::<Vec<_>>() {
            if let Some((case, expectation)) = keep(&mut errors, read) {
                expectations.insert(case.id.clone(), expectation);
                cases.push(case);
            }
        }
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        errors.extend(alike(&files.cases));

        let mut deviations: BTreeMap<String, Vec<Deviation>> = BTreeMap::new();
        for file in &files.deviations {
            let product = stem(file);
            let read = read_one(root, file, |document| read::read_deviations(&product, document));
            deviations.insert(product.clone(), keep(&mut errors, read).unwrap_or_default());
        }
        match (version, features) {
            (Some(version), Some(features)) if errors.is_empty() => {
                let digest = digest::of_suite(&cases);
                Ok(Self { root: root.to_owned(), version, cases, expectations, deviations, digest, features, manifests })
            }
            _ => {
                // A feature file that cannot be read makes every need unknown; one fault says it.
                errors.sort();
                errors.dedup();
                Err(errors)
            }
        }
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

/// The files of a suite that are YAML, relative to its root.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// `cases/**`, without `cases/suite.yaml`.
    pub(super) cases: Vec<PathBuf>,
    /// `expected/**`, without the deviations.
    pub(super) expectations: Vec<PathBuf>,
    /// `expected/deviations/*`.
    pub(super) deviations: Vec<PathBuf>,
}

impl Files {
    /// Walks the two trees.
    pub(super) fn find(root: &Path, errors: &mut Vec<SuiteError>) -> Self {
        let mut files = Self::default();
        walk(root, Path::new("cases"), errors, &mut files.cases);
        walk(root, Path::new("expected"), errors, &mut files.expectations);
        files.cases.retain(|file| file != Path::new("cases/suite.yaml"));
        files.deviations = files.expectations.extract_if(.., |file| file.starts_with(DEVIATIONS)).collect();
        files
    }
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
fn walk(root: &Path, folder: &Path, errors: &mut Vec<SuiteError>, found: &mut Vec<PathBuf>) {
    let unreadable = |error: std::io::Error| {
        let remedy = "name the suite's folder, which holds `cases`, `expected` and `adapters`";
        SuiteError::whole(folder, format!("the folder cannot be read: {error}"), remedy)
    };
    let entries = match fs::read_dir(root.join(folder)).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(entries) => entries,
        Err(error) => return errors.push(unreadable(error)),
    };
    let mut entries: Vec<_> = entries.into_iter().map(|entry| (entry.file_name(), entry)).collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, entry) in entries {
        let path = folder.join(&name);
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(root, &path, errors, found);
        } else if name.ends_with(".yaml") {
            found.push(path);
        } else if name.ends_with(".yml") {
            errors.push(SuiteError::whole(path, "this file is not read, by its ending", "rename it to `.yaml`"));
        }
    }
}

fn stem(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Notes the errors and keeps the value.
fn keep<T>(errors: &mut Vec<SuiteError>, read: Result<T, Vec<SuiteError>>) -> Option<T> {
    read.map_err(|mut found| errors.append(&mut found)).ok()
}

fn read_one<T>(
    root: &Path,
    file: &Path,
    read: impl FnOnce(&Document) -> Result<T, Vec<SuiteError>>,
) -> Result<T, Vec<SuiteError>> {
    read(&Document::read(root, file).map_err(|error| vec![error])?)
}

/// Reads a case and its expectation, and seals them with their digest.
fn read_pair(root: &Path, file: &Path, features: &Features) -> Result<(Arc<Case>, Expectation), Vec<SuiteError>> {
    let id = id_of(file);
    let mut errors = Vec::new();
    let case = keep(&mut errors, read_one(root, file, |document| read::read_case(&id, document, features)));
    let expected = expectation_file(&id);
    let expectation = if root.join(&expected).symlink_metadata().is_ok() {
        keep(&mut errors, read_one(root, &expected, read::read_expectation))
    } else {
        let remedy = format!("write {}, or let `lockstep new` do so", expected.display());
        errors.push(SuiteError::whole(file, "the case has no expectation", remedy));
        None
    };
    match (case, expectation) {
        (Some(mut case), Some(expectation)) if errors.is_empty() => {
            case.digest = digest::of_case(&case, &expectation);
            Ok((Arc::new(case), expectation))
        }
        _ => Err(errors),
    }
}

fn read_version(root: &Path) -> Result<semver::Version, Vec<SuiteError>> {
    read_one(root, Path::new("cases/suite.yaml"), |document| {
        let raw: RawSuite = document.value().map_err(|error| vec![error])?;
        semver::Version::parse(&raw.version).map_err(|error| {
            let cause = format!("`{}` is no semantic version: {error}", raw.version);
            vec![document.fault(&["version".into()], cause, "write three numbers, like 0.1.0")]
        })
    })
}

fn read_manifests(root: &Path, errors: &mut Vec<SuiteError>) -> BTreeMap<String, Manifest> {
    let entries = match fs::read_dir(root.join("adapters")) {
        Ok(entries) => entries,
        Err(error) => {
            let remedy = "name the suite's folder, which holds `cases`, `expected` and `adapters`";
            errors.push(SuiteError::whole("adapters", format!("the folder cannot be read: {error}"), remedy));
            return BTreeMap::new();
        }
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| Path::new("adapters").join(entry.file_name()))
        .filter(|file| file.extension().is_some_and(|end| end == "yaml") && !file.ends_with("features.yaml"))
        .collect();
    files.sort();
    let read = files.iter().filter_map(|file| keep(errors, read_one(root, file, manifest::read)));
    let manifests: BTreeMap<String, Manifest> = read.map(|manifest| (manifest.name.clone(), manifest)).collect();
    if errors.is_empty() {
        errors.extend(manifest::check_owners(&manifests));
    }
    manifests
}

/// Ids that differ only in case: on some systems they are the same file.
fn alike(files: &[PathBuf]) -> Vec<SuiteError> {
    let mut seen: HashMap<String, &PathBuf> = HashMap::with_capacity(files.len());
    let mut errors = Vec::new();
    for file in files {
        if let Some(other) = seen.insert(file.to_string_lossy().to_lowercase(), file) {
            let cause = format!("the ids `{}` and `{}` differ only in case", id_of(other), id_of(file));
            errors.push(SuiteError::whole(file, cause, "rename one of the two; some systems cannot hold both"));
        }
    }
    errors
}
