//! Finds the records to explain: one by itself, one in an event, or those of a log file.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, stdin};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::value::RawValue;
use trailmeter_logs::{
    Cause, Element, KeyClass, Layout, Limits, LogFileError, LogFileReader, LogKind, Malformed, Record,
    RecordSink, access_log, classify_path,
};

const CHUNK: usize = 64 * 1024;
/// What may stand around a record that is not in a log file: the fields of an event.
const ENVELOPE: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// More than anyone reads: choose among them.
const MOST_RECORDS: usize = 1000;
const MOST_BYTES: usize = 64 << 20;

/// Which records of a log file are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    All,
    Number(u64),
    Id(String),
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("record"),
            Self::Number(number) => write!(f, "record {number}"),
            Self::Id(id) => write!(f, "record with the eventID {id:?}"),
        }
    }
}

/// A record that is to be explained.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Which one of the log file it is.
    pub(super) number: Option<u64>,
    pub(super) content: Content,
}

/// Its content as delivered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Bytes {
        bytes: Vec<u8>,
        depth: u64,
    },
    TooLarge,
    /// A line of an access log that cannot be read.
    BadLine(Malformed),
}

/// Reads the file at `path`, or standard input.
pub(super) fn read(path: &str, choice: &Choice) -> anyhow::Result<Vec<Chosen>> {
    let name = if path == "-" { "standard input" } else { path };
    let found = if path == "-" {
        find(stdin().lock(), choice, false)
    } else {
        File::open(path).map_err(anyhow::Error::from).and_then(|file| find(file, choice, is_access_log(path)))
    };
    found.with_context(|| format!("cannot read a record from {name}"))
}

/// Whether the name of a file says that it is an access log.
fn is_access_log(path: &str) -> bool {
    classify_path(path) == KeyClass::Log(LogKind::AccessLog)
}

fn find(mut from: impl Read, choice: &Choice, is_named_so: bool) -> anyhow::Result<Vec<Chosen>> {
    let limits = Limits::default();
    let sink = Chooser { choice, seen: 0, bytes: 0, chosen: Vec::new(), is_full: false };
    let (mut log, mut sink) = (None, Some(sink));
    let mut failed = None;
    let mut start = Vec::new();
    let most = limits.record + ENVELOPE;
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let bytes = &chunk[..length];
        // One byte more than there may be tells that there is more.
        start.extend_from_slice(&bytes[..bytes.len().min(most + 1 - start.len())]);
        if let Some(sink) = sink.take() {
            let is_lines = is_named_so || access_log::begins_as_one(bytes);
            let layout = if is_lines { Layout::AccessLog } else { Layout::DeliveryOrArray };
            log = Some(LogFileReader::new(limits, layout, sink));
        }
        if let Some(reader) = &mut log
            && let Err(error) = reader.push(bytes)
        {
            (log, failed) = (None, Some(error));
        }
        if failed.is_some() && start.len() > most {
            break;
        }
    }
    let read = match (log, failed) {
        (Some(reader), _) => reader.finish(),
        (None, Some(error)) => Err(error),
        (None, None) => Err(LogFileError { cause: Cause::Empty, offset: 0 }),
    };
    match read {
        Ok(chooser) => chooser.finish(),
        Err(error) => by_itself(&start, most, error, choice),
    }
}

/// A file that is no log file may be a record, or an event with one.
fn by_itself(bytes: &[u8], most: usize, error: LogFileError, choice: &Choice) -> anyhow::Result<Vec<Chosen>> {
    if bytes.starts_with(&[0x1f]) || error.cause == Cause::Empty {
        return Err(error.into());
    }
    if bytes.len() > most {
        if error.cause == Cause::NoRecords {
            bail!("larger than {} MiB, which no record is", most >> 20);
        }
        return Err(error.into());
    }
    if error.cause != Cause::NoRecords {
        // What the library of JSON says has a line and a column; but it may have nothing to say.
        serde_json::from_slice::<serde::de::IgnoredAny>(bytes).context("no JSON")?;
        return Err(error.into());
    }
    // Editors put it there, and the reader of logs passes over it too.
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let envelope = serde_json::from_slice::<Envelope<'_>>(bytes).ok();
    let detail =
        envelope.filter(|envelope| envelope.detail_type.is_some()).and_then(|envelope| envelope.detail);
    let bytes = detail.map_or(bytes, |detail| detail.get().as_bytes());
    // The library's own bound on nesting holds for it, so that the depth need not be known.
    let record = Record::parse(Element::Bytes { bytes, depth: 1 });
    if let Err(malformed) = record {
        serde_json::from_slice::<serde_json::Value>(bytes).context("no JSON")?;
        bail!("the record is malformed ({}): no detector sees it", malformed.reason());
    }
    if !chooses(choice, 1, || record.as_ref().is_ok_and(|record| has_id(record, choice))) {
        bail!("it is no {choice}");
    }
    let content = Content::Bytes { bytes: bytes.to_owned(), depth: 1 };
    Ok(vec![Chosen { number: None, content }])
}

/// What EventBridge puts around a record.
#[derive(Deserialize)]
struct Envelope<'b> {
    #[serde(rename = "detail-type")]
    detail_type: Option<String>,
    #[serde(borrow)]
    detail: Option<&'b RawValue>,
}

fn chooses(choice: &Choice, number: u64, has_id: impl FnOnce() -> bool) -> bool {
    match choice {
        Choice::All => true,
        Choice::Number(wanted) => *wanted == number,
        Choice::Id(_) => has_id(),
    }
}

fn has_id(record: &Record<'_>, choice: &Choice) -> bool {
    matches!(choice, Choice::Id(id) if record.event_id().is_some_and(|other| other.eq_ignore_ascii_case(id)))
}

/// Keeps the records that are asked for.
struct Chooser<'c> {
    choice: &'c Choice,
    seen: u64,
    bytes: usize,
    chosen: Vec<Chosen>,
    is_full: bool,
}

impl RecordSink for Chooser<'_> {
    fn element(&mut self, element: Element<'_>) {
        self.seen += 1;
        let has_id = || Record::parse(element).is_ok_and(|record| has_id(&record, self.choice));
        if self.is_full || !chooses(self.choice, self.seen, has_id) {
            return;
        }
        let content = match element {
            // A plain record is nested no more deeply than any reader takes.
            Element::Plain { bytes, .. } => Content::Bytes { bytes: bytes.to_owned(), depth: 1 },
            Element::Bytes { bytes, depth } => Content::Bytes { bytes: bytes.to_owned(), depth },
            Element::TooLarge => Content::TooLarge,
            // What detectors see of a line.
            Element::Line { json, .. } => Content::Bytes { bytes: json.to_owned(), depth: 1 },
            Element::BadLine { why, .. } => Content::BadLine(why),
        };
        self.bytes += if let Content::Bytes { bytes, .. } = &content { bytes.len() } else { 0 };
        self.is_full = self.chosen.len() == MOST_RECORDS || self.bytes > MOST_BYTES;
        if !self.is_full {
            self.chosen.push(Chosen { number: Some(self.seen), content });
        }
    }
}

impl Chooser<'_> {
    fn finish(self) -> anyhow::Result<Vec<Chosen>> {
        if self.is_full {
            bail!("there are {} records: choose one with --event-id or --record", self.seen);
        }
        if self.chosen.is_empty() {
            bail!("there is no {} among its {} records", self.choice, self.seen);
        }
        Ok(self.chosen)
    }
}
