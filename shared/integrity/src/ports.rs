//! What the checks need of the world outside.

use std::error::Error;
use std::fmt;
use std::future::Future;

use jiff::Timestamp;

use crate::key::PublicKeys;
use crate::location::Location;
use crate::reason::Reason;
use crate::verify::FetchedDigest;

type Source = Box<dyn Error + Send + Sync>;

/// Where digests and log files are.
pub trait Objects {
    /// The body of a log file, as it comes in.
    type Body: LogBody + Send;

    /// Fetches a digest with its metadata. One whose stored bytes are more than
    /// [`MOST_DIGEST_BYTES`](crate::MOST_DIGEST_BYTES) is cut there, which makes it invalid.
    fn digest(&self, at: &Location) -> impl Future<Output = Result<FetchedDigest, FetchError>> + Send;

    /// Opens a log file.
    fn log_file(&self, at: &Location) -> impl Future<Output = Result<Self::Body, FetchError>> + Send;

    /// The next keys of `bucket` that start with `prefix` and come after `after`, in their order; none at the end.
    fn keys(
        &self,
        bucket: &str,
        prefix: &str,
        after: &str,
    ) -> impl Future<Output = Result<Vec<String>, FetchError>> + Send;
}

/// Who has it lends it.
impl<O: Objects + Sync> Objects for &O {
    type Body = O::Body;

    async fn digest(&self, at: &Location) -> Result<FetchedDigest, FetchError> {
        (**self).digest(at).await
    }

    async fn log_file(&self, at: &Location) -> Result<Self::Body, FetchError> {
        (**self).log_file(at).await
    }

    async fn keys(&self, bucket: &str, prefix: &str, after: &str) -> Result<Vec<String>, FetchError> {
        (**self).keys(bucket, prefix, after).await
    }
}

/// The bytes of a log file, piece by piece.
pub trait LogBody {
    /// A piece.
    type Chunk: AsRef<[u8]> + Send;

    /// What the store says of what was opened.
    fn stored(&self) -> Stored {
        Stored::default()
    }

    /// The next piece; `None` at the end. A body shorter than announced is an error.
    fn next_chunk(&mut self) -> impl Future<Output = Result<Option<Self::Chunk>, FetchError>> + Send;
}

/// What a store says of an object that was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// Its version, as the ledger of counted files knows it; empty if the store keeps none.
    pub version: String,
    /// When it was written.
    pub written: Option<Timestamp>,
}

/// What could not be fetched or listed.
#[derive(Debug)]
pub struct FetchError {
    /// What was asked for. Of a listing, the key is the prefix.
    pub location: Location,
    /// What it comes down to.
    pub problem: FetchProblem,
    /// What the store said.
    pub source: Source,
}

/// What can keep an object from being checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchProblem {
    /// The store says that there is no such object. This and the next are verdicts; all others say nothing of the object.
    NotFound,
    /// The store has a mark of its deletion: the bucket keeps versions, and this object's is one that says it is gone.
    Deleted,
    /// It may not be read. S3 says this of an object that is gone, too, to those who may not list the bucket.
    AccessDenied,
    /// The store did not answer well.
    Unavailable,
}

impl FetchProblem {
    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Deleted => "deleted",
            Self::AccessDenied => "access-denied",
            Self::Unavailable => "unavailable",
        }
    }

    /// The verdict on an object that is not there.
    pub fn gone(self) -> Option<Reason> {
        match self {
            Self::NotFound => Some(Reason::NotFound),
            Self::Deleted => Some(Reason::Deleted),
            Self::AccessDenied | Self::Unavailable => None,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.problem {
            FetchProblem::NotFound => "it does not exist",
            FetchProblem::Deleted => "it was deleted",
            FetchProblem::AccessDenied => {
                "access denied: s3:GetObject is needed on digests and log files, s3:ListBucket on the bucket, kms:Decrypt on their key"
            }
            FetchProblem::Unavailable => "it cannot be read now, and nothing is known of it",
        };
        write!(f, "{}: {what}: {}", self.location, self.source)
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// Who knows CloudTrail's public keys.
pub trait KeyService {
    /// The keys of `region` that were valid at some moment from `from` to `to`. A key that is not among them is
    /// unknown; a service that does not answer is an error, and then nothing is known.
    fn public_keys(
        &self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Future<Output = Result<PublicKeys, KeyServiceError>> + Send;
}

/// Who has it lends it.
impl<K: KeyService + Sync> KeyService for &K {
    async fn public_keys(
        &self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<PublicKeys, KeyServiceError> {
        (**self).public_keys(region, from, to).await
    }
}

/// The public keys could not be asked for.
#[derive(Debug, thiserror::Error)]
#[error(
    "the public keys of {region} cannot be listed (cloudtrail:ListPublicKeys), so no digest was judged: {source}"
)]
pub struct KeyServiceError {
    /// The region that was asked.
    pub region: String,
    /// What the service said.
    pub source: Source,
}

/// Why a check could not be made. It says nothing of the log files: ask again.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// An object could not be fetched or listed, for another reason than that it is gone.
    #[error(transparent)]
    Objects(#[from] FetchError),
    /// The key service is down, or refuses.
    #[error(transparent)]
    Keys(#[from] KeyServiceError),
}
