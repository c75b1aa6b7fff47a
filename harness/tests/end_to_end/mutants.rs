//! Does `lockstep mutants` tell a suite that notices from one that does not?

use crate::support::{Case, Place};

/// A runtime that can be broken: the fake one, with a flag for preloads.
const BREAKABLE: &str = "name: breakable
kind: process
profiles: [ecma, node]
goals: [cjs]
locate: { env: LOCKSTEP_BREAKABLE }
product: \"['breakable', '1.0.0']\"
run: { cjs: [runtime, '{args}', main.cjs] }
preload: --preload
";

const RUNTIME: [&str; 2] = ["--runtime", "breakable=breakable:hostile"];

/// Two cases with a program each, and one that fails whatever the runtime does.
fn place() -> Place {
    let case =
        |name: &str, mark: &str| Case::new(&format!("ordering/m/{name}")).logs(&["fine", mark]).trace(&format!("[fine, {mark}]"));
    let place = Place::with([case("a", "alpha"), case("b", "beta"), Case::new("ordering/m/wrong").trace("[never]")]);
    place.write("suite/adapters/breakable.yaml", BREAKABLE);
    place
}

fn mutant(place: &Place, name: &str, keys: &str, fake: &str) {
    place.write(&format!("out/{name}.cjs"), &format!("{keys}\n\n// fake: {fake}\n"));
}

#[test]
fn what_is_noticed_is_told_with_its_case_and_what_is_not_fails() {
    let place = place();
    mutant(&place, "loud", "// breaks: all output\n// noticed by: ordering/m/b", "say:other");
    mutant(&place, "picky", "// breaks: one program only\n// noticed by: ordering/m/b", "say-at:alpha:other");
    let run = |names: &[&str]| place.run(&[&["mutants", "--mutants", "../out"], &RUNTIME[..], names].concat());
    run(&[]).assert_code(0).assert_says(&[
        "noticed   loud",
        "ordering/m/b: event 1 is \"other\"",
        // What the named cases do not catch is tried on all.
        "noticed   picky",
        "ordering/m/a: event 1 is \"other\"",
        "2 of 2 mutants noticed, 0 survive, 0 of them unexplained",
    ]);

    mutant(&place, "tame", "// breaks: nothing that shows", "faithful");
    run(&[]).assert_code(1).assert_says(&[
        "SURVIVES  tame",
        "nothing that shows: no case notices",
        "2 of 3 mutants noticed, 1 survive, 1 of them unexplained",
    ]);
    mutant(&place, "tame", "// breaks: nothing that shows\n// survives: it is the same", "faithful");
    run(&["tame"]).assert_code(0).assert_says(&[
        "survives  tame",
        "it is the same",
        "0 of 1 mutants noticed, 1 survive, 0 of them",
    ]);
    mutant(&place, "tame", "// breaks: all output\n// survives: it is the same", "say:other");
    run(&["tame"]).assert_code(1).assert_says(&["remove that line"]);
}

#[test]
fn what_cannot_be_broken_or_read_is_refused() {
    let place = place();
    let said = place.run(&["mutants", "--mutants", "../out", "--runtime", "fake=fake:hostile runtime"]);
    said.assert_code(2).assert_warns(&["there are no mutants in it"]);
    mutant(&place, "loud", "// breaks: all output", "say:other");
    let said = place.run(&["mutants", "--mutants", "../out", "--runtime", "fake=fake:hostile runtime"]);
    said.assert_code(2).assert_warns(&["adapters/fake.yaml names no flag for preloads", "preload: FLAG"]);
    place.run(&[&["mutants", "--mutants", "../out"], &RUNTIME[..], &["quiet"]].concat()).assert_code(4);
    place.write("out/odd.cjs", "'use strict';\n");
    let said = place.run(&[&["mutants", "--mutants", "../out"], &RUNTIME[..]].concat());
    said.assert_code(2).assert_warns(&["odd.cjs:1:1: it does not say what it breaks", "// breaks: …"]);
}
