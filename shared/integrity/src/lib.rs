//! Whether log files are what CloudTrail delivered, and all of it.
//!
//! Every hour CloudTrail writes a digest: the names and hashes of the log files of that hour, and the hash and
//! signature of the digest before. The crate checks one digest ([`FetchedDigest`], [`OpenDigest`]), the log files that
//! it names ([`LogHasher`]), and the chain. It is pure: buckets, public keys and time are handed in.

mod class;
mod digest;
mod digest_key;
mod hex;
mod inflate;
mod key;
mod location;
mod reason;
mod signed;
mod verify;
pub mod watch;

pub use class::Class;
pub use digest::{Digest, FormatError, MOST_DIGEST_BYTES, MOST_LOG_FILES, NamedLogFile, Previous};
pub use digest_key::{Chain, DigestKey};
pub use inflate::{InflateError, LogHasher};
pub use key::{KeyFileError, ListedKey, PublicKey, PublicKeys, fingerprint};
pub use location::Location;
pub use reason::Reason;
pub use signed::Signed;
pub use verify::{DigestCause, DigestError, DigestMetadata, FetchedDigest, OpenDigest, VerifiedDigest};
