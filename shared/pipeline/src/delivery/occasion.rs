//! Why a message names its objects: because they were delivered, or because somebody looked back.
//!
//! Trailmeter's own messages say so beside the names, under `trailmeter`. No service of AWS writes such a
//! mark, and what is not marked was delivered.

use serde_json::{Map, Value, json};

use super::{DecodeError, ObjectRef};

/// The field of a message that says it.
const MARK: &str = "trailmeter";
/// The longest name of a backfill. It stands in ids of the ledger and in every finding.
const LONGEST_NAME: usize = 64;

/// Why a message names its objects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Occasion {
    /// They were delivered.
    #[default]
    Live,
    /// They were delivered some hours ago and nobody was told: a delivery that was missed.
    CaughtUp,
    /// Somebody asked for the past to be counted.
    Backfill(Backfill),
}

/// What a backfill's messages say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    /// What it is called: `[A-Za-z0-9._-]`, 64 at the most.
    pub name: String,
    /// Whether what was counted before is counted once more, and once in all of this backfill.
    pub recount: bool,
}

impl Occasion {
    /// The name in the ledger under which objects are counted apart from all others, if they are.
    pub(crate) fn recount(&self) -> Option<&str> {
        match self {
            Self::Backfill(Backfill { name, recount: true }) => Some(name),
            _ => None,
        }
    }

    /// What a message says besides its objects.
    fn mark(&self) -> Option<Value> {
        match self {
            Self::Live => None,
            Self::CaughtUp => Some(json!({ "caughtUp": true })),
            Self::Backfill(Backfill { name, recount: false }) => Some(json!({ "backfill": name })),
            Self::Backfill(Backfill { name, recount: true }) => {
                Some(json!({ "backfill": name, "recount": true }))
            }
        }
    }
}

/// The body of a message that names objects of one bucket, as [`decode`](super::decode) reads it.
///
/// In the shape of CloudTrail's own notification, whose keys need no encoding.
pub fn message_body(bucket: &str, keys: &[&str], occasion: &Occasion) -> String {
    let mut body = json!({ "s3Bucket": bucket, "s3ObjectKey": keys });
    if let Some(mark) = occasion.mark() {
        body[MARK] = mark;
    }
    body.to_string()
}

impl ObjectRef {
    /// The body of a message that names this object alone.
    pub fn message_body(&self, occasion: &Occasion) -> String {
        message_body(&self.bucket, &[&self.key], occasion)
    }
}

/// The occasion that a message is marked with. A mark that is not understood is no delivery: taken for one
/// it could set off an alarm over the past.
pub(super) fn of_message(message: &Value) -> Result<Occasion, DecodeError> {
    let Some(mark) = message.get(MARK) else { return Ok(Occasion::Live) };
    let fields = mark.as_object().ok_or(DecodeError::UnknownMark)?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    if has_only(fields, &["caughtUp"]) && mark["caughtUp"] == true {
        return Ok(Occasion::CaughtUp);
    }
    match text("backfill") {
        Some(name) if is_backfill_name(name) && has_only(fields, &["backfill", "recount"]) => {
            let recount = match fields.get("recount") {
                None => false,
                Some(recount) => recount.as_bool().ok_or(DecodeError::UnknownMark)?,
            };
            Ok(Occasion::Backfill(Backfill { name: name.to_owned(), recount }))
        }
        _ => Err(DecodeError::UnknownMark),
    }
}

fn has_only(fields: &Map<String, Value>, names: &[&str]) -> bool {
    fields.keys().all(|field| names.contains(&field.as_str()))
}

fn is_backfill_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
