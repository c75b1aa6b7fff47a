//! What the dialect takes and refuses, and where it says so.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::{super::tree::read_text, *};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    title: String,
    #[serde(default)]
    list: Vec<String>,
    #[serde(default)]
    map: BTreeMap<String, String>,
    #[serde(default)]
    flag: bool,
    #[serde(default)]
    number: Option<u8>,
}

fn read(text: &str) -> Result<Sample, SuiteError> {
    Document::scan(PathBuf::from("a.yaml"), text.to_owned())?.value()
}

/// `line:column: cause` of the fault in `text`.
fn fault(text: &str) -> String {
    let error = read(text).expect_err(text);
    assert!(!error.remedy.is_empty(), "{error}");
    format!("{}:{}: {}", error.line, error.column, error.cause)
}

fn good(text: &str) -> Sample {
    read(text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

#[test]
fn ordinary_files_are_read() {
    let sample = good(
        "# note\ntitle: a b:c#d\nlist: [x, 'y z', \"\\u00e9\"]\nmap:\n  k: |\n    one\n\n    \ttwo\n  l: >-\n    three\n    four\n",
    );
    assert_eq!(sample.title, "a b:c#d");
    assert_eq!(sample.list, ["x", "y z", "é"]);
    assert_eq!(sample.map["k"], "one\n\n\ttwo\n");
    assert_eq!(sample.map["l"], "three four");
}

#[test]
fn a_document_marker_is_fine_and_a_second_document_is_not() {
    assert_eq!(good("---\ntitle: a\n").title, "a");
    assert_eq!(fault("title: a\n---\ntitle: b\n"), "2:1: a second document begins here");
    assert_eq!(fault("title: a\n---\n"), "2:1: a second document begins here");
}

#[test]
fn words_of_older_yaml_are_text_but_true_numbers_and_null_must_be_quoted() {
    assert_eq!(good("title: no\nlist: [yes, on, y, 1.2.3, 0o, 12 ms]\n").title, "no");
    for value in ["true", "False", "12", "-1", "1.5", "0x1F", "0o17", "1e3", ".inf", ".nan"] {
        assert!(fault(&format!("title: {value}\n")).contains("is no text"), "{value}");
        assert_eq!(good(&format!("title: \"{value}\"\n")).title, value);
    }
    for value in ["", "~", "null"] {
        assert!(fault(&format!("title: {value}\n")).contains("no"), "{value}");
    }
}

#[test]
fn a_truth_value_is_true_or_false_only() {
    assert!(good("title: a\nflag: true\n").flag);
    for value in ["yes", "on", "1"] {
        assert!(fault(&format!("title: a\nflag: {value}\n")).starts_with("2:7:"), "{value}");
    }
}

#[test]
fn numbers_are_decimal_and_in_range() {
    assert_eq!(good("title: a\nnumber: 12\n").number, Some(12));
    for value in ["256", "-1", "x", "1.5"] {
        assert!(fault(&format!("title: a\nnumber: {value}\n")).starts_with("2:9:"), "{value}");
    }
}

#[test]
fn what_makes_files_mean_more_than_they_show_is_refused_where_it_stands() {
    assert_eq!(fault("title: &x a\nlist: []\n"), "1:8: an anchor (`&name`)");
    assert_eq!(fault("title: &x a\nlist: [*x]\n"), "1:8: an anchor (`&name`)");
    assert_eq!(fault("title: a\nmap: &m\n  k: v\n"), "2:6: an anchor (`&name`)");
    assert_eq!(fault("title: *x\n"), "1:8: an alias (`*name`)");
    assert_eq!(fault("title: a\nmap:\n  <<: {k: v}\n"), "3:3: a merge key (`<<`)");
    assert_eq!(fault("title: !!str 5\n").split_once(": ").expect("position").1, "a tag (`!name`)");
    assert_eq!(fault("title: !mine a\n").split_once(": ").expect("position").1, "a tag (`!name`)");
    assert_eq!(fault("%YAML 1.1\n---\ntitle: a\n"), "1:1: a directive (`%NAME`)");
    assert_eq!(fault("title: a\n? [k]\n: v\n").split_once(": ").expect("position").1, "a key that is no text");
}

#[test]
fn the_same_characters_inside_text_are_text() {
    let sample = good("title: 'a & b'\nlist: [\"*x\", '!y', '<<']\nmap:\n  p: |\n    const a = *b & !c; // <<: &\n");
    assert_eq!(sample.list, ["*x", "!y", "<<"]);
    assert_eq!(sample.map["p"], "const a = *b & !c; // <<: &\n");
}

#[test]
fn keys_are_known_and_given_once() {
    let error = read("title: a\ntilte: b\n").expect_err("unknown key");
    assert_eq!((error.line, error.column), (2, 1));
    assert!(error.remedy.contains("did you mean `title`?"), "{error}");
    assert_eq!(fault("title: a\nlist: []\ntitle: b\n"), "3:1: key `title` is given twice; the first stands on line 1");
    assert!(fault("title: a\nmap:\n  k: v\n  l: v\n  k: w\n").starts_with("5:3: key `k` is given twice"));
    assert!(fault("list: []\n").contains("key `title` is missing"));
}

#[test]
fn tabs_may_stand_in_text_and_nowhere_else() {
    for text in ["title: a\nmap:\n\tk: v\n", "title: a\nlist:\n\t- x\n", "title: a\nmap:\n  k: |\n\tone\n"] {
        let error = read(text).expect_err(text);
        assert_eq!(error.cause, "a tab in the indentation", "{text:?}: {error}");
        assert!(text.lines().nth(error.line - 1).expect("line").contains('\t'), "{text:?}: {error}");
    }
}

#[test]
fn kinds_are_not_mixed_up() {
    assert!(fault("title: [a]\n").starts_with("1:8:"));
    assert!(fault("title: a\nlist: x\n").starts_with("2:7:"));
    assert!(fault("title: a\nmap: [x]\n").starts_with("2:6:"));
    assert!(fault("- a\n").starts_with("1:1:"));
    assert!(fault("text\n").starts_with("1:1:"));
}

#[test]
fn an_empty_file_is_an_error_and_so_is_one_with_comments_only() {
    assert_eq!(fault(""), "1:1: the file is empty");
    assert_eq!(fault("# nothing\n\n"), "1:1: the file is empty");
}

#[test]
fn what_is_no_yaml_at_all_says_where() {
    assert!(fault("title: 'a\n").contains("this is no YAML"));
    assert!(fault("title: a: b\n").starts_with("1:"));
    assert!(fault("title: a\nlist: [x\n").contains("this is no YAML"));
}

#[test]
fn nesting_is_bounded() {
    let text = format!("title: a\nlist: {}{}\n", "[".repeat(2000), "]".repeat(2000));
    assert!(read(&text).is_err());
    let blocks: String = (0..200).map(|depth| format!("{}k:\n", " ".repeat(depth))).collect();
    assert!(read(&blocks).is_err());
}

#[test]
fn positions_are_those_of_the_values() {
    let text = "title: é\nlist:\n  - x\n  - 'y'\nmap: { k: v }\nlong: |\n\n\n  one\n  two\n";
    let document = Document::scan(PathBuf::from("a.yaml"), text.to_owned()).expect("well-formed");
    let at = |path: &[Step<'_>]| {
        let position = document.position(path);
        (position.line, position.column)
    };
    assert_eq!(at(&["title".into()]), (1, 8));
    assert_eq!(at(&["list".into(), 1.into()]), (4, 5));
    assert_eq!(at(&["list".into(), 7.into()]), at(&["list".into()]));
    assert_eq!(at(&["map".into(), "k".into()]), (5, 11));
    assert_eq!(at(&["absent".into()]), (1, 1));
    assert_eq!(at(&["long".into()]), (7, 3));
    assert_eq!(document.style(&["long".into()]), Some(Style::Literal));
}

#[test]
fn files_that_are_no_text_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let read = |bytes: &[u8]| {
        std::fs::write(dir.path().join("a.yaml"), bytes).expect("written");
        let error = read_text(&dir.path().join("a.yaml"), Path::new("a.yaml")).expect_err("refused");
        (error.line, error.column, error.cause)
    };
    assert_eq!(read(b"a: b\nc: \xc3\xa9\xff\n"), (2, 5, "these bytes are no UTF-8".to_owned()));
    assert!(read(b"\xef\xbb\xbfa: b\n").2.contains("byte-order mark"));
    assert!(read(&vec![b'#'; 1 + (1 << 20)]).2.contains("larger than 1024 KiB"));
    let missing = read_text(&dir.path().join("absent.yaml"), Path::new("absent.yaml")).expect_err("missing");
    assert!(missing.cause.contains("cannot be read"));
    let folder = read_text(dir.path(), Path::new(".")).expect_err("a folder");
    assert!(folder.cause.contains("no regular file"));
}

proptest! {
    /// Whatever stands in a file, reading it ends in a value or in an error that stands within the file.
    #[test]
    fn no_text_breaks_the_reader(text in "([a-z:\\-\\[\\]{}|>&*!#'\"%@?,\\\\ \\t\\n]|title|list|map|<<|---){0,60}") {
        if let Err(error) = read(&text) {
            prop_assert!(error.line >= 1 && error.line <= text.lines().count().max(1) + 1, "{:?}: {}", text, error);
            prop_assert!(error.column >= 1, "{:?}: {}", text, error);
            prop_assert!(!error.cause.is_empty() && !error.remedy.is_empty(), "{:?}", text);
        }
    }
}
