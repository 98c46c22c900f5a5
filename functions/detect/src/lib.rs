//! The `detect` function: from an invocation to its answer.

mod answer;
mod findings;
mod handler;
pub mod log;
mod settings;
mod start;
mod trace;

pub use findings::Findings;
pub use handler::Detect;
pub use settings::{DetectorsPlace, EventBus, FindingsKept, Ledger, Settings, SettingsError};
pub use start::{StartError, detector_rules, finding_places, watched};
pub use trace::{Traced, TracedBody, Tracer};
