//! Ways to write a program with less: what a person would do who makes a report of a bug shorter, and deleting cannot.
//!
//! Each way gives a whole new text. None promises that it means the same, nor even that it parses: whoever asks runs it and sees.
//!
//! * A function, method or accessor of a few statements stands where it is called, and is gone.
//! * A constant that is used once stands where it is used, and so does what an empty class extends.
//! * A loop over a list is done for the first of its elements alone.
//! * Of an `if` with an `else`, only the `else` stays.

use std::collections::BTreeMap;

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, ArrayExpressionElement, ArrowFunctionExpression, CallExpression, Class, Expression, ForOfStatement,
    ForStatementLeft, FormalParameters, Function, FunctionBody, IdentifierReference, IfStatement, MethodDefinition,
    ObjectProperty, Statement, ThisExpression, VariableDeclaration,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};

use super::{case::Goal, program, statements::Range};

/// Every way to write `text` with less; none if it does not parse under `goal`.
pub fn rewrites(text: &str, goal: Goal) -> Vec<String> {
    let allocator = Allocator::default();
    let Ok(parsed) = program::parse(&allocator, text, goal) else { return vec![] };
    let mut finder = Finder { text, ..Finder::default() };
    finder.visit_program(parsed.tree);
    let mut ways = Vec::new();
    ways.extend(finder.functions.iter().filter_map(|function| finder.inlined(function)));
    ways.extend(finder.constants.iter().filter_map(|constant| finder.substituted(constant)));
    ways.extend(finder.loops.iter().map(|once| finder.once(once)));
    ways.extend(finder.elses.iter().map(|(whole, rest)| edited(text, vec![(whole.clone(), text[rest.clone()].to_owned())])));
    ways
}

/// `text` with ranges replaced; of ranges within each other the outer one counts.
fn edited(text: &str, mut edits: Vec<(Range, String)>) -> String {
    // What is put before something goes before what replaces it.
    edits.sort_by_key(|(range, _)| (range.start, !range.is_empty(), std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, with) in edits {
        if range.start < at {
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&with);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// A function with a name.
#[derive(Debug)]
struct Named {
    name: String,
    params: Vec<String>,
    /// Statements before the last, if that is a `return`; else all of them.
    statements: Option<Range>,
    /// What it gives.
    value: Option<Range>,
    /// What goes with it.
    definition: Range,
}

/// A call of something with a name.
#[derive(Debug)]
struct Call {
    name: String,
    /// Of a method: on what.
    object: Option<Range>,
    range: Range,
    arguments: Vec<Range>,
    /// The statement it stands in.
    statement: Range,
}

/// Something that is another name for `value`.
#[derive(Debug)]
struct Constant {
    name: String,
    value: Range,
    definition: Range,
    /// Whether it may stand in several places.
    often: bool,
}

/// A loop over a list.
#[derive(Debug)]
struct Loop {
    name: String,
    first: Range,
    body: Range,
    range: Range,
}

#[derive(Default)]
struct Finder<'t> {
    text: &'t str,
    statements: Vec<Range>,
    functions: Vec<Named>,
    calls: Vec<Call>,
    uses: BTreeMap<String, Vec<Range>>,
    these: Vec<Range>,
    constants: Vec<Constant>,
    loops: Vec<Loop>,
    elses: Vec<(Range, Range)>,
}

fn bytes(span: Span) -> Range {
    span.start as usize..span.end as usize
}

fn holds(outer: &Range, inner: &Range) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

impl Finder<'_> {
    /// The text of `range` with these names written as something else.
    fn with(&self, range: &Range, names: &[(String, String)], this: Option<&str>) -> String {
        let mut edits: Vec<(Range, String)> = Vec::new();
        for (name, with) in names {
            let uses = self.uses.get(name).into_iter().flatten().filter(|used| holds(range, used));
            edits.extend(uses.map(|used| (used.start - range.start..used.end - range.start, with.clone())));
        }
        if let Some(this) = this {
            let these = self.these.iter().filter(|used| holds(range, used));
            edits.extend(these.map(|used| (used.start - range.start..used.end - range.start, this.to_owned())));
        }
        edited(&self.text[range.clone()], edits)
    }

    /// The function in place of each of its calls.
    fn inlined(&self, function: &Named) -> Option<String> {
        let outside = |range: &Range| !holds(&function.definition, range);
        let calls: Vec<&Call> = self.calls.iter().filter(|call| call.name == function.name && outside(&call.range)).collect();
        if calls.is_empty() {
            return None;
        }
        let mut edits = vec![(function.definition.clone(), String::new())];
        for call in calls {
            let argument = |index: usize| call.arguments.get(index).map_or("undefined", |range| &self.text[range.clone()]);
            let names: Vec<(String, String)> =
                function.params.iter().enumerate().map(|(index, name)| (name.clone(), argument(index).to_owned())).collect();
            let this = call.object.clone().map(|range| &self.text[range]);
            if let Some(before) = &function.statements {
                let text = self.with(before, &names, this);
                edits.push((call.statement.start..call.statement.start, format!("{}\n", text.trim())));
            }
            let value = function.value.as_ref().map_or("undefined".to_owned(), |value| self.with(value, &names, this));
            let alone = function.value.is_none() && self.text[call.statement.clone()].trim_end_matches(';').ends_with(')');
            let is_statement = alone && call.statement.start == call.range.start && call.statement.end <= call.range.end + 1;
            edits.push(if is_statement { (call.statement.clone(), String::new()) } else { (call.range.clone(), value) });
        }
        Some(edited(self.text, edits))
    }

    /// The value in place of each use of its name.
    fn substituted(&self, constant: &Constant) -> Option<String> {
        let uses = self.uses.get(&constant.name)?;
        if uses.is_empty() || uses.len() > 1 && !constant.often {
            return None;
        }
        let mut edits = vec![(constant.definition.clone(), String::new())];
        edits.extend(uses.iter().map(|used| (used.clone(), self.text[constant.value.clone()].to_owned())));
        Some(edited(self.text, edits))
    }

    fn once(&self, once: &Loop) -> String {
        let names = [(once.name.clone(), self.text[once.first.clone()].to_owned())];
        edited(self.text, vec![(once.range.clone(), self.with(&once.body, &names, None).trim().to_owned())])
    }

    /// What is within braces, or the range itself.
    fn within(&self, span: Span) -> Range {
        let range = bytes(span);
        match self.text.as_bytes().get(range.start) {
            Some(b'{') => range.start + 1..range.end - 1,
            _ => range,
        }
    }

    fn function(
        &mut self,
        name: Option<String>,
        params: &FormalParameters<'_>,
        body: Option<&FunctionBody<'_>>,
        definition: Range,
    ) {
        let (Some(name), Some(body)) = (name, body) else { return };
        let names = params.items.iter().map(|item| item.pattern.get_identifier_name().map(|name| name.to_string()));
        let Some(params) = names.collect::<Option<Vec<String>>>() else { return };
        let inner = self.within(body.span);
        let (statements, value) = match body.statements.last() {
            Some(Statement::ReturnStatement(last)) => {
                let before = inner.start..bytes(last.span).start;
                ((body.statements.len() > 1).then_some(before), last.argument.as_ref().map(|value| bytes(value.span())))
            }
            Some(_) => (Some(inner), None),
            None => (None, None),
        };
        self.functions.push(Named { name, params, statements, value, definition });
    }

    fn arrow(&mut self, name: String, arrow: &ArrowFunctionExpression<'_>, definition: Range) {
        let names = arrow.params.items.iter().map(|item| item.pattern.get_identifier_name().map(|name| name.to_string()));
        let span = arrow.body.span();
        if !self.text[bytes(span)].starts_with('{') {
            let Some(params) = names.collect::<Option<Vec<String>>>() else { return };
            self.functions.push(Named { name, params, statements: None, value: Some(bytes(span)), definition });
        } else if let Some(params) = names.collect::<Option<Vec<String>>>() {
            let statements = Some(self.within(span));
            self.functions.push(Named { name, params, statements, value: None, definition });
        }
    }
}

impl<'a> Visit<'a> for Finder<'_> {
    fn visit_statement(&mut self, it: &Statement<'a>) {
        self.statements.push(bytes(it.span()));
        if let Statement::FunctionDeclaration(function) = it {
            let name = function.id.as_ref().map(|id| id.name.to_string());
            self.function(name, &function.params, function.body.as_deref(), bytes(function.span));
        }
        walk::walk_statement(self, it);
        self.statements.pop();
    }

    fn visit_variable_declaration(&mut self, it: &VariableDeclaration<'a>) {
        if let [one] = &it.declarations[..]
            && let (Some(name), Some(init)) = (one.id.get_identifier_name(), &one.init)
        {
            let (name, definition) = (name.to_string(), bytes(it.span));
            match init.get_inner_expression() {
                Expression::ArrowFunctionExpression(arrow) => self.arrow(name.clone(), arrow, definition.clone()),
                Expression::FunctionExpression(function) => {
                    self.function(Some(name.clone()), &function.params, function.body.as_deref(), definition.clone());
                }
                _ => {}
            }
            self.constants.push(Constant { name, value: bytes(init.span()), definition, often: false });
        }
        walk::walk_variable_declaration(self, it);
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        let name = it.key.static_name().map(|name| name.to_string());
        self.function(name, &it.value.params, it.value.body.as_deref(), bytes(it.span));
        walk::walk_method_definition(self, it);
    }

    fn visit_object_property(&mut self, it: &ObjectProperty<'a>) {
        if let Expression::FunctionExpression(function) = &it.value {
            let Function { params, body, .. } = &**function;
            let mut definition = bytes(it.span);
            definition.end += usize::from(self.text[definition.end..].starts_with(','));
            self.function(it.key.static_name().map(|name| name.to_string()), params, body.as_deref(), definition);
        }
        walk::walk_object_property(self, it);
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        if let (Some(id), Some(parent)) = (&it.id, it.heritage.as_ref().map(|heritage| &heritage.expression))
            && it.body.body.is_empty()
        {
            let (name, value) = (id.name.to_string(), bytes(parent.span()));
            self.constants.push(Constant { name, value, definition: bytes(it.span), often: true });
        }
        walk::walk_class(self, it);
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        if let (ForStatementLeft::VariableDeclaration(left), Expression::ArrayExpression(list)) = (&it.left, &it.right)
            && let Some(name) = left.declarations.first().and_then(|one| one.id.get_identifier_name())
            && let Some(first) = list.elements.iter().find(|element| !matches!(element, ArrayExpressionElement::Elision(_)))
        {
            let body = self.within(it.body.span());
            self.loops.push(Loop { name: name.to_string(), first: bytes(first.span()), body, range: bytes(it.span) });
        }
        walk::walk_for_of_statement(self, it);
    }

    fn visit_if_statement(&mut self, it: &IfStatement<'a>) {
        if let Some(rest) = &it.alternate {
            self.elses.push((bytes(it.span), self.within(rest.span())));
        }
        walk::walk_if_statement(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        let named = match it.callee.get_inner_expression() {
            Expression::Identifier(name) => Some((name.name.to_string(), None)),
            other => other
                .get_member_expr()
                .and_then(|member| Some((member.static_property_name()?.to_owned(), Some(bytes(member.object().span()))))),
        };
        if let (Some((name, object)), Some(statement)) = (named, self.statements.last().cloned()) {
            let arguments = it.arguments.iter().filter_map(Argument::as_expression).map(|argument| bytes(argument.span()));
            self.calls.push(Call { name, object, range: bytes(it.span), arguments: arguments.collect(), statement });
        }
        walk::walk_call_expression(self, it);
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        self.uses.entry(it.name.to_string()).or_default().push(bytes(it.span));
    }

    fn visit_this_expression(&mut self, it: &ThisExpression) {
        self.these.push(bytes(it.span));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(text: &str) -> Vec<String> {
        let tidy = |way: String| way.split_whitespace().collect::<Vec<_>>().join(" ");
        rewrites(text, Goal::Cjs).into_iter().map(tidy).collect()
    }

    #[track_caller]
    fn assert_way(text: &str, want: &str) {
        let ways = ways(text);
        assert!(ways.iter().any(|way| way == want), "`{want}` is not among {ways:#?}");
    }

    #[test]
    fn functions_stand_where_they_are_called() {
        assert_way("function say(t) { console.log(t); } say('a'); say('b');", "console.log('a'); console.log('b');");
        assert_way("const say = (t) => console.log(t); f(() => say('a'));", "f(() => console.log('a'));");
        assert_way("function f(a, b) { g(a); return b + 1; } const x = f(1, 2);", "g(1); const x = 2 + 1;");
        assert_way("const o = { m(t) { this.x = t; } }; o.m(3);", "const o = { }; o.x = 3;");
        assert_way("class A { m() { return this.y; } } const a = new A(); f(a.m());", "class A { } const a = new A(); f(a.y);");
        assert_way("function f(a) { g(a); } f();", "g(undefined);");
    }

    #[test]
    fn other_names_and_loops_go() {
        assert_way("const a = new B(); a.c();", "new B().c();");
        assert_way("class A extends B { } new A(); new A();", "new B(); new B();");
        assert_way("for (const x of [1, 2]) { f(x); g(x); }", "f(1); g(1);");
        assert_way("if (a) { b(); } else { c(); }", "c();");
        assert_eq!(ways("const a = 1; f(a); g(a);"), Vec::<String>::new(), "it would be written twice");
    }
}
