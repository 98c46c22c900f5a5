//! What SNS says of subscriptions.

use std::collections::HashMap;

use aws_sdk_sns::Client;

use super::ask::{AskError, Asked, failed};

/// Who hears of a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubscriptionFacts {
    /// Such as `email` or `sqs`.
    pub protocol: String,
    /// An address, or an ARN.
    pub endpoint: String,
    /// Whether SNS waits for a confirmation and sends nothing.
    pub is_pending: bool,
}

pub(super) async fn subscriptions(client: &Client, topic: &str) -> Asked<Vec<SubscriptionFacts>> {
    let mut pages = client.list_subscriptions_by_topic().topic_arn(topic).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed("sns:ListSubscriptionsByTopic"))?;
        found.extend(page.subscriptions().iter().map(|one| SubscriptionFacts {
            protocol: one.protocol().unwrap_or_default().to_owned(),
            endpoint: one.endpoint().unwrap_or_default().to_owned(),
            // In the place of an ARN stands that there is none yet.
            is_pending: one.subscription_arn().is_none_or(|arn| !arn.starts_with("arn:")),
        }));
    }
    Ok(found)
}

pub(super) async fn subscription(client: &Client, arn: &str) -> Asked<SubscriptionFacts> {
    let call = "sns:GetSubscriptionAttributes";
    let answer = client.get_subscription_attributes().subscription_arn(arn).send().await;
    let answer = answer.map_err(failed(call))?;
    let attributes = answer.attributes().ok_or_else(|| AskError::incomplete(call, "attributes"))?;
    let text = |attributes: &HashMap<String, String>, name| attributes.get(name).cloned().unwrap_or_default();
    Ok(SubscriptionFacts {
        protocol: text(attributes, "Protocol"),
        endpoint: text(attributes, "Endpoint"),
        is_pending: text(attributes, "PendingConfirmation") == "true",
    })
}
