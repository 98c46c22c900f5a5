//! What an invocation asks for.

use serde_json::Value;
use trailmeter_pipeline::{Announced, Content, DecodeError, Message, decode};

/// What an invocation asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// To go over the last day.
    Round,
    /// To look at digests.
    Digests(Vec<Request>),
}

/// A message about digests.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Its id in the queue, if it came through one.
    pub(crate) id: Option<String>,
    /// The digests that it names by bucket and key, or why it names none.
    pub(crate) digests: Result<Vec<(String, String)>, DecodeError>,
}

pub(crate) fn task(payload: &Value) -> Task {
    // EventBridge's schedules say so themselves.
    if payload["detail-type"] == "Scheduled Event" {
        return Task::Round;
    }
    Task::Digests(decode(payload).messages.into_iter().map(request).collect())
}

fn request(Message { id, content, .. }: Message) -> Request {
    let digests = match content {
        Content::Objects(objects) => Ok(objects.into_iter().filter_map(created).collect()),
        Content::Undecodable(error) => Err(error),
        // An event is no digest, and who sent it here has made a mistake.
        Content::Event(_) => Err(DecodeError::UnknownShape),
        Content::Notice(_) => Ok(Vec::new()),
    };
    Request { id, digests }
}

fn created(announced: Announced) -> Option<(String, String)> {
    match announced {
        Announced::Created(object) => Some((object.bucket, object.key)),
        Announced::Otherwise(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_invokes_the_function_is_told_apart() {
        let schedule = json!({ "source": "aws.events", "detail-type": "Scheduled Event" });
        assert_eq!(task(&schedule), Task::Round);
        let body = |body: Value| json!({ "Records": [{ "messageId": "m", "eventSource": "aws:sqs", "body": body.to_string() }] });
        for (payload, digests) in [
            (body(json!({ "s3Bucket": "b", "s3ObjectKey": ["k"] })), Ok(vec![("b", "k")])),
            (body(json!({ "Service": "Amazon S3", "Event": "s3:TestEvent" })), Ok(vec![])),
            (body(json!({ "what": "ever" })), Err(DecodeError::UnknownShape)),
        ] {
            let owned = |list: Vec<(&str, &str)>| {
                list.into_iter().map(|(bucket, key)| (bucket.to_owned(), key.to_owned())).collect()
            };
            let expected = Request { id: Some("m".to_owned()), digests: digests.map(owned) };
            assert_eq!(task(&payload), Task::Digests(vec![expected]));
        }
    }
}
