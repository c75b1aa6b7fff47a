//! An expression as text: for people, and for a digest.

use super::{
    expr::Expr,
    visible::{quoted, visible},
};

/// Columns up to which a group of single events stands in one line.
const WIDTH: usize = 76;

/// What the expression allows, for a person to read: one line each, indented by structure, control characters escaped.
///
/// ```text
/// "sync"
/// in any order: "timeout", "immediate"
/// one of:
///   - "a"
///     "b"
///   - "c"
/// 1 to 20 times: "tick"
/// optionally: "extra"
/// side by side:
///   client: "connect", "write", "end"
///   server: "accept", "data", "end"
///   client.write before server.data
/// ```
///
/// The empty trace is no line.
pub fn render_lines(expr: &Expr) -> Vec<String> {
    match expr {
        Expr::Event(pattern) => vec![quoted(pattern.written())],
        Expr::Seq(items) => items.iter().flat_map(render_lines).collect(),
        Expr::Unordered(branches) => group("in any order", branches, true),
        Expr::OneOf(branches) => group("one of", branches, true),
        Expr::Optional(of) => group("optionally", std::slice::from_ref(of), false),
        Expr::Repeat { of, from, to } => group(&times(*from, *to), std::slice::from_ref(of), false),
        Expr::Lanes(lanes) => {
            let mut lines = vec!["side by side:".to_owned()];
            for lane in lanes.lanes() {
                let items = if let Expr::Seq(items) = &lane.items { items.as_slice() } else { std::slice::from_ref(&lane.items) };
                lines.extend(indented(group(&visible(&lane.name), items, false)));
            }
            let edges = lanes.before().iter();
            lines.extend(edges.map(|edge| format!("  {} before {}", visible(&edge.first.written), visible(&edge.then.written))));
            lines
        }
    }
}

/// A head with its parts: in the head's line if all are single events and fit, else below it, dashed if they are alternatives.
fn group(head: &str, parts: &[Expr], dashed: bool) -> Vec<String> {
    let rendered: Vec<Vec<String>> = parts.iter().map(render_lines).collect();
    if parts.iter().all(|part| matches!(part, Expr::Event(_))) {
        let line = format!("{head}: {}", rendered.concat().join(", "));
        if line.chars().count() <= WIDTH {
            return vec![line];
        }
    }
    let mut lines = vec![format!("{head}:")];
    for part in rendered {
        if !dashed {
            lines.extend(indented(part));
            continue;
        }
        for (index, line) in part.into_iter().enumerate() {
            let mark = if index == 0 { "  - " } else { "    " };
            lines.push(format!("{mark}{line}"));
        }
    }
    lines
}

fn indented(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| format!("  {line}"))
}

fn times(from: u32, to: Option<u32>) -> String {
    match (from, to) {
        (0, None) => "any number of times".to_owned(),
        (1, Some(1)) => "once".to_owned(),
        (1, None) => "once or more".to_owned(),
        (from, None) => format!("{from} times or more"),
        (from, Some(to)) if from == to => format!("{from} times"),
        (from, Some(to)) => format!("{from} to {to} times"),
    }
}

/// The expression in a form of its own, for digests: equal strings mean equal sets of traces.
///
/// Where order says nothing (the branches of `unordered` and `one_of`, lanes, edges) it is a fixed one, so shuffling a file's
/// lines is no change of meaning. Events carry their length in bytes, so no event can pass for structure.
pub fn canonical(expr: &Expr) -> String {
    match expr {
        Expr::Event(pattern) => text(pattern.written()),
        Expr::Seq(items) => {
            let mut flat = Vec::new();
            flatten(items, &mut flat);
            match flat.as_slice() {
                [only] => only.clone(),
                _ => form("seq", flat),
            }
        }
        Expr::Unordered(branches) => form("unordered", sorted(branches.iter().map(canonical).collect())),
        Expr::OneOf(branches) => form("one_of", sorted(branches.iter().map(canonical).collect())),
        Expr::Optional(of) => form("optional", vec![canonical(of)]),
        Expr::Repeat { of, from, to } => {
            let to = to.map_or_else(|| "*".to_owned(), |to| to.to_string());
            form("repeat", vec![from.to_string(), to, canonical(of)])
        }
        Expr::Lanes(lanes) => {
            let name = |lane: usize| text(&lanes.lanes()[lane].name);
            let each = lanes.lanes().iter().enumerate();
            let mut parts = sorted(each.map(|(index, lane)| form("lane", vec![name(index), canonical(&lane.items)])).collect());
            let mut edges: Vec<String> = lanes
                .before()
                .iter()
                .map(|edge| {
                    let (first, then) = (&edge.first, &edge.then);
                    form("before", vec![name(first.lane), first.place.to_string(), name(then.lane), then.place.to_string()])
                })
                .collect();
            edges.sort_unstable();
            edges.dedup();
            parts.extend(edges);
            form("lanes", parts)
        }
    }
}

fn flatten(items: &[Expr], flat: &mut Vec<String>) {
    for item in items {
        match item {
            Expr::Seq(inner) => flatten(inner, flat),
            _ => flat.push(canonical(item)),
        }
    }
}

fn text(text: &str) -> String {
    format!("{}:{text}", text.len())
}

fn form(head: &str, parts: Vec<String>) -> String {
    let mut out = format!("({head}");
    for part in parts {
        out.push(' ');
        out.push_str(&part);
    }
    out.push(')');
    out
}

fn sorted(mut parts: Vec<String>) -> Vec<String> {
    parts.sort_unstable();
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Expr {
        Expr::event(text).expect(text)
    }

    fn events(texts: &[&str]) -> Vec<Expr> {
        texts.iter().map(|text| event(text)).collect()
    }

    fn built(expr: Result<Expr, super::super::ExprError>) -> Expr {
        expr.expect("a sound expression")
    }

    #[test]
    fn every_operator_reads_as_a_sentence() {
        let edges = [("client.write".to_owned(), "server.data#2".to_owned())];
        let lanes = vec![
            ("client".to_owned(), events(&["connect", "write"])),
            ("server".to_owned(), vec![event("data"), event("data"), built(Expr::optional(event("end")))]),
        ];
        let expr = Expr::Seq(vec![
            event("sync"),
            built(Expr::unordered(events(&["timeout", "immediate"]))),
            built(Expr::one_of(vec![Expr::Seq(events(&["a", "b"])), event("c")])),
            built(Expr::repeat(event("tick"), 1, Some(20))),
            built(Expr::repeat(Expr::Seq(events(&["x", "y"])), 0, None)),
            built(Expr::optional(event("\u{1b}[2J"))),
            built(Expr::lanes(lanes, &edges)),
        ]);
        let wanted = [
            "\"sync\"",
            "in any order: \"timeout\", \"immediate\"",
            "one of:",
            "  - \"a\"",
            "    \"b\"",
            "  - \"c\"",
            "1 to 20 times: \"tick\"",
            "any number of times:",
            "  \"x\"",
            "  \"y\"",
            "optionally: \"\\u{1b}[2J\"",
            "side by side:",
            "  client: \"connect\", \"write\"",
            "  server:",
            "    \"data\"",
            "    \"data\"",
            "    optionally: \"end\"",
            "  client.write before server.data#2",
        ];
        assert_eq!(render_lines(&expr), wanted);
        assert!(render_lines(&Expr::Seq(vec![])).is_empty());
    }

    #[test]
    fn a_group_too_wide_for_a_line_is_broken() {
        let long = "e".repeat(40);
        let lines = render_lines(&built(Expr::unordered(events(&[&long, &long]))));
        assert_eq!(lines, ["in any order:".to_owned(), format!("  - \"{long}\""), format!("  - \"{long}\"")]);
    }

    #[test]
    fn counts_read_naturally() {
        let said: Vec<String> =
            [(0, None), (1, None), (2, None), (1, Some(1)), (3, Some(3)), (0, Some(2))].map(|(from, to)| times(from, to)).into();
        assert_eq!(said, ["any number of times", "once or more", "2 times or more", "once", "3 times", "0 to 2 times"]);
    }

    #[test]
    fn a_canonical_form_forgets_only_what_means_nothing() {
        let one = built(Expr::unordered(vec![event("a"), Expr::Seq(events(&["b", "c"]))]));
        let two = built(Expr::unordered(vec![Expr::Seq(vec![event("b"), Expr::Seq(events(&["c"]))]), event("a")]));
        assert_eq!(canonical(&one), "(unordered (seq 1:b 1:c) 1:a)");
        assert_eq!(canonical(&one), canonical(&two));
        assert_ne!(canonical(&Expr::Seq(events(&["a", "b"]))), canonical(&Expr::Seq(events(&["b", "a"]))));
        assert_ne!(canonical(&event("a 1:b")), canonical(&Expr::Seq(events(&["a", "b"]))));
    }

    #[test]
    fn a_canonical_form_holds_edges_by_place() {
        let lanes = |names: [&str; 2], edges: &[(&str, &str)]| {
            let lanes = names.map(|name| (name.to_owned(), events(&["e", "e"]))).into();
            let edges: Vec<_> = edges.iter().map(|(first, then)| ((*first).to_owned(), (*then).to_owned())).collect();
            canonical(&built(Expr::lanes(lanes, &edges)))
        };
        let one = lanes(["x", "y"], &[("x.e#1", "y.e#2"), ("x.e#2", "y.e#2")]);
        assert_eq!(one, lanes(["y", "x"], &[("x.e#2", "y.e#2"), ("x.e#1", "y.e#2"), ("x.e#2", "y.e#2")]));
        assert_ne!(one, lanes(["x", "y"], &[("x.e#1", "y.e#2")]));
    }
}
