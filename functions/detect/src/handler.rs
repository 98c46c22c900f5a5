//! One invocation.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_runtime::LambdaEvent;
use serde_json::Value;
use trailmeter_aws::{CloudWatchSink, DetectorsInAws, S3Store, SqsHandBack};
use trailmeter_pipeline::{Current, DetectorRules, LiveDetectors, NoDetectors, Pipeline, Watched, decode};

use crate::answer::{InvocationFailed, answer};
use crate::log;

/// What has to be left of an invocation to begin with another object: the longest that one object
/// keeps S3 busy, twice, and the put after it.
const RESERVE: Duration = Duration::from_mins(1);

/// The function, wired.
pub struct Detect {
    pipeline: Pipeline<S3Store, CloudWatchSink, Option<SqsHandBack>>,
    detectors: LiveDetectors<DetectorsInAws>,
}

impl Detect {
    /// The function over a pipeline, with the detectors as they are now.
    pub async fn start(
        pipeline: Pipeline<S3Store, CloudWatchSink, Option<SqsHandBack>>,
        rules: DetectorRules,
        watched: Option<Watched<DetectorsInAws>>,
    ) -> Result<Self, NoDetectors> {
        let (detectors, current) = LiveDetectors::start(rules, watched, seconds(now())).await?;
        log::started(&current.detectors);
        log::detectors(&current);
        pipeline.announce(current.news);
        Ok(Self { pipeline, detectors })
    }

    /// Handles one event.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationFailed> {
        let deadline = event.context.deadline();
        // Past the deadline there is no time left at all.
        let is_late = || deadline.duration_since(now()).unwrap_or_default() < RESERVE;
        let arrival = seconds(now());
        let current = self.detectors.refresh(arrival).await;
        log::detectors(&current);
        let Current { detectors, news, .. } = current;
        self.pipeline.announce(news);
        // One set for the whole invocation, whatever is loaded meanwhile.
        let report = self.pipeline.run(&detectors, decode(&event.payload), arrival, is_late).await;
        log::report(&report, &detectors);
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
