//! What the function that counts has seen: its ledger and its queue.

use trailmeter_integrity::Location;
use trailmeter_integrity::watch::{Deliveries, PortError, StoredFile};
use trailmeter_pipeline::{ObjectRef, ObjectVersion, Occasion, Queue};

use crate::{DynamoLedger, SqsQueue};

/// The ledger and the queue of the function that counts.
#[derive(Debug, Clone)]
pub struct DeliveriesInAws {
    ledger: DynamoLedger,
    queue: SqsQueue,
}

impl DeliveriesInAws {
    pub(super) fn new(ledger: DynamoLedger, queue: SqsQueue) -> Self {
        Self { ledger, queue }
    }
}

impl Deliveries for DeliveriesInAws {
    async fn unseen(&self, files: &[StoredFile]) -> Result<Vec<usize>, PortError> {
        let version = |file: &StoredFile| ObjectVersion {
            object: object(&file.location),
            version: file.version.clone(),
        };
        let versions: Vec<_> = files.iter().map(version).collect();
        self.ledger.unseen(&versions).await.map_err(|error| PortError(Box::new(error)))
    }

    async fn queue(&self, files: &[Location]) -> Result<(), PortError> {
        let objects: Vec<_> = files.iter().map(object).collect();
        let objects: Vec<_> = objects.iter().collect();
        self.queue.hand_back(&objects, &Occasion::CaughtUp).await.map_err(|error| PortError(Box::new(error)))
    }
}

fn object(at: &Location) -> ObjectRef {
    ObjectRef { bucket: at.bucket.clone(), key: at.key.clone() }
}
