//! A dead-letter queue: looked at without taking anything out of it, and sent back from.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName,
};

use super::ask::{AskError, Asked, failed};

/// SQS's limit on a batch.
const MOST_ENTRIES: usize = 10;
/// How long a message that is looked at is hidden. SQS gives the same ones again and again if it
/// hides none, so paging through needs some time. They are freed at the end; this is for a command
/// that is killed.
const HOLD_SECONDS: i32 = 120;
/// With a wait SQS asks all its servers: an empty answer then means an empty queue.
const WAIT_SECONDS: i32 = 1;

/// A queue that messages are left over in.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
    url: String,
}

/// A message that is left over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// Its id, the same at every look.
    pub id: String,
    /// Its body.
    pub body: String,
    /// What SQS says of it, such as `SentTimestamp`.
    pub attributes: BTreeMap<String, String>,
    /// What its sender said of it, such as `EventBridge`'s `ERROR_MESSAGE`.
    pub sender_attributes: BTreeMap<String, String>,
    /// By which it is deleted or freed; another one at every look.
    pub handle: String,
}

/// Messages that are hidden from others until they are freed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// The messages, each once.
    pub letters: Vec<Letter>,
}

/// What a queue says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFacts {
    /// Its ARN.
    pub arn: String,
    /// About how many messages wait.
    pub waiting: u64,
    /// About how many are in somebody's hands.
    pub in_flight: u64,
    /// For how many seconds a message is kept.
    pub retention_seconds: Option<i64>,
    /// The ARN of its dead-letter queue, if it has one.
    pub dead_letter_queue: Option<String>,
}

impl DeadLetters {
    pub(super) fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What a queue says of itself: this one or another.
    pub async fn facts_of(&self, url: &str) -> Asked<QueueFacts> {
        facts(&self.client, url).await
    }

    /// Takes messages into hand until there are so many, or `is_enough` says so, or there are no
    /// more. Receiving counts: `ApproximateReceiveCount` grows, which nothing here depends on, as
    /// a dead-letter queue has none of its own.
    pub async fn hold(&self, most: usize, mut is_enough: impl FnMut(&Letter) -> bool) -> Asked<Held> {
        let mut held = Held::default();
        let mut seen = BTreeSet::new();
        while held.letters.len() < most {
            let batch = match self.receive(most - held.letters.len()).await {
                Ok(batch) => batch,
                Err(error) => {
                    // What is in hand goes back whatever keeps the rest away.
                    let _freed = self.free(&held.letters).await;
                    return Err(error);
                }
            };
            let (mut is_news, mut enough) = (false, false);
            for letter in batch {
                if seen.insert(letter.id.clone()) {
                    is_news = true;
                    enough |= is_enough(&letter);
                    held.letters.push(letter);
                } else if let Some(known) = held.letters.iter_mut().find(|known| known.id == letter.id) {
                    // Its time was over before the end. The newer handle is the one that frees it.
                    *known = letter;
                }
            }
            if enough || !is_news {
                break;
            }
        }
        Ok(held)
    }

    /// Receives one batch; empty at the end of the queue.
    pub async fn receive(&self, most: usize) -> Asked<Vec<Letter>> {
        let most = i32::try_from(most.clamp(1, MOST_ENTRIES)).unwrap_or(1);
        let request = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(most)
            .visibility_timeout(HOLD_SECONDS)
            .wait_time_seconds(WAIT_SECONDS)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        let received = request.send().await.map_err(failed("sqs:ReceiveMessage"))?;
        Ok(received.messages().iter().filter_map(letter).collect())
    }

    /// Lets others see messages again at once.
    pub async fn free(&self, letters: &[Letter]) -> Asked<()> {
        for letters in letters.chunks(MOST_ENTRIES) {
            let entries = letters
                .iter()
                .enumerate()
                .map(|(at, letter)| {
                    ChangeMessageVisibilityBatchRequestEntry::builder()
                        .id(at.to_string())
                        .receipt_handle(&letter.handle)
                        .visibility_timeout(0)
                        .build()
                })
                .collect::<Result<Vec<_>, _>>();
            let call = "sqs:ChangeMessageVisibility";
            let entries = entries.map_err(|error| AskError::incomplete(call, &error.to_string()))?;
            let request =
                self.client.change_message_visibility_batch().queue_url(&self.url).set_entries(Some(entries));
            // Entries that SQS refuses were deleted or freed in the meantime.
            request.send().await.map_err(failed(call))?;
        }
        Ok(())
    }

    /// Sends a body to another queue and tells the id of the new message.
    pub async fn send(&self, url: &str, body: &str) -> Asked<String> {
        let call = "sqs:SendMessage";
        let sent = self.client.send_message().queue_url(url).message_body(body).send().await;
        let sent = sent.map_err(failed(call))?;
        sent.message_id().map(str::to_owned).ok_or_else(|| AskError::incomplete(call, "message id"))
    }

    /// Deletes a message that is in hand.
    pub async fn delete(&self, letter: &Letter) -> Asked<()> {
        let request = self.client.delete_message().queue_url(&self.url).receipt_handle(&letter.handle);
        request.send().await.map_err(failed("sqs:DeleteMessage"))?;
        Ok(())
    }

    /// Has SQS move everything to another queue, which goes on after this returns.
    pub async fn move_all(&self, arn: &str, to: &str) -> Asked<()> {
        let request = self.client.start_message_move_task().source_arn(arn).destination_arn(to);
        request.send().await.map_err(failed("sqs:StartMessageMoveTask"))?;
        Ok(())
    }
}

pub(super) async fn facts(client: &Client, url: &str) -> Asked<QueueFacts> {
    let call = "sqs:GetQueueAttributes";
    let request = client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    let answer = request.send().await.map_err(failed(call))?;
    let attributes = answer.attributes().ok_or_else(|| AskError::incomplete(call, "attributes"))?;
    let text = |name: QueueAttributeName| attributes.get(&name).map(String::as_str);
    let number = |name| text(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let redrive = text(QueueAttributeName::RedrivePolicy)
        .and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    Ok(QueueFacts {
        arn: text(QueueAttributeName::QueueArn).unwrap_or_default().to_owned(),
        waiting: number(QueueAttributeName::ApproximateNumberOfMessages),
        in_flight: number(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        retention_seconds: text(QueueAttributeName::MessageRetentionPeriod)
            .and_then(|text| text.parse().ok()),
        dead_letter_queue: redrive
            .and_then(|policy| policy["deadLetterTargetArn"].as_str().map(str::to_owned)),
    })
}

fn letter(message: &Message) -> Option<Letter> {
    let attributes = message.attributes().into_iter().flatten();
    let sender_attributes = message.message_attributes().into_iter().flatten();
    Some(Letter {
        id: message.message_id()?.to_owned(),
        body: message.body().unwrap_or_default().to_owned(),
        attributes: attributes.map(|(name, value)| (name.as_str().to_owned(), value.clone())).collect(),
        sender_attributes: sender_attributes
            .filter_map(|(name, value)| Some((name.clone(), value.string_value()?.to_owned())))
            .collect(),
        handle: message.receipt_handle()?.to_owned(),
    })
}
