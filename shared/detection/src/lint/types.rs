//! Fields that do not exist, and tests that no value of a field's type satisfies.

use super::Code;
use super::fields::{self, Field, Kind, Place};
use super::finding::{Finding, Findings};
use super::scope::{Scope, each_leaf};
use super::subject::Subject;
use super::tree::{Leaf, Tree};
use super::values::Values;
use crate::model::{Asks, Predicate, Test};

/// What a record is wrapped in: in an event of EventBridge, in a file.
const ENVELOPES: [&str; 2] = ["Records", "detail"];

pub(super) fn check(subject: &Subject<'_>, tree: &Tree<'_>, found: &mut Findings) {
    each_leaf(tree, &Scope::default(), &mut |leaf, _| {
        if let Some((code, message)) = check_leaf(subject, leaf) {
            found.add(|| Finding { code, spot: subject.spot(leaf), message });
        }
    });
}

fn check_leaf(subject: &Subject<'_>, leaf: &Leaf<'_>) -> Option<(Code, String)> {
    let written = subject.field(leaf);
    match fields::place(&leaf.test.path) {
        Place::Unsaid => None,
        Place::Known(field) => type_mismatch(subject, leaf, field).map(|message| (Code::WrongType, message)),
        Place::Nothing { missing, .. } if ENVELOPES.contains(&missing.as_str()) => {
            let missing = subject.notation(&missing);
            let message =
                format!("each record is looked at by itself, and has no {missing} around it; leave that out");
            Some((Code::UnknownField, message))
        }
        Place::Nothing { missing, hint } => {
            let missing = subject.notation(&missing);
            let message = match hint.map(|hint| subject.notation(&hint)) {
                Some(hint) if hint.eq_ignore_ascii_case(&missing) => {
                    format!("CloudTrail writes {hint}, and names of fields are case-sensitive")
                }
                Some(hint) => format!("CloudTrail has no field {missing}; did you mean {hint}?"),
                None => format!("CloudTrail has no field {missing}"),
            };
            Some((Code::UnknownField, message))
        }
        Place::BelowScalar(field) => {
            let message =
                format!("{} is {}, and nothing is below it", subject.notation(field.path), noun(field.kind));
            Some((Code::WrongType, message))
        }
        Place::InArray(field) => {
            let array = subject.notation(field.path);
            let mend = written.replacen(&array, &format!("{array}[*]"), 1);
            Some((Code::WrongType, format!("{array} is an array, and {written} leads nowhere; write {mend}")))
        }
        Place::NoArray(field) => {
            let message =
                format!("{} is an object and no array: it has no elements", subject.notation(field.path));
            Some((Code::WrongType, message))
        }
    }
}

fn type_mismatch(subject: &Subject<'_>, leaf: &Leaf<'_>, field: &Field) -> Option<String> {
    if matches!(leaf.test.predicate, Predicate::Exists | Predicate::Null) {
        return None;
    }
    // What `=` finds; `!=` is the opposite.
    let wanted = Values::of(&Test { asks: Asks::ForOne, ..leaf.test.clone() });
    if !wanted.is_apart(&domain(field.kind)) {
        return None;
    }
    let verdict =
        if leaf.is_difference() || !leaf.holds { "always true where it is there" } else { "never true" };
    let mend = match (field.kind, subject.is_pattern()) {
        (Kind::Bool, true) => "write IS TRUE or IS FALSE",
        (Kind::Bool, false) => "its values are true and false",
        (Kind::Boolish, _) => "compare it with a text, such as \"true\"",
        (Kind::Number, _) => "compare it with a number without quotes",
        (Kind::Text | Kind::Digits, _) => "compare it with a text",
        (Kind::Object | Kind::Open | Kind::List, _) => "name a field in it",
    };
    let field_name = subject.notation(field.path);
    Some(format!(
        "{field_name} is {}, so that `{}` is {verdict}; {mend}",
        noun(field.kind),
        subject.quote(leaf)
    ))
}

/// The values that a field of this kind can have, null and none aside.
fn domain(kind: Kind) -> Values {
    match kind {
        Kind::Text | Kind::Digits | Kind::Boolish => Values::strings_only(),
        Kind::Bool => Values::booleans_only(),
        Kind::Number => Values::numbers_only(),
        Kind::Object | Kind::Open | Kind::List => Values::composites_only(),
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Digits | Kind::Boolish => "a string",
        Kind::Bool => "a boolean",
        Kind::Number => "a number",
        Kind::Object | Kind::Open => "an object",
        Kind::List => "an array",
    }
}
