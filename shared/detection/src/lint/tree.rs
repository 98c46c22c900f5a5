//! A rule as the linter looks at it: every test with the values that satisfy it, and no negation but
//! that of tests.

use super::fields;
use super::values::Values;
use crate::model::{Asks, Expr, Path, Predicate, Step, Test};

/// A boolean tree of tests.
#[derive(Debug)]
pub(super) enum Tree<'r> {
    /// True if all are.
    All(Vec<Tree<'r>>),
    /// True if any is. `is_negated`: it was written as `not` of parts that all have to hold.
    Any { parts: Vec<Tree<'r>>, is_negated: bool },
    /// A test, or that it fails.
    Leaf(Leaf<'r>),
}

/// A test, or that it fails.
#[derive(Debug)]
pub(super) struct Leaf<'r> {
    /// Which test of the rule, counted from the left.
    pub(super) at: usize,
    pub(super) test: &'r Test,
    /// Whether the test is to hold.
    pub(super) holds: bool,
    /// Where it looks, without the notation for looking into arrays.
    pub(super) path: Path,
    pub(super) claim: Claim,
}

/// What is said of the value, or the values, at one place.
#[derive(Debug, Clone)]
pub(super) enum Claim {
    /// There is one value at most, and it is among these.
    One(Values),
    /// There may be many, and one of them is among these.
    Some(Values),
    /// There may be many, and none of them is among these.
    None(Values),
}

impl Claim {
    fn of(test: &Test, holds: bool) -> Self {
        let values = Values::of(test);
        match (is_one(&test.path), holds) {
            (true, true) => Self::One(values),
            (true, false) => Self::One(values.complement()),
            (false, true) => Self::Some(values),
            (false, false) => Self::None(values),
        }
    }

    pub(super) fn negated(&self) -> Self {
        match self {
            Self::One(values) => Self::One(values.complement()),
            Self::Some(values) => Self::None(values.clone()),
            Self::None(values) => Self::Some(values.clone()),
        }
    }

    /// Whether no record satisfies both, as far as can be told.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::One(a), Self::One(b)) => a.is_apart(b),
            (Self::Some(some), Self::None(none)) | (Self::None(none), Self::Some(some)) => {
                some.is_within(none)
            }
            _ => false,
        }
    }

    /// Whether each record that satisfies this one satisfies the other, as far as can be told.
    pub(super) fn implies(&self, other: &Self) -> bool {
        self.contradicts(&other.negated())
    }

    /// Whether every string, number and boolean satisfies one of the two, though neither is
    /// satisfied by all of them.
    pub(super) fn exhausts_with(&self, other: &Self) -> bool {
        let (Self::One(a), Self::One(b)) = (self, other) else { return false };
        let (a, b) = (a.complement(), b.complement());
        a.has_no_scalar_with(&b) && !a.has_no_scalar_with(&a) && !b.has_no_scalar_with(&b)
    }

    /// The values that are spoken of; `None` if they are those that must not be.
    pub(super) fn wanted(&self) -> Option<&Values> {
        match self {
            Self::One(values) | Self::Some(values) => Some(values),
            Self::None(_) => None,
        }
    }

    /// That one of the claims holds. None, if they do not speak of the same.
    pub(super) fn union(claims: &[&Self]) -> Option<Self> {
        let values: Vec<Values> = claims.iter().filter_map(|claim| claim.wanted()).cloned().collect();
        if values.len() < claims.len() || values.is_empty() {
            return None;
        }
        let are_one = claims.iter().filter(|claim| matches!(claim, Self::One(_))).count();
        let union = Values::union(&values);
        match are_one {
            0 => Some(Self::Some(union)),
            count if count == claims.len() => Some(Self::One(union)),
            _ => None,
        }
    }
}

impl<'r> Tree<'r> {
    /// The tree of a rule.
    pub(super) fn of(expr: &'r Expr) -> Self {
        build(expr, true, &mut 0)
    }

    /// The leaf, if it is one.
    pub(super) fn leaf(&self) -> Option<&Leaf<'r>> {
        match self {
            Self::Leaf(leaf) => Some(leaf),
            Self::All(_) | Self::Any { .. } => None,
        }
    }
}

impl Leaf<'_> {
    /// Whether it asks that there be nothing.
    pub(super) fn is_absence(&self) -> bool {
        !self.holds && matches!(self.test.predicate, Predicate::Exists)
    }

    /// Whether it is `!=`.
    pub(super) fn is_difference(&self) -> bool {
        self.holds && self.test.asks == Asks::ForAnother
    }
}

fn build<'r>(expr: &'r Expr, holds: bool, next: &mut usize) -> Tree<'r> {
    match expr {
        Expr::Not(part) => build(part, !holds, next),
        Expr::All(parts) if holds => joined(parts, holds, next, Tree::All),
        Expr::Any(parts) if !holds => joined(parts, holds, next, Tree::All),
        Expr::All(parts) => joined(parts, holds, next, |parts| Tree::Any { parts, is_negated: true }),
        Expr::Any(parts) => joined(parts, holds, next, |parts| Tree::Any { parts, is_negated: false }),
        Expr::Test(test) => {
            let at = *next;
            *next += 1;
            let steps = test.path.steps().iter().filter(|step| **step != Step::Members).cloned().collect();
            Tree::Leaf(Leaf { at, test, holds, path: Path::new(steps), claim: Claim::of(test, holds) })
        }
    }
}

/// Parts of the same kind become parts of the whole.
fn joined<'r>(
    parts: &'r [Expr],
    holds: bool,
    next: &mut usize,
    join: fn(Vec<Tree<'r>>) -> Tree<'r>,
) -> Tree<'r> {
    let mut flat = Vec::new();
    let is_all = matches!(join(Vec::new()), Tree::All(_));
    for part in parts {
        match build(part, holds, next) {
            Tree::All(parts) if is_all => flat.extend(parts),
            Tree::Any { parts, is_negated: false } if !is_all => flat.extend(parts),
            other => flat.push(other),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { join(flat) }
}

/// Whether a path leads to one value at most. One that looks into arrays does where CloudTrail has
/// none.
fn is_one(path: &Path) -> bool {
    path.steps().iter().all(|step| match step {
        Step::Field(_) | Step::Index(_) => true,
        Step::Members => fields::is_scalar(path),
        Step::AnyField | Step::AnyElement | Step::Anywhere => false,
    })
}
