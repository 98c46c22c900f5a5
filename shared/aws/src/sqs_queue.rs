//! The queue: objects back to it, each in a message of its own, messages that are done early, and digests on to
//! their own queue.

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
    /// The queue of who verifies digests, if anybody does.
    digests_url: Option<String>,
}

impl SqsQueue {
    pub(crate) fn new(client: Client, queue_url: String, digests_url: Option<String>) -> Self {
        Self { client, queue_url, digests_url }
    }

    /// Sends each object in a message of its own.
    async fn send(
        &self,
        url: &str,
        objects: &[&ObjectRef],
        occasion: &Occasion,
        what: &str,
    ) -> Result<(), QueueError> {
        for objects in objects.chunks(MOST_ENTRIES) {
            let entries = objects.iter().enumerate().map(|(at, object)| entry(at, object, occasion));
            let entries = entries.collect::<Result<_, _>>();
            let entries = entries.map_err(|error| failed(what, &error))?;
            let request = self.client.send_message_batch().queue_url(url).set_entries(Some(entries));
            let output = request.send().await.map_err(|error| failed(what, &error))?;
            if let Some(entry) = output.failed().first() {
                return Err(refused(what, entry.code()));
            }
        }
        Ok(())
    }
}

impl Queue for SqsQueue {
    async fn hand_back(&self, objects: &[&ObjectRef], occasion: &Occasion) -> Result<(), QueueError> {
        self.send(&self.queue_url, objects, occasion, HAND_BACK).await
    }

    async fn pass_on(&self, digest: &ObjectRef) -> Result<(), QueueError> {
        match &self.digests_url {
            Some(url) => self.send(url, &[digest], &Occasion::Live, PASS_ON).await,
            None => Ok(()),
        }
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
const PASS_ON: &str = "pass on a digest to be verified";
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
