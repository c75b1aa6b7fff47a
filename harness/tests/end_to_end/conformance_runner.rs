//! `cargo test`'s own runner, over a tiny suite: what it lists, ignores, fails, and reads anew.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{Case, Outcome, Place, fake};

/// The test program `conformance`: the newest beside this one, which `cargo test` builds. A run that names this test alone may not
/// have built it, so it is built here if it is older than what it is made of.
fn runner() -> PathBuf {
    let test = env::current_exe().expect("this test's path");
    let folder = test.parent().expect("target/<profile>/deps");
    let newest = || {
        let files = fs::read_dir(folder).expect("a directory").flatten().map(|entry| entry.path());
        let built = files.filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("conformance-") && path.extension().is_none()
        });
        built.max_by_key(|path| changed(path))
    };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance.rs");
    let sources = [source, PathBuf::from(env!("CARGO_BIN_EXE_lockstep"))];
    let since = sources.iter().map(|path| changed(path)).max();
    if newest().is_none_or(|built| Some(changed(&built)) < since) {
        let mut build = Command::new(env!("CARGO"));
        build.args(["test", "--quiet", "--no-run", "--package", env!("CARGO_PKG_NAME"), "--test", "conformance"]);
        if folder.parent().is_some_and(|profile| profile.ends_with("release")) {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo").success(), "the test `conformance` does not build");
    }
    newest().expect("it was built")
}

fn changed(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).and_then(|file| file.modified()).unwrap_or(std::time::UNIX_EPOCH)
}

/// Runs it over the place's suite.
fn run(place: &Place, args: &[&str], env: &[(&str, &str)]) -> Outcome {
    let mut command = Command::new(runner());
    // It holds a lock in a folder that the build has made.
    command.args(args).args(["--test-threads", "2"]).current_dir(place.path("suite")).env_clear();
    command.env("PATH", format!("{}:/usr/bin:/bin", place.text("bin"))).env("TMPDIR", place.path("tmp"));
    command.env("LOCKSTEP_SUITE", place.path("suite"));
    command.envs(env.iter().copied());
    place.run_command(&mut command)
}

fn place() -> Place {
    Place::with([
        Case::new("ordering/v/fails").logs(&["two", "one"]).trace("[one, two]"),
        Case::new("ordering/v/flies").key("needs: [hoverboard]"),
        Case::new("ordering/v/passes"),
        Case::new("blocking/v/quiet").key("lane: quiet"),
    ])
}

#[test]
fn it_lists_filters_and_judges() {
    let place = place();
    let (a, b) = (fake("a", ""), fake("b", "--case silent"));
    let both = format!("{a}; {b}");
    let runtimes = [("LOCKSTEP_RUNTIMES", both.as_str())];
    let list = run(&place, &["--list"], &runtimes);
    let mut names: Vec<&str> = list.assert_code(0).stdout.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    names.sort_unstable();
    let ids = ["blocking/v/quiet", "ordering/v/fails", "ordering/v/flies", "ordering/v/passes"];
    let want: Vec<String> = ["a", "b"].iter().flat_map(|runtime| ids.map(|id| format!("{runtime}::{id}"))).collect();
    assert_eq!(names, want);

    let one = run(&place, &["--exact", "a::ordering/v/passes"], &runtimes);
    one.assert_code(0).assert_says(&["running 1 test", "1 passed; 0 failed"]);
    let some = run(&place, &["ordering/v/passes"], &runtimes);
    some.assert_code(101).assert_says(&["1 passed; 1 failed", "b::ordering/v/passes", "the trace is empty"]);
    let all = run(&place, &["a::"], &runtimes);
    // The explanation is the terminal's; a skip says what is absent.
    all.assert_code(101).assert_says(&[
        "2 passed; 1 failed; 1 ignored",
        "it lacks hoverboard",
        "event 1 is \"two\"; the rule allows \"one\" here",
        "cargo run --release -- run --exact ordering/v/fails",
    ]);
}

#[test]
fn an_absent_runtime_is_ignored_with_its_reason_unless_it_is_required() {
    let place = place();
    let absent = run(&place, &[], &[("LOCKSTEP_RUNTIMES", "fake")]);
    absent.assert_code(0).assert_says(&["0 passed; 0 failed; 4 ignored"]);
    let asked = run(&place, &["--ignored"], &[("LOCKSTEP_RUNTIMES", "fake")]);
    asked.assert_code(0).assert_says(&["LOCKSTEP_FAKE is not set; set LOCKSTEP_FAKE to a binary"]);
    let required = run(&place, &["passes"], &[("LOCKSTEP_RUNTIMES", "fake"), ("LOCKSTEP_REQUIRE", "fake")]);
    required.assert_code(101).assert_says(&["1 failed", "LOCKSTEP_FAKE is not set"]);
    // One that is here may be required; one that is misspelt may not.
    let a = fake("a", "");
    run(&place, &["passes"], &[("LOCKSTEP_RUNTIMES", a.as_str()), ("LOCKSTEP_REQUIRE", "a")]).assert_code(0);
    let misspelt = run(&place, &["passes"], &[("LOCKSTEP_RUNTIMES", a.as_str()), ("LOCKSTEP_REQUIRE", "a,aa")]);
    misspelt.assert_code(2).assert_warns(&["LOCKSTEP_REQUIRE names `aa`, and there is no such runtime"]);
}

#[test]
fn deviations_shards_and_changes_are_seen_without_a_build() {
    let place = place();
    let a = fake("a", "");
    let with = |more: &[(&str, &str)], args: &[&str]| {
        let env: Vec<_> = [("LOCKSTEP_RUNTIMES", a.as_str())].into_iter().chain(more.iter().copied()).collect();
        run(&place, args, &env)
    };
    with(&[], &["fails"]).assert_code(101);
    let entry = |trace: &str| {
        format!(
            "- {{ case: ordering/v/fails, versions: '>=1', kind: bug, reason: r, link: 'https://example.org/1', trace: {trace} }}\n"
        )
    };
    place.deviations("fake", &entry("[two, one]"));
    with(&[], &["fails"]).assert_code(0).assert_says(&["1 passed"]);
    // Corrected in the case's own file: the deviation is gone, which is a failure only where that is wanted.
    place.add(&Case::new("ordering/v/fails").logs(&["one", "two"]).trace("[one, two]"));
    with(&[], &["fails"]).assert_code(0);
    with(&[("LOCKSTEP_STRICT", "1")], &["fails"]).assert_code(101).assert_says(&["it conforms now"]);
    // A new case is a new test, and a broken one breaks all.
    place.add(&Case::new("ordering/v/new"));
    with(&[], &["--exact", "a::ordering/v/new"]).assert_code(0).assert_says(&["1 passed"]);
    let listed = |index: &str| {
        let outcome = with(&[("TEST_SHARD_INDEX", index), ("TEST_TOTAL_SHARDS", "2")], &["--list"]);
        outcome.assert_code(0).stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut shards = [listed("0"), listed("1")].concat();
    shards.sort();
    let whole = with(&[], &["--list"]).stdout;
    let mut whole: Vec<&str> = whole.lines().collect();
    whole.sort_unstable();
    assert_eq!(shards, whole);
    place.add(&Case::new("ordering/v/new").key("colour: red"));
    with(&[], &["--list"]).assert_code(2).assert_warns(&["cases/ordering/v/new.yaml:"]);
}
