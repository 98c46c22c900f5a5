//! Objects back to the queue, each in a message of its own.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use serde_json::json;
use trailmeter_pipeline::{HandBack, HandBackError, ObjectRef};

use crate::sdk_error::Described;

/// SQS's limit on a batch.
const MOST_ENTRIES: usize = 10;

/// Sends messages with `SendMessageBatch`.
#[derive(Debug, Clone)]
pub struct SqsHandBack {
    client: Client,
    queue_url: String,
}

impl SqsHandBack {
    pub(crate) fn new(client: Client, queue_url: String) -> Self {
        Self { client, queue_url }
    }
}

impl HandBack for SqsHandBack {
    async fn hand_back(&self, objects: &[&ObjectRef]) -> Result<(), HandBackError> {
        for objects in objects.chunks(MOST_ENTRIES) {
            let entries =
                objects.iter().enumerate().map(|(at, object)| entry(at, object)).collect::<Result<_, _>>();
            let entries = entries.map_err(|error| HandBackError(Described::boxed(&error)))?;
            let request =
                self.client.send_message_batch().queue_url(&self.queue_url).set_entries(Some(entries));
            let output = request.send().await.map_err(|error| HandBackError(Described::boxed(&error)))?;
            if let Some(failed) = output.failed().first() {
                return Err(HandBackError(format!("SQS refused an entry with {}", failed.code()).into()));
            }
        }
        Ok(())
    }
}

/// In the shape of CloudTrail's own notification, whose keys need no encoding.
fn entry(
    at: usize,
    object: &ObjectRef,
) -> Result<SendMessageBatchRequestEntry, aws_sdk_sqs::error::BuildError> {
    let body = json!({ "s3Bucket": object.bucket, "s3ObjectKey": [object.key] }).to_string();
    SendMessageBatchRequestEntry::builder().id(at.to_string()).message_body(body).build()
}
