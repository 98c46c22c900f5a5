//! From the payload of an invocation to messages.

use serde_json::Value;

use super::object_record::{of_cloudtrail, of_event_bridge, of_s3_record};
use super::occasion::of_message;
use super::single_event::{is_of_trail, of_trail_event};
use super::{Announced, Content, DecodeError, Invocation, Message, Notice, Occasion, SingleEvent};

/// SQS around SNS around S3 is three; one more is generous.
const MOST_ENVELOPES: usize = 4;

/// The whole body of the message that CloudTrail sends to a topic it was just given.
const VALIDATION_MESSAGE: &str = "CloudTrail validation message.";

type Decoded = Result<Said, DecodeError>;

/// What one envelope holds, before several are put together.
enum Said {
    Objects(Occasion, Vec<Announced>),
    Event(SingleEvent),
    Notice(Notice),
}

/// Decodes the payload of an invocation. Never fails: what cannot be understood is a message that
/// says so, beside others that can.
///
/// ```
/// use trailmeter_pipeline::{Content, Notice, decode};
/// let invocation = decode(&serde_json::json!({ "Service": "Amazon S3", "Event": "s3:TestEvent" }));
/// assert_eq!(invocation.messages[0].content, Content::Notice(Notice::TestEvent));
/// ```
pub fn decode(payload: &Value) -> Invocation {
    if let Some(records) = payload["Records"].as_array()
        && !records.is_empty()
        && records.iter().all(is_sqs_record)
    {
        let messages = records
            .iter()
            .map(|record| {
                let (occasion, content) = content(of_value(&record["body"], 0));
                Message {
                    id: record["messageId"].as_str().map(str::to_owned),
                    receipt: record["receiptHandle"].as_str().map(str::to_owned),
                    receives: receives(record),
                    occasion,
                    content,
                }
            })
            .collect();
        return Invocation { answers_by_message: true, messages };
    }
    let (occasion, content) = content(of_value(payload, 0));
    let message = Message { id: None, receipt: None, receives: 1, occasion, content };
    Invocation { answers_by_message: false, messages: vec![message] }
}

/// The queue's count; attributes are text. Who sends none, as a sample event may not, is new.
fn receives(record: &Value) -> u64 {
    let count = &record["attributes"]["ApproximateReceiveCount"];
    count.as_str().and_then(|count| count.parse().ok()).or_else(|| count.as_u64()).unwrap_or(1)
}

fn content(decoded: Decoded) -> (Occasion, Content) {
    match decoded {
        Ok(Said::Objects(occasion, objects)) if objects.is_empty() => {
            (occasion, Content::Notice(Notice::NoObjects))
        }
        Ok(Said::Objects(occasion, objects)) => (occasion, Content::Objects(objects)),
        Ok(Said::Event(event)) => (Occasion::Live, Content::Event(event)),
        Ok(Said::Notice(notice)) => (Occasion::Live, Content::Notice(notice)),
        Err(error) => (Occasion::Live, Content::Undecodable(error)),
    }
}

fn is_sqs_record(record: &Value) -> bool {
    let has = |name: &str| record.get(name).is_some();
    record["eventSource"] == "aws:sqs" || has("messageId") && has("receiptHandle") && has("body")
}

fn of_value(value: &Value, envelopes: usize) -> Decoded {
    if envelopes > MOST_ENVELOPES {
        return Err(DecodeError::TooDeep);
    }
    match value {
        Value::String(text) => of_text(text, envelopes),
        Value::Object(fields) => {
            let has = |name| fields.contains_key(name);
            if let Some(Value::Array(records)) = fields.get("Records") {
                of_records(records, envelopes)
            } else if has("s3Bucket") {
                Ok(Said::Objects(of_message(value)?, of_cloudtrail(value)?))
            } else if value["Event"] == "s3:TestEvent" {
                Ok(Said::Notice(Notice::TestEvent))
            } else if is_of_trail(value) {
                // Before S3's own: a call to S3 has the same source.
                of_trail_event(value).map(Said::Event)
            } else if has("detail") && value["source"] == "aws.s3" {
                of_event_bridge(value).map(|object| Said::Objects(Occasion::Live, vec![object]))
            } else if let Some(payload) = fields.get("requestPayload") {
                // What Lambda sends to an on-failure destination, sent back from there.
                of_value(payload, envelopes + 1)
            } else if value["Type"] == "SubscriptionConfirmation" {
                Err(DecodeError::UnconfirmedSubscription)
            } else if let Some(message) = fields.get("Message") {
                of_value(message, envelopes + 1)
            } else {
                Err(DecodeError::UnknownShape)
            }
        }
        _ => Err(DecodeError::UnknownShape),
    }
}

fn of_text(text: &str, envelopes: usize) -> Decoded {
    if text.trim() == VALIDATION_MESSAGE {
        return Ok(Said::Notice(Notice::ValidationMessage));
    }
    let value = serde_json::from_str(text).map_err(|_| DecodeError::NotJson)?;
    of_value(&value, envelopes + 1)
}

/// The records of one message. If one of them cannot be understood the message cannot: it must
/// come back, and what is in it must not be counted meanwhile.
fn of_records(records: &[Value], envelopes: usize) -> Decoded {
    let mut objects = Vec::new();
    let mut occasion = None;
    let mut notice = None;
    for record in records {
        let said = if record.get("s3").is_some() {
            Said::Objects(Occasion::Live, vec![of_s3_record(record)?])
        } else if let Some(sns) = record.get("Sns") {
            of_value(&sns["Message"], envelopes + 1)?
        } else if is_sqs_record(record) {
            of_value(&record["body"], envelopes + 1)?
        } else {
            of_value(record, envelopes + 1)?
        };
        match said {
            // What becomes of a message becomes of all its objects.
            Said::Objects(of_more, _) if occasion.as_ref().is_some_and(|of_all| *of_all != of_more) => {
                return Err(DecodeError::MixedOccasions);
            }
            Said::Objects(of_more, more) => {
                occasion = Some(of_more);
                objects.extend(more);
            }
            Said::Event(event) if records.len() == 1 => return Ok(Said::Event(event)),
            Said::Event(_) => return Err(DecodeError::EventAndMore),
            Said::Notice(said) => notice = Some(said),
        }
    }
    Ok(match notice {
        Some(notice) if objects.is_empty() => Said::Notice(notice),
        _ => Said::Objects(occasion.unwrap_or_default(), objects),
    })
}
