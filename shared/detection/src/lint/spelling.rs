//! Values that AWS never writes, or writes in another case.

use std::collections::HashSet;

use super::fields::{self, Values};
use super::finding::{Finding, Findings};
use super::near::{nearest, slips};
use super::scope::{Scope, each_leaf};
use super::subject::Subject;
use super::tree::{Leaf, Tree};
use super::{Code, events};
use crate::model::{Anchor, Path, Predicate, TextTest};

/// So many names that nobody knows are compared with those that are known, one by one.
const MOST_UNKNOWN: usize = 500;

pub(super) fn check(subject: &Subject<'_>, tree: &Tree<'_>, found: &mut Findings) {
    let written = written(tree);
    let mut left = MOST_UNKNOWN;
    each_leaf(tree, &Scope::default(), &mut |leaf, scope| {
        let Some(field) = fields::field(&leaf.test.path) else { return };
        for test in texts(&leaf.test.predicate) {
            let problem = match field.values {
                Values::Any => None,
                Values::All(values) => one_of(test, values, true),
                Values::Some(values) => one_of(test, values, false),
                Values::LowerCase => lower_case(test),
                Values::EventSource => events::source(test),
                Values::EventName if left == 0 => None,
                Values::EventName => {
                    left -= usize::from(!events::is_known(test));
                    events::name(test, &events::sources(scope))
                }
            };
            let Some(Problem { code, meant, message }) = problem else { continue };
            // Somebody who writes both spellings means both.
            if meant.is_some_and(|meant| written.contains(&(leaf.path.clone(), meant))) {
                continue;
            }
            push(subject, leaf, test, code, &message, found);
        }
    });
}

fn push(
    subject: &Subject<'_>,
    leaf: &Leaf<'_>,
    test: &TextTest,
    code: Code,
    message: &str,
    found: &mut Findings,
) {
    found.add(|| {
        let value = match test {
            TextTest::Literal { text, .. } => text.clone(),
            TextTest::Regex { regex, .. } => regex.to_string(),
        };
        let spot = subject.spot_of_value(leaf, &value);
        Finding { code, spot, message: message.replace(VALUE, &format!("{:?}", subject.spelled(&value))) }
    });
}

/// Stands in a message for the value, which is known in lower case only until it is found in the file.
pub(super) const VALUE: &str = "{value}";

/// What is wrong with a value.
pub(super) struct Problem {
    pub(super) code: Code,
    /// The value that was probably meant.
    pub(super) meant: Option<String>,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn case(meant: &str) -> Self {
        let message = format!("AWS writes {meant:?}, and {VALUE} differs from it in case");
        Self { code: Code::ValueCase, meant: Some(meant.to_owned()), message }
    }
}

fn one_of(test: &TextTest, values: &[&str], is_all: bool) -> Option<Problem> {
    if values.iter().any(|value| test.matches(value)) {
        return None;
    }
    let TextTest::Literal { text, anchor, fold_case, reads } = test else {
        return is_all.then(|| unknown(values, None));
    };
    let folded = TextTest::literal(text, *anchor, true, *reads);
    let in_other_case = values.iter().find(|value| folded.matches(value));
    match in_other_case {
        Some(value) if !fold_case && (is_all || *anchor == Anchor::Whole) => Some(Problem::case(value)),
        None if is_all => Some(unknown(values, nearest(text, values.iter().copied(), slips(text)))),
        _ => None,
    }
}

fn unknown(values: &[&str], meant: Option<&str>) -> Problem {
    let message = match meant {
        Some(meant) => format!("the field never reads {VALUE}; did you mean {meant:?}?"),
        None => format!("the field never reads {VALUE}; its values are {}", values.join(", ")),
    };
    Problem { code: Code::UnknownValue, meant: meant.map(str::to_owned), message }
}

fn lower_case(test: &TextTest) -> Option<Problem> {
    match test {
        TextTest::Literal { text, fold_case: false, .. }
            if text.bytes().any(|byte| byte.is_ascii_uppercase()) =>
        {
            Some(Problem::case(&text.to_ascii_lowercase()))
        }
        _ => None,
    }
}

/// The texts that a predicate compares with.
pub(super) fn texts(predicate: &Predicate) -> Vec<&TextTest> {
    match predicate {
        Predicate::Text(test) => vec![test],
        Predicate::OneOf(predicates) => predicates.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Every whole value that a rule compares a field with, case and all.
fn written(tree: &Tree<'_>) -> HashSet<(Path, String)> {
    let mut written = HashSet::new();
    each_leaf_alone(tree, &mut |leaf| {
        for test in texts(&leaf.test.predicate) {
            if let TextTest::Literal { text, anchor: Anchor::Whole, .. } = test {
                written.insert((leaf.path.clone(), text.clone()));
            }
        }
    });
    written
}

fn each_leaf_alone(tree: &Tree<'_>, look: &mut dyn FnMut(&Leaf<'_>)) {
    match tree {
        Tree::Leaf(leaf) => look(leaf),
        Tree::All(parts) | Tree::Any { parts, .. } => {
            for part in parts {
                each_leaf_alone(part, look);
            }
        }
    }
}
