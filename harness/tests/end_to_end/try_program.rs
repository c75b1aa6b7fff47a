//! Any program at hand on several runtimes.

use std::process::Stdio;

use serde_json::Value;

use crate::support::{Place, fake};

const PROGRAM: &str = "// hostile: case\nconsole.log('one');\nconsole.log('two');\n";

#[test]
fn who_behaves_alike_is_shown_together() {
    let place = Place::new();
    place.write("out/bug.js", PROGRAM);
    let file = place.text("out/bug.js");
    let (a, b, c) = (fake("a", ""), fake("b", ""), fake("c", "--case 'say:two\\none'"));
    let outcome = place.run(&["try", &file, "--on", &a, "--on", &b, "--on", &c, "--json", &place.text("out/classes.json")]);
    outcome.assert_code(0);
    place.assert_snapshot("try", &outcome.stdout);
    let json: Value = serde_json::from_str(&place.read("out/classes.json")).expect("JSON");
    let classes = json["cases"][0]["classes"].as_array().expect("classes");
    assert_eq!(classes[0]["runtimes"], serde_json::json!(["a", "b"]));
    assert_eq!(classes[1]["behaviour"]["trace"], serde_json::json!(["two", "one"]));
    place.run(&["try", &file, "--on", &a, "--on", &b]).assert_code(0).assert_says(&["all behave alike"]);
}

#[test]
fn the_program_may_come_through_a_pipe_and_its_goal_from_its_text() {
    let place = Place::new();
    let mut command = place.lockstep(&["try", "-", "--on", &fake("a", "")]);
    let file = place.path("out/piped");
    std::fs::write(&file, "// hostile: case\nimport 'x';\nconsole.log('one');\n").expect("written");
    command.stdin(Stdio::from(std::fs::File::open(&file).expect("a file")));
    place.run_command(&mut command).assert_code(0).assert_says(&["lacks goal esm"]);
}

#[test]
fn runs_that_disagree_are_said_to() {
    let place = Place::new();
    place.write("out/bug.cjs", PROGRAM);
    let odd = fake("odd", &format!("--case swap:{}", place.text("out/count")));
    let outcome = place.run(&["try", &place.text("out/bug.cjs"), "--on", &odd, "--repeat", "20"]);
    outcome.assert_code(0).assert_says(&["unstable; run 20 differs from the first: event 1 is \"two\" and was \"one\""]);
}

#[test]
fn what_cannot_be_tried_is_the_users_fault() {
    let place = Place::new();
    place.write("out/bug.js", PROGRAM);
    let file = place.text("out/bug.js");
    place.run(&["try", &place.text("out/none.js"), "--on", &fake("a", "")]).assert_code(2).assert_warns(&["cannot read"]);
    place.run(&["try", &file, "--on", "fake"]).assert_code(2).assert_warns(&["LOCKSTEP_FAKE is not set"]);
    place.run(&["try", &file, "--on", "a=fake"]).assert_code(2).assert_warns(&["names no runtime"]);
    place
        .run(&["try", &file, "--on", &fake("a", ""), "--on", &fake("a", "")])
        .assert_code(2)
        .assert_warns(&["two runtimes are named `a`"]);
    std::fs::write(place.path("out/bytes.js"), b"\xff").expect("written");
    place.run(&["try", &place.text("out/bytes.js"), "--on", &fake("a", "")]).assert_code(2).assert_warns(&["is no UTF-8"]);
}
