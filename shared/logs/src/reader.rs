//! The one way from the bytes of a log object to its records.

use crate::error::{Cause, LogFileError};
use crate::gunzip::{Gunzip, is_gzip};
use crate::splitter::{RecordSink, RecordSplitter};

/// What a single file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The inflated size from which on a file is refused. CloudTrail's files have at most 50 MB.
    pub inflated: u64,
    /// The size from which on a single record is passed over as malformed. CloudTrail's events
    /// have at most 256 KB, 1 MB in event data stores.
    pub record: usize,
    /// The number of records from which on a file is refused. A file of 50 MB has some 100,000;
    /// each match is kept until its file has ended, and this is what bounds them.
    pub records: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { inflated: 512 << 20, record: 4 << 20, records: 1_000_000 }
    }
}

/// The top level that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `{"Records": […]}`, as every file that CloudTrail documents.
    Delivery,
    /// Also a bare array, which aggregated files were reported to be.
    DeliveryOrArray,
}

/// Reads one log object that is pushed in chunk by chunk: gzip of one or more members, or plain
/// JSON, told apart by the first byte.
pub struct LogFileReader<S> {
    body: Body,
    splitter: RecordSplitter<S>,
}

enum Body {
    Unknown,
    Gzip(Gunzip),
    Plain,
}

impl<S: RecordSink> LogFileReader<S> {
    /// A reader that gives the elements of `Records` to `sink`.
    pub fn new(limits: Limits, layout: Layout, sink: S) -> Self {
        Self { body: Body::Unknown, splitter: RecordSplitter::new(limits, layout, sink) }
    }

    /// Takes the next bytes of the object. After an error the reader is of no further use.
    pub fn push(&mut self, stored: &[u8]) -> Result<(), LogFileError> {
        if let (Body::Unknown, Some(&first)) = (&self.body, stored.first()) {
            self.body = if is_gzip(first) { Body::Gzip(Gunzip::new()) } else { Body::Plain };
        }
        match &mut self.body {
            Body::Unknown => Ok(()),
            Body::Gzip(gunzip) => gunzip.push(stored, |inflated| self.splitter.push(inflated)),
            Body::Plain => self.splitter.push(stored),
        }
    }

    /// Says that the object has ended. Gives the sink back if the file was whole.
    pub fn finish(mut self) -> Result<S, LogFileError> {
        match self.body {
            Body::Unknown => return Err(LogFileError { cause: Cause::Empty, offset: 0 }),
            Body::Gzip(gunzip) => gunzip.finish(|inflated| self.splitter.push(inflated))?,
            Body::Plain => {}
        }
        self.splitter.finish()
    }
}

#[cfg(test)]
mod tests;
