//! What S3 says of a bucket.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::S3KeyFilter;

use super::ask::{AskProblem, Asked, failed};

/// Whom a bucket notifies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketNotifications {
    /// Queues.
    pub queues: Vec<QueueNotification>,
    /// Whether it sends its events to `EventBridge`.
    pub event_bridge: bool,
}

/// A queue that is notified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueNotification {
    /// Its ARN.
    pub queue: String,
    /// Of which events.
    pub events: Vec<String>,
    /// Whether of some keys only.
    pub is_filtered: bool,
}

pub(super) async fn notifications(client: &Client, bucket: &str) -> Asked<BucketNotifications> {
    let request = client.get_bucket_notification_configuration().bucket(bucket);
    let answer = request.send().await.map_err(failed("s3:GetBucketNotification"))?;
    let queues = answer.queue_configurations().iter().map(|queue| {
        let rules = queue.filter().and_then(|filter| filter.key()).map(S3KeyFilter::filter_rules);
        QueueNotification {
            queue: queue.queue_arn().to_owned(),
            events: queue.events().iter().map(|event| event.as_str().to_owned()).collect(),
            is_filtered: rules.is_some_and(|rules| !rules.is_empty()),
        }
    });
    Ok(BucketNotifications {
        queues: queues.collect(),
        event_bridge: answer.event_bridge_configuration().is_some(),
    })
}

/// The policy of a bucket; `None` is a bucket without one.
pub(super) async fn policy(client: &Client, bucket: &str) -> Asked<Option<String>> {
    let answer = client.get_bucket_policy().bucket(bucket).send().await;
    match answer.map_err(failed("s3:GetBucketPolicy")) {
        Ok(answer) => Ok(answer.policy().map(str::to_owned)),
        Err(error) if error.problem == AskProblem::Missing && error.text.contains("NoSuchBucketPolicy") => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
