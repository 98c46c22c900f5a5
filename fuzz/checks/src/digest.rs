//! Any bytes as an inflated digest, as a key and as a stored log file: a digest says what a slow reading of its JSON says,
//! a key is built again of its parts, and a file has one hash however it is cut.
//!
//! Input: the bytes.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use trailmeter_integrity::{
    Digest, DigestCause, DigestKey, DigestMetadata, FetchedDigest, InflateError, LogHasher, PublicKeys,
};

pub(crate) fn check(input: &[u8]) {
    if let Ok(digest) = Digest::parse(input) {
        says_what_its_json_says(&digest, input);
        is_the_same_when_it_is_fetched(&digest, input);
    }
    if let Some(key) = std::str::from_utf8(input).ok().and_then(|text| Some((text, DigestKey::parse(text)?)))
    {
        assert_eq!(key.1.to_string(), key.0);
    }
    let whole = hash([input]);
    let (start, end) = input.split_at(input.len() / 3);
    assert_eq!(hash([start, end]), whole);
    assert_eq!(hash(input.chunks(1)), whole);
}

fn says_what_its_json_says(digest: &Digest, input: &[u8]) {
    let Ok(json) = serde_json::from_slice::<Value>(input) else { return };
    assert_eq!(json["digestS3Bucket"], digest.location.bucket.as_str());
    assert_eq!(json["digestS3Object"], digest.location.key.as_str());
    assert_eq!(json["digestEndTime"], digest.end_text.as_str());
    assert_eq!(json["previousDigestSignature"].as_str(), digest.previous_signature.as_deref());
    let named = json["logFiles"].as_array().map_or(0, Vec::len);
    assert_eq!(named, digest.log_files.len());
    for (at, log) in digest.log_files.iter().enumerate() {
        assert_eq!(json["logFiles"][at]["s3Object"], log.location.key.as_str());
        assert_eq!(json["logFiles"][at]["hashValue"], log.sha256.as_str());
    }
}

fn is_the_same_when_it_is_fetched(digest: &Digest, input: &[u8]) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let Ok(stored) = packed.write_all(input).and_then(|()| packed.finish()) else { return };
    let metadata = DigestMetadata {
        signature: Some("00".to_owned()),
        algorithm: Some("SHA256withRSA".to_owned()),
        backfill_generated: Some("2026-03-01T00:00:00Z".to_owned()),
    };
    let fetched = FetchedDigest { location: digest.location.clone(), stored, metadata, arrived: None };
    match fetched.open() {
        Err(error) => assert_eq!(error.cause, DigestCause::OtherAlgorithm),
        Ok(open) => {
            assert_eq!(open.digest(), digest);
            let verified = open.verify(&PublicKeys::new()).map(|_| ());
            let is_unknown =
                verified.is_err_and(|error| matches!(error.cause, DigestCause::UnknownKey { .. }));
            assert!(is_unknown, "without keys nothing is valid");
        }
    }
}

fn hash<'i>(pieces: impl IntoIterator<Item = &'i [u8]>) -> Result<String, InflateError> {
    let mut hasher = LogHasher::new();
    pieces.into_iter().try_for_each(|piece| hasher.push(piece))?;
    hasher.finish()
}
