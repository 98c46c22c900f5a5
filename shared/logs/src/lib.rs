//! Log objects in: which keys hold logs, and how the bytes of one object become records.
//!
//! Files of CloudTrail hold JSON, S3's server access logs lines of text ([`access_log`]); what comes out is the same.
//!
//! The crate is pure. It knows neither AWS clients nor the detectors; it is fed the bytes of an object
//! and hands each element of `Records` to a [`RecordSink`]. A file of usual size is inflated in memory
//! as a whole; of a larger one it holds a chunk and at most one record at a time. So a file of any size
//! is read within [`Limits`].
//!
//! ```
//! use trailmeter_logs::{Element, Layout, LogFileReader, Limits, RecordSink};
//!
//! #[derive(Default)]
//! struct Count(u64);
//! impl RecordSink for Count {
//!     fn element(&mut self, _: Element<'_>) {
//!         self.0 += 1;
//!     }
//! }
//!
//! let mut reader = LogFileReader::new(Limits::default(), Layout::Delivery, Count::default());
//! reader.push(br#"{"Records":[{"eventName":"#)?;
//! reader.push(br#""RunInstances"},{}]}"#)?;
//! assert_eq!(reader.finish()?.0, 2);
//! # Ok::<(), trailmeter_logs::LogFileError>(())
//! ```

pub mod access_log;
mod access_log_key;
mod error;
mod gunzip;
mod inflate;
mod machine;
mod object_key;
mod reader;
mod record;
mod scanner;
mod scratch;
mod splitter;
mod value_scanner;

pub use access_log_key::logged_bucket;
pub use error::{Cause, LogFileError};
pub use object_key::{
    FolderClass, KeyClass, LogKind, SkipReason, classify_folder, classify_key, classify_path, is_account,
    is_organization, is_region,
};
pub use reader::{Layout, Limits, LogFileReader};
pub use record::{Malformed, Record};
pub use scanner::{Backend, Member, Members, RecordScanner, Scanned, ShapeId, Spot};
pub use scratch::Scratch;
pub use splitter::{Element, RecordSink};
