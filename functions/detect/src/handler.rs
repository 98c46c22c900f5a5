//! One invocation.

use std::time::{SystemTime, UNIX_EPOCH};

use lambda_runtime::LambdaEvent;
use serde_json::Value;
use trailmeter_aws::{CloudWatchSink, DetectorsInAws, DynamoLedger, S3Store, SqsQueue};
use trailmeter_pipeline::{
    Current, DetectorRules, LiveDetectors, Moment, NoDetectors, Pipeline, Watched, decode,
};

use crate::answer::{InvocationFailed, answer};
use crate::findings::Findings;
use crate::log;
use crate::trace::{Traced, Tracer};

/// How long after its deadline an invocation has ended by any clock: what it claimed is its own until
/// then. It is far less than the queue waits before it delivers a message again.
const LEASE_BEYOND_DEADLINE: i64 = 60;

/// The pipeline over AWS.
pub(crate) type AwsPipeline =
    Pipeline<Traced<S3Store>, Traced<CloudWatchSink>, Option<SqsQueue>, DynamoLedger, Traced<Findings>>;

/// The function, wired.
pub struct Detect {
    pipeline: AwsPipeline,
    detectors: LiveDetectors<DetectorsInAws>,
    tracer: Tracer,
}

impl Detect {
    /// The function over a pipeline, with the detectors as they are now.
    pub async fn start(
        pipeline: AwsPipeline,
        rules: DetectorRules,
        watched: Option<Watched<DetectorsInAws>>,
        tracer: Tracer,
    ) -> Result<Self, NoDetectors> {
        let (detectors, current) = LiveDetectors::start(rules, watched, seconds(now())).await?;
        log::started(&current.detectors);
        log::detectors(&current);
        pipeline.announce(current.news);
        Ok(Self { pipeline, detectors, tracer })
    }

    /// Handles one event.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationFailed> {
        let deadline = event.context.deadline();
        // Past the deadline there is no time left at all.
        let time_left = || deadline.duration_since(now()).unwrap_or_default();
        let began = now();
        self.tracer.begin(event.context.xray_trace_id.as_deref(), began);
        let arrival = seconds(began);
        // Lambda repeats a direct invocation under the same id, so the time belongs to the name.
        let nanos = began.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let attempt = format!("{}/{nanos}", event.context.request_id);
        let lease = seconds(deadline).max(arrival) + LEASE_BEYOND_DEADLINE;
        let moment = Moment { now: arrival, attempt: &attempt, lease };
        let current = self.detectors.refresh(arrival).await;
        log::detectors(&current);
        let Current { detectors, news, .. } = current;
        self.pipeline.announce(news);
        // One set for the whole invocation, whatever is loaded meanwhile.
        let report = self.pipeline.run(&detectors, decode(&event.payload), moment, time_left).await;
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
