//! The project file's part in commands: finding it, and completing what the command line leaves open. What is typed always wins.

use std::{
    env,
    path::{Component, Path, PathBuf},
};

use super::{Failure, args::RunArgs};
use crate::{
    adapter::{RuntimeSpec, Source, SpecError},
    suite::{
        Project, SuiteError, Tree,
        project::{EMBEDDED, FILE},
    },
};

/// The project that a command runs in, if there is one.
#[derive(Debug, Default)]
pub struct Setting {
    project: Option<Project>,
    runtimes: Vec<RuntimeSpec>,
}

impl Setting {
    /// Finds `lockstep.yaml` in the working directory or the nearest folder above; `LOCKSTEP_PROJECT` names another file, or `none`.
    ///
    /// # Errors
    /// If the file has faults; all of them are said.
    pub fn find() -> Result<Self, Failure> {
        let file = match env::var_os("LOCKSTEP_PROJECT").filter(|value| !value.is_empty()) {
            Some(none) if none == "none" => None,
            Some(named) => Some(PathBuf::from(named)),
            None => nearest_file(&env::current_dir().map_err(Failure::harness("cannot tell the working directory"))?),
        };
        match file {
            Some(file) => Self::read(&file),
            None => Ok(Self::default()),
        }
    }

    fn read(file: &Path) -> Result<Self, Failure> {
        let project = Project::read(file).map_err(Failure::Project)?;
        let mut errors = Vec::new();
        let mut runtimes: Vec<RuntimeSpec> = Vec::with_capacity(project.runtimes.len());
        for written in &project.runtimes {
            let fault = |cause: String, remedy: &str| SuiteError {
                file: project.file.clone(),
                line: written.line,
                column: written.column,
                cause,
                remedy: remedy.into(),
            };
            match written.text.parse::<RuntimeSpec>().map_err(|error: SpecError| error.to_string()) {
                Ok(spec) if runtimes.iter().any(|other| other.name == spec.name) => {
                    errors.push(fault(
                        format!("two runtimes are named `{}`", spec.name),
                        "name one of them anew, as in MYNAME=ADAPTER:COMMAND",
                    ));
                }
                Ok(spec) => runtimes.push(from_folder(spec, project.folder())),
                Err(text) => {
                    let (cause, remedy) =
                        text.split_once("; ").unwrap_or((&text, "write NAME, NAME@VERSION or MYNAME=ADAPTER:COMMAND"));
                    errors.push(fault(cause.into(), remedy));
                }
            }
        }
        if errors.is_empty() { Ok(Self { project: Some(project), runtimes }) } else { Err(Failure::Project(errors)) }
    }

    /// The file, if there is one.
    pub fn project(&self) -> Option<&Project> {
        self.project.as_ref()
    }

    /// What the project puts on top of the suite, the topmost last.
    pub fn overlays(&self) -> &[PathBuf] {
        self.project.as_ref().map_or(&[], |project| &project.overlays)
    }

    /// The baseline that the project names.
    pub fn baseline(&self) -> Option<&Path> {
        self.project.as_ref()?.baseline.as_deref()
    }

    /// A runtime as it was typed, or what the project means by that name.
    pub fn meant(&self, spec: &RuntimeSpec) -> RuntimeSpec {
        let own = self.runtimes.iter().find(|own| spec.source == Source::Located && own.name == spec.name);
        own.unwrap_or(spec).clone()
    }

    /// The runtimes that were typed, or else those of the project.
    pub fn runtimes(&self, typed: &[RuntimeSpec]) -> Vec<RuntimeSpec> {
        if typed.is_empty() { self.runtimes.clone() } else { typed.iter().map(|spec| self.meant(spec)).collect() }
    }

    /// What was typed, with the project's word where nothing was.
    pub fn complete(&self, typed: &RunArgs) -> RunArgs {
        let mut args = typed.clone();
        args.runtimes.runtime = self.runtimes(&typed.runtimes.runtime);
        if let Some(project) = &self.project {
            if args.select.filters.is_empty() && args.select.exact.is_empty() {
                args.select.filters.clone_from(&project.filters);
            }
            args.jobs = args.jobs.or(project.jobs);
            args.runtimes.timeout_scale = args.runtimes.timeout_scale.or(project.timeout_scale);
        }
        args
    }

    /// Where the suite is: the folder named, or `LOCKSTEP_SUITE`, or what the project names, or the nearest checkout above the working
    /// directory, or the one inside of this binary.
    ///
    /// # Errors
    /// If what is named is no suite, or there is none at all.
    pub fn suite_tree(&self, named: Option<&Path>) -> Result<Tree, Failure> {
        let variable = || env::var_os("LOCKSTEP_SUITE").filter(|value| !value.is_empty()).map(PathBuf::from);
        let of_project = || self.project.as_ref().and_then(|project| project.suite.clone());
        if let Some(folder) = named.map(Path::to_path_buf).or_else(variable).or_else(of_project) {
            if folder == Path::new(EMBEDDED) && !folder.is_dir() {
                return Tree::embedded().ok_or_else(|| {
                    Failure::Usage("this binary was built without a suite; name a checkout with --suite DIR".into())
                });
            }
            return match is_suite(&folder) {
                true => Ok(Tree::Folder(folder)),
                false => Err(Failure::Usage(format!(
                    "{} is no suite: it has no `cases` and `expected` folder in it",
                    folder.display()
                ))),
            };
        }
        let here = env::current_dir().map_err(Failure::harness("cannot tell the working directory"))?;
        // A build that is no release may hold a suite that was changed since; its checkout is at hand.
        let built_in = if cfg!(debug_assertions) { Path::new(env!("CARGO_MANIFEST_DIR")).parent() } else { None };
        if let Some(folder) = here.ancestors().chain(built_in).find(|folder| is_suite(folder)) {
            return Ok(Tree::Folder(folder.into()));
        }
        Tree::embedded().ok_or_else(|| {
            Failure::Usage("there is no suite here: no folder above the working directory has `cases` and `expected` in it, and this binary was built without one; name one with --suite DIR".into())
        })
    }
}

fn is_suite(folder: &Path) -> bool {
    folder.join("cases").is_dir() && folder.join("expected").is_dir()
}

/// The project file in `here` or the nearest folder above, relative to `here`, so that messages stay short.
fn nearest_file(here: &Path) -> Option<PathBuf> {
    let above = (0..here.components().count()).map(|steps| std::iter::repeat_n("..", steps).collect::<PathBuf>());
    above.map(|folder| folder.join(FILE)).find(|file| here.join(file).is_file())
}

/// The runtime with relative paths, which the file's author wrote from the file's folder, made relative to the working directory.
fn from_folder(spec: RuntimeSpec, folder: &Path) -> RuntimeSpec {
    let Source::Command(words) = spec.source else { return spec };
    if folder.as_os_str().is_empty() {
        return RuntimeSpec { source: Source::Command(words), ..spec };
    }
    let moved = words.into_iter().enumerate().map(|(index, word)| {
        let (before, path) = match word.split_once('=') {
            Some((flag, path)) if flag.starts_with('-') => (format!("{flag}="), path),
            _ => (String::new(), word.as_str()),
        };
        let dotted = matches!(Path::new(path).components().next(), Some(Component::CurDir | Component::ParentDir));
        let binary = index == 0 && path.contains('/') && !path.starts_with('/');
        if dotted || binary { format!("{before}{}", folder.join(path).display()) } else { word }
    });
    RuntimeSpec { source: Source::Command(moved.collect()), ..spec }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_commands_start_from_the_files_folder() {
        let spec = |text: &str| text.parse::<RuntimeSpec>().unwrap_or_else(|error| panic!("{error}"));
        let moved = |text: &str| from_folder(spec(text), Path::new("..")).to_string();
        assert_eq!(
            moved("dev=node:./out/node --require=./a.cjs ./b --flag x/y"),
            "dev=node:.././out/node --require=.././a.cjs .././b --flag x/y"
        );
        assert_eq!(moved("dev=node:out/node"), "dev=node:../out/node");
        assert_eq!(moved("dev=node:/abs/node"), "dev=node:/abs/node");
        assert_eq!(moved("dev=node:node"), "dev=node:node");
        assert_eq!(moved("node@20.20.2"), "node@20.20.2");
        assert_eq!(from_folder(spec("dev=node:./node"), Path::new("")).to_string(), "dev=node:./node");
    }

    #[test]
    fn the_nearest_file_is_found_and_named_from_here() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).expect("made");
        std::fs::write(folder.path().join("a").join(FILE), "{}\n").expect("written");
        assert_eq!(nearest_file(&deep), Some(PathBuf::from("../lockstep.yaml")));
        assert_eq!(nearest_file(&folder.path().join("a")), Some(PathBuf::from("lockstep.yaml")));
    }
}
