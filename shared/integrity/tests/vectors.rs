//! What is known from outside: texts, hashes and places that AWS's own tools agree on.

#![allow(clippy::unwrap_used, reason = "a file that cannot be packed ends the test")]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use trailmeter_integrity::{InflateError, LogHasher, Signed, fingerprint};

fn gzip(inflated: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(inflated).unwrap();
    encoder.finish().unwrap()
}

fn hash(stored: &[u8]) -> Result<String, InflateError> {
    let mut hasher = LogHasher::new();
    hasher.push(stored)?;
    hasher.finish()
}

#[test]
fn the_text_that_is_signed() {
    let signed = Signed {
        end_time: "2026-03-01T23:00:00Z",
        bucket: "bucket",
        key: "a/key",
        sha256: "00ff",
        previous_signature: Some("abcd"),
    };
    assert_eq!(signed.text(), "2026-03-01T23:00:00Z\nbucket/a/key\n00ff\nabcd");
    let first = Signed { previous_signature: None, ..signed };
    assert_eq!(first.text(), "2026-03-01T23:00:00Z\nbucket/a/key\n00ff\nnull");
}

#[test]
fn the_hash_is_of_the_inflated_bytes() {
    for (inflated, sha256) in [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("{}", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
    ] {
        assert_eq!(hash(&gzip(inflated.as_bytes())).as_deref(), Ok(sha256), "{inflated}");
    }
}

#[test]
fn what_is_not_one_member_has_no_hash() {
    let member = gzip(b"{\"Records\":[]}");
    let with = |more: &[u8]| [&member[..], more].concat();
    let mut wrong_checksum = member.clone();
    let checksum = wrong_checksum.len() - 8;
    wrong_checksum[checksum] ^= 1;
    for (what, stored, error) in [
        ("no bytes", Vec::new(), InflateError::Truncated),
        ("plain", b"{\"Records\":[]}".to_vec(), InflateError::NotGzip),
        ("a byte behind it", with(b"x"), InflateError::Trailing),
        ("zeros behind it", with(&[0; 512]), InflateError::Trailing),
        ("a second member", with(&member), InflateError::Trailing),
        ("an empty second member", with(&gzip(b"")), InflateError::Trailing),
        ("no trailer", member[..member.len() - 8].to_vec(), InflateError::Truncated),
        ("half a trailer", member[..member.len() - 3].to_vec(), InflateError::Truncated),
        ("half", member[..member.len() / 2].to_vec(), InflateError::Truncated),
        ("the first byte", member[..1].to_vec(), InflateError::Truncated),
        ("another checksum", wrong_checksum, InflateError::Corrupt),
        ("no deflate data", [&member[..10], &[0xff; 40]].concat(), InflateError::Corrupt),
    ] {
        assert_eq!(hash(&stored), Err(error), "{what}");
    }
}

#[test]
fn a_fingerprint_is_the_md5_of_the_value() {
    assert_eq!(fingerprint(b""), "d41d8cd98f00b204e9800998ecf8427e");
}
