//! The JSON Schema of a detector file, for editors.
//!
//! Names, types and descriptions come from the types in `raw.rs`; here stands what those cannot
//! say. The schema knows what a key may hold, not what a pattern means: what it lets through the
//! loader may still refuse.

use std::borrow::Cow;

use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value, json};

use super::check::LONGEST_NAME;
use super::findings::MOST_FIELDS;
use super::metrics::{MOST_DIMENSIONS, MOST_NAMES, UNITS};
use super::raw::{RawAlarm, RawAlarmChoice, RawDetector};
use crate::detector::RESERVED_METRIC_NAMES;
use crate::lint::Code;

/// The schema of one detector, by JSON Schema's draft 2020-12.
pub fn detector_file_schema() -> Value {
    let mut settings = SchemaSettings::draft2020_12().with_transform(Tidy);
    // Each type stands in one place only, and is easier to read there.
    settings.inline_subschemas = true;
    let generated = settings.into_generator().into_root_schema_for::<RawDetector>().to_value();
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("title".to_owned(), "Trailmeter detector".into());
    if let Value::Object(generated) = generated {
        schema.extend(generated.into_iter().filter(|(key, _)| key != "$schema" && key != "title"));
    }
    Value::Object(schema)
}

impl JsonSchema for RawAlarmChoice {
    fn schema_name() -> Cow<'static, str> {
        "RawAlarmChoice".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let alarm = generator.subschema_for::<RawAlarm>();
        json_schema!({
            "oneOf": [{ "const": "none", "description": "Deliberately no alarm." }, alarm],
        })
    }
}

/// Reads better: descriptions are single lines, and a key that may be left out is not written as
/// null.
#[derive(Clone)]
struct Tidy;

impl Transform for Tidy {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        for key in ["description", "title"] {
            if let Some(Value::String(text)) = schema.get_mut(key) {
                *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            }
        }
        schema.remove("format");
        let others = match schema.get_mut("type") {
            Some(Value::Array(types)) => {
                types.retain(|name| name != "null");
                if let [one] = types.as_slice() { Some(one.clone()) } else { None }
            }
            _ => None,
        };
        if let Some(only) = others {
            schema.insert("type".to_owned(), only);
        }
        without_null(schema);
    }
}

/// `anyOf` a type and null is that type.
fn without_null(schema: &mut Schema) {
    let Some(Value::Array(choices)) = schema.get_mut("anyOf") else { return };
    choices.retain(|choice| *choice != json!({ "type": "null" }));
    let [only] = choices.as_mut_slice() else { return };
    let Value::Object(only) = only.take() else { return };
    schema.remove("anyOf");
    for (key, value) in only {
        // What is said of the key in its place says more than what is said of its type.
        if schema.get(&key).is_none() {
            schema.insert(key, value);
        }
    }
}

fn put(schema: &mut Schema, entries: Value) {
    if let Value::Object(entries) = entries {
        for (key, value) in entries {
            schema.insert(key, value);
        }
    }
}

/// Says something of the members of a list.
fn put_in_items(schema: &mut Schema, entries: Value) {
    if let Some(items) = schema.get_mut("items").and_then(|items| <&mut Schema>::try_from(items).ok()) {
        put(items, entries);
    }
}

pub(super) fn detector(schema: &mut Schema) {
    pattern_or_sigma(schema);
    other_words(schema);
    put(
        schema,
        json!({ "dependentSchemas": {
        "default-value": { "properties": { "dimensions": { "maxItems": 0 } } },
        "aggregated": {
            "properties": { "needs": { "const": "aggregated" }, "value": false, "default-value": false },
            "required": ["needs"],
        },
    } }),
    );
}

/// What a file may say instead of `source`, and not beside it.
fn other_words(schema: &mut Schema) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    if let Some(source) = properties.get("source").cloned() {
        properties.insert("logs".to_owned(), source);
    }
    put(schema, json!({ "not": { "required": ["source", "logs"] } }));
}

pub(super) fn exclusion(schema: &mut Schema) {
    pattern_or_sigma(schema);
}

fn pattern_or_sigma(schema: &mut Schema) {
    put(schema, json!({ "oneOf": [{ "required": ["pattern"] }, { "required": ["sigma"] }] }));
}

pub(super) fn name(schema: &mut Schema) {
    let pattern = format!("^[A-Za-z][A-Za-z0-9]{{0,{}}}$", LONGEST_NAME - 1);
    put(schema, json!({ "pattern": pattern, "not": { "enum": RESERVED_METRIC_NAMES } }));
}

/// Not blank.
pub(super) fn text(schema: &mut Schema) {
    put(schema, json!({ "pattern": r"\S" }));
}

pub(super) fn sources(schema: &mut Schema) {
    put(schema, json!({ "contains": { "pattern": r"\S" } }));
}

pub(super) fn attack(schema: &mut Schema) {
    put_in_items(schema, json!({ "pattern": r"^T[0-9]{4}(\.[0-9]{3})?$" }));
}

pub(super) fn sigma(schema: &mut Schema) {
    put(
        schema,
        json!({
            "type": ["object", "string"],
            "required": ["detection"],
            "properties": { "detection": {
                "type": "object",
                "description": "Searches by name, and the condition that joins them.",
                "required": ["condition"],
                "properties": { "condition": { "type": ["string", "array"], "items": { "type": "string" } } },
            } },
        }),
    );
}

/// A name that CloudWatch takes.
pub(super) fn metric_text(schema: &mut Schema) {
    put(schema, json!({ "pattern": r"^(?=.*\S)[ -9;-~][ -~]{0,254}$" }));
}

pub(super) fn namespace(schema: &mut Schema) {
    put(schema, json!({ "pattern": r"^(?!AWS/)(?=.*\S)[A-Za-z0-9._\-/# ][A-Za-z0-9._\-/#: ]{0,254}$" }));
}

pub(super) fn unit(schema: &mut Schema) {
    put(schema, json!({ "enum": UNITS }));
}

pub(super) fn selector(schema: &mut Schema) {
    put(schema, json!({ "pattern": r"^\$" }));
}

pub(super) fn aggregated_names(schema: &mut Schema) {
    put(schema, json!({ "maxItems": MOST_NAMES }));
    put_in_items(schema, json!({ "pattern": r"\S" }));
}

pub(super) fn finding_fields(schema: &mut Schema) {
    put(schema, json!({ "maxItems": MOST_FIELDS }));
    put_in_items(schema, json!({ "pattern": r"^\$" }));
}

pub(super) fn dimensions(schema: &mut Schema) {
    put_in_items(
        schema,
        json!({
            "minProperties": 1,
            "maxProperties": MOST_DIMENSIONS,
            "additionalProperties": { "type": "string", "pattern": r"^\$" },
        }),
    );
}

pub(super) fn expires(schema: &mut Schema) {
    put(schema, json!({ "pattern": "^(never|[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))$" }));
}

pub(super) fn warning(schema: &mut Schema) {
    put(schema, json!({ "enum": Code::ALL.map(Code::name) }));
}

pub(super) fn alarm_description(schema: &mut Schema) {
    put(schema, json!({ "pattern": r"\S", "maxLength": 1024 }));
}

pub(super) fn period(schema: &mut Schema) {
    put(schema, json!({ "minimum": 60, "maximum": 86400, "multipleOf": 60 }));
}

pub(super) fn from_one(schema: &mut Schema) {
    put(schema, json!({ "minimum": 1 }));
}

/// A record or a line.
pub(super) fn test(schema: &mut Schema) {
    // Left out it is nothing, which is not the same as null.
    if let Some(Value::Object(properties)) = schema.get_mut("properties")
        && let Some(Value::Object(record)) = properties.get_mut("record")
    {
        record.remove("default");
    }
    put(schema, json!({ "oneOf": [{ "required": ["record"] }, { "required": ["line"] }] }));
}

pub(super) fn tests(schema: &mut Schema) {
    let with = |expected: bool| json!({ "contains": { "properties": { "match": { "const": expected } } } });
    put(schema, json!({ "allOf": [with(true), with(false)] }));
}
