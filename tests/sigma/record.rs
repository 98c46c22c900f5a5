//! What a record holds, worked out without either engine.

use serde_json::{Value, json};

/// The values of a field: arrays are looked into, on the way and at the end.
pub(super) fn leaves<'v>(value: &'v Value, path: &[&str]) -> Vec<&'v Value> {
    match (value, path.split_first()) {
        (Value::Array(elements), _) => elements.iter().flat_map(|element| leaves(element, path)).collect(),
        (_, None) => vec![value],
        (Value::Object(fields), Some((first, rest))) => {
            fields.get(*first).map(|field| leaves(field, rest)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

pub(super) fn is_there(value: &Value, path: &[&str]) -> bool {
    match (value, path.split_first()) {
        (_, None) => true,
        (Value::Array(elements), _) => elements.iter().any(|element| is_there(element, path)),
        (Value::Object(fields), Some((first, rest))) => {
            fields.get(*first).is_some_and(|field| is_there(field, rest))
        }
        _ => false,
    }
}

pub(super) fn crosses_array(value: &Value, path: &[&str]) -> bool {
    let next = path.split_first().and_then(|(first, rest)| Some((value.get(*first)?, rest)));
    value.is_array() || next.is_some_and(|(field, rest)| crosses_array(field, rest))
}

/// The record with the values of a field replaced.
pub(super) fn with_leaves(value: &Value, path: &[&str], new: &dyn Fn(&Value) -> Value) -> Value {
    match (value, path.split_first()) {
        (Value::Array(elements), _) => {
            Value::Array(elements.iter().map(|element| with_leaves(element, path, new)).collect())
        }
        (_, None) => new(value),
        (Value::Object(fields), Some((first, rest))) => {
            let field = |(name, field): (&String, &Value)| {
                let field = if name == first { with_leaves(field, rest, new) } else { field.clone() };
                (name.clone(), field)
            };
            Value::Object(fields.iter().map(field).collect())
        }
        _ => value.clone(),
    }
}

pub(super) fn path(field: &str) -> Vec<&str> {
    field.split('.').collect()
}

pub(super) fn strings_replaced(value: &Value, from: &str, to: &str) -> Value {
    match value {
        Value::String(text) => json!(text.replace(from, to)),
        Value::Array(elements) => {
            elements.iter().map(|element| strings_replaced(element, from, to)).collect()
        }
        Value::Object(fields) => {
            let field = |(name, field): (&String, &Value)| (name.clone(), strings_replaced(field, from, to));
            Value::Object(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}

pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(elements) => elements.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        other => text(other).into_iter().collect(),
    }
}
