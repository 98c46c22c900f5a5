//! Files that hold no events: digests, and objects of another service in the same bucket.

use anyhow::Result;
use serde_json::json;

use super::corpus::gzip;
use super::facts::File;
use super::key::{self, Folder, Place};
use super::plan::Plan;
use crate::rng::{HEX, Rng};

/// A digest file. Its hashes are random: it is there to be skipped, and proves nothing.
pub(super) fn digest(plan: &Plan, place: Place, rng: &mut Rng) -> Result<File> {
    let key = key::of_log(plan, Folder::Digest, place, rng);
    let log = key::of_log(plan, Folder::Events, place, rng);
    let hash = |rng: &mut Rng, digits| {
        let mut hash = Vec::new();
        rng.text(HEX, digits, &mut hash);
        String::from_utf8_lossy(&hash).into_owned()
    };
    let time = place.delivered.to_string();
    let body = json!({
        "awsAccountId": plan.accounts[place.account],
        "digestStartTime": time,
        "digestEndTime": time,
        "digestS3Bucket": "trail-logs",
        "digestS3Object": key,
        "digestPublicKeyFingerprint": hash(rng, 32),
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": time,
        "oldestEventTime": time,
        "previousDigestS3Bucket": null,
        "previousDigestS3Object": null,
        "previousDigestHashValue": null,
        "previousDigestHashAlgorithm": null,
        "previousDigestSignature": null,
        "logFiles": [{
            "s3Bucket": "trail-logs",
            "s3Object": log,
            "hashValue": hash(rng, 64),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": time,
            "oldestEventTime": time,
        }],
    })
    .to_string();
    let inflated_bytes = body.len() as u64;
    let body = gzip(body.as_bytes())?;
    Ok(File { key, body, skipped: Some("digest"), records: Vec::new(), inflated_bytes, newest_event: None })
}

/// An object of another service, with the word CloudTrail in its name and bytes of no format.
pub(super) fn other(plan: &Plan, place: Place, rng: &mut Rng) -> File {
    let key = key::of_other(plan, place, rng);
    let body = b"no log of CloudTrail".to_vec();
    let inflated_bytes = body.len() as u64;
    File { key, body, skipped: Some("unknown-key"), records: Vec::new(), inflated_bytes, newest_event: None }
}
