//! What a backfill needs of AWS: a bucket that is listed, the queue, the ledger's table, time.

mod listing;
mod places;
mod queue;
mod time;

pub use listing::ListedBucket;
pub use places::BackfillPlaces;
pub use queue::BackfillQueue;
pub use time::TimeAsItPasses;
use trailmeter_backfill::PortError;

use crate::Clients;
use crate::sdk_error::Described;

impl Clients {
    /// A bucket to be listed; in `region` if it is not where the caller runs.
    pub fn listed_bucket(&self, region: Option<String>) -> ListedBucket {
        ListedBucket::new(self.s3_client(region))
    }

    /// The queue at `url`, for messages of a backfill.
    pub fn backfill_queue(&self, url: String) -> BackfillQueue {
        BackfillQueue::new(aws_sdk_sqs::Client::new(self.config()), url)
    }

    /// How far backfills have come, in the ledger's table.
    pub fn backfill_places(&self, table: String) -> BackfillPlaces {
        BackfillPlaces::new(aws_sdk_dynamodb::Client::new(self.config()), table)
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> PortError {
    PortError(Described::boxed(error))
}
