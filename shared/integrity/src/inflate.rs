//! One gzip member, and nothing behind it.
//!
//! CloudTrail writes log files and digests as one member. What follows it is not covered by the hash that a digest
//! names, and some readers take a second member for more records: so it is refused here, although the reader of
//! `trailmeter-logs`, which has to read what it gets, takes it.

use std::io::{self, Write};

use flate2::write::GzDecoder;
use sha2::{Digest as _, Sha256};

use crate::hex;
use crate::reason::Reason;

/// Log files have 50 MB before compression. Ten times that is no log file, and takes seconds.
const MOST_INFLATED: u64 = 512 * 1024 * 1024;

/// Why an object has no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// The first bytes are not gzip's.
    #[error("it is not gzip")]
    NotGzip,
    /// Broken deflate data, or a checksum or length that does not fit.
    #[error("the gzip data is corrupt")]
    Corrupt,
    /// The stream ends before its trailer; an object without bytes does.
    #[error("the gzip data ends early")]
    Truncated,
    /// Bytes follow the first member.
    #[error("unexpected data after end of compressed stream")]
    Trailing,
    /// It inflates to more than the limit.
    #[error("it inflates to more than {0} bytes")]
    TooLarge(u64),
}

impl InflateError {
    /// What it comes down to.
    pub fn reason(self) -> Reason {
        match self {
            Self::NotGzip => Reason::NotGzip,
            Self::Corrupt => Reason::CorruptGzip,
            Self::Truncated => Reason::TruncatedGzip,
            Self::Trailing => Reason::TrailingData,
            Self::TooLarge(_) => Reason::TooLarge,
        }
    }
}

/// Takes a stored log file piece by piece and hashes what it inflates to. It holds some 32 KiB, whatever comes.
///
/// ```
/// use trailmeter_integrity::{InflateError, LogHasher};
/// let mut hasher = LogHasher::new();
/// assert_eq!(hasher.push(b"{\"Records\":[]}"), Err(InflateError::NotGzip));
/// ```
#[derive(Debug)]
pub struct LogHasher(Member<Hashing>);

impl LogHasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        Self(Member::new(Hashing(Sha256::new()), MOST_INFLATED))
    }

    /// Takes the next piece. After an error there is no need for more.
    pub fn push(&mut self, stored: &[u8]) -> Result<(), InflateError> {
        self.0.push(stored)
    }

    /// The SHA-256 of the inflated bytes, in lower-case hexadecimal, as digests name it.
    pub fn finish(self) -> Result<String, InflateError> {
        self.0.finish().map(|hashing| hex::encode(&hashing.0.finalize()))
    }
}

impl Default for LogHasher {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Debug)]
struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Inflates an object that is held whole, to `most` bytes.
pub(crate) fn inflate(stored: &[u8], most: u64) -> Result<Vec<u8>, InflateError> {
    let mut member = Member::new(Vec::new(), most);
    member.push(stored)?;
    member.finish()
}

/// The first member of a gzip stream, on its way into `W`.
#[derive(Debug)]
struct Member<W: Write> {
    decoder: GzDecoder<Capped<W>>,
    seen: u64,
    is_over: bool,
}

impl<W: Write> Member<W> {
    fn new(output: W, most: u64) -> Self {
        Self { decoder: GzDecoder::new(Capped { output, left: most, most }), seen: 0, is_over: false }
    }

    fn push(&mut self, mut stored: &[u8]) -> Result<(), InflateError> {
        while let Some(&first) = stored.first() {
            if self.is_over {
                return Err(InflateError::Trailing);
            }
            // Told from corrupt data, because a plain file is somebody's doing and no accident of a transfer.
            if matches!((self.seen, first), (0, byte) if byte != 0x1f) {
                return Err(InflateError::NotGzip);
            }
            let consumed = self.decoder.write(stored).map_err(|_| self.failure())?;
            // A member that is complete takes no further byte.
            if consumed == 0 {
                self.end()?;
            }
            self.seen += consumed as u64;
            stored = &stored[consumed..];
        }
        Ok(())
    }

    fn finish(mut self) -> Result<W, InflateError> {
        if !self.is_over {
            // flate2 has one error for a missing trailer and for a wrong checksum. A complete member takes no
            // further byte, one that was cut off does.
            match self.decoder.write(&[0]) {
                Ok(0) => self.end()?,
                Ok(_) => return Err(InflateError::Truncated),
                Err(_) if self.seen == 0 => return Err(InflateError::Truncated),
                Err(_) => return Err(self.failure()),
            }
        }
        let sink = self.decoder.finish().map_err(|_| InflateError::Corrupt)?;
        Ok(sink.output)
    }

    fn end(&mut self) -> Result<(), InflateError> {
        self.decoder.try_finish().map_err(|_| self.failure())?;
        self.is_over = true;
        Ok(())
    }

    fn failure(&self) -> InflateError {
        let sink = self.decoder.get_ref();
        if sink.left == 0 { InflateError::TooLarge(sink.most) } else { InflateError::Corrupt }
    }
}

/// Refuses what goes beyond a number of bytes.
#[derive(Debug)]
struct Capped<W> {
    output: W,
    left: u64,
    most: u64,
}

impl<W: Write> Write for Capped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            self.left = 0;
            return Err(io::Error::other("too large"));
        };
        self.left = left;
        self.output.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn what_inflates_beyond_the_limit_is_refused() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; 1_000_000]).unwrap();
        let stored = encoder.finish().unwrap();
        assert_eq!(inflate(&stored, 1_000_000).map(|inflated| inflated.len()), Ok(1_000_000));
        assert_eq!(inflate(&stored, 999_999), Err(InflateError::TooLarge(999_999)));
        assert_eq!(inflate(&stored, 100), Err(InflateError::TooLarge(100)));
    }
}
