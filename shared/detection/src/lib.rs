//! Detectors: what they look for, how they are loaded, what they find in a file.
//!
//! The interface is narrow on purpose: the bytes of a file go in ([`FileScan`]), its matches come
//! out ([`FileMatches`]), and [`count`] says which of them count. Nothing outside sees how
//! a pattern is evaluated, so that a faster way can take the place of the slow, obvious one here.
//!
//! The crate is pure: no AWS, no clock, no environment, no files. Detector files are handed to it
//! as text.

mod aggregated;
mod count;
mod detector;
mod detector_file;
mod engine;
mod event_key;
mod event_time;
mod expiry;
pub mod finding;
mod inline_tests;
pub mod lint;
mod load_error;
pub mod model;
mod packs;
pub mod pattern;
pub mod printable;
mod rule;
mod scan;
pub mod sigma;

pub use aggregated::Aggregated;
pub use count::{Counted, FileCounts, Memory, Part, RecordCounts, Repeats, count};
pub use detector::{
    Alarm, AlarmChoice, AllowedWarning, Comparison, Detector, DetectorSet, Dimension, DimensionSet,
    Exclusion, Expected, InlineTest, Metric, MetricValue, MissingData, Needs, RESERVED_METRIC_NAMES,
    Severity, Source, Statistic, Verdict,
};
#[cfg(feature = "schema")]
pub use detector_file::detector_file_schema;
pub use detector_file::{Companions, DetectorFile, Loaded, Options, load, load_each, load_with};
pub use event_key::EventKey;
pub use event_time::parse_event_time;
pub use expiry::ExpiredExclusion;
pub use inline_tests::TestFailure;
pub use load_error::{LoadError, Place};
pub use packs::{DEFAULT_PACK, Pack, UnknownPack, pack, pack_names, packaged_files};
pub use rule::Rule;
pub use scan::{FileMatches, FileScan, Hit, RecordMatch};
