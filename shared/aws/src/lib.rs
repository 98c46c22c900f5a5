//! The adapters of the pipeline's ports. The only crate that names the AWS SDK: its types and
//! errors stop here.
//!
//! Endpoints, credentials and regions are the SDK's own business (`AWS_ENDPOINT_URL`,
//! `AWS_REGION`, profiles …); nothing here reads the environment.

#[cfg(feature = "backfill")]
pub mod backfill;
mod clients;
mod cloudwatch_sink;
mod detectors;
mod findings;
#[cfg(feature = "integrity")]
pub mod integrity;
mod ledger;
mod list;
#[cfg(feature = "notices")]
pub mod notices;
#[cfg(feature = "operator")]
pub mod operator;
mod s3_store;
mod sdk_error;
mod sqs_queue;
#[cfg(feature = "unsent")]
mod unsent;

pub use clients::Clients;
pub use cloudwatch_sink::CloudWatchSink;
pub use detectors::DetectorsInAws;
pub use findings::{FindingPlaces, FindingsBucket, FindingsEventBus, SecurityHub};
pub use ledger::{DynamoLedger, Retention};
pub use list::{ListError, ListedObject};
pub use s3_store::{S3Body, S3Store};
pub use sqs_queue::SqsQueue;
#[cfg(feature = "unsent")]
pub use unsent::Unsent;
