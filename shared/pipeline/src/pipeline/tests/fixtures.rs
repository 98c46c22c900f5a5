//! Detectors, records, files and messages of the cases.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use trailmeter_detection::DetectorFile;
use trailmeter_logs::Limits;

use crate::delivery::{Announced, Content, Invocation, Message, ObjectRef, Occasion};
use crate::{FindingSettings, LedgerSettings, ReadAheadSettings, Settings, Timestamps};

pub(super) const BUCKET: &str = "logs";
/// 2026-11-21T06:00:00Z.
pub(super) const NOW: i64 = 1_795_240_800;

/// How long a claim holds, in seconds.
pub(super) const LEASE: i64 = 180;

/// The settings of most cases.
pub(super) fn settings() -> Settings {
    Settings {
        buckets: vec![BUCKET.to_owned()],
        timestamps: Timestamps::Arrival,
        dimension_values: 50,
        covers_loaded: false,
        limits: Limits::default(),
        remembered: 1000,
        ledger: LedgerSettings::default(),
        read_ahead: ReadAheadSettings::default(),
        findings: FindingSettings::default(),
        caught_up_alarms: true,
    }
}

/// Runs a future that waits for nothing.
pub(super) fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here ever waits"),
    }
}

/// A detector file. `more` is YAML at its top level.
pub(super) fn detector(name: &str, pattern: &str, more: &str) -> DetectorFile {
    let text = format!(
        "name: {name}
title: t
what: w
why: y
sources: [https://docs.aws.amazon.com/]
logs: cloudtrail
pattern: '{pattern}'
tests:
  - {{ name: one, match: true, record: {{}} }}
  - {{ name: two, match: false, record: {{}} }}
{more}"
    );
    DetectorFile { path: format!("{name}.yaml"), pack: None, text }
}

/// A record that `Denied` counts. `fields` is the inside of a JSON object.
pub(super) fn denied(fields: &str) -> String {
    let separator = if fields.is_empty() { "" } else { "," };
    format!("{{\"errorCode\":\"AccessDenied\"{separator}{fields}}}")
}

/// A record that no detector counts.
pub(super) fn other() -> String {
    "{\"eventID\":\"other\"}".to_owned()
}

pub(super) fn file(records: &[String]) -> String {
    format!("{{\"Records\":[{}]}}", records.join(","))
}

/// The full key of the log file that a test calls `name`.
pub(super) fn key(name: &str) -> String {
    format!("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/{name}.json")
}

pub(super) fn object(key: &str) -> ObjectRef {
    ObjectRef { bucket: BUCKET.to_owned(), key: key.to_owned() }
}

/// A message that names log files.
pub(super) fn message(id: &str, names: &[&str]) -> Message {
    let objects = names.iter().map(|name| Announced::Created(object(&key(name)))).collect();
    with(id, Content::Objects(objects))
}

/// A message that was received for the first time.
pub(super) fn with(id: &str, content: Content) -> Message {
    Message {
        id: Some(id.to_owned()),
        receipt: Some(format!("receipt of {id}")),
        receives: 1,
        occasion: Occasion::Live,
        content,
    }
}

pub(super) fn batch(messages: impl Into<Vec<Message>>) -> Invocation {
    Invocation { answers_by_message: true, messages: messages.into() }
}

/// An invocation that knows no partial answer.
pub(super) fn direct(message: Message) -> Invocation {
    Invocation { answers_by_message: false, messages: vec![Message { id: None, receipt: None, ..message }] }
}

/// A message that names objects by whole keys.
pub(super) fn message_of(id: &str, objects: Vec<Announced>) -> Message {
    with(id, Content::Objects(objects))
}

pub(super) fn created(bucket: &str, key: &str) -> Announced {
    Announced::Created(ObjectRef { bucket: bucket.to_owned(), key: key.to_owned() })
}
