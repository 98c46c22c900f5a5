//! What `EventBridge` says of a rule.

use aws_sdk_eventbridge::Client;

use super::ask::{Asked, failed};

/// A rule of the default event bus.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleFacts {
    /// Such as `ENABLED`.
    pub state: String,
    /// The ARNs that it sends to.
    pub targets: Vec<String>,
}

pub(super) async fn rule(client: &Client, name: &str) -> Asked<RuleFacts> {
    let described = client.describe_rule().name(name).send().await.map_err(failed("events:DescribeRule"))?;
    let targets = client.list_targets_by_rule().rule(name).send().await;
    let targets = targets.map_err(failed("events:ListTargetsByRule"))?;
    Ok(RuleFacts {
        state: described.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        targets: targets.targets().iter().map(|target| target.arn().to_owned()).collect(),
    })
}
