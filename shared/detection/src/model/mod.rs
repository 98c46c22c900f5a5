//! The one model that every front end compiles into: a boolean tree of tests.
//!
//! A test leads a [`Path`] into the record and asks a [`Predicate`] of the values it finds there.
//! The model is closed: filter patterns and Sigma rules differ in what they compile to, never in
//! how it is evaluated, and another front end adds no case to [`evaluate`].
//!
//! Three things are kept apart that other engines mix up, see [`Answer`]: a field that is absent
//! has no value to ask anything of, null is a value that equals nothing, and a value of another
//! type than the one asked for is neither equal nor different.

mod asked;
mod delivered;
mod display;
mod evaluate;
mod explain;
mod glob;
mod path;
mod text;
mod timestamp;

pub use evaluate::{Answer, Document, evaluate};
pub use explain::{Explanation, Found, Node, Tested, explain};
pub use glob::{Glob, Token};
pub(crate) use path::is_name_byte;
pub use path::{Key, Path, Step};
pub use text::{Anchor, Expression, Reads, TextTest};
pub use timestamp::TimePart;

use std::sync::Arc;

use ipnet::IpNet;

/// A boolean tree of tests.
#[derive(Debug, Clone)]
pub enum Expr {
    /// True if all are.
    All(Vec<Expr>),
    /// True if any is.
    Any(Vec<Expr>),
    /// True if it is not.
    Not(Box<Expr>),
    /// One test. Shared with the engine, which asks it by itself.
    Test(Arc<Test>),
}

impl Expr {
    /// One test.
    pub fn test(test: Test) -> Self {
        Self::Test(Arc::new(test))
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Every test of the tree, from left to right.
    pub fn tests(&self) -> Vec<&Arc<Test>> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Not(part) => part.tests(),
            Self::Test(test) => vec![test],
        }
    }
}

/// A question about the values that a path leads to.
#[derive(Debug, Clone)]
pub struct Test {
    /// Where to look.
    pub path: Path,
    /// Which value makes it true. Where the path leads nowhere, none does.
    pub asks: Asks,
    /// What is asked of each value.
    pub predicate: Predicate,
}

/// Which value makes a test true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// One that satisfies the predicate.
    ForOne,
    /// One that is there and does not satisfy it: null, or a string, number or boolean. An array
    /// or an object is neither the same as such a value nor different from it.
    ForAnother,
}

/// What is asked of a value.
#[derive(Debug, Clone)]
pub enum Predicate {
    /// Nothing: it is there. Null is there.
    Exists,
    /// It is null.
    Null,
    /// It is this boolean.
    Bool(bool),
    /// It reads so.
    Text(TextTest),
    /// It is this number, or a string of exactly these characters.
    Number {
        /// The number.
        value: f64,
        /// The characters: account ids are strings in CloudTrail, and leading zeros count.
        text: String,
    },
    /// It is a number that compares so.
    Compare {
        /// How.
        order: Order,
        /// With what.
        limit: f64,
        /// Whether a string that reads as a number is one.
        in_strings: bool,
    },
    /// It is an address of this network.
    Cidr(IpNet),
    /// It reads as one of the values at another path does.
    SameAs {
        /// The other path.
        path: Path,
        /// Which part of it.
        anchor: Anchor,
        /// Whether `A` and `a` are the same.
        fold_case: bool,
    },
    /// A part of the time that it is.
    Time {
        /// Which.
        part: TimePart,
        /// What is asked of it.
        predicate: Box<Predicate>,
    },
    /// It satisfies one of these.
    OneOf(Vec<Predicate>),
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

#[cfg(test)]
mod tests;
