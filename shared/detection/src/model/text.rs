//! What a value reads like.

use std::fmt;

use regex::bytes::Regex;

use super::glob::Glob;

/// A test of a value's text.
#[derive(Debug, Clone)]
pub enum TextTest {
    /// A string, whole or in part.
    Literal {
        /// The string; in lower case, if case is folded.
        text: String,
        /// Which part of the value it is.
        anchor: Anchor,
        /// Whether `A` and `a` are the same.
        fold_case: bool,
        /// Which values have a text.
        reads: Reads,
    },
    /// An expression.
    Regex {
        /// The expression.
        regex: Expression,
        /// Which values have a text.
        reads: Reads,
    },
}

/// An expression for texts.
#[derive(Debug, Clone)]
pub enum Expression {
    /// A regular expression, found anywhere unless it says otherwise.
    Regex(Regex),
    /// A text with wildcards, from beginning to end.
    Glob(Glob),
}

impl From<Regex> for Expression {
    fn from(regex: Regex) -> Self {
        Self::Regex(regex)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regex(regex) => write!(f, "{regex}"),
            Self::Glob(glob) => write!(f, "{glob}"),
        }
    }
}

/// Which part of a text another one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// All of it.
    Whole,
    /// Its beginning.
    Start,
    /// Its end.
    End,
    /// Any part.
    Within,
}

/// Which values have a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reads {
    /// Strings.
    Strings,
    /// Booleans too: `true` and `false`.
    Booleans,
    /// Numbers too, in their shortest form.
    Numbers,
    /// Arrays and objects too: their source as delivered, without the white space between its
    /// tokens, the keys in their order.
    Everything,
}

impl TextTest {
    /// A string test.
    pub fn literal(text: &str, anchor: Anchor, fold_case: bool, reads: Reads) -> Self {
        let text = if fold_case { text.to_lowercase() } else { text.to_owned() };
        Self::Literal { text, anchor, fold_case, reads }
    }

    /// Which values have a text.
    pub fn reads(&self) -> Reads {
        match self {
            Self::Literal { reads, .. } | Self::Regex { reads, .. } => *reads,
        }
    }

    /// Whether `value` reads so.
    pub fn matches(&self, value: &str) -> bool {
        match self {
            Self::Literal { text, anchor, fold_case: false, .. } => anchor.matches(value, text),
            Self::Literal { text, anchor, fold_case: true, .. } => {
                anchor.matches(&value.to_lowercase(), text)
            }
            Self::Regex { regex: Expression::Regex(regex), .. } => regex.is_match(value.as_bytes()),
            Self::Regex { regex: Expression::Glob(glob), .. } => glob.matches(value),
        }
    }
}

impl Anchor {
    /// Whether `part` is this part of `whole`.
    pub fn matches(self, whole: &str, part: &str) -> bool {
        match self {
            Self::Whole => whole == part,
            Self::Start => whole.starts_with(part),
            Self::End => whole.ends_with(part),
            Self::Within => whole.contains(part),
        }
    }
}
