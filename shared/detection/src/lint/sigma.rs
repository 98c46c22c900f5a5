//! What a Sigma rule says of itself.

use serde_json::{Map, Value};

use super::Code;
use super::finding::{Finding, Spot};
use crate::detector_file::from_yaml;
use crate::rule::Rule;

/// A rule as it is written.
pub(super) fn document(text: &str) -> Option<Value> {
    from_yaml(text).ok()
}

/// Warns of what a rule, as it is written in `document`, says of itself.
pub(super) fn check(rule: &Rule, document: Option<&Value>) -> Vec<Finding> {
    let Rule::Sigma(compiled) = rule else { return Vec::new() };
    let mut found = Vec::new();
    for name in &compiled.unused {
        let message = format!("no condition names {name}, so it is no part of what the rule finds");
        found.push(finding(Code::UnusedSearch, vec!["detection".to_owned(), format!("{name}:")], message));
    }
    let Some(document) = document else { return found };
    if let Some(Value::Object(detection)) = document.get("detection") {
        for (name, search) in detection.iter().filter(|(name, _)| *name != "condition") {
            each_item(search, &mut |key, value| {
                if is_all_of_one(key, value) {
                    let words = vec!["detection".to_owned(), format!("{name}:"), key.to_owned()];
                    let message =
                        format!("`all` in {key} asks for all of one value: add values or take `all` out");
                    found.push(finding(Code::AllOfOne, words, message));
                }
            });
        }
    }
    if let Some(status @ ("deprecated" | "unsupported")) = document.get("status").and_then(Value::as_str) {
        let message = format!("the rule's status is {status}: see whether its authors have replaced it");
        found.push(finding(Code::RuleStatus, vec!["status:".to_owned()], message));
    }
    found
}

fn finding(code: Code, words: Vec<String>, message: String) -> Finding {
    Finding { code, spot: Spot::Words(words), message }
}

fn each_item(search: &Value, look: &mut dyn FnMut(&str, &Value)) {
    let mut each = |items: &Map<String, Value>| items.iter().for_each(|(key, value)| look(key, value));
    match search {
        Value::Object(items) => each(items),
        Value::Array(searches) => searches.iter().filter_map(Value::as_object).for_each(each),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A placeholder may stand for many values.
fn is_all_of_one(key: &str, value: &Value) -> bool {
    let has = |modifier: &str| key.split('|').skip(1).any(|found| found == modifier);
    let is_one = match value {
        Value::Array(values) => values.len() == 1,
        _ => true,
    };
    has("all") && !has("expand") && is_one
}
