//! The launch contract: what every program finds when it starts, on every runtime.
//!
//! * The working directory is the case's own and holds the entry (`main.cjs`, `main.mjs` or `main.js`), the case's files and its
//!   fixtures, and nothing else.
//! * Standard input is `/dev/null`, or a pipe if the case gives input; standard output and error are regular files outside the
//!   working directory, opened for append. Files and not pipes, because some runtimes lose what they wrote to a pipe when they exit.
//! * The environment is `PATH` fixed, `HOME` and `TMPDIR` private to the case, `DENO_DIR` private to the run, `TZ=UTC`,
//!   `NO_COLOR=1`, then what the manifest names, then what the case names. Nothing is inherited.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    process::make_empty_dir,
    suite::{Case, Fixture, Goal, Template},
};

/// The search path of every program.
pub const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What a program is made of, wherever it came from: a case, or a probe.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// How it is parsed.
    pub goal: Goal,
    /// Its text.
    pub text: &'a str,
    /// More files, by name.
    pub files: &'a BTreeMap<String, String>,
    /// Fixtures, by name.
    pub fixtures: &'a BTreeMap<String, Fixture>,
    /// Environment beside the contract's.
    pub env: &'a BTreeMap<String, String>,
    /// Arguments after the entry.
    pub args: &'a [String],
    /// Standard input.
    pub stdin: Option<&'a str>,
}

impl<'a> Program<'a> {
    /// The program of a case, parsed as `goal`.
    pub fn of_case(case: &'a Case, goal: Goal) -> Self {
        Self {
            goal,
            text: &case.program,
            files: &case.files,
            fixtures: &case.fixtures,
            env: &case.env,
            args: &case.args,
            stdin: case.stdin.as_deref(),
        }
    }
}

/// The folders and files of one launch, below a private folder.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The program's working directory.
    pub dir: PathBuf,
    /// Its `HOME`.
    pub home: PathBuf,
    /// Its `TMPDIR`.
    pub tmp: PathBuf,
    /// The file that is its standard output.
    pub stdout: PathBuf,
    /// The file that is its standard error.
    pub stderr: PathBuf,
}

impl Workspace {
    /// What it makes below its root, and what programs print to.
    pub const MADE: &[&str] = &["case", "home", "tmp", "stdout", "stderr"];

    /// Makes the folders below `root`, and writes the program, its files and its fixtures. `template` is the text around
    /// the program, for hosts that need one.
    ///
    /// # Errors
    /// What the system says; that is the harness's fault.
    pub fn prepare(root: &Path, program: &Program<'_>, template: Option<&Template>) -> io::Result<Self> {
        let space = Self {
            dir: root.join("case"),
            home: root.join("home"),
            tmp: root.join("tmp"),
            stdout: root.join("stdout"),
            stderr: root.join("stderr"),
        };
        for folder in [&space.dir, &space.home, &space.tmp] {
            make_empty_dir(folder)?;
        }
        let entry = space.dir.join(program.goal.entry());
        match template {
            Some(around) => fs::write(entry, around.fill(program.text))?,
            None => fs::write(entry, program.text)?,
        }
        for (name, text) in program.files {
            let file = space.dir.join(name);
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(file, text)?;
        }
        for (name, fixture) in program.fixtures {
            make_fixture(&space.dir.join(name), *fixture)?;
        }
        Ok(space)
    }

    /// The whole environment of the program.
    pub fn environment(
        &self,
        deno_dir: &Path,
        manifest: &BTreeMap<String, String>,
        case: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut env = BTreeMap::from([
            ("PATH".to_owned(), PATH.to_owned()),
            ("HOME".to_owned(), text(&self.home)),
            ("TMPDIR".to_owned(), text(&self.tmp)),
            ("DENO_DIR".to_owned(), text(deno_dir)),
            ("TZ".to_owned(), "UTC".to_owned()),
            ("NO_COLOR".to_owned(), "1".to_owned()),
        ]);
        for more in [manifest, case] {
            env.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        env
    }
}

#[cfg(unix)]
fn make_fixture(file: &Path, fixture: Fixture) -> io::Result<()> {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    match fixture {
        Fixture::Fifo => Ok(mknodat(CWD, file, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?),
    }
}

#[cfg(not(unix))]
fn make_fixture(file: &Path, fixture: Fixture) -> io::Result<()> {
    let what = format!("{}: this system has no fixture of kind {fixture}", file.display());
    Err(io::Error::new(io::ErrorKind::Unsupported, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program<'a>(files: &'a BTreeMap<String, String>, fixtures: &'a BTreeMap<String, Fixture>) -> Program<'a> {
        // The environment map is any empty one; the files map of the tests that need none serves.
        Program { goal: Goal::Esm, text: "x", files, fixtures, env: files, args: &[], stdin: None }
    }

    #[test]
    fn the_working_directory_holds_the_program_its_files_and_nothing_else() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let files = BTreeMap::from([("lib/a.mjs".to_owned(), "a".to_owned())]);
        let space = Workspace::prepare(root.path(), &program(&files, &BTreeMap::new()), None).expect("prepared");
        let mut names: Vec<_> =
            fs::read_dir(&space.dir).expect("listed").map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        assert_eq!(names, ["lib", "main.mjs"]);
        assert_eq!(fs::read_to_string(space.dir.join("lib/a.mjs")).expect("read"), "a");
    }

    #[cfg(unix)]
    #[test]
    fn a_fifo_is_a_fifo() {
        use std::os::unix::fs::FileTypeExt;
        let root = tempfile::tempdir().expect("a temporary folder");
        let none = BTreeMap::new();
        let fixtures = BTreeMap::from([("gate".to_owned(), Fixture::Fifo)]);
        let space = Workspace::prepare(root.path(), &program(&none, &fixtures), None).expect("prepared");
        assert!(space.dir.join("gate").symlink_metadata().expect("made").file_type().is_fifo());
    }

    #[test]
    fn the_case_has_the_last_word_on_the_environment_and_nothing_is_inherited() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let none = BTreeMap::new();
        let space = Workspace::prepare(root.path(), &program(&none, &BTreeMap::new()), None).expect("prepared");
        let one = |value: &str| BTreeMap::from([("TZ".to_owned(), value.to_owned())]);
        let env = space.environment(Path::new("d"), &one("A"), &one("B"));
        assert_eq!(env["TZ"], "B");
        let names: Vec<_> = env.keys().map(String::as_str).collect();
        assert_eq!(names, ["DENO_DIR", "HOME", "NO_COLOR", "PATH", "TMPDIR", "TZ"]);
    }
}
