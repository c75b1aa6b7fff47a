//! Suites and results made up for the size and the strangeness of what they hold.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc, time::Duration};

use lockstep::{
    result::{
        CaseResult, Document, Observed, RuntimeInfo, SelectionInfo, SuiteInfo, Verdict,
        document::{SCHEMA, Timing},
    },
    suite::{Case, Deviation, DeviationKind, Expectation, Goal, Lane, Profile, Strength, Suite},
    trace::Expr,
};

/// The runtimes of all these results.
pub(crate) const RUNTIMES: [&str; 4] = ["node", "deno", "bun", "inhouse"];

/// A suite of so many cases, each of the size that cases have: a program of a dozen lines and a trace of eight events.
pub(crate) fn suite(cases: usize) -> Suite {
    let cases: Vec<Arc<Case>> = (0..cases).map(|number| Arc::new(case(number))).collect();
    let expectation = || Expectation {
        trace: Expr::exactly(&trace(8)).expect("no event holds a line feed"),
        exit: "0".parse().expect("an exit"),
        file: "expected/none.yaml".into(),
    };
    let deviation = |case: &Arc<Case>| Deviation {
        product: "bun".into(),
        case: case.id.clone(),
        versions: ">=1, <2".parse().expect("a range"),
        os: None,
        arch: None,
        kind: DeviationKind::Bug,
        reason: "what a timer queues is run after the next timer".into(),
        link: Some("https://example.org/issues/1".into()),
        trace: None,
        exit: None,
        intermittent: false,
        since: None,
        file: "expected/deviations/bun.yaml".into(),
        line: 1,
    };
    let mut suite = empty();
    suite.expectations = cases.iter().map(|case| (case.id.clone(), expectation())).collect();
    suite.deviations = BTreeMap::from([("bun".into(), cases.iter().step_by(9).map(deviation).collect())]);
    suite.cases = cases;
    suite
}

/// A suite without cases, read from a folder, since that is the only way to get one.
fn empty() -> Suite {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["cases", "expected", "adapters"] {
        std::fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("cases/suite.yaml", "version: 1.2.3\n");
    write("adapters/features.yaml", "features: { setTimeout: { expression: setTimeout } }\n");
    Suite::load(folder.path()).expect("it is sound")
}

/// The id of the case of this number; numbers keep their order.
pub(crate) fn id(number: usize) -> String {
    let category = ["backpressure", "blocking", "ordering"][number * 3 / 1_000 % 3];
    format!("{category}/topic-{:02}/case-{number:04}", number / 25)
}

fn case(number: usize) -> Case {
    let mut program =
        String::from("const { setTimeout: wait } = require('node:timers/promises');\n// What is queued runs in turn.\n");
    for line in 0..10 {
        writeln!(program, "setTimeout(() => {{ console.log(`event {line} of {number}`); }}, {line});")
            .expect("a string takes it");
    }
    Case {
        id: id(number),
        title: format!("what number {number} queues runs after what is queued already"),
        rule: "A task that is queued while another one runs is run when that one is over, and all microtasks with it. ".repeat(3),
        authority: vec![format!("https://example.org/specification#step-{number}"), "javascript:alert(1)".into()],
        strength: Strength::Documented,
        profile: Profile::Node,
        goal: Some(Goal::Cjs),
        needs: vec!["setTimeout".into(), "process.nextTick".into()],
        program,
        files: BTreeMap::new(),
        fixtures: BTreeMap::new(),
        env: BTreeMap::new(),
        args: vec![],
        stdin: None,
        timeout: Duration::from_secs(10),
        lane: Lane::Ordinary,
        tags: vec!["article".into()],
        issues: vec![],
        was: vec![],
        file: "cases/none.yaml".into(),
        program_line: 1,
        digest: digest(number),
    }
}

fn digest(number: usize) -> String {
    format!("{number:016x}")
}

/// A trace of so many events.
pub(crate) fn trace(events: usize) -> Vec<String> {
    (0..events).map(|event| format!("event {event} of a timer")).collect()
}

/// A result of this verdict that observed this trace.
pub(crate) fn result(number: usize, runtime: &str, verdict: Verdict, trace: Vec<String>, at: Option<usize>) -> CaseResult {
    let seen = Observed { trace, events: None, exit: "0".into(), stderr: String::new(), at, allowed: vec![], repeats: 1 };
    let detail = match verdict {
        Verdict::Pass => String::new(),
        Verdict::Skip => "setImmediate".into(),
        _ => "event 3 is \"event 2 of a timer\"; the rule allows another here".into(),
    };
    let observed = (verdict != Verdict::Skip).then_some(seen);
    CaseResult { case: id(number), digest: digest(number), was: vec![], runtime: runtime.into(), verdict, observed, detail }
}

/// A result as runs have them: most pass, some deviate in their order, a few are skipped.
pub(crate) fn ordinary(number: usize, runtime: &str) -> CaseResult {
    let mut seen = trace(8);
    match (number % 9, runtime) {
        (0, "bun") => {
            seen.swap(2, 3);
            result(number, runtime, Verdict::Known, seen, Some(2))
        }
        (1, "deno") => {
            seen.swap(4, 6);
            result(number, runtime, Verdict::Fail, seen, Some(4))
        }
        (2, "inhouse") => result(number, runtime, Verdict::Skip, vec![], None),
        (3, "bun") => {
            seen.truncate(5);
            result(number, runtime, Verdict::Timeout, seen, Some(5))
        }
        _ => result(number, runtime, Verdict::Pass, seen, None),
    }
}

/// A document of so many cases on all runtimes.
pub(crate) fn document(cases: usize, result: impl Fn(usize, &str) -> CaseResult) -> Document {
    let runtime = |name: &&str| RuntimeInfo {
        name: (*name).into(),
        adapter: (*name).into(),
        product: Some((*name).into()),
        version: Some("1.0.0".into()),
        features: vec![],
    };
    let results = (0..cases).flat_map(|number| RUNTIMES.map(|name| result(number, name))).collect();
    Document {
        schema: SCHEMA,
        suite: SuiteInfo { version: "1.2.3".into(), cases, digest: "5".repeat(16) },
        selection: SelectionInfo::default(),
        complete: true,
        runtimes: RUNTIMES.iter().map(runtime).collect(),
        results,
        timing: Timing::default(),
    }
    .canonical()
}

/// Texts that do something where they are not taken for text: markup, escape sequences, marks that turn the line, what closes a
/// script, a template or a string, and plain floods; each with a number, so that all differ.
pub(crate) fn hostile(number: usize) -> String {
    let kinds = [
        "<script>window.struck = 1</script>",
        "</script><script>window.struck = 1</script>",
        "<img src=x onerror='window.struck = 1'>",
        "<svg/onload=window.struck=1>",
        "<!--<script>window.struck = 1",
        "]]></script><iframe src='javascript:parent.struck=1'></iframe>",
        "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m",
        "\u{202e}dnal eht fo lord\u{2066}x\u{2069}\u{200f}",
        "{{data}}{{script}}{{policy}}",
        "\\u003cscript>window.struck=1</script>",
        "${window.struck = 1}`'\"\\",
        "<style>*{display:none}</style>",
        "<base href='https://example.org/'>",
        "<meta http-equiv=refresh content='0;url=https://example.org/'>",
        "javascript:window.struck=1",
        "\u{2028}\u{2029}\u{feff}\u{0}\u{7f}",
        "Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}",
        "<a href='https://example.org/' style='position:fixed;inset:0'>x</a>",
        "&lt;script&gt;window.struck = 1&lt;/script&gt;",
        "__proto__",
    ];
    format!("{} {number}", kinds[number % kinds.len()])
}
