//! The whole harness, driven from outside: the real binary, over tiny suites in temporary folders, with runtimes that misbehave.
//!
//! One test program rather than one a file, so that they share a link and the builder in `support`.

#![cfg(target_os = "linux")]

#[path = "../fixtures/hostile/locate.rs"]
mod locate;

mod authoring;
mod bad_results;
mod compare_and_gate;
mod conformance_runner;
mod doctor;
#[cfg(feature = "inhouse")]
mod exploration;
mod hostile_runtimes;
mod interrupt;
mod minimizing;
mod mutants;
mod project;
mod releases;
mod reports;
mod support;
mod triage;
mod try_program;
mod verdicts;
