//! The ledger in a DynamoDB table.
//!
//! One table with the key `id`, for three kinds of items that have nothing else in common:
//!
//! | `id` | other attributes |
//! |---|---|
//! | `object#HASH` | `bucket`, `key`, `version` for people; `state`, `owner`, `lease`, `since`, `matches`, `perhaps` |
//! | `event#ID#DETECTOR` | `object`, the id of the object that counts it; `name`, what all its versions have in common; `doubt`, if a version before it may have counted the event |
//! | `message#ID` | `tries` |
//!
//! Each has `expires`, by which DynamoDB deletes it some day after. What has expired and is still
//! there counts as gone for events, and still as counted for objects.

mod events;
pub(crate) mod item;

use std::collections::HashMap;
#[cfg(feature = "integrity")]
use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use trailmeter_pipeline::{Entry, EventMatch, Ledger, LedgerError, LedgerProblem, ObjectVersion, Taken};

use crate::sdk_error::{Described, Ending, ending};
use item::{number, text};

/// Seconds in a day.
const DAY: i64 = 86_400;
/// A message lives for fourteen days in each queue.
const MESSAGE_DAYS: i64 = 30;

/// DynamoDB's limit on a batch.
#[cfg(feature = "integrity")]
const MOST_KEYS: usize = 100;

/// How often the same is asked that others are in the way of.
const ATTEMPTS: u32 = 8;
/// The pause after the first; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// For how long the ledger remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Objects, in days.
    pub object_days: i64,
    /// Events, in hours.
    pub event_hours: i64,
}

/// A ledger in a DynamoDB table.
#[derive(Debug, Clone)]
pub struct DynamoLedger {
    client: Client,
    table: String,
    retention: Retention,
}

impl DynamoLedger {
    pub(crate) fn new(client: Client, table: String, retention: Retention) -> Self {
        Self { client, table, retention }
    }

    fn object_expires(&self, entry: &Entry) -> i64 {
        entry.since + self.retention.object_days * DAY
    }
}

impl Ledger for DynamoLedger {
    async fn insert(&self, object: &ObjectVersion, entry: &Entry) -> Result<Option<Entry>, LedgerError> {
        let request = item::update(&self.client, object, entry, self.object_expires(entry))
            .table_name(&self.table)
            .condition_expression("attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Some(met) = conditional(request.send().await)? else { return Ok(None) };
        let met = item::entry(&met)?;
        // The answer to the first sending was lost, and the SDK sent it again.
        Ok((met.owner != entry.owner).then_some(met))
    }

    async fn replace(&self, object: &ObjectVersion, from: &Entry, to: &Entry) -> Result<bool, LedgerError> {
        let request = item::update(&self.client, object, to, self.object_expires(to))
            .table_name(&self.table)
            .condition_expression("#owner = :from_owner AND #state = :from_state AND #lease = :from_lease")
            .expression_attribute_values(":from_owner", text(&from.owner))
            .expression_attribute_values(":from_state", text(item::state_word(from.state)))
            .expression_attribute_values(":from_lease", number(from.lease))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match conditional(request.send().await)? {
            None => Ok(true),
            Some(met) if met.is_empty() => Ok(false),
            Some(met) => Ok(item::entry(&met)? == *to),
        }
    }

    async fn take_events(
        &self,
        object: &ObjectVersion,
        events: &[EventMatch<'_>],
        now: i64,
    ) -> Result<Vec<Taken>, LedgerError> {
        events::take(self, object, events, now).await
    }

    async fn tries(&self, messages: &[&str], now: i64) -> Result<Vec<u64>, LedgerError> {
        let mut tries = Vec::with_capacity(messages.len());
        for message in messages {
            // Reading would take a right that a ledger of objects needs for nothing else.
            tries.push(self.add_tries(message, 0, now).await?);
        }
        Ok(tries)
    }

    async fn begin_try(&self, message: &str, now: i64) -> Result<(), LedgerError> {
        self.add_tries(message, 1, now).await.map(drop)
    }
}

#[cfg(feature = "integrity")]
impl DynamoLedger {
    /// The places of objects that nobody has ever claimed.
    ///
    /// Eventually consistent: what is asked about was delivered long ago, and a claim that is overlooked costs a
    /// message that is known as a repeat when it comes.
    pub(crate) async fn unseen(&self, objects: &[ObjectVersion]) -> Result<Vec<usize>, LedgerError> {
        let mut unseen = Vec::new();
        for (chunk, objects) in objects.chunks(MOST_KEYS).enumerate() {
            let ids: Vec<_> = objects.iter().map(item::object_id).collect();
            let items = self.get(ids.clone(), &["id"], false).await?;
            let seen: HashSet<_> = items.iter().filter_map(|item| item::text_of(item, "id")).collect();
            let places = ids.iter().enumerate().filter(|(_, id)| !seen.contains(id.as_str()));
            unseen.extend(places.map(|(at, _)| chunk * MOST_KEYS + at));
        }
        Ok(unseen)
    }
}

impl DynamoLedger {
    /// Adds to the tries of a message, and says how many there are.
    async fn add_tries(&self, message: &str, more: i64, now: i64) -> Result<u64, LedgerError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", text(&format!("message#{message}")))
            .update_expression("SET #expires = :expires ADD #tries :more")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_names("#tries", "tries")
            .expression_attribute_values(":expires", number(now + MESSAGE_DAYS * DAY))
            .expression_attribute_values(":more", number(more))
            .return_values(ReturnValue::UpdatedNew);
        let output = request.send().await.map_err(|error| failed(&error))?;
        let tries = output.attributes().and_then(|updated| item::number_of(updated, "tries"));
        Ok(tries.and_then(|tries| u64::try_from(tries).ok()).unwrap_or(0))
    }

    /// Some attributes of up to a hundred items, by their ids; those that are not there are left out.
    /// What is consistent costs twice as much.
    async fn get(
        &self,
        ids: Vec<String>,
        attributes: &[&str],
        consistent: bool,
    ) -> Result<Vec<HashMap<String, AttributeValue>>, LedgerError> {
        let keys = ids.iter().map(|id| HashMap::from([("id".to_owned(), text(id))])).collect();
        let names = attributes.iter().map(|name| (format!("#{name}"), (*name).to_owned())).collect();
        let projection: Vec<String> = attributes.iter().map(|name| format!("#{name}")).collect();
        let keys = KeysAndAttributes::builder()
            .consistent_read(consistent)
            .set_keys(Some(keys))
            .projection_expression(projection.join(", "))
            .set_expression_attribute_names(Some(names))
            .build();
        let keys = keys.map_err(|error| unavailable(&error))?;
        let mut wanted = Some(HashMap::from([(self.table.clone(), keys)]));
        let (mut items, mut fruitless, mut pause) = (Vec::new(), 0, FIRST_PAUSE);
        while let Some(keys) = wanted.take().filter(|keys| !keys.is_empty()) {
            let asked = count(&keys);
            let request = self.client.batch_get_item().set_request_items(Some(keys));
            let output = request.send().await.map_err(|error| failed(&error))?;
            items.extend(output.responses.unwrap_or_default().into_values().flatten());
            wanted = output.unprocessed_keys;
            // A table that is asked too much leaves some of the keys for later, or all.
            let left = wanted.as_ref().map_or(0, count);
            if left == asked {
                fruitless += 1;
                if fruitless == ATTEMPTS {
                    let source = format!("{asked} keys were left unprocessed {ATTEMPTS} times").into();
                    return Err(LedgerError { problem: LedgerProblem::Throttled, source });
                }
                pause *= 2;
            } else {
                (fruitless, pause) = (0, FIRST_PAUSE);
            }
            if left > 0 {
                tokio::time::sleep(pause).await;
            }
        }
        Ok(items)
    }
}

fn count(wanted: &HashMap<String, KeysAndAttributes>) -> usize {
    wanted.values().map(|keys| keys.keys().len()).sum()
}

/// `None` if the write was made, otherwise the item that its condition did not hold for; an empty
/// one if there is none.
fn conditional(
    sent: Result<
        aws_sdk_dynamodb::operation::update_item::UpdateItemOutput,
        SdkError<aws_sdk_dynamodb::operation::update_item::UpdateItemError, HttpResponse>,
    >,
) -> Result<Option<HashMap<String, AttributeValue>>, LedgerError> {
    use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
    match sent {
        Ok(_) => Ok(None),
        Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
            match error.into_err() {
                UpdateItemError::ConditionalCheckFailedException(met) => {
                    Ok(Some(met.item.unwrap_or_default()))
                }
                error => Err(unavailable(&error)),
            }
        }
        Err(error) => Err(failed(&error)),
    }
}

fn unavailable(error: &(dyn std::error::Error + 'static)) -> LedgerError {
    LedgerError { problem: LedgerProblem::Unavailable, source: Described::boxed(error) }
}

/// What a failed request comes down to.
fn failed<E>(error: &SdkError<E, HttpResponse>) -> LedgerError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let problem = match (ending(error), error.code().unwrap_or_default()) {
        (Ending::Throttled, _) => LedgerProblem::Throttled,
        (_, "AccessDeniedException" | "AccessDenied") => LedgerProblem::AccessDenied,
        (_, "ResourceNotFoundException") => LedgerProblem::NotFound,
        _ => LedgerProblem::Unavailable,
    };
    LedgerError { problem, source: Described::boxed(error) }
}
