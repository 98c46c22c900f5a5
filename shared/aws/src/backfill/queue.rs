//! Messages of a backfill, into the queue that detect takes its deliveries from.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use trailmeter_backfill::{Batch, PortError, Queue};
use trailmeter_pipeline::{Backfill, Occasion, message_body};

use super::failed;

/// SQS's limit on a batch.
const MOST_ENTRIES: usize = 10;

/// Sends messages with `SendMessageBatch`.
#[derive(Debug, Clone)]
pub struct BackfillQueue {
    client: Client,
    queue_url: String,
}

impl BackfillQueue {
    pub(super) fn new(client: Client, queue_url: String) -> Self {
        Self { client, queue_url }
    }
}

impl Queue for BackfillQueue {
    async fn send(&self, batches: &[Batch<'_>]) -> Result<(), PortError> {
        for batches in batches.chunks(MOST_ENTRIES) {
            let entries = batches.iter().enumerate().map(|(at, batch)| {
                SendMessageBatchRequestEntry::builder().id(at.to_string()).message_body(body(batch)).build()
            });
            let entries = entries.collect::<Result<_, _>>().map_err(|error| failed(&error))?;
            let request =
                self.client.send_message_batch().queue_url(&self.queue_url).set_entries(Some(entries));
            let output = request.send().await.map_err(|error| failed(&error))?;
            if let Some(entry) = output.failed().first() {
                return Err(PortError(format!("SQS refuses a message with {}", entry.code()).into()));
            }
        }
        Ok(())
    }
}

fn body(batch: &Batch<'_>) -> String {
    let backfill = Backfill { name: batch.name.to_owned(), recount: batch.recount };
    message_body(batch.bucket, &batch.keys, &Occasion::Backfill(backfill))
}
