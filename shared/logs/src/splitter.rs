//! Splits the inflated bytes of a log file into the elements of its `Records`.

use crate::error::{Cause, LogFileError};
use crate::reader::{Layout, Limits};
use crate::record::Malformed;
use crate::scanner::{Members, RecordScanner, Scanned};
use crate::value_scanner::ValueScanner;

/// Receives the elements of `Records`, in their order.
pub trait RecordSink {
    /// Called once for each element. The file may still turn out to be broken further on.
    fn element(&mut self, element: Element<'_>);
}

/// One element of `Records`.
#[derive(Debug, Clone, Copy)]
pub enum Element<'a> {
    /// Its bytes, which are a plain record, see [`Scanned::Plain`].
    Plain {
        /// From the first byte to the last, as delivered.
        bytes: &'a [u8],
        /// Where its members stand.
        members: Members<'a>,
    },
    /// Its bytes, complete, of whatever JSON type.
    Bytes {
        /// From the first byte to the last, as delivered.
        bytes: &'a [u8],
        /// How deeply it is nested; 1 for a flat object.
        depth: u64,
    },
    /// Longer than [`Limits::record`]: passed over, never held.
    TooLarge,
    /// A line of an access log, see [`access_log`](crate::access_log).
    Line {
        /// The record that it was written as, which is a plain one.
        json: &'a [u8],
        /// Where its members stand.
        members: Members<'a>,
        /// The length of the line itself.
        length: u64,
    },
    /// A line of an access log that cannot be read.
    BadLine {
        /// Why.
        why: Malformed,
        /// Where it begins in the inflated file.
        offset: u64,
        /// How long it is.
        length: u64,
    },
}

/// Keys of the top level that are longer cannot be `Records`, however they are escaped.
const LONGEST_KEY: usize = 64;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

enum State {
    /// Before the first byte of JSON; how many bytes of a byte order mark were seen.
    Start {
        mark: usize,
    },
    /// In the top object, before a key. `first`: the object may also end here.
    Key {
        first: bool,
    },
    InKey {
        escaped: bool,
    },
    Colon,
    Value,
    SkippedValue(ValueScanner),
    AfterValue,
    /// In `Records`, before an element. `first`: the array may also end here.
    Element {
        first: bool,
    },
    InElement(ValueScanner),
    AfterElement,
    End,
}

/// A push parser for the little JSON that surrounds the records.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing about the file or the element")]
pub(crate) struct RecordSplitter<S> {
    limits: Limits,
    layout: Layout,
    sink: S,
    scanner: RecordScanner,
    state: State,
    offset: u64,
    /// The part of a key or an element that stood in earlier chunks.
    held: Vec<u8>,
    oversized: bool,
    elements: u64,
    is_records: bool,
    seen_records: bool,
    /// The whole file is one array: only where the layout allows it.
    bare_array: bool,
}

impl<S: RecordSink> RecordSplitter<S> {
    pub(crate) fn new(limits: Limits, layout: Layout, sink: S, scanner: RecordScanner) -> Self {
        Self {
            limits,
            layout,
            sink,
            scanner,
            state: State::Start { mark: 0 },
            offset: 0,
            held: Vec::new(),
            oversized: false,
            elements: 0,
            is_records: false,
            seen_records: false,
            bare_array: false,
        }
    }

    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<(), LogFileError> {
        if self.offset + bytes.len() as u64 > self.limits.inflated {
            return Err(self.error(Cause::TooLarge(self.limits.inflated)));
        }
        while !bytes.is_empty() {
            let consumed = self.step(bytes)?;
            self.offset += consumed as u64;
            bytes = &bytes[consumed..];
        }
        Ok(())
    }

    /// Gives the scanner back, for the next file.
    pub(crate) fn take_scanner(&mut self) -> RecordScanner {
        std::mem::take(&mut self.scanner)
    }

    pub(crate) fn finish(self) -> Result<S, LogFileError> {
        match self.state {
            State::End => Ok(self.sink),
            State::Start { .. } => Err(self.error(Cause::NotJson)),
            _ => Err(self.error(Cause::TruncatedJson)),
        }
    }

    /// Consumes at least one byte, or changes the state, or fails.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, LogFileError> {
        match &mut self.state {
            State::SkippedValue(scanner) => {
                let (consumed, ended) = scanner.scan(bytes);
                if ended {
                    self.state = State::AfterValue;
                }
                Ok(consumed)
            }
            State::InElement(_) => Ok(self.element_step(bytes)),
            State::InKey { .. } => self.key_step(bytes[0]),
            State::Start { mark } if bytes[0] == BYTE_ORDER_MARK[*mark % 3] && *mark < 3 => {
                *mark += 1;
                Ok(1)
            }
            _ if matches!(bytes[0], b' ' | b'\n' | b'\r' | b'\t') => Ok(1),
            State::Element { .. } if bytes[0] == b'{' => self.object_step(bytes),
            _ => self.punctuation_step(bytes[0]),
        }
    }

    /// An element that begins here: handed on at once if it is plain and all of it is here.
    fn object_step(&mut self, bytes: &[u8]) -> Result<usize, LogFileError> {
        self.begin_element()?;
        Ok(match self.scanner.scan(bytes) {
            Scanned::Plain { length, .. } if length <= self.limits.record => {
                let bytes = &bytes[..length];
                self.sink.element(Element::Plain { bytes, members: self.scanner.members() });
                self.state = State::AfterElement;
                length
            }
            _ => 0,
        })
    }

    fn begin_element(&mut self) -> Result<(), LogFileError> {
        self.elements += 1;
        if self.elements > self.limits.records {
            return Err(self.error(Cause::TooManyRecords(self.limits.records)));
        }
        self.held.clear();
        self.oversized = false;
        self.state = State::InElement(ValueScanner::default());
        Ok(())
    }

    /// One byte that is not white space, between keys and values.
    fn punctuation_step(&mut self, byte: u8) -> Result<usize, LogFileError> {
        let (next, consumed) = match (&self.state, byte) {
            (State::Start { mark: 0 | 3 }, b'{') => (State::Key { first: true }, 1),
            (State::Start { mark: 0 | 3 }, b'[') if self.layout == Layout::DeliveryOrArray => {
                self.bare_array = true;
                (State::Element { first: true }, 1)
            }
            (State::Start { mark: 0 | 3 }, b'[') => return Err(self.error(Cause::TopLevelNotAnObject)),
            (State::Start { .. }, _) => return Err(self.error(Cause::NotJson)),
            (State::Key { .. }, b'"') => {
                self.held.clear();
                (State::InKey { escaped: false }, 1)
            }
            (State::Key { first: true } | State::AfterValue, b'}') if self.seen_records => (State::End, 1),
            (State::Key { first: true } | State::AfterValue, b'}') => {
                return Err(self.error(Cause::NoRecords));
            }
            (State::AfterValue, b',') => (State::Key { first: false }, 1),
            (State::Colon, b':') => (State::Value, 1),
            (State::Value, b'[') if self.is_records => {
                self.seen_records = true;
                (State::Element { first: true }, 1)
            }
            (State::Value, _) if self.is_records => return Err(self.error(Cause::RecordsNotAnArray)),
            (State::Value, b',' | b'}' | b']' | b':') => return Err(self.error(Cause::BrokenJson)),
            (State::Value, _) => (State::SkippedValue(ValueScanner::default()), 0),
            (State::Element { first: true } | State::AfterElement, b']') => {
                (if self.bare_array { State::End } else { State::AfterValue }, 1)
            }
            (State::AfterElement, b',') => (State::Element { first: false }, 1),
            (State::Element { .. }, b',' | b'}' | b']' | b':') | (State::AfterElement, _) => {
                return Err(self.error(Cause::BrokenJson));
            }
            (State::Element { .. }, _) => {
                self.begin_element()?;
                return Ok(0);
            }
            (State::End, _) => return Err(self.error(Cause::TrailingData)),
            _ => return Err(self.error(Cause::BrokenJson)),
        };
        self.state = next;
        Ok(consumed)
    }

    fn key_step(&mut self, byte: u8) -> Result<usize, LogFileError> {
        let State::InKey { escaped } = &mut self.state else { return Err(self.error(Cause::BrokenJson)) };
        if byte == b'"' && !*escaped {
            self.is_records = is_records(&self.held);
            if self.is_records && self.seen_records {
                return Err(self.error(Cause::RecordsTwice));
            }
            self.state = State::Colon;
        } else {
            *escaped = byte == b'\\' && !*escaped;
            if self.held.len() <= LONGEST_KEY {
                self.held.push(byte);
            }
        }
        Ok(1)
    }

    fn element_step(&mut self, bytes: &[u8]) -> usize {
        let State::InElement(scanner) = &mut self.state else { return 0 };
        let (consumed, ended) = scanner.scan(bytes);
        let depth = scanner.max_depth();
        let part = &bytes[..consumed];
        self.oversized |= self.held.len() + part.len() > self.limits.record;
        if self.oversized {
            self.held = Vec::new();
        } else if !ended || !self.held.is_empty() {
            self.held.extend_from_slice(part);
        }
        if ended {
            let element = if self.oversized {
                Element::TooLarge
            } else if self.held.is_empty() {
                // The whole element stands in this chunk: no copy.
                Element::Bytes { bytes: part, depth }
            } else if matches!(self.scanner.scan(&self.held), Scanned::Plain { .. }) {
                Element::Plain { bytes: &self.held, members: self.scanner.members() }
            } else {
                Element::Bytes { bytes: &self.held, depth }
            };
            self.sink.element(element);
            self.state = State::AfterElement;
        }
        consumed
    }

    fn error(&self, cause: Cause) -> LogFileError {
        LogFileError { cause, offset: self.offset }
    }
}

/// Whether the raw bytes between the quotes of a key spell `Records`, escapes included.
fn is_records(raw: &[u8]) -> bool {
    if !raw.contains(&b'\\') {
        return raw == b"Records";
    }
    let quoted = [b"\"", raw, b"\""].concat();
    serde_json::from_slice::<String>(&quoted).is_ok_and(|key| key == "Records")
}
