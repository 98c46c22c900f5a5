//! What a digest says, once it is inflated.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use crate::location::Location;

/// Inflated bytes of a digest. One of 100,000 log files has some 50 MB.
pub const MOST_DIGEST_BYTES: u64 = 64 * 1024 * 1024;

/// Log files in one digest. An hour of the largest organisation has some thousands in one account and region.
pub const MOST_LOG_FILES: usize = 100_000;

/// The one algorithm that CloudTrail signs with.
pub(crate) const SIGNATURE_ALGORITHM: &str = "SHA256withRSA";

/// The one algorithm that CloudTrail hashes with.
pub(crate) const HASH_ALGORITHM: &str = "SHA-256";

/// A digest: which log files were delivered in a period, and which digest came before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// `awsAccountId`.
    pub account: String,
    /// `digestStartTime`.
    pub start: Timestamp,
    /// `digestEndTime`.
    pub end: Timestamp,
    /// `digestEndTime` as it is written, which is signed.
    pub end_text: String,
    /// `digestS3Bucket` and `digestS3Object`: where it was delivered.
    pub location: Location,
    /// `digestPublicKeyFingerprint`.
    pub fingerprint: String,
    /// `digestSignatureAlgorithm`, if it says one.
    pub algorithm: Option<String>,
    /// The digest before this one; `None` if it starts a chain.
    pub previous: Option<Previous>,
    /// `previousDigestSignature`, which is signed whether or not the rest is there.
    pub previous_signature: Option<String>,
    /// `logFiles`.
    pub log_files: Vec<NamedLogFile>,
}

/// What a digest says of its predecessor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// `previousDigestS3Bucket` and `previousDigestS3Object`.
    pub location: Location,
    /// `previousDigestHashValue`: the SHA-256 of its inflated bytes.
    pub sha256: Option<String>,
}

/// A log file that a digest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedLogFile {
    /// `s3Bucket` and `s3Object`.
    pub location: Location,
    /// `hashValue`, in hexadecimal.
    pub sha256: String,
    /// Whether `hashAlgorithm` is the one that is known.
    pub is_sha256: bool,
}

/// Why inflated bytes are not a digest. None of them quotes the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// JSON that is broken, that lacks a field of a digest, or has one of another type.
    #[error("not the JSON of a digest (line {line}, column {column})")]
    NotADigest {
        /// Where it stops being one.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// A time that cannot be read.
    #[error("{0} is no time")]
    Time(&'static str),
    /// More log files than are read.
    #[error("it names more than {MOST_LOG_FILES} log files")]
    TooManyLogFiles,
}

impl Digest {
    /// Reads the inflated bytes of a digest.
    pub fn parse(inflated: &[u8]) -> Result<Self, FormatError> {
        let wire: Wire = serde_json::from_slice(inflated).map_err(|error| {
            // The text of serde_json's errors quotes values. Where it stopped is enough to look it up.
            FormatError::NotADigest { line: error.line(), column: error.column() }
        })?;
        let LogFiles::All(log_files) = wire.log_files else { return Err(FormatError::TooManyLogFiles) };
        let time = |text: &str, field| text.parse::<Timestamp>().map_err(|_| FormatError::Time(field));
        let previous = wire
            .previous_bucket
            .zip(wire.previous_key)
            .map(|(bucket, key)| Previous { location: Location { bucket, key }, sha256: wire.previous_hash });
        Ok(Self {
            account: wire.account,
            start: time(&wire.start, "digestStartTime")?,
            end: time(&wire.end, "digestEndTime")?,
            end_text: wire.end,
            location: Location { bucket: wire.bucket, key: wire.key },
            fingerprint: wire.fingerprint,
            algorithm: wire.algorithm,
            previous,
            previous_signature: wire.previous_signature,
            log_files,
        })
    }
}

#[derive(serde::Deserialize)]
struct Wire {
    #[serde(rename = "awsAccountId")]
    account: String,
    #[serde(rename = "digestStartTime")]
    start: String,
    #[serde(rename = "digestEndTime")]
    end: String,
    #[serde(rename = "digestS3Bucket")]
    bucket: String,
    #[serde(rename = "digestS3Object")]
    key: String,
    #[serde(rename = "digestPublicKeyFingerprint")]
    fingerprint: String,
    #[serde(rename = "digestSignatureAlgorithm")]
    algorithm: Option<String>,
    #[serde(rename = "previousDigestS3Bucket")]
    previous_bucket: Option<String>,
    #[serde(rename = "previousDigestS3Object")]
    previous_key: Option<String>,
    #[serde(rename = "previousDigestHashValue")]
    previous_hash: Option<String>,
    // Null it may be, absent not: what is signed has to be there.
    #[serde(rename = "previousDigestSignature", deserialize_with = "Option::deserialize")]
    previous_signature: Option<String>,
    #[serde(rename = "logFiles")]
    log_files: LogFiles,
}

#[derive(serde::Deserialize)]
struct WireLogFile {
    #[serde(rename = "s3Bucket")]
    bucket: String,
    #[serde(rename = "s3Object")]
    key: String,
    #[serde(rename = "hashValue")]
    hash: String,
    #[serde(rename = "hashAlgorithm")]
    algorithm: Option<String>,
}

/// The log files, or word that there are too many: they are counted as they are read, not after.
enum LogFiles {
    All(Vec<NamedLogFile>),
    TooMany,
}

impl<'de> Deserialize<'de> for LogFiles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LogFilesVisitor)
    }
}

struct LogFilesVisitor;

impl<'de> Visitor<'de> for LogFilesVisitor {
    type Value = LogFiles;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of log files, or null")
    }

    fn visit_unit<E>(self) -> Result<LogFiles, E> {
        Ok(LogFiles::All(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<LogFiles, A::Error> {
        let mut all = Vec::new();
        while let Some(WireLogFile { bucket, key, hash, algorithm }) = elements.next_element()? {
            if all.len() == MOST_LOG_FILES {
                // The rest is passed over without being kept.
                while elements.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                return Ok(LogFiles::TooMany);
            }
            all.push(NamedLogFile {
                location: Location { bucket, key },
                sha256: hash,
                is_sha256: algorithm.is_none_or(|algorithm| algorithm == HASH_ALGORITHM),
            });
        }
        Ok(LogFiles::All(all))
    }
}
