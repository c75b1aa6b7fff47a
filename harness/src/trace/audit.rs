//! Which freedom of an expectation a set of traces never uses.
//!
//! Each freedom is taken away in turn: a branch of `one_of`, an end of `repeat`, the presence or absence of an `optional`, an order of
//! `unordered`. If every trace still fits the narrower expectation, none of them needed that freedom. For a complete set of legal traces
//! that is a hint that the expectation is wider than the rule; it is no proof, since what was run may know fewer orders than the rule allows.

use super::{
    expr::Expr,
    lanes::Lanes,
    matcher::{BoundReached, Outcome, match_trace},
    render::render_lines,
};

/// More branches than this are not compared pair by pair.
const MOST_BRANCHES: usize = 8;

/// Says, one sentence each, which freedom none of `traces` uses. Traces that do not fit the expectation anyway say nothing about it.
///
/// # Errors
/// If the matcher's bound is reached.
pub fn unused(expr: &Expr, traces: &[&[String]]) -> Result<Vec<String>, BoundReached> {
    let mut fitting = Vec::new();
    for trace in traces {
        if match_trace(expr, trace)? == Outcome::Accepted {
            fitting.push(*trace);
        }
    }
    let mut audit = Audit { fitting, found: Vec::new() };
    if !audit.fitting.is_empty() {
        audit.look(expr, &|inner| inner)?;
    }
    Ok(audit.found)
}

struct Audit<'t> {
    fitting: Vec<&'t [String]>,
    found: Vec<String>,
}

impl Audit<'_> {
    /// Whether all traces fit a narrower expectation too.
    fn fits(&self, narrower: &Expr) -> Result<bool, BoundReached> {
        for trace in &self.fitting {
            if match_trace(narrower, trace)? != Outcome::Accepted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Notes `sentence` if nobody misses what `narrower` forbids; whether it was noted.
    fn try_out(&mut self, narrower: &Expr, sentence: impl FnOnce() -> String) -> Result<bool, BoundReached> {
        let unused = self.fits(narrower)?;
        if unused {
            self.found.push(sentence());
        }
        Ok(unused)
    }

    /// Looks at the freedoms of `expr`; `whole` puts a narrower form of it in its place in the whole expectation.
    fn look(&mut self, expr: &Expr, whole: &dyn Fn(Expr) -> Expr) -> Result<(), BoundReached> {
        match expr {
            Expr::Event(_) => Ok(()),
            Expr::Seq(items) => self.look_inside(items, &|items| whole(Expr::Seq(items))),
            Expr::OneOf(branches) => self.look_at_alternatives(branches, whole),
            Expr::Unordered(branches) => {
                self.look_at_orders(branches, whole)?;
                self.look_inside(branches, &|branches| whole(Expr::Unordered(branches)))
            }
            Expr::Optional(of) => {
                if self.try_out(&whole(Expr::Seq(vec![])), || format!("{} never appears", name(of)))? {
                    return Ok(());
                }
                self.try_out(&whole((**of).clone()), || format!("{} is never left out", name(of)))?;
                self.look(of, &|inner| whole(Expr::Optional(Box::new(inner))))
            }
            Expr::Repeat { of, from, to } => {
                let repeat = |of: Expr, from, to| Expr::Repeat { of: Box::new(of), from, to };
                if to.is_none_or(|to| from < &to) {
                    let narrower = whole(repeat((**of).clone(), from + 1, *to));
                    self.try_out(&narrower, || format!("{} never comes as few as {from} times", name(of)))?;
                }
                if let Some(to) = to.filter(|to| to > from) {
                    let narrower = whole(repeat((**of).clone(), *from, Some(to - 1)));
                    self.try_out(&narrower, || format!("{} never comes as often as {to} times", name(of)))?;
                }
                self.look(of, &|inner| whole(repeat(inner, *from, *to)))
            }
            Expr::Lanes(lanes) => self.look_at_lanes(lanes, whole),
        }
    }

    /// Each of several parts, the others as they are.
    fn look_inside(&mut self, parts: &[Expr], whole: &dyn Fn(Vec<Expr>) -> Expr) -> Result<(), BoundReached> {
        for (index, part) in parts.iter().enumerate() {
            self.look(part, &|inner| {
                let mut parts = parts.to_vec();
                parts[index] = inner;
                whole(parts)
            })?;
        }
        Ok(())
    }

    fn look_at_alternatives(&mut self, branches: &[Expr], whole: &dyn Fn(Expr) -> Expr) -> Result<(), BoundReached> {
        for (index, branch) in branches.iter().enumerate() {
            let mut others = branches.to_vec();
            others.remove(index);
            // What a branch itself leaves open matters only if the branch is taken.
            if !others.is_empty() && self.try_out(&whole(Expr::OneOf(others)), || format!("{} never happens", name(branch)))? {
                continue;
            }
            self.look(branch, &|inner| {
                let mut branches = branches.to_vec();
                branches[index] = inner;
                whole(Expr::OneOf(branches))
            })?;
        }
        Ok(())
    }

    fn look_at_orders(&mut self, branches: &[Expr], whole: &dyn Fn(Expr) -> Expr) -> Result<(), BoundReached> {
        if branches.len() > MOST_BRANCHES {
            return Ok(());
        }
        for first in 0..branches.len() {
            for then in (0..branches.len()).filter(|&then| then != first) {
                let others = (0..branches.len()).filter(|&index| index != first && index != then);
                let mut narrower: Vec<Expr> = others.map(|index| branches[index].clone()).collect();
                narrower.push(Expr::Seq(vec![branches[first].clone(), branches[then].clone()]));
                let sentence = || format!("{} never comes before the end of {}", name(&branches[then]), name(&branches[first]));
                self.try_out(&whole(Expr::Unordered(narrower)), sentence)?;
            }
        }
        Ok(())
    }

    /// Whether one lane is always over before another begins.
    fn look_at_lanes(&mut self, lanes: &Lanes, whole: &dyn Fn(Expr) -> Expr) -> Result<(), BoundReached> {
        let written = |lane: &super::lanes::Lane| match &lane.items {
            Expr::Seq(items) => items.clone(),
            other => vec![other.clone()],
        };
        let all: Vec<(String, Vec<Expr>)> = lanes.lanes().iter().map(|lane| (lane.name.clone(), written(lane))).collect();
        let edges: Vec<(String, String)> =
            lanes.before().iter().map(|edge| (edge.first.written.clone(), edge.then.written.clone())).collect();
        for (first, items) in &all {
            for (then, others) in all.iter().filter(|(then, _)| then != first) {
                let (Some(Expr::Event(last)), Some(Expr::Event(begin))) = (items.last(), others.first()) else { continue };
                let mut more = edges.clone();
                more.push((format!("{first}.{}", last.written()), format!("{then}.{}", begin.written())));
                // An event that stands twice in its lane cannot be named so, and an order may turn in a circle: then there is nothing to say.
                let Ok(narrower) = Lanes::new(all.clone(), &more) else { continue };
                self.try_out(&whole(Expr::Lanes(narrower)), || {
                    format!("lane {then} never begins before the end of lane {first}")
                })?;
            }
        }
        Ok(())
    }
}

/// A part of an expectation in one line.
fn name(expr: &Expr) -> String {
    let line = render_lines(expr).iter().map(|line| line.trim().to_owned()).collect::<Vec<_>>().join(", ");
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Expr {
        Expr::event(text).expect(text)
    }

    fn audit(expr: &Expr, traces: &[&str]) -> Vec<String> {
        let traces: Vec<Vec<String>> = traces.iter().map(|trace| trace.split_whitespace().map(str::to_owned).collect()).collect();
        let borrowed: Vec<&[String]> = traces.iter().map(Vec::as_slice).collect();
        unused(expr, &borrowed).expect("small expressions")
    }

    #[test]
    fn a_freedom_that_is_used_is_not_named() {
        let either = Expr::unordered(vec![event("a"), event("b")]).expect("two");
        assert_eq!(audit(&either, &["a b", "b a"]), [""; 0]);
        assert_eq!(audit(&either, &["a b"]), [r#""b" never comes before the end of "a""#]);
        assert_eq!(audit(&either, &["x"]), [""; 0], "a trace that does not fit says nothing");
    }

    #[test]
    fn branches_and_counts_that_nobody_takes_are_named() {
        let branches = vec![event("a"), Expr::optional(event("b")).expect("b"), event("c")];
        let one = Expr::one_of(branches).expect("three");
        assert_eq!(audit(&one, &["a", "b"]), [r#""b" is never left out"#, r#""c" never happens"#]);
        let many = Expr::repeat(event("t"), 1, Some(3)).expect("bounds");
        assert_eq!(audit(&many, &["t t"]), [r#""t" never comes as few as 1 times"#, r#""t" never comes as often as 3 times"#]);
        assert_eq!(audit(&many, &["t", "t t t"]), [""; 0]);
    }

    #[test]
    fn lanes_that_never_meet_are_named() {
        let lanes = vec![("x".to_owned(), vec![event("a"), event("b")]), ("y".to_owned(), vec![event("c")])];
        let expr = Expr::lanes(lanes, &[]).expect("two lanes");
        assert_eq!(audit(&expr, &["a b c"]), ["lane y never begins before the end of lane x"]);
        assert_eq!(audit(&expr, &["a c b"]), [""; 0]);
    }
}
