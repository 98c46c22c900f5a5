//! Paths into a record.

use std::fmt;

use serde_json::Value;

/// A path into a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    steps: Vec<Step>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// The field of this name.
    Field(String),
    /// Any field.
    AnyField,
    /// The element at this place.
    Index(usize),
    /// Any element.
    AnyElement,
    /// The value itself, or if it is an array, any of its elements, and so on. No notation: it is
    /// how Sigma looks into arrays.
    Members,
    /// Any string, number or boolean below, at any depth; and last the record as a whole, in which
    /// names and values stand side by side. No notation for people: it is where keywords are sought.
    Anywhere,
}

/// A step that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'v> {
    /// Into a field.
    Field(&'v str),
    /// Into an element.
    Index(usize),
}

/// What looks at the values that a path leads to, with the steps taken to each. It says whether it
/// has seen enough.
type Visit<'f, 'v> = &'f mut dyn FnMut(&'v Value, &[Key<'v>]) -> bool;

impl Path {
    /// A path of at least one step.
    pub fn new(steps: Vec<Step>) -> Self {
        Self { steps }
    }

    /// The steps, of which there is at least one.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether the path can lead to more than one value.
    pub fn has_wildcard(&self) -> bool {
        self.steps.iter().any(|step| !matches!(step, Step::Field(_) | Step::Index(_)))
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
        self.visit(record, &mut |value, _| accept(value))
    }

    /// Visits the values until one is enough, and says whether one was.
    pub fn visit<'v>(&self, record: &'v Value, visit: Visit<'_, 'v>) -> bool {
        walk(&self.steps, record, &mut Vec::new(), visit)
    }
}

fn walk<'v>(steps: &[Step], value: &'v Value, trail: &mut Vec<Key<'v>>, visit: Visit<'_, 'v>) -> bool {
    let Some((step, rest)) = steps.split_first() else { return visit(value, trail) };
    match step {
        Step::Field(name) => match value.as_object().and_then(|fields| fields.get_key_value(name)) {
            Some((name, field)) => into(Key::Field(name), rest, field, trail, visit),
            None => false,
        },
        Step::Index(index) => match value.get(index) {
            Some(element) => into(Key::Index(*index), rest, element, trail, visit),
            None => false,
        },
        Step::AnyField => fields(value).any(|(key, field)| into(key, rest, field, trail, visit)),
        Step::AnyElement => elements(value).any(|(key, element)| into(key, rest, element, trail, visit)),
        Step::Members if value.is_array() => {
            elements(value).any(|(key, element)| into(key, steps, element, trail, visit))
        }
        Step::Members => walk(rest, value, trail, visit),
        Step::Anywhere if value.is_array() || value.is_object() => {
            elements(value).chain(fields(value)).any(|(key, part)| into(key, steps, part, trail, visit))
                || trail.is_empty() && walk(rest, value, trail, visit)
        }
        Step::Anywhere => !value.is_null() && walk(rest, value, trail, visit),
    }
}

fn into<'v>(
    key: Key<'v>,
    steps: &[Step],
    value: &'v Value,
    trail: &mut Vec<Key<'v>>,
    visit: Visit<'_, 'v>,
) -> bool {
    trail.push(key);
    let is_enough = walk(steps, value, trail, visit);
    trail.pop();
    is_enough
}

fn fields(value: &Value) -> impl Iterator<Item = (Key<'_>, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, field)| (Key::Field(name), field))
}

fn elements(value: &Value) -> impl Iterator<Item = (Key<'_>, &Value)> {
    value.as_array().into_iter().flatten().enumerate().map(|(at, element)| (Key::Index(at), element))
}

/// What may stand in a name without quotes.
pub(crate) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    if !name.is_empty() && name.bytes().all(is_name_byte) {
        write!(f, ".{name}")
    } else {
        write!(f, "['{name}']")
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.steps.iter().try_for_each(|step| match step {
            Step::Field(name) => write_name(f, name),
            Step::AnyField => f.write_str(".*"),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::AnyElement => f.write_str("[*]"),
            Step::Members => Ok(()),
            Step::Anywhere => f.write_str("..*"),
        })
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write_name(f, name),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}
