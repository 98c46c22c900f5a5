//! What KMS says of a key.

use aws_sdk_kms::Client;

use super::ask::{AskError, Asked, failed};

/// The state of a key, such as `Enabled` or `PendingDeletion`.
pub(super) async fn state(client: &Client, arn: &str) -> Asked<String> {
    let call = "kms:DescribeKey";
    let answer = client.describe_key().key_id(arn).send().await.map_err(failed(call))?;
    let state = answer.key_metadata().and_then(|key| key.key_state());
    state.map(|state| state.as_str().to_owned()).ok_or_else(|| AskError::incomplete(call, "key state"))
}

/// The policy of a key.
pub(super) async fn policy(client: &Client, arn: &str) -> Asked<String> {
    let call = "kms:GetKeyPolicy";
    let request = client.get_key_policy().key_id(arn).policy_name("default");
    let answer = request.send().await.map_err(failed(call))?;
    answer.policy().map(str::to_owned).ok_or_else(|| AskError::incomplete(call, "policy"))
}
