//! The main job: deliveries in, datapoints out, and what happens when something fails.
//!
//! [`decode`] turns whatever invoked the function into messages that name objects.
//! [`Pipeline::run`] reads the objects through one port, matches them, puts the metrics through
//! another, and says which messages have to come back. The crate owns the ports and the failure
//! policy; it knows no AWS client, no clock and no logging. Time is an argument, and what there is
//! to log is in the [`Report`].

mod aggregate;
mod carry;
mod delivery;
mod dimension_values;
mod packing;
mod pipeline;
mod pipeline_metrics;
mod ports;
mod read_object;
mod report;
mod settings;

pub use aggregate::{Datum, DatumValues};
pub use delivery::{Announced, Content, DecodeError, Invocation, Message, Notice, ObjectRef, decode};
pub use dimension_values::{ABSENT, OTHER};
pub use packing::{MOST_DATA, MOST_REQUEST_BYTES, MOST_VALUES};
pub use pipeline::Pipeline;
pub use ports::{
    Effect, HandBack, HandBackError, MetricSink, ObjectBody, ObjectStore, PutError, ReadError, ReadProblem,
};
pub use read_object::read_object;
pub use report::{ObjectError, ObjectOutcome, Problem, Report, Totals};
pub use settings::{Settings, Timestamps};
