//! How far backfills have come, in the ledger's table, beside what the ledger keeps there:
//!
//! | `id` | other attributes |
//! |---|---|
//! | `backfill#NAME` | `request`, `since`, `done` |
//! | `backfill#NAME#FOLDER` | `after`, `queued`, `bytes`, `done` |
//!
//! Each has `expires`, by which DynamoDB deletes it.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use trailmeter_backfill::{Begun, Place, Places, PortError};

use super::failed;
use crate::ledger::item::{number, number_of, text, text_of};

type Item = HashMap<String, AttributeValue>;

/// Places in a DynamoDB table.
#[derive(Debug, Clone)]
pub struct BackfillPlaces {
    client: Client,
    table: String,
}

impl BackfillPlaces {
    pub(super) fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    async fn get(&self, id: &str) -> Result<Option<Item>, PortError> {
        let request =
            self.client.get_item().table_name(&self.table).key("id", text(id)).consistent_read(true);
        Ok(request.send().await.map_err(|error| failed(&error))?.item)
    }

    /// Puts an item; a new one only if it has to be new. Returns whether it did.
    async fn put(&self, item: Item, is_new: bool) -> Result<bool, PortError> {
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let request = if is_new { request.condition_expression("attribute_not_exists(id)") } else { request };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }
}

impl Places for BackfillPlaces {
    async fn begin(&self, name: &str, begun: &Begun, expires: i64) -> Result<Begun, PortError> {
        // Another may be gone by the time it is asked for.
        for _ in 0..3 {
            if self.put(of_begun(name, begun, expires), true).await? {
                return Ok(begun.clone());
            }
            if let Some(item) = self.get(&head(name)).await? {
                return begun_of(&item).ok_or_else(|| unreadable(&head(name)));
            }
        }
        Err(PortError(format!("{} comes and goes", head(name)).into()))
    }

    async fn end(&self, name: &str, begun: &Begun, expires: i64) -> Result<(), PortError> {
        self.put(of_begun(name, begun, expires), false).await.map(drop)
    }

    async fn read(&self, name: &str, folder: &str) -> Result<Option<Place>, PortError> {
        let id = id(name, folder);
        let Some(item) = self.get(&id).await? else { return Ok(None) };
        place_of(&item).map(Some).ok_or_else(|| unreadable(&id))
    }

    async fn write(&self, name: &str, folder: &str, place: &Place, expires: i64) -> Result<(), PortError> {
        let item = Item::from([
            ("id".to_owned(), text(&id(name, folder))),
            ("after".to_owned(), text(&place.after)),
            ("queued".to_owned(), number(place.queued)),
            ("bytes".to_owned(), number(place.bytes)),
            ("done".to_owned(), AttributeValue::Bool(place.done)),
            ("expires".to_owned(), number(expires)),
        ]);
        self.put(item, false).await.map(drop)
    }
}

fn head(name: &str) -> String {
    format!("backfill#{name}")
}

/// No name has a `#` in it.
fn id(name: &str, folder: &str) -> String {
    format!("backfill#{name}#{folder}")
}

fn of_begun(name: &str, begun: &Begun, expires: i64) -> Item {
    Item::from([
        ("id".to_owned(), text(&head(name))),
        ("request".to_owned(), text(&begun.request)),
        ("since".to_owned(), number(begun.since)),
        ("done".to_owned(), AttributeValue::Bool(begun.done)),
        ("expires".to_owned(), number(expires)),
    ])
}

fn begun_of(item: &Item) -> Option<Begun> {
    Some(Begun {
        request: text_of(item, "request")?.to_owned(),
        since: number_of(item, "since")?,
        done: *item.get("done")?.as_bool().ok()?,
    })
}

fn place_of(item: &Item) -> Option<Place> {
    let count = |name| number_of(item, name).and_then(|count| u64::try_from(count).ok());
    Some(Place {
        after: text_of(item, "after")?.to_owned(),
        queued: count("queued")?,
        bytes: count("bytes")?,
        done: *item.get("done")?.as_bool().ok()?,
    })
}

fn unreadable(id: &str) -> PortError {
    PortError(format!("the item {id} is of another form: was the table written by something else?").into())
}
