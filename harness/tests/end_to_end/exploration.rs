//! `lockstep explore`: what it shows of a case, what it says about the expectation and another runtime, and how a schedule is replayed.

use crate::support::{Case, Place, fake};

const EITHER: &str = "setTimeout(() => console.log('timeout'), 0);\nsetImmediate(() => console.log('immediate'));\n";

/// The in-house runtime, and one case whose program prints its two lines in either order.
fn place(trace: &str) -> Place {
    let place = Place::with([Case::new("ordering/timers/either").program(EITHER).trace(trace)]);
    let adapters = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters");
    let manifest = std::fs::read_to_string(adapters.join("inhouse.yaml")).expect("a manifest");
    place.write("suite/adapters/inhouse.yaml", &manifest);
    let generic = std::fs::read_to_string(adapters.join("generic.yaml")).expect("a manifest");
    place.write("suite/adapters/generic.yaml", &generic);
    place
}

#[test]
fn each_trace_is_shown_once_the_plain_one_first() {
    let place = place("[{ unordered: [timeout, immediate] }]");
    let outcome = place.run(&["explore", "either"]);
    outcome.assert_code(0);
    place.assert_snapshot("explore_either", &outcome.stdout);
}

#[test]
fn a_trace_that_the_expectation_forbids_is_a_regression() {
    let place = place("[immediate, timeout]");
    let outcome = place.run(&["explore", "either"]);
    outcome.assert_code(1).assert_says(&["FORBIDDEN by the expectation: event 1 is \"timeout\"", "immediate"]);
    place.run(&["explore", "either", "--open"]).assert_code(4);
}

#[test]
fn freedom_that_nothing_uses_is_named() {
    let place = place("[{ unordered: [timeout, immediate] }, { optional: never }]");
    place.run(&["explore", "either"]).assert_code(0).assert_says(&["perhaps too loose: \"never\" never appears"]);
}

#[test]
fn a_recorded_schedule_leads_to_its_trace_again() {
    let place = place("[{ unordered: [timeout, immediate] }]");
    place.run(&["explore", "either", "--record", "../out/schedules", "--json", "../out/found.json"]).assert_code(0);
    place.write("suite/main.cjs", EITHER);
    let replay = |schedule: &str| {
        let file = format!("../out/schedules/{schedule}.json");
        let outcome = place.run(&["exec", "--schedule", &file, "main.cjs"]);
        outcome.assert_code(0);
        outcome.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let traces = [replay("1"), replay("2")];
    assert_eq!(traces, [["immediate", "timeout"], ["timeout", "immediate"]]);
    let found: serde_json::Value = serde_json::from_str(&place.read("out/found.json")).expect("JSON");
    assert_eq!(found["cases"][0]["complete"], true);
    let trace = |index: usize| found["cases"][0]["traces"][index]["trace"].to_string();
    assert_eq!([trace(0), trace(1)], [r#"["immediate","timeout"]"#, r#"["timeout","immediate"]"#]);
    // Of another program it says so, and goes on.
    place.write("suite/other.cjs", "setImmediate(() => console.log('alone'));");
    let other = place.run(&["exec", "--schedule", "../out/schedules/2.json", "other.cjs"]);
    other.assert_code(0).assert_says(&["alone"]);
}

#[test]
fn seeds_find_no_other_traces_and_repeat() {
    let place = place("[{ unordered: [timeout, immediate] }]");
    let run = || place.run(&["explore", "either", "--seed", "1", "--runs", "20"]).assert_code(0).stdout.clone();
    let first = run();
    assert!(first.starts_with("ordering/timers/either: 20 schedules; 2 traces\n"), "{first}");
    assert_eq!(run(), first);
}

#[test]
fn a_runtime_that_shows_more_than_the_model_is_found_out() {
    let place = place("[{ unordered: [timeout, immediate] }]");
    place.add(&Case::new("ordering/timers/other").logs(&["fine"]).trace("[{ one_of: [fine, extra] }]"));
    // It prints the same whatever it is given: what the expectation allows and the model does not show, and what neither does.
    let other = fake("other", "--case say:extra");
    let outcome = place.run(&["explore", "timers/other", "--against", &other, "--repeat", "3"]);
    outcome.assert_code(1).assert_says(&["other in 3 runs: 1 trace, 1 NOT AMONG THESE", "3 of 3, exit 0:"]);
    let outcome = place.run(&["explore", "timers/either", "--against", &other, "--repeat", "3"]);
    outcome.assert_code(0).assert_says(&["all among these, not counting 1 against the rule"]);
}
