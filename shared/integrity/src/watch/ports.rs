//! What the watch needs of the world outside.

use std::error::Error;
use std::fmt;
use std::future::Future;

use jiff::Timestamp;

use super::Entry;
use crate::{FetchedDigest, Location, PublicKeys};

type Source = Box<dyn Error + Send + Sync>;

/// The bucket with digests and log files.
pub trait LogBucket {
    /// The body of a log file, as it comes in.
    type Body: LogBody + Send;

    /// Fetches a digest whole.
    fn digest(&self, at: &Location) -> impl Future<Output = Result<FetchedDigest, FetchError>> + Send;

    /// Opens a log file.
    fn open(&self, at: &Location) -> impl Future<Output = Result<Self::Body, FetchError>> + Send;

    /// The keys below a prefix that come behind `after` and not behind `until`, in their order.
    fn keys(
        &self,
        prefix: &str,
        after: &str,
        until: &str,
    ) -> impl Future<Output = Result<Vec<String>, FetchError>> + Send;

    /// The folders right below a prefix, each with the slash at its end.
    fn folders(&self, prefix: &str) -> impl Future<Output = Result<Vec<String>, FetchError>> + Send;
}

/// The bytes of a log file, piece by piece.
pub trait LogBody {
    /// A piece.
    type Chunk: AsRef<[u8]> + Send;

    /// The version that the ledger knows it by.
    fn version(&self) -> &str;

    /// When it was written, if the bucket says so.
    fn written(&self) -> Option<Timestamp>;

    /// The next piece; `None` at the end.
    fn next_chunk(&mut self) -> impl Future<Output = Result<Option<Self::Chunk>, FetchError>> + Send;
}

/// Who lists the public keys that CloudTrail signs with.
pub trait KeyService {
    /// The keys of a region that were valid at some time in a period. An empty list is an answer; no answer is an
    /// error, and proves nothing against a digest.
    fn public_keys(
        &self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Future<Output = Result<PublicKeys, PortError>> + Send;
}

/// A log file, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Where it is.
    pub location: Location,
    /// The version that was read.
    pub version: String,
}

/// Those who count log files.
pub trait Deliveries {
    /// Which of these files nobody has begun to count, by their places in the list.
    fn unseen(&self, files: &[StoredFile]) -> impl Future<Output = Result<Vec<usize>, PortError>> + Send;

    /// Has them counted, though late.
    fn queue(&self, files: &[Location]) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Where nothing is known of what was counted, nothing was missed.
impl<D: Deliveries + Sync> Deliveries for Option<D> {
    async fn unseen(&self, files: &[StoredFile]) -> Result<Vec<usize>, PortError> {
        match self {
            Some(deliveries) => deliveries.unseen(files).await,
            None => Ok(Vec::new()),
        }
    }

    async fn queue(&self, files: &[Location]) -> Result<(), PortError> {
        match self {
            Some(deliveries) => deliveries.queue(files).await,
            None => Ok(()),
        }
    }
}

/// What came of digests that were looked at before.
pub trait Memory {
    /// The entries of these names, in their order; `None` where there is none.
    fn read(&self, names: &[String]) -> impl Future<Output = Result<Vec<Option<Entry>>, PortError>> + Send;

    /// Writes an entry over the one before.
    fn write(&self, name: &str, entry: &Entry) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// A service that did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PortError(pub Source);

/// Why the bucket did not give what it was asked for.
#[derive(Debug)]
pub struct FetchError {
    /// What it comes down to.
    pub problem: FetchProblem,
    /// What the bucket said.
    pub source: Source,
}

/// What can keep an object from being fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchProblem {
    /// There is no such object.
    NotFound,
    /// There was one, and it was deleted: the bucket keeps versions, and says so.
    Deleted,
    /// The caller may not read it, or not use its key.
    AccessDenied,
    /// It is larger than any digest.
    TooLarge,
    /// The bucket asks for patience.
    Throttled,
    /// The connection failed.
    Interrupted,
    /// Anything else.
    Other,
}

impl FetchProblem {
    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Deleted => "deleted",
            Self::AccessDenied => "access-denied",
            Self::TooLarge => "too-large",
            Self::Throttled => "throttled",
            Self::Interrupted => "interrupted",
            Self::Other => "unreadable",
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.problem {
            FetchProblem::NotFound => "the object does not exist",
            FetchProblem::Deleted => "the object was deleted",
            FetchProblem::AccessDenied => {
                "access denied: s3:GetObject and s3:ListBucket are needed, and kms:Decrypt on the key"
            }
            FetchProblem::TooLarge => "the object is larger than any digest",
            FetchProblem::Throttled => "the bucket throttles",
            FetchProblem::Interrupted => "the read was interrupted",
            FetchProblem::Other => "the object cannot be read",
        };
        write!(f, "{what}: {}", self.source)
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}
