//! The one way from the bytes of a log object to its records.

use crate::access_log::LineSplitter;
use crate::error::{Cause, LogFileError};
use crate::gunzip::{Gunzip, is_gzip};
use crate::scanner::RecordScanner;
use crate::scratch::Scratch;
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
    /// Up to this inflated size a gzip file is inflated in memory as a whole, which is up to twice as
    /// fast as piece by piece. Nothing is refused for it, and 0 is piece by piece always.
    pub in_memory: usize,
}

impl Limits {
    /// The size as stored from which on a gzip file is read piece by piece. Log files are a tenth
    /// of what they inflate to: with the default, one that is larger is far above
    /// [`in_memory`](Self::in_memory) too, and this much is kept in vain to find out.
    pub fn stored_in_memory(&self) -> usize {
        self.in_memory / 4
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { inflated: 512 << 20, record: 4 << 20, records: 1_000_000, in_memory: 64 << 20 }
    }
}

/// The top level that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `{"Records": […]}`, as every file that CloudTrail documents.
    Delivery,
    /// Also a bare array, which aggregated files were reported to be.
    DeliveryOrArray,
    /// Lines, as in S3's server access logs.
    AccessLog,
}

/// Reads one log object: gzip of one or more members, or plain text, told apart by the first byte.
///
/// The object is [pushed in](Self::push) chunk by chunk, or handed over [whole](Self::read_whole).
/// Either way a gzip file of usual size is inflated at once, when all of it is there, and larger ones
/// piece by piece as they come. The outcome is the same.
pub struct LogFileReader<S> {
    limits: Limits,
    body: Body,
    scratch: Scratch,
    splitter: Splitter<S>,
}

/// What tells the elements of a file apart.
enum Splitter<S> {
    Records(RecordSplitter<S>),
    Lines(LineSplitter<S>),
}

impl<S: RecordSink> Splitter<S> {
    fn push(&mut self, inflated: &[u8]) -> Result<(), LogFileError> {
        match self {
            Self::Records(records) => records.push(inflated),
            Self::Lines(lines) => lines.push(inflated),
        }
    }

    fn finish(self) -> Result<S, LogFileError> {
        match self {
            Self::Records(records) => records.finish(),
            Self::Lines(lines) => lines.finish(),
        }
    }

    fn take_scanner(&mut self) -> RecordScanner {
        match self {
            Self::Records(records) => records.take_scanner(),
            Self::Lines(lines) => lines.take_scanner(),
        }
    }
}

enum Body {
    Unknown,
    /// Gzip that may be small enough to be inflated whole: it is kept in the scratch.
    Kept,
    /// Gzip that is too large, or odd.
    Streamed(Gunzip),
    Plain,
}

impl<S: RecordSink> LogFileReader<S> {
    /// A reader that gives the elements of `Records` to `sink`.
    pub fn new(limits: Limits, layout: Layout, sink: S) -> Self {
        Self::with_scratch(limits, layout, sink, Scratch::default())
    }

    /// As [`new`](Self::new), with the memory that an earlier reader gave back.
    pub fn with_scratch(limits: Limits, layout: Layout, sink: S, mut scratch: Scratch) -> Self {
        let scanner = std::mem::take(&mut scratch.scanner);
        let splitter = match layout {
            Layout::AccessLog => Splitter::Lines(LineSplitter::new(limits, sink, scanner)),
            _ => Splitter::Records(RecordSplitter::new(limits, layout, sink, scanner)),
        };
        Self { limits, body: Body::Unknown, scratch, splitter }
    }

    /// Refuses access logs with a line about this bucket, which is the one that they lie in. It makes no
    /// difference to other files.
    #[must_use]
    pub fn refusing(mut self, bucket: &str) -> Self {
        if let Splitter::Lines(lines) = &mut self.splitter {
            lines.refuse(bucket.to_owned());
        }
        self
    }

    /// Takes the next bytes of the object. After an error the reader is of no further use, but for
    /// its [scratch](Self::take_scratch).
    pub fn push(&mut self, stored: &[u8]) -> Result<(), LogFileError> {
        if let (Body::Unknown, Some(&first)) = (&self.body, stored.first()) {
            self.body = match (is_gzip(first), self.limits.in_memory) {
                (true, 0) => Body::Streamed(Gunzip::new()),
                (true, _) => Body::Kept,
                (false, _) => Body::Plain,
            };
        }
        match &mut self.body {
            Body::Unknown => Ok(()),
            Body::Kept if self.scratch.keep(stored, self.limits.stored_in_memory()) => Ok(()),
            Body::Kept => {
                let mut gunzip = Gunzip::new();
                let kept = self.scratch.take_kept();
                gunzip.push(&kept, |inflated| self.splitter.push(inflated))?;
                drop(kept);
                gunzip.push(stored, |inflated| self.splitter.push(inflated))?;
                self.body = Body::Streamed(gunzip);
                Ok(())
            }
            Body::Streamed(gunzip) => gunzip.push(stored, |inflated| self.splitter.push(inflated)),
            Body::Plain => self.splitter.push(stored),
        }
    }

    /// Says that the object has ended. Gives the sink back if the file was whole.
    pub fn finish(mut self) -> Result<S, LogFileError> {
        self.end()?;
        self.splitter.finish()
    }

    /// As [`finish`](Self::finish), and gives the memory back for the next reader, whatever the file was.
    pub fn finish_with_scratch(mut self) -> (Result<S, LogFileError>, Scratch) {
        let ended = self.end();
        let scratch = self.take_scratch();
        (ended.and_then(|()| self.splitter.finish()), scratch)
    }

    /// Reads an object that is there as a whole, and was not begun to be pushed, without a copy of it.
    pub fn read_whole(mut self, stored: &[u8]) -> (Result<S, LogFileError>, Scratch) {
        let read = self.read_object(stored);
        let scratch = self.take_scratch();
        (read.and_then(|()| self.splitter.finish()), scratch)
    }

    /// The memory for the next reader, from one that will not be finished.
    pub fn take_scratch(&mut self) -> Scratch {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.scanner = self.splitter.take_scanner();
        scratch.end_file();
        scratch
    }

    /// How much of a line is kept, for the tests.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        match &self.splitter {
            Splitter::Lines(lines) => lines.held(),
            Splitter::Records(_) => 0,
        }
    }

    fn read_object(&mut self, stored: &[u8]) -> Result<(), LogFileError> {
        match stored.first() {
            None => Err(LogFileError { cause: Cause::Empty, offset: 0 }),
            Some(&first) if is_gzip(first) => self.read_gzip(stored),
            Some(_) => self.splitter.push(stored),
        }
    }

    /// Inflates all of a gzip file. The streaming decoder is asked where that cannot be done at once,
    /// and for every file with a mistake: it alone says which one, and where.
    fn read_gzip(&mut self, stored: &[u8]) -> Result<(), LogFileError> {
        let most = usize::try_from(self.limits.inflated).unwrap_or(usize::MAX).min(self.limits.in_memory);
        if let Some(inflated) = self.scratch.inflate(stored, most) {
            return self.splitter.push(inflated);
        }
        let mut gunzip = Gunzip::new();
        gunzip.push(stored, |inflated| self.splitter.push(inflated))?;
        gunzip.finish(|inflated| self.splitter.push(inflated))
    }

    fn end(&mut self) -> Result<(), LogFileError> {
        match std::mem::replace(&mut self.body, Body::Unknown) {
            Body::Unknown => self.read_object(&[]),
            Body::Plain => Ok(()),
            Body::Streamed(gunzip) => gunzip.finish(|inflated| self.splitter.push(inflated)),
            Body::Kept => {
                let kept = self.scratch.take_kept();
                let read = self.read_gzip(&kept);
                self.scratch.give_back(kept);
                read
            }
        }
    }
}

#[cfg(test)]
mod tests;
