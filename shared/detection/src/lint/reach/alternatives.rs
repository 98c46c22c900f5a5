//! Alternatives among themselves: the same one twice, one that another covers, two that leave nothing out.

use std::collections::{HashMap, HashSet};

use super::super::Code;
use super::super::spelling::texts;
use super::super::strings;
use super::super::tree::{Leaf, Tree};
use super::{Reach, leaves};
use crate::model::{Path, TextTest};

impl Reach<'_, '_> {
    /// The parts of `not (a and b)`, here the alternatives `not a` and `not b`.
    pub(super) fn parts_of_filter(&mut self, parts: &[Tree<'_>]) {
        self.pairs(parts, &mut |reach, first, second| {
            if first.claim.negated().contradicts(&second.claim.negated()) {
                reach.push(Code::IdleExclusion, second, |reach| {
                    let (a, b) = (reach.subject.quote(first), reach.subject.quote(second));
                    let (a, b) = (a.trim_start_matches("not "), b.trim_start_matches("not "));
                    format!("the filter never matches: `{b}` never holds together with `{a}`")
                });
            }
        });
    }

    pub(super) fn alternatives(&mut self, parts: &[Tree<'_>]) {
        let mut told: HashSet<usize> = HashSet::new();
        self.pairs(parts, &mut |reach, first, second| {
            let (narrow, wide) =
                match (first.claim.implies(&second.claim), second.claim.implies(&first.claim)) {
                    (true, true) => return reach.twice(second, &mut told),
                    (true, false) => (first, second),
                    (false, true) => (second, first),
                    (false, false) => return reach.exhausting(first, second, &mut told),
                };
            reach.covered(narrow, narrow, wide, &mut told);
        });
        self.branches(parts, &mut told);
    }

    fn twice(&mut self, second: &Leaf<'_>, told: &mut HashSet<usize>) {
        if told.insert(second.at) {
            let message = |reach: &Self| format!("`{}` stands here twice", reach.subject.quote(second));
            self.push(Code::DuplicateBranch, second, message);
        }
    }

    fn exhausting(&mut self, first: &Leaf<'_>, second: &Leaf<'_>, told: &mut HashSet<usize>) {
        if first.claim.exhausts_with(&second.claim) && told.insert(second.at) {
            self.push(Code::AlwaysTrue, second, |reach| {
                let (a, b) = (reach.subject.quote(first), reach.subject.quote(second));
                format!("of `{a}` and `{b}` one is true of every value; join them with && instead")
            });
        }
    }

    /// The alternative that begins with `first` has a test that another alternative covers.
    fn covered(&mut self, first: &Leaf<'_>, narrow: &Leaf<'_>, wide: &Leaf<'_>, told: &mut HashSet<usize>) {
        if told.insert(first.at) {
            self.push(Code::SubsumedBranch, narrow, |reach| {
                let (this, other) = (reach.subject.quote(narrow), reach.subject.quote(wide));
                format!("the alternative with `{this}` finds nothing that `{other}` does not")
            });
        }
    }

    /// Alternatives of several tests: the same one twice, or one that a single test covers.
    fn branches(&mut self, parts: &[Tree<'_>], told: &mut HashSet<usize>) {
        let mut seen: HashSet<String> = HashSet::new();
        let mut single: HashMap<&Path, Vec<&Leaf<'_>>> = HashMap::new();
        for leaf in parts.iter().filter_map(Tree::leaf) {
            single.entry(&leaf.path).or_default().push(leaf);
        }
        for part in parts {
            let Tree::All(tests) = part else { continue };
            let Some(&first) = leaves(part).first() else { continue };
            if !seen.insert(key(part)) {
                if told.insert(first.at) {
                    self.push(Code::DuplicateBranch, first, |reach| {
                        format!(
                            "the alternative that begins with `{}` stands here twice",
                            reach.subject.quote(first)
                        )
                    });
                }
                continue;
            }
            for narrow in tests.iter().filter_map(Tree::leaf) {
                for wide in single.get(&narrow.path).into_iter().flatten() {
                    if self.may_compare() && narrow.claim.implies(&wide.claim) {
                        self.covered(first, narrow, wide, told);
                    }
                }
            }
        }
    }

    /// The values of one list: the same one twice, or one that another covers.
    pub(super) fn values(&mut self, leaf: &Leaf<'_>) {
        let values = texts(&leaf.test.predicate);
        let mut seen: HashSet<String> = HashSet::new();
        for (at, value) in values.iter().enumerate() {
            let TextTest::Literal { text, .. } = value else { continue };
            if !seen.insert(format!("{value:?}")) {
                self.value(Code::DuplicateBranch, leaf, text, |value, field| {
                    format!("{value:?} stands twice in the list of {field}")
                });
                continue;
            }
            // Enough has been compared: the rest is not even walked over.
            if !self.may_compare() {
                continue;
            }
            let wide = values.iter().enumerate().find(|(other, wide)| {
                self.may_compare()
                    && *other != at
                    && strings::is_within(value, wide)
                    && !strings::is_within(wide, value)
            });
            if let Some((_, TextTest::Literal { text: wide, .. })) = wide {
                let wide = self.subject.spelled(wide);
                self.value(Code::SubsumedBranch, leaf, text, |value, field| {
                    format!("{value:?} is covered by {wide:?} in the same list of {field}")
                });
            }
        }
    }

    /// Every two tests of the same field that are alternatives by themselves, in their order.
    fn pairs(&mut self, parts: &[Tree<'_>], look: &mut dyn FnMut(&mut Self, &Leaf<'_>, &Leaf<'_>)) {
        let mut of_path: HashMap<&Path, Vec<&Leaf<'_>>> = HashMap::new();
        for leaf in parts.iter().filter_map(Tree::leaf) {
            let before = of_path.entry(&leaf.path).or_default();
            for first in before.iter() {
                if !self.may_compare() {
                    return;
                }
                look(self, first, leaf);
            }
            before.push(leaf);
        }
    }
}

/// What two branches have in common that are the same.
fn key(tree: &Tree<'_>) -> String {
    let joined = |parts: &[Tree<'_>]| parts.iter().map(key).collect::<Vec<_>>().join(";");
    match tree {
        Tree::All(parts) => format!("all({})", joined(parts)),
        Tree::Any { parts, is_negated } => format!("any{is_negated}({})", joined(parts)),
        Tree::Leaf(leaf) => format!("{} {} {}", leaf.holds, leaf.path, leaf.test),
    }
}
