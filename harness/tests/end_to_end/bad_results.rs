//! Results and baselines that are of no use, or only of some: each is told apart, by the documented exit code and with what to do.

use std::fs;

use serde_json::Value;

use crate::support::{Case, Outcome, Place, fake};

/// A place with a result of all its cases in `out/base.json`.
fn place() -> Place {
    let place = Place::with((0..12).map(|number| Case::new(&format!("ordering/v/case-{number}"))));
    place.run(&["gate", "--record", "../out/base.json", "-r", &fake("dev", "")]).assert_code(0);
    place
}

fn gate(place: &Place, baseline: &str) -> Outcome {
    place.run(&["gate", "--baseline", baseline, "-r", &fake("dev", "")])
}

/// A result without what two equal runs need not share.
fn stable(text: &str) -> Value {
    let mut document: Value = serde_json::from_str(text).expect("a result");
    let map = document.as_object_mut().expect("an object");
    map.remove("timing");
    map.remove("selection");
    for result in map["results"].as_array_mut().expect("a list") {
        result.as_object_mut().expect("an object").remove("observed");
    }
    document
}

#[test]
fn any_number_of_shards_joins_to_the_unsharded_result() {
    let place = place();
    let runtime = fake("dev", "");
    let whole = stable(&place.read("out/base.json"));
    for total in [1, 2, 3, 7] {
        let mut files = Vec::new();
        for shard in 1..=total {
            let file = format!("../out/{shard}-of-{total}.json");
            let outcome = place.run(&["run", "-r", &runtime, "--shard", &format!("{shard}/{total}"), "--json", &file]);
            // A shard of a small suite may be empty.
            match outcome.code() {
                0 => files.push(file),
                code => assert_eq!(code, 4, "{outcome}"),
            }
        }
        let joined = format!("../out/joined-{total}.json");
        let mut merge = vec!["merge"];
        merge.extend(files.iter().map(String::as_str));
        merge.extend(["--json", &joined]);
        place.run(&merge).assert_code(0);
        assert_eq!(stable(&place.read(&joined[3..])), whole, "{total} shards");
        place.run(&["compare", "../out/base.json", &joined]).assert_code(0).assert_says(&["0 got worse, 12 unchanged of 12"]);
    }
}

#[test]
fn a_result_of_another_schema_or_of_none_is_refused_with_its_place() {
    let place = place();
    let text = place.read("out/base.json");
    let cases = [
        (
            "another",
            text.replacen("\"schema\": 1", "\"schema\": 2", 1),
            "another.json has schema 2, and this Lockstep reads schema 1",
        ),
        ("cut", text[..text.len() / 2].to_owned(), "this is no result of `lockstep run --json`: EOF while parsing"),
        ("empty", String::new(), "empty.json:1:0: this is no result"),
        ("words", "FAIL dev ordering/v/case-0\n".to_owned(), "words.json:1:"),
        ("edited", text.replacen("\"pass\"", "\"passed\"", 1), "unknown variant `passed`"),
        ("gone", text.replacen("\"verdict\"", "\"Verdict\"", 1), "missing field `verdict`"),
    ];
    for (name, text, why) in cases {
        let file = format!("../out/{name}.json");
        place.write(&format!("out/{name}.json"), &text);
        gate(&place, &file).assert_code(2).assert_warns(&[why]);
        place.run(&["compare", "../out/base.json", &file]).assert_code(2).assert_warns(&[why]);
        place.run(&["merge", "../out/base.json", &file]).assert_code(2).assert_warns(&[why]);
    }
    gate(&place, "../out/none.json").assert_code(2).assert_warns(&["cannot read ../out/none.json", "No such file"]);
    gate(&place, "../out").assert_code(2).assert_warns(&["cannot read ../out"]);
}

#[test]
fn what_was_edited_but_can_be_read_breaks_no_gate_and_hides_nothing() {
    let place = place();
    let text = place.read("out/base.json");
    let mut document: Value = serde_json::from_str(&text).expect("a result");
    document["results"][0]["digest"] = "0123456789abcdef".into();
    place.write("out/edited.json", &document.to_string());
    let outcome = gate(&place, "../out/edited.json");
    outcome.assert_code(0).assert_says(&["corrected", "ordering/v/case-0 on dev", "nothing got worse; 11 unchanged"]);
    document["runtimes"][0]["name"] = "other".into();
    document["runtimes"].as_array_mut().expect("a list").push(serde_json::json!({
        "name": "more", "adapter": "fake", "product": null, "version": null, "features": [],
    }));
    place.write("out/edited.json", &document.to_string());
    gate(&place, "../out/edited.json").assert_code(2).assert_warns(&["the baseline has no runtime `dev`; it has other, more"]);
}

#[test]
fn a_baseline_of_another_suite_is_compared_where_it_means_the_same() {
    let place = place();
    place.write("suite/cases/suite.yaml", "version: 1.3.0\n");
    place.add(&Case::new("ordering/v/case-3").logs(&["other"]).trace("[other]"));
    place.add(&Case::new("ordering/v/new").trace("[never]"));
    fs::remove_file(place.path("suite/cases/ordering/v/case-5.yaml")).expect("ours");
    fs::remove_file(place.path("suite/expected/ordering/v/case-5.yaml")).expect("ours");
    gate(&place, "../out/base.json").assert_code(0).assert_says(&[
        "the suite is 1.3.0 now and was 1.2.3 in the baseline; only what means the same was compared",
        "ordering/v/case-3 on dev",
        "nothing got worse; 10 unchanged",
    ]);
    place.run(&["merge", "../out/base.json", "../out/base.json"]).assert_code(0);
    place.run(&["run", "-r", &fake("dev", ""), "case", "--json", "../out/new.json"]).assert_code(0);
    place.run(&["merge", "../out/base.json", "../out/new.json"]).assert_code(2).assert_warns(&["one is of suite 1.2.3"]);
}

#[test]
fn where_nothing_can_be_written_it_is_said_and_nothing_is_lost() {
    let place = place();
    let runtime = fake("dev", "");
    // A device that is always full.
    let full = place.run(&["run", "-r", &runtime, "case-1", "--json", "/dev/full"]);
    full.assert_code(5).assert_warns(&["cannot write /dev/full", "No space left"]).assert_says(&["dev"]);
    place.run(&["gate", "--record", "/dev/full", "-r", &runtime]).assert_code(5).assert_warns(&["cannot write /dev/full"]);
    // A folder in which nobody may make a file.
    for args in [
        &["run", "-r", &runtime, "--json", "/proc/r.json"] as &[&str],
        &["gate", "--record", "/proc/r.json", "-r", &runtime],
        &["compare", &runtime, &fake("other", ""), "--json", "/proc/r.json"],
    ] {
        let outcome = place.run(args);
        assert!(matches!(outcome.code(), 2 | 5), "{outcome}");
        outcome.assert_warns(&["cannot write"]);
    }
    let mut nowhere = place.lockstep(&["run", "-r", &runtime, "case-1"]);
    place.run_command(nowhere.env("TMPDIR", "/proc")).assert_code(5).assert_warns(&["cannot make a temporary folder"]);
}
