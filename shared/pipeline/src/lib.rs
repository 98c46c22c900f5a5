//! The main job: deliveries in, datapoints out, and what happens when something fails.
//!
//! [`decode`] turns whatever invoked the function into messages that name objects.
//! [`Pipeline::run`] reads the objects through one port, matches them, puts the metrics through
//! another, and says which messages have to come back. The crate owns the ports and the failure
//! policy; it knows no AWS client, no clock and no logging. Time is an argument, and what there is
//! to log is in the [`Report`]. [`LiveDetectors`] says which detectors an invocation runs with.

mod aggregate;
mod carry;
mod delivery;
mod detector_rules;
mod detector_source;
mod dimension_values;
mod ledger;
mod live_detectors;
mod packing;
mod pipeline;
mod pipeline_metrics;
mod ports;
mod read_object;
mod report;
mod settings;

pub use aggregate::{Datum, DatumValues};
pub use carry::News;
pub use delivery::{
    Announced, Backfill, Content, DecodeError, Invocation, Message, Notice, ObjectRef, Occasion, SingleEvent,
    decode, message_body,
};
pub use detector_rules::DetectorRules;
pub use detector_source::{DetectorSource, Fetched, MOST_SOURCE_BYTES, SourceError, Version};
pub use dimension_values::{ABSENT, OTHER};
pub use ledger::{Entry, EventMatch, Ledger, LedgerError, LedgerProblem, Met, ObjectVersion, State, Taken};
pub use live_detectors::{Current, DetectorEvent, LiveDetectors, NoDetectors, Watched};
pub use packing::{MOST_DATA, MOST_REQUEST_BYTES, MOST_VALUES};
pub use pipeline::{Delivered, LOADED_DETECTOR_MATCHES, Moment, Pipeline, Replay, Replayed};
pub use ports::{
    Effect, FindingError, FindingSink, MetricSink, ObjectBody, ObjectStore, PutError, Queue, QueueError,
    ReadError, ReadProblem,
};
pub use read_object::read_object;
pub use report::{ObjectError, ObjectOutcome, Problem, Repeat, Report, Totals};
pub use settings::{FindingSettings, LedgerSettings, ReadAheadSettings, Settings, Timestamps, Unavailable};
