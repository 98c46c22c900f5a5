//! Payloads and bodies of notifications, for objects of a test's own.
//!
//! `events/` holds what AWS sends, field by field; these have what is needed, for tests in which
//! the object matters and not the shape.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// An invocation by SQS with these messages: id and body.
pub(crate) fn batch(messages: &[(&str, String)]) -> Value {
    let record = |(id, body): &(&str, String)| {
        json!({
            "messageId": id,
            "receiptHandle": format!("handle-of-{id}"),
            "body": body,
            "attributes": { "ApproximateReceiveCount": "1" },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:deliveries",
            "awsRegion": "us-east-1",
        })
    };
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() })
}

/// The answer to a batch of which these messages come back.
pub(crate) fn back(ids: &[&str]) -> Value {
    let failures: Vec<Value> = ids.iter().map(|id| json!({ "itemIdentifier": id })).collect();
    json!({ "batchItemFailures": failures })
}

/// S3's notification of one object.
pub(crate) fn s3(bucket: &str, key: &str) -> String {
    let record = json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": bucket }, "object": { "key": form_urlencoded(key) } },
    });
    json!({ "Records": [record] }).to_string()
}

/// EventBridge's event of one object.
pub(crate) fn event_bridge(bucket: &str, key: &str) -> String {
    let detail = json!({ "bucket": { "name": bucket }, "object": { "key": key } });
    json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": detail }).to_string()
}

/// CloudTrail's own notification of some objects.
pub(crate) fn cloudtrail(bucket: &str, keys: &[&str]) -> String {
    json!({ "s3Bucket": bucket, "s3ObjectKey": keys }).to_string()
}

/// A body in the envelope of SNS, as a queue gets it without raw delivery.
pub(crate) fn sns(message: &str) -> String {
    let topic = "arn:aws:sns:us-east-1:000000000000:topic";
    json!({ "Type": "Notification", "MessageId": "1", "TopicArn": topic, "Message": message }).to_string()
}

/// As S3 writes keys into its records: a plus sign for a space, percent signs for the rest.
pub(crate) fn form_urlencoded(key: &str) -> String {
    let mut encoded = String::new();
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' | b'/' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            // Writing to a string cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}
