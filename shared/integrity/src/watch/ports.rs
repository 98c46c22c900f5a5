//! What the watch needs of the world outside, beside digests, log files and keys.

use std::error::Error;
use std::future::Future;

use super::Entry;
use crate::{FetchError, Location};

type Source = Box<dyn Error + Send + Sync>;

/// The folders of a bucket.
pub trait Folders {
    /// Those right below a prefix, each with the slash at its end.
    fn folders(
        &self,
        bucket: &str,
        prefix: &str,
    ) -> impl Future<Output = Result<Vec<String>, FetchError>> + Send;
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
