//! Seeded corpora of CloudTrail files as CloudTrail delivers them, with the truth about them.
//!
//! The truth follows from how the records were made: each template states which detectors count it
//! ([`template`]). No detector, no parser and no pattern of the product is run for it.
//!
//! ```
//! use trailmeter_testkit::generate::{Corpus, Plan};
//! let plan = Plan { files: 3, records_per_file: 40, ..Plan::default() };
//! let corpus = Corpus::generate(&plan)?;
//! assert_eq!(corpus.files.len(), 3);
//! assert_eq!(corpus.truth.default_pack.distinct.records.read, 120);
//! # anyhow::Ok(())
//! ```

mod actor;
mod corpus;
mod facts;
mod key;
mod oddities;
mod plan;
mod render;
pub mod template;
mod templates;
mod truth;

#[cfg(test)]
mod tests;

pub use corpus::{Corpus, Files};
pub use facts::{File, Malformation, RecordFact, RepeatKind};
pub use plan::Plan;
pub use template::{Detector, Pack};
pub use truth::{DetectorCounts, ObjectCounts, PackTruth, RecordCounts, Tally, Truth, TruthCount};
