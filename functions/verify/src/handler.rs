//! One invocation: a message with a digest, or the schedule.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use trailmeter_aws::CloudWatchSink;
use trailmeter_aws::integrity::{DeliveriesInAws, DigestBuckets, DynamoMemory, PublicKeyService};
use trailmeter_integrity::Location;
use trailmeter_integrity::watch::{Looked, Moment, Postponed, Watch};
use trailmeter_pipeline::MetricSink;

use crate::log;
use crate::metrics::Metrics;
use crate::tasks::{Request, Task, task};

/// The watch over AWS.
pub type AwsWatch = Watch<DigestBuckets, PublicKeyService, Option<DeliveriesInAws>, DynamoMemory>;

/// The function, wired.
pub struct Verify {
    watch: AwsWatch,
    metrics: CloudWatchSink,
}

/// An invocation that has to be repeated as a whole.
#[derive(Debug, thiserror::Error)]
pub enum InvocationFailed {
    /// A round broke off. The next one begins anew.
    #[error("the round broke off; the line above says why")]
    BrokeOff,
    /// Something came back that is no message of a queue.
    #[error("not everything could be verified; the lines above say what and why")]
    ComesBack,
}

impl From<InvocationFailed> for Diagnostic {
    fn from(error: InvocationFailed) -> Self {
        Self { error_type: "InvocationFailed".to_owned(), error_message: error.to_string() }
    }
}

impl Verify {
    /// The function over a watch.
    pub fn new(watch: AwsWatch, metrics: CloudWatchSink) -> Self {
        Self { watch, metrics }
    }

    /// Handles one event.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationFailed> {
        let deadline = event.context.deadline();
        // Past the deadline there is no time left at all.
        let time_left = move || deadline.duration_since(now()).unwrap_or_default();
        let moment = Moment { now: timestamp(now()), time_left: &time_left };
        match task(&event.payload) {
            Task::Round => self.round(moment).await,
            Task::Digests(requests) => self.requests(requests, moment).await,
        }
    }

    async fn requests(&self, requests: Vec<Request>, moment: Moment<'_>) -> Result<Value, InvocationFailed> {
        let mut failures = Vec::new();
        for Request { id, digests } in requests {
            let is_done = match digests {
                Ok(digests) => self.digests(digests, moment).await,
                Err(error) => {
                    log::message_failed(id.as_deref(), error);
                    false
                }
            };
            if !is_done {
                failures.push(json!({ "itemIdentifier": id.ok_or(InvocationFailed::ComesBack)? }));
            }
        }
        Ok(json!({ "batchItemFailures": failures }))
    }

    /// Looks at the digests of one message. Returns whether the message is done.
    async fn digests(&self, digests: Vec<(String, String)>, moment: Moment<'_>) -> bool {
        let mut is_done = true;
        for (bucket, key) in digests {
            let looked = self.watch.look(&Location { bucket, key }, moment).await;
            is_done &= self.tell(&[looked], &mut Metrics::at(moment.now)).await;
        }
        is_done
    }

    async fn round(&self, moment: Moment<'_>) -> Result<Value, InvocationFailed> {
        let round = self.watch.round(moment).await;
        log::round(&round);
        let mut metrics = Metrics::at(moment.now);
        metrics.round(&round);
        let is_told = self.tell(&round.looked, &mut metrics).await;
        if is_told {
            for missed in &round.missed {
                if let Err(postponed) = self.watch.remember_missed(missed, moment.now).await {
                    log::not_remembered(&postponed);
                }
            }
        }
        // What came back comes by itself: the next round looks at it.
        match round.broke_off {
            None => Ok(json!({ "chains": round.chains })),
            // Another attempt would come as far. The next round begins with other folders.
            Some(Postponed::OutOfTime) => Ok(json!({ "chains": round.chains, "unfinished": true })),
            Some(_) => Err(InvocationFailed::BrokeOff),
        }
    }

    /// Tells what was found, and remembers it then. Returns whether all of it is done.
    async fn tell(&self, looked: &[Looked], metrics: &mut Metrics) -> bool {
        for looked in looked {
            log::looked(looked);
            metrics.looked(looked);
        }
        for data in metrics.requests() {
            if let Err(error) = self.metrics.put(data).await {
                log::not_put(&error);
                return false;
            }
        }
        let mut is_done = true;
        for looked in looked {
            if let Err(postponed) = self.watch.remember(looked).await {
                log::not_remembered(&postponed);
                is_done = false;
            }
            is_done &= !looked.comes_back();
        }
        is_done
    }
}

/// The clock is read here and nowhere further in.
fn now() -> SystemTime {
    #[expect(clippy::disallowed_methods, reason = "the handler is where time comes from")]
    SystemTime::now()
}

fn timestamp(time: SystemTime) -> Timestamp {
    let elapsed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
