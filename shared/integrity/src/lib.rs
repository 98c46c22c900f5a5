//! Whether log files are what CloudTrail delivered, and all of it.
//!
//! Every hour CloudTrail writes a digest: the names and hashes of the log files of that hour, and the hash and
//! signature of the digest before. The crate checks one digest ([`FetchedDigest`], [`OpenDigest`]), the log files that
//! it names ([`LogHasher`]), and the chain. It is pure: buckets, public keys and time are handed in.

mod arrival;
mod chain;
mod class;
mod digest;
mod digest_key;
mod finding;
mod hex;
mod inflate;
mod key;
mod key_ring;
mod listing;
mod location;
mod named;
mod ports;
mod reason;
mod signed;
mod trail;
mod unnamed;
mod verify;
mod walk;
pub mod watch;
mod way;

pub use arrival::Arrival;
pub use chain::{Predecessor, absent_predecessor, between, link, oddities, stopped};
pub use class::Class;
pub use digest::{Digest, FormatError, MOST_DIGEST_BYTES, MOST_LOG_FILES, NamedLogFile, Previous};
pub use digest_key::{Chain, DigestKey};
pub use finding::{Event, Finding, Period, Tally};
pub use inflate::{InflateError, LogHasher};
pub use key::{KeyFileError, ListedKey, PublicKey, PublicKeys, fingerprint};
pub use key_ring::KeyRing;
pub use listing::Listing;
pub use location::Location;
pub use named::{NamedLogFiles, log_file_time};
pub use ports::{
    FetchError, FetchProblem, KeyService, KeyServiceError, LogBody, Objects, Stored, Unavailable,
};
pub use reason::Reason;
pub use signed::Signed;
pub use trail::{NotATrail, Trail, Trails};
pub use verify::{DigestCause, DigestError, DigestMetadata, FetchedDigest, OpenDigest, VerifiedDigest};
pub use walk::{Met, Verifier, Walk};
