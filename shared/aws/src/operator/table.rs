//! What `DynamoDB` says of the ledger's table.

use aws_sdk_dynamodb::Client;

use super::ask::{AskError, Asked, failed};

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableFacts {
    /// Such as `ACTIVE`.
    pub status: String,
    /// The attribute after which items expire, if they do.
    pub expires_by: Option<String>,
}

pub(super) async fn table(client: &Client, name: &str) -> Asked<TableFacts> {
    let call = "dynamodb:DescribeTable";
    let answer = client.describe_table().table_name(name).send().await.map_err(failed(call))?;
    let status = answer.table().and_then(|table| table.table_status());
    let status = status.ok_or_else(|| AskError::incomplete(call, "status"))?;
    let expiry = client.describe_time_to_live().table_name(name).send().await;
    let expiry = expiry.map_err(failed("dynamodb:DescribeTimeToLive"))?;
    let expiry = expiry.time_to_live_description();
    let is_on = expiry
        .and_then(|expiry| expiry.time_to_live_status())
        .is_some_and(|status| ["ENABLED", "ENABLING"].contains(&status.as_str()));
    let attribute = expiry.and_then(|expiry| expiry.attribute_name());
    Ok(TableFacts {
        status: status.as_str().to_owned(),
        expires_by: attribute.filter(|_| is_on).map(str::to_owned),
    })
}
