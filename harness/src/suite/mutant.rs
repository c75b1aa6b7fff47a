//! Mutants: preloads that break a runtime on purpose, to see whether the suite notices.
//!
//! A mutant is a CommonJS file that runs before each program. Its first comment says what it is:
//!
//! ```text
//! // breaks: setImmediate callbacks run in the reverse of their order
//! // noticed by: ordering/immediate ordering/loop
//! // survives: why no case can notice it (left out where one does)
//! ```
//!
//! `noticed by` are filters as `lockstep run` takes them. They say where to look first; whatever they do not catch is tried on the whole
//! suite. A value goes on in the next comment line if that begins with three blanks.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::SuiteError;

/// A preload that breaks one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The file's name without its extension.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// What is broken, as a sentence fragment.
    pub breaks: String,
    /// Filters of the cases that are run first.
    pub noticed_by: Vec<String>,
    /// Why no case can notice it; none if some case does.
    pub survives: Option<String>,
}

/// Reads the mutants of a folder, sorted by name.
///
/// # Errors
/// Every file without a proper first comment, and a folder that cannot be read or holds none.
pub fn read_mutants(folder: &Path) -> Result<Vec<Mutant>, Vec<SuiteError>> {
    let unreadable = |error: io::Error| {
        vec![SuiteError::whole(folder, format!("the folder of mutants cannot be read: {error}"), "name one with --mutants DIR")]
    };
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(unreadable)?;
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "cjs"));
    files.sort();
    let (mut mutants, mut errors) = (Vec::new(), Vec::new());
    for file in files {
        match fs::read_to_string(&file) {
            Ok(text) => match read(&file, &text) {
                Ok(mutant) => mutants.push(mutant),
                Err(error) => errors.push(error),
            },
            Err(error) => errors.push(SuiteError::whole(&file, format!("it cannot be read: {error}"), "make it readable")),
        }
    }
    if mutants.is_empty() && errors.is_empty() {
        errors.push(SuiteError::whole(
            folder,
            "there are no mutants in it",
            "write one, a file NAME.cjs, or name another folder",
        ));
    }
    if errors.is_empty() { Ok(mutants) } else { Err(errors) }
}

fn read(file: &Path, text: &str) -> Result<Mutant, SuiteError> {
    let fault = |line: usize, cause: String, remedy: &str| SuiteError {
        file: file.into(),
        line,
        column: 1,
        cause,
        remedy: remedy.into(),
    };
    let (mut breaks, mut noticed_by, mut survives) = (None::<String>, None::<String>, None::<String>);
    let comment = text.lines().map_while(|line| line.strip_prefix("//"));
    let mut current: Option<&mut String> = None;
    for (index, line) in comment.enumerate() {
        if let (Some(more), Some(value)) = (line.strip_prefix("   "), &mut current) {
            value.push(' ');
            value.push_str(more.trim());
            continue;
        }
        let known = line.split_once(':').and_then(|(key, value)| match key.trim() {
            "breaks" => Some((&mut breaks, value)),
            "noticed by" => Some((&mut noticed_by, value)),
            "survives" => Some((&mut survives, value)),
            _ => None,
        });
        let Some((slot, value)) = known else {
            return Err(fault(
                index + 1,
                "this is none of `breaks:`, `noticed by:` and `survives:`".into(),
                "begin a value's next line with `//` and three blanks, and end the comment with an empty line",
            ));
        };
        if slot.is_some() {
            return Err(fault(index + 1, "the key stands twice".into(), "write it once"));
        }
        current = Some(slot.insert(value.trim().to_owned()));
    }
    let breaks = breaks
        .filter(|breaks| !breaks.is_empty())
        .ok_or_else(|| fault(1, "it does not say what it breaks".into(), "begin the file with `// breaks: …`"))?;
    if let Some(reason) = &survives
        && reason.is_empty()
    {
        return Err(fault(1, "`survives` gives no reason".into(), "say why no case can notice it"));
    }
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let noticed_by = noticed_by.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    Ok(Mutant { name, file: file.into(), breaks, noticed_by, survives })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Mutant, SuiteError> {
        read(Path::new("m/lifo.cjs"), text)
    }

    #[test]
    fn the_first_comment_says_what_a_mutant_is() {
        let text = "// breaks: immediates run\n//   backwards\n// noticed by: ordering/a ordering/b\n\n// not read: this\n'use strict';\n";
        let mutant = parse(text).expect("a mutant");
        assert_eq!((mutant.name.as_str(), mutant.breaks.as_str()), ("lifo", "immediates run backwards"));
        assert_eq!((mutant.noticed_by, mutant.survives), (vec!["ordering/a".to_owned(), "ordering/b".to_owned()], None));
    }

    #[test]
    fn a_comment_that_cannot_be_read_is_told_with_its_line() {
        for (text, line, cause) in [
            ("'use strict';\n", 1, "it does not say what it breaks"),
            ("// breaks: a\n// note: b\n", 2, "this is none of `breaks:`, `noticed by:` and `survives:`"),
            ("// breaks: a\n// breaks: b\n", 2, "the key stands twice"),
            ("// breaks: a\n// survives:\n", 1, "`survives` gives no reason"),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!((error.line, error.cause.as_str()), (line, cause), "{text}");
        }
    }

    #[test]
    fn a_folder_without_mutants_is_an_error() {
        let folder = tempfile::tempdir().expect("a directory");
        assert_eq!(read_mutants(folder.path()).expect_err("it is empty")[0].cause, "there are no mutants in it");
        fs::write(folder.path().join("b.cjs"), "// breaks: b\n").expect("a file");
        fs::write(folder.path().join("a.cjs"), "// breaks: a\n").expect("a file");
        fs::write(folder.path().join("README.md"), "").expect("a file");
        let names: Vec<String> = read_mutants(folder.path()).expect("two").into_iter().map(|mutant| mutant.name).collect();
        assert_eq!(names, ["a", "b"]);
    }
}
