//! Reading an expression from a file.
//!
//! [`Expr`] is read by visitors written by hand, whatever the format: they see a scalar as the format sees it, so an unquoted
//! `1` or `yes` is known for what it is, and they check each part where it stands, so that a reader that knows positions can
//! add them to the message. A derived enum without tags would say no more than that nothing matched.

mod schema;

use std::fmt;

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    expr::Expr,
    visible::{quoted, visible},
};

/// Operators inside of operators; no rule needs more than a few.
const MAX_DEPTH: usize = 32;

const OPERATORS: &str = "`unordered`, `one_of`, `repeat`, `optional`, or `lanes` with `before`";

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = List { depth: 0, what: "a trace" }.deserialize(deserializer)?;
        Ok(Self::Seq(items))
    }
}

/// Gives a visitor an error for every kind of scalar that is not what it waits for.
macro_rules! refuse_scalars {
    ($refuse:ident: $($kind:ident)+) => {
        $(refuse_scalars!(@ $refuse $kind);)+
    };
    (@ $refuse:ident bool) => {
        fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> { Err(E::custom(self.$refuse(&value.to_string()))) }
    };
    (@ $refuse:ident number) => {
        fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> { Err(E::custom(self.$refuse(&value.to_string()))) }
        fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> { Err(E::custom(self.$refuse(&value.to_string()))) }
        fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> { Err(E::custom(self.$refuse(&value.to_string()))) }
    };
    (@ $refuse:ident null) => {
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> { Err(E::custom(self.$refuse("null"))) }
        fn visit_none<E: Error>(self) -> Result<Self::Value, E> { self.visit_unit() }
    };
    (@ $refuse:ident text) => {
        fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> { Err(E::custom(self.$refuse(&format!("the text {}", quoted(value))))) }
    };
    (@ $refuse:ident list) => {
        fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> { Err(A::Error::custom(self.$refuse("a list"))) }
    };
    (@ $refuse:ident map) => {
        fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> { Err(A::Error::custom(self.$refuse("a mapping"))) }
    };
}

/// A list of items: a trace, or a lane.
struct List {
    depth: usize,
    what: &'static str,
}

impl List {
    fn refuse(&self, found: &str) -> String {
        format!(
            "{} is a list of events and operators, and this is {found}; write `[event, …]`, or each in a line after a dash",
            self.what
        )
    }
}

impl<'de> DeserializeSeed<'de> for List {
    type Value = Vec<Expr>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List {
    type Value = Vec<Expr>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of events and operators")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Item { depth: self.depth, list: None })? {
            items.push(item);
        }
        Ok(items)
    }

    refuse_scalars!(refuse: bool number null text map);
}

/// One item: an event or an operator; a list as well where `list` names the operator it stands in.
#[derive(Clone, Copy)]
struct Item {
    depth: usize,
    list: Option<&'static str>,
}

impl Item {
    fn refuse(self, found: &str) -> String {
        match found {
            "null" => "nothing stands here, or a bare null; an event is text: quote it, as \"null\", or \"\" for an empty line"
                .to_owned(),
            "true" | "false" => format!("an event is text, and this word reads as the boolean {found}; quote it"),
            "a list" => "a list is possible only inside an operator; items of a trace follow each other anyway, so take the \
                         inner brackets away"
                .to_owned(),
            number => format!("an event is text, and this is the number {number}; quote it"),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Item {
    type Value = Expr;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item {
    type Value = Expr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event as text, or one of {OPERATORS}")
    }

    fn visit_str<E: Error>(self, event: &str) -> Result<Self::Value, E> {
        Expr::event(event).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if self.list.is_none() {
            return Err(A::Error::custom(self.refuse("a list")));
        }
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Self { list: None, ..self })? {
            items.push(item);
        }
        Ok(Expr::sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        if self.depth >= MAX_DEPTH {
            return Err(A::Error::custom(format!("operators stand more than {MAX_DEPTH} deep here; flatten them")));
        }
        let depth = self.depth + 1;
        let mut operator = None;
        let (mut lanes, mut before) = (None, None);
        let mut taken: Vec<&'static str> = Vec::new();
        while let Some(key) = map.next_key_seed(OperatorKey { taken: &taken })? {
            taken.push(key);
            match key {
                "lanes" => lanes = Some(map.next_value_seed(LaneMap { depth })?),
                "before" => before = Some(map.next_value_seed(Edges)?),
                "repeat" => operator = Some(map.next_value_seed(Repeat { depth })?),
                "optional" => {
                    let of = map.next_value_seed(Item { depth, list: Some("optional") })?;
                    operator = Some(Expr::optional(of).map_err(A::Error::custom)?);
                }
                operator_of => {
                    let branches = map.next_value_seed(Branches { depth, operator: operator_of })?;
                    let built = if operator_of == "unordered" { Expr::unordered(branches) } else { Expr::one_of(branches) };
                    operator = Some(built.map_err(A::Error::custom)?);
                }
            }
        }
        match (operator, lanes, before) {
            (Some(operator), ..) => Ok(operator),
            (None, Some(lanes), before) => Expr::lanes(lanes, &before.unwrap_or_default()).map_err(A::Error::custom),
            (None, None, Some(_)) => Err(A::Error::custom("`before` orders the events of `lanes`; write `lanes` beside it")),
            (None, None, None) => {
                Err(A::Error::custom(format!("an empty mapping is no item; write an event, or one of {OPERATORS}")))
            }
        }
    }

    refuse_scalars!(refuse: bool number null);
}

/// The branches of `unordered` or `one_of`.
struct Branches {
    depth: usize,
    operator: &'static str,
}

impl Branches {
    fn refuse(&self, found: &str) -> String {
        let operator = self.operator;
        format!("`{operator}` takes a list, and this is {found}; write `{operator}: [first, [second, third], …]`")
    }
}

impl<'de> DeserializeSeed<'de> for Branches {
    type Value = Vec<Expr>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Branches {
    type Value = Vec<Expr>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of branches")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut branches = Vec::new();
        while let Some(branch) = list.next_element_seed(Item { depth: self.depth, list: Some(self.operator) })? {
            branches.push(branch);
        }
        Ok(branches)
    }

    refuse_scalars!(refuse: bool number null text map);
}

/// `{ of, from, to }`.
struct Repeat {
    depth: usize,
}

impl Repeat {
    fn refuse(&self, found: &str) -> String {
        format!("`repeat` takes a mapping, and this is {found}; write `repeat: {{ of: event, from: 1, to: 20 }}`")
    }
}

impl<'de> DeserializeSeed<'de> for Repeat {
    type Value = Expr;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Repeat {
    type Value = Expr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping with `of`, `from` and, if there is a limit, `to`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut of, mut from, mut to) = (None, None, None);
        let mut taken = Vec::new();
        while let Some(key) = map.next_key_seed(RepeatKey { taken: &taken })? {
            taken.push(key);
            match key {
                "of" => of = Some(map.next_value_seed(Item { depth: self.depth, list: Some("repeat") })?),
                "from" => from = Some(map.next_value_seed(Count)?),
                _ => to = Some(map.next_value_seed(Count)?),
            }
        }
        let of = of.ok_or_else(|| A::Error::custom("`repeat` lacks `of`; write what is repeated, as `of: event`"))?;
        let from =
            from.ok_or_else(|| A::Error::custom("`repeat` lacks `from`; write the least number of times, as `from: 0`"))?;
        Expr::repeat(of, from, to).map_err(A::Error::custom)
    }

    refuse_scalars!(refuse: bool number null text list);
}

/// How many times.
struct Count;

impl Count {
    fn refuse(&self, found: &str) -> String {
        format!("{found} is no number of times; write a whole number from 0 to {}", u32::MAX)
    }
}

impl<'de> DeserializeSeed<'de> for Count {
    type Value = u32;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Count {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        u32::try_from(value).map_err(|_| E::custom(self.refuse(&value.to_string())))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        u32::try_from(value).map_err(|_| E::custom(self.refuse(&value.to_string())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Err(E::custom(self.refuse(&value.to_string())))
    }

    refuse_scalars!(refuse: bool null text list map);
}

/// `{ name: [event, …], … }`.
struct LaneMap {
    depth: usize,
}

impl LaneMap {
    fn refuse(&self, found: &str) -> String {
        format!("`lanes` takes a mapping, and this is {found}; write `lanes: {{ name: [event, …], … }}`")
    }
}

impl<'de> DeserializeSeed<'de> for LaneMap {
    type Value = Vec<(String, Vec<Expr>)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for LaneMap {
    type Value = Vec<(String, Vec<Expr>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping from names to lists of events and operators")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut lanes: Vec<(String, Vec<Expr>)> = Vec::new();
        while let Some(name) = map.next_key_seed(LaneKey { taken: &lanes })? {
            let items = map.next_value_seed(List { depth: self.depth, what: "a lane" })?;
            lanes.push((name, items));
        }
        Ok(lanes)
    }

    refuse_scalars!(refuse: bool number null text list);
}

/// `[[earlier, later], …]`.
struct Edges;

impl Edges {
    fn refuse(&self, found: &str) -> String {
        format!("`before` takes a list of pairs, and this is {found}; write `before: [[lane.event, other.event], …]`")
    }
}

impl<'de> DeserializeSeed<'de> for Edges {
    type Value = Vec<(String, String)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Edges {
    type Value = Vec<(String, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of pairs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut edges = Vec::new();
        while let Some(edge) = list.next_element_seed(Pair)? {
            edges.push(edge);
        }
        Ok(edges)
    }

    refuse_scalars!(refuse: bool number null text map);
}

/// `[earlier, later]`.
struct Pair;

impl Pair {
    fn refuse(&self, found: &str) -> String {
        format!("an edge is a pair, and this is {found}; write `[lane.event, other.event]`, the earlier one first")
    }
}

impl<'de> DeserializeSeed<'de> for Pair {
    type Value = (String, String);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Pair {
    type Value = (String, String);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pair of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let (first, then) = (list.next_element_seed(End)?, list.next_element_seed(End)?);
        let mut more = 0;
        while list.next_element::<IgnoredAny>()?.is_some() {
            more += 1;
        }
        match (first, then, more) {
            (Some(first), Some(then), 0) => Ok((first, then)),
            (first, then, more) => {
                let length = usize::from(first.is_some()) + usize::from(then.is_some()) + more;
                Err(A::Error::custom(self.refuse(&format!("a list of {length}"))))
            }
        }
    }

    refuse_scalars!(refuse: bool number null text map);
}

/// One end of an edge.
struct End;

impl End {
    fn refuse(&self, found: &str) -> String {
        format!("an edge's end is lane.event, and this is {found}; quote it if it is meant as text")
    }
}

impl<'de> DeserializeSeed<'de> for End {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for End {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event as lane.event")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(value.to_owned())
    }

    refuse_scalars!(refuse: bool number null list map);
}

/// A key of an item; refused where it stands, so that the message points at it.
struct OperatorKey<'t> {
    taken: &'t [&'static str],
}

impl OperatorKey<'_> {
    fn read(&self, key: &str) -> Result<&'static str, String> {
        const KNOWN: [&str; 6] = ["unordered", "one_of", "repeat", "optional", "lanes", "before"];
        let Some(known) = KNOWN.into_iter().find(|known| *known == key) else {
            return Err(format!(
                "unknown key `{}`; an item has one of {OPERATORS}, and an event that holds a colon is quoted",
                visible(key)
            ));
        };
        if self.taken.contains(&known) {
            return Err(format!("`{known}` stands here twice; write it once"));
        }
        let fits = |other: &str| matches!((known, other), ("lanes", "before") | ("before", "lanes"));
        match self.taken.iter().find(|other| !fits(other)) {
            Some(other) => {
                Err(format!("`{known}` stands beside `{other}`, and an item has one operator; begin it with a dash of its own"))
            }
            None => Ok(known),
        }
    }
}

/// A key of `repeat`.
struct RepeatKey<'t> {
    taken: &'t [&'static str],
}

impl RepeatKey<'_> {
    fn read(&self, key: &str) -> Result<&'static str, String> {
        let Some(known) = ["of", "from", "to"].into_iter().find(|known| *known == key) else {
            return Err(format!("unknown key `{}` in `repeat`; it has `of`, `from` and `to`", visible(key)));
        };
        if self.taken.contains(&known) { Err(format!("`{known}` stands here twice; write it once")) } else { Ok(known) }
    }
}

/// A lane's name. Any key is text here: nothing else could be meant.
struct LaneKey<'t> {
    taken: &'t [(String, Vec<Expr>)],
}

impl LaneKey<'_> {
    fn read(&self, name: &str) -> Result<String, String> {
        if self.taken.iter().any(|(other, _)| other == name) {
            return Err(format!("two lanes are named `{}`; name each once", visible(name)));
        }
        Ok(name.to_owned())
    }
}

/// Reads a key as text and lets the type's own `read` judge it.
macro_rules! key_seed {
    ($key:ident, $value:ty) => {
        impl<'de> DeserializeSeed<'de> for $key<'_> {
            type Value = $value;

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                deserializer.deserialize_identifier(self)
            }
        }

        impl<'de> Visitor<'de> for $key<'_> {
            type Value = $value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
                self.read(key).map_err(E::custom)
            }
        }
    };
}

key_seed!(OperatorKey, &'static str);
key_seed!(RepeatKey, &'static str);
key_seed!(LaneKey, String);

#[cfg(test)]
mod tests;
