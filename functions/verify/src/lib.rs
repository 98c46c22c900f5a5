//! The `verify` function: from a digest that landed, or an hour that passed, to what is wrong with the logs.

mod handler;
pub mod log;
mod metrics;
mod settings;
mod tasks;

pub use handler::{AwsWatch, Verify};
pub use settings::{CatchUp, Settings, SettingsError};
