//! Forms of digests, keys of digests and public keys: what is read, and what is refused in which words.

use serde_json::{Value, json};
use trailmeter_integrity::{
    Digest, DigestKey, FormatError, KeyFileError, MOST_LOG_FILES, PublicKeys, Reason,
};

fn digest() -> Value {
    json!({
        "awsAccountId": "111122223333",
        "digestStartTime": "2026-03-01T22:00:00Z",
        "digestEndTime": "2026-03-01T23:00:00Z",
        "digestS3Bucket": "bucket",
        "digestS3Object": "key",
        "digestPublicKeyFingerprint": "ff",
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": null,
        "oldestEventTime": null,
        "previousDigestS3Bucket": null,
        "previousDigestS3Object": null,
        "previousDigestHashValue": null,
        "previousDigestHashAlgorithm": null,
        "previousDigestSignature": null,
        "logFiles": [],
    })
}

fn log_file(at: usize) -> Value {
    json!({
        "s3Bucket": "bucket",
        "s3Object": format!("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/{at}.json.gz"),
        "hashValue": "00",
        "hashAlgorithm": "SHA-256",
        "newestEventTime": "2026-03-01T22:00:00Z",
        "oldestEventTime": "2026-03-01T22:00:00Z",
    })
}

fn parse(digest: &Value) -> Result<Digest, FormatError> {
    Digest::parse(digest.to_string().as_bytes())
}

#[test]
fn a_digest_has_what_is_signed_and_what_is_walked() {
    for field in [
        "awsAccountId",
        "digestStartTime",
        "digestEndTime",
        "digestS3Bucket",
        "digestS3Object",
        "digestPublicKeyFingerprint",
        "previousDigestSignature",
        "logFiles",
    ] {
        let mut without = digest();
        without.as_object_mut().unwrap().remove(field);
        assert!(matches!(parse(&without), Err(FormatError::NotADigest { .. })), "{field}");
    }
    for field in ["digestSignatureAlgorithm", "newestEventTime", "previousDigestHashAlgorithm"] {
        let mut without = digest();
        without.as_object_mut().unwrap().remove(field);
        assert!(parse(&without).is_ok(), "{field}");
    }
}

#[test]
fn what_is_no_digest_is_refused_without_a_word_of_it() {
    let with = |field: &str, value: Value| {
        let mut changed = digest();
        changed[field] = value;
        changed.to_string()
    };
    let twice =
        digest().to_string().replace("\"awsAccountId\"", "\"digestS3Bucket\":\"secret\",\"awsAccountId\"");
    for (what, text) in [
        ("nothing", String::new()),
        ("an array", "[]".to_owned()),
        ("cut off", digest().to_string()[..40].to_owned()),
        ("more behind it", format!("{} secret", digest())),
        ("a field twice", twice),
        ("a number for a time", with("digestEndTime", json!(1))),
        ("no time", with("digestEndTime", json!("secret"))),
        ("no time zone", with("digestStartTime", json!("2026-03-01T22:00:00"))),
        ("a word for log files", with("logFiles", json!("secret"))),
        ("a log file without a hash", with("logFiles", json!([{"s3Bucket": "secret", "s3Object": "b"}]))),
        ("a hash that is a number", with("previousDigestHashValue", json!(7))),
    ] {
        let error = Digest::parse(text.as_bytes()).expect_err(what).to_string();
        assert!(!error.contains("secret") && !error.is_empty(), "{what}: {error}");
    }
}

#[test]
fn ten_thousand_log_files_are_read_and_more_than_the_limit_are_not() {
    let with = |files: usize| {
        let mut changed = digest();
        changed["logFiles"] = (0..files).map(log_file).collect();
        parse(&changed).map(|digest| digest.log_files.len())
    };
    assert_eq!(with(10_000), Ok(10_000));
    assert_eq!(with(MOST_LOG_FILES + 1), Err(FormatError::TooManyLogFiles));
}

#[test]
fn depth_in_what_is_not_asked_for_is_passed_over() {
    let nested = format!("{{\"more\":{}{},", "[".repeat(100_000), "]".repeat(100_000));
    let deep = digest().to_string().replacen('{', &nested, 1);
    assert!(Digest::parse(deep.as_bytes()).is_ok());
}

#[test]
fn null_log_files_are_none() {
    let mut changed = digest();
    changed["logFiles"] = Value::Null;
    assert_eq!(parse(&changed).unwrap().log_files, []);
}

#[test]
fn keys_that_are_no_digests() {
    let name = "111122223333_CloudTrail-Digest_eu-west-1_ours_us-east-1_20260301T230000Z.json.gz";
    let folder = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/01";
    assert!(DigestKey::parse(&format!("{folder}/{name}")).is_some());
    assert!(DigestKey::parse(&format!("of/AWSLogs/{folder}/{name}")).is_some());
    for key in [
        String::new(),
        name.to_owned(),
        format!("my{folder}/{name}"),
        format!("{folder}//{name}"),
        format!("{folder}/{name}x"),
        format!("{folder}/{}", name.replace("111122223333", "444455556666")),
        format!("{folder}/{}", name.replace("eu-west-1", "eu-west-2")),
        format!("{folder}/{}", name.replace("ours_", "")),
        format!("{folder}/{}", name.replace("20260301T23", "20261301T23")),
        format!("{folder}/{}", name.replace("us-east-1", "home")),
        // A day that is not the file's.
        format!("{}/{name}", folder.replace("03/01", "03/02")),
        format!("{}/{name}", folder.replace("CloudTrail-Digest", "CloudTrail")),
        format!("{}/{name}", folder.replace("111122223333", "1111")),
    ] {
        assert_eq!(DigestKey::parse(&key), None, "{key}");
    }
}

#[test]
fn names_of_trails_may_have_what_separates() {
    let folder = "AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail-Digest/us-gov-west-1/2026/03/01";
    for (trail, ending, is_backfill) in [
        ("ours", "", false),
        ("a_b_c", "", false),
        ("us-east-1_20260301T230000Z", "", false),
        ("x_backfill", "", false),
        ("_", "_backfill", true),
        ("ours", "_backfill", true),
    ] {
        let name = format!(
            "111122223333_CloudTrail-Digest_us-gov-west-1_{trail}_us-gov-east-1_20260301T230000Z{ending}.json.gz"
        );
        let key = format!("{folder}/{name}");
        let parsed = DigestKey::parse(&key).expect(trail);
        assert_eq!((&parsed.chain.trail[..], parsed.chain.is_backfill), (trail, is_backfill));
        assert_eq!(parsed.chain.organization.as_deref(), Some("o-a1b2c3d4e5"));
        assert_eq!(parsed.to_string(), key);
    }
}

#[test]
fn public_keys_are_read_as_they_are_listed() {
    let list = |keys: Value| PublicKeys::from_json(json!({ "PublicKeyList": keys }).to_string().as_bytes());
    let key =
        |value: &str, from: Value| json!([{"Value": value, "Fingerprint": "ff", "ValidityStartTime": from}]);
    for (from, len) in [
        (json!("2026-03-01T22:00:00Z"), 1),
        (json!("2026-03-01T22:00:00+01:00"), 1),
        (json!("2026-03-01T22:00:00.123000+00:00"), 1),
        (json!(1_772_400_000), 1),
        (json!(1_772_400_000.5), 1),
        (Value::Null, 1),
    ] {
        assert_eq!(list(key("AAAA", from.clone())).map(|keys| keys.len()), Ok(len), "{from}");
    }
    let time = KeyFileError::Time { at: 1, field: "ValidityStartTime" };
    for (text, expected) in [
        (list(json!([])), KeyFileError::Empty),
        (list(key("not base64", Value::Null)), KeyFileError::Value(1)),
        (list(key("AAAA", json!("yesterday"))), time.clone()),
        (list(key("AAAA", json!(1e300))), time),
    ] {
        assert_eq!(text.err(), Some(expected));
    }
    for text in ["", "[]", "{}", "{\"PublicKeyList\":[{\"Value\":\"AAAA\"}]}"] {
        assert!(
            matches!(PublicKeys::from_json(text.as_bytes()), Err(KeyFileError::NotKeys { .. })),
            "{text}"
        );
    }
}

#[test]
fn words_for_reasons_differ_and_fit_into_a_metric() {
    let words: std::collections::BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.reason()).collect();
    assert_eq!(words.len(), Reason::ALL.len());
    assert!(words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
}
