//! Whether a program is JavaScript under its goal.
//!
//! Only the grammar is checked, and the few names that belong to one module system: what a program does is for runtimes to say.

use oxc_allocator::Allocator;
use oxc_ast::{
    AstKind,
    ast::{Program, UnaryOperator},
};
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::{Semantic, SemanticBuilder};
use oxc_span::{GetSpan, SourceType};

use super::case::Goal;

/// All goals, in the order a person tries them.
const GOALS: [Goal; 3] = [Goal::Cjs, Goal::Esm, Goal::Script];

/// Names that only a CommonJS module has.
const COMMONJS_NAMES: [&str; 5] = ["require", "module", "exports", "__filename", "__dirname"];

/// How the cause begins when a program is no JavaScript.
const NO_PARSE: &str = "the program does not parse: ";

/// What is wrong with a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProgramFault {
    /// Where in the program, in bytes.
    pub(super) offset: usize,
    /// What is wrong, as a fragment.
    pub(super) cause: String,
    /// What to do, as a fragment.
    pub(super) remedy: String,
}

/// Checks a case's program; without a goal it must do under every goal.
pub(super) fn check(program: &str, goal: Option<Goal>) -> Result<(), ProgramFault> {
    let allocator = Allocator::default();
    match goal {
        Some(goal) => check_under(&allocator, program, goal),
        None => GOALS.iter().try_for_each(|goal| {
            check_under(&allocator, program, *goal).map_err(|mut fault| {
                if fits_elsewhere(&allocator, program, *goal) {
                    fault.cause = format!("goal any does not fit: under goal {goal}, {}", fault.cause);
                }
                fault
            })
        }),
    }
}

/// Checks a script beside the program; its ending says how it is parsed, where `.js` may be either.
pub(super) fn check_file(name: &str, content: &str) -> Result<(), ProgramFault> {
    let allocator = Allocator::default();
    let parse = |goal| parse(&allocator, content, goal).map(drop);
    match name.rsplit_once('.') {
        Some((_, "mjs")) => parse(Goal::Esm),
        Some((_, "cjs")) => parse(Goal::Cjs),
        _ => parse(Goal::Cjs).or_else(|fault| parse(Goal::Esm).map_err(|_| fault)),
    }
}

/// The first goal under which `program` stands, CommonJS before ES modules before scripts.
pub fn guess_goal(program: &str) -> Option<Goal> {
    let allocator = Allocator::default();
    GOALS.into_iter().find(|goal| check_under(&allocator, program, *goal).is_ok())
}

/// A program that keeps the grammar of its goal, early errors included.
pub(super) struct Parsed<'a> {
    /// Its tree.
    pub(super) tree: &'a Program<'a>,
    semantic: Semantic<'a>,
}

/// Parses `program` under `goal`.
pub(super) fn parse<'a>(allocator: &'a Allocator, program: &'a str, goal: Goal) -> Result<Parsed<'a>, ProgramFault> {
    let source = match goal {
        Goal::Script => SourceType::script(),
        Goal::Cjs => SourceType::cjs(),
        Goal::Esm => SourceType::mjs(),
    };
    let options = ParseOptions {
        parse_regular_expression: true,
        allow_return_outside_function: goal == Goal::Cjs,
        ..ParseOptions::default()
    };
    let parsed = Parser::new(allocator, program, source).with_options(options).parse();
    let tree = &*allocator.alloc(parsed.program);
    let mut faults = parsed.diagnostics;
    let checked = SemanticBuilder::new().with_check_syntax_error(true).with_build_nodes(true).build(tree);
    if !faults.has_errors() {
        faults.extend(checked.diagnostics.into_vec());
    }
    if let Some(error) = faults.errors().next() {
        let offset = error.labels.iter().map(|label| label.offset() as usize).min().unwrap_or(0);
        return Err(ProgramFault {
            offset: offset.min(program.len()),
            cause: format!("{NO_PARSE}{}", lower_first(&error.message)),
            remedy: error.help.as_ref().map_or_else(|| "mend the program".to_owned(), |help| lower_first(help)),
        });
    }
    let declaration = tree.body.iter().find(|statement| goal != Goal::Esm && statement.is_module_declaration());
    match declaration {
        Some(statement) => Err(ProgramFault {
            offset: statement.span().start as usize,
            cause: format!("{NO_PARSE}import and export declarations belong to modules"),
            remedy: "write it as a module, or use `require`".to_owned(),
        }),
        None => Ok(Parsed { tree, semantic: checked.semantic }),
    }
}

impl Parsed<'_> {
    /// The first free use of a name that only CommonJS modules have, and where. `typeof name` is none: it asks whether the name is there.
    fn commonjs_name(&self) -> Option<(&'static str, usize)> {
        let scoping = self.semantic.scoping();
        let nodes = self.semantic.nodes();
        let uses = COMMONJS_NAMES.into_iter().flat_map(|name| {
            let references = scoping.root_unresolved_references().get(name).into_iter().flatten();
            references.map(move |reference| (name, scoping.get_reference(*reference).node_id()))
        });
        let meant = uses.filter(|(_, node)| {
            !matches!(nodes.parent_kind(*node), AstKind::UnaryExpression(unary) if unary.operator == UnaryOperator::Typeof)
        });
        meant.map(|(name, node)| (name, nodes.kind(node).span().start as usize)).min_by_key(|(_, offset)| *offset)
    }
}

fn check_under<'a>(allocator: &'a Allocator, program: &'a str, goal: Goal) -> Result<(), ProgramFault> {
    let parsed = match parse(allocator, program, goal) {
        Ok(parsed) => parsed,
        Err(fault) => {
            let other = GOALS.into_iter().find(|other| *other != goal && parse(allocator, program, *other).is_ok());
            return Err(match other {
                Some(other) => ProgramFault {
                    offset: fault.offset,
                    cause: format!("the program does not fit goal {goal}: {}", fault.cause.trim_start_matches(NO_PARSE)),
                    remedy: format!("write `goal: {other}`, under which it parses, or change the program"),
                },
                None => fault,
            });
        }
    };
    match parsed.commonjs_name() {
        Some((name, offset)) if goal != Goal::Cjs => Err(ProgramFault {
            offset,
            cause: format!("the program does not fit goal {goal}: `{name}` exists in CommonJS modules only"),
            remedy: "write `goal: cjs`, or use `import`".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Whether the trouble is the goal rather than the program.
fn fits_elsewhere<'a>(allocator: &'a Allocator, program: &'a str, goal: Goal) -> bool {
    GOALS.into_iter().any(|other| other != goal && check_under(allocator, program, other).is_ok())
}

fn lower_first(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    match (chars.next(), chars.clone().next()) {
        // Not the first word of a name such as `URL`.
        (Some(first), second) if !second.is_some_and(char::is_uppercase) => first.to_lowercase().chain(chars).collect(),
        _ => text.trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(program: &str, goal: Option<Goal>) -> ProgramFault {
        check(program, goal).expect_err(program)
    }

    #[test]
    fn programs_stand_under_their_goal() {
        for (program, goal) in [
            ("console.log(1);", None),
            ("console.log(typeof module, typeof require);", None),
            ("const fs = require('node:fs'); module.exports = 1; return;", Some(Goal::Cjs)),
            ("import fs from 'node:fs'; await 1; export const a = 1;", Some(Goal::Esm)),
            ("import('node:fs').then(() => {});", None),
            (
                "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); require('x');",
                Some(Goal::Esm),
            ),
            ("with ({}) {}", Some(Goal::Script)),
            ("var await = 1; console.log(await);", Some(Goal::Script)),
            ("function f(require) { return require; } f();", Some(Goal::Esm)),
            ("/(?<year>[0-9]+)/u.exec('1');", None),
        ] {
            assert_eq!(check(program, goal), Ok(()), "{program}");
        }
    }

    #[test]
    fn what_does_not_parse_says_where() {
        let fault = fault("const a = 1;\nlet b = ;\n", Some(Goal::Cjs));
        assert_eq!(fault.offset, 21);
        assert!(fault.cause.starts_with("the program does not parse: "), "{}", fault.cause);
        assert!(check("(", None).is_err());
        assert!(check("let a; let a;", None).is_err());
        assert!(check("/(/.exec('');", Some(Goal::Cjs)).is_err());
    }

    #[test]
    fn a_wrong_goal_is_named_with_the_right_one() {
        for (program, goal, right) in [
            ("import fs from 'node:fs';", Goal::Cjs, "esm"),
            ("export const a = 1;", Goal::Script, "esm"),
            ("await 1;", Goal::Cjs, "esm"),
            ("console.log(import.meta.url);", Goal::Cjs, "esm"),
            ("with ({}) {}", Goal::Esm, "cjs"),
            ("return;", Goal::Script, "cjs"),
            ("return;", Goal::Esm, "cjs"),
            ("const fs = require('node:fs');", Goal::Esm, "cjs"),
            ("const fs = require('node:fs');", Goal::Script, "cjs"),
            ("console.log(__dirname);", Goal::Esm, "cjs"),
        ] {
            let fault = fault(program, Some(goal));
            assert!(fault.cause.starts_with(&format!("the program does not fit goal {goal}: ")), "{program}: {}", fault.cause);
            assert!(fault.remedy.contains(&format!("goal: {right}")), "{program}: {}", fault.remedy);
        }
    }

    #[test]
    fn any_means_every_goal() {
        for program in ["const fs = require('node:fs');", "await 1;", "import 'x';", "return;", "with ({}) {}"] {
            assert!(fault(program, None).cause.contains("goal any does not fit"), "{program}");
        }
    }

    #[test]
    fn files_are_parsed_by_their_ending() {
        assert_eq!(check_file("a.cjs", "require('x');"), Ok(()));
        assert_eq!(check_file("lib/a.mjs", "export default 1;"), Ok(()));
        assert_eq!(check_file("a.js", "export default 1;"), Ok(()));
        assert_eq!(check_file("a.js", "return;"), Ok(()));
        assert!(check_file("a.cjs", "export default 1;").is_err());
        assert!(check_file("a.mjs", "with ({}) {}").is_err());
        assert!(check_file("a.js", "let a = ;").is_err());
    }

    #[test]
    fn a_goal_is_guessed() {
        assert_eq!(guess_goal("console.log(1);"), Some(Goal::Cjs));
        assert_eq!(guess_goal("import 'x';"), Some(Goal::Esm));
        assert_eq!(guess_goal("await 1;"), Some(Goal::Esm));
        assert_eq!(guess_goal("let ="), None);
    }
}
