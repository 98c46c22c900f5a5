//! The outcomes of all checks, in words that stay.

/// What is wrong with a digest, with the chain of digests, or with a log file.
///
/// One enum for all three, because they share metrics, findings and a page of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A digest or log file that is named is not there.
    NotFound,
    /// A log file is not there, and the bucket has a mark of its deletion.
    Deleted,
    /// A log file is not there and is older than the bucket keeps files.
    Expired,
    /// The object is not gzip.
    NotGzip,
    /// Broken deflate data, or a checksum that does not fit.
    CorruptGzip,
    /// The gzip stream ends early.
    TruncatedGzip,
    /// Bytes follow the compressed stream: padding, garbage or a second member.
    TrailingData,
    /// Larger than what is read.
    TooLarge,
    /// The digest is not the JSON of a digest.
    BadFormat,
    /// The digest has no signature among its metadata.
    NoSignature,
    /// The digest, or a log file's hash, is of an algorithm other than the documented one.
    OtherAlgorithm,
    /// The digest names another place than the one it lies in.
    Moved,
    /// CloudTrail lists no public key of the fingerprint that the digest names.
    UnknownKey,
    /// The public key cannot be read, or is not the one that its fingerprint names.
    BadKey,
    /// The key was not valid when the digest was signed.
    KeyNotValidThen,
    /// The signature is not one of this digest by this key.
    BadSignature,
    /// The log file is not the one that the digest was made of.
    HashMismatch,
    /// The predecessor's hash is not the one that its successor names: one of them was replaced.
    PreviousHash,
    /// The predecessor's signature is not the one that its successor names.
    PreviousSignature,
    /// The digest before this one is named, and gone.
    PreviousMissing,
    /// The digest says that it is the first, and older ones are there.
    BrokenChain,
    /// The digest names as its predecessor one that is of another chain, or not older.
    Spliced,
    /// The period of the digest ends before it starts.
    EndBeforeStart,
    /// The period of the digest ends after the digest was there.
    InTheFuture,
    /// The periods of two digests of one chain overlap.
    Overlap,
    /// No digest covers a time between two that are there.
    Gap,
    /// No digest came for longer than an hour and the time that is granted to late ones.
    Stopped,
    /// The digest is of an account, region or trail that its place does not have, or of a trail that does not deliver here;
    /// a log file was delivered to another place.
    Foreign,
    /// A log file lies in the bucket, and no digest of its time names it.
    Unnamed,
}

impl Reason {
    /// Each of them, for tables and tests.
    pub const ALL: [Self; 29] = [
        Self::NotFound,
        Self::Deleted,
        Self::Expired,
        Self::NotGzip,
        Self::CorruptGzip,
        Self::TruncatedGzip,
        Self::TrailingData,
        Self::TooLarge,
        Self::BadFormat,
        Self::NoSignature,
        Self::OtherAlgorithm,
        Self::Moved,
        Self::UnknownKey,
        Self::BadKey,
        Self::KeyNotValidThen,
        Self::BadSignature,
        Self::HashMismatch,
        Self::PreviousHash,
        Self::PreviousSignature,
        Self::PreviousMissing,
        Self::BrokenChain,
        Self::Spliced,
        Self::EndBeforeStart,
        Self::InTheFuture,
        Self::Overlap,
        Self::Gap,
        Self::Stopped,
        Self::Foreign,
        Self::Unnamed,
    ];

    /// A stable word for metrics and reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Deleted => "deleted",
            Self::Expired => "expired",
            Self::NotGzip => "not-gzip",
            Self::CorruptGzip => "corrupt-gzip",
            Self::TruncatedGzip => "truncated-gzip",
            Self::TrailingData => "trailing-data",
            Self::TooLarge => "too-large",
            Self::BadFormat => "bad-format",
            Self::NoSignature => "no-signature",
            Self::OtherAlgorithm => "other-algorithm",
            Self::Moved => "moved",
            Self::UnknownKey => "unknown-key",
            Self::BadKey => "bad-key",
            Self::KeyNotValidThen => "key-not-valid-then",
            Self::BadSignature => "bad-signature",
            Self::HashMismatch => "hash-mismatch",
            Self::PreviousHash => "previous-hash",
            Self::PreviousSignature => "previous-signature",
            Self::PreviousMissing => "previous-missing",
            Self::BrokenChain => "broken-chain",
            Self::Spliced => "spliced",
            Self::EndBeforeStart => "end-before-start",
            Self::InTheFuture => "in-the-future",
            Self::Overlap => "overlap",
            Self::Gap => "gap",
            Self::Stopped => "stopped",
            Self::Foreign => "foreign",
            Self::Unnamed => "unnamed",
        }
    }
}
