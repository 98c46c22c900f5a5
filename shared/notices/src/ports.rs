//! What a notifier needs of the world outside.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use serde_json::Value;

use crate::alarm::Alarm;
use crate::book::Told;
use crate::notice::Window;

/// Something outside did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PortError(pub Box<dyn Error + Send + Sync>);

/// The log that findings stand in.
pub trait FindingLog {
    /// The lines of findings, and of summaries, that were written in a window or soon after.
    fn lines(&self, window: Window) -> impl Future<Output = Result<FindingLines, PortError>> + Send;
}

/// Lines of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingLines {
    /// The lines.
    pub lines: Vec<String>,
    /// There are more than were read.
    pub is_cut: bool,
}

/// The alarms of the deployment.
pub trait Alarms {
    /// Those that are on.
    fn on(&self) -> impl Future<Output = Result<Vec<Alarm>, PortError>> + Send;
}

/// Where it is taken down what was told.
pub trait Book {
    /// The entry of a name.
    fn read(&self, name: &str) -> impl Future<Output = Result<Option<Told>, BookError>> + Send;

    /// Writes an entry, unless another version of it stands there than `before`. Returns whether it did.
    fn write(
        &self,
        name: &str,
        before: Option<u64>,
        told: &Told,
    ) -> impl Future<Output = Result<bool, BookError>> + Send;

    /// All entries, with their names.
    fn all(&self) -> impl Future<Output = Result<Vec<(String, Told)>, BookError>> + Send;
}

/// The book did not answer.
pub type BookError = PortError;

/// Where people hear of it.
pub trait Publisher {
    /// Sends a message.
    fn publish(&self, message: &Message) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// A chat, besides.
pub trait Webhook {
    /// Posts a message.
    fn post(&self, message: &Message) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Nobody listens.
impl Webhook for () {
    async fn post(&self, _: &Message) -> Result<(), PortError> {
        Ok(())
    }
}

/// Without a chat there is nothing to do.
impl<W: Webhook + Sync> Webhook for Option<W> {
    async fn post(&self, message: &Message) -> Result<(), PortError> {
        match self {
            Some(webhook) => webhook.post(message).await,
            None => Ok(()),
        }
    }
}

/// One message, in the forms it is sent in.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// One line of ASCII, at most 100 characters, as SNS has it.
    pub subject: String,
    /// For people.
    pub text: String,
    /// For machines.
    pub json: Value,
}

/// Time that passes.
pub trait Pause {
    /// Waits.
    fn pause(&self, time: Duration) -> impl Future<Output = ()> + Send;
}
