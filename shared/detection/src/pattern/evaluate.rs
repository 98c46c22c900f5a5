//! The reference evaluator: slow, obvious, and the judge of every faster one.

use serde_json::Value;

use super::ast::{Condition, Expr, Operand, Test};

/// Whether `record` satisfies `expr`.
pub fn evaluate(expr: &Expr, record: &Value) -> bool {
    match expr {
        Expr::All(parts) => parts.iter().all(|part| evaluate(part, record)),
        Expr::Any(parts) => parts.iter().any(|part| evaluate(part, record)),
        Expr::Test(test) => evaluate_test(test, record),
    }
}

/// A test asks for one value that satisfies it. A field that is absent has none, so every
/// comparison with it is false, `!=` too; only `NOT EXISTS` asks for the absence.
fn evaluate_test(test: &Test, record: &Value) -> bool {
    if let Condition::NotExists = test.condition {
        return !test.selector.any(record, &mut |_| true);
    }
    test.selector.any(record, &mut |value| satisfies(value, &test.condition))
}

fn satisfies(value: &Value, condition: &Condition) -> bool {
    match condition {
        Condition::Equals(operand) => equals(value, operand) == Some(true),
        Condition::Differs(operand) => equals(value, operand) == Some(false),
        Condition::Less(limit) => value.as_f64().is_some_and(|number| number < *limit),
        Condition::AtMost(limit) => value.as_f64().is_some_and(|number| number <= *limit),
        Condition::Greater(limit) => value.as_f64().is_some_and(|number| number > *limit),
        Condition::AtLeast(limit) => value.as_f64().is_some_and(|number| number >= *limit),
        Condition::IsNull => value.is_null(),
        Condition::IsTrue => *value == Value::Bool(true),
        Condition::IsFalse => *value == Value::Bool(false),
        Condition::NotExists => false,
    }
}

/// Whether a value equals an operand, or `None` where neither `=` nor `!=` is ever true: an array
/// or an object. Null equals nothing, so `!=` holds for it.
fn equals(value: &Value, operand: &Operand) -> Option<bool> {
    if value.is_array() || value.is_object() {
        return None;
    }
    Some(match (operand, value) {
        (_, Value::Null) => false,
        (Operand::Anything, _) => true,
        (Operand::Text(text), Value::String(string)) => text.matches(string),
        (Operand::Text(text), Value::Bool(flag)) => {
            text.bare && text.matches(if *flag { "true" } else { "false" })
        }
        (Operand::Number(number), Value::Number(other)) =>
        {
            #[expect(clippy::float_cmp, reason = "`=` on numbers is equality, as written")]
            other.as_f64().is_some_and(|other| other == number.value)
        }
        (Operand::Number(number), Value::String(string)) => number.text == *string,
        (Operand::Regex(regex), Value::String(string)) => regex.is_match(string.as_bytes()),
        _ => false,
    })
}
