//! What a reason means to who has to act on it.

use crate::reason::Reason;

/// What a reason means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Something is not what CloudTrail wrote.
    Changed,
    /// Something is not there.
    Missing,
    /// Something is gone as it was meant to.
    Expected,
}

impl Reason {
    /// What it means to who has to act on it.
    pub fn class(self) -> Class {
        match self {
            Self::NotFound
            | Self::Deleted
            | Self::PreviousMissing
            | Self::BrokenChain
            | Self::Gap
            | Self::Stopped => Class::Missing,
            Self::Expired => Class::Expected,
            Self::NotGzip
            | Self::CorruptGzip
            | Self::TruncatedGzip
            | Self::TrailingData
            | Self::TooLarge
            | Self::BadFormat
            | Self::NoSignature
            | Self::OtherAlgorithm
            | Self::Moved
            | Self::UnknownKey
            | Self::BadKey
            | Self::KeyNotValidThen
            | Self::BadSignature
            | Self::HashMismatch
            | Self::PreviousHash
            | Self::PreviousSignature
            | Self::Spliced
            | Self::EndBeforeStart
            | Self::InTheFuture
            | Self::Overlap
            | Self::Foreign
            | Self::Unnamed => Class::Changed,
        }
    }
}
