//! The queue: objects back to it, each in a message of its own, and messages that are done early.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry};
use trailmeter_pipeline::{ObjectRef, Occasion, Queue, QueueError};

use crate::sdk_error::Described;

/// SQS's limit on a batch.
const MOST_ENTRIES: usize = 10;

/// Sends messages with `SendMessageBatch`, and deletes them with `DeleteMessageBatch`.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    queue_url: String,
}

impl SqsQueue {
    pub(crate) fn new(client: Client, queue_url: String) -> Self {
        Self { client, queue_url }
    }
}

impl Queue for SqsQueue {
    async fn hand_back(&self, objects: &[&ObjectRef], occasion: &Occasion) -> Result<(), QueueError> {
        for objects in objects.chunks(MOST_ENTRIES) {
            let entries = objects.iter().enumerate().map(|(at, object)| entry(at, object, occasion));
            let entries = entries.collect::<Result<_, _>>();
            let entries = entries.map_err(|error| failed(HAND_BACK, &error))?;
            let request =
                self.client.send_message_batch().queue_url(&self.queue_url).set_entries(Some(entries));
            let output = request.send().await.map_err(|error| failed(HAND_BACK, &error))?;
            if let Some(entry) = output.failed().first() {
                return Err(refused("send an object back", entry.code()));
            }
        }
        Ok(())
    }

    async fn acknowledge(&self, receipts: &[&str]) -> Result<(), QueueError> {
        for receipts in receipts.chunks(MOST_ENTRIES) {
            let entry = |(at, receipt): (usize, &&str)| {
                DeleteMessageBatchRequestEntry::builder().id(at.to_string()).receipt_handle(*receipt).build()
            };
            let entries = receipts.iter().enumerate().map(entry).collect::<Result<_, _>>();
            let entries = entries.map_err(|error| failed(ACKNOWLEDGE, &error))?;
            let request =
                self.client.delete_message_batch().queue_url(&self.queue_url).set_entries(Some(entries));
            let output = request.send().await.map_err(|error| failed(ACKNOWLEDGE, &error))?;
            if let Some(entry) = output.failed().first() {
                return Err(refused(ACKNOWLEDGE, entry.code()));
            }
        }
        Ok(())
    }
}

const HAND_BACK: &str = "send the objects back one by one";
const ACKNOWLEDGE: &str = "acknowledge messages before the end of the invocation";

fn failed(what: &str, error: &(dyn std::error::Error + 'static)) -> QueueError {
    QueueError(format!("cannot {what}: {}", Described::boxed(error)).into())
}

fn refused(what: &str, code: &str) -> QueueError {
    QueueError(format!("cannot {what}: SQS refuses it with {code}").into())
}

fn entry(
    at: usize,
    object: &ObjectRef,
    occasion: &Occasion,
) -> Result<SendMessageBatchRequestEntry, aws_sdk_sqs::error::BuildError> {
    let body = object.message_body(occasion);
    SendMessageBatchRequestEntry::builder().id(at.to_string()).message_body(body).build()
}
