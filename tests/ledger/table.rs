//! A ledger's table in the local cloud, made and looked at.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, Result};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use trailmeter_testkit::bad_input::{good_record, gzip};
use trailmeter_testkit::local_cloud::LocalCloud;

/// An item, every attribute as text.
pub(crate) type Item = BTreeMap<String, String>;

pub(crate) struct Table {
    pub(crate) name: String,
    client: Client,
}

impl Table {
    /// A table like that of the template.
    pub(crate) async fn make(cloud: &LocalCloud, name: &str) -> Result<Self> {
        let (client, name) = (Client::new(&cloud.config().await), format!("ledger-of-{name}"));
        let id = || "id".to_owned();
        let key = KeySchemaElement::builder().attribute_name(id()).key_type(KeyType::Hash).build()?;
        let attribute = AttributeDefinition::builder()
            .attribute_name(id())
            .attribute_type(ScalarAttributeType::S)
            .build()?;
        client
            .create_table()
            .table_name(&name)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key)
            .attribute_definitions(attribute)
            .send()
            .await
            .with_context(|| format!("cannot make {name}"))?;
        Ok(Self { name, client })
    }

    pub(crate) async fn items(&self) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        let mut pages = self.client.scan().table_name(&self.name).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            items.push(item?.into_iter().map(|(name, value)| (name, text(&value))).collect());
        }
        Ok(items)
    }

    /// The ids with this beginning.
    pub(crate) async fn ids(&self, beginning: &str) -> Result<Vec<String>> {
        let ids = self.items().await?.into_iter().map(|item| item["id"].clone());
        Ok(ids.filter(|id| id.starts_with(beginning)).collect())
    }

    /// Sets attributes of the one object that the table knows.
    pub(crate) async fn set_only_object(&self, attributes: &[(&str, &str)]) -> Result<()> {
        let ids = self.ids("object#").await?;
        anyhow::ensure!(ids.len() == 1, "one object is expected: {ids:?}");
        let mut request =
            self.client.update_item().table_name(&self.name).key("id", AttributeValue::S(ids[0].clone()));
        let mut sets = Vec::new();
        for &(name, value) in attributes {
            let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
            let attribute = if is_number { AttributeValue::N } else { AttributeValue::S };
            sets.push(format!("#{name} = :{name}"));
            request = request
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), attribute(value.to_owned()));
        }
        request.update_expression(format!("SET {}", sets.join(", "))).send().await?;
        Ok(())
    }
}

fn text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

/// A log file with these events, by their numbers, each of them denied.
pub(crate) fn file_of(events: Range<usize>) -> Result<Vec<u8>> {
    let records: Vec<String> = events.map(good_record).collect();
    gzip(format!(r#"{{"Records":[{}]}}"#, records.join(",")).as_bytes())
}
