//! What the pipeline needs of the world outside.

use std::error::Error;
use std::fmt;
use std::future::Future;

use trailmeter_detection::finding::{Finding, SummaryLine};

use crate::aggregate::Datum;
use crate::delivery::{ObjectRef, Occasion};
use crate::ledger::ObjectVersion;

type Source = Box<dyn Error + Send + Sync>;

/// Where objects are read from.
pub trait ObjectStore {
    /// The body of an object, as it comes in.
    type Body: ObjectBody + Send;

    /// Opens an object.
    fn open(&self, object: &ObjectRef) -> impl Future<Output = Result<Self::Body, ReadError>> + Send;
}

/// The bytes of an object, chunk by chunk.
pub trait ObjectBody {
    /// A piece of the body.
    type Chunk: AsRef<[u8]> + Send;

    /// The version id, or the `ETag` where the bucket keeps no versions, that came with the body.
    fn version(&self) -> &str;

    /// How many bytes it has, if the store says so. Without that it is not kept in memory before its turn.
    fn length(&self) -> Option<usize> {
        None
    }

    /// The next piece; `None` at the end. A body shorter than announced is an error.
    fn next_chunk(&mut self) -> impl Future<Output = Result<Option<Self::Chunk>, ReadError>> + Send;
}

/// Why an object could not be read.
#[derive(Debug)]
pub struct ReadError {
    /// What it comes down to.
    pub problem: ReadProblem,
    /// What the store said.
    pub source: Source,
}

/// What can keep an object from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadProblem {
    /// There is no such object, perhaps no longer.
    NotFound,
    /// The function may not read it.
    AccessDenied,
    /// The function may not use the key that it is encrypted with.
    KeyDenied,
    /// The store asks for patience.
    Throttled,
    /// The connection failed, or the body ended early.
    Interrupted,
    /// Anything else.
    Other,
}

impl ReadProblem {
    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::AccessDenied => "access-denied",
            Self::KeyDenied => "key-denied",
            Self::Throttled => "throttled",
            Self::Interrupted => "interrupted",
            Self::Other => "unreadable",
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.problem {
            ReadProblem::NotFound => "the object does not exist (any longer)",
            ReadProblem::AccessDenied => {
                "access denied: the function needs s3:GetObject on it (S3 says the same of an object that does not exist)"
            }
            ReadProblem::KeyDenied => {
                "access denied by KMS: the function needs kms:Decrypt on the object's key"
            }
            ReadProblem::Throttled => "the store throttles",
            ReadProblem::Interrupted => "the read was interrupted",
            ReadProblem::Other => "the object cannot be read",
        };
        write!(f, "{what}: {}", self.source)
    }
}

impl Error for ReadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// Where metrics are put.
pub trait MetricSink {
    /// Puts `data`, all of one namespace, in one request, which is applied whole or not at all.
    ///
    /// The sink may repeat a request that it knows was not applied. It never repeats one whose
    /// answer was lost: the API has no idempotency token, so a repeat might count twice.
    fn put(&self, data: &[Datum]) -> impl Future<Output = Result<(), PutError>> + Send;
}

/// A request that was not answered well.
#[derive(Debug)]
pub struct PutError {
    /// What is known of its effect.
    pub effect: Effect,
    /// What the sink said.
    pub source: Source,
}

/// What is known of the effect of a failed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It was refused, or never arrived.
    NotApplied,
    /// It was sent, and what became of it is not known.
    Uncertain,
}

impl fmt::Display for PutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = match self.effect {
            Effect::NotApplied => "the metrics were not taken",
            Effect::Uncertain => "whether the metrics were taken is not known",
        };
        write!(f, "{effect}: {}", self.source)
    }
}

impl Error for PutError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// The queue that messages come from.
pub trait Queue {
    /// Sends each object back in a message of its own. Either all are sent, or an error is
    /// returned and the message that named them comes back whole.
    /// They stay of the occasion on which they came.
    fn hand_back(
        &self,
        objects: &[&ObjectRef],
        occasion: &Occasion,
    ) -> impl Future<Output = Result<(), QueueError>> + Send;

    /// Acknowledges messages before the invocation is over, by their receipts.
    fn acknowledge(&self, receipts: &[&str]) -> impl Future<Output = Result<(), QueueError>> + Send;

    /// Passes a digest on to who verifies it. Without one it is skipped all the same.
    ///
    /// S3's notifications can tell keys apart by their beginnings and ends alone, and in the keys of a trail the
    /// folder of the digests stands in the middle: so they come here with the log files, and it is known from
    /// the whole key what they are.
    fn pass_on(&self, digest: &ObjectRef) -> impl Future<Output = Result<(), QueueError>> + Send;
}

/// The queue did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct QueueError(pub Source);

/// Without a queue the message comes back whole, and is acknowledged with the invocation.
impl<Q: Queue + Sync> Queue for Option<Q> {
    async fn hand_back(&self, objects: &[&ObjectRef], occasion: &Occasion) -> Result<(), QueueError> {
        match self {
            Some(queue) => queue.hand_back(objects, occasion).await,
            None => Err(QueueError("no queue is set".into())),
        }
    }

    async fn acknowledge(&self, receipts: &[&str]) -> Result<(), QueueError> {
        match self {
            Some(queue) => queue.acknowledge(receipts).await,
            None => Err(QueueError("no queue is set".into())),
        }
    }

    async fn pass_on(&self, digest: &ObjectRef) -> Result<(), QueueError> {
        match self {
            Some(queue) => queue.pass_on(digest).await,
            None => Ok(()),
        }
    }
}

/// Where findings go.
pub trait FindingSink {
    /// Writes a finding to the log.
    fn tell(&self, finding: &Finding<'_>);

    /// Writes to the log what findings without a line of their own add up to.
    fn sum_up(&self, summary: &SummaryLine);

    /// Keeps all findings of one object wherever else they are to be kept. Called again for the same object it
    /// leaves no finding twice, as far as the place lets it. Returns what went wrong, by place.
    fn keep(
        &self,
        object: &ObjectVersion,
        findings: &[Finding<'_>],
    ) -> impl Future<Output = Vec<FindingError>> + Send;
}

/// Findings that are not where they were to be kept.
#[derive(Debug, thiserror::Error)]
#[error("{findings} finding(s) not kept in the {place}: {source}")]
pub struct FindingError {
    /// The place, as a stable word for metrics and reports.
    pub place: &'static str,
    /// How many of them.
    pub findings: u64,
    /// What the place said.
    pub source: Source,
}

/// Nothing is told and nothing kept.
impl FindingSink for () {
    fn tell(&self, _: &Finding<'_>) {}

    fn sum_up(&self, _: &SummaryLine) {}

    async fn keep(&self, _: &ObjectVersion, _: &[Finding<'_>]) -> Vec<FindingError> {
        Vec::new()
    }
}
