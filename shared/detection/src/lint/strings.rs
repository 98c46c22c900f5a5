//! Sets of strings, as tests of text describe them.

use std::rc::Rc;

use crate::model::{Anchor, TextTest};

/// Two lists of so many comparisons are compared; longer ones are not worth the time.
const MOST_COMPARED: usize = 1_000_000;

/// A set of strings, described exactly or not at all.
#[derive(Debug, Clone)]
pub(super) enum Strings {
    /// None.
    Nothing,
    /// Some, but which is not known.
    Something,
    /// Every string.
    Everything,
    /// Those that satisfy one of the tests.
    AnyOf(Rc<[TextTest]>),
    /// Those that satisfy none of the tests.
    NoneOf(Rc<[TextTest]>),
}

impl Strings {
    /// The strings that satisfy `test`.
    pub(super) fn of(test: &TextTest) -> Self {
        if is_everything(test) { Self::Everything } else { Self::AnyOf([test.clone()].into()) }
    }

    pub(super) fn complement(&self) -> Self {
        match self {
            Self::Nothing => Self::Everything,
            Self::Something => Self::Something,
            Self::Everything => Self::Nothing,
            Self::AnyOf(tests) => Self::NoneOf(Rc::clone(tests)),
            Self::NoneOf(tests) => Self::AnyOf(Rc::clone(tests)),
        }
    }

    /// The strings of any of the sets.
    pub(super) fn union<'s>(sets: impl Iterator<Item = &'s Self>) -> Self {
        let mut tests: Vec<TextTest> = Vec::new();
        let mut is_known = true;
        for set in sets {
            match set {
                Self::Nothing => {}
                Self::Everything => return Self::Everything,
                Self::AnyOf(found) => tests.extend_from_slice(found),
                Self::Something | Self::NoneOf(_) => is_known = false,
            }
        }
        match (is_known, tests.is_empty()) {
            (false, _) => Self::Something,
            (true, true) => Self::Nothing,
            (true, false) => Self::AnyOf(tests.into()),
        }
    }

    /// Whether no string is in both, as far as can be told.
    pub(super) fn is_apart(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => true,
            (Self::AnyOf(left), Self::AnyOf(right)) => {
                is_comparable(left, right) && left.iter().all(|a| right.iter().all(|b| are_apart(a, b)))
            }
            (Self::AnyOf(some), Self::NoneOf(none)) | (Self::NoneOf(none), Self::AnyOf(some)) => {
                is_comparable(some, none) && some.iter().all(|a| none.iter().any(|b| is_within(a, b)))
            }
            _ => false,
        }
    }

    /// The strings one by one, if each test names one.
    pub(super) fn named(&self) -> Option<Vec<&str>> {
        let Self::AnyOf(tests) = self else { return None };
        tests
            .iter()
            .map(|test| match test {
                TextTest::Literal { text, anchor: Anchor::Whole, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}

fn is_comparable(left: &[TextTest], right: &[TextTest]) -> bool {
    left.len().saturating_mul(right.len()) <= MOST_COMPARED
}

fn is_everything(test: &TextTest) -> bool {
    matches!(test, TextTest::Literal { text, anchor, .. } if text.is_empty() && *anchor != Anchor::Whole)
}

/// Whether no string satisfies both, as far as can be told.
pub(super) fn are_apart(left: &TextTest, right: &TextTest) -> bool {
    match (left, right) {
        (
            TextTest::Literal { text: a, anchor: of_a, fold_case: folds_a, .. },
            TextTest::Literal { text: b, anchor: of_b, fold_case: folds_b, .. },
        ) => {
            // In one case more strings are the same, so what is apart there is apart.
            let fold = |text: &str| if *folds_a || *folds_b { text.to_lowercase() } else { text.to_owned() };
            let (a, b) = (fold(a), fold(b));
            match (of_a, of_b) {
                (Anchor::Whole, _) => !of_b.matches(&a, &b),
                (_, Anchor::Whole) => !of_a.matches(&b, &a),
                (Anchor::Start, Anchor::Start) => !a.starts_with(&b) && !b.starts_with(&a),
                (Anchor::End, Anchor::End) => !a.ends_with(&b) && !b.ends_with(&a),
                _ => false,
            }
        }
        (
            TextTest::Literal { text, anchor: Anchor::Whole, fold_case, .. },
            regex @ TextTest::Regex { .. },
        )
        | (
            regex @ TextTest::Regex { .. },
            TextTest::Literal { text, anchor: Anchor::Whole, fold_case, .. },
        ) => (!fold_case || has_no_case(text)) && !regex.matches(text),
        _ => false,
    }
}

/// Whether every string that satisfies `inner` satisfies `outer`, as far as can be told.
pub(super) fn is_within(inner: &TextTest, outer: &TextTest) -> bool {
    if is_everything(outer) {
        return true;
    }
    let TextTest::Literal { text: a, anchor: of_a, fold_case: folds_a, .. } = inner else { return false };
    let is_folded_for = |folds_b: bool| folds_b || !folds_a || has_no_case(a);
    match outer {
        TextTest::Regex { .. } => *of_a == Anchor::Whole && is_folded_for(false) && outer.matches(a),
        TextTest::Literal { text: b, anchor: of_b, fold_case: folds_b, .. } => {
            let a = if *folds_b { a.to_lowercase() } else { a.clone() };
            is_folded_for(*folds_b)
                && match (of_a, of_b) {
                    (Anchor::Whole, _) => of_b.matches(&a, b),
                    (Anchor::Start, Anchor::Start) => a.starts_with(b.as_str()),
                    (Anchor::End, Anchor::End) => a.ends_with(b.as_str()),
                    (_, Anchor::Within) => a.contains(b.as_str()),
                    _ => false,
                }
        }
    }
}

fn has_no_case(text: &str) -> bool {
    text.to_lowercase() == text.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Anchor::*, Reads};

    fn text(text: &str, anchor: Anchor, fold_case: bool) -> TextTest {
        TextTest::literal(text, anchor, fold_case, Reads::Strings)
    }

    #[test]
    fn texts_are_apart_within_one_another_or_neither() {
        for (left, right, apart, within) in [
            (text("ab", Whole, false), text("ab", Whole, false), false, true),
            (text("ab", Whole, false), text("AB", Whole, false), true, false),
            (text("ab", Whole, true), text("AB", Whole, false), false, false),
            (text("AB", Whole, false), text("ab", Whole, true), false, true),
            (text("12", Whole, true), text("12", Whole, false), false, true),
            (text("abc", Whole, false), text("ab", Start, false), false, true),
            (text("abc", Whole, false), text("bc", Start, false), true, false),
            (text("abc", Start, false), text("ab", Start, false), false, true),
            (text("ab", Start, false), text("abc", Start, false), false, false),
            (text("ab", Start, false), text("b", Start, false), true, false),
            (text("ab", Start, false), text("b", Within, false), false, true),
            (text("ab", End, false), text("b", End, true), false, true),
            (text("ab", End, false), text("a", End, false), true, false),
            (text("ab", Start, false), text("ab", End, false), false, false),
            (text("ab", Within, false), text("", Within, false), false, true),
            (text("", Start, false), text("", Within, false), false, true),
        ] {
            assert_eq!(
                (are_apart(&left, &right), is_within(&left, &right)),
                (apart, within),
                "{left:?} {right:?}"
            );
            assert_eq!(are_apart(&right, &left), apart, "{right:?} {left:?}");
        }
    }
}
