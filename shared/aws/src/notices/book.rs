//! What was told, in a DynamoDB table with the key `id`: the name of an alarm. An item has the entry as JSON
//! (`told`), its `version`, and `expires`, after which nobody asks for it any more.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use trailmeter_notices::{Book, BookError, PortError, Told};

use super::failed;

/// Alarms stay on for days; entries that nobody writes for a month are of alarms that are gone.
const KEPT: i64 = 30 * 86_400;

/// A book in a DynamoDB table.
#[derive(Debug, Clone)]
pub struct DynamoBook {
    client: Client,
    table: String,
}

impl DynamoBook {
    pub(super) fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

impl Book for DynamoBook {
    async fn read(&self, name: &str) -> Result<Option<Told>, BookError> {
        let request =
            self.client.get_item().table_name(&self.table).key("id", text(name)).consistent_read(true);
        let answer = request.send().await.map_err(|error| failed(&error))?;
        answer.item().map(|item| entry(item).map(|(_, told)| told)).transpose()
    }

    async fn write(&self, name: &str, before: Option<u64>, told: &Told) -> Result<bool, BookError> {
        let json = serde_json::to_string(told).map_err(|error| failed(&error))?;
        let expires = told.sent.iter().copied().max().or(told.changed).unwrap_or_default() + KEPT;
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("id", text(name))
            .item("told", AttributeValue::S(json))
            .item("version", AttributeValue::N(told.version.to_string()))
            .item("expires", AttributeValue::N(expires.to_string()));
        let request = match before {
            None => request.condition_expression("attribute_not_exists(id)"),
            Some(version) => request
                .condition_expression("#version = :before")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":before", AttributeValue::N(version.to_string())),
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }

    async fn all(&self) -> Result<Vec<(String, Told)>, BookError> {
        let mut items = self.client.scan().table_name(&self.table).into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            found.push(entry(&item.map_err(|error| failed(&error))?)?);
        }
        Ok(found)
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn entry(item: &HashMap<String, AttributeValue>) -> Result<(String, Told), PortError> {
    let of = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let (Some(name), Some(told)) = (of("id"), of("told")) else {
        return Err(PortError("an item of the table of notices has no `id` or no `told`".into()));
    };
    let told = serde_json::from_str(told).map_err(|error| {
        PortError(format!("the entry of {name} in the table of notices is bad: {error}").into())
    })?;
    Ok((name.clone(), told))
}
