//! What an operator's command asks a deployment from outside. The function asks none of it, so all
//! of it stands behind the feature `operator`.
//!
//! Answers are plain values. A question that was not answered is an [`AskError`], which says which
//! call it was and whether it was denied: whoever asks may have few permissions, and the answers
//! to the other questions are still worth something.

mod ask;
mod bucket;
mod dead_letters;
mod function;
mod key;
mod log_lines;
mod metrics;
mod rule;
mod stack;
mod table;
mod topic;
mod trail;

use std::collections::BTreeMap;

use aws_config::{Region, SdkConfig};

use crate::Clients;
pub use ask::{AskError, AskProblem, Asked};
pub use bucket::{BucketNotifications, QueueNotification};
pub use dead_letters::{DeadLetters, Held, Letter, QueueFacts};
pub use function::{FunctionFacts, MappingFacts};
pub use log_lines::{LogLine, LogLines};
pub use metrics::{AlarmFacts, MetricQuery};
pub use rule::RuleFacts;
pub use stack::StackFacts;
pub use table::TableFacts;
pub use topic::SubscriptionFacts;
pub use trail::{Recorded, TrailFacts, TrailStatus};

impl Clients {
    /// The dead-letter queue at `url`.
    pub fn dead_letters(&self, url: String) -> DeadLetters {
        DeadLetters::new(aws_sdk_sqs::Client::new(self.config()), url)
    }

    /// Lines of a log group.
    pub async fn log_lines(&self, group: &str, phrase: &str, since: i64) -> Asked<LogLines> {
        log_lines::find(&aws_sdk_cloudwatchlogs::Client::new(self.config()), group, phrase, since).await
    }

    /// What a stack says of itself.
    pub async fn stack(&self, name: &str) -> Asked<StackFacts> {
        stack::describe(&aws_sdk_cloudformation::Client::new(self.config()), name).await
    }

    /// The trail with this ARN, which is asked in its own region; or all that a region sees.
    pub async fn trails(&self, arn: Option<&str>) -> Asked<Vec<TrailFacts>> {
        trail::trails(&self.cloudtrail(arn.unwrap_or_default()), arn).await
    }

    /// How a trail fares.
    pub async fn trail_status(&self, arn: &str) -> Asked<TrailStatus> {
        trail::status(&self.cloudtrail(arn), arn).await
    }

    /// What a trail records.
    pub async fn recorded(&self, arn: &str) -> Asked<Recorded> {
        trail::recorded(&self.cloudtrail(arn), arn).await
    }

    /// Whom a bucket notifies; `region` if it is in another.
    pub async fn bucket_notifications(
        &self,
        bucket: &str,
        region: Option<&str>,
    ) -> Asked<BucketNotifications> {
        bucket::notifications(&self.s3(region), bucket).await
    }

    /// The policy of a bucket; `None` is a bucket without one.
    pub async fn bucket_policy(&self, bucket: &str, region: Option<&str>) -> Asked<Option<String>> {
        bucket::policy(&self.s3(region), bucket).await
    }

    /// The state of a key.
    pub async fn key_state(&self, arn: &str) -> Asked<String> {
        key::state(&aws_sdk_kms::Client::new(&self.config_for(region_of(arn))), arn).await
    }

    /// The policy of a key.
    pub async fn key_policy(&self, arn: &str) -> Asked<String> {
        key::policy(&aws_sdk_kms::Client::new(&self.config_for(region_of(arn))), arn).await
    }

    /// Who hears of a topic.
    pub async fn subscriptions(&self, topic: &str) -> Asked<Vec<SubscriptionFacts>> {
        topic::subscriptions(&aws_sdk_sns::Client::new(&self.config_for(region_of(topic))), topic).await
    }

    /// One subscription.
    pub async fn subscription(&self, arn: &str) -> Asked<SubscriptionFacts> {
        topic::subscription(&aws_sdk_sns::Client::new(&self.config_for(region_of(arn))), arn).await
    }

    /// A rule of the default event bus.
    pub async fn rule(&self, name: &str) -> Asked<RuleFacts> {
        rule::rule(&aws_sdk_eventbridge::Client::new(self.config()), name).await
    }

    /// A function.
    pub async fn function(&self, name: &str) -> Asked<FunctionFacts> {
        function::function(&aws_sdk_lambda::Client::new(self.config()), name).await
    }

    /// The mappings of a queue to a function.
    pub async fn mappings(&self, function: &str, queue: &str) -> Asked<Vec<MappingFacts>> {
        function::mappings(&aws_sdk_lambda::Client::new(self.config()), function, queue).await
    }

    /// A queue.
    pub async fn queue(&self, url: &str) -> Asked<QueueFacts> {
        dead_letters::facts(&aws_sdk_sqs::Client::new(self.config()), url).await
    }

    /// A table.
    pub async fn table(&self, name: &str) -> Asked<TableFacts> {
        table::table(&aws_sdk_dynamodb::Client::new(self.config()), name).await
    }

    /// The alarms whose names begin with `prefix`.
    pub async fn alarms(&self, prefix: &str) -> Asked<Vec<AlarmFacts>> {
        metrics::alarms(&aws_sdk_cloudwatch::Client::new(self.config()), prefix).await
    }

    /// Metrics over the last hours before `now` (seconds of the epoch), by their names.
    pub async fn metrics(
        &self,
        queries: &[MetricQuery],
        now: i64,
        hours: i64,
    ) -> Asked<BTreeMap<&'static str, f64>> {
        metrics::metrics(&aws_sdk_cloudwatch::Client::new(self.config()), queries, now, hours).await
    }

    fn cloudtrail(&self, arn: &str) -> aws_sdk_cloudtrail::Client {
        aws_sdk_cloudtrail::Client::new(&self.config_for(region_of(arn)))
    }

    fn s3(&self, region: Option<&str>) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::new(&self.config_for(region))
    }

    /// The configuration for a region, or for that of whoever asks.
    fn config_for(&self, region: Option<&str>) -> SdkConfig {
        match region {
            Some(region) => self.config().to_builder().region(Region::new(region.to_owned())).build(),
            None => self.config().clone(),
        }
    }
}

/// The region that an ARN names.
fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| !region.is_empty())
}
