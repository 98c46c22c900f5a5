//! The reference evaluator: slow, obvious, and the judge of every faster one.

use core::net::IpAddr;
use std::borrow::Cow;

use serde_json::Value;
use trailmeter_logs::Record;

use super::asked::Asked;
use super::path::Key;
use super::text::{Anchor, Reads, TextTest};
use super::{Asks, Expr, Order, Predicate, Test};

/// What is evaluated: a record as a value, and as it was delivered.
#[derive(Debug, Clone, Copy)]
pub struct Document<'d> {
    /// The record.
    pub value: &'d Value,
    /// Its source; `None` if it never had one, as the record of an inline test.
    pub source: Option<&'d str>,
}

impl<'d> From<&'d Value> for Document<'d> {
    fn from(value: &'d Value) -> Self {
        Self { value, source: None }
    }
}

impl<'d> From<&'d Record<'_>> for Document<'d> {
    fn from(record: &'d Record<'_>) -> Self {
        Self { value: record.value(), source: record.source() }
    }
}

/// What a predicate says of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// It does not, for the value is null.
    Null,
    /// It cannot be asked of a value of this type.
    WrongType,
}

impl From<bool> for Answer {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Whether `document` satisfies `expr`.
pub fn evaluate(expr: &Expr, document: Document<'_>) -> bool {
    match expr {
        Expr::All(parts) => parts.iter().all(|part| evaluate(part, document)),
        Expr::Any(parts) => parts.iter().any(|part| evaluate(part, document)),
        Expr::Not(part) => !evaluate(part, document),
        Expr::Test(test) => test.holds(document),
    }
}

impl Test {
    /// Whether `document` has a value that makes it true.
    pub fn holds(&self, document: Document<'_>) -> bool {
        let asked = Asked::new(document);
        self.path.visit(document.value, &mut |value, trail| {
            self.is_met_by(value, answer(&self.predicate, value, trail, &asked))
        })
    }

    /// Whether a scalar makes it true, to which nothing more than the path of the test leads.
    pub(crate) fn holds_of(&self, scalar: &Value) -> bool {
        // Nothing of the record is asked for but by containers and by predicates with a path.
        let asked = Asked::new(Document::from(scalar));
        self.is_met_by(scalar, answer(&self.predicate, scalar, &[], &asked))
    }

    /// Whether a value with this answer makes the test true.
    pub(super) fn is_met_by(&self, value: &Value, answer: Answer) -> bool {
        match self.asks {
            Asks::ForOne => answer == Answer::Yes,
            Asks::ForAnother => answer != Answer::Yes && !value.is_array() && !value.is_object(),
        }
    }
}

pub(super) fn answer(predicate: &Predicate, value: &Value, trail: &[Key<'_>], asked: &Asked<'_>) -> Answer {
    match (predicate, value) {
        (Predicate::Exists, _) => Answer::Yes,
        (Predicate::OneOf(predicates), _) => one_of(predicates, value, trail, asked),
        (Predicate::Null, _) => value.is_null().into(),
        (_, Value::Null) => Answer::Null,
        (Predicate::Bool(expected), Value::Bool(flag)) => (expected == flag).into(),
        (Predicate::Text(test), _) => reads(test, value, trail, asked),
        (Predicate::Number { value: expected, .. }, Value::Number(number)) =>
        {
            #[expect(clippy::float_cmp, reason = "equality of numbers is equality, as written")]
            number.as_f64().is_some_and(|number| number == *expected).into()
        }
        (Predicate::Number { text, .. }, Value::String(string)) => (text == string).into(),
        (Predicate::Compare { order, limit, in_strings }, _) => match number(value, *in_strings) {
            Some(number) => order.holds(number, *limit).into(),
            None => Answer::WrongType,
        },
        (Predicate::Cidr(network), Value::String(string)) => match string.parse::<IpAddr>() {
            Ok(address) => network.contains(&address).into(),
            Err(_) => Answer::WrongType,
        },
        (Predicate::SameAs { path, anchor, fold_case }, _) => {
            let Some(text) = text_of(value, Reads::Numbers) else { return Answer::WrongType };
            let text = if *fold_case { Cow::Owned(text.to_lowercase()) } else { text };
            let others = asked.texts_at(path, *fold_case);
            match anchor {
                Anchor::Whole => others.contains(text.as_ref()).into(),
                _ => others.iter().any(|other| anchor.matches(&text, other)).into(),
            }
        }
        (Predicate::Time { part, predicate }, Value::String(string)) => match part.of(string) {
            Some(part) => answer(predicate, &Value::from(part), &[], asked),
            None => Answer::WrongType,
        },
        (Predicate::Bool(_) | Predicate::Number { .. } | Predicate::Cidr(_) | Predicate::Time { .. }, _) => {
            Answer::WrongType
        }
    }
}

/// Yes if one says so; otherwise what the first says that can be asked of the value.
fn one_of(predicates: &[Predicate], value: &Value, trail: &[Key<'_>], asked: &Asked<'_>) -> Answer {
    let mut found = None;
    for predicate in predicates {
        match answer(predicate, value, trail, asked) {
            Answer::Yes => return Answer::Yes,
            Answer::WrongType => {}
            other => found = found.or(Some(other)),
        }
    }
    found.unwrap_or(Answer::WrongType)
}

fn reads(test: &TextTest, value: &Value, trail: &[Key<'_>], asked: &Asked<'_>) -> Answer {
    if let Some(text) = text_of(value, test.reads()) {
        return test.matches(&text).into();
    }
    if test.reads() < Reads::Everything || !(value.is_array() || value.is_object()) {
        return Answer::WrongType;
    }
    test.matches(&asked.quoted(value, trail)).into()
}

/// The text of a string, number or boolean, if it has one.
pub(super) fn text_of(value: &Value, reads: Reads) -> Option<Cow<'_, str>> {
    match value {
        Value::String(string) => Some(Cow::Borrowed(string)),
        Value::Bool(flag) if reads >= Reads::Booleans => {
            Some(Cow::Borrowed(if *flag { "true" } else { "false" }))
        }
        Value::Number(number) if reads >= Reads::Numbers => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

fn number(value: &Value, in_strings: bool) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(string) if in_strings => string.parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

impl Order {
    fn holds(self, number: f64, limit: f64) -> bool {
        match self {
            Self::Less => number < limit,
            Self::AtMost => number <= limit,
            Self::Greater => number > limit,
            Self::AtLeast => number >= limit,
        }
    }
}
