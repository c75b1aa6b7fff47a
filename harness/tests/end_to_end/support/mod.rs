//! Tiny suites in temporary folders, and the real binary run over them.
//!
//! A [`Place`] is a folder with a suite, a `bin` folder that is first on `PATH`, a `tmp` folder that is the run's `TMPDIR`, and room
//! for what programs write elsewhere. Everything a run starts has that folder in its command line, environment or working directory, so
//! that what is left of it can be counted.

mod case;
mod outcome;
mod snapshot;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

pub(crate) use case::Case;
pub(crate) use outcome::{Outcome, Verdicts, verdicts};

use crate::locate::hostile;

/// The manifest of the fake runtime that is started once a case.
const FAKE: &str = "name: fake
kind: process
profiles: [ecma, node]
goals: [cjs]
locate: { env: LOCKSTEP_FAKE }
product: \"['fake', '1.0.0']\"
run: { cjs: ['{args}', main.cjs] }
";

/// The manifest of the fake worker.
const WORKSHOP: &str = "name: workshop
kind: worker
profiles: [ecma, node]
goals: [cjs]
worker: []
";

/// Two features; which of them a fake runtime has, it says by [`probe`].
const FEATURES: &str = "features:
  wheel: { expression: \"true\" }
  hoverboard: { expression: \"false\" }
";

/// A suite in a temporary folder, and everything around it.
#[derive(Debug)]
pub(crate) struct Place {
    base: tempfile::TempDir,
}

impl Place {
    /// A suite without cases, with the manifests `fake` and `workshop`.
    pub(crate) fn new() -> Self {
        let place = Self { base: tempfile::tempdir().expect("a directory") };
        for folder in ["suite/cases", "suite/expected/deviations", "suite/adapters", "bin", "tmp", "out"] {
            fs::create_dir_all(place.path(folder)).expect("a directory");
        }
        place.write("suite/cases/suite.yaml", "version: 1.2.3\n");
        place.write("suite/adapters/features.yaml", FEATURES);
        place.write("suite/adapters/fake.yaml", FAKE);
        place.write("suite/adapters/workshop.yaml", WORKSHOP);
        symlink(hostile(), place.path("bin/hostile")).expect("a link");
        place
    }

    /// One with these cases.
    pub(crate) fn with(cases: impl IntoIterator<Item = Case>) -> Self {
        let place = Self::new();
        cases.into_iter().for_each(|case| place.add(&case));
        place
    }

    /// A path below the place, whether there is anything or not.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.base.path().join(name)
    }

    /// The same as text, for command lines.
    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("temporary folders have plain names").to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is below the place")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes an executable file into the folder that is first on `PATH`.
    pub(crate) fn program(&self, name: &str, text: &str) {
        self.write(&format!("bin/{name}"), text);
        fs::set_permissions(self.path(&format!("bin/{name}")), PermissionsExt::from_mode(0o755)).expect("ours");
    }

    /// Adds a case and its expectation.
    pub(crate) fn add(&self, case: &Case) {
        self.write(&format!("suite/cases/{}.yaml", case.id()), &case.file());
        self.write(&format!("suite/expected/{}.yaml", case.id()), &case.expectation());
    }

    /// Sets the recorded deviations of a product.
    pub(crate) fn deviations(&self, product: &str, text: &str) {
        self.write(&format!("suite/expected/deviations/{product}.yaml"), text);
    }

    /// `lockstep` with these arguments, in the suite's folder, with nothing of the environment of the tests.
    pub(crate) fn lockstep(&self, args: &[&str]) -> Command {
        // A signal that the tests were started to ignore, as under nohup, would stay ignored.
        let mut command = Command::new("/usr/bin/env");
        command.args(["--default-signal=INT,TERM,HUP", env!("CARGO_BIN_EXE_lockstep")]);
        command.args(args).current_dir(self.path("suite")).env_clear().stdin(Stdio::null());
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.text("bin")));
        command.env("HOME", self.path("out")).env("TMPDIR", self.path("tmp"));
        command
    }

    /// Runs `lockstep` to its end; nothing of it may be left then.
    pub(crate) fn run(&self, args: &[&str]) -> Outcome {
        self.run_command(&mut self.lockstep(args))
    }

    /// The same for a command that was changed.
    pub(crate) fn run_command(&self, command: &mut Command) -> Outcome {
        let outcome = Outcome::of(command.output().expect("the binary"));
        self.assert_clean(&outcome);
        outcome
    }

    /// Starts `lockstep` with its output in files, to be signalled.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        let file = |name: &str| fs::File::create(self.path(name)).expect("a file");
        self.lockstep(args).stdout(file("out/stdout")).stderr(file("out/stderr")).spawn().expect("the binary")
    }

    /// Waits for one that was started.
    pub(crate) fn wait(&self, mut child: Child) -> Outcome {
        let status = child.wait().expect("our child");
        let outcome = Outcome { status, stdout: self.read("out/stdout"), stderr: self.read("out/stderr") };
        self.assert_clean(&outcome);
        outcome
    }

    /// No process of a run, and no file of its own.
    fn assert_clean(&self, outcome: &Outcome) {
        assert_eq!(self.survivors(), Vec::<String>::new(), "processes are left\n{outcome}");
        let left: Vec<_> = fs::read_dir(self.path("tmp")).expect("a directory").collect();
        assert!(left.is_empty(), "temporary files are left: {left:?}\n{outcome}");
    }

    /// The command lines of living processes that have this place in their command line, environment or working directory.
    pub(crate) fn survivors(&self) -> Vec<String> {
        let base = self.base.path().as_os_str().as_encoded_bytes();
        let holds = |bytes: &[u8]| bytes.windows(base.len()).any(|window| window == base);
        let belongs = |process: &Path| {
            let read = |file: &str| fs::read(process.join(file)).unwrap_or_default();
            let directory = fs::read_link(process.join("cwd")).unwrap_or_default();
            holds(&read("cmdline")) || holds(&read("environ")) || directory.starts_with(self.base.path())
        };
        let processes = fs::read_dir("/proc").expect("procfs").flatten();
        let processes = processes.filter(|entry| entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit));
        let own = processes.map(|entry| entry.path()).filter(|process| belongs(process));
        own.map(|process| {
            let line = fs::read(process.join("cmdline")).unwrap_or_default();
            format!("{}: {}", process.display(), String::from_utf8_lossy(&line).replace('\0', " "))
        })
        .collect()
    }
}

/// Options of `hostile runtime` that make its probe say a product and the features it has.
pub(crate) fn probe(product: &str, version: &str, features: &[&str]) -> String {
    let has: String = features.iter().map(|feature| format!("asking {feature}\\nhas {feature}\\n")).collect();
    format!("--probe 'say:asking product\\nproduct [\"{product}\",\"{version}\"]\\n{has}done .'")
}

/// A `--runtime` for the fake runtime, of product `fake` 1.0.0 with a wheel, and with these options of `hostile runtime`.
pub(crate) fn fake(name: &str, options: &str) -> String {
    fake_of(name, &probe("fake", "1.0.0", &["wheel"]), options)
}

/// The same with a probe of one's own.
pub(crate) fn fake_of(name: &str, probe: &str, options: &str) -> String {
    format!("{name}=fake:hostile runtime {probe} {options}").trim_end().to_owned()
}

/// Waits until `done`; however long that takes, since only the test's own runner can say what is too long.
pub(crate) fn wait_until(done: impl Fn() -> bool) {
    while !done() {
        thread::sleep(Duration::from_millis(5));
    }
}
