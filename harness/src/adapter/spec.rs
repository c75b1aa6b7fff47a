//! How a runtime is named on the command line.
//!
//! ```text
//! node                          the manifest's own way to find it
//! node@22.1.0                   this published version, installed on demand
//! dev=bun:./build/bun-debug     one's own build, under a name of one's own, started as the manifest `bun` says
//! dev=node:node --require ./x   with flags of one's own; shell quoting, no shell
//! ```

use std::{fmt, str::FromStr};

/// A runtime as named on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeSpec {
    /// The name it has in results.
    pub name: String,
    /// The manifest that starts it.
    pub adapter: String,
    /// Which binary.
    pub source: Source,
}

/// Which binary a [`RuntimeSpec`] means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Wherever the manifest finds it.
    Located,
    /// This published version.
    Version(String),
    /// This command, split into words: the binary and the flags that go before the manifest's own arguments.
    Command(Vec<String>),
}

/// A `--runtime` that cannot be read; the user's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{written}` names no runtime: {cause}; write NAME, NAME@VERSION or MYNAME=ADAPTER:COMMAND …")]
pub struct SpecError {
    written: String,
    cause: String,
}

impl RuntimeSpec {
    /// The runtime that the manifest `name` finds by itself.
    pub fn located(name: &str) -> Self {
        Self { name: name.into(), adapter: name.into(), source: Source::Located }
    }
}

impl FromStr for RuntimeSpec {
    type Err = SpecError;

    fn from_str(written: &str) -> Result<Self, SpecError> {
        let fault = |cause: &str| SpecError { written: written.into(), cause: cause.into() };
        if let Some((name, rest)) = written.split_once('=') {
            let (adapter, command) =
                rest.split_once(':').ok_or_else(|| fault("after `=` an adapter, a colon and a command are needed"))?;
            let words = split_words(command).ok_or_else(|| fault("a quote is not closed"))?;
            if words.is_empty() {
                return Err(fault("the command is empty"));
            }
            check_name(name).and_then(|()| check_name(adapter)).map_err(fault)?;
            return Ok(Self { name: name.into(), adapter: adapter.into(), source: Source::Command(words) });
        }
        if let Some((adapter, version)) = written.split_once('@') {
            check_name(adapter).map_err(fault)?;
            if version.is_empty() || !version.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c)) {
                return Err(fault("after `@` a version is needed"));
            }
            return Ok(Self { name: written.into(), adapter: adapter.into(), source: Source::Version(version.into()) });
        }
        check_name(written).map_err(fault)?;
        Ok(Self::located(written))
    }
}

impl fmt::Display for RuntimeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Located => f.write_str(&self.name),
            Source::Version(version) => write!(f, "{}@{version}", self.adapter),
            Source::Command(words) => {
                write!(f, "{}={}:", self.name, self.adapter)?;
                for (index, word) in words.iter().enumerate() {
                    if index > 0 {
                        f.write_str(" ")?;
                    }
                    write!(f, "{}", quote_word(word))?;
                }
                Ok(())
            }
        }
    }
}

/// Names stand in file names, in ids (`node::case`) and in tables.
fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("the name is empty");
    }
    if name.starts_with('-') || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c)) {
        return Err("a name has letters, digits, `-`, `_`, `.` and `+`, and does not begin with `-`");
    }
    Ok(())
}

/// Splits a command into words as a shell does with spaces, quotes and backslashes, and nothing else; `None` for an open quote.
pub fn split_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '"' => break,
                        '\\' => match rest.next()? {
                            c @ ('"' | '\\') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(rest.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

/// Quotes one word so that [`split_words`], and a POSIX shell, read it back as it is.
pub fn quote_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> RuntimeSpec {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn the_three_forms() {
        assert_eq!(read("node"), RuntimeSpec::located("node"));
        let old = read("bun@1.0.20");
        assert_eq!((old.name.as_str(), old.adapter.as_str()), ("bun@1.0.20", "bun"));
        assert_eq!(old.source, Source::Version("1.0.20".into()));
        let mine = read("mine=node:node --require './a b.cjs'");
        assert_eq!((mine.name.as_str(), mine.adapter.as_str()), ("mine", "node"));
        assert_eq!(mine.source, Source::Command(vec!["node".into(), "--require".into(), "./a b.cjs".into()]));
    }

    #[test]
    fn each_reads_back_as_it_prints() {
        for text in ["node", "deno@1.46.3", "x=bun:./bun --smol", "x=node:'/a b/node' 'it'\\''s'"] {
            assert_eq!(read(&read(text).to_string()), read(text), "{text}");
        }
    }

    #[test]
    fn what_names_nothing_is_refused_with_the_forms() {
        for text in ["", "a b", "x=node", "x=node:", "x=node:'open", "node@", "../x", "=node:a", "--x"] {
            let error = text.parse::<RuntimeSpec>().expect_err(text).to_string();
            assert!(error.contains("MYNAME=ADAPTER:COMMAND"), "{error}");
        }
    }
}
