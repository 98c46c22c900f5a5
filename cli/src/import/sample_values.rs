//! Values that a test of a filter pattern takes.

use serde_json::{Value, json};
use trailmeter_detection::model::{Order, Path, Step};
use trailmeter_detection::pattern::{Condition, Operand, PatternTest};

use super::regex_sample;

/// Values that a test takes, those that people would write first.
pub(super) fn examples(test: &PatternTest) -> Vec<Value> {
    let usual = usual_value(&test.selector);
    match &test.condition {
        Condition::Equals(Operand::Anything) => vec![usual],
        Condition::Equals(Operand::Text(wanted)) => {
            let plain = &wanted.text;
            let open = |is_open| if is_open { "Example" } else { "" };
            vec![json!(plain), json!(format!("{}{plain}{}", open(wanted.open_start), open(wanted.open_end)))]
        }
        // Account ids are strings, counts are numbers.
        Condition::Equals(Operand::Number(number)) if number.text.len() == 12 => vec![json!(number.text)],
        Condition::Equals(Operand::Number(number)) => vec![numeral(number.value), json!(number.text)],
        Condition::Equals(Operand::Regex(regex)) => {
            regex_sample::of(regex.as_str()).into_iter().map(Value::from).collect()
        }
        Condition::Differs(_) => vec![usual, json!("Another"), numeral(7.0), Value::Null],
        Condition::Compare(order, limit) => match order {
            Order::Less => vec![numeral(limit - 1.0), numeral(limit - limit.abs() / 2.0)],
            Order::Greater => vec![numeral(limit + 1.0), numeral(limit + limit.abs() / 2.0)],
            Order::AtMost | Order::AtLeast => vec![numeral(*limit)],
        },
        Condition::IsNull => vec![Value::Null],
        Condition::IsTrue => vec![Value::Bool(true)],
        Condition::IsFalse => vec![Value::Bool(false)],
        Condition::NotExists => Vec::new(),
    }
}

fn numeral(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "whole and small enough")]
    if number.fract() == 0.0 && number.abs() < 1e15 { json!(number as i64) } else { json!(number) }
}

/// What stands in such a field, more or less.
pub(super) fn usual_value(path: &Path) -> Value {
    let Some(Step::Field(name)) = path.steps().last() else { return json!("Example") };
    json!(match name.as_str() {
        "eventName" => "DescribeExample",
        "eventSource" | "invokedBy" => "example.amazonaws.com",
        "awsRegion" => "us-east-1",
        "sourceIPAddress" => "192.0.2.10",
        "accountId" | "recipientAccountId" => "111122223333",
        "arn" => "arn:aws:iam::111122223333:user/alice",
        "userName" => "alice",
        "userAgent" => "example/1.0",
        _ => "Example",
    })
}

/// A condition as it is written.
pub(super) fn condition_text(condition: &Condition) -> String {
    match condition {
        Condition::Equals(operand) => format!("= {}", operand_text(operand)),
        Condition::Differs(operand) => format!("!= {}", operand_text(operand)),
        Condition::Compare(order, limit) => format!("{order} {limit}"),
        Condition::IsNull => "IS NULL".to_owned(),
        Condition::IsTrue => "IS TRUE".to_owned(),
        Condition::IsFalse => "IS FALSE".to_owned(),
        Condition::NotExists => "NOT EXISTS".to_owned(),
    }
}

fn operand_text(operand: &Operand) -> String {
    match operand {
        Operand::Anything => "*".to_owned(),
        Operand::Number(number) => number.text.clone(),
        Operand::Regex(regex) => format!("%{}%", regex.as_str()),
        Operand::Text(text) => {
            let star = |is_open| if is_open { "*" } else { "" };
            let escaped = text.text.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{}{escaped}{}\"", star(text.open_start), star(text.open_end))
        }
    }
}
