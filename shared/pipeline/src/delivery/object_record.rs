//! The three ways in which an object is named.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Announced, DecodeError, ObjectRef};

/// A record of an S3 notification. Its key is form-urlencoded: `red flower` comes as `red+flower`.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
pub(super) fn of_s3_record(record: &Value) -> Result<Announced, DecodeError> {
    let s3 = &record["s3"];
    let key = text(&s3["object"]["key"])?.replace('+', " ");
    let key = percent_decode_str(&key).decode_utf8().map_err(|_| DecodeError::BadKey)?.into_owned();
    let object = ObjectRef { bucket: text(&s3["bucket"]["name"])?.to_owned(), key };
    // With a prefix `s3:` in some senders, without in AWS's own.
    let event = record["eventName"].as_str().map(|name| name.trim_start_matches("s3:"));
    Ok(match event {
        None => Announced::Created(object),
        Some(event) if event.starts_with("ObjectCreated") => Announced::Created(object),
        Some(_) => Announced::Otherwise(object),
    })
}

/// The event that S3 sends to EventBridge. Its key is as it is.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>
pub(super) fn of_event_bridge(event: &Value) -> Result<Announced, DecodeError> {
    let detail = &event["detail"];
    let object = ObjectRef {
        bucket: text(&detail["bucket"]["name"])?.to_owned(),
        key: text(&detail["object"]["key"])?.to_owned(),
    };
    Ok(match event["detail-type"].as_str() {
        Some("Object Created") => Announced::Created(object),
        _ => Announced::Otherwise(object),
    })
}

/// CloudTrail's own notification: a bucket and keys as they are.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html>
pub(super) fn of_cloudtrail(message: &Value) -> Result<Vec<Announced>, DecodeError> {
    let bucket = text(&message["s3Bucket"])?;
    let keys = match &message["s3ObjectKey"] {
        Value::Array(keys) => keys.iter().collect(),
        key => vec![key],
    };
    keys.into_iter()
        .map(|key| {
            Ok(Announced::Created(ObjectRef { bucket: bucket.to_owned(), key: text(key)?.to_owned() }))
        })
        .collect()
}

fn text(value: &Value) -> Result<&str, DecodeError> {
    value.as_str().filter(|text| !text.is_empty()).ok_or(DecodeError::NoName)
}
