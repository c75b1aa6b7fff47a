//! Which cases a run is about: filters, exact ids and shards.

use std::{env, fmt, str::FromStr, sync::Arc};

use globset::{GlobBuilder, GlobMatcher};
use sha2::{Digest as _, Sha256};

use super::{
    case::{Case, Category, Goal, Lane, Profile, Strength},
    error::nearest,
    load::Suite,
};

/// What the user asked for. A case is selected if any filter or exact id names it, or there is none, and the shard holds it.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    filters: Vec<Filter>,
    exact: Vec<String>,
    shard: Option<Shard>,
}

/// What is wrong with a selection. Owner: the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// `--exact` with an id that no case has or had.
    #[error("no case is named `{id}`{}", near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    UnknownCase {
        /// The id as given.
        id: String,
        /// The id that was probably meant.
        near: Option<String>,
    },
    /// A glob that cannot be read.
    #[error("`{filter}` is no glob: {fault}")]
    Glob {
        /// The filter as given.
        filter: String,
        /// What the glob reader says.
        fault: String,
    },
    /// `key:value` with a value that the key does not have.
    #[error("`{value}` is no {key}; the values: {known}")]
    UnknownValue {
        /// The key.
        key: &'static str,
        /// The value as given.
        value: String,
        /// What may be given.
        known: String,
    },
    /// A shard that is not `k/n` with 1 <= k <= n.
    #[error("`{0}` is no shard; write K/N, like 2/8, with K from 1 to N")]
    Shard(String),
    /// `TEST_SHARD_INDEX` and `TEST_TOTAL_SHARDS` that do not go together.
    #[error(
        "TEST_SHARD_INDEX={index} and TEST_TOTAL_SHARDS={total} name no shard; set both, the index from 0 to below the total"
    )]
    ShardVariables {
        /// The first variable's value.
        index: String,
        /// The second variable's value.
        total: String,
    },
}

/// One filter, as read from the command line.
#[derive(Debug, Clone)]
enum Filter {
    /// A part of the id, or a former id.
    Part(String),
    Glob(GlobMatcher),
    Tag(String),
    Need(String),
    Category(Category),
    Profile(Profile),
    Strength(Strength),
    Goal(Option<Goal>),
    Lane(Lane),
}

impl Filter {
    fn read(text: &str) -> Result<Self, SelectionError> {
        /// The value among `known` whose word is `value`.
        fn one_of<T: Copy>(
            key: &'static str,
            value: &str,
            known: &[T],
            word: impl Fn(T) -> &'static str,
        ) -> Result<T, SelectionError> {
            known.iter().copied().find(|item| word(*item) == value).ok_or_else(|| SelectionError::UnknownValue {
                key,
                value: value.to_owned(),
                known: known.iter().map(|item| word(*item)).collect::<Vec<_>>().join(", "),
            })
        }
        use Profile::{Browser, Bun, Deno, Ecma, Node, Web};
        Ok(match text.split_once(':') {
            Some(("tag", tag)) => Self::Tag(tag.to_owned()),
            Some(("need" | "needs", need)) => Self::Need(need.to_owned()),
            Some(("category", word)) => Self::Category(one_of("category", word, &Category::ALL, Category::as_str)?),
            Some(("profile", word)) => {
                Self::Profile(one_of("profile", word, &[Ecma, Web, Node, Browser, Deno, Bun], Profile::as_str)?)
            }
            Some(("strength", word)) => {
                let all = [Strength::Normative, Strength::Documented, Strength::Observed];
                Self::Strength(one_of("strength", word, &all, Strength::as_str)?)
            }
            Some(("goal", word)) => {
                let all = [Some(Goal::Script), Some(Goal::Cjs), Some(Goal::Esm), None];
                Self::Goal(one_of("goal", word, &all, |goal| goal.map_or("any", Goal::as_str))?)
            }
            Some(("lane", word)) => Self::Lane(one_of("lane", word, &[Lane::Ordinary, Lane::Quiet], Lane::as_str)?),
            _ if text.contains(['*', '?', '[', '{']) => {
                let glob = GlobBuilder::new(text).literal_separator(true).build();
                let glob =
                    glob.map_err(|error| SelectionError::Glob { filter: text.to_owned(), fault: error.kind().to_string() })?;
                Self::Glob(glob.compile_matcher())
            }
            _ => Self::Part(text.to_owned()),
        })
    }

    fn matches(&self, case: &Case) -> bool {
        match self {
            Self::Part(part) => case.id.contains(part) || case.was.contains(part),
            Self::Glob(glob) => glob.is_match(&case.id),
            Self::Tag(tag) => case.tags.contains(tag),
            Self::Need(need) => case.needs.contains(need),
            Self::Category(category) => case.category() == category.as_str(),
            Self::Profile(profile) => case.profile == *profile,
            Self::Strength(strength) => case.strength == *strength,
            Self::Goal(goal) => case.goal == *goal,
            Self::Lane(lane) => case.lane == *lane,
        }
    }
}

impl Selection {
    /// A selection by filters and exact ids, of one shard or all.
    ///
    /// A filter is a part of an id, a glob over whole ids (`ordering/*/**`, where `*` stops at `/`), or one of `tag:`, `need:`,
    /// `category:`, `profile:`, `strength:`, `goal:` and `lane:` with a word.
    ///
    /// # Errors
    /// If a filter cannot be read.
    pub fn new(filters: &[String], exact: &[String], shard: Option<Shard>) -> Result<Self, SelectionError> {
        let filters = filters.iter().map(|filter| Filter::read(filter)).collect::<Result<_, _>>()?;
        Ok(Self { filters, exact: exact.to_vec(), shard })
    }

    /// The selected cases of `suite`, sorted by id; maybe none.
    ///
    /// # Errors
    /// If an exact id is unknown.
    pub fn of<'s>(&self, suite: &'s Suite) -> Result<Vec<&'s Arc<Case>>, SelectionError> {
        let mut exact = Vec::with_capacity(self.exact.len());
        for id in &self.exact {
            exact.push(suite.resolve(id)?.id.as_str());
        }
        let everything = self.filters.is_empty() && exact.is_empty();
        let selected = suite.cases.iter().filter(|case| {
            let named = everything || exact.contains(&case.id.as_str()) || self.filters.iter().any(|filter| filter.matches(case));
            named && self.shard.is_none_or(|shard| shard.holds(&case.id))
        });
        Ok(selected.collect())
    }
}

impl Suite {
    /// The case that is, or once was, named `id`.
    ///
    /// # Errors
    /// If there is none; with the nearest id.
    pub fn resolve(&self, id: &str) -> Result<&Arc<Case>, SelectionError> {
        let found = self.case(id).or_else(|| self.cases.iter().find(|case| case.was.iter().any(|former| former == id)));
        found.ok_or_else(|| SelectionError::UnknownCase {
            id: id.to_owned(),
            near: nearest(id, self.cases.iter().map(|case| case.id.as_str())).map(str::to_owned),
        })
    }
}

/// One of several parts of the suite that together hold every case once, whatever the suite's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    index: u64,
    total: u64,
}

impl Shard {
    /// Whether the case `id` is in this shard: by a hash of the id alone, so that adding a case moves no other.
    pub fn holds(self, id: &str) -> bool {
        let hash = Sha256::digest(id.as_bytes());
        let first: [u8; 8] = std::array::from_fn(|at| hash[at]);
        u64::from_be_bytes(first) % self.total == self.index
    }

    /// The shard named by `TEST_SHARD_INDEX` and `TEST_TOTAL_SHARDS`, which test runners set, if they are set.
    ///
    /// # Errors
    /// If they name none.
    pub fn from_env() -> Result<Option<Self>, SelectionError> {
        Self::from_variables(env::var("TEST_SHARD_INDEX").ok(), env::var("TEST_TOTAL_SHARDS").ok())
    }

    fn from_variables(index: Option<String>, total: Option<String>) -> Result<Option<Self>, SelectionError> {
        if index.is_none() && total.is_none() {
            return Ok(None);
        }
        let (index, total) = (index.unwrap_or_default(), total.unwrap_or_default());
        match (index.parse::<u64>(), total.parse::<u64>()) {
            (Ok(index), Ok(total)) if index < total => Ok(Some(Self { index, total })),
            _ => Err(SelectionError::ShardVariables { index, total }),
        }
    }
}

impl FromStr for Shard {
    type Err = SelectionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').and_then(|(k, n)| Some((k.parse::<u64>().ok()?, n.parse::<u64>().ok()?)));
        match parts {
            Some((k, total)) if (1..=total).contains(&k) => Ok(Self { index: k - 1, total }),
            _ => Err(SelectionError::Shard(text.to_owned())),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(filter: &str, case: &Case) -> bool {
        Filter::read(filter).expect(filter).matches(case)
    }

    fn sample() -> Case {
        Case {
            id: "ordering/timers/zero-delay".to_owned(),
            title: String::new(),
            rule: String::new(),
            authority: Vec::new(),
            strength: Strength::Documented,
            profile: Profile::Web,
            goal: None,
            needs: vec!["setTimeout".to_owned()],
            program: String::new(),
            files: Default::default(),
            fixtures: Default::default(),
            env: Default::default(),
            args: Vec::new(),
            stdin: None,
            timeout: super::super::case::DEFAULT_TIMEOUT,
            lane: Lane::Quiet,
            tags: vec!["article".to_owned()],
            issues: Vec::new(),
            was: vec!["ordering/old/name".to_owned()],
            file: Default::default(),
            program_line: 1,
            digest: String::new(),
        }
    }

    #[test]
    fn each_kind_of_filter_matches_what_it_says() {
        let case = sample();
        for filter in [
            "zero",
            "timers/zero-delay",
            "ordering/timers/zero-delay",
            "ordering/old/name",
            "ordering/*/zero*",
            "ordering/**",
            "**/zero-{delay,x}",
            "tag:article",
            "need:setTimeout",
            "needs:setTimeout",
            "category:ordering",
            "profile:web",
            "strength:documented",
            "goal:any",
            "lane:quiet",
        ] {
            assert!(matches(filter, &case), "{filter}");
        }
        for filter in [
            "one",
            "ordering/old",
            "ordering/*",
            "zero*",
            "tag:art",
            "need:setImmediate",
            "category:blocking",
            "profile:node",
            "strength:observed",
            "goal:esm",
            "lane:ordinary",
        ] {
            assert!(!matches(filter, &case), "{filter}");
        }
    }

    #[test]
    fn wrong_words_are_no_filters() {
        for filter in ["profile:webb", "category:timing", "strength:strong", "goal:module", "lane:slow", "a[", "{a"] {
            assert!(Filter::read(filter).is_err(), "{filter}");
        }
        let error = Filter::read("goal:module").expect_err("no goal");
        assert_eq!(error.to_string(), "`module` is no goal; the values: script, cjs, esm, any");
    }

    #[test]
    fn shards_part_the_suite() {
        let ids: Vec<String> = (0..1000).map(|index| format!("ordering/topic/case-{index}")).collect();
        for total in [1, 2, 7, 1000] {
            let shards: Vec<Shard> = (1..=total).map(|k| format!("{k}/{total}").parse().expect("a shard")).collect();
            for id in &ids {
                assert_eq!(shards.iter().filter(|shard| shard.holds(id)).count(), 1, "{id} of {total}");
            }
        }
        let first: Shard = "1/2".parse().expect("a shard");
        let share = ids.iter().filter(|id| first.holds(id)).count();
        assert!((400..600).contains(&share), "a fair half, not {share}");
        assert_eq!(first.to_string(), "1/2");
    }

    #[test]
    fn a_shard_stays_the_same() {
        // The first bytes of SHA-256 of "a" are ca 97 81 12 ca 1b bd ca, an even number that leaves 2 when divided by 4.
        let holding: Vec<u64> = (1..=4).filter(|k| format!("{k}/4").parse::<Shard>().expect("a shard").holds("a")).collect();
        assert_eq!(holding, [0xca97_8112_ca1b_bdca_u64 % 4 + 1]);
    }

    #[test]
    fn shards_are_named_from_1_and_variables_count_from_0() {
        for text in ["0/4", "5/4", "1/0", "1", "a/b", "1/4/2", "-1/2", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        let from =
            |index: Option<&str>, total: Option<&str>| Shard::from_variables(index.map(str::to_owned), total.map(str::to_owned));
        assert_eq!(from(None, None), Ok(None));
        assert_eq!(from(Some("0"), Some("4")), Ok(Some("1/4".parse().expect("a shard"))));
        for (index, total) in [(Some("4"), Some("4")), (Some("0"), None), (None, Some("4")), (Some("x"), Some("4"))] {
            assert!(from(index, total).is_err(), "{index:?} {total:?}");
        }
    }
}
