//! Every verdict and every exit code, from the files of a suite to the process's end; and what selects, repeats and joins.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use crate::support::{Case, Outcome, Place, fake, fake_of, probe, verdicts};

/// A recorded deviation of `ordering/v/<name>`, in one line of YAML.
fn recorded(name: &str, rest: &str) -> String {
    format!("- {{ case: ordering/v/{name}, versions: '>=1, <2', kind: bug, reason: r, link: 'https://example.org/1', {rest} }}\n")
}

/// A case that prints `two` and then `one`, where the rule wants it the other way round.
fn wrong(name: &str) -> Case {
    Case::new(&format!("ordering/v/{name}")).logs(&["two", "one"]).trace("[one, two]")
}

fn right(name: &str) -> Case {
    Case::new(&format!("ordering/v/{name}"))
}

/// A case, what is recorded of it, and its verdict with and without what is recorded.
type Row = (Case, Option<&'static str>, &'static str, &'static str);

/// Everything that an obedient fake of product `fake` 1.0.0 can show but faults, floods and memory, which `hostile_runtimes` has.
fn rows() -> Vec<Row> {
    let hangs = "[fine, started, more]";
    vec![
        (right("pass"), None, "pass", "pass"),
        (wrong("fail"), None, "fail", "fail"),
        (wrong("known"), Some("trace: [two, one]"), "known", "fail"),
        (wrong("known-open"), Some("trace: [{ unordered: [one, two] }]"), "known", "fail"),
        (wrong("changed"), Some("trace: [two]"), "changed", "fail"),
        (right("fixed"), Some("trace: [other]"), "fixed", "pass"),
        (right("now-and-then-1"), Some("trace: [other], intermittent: true"), "known", "pass"),
        (right("now-and-then-2").logs(&["other"]), Some("trace: [other], intermittent: true"), "known", "fail"),
        (right("hang").habit("hang").key("timeout: 500ms"), None, "timeout", "timeout"),
        (right("known-hang").habit("hang").trace(hangs).key("timeout: 3s"), Some("exit: timeout"), "known", "timeout"),
        (right("known-crash").habit("raise:SIGSEGV").trace("[fine, dying, more]"), Some("exit: crash"), "known", "crash"),
        (right("running").habit("hang").trace("[fine, started]").exit("running").key("timeout: 500ms"), None, "pass", "pass"),
        (right("signal").habit("raise:SIGABRT").trace("[fine, dying]").exit("signal SIGABRT"), None, "pass", "pass"),
        (right("nonzero").habit("exit:3").trace("[fine, leaving]").exit("nonzero"), None, "pass", "pass"),
        (right("wrong-code").habit("exit:3").trace("[fine, leaving]").exit("4"), None, "fail", "fail"),
        (right("no-profile").key("profile: deno"), None, "skip", "skip"),
        (right("no-goal").key("goal: esm"), None, "skip", "skip"),
        (right("no-feature").key("needs: [wheel, hoverboard]"), None, "skip", "skip"),
        (right("quiet").key("lane: quiet"), None, "pass", "pass"),
        (wrong("elsewhere"), Some("os: windows, trace: [two, one]"), "fail", "fail"),
        (wrong("other-machine"), Some("arch: OTHER, trace: [two, one]"), "fail", "fail"),
    ]
}

fn place_of(rows: &[Row]) -> Place {
    let place = Place::with(rows.iter().map(|(case, ..)| case.clone()));
    let other = if std::env::consts::ARCH == "x86_64" { "aarch64" } else { "x86_64" };
    let entries = rows.iter().filter_map(|(case, entry, ..)| Some((case, (*entry)?)));
    let entries = entries.map(|(case, entry)| recorded(&name(case), &entry.replace("OTHER", other)));
    place.deviations("fake", &entries.collect::<String>());
    place
}

fn name(case: &Case) -> String {
    case.id().rsplit('/').next().expect("an id").to_owned()
}

/// Runs a suite, and gives the outcome with the verdicts on the runtime called `r`.
fn found(place: &Place, args: &[&str]) -> (Outcome, Vec<(String, &'static str)>) {
    let args: Vec<&str> = ["run", "--json", "../out/r.json"].into_iter().chain(args.iter().copied()).collect();
    let outcome = place.run(&args);
    let found = verdicts(&place.path("out/r.json")).remove("r").unwrap_or_default();
    (outcome, found.into_iter().collect())
}

#[test]
fn every_verdict() {
    let rows = rows();
    let place = place_of(&rows);
    let model = |verdict: fn(&Row) -> &'static str| {
        let mut model: Vec<_> = rows.iter().map(|row| (name(&row.0), verdict(row))).collect();
        model.sort();
        model
    };
    let runtime = fake("r", "--obey");
    let (outcome, verdicts) = found(&place, &["-r", &runtime]);
    assert_eq!(verdicts, model(|row| row.2), "{outcome}");
    outcome.assert_code(1).assert_says(&["profile deno (1)", "goal esm (1)", "hoverboard (1)"]);
    let (outcome, verdicts) = found(&place, &["-r", &runtime, "--no-deviations"]);
    assert_eq!(verdicts, model(|row| row.3), "{outcome}");
}

#[test]
fn every_exit_code() {
    let rows = rows();
    let place = place_of(&rows);
    place.program("gone", "#!/bin/sh\nrm \"$0\"\n");
    let good = fake("r", "--obey");
    for (code, args) in [
        (0, "--exact ordering/v/pass"),
        (0, "--exact ordering/v/known --exact ordering/v/no-goal --strict"),
        (0, "--exact ordering/v/fixed"),
        (1, "--exact ordering/v/fail"),
        (1, "--exact ordering/v/changed"),
        (1, "--exact ordering/v/hang"),
        (3, "--exact ordering/v/fixed --strict"),
        (3, "fixed pass known --strict"),
        (1, "fixed fail --strict"),
        (4, "no-such-case"),
        (4, "tag:none"),
        (2, "--exact ordering/v/non"),
        (2, "profile:none"),
        (2, "ordering/["),
        (2, "--shard 0/2"),
        (2, "--repeat 0"),
        (2, "--jobs 0"),
        (2, "--timeout-scale 0"),
        (2, "--memory-limit 1X"),
        (2, "--wrap no-such-wrapper"),
        (2, "--no-such-option"),
        (2, "--suite ../out"),
        (2, "--runtime none"),
        (2, "--runtime r=fake:hostile"),
        (2, "--deviations ../out/none.yaml"),
        (2, "--json ../none/r.json"),
        (5, "--runtime gone=fake:../bin/gone --exact ordering/v/fail"),
    ] {
        let args: Vec<&str> = ["run", "-r", &good].into_iter().chain(args.split(' ')).collect();
        let outcome = place.run(&args);
        assert_eq!(outcome.code(), code, "{args:?}\n{outcome}");
        if code == 2 || code == 4 {
            assert_eq!(outcome.stdout, "", "nothing was run: {args:?}");
            assert!(!outcome.stderr.is_empty(), "it says why: {args:?}");
        }
    }
}

#[test]
fn a_broken_suite_runs_nothing() {
    let place = Place::with([right("pass"), right("broken").key("colour: red")]);
    let outcome = place.run(&["run", "-r", &fake("r", "")]);
    outcome.assert_code(2).assert_warns(&["cases/ordering/v/broken.yaml:", "colour"]);
    assert_eq!(outcome.stdout, "");
}

#[test]
fn an_expectation_too_wide_to_judge_is_an_error_and_no_verdict() {
    let rows: Vec<String> = (0..20)
        .map(|lane| {
            let events = (0..60).map(|index| ["a", "b", "c"][(index * (1 + lane % 2) + lane / 2) % 3]);
            format!("[{}]", events.collect::<Vec<_>>().join(", "))
        })
        .collect();
    let texts = ["a", "b", "c"].repeat(400);
    let place =
        Place::with([right("wide").logs(&texts).trace(&format!("[{{ unordered: [{}] }}]", rows.join(", "))), right("pass")]);
    let (outcome, verdicts) = found(&place, &["-r", &fake("r", "")]);
    assert_eq!(verdicts, [("pass".into(), "pass"), ("wide".to_owned(), "error")]);
    outcome.assert_code(5).assert_says(&["expected/ordering/v/wide.yaml: the expectation can be read in too many ways"]);
}

#[test]
fn deviations_attach_to_what_the_binary_says_it_is() {
    let place = Place::with([wrong("known")]);
    place.deviations("fake", &recorded("known", "trace: [two, one]"));
    for (name, product, version, want) in [
        ("r", "fake", "1.0.0", "known"),
        ("r", "fake", "v1.9.9", "known"),
        // Builds between releases count as the release they lead to.
        ("r", "fake", "1.5.0-canary.3+abc", "known"),
        ("r", "fake", "2.0.0-rc.1", "fail"),
        ("r", "fake", "2.0.0", "fail"),
        ("r", "fake", "0.9.0", "fail"),
        ("fake", "other", "1.0.0", "fail"),
        ("other", "fake", "1.0.0", "known"),
        ("fake@1.0.0", "", "", ""),
    ] {
        if product.is_empty() {
            // A version is asked of npm, and this adapter names no package.
            place.run(&["run", "-r", name]).assert_code(2).assert_warns(&["names no npm package"]);
            continue;
        }
        let outcome = place.run(&["run", "-r", &fake_of(name, &probe(product, version, &[]), ""), "--json", "../out/r.json"]);
        assert_eq!(verdicts(&place.path("out/r.json"))[name]["known"], want, "{name}: {product} {version}\n{outcome}");
    }
}

#[test]
fn deviations_of_one_s_own_stand_beside_the_suite_s() {
    let place = Place::with([wrong("a"), wrong("b"), right("c").logs(&["x"])]);
    place.deviations("fake", &recorded("a", "trace: [two, one]"));
    place.write("out/fake.yaml", &(recorded("b", "trace: [two, one]") + &recorded("a", "trace: [other]")));
    place.write("out/other/fake.yaml", &recorded("c", "trace: [x]"));
    place.write("out/bun.yaml", &recorded("c", "trace: [x]"));
    let runtime = fake("r", "");
    let verdicts = |args: &[&str]| {
        let args: Vec<&str> = ["-r", &runtime].into_iter().chain(args.iter().copied()).collect();
        found(&place, &args).1.into_iter().map(|(_, verdict)| verdict).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(verdicts(&[]), "known fail fail");
    assert_eq!(verdicts(&["--deviations", "../out/fake.yaml"]), "known known fail");
    let both = ["--deviations", "../out/fake.yaml", "--deviations", "../out/other/fake.yaml"];
    assert_eq!(verdicts(&both), "known known known");
    assert_eq!(verdicts(&["--deviations", "../out/bun.yaml"]), "known fail fail", "the file's name is the product");
    place.write("out/fake.yaml", &recorded("unknown", "trace: [x]"));
    place.run(&["run", "-r", &runtime, "--deviations", "../out/fake.yaml"]).assert_code(2).assert_warns(&["../out/fake.yaml:1:"]);
    place.write("out/fake.yaml", "- case: [");
    place.run(&["run", "-r", &runtime, "--deviations", "../out/fake.yaml"]).assert_code(2).assert_warns(&["../out/fake.yaml:1"]);
}

#[test]
fn fail_fast_stops_the_runtime_that_failed() {
    let place = Place::with([right("a"), wrong("b"), right("c"), right("d").key("lane: quiet")]);
    let (good, bad) = (fake("good", "--case 'say:fine'"), fake("bad", ""));
    let run = |args: &[&str]| {
        let fixed = ["run", "--jobs", "1", "-r", &bad, "-r", &good, "--json", "../out/r.json"];
        let outcome = place.run(&fixed.iter().chain(args).copied().collect::<Vec<_>>());
        let mut all = verdicts(&place.path("out/r.json"));
        let mut of = |name: &str| all.remove(name).expect("it ran").into_iter().collect::<Vec<_>>();
        (outcome, of("bad"), of("good"))
    };
    let entry = |name: &str, verdict| (name.to_owned(), verdict);
    let everything = |b| vec![entry("a", "pass"), entry("b", b), entry("c", "pass"), entry("d", "pass")];
    let (outcome, bad, good) = run(&[]);
    assert_eq!((bad, good), (everything("fail"), everything("fail")), "{outcome}");
    // The other one passes where this one fails.
    place.add(&Case::new("ordering/v/b").trace("[fine]").logs(&["two", "one"]));
    let (outcome, bad, good) = run(&["--fail-fast"]);
    outcome.assert_code(1);
    assert_eq!((bad, good), (everything("fail")[..2].to_vec(), everything("pass")), "{outcome}");
}

#[test]
fn shards_part_the_suite_and_join_to_the_whole() {
    let names: Vec<String> = (0..12).map(|number| format!("case-{number}")).collect();
    let place = Place::with(names.iter().enumerate().map(|(n, name)| if n % 5 == 0 { wrong(name) } else { right(name) }));
    let runtime = fake("r", "");
    let run = |file: &str, shard: Option<&str>| {
        let mut args = vec!["run", "-r", &runtime, "--json", file];
        args.extend(shard.iter().flat_map(|shard| ["--shard", shard]));
        place.run(&args);
    };
    run("../out/whole.json", None);
    let mut seen = BTreeSet::new();
    for index in 0..3 {
        let (by_option, by_variable) = (format!("../out/{index}.json"), format!("../out/variable-{index}.json"));
        run(&by_option, Some(&format!("{}/3", index + 1)));
        let mut command = place.lockstep(&["run", "-r", &runtime, "--json", &by_variable]);
        place.run_command(command.env("TEST_SHARD_INDEX", index.to_string()).env("TEST_TOTAL_SHARDS", "3"));
        assert_eq!(stable(&place.read(&by_option[3..])), stable(&place.read(&by_variable[3..])), "the two ways name one shard");
        for case in verdicts(&place.path(&by_option[3..]))["r"].keys() {
            assert!(seen.insert(case.clone()), "{case} is in two shards");
        }
    }
    assert_eq!(seen, names.iter().cloned().collect(), "every case is in a shard");

    let merged = place.run(&["merge", "../out/2.json", "../out/0.json", "../out/1.json", "--json", "../out/joined.json"]);
    merged.assert_code(1);
    assert_eq!(stable(&place.read("out/joined.json")), stable(&place.read("out/whole.json")));
    // Two of three say so, and what they found.
    let part = place.run(&["merge", "../out/0.json", "../out/1.json"]);
    part.assert_warns(&["these are not all shards: 1/3 2/3"]);
    assert_eq!(serde_json::from_str::<Value>(&part.stdout).expect("a result")["selection"]["shard"], "1/3 2/3");
    let cut = place.read("out/0.json");
    place.write("out/cut.json", &cut[..cut.len() / 2]);
    place
        .run(&["merge", "../out/cut.json"])
        .assert_code(2)
        .assert_warns(&["../out/cut.json:", "no result of `lockstep run --json`"]);
    place.run(&["merge", "../out/none.json"]).assert_code(2);

    // A shard may be empty, and says that it is the shard.
    let empty = place.run(&["run", "-r", &runtime, "--exact", "ordering/v/case-0", "--shard", "1/2"]);
    let other = place.run(&["run", "-r", &runtime, "--exact", "ordering/v/case-0", "--shard", "2/2"]);
    let codes = BTreeSet::from([empty.code(), other.code()]);
    assert_eq!(codes, BTreeSet::from([1, 4]), "one of the two holds it\n{empty}\n{other}");
    let empty = if empty.code() == 4 { empty } else { other };
    empty.assert_warns(&["holds none of the 1 selected case; take fewer shards"]);
    let wrong = place.run_command(place.lockstep(&["run"]).env("TEST_SHARD_INDEX", "3").env("TEST_TOTAL_SHARDS", "3"));
    wrong.assert_code(2).assert_warns(&["TEST_SHARD_INDEX=3"]);
}

/// A result without what two equal runs may not share, as text.
fn stable(result: &str) -> String {
    let mut document: Value = serde_json::from_str(result).expect("JSON");
    document["timing"].take();
    for result in document["results"].as_array_mut().expect("results") {
        result["observed"].take();
    }
    serde_json::to_string_pretty(&document).expect("JSON")
}

#[test]
fn equal_runs_write_equal_results() {
    let place = Place::with([right("a"), wrong("b"), right("c").key("needs: [hoverboard]"), right("d").habit("raise:SIGABRT")]);
    let runtimes = [fake("x", "--obey"), fake("b", ""), fake("a", "--obey")];
    let mut texts = BTreeSet::new();
    for (jobs, file) in [("1", "out/1.json"), ("2", "out/2.json"), ("2", "out/3.json")] {
        let json = format!("../{file}");
        let mut args = vec!["run", "--jobs", jobs, "--json", &json];
        args.extend(runtimes.iter().flat_map(|runtime| ["-r", runtime]));
        place.run(&args);
        texts.insert(stable(&place.read(file)));
    }
    assert_eq!(texts.len(), 1, "{texts:#?}");
    let text = place.read("out/1.json");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (&document["schema"], &document["suite"]["version"], &document["complete"]),
        (&1.into(), &"1.2.3".into(), &true.into())
    );
    let order: Vec<_> =
        document["results"].as_array().expect("a list").iter().map(|r| (r["case"].clone(), r["runtime"].clone())).collect();
    assert!(order.is_sorted_by_key(|pair| (pair.0.to_string(), pair.1.to_string())), "{order:?}");
    // Under the same keys as ever: readers and baselines rely on them.
    let failed = &document["results"][3];
    assert_eq!(failed["observed"]["trace"], serde_json::json!(["two", "one"]));
    assert_eq!((&failed["observed"]["at"], &failed["observed"]["allowed"]), (&0.into(), &serde_json::json!(["one"])));
    assert_eq!(failed["detail"], r#"event 1 is "two"; the rule allows "one" here"#);
    assert!(document["results"][6].get("observed").is_none(), "what was not run was not observed");
}

#[test]
fn repeats_agree_where_the_rule_leaves_the_order_open() {
    let open = Case::new("ordering/v/open").logs(&["one", "two"]).trace("[{ unordered: [one, two] }]");
    let place = Place::with([open, right("same")]);
    let swaps = fake("r", &format!("--case swap:{}", place.text("out/counter")));
    let (outcome, verdicts) = found(&place, &["-r", &swaps, "--repeat", "20"]);
    outcome.assert_code(0);
    assert_eq!(verdicts, [("open".into(), "pass"), ("same".to_owned(), "pass")]);
    assert_eq!(fs::metadata(place.path("out/counter")).expect("it counted").len(), 40, "every repeat is a run");
}

#[test]
fn a_scale_stretches_and_shrinks_deadlines() {
    let place = Place::with([right("hang").habit("hang").key("timeout: 10m")]);
    let (outcome, verdicts) = found(&place, &["-r", &fake("r", "--obey"), "--timeout-scale", "0.001"]);
    assert_eq!(verdicts, [("hang".to_owned(), "timeout")]);
    outcome.assert_code(1).assert_says(&["it was still running at its deadline of 600ms", "--timeout-scale 0.001"]);
}

#[test]
fn names_say_which_cases_and_which_runtimes() {
    let place = Place::with([right("a"), right("ab"), Case::new("blocking/v/a").key("was: [blocking/old/name]")]);
    let runtime = fake("r", "");
    let ids = |args: &[&str]| {
        let args: Vec<&str> = ["-r", &runtime].into_iter().chain(args.iter().copied()).collect();
        let (outcome, found) = found(&place, &args);
        outcome.assert_code(0);
        found.len()
    };
    assert_eq!(ids(&["ordering/v/a"]), 2, "a filter is a part of the id");
    assert_eq!(ids(&["--exact", "ordering/v/a"]), 1);
    assert_eq!(ids(&["--exact", "ordering/v/a", "--exact", "ordering/v/ab"]), 2);
    assert_eq!(ids(&["--exact", "blocking/old/name"]), 1, "a case is found by the name it had");
    place
        .run(&["run", "-r", &runtime, "--exact", "ordering/v/abc"])
        .assert_code(2)
        .assert_warns(&["did you mean `ordering/v/ab`?"]);
    place.run(&["run", "-r", &runtime, "-r", &runtime]).assert_code(2).assert_warns(&["two runtimes are named `r`"]);
    place.run(&["runtimes", "-r", &runtime, "-r", &runtime]).assert_code(2);
    // `run` may be left out; a command behind options would then be a filter, which only who writes `run` can mean.
    let outcome = place.run(&["-r", &runtime, "check"]);
    outcome.assert_code(2).assert_warns(&["a command stands before all options: lockstep check", "write `lockstep run check`"]);
    place.run(&["run", "-r", &runtime, "check"]).assert_code(4);
    place.run(&["-r", &runtime, "ordering"]).assert_code(0);
}

#[test]
fn a_wrapper_goes_before_every_command() {
    let place = Place::with([right("a")]);
    place.program("wrapper", &format!("#!/bin/sh\necho \"$1\" >> {}\nshift\nexec \"$@\"\n", place.text("out/wrapped")));
    let (outcome, verdicts) = found(&place, &["-r", &fake("r", ""), "--wrap", "wrapper 'a flag'"]);
    outcome.assert_code(0);
    assert_eq!(verdicts, [("a".to_owned(), "pass")]);
    assert_eq!(place.read("out/wrapped"), "a flag\na flag\n", "the probe and the case");
}

#[test]
fn a_report_that_cannot_be_written_after_all_is_the_harness_s_fault() {
    // The case puts a folder where the result is to be.
    let place = Place::with([right("a")]);
    place.add(&right("b").habit(&format!("close:{}", place.text("out/r.json"))));
    let outcome = place.run(&["run", "-r", &fake("r", "--obey"), "--json", "../out/r.json", "--junit", "../out/r.xml"]);
    outcome.assert_code(5).assert_warns(&["cannot write ../out/r.json"]).assert_says(&["2 results in"]);
    assert_eq!(place.read("out/r.xml").matches("<testcase ").count(), 2, "the other report is written all the same");
}
