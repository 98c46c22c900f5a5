//! Time, for the pace of a backfill.

use std::time::Duration;

use tokio::time::Instant;
use trailmeter_backfill::Time;

/// Time as it passes, since it was made.
#[derive(Debug, Clone, Copy)]
pub struct TimeAsItPasses(Instant);

impl TimeAsItPasses {
    /// From now on.
    pub fn begin() -> Self {
        Self(Instant::now())
    }
}

impl Time for TimeAsItPasses {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
