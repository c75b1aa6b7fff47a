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
    /// The program in `file` as a case without rule, expectation or needs, called like the file. Its goal is what the ending says
    /// (`.cjs`, `.mjs`), or else the first of CommonJS, ES module and script under which it stands.
    ///
    /// # Errors
    /// If it is no JavaScript.
    pub fn loose(file: &Path, text: &str) -> Result<Self, LooseError> {
        let named = match file.extension().and_then(|ending| ending.to_str()) {
            Some("mjs") => Some(Goal::Esm),
            Some("cjs") => Some(Goal::Cjs),
            _ => None,
        };
        let text = text.trim_start_matches('\u{feff}');
        let goal = named.or_else(|| program::guess_goal(text)).unwrap_or(Goal::Cjs);
        program::check(text, Some(goal)).map_err(|fault| {
            let line = text[..fault.offset.min(text.len())].matches('\n').count() + 1;
            LooseError { file: file.into(), cause: format!("{} (line {line})", fault.cause) }
        })?;
        Ok(Self {
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
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_goal_or_else_the_text() {
        let goal = |name: &str, text: &str| Case::loose(Path::new(name), text).expect(text).goal;
        assert_eq!(goal("a/x.mjs", "f();"), Some(Goal::Esm));
        assert_eq!(goal("x.cjs", "f();"), Some(Goal::Cjs));
        assert_eq!(goal("x.js", "f();"), Some(Goal::Cjs));
        assert_eq!(goal("x.js", "import 'node:fs';"), Some(Goal::Esm));
        let case = Case::loose(Path::new("a/bug.js"), "\u{feff}f();").expect("a program");
        assert_eq!((case.id.as_str(), case.program.as_str()), ("bug", "f();"));
    }

    #[test]
    fn what_is_no_program_says_where() {
        for (name, text) in [("x.js", "f();\nlet ="), ("x.mjs", "\nwith (a) {}")] {
            let error = Case::loose(Path::new(name), text).expect_err(text).to_string();
            assert!(error.contains(name) && error.contains("line 2"), "{error}");
        }
    }
}
