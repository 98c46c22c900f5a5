//! A rule taken apart into its tests, without either engine: what they say of each part is
//! compared, and so is what they make of the whole.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use rsigma_parser::{ConditionExpr, Quantifier, SelectorPattern, parse_condition};
use serde_json::{Map, Value, json};

/// A field with its modifiers and its values; keywords have no field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) field: Option<String>,
    pub(super) modifiers: Vec<String>,
    pub(super) values: Vec<Value>,
    /// As it stands in the rule.
    search: Value,
}

impl Item {
    fn new(field: Option<String>, modifiers: Vec<String>, values: Vec<Value>) -> Self {
        let key: Vec<&str> = std::iter::once(field.as_deref().unwrap_or_default())
            .chain(modifiers.iter().map(String::as_str))
            .collect();
        let search = match values.as_slice() {
            [value] => json!({ key.join("|"): value }),
            values => json!({ key.join("|"): values }),
        };
        Self { field, modifiers, values, search }
    }

    fn of_field(key: &str, value: &Value) -> Self {
        let mut parts = key.split('|').map(str::to_owned);
        let field = parts.next().filter(|field| !field.is_empty());
        Self { field, modifiers: parts.collect(), values: list(value), search: json!({ key: value }) }
    }

    pub(super) fn of_keywords(value: &Value) -> Self {
        Self { field: None, modifiers: Vec::new(), values: list(value), search: value.clone() }
    }

    pub(super) fn has(&self, modifier: &str) -> bool {
        self.modifiers.iter().any(|other| other == modifier)
    }

    pub(super) fn has_any(&self, modifiers: &[&str]) -> bool {
        modifiers.iter().any(|modifier| self.has(modifier))
    }

    /// A rule of this item alone.
    pub(super) fn rule(&self) -> Value {
        rule(&json!({ "part": self.search, "condition": "part" }))
    }

    /// The same of another field.
    pub(super) fn of(&self, field: &str) -> Self {
        Self::new(Some(field.to_owned()), self.modifiers.clone(), self.values.clone())
    }

    /// The same with other values.
    pub(super) fn with_values(&self, values: Vec<Value>) -> Self {
        if self.field.is_none() && self.modifiers.is_empty() {
            return Self::of_keywords(&Value::Array(values));
        }
        Self::new(self.field.clone(), self.modifiers.clone(), values)
    }

    /// The same without a modifier.
    pub(super) fn without(&self, modifier: &str) -> Self {
        let mut modifiers = self.modifiers.clone();
        modifiers.retain(|other| other != modifier);
        Self::new(self.field.clone(), modifiers, self.values.clone())
    }

    /// The same with a modifier more.
    pub(super) fn with(&self, modifier: &str) -> Self {
        let modifiers = self.modifiers.iter().cloned().chain([modifier.to_owned()]).collect();
        Self::new(self.field.clone(), modifiers, self.values.clone())
    }

    /// Each value as an item of its own.
    pub(super) fn single(&self) -> Vec<Self> {
        let one = self.without("all");
        self.values.iter().map(|value| one.with_values(vec![value.clone()])).collect()
    }
}

/// A whole rule with this `detection`.
pub(super) fn rule(detection: &Value) -> Value {
    json!({ "title": "t", "logsource": { "product": "aws", "service": "cloudtrail" }, "detection": detection })
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

/// A rule's detection, taken apart.
#[derive(Debug)]
pub(super) struct Parts {
    searches: BTreeMap<String, Search>,
    conditions: Vec<ConditionExpr>,
}

#[derive(Debug)]
enum Search {
    All(Vec<Search>),
    Any(Vec<Search>),
    Item(Item),
}

impl Parts {
    pub(super) fn of(rule: &Value) -> Result<Self> {
        let detection = rule["detection"].as_object().context("no detection")?;
        let conditions = list(detection.get("condition").context("no condition")?)
            .iter()
            .map(|text| parse_condition(text.as_str().unwrap_or_default()).context("bad condition"))
            .collect::<Result<_>>()?;
        let searches = detection
            .iter()
            .filter(|(name, _)| *name != "condition")
            .map(|(name, value)| (name.clone(), Search::of(value)))
            .collect();
        Ok(Self { searches, conditions })
    }

    pub(super) fn items(&self) -> Vec<&Item> {
        self.searches.values().flat_map(Search::items).collect()
    }

    /// What the rule says, if `holds` is what its items say.
    pub(super) fn verdict(&self, holds: &dyn Fn(&Item) -> bool) -> bool {
        let searches: BTreeMap<&str, bool> =
            self.searches.iter().map(|(name, search)| (name.as_str(), search.verdict(holds))).collect();
        self.conditions.iter().any(|condition| condition_holds(condition, &searches))
    }
}

impl Search {
    fn of(value: &Value) -> Self {
        match value {
            Value::Object(items) => Self::of_map(items),
            Value::Array(list) if list.iter().any(Value::is_object) => {
                Self::Any(list.iter().map(Self::of).collect())
            }
            keywords => Self::Item(Item::of_keywords(keywords)),
        }
    }

    fn of_map(items: &Map<String, Value>) -> Self {
        Self::All(items.iter().map(|(key, value)| Self::Item(Item::of_field(key, value))).collect())
    }

    fn items(&self) -> Vec<&Item> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::items).collect(),
            Self::Item(item) => vec![item],
        }
    }

    fn verdict(&self, holds: &dyn Fn(&Item) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.verdict(holds)),
            Self::Any(parts) => parts.iter().any(|part| part.verdict(holds)),
            Self::Item(item) => holds(item),
        }
    }
}

fn condition_holds(condition: &ConditionExpr, searches: &BTreeMap<&str, bool>) -> bool {
    match condition {
        ConditionExpr::And(parts) => parts.iter().all(|part| condition_holds(part, searches)),
        ConditionExpr::Or(parts) => parts.iter().any(|part| condition_holds(part, searches)),
        ConditionExpr::Not(part) => !condition_holds(part, searches),
        ConditionExpr::Identifier(name) => searches[name.as_str()],
        ConditionExpr::Selector { quantifier, pattern } => {
            let mut selected =
                searches.iter().filter(|(name, _)| is_selected(pattern, name)).map(|(_, holds)| *holds);
            match quantifier {
                Quantifier::All => selected.all(|holds| holds),
                Quantifier::Any | Quantifier::Count(_) => selected.any(|holds| holds),
            }
        }
    }
}

/// "Matching is done with * wildcards (any number of characters) at arbitrary positions in the
/// pattern", and `them` is all "not starting with an underscore".
fn is_selected(pattern: &SelectorPattern, name: &str) -> bool {
    fn matches(pattern: &[u8], name: &[u8]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some((b'*', rest)) => (0..=name.len()).any(|at| matches(rest, &name[at..])),
            Some((first, rest)) => name.first() == Some(first) && matches(rest, &name[1..]),
        }
    }
    match pattern {
        SelectorPattern::Them => !name.starts_with('_'),
        SelectorPattern::Pattern(pattern) => matches(pattern.as_bytes(), name.as_bytes()),
    }
}
