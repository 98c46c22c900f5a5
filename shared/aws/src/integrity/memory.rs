//! What was verified, in a DynamoDB table with the key `id`. An item has the entry as JSON (`entry`) and `expires`,
//! after which nobody asks for it any more.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use trailmeter_integrity::watch::{Entry, Memory, PortError};

use super::failed;

/// Rounds look back for a day, and messages live for fourteen in each queue.
const KEPT: i64 = 30 * 86_400;
/// DynamoDB's limit on a batch.
const MOST_KEYS: usize = 100;
/// How often keys are asked for that a busy table has left.
const ATTEMPTS: usize = 8;

/// What was verified, in a DynamoDB table.
#[derive(Debug, Clone)]
pub struct DynamoMemory {
    client: Client,
    table: String,
}

impl DynamoMemory {
    pub(super) fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The entries of up to a hundred names, by name.
    async fn batch(&self, names: &[String]) -> Result<HashMap<String, Entry>, PortError> {
        let keys = names.iter().map(|name| HashMap::from([("id".to_owned(), text(name))])).collect();
        let keys = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(keys)).build();
        let keys = keys.map_err(|error| failed(&error))?;
        let mut wanted = Some(HashMap::from([(self.table.clone(), keys)]));
        let mut found = HashMap::new();
        for _ in 0..ATTEMPTS {
            let Some(keys) = wanted.take().filter(|keys| !keys.is_empty()) else { return Ok(found) };
            let request = self.client.batch_get_item().set_request_items(Some(keys));
            let output = request.send().await.map_err(|error| failed(&error))?;
            for item in output.responses.unwrap_or_default().into_values().flatten() {
                let (name, entry) = entry(&item)?;
                found.insert(name, entry);
            }
            wanted = output.unprocessed_keys;
        }
        match wanted.filter(|keys| !keys.is_empty()) {
            None => Ok(found),
            Some(_) => Err(PortError(format!("keys were left unprocessed {ATTEMPTS} times").into())),
        }
    }
}

impl Memory for DynamoMemory {
    async fn read(&self, names: &[String]) -> Result<Vec<Option<Entry>>, PortError> {
        let mut entries = Vec::with_capacity(names.len());
        for names in names.chunks(MOST_KEYS) {
            let mut found = self.batch(names).await?;
            entries.extend(names.iter().map(|name| found.remove(name)));
        }
        Ok(entries)
    }

    async fn write(&self, name: &str, entry: &Entry) -> Result<(), PortError> {
        let json = serde_json::to_string(entry).map_err(|error| failed(&error))?;
        let expires = entry.at.as_second() + KEPT;
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("id", text(name))
            .item("entry", AttributeValue::S(json))
            .item("expires", AttributeValue::N(expires.to_string()));
        request.send().await.map(drop).map_err(|error| failed(&error))
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn entry(item: &HashMap<String, AttributeValue>) -> Result<(String, Entry), PortError> {
    let of = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let (Some(name), Some(entry)) = (of("id"), of("entry")) else {
        return Err(PortError("an item of the table of digests has no `id` or no `entry`".into()));
    };
    let entry = serde_json::from_str(entry).map_err(|error| {
        PortError(format!("the entry of {name} in the table of digests is bad: {error}").into())
    })?;
    Ok((name.clone(), entry))
}
