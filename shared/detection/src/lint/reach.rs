//! What can never hold, what always does, and what adds nothing.

mod alternatives;

use super::Code;
use super::finding::{Finding, Findings};
use super::scope::{Known, Origin, Scope};
use super::subject::Subject;
use super::tree::{Leaf, Tree};
/// So many comparisons are made for a rule; rules of thousands of tests are not worth more.
const MOST_COMPARED: usize = 1_000_000;

/// Looks at a rule.
pub(super) fn check(subject: &Subject<'_>, tree: &Tree<'_>, found: &mut Findings) {
    Reach { subject, left: MOST_COMPARED, tests: leaves(tree), found }.walk(tree, &Scope::default());
}

/// Looks at an exclusion of records that satisfy `rule`.
pub(super) fn check_exclusion(subject: &Subject<'_>, tree: &Tree<'_>, rule: &Tree<'_>, found: &mut Findings) {
    let given = Scope::of(rule);
    Reach { subject, left: MOST_COMPARED, tests: leaves(tree), found }.walk(tree, &given);
}

fn leaves<'t, 'r>(tree: &'t Tree<'r>) -> Vec<&'t Leaf<'r>> {
    match tree {
        Tree::Leaf(leaf) => vec![leaf],
        Tree::All(parts) | Tree::Any { parts, .. } => parts.iter().flat_map(leaves).collect(),
    }
}

struct Reach<'c, 'r> {
    subject: &'c Subject<'c>,
    left: usize,
    /// In the order of their numbers.
    tests: Vec<&'c Leaf<'r>>,
    found: &'c mut Findings,
}

impl Reach<'_, '_> {
    fn walk(&mut self, tree: &Tree<'_>, scope: &Scope<'_>) {
        match tree {
            Tree::Leaf(leaf) => {
                self.values(leaf);
                self.leaf(leaf, scope);
            }
            Tree::All(parts) => {
                let mut inner = scope.all_of(parts);
                for (at, part) in parts.iter().enumerate() {
                    inner.look_at(at);
                    self.walk(part, &inner);
                }
            }
            Tree::Any { parts, is_negated } => {
                let inner = scope.any_of(parts);
                for part in parts {
                    self.walk(part, &inner);
                }
                if *is_negated { self.parts_of_filter(parts) } else { self.alternatives(parts) }
            }
        }
    }

    /// A test against what is known beside it and around it. One thing is said of it at most.
    fn leaf(&mut self, leaf: &Leaf<'_>, scope: &Scope<'_>) {
        for (origin, known) in scope.known(&leaf.path) {
            if !self.may_compare() {
                return;
            }
            let is_later = known.at < leaf.at;
            if known.claim.contradicts(&leaf.claim) {
                // Of two that contradict one another the later is named; of alternatives each.
                let is_told = match origin {
                    Origin::Given => true,
                    Origin::Around => is_later || !known.is_union,
                    Origin::Beside => is_later && !known.is_union,
                };
                if is_told {
                    return self.contradiction(leaf, origin, known);
                }
            } else if origin != Origin::Given && known.claim.implies(&leaf.claim) {
                let is_same = !known.is_union && leaf.claim.implies(&known.claim);
                if origin == Origin::Around || is_later || !is_same {
                    return self.follows(leaf, known, is_same);
                }
            }
        }
    }

    fn contradiction(&mut self, leaf: &Leaf<'_>, origin: Origin, known: &Known) {
        let code = if origin == Origin::Given { Code::IdleExclusion } else { Code::Contradiction };
        self.push(code, leaf, |reach| {
            let this = reach.subject.quote(leaf);
            match origin {
                Origin::Given => {
                    format!(
                        "what the rule finds never satisfies `{this}`: the exclusion takes nothing out by it"
                    )
                }
                Origin::Beside => format!("`{this}` never holds together with {}", reach.quote(known)),
                Origin::Around => {
                    format!("`{this}` is never reached: {} has to hold as well", reach.quote(known))
                }
            }
        });
    }

    fn follows(&mut self, leaf: &Leaf<'_>, known: &Known, is_same: bool) {
        let is_filter = !leaf.holds && !leaf.is_absence();
        let code = match (is_filter, is_same) {
            (true, _) => Code::IdleExclusion,
            (false, true) => Code::DuplicateBranch,
            (false, false) => Code::AlwaysTrue,
        };
        self.push(code, leaf, |reach| {
            let (this, other) = (reach.subject.quote(leaf), reach.quote(known));
            match code {
                Code::IdleExclusion => {
                    let filter = this.trim_start_matches("not ");
                    format!("the filter `{filter}` takes nothing out: {other} has to hold as well")
                }
                Code::DuplicateBranch => format!("`{this}` stands here twice"),
                _ => format!("`{this}` changes nothing: {other} has to hold as well"),
            }
        });
    }

    fn may_compare(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }

    fn quote(&self, known: &Known) -> String {
        let Some(leaf) = self.tests.get(known.at) else { return "another test".to_owned() };
        let quote = self.subject.quote(leaf);
        if known.is_union { format!("`{quote}` or an alternative to it") } else { format!("`{quote}`") }
    }

    fn push(&mut self, code: Code, leaf: &Leaf<'_>, message: impl FnOnce(&Self) -> String) {
        if self.found.is_full() {
            self.found.more += 1;
        } else {
            let finding = Finding { code, spot: self.subject.spot(leaf), message: message(self) };
            self.found.add(|| finding);
        }
    }

    /// Something about a value, which the message gets as it is written, with its field.
    fn value(
        &mut self,
        code: Code,
        leaf: &Leaf<'_>,
        value: &str,
        message: impl FnOnce(&str, &str) -> String,
    ) {
        let subject = self.subject;
        self.found.add(|| Finding {
            code,
            spot: subject.spot_of_value(leaf, value),
            message: message(&subject.spelled(value), &subject.field(leaf)),
        });
    }
}
