//! Splits the inflated bytes of an access log into its lines.

use super::write_record;
use crate::error::{Cause, LogFileError};
use crate::reader::Limits;
use crate::record::Malformed;
use crate::scanner::{RecordScanner, Scanned};
use crate::splitter::{Element, RecordSink};

/// What a line that is no longer is written as fits into; more is given back once it was needed.
const USUAL: usize = 1 << 20;

/// A push parser for lines. It holds at most one of them, and never one that is larger than a record may be.
pub(crate) struct LineSplitter<S> {
    limits: Limits,
    sink: S,
    scanner: RecordScanner,
    /// The bucket that these logs lie in.
    own_bucket: Option<String>,
    /// Where the line at hand begins.
    start: u64,
    /// How much of it was seen.
    length: u64,
    /// As much of it as stood in earlier chunks, unless it is too large.
    held: Vec<u8>,
    /// The record that it is written as.
    json: Vec<u8>,
    lines: u64,
}

impl<S: RecordSink> LineSplitter<S> {
    pub(crate) fn new(limits: Limits, sink: S, scanner: RecordScanner) -> Self {
        let (held, json) = (Vec::new(), Vec::new());
        Self { limits, sink, scanner, own_bucket: None, start: 0, length: 0, held, json, lines: 0 }
    }

    /// Refuses lines about this bucket.
    pub(crate) fn refuse(&mut self, bucket: String) {
        self.own_bucket = Some(bucket);
    }

    pub(crate) fn take_scanner(&mut self) -> RecordScanner {
        std::mem::take(&mut self.scanner)
    }

    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<(), LogFileError> {
        if self.start + self.length + bytes.len() as u64 > self.limits.inflated {
            return Err(self.error(Cause::TooLarge(self.limits.inflated)));
        }
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            self.end_line(&bytes[..end])?;
            self.start += 1;
            bytes = &bytes[end + 1..];
        }
        self.length += bytes.len() as u64;
        if self.is_too_large() {
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(bytes);
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<S, LogFileError> {
        self.end_line(&[])?;
        Ok(self.sink)
    }

    /// How much memory the line at hand takes.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.held.capacity()
    }

    fn is_too_large(&self) -> bool {
        self.length > self.limits.record as u64
    }

    /// A line that ends with `part`.
    fn end_line(&mut self, part: &[u8]) -> Result<(), LogFileError> {
        self.length += part.len() as u64;
        if self.is_too_large() {
            self.held = Vec::new();
            self.count()?;
            let Self { start: offset, length, .. } = *self;
            self.sink.element(Element::BadLine { why: Malformed::TooLarge, offset, length });
        } else if self.held.is_empty() {
            // The whole line stands in this chunk: no copy.
            self.line(part)?;
        } else {
            let mut held = std::mem::take(&mut self.held);
            held.extend_from_slice(part);
            self.line(&held)?;
            held.clear();
            self.held = held;
        }
        self.start += std::mem::take(&mut self.length);
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), LogFileError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            // The end of the file, or an empty line: there is nothing in it that could be lost.
            return Ok(());
        }
        self.count()?;
        if self.own_bucket.as_ref().is_some_and(|bucket| is_about(line, bucket)) {
            return Err(self.error(Cause::LogsItself));
        }
        self.json.clear();
        let Self { start: offset, length, .. } = *self;
        if let Err(why) = write_record(line, &mut self.json) {
            self.sink.element(Element::BadLine { why, offset, length });
            return Ok(());
        }
        let json = self.json.as_slice();
        self.sink.element(match self.scanner.scan(json) {
            Scanned::Plain { .. } => Element::Line { json, members: self.scanner.members(), length },
            // Not for any line; were there one, the slow way reads it.
            Scanned::Odd => Element::Bytes { bytes: json, depth: DEPTH },
        });
        if self.json.capacity() > USUAL {
            self.json = Vec::new();
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), LogFileError> {
        self.lines += 1;
        if self.lines > self.limits.records {
            return Err(self.error(Cause::TooManyRecords(self.limits.records)));
        }
        Ok(())
    }

    fn error(&self, cause: Cause) -> LogFileError {
        LogFileError { cause, offset: self.start }
    }
}

/// How deeply the record of a line is nested: `userIdentity.sessionContext.sessionIssuer`.
const DEPTH: u64 = 4;

/// Whether the second field of a line is this bucket. It is asked of lines that are malformed further on, too.
fn is_about(line: &[u8], bucket: &str) -> bool {
    let mut fields = line.splitn(3, |&byte| byte == b' ').skip(1);
    fields.next() == Some(bucket.as_bytes())
}
