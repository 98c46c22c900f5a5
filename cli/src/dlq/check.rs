//! Whether the cause is gone: objects read whole, by the function's own reader.

use trailmeter_aws::{Clients, S3Store};
use trailmeter_detection::DetectorSet;
use trailmeter_logs::{KeyClass, Limits, classify_key};
use trailmeter_pipeline::{Announced, Content, ObjectError, read_object};

use super::letter::Described;
use super::place::Place;

/// Reads what messages name.
pub(super) struct Checker {
    store: S3Store,
    limits: Limits,
    /// None: what matches is not asked.
    detectors: DetectorSet,
    /// The buckets that the function reads, where they are known.
    buckets: Vec<String>,
}

impl Checker {
    pub(super) fn new(place: &Place, clients: &Clients) -> Self {
        let store = clients.s3_store(place.bucket_region.clone());
        Self {
            store,
            limits: place.limits,
            detectors: DetectorSet::new(Vec::new()),
            buckets: place.buckets.clone(),
        }
    }

    /// What still keeps a message from being handled.
    pub(super) async fn problem(&self, letter: &Described) -> Option<String> {
        let announced = match &letter.content {
            Content::Objects(announced) => announced,
            // All there is of an event stands in the message.
            Content::Event(_) | Content::Notice(_) => return None,
            Content::Undecodable(error) => return Some(format!("{}: {error}", error.reason())),
        };
        for announced in announced {
            let Announced::Created(object) = announced else { continue };
            let KeyClass::Log(kind) = classify_key(&object.key) else { continue };
            if !self.buckets.is_empty() && !self.buckets.contains(&object.bucket) {
                let error = ObjectError::OtherBucket;
                return Some(format!("{object}: {}: {error}", error.reason()));
            }
            let scan = self.detectors.scan(kind, self.limits);
            if let Err(error) = read_object(&self.store, object, scan).await {
                return Some(format!("{object}: {}: {error}", error.reason()));
            }
        }
        None
    }
}
