//! What digests are checked with: their buckets, `CloudTrail`'s public keys, and what a trail says of itself.

mod buckets;
mod deliveries;
mod keys;
mod memory;
mod trail;

use aws_config::{Region, SdkConfig};

use crate::sdk_error::Described;
use crate::{Clients, Retention};
pub use buckets::{DigestBuckets, LogFileBody};
pub use deliveries::DeliveriesInAws;
pub use keys::PublicKeyService;
pub use memory::DynamoMemory;
pub use trail::{TrailError, TrailPlace};
use trailmeter_integrity::watch::PortError;

impl Clients {
    /// Digests and log files in buckets of any region. Which it is, is asked of S3 for each bucket.
    pub fn digest_buckets(&self) -> DigestBuckets {
        DigestBuckets::in_any_region(self.config().clone())
    }

    /// Digests and log files in buckets of one region; that of whoever asks if it is `None`.
    pub fn digest_buckets_in(&self, region: Option<String>) -> DigestBuckets {
        DigestBuckets::in_region(self.config().clone(), region)
    }

    /// The public keys of each region.
    pub fn public_keys(&self) -> PublicKeyService {
        PublicKeyService::new(self.config().clone())
    }

    /// What was counted, by the ledger and the queue of the function that counts.
    pub fn deliveries(&self, ledger_table: String, queue_url: String) -> DeliveriesInAws {
        // It is read only, and for as long as it reaches back.
        let ledger = self.dynamo_ledger(ledger_table, Retention { object_days: 0, event_hours: 0 });
        DeliveriesInAws::new(ledger, self.sqs_queue(queue_url, None))
    }

    /// What was verified, in a table.
    pub fn integrity_memory(&self, table: String) -> DynamoMemory {
        DynamoMemory::new(aws_sdk_dynamodb::Client::new(self.config()), table)
    }

    /// The region of whoever asks, if one is set.
    pub fn region(&self) -> Option<&str> {
        self.config().region().map(AsRef::as_ref)
    }

    /// Where the trail of an ARN delivers.
    pub async fn trail_place(&self, arn: &str) -> Result<TrailPlace, TrailError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        let client = aws_sdk_cloudtrail::Client::new(&in_region(self.config(), region));
        trail::place(&client, arn).await
    }
}

fn in_region(config: &SdkConfig, region: &str) -> SdkConfig {
    config.to_builder().region(Region::new(region.to_owned())).build()
}

fn described(error: &(dyn std::error::Error + 'static)) -> Box<dyn std::error::Error + Send + Sync> {
    Described::boxed(error)
}

fn failed(error: &(dyn std::error::Error + 'static)) -> PortError {
    PortError(described(error))
}
