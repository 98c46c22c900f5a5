//! Property selectors: `$.userIdentity.arn`, `$.resources[0].ARN`, `$['a.b']`, `$.users[*].name`.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::error::PatternError;
use super::parser;

/// A path into a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Selector {
    steps: Vec<Step>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// `.name` or `['name']`
    Field(String),
    /// `.*`
    AnyField,
    /// `[3]`
    Index(usize),
    /// `[*]`
    AnyElement,
}

impl Selector {
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        Self { steps }
    }

    /// The steps, of which there is at least one.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether the path can lead to more than one value.
    pub fn has_wildcard(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::AnyField | Step::AnyElement))
    }

    /// The value that the path leads to. The first one, if it has a wildcard.
    pub fn first<'v>(&self, record: &'v Value) -> Option<&'v Value> {
        let mut first = None;
        self.any(record, &mut |value| {
            first = Some(value);
            true
        });
        first
    }

    /// Whether `accept` holds for any value that the path leads to.
    pub fn any<'v>(&self, record: &'v Value, accept: &mut dyn FnMut(&'v Value) -> bool) -> bool {
        any(&self.steps, record, accept)
    }
}

fn any<'v>(steps: &[Step], value: &'v Value, accept: &mut dyn FnMut(&'v Value) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else { return accept(value) };
    match step {
        Step::Field(name) => value.get(name).is_some_and(|field| any(rest, field, accept)),
        Step::AnyField => {
            value.as_object().is_some_and(|fields| fields.values().any(|field| any(rest, field, accept)))
        }
        Step::Index(index) => value.get(index).is_some_and(|element| any(rest, element, accept)),
        Step::AnyElement => {
            value.as_array().is_some_and(|elements| elements.iter().any(|element| any(rest, element, accept)))
        }
    }
}

impl FromStr for Selector {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        parser::parse_selector(text)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.steps.iter().try_for_each(|step| match step {
            Step::Field(name) if name.bytes().all(parser::is_name_byte) => write!(f, ".{name}"),
            Step::Field(name) => write!(f, "['{name}']"),
            Step::AnyField => f.write_str(".*"),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::AnyElement => f.write_str("[*]"),
        })
    }
}
