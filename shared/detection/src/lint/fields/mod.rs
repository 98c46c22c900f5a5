//! What the fields of a record are called, what they hold, and whether they are there.

mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::near::{nearest, slips};
use crate::model::{Path, Step};
use table::{FIELDS, IMPLIED};

/// A field of a CloudTrail record.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name with those of the fields it is in; `[]` is an element of an array.
    pub(super) path: &'static str,
    pub(super) kind: Kind,
    pub(super) presence: Presence,
    pub(super) values: Values,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string.
    Text,
    /// A string that reads as a number.
    Digits,
    /// A string that reads as a boolean, as `"true"` or `"Yes"`.
    Boolish,
    Bool,
    Number,
    /// Fields that are all known.
    Object,
    /// Fields that depend on the service.
    Open,
    /// An array.
    List,
}

/// Whether a field is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Usual,
    /// Many records do not have it.
    Optional,
}

/// What the strings of a field can be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Values {
    Any,
    /// These and no others.
    All(&'static [&'static str]),
    /// These among others.
    Some(&'static [&'static str]),
    EventSource,
    EventName,
    /// Anything in lower case.
    LowerCase,
}

/// What there is at a path.
#[derive(Debug)]
pub(super) enum Place {
    Known(&'static Field),
    /// A field that depends on the service, or many fields.
    Unsaid,
    /// Nothing: this part of the path is no field.
    Nothing {
        missing: String,
        hint: Option<String>,
    },
    /// Nothing: a value of this field has no fields or elements.
    BelowScalar(&'static Field),
    /// Nothing: this field is an array, and the path does not say which element.
    InArray(&'static Field),
    /// Nothing: this field is no array.
    NoArray(&'static Field),
}

static BY_PATH: LazyLock<HashMap<&'static str, &'static Field>> =
    LazyLock::new(|| FIELDS.iter().map(|field| (field.path, field)).collect());

impl Kind {
    /// Whether it is a string, a number or a boolean.
    pub(super) fn is_scalar(self) -> bool {
        !matches!(self, Self::Object | Self::Open | Self::List)
    }
}

/// What there is at `path`.
pub(super) fn place(path: &Path) -> Place {
    let mut at = String::new();
    let mut field: Option<&'static Field> = None;
    for step in path.steps() {
        let kind = field.map_or(Kind::Object, |field| field.kind);
        match (step, field) {
            (Step::AnyField | Step::Anywhere, _) => return Place::Unsaid,
            (Step::Members, Some(_)) if kind == Kind::List => at.push_str("[]"),
            (Step::Members, _) => continue,
            (Step::Field(_), Some(field)) if kind == Kind::List => return Place::InArray(field),
            (_, Some(field)) if kind.is_scalar() => return Place::BelowScalar(field),
            (Step::Index(_) | Step::AnyElement, _) if kind == Kind::List => at.push_str("[]"),
            (Step::Index(_) | Step::AnyElement, Some(field)) if kind == Kind::Object => {
                return Place::NoArray(field);
            }
            (Step::Index(_) | Step::AnyElement, _) => return Place::Unsaid,
            (Step::Field(name), _) => {
                let inner = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                if !BY_PATH.contains_key(inner.as_str()) {
                    return unknown(&at, name, kind);
                }
                at = inner;
            }
        }
        field = BY_PATH.get(at.as_str()).copied();
        if field.is_none() {
            return Place::Unsaid;
        }
    }
    field.map_or(Place::Unsaid, Place::Known)
}

/// The field at `path`, if it is one of the table's.
pub(super) fn field(path: &Path) -> Option<&'static Field> {
    match place(path) {
        Place::Known(field) => Some(field),
        _ => None,
    }
}

/// Whether a path leads through objects to a string, number or boolean.
pub(super) fn is_scalar(path: &Path) -> bool {
    field(path).is_some_and(|field| field.kind.is_scalar() && !field.path.contains("[]"))
}

/// Whether an identity of type `identity` always has the field.
pub(super) fn is_implied(identity: &str, field: &Field) -> bool {
    let Some(of_identity) = field.path.strip_prefix("userIdentity.") else { return false };
    IMPLIED
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(identity))
        .flat_map(|(_, fields)| *fields)
        .any(|implied| of_identity == *implied || implied.ends_with('.') && of_identity.starts_with(implied))
}

fn unknown(parent: &str, name: &str, kind: Kind) -> Place {
    let prefix = if parent.is_empty() { String::new() } else { format!("{parent}.") };
    let beside = || {
        FIELDS
            .iter()
            .filter_map(|field| field.path.strip_prefix(prefix.as_str()))
            .filter(|name| !name.contains(['.', '[']))
    };
    // Where others are possible, only what differs in nothing but case is surely meant.
    let most = if kind == Kind::Open { 0 } else { slips(name) };
    let near = nearest(name, beside(), most).map(|near| format!("{prefix}{near}"));
    if kind == Kind::Open && near.is_none() {
        return Place::Unsaid;
    }
    Place::Nothing { missing: format!("{prefix}{name}"), hint: near.or_else(|| elsewhere(name)) }
}

/// The field of this name that is nearest to the top.
fn elsewhere(name: &str) -> Option<String> {
    let is_named = |path: &str| {
        path.rsplit_once('.')
            .is_some_and(|(parent, last)| !parent.contains('[') && last.eq_ignore_ascii_case(name))
    };
    let found = FIELDS.iter().map(|field| field.path).filter(|path| is_named(path));
    found.min_by_key(|path| path.len()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_by_parents_and_every_parent_is_in_it() {
        for field in FIELDS {
            if let Some((parent, _)) = field.path.rsplit_once('.') {
                let parent = BY_PATH.get(parent).unwrap_or_else(|| panic!("{} has no parent", field.path));
                assert!(!parent.kind.is_scalar(), "{} is below a {:?}", field.path, parent.kind);
            }
        }
        assert_eq!(BY_PATH.len(), FIELDS.len(), "a field stands twice");
    }

    #[test]
    fn a_path_leads_to_a_field_or_it_is_said_why_not() {
        for (path, expected) in [
            ("$.eventName", "Known eventName"),
            (
                "$.userIdentity.sessionContext.sessionIssuer.arn",
                "Known userIdentity.sessionContext.sessionIssuer.arn",
            ),
            ("$.resources[0].ARN", "Known resources[].ARN"),
            ("$.resources[*].accountId", "Known resources[].accountId"),
            ("$.requestParameters.bucketName", "Unsaid"),
            ("$.requestParameters.items[0].id", "Unsaid"),
            ("$.*", "Unsaid"),
            ("$.userIdentity.*", "Unsaid"),
            ("$.additionalEventData.grantId", "Unsaid"),
            ("$.sourceIpAddress", "Nothing sourceIpAddress -> sourceIPAddress"),
            ("$.userIdentity.ARN", "Nothing userIdentity.ARN -> userIdentity.arn"),
            (
                "$.additionalEventData.MfaUsed",
                "Nothing additionalEventData.MfaUsed -> additionalEventData.MFAUsed",
            ),
            ("$.eventNmae", "Nothing eventNmae -> eventName"),
            ("$.userName", "Nothing userName -> userIdentity.userName"),
            (
                "$.userIdentity.sessionIssuer.arn",
                "Nothing userIdentity.sessionIssuer -> userIdentity.sessionContext.sessionIssuer",
            ),
            ("$.nonsense", "Nothing nonsense"),
            ("$.eventName.first", "BelowScalar eventName"),
            ("$.eventName[0]", "BelowScalar eventName"),
            ("$.resources.ARN", "InArray resources"),
            ("$.userIdentity[0].arn", "NoArray userIdentity"),
        ] {
            let found = match place(&path.parse().unwrap()) {
                Place::Known(field) => format!("Known {}", field.path),
                Place::Unsaid => "Unsaid".to_owned(),
                Place::Nothing { missing, hint: Some(hint) } => format!("Nothing {missing} -> {hint}"),
                Place::Nothing { missing, hint: None } => format!("Nothing {missing}"),
                Place::BelowScalar(field) => format!("BelowScalar {}", field.path),
                Place::InArray(field) => format!("InArray {}", field.path),
                Place::NoArray(field) => format!("NoArray {}", field.path),
            };
            assert_eq!(found, expected, "{path}");
        }
    }
}
