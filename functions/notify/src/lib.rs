//! The `notify` function: from an alarm to what people are told.

mod handler;
pub mod log;
mod settings;

pub use handler::{AwsNotifier, Notify};
pub use settings::{Settings, SettingsError, WebhookPlace};
