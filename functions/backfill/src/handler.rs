//! One invocation: as much of a backfill as its time is enough for.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use trailmeter_aws::CloudWatchSink;
use trailmeter_aws::backfill::{BackfillPlaces, BackfillQueue, ListedBucket, TimeAsItPasses};
use trailmeter_backfill::{
    Backfill, BackfillError, Estimate, Parts, Progress, Ran, Request, RequestError, kind_of_word, kind_words,
};
use trailmeter_pipeline::{Datum, DatumValues, MetricSink};

use crate::log;
use crate::order::{Order, Task};

/// What has to be left to go on: a wait for its turn, a request to the queue with its repetitions, and to take down
/// where it stopped.
const TO_GO_ON: Duration = Duration::from_mins(1);
/// Parts that run beside each other, as the template has it: each has its share of the rate.
const PARTS_AT_ONCE: u32 = 10;

/// A backfill over AWS.
pub(crate) type AwsBackfill = Backfill<ListedBucket, BackfillQueue, BackfillPlaces, TimeAsItPasses>;

/// The function, wired.
pub struct Sender {
    backfill: AwsBackfill,
    metrics: CloudWatchSink,
    bucket: String,
    prefix: String,
}

/// An invocation that did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum InvocationFailed {
    /// The payload is no request.
    #[error("the payload is no request of a backfill: {0}")]
    Payload(#[from] serde_json::Error),
    /// It cannot be done.
    #[error("{0}")]
    Request(#[from] RequestError),
    /// Another bucket.
    #[error("bucket: this function may read {0} alone; the bucket is that of its stack")]
    OtherBucket(String),
    /// It stopped.
    #[error("{0}")]
    Stopped(#[from] BackfillError),
}

impl From<InvocationFailed> for Diagnostic {
    fn from(error: InvocationFailed) -> Self {
        // Step Functions repeats by this name: what was refused is refused again.
        let name = match &error {
            InvocationFailed::Stopped(BackfillError::OtherRequest { .. })
            | InvocationFailed::Payload(_)
            | InvocationFailed::Request(_)
            | InvocationFailed::OtherBucket(_) => "RequestRefused",
            InvocationFailed::Stopped(_) => "BackfillStopped",
        };
        Self { error_type: name.to_owned(), error_message: error.to_string() }
    }
}

impl Sender {
    /// The function over a backfill, for one bucket.
    pub fn new(backfill: AwsBackfill, metrics: CloudWatchSink, bucket: String, prefix: String) -> Self {
        Self { backfill, metrics, bucket, prefix }
    }

    /// Handles one event.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, InvocationFailed> {
        let deadline = event.context.deadline();
        let goes_on = || deadline.duration_since(now()).unwrap_or_default() > TO_GO_ON;
        self.obey(event.payload, goes_on).await.inspect_err(log::failed)
    }

    async fn obey(&self, payload: Value, goes_on: impl Fn() -> bool) -> Result<Value, InvocationFailed> {
        let Order { asked, task } = Order::of(payload, &self.bucket, &self.prefix)?;
        if asked.bucket != self.bucket {
            return Err(InvocationFailed::OtherBucket(self.bucket.clone()));
        }
        let now = seconds(now());
        let mut request = asked.check(today(now))?;
        if task == Task::Part {
            request.rate = (request.rate / PARTS_AT_ONCE).max(1);
        }
        match task {
            Task::Estimate => {
                let estimate = self.backfill.estimate(&request, now, |_| {}).await?;
                Ok(estimated(&request, &estimate))
            }
            Task::Plan => self.plan(&request, now).await,
            Task::Run => {
                self.tell(&request, now, &self.backfill.run(&request, now, goes_on, |_| {}).await?).await
            }
            Task::Part => {
                self.tell(&request, now, &self.backfill.run_part(&request, now, goes_on, |_| {}).await?).await
            }
            Task::Finish => {
                self.backfill.finish(&request, now).await?;
                Ok(json!({ "state": "done", "name": request.name }))
            }
        }
    }

    /// Begins it, and says which parts there are. What the request left open is said now: parts that begin tomorrow
    /// are parts of the same.
    async fn plan(&self, request: &Request, now: i64) -> Result<Value, InvocationFailed> {
        let begun = self.backfill.begin(request, now).await?;
        if begun.done {
            return Ok(json!({ "state": "done-before", "name": request.name }));
        }
        let Parts(parts) = Parts::of(&self.backfill.listing, request).await?;
        let state = if parts.is_empty() { "nothing" } else { "planned" };
        Ok(json!({ "state": state, "request": planned(request), "parts": parts }))
    }

    /// Says what a run did: in the answer, in the log and in metrics.
    async fn tell(&self, request: &Request, now: i64, ran: &Ran) -> Result<Value, InvocationFailed> {
        log::ran(&request.name, ran);
        let counts =
            [("BackfillFoldersDone", ran.progress.folders), ("BackfillObjectsQueued", ran.progress.queued)];
        let data: Vec<Datum> = counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| datum(name, now, count))
            .collect();
        if !data.is_empty()
            && let Err(error) = self.metrics.put(&data).await
        {
            log::metrics_not_put(&error);
        }
        Ok(json!({ "state": ran.state.word(), "name": request.name, "progress": progress(&ran.progress) }))
    }
}

fn planned(request: &Request) -> Value {
    let kinds =
        kind_words().filter(|word| kind_of_word(word).is_some_and(|kind| request.kinds.contains(&kind)));
    json!({
        "name": request.name,
        "bucket": request.bucket,
        "prefix": request.root,
        "accounts": request.accounts,
        "regions": request.regions,
        "kinds": kinds.collect::<Vec<_>>(),
        "from": request.from.to_string(),
        "to": request.to.to_string(),
        "recount": request.recount,
        "rate": request.rate,
        "leaveMinutes": request.leave / 60,
    })
}

fn progress(progress: &Progress) -> Value {
    json!({
        "folder": progress.folder,
        "folders": progress.folders,
        "foldersBefore": progress.folders_before,
        "queued": progress.queued,
        "queuedBefore": progress.queued_before,
        "bytes": progress.bytes,
        "skipped": progress.skipped,
        "archived": progress.archived,
        "recent": progress.recent,
    })
}

fn estimated(request: &Request, estimate: &Estimate) -> Value {
    json!({
        "state": "estimated",
        "name": request.name,
        "objects": estimate.objects,
        "bytes": estimate.bytes,
        "folders": estimate.folders,
        "foldersBefore": estimate.folders_before,
        "skipped": estimate.skipped,
        "archived": estimate.archived,
        "recent": estimate.recent,
        "seconds": estimate.time(request).as_secs(),
    })
}

fn datum(name: &str, timestamp: i64, count: u64) -> Datum {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let values = DatumValues::Distribution(vec![(count as f64, 1.0)]);
    Datum {
        namespace: None,
        name: name.to_owned(),
        dimensions: Vec::new(),
        timestamp,
        unit: Some("Count".to_owned()),
        values,
        matches: 0,
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

fn today(now: i64) -> Date {
    Offset::UTC.to_datetime(Timestamp::from_second(now).unwrap_or_default()).date()
}
