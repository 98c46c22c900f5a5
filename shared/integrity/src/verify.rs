//! One digest by itself: is it whole, in its place, and signed by CloudTrail?
//!
//! In two steps, because which public keys have to be asked for stands in the digest: [`FetchedDigest::open`] and
//! then [`OpenDigest::verify`].

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::digest::{Digest, FormatError, MOST_DIGEST_BYTES, NamedLogFile, SIGNATURE_ALGORITHM};
use crate::digest_key::is_backfill_key;
use crate::hex;
use crate::inflate::{InflateError, inflate};
use crate::key::PublicKeys;
use crate::location::Location;
use crate::reason::Reason;
use crate::signed::Signed;

/// How long after its end a digest may be signed, and how far around a backfill's time keys are looked for.
const SIGNED_WITHIN: SignedDuration = SignedDuration::from_hours(2);
const BACKFILL_KEYS_AROUND: SignedDuration = SignedDuration::from_hours(1);

/// A digest as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedDigest {
    /// Where it was fetched from.
    pub location: Location,
    /// Its bytes as they are stored.
    pub stored: Vec<u8>,
    /// What S3 keeps beside it.
    pub metadata: DigestMetadata,
    /// When it was written, if the store says so.
    pub arrived: Option<Timestamp>,
}

/// The user metadata of a digest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigestMetadata {
    /// `signature`, in hexadecimal.
    pub signature: Option<String>,
    /// `signature-algorithm`.
    pub algorithm: Option<String>,
    /// `backfill-generation-timestamp`, of backfill digests only.
    pub backfill_generated: Option<String>,
}

/// What is wrong with one digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{location}: {cause}")]
pub struct DigestError {
    /// The digest.
    pub location: Location,
    /// What it is.
    pub cause: DigestCause,
}

/// What can be wrong with one digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestCause {
    /// It cannot be inflated.
    #[error("{0}")]
    Inflate(#[from] InflateError),
    /// It is no digest.
    #[error("{0}")]
    Format(#[from] FormatError),
    /// It has no `signature` or no `signature-algorithm` among its metadata.
    #[error("its metadata has no signature")]
    NoSignature,
    /// It is a backfill digest, and its metadata does not say when it was made.
    #[error("its metadata does not say when the backfill was made")]
    NoBackfillTime,
    /// It names another algorithm than the one that is known.
    #[error("it is signed with another algorithm than {SIGNATURE_ALGORITHM}")]
    OtherAlgorithm,
    /// It says that it lies elsewhere.
    #[error("it has been moved from its original location")]
    Moved,
    /// No public key has this fingerprint.
    #[error("public key not found for its fingerprint")]
    UnknownKey {
        /// The fingerprint, as the digest has it.
        fingerprint: String,
    },
    /// The public key is none.
    #[error("the public key of its fingerprint cannot be used")]
    BadKey {
        /// The fingerprint, as the digest has it.
        fingerprint: String,
    },
    /// The signature is not right.
    #[error("signature verification failed")]
    BadSignature,
}

impl DigestError {
    /// What it comes down to.
    pub fn reason(&self) -> Reason {
        match &self.cause {
            DigestCause::Inflate(error) => error.reason(),
            DigestCause::Format(FormatError::TooManyLogFiles) => Reason::TooLarge,
            DigestCause::Format(_) | DigestCause::NoBackfillTime => Reason::BadFormat,
            DigestCause::NoSignature => Reason::NoSignature,
            DigestCause::OtherAlgorithm => Reason::OtherAlgorithm,
            DigestCause::Moved => Reason::Moved,
            DigestCause::UnknownKey { .. } => Reason::UnknownKey,
            DigestCause::BadKey { .. } => Reason::BadKey,
            DigestCause::BadSignature => Reason::BadSignature,
        }
    }
}

/// A digest that can be read and is where it says; who signed it is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDigest {
    digest: Digest,
    sha256: String,
    signature: String,
    backfill_generated: Option<Timestamp>,
    arrived: Option<Timestamp>,
}

impl FetchedDigest {
    /// Inflates and reads it, and compares where it lies with where it says it does.
    pub fn open(&self) -> Result<OpenDigest, DigestError> {
        self.read().map_err(|cause| DigestError { location: self.location.clone(), cause })
    }

    /// What it says, if it can be read, wherever it lies. Nothing of it is proved: it may help to look for more.
    pub fn claims(&self) -> Option<Digest> {
        Digest::parse(&inflate(&self.stored, MOST_DIGEST_BYTES).ok()?).ok()
    }

    // In the order of `aws cloudtrail validate-logs`, so that of two mistakes the same one is told.
    fn read(&self) -> Result<OpenDigest, DigestCause> {
        let inflated = inflate(&self.stored, MOST_DIGEST_BYTES)?;
        let digest = Digest::parse(&inflated)?;
        let DigestMetadata { signature: Some(signature), algorithm: Some(algorithm), backfill_generated } =
            &self.metadata
        else {
            return Err(DigestCause::NoSignature);
        };
        let backfill_generated = if is_backfill_key(&self.location.key) {
            let time = backfill_generated.as_deref().and_then(|time| time.parse().ok());
            Some(time.ok_or(DigestCause::NoBackfillTime)?)
        } else {
            None
        };
        if digest.location != self.location {
            return Err(DigestCause::Moved);
        }
        let algorithms = [Some(algorithm), digest.algorithm.as_ref()];
        if algorithms.into_iter().flatten().any(|algorithm| algorithm != SIGNATURE_ALGORITHM) {
            return Err(DigestCause::OtherAlgorithm);
        }
        let sha256 = hex::encode(&Sha256::digest(&inflated));
        let signature = signature.clone();
        Ok(OpenDigest { digest, sha256, signature, backfill_generated, arrived: self.arrived })
    }
}

impl OpenDigest {
    /// What it says. Nothing of it is proved yet.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The time for which CloudTrail has to be asked for public keys.
    pub fn key_period(&self) -> (Timestamp, Timestamp) {
        match self.backfill_generated {
            Some(at) => (shifted(at, -BACKFILL_KEYS_AROUND), shifted(at, BACKFILL_KEYS_AROUND)),
            None => (self.digest.end, shifted(self.digest.end, SIGNED_WITHIN)),
        }
    }

    /// Whether CloudTrail signed it, as far as `keys` are CloudTrail's.
    pub fn verify(self, keys: &PublicKeys) -> Result<VerifiedDigest, DigestError> {
        match self.check(keys) {
            Ok(key_was_valid) => Ok(VerifiedDigest { open: self, key_was_valid }),
            Err(cause) => Err(DigestError { location: self.digest.location, cause }),
        }
    }

    fn check(&self, keys: &PublicKeys) -> Result<bool, DigestCause> {
        let digest = &self.digest;
        let fingerprint = || digest.fingerprint.clone();
        let Some(key) = keys.get(&digest.fingerprint) else {
            return Err(DigestCause::UnknownKey { fingerprint: fingerprint() });
        };
        if !key.is_sound() {
            return Err(DigestCause::BadKey { fingerprint: fingerprint() });
        }
        let text = Signed {
            end_time: &digest.end_text,
            bucket: &digest.location.bucket,
            key: &digest.location.key,
            sha256: &self.sha256,
            previous_signature: digest.previous_signature.as_deref(),
        }
        .text();
        let signature = hex::decode(&self.signature).ok_or(DigestCause::BadSignature)?;
        if !key.verifies(&text, &signature) {
            return Err(DigestCause::BadSignature);
        }
        let (from, to) = self.key_period();
        Ok(key.was_valid(from, to))
    }
}

/// A digest that CloudTrail signed, and that lies where CloudTrail delivered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedDigest {
    open: OpenDigest,
    key_was_valid: bool,
}

impl VerifiedDigest {
    /// What it says.
    pub fn digest(&self) -> &Digest {
        &self.open.digest
    }

    /// The SHA-256 of its inflated bytes, by which its successor names it.
    pub fn sha256(&self) -> &str {
        &self.open.sha256
    }

    /// Its signature in hexadecimal, by which its successor names it.
    pub fn signature(&self) -> &str {
        &self.open.signature
    }

    /// When it was made, if it is a backfill digest.
    pub fn backfill_generated(&self) -> Option<Timestamp> {
        self.open.backfill_generated
    }

    /// When it was written, if the store said so.
    pub fn arrived(&self) -> Option<Timestamp> {
        self.open.arrived
    }

    /// Whether its key was valid when it can have been signed. `validate-logs` does not ask.
    pub fn key_was_valid(&self) -> bool {
        self.key_was_valid
    }
}

impl NamedLogFile {
    /// Judges a log file by what became of its bytes.
    pub fn judge(&self, hash: Result<&str, InflateError>) -> Result<(), Reason> {
        let hash = hash.map_err(InflateError::reason)?;
        if !self.is_sha256 {
            Err(Reason::OtherAlgorithm)
        } else if hash == self.sha256 {
            Ok(())
        } else {
            Err(Reason::HashMismatch)
        }
    }
}

/// A time that is moved; one that would leave the calendar stays.
fn shifted(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(time)
}
