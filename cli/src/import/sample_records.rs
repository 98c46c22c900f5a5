//! Records for the tests of an imported detector, made from its pattern.
//!
//! Nobody has real ones at hand when importing, and a detector without tests does not load. These
//! show little, but they show it: each was put through the pattern before it is written.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use trailmeter_detection::model::{Path, Step};
use trailmeter_detection::pattern::{Condition, Node, Pattern, PatternTest};
use trailmeter_logs::Record;

use super::sample_values::{condition_text, examples, usual_value};

/// Alternatives that are tried before it is given up.
const MOST_ALTERNATIVES: usize = 64;
/// Tests of one alternative, each of which is tried with the values of the others.
const MOST_TESTS: usize = 200;
/// Nobody asks for the hundredth element.
const LARGEST_INDEX: usize = 20;

/// A record for a test, and what it shows.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) record: Value,
}

/// A record that matches and one that does not, where they can be found.
#[derive(Debug)]
pub(super) struct Samples {
    pub(super) matching: Option<Sample>,
    pub(super) other: Option<Sample>,
}

pub(super) fn of(pattern: &Pattern) -> Samples {
    let found = alternatives(pattern.syntax()).into_iter().find_map(|tests| {
        let record = record_for(&tests)?;
        is_seen(&record).then_some(())?;
        pattern.matches(&record).then_some((tests, record))
    });
    let Some((tests, record)) = found else {
        let nothing = Some(Value::Object(Map::new())).filter(|record| !pattern.matches(record));
        let other = nothing.map(|record| Sample { name: "a record without the fields".to_owned(), record });
        return Samples { matching: None, other };
    };
    let other = different(pattern, &tests, &record);
    Samples {
        matching: Some(Sample { name: "made from the pattern, what it asks for".to_owned(), record }),
        other,
    }
}

/// Malformed records reach no detector.
fn is_seen(record: &Value) -> bool {
    Record::from_value(record.clone()).is_ok()
}

/// Sets of tests of which any one is enough, the first ones first.
fn alternatives(node: &Node) -> Vec<Vec<&PatternTest>> {
    let mut all = match node {
        Node::Test(test) => vec![vec![test]],
        Node::Any(parts) => parts.iter().flat_map(alternatives).take(MOST_ALTERNATIVES).collect(),
        Node::All(parts) => parts.iter().fold(vec![Vec::new()], |so_far: Vec<Vec<&PatternTest>>, part| {
            if so_far.first().is_some_and(|tests| tests.len() > MOST_TESTS) {
                return so_far;
            }
            let more = alternatives(part);
            so_far
                .iter()
                .flat_map(|tests| more.iter().map(move |others| [tests.as_slice(), others].concat()))
                .take(MOST_ALTERNATIVES)
                .collect()
        }),
    };
    all.truncate(MOST_ALTERNATIVES);
    all
}

/// A record in which each path leads to the first value that all its tests take.
fn record_for(tests: &[&PatternTest]) -> Option<Value> {
    if tests.len() > MOST_TESTS {
        return None;
    }
    let mut by_path: BTreeMap<String, Vec<&PatternTest>> = BTreeMap::new();
    let mut order = Vec::new();
    for test in tests {
        let path = test.selector.to_string();
        if !by_path.contains_key(&path) {
            order.push(path.clone());
        }
        by_path.entry(path).or_default().push(test);
    }
    let mut record = Value::Object(Map::new());
    for path in order {
        let tests = &by_path[&path];
        let selector = &tests[0].selector;
        if tests.iter().any(|test| matches!(test.condition, Condition::NotExists)) {
            // What is not put there is absent, unless another path goes through it.
            continue;
        }
        let value = tests.iter().flat_map(|test| examples(test)).find(|value| {
            let alone = put(selector, value).unwrap_or_default();
            tests.iter().all(|test| is_met(test, &alone))
        })?;
        merge(&mut record, selector.steps(), value)?;
    }
    Some(record)
}

fn put(path: &Path, value: &Value) -> Option<Value> {
    let mut record = Value::Object(Map::new());
    merge(&mut record, path.steps(), value.clone())?;
    Some(record)
}

/// Puts a value where the steps lead, making what lies on the way.
fn merge(into: &mut Value, steps: &[Step], value: Value) -> Option<()> {
    let Some((step, rest)) = steps.split_first() else {
        if !into.is_null() && *into != value {
            return None;
        }
        *into = value;
        return Some(());
    };
    match step {
        Step::Field(_) | Step::AnyField => {
            let name = if let Step::Field(name) = step { name.as_str() } else { "example" };
            if into.is_null() {
                *into = Value::Object(Map::new());
            }
            merge(into.as_object_mut()?.entry(name).or_insert(Value::Null), rest, value)
        }
        Step::Index(_) | Step::AnyElement => {
            let index = if let Step::Index(index) = step { *index } else { 0 };
            if index > LARGEST_INDEX {
                return None;
            }
            if into.is_null() {
                *into = Value::Array(Vec::new());
            }
            let items = into.as_array_mut()?;
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            merge(&mut items[index], rest, value)
        }
        // Filter patterns have no such steps.
        Step::Members | Step::Anywhere => None,
    }
}

/// Whether one test holds, asked of the record as the evaluator would.
fn is_met(test: &PatternTest, record: &Value) -> bool {
    let selector = &test.selector;
    // A pattern of this test alone; what cannot be written again is asked of the whole later.
    let pattern = format!("{{ {selector} {} }}", condition_text(&test.condition)).parse::<Pattern>();
    pattern.map_or(true, |pattern| pattern.matches(record))
}

/// The matching record with one field other than asked for.
fn different(pattern: &Pattern, tests: &[&PatternTest], record: &Value) -> Option<Sample> {
    for test in tests {
        let path = &test.selector;
        for (value, what) in [
            (Some(usual_value(path)), "another"),
            (Some(json!("Another")), "another"),
            (None, "no"),
            (Some(Value::Null), "null for"),
            (Some(json!("Example")), "some"),
        ] {
            let mut other = record.clone();
            if replace(&mut other, path.steps(), value).is_some()
                && is_seen(&other)
                && !pattern.matches(&other)
            {
                let field = path.to_string();
                let field = field.trim_start_matches("$.");
                return Some(Sample {
                    name: format!("made from the pattern, {what} {field}"),
                    record: other,
                });
            }
        }
    }
    let nothing = Value::Object(Map::new());
    (!pattern.matches(&nothing)).then(|| Sample {
        name: "made from the pattern, a record without the fields".to_owned(),
        record: nothing,
    })
}

fn replace(into: &mut Value, steps: &[Step], value: Option<Value>) -> Option<()> {
    let (step, rest) = steps.split_first()?;
    match step {
        Step::Field(_) | Step::AnyField => {
            let name = if let Step::Field(name) = step { name.as_str() } else { "example" };
            if into.is_null() {
                *into = Value::Object(Map::new());
            }
            let fields = into.as_object_mut()?;
            if !rest.is_empty() {
                return replace(fields.entry(name).or_insert(Value::Null), rest, value);
            }
            match value {
                Some(value) => fields.insert(name.to_owned(), value),
                None => fields.remove(name),
            };
        }
        Step::Index(_) | Step::AnyElement => {
            let index = if let Step::Index(index) = step { *index } else { 0 };
            let item = into.as_array_mut()?.get_mut(index)?;
            if !rest.is_empty() {
                return replace(item, rest, value);
            }
            *item = value?;
        }
        Step::Members | Step::Anywhere => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_made_from_patterns() {
        for text in [
            "{ $.eventName = ConsoleLogin }",
            r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#,
            r#"{ $.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}"#,
            r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#,
            "{ $.n > 5 && $.n < 7 && $.n != 6.5 }",
            "{ $.a = 1 && $.b[3].c = * && $.l[*] = x && $.*.y IS TRUE }",
            "{ $.a IS NULL && $.b IS FALSE }",
            "{ $.recipientAccountId = 111122223333 }",
            "{ $.sourceIPAddress != 10.* && $.sourceIPAddress != %^192\\.168% }",
            "{ $.arn = %^arn:aws:iam::[0-9]{12}:user/[a-z]+$% }",
            "{ ($.a = 1 && $.a = 2) || $.b = 3 }",
            "{ $.x NOT EXISTS }",
            "{ $.userIdentity != x || $.eventName = y }",
        ] {
            let pattern: Pattern = text.parse().expect(text);
            let samples = of(&pattern);
            let matching = samples.matching.unwrap_or_else(|| panic!("nothing matches {text}"));
            let other = samples.other.unwrap_or_else(|| panic!("everything matches {text}"));
            assert!(pattern.matches(&matching.record), "{text}: {}", matching.record);
            assert!(!pattern.matches(&other.record), "{text}: {}", other.record);
            assert!(is_seen(&matching.record) && is_seen(&other.record), "{text}");
        }
        let samples = of(&"{ $.a = 1 && $.a = 2 }".parse().expect("it is a pattern"));
        assert!(samples.matching.is_none() && samples.other.is_some());
        let samples =
            of(&"{ $.a NOT EXISTS || $.a IS NULL || $.a != x || $.a = x || $.a.b = * || $.a.b NOT EXISTS }"
                .parse()
                .expect("it is a pattern"));
        assert!(samples.matching.is_some() && samples.other.is_none());
    }
}
