//! A program that is no case: a file at hand, run as a case without a rule.

use std::path::Path;

use super::{
    case::{Case, DEFAULT_TIMEOUT, Goal, Lane, Profile, Strength},
    program,
};

/// Why a file cannot be run as a case. Owner: the user.
#[derive(Debug, thiserror::Error)]
#[error("{file} is no JavaScript that any goal allows: {cause}", file = .file.display())]
pub struct LooseError {
    file: std::path::PathBuf,
    cause: String,
}

impl Case {
    /// The program in `file` as a case without rule, expectation or needs, called like the file. Its goal is the one given, or what the
    /// ending says (`.cjs`, `.mjs`), or else the first of CommonJS, ES module and script under which it stands; CommonJS if it stands
    /// under none, which [`Case::parses`] tells.
    pub fn loose(file: &Path, text: &str, goal: Option<Goal>) -> Self {
        let by_ending = match file.extension().and_then(|ending| ending.to_str()) {
            Some("mjs") => Some(Goal::Esm),
            Some("cjs") => Some(Goal::Cjs),
            _ => None,
        };
        let text = text.trim_start_matches('\u{feff}');
        let goal = goal.or(by_ending).or_else(|| program::guess_goal(text)).unwrap_or(Goal::Cjs);
        Self {
            id: file.file_stem().map_or_else(|| "program".into(), |stem| stem.to_string_lossy().into_owned()),
            title: String::new(),
            rule: String::new(),
            authority: vec![],
            strength: Strength::Observed,
            profile: Profile::Ecma,
            goal: Some(goal),
            needs: vec![],
            program: text.to_owned(),
            files: Default::default(),
            fixtures: Default::default(),
            env: Default::default(),
            args: vec![],
            stdin: None,
            timeout: DEFAULT_TIMEOUT,
            lane: Lane::Ordinary,
            tags: vec![],
            issues: vec![],
            was: vec![],
            file: file.into(),
            program_line: 1,
            digest: String::new(),
        }
    }

    /// Whether the program is JavaScript under its goal.
    ///
    /// # Errors
    /// If it is none.
    pub fn parses(&self) -> Result<(), LooseError> {
        program::check(&self.program, self.goal).map_err(|fault| {
            let line = self.program[..fault.offset.min(self.program.len())].matches('\n').count() + 1;
            LooseError { file: self.file.clone(), cause: format!("{} (line {line})", fault.cause) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_goal_or_else_the_text() {
        let goal = |name: &str, text: &str| Case::loose(Path::new(name), text, None).goal;
        assert_eq!(goal("a/x.mjs", "f();"), Some(Goal::Esm));
        assert_eq!(goal("x.cjs", "f();"), Some(Goal::Cjs));
        assert_eq!(goal("x.js", "f();"), Some(Goal::Cjs));
        assert_eq!(goal("x.js", "import 'node:fs';"), Some(Goal::Esm));
        let case = Case::loose(Path::new("a/bug.js"), "\u{feff}f();", Some(Goal::Script));
        assert_eq!((case.id.as_str(), case.program.as_str(), case.goal), ("bug", "f();", Some(Goal::Script)));
    }

    #[test]
    fn what_is_no_program_says_where() {
        for (name, text) in [("x.js", "f();\nlet ="), ("x.mjs", "\nwith (a) {}")] {
            let error = Case::loose(Path::new(name), text, None).parses().expect_err(text).to_string();
            assert!(error.contains(name) && error.contains("line 2"), "{error}");
        }
    }
}
