//! Searching and installing releases, over a registry that is a shell script: `npm` as tests need it, first on `PATH`.
//!
//! The releases of the fake runtime print what their number says, so where a behaviour changes is known.

use std::{fs, process::Command};

use serde_json::Value;

use crate::support::{Case, Outcome, Place, probe};

/// The manifest of a fake runtime that is published.
const PUBLISHED: &str = "name: fake
kind: process
profiles: [ecma, node]
goals: [cjs]
locate:
  env: LOCKSTEP_FAKE
  package: { linux-x64: fake-linux, linux-arm64: fake-linux, file: bin/fake }
product: \"['fake', '1.0.0']\"
run: { cjs: ['{args}', main.cjs] }
";

/// An `npm` that knows releases 1.0.0 to 1.39.0 and a few that are of no use.
///
/// `install` writes a runtime that does what `releases/<version>` says, or what its number says: from 1.25 on it swaps `a` and `b`.
const NPM: &str = r#"#!/bin/sh
echo "$@" >> "$HOME/npm.log"
case "$1" in
view)
  if [ -e "$HOME/offline" ]; then echo 'npm error code ENOTFOUND' >&2; exit 1; fi
  printf '["1.0.0-rc.1"'; n=0; while [ $n -lt 40 ]; do printf ', "1.%s.0"' $n; n=$((n+1)); done; echo ', "2.0.0-canary.1"]' ;;
install)
  for word; do case "$word" in fake-linux@*) version=${word#fake-linux@} ;; esac; done
  if [ -e "$HOME/full" ]; then echo 'npm error code ENOSPC' >&2; exit 1; fi
  if [ "$version" = 1.20.0 ]; then echo 'npm error code ETARGET' >&2; exit 1; fi
  mkdir -p node_modules/fake-linux/bin
  minor=${version#1.}; minor=${minor%.0}
  if [ $minor -lt 25 ]; then says='a\nb'; else says='b\na'; fi
  if [ -e "$HOME/says-$version" ]; then says=$(cat "$HOME/says-$version"); fi
  probe="--probe say:asking product\\nproduct [\"fake\",\"$version\"]\\nasking wheel\\nhas wheel\\ndone ."
  if [ $minor -lt 10 ]; then probe="--probe say:asking product\\nproduct [\"fake\",\"$version\"]\\nasking wheel\\nlacks wheel\\ndone ."; fi
  if [ "$version" = 1.30.0 ]; then probe='--probe silent'; fi
  restless=:
  if [ -e "$HOME/restless" ]; then restless='if grep -q hostile: main.cjs; then date +%N; exit; fi'; fi
  { echo '#!/bin/sh'; echo "$restless"; echo "exec hostile-link runtime '${probe%% *}' '${probe#* }' --case 'say:$says' \"\$@\""; } | sed "s#hostile-link#$HOSTILE#" > node_modules/fake-linux/bin/fake ;;
esac
"#;

/// A place with the fake registry and a case for `a` before `b`.
fn place() -> Place {
    let place = Place::with([
        Case::new("ordering/a/order").logs(&["a", "b"]).trace("[a, b]"),
        Case::new("ordering/a/open").logs(&["a", "b"]).trace("[{ unordered: [a, b] }]"),
        Case::new("ordering/a/wheel").key("needs: [wheel]").logs(&["a", "b"]).trace("[a, b]"),
    ]);
    place.write("suite/adapters/fake.yaml", PUBLISHED);
    place.program("npm", NPM);
    place
}

fn lockstep(place: &Place, args: &[&str]) -> Command {
    let mut command = place.lockstep(args);
    command.env("LOCKSTEP_CACHE", place.path("out/cache")).env("HOSTILE", place.path("bin/hostile"));
    command
}

fn run(place: &Place, args: &[&str]) -> Outcome {
    place.run_command(&mut lockstep(place, args))
}

#[test]
fn the_first_release_that_behaves_otherwise_is_found_in_few_runs() {
    let place = place();
    let outcome = run(&place, &["bisect", "ordering/a/order", "--runtime", "fake", "--json", "../out/b.json"]);
    outcome.assert_code(0).assert_says(&[
        "ordering/a/order: fake@1.25.0 is the first that behaves otherwise",
        "fake@1.24.0 conforms",
        "event 1 is \"b\"; the rule allows \"a\" here",
        "10 more runs of fake@1.24.0 and fake@1.25.0 show the same",
        "lockstep compare fake@1.24.0 fake@1.25.0 --filter ordering/a/order",
    ]);
    let found: Value = serde_json::from_str(&place.read("out/b.json")).expect("JSON");
    assert_eq!((&found["boundary"]["last"], &found["boundary"]["first"]), (&"1.24.0".into(), &"1.25.0".into()));
    // 40 releases: log2 of 40, rounded down, and 3.
    let runs = found["runs"].as_u64().expect("a number");
    assert!(runs <= 5 + 3, "{runs} runs");
    let installed = place.read("out/npm.log").lines().filter(|line| line.starts_with("install")).count() as u64;
    assert_eq!(installed, found["looked"].as_array().expect("a list").len() as u64, "each is installed once");
    // A second search finds them in the cache.
    run(&place, &["bisect", "ordering/a/order", "--runtime", "fake"]).assert_code(0);
    let again = place.read("out/npm.log").lines().filter(|line| line.starts_with("install 1")).count() as u64;
    assert!(again <= installed);
}

#[test]
fn two_legal_orders_are_one_behaviour_and_of_a_program_they_are_two() {
    let place = place();
    run(&place, &["bisect", "ordering/a/open", "--runtime", "fake"])
        .assert_code(2)
        .assert_warns(&["fake@1.0.0 and fake@1.39.0 behave alike", "--good and --bad"]);
    place.write("out/bug.js", "// hostile: case\nconsole.log('a');\n");
    run(&place, &["bisect", "../out/bug.js", "--runtime", "fake"]).assert_code(0).assert_says(&[
        "../out/bug.js: fake@1.25.0 is the first",
        "prints 2 lines and ends with code 0",
        "--good 1.24.0 --bad 1.25.0",
    ]);
}

#[test]
fn what_cannot_be_run_is_passed_by_and_named() {
    let place = place();
    // 1.20.0 cannot be installed, and 1.30.0 does not say what it is.
    let outcome = run(&place, &["bisect", "ordering/a/order", "--runtime", "fake", "--good", "1.19.0", "--bad", "1.31.0"]);
    outcome.assert_code(0).assert_says(&["fake@1.25.0 is the first"]);
    for (number, says) in (21..25).zip(["b\\na"; 4]) {
        place.write(&format!("out/says-1.{number}.0"), says);
    }
    fs::remove_dir_all(place.path("out/cache")).expect("the cache");
    run(&place, &["bisect", "ordering/a/order", "--runtime", "fake", "--good", "v1.19.0", "--bad", "1.22.0"])
        .assert_code(0)
        .assert_says(&[
            "fake@1.21.0 is the first",
            "passed by 1.20.0: npm could not install fake-linux@1.20.0: code ETARGET",
            "it may also have changed in 1.20.0",
        ]);
    for (options, why) in [
        (["--good", "1.20.0", "--bad", "1.31.0"], "fake@1.20.0 cannot be run: npm could not install"),
        (["--good", "1.19.0", "--bad", "1.30.0"], "fake@1.30.0 cannot be run: the probe's program did not run"),
    ] {
        let args = ["bisect", "ordering/a/order", "--runtime", "fake"];
        let args: Vec<&str> = args.into_iter().chain(options).collect();
        run(&place, &args).assert_code(2).assert_warns(&[why]);
    }
}

#[test]
fn old_releases_may_lack_what_a_case_needs() {
    let place = place();
    run(&place, &["bisect", "ordering/a/wheel", "--runtime", "fake"])
        .assert_code(0)
        .assert_says(&["fake@1.25.0 is the first", "passed by 1.0.0: lacks wheel"]);
    run(&place, &["bisect", "ordering/a/wheel", "--runtime", "fake", "--bad", "1.15.0"])
        .assert_code(0)
        .assert_says(&["no release behaves otherwise than fake@1.15.0, as far back as fake@1.10.0, the oldest that can run it"]);
}

#[test]
fn what_keeps_a_search_from_beginning_says_what_to_do() {
    let place = place();
    let bisect = |more: &[&str]| {
        let args: Vec<&str> = ["bisect", "ordering/a/order"].into_iter().chain(more.iter().copied()).collect();
        run(&place, &args)
    };
    for (args, why) in [
        (
            &["--runtime", "fake", "--good", "1.5.1"] as &[&str],
            "no version 1.5.1 of fake-linux is published; near it are 1.4.0, 1.5.0, 1.6.0",
        ),
        (&["--runtime", "fake", "--good", "1.5.0", "--bad", "1.4.0"], "--good 1.5.0 is not older than --bad 1.4.0"),
        (&["--runtime", "none"], "there is no manifest adapters/none.yaml; name one of fake"),
        (&["--runtime", "workshop"], "names no npm package"),
        (&["--runtime", "fake@1.0.0"], "--runtime takes a runtime whose releases are published"),
        (&["--runtime", "fake", "--json", "../none/b.json"], "cannot write ../none/b.json"),
    ] {
        bisect(args).assert_code(2).assert_warns(&[why]);
    }
    run(&place, &["bisect", "ordering/a/oder", "--runtime", "fake"])
        .assert_code(2)
        .assert_warns(&["nor is there a file `ordering/a/oder`"]);
    place.write("out/no.js", "let = ;\n");
    run(&place, &["bisect", "../out/no.js", "--runtime", "fake"]).assert_code(2).assert_warns(&["is no JavaScript", "line 1"]);

    place.write("out/full", "");
    bisect(&["--runtime", "fake"]).assert_code(2).assert_warns(&["cannot write", "no storage space", "LOCKSTEP_CACHE"]);
    run(&place, &["run", "-r", "fake@1.0.0"]).assert_code(2).assert_warns(&["no storage space"]);
    fs::remove_file(place.path("out/full")).expect("ours");
    run(&place, &["run", "-r", "fake@1.20.0"])
        .assert_code(2)
        .assert_warns(&["npm could not install fake-linux@1.20.0: code ETARGET", "npm view fake-linux versions"]);
    let mut closed = lockstep(&place, &["run", "-r", "fake@1.0.0"]);
    place
        .run_command(closed.env("LOCKSTEP_CACHE", "/proc/none"))
        .assert_code(2)
        .assert_warns(&["cannot write /proc/none", "set LOCKSTEP_CACHE"]);
    place.write("out/offline", "");
    bisect(&["--runtime", "fake"])
        .assert_code(2)
        .assert_warns(&["it cannot reach its registry (ENOTFOUND)", "see to the network"]);
    fs::remove_file(place.path("bin/npm")).expect("ours");
    let mut without = lockstep(&place, &["bisect", "ordering/a/order", "--runtime", "fake"]);
    without.env("PATH", place.path("bin"));
    place
        .run_command(&mut without)
        .assert_code(2)
        .assert_warns(&["npm is not on PATH; install Node.js with npm", "LOCKSTEP_FAKE"]);
}

#[test]
fn a_program_that_prints_something_else_each_time_cannot_be_searched() {
    let place = place();
    place.write("out/bug.js", "// hostile: case\nconsole.log('a');\n");
    place.write("out/restless", "");
    run(&place, &["bisect", "../out/bug.js", "--runtime", "fake"])
        .assert_code(2)
        .assert_warns(&["all 3 runs on fake@1.39.0 differ from each other", "times, addresses and process ids"]);
}

#[test]
fn a_history_is_a_table_of_what_changed() {
    let place = place();
    let outcome = run(
        &place,
        &[
            "history",
            "--runtime",
            "fake",
            "--versions",
            "1.5, 1.20, 1.24, 1.25, 1.39",
            "--json",
            "../out/h.json",
            "--markdown",
            "../out/h.md",
        ],
    );
    outcome.assert_code(0);
    let rows: Vec<String> = outcome.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for row in [
        "fake 1.5 1.24 1.25 1.39",
        "ordering/a/order · · A A",
        "ordering/a/wheel - · A A",
        "3 cases on 4 releases of fake, 2 on which they differ",
    ] {
        assert!(rows.iter().any(|known| known == row), "{row}\n{outcome}");
    }
    outcome.assert_says(&["not run fake@1.20.0: npm could not install", "releases 1.5.0 1.24.0 1.25.0 1.39.0"]);
    assert!(!outcome.stdout.contains("ordering/a/open"), "nothing changed there\n{outcome}");
    let page = place.read("out/h.md");
    assert!(page.contains("| `ordering/a/order` | · | · | A | A |") && page.contains("| case | 1.5.0 | 1.24.0 |"), "{page}");
    let history: Value = serde_json::from_str(&place.read("out/h.json")).expect("JSON");
    assert_eq!(history["versions"], serde_json::json!(["1.5.0", "1.24.0", "1.25.0", "1.39.0"]));
    assert_eq!(history["cases"].as_array().map(Vec::len), Some(3));
    run(&place, &["history", "--runtime", "fake", "--versions", ">=2", "order"])
        .assert_code(2)
        .assert_warns(&["no published release is in `>=2`; the newest is 1.39.0"]);
    run(&place, &["history", "--runtime", "fake", "nothing-like-this"]).assert_code(4);
}

#[test]
fn the_cache_is_pruned_by_hand_and_by_itself() {
    let place = place();
    run(&place, &["install", "fake@1.1.0", "fake@1.2.0", "fake@1.3.0"]).assert_code(0);
    let there = || {
        let entries = fs::read_dir(place.path("out/cache/runtimes/fake")).expect("a folder").flatten();
        let mut names: Vec<String> =
            entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().expect("a name")).collect();
        names.sort();
        names
    };
    assert_eq!(there(), ["1.1.0", "1.2.0", "1.3.0"]);
    // What is used is not the longest unused any more.
    run(&place, &["run", "-r", "fake@1.1.0", "order"]).assert_code(0);
    let one = fs::metadata(place.path("out/cache/runtimes/fake/1.1.0/node_modules/fake-linux/bin/fake")).expect("a file").len();
    let room = (2 * one + one / 2).to_string();
    run(&place, &["install", "--prune", "--max-size", &room]).assert_code(0).assert_says(&["removed fake@1.2.0", "left in"]);
    assert!(there().contains(&"1.1.0".to_owned()), "{:?}", there());
    let mut small = lockstep(&place, &["install", "fake@1.4.0"]);
    place.run_command(small.env("LOCKSTEP_CACHE_SIZE", "0")).assert_code(0);
    assert_eq!(there(), ["1.4.0"], "a new one makes room for itself");
    let mut wrong = lockstep(&place, &["install", "--prune"]);
    place.run_command(wrong.env("LOCKSTEP_CACHE_SIZE", "much")).assert_code(2).assert_warns(&["LOCKSTEP_CACHE_SIZE is `much`"]);
    run(&place, &["install", "--prune", "--max-size", "0"]).assert_code(0).assert_says(&["0 KiB left in"]);
    assert_eq!(there(), Vec::<String>::new());
}

#[test]
fn what_a_run_uses_is_pruned_by_nobody() {
    let place = place();
    place.add(&Case::new("ordering/a/slow").key("timeout: 60s"));
    place.write("out/says-1.7.0", "fine");
    let gate = place.text("out/gate");
    let slow = format!(
        "#!/bin/sh\nif grep -q hostile: main.cjs; then echo > '{gate}.up'; while [ ! -e '{gate}' ]; do sleep 0.01; done; fi\nexec {} runtime {} \"$@\"\n",
        place.text("bin/hostile"),
        probe("fake", "1.7.0", &[])
    );
    run(&place, &["install", "fake@1.7.0", "fake@1.8.0"]).assert_code(0);
    place.write("out/cache/runtimes/fake/1.7.0/node_modules/fake-linux/bin/fake", &slow);
    let running = lockstep(&place, &["run", "-r", "fake@1.7.0", "slow"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    let mut running = running.expect("the binary");
    crate::support::wait_until(|| place.path("out/gate.up").exists());
    let pruned = Outcome::of(lockstep(&place, &["install", "--prune", "--max-size", "0"]).output().expect("the binary"));
    pruned.assert_code(0).assert_says(&["removed fake@1.8.0", "kept fake@1.7.0, which is in use"]);
    place.write("out/gate", "");
    assert!(running.wait().expect("ours").success());
    run(&place, &["install", "--prune", "--max-size", "0"]).assert_says(&["removed fake@1.7.0"]);
}
