//! A new case and its expectation, written so that they teach the format.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{case::Case, emit, features::Features, id, load::expectation_file, program};

/// What a new case gives for its rule until its author does; lint asks for a real one.
pub(super) const UNWRITTEN_RULE: &str = "Say here, in full sentences, what must happen, and when.";

/// What a new case gives for its authority until its author does; lint asks for a real one.
pub(super) const UNWRITTEN_AUTHORITY: &str = "https://example.org/where-the-rule-is-stated";

/// The program of a case that was started from nothing.
const SAMPLE: &str = "Promise.resolve().then(() => console.log('promise'));\nconsole.log('sync');\n";

/// A case to be written: two files, relative to the suite's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCase {
    /// The case's file.
    pub case_file: PathBuf,
    /// Its content.
    pub case: String,
    /// The expectation's file.
    pub expectation_file: PathBuf,
    /// Its content.
    pub expectation: String,
}

/// Why a new case cannot be written. Owner: the user.
#[derive(Debug, thiserror::Error)]
pub enum NewCaseError {
    /// The id is none.
    #[error("{cause}; {remedy}")]
    Id {
        /// What is wrong.
        cause: String,
        /// What to do.
        remedy: String,
    },
    /// The program cannot stand in a literal block.
    #[error("the program cannot stand in a YAML block: it is empty, or holds control characters; write those as escapes")]
    Program,
    /// One of the files is there already.
    #[error("{} exists already; choose another id, or edit it", .0.display())]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("cannot write {}: {error}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
}

impl NewCase {
    /// The files for the case `id`, from `program` or from a sample.
    ///
    /// # Errors
    /// If the id is none, or the program cannot be written as YAML.
    pub fn new(id: &str, program: Option<&str>, features: &Features) -> Result<Self, NewCaseError> {
        id::check(id).map_err(|(cause, remedy)| NewCaseError::Id { cause, remedy })?;
        // Editors on other systems end lines with CR LF, which means the same to every engine.
        let program = program.unwrap_or(SAMPLE).trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let program = program.trim_end();
        let goal = program::guess_goal(program).map_or("cjs", super::case::Goal::as_str);
        let needs: Vec<String> = features.keys().filter(|feature| is_used(feature, program)).cloned().collect();
        let title = id.rsplit('/').next().unwrap_or(id).replace('-', " ");
        let block = emit::literal("program", program, 0).ok_or(NewCaseError::Program)?;
        let case = format!(
            "# yaml-language-server: $schema=../../case.schema.json
title: {title}
rule: >-
  {UNWRITTEN_RULE}
authority:
  - {UNWRITTEN_AUTHORITY}
strength: observed   # normative: a specification says it; documented: Node's documentation does; observed: Node does it
profile: node        # who owes it: ecma, web, node, browser, deno, bun
goal: {goal}            # script, cjs, esm: the same lines order differently; any: the first the runtime offers
{needs}# What the program prints, line by line, is the trace. Print what happens around the event in question, so that the case
# fails if its rule is broken in either direction; turn time into order; leave nothing running.
{block}",
            title = emit::scalar(&title),
            needs = emit::list("needs", &needs, 0),
        );
        Ok(Self::of(id, case))
    }

    /// The files for the case `id` with a program that was found by making that of `from` smaller. What `from` says of its rule and of
    /// the world around its program is kept; where it is no case of a suite, that is left to the author as in [`NewCase::new`]. `notes`
    /// stand above the program, as comments.
    ///
    /// # Errors
    /// If the id is none, or something cannot be written as YAML.
    pub fn smaller(id: &str, from: &Case, program: &str, notes: &[String], features: &Features) -> Result<Self, NewCaseError> {
        id::check(id).map_err(|(cause, remedy)| NewCaseError::Id { cause, remedy })?;
        let written = |text: &str, else_: &str| if text.is_empty() { else_.to_owned() } else { text.to_owned() };
        let title = written(&from.title, &id.rsplit('/').next().unwrap_or(id).replace('-', " "));
        let rule = written(&from.rule, UNWRITTEN_RULE);
        let unwritten = [UNWRITTEN_AUTHORITY.to_owned()];
        let authority = if from.authority.is_empty() { &unwritten[..] } else { &from.authority[..] };
        let (strength, profile) = match from.authority.is_empty() {
            true => (super::Strength::Observed, super::Profile::Node),
            false => (from.strength, from.profile),
        };
        // What is no word of the program, such as a grammar, is known from the case alone.
        let mut needs: Vec<String> = from.needs.iter().filter(|need| !is_name(need) || is_used(need, program)).cloned().collect();
        needs.extend(features.keys().filter(|feature| is_used(feature, program)).cloned());
        needs.sort();
        needs.dedup();
        let mut case = format!(
            "# yaml-language-server: $schema=../../case.schema.json\ntitle: {}\nrule: {}\n{}strength: {strength}\nprofile: {profile}\ngoal: {}\n{}",
            emit::scalar(&title),
            emit::scalar(&rule),
            emit::list("authority", authority, 0),
            from.goal.map_or("any", super::Goal::as_str),
            emit::list("needs", &needs, 0),
        );
        if !from.fixtures.is_empty() {
            case.push_str("fixtures:\n");
            from.fixtures.iter().for_each(|(name, fixture)| case.push_str(&format!("  {}: {fixture}\n", emit::scalar(name))));
        }
        if !from.env.is_empty() {
            case.push_str("env:\n");
            from.env
                .iter()
                .for_each(|(name, value)| case.push_str(&format!("  {}: {}\n", emit::scalar(name), emit::scalar(value))));
        }
        if !from.args.is_empty() {
            case.push_str(&emit::list("args", &from.args, 0));
        }
        if let Some(stdin) = &from.stdin {
            case.push_str(&format!("stdin: {}\n", emit::scalar(stdin)));
        }
        if from.lane == super::Lane::Quiet {
            case.push_str("lane: quiet\n");
        }
        if !from.files.is_empty() {
            case.push_str("files:\n");
            for (name, text) in &from.files {
                match emit::literal(&emit::scalar(name), text, 2) {
                    Some(block) => case.push_str(&block),
                    None => case.push_str(&format!("  {}: {}\n", emit::scalar(name), emit::scalar(text))),
                }
            }
        }
        notes.iter().for_each(|note| case.push_str(&format!("# {note}\n")));
        case.push_str(&emit::literal("program", program, 0).ok_or(NewCaseError::Program)?);
        Ok(Self::of(id, case))
    }

    /// The case and an expectation that is yet to be filled in.
    fn of(id: &str, case: String) -> Self {
        let expectation = "# yaml-language-server: $schema=../../expectation.schema.json
# One item a line of output; `lockstep accept` fills in what a runtime prints. Where the rule leaves the order or the number
# open, say so: unordered, one_of, repeat, optional, lanes; {lo..hi}, {int} and {any} inside of an event.
trace: []
exit: 0
"
        .to_owned();
        Self { case_file: PathBuf::from(format!("cases/{id}.yaml")), case, expectation_file: expectation_file(id), expectation }
    }

    /// Whether both files may be written below `root`.
    ///
    /// # Errors
    /// If one of them is there already.
    pub fn vacant(&self, root: &Path) -> Result<(), NewCaseError> {
        match [&self.case_file, &self.expectation_file].into_iter().find(|file| root.join(file).exists()) {
            Some(file) => Err(NewCaseError::Exists(file.clone())),
            None => Ok(()),
        }
    }

    /// Writes both files below `root`, and overwrites none.
    ///
    /// # Errors
    /// If one exists, or cannot be written.
    pub fn write(&self, root: &Path) -> Result<(), NewCaseError> {
        let files = [(&self.case_file, &self.case), (&self.expectation_file, &self.expectation)];
        self.vacant(root)?;
        for (file, text) in files {
            let path = root.join(file);
            let written = fs::create_dir_all(path.parent().unwrap_or(root)).and_then(|()| fs::write(&path, text));
            written.map_err(|error| NewCaseError::Write { file: file.clone(), error })?;
        }
        Ok(())
    }
}

/// Whether a feature is called like something that programs write down.
fn is_name(feature: &str) -> bool {
    feature.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | ':' | '/'))
}

/// Whether the feature's name stands in the program as a word. A guess, which the author is to check.
fn is_used(feature: &str, program: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    program.match_indices(feature).any(|(at, _)| {
        let before = program[..at].chars().next_back();
        let after = program[at + feature.len()..].chars().next();
        !before.is_some_and(|c| part_of_name(c) || c == '.') && !after.is_some_and(part_of_name)
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::{features::Probe, read, yaml::Document},
        *,
    };

    fn features() -> Features {
        ["setTimeout", "process.nextTick", "node:fs", "process.next"]
            .into_iter()
            .map(|name| (name.to_owned(), Probe::Expression("true".to_owned())))
            .collect()
    }

    fn case_of(new: &NewCase) -> super::super::Case {
        let document =
            Document::scan(new.case_file.clone(), new.case.clone()).unwrap_or_else(|error| panic!("{}\n{error}", new.case));
        read::read_case("ordering/timers/my-case", &document, &features())
            .unwrap_or_else(|errors| panic!("{}\n{errors:?}", new.case))
    }

    #[test]
    fn what_is_written_reads_back() {
        let program = "const fs = require('node:fs');\r\n\r\n  process.nextTick(() => {\n\tsetTimeout(f, 1); // `x`: {y}\n});";
        let new = NewCase::new("ordering/timers/my-case", Some(program), &features()).expect("a good id");
        let case = case_of(&new);
        assert_eq!(
            case.program,
            "const fs = require('node:fs');\n\n  process.nextTick(() => {\n\tsetTimeout(f, 1); // `x`: {y}\n});\n"
        );
        assert_eq!(case.goal, Some(super::super::Goal::Cjs));
        assert_eq!(case.needs, ["node:fs", "process.nextTick", "setTimeout"]);
        assert_eq!(case.title, "my case");
        assert_eq!(case.program_line, new.case.lines().position(|line| line.contains("require")).expect("the first line") + 1);
        let document = Document::scan(new.expectation_file.clone(), new.expectation.clone()).expect("well-formed");
        read::read_expectation(&document).expect("valid");
    }

    #[test]
    fn a_new_case_starts_from_a_sample() {
        let new = NewCase::new("ordering/timers/my-case", None, &features()).expect("a good id");
        assert_eq!(case_of(&new).program, SAMPLE);
    }

    #[test]
    fn a_smaller_case_keeps_what_its_original_says() {
        let whole = "title: \"a: b\"\nrule: It must happen, and soon.\nauthority: ['https://example.org/a']\nstrength: documented\nprofile: web\ngoal: cjs\n\
            needs: [setTimeout, 'node:fs']\nenv: { A: '1' }\nargs: [x, 'y z']\nstdin: \"a\\n\"\nfixtures: { gate: fifo }\nlane: quiet\n\
            files: { a.cjs: \"f();\\ng();\\n\", b.txt: \"\" }\nprogram: |\n  setTimeout(f);\n  require('node:fs');\n";
        let read = |id: &str, file: &str, text: &str| {
            let document = Document::scan(file.into(), text.to_owned()).unwrap_or_else(|error| panic!("{text}\n{error}"));
            read::read_case(id, &document, &features()).unwrap_or_else(|errors| panic!("{text}\n{errors:?}"))
        };
        let case = read("ordering/a/b", "cases/ordering/a/b.yaml", whole);
        let notes = ["node prints: a".to_owned()];
        let new = NewCase::smaller("ordering/a/b-minimal", &case, "setTimeout(f);\n", &notes, &features()).expect("a case");
        assert!(new.case.contains("# node prints: a\nprogram: |\n"));
        let smaller = read("ordering/a/b-minimal", "cases/ordering/a/b-minimal.yaml", &new.case);
        assert_eq!((smaller.program.as_str(), &smaller.needs[..]), ("setTimeout(f);\n", &["setTimeout".to_owned()][..]));
        let kept = |case: &Case| {
            let Case { title, rule, authority, strength, profile, goal, files, fixtures, env, args, stdin, lane, .. } =
                case.clone();
            ((title, rule, authority, strength, profile, goal), (files, fixtures, env, args, stdin, lane))
        };
        assert_eq!(kept(&smaller), kept(&case));
        // Of a program at hand there is nothing to keep.
        let loose = Case::loose(std::path::Path::new("bug.js"), "setTimeout(f);", None);
        let new = NewCase::smaller("ordering/a/b", &loose, &loose.program, &[], &features()).expect("a case");
        let case = read("ordering/a/b", "cases/ordering/a/b.yaml", &new.case);
        assert_eq!((case.rule.as_str(), case.title.as_str()), (UNWRITTEN_RULE, "b"));
    }

    #[test]
    fn the_goal_is_guessed_from_the_program() {
        let goal =
            |program| case_of(&NewCase::new("ordering/timers/my-case", Some(program), &features()).expect("a good id")).goal;
        assert_eq!(goal("await 1;"), Some(super::super::Goal::Esm));
        assert_eq!(goal("var x = require('x');"), Some(super::super::Goal::Cjs));
    }

    #[test]
    fn bad_ids_and_programs_are_refused_and_nothing_is_overwritten() {
        let dir = tempfile::tempdir().expect("a directory");
        let none = Features::new();
        assert!(matches!(NewCase::new("../x", None, &none), Err(NewCaseError::Id { .. })));
        assert!(matches!(NewCase::new("ordering/a/b", Some("\u{1b}"), &none), Err(NewCaseError::Program)));
        assert!(matches!(NewCase::new("ordering/a/b", Some("\n"), &none), Err(NewCaseError::Program)));
        let new = NewCase::new("ordering/a/b", None, &none).expect("a good id");
        new.write(dir.path()).expect("written");
        assert_eq!(fs::read_to_string(dir.path().join("cases/ordering/a/b.yaml")).expect("there"), new.case);
        assert!(matches!(new.write(dir.path()), Err(NewCaseError::Exists(_))));
    }
}
