//! The one place that knows YAML: reading a file, refusing what the suite does not use, and saying where a value stands.
//!
//! The dialect is a strict part of YAML 1.2: one document of mappings, sequences and scalars. Anchors, aliases, merge keys, tags,
//! directives and duplicate keys are errors, because each of them makes a file mean something else than it seems to. A plain scalar
//! that some reader would take for a number or a truth value must be quoted where text is meant.
//!
//! A file is gone through twice: first its events, which yields the *outline* (where every value stands) and finds what is
//! refused; then serde, whose errors are put into our words.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_yaml::{
    Error, Options,
    granit_parser::{self, ErrorKind, Event, Parser, ScalarStyle, ScanError},
};

use super::{
    error::{SuiteError, nearest},
    tree::Layer,
};

/// How deep values may nest.
const MAX_DEPTH: usize = 64;

/// A file that is well-formed in our dialect, and where everything in it stands.
#[derive(Debug)]
pub(super) struct Document {
    file: PathBuf,
    text: String,
    nodes: Vec<Node>,
}

/// One value of a file. The root is the first; children come after their parent.
#[derive(Debug)]
struct Node {
    parent: usize,
    key: Key,
    key_at: Position,
    at: Position,
    style: Style,
}

#[derive(Debug, PartialEq)]
enum Key {
    Root,
    Name(Box<str>),
    Index(usize),
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// Line from 1.
    pub(super) line: usize,
    /// Column from 1.
    pub(super) column: usize,
}

/// How a value was written, as far as it decides where its lines stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `|`: each line of the value is a line of the file.
    Literal,
    /// `>`: lines are joined.
    Folded,
    /// Plain or quoted.
    Inline,
    /// A mapping or a sequence.
    Collection,
}

/// One step on the way to a value: a key of a mapping, or an index of a sequence.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    /// A key.
    Key(&'a str),
    /// An index from 0.
    Item(usize),
}

impl<'a> From<&'a str> for Step<'a> {
    fn from(key: &'a str) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Step<'_> {
    fn from(index: usize) -> Self {
        Self::Item(index)
    }
}

impl Document {
    /// Reads and scans `file`, a path relative to the layer's root.
    pub(super) fn read(layer: &Layer, file: &Path) -> Result<Self, SuiteError> {
        let shown = layer.shown(file);
        let text = layer.tree.text(file, &shown)?;
        Self::scan(shown, text)
    }

    /// Scans `text`, which is, or will be, the content of `file`.
    pub(super) fn scan(file: PathBuf, text: String) -> Result<Self, SuiteError> {
        match outline(&text) {
            Ok(nodes) => Ok(Self { file, text, nodes }),
            Err((at, cause, remedy)) => Err(SuiteError { file, line: at.line, column: at.column, cause, remedy }),
        }
    }

    /// The text as it was read.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The file, as faults call it: relative to the suite's root, or within an overlay.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Turns the file into a raw type.
    pub(super) fn value<T: DeserializeOwned>(&self) -> Result<T, SuiteError> {
        serde_yaml::from_str_with_options(&self.text, options()).map_err(|error| self.explain(&error))
    }

    /// Where the value at `path` stands, or the deepest value on the way that exists. A block scalar stands where its text begins,
    /// on the line after its header.
    pub(super) fn position(&self, path: &[Step<'_>]) -> Position {
        self.nodes[self.find(path).unwrap_or_else(|deepest| deepest)].at
    }

    /// How the value at `path` is written, if there is one.
    pub(super) fn style(&self, path: &[Step<'_>]) -> Option<Style> {
        self.find(path).ok().map(|node| self.nodes[node].style)
    }

    /// Whether the value at `path` is a literal block, so that its lines are lines of the file.
    pub(super) fn is_literal(&self, path: &[Step<'_>]) -> bool {
        self.style(path) == Some(Style::Literal)
    }

    /// The keys of the file's mapping, in order, each with its line.
    pub(super) fn top_level_lines(&self) -> Vec<(String, usize)> {
        let own = self.nodes.iter().skip(1).filter(|node| node.parent == 0);
        own.filter_map(|node| match &node.key {
            Key::Name(name) => Some((name.to_string(), node.key_at.line)),
            Key::Root | Key::Index(_) => None,
        })
        .collect()
    }

    /// A fault at `path`.
    pub(super) fn fault(&self, path: &[Step<'_>], cause: impl Into<String>, remedy: impl Into<String>) -> SuiteError {
        self.fault_at(self.position(path), cause, remedy)
    }

    fn fault_at(&self, at: Position, cause: impl Into<String>, remedy: impl Into<String>) -> SuiteError {
        let (line, column) = (at.line, at.column);
        SuiteError { file: self.file.clone(), line, column, cause: cause.into(), remedy: remedy.into() }
    }

    /// The node at `path`, or else the deepest on the way.
    fn find(&self, path: &[Step<'_>]) -> Result<usize, usize> {
        let mut node = 0;
        for step in path {
            let next = (node + 1..self.nodes.len()).find(|at| {
                let candidate = &self.nodes[*at];
                candidate.parent == node
                    && match (&candidate.key, step) {
                        (Key::Name(name), Step::Key(key)) => **name == **key,
                        (Key::Index(index), Step::Item(item)) => index == item,
                        _ => false,
                    }
            });
            node = next.ok_or(node)?;
        }
        Ok(node)
    }

    /// Our words for what serde found.
    fn explain(&self, error: &Error) -> SuiteError {
        let error = error.without_snippet();
        let mut at = error.location().filter(|at| at.line() > 0).map_or(self.nodes[0].at, |at| Position {
            line: usize::try_from(at.line()).unwrap_or(usize::MAX),
            column: usize::try_from(at.column()).unwrap_or(usize::MAX),
        });
        let (cause, remedy) = match error {
            Error::DuplicateMappingKey { key, .. } => {
                let key = key.as_deref().unwrap_or("?");
                let first = self.nodes.iter().find(|node| matches!(&node.key, Key::Name(name) if **name == *key));
                let line = first.map_or(at.line, |node| node.key_at.line);
                (format!("key `{key}` is given twice; the first stands on line {line}"), "keep one of the two".to_owned())
            }
            Error::SerdeUnknownField { field, expected, .. } => {
                (format!("unknown key `{field}`"), offer(field, "keys", expected))
            }
            Error::SerdeUnknownVariant { variant, expected, .. } => {
                (format!("`{variant}` is not a word that may stand here"), offer(variant, "words", expected))
            }
            Error::SerdeMissingField { field, .. } => {
                // Noticed at the mapping's last key; what lacks is the mapping.
                let noticed = self.nodes.iter().find(|node| node.key_at == at && node.key != Key::Root);
                at = noticed.map_or(at, |node| self.nodes[node.parent].at);
                (format!("key `{field}` is missing"), format!("add `{field}:`"))
            }
            Error::SerdeInvalidType { unexpected, expected, .. } | Error::SerdeInvalidValue { unexpected, expected, .. } => {
                (format!("{unexpected} where {expected} belongs"), format!("write {expected}"))
            }
            Error::SerdeInvalidLength { len, expected, .. } => {
                (format!("{len} items where {expected} belongs"), format!("write {expected}"))
            }
            Error::QuotingRequired { value, .. } => {
                (format!("`{value}` is no text but a number, a truth value or nothing"), format!("quote it: \"{value}\""))
            }
            Error::NullIntoString { .. } => {
                ("nothing where text belongs".to_owned(), "write the text, or \"\" for none".to_owned())
            }
            Error::InvalidScalar { ty, .. } => (format!("this is not {}", readable(ty)), format!("write {}", readable(ty))),
            Error::InvalidBooleanStrict { .. } => ("this is no truth value".to_owned(), "write true or false".to_owned()),
            Error::Unexpected { expected, .. } => {
                let expected = readable(expected);
                (format!("something else where {expected} belongs"), format!("write {expected}"))
            }
            Error::Message { msg, .. } => match msg.split_once("; ") {
                Some((cause, remedy)) => (cause.to_owned(), remedy.to_owned()),
                None => (msg.clone(), "see the schema named in the file's first line".to_owned()),
            },
            Error::Budget { .. } => ("the file is too deep or too large to be read".to_owned(), "make it smaller".to_owned()),
            other => {
                let text = other.to_string();
                (
                    text.lines().next().unwrap_or("this cannot be read").to_owned(),
                    "see the schema named in the file's first line".to_owned(),
                )
            }
        };
        self.fault_at(at, cause, remedy)
    }
}

/// What to write instead of an unknown word.
fn offer(word: &str, what: &str, known: &[&'static str]) -> String {
    let all = known.join(", ");
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? the {what} that may stand here: {all}"),
        None => format!("the {what} that may stand here: {all}"),
    }
}

/// A name of the reader's for a kind of value, as a person says it.
fn readable(kind: &str) -> String {
    match kind {
        "mapping start" | "mapping" => "a mapping (`key: value`)".to_owned(),
        "sequence start" | "sequence" => "a list".to_owned(),
        "string scalar" | "scalar" | "string" => "text".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        other => format!("a {other}"),
    }
}

fn options() -> Options {
    serde_yaml::options! {
        strict_booleans: true,
        no_schema: true,
        with_snippet: false,
        reject_unsupported_tags: true,
    }
}

type Refusal = (Position, String, String);

/// Collects the outline of `text`, or finds the first construct that the dialect does not have.
fn outline(text: &str) -> Result<Vec<Node>, Refusal> {
    let mut nodes: Vec<Node> = Vec::new();
    // The open collections: their node, and where the next child goes.
    let mut open: Vec<(usize, Slot)> = Vec::new();
    let mut documents = 0;
    let mut parser_options = granit_parser::Options::default();
    parser_options.disallow_directives = true;
    // Makes an anchor an event of its own, so that the fault stands where the anchor does.
    parser_options.emit_anchor_events = true;
    for event in Parser::new_from_str_with_options(text, parser_options) {
        let (event, span) = event.map_err(|error| unscannable(&error, text))?;
        let mut at = Position { line: span.start.line(), column: span.start.col() + 1 };
        if let Event::Scalar(value, ScalarStyle::Literal, ..) = &event {
            // The scanner's mark is the first line with text on it; blank lines before it belong to the value.
            at.line -= value.bytes().take_while(|byte| *byte == b'\n').count().min(at.line - 1);
        }
        let (style, tag) = match &event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents > 1 {
                    return Err(refuse(at, "a second document begins here", "keep one document a file"));
                }
                continue;
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                return Err(refuse(at, "an alias (`*name`)", "write the value out; the suite's files have no aliases"));
            }
            Event::Anchor(..) => {
                let remedy = "leave it out, and quote text that begins with `&`; the suite's files have no anchors";
                return Err(refuse(at, "an anchor (`&name`)", remedy));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                continue;
            }
            Event::Scalar(_, ScalarStyle::Literal, _, tag) => (Style::Literal, tag),
            Event::Scalar(_, ScalarStyle::Folded, _, tag) => (Style::Folded, tag),
            Event::Scalar(_, _, _, tag) => (Style::Inline, tag),
            Event::SequenceStart(_, _, tag) | Event::MappingStart(_, _, tag) => (Style::Collection, tag),
            _ => continue,
        };
        if tag.is_some() {
            return Err(refuse(at, "a tag (`!name`)", "leave it out; the suite's files have no tags"));
        }
        if let Some((_, slot @ Slot::Key)) = open.last_mut() {
            let Event::Scalar(name, style, ..) = &event else {
                return Err(refuse(at, "a key that is no text", "write a plain word as the key"));
            };
            if name == "<<" && *style == ScalarStyle::Plain {
                return Err(refuse(at, "a merge key (`<<`)", "write the keys out; the suite's files have no merge keys"));
            }
            *slot = Slot::Value(name.as_ref().into(), at);
            continue;
        }
        let (parent, key, key_at) = match open.last_mut() {
            None => (0, Key::Root, at),
            Some((parent, Slot::Item(index))) => {
                *index += 1;
                (*parent, Key::Index(*index - 1), at)
            }
            Some((parent, slot)) => match std::mem::replace(slot, Slot::Key) {
                Slot::Value(name, key_at) => (*parent, Key::Name(name), key_at),
                Slot::Key | Slot::Item(_) => unreachable!("keys and items were dealt with above"),
            },
        };
        match event {
            Event::SequenceStart(..) => open.push((nodes.len(), Slot::Item(0))),
            Event::MappingStart(..) => open.push((nodes.len(), Slot::Key)),
            _ => {}
        }
        if open.len() > MAX_DEPTH {
            return Err(refuse(at, format!("values nest deeper than {MAX_DEPTH}"), "make it flatter"));
        }
        nodes.push(Node { parent, key, key_at, at, style });
    }
    if nodes.is_empty() {
        return Err(refuse(Position { line: 1, column: 1 }, "the file is empty", "write its content, or remove it"));
    }
    Ok(nodes)
}

/// What the next event of an open collection is.
enum Slot {
    Key,
    Value(Box<str>, Position),
    Item(usize),
}

fn refuse(at: Position, cause: impl Into<String>, remedy: impl Into<String>) -> Refusal {
    (at, cause.into(), remedy.into())
}

/// Our words for what the scanner found.
fn unscannable(error: &ScanError, text: &str) -> Refusal {
    let marker = error.marker();
    let at = Position { line: marker.line().max(1), column: marker.col() + 1 };
    match error.kind() {
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => refuse(tab_from(text, at), "a tab in the indentation", "indent with spaces"),
        ErrorKind::UnknownAnchor => refuse(
            at,
            "an alias (`*name`)",
            "write the value out, and quote text that begins with `*`; the suite's files have no aliases",
        ),
        ErrorKind::DirectiveDisallowed => {
            refuse(at, "a directive (`%NAME`)", "leave it out; the suite's files have no directives")
        }
        kind => refuse(at, format!("this is no YAML: {kind}"), "check the indentation, and quote text with special characters"),
    }
}

/// The first tab in the indentation of a line from `at` on: the scanner may complain before it gets there.
fn tab_from(text: &str, at: Position) -> Position {
    let indented_by_tab = text.lines().enumerate().skip(at.line - 1).find_map(|(index, line)| {
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        indentation.find('\t').map(|column| Position { line: index + 1, column: column + 1 })
    });
    indented_by_tab.unwrap_or(at)
}

#[cfg(test)]
#[path = "yaml_tests.rs"]
mod tests;
