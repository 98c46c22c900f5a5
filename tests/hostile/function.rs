//! Through the real function: what it logs and what it puts.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use trailmeter_testkit::bad_input::gzip;
use trailmeter_testkit::runtime_api::Function;
use trailmeter_testkit::strict_cloudwatch::{BODY_BYTES, METRICS};

use super::words::{MARK, all, is_unfit};
use crate::messages::{batch, cloudtrail, event_bridge, s3};
use crate::support::{World, key, log_since};

/// Two detectors that make series of what attackers write.
const DETECTORS: &str = "name: Hostile
title: t
what: w
why: y
sources: [s]
logs: cloudtrail
alarm: none
pattern: '{ $.eventName = * || $.eventName NOT EXISTS }'
dimensions:
  - Agent: $.userAgent
  - User: $.userIdentity.userName
    Region: $.awsRegion
tests:
  - { name: one, match: true, record: { eventName: A } }
  - { name: another, match: false, record: { eventName: null } }
---
name: Denied
title: t
what: w
why: y
sources: [s]
logs: cloudtrail
alarm: none
pattern: '{ $.errorCode = AccessDenied }'
value: $.requestParameters.bytes
dimensions:
  - Message: $.errorMessage
tests:
  - { name: one, match: true, record: { errorCode: AccessDenied } }
  - { name: another, match: false, record: { eventName: A } }
";

/// The dimensions of each metric that has some: those of the detectors, and the pipeline's own.
const DIMENSIONS: [(&str, &[&[&str]]); 8] = [
    ("Hostile", &[&["Agent"], &["Region", "User"]]),
    ("Denied", &[&["Message"]]),
    ("ObjectsFailed", &[&["Reason"]]),
    ("ObjectsSkipped", &[&["Reason"]]),
    ("MessagesFailed", &[&["Reason"]]),
    ("RecordsMalformed", &[&["Reason"]]),
    ("DimensionValuesFolded", &[&["Detector"]]),
    ("ValuesMissing", &[&["Detector"]]),
];

/// Combinations that a dimension set keeps, the default of the setting.
const KEPT: usize = 50;

/// The fields of a log line that its writer decides on.
const FIELDS: [&str; 4] = ["timestamp", "level", "message", "target"];

async fn world(name: &str) -> Result<(World, Function)> {
    let world = World::new(name).await?;
    world.put("own.yaml", DETECTORS.as_bytes()).await?;
    let place = format!("s3://{}/own.yaml", world.bucket);
    let function =
        world.start(&[("TRAILMETER_DETECTORS", &place), ("TRAILMETER_PACKS", "default,threats")])?;
    Ok((world, function))
}

/// A record with the word in every field that somebody writes, and as a name of fields.
fn record(number: usize, word: &[u8]) -> Vec<u8> {
    let head = format!(r#"{{"eventID":"00000000-0000-4000-8000-{number:012}","errorCode":"AccessDenied""#);
    let mut record = head.into_bytes();
    for field in
        ["userAgent", "errorMessage", "awsRegion", "sourceIPAddress", "eventTime", "eventName", "eventSource"]
    {
        record.extend(format!(r#","{field}":"#).bytes());
        record.extend(word);
    }
    for (open, close) in [
        (r#","userIdentity":{"type":"IAMUser","userName":"#, "}"),
        (r#","requestParameters":{"bytes":"#, ","),
    ] {
        record.extend(open.bytes());
        record.extend(word);
        record.extend(close.bytes());
    }
    record.extend(word);
    record.extend(b":");
    record.extend(word);
    record.extend(b"},");
    record.extend(word);
    record.extend(b":1}");
    record
}

fn file(records: &[Vec<u8>]) -> Result<Vec<u8>> {
    gzip(&[&b"{\"Records\":["[..], &records.join(&b','), b"]}"].concat())
}

/// Each line is one JSON object, with a level and a message that the program wrote, and nothing in
/// it but printable characters. Returns the messages.
fn sound(lines: &[String], about: &str) -> Result<Vec<String>> {
    let mut messages = Vec::new();
    for line in lines {
        // People read logs in terminals too.
        ensure!(!line.contains(is_unfit), "{about}: {line:?}");
        let value: Value =
            serde_json::from_str(line).with_context(|| format!("{about}: no JSON: {line:?}"))?;
        let object = value.as_object().with_context(|| format!("{about}: no object: {line}"))?;
        for field in object.keys().filter(|field| *field != "fields") {
            ensure!(
                FIELDS.contains(&field.as_str()) || !field.contains(MARK),
                "{about}: field {field}: {line}"
            );
        }
        if value["type"] == "trailmeter.finding" {
            // What it quotes it quotes as text, in the one place where log content belongs.
            continue;
        }
        let level = value["level"].as_str().with_context(|| format!("{about}: no level: {line}"))?;
        ensure!(["INFO", "WARN", "ERROR"].contains(&level), "{about}: {line}");
        let fields = value["fields"].as_object();
        for (name, _) in fields.into_iter().flatten() {
            let is_ours = name.chars().all(|character| character.is_ascii_lowercase() || character == '_');
            ensure!(is_ours, "{about}: the field {name:?} is not ours: {line}");
        }
        let message = value["fields"]["message"].as_str().or_else(|| value["message"].as_str());
        let message = message.with_context(|| format!("{about}: no message: {line}"))?;
        ensure!(!message.contains(MARK) && !message.contains("forged"), "{about}: {line}");
        // A key that stands twice would be read by some as the first and by others as the last.
        for field in ["\"level\":", "\"fields\":", "\"message\":"] {
            ensure!(line.matches(field).count() == 1, "{about}: {field} stands more than once: {line}");
        }
        messages.push(message.to_owned());
    }
    Ok(messages)
}

/// What was put has the names that were configured and few, printable values; every request was
/// taken by a server as strict as AWS.
fn bounded(world: &World, about: &str) -> Result<()> {
    let mut values: BTreeMap<(String, Vec<String>), BTreeSet<Vec<String>>> = BTreeMap::new();
    for point in world.cloudwatch.datapoints() {
        let name = &point.metric;
        let is_name = name.chars().all(|character| character.is_ascii_alphanumeric());
        ensure!(is_name && !name.contains(MARK), "{about}: the metric {name:?}");
        ensure!(point.namespace == world.namespace, "{about}: {point:?}");
        let names: Vec<&str> = point.dimensions.keys().map(String::as_str).collect();
        let known = DIMENSIONS.iter().find(|(metric, _)| metric == name).map_or(&[][..], |known| known.1);
        ensure!(names.is_empty() || known.contains(&names.as_slice()), "{about}: {name} has {names:?}");
        for value in point.dimensions.values() {
            ensure!((1..=1024).contains(&value.len()), "{about}: {} bytes of {name}", value.len());
            ensure!(value.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{about}: {name}: {value:?}");
        }
        let set = names.into_iter().map(str::to_owned).collect();
        values.entry((name.clone(), set)).or_default().insert(point.dimensions.into_values().collect());
    }
    for ((metric, set), values) in values {
        // Beside those that are kept stands one for all others.
        ensure!(values.len() <= KEPT + 1, "{about}: {metric} by {set:?} has {} series", values.len());
    }
    for request in world.cloudwatch.requests() {
        ensure!(request.status == Some(200), "{about}: {:?}", request.error);
        ensure!(request.inflated_bytes <= BODY_BYTES && request.metrics <= METRICS, "{about}: {request:?}");
    }
    Ok(())
}

/// Each text in every field of a record, as the key and the bucket of an object, in every shape of
/// notification, and as a body that is no notification at all.
#[tokio::test]
async fn no_text_forges_a_log_line_or_a_metric() -> Result<()> {
    let (world, function) = world("hostile-words").await?;
    for (number, word) in all().into_iter().enumerate() {
        world.cloudwatch.clear();
        let seen = function.logs().len();
        let good = key(&format!("hostile-{number}"));
        world.put(&good, &file(&[record(number, &word.quoted())])?).await?;
        let mut messages = vec![("good", s3(&world.bucket, &good))];
        let text = word.text.as_deref().unwrap_or(MARK);
        messages.extend([
            ("m1", s3(text, text)),
            ("m2", s3(&world.bucket, &key(text))),
            ("m3", event_bridge(text, &key(text))),
            ("m4", cloudtrail(&world.bucket, &[&key(text), &format!("AWSLogs/{text}")])),
            ("m5", text.to_owned()),
            // The queue makes the ids of messages, and nobody else.
            ("m6", json!({ "Records": [{ text: text, "eventName": text }] }).to_string()),
        ]);
        let last_words = || format!("{}: {:?}", word.name, function.logs().split_off(seen));
        let response = function.invoke(&batch(&messages))?.response().with_context(last_words)?;
        ensure!(response["batchItemFailures"].is_array(), "{}: {response}", word.name);
        let lines = log_since(&function, seen).await?;
        let told = sound(&lines, word.name)?;
        assert_eq!(
            told.iter().filter(|line| *line == "message failed").count(),
            2,
            "{}: {lines:?}",
            word.name
        );
        assert!(told.iter().filter(|line| *line == "object failed").count() >= 2, "{}: {lines:?}", word.name);
        assert_eq!(
            told.iter().filter(|line| *line == "invocation done").count(),
            1,
            "{}: {lines:?}",
            word.name
        );
        if text.len() > 1024 {
            // The client of S3 would panic on it, and take the whole batch along.
            let told = lines.iter().filter(|line| line.contains("no key of S3 is that long")).count();
            assert!(told > 0, "{}: {lines:?}", word.name);
        }
        bounded(&world, word.name)?;
        let sums = |metric| format!("{}", world.cloudwatch.sum(metric, &[]));
        assert_eq!(
            (sums("Hostile"), sums("RecordsMatched")),
            ("1".to_owned(), "1".to_owned()),
            "{}",
            word.name
        );
    }
    Ok(())
}

/// Thousands of values for each dimension, in several files of one invocation: few series come of
/// them, nothing is lost from the sums, and no request is too large.
#[tokio::test]
async fn thousands_of_values_are_few_series() -> Result<()> {
    const FILES: usize = 4;
    const RECORDS: usize = 750;
    let (world, function) = world("hostile-many").await?;
    let mut messages = Vec::new();
    let names: Vec<String> = (0..FILES).map(|number| format!("many-{number}")).collect();
    for (at, name) in names.iter().enumerate() {
        let records: Vec<Vec<u8>> = (0..RECORDS)
            .map(|number| {
                let number = at * RECORDS + number;
                // Long enough that all of them would not go into one request.
                let text = Value::from(format!("{MARK}{number}{}", "\u{e4}".repeat(400))).to_string();
                record(number, text.as_bytes())
            })
            .collect();
        world.put(&key(name), &file(&records)?).await?;
        messages.push((name.as_str(), s3(&world.bucket, &key(name))));
    }
    let response = function.invoke(&batch(&messages))?.response()?;
    assert_eq!(response, json!({ "batchItemFailures": [] }));
    bounded(&world, "many")?;
    let wanted = format!("{}", FILES * RECORDS);
    assert_eq!(format!("{}", world.cloudwatch.sum("Hostile", &[])), wanted);
    let by_agent = world.cloudwatch.series("Hostile").into_iter().filter(|set| set.contains_key("Agent"));
    let by_agent: Vec<String> = by_agent.filter_map(|mut set| set.remove("Agent")).collect();
    assert_eq!(by_agent.len(), KEPT + 1);
    assert!(by_agent.contains(&"__other__".to_owned()));
    let sum: f64 = by_agent.iter().map(|agent| world.cloudwatch.sum("Hostile", &[("Agent", agent)])).sum();
    assert_eq!(format!("{sum}"), wanted);
    Ok(())
}
