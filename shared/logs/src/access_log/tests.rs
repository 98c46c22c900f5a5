//! Lines and what they are read as.

mod made;
mod reference;
mod streams;

use serde_json::{Value, json};

use super::record;
use crate::record::Malformed;

/// A line of today with all its fields.
pub(super) const FULL: &str = r#"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 arn:aws:sts::111122223333:assumed-role/deploy/ci-42 3E57427F3EXAMPLE REST.PUT.OBJECT reports/a%2520b.csv "PUT /reports/a%20b.csv HTTP/1.1" 200 - - 1718 70 10 "-" "aws-cli/2.0 \"x\"" 3HL4kqtJvjVBH40N s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket.s3.us-west-1.amazonaws.com TLSV1.2 arn:aws:s3:us-west-1:111122223333:accesspoint/ap Yes us-west-1"#;

/// One of 2014: eighteen fields.
pub(super) const OLD: &str = r#"79a5 mybucket [12/May/2014:07:54:01 +0000] 10.0.1.2 - 7ACC4BE89EXAMPLE REST.GET.OBJECT foo/bar.html "GET /foo/bar.html HTTP/1.1" 304 - - 1718 10 - "-" "Mozilla/5.0" -"#;

fn read(line: &str) -> Value {
    record(line.as_bytes()).unwrap_or_else(|why| panic!("{}: {line}", why.reason()))
}

/// `FULL` with one of its texts in another's place.
fn with(from: &str, to: &str) -> Value {
    assert_eq!(FULL.matches(from).count(), 1, "{from}");
    read(&FULL.replace(from, to))
}

#[test]
fn a_line_becomes_a_record_in_cloudtrails_terms() {
    let mut found = read(FULL);
    let id = found["eventID"].take();
    assert_eq!(id.as_str().map(str::len), Some(36));
    let expected = json!({
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutObject",
        "eventID": null,
        "eventType": "AwsApiCall",
        "eventTime": "2026-02-06T00:00:38Z",
        "awsRegion": "us-west-1",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": "arn:aws:sts::111122223333:assumed-role/deploy/ci-42",
            "accountId": "111122223333",
            "sessionContext": { "sessionIssuer": { "type": "Role", "accountId": "111122223333", "userName": "deploy" } },
        },
        "sourceIPAddress": "192.0.2.3",
        "userAgent": r#"aws-cli/2.0 \"x\""#,
        "requestID": "3E57427F3EXAMPLE",
        "readOnly": false,
        "requestParameters": {
            "bucketName": "amzn-s3-demo-bucket", "key": "reports/a b.csv", "versionId": "3HL4kqtJvjVBH40N",
        },
        "resources": [
            { "type": "AWS::S3::Object", "ARN": "arn:aws:s3:::amzn-s3-demo-bucket/reports/a b.csv" },
            { "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::amzn-s3-demo-bucket" },
        ],
        "additionalEventData": {
            "SignatureVersion": "SigV4",
            "AuthenticationMethod": "AuthHeader",
            "CipherSuite": "ECDHE-RSA-AES128-GCM-SHA256",
            "aclRequired": "Yes",
            "x-amz-id-2": "s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234=",
        },
        "tlsDetails": {
            "tlsVersion": "TLSv1.2",
            "cipherSuite": "ECDHE-RSA-AES128-GCM-SHA256",
            "clientProvidedHostHeader": "amzn-s3-demo-bucket.s3.us-west-1.amazonaws.com",
        },
        "accessLog": {
            "bucketOwner": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
            "bucket": "amzn-s3-demo-bucket",
            "time": "06/Feb/2026:00:00:38 +0000",
            "remoteIp": "192.0.2.3",
            "requester": "arn:aws:sts::111122223333:assumed-role/deploy/ci-42",
            "requestId": "3E57427F3EXAMPLE",
            "operation": "REST.PUT.OBJECT",
            "key": "reports/a%2520b.csv",
            "requestUri": "PUT /reports/a%20b.csv HTTP/1.1",
            "httpStatus": 200,
            "objectSize": 1718,
            "totalTime": 70,
            "turnAroundTime": 10,
            "userAgent": r#"aws-cli/2.0 \"x\""#,
            "versionId": "3HL4kqtJvjVBH40N",
            "hostId": "s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234=",
            "signatureVersion": "SigV4",
            "cipherSuite": "ECDHE-RSA-AES128-GCM-SHA256",
            "authenticationType": "AuthHeader",
            "hostHeader": "amzn-s3-demo-bucket.s3.us-west-1.amazonaws.com",
            "tlsVersion": "TLSV1.2",
            "accessPointArn": "arn:aws:s3:us-west-1:111122223333:accesspoint/ap",
            "aclRequired": "Yes",
            "sourceRegion": "us-west-1",
        },
    });
    assert_eq!(found, expected);
}

#[test]
fn lines_of_any_age_are_read() {
    let old = read(OLD);
    assert_eq!(
        old["userIdentity"],
        json!({ "type": "AWSAccount", "principalId": "", "accountId": "anonymous" })
    );
    assert_eq!(old.get("errorCode"), None);
    assert_eq!(old.get("tlsDetails"), None);
    assert_eq!(old["additionalEventData"], json!({}));
    // Every number of fields from eighteen on, and more than there are today.
    let fields = FULL.matches(' ').count() - 4;
    let mut line = format!("{FULL} new \"quoted new\" -");
    assert_eq!(read(&line)["accessLog"]["unknown"], "new \"quoted new\" -");
    assert_eq!(read(&line)["userAgent"], read(FULL)["userAgent"]);
    for count in (18..=fields).rev() {
        line = FULL.split(' ').take(count + 5).collect::<Vec<_>>().join(" ");
        let record = read(&line);
        assert_eq!(record["accessLog"].get("unknown"), None, "{line}");
        assert_eq!(record["accessLog"]["versionId"], "3HL4kqtJvjVBH40N", "{line}");
    }
}

#[test]
fn a_requester_is_an_identity_of_cloudtrails() {
    let requester = "arn:aws:sts::111122223333:assumed-role/deploy/ci-42";
    let id = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    let oai = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2QWRUHEXAMPLE";
    for (written, identity) in [
        (id, json!({ "type": "AWSAccount", "principalId": id })),
        (
            "arn:aws:iam::111122223333:user/team/alice",
            json!({
                "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/team/alice",
                "accountId": "111122223333", "userName": "alice",
            }),
        ),
        (
            "arn:aws:iam::111122223333:root",
            json!({ "type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333" }),
        ),
        (
            "arn:aws:sts::111122223333:federated-user/bob",
            json!({
                "type": "FederatedUser", "arn": "arn:aws:sts::111122223333:federated-user/bob",
                "accountId": "111122223333",
            }),
        ),
        (
            oai,
            json!({
                "type": "IAMUser", "arn": oai, "accountId": "cloudfront",
                "userName": "CloudFront Origin Access Identity E2QWRUHEXAMPLE",
            }),
        ),
        ("AmazonS3", json!({ "type": "AWSService", "invokedBy": "s3.amazonaws.com" })),
        (
            "svc:delivery.logs.amazonaws.com",
            json!({ "type": "AWSService", "invokedBy": "delivery.logs.amazonaws.com" }),
        ),
        (
            "cloudfront.amazonaws.com",
            json!({ "type": "AWSService", "invokedBy": "cloudfront.amazonaws.com" }),
        ),
        ("somebody", json!({ "type": "Unknown", "principalId": "somebody" })),
        // Signed, and not believed.
        ("-", json!({ "type": "Unknown" })),
    ] {
        let found = with(requester, written);
        assert_eq!(found["userIdentity"], identity, "{written}");
        assert_eq!(found["accessLog"]["requestId"], "3E57427F3EXAMPLE");
        assert_eq!(found["eventName"], "PutObject");
    }
    let refused = OLD.replace(" 304 - ", " 403 SignatureDoesNotMatch ");
    assert_eq!(read(&refused)["userIdentity"], json!({ "type": "Unknown" }));
    let expired = OLD.replace("REST.GET.OBJECT", "S3.EXPIRE.OBJECT");
    assert_eq!(read(&expired)["userIdentity"]["invokedBy"], "s3.amazonaws.com");
    assert_eq!(read(&expired)["eventType"], "AwsServiceEvent");
}

#[test]
fn a_failed_request_has_an_error() {
    for (status, code, expected) in [
        ("403", "AccessDenied", Some("AccessDenied")),
        ("403", "-", Some("AccessDenied")),
        ("403", "InvalidAccessKeyId", Some("InvalidAccessKeyId")),
        ("404", "-", Some("Http404")),
        ("503", "SlowDown", Some("SlowDown")),
        ("304", "-", None),
        ("-", "-", None),
    ] {
        let found = with(" 200 - - ", &format!(" {status} {code} - "));
        assert_eq!(found.get("errorCode").and_then(Value::as_str), expected, "{status} {code}");
    }
}

#[test]
fn keys_are_decoded_as_often_as_they_were_encoded() {
    let line = |key: &str, uri: &str| {
        FULL.replace("reports/a%2520b.csv", key).replace("PUT /reports/a%20b.csv HTTP/1.1", uri)
    };
    for (key, uri, expected) in [
        ("a/b.txt", "GET /a/b.txt HTTP/1.1", "a/b.txt"),
        ("a%20b", "GET /a HTTP/1.1", "a b"),
        // What the client encoded was encoded again.
        ("year%253D2020/x", "GET /year%3D2020/x HTTP/1.1", "year=2020/x"),
        ("year%253D2020/x", "GET /bucket/year%3D2020/x?versionId=1 HTTP/1.1", "year=2020/x"),
        ("year%3D2020/x", "GET /year=2020/x HTTP/1.1", "year=2020/x"),
        // A key that has a percent sign.
        ("100%2525", "GET /100%25 HTTP/1.1", "100%"),
        ("100%25", "-", "100%"),
        ("a%2Bb+c", "GET /a+b HTTP/1.1", "a+b+c"),
        ("%zz%2", "GET /%zz%2 HTTP/1.1", "%zz%2"),
        ("%FF", "GET /%FF HTTP/1.1", "\u{FFFD}"),
        ("%22%0A%5C", "GET / HTTP/1.1", "\"\n\\"),
    ] {
        let found = read(&line(key, uri));
        assert_eq!(found["requestParameters"]["key"], expected, "{key} {uri}");
        assert_eq!(found["accessLog"]["key"], key);
    }
}

#[test]
fn what_a_client_sends_forges_no_field() {
    let tail = "- forged SigV2 - - - TLSv1 - Yes";
    let agent = r#"aws-cli/2.0 \"x\""#;
    for (from, to, field, expected) in [
        (agent, format!(r#"x" {tail} "y"#), "userAgent", format!(r#"x" {tail} "y"#)),
        (agent, format!(r#"x" {tail}"#), "userAgent", format!(r#"x" {tail}"#)),
        (agent, r#"x" "y" "z"#.to_owned(), "userAgent", r#"x" "y" "z"#.to_owned()),
        (agent, "\"".to_owned(), "userAgent", "\"".to_owned()),
        (agent, "\" ".to_owned(), "userAgent", "\" ".to_owned()),
        (agent, String::new(), "userAgent", String::new()),
        (r#""-" "#, r#""http://x/" 500 - 1 2 3 4 "r" "#.to_owned(), "httpStatus", String::new()),
        ("GET /\"", String::new(), "", String::new()),
        (
            "PUT /reports/a%20b.csv HTTP/1.1",
            r#"GET /a"b?c="d" HTTP/1.1"#.to_owned(),
            "requestUri",
            r#"GET /a"b?c="d" HTTP/1.1"#.to_owned(),
        ),
    ] {
        if field.is_empty() {
            continue;
        }
        let found = with(from, &to);
        let raw = &found["accessLog"];
        if field != "httpStatus" {
            assert_eq!(raw[field], expected.as_str(), "{to}");
        }
        assert_eq!(raw["httpStatus"], 200, "{to}");
        assert_eq!(found["additionalEventData"]["SignatureVersion"], "SigV4", "{to}");
        assert_eq!(found["tlsDetails"]["tlsVersion"], "TLSv1.2", "{to}");
        assert_eq!(raw["sourceRegion"], "us-west-1", "{to}");
    }
}

#[test]
fn unquoted_dashes_stand_for_nothing() {
    for (line, agent) in [
        (FULL.replace("\"PUT /reports/a%20b.csv HTTP/1.1\"", "-"), true),
        (FULL.replace("\"-\" \"aws-cli", "- \"aws-cli"), true),
        (FULL.replace(r#""-" "aws-cli/2.0 \"x\"""#, "- -"), false),
        (FULL.replace(r#""-" "aws-cli/2.0 \"x\"""#, r#""-" -"#), false),
    ] {
        let found = read(&line);
        assert_eq!(found.get("userAgent").is_some(), agent, "{line}");
        assert_eq!(found["accessLog"].get("referer"), None, "{line}");
        assert_eq!(found["accessLog"]["sourceRegion"], "us-west-1", "{line}");
    }
}

#[test]
fn malformed_lines_are_so_for_a_reason() {
    let words: Vec<&str> = OLD.split(' ').collect();
    for count in 1..words.len() {
        let cut = words[..count].join(" ");
        assert!(record(cut.as_bytes()).is_err(), "{cut}");
    }
    for (line, why) in [
        ("x".to_owned(), Malformed::TooFewFields),
        ("{\"Records\":[]}".to_owned(), Malformed::TooFewFields),
        (OLD.replace("[12/May", "12/May"), Malformed::BadTime),
        (OLD.replace("12/May", "32/May"), Malformed::BadTime),
        (OLD.replace("12/May", "12/Mai"), Malformed::BadTime),
        (OLD.replace("07:54", "24:54"), Malformed::BadTime),
        (OLD.replace(" +0000]", "]"), Malformed::BadTime),
        (OLD.replace(" 304 ", " 3O4 "), Malformed::TooFewFields),
        (OLD.replace(" 1718 ", " 1718b "), Malformed::WrongType),
        (OLD.replace(" 1718 ", " +1718 "), Malformed::WrongType),
        (OLD.replace(" 1718 ", " 99999999999999999999 "), Malformed::WrongType),
        (OLD.replace("79a5 ", "79a5  "), Malformed::EmptyField),
        (OLD.split(" 304").next().unwrap().to_owned(), Malformed::BrokenQuotes),
        (OLD.replace('"', "").replace("GET", "\"GET"), Malformed::BrokenQuotes),
        (OLD.replace("/5.0\" -", "/5.0\""), Malformed::TooFewFields),
        (OLD.replace("/5.0\" -", "/5.0"), Malformed::TooFewFields),
    ] {
        assert_eq!(record(line.as_bytes()).err(), Some(why), "{line}");
    }
}

#[test]
fn access_logs_are_known_by_their_beginning() {
    for line in [FULL, OLD] {
        assert!(super::begins_as_one(line.as_bytes()));
        assert!(super::begins_as_one(format!("{line}\n{{\"Records\":[]}}").as_bytes()));
    }
    for start in [
        "",
        "{\"Records\":[{\"eventName\": \"[06/Feb/2026:00:00:38 +0000]\"}]}",
        "a b [c d] e",
        "\u{1f}\u{8b}",
    ] {
        assert!(!super::begins_as_one(start.as_bytes()), "{start}");
    }
}

#[test]
fn times_are_cloudtrails() {
    for (written, expected) in [
        ("06/Feb/2026:00:00:38 +0000", "2026-02-06T00:00:38Z"),
        ("29/Feb/2024:23:59:60 +0000", "2024-02-29T23:59:60Z"),
        ("31/Dec/1999:23:59:59 -0730", "1999-12-31T23:59:59-07:30"),
    ] {
        assert_eq!(with("06/Feb/2026:00:00:38 +0000", written)["eventTime"], expected);
    }
}

#[test]
fn a_line_is_itself_and_no_other() {
    let id = |line: &str| read(line)["eventID"].clone();
    assert_eq!(id(FULL), id(FULL));
    // A version of UUIDs that nobody else gives out.
    assert_eq!(id(FULL).as_str().and_then(|id| id.chars().nth(14)), Some('8'));
    // What a second delivery may say otherwise does not make it another event.
    assert_eq!(id(FULL), id(&FULL.replace(" 70 10 ", " 71 10 ")));
    for (from, to) in [
        ("3E57427F3EXAMPLE", "3E57427F3EXAMPLF"),
        ("REST.PUT.OBJECT", "REST.COPY.OBJECT_GET"),
        ("reports/a%2520b.csv", "reports/a%2520c.csv"),
        ("3HL4kqtJvjVBH40N", "-"),
        ("amzn-s3-demo-bucket [", "amzn-s3-demo-bucket1 ["),
        ("s9lzHYrFp76ZVxRcpX9", "t9lzHYrFp76ZVxRcpX9"),
    ] {
        assert_ne!(id(FULL), id(&FULL.replace(from, to)), "{from}");
    }
    let nameless = FULL.replace("3E57427F3EXAMPLE", "-");
    assert_eq!(id(&nameless), id(&nameless));
    assert_ne!(id(&nameless), id(&nameless.replace(" 70 10 ", " 71 10 ")));
}

#[test]
fn bytes_that_are_no_text_hide_nothing() {
    let mut line = FULL.as_bytes().to_vec();
    let at = FULL.find("aws-cli").unwrap();
    line[at] = 0xFF;
    line[at + 1] = 0x07;
    let found = record(&line).unwrap();
    assert_eq!(found["userAgent"], "\u{FFFD}\u{7}s-cli/2.0 \\\"x\\\"");
    assert_eq!(found["eventName"], "PutObject");
}
