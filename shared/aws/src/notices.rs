//! What the notices need of AWS: the log, the alarms, a table, a topic, a webhook.

mod alarms;
mod book;
mod log;
mod topic;
mod webhook;

use std::time::Duration;

pub use alarms::AlarmsOfStack;
pub use book::DynamoBook;
pub use log::FindingsInLog;
pub use topic::SnsTopic;
use trailmeter_notices::{Pause, PortError, WebhookFormat};
pub use webhook::SecretWebhook;

use crate::Clients;
use crate::sdk_error::Described;

impl Clients {
    /// Findings in a log group.
    pub fn findings_in_log(&self, group: String) -> FindingsInLog {
        FindingsInLog::new(aws_sdk_cloudwatchlogs::Client::new(self.config()), group)
    }

    /// The alarms of a stack.
    pub fn alarms_of_stack(&self, stack: &str) -> AlarmsOfStack {
        AlarmsOfStack::new(aws_sdk_cloudwatch::Client::new(self.config()), stack)
    }

    /// What was told, in a table.
    pub fn dynamo_book(&self, table: String) -> DynamoBook {
        DynamoBook::new(aws_sdk_dynamodb::Client::new(self.config()), table)
    }

    /// A topic.
    pub fn sns_topic(&self, arn: String) -> SnsTopic {
        SnsTopic::new(aws_sdk_sns::Client::new(self.config()), arn)
    }

    /// A webhook whose address is a secret of Parameter Store.
    pub fn secret_webhook(&self, parameter: String, format: WebhookFormat) -> SecretWebhook {
        SecretWebhook::new(aws_sdk_ssm::Client::new(self.config()), parameter, format)
    }
}

/// Time as it passes.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealTime;

impl Pause for RealTime {
    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> PortError {
    PortError(Described::boxed(error))
}
