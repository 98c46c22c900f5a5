//! One invocation.

use std::time::{SystemTime, UNIX_EPOCH};

use lambda_runtime::LambdaEvent;
use serde_json::Value;
use trailmeter_aws::{CloudWatchSink, S3Store, SqsHandBack};
use trailmeter_pipeline::{Pipeline, decode};

use crate::answer::{InvocationFailed, answer};
use crate::log;

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
        let report = self.pipeline.run(decode(&event.payload), now()).await;
        log::report(&report, self.pipeline.detectors());
        answer(&report)
    }
}

/// Seconds since 1970. The clock is read here and nowhere further in.
fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the handler is where time comes from")]
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}
