//! Values as they stand in a file, each with its place: what all formats are read into.

use std::fmt;
use std::rc::Rc;

/// Longer texts are no names, patterns or descriptions; the limit stops templates that double.
pub(super) const LONGEST_TEXT: usize = 64 * 1024;
/// What is nested deeper is refused, so that whatever goes through a value needs little stack.
const DEEPEST: u8 = 250;
/// Of what is not known, this much is enough to tell it from others.
const LONGEST_UNKNOWN: usize = 2_000;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) file: Rc<str>,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A value and where it stands. Lists and maps are shared, so that copies cost nothing.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
    /// How deep lists and maps nest in it.
    depth: u8,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As written: `007` and `7.0` are texts elsewhere.
    Number(String),
    Text(String),
    List(Rc<Vec<Node>>),
    /// In the order of the file. Keys are unique.
    Map(Rc<Vec<(String, Node)>>),
    Unknown(Unknown),
}

/// What a file leaves to be decided elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Unknown {
    /// How it is written, with what could be resolved put in its place.
    pub(super) text: String,
    /// Why it cannot be resolved.
    pub(super) reason: String,
    /// Deploying it would fail, too. `try()` goes on to its next argument then.
    pub(super) is_mistake: bool,
}

impl Node {
    pub(super) fn new(place: &Place, value: Value) -> Self {
        let deepest = match &value {
            Value::List(items) => items.iter().map(|item| item.depth).max(),
            Value::Map(entries) => entries.iter().map(|(_, value)| value.depth).max(),
            _ => None,
        };
        let depth = deepest.map_or(0, |depth| depth + 1);
        if depth > DEEPEST {
            return Self::mistake(place, "…", format!("it nests deeper than {DEEPEST} levels"));
        }
        Self { place: place.clone(), value, depth }
    }

    pub(super) fn null(place: &Place) -> Self {
        Self::new(place, Value::Null)
    }

    pub(super) fn bool(place: &Place, value: bool) -> Self {
        Self::new(place, Value::Bool(value))
    }

    pub(super) fn list(place: &Place, items: Vec<Self>) -> Self {
        Self::new(place, Value::List(Rc::new(items)))
    }

    pub(super) fn map(place: &Place, entries: Vec<(String, Self)>) -> Self {
        Self::new(place, Value::Map(Rc::new(entries)))
    }

    /// A text, unless it is longer than any that could be meant.
    pub(super) fn text(place: &Place, text: impl Into<String>) -> Self {
        let text = text.into();
        if text.len() > LONGEST_TEXT {
            return Self::unknown(place, "…", format!("it is longer than {LONGEST_TEXT} bytes"));
        }
        Self::new(place, Value::Text(text))
    }

    /// Something that the file does not say.
    pub(super) fn unknown(place: &Place, text: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::not_known(place, text.into(), reason.into(), false)
    }

    /// Something that nobody could say.
    pub(super) fn mistake(place: &Place, text: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::not_known(place, text.into(), reason.into(), true)
    }

    fn not_known(place: &Place, mut text: String, reason: String, is_mistake: bool) -> Self {
        if text.len() > LONGEST_UNKNOWN {
            text.truncate(text.floor_char_boundary(LONGEST_UNKNOWN));
        }
        Self::new(place, Value::Unknown(Unknown { text, reason, is_mistake }))
    }

    /// The same value as if it stood at `place`.
    pub(super) fn at(&self, place: &Place) -> Self {
        Self { place: place.clone(), ..self.clone() }
    }

    pub(super) fn entries(&self) -> Option<&[(String, Self)]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// What a text, a number or a boolean reads as where a text is wanted.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Bool(flag) => Some(if *flag { "true" } else { "false" }),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.word()?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    pub(super) fn flag(&self) -> Option<bool> {
        match self.word()? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    pub(super) fn as_unknown(&self) -> Option<&Unknown> {
        match &self.value {
            Value::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// What kind of value it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Unknown(_) => "an expression",
        }
    }
}

/// What keeps a file from being used at all.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) place: Place,
    pub(super) reason: String,
}

impl Problem {
    /// A problem with a file as a whole.
    pub(super) fn of_file(file: &Rc<str>, reason: impl Into<String>) -> Self {
        Self { place: Place { file: Rc::clone(file), line: 1, column: 1 }, reason: reason.into() }
    }
}

#[cfg(test)]
impl Node {
    /// For comparison: what is unknown is `"? text: reason"`.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(flag) => (*flag).into(),
            Value::Number(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::from(format!("# {text}")))
            }
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect()
            }
            Value::Unknown(why) => format!("? {}: {}", why.text, why.reason).into(),
        }
    }
}
