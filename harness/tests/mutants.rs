//! Does the suite notice each of the ways in `mutants/` to break node? Too long for every test run; the nightly one asks for it by
//! `cargo test --test mutants -- --ignored`.

use std::process::Command;

#[test]
#[ignore = "it breaks node in a hundred ways and runs the cases on each, which takes minutes"]
fn every_mutant_of_node_is_noticed_or_explained() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_lockstep")).args(["mutants", "--runtime", "node"]).output().expect("the binary");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let numbers: Vec<usize> = text.lines().rev().find(|line| line.contains(" mutants noticed, ")).map_or_else(
        || panic!("no summary\n{text}"),
        |line| line.split([' ', ',']).filter_map(|word| word.parse().ok()).collect(),
    );
    let [noticed, all, ..] = numbers[..] else { panic!("{numbers:?}") };
    assert!(noticed * 100 >= all * 95, "{noticed} of {all} are too few\n{text}");
}
