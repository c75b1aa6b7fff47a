//! Finding where in an ordered row of releases a behaviour changes.
//!
//! Both ends are looked at first, then the middle of what is left, so that of *n* releases at most log2(*n*) + 3 are run. A release that
//! cannot be run is passed over for its nearest neighbour, and named if it lies where the change is.
//!
//! Behaviours are sets, since repeats of one release may differ. If the last release shows something that the first does not, a
//! release is *otherwise* when it shows something that the first does not. If it only lacks something that the first shows, as when an
//! instability was cured, a release is otherwise when it shows nothing but what the last does. The latter also holds where the first
//! release is a mere default and cannot be run: then the search is for the oldest release that behaves as the last.

use std::collections::BTreeSet;

/// What looking at one release gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look<B> {
    /// It ran, and did these things.
    Shows(BTreeSet<B>),
    /// It runs, but lacks what the program needs.
    Lacks(String),
    /// It cannot be installed, or does not start.
    Unusable(String),
}

/// The end of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The change lies between these two, which were both run.
    Found {
        /// The last that behaves as the first does.
        last: usize,
        /// The first that behaves otherwise.
        first: usize,
        /// Those between them, which cannot be run.
        between: Vec<usize>,
    },
    /// From the oldest release that can run the program at all, it behaves as the last does.
    AlwaysSince {
        /// That release.
        first: usize,
    },
    /// Both ends behave alike.
    Alike,
    /// An end that had to be run cannot be.
    NoEnd {
        /// The release.
        at: usize,
    },
}

/// How the ends of the row were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The first was named, so it must be run; if not, an older end that lacks the program's needs is as good as one that differs.
    pub first_named: bool,
    /// The last was named, so it must be run; if not, the newest that can be run stands for it.
    pub last_named: bool,
}

/// What was looked at, in that order, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search<B> {
    /// Every release that was looked at.
    pub looks: Vec<(usize, Look<B>)>,
    /// The end.
    pub end: End,
}

impl<B: Ord> Search<B> {
    /// What looking at a release gave.
    pub fn look(&self, at: usize) -> Option<&Look<B>> {
        self.looks.iter().find(|(index, _)| *index == at).map(|(_, look)| look)
    }

    /// How many releases were run.
    pub fn runs(&self) -> usize {
        self.looks.iter().filter(|(_, look)| matches!(look, Look::Shows(_))).count()
    }

    /// The first release that behaves otherwise, if one was found.
    pub fn end_first(&self) -> Option<usize> {
        match self.end {
            End::Found { first, .. } => Some(first),
            End::AlwaysSince { .. } | End::Alike | End::NoEnd { .. } => None,
        }
    }

    /// Whether a release that was run behaves otherwise than the first; none if it was not run.
    pub fn is_otherwise(&self, at: usize) -> Option<bool> {
        let first = self.end_first()?;
        matches!(self.look(at)?, Look::Shows(_)).then_some(at >= first)
    }
}

/// Searches a row of `count` releases with `look`, which is asked once about each at most.
///
/// # Errors
/// Whatever `look` fails with.
///
/// # Panics
/// If the row is empty.
pub fn bisect<B: Ord + Clone, E>(
    count: usize,
    ends: Ends,
    mut look: impl FnMut(usize) -> Result<Look<B>, E>,
) -> Result<Search<B>, E> {
    assert!(count > 0, "there is nothing to search in an empty row");
    let mut looks: Vec<(usize, Look<B>)> = Vec::new();
    let mut ask = |at: usize, looks: &mut Vec<(usize, Look<B>)>| -> Result<Look<B>, E> {
        let seen = look(at)?;
        looks.push((at, seen.clone()));
        Ok(seen)
    };

    let mut high = count - 1;
    let newest = loop {
        match ask(high, &mut looks)? {
            Look::Shows(shown) => break shown,
            _ if ends.last_named || high == 0 => return Ok(Search { end: End::NoEnd { at: high }, looks }),
            _ => high -= 1,
        }
    };
    if high == 0 {
        return Ok(Search { end: End::Alike, looks });
    }
    let oldest = match ask(0, &mut looks)? {
        Look::Shows(shown) if shown == newest => return Ok(Search { end: End::Alike, looks }),
        Look::Shows(shown) => Some(shown),
        _ if ends.first_named => return Ok(Search { end: End::NoEnd { at: 0 }, looks }),
        _ => None,
    };
    let otherwise = |shown: &BTreeSet<B>| match &oldest {
        Some(oldest) if !newest.is_subset(oldest) => !shown.is_subset(oldest),
        _ => shown.is_subset(&newest),
    };

    // Everything up to `low` is on the near side; it was run itself if `low_ran`.
    let (mut low, mut low_ran) = (0, oldest.is_some());
    let mut passed: BTreeSet<usize> = BTreeSet::new();
    while let Some(at) = middle(low, high, &passed) {
        match ask(at, &mut looks)? {
            Look::Shows(shown) if otherwise(&shown) => high = at,
            Look::Shows(_) => (low, low_ran) = (at, true),
            // What older releases lack was added by a later one; so it is looked for there.
            Look::Lacks(_) if !low_ran => low = at,
            Look::Lacks(_) | Look::Unusable(_) => drop(passed.insert(at)),
        }
    }
    let end = match low_ran {
        true => End::Found { last: low, first: high, between: passed.range(low + 1..high).copied().collect() },
        false => End::AlwaysSince { first: high },
    };
    Ok(Search { looks, end })
}

/// The release nearest to the middle between two that was not passed over, the older of two that are as near.
fn middle(low: usize, high: usize, passed: &BTreeSet<usize>) -> Option<usize> {
    let middle = low + (high - low) / 2;
    (low + 1..high).filter(|at| !passed.contains(at)).min_by_key(|at| (at.abs_diff(middle), *at))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    const NAMED: Ends = Ends { first_named: true, last_named: true };
    const DEFAULT: Ends = Ends { first_named: false, last_named: false };

    /// A row as text, one letter a release: `x` cannot be used, `-` lacks something, a capital letter shows both itself and its small one.
    fn search(row: &str, ends: Ends) -> Search<char> {
        let letters: Vec<char> = row.chars().collect();
        let look = |at: usize| {
            Ok::<_, Infallible>(match letters[at] {
                'x' => Look::Unusable("does not start".into()),
                '-' => Look::Lacks("a feature".into()),
                letter => Look::Shows(BTreeSet::from([letter, letter.to_ascii_lowercase()])),
            })
        };
        match bisect(letters.len(), ends, look) {
            Ok(search) => search,
            Err(never) => match never {},
        }
    }

    fn found(last: usize, first: usize, between: &[usize]) -> End {
        End::Found { last, first, between: between.to_vec() }
    }

    #[test]
    fn the_table() {
        for (row, ends, end) in [
            ("ab", NAMED, found(0, 1, &[])),
            ("aaabbbbb", NAMED, found(2, 3, &[])),
            ("aabcc", NAMED, found(1, 2, &[])),
            // Unusable ones are passed over, and named where the change is.
            ("aaxxb", NAMED, found(1, 4, &[2, 3])),
            ("axxxxxb", NAMED, found(0, 6, &[1, 2, 3, 4, 5])),
            ("axaxbxb", NAMED, found(2, 4, &[3])),
            ("aaaabbx", DEFAULT, found(3, 4, &[])),
            ("aaaabbx", NAMED, End::NoEnd { at: 6 }),
            ("xaab", NAMED, End::NoEnd { at: 0 }),
            ("xxaabbb", DEFAULT, found(3, 4, &[])),
            ("xxx", DEFAULT, End::NoEnd { at: 0 }),
            // Old releases lack what the program needs.
            ("----aaab", DEFAULT, found(6, 7, &[])),
            ("-----bbb", DEFAULT, End::AlwaysSince { first: 5 }),
            ("-ab", NAMED, End::NoEnd { at: 0 }),
            ("aaa", NAMED, End::Alike),
            ("a", DEFAULT, End::Alike),
            // An instability that begins, and one that ends.
            ("aaaAAAA", NAMED, found(2, 3, &[])),
            ("AAAAaaa", NAMED, found(3, 4, &[])),
            ("AAAbb", NAMED, found(2, 3, &[])),
        ] {
            assert_eq!(search(row, ends).end, end, "{row} {ends:?}");
        }
    }

    #[test]
    fn what_was_seen_can_be_asked_for() {
        let search = search("aaxbb", NAMED);
        assert_eq!((search.is_otherwise(0), search.is_otherwise(4), search.is_otherwise(2)), (Some(false), Some(true), None));
        assert!(matches!(search.look(2), Some(Look::Unusable(_))));
        assert_eq!(search.runs(), search.looks.len() - 1);
    }

    proptest! {
        /// Of one change, the right place is found, with no more runs than promised; however many releases cannot be run.
        #[test]
        fn one_change_is_found(count in 2usize..700, at in any::<prop::sample::Index>(), gaps in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
            let first = 1 + at.index(count - 1);
            let mut row: Vec<char> = (0..count).map(|index| if index < first { 'a' } else { 'b' }).collect();
            for gap in &gaps {
                let gap = gap.index(count);
                if gap != 0 && gap != count - 1 {
                    row[gap] = 'x';
                }
            }
            let last_of = |upto: usize| (0..upto).rev().find(|index| row[*index] == 'a').expect("the first one");
            let first_of = (first..count).find(|index| row[*index] == 'b').expect("the last one");
            let search = search(&row.iter().collect::<String>(), NAMED);
            let End::Found { last, first: got, ref between } = search.end else { panic!("{:?}", search.end) };
            prop_assert_eq!((last, got), (last_of(first), first_of));
            prop_assert!(between.iter().all(|index| row[*index] == 'x'));
            prop_assert_eq!(between.len(), got - last - 1);
            let most = (count as f64).log2() + 3.0;
            prop_assert!(search.runs() as f64 <= most + gaps.len() as f64, "{} of {count}", search.runs());
            let mut asked: Vec<usize> = search.looks.iter().map(|(index, _)| *index).collect();
            asked.sort_unstable();
            prop_assert!(asked.windows(2).all(|pair| pair[0] != pair[1]), "nothing is asked twice");
        }
    }
}
