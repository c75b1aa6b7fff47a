//! What the harness has to know of a runtime before it believes a trace.

use std::{collections::BTreeMap, time::Duration};

use super::{Finding, Grade, More, Patient, forms::SAY};
use crate::{
    adapter::AdapterError,
    suite::{AdapterKind, Goal},
    trace::{Ended, Observation, quoted},
};

/// Lines that must arrive, all of them.
const LINES: usize = 100_000;

/// How long an endless program is given, before any scale.
const HANG: Duration = Duration::from_secs(2);

/// Leaves with a code wherever there is a way to, and says so if there is none.
const LEAVE: &str = "function leave(code) {
  if (typeof process === 'object' && process && process.exit) process.exit(code);
  if (typeof Deno === 'object' && Deno) Deno.exit(code);
  if (typeof std === 'object' && std && std.exit) std.exit(code);
  if (typeof quit === 'function') quit(code);
  say('absent');
}
";

const ALL_LINES: &str = "for (var n = 0; n < 100000; n++) say('line ' + n);\n";

/// One thing to find out: a program, and what its observation means.
struct Check {
    about: &'static str,
    program: &'static str,
    read: fn(&Observation) -> Outcome,
}

/// A grade, what was seen, and what it means.
type Outcome = (Grade, String, &'static str);

/// In the order they are told.
const CHECKS: [Check; 14] = [
    Check { about: "lines", program: "LINES", read: |seen| lines(seen, Some(0)) },
    Check { about: "flush on exit", program: "LINES leave(3);", read: |seen| lines(seen, Some(3)) },
    Check { about: "flush on throw", program: "LINES throw new Error('on purpose');", read: |seen| lines(seen, None) },
    Check { about: "order of lines", program: ORDER, read: order },
    Check {
        about: "standard error",
        program: "say('out'); if (typeof console === 'object' && console.error) console.error('apart'); else say('absent');",
        read: apart,
    },
    Check { about: "exit code", program: "leave(7);", read: |seen| code(seen, 7) },
    Check {
        about: "exit code set",
        program: "if (typeof process === 'object' && process && 'exitCode' in process) process.exitCode = 5; else say('absent');",
        read: |seen| code(seen, 5),
    },
    Check { about: "UTF-8", program: "say('gr\\u00f6\\u00dfe \\u6771\\u4eac \\ud83d\\ude00 e\\u0301');", read: utf8 },
    Check {
        about: "natural exit",
        program: "if (typeof setTimeout === 'function') setTimeout(function () { say('timer'); }, 10); else say('absent');",
        read: natural,
    },
    Check { about: "signals", program: SIGNAL, read: signal },
    Check { about: "signals passed on", program: PASSED_ON, read: passed_on },
    Check { about: "endless programs", program: "say('before'); for (;;) {}", read: endless },
    Check {
        about: "arguments",
        program: "if (typeof process === 'object' && process && process.argv) process.argv.slice(2).forEach(say); else say('absent');",
        read: arguments,
    },
    Check {
        about: "environment",
        program: "if (typeof process === 'object' && process && process.env) say(process.env.EXAMINED); else say('absent');",
        read: environment,
    },
];

/// Two ways to standard output in turn.
const ORDER: &str = "if (typeof process === 'object' && process && process.stdout && process.stdout.write)
  for (var n = 0; n < 2000; n++) { say('say ' + n); process.stdout.write('write ' + n + '\\n'); }
else say('absent');
";

/// A death that no program can mistake.
const SIGNAL: &str = "if (typeof process === 'object' && process && process.kill && process.pid) { process.kill(process.pid, 'SIGKILL'); for (;;) {} }
say('absent');
";

/// A signal to the process that was started, which leads the session: the program itself, or a script that stands before it. Whose session
/// it is, only Linux tells.
const PASSED_ON: &str = "var leader;
try {
  var fs = process.getBuiltinModule ? process.getBuiltinModule('fs') : require('fs');
  var stat = fs.readFileSync('/proc/self/stat', 'utf8');
  leader = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
} catch (error) { leader = 0; }
if (!(leader > 1) || !process.on || !process.kill) say('absent');
else if (leader === process.pid) say('direct');
else {
  process.on('SIGTERM', function () { say('SIGTERM'); process.exit(0); });
  say('ready');
  process.kill(leader, 'SIGTERM');
  setInterval(function () {}, 1000);
}
";

/// Examines everything, under the goal that is most at home.
///
/// # Errors
/// If the runtime cannot be started any more, or the run was interrupted.
pub fn examine(patient: &Patient<'_>, told: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, AdapterError> {
    let mut findings = Vec::with_capacity(CHECKS.len() + 1);
    let Some(goal) = patient.usual_goal() else { return Ok(findings) };
    let env = BTreeMap::from([("EXAMINED".to_owned(), "größe 1".to_owned())]);
    let args = ["a b".to_owned(), "c".to_owned()];
    let mut tell = |finding: Finding| {
        told(&finding);
        findings.push(finding);
    };
    for check in &CHECKS {
        let body = check.program.replace("LINES", ALL_LINES);
        let deadline = if check.about == "endless programs" { HANG } else { super::PATIENCE };
        // A runtime that chokes on arguments or variables shall do so where they are asked about, and nowhere else.
        let mut more = More { deadline, ..More::default() };
        match check.about {
            "arguments" => more.args = &args,
            "environment" => more.env = &env,
            _ => {}
        }
        let seen = patient.run(goal, &format!("{SAY}{LEAVE}{body}"), &more)?;
        let absent = seen.trace.events().last().is_some_and(|event| event == "absent");
        let (grade, seen, means) =
            if absent { (Grade::Absent, "the runtime offers no way to ask".to_owned(), "") } else { (check.read)(&seen) };
        // Between a worker and its program stands no script.
        let worker = matches!(patient.manifest.kind, AdapterKind::Worker { .. });
        let means = if worker && check.about == "signals" && grade != Grade::Good {
            "its worker tells deaths by signal as exit codes, so cases about them fail"
        } else {
            means
        };
        tell(Finding { about: check.about, grade, seen, means });
    }
    for goal in [Goal::Cjs, Goal::Esm].into_iter().filter(|goal| patient.manifest.goals.contains(goal)) {
        tell(beside(patient, goal)?);
    }
    Ok(findings)
}

/// Whether a program finds the files beside it.
fn beside(patient: &Patient<'_>, goal: Goal) -> Result<Finding, AdapterError> {
    let (about, name, file, text) = match goal {
        Goal::Esm => {
            ("modules beside, esm", "beside.mjs", "export var word = 'beside';\n", "import { word } from './beside.mjs';\n")
        }
        _ => ("modules beside, cjs", "beside.cjs", "exports.word = 'beside';\n", "var word = require('./beside.cjs').word;\n"),
    };
    let files = BTreeMap::from([(name.to_owned(), file.to_owned())]);
    let seen = patient.run(goal, &format!("{text}{SAY}say(word);\n"), &More { files: &files, ..More::default() })?;
    let (grade, seen, means) = match seen.trace.events() {
        [event] if event == "beside" => (Grade::Good, format!("{name} is found"), ""),
        _ => (Grade::Doubtful, how(&seen), "cases of more than one file fail for that reason alone"),
    };
    Ok(Finding { about, grade, seen, means })
}

/// All lines, in order, and this exit code; any but 0 where none is named.
fn lines(seen: &Observation, wanted: Option<i32>) -> Outcome {
    let events = seen.trace.events();
    let intact = events
        .iter()
        .enumerate()
        .take_while(|(index, event)| event.strip_prefix("line ").and_then(|n| n.parse().ok()) == Some(*index))
        .count();
    if intact < LINES || events.len() > LINES {
        let what = match events.get(intact) {
            Some(event) if intact < LINES => {
                format!("line {intact} arrived as {}", quoted(&event.chars().take(60).collect::<String>()))
            }
            Some(_) => format!("{} lines too many", events.len() - LINES),
            None => format!("{intact} of {LINES} lines arrived; {}", how(seen)),
        };
        return (
            Grade::Bad,
            what,
            "traces end early or are damaged, and cases fail that the runtime runs rightly; write standard output at once where it is a file, or flush before the end",
        );
    }
    let whole = format!("{LINES} lines intact");
    match (&seen.ended, wanted) {
        (Ended::Code(code), Some(wanted)) if *code == wanted => (Grade::Good, format!("{whole}, exit {code}"), ""),
        (Ended::Code(code), None) if *code != 0 => (Grade::Good, format!("{whole}, exit {code}"), ""),
        (Ended::Code(0), None) => (
            Grade::Bad,
            format!("{whole}, and exit 0 after an uncaught error"),
            "an uncaught error counts as success, so programs that break may pass",
        ),
        (Ended::Deadline, Some(0)) => (
            Grade::Doubtful,
            format!("{whole}; it stays after the end"),
            "its manifest says `ends: idle`, and each case takes 2 s",
        ),
        _ => (
            Grade::Bad,
            format!("{whole}; {}", how(seen)),
            "the end of a program is not its own, so every `exit` of an expectation fails",
        ),
    }
}

fn order(seen: &Observation) -> Outcome {
    let events = seen.trace.events();
    let right = |index: usize, event: &str| {
        let (word, n) = if index.is_multiple_of(2) { ("say", index / 2) } else { ("write", index / 2) };
        event == format!("{word} {n}")
    };
    match events.iter().enumerate().find(|(index, event)| !right(*index, event)) {
        None if events.len() == 4_000 => (Grade::Good, "console.log and process.stdout.write keep their order".into(), ""),
        Some((index, event)) => (
            Grade::Bad,
            format!("line {index} is {}", quoted(event)),
            "console.log and process.stdout.write overtake each other, so orders that are right look wrong",
        ),
        None => (Grade::Bad, format!("{} of 4000 lines arrived; {}", events.len(), how(seen)), "traces end early"),
    }
}

fn apart(seen: &Observation) -> Outcome {
    if seen.trace.events() == ["out"] && seen.stderr.contains("apart") {
        return (Grade::Good, "apart from standard output".into(), "");
    }
    if seen.trace.events().iter().any(|event| event.contains("apart")) {
        return (
            Grade::Bad,
            "console.error is on standard output".into(),
            "warnings and errors become events of traces; keep standard error apart",
        );
    }
    (Grade::Doubtful, format!("console.error went nowhere; {}", how(seen)), "findings show no error messages")
}

fn code(seen: &Observation, wanted: i32) -> Outcome {
    match &seen.ended {
        Ended::Code(code) if *code == wanted => (Grade::Good, format!("{code} arrives as {code}"), ""),
        _ => (
            Grade::Bad,
            format!("{wanted} was asked for; {}", how(seen)),
            "cases about exit codes fail; a wrapper script must end with the runtime's own code, best by `exec`",
        ),
    }
}

fn utf8(seen: &Observation) -> Outcome {
    match seen.trace.events() {
        [event] if event == "größe 東京 😀 e\u{301}" => (Grade::Good, "arrives as it was printed".into(), ""),
        [event] => (
            Grade::Bad,
            format!("arrives as {}", quoted(event)),
            "events with other letters than ASCII fail; print UTF-8, and strings as they are",
        ),
        _ => (Grade::Bad, how(seen), "events with other letters than ASCII fail"),
    }
}

fn natural(seen: &Observation) -> Outcome {
    match (seen.trace.events(), &seen.ended) {
        ([event], Ended::Code(0)) if event == "timer" => (Grade::Good, "it ends when nothing is left to do, exit 0".into(), ""),
        ([event], Ended::Deadline) if event == "timer" => (
            Grade::Doubtful,
            "it stays when nothing is left to do".into(),
            "its manifest says `ends: idle`, and each case takes 2 s",
        ),
        _ => (
            Grade::Bad,
            format!("a timer of 10 ms: {}", how(seen)),
            "programs end before their work is done, so traces of all that is asynchronous are cut short",
        ),
    }
}

fn signal(seen: &Observation) -> Outcome {
    match &seen.ended {
        Ended::Signal(name) => (Grade::Good, format!("a death by {name} is seen as one"), ""),
        Ended::Code(code) if *code > 128 => (
            Grade::Doubtful,
            format!("a death by SIGKILL arrives as exit {code}"),
            "a wrapper stands between: crashes are told as `fail` with an exit code; start the runtime by `exec` in the script",
        ),
        _ => (
            Grade::Bad,
            format!("after SIGKILL to itself: {}", how(seen)),
            "crashes go unnoticed; start the runtime by `exec` in the script",
        ),
    }
}

fn passed_on(seen: &Observation) -> Outcome {
    let events: Vec<&str> = seen.trace.events().iter().map(String::as_str).collect();
    match events[..] {
        ["direct"] => (Grade::Good, "nothing stands between that could keep them".into(), ""),
        ["ready", "SIGTERM"] => (Grade::Good, "SIGTERM to the wrapper reaches the program".into(), ""),
        ["ready"] => (
            Grade::Doubtful,
            "SIGTERM to the wrapper does not reach the program".into(),
            "no case ends otherwise for it, but whoever ends the wrapper leaves the program running; start the runtime by `exec` in the script",
        ),
        _ => (Grade::Doubtful, how(seen), "whether signals reach the program is not known"),
    }
}

fn endless(seen: &Observation) -> Outcome {
    match (seen.trace.events(), &seen.ended) {
        ([event], Ended::Deadline) if event == "before" => {
            (Grade::Good, "stopped at the deadline, with what was printed before".into(), "")
        }
        (_, Ended::Deadline) => (
            Grade::Doubtful,
            "stopped at the deadline; what was printed before is lost".into(),
            "a hang is told without the trace that led to it",
        ),
        _ => (Grade::Bad, how(seen), "a program that hangs is not seen to"),
    }
}

fn arguments(seen: &Observation) -> Outcome {
    match seen.trace.events() {
        [first, second] if first == "a b" && second == "c" => (Grade::Good, "arrive behind the entry".into(), ""),
        _ => (
            Grade::Doubtful,
            how(seen),
            "cases with `args` fail; pass on what follows the file's name, quoted as \"$@\" in a script",
        ),
    }
}

fn environment(seen: &Observation) -> Outcome {
    match seen.trace.events() {
        [event] if event == "größe 1" => (Grade::Good, "arrives".into(), ""),
        _ => (Grade::Doubtful, how(seen), "cases with `env` fail"),
    }
}

/// What was seen of a program, in a line.
pub(super) fn how(seen: &Observation) -> String {
    let events = seen.trace.events();
    let printed = match events {
        [] => "nothing was printed".to_owned(),
        [one] => format!("{} was printed", quoted(&one.chars().take(60).collect::<String>())),
        [first, ..] => {
            format!("{} lines were printed, the first {}", events.len(), quoted(&first.chars().take(60).collect::<String>()))
        }
    };
    format!("{printed}, {}", seen.how_it_ended())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;

    fn seen(text: &str, ended: Ended) -> Observation {
        Observation { trace: Trace::from_bytes(text.as_bytes()), ended, stderr: String::new() }
    }

    fn all() -> String {
        (0..LINES).map(|n| format!("line {n}\n")).collect()
    }

    #[test]
    fn lines_are_counted_to_the_last_and_the_end_is_looked_at() {
        let grade = |text: &str, ended, wanted| lines(&seen(text, ended), wanted).0;
        let whole = all();
        assert_eq!(grade(&whole, Ended::Code(0), Some(0)), Grade::Good);
        assert_eq!(grade(&whole, Ended::Code(1), None), Grade::Good);
        assert_eq!(grade(&whole, Ended::Code(0), None), Grade::Bad);
        assert_eq!(grade(&whole, Ended::Code(0), Some(3)), Grade::Bad);
        assert_eq!(grade(&whole, Ended::Deadline, Some(0)), Grade::Doubtful);
        assert_eq!(grade(&whole, Ended::Signal("SIGSEGV".into()), Some(0)), Grade::Bad);
        assert_eq!(grade(&format!("{whole}more\n"), Ended::Code(0), Some(0)), Grade::Bad);
        let (_, what, _) = lines(&seen("line 0\nline 1\n", Ended::Code(0)), Some(0));
        assert!(what.starts_with("2 of 100000 lines arrived"), "{what}");
        let (_, what, _) = lines(&seen(&whole.replace("line 7\n", "lin\ne 7\n"), Ended::Code(0)), Some(0));
        assert_eq!(what, "line 7 arrived as \"lin\"");
    }

    #[test]
    fn each_reading_tells_good_from_bad() {
        let code0 = || Ended::Code(0);
        for (outcome, grade) in [
            (signal(&seen("", Ended::Signal("SIGKILL".into()))), Grade::Good),
            (signal(&seen("", Ended::Code(137))), Grade::Doubtful),
            (signal(&seen("", code0())), Grade::Bad),
            (natural(&seen("timer\n", code0())), Grade::Good),
            (natural(&seen("timer\n", Ended::Deadline)), Grade::Doubtful),
            (natural(&seen("", code0())), Grade::Bad),
            (endless(&seen("before\n", Ended::Deadline)), Grade::Good),
            (endless(&seen("", Ended::Deadline)), Grade::Doubtful),
            (endless(&seen("before\n", code0())), Grade::Bad),
            (utf8(&seen("größe 東京 😀 e\u{301}\n", code0())), Grade::Good),
            (utf8(&seen("gr??e\n", code0())), Grade::Bad),
            (order(&seen("say 0\nsay 1\nwrite 0\n", code0())), Grade::Bad),
            (order(&seen("say 0\nwrite 0\n", code0())), Grade::Bad),
            (arguments(&seen("a b\nc\n", code0())), Grade::Good),
            (arguments(&seen("a\nb\nc\n", code0())), Grade::Doubtful),
            (apart(&seen("out\napart\n", code0())), Grade::Bad),
            (code(&seen("", Ended::Code(7)), 7), Grade::Good),
            (code(&seen("", code0()), 7), Grade::Bad),
        ] {
            assert_eq!(outcome.0, grade, "{outcome:?}");
            assert_eq!(outcome.2.is_empty(), grade == Grade::Good, "{outcome:?}");
        }
    }
}
