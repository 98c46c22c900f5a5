//! The syntax tree of a pattern.

use regex::bytes::Regex;

use crate::model::{Order, Path};

/// A boolean tree of tests. Neither branch is ever empty.
#[derive(Debug, Clone)]
pub enum Node {
    /// True if all are (`&&`).
    All(Vec<Node>),
    /// True if any is (`||`).
    Any(Vec<Node>),
    /// One test of one field.
    Test(PatternTest),
}

/// `<selector> <condition>`.
#[derive(Debug, Clone)]
pub struct PatternTest {
    /// The byte of the pattern at which it begins.
    pub offset: usize,
    /// Which field, or fields where it has a wildcard.
    pub selector: Path,
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
    /// `<`, `<=`, `>`, `>=`
    Compare(Order, f64),
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

/// A number to compare with.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Its value.
    pub value: f64,
    /// Its digits as written, so that account ids compare as the strings they are in JSON.
    pub text: String,
}
