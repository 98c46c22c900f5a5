//! The tree that a pattern is parsed into.

use regex::bytes::Regex;

use super::selector::Selector;

/// A boolean tree of tests. Neither branch is ever empty.
#[derive(Debug, Clone)]
pub enum Expr {
    /// True if all are (`&&`).
    All(Vec<Expr>),
    /// True if any is (`||`).
    Any(Vec<Expr>),
    /// One test of one field.
    Test(Test),
}

/// `<selector> <condition>`.
#[derive(Debug, Clone)]
pub struct Test {
    /// Which field, or fields where it has a wildcard.
    pub selector: Selector,
    /// What is asked of it.
    pub condition: Condition,
}

/// What is asked of a field.
#[derive(Debug, Clone)]
pub enum Condition {
    /// `=`
    Equals(Operand),
    /// `!=`
    Differs(Operand),
    /// `<`
    Less(f64),
    /// `<=`
    AtMost(f64),
    /// `>`
    Greater(f64),
    /// `>=`
    AtLeast(f64),
    /// `IS NULL`: present and null.
    IsNull,
    /// `IS TRUE`
    IsTrue,
    /// `IS FALSE`
    IsFalse,
    /// `NOT EXISTS`: absent. Null is present.
    NotExists,
}

/// The right side of `=` and `!=`.
#[derive(Debug, Clone)]
pub enum Operand {
    /// `*`: any value but null.
    Anything,
    /// A word or a quoted string, with wildcards at its ends.
    Text(Text),
    /// An unquoted number.
    Number(Number),
    /// `%…%`, searched for anywhere in a string.
    Regex(Regex),
}

/// A string to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The string without the wildcards.
    pub text: String,
    /// `*` stood before it.
    pub open_start: bool,
    /// `*` stood behind it.
    pub open_end: bool,
    /// It was written without quotes, and so may also mean `true` or `false`.
    pub bare: bool,
}

impl Text {
    /// Whether `value` is this string, or has it where the wildcards allow.
    pub fn matches(&self, value: &str) -> bool {
        match (self.open_start, self.open_end) {
            (false, false) => value == self.text,
            (false, true) => value.starts_with(&self.text),
            (true, false) => value.ends_with(&self.text),
            (true, true) => value.contains(&self.text),
        }
    }
}

/// A number to compare with.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Its value.
    pub value: f64,
    /// Its digits as written, so that account ids compare as the strings they are in JSON.
    pub text: String,
}
