//! Memory that readers hand on from file to file.

use crate::inflate::inflate_whole;
use crate::machine::libdeflate::Decompressor;
use crate::scanner::RecordScanner;

/// What a reader works with and the next one can use again: buffers, and the tables of the decoder.
///
/// To allocate them for each file costs more than to split a small one, most of all what the system
/// does to hand out pages for the first time.
#[derive(Debug, Default)]
pub struct Scratch {
    stored: Reused,
    inflated: Reused,
    decompressor: Option<Decompressor>,
    /// What it learnt of the records of one file holds for those of the next.
    pub(crate) scanner: RecordScanner,
}

impl Scratch {
    /// The memory that it holds, in bytes. Never more than what [`Limits`](crate::Limits) allow a
    /// file, and once it was little in use for some files, not much more than they needed.
    pub fn held(&self) -> usize {
        self.stored.bytes.capacity() + self.inflated.bytes.capacity()
    }

    /// Inflates `stored`, if it can be done in memory and within `most` bytes.
    pub(crate) fn inflate(&mut self, stored: &[u8], most: usize) -> Option<&[u8]> {
        if most == 0 {
            return None;
        }
        if self.decompressor.is_none() {
            self.decompressor = Decompressor::new();
        }
        let inflated = &mut self.inflated.bytes;
        inflated.clear();
        inflate_whole(self.decompressor.as_mut()?, stored, most, inflated).then_some(inflated.as_slice())
    }

    /// Keeps bytes of the object as it is stored, unless that makes more than `most`.
    pub(crate) fn keep(&mut self, stored: &[u8], most: usize) -> bool {
        let kept = &mut self.stored.bytes;
        let length = kept.len() + stored.len();
        if length > most {
            return false;
        }
        if kept.capacity() < length {
            let room = length.max(kept.capacity().saturating_mul(2)).min(most);
            kept.reserve_exact(room - kept.len());
        }
        kept.extend_from_slice(stored);
        true
    }

    /// Hands out the bytes that were kept, with the memory they stand in.
    pub(crate) fn take_kept(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.stored.bytes)
    }

    /// Takes back what was handed out.
    pub(crate) fn give_back(&mut self, kept: Vec<u8>) {
        self.stored.bytes = kept;
    }

    /// Says that a file has ended.
    pub(crate) fn end_file(&mut self) {
        self.stored.end_file();
        self.inflated.end_file();
    }
}

/// For how many files a buffer may be much larger than they need.
const PATIENCE: u32 = 16;
/// Less than this is not worth giving back.
const SMALL: usize = 1 << 20;

/// A buffer that grows with the files, and shrinks when the large ones are over.
#[derive(Debug, Default)]
struct Reused {
    bytes: Vec<u8>,
    /// The most that was in it since it was last looked at.
    most: usize,
    files: u32,
}

impl Reused {
    fn end_file(&mut self) {
        self.most = self.most.max(self.bytes.len());
        self.bytes.clear();
        self.files += 1;
        if self.files >= PATIENCE {
            if self.bytes.capacity() > SMALL.max(2 * self.most) {
                // Empty, so nothing is copied. What is needed is allocated by whoever needs it.
                self.bytes = Vec::new();
            }
            (self.files, self.most) = (0, 0);
        }
    }
}
