//! What a YAML document is, and whether it has the shape of a rule that can be run.

use rsigma_parser::parse_sigma_yaml;
use serde_json::{Map, Value};

use super::SigmaError;

/// What a YAML document with Sigma in it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A rule over single events.
    Rule,
    /// A rule over several events.
    Correlation,
    /// A filter for other rules.
    Filter,
    /// A part of a collection.
    Action,
}

impl Kind {
    /// What `document` is, if it is Sigma at all.
    pub fn of(document: &Value) -> Option<Self> {
        let has = |key| document.get(key).is_some();
        if has("action") && (has("logsource") || has("detection") || document.as_object()?.len() == 1) {
            Some(Self::Action)
        } else if has("correlation") {
            Some(Self::Correlation)
        } else if has("filter") && has("logsource") {
            Some(Self::Filter)
        } else if has("detection") || has("logsource") {
            Some(Self::Rule)
        } else {
            None
        }
    }

    /// Why a document of this kind is not run.
    fn refusal(self, document: &Value) -> Option<SigmaError> {
        match self {
            Self::Rule => None,
            Self::Correlation => {
                let kind = document.pointer("/correlation/type").and_then(Value::as_str).unwrap_or("unknown");
                Some(SigmaError::about(
                    "correlation:",
                    format!(
                        "correlation rules ({kind}) look at several events at once, and Trailmeter counts single \
                         ones: make detectors of the rules it refers to, with an alarm threshold or dimensions"
                    ),
                ))
            }
            Self::Filter => Some(SigmaError::about(
                "filter:",
                "Sigma filters are not supported: write what is to be left out under the detector's `exclude`",
            )),
            Self::Action => Some(SigmaError::about(
                "action:",
                "rule collections (`action`) are not supported: write each rule out in a document of its own",
            )),
        }
    }
}

/// Reads a document as a rule. What the parser would pass over in silence is refused here.
pub(super) fn parse(document: &Value) -> Result<rsigma_parser::SigmaRule, SigmaError> {
    if Kind::of(document).is_none() {
        return Err(SigmaError::new("this is no Sigma rule: it has neither `detection` nor `logsource`"));
    }
    if let Some(refusal) = Kind::of(document).and_then(|kind| kind.refusal(document)) {
        return Err(refusal);
    }
    check_version(document.get("sigma-version"))?;
    check_log_source(document.get("logsource"))?;
    let detection = document.get("detection").and_then(Value::as_object).ok_or_else(|| {
        SigmaError::about("detection", "`detection` is missing, or no map of search identifiers")
    })?;
    check_detection(detection)?;
    // JSON is YAML: one reader, with budgets, has seen the file already.
    let mut collection =
        parse_sigma_yaml(&document.to_string()).map_err(|error| SigmaError::new(error.to_string()))?;
    if let Some(error) = collection.errors.first() {
        return Err(in_our_words(error, detection));
    }
    match collection.rules.pop() {
        Some(rule) if collection.rules.is_empty() => Ok(rule),
        _ => Err(SigmaError::new("this is no single Sigma rule")),
    }
}

/// What the parser says, in words for whoever wrote the rule, and what it is about.
fn in_our_words(error: &str, detection: &Map<String, Value>) -> SigmaError {
    if let Some(modifier) = error.strip_prefix("Unknown modifier ") {
        let modifier = modifier.trim_matches('\'');
        let reason = format!("there is no modifier {modifier}; docs/sigma.md has those there are");
        return SigmaError::about(format!("|{modifier}"), reason);
    }
    // It draws the condition over several lines; the last one says what is wrong.
    let reason = error.lines().last().unwrap_or_default().trim().trim_start_matches("= ");
    if error.lines().count() == 1 {
        return SigmaError::new(reason);
    }
    let mut reason = format!("bad condition: {reason}");
    for (word, ours) in [
        ("quantifier", "1 of or all of"),
        ("ident_pattern", "a pattern of names"),
        ("ident", "a search identifier"),
        ("not_op", "not"),
        ("and_op", "and"),
        ("or_op", "or"),
        ("EOI", "the end"),
    ] {
        reason = reason.replace(word, ours);
    }
    let condition = detection.get("condition").map(Value::to_string).unwrap_or_default();
    if condition
        .split(|letter: char| !letter.is_alphanumeric())
        .any(|word| matches!(word, "AND" | "OR" | "NOT"))
    {
        reason.push_str("; write and, or, not in small letters");
    }
    SigmaError::about("condition", reason)
}

/// Conditions that people write nest two or three deep.
const DEEPEST: usize = 64;
/// The parser's own limit, said at the place.
const LONGEST_CONDITION: usize = 65_536;

/// The parser knows drafts of a third version, in which the same text means other things.
fn check_version(version: Option<&Value>) -> Result<(), SigmaError> {
    let Some(version) = version else { return Ok(()) };
    let text = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
    match text.trim_start_matches('v').split('.').next() {
        Some("1" | "2") => Ok(()),
        _ => Err(SigmaError::about(
            "sigma-version",
            format!("the rule is for version {text} of the specification; the last one published is 2"),
        )),
    }
}

fn check_log_source(source: Option<&Value>) -> Result<(), SigmaError> {
    let part = |key: &str| source.and_then(|source| source.get(key)).and_then(Value::as_str);
    if (part("product"), part("service"), part("category")) == (Some("aws"), Some("cloudtrail"), None) {
        return Ok(());
    }
    let named: Vec<String> = ["product", "service", "category"]
        .iter()
        .filter_map(|key| part(key).map(|value| format!("{key} {value}")))
        .collect();
    let named = if named.is_empty() { "no log source".to_owned() } else { named.join(", ") };
    Err(SigmaError::about(
        "logsource",
        format!("the rule is for {named}; Trailmeter reads product aws, service cloudtrail"),
    ))
}

fn check_detection(detection: &Map<String, Value>) -> Result<(), SigmaError> {
    if detection.contains_key("timeframe") {
        return Err(SigmaError::about(
            "timeframe",
            "`timeframe` belongs to aggregations, which the specification has removed: use the alarm's period",
        ));
    }
    match detection.get("condition") {
        None => return Err(SigmaError::about("detection", "`condition` is missing")),
        Some(Value::String(condition)) => check_condition(condition)?,
        Some(Value::Array(conditions)) => {
            conditions.iter().filter_map(Value::as_str).try_for_each(check_condition)?;
        }
        Some(_) => return Err(SigmaError::about("condition", "`condition` is a text, or a list of texts")),
    }
    detection
        .iter()
        .filter(|(name, _)| *name != "condition")
        .try_for_each(|(name, value)| check_search(value).map_err(|error| error.or_about(name)))
}

fn check_condition(condition: &str) -> Result<(), SigmaError> {
    if condition.trim().is_empty() {
        return Err(SigmaError::about(
            "condition",
            "`condition` is empty: name the searches that have to match",
        ));
    }
    if condition.contains('|') {
        return Err(SigmaError::about(
            "condition",
            "aggregations in conditions (`| count() …`) have been removed from the specification: use the alarm's \
             threshold and period",
        ));
    }
    if condition.len() > LONGEST_CONDITION {
        return Err(SigmaError::about(
            "condition",
            format!("the condition is longer than {LONGEST_CONDITION} bytes"),
        ));
    }
    // The parser would run into its own limit, and could not say which; or out of stack.
    if nests_too_deep(condition) {
        return Err(SigmaError::about(
            "condition",
            format!("the condition nests deeper than {DEEPEST} levels"),
        ));
    }
    Ok(())
}

/// Whether parentheses and negations stand deeper within one another than the parser has stack for.
fn nests_too_deep(condition: &str) -> bool {
    // For each parenthesis that is open, the levels that it adds: itself, and the negations before it.
    let (mut open, mut deep, mut nots) = (Vec::new(), 0, 0);
    let spaced = condition.replace('(', " ( ").replace(')', " ) ");
    for word in spaced.split_whitespace() {
        match word {
            "(" => {
                open.push(nots + 1);
                deep += nots + 1;
                nots = 0;
            }
            ")" => {
                deep -= open.pop().unwrap_or(0);
                nots = 0;
            }
            _ if word.eq_ignore_ascii_case("not") => nots += 1,
            _ => nots = 0,
        }
        if deep + nots > DEEPEST {
            return true;
        }
    }
    false
}

/// A search is a value, a list of values and maps, or a map from fields to values.
fn check_search(search: &Value) -> Result<(), SigmaError> {
    match search {
        Value::Array(searches) if searches.is_empty() => {
            Err(SigmaError::new("an empty list finds nothing: give it values"))
        }
        Value::Array(searches) => searches.iter().try_for_each(|search| match search {
            Value::Array(_) => Err(SigmaError::new("a list stands in a list, which means nothing in Sigma")),
            other => check_search(other),
        }),
        Value::Object(items) if items.is_empty() => {
            Err(SigmaError::new("an empty map finds nothing: name a field"))
        }
        Value::Object(items) => items.iter().try_for_each(|(key, value)| check_value(key, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn check_value(key: &str, value: &Value) -> Result<(), SigmaError> {
    let name = key.split('|').next().unwrap_or_default();
    if name.replace("\\[", "").replace("\\]", "").contains(['[', ']']) {
        return Err(SigmaError::about(
            key,
            format!(
                "{name} has brackets, which no published version of the specification gives a meaning: leave them \
                 out, arrays are looked into (or write \\[ and \\] if they are part of the name)"
            ),
        ));
    }
    let is_nested = |value: &Value| value.is_object() || value.is_array();
    match value {
        Value::Object(_) => Err(SigmaError::about(
            key,
            format!(
                "the value of {key} is a map; fields of fields are written with dots, as in userIdentity.arn"
            ),
        )),
        Value::Array(values) if values.is_empty() => {
            Err(SigmaError::about(key, format!("the list of {key} is empty, so that nothing could match it")))
        }
        Value::Array(values) if values.iter().any(is_nested) => {
            Err(SigmaError::about(key, format!("the list of {key} holds other things than values")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_counted_until_they_are_over() {
        let many = |text: &str, times: usize| text.repeat(times);
        for (condition, is_too_deep) in [
            (many("(", 64) + "a" + &many(")", 64), false),
            (many("(", 65) + "a" + &many(")", 65), true),
            (many("not ", 64) + "a", false),
            (many("not ", 65) + "a", true),
            (many("NOT ", 16_000) + "a", true),
            (many("not (", 32) + "a" + &many(")", 32), false),
            (many("not (", 33) + "a" + &many(")", 33), true),
            (many("not a and ", 6_000) + "a", false),
            (many("(not a) or not (b) or not not (not c) or ", 1_000) + "a", false),
            (many("nothing or ", 1_000) + "a", false),
            (many(")", 100), false),
        ] {
            assert_eq!(nests_too_deep(&condition), is_too_deep, "{condition:.60}");
        }
    }
}
