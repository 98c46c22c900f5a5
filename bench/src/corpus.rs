//! A corpus on disk, and what is known about it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A folder of files as CloudTrail delivers them.
#[derive(Debug, Clone)]
pub(crate) struct Corpus {
    /// The folder that holds nothing but the log files, at any depth.
    folder: PathBuf,
    pub(crate) facts: Facts,
}

/// What is known about a corpus, kept beside it.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its name: `M`, `L`, `small`, `hostile`, `Q`.
    pub(crate) name: String,
    pub(crate) files: u64,
    pub(crate) records: u64,
    pub(crate) packed_bytes: u64,
    pub(crate) inflated_bytes: u64,
    /// What the peers are asked for.
    pub(crate) three: Three,
}

/// How many records match each of the three questions that every peer is asked.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, PartialEq, Eq)]
pub(crate) struct Three {
    /// `errorCode` begins with `AccessDenied` or ends with `UnauthorizedOperation`.
    pub(crate) access_denied: u64,
    /// `eventSource` is `s3.amazonaws.com` and `additionalEventData.SignatureVersion` is `SigV2`.
    pub(crate) sig_v2: u64,
    /// `userIdentity.accountId` or `userIdentity.principalId` is `anonymous`.
    pub(crate) anonymous: u64,
}

impl Corpus {
    pub(crate) fn new(folder: PathBuf, facts: Facts) -> Self {
        Self { folder, facts }
    }

    /// The folder beside the corpus for what is made of it: `…/Q.made`.
    pub(crate) fn made(&self) -> PathBuf {
        self.folder.with_extension("made")
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}
