//! Any JSON as the payload of an invocation: decoded into messages whatever it is, and into the same
//! ones if it comes in one envelope more.
//!
//! Input: the payload.

use serde_json::{Value, json};
use trailmeter_pipeline::{Announced, Content, DecodeError, Invocation, decode};

pub(crate) fn check(input: &[u8]) {
    let Ok(payload) = serde_json::from_slice::<Value>(input) else { return };
    let invocation = decode(&payload);
    assert!(!invocation.messages.is_empty());
    assert!(invocation.answers_by_message || invocation.messages.len() == 1);
    named(&invocation);
    if invocation.answers_by_message {
        return;
    }
    let inner = &invocation.messages[0].content;
    let text = payload.to_string();
    let record = json!({ "eventSource": "aws:sqs", "messageId": "m", "body": text });
    for (envelope, outer) in [
        ("SQS", json!({ "Records": [record] })),
        ("SNS", json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": text } }] })),
        ("SNS as a body", json!({ "Type": "Notification", "Message": text })),
        ("of a failed invocation", json!({ "requestContext": {}, "requestPayload": payload })),
    ] {
        let decoded = decode(&outer);
        assert_eq!(decoded.messages.len(), 1, "{envelope}");
        let content = &decoded.messages[0].content;
        let is_too_deep = *content == Content::Undecodable(DecodeError::TooDeep);
        assert!(is_too_deep || content == inner, "{envelope}: {content:?} is not {inner:?}");
    }
}

/// Every object has a bucket and a key, and every event a name that no object has; a notice has nothing to read.
fn named(invocation: &Invocation) {
    for message in &invocation.messages {
        if let Content::Event(event) = &message.content {
            assert!(event.object.to_string().starts_with("eventbridge://") && !event.object.key.is_empty());
            assert!(event.record.starts_with('{'));
        }
        let Content::Objects(objects) = &message.content else { continue };
        assert!(!objects.is_empty());
        for object in objects {
            let (Announced::Created(object) | Announced::Otherwise(object)) = object;
            assert!(!object.bucket.is_empty() && !object.key.is_empty());
        }
    }
}
