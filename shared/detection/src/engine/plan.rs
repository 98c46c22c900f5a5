//! A rule as the engine sees it: which columns it asks, and what follows from their answers.

use std::sync::Arc;

use super::column::Columns;
use crate::model::{Expr, Test};

/// The shape of a rule's expression, with each test replaced by where its answer stands.
#[derive(Debug, Clone)]
pub(super) enum Plan {
    All(Vec<Plan>),
    Any(Vec<Plan>),
    Not(Box<Plan>),
    /// A test of a column.
    Answer(Question),
    /// A test that only the whole of what it reads can answer.
    Unknown,
}

/// A test of a column, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) column: usize,
    pub(super) test: usize,
}

impl Plan {
    pub(super) fn of(expr: &Expr, columns: &mut Columns) -> Self {
        match expr {
            Expr::All(parts) => Self::All(parts.iter().map(|part| Self::of(part, columns)).collect()),
            Expr::Any(parts) => Self::Any(parts.iter().map(|part| Self::of(part, columns)).collect()),
            Expr::Not(part) => Self::Not(Box::new(Self::of(part, columns))),
            Expr::Test(test) => Self::of_test(test, columns),
        }
    }

    fn of_test(test: &Arc<Test>, columns: &mut Columns) -> Self {
        columns.question(test).map_or(Self::Unknown, Self::Answer)
    }

    /// Whether the rule holds, as far as the answers that are known decide it.
    pub(super) fn decide(&self, answers: &mut impl FnMut(Question) -> Option<bool>) -> Option<bool> {
        match self {
            Self::All(parts) => decided(parts, false, answers),
            Self::Any(parts) => decided(parts, true, answers),
            Self::Not(part) => part.decide(answers).map(|holds| !holds),
            Self::Answer(question) => answers(*question),
            Self::Unknown => None,
        }
    }

    /// Whether it is enough that no column rules it out: it is made of parts that all have to hold, each of which
    /// one column decides.
    pub(super) fn is_exact(&self) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(Self::is_exact),
            part => part.column().is_some(),
        }
    }

    /// The one column that decides it.
    fn column(&self) -> Option<usize> {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                let mut columns = parts.iter().map(Self::column);
                let first = columns.next()??;
                columns.all(|column| column == Some(first)).then_some(first)
            }
            Self::Not(part) => part.column(),
            Self::Answer(question) => Some(question.column),
            Self::Unknown => None,
        }
    }

    /// Calls `each` for every question.
    pub(super) fn questions(&self, each: &mut impl FnMut(Question)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.questions(each)),
            Self::Not(part) => part.questions(each),
            Self::Answer(question) => each(*question),
            Self::Unknown => {}
        }
    }
}

/// One part that is `enough` decides; without one, all have to be known.
fn decided(parts: &[Plan], enough: bool, answers: &mut impl FnMut(Question) -> Option<bool>) -> Option<bool> {
    let mut all = Some(!enough);
    for part in parts {
        match part.decide(answers) {
            Some(holds) if holds == enough => return Some(enough),
            Some(_) => {}
            None => all = None,
        }
    }
    all
}
