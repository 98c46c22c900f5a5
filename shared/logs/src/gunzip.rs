//! Inflates a gzip stream of any number of members, chunk by chunk.

use std::io::Write;

use flate2::write::GzDecoder;

use crate::error::{Cause, LogFileError};

/// A push decoder over flate2's single-member one.
///
/// flate2's own multi-member decoder takes zero padding for a broken member; here the bytes
/// between members are looked at, so that padding passes and anything else is named.
pub(crate) struct Gunzip {
    state: State,
    /// Bytes of the stored object consumed so far.
    offset: u64,
}

enum State {
    Member(Box<GzDecoder<Vec<u8>>>),
    Between,
    Padding,
}

const MAGIC: u8 = 0x1f;
/// How much is inflated before it is looked at: little enough to be in the cache still, and so much
/// that few records straddle the end of a piece.
const PIECE: usize = 128 * 1024;

impl Gunzip {
    pub(crate) fn new() -> Self {
        Self { state: State::Between, offset: 0 }
    }

    /// Inflates `stored` and gives all of the output to `inflated`, in pieces of some 128 KiB.
    pub(crate) fn push(
        &mut self,
        mut stored: &[u8],
        mut inflated: impl FnMut(&[u8]) -> Result<(), LogFileError>,
    ) -> Result<(), LogFileError> {
        while let Some(&first) = stored.first() {
            match &mut self.state {
                State::Between if first == MAGIC => {
                    self.state = State::Member(Box::new(GzDecoder::new(Vec::new())));
                }
                State::Between if first == 0 && self.offset > 0 => self.state = State::Padding,
                State::Padding if first == 0 => {
                    let zeros = stored.iter().take_while(|&&byte| byte == 0).count();
                    self.offset += zeros as u64;
                    stored = &stored[zeros..];
                }
                State::Between | State::Padding => return Err(self.error(Cause::TrailingGarbage)),
                State::Member(decoder) => {
                    let sound = decoder.get_ref().len();
                    let Ok(consumed) = decoder.write(stored) else {
                        // What was inflated before may have a mistake of its own, which comes first.
                        decoder.get_mut().truncate(sound);
                        drain(decoder.get_mut(), &mut inflated)?;
                        return Err(self.error(Cause::CorruptGzip));
                    };
                    if consumed == 0 {
                        self.end_member(&mut inflated)?;
                    } else if consumed == stored.len() || decoder.get_ref().len() >= PIECE {
                        drain(decoder.get_mut(), &mut inflated)?;
                    }
                    self.offset += consumed as u64;
                    stored = &stored[consumed..];
                }
            }
        }
        Ok(())
    }

    pub(crate) fn finish(
        mut self,
        mut inflated: impl FnMut(&[u8]) -> Result<(), LogFileError>,
    ) -> Result<(), LogFileError> {
        let State::Member(decoder) = &mut self.state else { return Ok(()) };
        // A complete member takes no further byte. flate2 has one error for a missing trailer and
        // for a wrong checksum; this tells a file cut off from a file gone bad.
        match decoder.write(&[0]) {
            Ok(0) => self.end_member(&mut inflated),
            Ok(_) => Err(self.error(Cause::TruncatedGzip)),
            Err(_) => Err(self.error(Cause::CorruptGzip)),
        }
    }

    fn end_member(
        &mut self,
        inflated: &mut impl FnMut(&[u8]) -> Result<(), LogFileError>,
    ) -> Result<(), LogFileError> {
        if let State::Member(decoder) = &mut self.state {
            let trailer = decoder.try_finish();
            drain(decoder.get_mut(), inflated)?;
            if trailer.is_err() {
                return Err(self.error(Cause::CorruptGzip));
            }
        }
        self.state = State::Between;
        Ok(())
    }

    fn error(&self, cause: Cause) -> LogFileError {
        LogFileError { cause, offset: self.offset }
    }
}

fn drain(
    output: &mut Vec<u8>,
    inflated: &mut impl FnMut(&[u8]) -> Result<(), LogFileError>,
) -> Result<(), LogFileError> {
    let result = inflated(output);
    output.clear();
    result
}

pub(crate) fn is_gzip(first: u8) -> bool {
    first == MAGIC
}
