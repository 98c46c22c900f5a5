//! Which object counts an event: the first that takes it.
//!
//! Reads first, in batches: they cost a quarter of a write, and repeats are found by them as a
//! rule. Then the rest is written, a hundred in a transaction, on the condition that nobody was
//! faster. Only that condition decides; a read may be behind.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Put, TransactWriteItem};
use trailmeter_pipeline::{EventMatch, LedgerError, LedgerProblem};

use super::item::{number, number_of, text, text_of};
use super::{ATTEMPTS, DynamoLedger, FIRST_PAUSE, failed, unavailable};

/// DynamoDB's limit on the keys of a `BatchGetItem`, and on the actions of a transaction.
const AT_ONCE: usize = 100;

/// Makes events the object's, and says for each whether it is another's.
pub(super) async fn take(
    ledger: &DynamoLedger,
    object: &str,
    events: &[EventMatch<'_>],
    now: i64,
) -> Result<Vec<bool>, LedgerError> {
    let mut are_others = Vec::with_capacity(events.len());
    for events in events.chunks(AT_ONCE) {
        let id = |event: &EventMatch<'_>| format!("event#{}#{}", event.event, event.detector);
        let ids: Vec<String> = events.iter().map(id).collect();
        let (mine, mut others) = look_up(ledger, object, &ids, now).await?;
        let absent = ids.iter().filter(|id| !mine.contains(*id) && !others.contains(*id)).collect();
        others.extend(write(ledger, object, absent, now).await?);
        are_others.extend(ids.iter().map(|id| others.contains(id)));
    }
    Ok(are_others)
}

/// Which of these are the object's already, and which another's.
async fn look_up(
    ledger: &DynamoLedger,
    object: &str,
    ids: &[String],
    now: i64,
) -> Result<(HashSet<String>, HashSet<String>), LedgerError> {
    let items = ledger.get(ids.to_vec(), &["id", "object", "expires"]).await?;
    let (mut mine, mut others) = (HashSet::new(), HashSet::new());
    for item in items.into_iter().filter(|item| number_of(item, "expires").is_some_and(|end| end >= now)) {
        let Some(id) = text_of(&item, "id") else { continue };
        let owned = if text_of(&item, "object") == Some(object) { &mut mine } else { &mut others };
        owned.insert(id.to_owned());
    }
    Ok((mine, others))
}

/// Writes what nobody has written. Returns what somebody has.
async fn write(
    ledger: &DynamoLedger,
    object: &str,
    mut ids: Vec<&String>,
    now: i64,
) -> Result<HashSet<String>, LedgerError> {
    let mut others = HashSet::new();
    let mut pause = FIRST_PAUSE;
    let mut attempts = 0;
    while !ids.is_empty() {
        let actions = ids.iter().map(|id| action(ledger, object, id, now)).collect::<Result<_, _>>()?;
        let request = ledger.client.transact_write_items().set_transact_items(Some(actions));
        let Err(error) = request.send().await else { return Ok(others) };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
        else {
            return Err(failed(&error));
        };
        let reasons = cancelled.cancellation_reasons();
        let is = |reason: &CancellationReason, code: &str| reason.code() == Some(code);
        let has = |codes: &[&str], reason: &CancellationReason| codes.iter().any(|code| is(reason, code));
        let is_throttled = reasons.iter().any(|reason| has(&THROTTLED, reason));
        let is_known = |reason: &&CancellationReason| has(&EXPECTED, reason) || has(&THROTTLED, reason);
        if let Some(reason) = reasons.iter().find(|reason| !is_known(reason)) {
            let code = reason.code().unwrap_or("no code");
            let source = format!("DynamoDB cancelled the transaction with {code}").into();
            return Err(LedgerError { problem: LedgerProblem::Unavailable, source });
        }
        let refused: HashSet<&String> = ids
            .iter()
            .zip(reasons)
            .filter(|(_, reason)| is(reason, "ConditionalCheckFailed"))
            .map(|(id, _)| *id)
            .collect();
        if refused.is_empty() {
            // Another transaction was at one of them: soon it will have written it, or not. Or the
            // table asks for patience, which the SDK does not see in a cancellation.
            attempts += 1;
            if attempts == ATTEMPTS {
                let source = format!("{ATTEMPTS} transactions in a row were cancelled").into();
                let problem = if is_throttled { LedgerProblem::Throttled } else { LedgerProblem::Contended };
                return Err(LedgerError { problem, source });
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        ids.retain(|id| !refused.contains(id));
        others.extend(refused.into_iter().cloned());
    }
    Ok(others)
}

/// Reasons of single actions that say nothing against the table.
const EXPECTED: [&str; 3] = ["None", "ConditionalCheckFailed", "TransactionConflict"];
/// Reasons that ask for patience.
const THROTTLED: [&str; 2] = ["ThrottlingError", "ProvisionedThroughputExceeded"];

fn action(ledger: &DynamoLedger, object: &str, id: &str, now: i64) -> Result<TransactWriteItem, LedgerError> {
    let expires = now + ledger.retention.event_hours * 3600;
    let item = HashMap::from([
        ("id".to_owned(), text(id)),
        ("object".to_owned(), text(object)),
        ("expires".to_owned(), number(expires)),
    ]);
    let put = Put::builder()
        .table_name(&ledger.table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(id) OR #object = :object OR #expires < :now")
        .expression_attribute_names("#object", "object")
        .expression_attribute_names("#expires", "expires")
        .expression_attribute_values(":object", text(object))
        .expression_attribute_values(":now", number(now))
        .build()
        .map_err(|error| unavailable(&error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}
