//! Where findings are kept or sent beside the function's log.

mod bucket;
mod document;
mod event_bus;
mod security_hub;
mod sent;

pub use bucket::FindingsBucket;
pub use event_bus::FindingsEventBus;
pub use security_hub::SecurityHub;
use trailmeter_detection::finding::Finding;
use trailmeter_pipeline::{FindingError, ObjectVersion};

/// The places that are set up; none to begin with.
#[derive(Debug, Clone, Default)]
pub struct FindingPlaces {
    /// A bucket, in which they stay.
    pub bucket: Option<FindingsBucket>,
    /// A bus of EventBridge, whose rules take them on.
    pub event_bus: Option<FindingsEventBus>,
    /// Security Hub.
    pub security_hub: Option<SecurityHub>,
}

impl FindingPlaces {
    /// Keeps the findings of one object in every place, none of which waits for another. Returns what went wrong, by
    /// place.
    pub async fn keep(&self, object: &ObjectVersion, findings: &[Finding<'_>]) -> Vec<FindingError> {
        let bucket = async { self.bucket.as_ref()?.keep(object, findings).await.err() };
        let event_bus = async { self.event_bus.as_ref()?.send(findings).await.err() };
        let security_hub = async { self.security_hub.as_ref()?.import(findings).await.err() };
        let (bucket, event_bus, security_hub) = tokio::join!(bucket, event_bus, security_hub);
        [bucket, event_bus, security_hub].into_iter().flatten().collect()
    }
}
