//! The JSON Schema of an expression, for editors: what the visitors beside it read, as far as a schema can say it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::trace::expr::Expr;

impl JsonSchema for Expr {
    fn schema_name() -> Cow<'static, str> {
        "Trace".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "the events a program may print, in order",
            "type": "array",
            "items": generator.subschema_for::<ItemSchema>(),
        })
    }
}

/// The schema of one item.
struct ItemSchema;

impl JsonSchema for ItemSchema {
    fn schema_name() -> Cow<'static, str> {
        "TraceItem".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let branch = generator.subschema_for::<BranchSchema>();
        let branches = json_schema!({ "type": "array", "minItems": 1, "items": branch });
        let count = |least: u32| json_schema!({ "type": "integer", "minimum": least, "maximum": u32::MAX });
        let end = json_schema!({ "type": "string", "pattern": r"^[^.]+\.", "description": "lane.event, or lane.event#2 for its second place" });
        let repeat = json_schema!({
            "description": "so many times, one after the other",
            "type": "object",
            "properties": { "of": branch, "from": count(0), "to": count(1) },
            "required": ["of", "from"],
            "additionalProperties": false,
        });
        let lanes = json_schema!({
            "description": "sequences that keep their own order, side by side",
            "type": "object",
            "minProperties": 1,
            "propertyNames": { "pattern": r"^[^.]+$" },
            "additionalProperties": { "type": "array", "minItems": 1, "items": generator.subschema_for::<Self>() },
        });
        let before = json_schema!({
            "description": "pairs of events of different lanes, the earlier one first",
            "type": "array",
            "items": { "type": "array", "minItems": 2, "maxItems": 2, "items": end },
        });
        let operator = |name: &str, description: &str, value: &Schema| {
            json_schema!({
                "description": description,
                "type": "object",
                "properties": { name: value },
                "required": [name],
                "additionalProperties": false,
            })
        };
        json_schema!({
            "anyOf": [
                { "description": "an event: text, with holes {lo..hi}, {int} and {any}; {{ and }} are braces", "type": "string" },
                operator("unordered", "all of them, merged in any way", &branches),
                operator("one_of", "exactly one of them", &branches),
                operator("optional", "it, or nothing", &branch),
                operator("repeat", "so many times", &repeat),
                {
                    "type": "object",
                    "properties": { "lanes": lanes, "before": before },
                    "required": ["lanes"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

/// The schema of a branch: an item, or a list of them.
struct BranchSchema;

impl JsonSchema for BranchSchema {
    fn schema_name() -> Cow<'static, str> {
        "TraceBranch".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let item = generator.subschema_for::<ItemSchema>();
        json_schema!({ "anyOf": [item, { "type": "array", "minItems": 1, "items": item }] })
    }
}
