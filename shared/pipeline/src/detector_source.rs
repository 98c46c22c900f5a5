//! Where detectors come from that are not packaged: the port.

use std::error::Error;
use std::fmt;
use std::future::Future;

/// The most that is read of a version.
pub const MOST_SOURCE_BYTES: usize = 1 << 20;

/// Where detectors are loaded from while the function runs.
pub trait DetectorSource {
    /// The version that is there now; `None` if that is `known`.
    ///
    /// A version is given whole or not at all, and never with more than [`MOST_SOURCE_BYTES`].
    fn read(
        &self,
        known: Option<&Version>,
    ) -> impl Future<Output = Result<Option<Fetched>, SourceError>> + Send;
}

/// What tells one version from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub String);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One version, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Which.
    pub version: Version,
    /// Detector files, one after the other.
    pub bytes: Vec<u8>,
}

/// Why a version could not be read.
#[derive(Debug)]
pub struct SourceError {
    /// A stable word for the cause, by which its repetition is recognised.
    pub reason: &'static str,
    /// What the source said, and what to do about it.
    pub source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for SourceError {}
