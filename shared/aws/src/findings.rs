//! Where findings are kept beside the function's log.

mod bucket;

pub use bucket::FindingsBucket;
use trailmeter_detection::finding::Finding;
use trailmeter_pipeline::{FindingError, ObjectVersion};

/// The places that are set up; none to begin with.
#[derive(Debug, Clone, Default)]
pub struct FindingPlaces {
    /// A bucket, in which they stay.
    pub bucket: Option<FindingsBucket>,
}

impl FindingPlaces {
    /// Keeps the findings of one object in every place. Returns what went wrong, by place.
    pub async fn keep(&self, object: &ObjectVersion, findings: &[Finding<'_>]) -> Vec<FindingError> {
        let mut errors = Vec::new();
        if let Some(bucket) = &self.bucket {
            errors.extend(bucket.keep(object, findings).await.err());
        }
        errors
    }
}
