//! What is known at one place of a tree from what stands beside it and around it.

use std::collections::HashMap;

use super::tree::{Claim, Leaf, Tree};
use crate::model::Path;

/// A claim that holds, and where it comes from.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) claim: Claim,
    /// The test that makes it, or the first of several alternatives.
    pub(super) at: usize,
    /// Whether it is what several alternatives have in common.
    pub(super) is_union: bool,
    /// Whether it is `!=`, or is made of such.
    pub(super) is_difference: bool,
    /// Which of the parts it is of that stand side by side.
    part: usize,
}

/// Where something is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// From a part that has to hold as well, side by side with this one.
    Beside,
    /// From a part further out.
    Around,
    /// From another rule, which has found the record already.
    Given,
}

/// What is known at a place.
#[derive(Debug, Default)]
pub(super) struct Scope<'s> {
    around: Option<&'s Scope<'s>>,
    known: HashMap<Path, Vec<Known>>,
    /// Fields that an alternative beside it asks to be absent.
    absences: Vec<Path>,
    /// The part that is looked at, which does not speak for itself.
    skipped: Option<usize>,
}

impl Scope<'_> {
    /// What is known of a record that satisfies `tree`.
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        Self::default().with_all(std::slice::from_ref(tree))
    }

    /// What is known beside parts that all hold.
    pub(super) fn all_of<'n>(&'n self, parts: &[Tree<'_>]) -> Scope<'n> {
        Scope { around: Some(self), ..Scope::default() }.with_all(parts)
    }

    /// What is known beside alternatives.
    pub(super) fn any_of<'n>(&'n self, parts: &[Tree<'_>]) -> Scope<'n> {
        let leaves = parts.iter().flat_map(|part| match part {
            Tree::All(parts) => parts.iter().filter_map(Tree::leaf).collect(),
            Tree::Leaf(leaf) => vec![leaf],
            Tree::Any { .. } => Vec::new(),
        });
        let absences = leaves.filter(|leaf| leaf.is_absence()).map(|leaf| leaf.path.clone()).collect();
        Scope { around: Some(self), absences, ..Scope::default() }
    }

    fn with_all(mut self, parts: &[Tree<'_>]) -> Self {
        for (part, tree) in parts.iter().enumerate() {
            for (path, known) in claims(tree) {
                self.known.entry(path).or_default().push(Known { part, ..known });
            }
        }
        self
    }

    /// Looks at one of the parts.
    pub(super) fn look_at(&mut self, part: usize) {
        self.skipped = Some(part);
    }

    /// What is known of the value at `path`, the nearest first.
    pub(super) fn known<'k>(&'k self, path: &'k Path) -> Box<dyn Iterator<Item = (Origin, &'k Known)> + 'k> {
        let origin = if self.around.is_some() { Origin::Beside } else { Origin::Given };
        let own = self.known.get(path).into_iter().flatten();
        let own = own.filter(|known| Some(known.part) != self.skipped).map(move |known| (origin, known));
        let Some(around) = self.around else { return Box::new(own) };
        let outer = around.known(path).map(|(origin, known)| match origin {
            Origin::Given => (Origin::Given, known),
            Origin::Beside | Origin::Around => (Origin::Around, known),
        });
        Box::new(own.chain(outer))
    }

    /// Whether an alternative beside it asks that the field of `leaf` be absent, or one above it.
    pub(super) fn has_absence_beside(&self, leaf: &Leaf<'_>) -> bool {
        self.absences.iter().any(|path| leaf.path.steps().starts_with(path.steps()))
            || self.around.is_some_and(|around| around.has_absence_beside(leaf))
    }
}

/// Looks at each test, with what is known at its place.
pub(super) fn each_leaf(tree: &Tree<'_>, scope: &Scope<'_>, look: &mut dyn FnMut(&Leaf<'_>, &Scope<'_>)) {
    match tree {
        Tree::Leaf(leaf) => look(leaf, scope),
        Tree::All(parts) => {
            let mut inner = scope.all_of(parts);
            for (at, part) in parts.iter().enumerate() {
                inner.look_at(at);
                each_leaf(part, &inner, look);
            }
        }
        Tree::Any { parts, .. } => {
            let inner = scope.any_of(parts);
            for part in parts {
                each_leaf(part, &inner, look);
            }
        }
    }
}

/// What is known of each field of a record that satisfies `tree`.
fn claims(tree: &Tree<'_>) -> Vec<(Path, Known)> {
    match tree {
        Tree::Leaf(leaf) => {
            let is_difference = leaf.is_difference();
            let known =
                Known { claim: leaf.claim.clone(), at: leaf.at, is_union: false, is_difference, part: 0 };
            vec![(leaf.path.clone(), known)]
        }
        Tree::All(parts) => parts.iter().flat_map(claims).collect(),
        Tree::Any { parts, .. } => common(parts),
    }
}

/// What alternatives have in common: of each field that all speak of, that one of them is right.
fn common(parts: &[Tree<'_>]) -> Vec<(Path, Known)> {
    let mut of_path: HashMap<Path, Vec<Known>> = HashMap::new();
    for (part, tree) in parts.iter().enumerate() {
        for (path, known) in claims(tree) {
            let found = of_path.entry(path).or_default();
            // Of several claims of one alternative the first is true as well.
            if found.last().is_none_or(|last| last.part != part) {
                found.push(Known { part, ..known });
            }
        }
    }
    of_path
        .into_iter()
        .filter(|(_, found)| found.len() == parts.len())
        .filter_map(|(path, found)| {
            let claims: Vec<&Claim> = found.iter().map(|known| &known.claim).collect();
            let claim = Claim::union(&claims)?;
            let at = found.iter().map(|known| known.at).min()?;
            let is_difference = found.iter().any(|known| known.is_difference);
            Some((path, Known { claim, at, is_union: true, is_difference, part: 0 }))
        })
        .collect()
}
