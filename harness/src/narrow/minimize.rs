//! Making a program smaller while it keeps showing what it shows: delta debugging over its statements.
//!
//! The units of [`statements`] are removed level by level, from the outside in: at each level whole halves are
//! tried first, then quarters, down to single units (Zeller's *ddmin*, applied to a hierarchy as Misherghi and Su do). Then whatever stands
//! around others is unwrapped, and written with less ([`rewrites`]), where that is possible. All of it is done again until nothing more
//! can go.

use std::collections::BTreeSet;

use crate::suite::{
    Goal,
    rewrites::rewrites,
    statements::{Range, Unit, is_program, lines, units, without},
};

/// A smaller program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minimized {
    /// Its text.
    pub text: String,
    /// How many programs were asked about.
    pub asked: usize,
}

/// Makes `text` smaller as long as `keeps` says of the smaller program that it still shows what it should. Programs that break the
/// grammar are not asked about, and none is asked about twice.
///
/// # Errors
/// Whatever `keeps` fails with.
pub fn minimize<E>(text: &str, goal: Goal, keeps: impl FnMut(&str) -> Result<bool, E>) -> Result<Minimized, E> {
    let mut search = Search { text: without(text, &[]), goal, asked: BTreeSet::new(), keeps };
    if search.text != text && !search.try_text(&search.text.clone())? {
        // Blank lines matter only to programs that read themselves; those are left as they are.
        return Ok(Minimized { text: text.to_owned(), asked: search.asked.len() });
    }
    loop {
        let before = search.text.clone();
        let mut depth = 0;
        while search.level(depth)? {
            depth += 1;
        }
        search.unwrap()?;
        search.rewrite()?;
        if search.text == before {
            return Ok(Minimized { text: search.text, asked: search.asked.len() });
        }
    }
}

struct Search<F> {
    text: String,
    goal: Goal,
    asked: BTreeSet<String>,
    keeps: F,
}

impl<E, F: FnMut(&str) -> Result<bool, E>> Search<F> {
    /// Takes `text` if it is another program that still shows what it should.
    fn try_text(&mut self, text: &str) -> Result<bool, E> {
        if !is_program(text, self.goal) || !self.asked.insert(text.to_owned()) || !(self.keeps)(text)? {
            return Ok(false);
        }
        self.text = text.to_owned();
        Ok(true)
    }

    /// Removes what can go of one level; false if there is no such level.
    fn level(&mut self, depth: usize) -> Result<bool, E> {
        let at = |text: &str, goal| -> Vec<Range> {
            let of = units(text, goal).into_iter().filter(|unit| unit.depth == depth);
            of.map(|unit| unit.range).collect()
        };
        let mut left = at(&self.text, self.goal);
        if left.is_empty() {
            return Ok(false);
        }
        let mut size = left.len();
        loop {
            let mut from = 0;
            let mut shrunk = false;
            // From the end, since what comes late rarely is what others need.
            while from < left.len() {
                let end = left.len() - from;
                let chunk = &left[end.saturating_sub(size)..end];
                let smaller = without(&self.text, chunk);
                if self.try_text(&smaller)? {
                    // The ranges have moved.
                    left = at(&self.text, self.goal);
                    shrunk = true;
                } else {
                    from += size;
                }
            }
            match size {
                1 if !shrunk => return Ok(true),
                1 => {}
                _ => size = size.div_ceil(2),
            }
        }
    }

    /// Writes the program with less, in ways that deleting cannot find.
    fn rewrite(&mut self) -> Result<(), E> {
        'anew: loop {
            for way in rewrites(&self.text, self.goal) {
                let smaller = outdented(&without(&way, &[]));
                if measure(&smaller) < measure(&self.text) && self.try_text(&smaller)? {
                    continue 'anew;
                }
            }
            return Ok(());
        }
    }

    /// Puts the inside of what stands around others in its place, the outermost first.
    fn unwrap(&mut self) -> Result<(), E> {
        let mut from = 0;
        loop {
            let around: Vec<Unit> = units(&self.text, self.goal).into_iter().filter(|unit| unit.inner.is_some()).collect();
            let Some(unit) = around.get(from) else { return Ok(()) };
            let inner = unit.inner.clone().unwrap_or_default();
            let shell = [unit.range.start..inner.start, inner.end..unit.range.end];
            let smaller = outdented(&without(&self.text, &shell));
            if lines(&smaller) > lines(&self.text) || !self.try_text(&smaller)? {
                from += 1;
            }
        }
    }
}

/// What is to become smaller: lines first, then bytes.
fn measure(text: &str) -> (usize, usize) {
    (lines(text), text.len())
}

/// The text with nothing before its lines that stands before all of them.
fn outdented(text: &str) -> String {
    let indent = text.lines().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    text.lines().map(|line| format!("{}\n", &line[indent..])).collect()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Minimises for programs that hold all of these words.
    fn holding(text: &str, words: &[&str]) -> Minimized {
        let keeps = |text: &str| Ok::<_, Infallible>(words.iter().all(|word| text.contains(word)));
        match minimize(text, Goal::Cjs, keeps) {
            Ok(minimized) => minimized,
            Err(never) => match never {},
        }
    }

    #[test]
    fn only_what_is_wanted_stays() {
        let text = "a();\n\nb();\nif (x) {\n  c();\n  d();\n}\n// e\nf();\n";
        assert_eq!(holding(text, &["b()"]).text, "b();\n");
        assert_eq!(holding(text, &["b()", "d()"]).text, "b();\nd();\n".replace("d();", "  d();"));
        assert_eq!(holding(text, &["a()", "e", "f()"]).text, "a();\n// e\nf();\n");
        assert_eq!(holding(text, &[]).text, "\n");
    }

    #[test]
    fn what_stands_around_goes_too() {
        let text = "async function main() {\n  await x;\n  for (const i of [1]) {\n    setTimeout(() => {\n      wanted();\n    }, 1);\n  }\n}\nmain();\n";
        assert!(holding(text, &["wanted()", "main"]).text.lines().count() <= 3);
        let text = "for (;;) {\n  setTimeout(() => {\n    wanted();\n    other();\n  }, 1);\n}\n";
        assert_eq!(holding(text, &["wanted()"]).text, "wanted();\n");
        assert_eq!(holding("p.then(a).then(b).then(c);", &["b"]).text.trim(), "p.then(b);");
        let options = holding("new X({ a: 1, b() {}, c });", &["X", "b()"]).text;
        assert_eq!(options.split_whitespace().collect::<String>(), "newX({b(){},});");
    }

    #[test]
    fn what_deleting_cannot_shorten_is_written_with_less() {
        let text = "class Log extends Base {\n}\nfunction say(text) {\n  console.log(text);\n}\nconst log = new Log();\nsay('wanted');\nlog.end();\n";
        assert_eq!(
            holding(text, &["console.log('wanted')", "new", ".end()"]).text,
            "console.log('wanted');\nnew Base().end();\n"
        );
    }

    #[test]
    fn nothing_is_asked_twice_and_no_nonsense() {
        let mut asked = Vec::new();
        let text = "const a = 1;\nconst b = a;\n{ let c = b; }\nlet d = c;\n";
        let minimized = minimize(text, Goal::Cjs, |text| {
            asked.push(text.to_owned());
            Ok::<_, Infallible>(text.contains('c'))
        });
        let Ok(minimized) = minimized;
        assert_eq!((asked.len(), minimized.text.lines().count()), (minimized.asked, 1));
        assert!(asked.iter().all(|text| is_program(text, Goal::Cjs)));
        asked.sort();
        assert!(asked.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn a_failure_ends_it() {
        assert_eq!(minimize("a();\nb();\n", Goal::Cjs, |_| Err("stop")), Err("stop"));
    }
}
