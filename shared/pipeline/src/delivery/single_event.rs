//! An event that EventBridge brings by itself, within seconds: the record stands in the message.

use serde_json::Value;

use super::{DecodeError, ObjectRef};

/// What stands in the place of a bucket where something has to be named after an event. No bucket can be called
/// so, and so no event is ever taken for an object.
const EVENT_BUS: &str = "aws:events";

/// The types of event that CloudTrail sends to EventBridge and also writes into log files, where they have the
/// same `eventID`. AWS's guide writes `Signin` for one, and its events bear `Sign In`.
///
/// `AWS Insight via CloudTrail` is not among them: nobody says whether it bears the id that it has in the file.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>
const TYPES: [&str; 5] = [
    "AWS API Call via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "AWS Console Signin via CloudTrail",
    "AWS Console Action via CloudTrail",
    "AWS Service Event via CloudTrail",
];

/// A record of CloudTrail that came alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleEvent {
    /// What it is called where objects are, in the ledger, in findings and in the log: its `eventID`.
    pub object: ObjectRef,
    /// The record, as JSON.
    pub record: String,
}

impl SingleEvent {
    /// The file that the record would be the whole of.
    pub(crate) fn file(&self) -> String {
        format!("{{\"Records\":[{}]}}", self.record)
    }
}

impl ObjectRef {
    /// Whether this is the name of a single event.
    pub(super) fn is_of_event(&self) -> bool {
        self.bucket == EVENT_BUS
    }
}

/// Whether this is an event of EventBridge that holds a record of CloudTrail.
pub(super) fn is_of_trail(event: &Value) -> bool {
    event["detail-type"].as_str().is_some_and(|said| TYPES.contains(&said))
}

/// The record that an event of EventBridge holds.
pub(super) fn of_trail_event(event: &Value) -> Result<SingleEvent, DecodeError> {
    // Anybody may send what looks like it, but no one else may call himself so.
    if !event["source"].as_str().is_some_and(|source| source.starts_with("aws.")) {
        return Err(DecodeError::ForeignEvent);
    }
    let detail = event["detail"].as_object().ok_or(DecodeError::NoRecord)?;
    let id = detail.get("eventID").and_then(Value::as_str).filter(|id| !id.is_empty());
    let id = id.ok_or(DecodeError::NoEventId)?.to_owned();
    let object = ObjectRef { bucket: EVENT_BUS.to_owned(), key: id };
    Ok(SingleEvent { object, record: event["detail"].to_string() })
}
