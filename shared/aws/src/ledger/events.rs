//! Which object counts an event: the first that takes it.
//!
//! Reads first, in batches: they cost a quarter of a write, and repeats are found by them as a
//! rule. Then the rest is written, a hundred in a transaction, on the condition that nobody was
//! faster. Only that condition decides; a read may be behind.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, Put, TransactWriteItem};
use trailmeter_pipeline::{Entry, EventMatch, LedgerError, LedgerProblem, Met, ObjectVersion, Taken};

use super::item::{self, name_of, number, number_of, object_id, text, text_of};
use super::{ATTEMPTS, DynamoLedger, FIRST_PAUSE, failed, unavailable};

/// DynamoDB's limit on the keys of a `BatchGetItem`, and on the actions of a transaction.
const AT_ONCE: usize = 100;

/// Who takes events, and when.
struct Taker<'l> {
    ledger: &'l DynamoLedger,
    /// The id of the object.
    object: String,
    /// What its other versions are called by.
    name: String,
    now: i64,
}

/// An event that is to be written.
struct Wanted {
    id: String,
    /// The version of the object in whose place it is taken, if it was taken before.
    former: Option<String>,
    /// That one may have counted it.
    in_doubt: bool,
}

/// Makes events the object's, and says for each what became of it.
pub(super) async fn take(
    ledger: &DynamoLedger,
    object: &ObjectVersion,
    events: &[EventMatch<'_>],
    now: i64,
) -> Result<Vec<Taken>, LedgerError> {
    let by = Taker { ledger, object: object_id(object), name: name_of(object), now };
    let mut all = Vec::with_capacity(events.len());
    for events in events.chunks(AT_ONCE) {
        let id = |event: &EventMatch<'_>| format!("event#{}#{}", event.event, event.detector);
        let ids: Vec<String> = events.iter().map(id).collect();
        let mut taken = HashMap::new();
        let wanted = by.look_up(&ids, &mut taken).await?;
        by.write(wanted, &mut taken).await?;
        all.extend(ids.iter().map(|id| taken.get(id).copied().unwrap_or(Taken::Elsewhere)));
    }
    Ok(all)
}

impl Taker<'_> {
    /// Decides about those that are in the table. Returns those that have to be written.
    async fn look_up(
        &self,
        ids: &[String],
        taken: &mut HashMap<String, Taken>,
    ) -> Result<Vec<Wanted>, LedgerError> {
        let attributes = ["id", "object", "name", "expires", "doubt"];
        let items = self.ledger.get(ids.to_vec(), &attributes, false).await?;
        let is_current = |item: &HashMap<_, _>| number_of(item, "expires").is_some_and(|end| end >= self.now);
        let mut of_formers = Vec::new();
        for item in items.into_iter().filter(is_current) {
            let (Some(id), Some(owner)) = (text_of(&item, "id"), text_of(&item, "object")) else { continue };
            let in_doubt = item.contains_key("doubt");
            if owner == self.object {
                taken.insert(id.to_owned(), if in_doubt { Taken::HereInDoubt } else { Taken::Here });
            } else if text_of(&item, "name") == Some(&self.name) {
                of_formers.push((id.to_owned(), owner.to_owned(), in_doubt));
            } else {
                taken.insert(id.to_owned(), Taken::Elsewhere);
            }
        }
        let mut wanted = self.in_place_of_formers(of_formers, taken).await?;
        let is_absent =
            |id: &&String| !taken.contains_key(*id) && wanted.iter().all(|known| known.id != **id);
        let absent: Vec<Wanted> = ids
            .iter()
            .filter(is_absent)
            .map(|id| Wanted { id: id.clone(), former: None, in_doubt: false })
            .collect();
        wanted.extend(absent);
        Ok(wanted)
    }

    /// Decides about events that other versions of the object have taken, by what became of those.
    async fn in_place_of_formers(
        &self,
        events: Vec<(String, String, bool)>,
        taken: &mut HashMap<String, Taken>,
    ) -> Result<Vec<Wanted>, LedgerError> {
        let owners: BTreeSet<String> = events.iter().map(|(_, owner, _)| owner.clone()).collect();
        if owners.is_empty() {
            return Ok(Vec::new());
        }
        let attributes = ["id", "state", "owner", "lease", "since", "matches", "perhaps"];
        let mut formers = HashMap::new();
        for item in self.ledger.get(owners.into_iter().collect(), &attributes, true).await? {
            if let Some(id) = text_of(&item, "id") {
                formers.insert(id.to_owned(), item::entry(&item)?);
            }
        }
        let mut wanted = Vec::new();
        for (id, owner, doubted) in events {
            let former = formers.get(&owner);
            // One that the table has forgotten is long over.
            let met = former.map_or(Met::Counted, |former| former.met(self.now));
            match met {
                Met::Counted => drop(taken.insert(id, Taken::Elsewhere)),
                Met::InOtherHands => drop(taken.insert(id, Taken::InOtherHands)),
                Met::Abandoned => {
                    let in_doubt = doubted || former.is_some_and(Entry::is_in_doubt);
                    wanted.push(Wanted { id, former: Some(owner), in_doubt });
                }
            }
        }
        Ok(wanted)
    }

    /// Writes what nobody has written, and takes down what somebody has.
    async fn write(
        &self,
        mut wanted: Vec<Wanted>,
        taken: &mut HashMap<String, Taken>,
    ) -> Result<(), LedgerError> {
        let mut pause = FIRST_PAUSE;
        let mut attempts = 0;
        while !wanted.is_empty() {
            let actions = wanted.iter().map(|wanted| self.action(wanted)).collect::<Result<_, _>>()?;
            let request = self.ledger.client.transact_write_items().set_transact_items(Some(actions));
            let Err(error) = request.send().await else {
                let here = |wanted: Wanted| {
                    (wanted.id, if wanted.in_doubt { Taken::HereInDoubt } else { Taken::Here })
                };
                taken.extend(wanted.into_iter().map(here));
                return Ok(());
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                error.as_service_error()
            else {
                return Err(failed(&error));
            };
            let reasons = cancelled.cancellation_reasons();
            let is_throttled = may_repeat(reasons)?;
            let mut refused = reasons.iter().map(|reason| is(reason, "ConditionalCheckFailed"));
            let before = wanted.len();
            wanted.retain(|wanted| {
                let is_refused = refused.next().unwrap_or(false);
                if is_refused {
                    taken.insert(wanted.id.clone(), Taken::Elsewhere);
                }
                !is_refused
            });
            if wanted.len() == before {
                // Another transaction was at one of them: soon it will have written it, or not. Or the
                // table asks for patience, which the SDK does not see in a cancellation.
                attempts += 1;
                if attempts == ATTEMPTS {
                    let source = format!("{ATTEMPTS} transactions in a row were cancelled").into();
                    let problem =
                        if is_throttled { LedgerProblem::Throttled } else { LedgerProblem::Contended };
                    return Err(LedgerError { problem, source });
                }
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
        Ok(())
    }

    fn action(&self, wanted: &Wanted) -> Result<TransactWriteItem, LedgerError> {
        let expires = self.now + self.ledger.retention.event_hours * 3600;
        let mut item = HashMap::from([
            ("id".to_owned(), text(&wanted.id)),
            ("object".to_owned(), text(&self.object)),
            ("name".to_owned(), text(&self.name)),
            ("expires".to_owned(), number(expires)),
        ]);
        if wanted.in_doubt {
            item.insert("doubt".to_owned(), AttributeValue::Bool(true));
        }
        let former = wanted.former.as_ref().unwrap_or(&self.object);
        let put = Put::builder()
            .table_name(&self.ledger.table)
            .set_item(Some(item))
            .condition_expression(
                "attribute_not_exists(id) OR #object = :object OR #object = :former OR #expires < :now",
            )
            .expression_attribute_names("#object", "object")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_values(":object", text(&self.object))
            .expression_attribute_values(":former", text(former))
            .expression_attribute_values(":now", number(self.now))
            .build()
            .map_err(|error| unavailable(&error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// Reasons of single actions that say nothing against the table.
const EXPECTED: [&str; 3] = ["None", "ConditionalCheckFailed", "TransactionConflict"];
/// Reasons that ask for patience.
const THROTTLED: [&str; 2] = ["ThrottlingError", "ProvisionedThroughputExceeded"];

/// Whether the table asked for patience; an error if a transaction was cancelled for another reason
/// than those that pass.
fn may_repeat(reasons: &[CancellationReason]) -> Result<bool, LedgerError> {
    let has = |codes: &[&str], reason: &CancellationReason| codes.iter().any(|code| is(reason, code));
    let is_unknown = |reason: &&CancellationReason| !has(&EXPECTED, reason) && !has(&THROTTLED, reason);
    if let Some(reason) = reasons.iter().find(is_unknown) {
        let code = reason.code().unwrap_or("no code");
        let source = format!("DynamoDB cancelled the transaction with {code}").into();
        return Err(LedgerError { problem: LedgerProblem::Unavailable, source });
    }
    Ok(reasons.iter().any(|reason| has(&THROTTLED, reason)))
}

fn is(reason: &CancellationReason, code: &str) -> bool {
    reason.code() == Some(code)
}
