//! The page on filter patterns, read literally.

use serde_json::Value;

use super::made::{Condition, Operand, Step, Tree};

/// Whether the pattern holds for the record.
pub(super) fn holds(tree: &Tree, record: &Value) -> bool {
    match tree {
        Tree::All(parts) => parts.iter().all(|part| holds(part, record)),
        Tree::Any(parts) => parts.iter().any(|part| holds(part, record)),
        Tree::Test(steps, condition) => {
            let values = values(steps, record);
            match condition {
                Condition::NotExists => values.is_empty(),
                _ => values.iter().any(|value| is_met(condition, value)),
            }
        }
    }
}

/// Every value that the selector leads to.
fn values<'v>(steps: &[Step], record: &'v Value) -> Vec<&'v Value> {
    let mut values = vec![record];
    for step in steps {
        values = values.into_iter().flat_map(|value| taken(step, value)).collect();
    }
    values
}

fn taken<'v>(step: &Step, value: &'v Value) -> Vec<&'v Value> {
    match (step, value) {
        (Step::Field(name), Value::Object(fields)) => fields.get(*name).into_iter().collect(),
        (Step::AnyField, Value::Object(fields)) => fields.values().collect(),
        (Step::Index(index), Value::Array(elements)) => elements.get(*index).into_iter().collect(),
        (Step::AnyElement, Value::Array(elements)) => elements.iter().collect(),
        _ => Vec::new(),
    }
}

fn is_met(condition: &Condition, value: &Value) -> bool {
    match condition {
        Condition::Equals(operand) => is_equal(operand, value),
        Condition::Differs(operand) => !value.is_array() && !value.is_object() && !is_equal(operand, value),
        Condition::Compares(sign, limit) => match (value.as_f64(), limit.parse::<f64>()) {
            (Some(number), Ok(limit)) => match *sign {
                "<" => number < limit,
                "<=" => number <= limit,
                ">" => number > limit,
                _ => number >= limit,
            },
            _ => false,
        },
        Condition::IsNull => value.is_null(),
        Condition::Is(expected) => value == expected,
        Condition::NotExists => false,
    }
}

fn is_equal(operand: &Operand, value: &Value) -> bool {
    match (operand, value) {
        (Operand::Quoted(text), _) if is_stars(text) => is_something(value),
        (Operand::Bare(text), _) if is_stars(text) => is_something(value),
        (Operand::Quoted(text), Value::String(string)) => reads(text, string),
        (Operand::Bare(text), Value::String(string)) => reads(text, string),
        (Operand::Bare(text), Value::Bool(flag)) => reads(text, if *flag { "true" } else { "false" }),
        (Operand::Number(text), Value::String(string)) => text == string,
        (Operand::Number(text), Value::Number(number)) => number.as_f64() == text.parse().ok(),
        (Operand::Finds(word), Value::String(string)) => string.contains(word),
        _ => false,
    }
}

fn is_stars(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character == '*')
}

/// Any string, number or boolean.
fn is_something(value: &Value) -> bool {
    value.is_string() || value.is_number() || value.is_boolean()
}

/// A star at either end is a wildcard, all others are stars.
fn reads(text: &str, string: &str) -> bool {
    match (text.strip_prefix('*'), text.strip_suffix('*')) {
        (Some(_), Some(_)) => string.contains(&text[1..text.len() - 1]),
        (Some(end), None) => string.ends_with(end),
        (None, Some(start)) => string.starts_with(start),
        (None, None) => string == text,
    }
}
