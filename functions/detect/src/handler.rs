//! One invocation.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_runtime::LambdaEvent;
use serde_json::Value;
use trailmeter_aws::{CloudWatchSink, S3Store, SqsHandBack};
use trailmeter_pipeline::{Pipeline, decode};

use crate::answer::{InvocationFailed, answer};
use crate::log;

/// What has to be left of an invocation to begin with another object: the longest that one object
/// keeps S3 busy, twice, and the put after it.
const RESERVE: Duration = Duration::from_mins(1);

/// The function, wired.
pub struct Detect {
    pipeline: Pipeline<S3Store, CloudWatchSink, Option<SqsHandBack>>,
}

impl Detect {
    /// The function over a pipeline.
    pub fn new(pipeline: Pipeline<S3Store, CloudWatchSink, Option<SqsHandBack>>) -> Self {
        log::started(pipeline.detectors());
        Self { pipeline }
    }

    /// Handles one event.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationFailed> {
        let deadline = event.context.deadline();
        // Past the deadline there is no time left at all.
        let is_late = || deadline.duration_since(now()).unwrap_or_default() < RESERVE;
        let report = self.pipeline.run(decode(&event.payload), seconds(now()), is_late).await;
        log::report(&report, self.pipeline.detectors());
        answer(&report)
    }
}

/// The clock is read here and nowhere further in.
fn now() -> SystemTime {
    #[expect(clippy::disallowed_methods, reason = "the handler is where time comes from")]
    SystemTime::now()
}

fn seconds(time: SystemTime) -> i64 {
    let elapsed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}
