//! `!=` on fields that many records do not have.

use super::Code;
use super::fields::{self, Place, Presence};
use super::finding::{Finding, Findings};
use super::scope::{Scope, each_leaf};
use super::subject::Subject;
use super::tree::{Claim, Leaf, Tree};
use crate::model::Path;

pub(super) fn check(subject: &Subject<'_>, tree: &Tree<'_>, found: &mut Findings) {
    let identity =
        Path::new(["userIdentity", "type"].map(|name| crate::model::Step::Field(name.to_owned())).into());
    let mut told: Vec<Path> = Vec::new();
    each_leaf(tree, &Scope::default(), &mut |leaf, scope| {
        if !leaf.is_difference() || !is_optional(leaf, &identity, scope) || told.contains(&leaf.path) {
            return;
        }
        let is_asked_for = scope.known(&leaf.path).any(|(_, known)| {
            !known.is_difference
                && matches!(&known.claim, Claim::One(values) | Claim::Some(values) if values.is_present())
        });
        if is_asked_for || scope.has_absence_beside(leaf) {
            return;
        }
        told.push(leaf.path.clone());
        let field = subject.field(leaf);
        let message = format!(
            "many records have no {field}, and a comparison with an absent field is false, != too; if those are to be found, \
             put || ({field} NOT EXISTS) beside it, both in parentheses of their own"
        );
        found.add(|| Finding { code: Code::DiffersWhenAbsent, spot: subject.spot(leaf), message });
    });
}

fn is_optional(leaf: &Leaf<'_>, identity: &Path, scope: &Scope<'_>) -> bool {
    let field = match fields::place(&leaf.test.path) {
        Place::Known(field) => field,
        Place::Unsaid => return true,
        // These have warnings of their own.
        Place::Nothing { .. } | Place::BelowScalar(_) | Place::InArray(_) | Place::NoArray(_) => {
            return false;
        }
    };
    let is_implied = || {
        scope
            .known(identity)
            .filter_map(|(_, known)| known.claim.wanted()?.strings().named())
            .any(|types| types.iter().all(|identity| fields::is_implied(identity, field)))
    };
    field.presence == Presence::Optional && !is_implied()
}
