//! Each digest and each log file by itself.

use crate::bundle::{Bucket, chain};
use trailmeter_integrity::{DigestKey, LogHasher, Reason};

/// What the checks of one digest and of the log files that it names say of each chain. Chains that are not told
/// here are sound digest by digest: what is wrong with them is between digests.
#[test]
fn each_digest_and_log_file_by_itself() {
    for (name, expected) in [
        ("valid", vec![]),
        ("valid-organization", vec![]),
        ("valid-spki", vec![]),
        ("valid-quiet", vec![]),
        ("valid-backfill", vec![]),
        ("log-byte-flipped", vec![Reason::CorruptGzip]),
        ("log-content-changed", vec![Reason::HashMismatch]),
        ("log-truncated", vec![Reason::TruncatedGzip]),
        ("log-trailing-bytes", vec![Reason::TrailingData]),
        ("log-second-member", vec![Reason::TrailingData]),
        ("log-uncompressed", vec![Reason::NotGzip]),
        ("log-empty", vec![Reason::TruncatedGzip]),
        ("log-deleted", vec![Reason::NotFound]),
        ("digest-changed", vec![Reason::BadSignature]),
        ("digest-moved", vec![Reason::Moved]),
        ("digest-corrupt", vec![Reason::NotGzip]),
        ("digest-no-json", vec![Reason::BadFormat]),
        ("digest-without-field", vec![Reason::BadFormat]),
        ("digest-without-signature", vec![Reason::NoSignature]),
        ("digest-trailing-bytes", vec![Reason::TrailingData]),
        ("signed-by-another", vec![Reason::BadSignature]),
        ("unknown-key", vec![Reason::UnknownKey]),
        ("key-is-none", vec![Reason::BadKey]),
        ("predecessor-replaced", vec![]),
        ("backfill-without-time", vec![Reason::BadFormat]),
    ] {
        assert_eq!(faults(&chain(name)), expected, "{name}");
    }
}

fn faults(bucket: &Bucket) -> Vec<Reason> {
    let mut found = Vec::new();
    for location in bucket.digests() {
        let fetched = bucket.fetched(&location);
        let verified = match fetched.open().and_then(|open| open.verify(&bucket.keys())) {
            Ok(verified) => verified,
            Err(error) => {
                assert_eq!(error.location, location);
                found.push(error.reason());
                continue;
            }
        };
        for log in &verified.digest().log_files {
            let judged = match bucket.body(&log.location) {
                Some(body) => log.judge(hash(body, 7).as_deref().map_err(|error| *error)),
                None => Err(Reason::NotFound),
            };
            found.extend(judged.err());
        }
    }
    found
}

fn hash(body: &[u8], piece: usize) -> Result<String, trailmeter_integrity::InflateError> {
    let mut hasher = LogHasher::new();
    body.chunks(piece).try_for_each(|piece| hasher.push(piece))?;
    hasher.finish()
}

#[test]
fn pieces_of_any_size_make_the_same_hash() {
    let bucket = chain("valid");
    for (location, body) in bucket.objects().filter(|(location, _)| DigestKey::parse(&location.key).is_none())
    {
        let whole = hash(body, body.len());
        assert!(whole.is_ok(), "{location}");
        for piece in [1, 2, 8, 64] {
            assert_eq!(hash(body, piece), whole, "{location} in pieces of {piece}");
        }
    }
}

#[test]
fn a_key_says_which_chain_a_digest_is_of() {
    for (name, prefix, organization) in
        [("valid", "", None), ("valid-organization", "audit/trails", Some("o-a1b2c3d4e5"))]
    {
        let bucket = chain(name);
        for location in bucket.digests() {
            let key = DigestKey::parse(&location.key).unwrap_or_else(|| panic!("{location}"));
            assert_eq!(key.chain.prefix, prefix);
            assert_eq!(key.chain.organization.as_deref(), organization);
            assert_eq!(key.chain.trail, "every_thing");
            assert_eq!(key.to_string(), location.key);
            assert_eq!(key.time, bucket.fetched(&location).open().unwrap().digest().end);
        }
    }
}
