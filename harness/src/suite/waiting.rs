//! How long a program waits on purpose, as far as its text says.
//!
//! The house rule is 250 ms outside the quiet lane. What counts are the literal delays of timers: `setTimeout(f, 50)`,
//! `setInterval(f, 50)`, the promise forms `setTimeout(50)` and `scheduler.wait(50)`, and `Atomics.wait(a, 0, 0, 50)`, under
//! whatever name they were imported; a constant given a number counts as that number. It is a reading, not a run:
//!
//! * timers started side by side count once, by the longest; a timer set in another's callback is added to it, and so is an
//!   awaited delay to what follows;
//! * a loop or a function counts once, wherever and however often it is called, and an interval counts one round: the sum is a
//!   lower bound of what the text waits for;
//! * a timer that is kept in a variable and cleared or unreferenced is a guard, and counts nothing.

use std::collections::{BTreeMap, BTreeSet};

use oxc_ast::ast::{
    Argument, AwaitExpression, BindingProperty, CallExpression, Expression, ImportSpecifier, Program, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};

/// How many milliseconds `program` waits on purpose.
pub(super) fn milliseconds(program: &Program<'_>) -> u64 {
    let mut names = Names::default();
    names.visit_program(program);
    let mut waits = Waits { names: &names, sequential: 0, longest: 0 };
    waits.visit_program(program);
    waits.total()
}

/// What the program calls things.
#[derive(Default)]
struct Names {
    /// Other names of timer functions, as in `{ setTimeout: sleep }`.
    aliases: BTreeMap<String, &'static str>,
    /// Constants that are numbers.
    numbers: BTreeMap<String, u64>,
    /// Variables that are cleared or unreferenced somewhere.
    guards: BTreeSet<String>,
}

const TIMERS: [&str; 3] = ["setTimeout", "setInterval", "wait"];

fn timer(name: &str) -> Option<&'static str> {
    TIMERS.into_iter().find(|timer| *timer == name)
}

impl Names {
    fn alias(&mut self, local: &str, imported: &str) {
        if let Some(timer) = timer(imported) {
            self.aliases.insert(local.to_owned(), timer);
        }
    }

    /// The timer function that `callee` is, if it is one.
    fn timer_called(&self, callee: &Expression<'_>) -> Option<&'static str> {
        match callee.get_inner_expression() {
            Expression::Identifier(name) => {
                let name = name.name.as_str();
                self.aliases.get(name).copied().or_else(|| timer(name).filter(|timer| *timer != "wait"))
            }
            other => other.get_member_expr().and_then(|member| timer(member.static_property_name()?)),
        }
    }

    fn number(&self, argument: Option<&Argument<'_>>) -> Option<u64> {
        match argument?.as_expression()?.get_inner_expression() {
            Expression::NumericLiteral(literal) => Some(whole(literal.value)),
            Expression::Identifier(name) => self.numbers.get(name.name.as_str()).copied(),
            _ => None,
        }
    }
}

/// The timer that `call` clears or unreferences.
fn cleared<'c, 'a>(call: &'c CallExpression<'a>) -> Option<&'c Expression<'a>> {
    let clears = |name: &str| matches!(name, "clearTimeout" | "clearInterval");
    let first = || call.arguments.first().and_then(Argument::as_expression);
    match call.callee.get_inner_expression() {
        Expression::Identifier(name) if clears(name.name.as_str()) => first(),
        other => match other.get_member_expr() {
            Some(member) if matches!(member.static_property_name(), Some("unref" | "close")) => Some(member.object()),
            Some(member) if member.static_property_name().is_some_and(clears) => first(),
            _ => None,
        },
    }
}

/// A delay in whole milliseconds; one too large or no number is what timers make of it, 1.
fn whole(value: f64) -> u64 {
    const LONGEST: f64 = 2_147_483_647.0;
    if value.is_finite() && (0.0..=LONGEST).contains(&value) { value as u64 } else { 1 }
}

impl<'a> Visit<'a> for Names {
    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let (Some(name), Some(init)) = (it.id.get_identifier_name(), &it.init) {
            match init.get_inner_expression() {
                Expression::NumericLiteral(literal) => {
                    self.numbers.insert(name.to_string(), whole(literal.value));
                }
                Expression::CallExpression(call) if call.callee_name() == Some("promisify") => {
                    let promised = call.arguments.first().and_then(Argument::as_expression);
                    if let Some(timer) = promised.and_then(|timer| self.timer_called(timer)) {
                        self.aliases.insert(name.to_string(), timer);
                    }
                }
                _ => {}
            }
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_binding_property(&mut self, it: &BindingProperty<'a>) {
        if let (Some(key), Some(local)) = (it.key.static_name(), it.value.get_identifier_name()) {
            self.alias(local.as_str(), &key);
        }
        walk::walk_binding_property(self, it);
    }

    fn visit_import_specifier(&mut self, it: &ImportSpecifier<'a>) {
        self.alias(it.local.name.as_str(), it.imported.name().as_str());
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        if let Some(Expression::Identifier(name)) = cleared(it) {
            self.guards.insert(name.name.to_string());
        }
        walk::walk_call_expression(self, it);
    }
}

/// The waiting of one stretch of the program.
struct Waits<'n> {
    names: &'n Names,
    /// Awaited so far, one after the other.
    sequential: u64,
    /// The longest timer, counted from the stretch's beginning.
    longest: u64,
}

impl Waits<'_> {
    fn total(&self) -> u64 {
        self.sequential.max(self.longest)
    }

    /// The waiting of a part, by itself.
    fn apart(&self, visit: impl FnOnce(&mut Waits<'_>)) -> u64 {
        let mut part = Waits { names: self.names, sequential: 0, longest: 0 };
        visit(&mut part);
        part.total()
    }

    /// Whether `init` is a timer kept under a name that is cleared.
    fn is_guard(&self, name: Option<&str>) -> bool {
        name.is_some_and(|name| self.names.guards.contains(name))
    }
}

impl<'a> Visit<'a> for Waits<'_> {
    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        let timer = match it.init.as_ref().map(Expression::get_inner_expression) {
            Some(Expression::CallExpression(call)) => self.names.timer_called(&call.callee),
            _ => None,
        };
        let name = it.id.get_identifier_name();
        if timer.is_none() || !self.is_guard(name.as_ref().map(|name| name.as_str())) {
            walk::walk_variable_declarator(self, it);
        }
    }

    fn visit_assignment_expression(&mut self, it: &oxc_ast::ast::AssignmentExpression<'a>) {
        let timer = match it.right.get_inner_expression() {
            Expression::CallExpression(call) => self.names.timer_called(&call.callee),
            _ => None,
        };
        if timer.is_none() || !self.is_guard(it.left.get_identifier_name()) {
            walk::walk_assignment_expression(self, it);
        }
    }

    fn visit_await_expression(&mut self, it: &AwaitExpression<'a>) {
        self.sequential += self.apart(|part| walk::walk_await_expression(part, it));
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        // `setTimeout(...).unref()` and `clearTimeout(setTimeout(...))` keep nothing waiting.
        let is_timer = |object: &Expression<'_>| match object.get_inner_expression() {
            Expression::CallExpression(call) => self.names.timer_called(&call.callee).is_some(),
            _ => false,
        };
        if cleared(it).is_some_and(is_timer) {
            return;
        }
        let is_atomics = it.callee.is_specific_member_access("Atomics", "wait");
        let delay = match self.names.timer_called(&it.callee) {
            _ if is_atomics => self.names.number(it.arguments.get(3)),
            Some("wait") => self.names.number(it.arguments.first()),
            Some(_) => self.names.number(it.arguments.first()).or_else(|| self.names.number(it.arguments.get(1))),
            None => None,
        };
        let within = self.apart(|part| walk::walk_call_expression(part, it));
        match delay {
            Some(delay) if is_atomics => self.sequential += delay,
            delay => self.longest = self.longest.max(self.sequential + delay.unwrap_or(0) + within),
        }
    }
}

#[cfg(test)]
mod tests {
    use oxc_allocator::Allocator;

    use super::{super::case::Goal, *};

    fn waits(text: &str, goal: Goal) -> u64 {
        let allocator = Allocator::default();
        let program = super::super::program::parse(&allocator, text, goal).expect(text);
        milliseconds(program.tree)
    }

    #[test]
    fn delays_are_counted_as_they_follow_each_other() {
        for (text, ms) in [
            ("console.log(1);", 0),
            ("setTimeout(f, 50);", 50),
            ("setTimeout(f); setTimeout(f, 0); setImmediate(f);", 0),
            ("setTimeout(f, 50); setTimeout(g, 100);", 100),
            ("setTimeout(() => { setTimeout(f, 70); }, 50);", 120),
            ("setTimeout(() => { setTimeout(f, 70); }, 50); setTimeout(g, 100);", 120),
            ("setInterval(f, 20);", 20),
            ("timers.setTimeout(f, 300);", 300),
            ("const MS = 300; setTimeout(f, MS);", 300),
            ("setTimeout(f, 1e10);", 1),
            ("fs.open('x', () => { setTimeout(f, 60); });", 60),
            ("promise.then(() => setTimeout(f, 60));", 60),
            ("Atomics.wait(a, 0, 0, 80); Atomics.wait(a, 0, 0, 80);", 160),
            ("const { setTimeout: sleep } = require('node:timers/promises'); sleep(90).then(f);", 90),
            ("const sleep = promisify(setTimeout); sleep(90).then(f);", 90),
        ] {
            assert_eq!(waits(text, Goal::Cjs), ms, "{text}");
        }
    }

    #[test]
    fn awaited_delays_add_up() {
        let sleep = "import { setTimeout as sleep, scheduler } from 'node:timers/promises';";
        for (text, ms) in [
            ("await sleep(100); await sleep(100);", 200),
            ("await sleep(100); setTimeout(f, 100);", 200),
            ("setTimeout(f, 100); await sleep(100);", 100),
            ("await Promise.all([sleep(100), sleep(120)]);", 120),
            ("await new Promise((r) => setTimeout(r, 40)); await scheduler.wait(30);", 70),
        ] {
            assert_eq!(waits(&format!("{sleep}{text}"), Goal::Esm), ms, "{text}");
        }
    }

    #[test]
    fn guards_count_nothing() {
        for text in [
            "const guard = setTimeout(fail, 5000); done.then(() => clearTimeout(guard));",
            "let guard; guard = setTimeout(fail, 5000); clearTimeout(guard);",
            "setTimeout(fail, 5000).unref();",
            "clearTimeout(setTimeout(fail, 5000));",
            "const guard = setTimeout(fail, 5000); guard.unref();",
        ] {
            assert_eq!(waits(text, Goal::Cjs), 0, "{text}");
        }
        // An interval that is cleared from within has waited by then.
        assert_eq!(waits("const tick = setInterval(f, 20); setTimeout(() => clearInterval(tick), 90);", Goal::Cjs), 90);
    }
}
