//! One invocation: a message of the alarms' topic, or the schedule.

use std::time::{SystemTime, UNIX_EPOCH};

use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use trailmeter_aws::notices::{AlarmsOfStack, DynamoBook, FindingsInLog, RealTime, SecretWebhook, SnsTopic};
use trailmeter_notices::{Notifier, Outcome};

use crate::log;

/// The notifier over AWS.
pub type AwsNotifier =
    Notifier<FindingsInLog, AlarmsOfStack, DynamoBook, SnsTopic, Option<SecretWebhook>, RealTime>;

/// The function, wired.
pub struct Notify {
    notifier: AwsNotifier,
}

/// An invocation that has to be repeated, or that is for another function.
#[derive(Debug, thiserror::Error)]
pub enum InvocationFailed {
    /// Nobody was told.
    #[error("nobody was told: the topic did not take the message; the line above says why")]
    NotSent,
    /// It is neither of the two.
    #[error("the event is neither from SNS nor from the schedule: look at what invokes the function")]
    UnknownEvent,
}

impl From<InvocationFailed> for Diagnostic {
    fn from(error: InvocationFailed) -> Self {
        Self { error_type: "InvocationFailed".to_owned(), error_message: error.to_string() }
    }
}

impl Notify {
    /// The function over a notifier.
    pub fn new(notifier: AwsNotifier) -> Self {
        Self { notifier }
    }

    /// Handles one event.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationFailed> {
        let mut outcomes = Vec::new();
        for task in tasks(&event.payload)? {
            let ran = match task {
                Task::Message(message) => self.notifier.on_message(message, now).await,
                Task::Digest => self.notifier.digest(now()).await,
            };
            log::ran(&ran);
            outcomes.push(ran.outcome);
        }
        // With several messages, which SNS never sends, those that were told are known when it is repeated.
        if outcomes.contains(&Outcome::NotSent) {
            return Err(InvocationFailed::NotSent);
        }
        Ok(json!({ "outcomes": outcomes.iter().map(Outcome::word).collect::<Vec<_>>() }))
    }
}

enum Task<'e> {
    Message(&'e str),
    Digest,
}

fn tasks(event: &Value) -> Result<Vec<Task<'_>>, InvocationFailed> {
    // EventBridge's rules and schedules say so themselves; the template's schedule uses their form.
    if event["detail-type"] == "Scheduled Event" {
        return Ok(vec![Task::Digest]);
    }
    let records = event["Records"].as_array().filter(|records| !records.is_empty());
    let messages = records.ok_or(InvocationFailed::UnknownEvent)?.iter().map(|record| {
        record["Sns"]["Message"].as_str().map(Task::Message).ok_or(InvocationFailed::UnknownEvent)
    });
    messages.collect()
}

/// The clock is read here and nowhere further in.
fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the handler is where time comes from")]
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_invokes_the_function_is_told_apart() {
        for (event, tasks_expected) in [
            (json!({ "source": "aws.events", "detail-type": "Scheduled Event" }), Some(1)),
            (json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": "m" } }] }), Some(1)),
            (json!({ "Records": [{ "Sns": { "Message": "m" } }, { "Sns": { "Message": "n" } }] }), Some(2)),
            (json!({ "Records": [] }), None),
            (json!({ "Records": [{ "eventSource": "aws:s3" }] }), None),
            (json!({ "Records": [{ "Sns": { "Message": 7 } }] }), None),
            (json!("x"), None),
            (json!({}), None),
        ] {
            assert_eq!(tasks(&event).ok().map(|tasks| tasks.len()), tasks_expected, "{event}");
        }
    }
}
