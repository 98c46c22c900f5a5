//! The `backfill` function: the objects of past days, to the queue that `detect` takes its deliveries from.

mod handler;
pub mod log;
mod order;
mod settings;

pub use handler::Sender;
pub use settings::{Settings, SettingsError};
