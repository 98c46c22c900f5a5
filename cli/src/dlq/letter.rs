//! What a message that is left over is about.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use trailmeter_aws::operator::Letter;
use trailmeter_pipeline::{Announced, Content, ObjectRef, decode};

use super::failure::Failure;

/// A message, understood as far as it can be.
#[derive(Debug, Clone)]
pub(super) struct Described {
    pub(super) id: String,
    /// When it was first sent.
    pub(super) since: Option<Timestamp>,
    /// How often it was received, the looks of people included.
    pub(super) receives: Option<u64>,
    pub(super) origin: Origin,
    pub(super) content: Content,
    /// What would be sent back; `None` is a message that has nothing to send.
    pub(super) payload: Option<String>,
    /// Why it is here, as far as is known, the newest last.
    pub(super) failures: Vec<Failure>,
}

/// On which way a message came into the dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// From the queue of deliveries, after its last receive.
    Queue,
    /// From Lambda: a direct invocation that failed for good.
    Invocation,
    /// From `EventBridge`: an event that it could not hand to the queue.
    Rule,
}

impl Origin {
    /// A stable word.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Queue => "delivery",
            Self::Invocation => "invocation",
            Self::Rule => "rule",
        }
    }
}

impl Described {
    /// Understands a message by itself, without any log.
    pub(super) fn of(letter: &Letter) -> Self {
        let body = serde_json::from_str::<Value>(&letter.body).ok();
        let record = body.as_ref().filter(|body| is_invocation_record(body));
        let (origin, payload, told) = if let Some(record) = record {
            (Origin::Invocation, payload_of(record), Some(Failure::of_invocation(record)))
        } else {
            let told = Failure::of_rule(&letter.sender_attributes);
            let origin = if told.is_some() { Origin::Rule } else { Origin::Queue };
            (origin, Some(letter.body.clone()), told)
        };
        // A body is decoded as the function does it, envelope by envelope.
        let invocation = decode(&Value::String(letter.body.clone()));
        let content = invocation.messages.into_iter().next().map(|message| message.content);
        let content = content.unwrap_or(Content::Objects(Vec::new()));
        let mut failures: Vec<Failure> = told.into_iter().collect();
        if let Content::Undecodable(error) = content {
            failures.push(Failure::of_message(error));
        }
        let number = |name: &str| letter.attributes.get(name).and_then(|text| text.parse::<i64>().ok());
        Self {
            id: letter.id.clone(),
            since: number("SentTimestamp").and_then(|at| Timestamp::from_millisecond(at).ok()),
            receives: number("ApproximateReceiveCount").and_then(|count| u64::try_from(count).ok()),
            origin,
            content,
            payload,
            failures,
        }
    }

    /// The objects that it announces, those too that would not be read; or the event that it brings.
    pub(super) fn objects(&self) -> Vec<&ObjectRef> {
        match &self.content {
            Content::Objects(announced) => announced
                .iter()
                .map(|announced| match announced {
                    Announced::Created(object) | Announced::Otherwise(object) => object,
                })
                .collect(),
            Content::Event(event) => vec![&event.object],
            Content::Notice(_) | Content::Undecodable(_) => Vec::new(),
        }
    }

    /// Its subject in one line; text of others, not yet printable.
    pub(super) fn subject(&self) -> String {
        match (&self.content, self.objects().as_slice()) {
            (Content::Notice(notice), _) => format!("no object: {}", notice.reason()),
            (Content::Undecodable(_), _) => "cannot be understood".to_owned(),
            (_, []) => "no object".to_owned(),
            (_, [one]) => one.to_string(),
            (_, [first, rest @ ..]) => format!("{first} and {} more", rest.len()),
        }
    }

    /// Why it is here: what was said last.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failures.last()
    }

    /// When SQS throws it away: messages age from their first sending.
    pub(super) fn expires(&self, retention_seconds: Option<i64>) -> Option<Timestamp> {
        let kept = SignedDuration::from_secs(retention_seconds?);
        self.since?.checked_add(kept).ok()
    }
}

/// Lambda's record of an invocation that failed.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
fn is_invocation_record(body: &Value) -> bool {
    body["requestContext"].is_object() && body["requestContext"]["functionArn"].is_string()
}

/// What the function was invoked with.
fn payload_of(record: &Value) -> Option<String> {
    match record.get("requestPayload")? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        payload => Some(payload.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use trailmeter_pipeline::{DecodeError, Notice};

    use super::*;

    fn letter(body: &str, sender: &[(&str, &str)]) -> Letter {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let attributes: BTreeMap<String, String> =
            pairs(&[("SentTimestamp", "1795251600123"), ("ApproximateReceiveCount", "6")]);
        Letter {
            id: "1".to_owned(),
            body: body.to_owned(),
            attributes,
            sender_attributes: pairs(sender),
            handle: String::new(),
        }
    }

    fn s3(key: &str) -> Value {
        json!({ "Records": [{ "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": "logs" }, "object": { "key": key } } }] })
    }

    #[test]
    fn a_delivery_is_told_by_its_object_age_and_receives() {
        let found = Described::of(&letter(&s3("a+b").to_string(), &[]));
        assert_eq!((found.origin.word(), found.subject().as_str()), ("delivery", "s3://logs/a b"));
        assert_eq!(found.since.unwrap().to_string(), "2026-11-21T09:00:00.123Z");
        assert_eq!(found.expires(Some(1_209_600)).unwrap().to_string(), "2026-12-05T09:00:00.123Z");
        assert_eq!((found.receives, found.failures.len()), (Some(6), 0));
        assert_eq!(found.payload.unwrap(), s3("a+b").to_string());
    }

    #[test]
    fn what_names_no_object_says_so() {
        for (body, content, subject) in [
            ("{", Content::Undecodable(DecodeError::NotJson), "cannot be understood"),
            (
                r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#,
                Content::Notice(Notice::TestEvent),
                "no object: test-event",
            ),
            (
                r#"{"s3Bucket":"b","s3ObjectKey":[]}"#,
                Content::Notice(Notice::NoObjects),
                "no object: no-objects",
            ),
        ] {
            let found = Described::of(&letter(body, &[]));
            assert_eq!((&found.content, found.subject().as_str()), (&content, subject), "{body}");
        }
        let several = Described::of(&letter(r#"{"s3Bucket":"b","s3ObjectKey":["k","l","m"]}"#, &[]));
        assert_eq!(several.subject(), "s3://b/k and 2 more");
    }

    #[test]
    fn a_failed_invocation_goes_back_as_what_it_was_invoked_with() {
        let record = |payload: Value| {
            json!({
                "version": "1.0",
                "requestContext": { "requestId": "r", "functionArn": "arn:aws:lambda:x:1:function:f",
                    "condition": "RetriesExhausted", "approximateInvokeCount": 3 },
                "requestPayload": payload,
                "responseContext": { "statusCode": 200, "functionError": "Unhandled" },
                "responsePayload": { "errorType": "InvocationFailed", "errorMessage": "1 object failed" },
            })
        };
        let found = Described::of(&letter(&record(s3("k")).to_string(), &[]));
        assert_eq!((found.origin.word(), found.subject().as_str()), ("invocation", "s3://logs/k"));
        assert_eq!(found.payload.as_deref(), Some(s3("k").to_string().as_str()));
        assert_eq!(found.failure().unwrap().error, "1 object failed");
        let text = Described::of(&letter(
            &record(Value::String("CloudTrail validation message.".into())).to_string(),
            &[],
        ));
        assert_eq!(text.payload.as_deref(), Some("CloudTrail validation message."));
        // What was too large for the record is not in it.
        let without = Described::of(&letter(&record(Value::Null).to_string(), &[]));
        assert_eq!((&without.payload, without.subject().as_str()), (&None, "cannot be understood"));
    }

    #[test]
    fn event_bridge_says_itself_why_it_gave_up() {
        let event = json!({ "source": "aws.s3", "detail-type": "Object Created",
            "detail": { "bucket": { "name": "b" }, "object": { "key": "k" } } });
        let sender = [("RULE_ARN", "r"), ("ERROR_CODE", "NO_PERMISSIONS"), ("ERROR_MESSAGE", "not let in")];
        let found = Described::of(&letter(&event.to_string(), &sender));
        assert_eq!((found.origin.word(), found.subject().as_str()), ("rule", "s3://b/k"));
        let failure = found.failure().unwrap();
        assert_eq!(
            (failure.reason.as_str(), failure.error.as_str()),
            ("not-delivered", "NO_PERMISSIONS: not let in")
        );
    }
}
