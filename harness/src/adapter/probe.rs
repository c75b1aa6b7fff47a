//! Asking a runtime what it is and what it has, from inside.
//!
//! All questions go into one program, which prints a line before and after each: a throw is an absent feature, a promise that does not
//! settle in time is one too, and a loop that never ends is seen from outside by the question that was asked and never answered. Then the
//! program is started again without it, so that a hang costs only its own feature. Nothing is remembered between two starts of Lockstep:
//! the answer belongs to this command line, with these flags.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{AdapterError, Product, launch::Program};
use crate::{
    suite::{Features, Goal, Manifest, Probe},
    trace::Observation,
};

/// How long one whole round of questions may take, before any scale; a round is started again after each hang.
const ROUND: Duration = Duration::from_secs(10);

/// How long one question may leave its promise pending, in milliseconds of the runtime under test.
const QUESTION_MS: u32 = 2_000;

/// Hangs after which the remaining questions count as answered with no: a runtime that hangs this often would take minutes to ask.
const MOST_HANGS: usize = 5;

/// What a runtime answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) product: Option<Product>,
    pub(super) features: BTreeSet<String>,
    pub(super) doubt: Option<String>,
}

/// Starts one program on the runtime in question.
pub(super) type Launch<'a> = dyn FnMut(&Program<'_>, Duration) -> Result<Observation, AdapterError> + 'a;

/// Asks the runtime that `launch` starts for its product and for every feature.
///
/// # Errors
/// If it cannot be started.
pub(super) fn ask(manifest: &Manifest, features: &Features, scale: f64, launch: &mut Launch<'_>) -> Result<Answer, AdapterError> {
    let Some(goal) = [Goal::Cjs, Goal::Script, Goal::Esm].into_iter().find(|goal| manifest.goals.contains(goal)) else {
        return Ok(Answer { doubt: Some("its manifest offers no goal".into()), ..Answer::default() });
    };
    let mut answer = Answer::default();
    let mut asked = Questions {
        product: manifest.product.clone(),
        features: features.iter().map(|(name, probe)| (name.as_str(), probe)).collect(),
    };
    let none = BTreeMap::new();
    let fixtures = BTreeMap::new();
    for _ in 0..=MOST_HANGS {
        let text = program(&asked);
        let program = Program { goal, text: &text, files: &none, fixtures: &fixtures, env: &none, args: &[], stdin: None };
        let observation = launch(&program, ROUND.mul_f64(scale.max(1.0)))?;
        let Some(hung) = read(&observation, &mut asked, &mut answer) else { break };
        answer.doubt = Some(format!("it did not answer the probe for {hung}: {}", observation.how_it_ended()));
    }
    Ok(answer)
}

/// What is still to be asked.
struct Questions<'a> {
    product: Option<String>,
    features: BTreeMap<&'a str, &'a Probe>,
}

/// Reads the answers, strikes what was answered, and returns the question the program did not survive.
fn read(observation: &Observation, asked: &mut Questions<'_>, answer: &mut Answer) -> Option<String> {
    let mut open: Option<String> = None;
    for event in observation.trace.events() {
        let Some((word, rest)) = event.split_once(' ') else { continue };
        match word {
            "asking" => open = Some(rest.to_owned()),
            "product" => {
                answer.product = product(rest);
                asked.product = None;
                open = None;
            }
            "has" | "lacks" => {
                if asked.features.remove(rest).is_some() && word == "has" {
                    answer.features.insert(rest.to_owned());
                }
                open = None;
            }
            "done" => {
                asked.product = None;
                asked.features.clear();
                return None;
            }
            _ => {}
        }
    }
    let nothing_asked = asked.product.is_none() && asked.features.is_empty();
    if nothing_asked {
        return None;
    }
    // Without an open question the program died before the first; asking the same again would end the same.
    let Some(name) = open else {
        asked.features.clear();
        asked.product = None;
        answer.doubt = Some(format!("the probe's program did not run: {}", observation.how_it_ended()));
        return None;
    };
    if name == "product" {
        asked.product = None;
    } else {
        asked.features.remove(name.as_str());
    }
    Some(name)
}

/// `["name", "1.2.3"]`; anything else is a lie we do not guess about.
fn product(json: &str) -> Option<Product> {
    let (name, version): (String, String) = serde_json::from_str(json).ok()?;
    Product::new(&name, &version)
}

/// The program that asks. It uses nothing but `console.log` and ECMAScript 5, and promises, asynchronous functions and `setTimeout`
/// where there are any: runtimes of ten years ago must be able to say what they are.
fn program(asked: &Questions<'_>) -> String {
    let literal = |text: &str| serde_json::to_string(text).expect("a string");
    let mut questions = Vec::with_capacity(asked.features.len() + 1);
    let mut question = |name: &str, body: String| questions.push(format!("  [{}, {}]", literal(name), literal(&body)));
    // Compiled one by one from text, so that syntax an engine lacks is absent and does not spoil the program.
    if let Some(expression) = &asked.product {
        question("product", format!("return ({expression}\n);"));
    }
    for (name, probe) in &asked.features {
        match probe {
            Probe::Expression(expression) => question(name, format!("return ({expression}\n);")),
            Probe::Program(body) => question(name, format!("{body}\nreturn true;")),
        }
    }
    PROGRAM.replace("QUESTIONS", &questions.join(",\n")).replace("LIMIT", &QUESTION_MS.to_string())
}

/// The text around the questions.
const PROGRAM: &str = r"'use strict';
// CommonJS hands `require` to the module only, so it is handed on.
var given = typeof require === 'function' ? require : undefined;
var AsyncFunction;
try { AsyncFunction = Function('return async function () {}')().constructor; } catch (e) { AsyncFunction = Function; }
var questions = [
QUESTIONS
];
function answered(index, answer) {
  var name = questions[index][0];
  if (name === 'product') console.log('product ' + JSON.stringify(answer === undefined ? null : answer));
  else console.log((answer ? 'has ' : 'lacks ') + name);
  ask(index + 1);
}
function ask(index) {
  if (index === questions.length) {
    console.log('done .');
    if (typeof process === 'object' && process && typeof process.exit === 'function') process.exit(0);
    if (typeof Deno === 'object') Deno.exit(0);
    return;
  }
  console.log('asking ' + questions[index][0]);
  var answer, late, settled = false;
  function once(value) {
    if (settled) return;
    settled = true;
    if (late !== undefined) clearTimeout(late);
    answered(index, value);
  }
  try { answer = new AsyncFunction('require', questions[index][1])(given); } catch (e) { answer = undefined; }
  if (!answer || typeof answer.then !== 'function') return once(answer);
  if (typeof setTimeout === 'function') late = setTimeout(once, LIMIT);
  answer.then(once, function () { once(undefined); });
}
ask(0);
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Ended;
    use crate::trace::Trace;

    fn seen(text: &str, ended: Ended) -> Observation {
        Observation { trace: Trace::from_bytes(text.as_bytes()), ended, stderr: String::new() }
    }

    fn asked(test: &Probe) -> Questions<'_> {
        Questions { product: Some("['x', '1.0.0']".into()), features: ["a", "b", "c"].map(|name| (name, test)).into() }
    }

    #[test]
    fn a_whole_answer_leaves_nothing_to_ask() {
        let test = Probe::Expression("true".into());
        let (mut asked, mut answer) = (asked(&test), Answer::default());
        let text = "asking product\nproduct [\"x\",\"v1.2.3\"]\nasking a\nhas a\nasking b\nlacks b\nasking c\nhas c\ndone .\n";
        assert_eq!(read(&seen(text, Ended::Code(0)), &mut asked, &mut answer), None);
        let product = answer.product.expect("it said so");
        assert_eq!((product.name.as_str(), product.version.to_string().as_str()), ("x", "1.2.3"));
        assert_eq!(answer.features.into_iter().collect::<Vec<_>>(), ["a", "c"]);
    }

    #[test]
    fn a_hang_costs_only_its_own_feature() {
        let test = Probe::Expression("true".into());
        let (mut asked, mut answer) = (asked(&test), Answer::default());
        let text = "asking product\nproduct null\nasking a\nhas a\nasking b\n";
        assert_eq!(read(&seen(text, Ended::Deadline), &mut asked, &mut answer), Some("b".into()));
        assert_eq!(asked.features.keys().copied().collect::<Vec<_>>(), ["c"]);
        assert!(asked.product.is_none() && answer.product.is_none());
    }

    #[test]
    fn a_program_that_never_ran_is_not_asked_again() {
        let test = Probe::Expression("true".into());
        let (mut asked, mut answer) = (asked(&test), Answer::default());
        assert_eq!(read(&seen("", Ended::Signal("SIGSEGV".into())), &mut asked, &mut answer), None);
        assert!(answer.doubt.expect("it is said").contains("SIGSEGV"));
    }

    #[test]
    fn a_feature_nobody_asked_for_is_not_believed() {
        let test = Probe::Expression("true".into());
        let (mut asked, mut answer) = (asked(&test), Answer::default());
        read(&seen("has everything\nhas a\ndone .\n", Ended::Code(0)), &mut asked, &mut answer);
        assert_eq!(answer.features.into_iter().collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn a_product_is_a_name_and_a_version_or_nothing() {
        for lie in [
            "null",
            "[\"node\"]",
            "[\"node\",26]",
            "[\"node\",\"latest\"]",
            "[\"\",\"1.0.0\"]",
            "[\"a b\",\"1.0.0\"]",
            "\"node\"",
        ] {
            assert_eq!(product(lie), None, "{lie}");
        }
        assert!(product("[\"bun\",\"1.4.5-canary.1\"]").is_some());
    }
}
