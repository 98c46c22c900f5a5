//! S3's server access logs: lines and cases that others published, and the command on a folder of them.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use trailmeter_detection::{Detector, DetectorFile, DetectorSet, Verdict, load, pack_names, packaged_files};
use trailmeter_logs::{Record, access_log};

use crate::command::{Scan, shared_material, trailmeter};
use crate::counts::Counts;
use crate::messages::{back, batch, s3};
use crate::support::{World, log_since};

/// What an access log never tells: which requesters are expected. The cases of the rule for that name theirs, and here
/// is the detector that somebody with those would write.
const UNKNOWN_REQUESTER: &str = r#"
name: UnknownRequester
title: t
what: w
why: y
sources: [https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html]
source: s3-access-log
pattern: |-
  { ($.requestParameters.bucketName = "panther-bootstrap-*")
    && ($.errorCode NOT EXISTS)
    && ($.userIdentity.arn != "arn:aws:sts::123456789012:assumed-role/panther-*") }
tests:
  - name: another one
    match: true
    line: >-
      79a5 panther-bootstrap-a [06/Feb/2014:00:00:38 +0000] 192.0.2.3 arn:aws:iam::111122223333:user/alice 3E57 REST.GET.OBJECT a
      "GET /a HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" -
  - name: nobody
    match: false
    line: >-
      79a5 panther-bootstrap-a [06/Feb/2014:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT a
      "GET /a HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" -
"#;

/// Rules that others have, and which of ours is meant to find the same.
const BY_RULE: [(&str, &str); 3] = [
    ("AWS.S3.ServerAccess.Insecure", "AccessLogPlainHttp"),
    ("AWS.S3.ServerAccess.Unauthenticated", "AnonymousPrincipal"),
    ("AWS.S3.ServerAccess.UnknownRequester", "UnknownRequester"),
];

fn detectors() -> Result<DetectorSet> {
    let mut files = packaged_files(&pack_names())?;
    let text = UNKNOWN_REQUESTER.to_owned();
    files.push(DetectorFile { path: "unknown-requester.yaml".to_owned(), pack: None, text });
    load(&files).map_err(|errors| anyhow::anyhow!("{errors:?}"))
}

fn counts(detector: &Detector, line: &str) -> Result<bool> {
    let record =
        access_log::record(line.as_bytes()).map_err(|why| anyhow::anyhow!("{}: {line}", why.reason()))?;
    let record = Record::from_value(record).map_err(|why| anyhow::anyhow!("{}", why.reason()))?;
    Ok(detector.verdict((&record).into()) == Verdict::Match)
}

/// The line that fields were taken from, with `-` for those that are not there.
fn line(fields: &Value) -> Result<String> {
    let text = |name: &str| match &fields[name] {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let quoted = |name: &str| format!("\"{}\"", text(name));
    let time = match fields["time"].as_str() {
        Some(time) => time.get(..19).context("a time of another form")?.parse::<jiff::civil::DateTime>()?,
        None => jiff::civil::date(2020, 1, 1).at(0, 0, 0, 0),
    };
    let mut line =
        format!("{} {} [{}]", text("bucketowner"), text("bucket"), time.strftime("%d/%b/%Y:%H:%M:%S +0000"));
    for name in ["remoteip", "requester", "requestid", "operation", "key"] {
        write!(line, " {}", text(name))?;
    }
    write!(line, " {}", quoted("requesturi"))?;
    for name in ["httpstatus", "errorcode", "bytessent", "objectsize", "totaltime", "turnaroundtime"] {
        write!(line, " {}", text(name))?;
    }
    write!(line, " {} {}", quoted("referrer"), quoted("useragent"))?;
    let behind = [
        "versionid",
        "hostid",
        "signatureversion",
        "ciphersuite",
        "authenticationtype",
        "hostheader",
        "tlsVersion",
    ];
    for name in behind {
        write!(line, " {}", text(name))?;
    }
    Ok(line)
}

#[test]
fn our_detectors_agree_with_published_cases_of_the_same_intent() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let set = detectors()?;
    let mut cases = 0;
    for case in fs::read_to_string(material.join("data/suites/panther_s3_access.jsonl"))?.lines() {
        let case: Value = serde_json::from_str(case)?;
        let rule = case["rule"].as_str().context("a case without a rule")?;
        let (_, name) =
            BY_RULE.iter().find(|(known, _)| *known == rule).with_context(|| format!("{rule} is new"))?;
        let detector =
            set.detectors().iter().find(|detector| detector.name == *name).context("no such detector")?;
        let found = counts(detector, &line(&case["log"])?)?;
        ensure!(case["expected"] == found, "{rule}: {}: {name} says {found}", case["test"]);
        cases += 1;
    }
    ensure!(cases >= 9, "{cases} cases");
    Ok(())
}

/// The names of fields there, and ours.
const FIELDS: [(&str, &str); 17] = [
    ("owner", "bucketOwner"),
    ("bucket", "bucket"),
    ("timestamp", "time"),
    ("remote_ip", "remoteIp"),
    ("requester", "requester"),
    ("request_id", "requestId"),
    ("operation", "operation"),
    ("key", "key"),
    ("request_uri", "requestUri"),
    ("status", "httpStatus"),
    ("error_code", "errorCode"),
    ("bytes_sent", "bytesSent"),
    ("object_size", "objectSize"),
    ("total_time_ms", "totalTime"),
    ("turnaround_ms", "turnAroundTime"),
    ("referrer", "referer"),
    ("user_agent", "userAgent"),
];
const LATER_FIELDS: [(&str, &str); 7] = [
    ("version_id", "versionId"),
    ("host_id", "hostId"),
    ("signature_version", "signatureVersion"),
    ("cipher_suite", "cipherSuite"),
    ("authentication_type", "authenticationType"),
    ("host_header", "hostHeader"),
    ("tls_version", "tlsVersion"),
];

#[test]
fn published_lines_are_read_as_others_read_them() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let folder = material.join("data/access_logs");
    let lines = fs::read_to_string(folder.join("logstash_patterns_core_s3.log"))?;
    let lines: Vec<&str> = lines.lines().collect();
    let mut compared = 0;
    for expected in fs::read_to_string(folder.join("logstash_patterns_core_s3.expected.jsonl"))?.lines() {
        let expected: Value = serde_json::from_str(expected)?;
        let at = expected["line"].as_u64().and_then(|at| usize::try_from(at).ok()).context("no number")?;
        let line = lines.get(at - 1).context("no such line")?;
        let record =
            access_log::record(line.as_bytes()).map_err(|why| anyhow::anyhow!("{}: {line}", why.reason()))?;
        for (theirs, ours) in FIELDS.iter().chain(&LATER_FIELDS) {
            let Some(expected) = expected.get(theirs) else { continue };
            // Said in words: a field that the line does not have. A quoted dash is a dash there, and nothing here.
            let is_absent =
                expected.as_str().is_some_and(|text| text == "-" || text.starts_with("<field absent"));
            let expected = if is_absent { &Value::Null } else { expected };
            ensure!(
                record["accessLog"][ours] == *expected,
                "line {at}: {theirs}: {}",
                record["accessLog"][ours]
            );
            compared += 1;
        }
    }
    ensure!(compared >= 50, "{compared} fields were compared");
    let mut read = 0;
    for line in fs::read_to_string(folder.join("opensearch_s3_raw.log"))?.lines() {
        let record =
            access_log::record(line.as_bytes()).map_err(|why| anyhow::anyhow!("{}: {line}", why.reason()))?;
        ensure!(
            record["eventName"] == "PutObject" && record["tlsDetails"]["tlsVersion"] == "TLSv1.2",
            "{line}"
        );
        ensure!(record["userIdentity"]["accountId"] == "347283850106", "{line}");
        read += 1;
    }
    ensure!(read == 9, "{read} lines");
    Ok(())
}

const NAME: &str = "2026-11-21-06-00-00-ABCDEF0123456789";

/// A line of the bucket `b`.
fn made(id: &str, requester: &str, operation: &str, status: &str, tail: &str) -> String {
    format!(
        "79a5 b [21/Nov/2026:05:00:00 +0000] 192.0.2.3 {requester} {id} {operation} k \"GET /k HTTP/1.1\" {status} 113 - 7 - \"-\" \
         \"curl\" - h {tail}\n"
    )
}

#[test]
fn the_command_reads_access_logs_among_others() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let alice = "arn:aws:iam::111122223333:user/alice";
    let tail = "SigV4 C AuthHeader b.s3.amazonaws.com TLSv1.2 - - us-east-1";
    let lines = [
        made("1", alice, "REST.GET.OBJECT", "200 -", tail),
        made("1", alice, "REST.GET.OBJECT", "200 -", tail),
        made("2", alice, "REST.GET.OBJECT", "403 AccessDenied", tail),
        made("3", "-", "REST.GET.OBJECT", "200 -", &tail.replace("SigV4 C AuthHeader", "- C -")),
        made("4", "-", "BATCH.DELETE.OBJECT", "204 -", &tail.replace("SigV4 C AuthHeader", "- C -")),
        made(
            "5",
            alice,
            "REST.GET.OBJECT",
            "200 -",
            &tail.replace("SigV4", "SigV2").replace("v1.2 - -", "v1.1 - Yes"),
        ),
        "no line\n".to_owned(),
    ];
    fs::write(folder.path().join(NAME), lines.concat())?;
    fs::write(
        folder.path().join("event.json"),
        r#"{"Records":[{"eventID":"x","errorCode":"AccessDenied","accessLog":{"httpStatus":403}}]}"#,
    )?;
    let run = Scan::of(&[folder.path()]).pack("default").pack("s3-access").run()?;
    ensure!(run.status == Some(0), "{}", run.stderr);
    let offset: usize = lines[..6].iter().map(String::len).sum();
    let named = format!("1 line(s) cannot be read, the first at byte {offset} [too-few-fields]");
    ensure!(run.stderr.contains(&named), "{}", run.stderr);
    let found = run.json()?;
    let matches = |name: &str| found["detectors"][name]["matches"].as_u64();
    for (name, expected) in [
        ("AccessDenied", 2),
        ("AnonymousPrincipal", 2),
        ("SigV2", 1),
        ("AccessLogSigV2", 1),
        ("AccessLogAnonymousRead", 1),
        ("AccessLogAnonymousDelete", 1),
        ("AccessLogDenied", 1),
        ("AccessLogOldTls", 1),
        ("AccessLogPlainHttp", 0),
        ("AccessLogAclRequired", 1),
        ("RootUsage", 0),
    ] {
        ensure!(matches(name) == Some(expected), "{name}: {:?} in {}", matches(name), run.stdout);
    }
    // A file whose name says nothing is told by its beginning.
    let other = folder.path().join("copy.log");
    fs::rename(folder.path().join(NAME), &other)?;
    let again = Scan::of(&[&other]).pack("s3-access").json()?;
    ensure!(again["records"]["read"] == 7 && again["records"]["malformed"] == 1, "{again}");

    let path = other.display().to_string();
    let explained = trailmeter(&["explain", "AccessLogDenied", &path, "--record", "3"])?;
    ensure!(explained.status == Some(0), "{}{}", explained.stdout, explained.stderr);
    let not_asked = trailmeter(&["explain", "RootUsage", &path, "--record", "3"])?;
    ensure!(not_asked.status == Some(2), "{}", not_asked.stdout);
    ensure!(not_asked.stderr.contains("its `source` is cloudtrail"), "{}", not_asked.stderr);
    let malformed = trailmeter(&["explain", "AccessLogDenied", &path, "--record", "7"])?;
    ensure!(
        malformed.status == Some(2) && malformed.stdout.contains("too-few-fields"),
        "{}",
        malformed.stdout
    );
    Ok(())
}

/// A key of the layout with folders.
fn key_of(bucket: &str, id: &str) -> String {
    format!("111122223333/us-east-1/{bucket}/2026/11/21/2026-11-21-06-00-00-{id}")
}

#[tokio::test]
async fn the_function_counts_lines_and_names_what_it_cannot_read() -> Result<()> {
    let world = World::new("access-logs").await?;
    let tail = "SigV4 C AuthHeader b.s3.amazonaws.com TLSv1.2 - - us-east-1";
    let anonymous = made("1", "-", "REST.GET.OBJECT", "200 -", &tail.replace("SigV4 C AuthHeader", "- C -"));
    let denied =
        made("2", "arn:aws:iam::111122223333:user/alice", "REST.GET.OBJECT", "403 AccessDenied", tail);
    let offset = anonymous.len();
    let (mixed, endless) = (key_of("b", "AAAAAAAAAAAAAAAA"), key_of("b", "BBBBBBBBBBBBBBBB"));
    let itself = key_of(&world.bucket, "CCCCCCCCCCCCCCCC");
    let lines = [anonymous.as_str(), "secret line\n", &denied, &anonymous];
    world.put(&mixed, lines.concat().as_bytes()).await?;
    world.put(&endless, &vec![b'x'; 100_000_000]).await?;
    world.put(&itself, anonymous.as_bytes()).await?;

    let function = world.start(&[("TRAILMETER_PACKS", "default,s3-access")])?;
    let messages: Vec<(&str, String)> =
        [("a", &mixed), ("b", &endless), ("c", &itself)].map(|(id, key)| (id, s3(&world.bucket, key))).into();
    assert_eq!(function.invoke(&batch(&messages))?.response()?, back(&[]));
    let lines = log_since(&function, 0).await?;
    let counts = Counts::of(&world.cloudwatch)?;
    for (series, expected) in [
        ("ObjectsRead", 2),
        ("ObjectsSkipped{Reason=logs-itself}", 1),
        ("RecordsRead", 5),
        ("RecordsMatched", 2),
        ("RecordsDuplicate", 1),
        ("RecordsMalformed{Reason=too-few-fields}", 1),
        ("RecordsMalformed{Reason=too-large}", 1),
        ("AccessDenied", 1),
        ("AnonymousPrincipal", 1),
        ("AccessLogAnonymousRead", 1),
        ("AccessLogDenied", 1),
    ] {
        assert_eq!(counts.get(series), expected, "{series}");
    }
    let names = |parts: &[&str]| lines.iter().any(|line| parts.iter().all(|part| line.contains(part)));
    assert!(names(&[&mixed, "too-few-fields", &offset.to_string()]), "{lines:?}");
    assert!(names(&[&itself, "logs-itself"]), "{lines:?}");
    assert!(!names(&["secret line"]), "what is in a log stays there");
    let peak = function.peak_resident_bytes()?;
    assert!(peak < 256 << 20, "{peak} bytes for a line of 100 MB");
    Ok(())
}
