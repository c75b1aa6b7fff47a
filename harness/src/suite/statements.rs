//! A program's statements as a tree of text ranges, and the program without some of them.
//!
//! What can be taken out of a program without breaking its grammar: statements, members of classes, properties of object literals,
//! arguments and links of a chain of calls are *units*. A unit that stands around others, such as a block, a loop or the callback of a
//! call, can also be *unwrapped*: it goes, and what stands in it stays.

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, ArrayExpressionElement, CallExpression, ClassBody, Expression, ObjectExpression, Statement, SwitchCase,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};

use super::{case::Goal, program};

/// A range of bytes of the program.
pub type Range = std::ops::Range<usize>;

/// Something that can be taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// What goes.
    pub range: Range,
    /// How many units stand around it.
    pub depth: usize,
    /// What may stay of it, if it is only unwrapped: the text of its body.
    pub inner: Option<Range>,
}

/// The units of `text`, from the outside in and then in their order; none if it does not parse under `goal`.
pub fn units(text: &str, goal: Goal) -> Vec<Unit> {
    let allocator = Allocator::default();
    let Ok(parsed) = program::parse(&allocator, text, goal) else { return vec![] };
    let mut finder = Finder { text, depth: 0, units: vec![] };
    finder.visit_program(parsed.tree);
    for comment in &parsed.tree.comments {
        finder.add(comment.span, None);
    }
    let mut units = finder.units;
    units.sort_by_key(|unit| (unit.depth, unit.range.start, unit.range.end));
    units.dedup_by(|a, b| a.range == b.range);
    units
}

/// Whether `text` is a program under `goal`.
pub fn is_program(text: &str, goal: Goal) -> bool {
    program::check(text, Some(goal)).is_ok()
}

/// `text` without these ranges, and without the empty lines and blanks that they leave. Ranges may lie within each other.
pub fn without(text: &str, ranges: &[Range]) -> String {
    let mut sorted: Vec<&Range> = ranges.iter().collect();
    sorted.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for range in sorted {
        if range.end <= at {
            continue;
        }
        kept.push_str(&text[at..range.start.max(at)]);
        at = range.end;
    }
    kept.push_str(&text[at..]);
    let lines = kept.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let mut tidy = lines.collect::<Vec<_>>().join("\n");
    tidy.push('\n');
    tidy
}

/// Lines that hold something.
pub fn lines(text: &str) -> usize {
    text.lines().filter(|line| !line.trim().is_empty()).count()
}

struct Finder<'t> {
    text: &'t str,
    depth: usize,
    units: Vec<Unit>,
}

impl Finder<'_> {
    fn add(&mut self, span: Span, inner: Option<Range>) {
        self.units.push(Unit { range: bytes(span), depth: self.depth, inner });
    }

    /// An element of a list, with the comma that follows it.
    fn add_listed(&mut self, span: Span) {
        let mut range = bytes(span);
        let rest = &self.text[range.end..];
        let after = rest.trim_start();
        if after.starts_with(',') {
            range.end += rest.len() - after.len() + 1;
        }
        self.units.push(Unit { range, depth: self.depth, inner: None });
    }

    fn below(&mut self, walk: impl FnOnce(&mut Self)) {
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }

    /// The statements within a body, without its braces.
    fn within(&self, span: Span) -> Range {
        let range = bytes(span);
        match self.text.as_bytes().get(range.start) {
            Some(b'{') => range.start + 1..range.end - 1,
            _ => range,
        }
    }

    fn body_of(&self, statement: &Statement<'_>) -> Option<Range> {
        Some(self.within(match statement {
            Statement::BlockStatement(block) => block.span,
            Statement::IfStatement(it) => it.consequent.span(),
            Statement::ForStatement(it) => it.body.span(),
            Statement::ForInStatement(it) => it.body.span(),
            Statement::ForOfStatement(it) => it.body.span(),
            Statement::WhileStatement(it) => it.body.span(),
            Statement::DoWhileStatement(it) => it.body.span(),
            Statement::LabeledStatement(it) => it.body.span(),
            Statement::TryStatement(it) => it.block.span,
            Statement::ExpressionStatement(it) => return self.callback(&it.expression),
            _ => return None,
        }))
    }

    /// The body of the one function that is called at once, or is the callback of a call.
    fn callback(&self, expression: &Expression<'_>) -> Option<Range> {
        let call = match expression.get_inner_expression() {
            Expression::CallExpression(call) => call,
            Expression::AwaitExpression(awaited) => return self.callback(&awaited.argument),
            _ => return None,
        };
        let functions = call.arguments.iter().filter_map(Argument::as_expression).chain([&call.callee]);
        let mut bodies = functions.filter_map(|function| match function.get_inner_expression() {
            Expression::ArrowFunctionExpression(arrow) => Some(arrow.body.span()),
            Expression::FunctionExpression(function) => function.body.as_ref().map(|body| body.span),
            _ => None,
        });
        let body = bodies.next()?;
        bodies.next().is_none().then(|| self.within(body))
    }
}

fn bytes(span: Span) -> Range {
    span.start as usize..span.end as usize
}

impl<'a> Visit<'a> for Finder<'_> {
    fn visit_statement(&mut self, it: &Statement<'a>) {
        self.add(it.span(), self.body_of(it));
        self.below(|finder| walk::walk_statement(finder, it));
    }

    fn visit_switch_case(&mut self, it: &SwitchCase<'a>) {
        self.add(it.span, None);
        self.below(|finder| walk::walk_switch_case(finder, it));
    }

    fn visit_class_body(&mut self, it: &ClassBody<'a>) {
        for element in &it.body {
            self.add(element.span(), None);
        }
        self.below(|finder| walk::walk_class_body(finder, it));
    }

    fn visit_object_expression(&mut self, it: &ObjectExpression<'a>) {
        for property in &it.properties {
            self.add_listed(property.span());
        }
        self.below(|finder| walk::walk_object_expression(finder, it));
    }

    fn visit_array_expression(&mut self, it: &oxc_ast::ast::ArrayExpression<'a>) {
        for element in it.elements.iter().filter(|element| !matches!(element, ArrayExpressionElement::Elision(_))) {
            self.add_listed(element.span());
        }
        self.below(|finder| walk::walk_array_expression(finder, it));
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        // `a.b(…).c(…)` without its last link is `a.b(…)`.
        if let Some(member) = it.callee.get_member_expr()
            && matches!(member.object().get_inner_expression(), Expression::CallExpression(_) | Expression::NewExpression(_))
        {
            let object = member.object();
            self.add(Span::new(object.span().end, it.span.end), None);
            // Nor need the link before it stay, as in `a.c(…)`.
            if let Expression::CallExpression(before) = object.get_inner_expression()
                && let Some(member) = before.callee.get_member_expr()
            {
                self.add(Span::new(member.object().span().end, before.span.end), None);
            }
        }
        for argument in &it.arguments {
            self.add_listed(argument.span());
        }
        self.below(|finder| walk::walk_call_expression(finder, it));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(usize, &str, Option<&str>)> {
        let unit = |unit: Unit| (unit.depth, &text[unit.range.clone()], unit.inner.map(|inner| &text[inner]));
        units(text, Goal::Cjs).into_iter().map(unit).collect()
    }

    #[test]
    fn statements_stand_within_each_other() {
        assert_eq!(
            shown("a(); if (x) { b(); c; }"),
            [
                (0, "a();", None),
                (0, "if (x) { b(); c; }", Some(" b(); c; ")),
                (1, "{ b(); c; }", Some(" b(); c; ")),
                (2, "b();", None),
                (2, "c;", None)
            ]
        );
    }

    #[test]
    fn callbacks_can_be_unwrapped_and_links_cut() {
        let text = "setTimeout(() => { a; }, 1);";
        assert!(shown(text).contains(&(0, text, Some(" a; "))));
        let text = "p.then(f).then(g);";
        assert!(shown(text).contains(&(1, ".then(g)", None)));
        assert_eq!(shown("f(() => { a; }, () => { b; });")[0].2, None, "which of two would stay?");
    }

    #[test]
    fn members_and_properties_go_with_their_commas() {
        let text = "new X({ a: 1, b() {}, c });";
        let properties: Vec<&str> = shown(text).into_iter().map(|unit| unit.1).filter(|unit| !unit.starts_with("new")).collect();
        assert!(properties.contains(&"a: 1,") && properties.contains(&"b() {},") && properties.contains(&"c"), "{properties:?}");
        assert!(shown("class A { m() { x; } static y = 1; }").contains(&(1, "m() { x; }", None)));
        assert!(shown("a; // why\nb;").contains(&(0, "// why", None)));
    }

    #[test]
    fn what_is_left_is_tidy() {
        let text = "a();\n\nif (x) {\n  b();\n}\nc(); // why\n";
        assert_eq!(without(text, &[0..4, 17..21, 6..24]), "c(); // why\n");
        let one = vec![17..18, 18..21];
        assert_eq!(without(text, &one), "a();\nif (x) {\n}\nc(); // why\n");
        assert_eq!(lines("a\n\n b\n"), 2);
    }

    #[test]
    fn no_program_has_no_units() {
        assert_eq!(units("let =", Goal::Cjs), []);
        assert!(!is_program("let =", Goal::Cjs) && is_program("a;", Goal::Cjs));
    }
}
