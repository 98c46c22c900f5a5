//! What stands inside of strings, and whether it may.

use super::bytewise;
use crate::machine::simd::{BLOCK, Masks};

/// Bits of even places.
const EVEN: u64 = 0x5555_5555_5555_5555;

/// Follows the strings of a record through its blocks.
pub(super) struct Strings<'r> {
    bytes: &'r [u8],
    /// All ones if the last block ended within a string.
    inside: u64,
    /// One if the first byte is escaped.
    escape: u64,
    /// One within a string that has backslashes.
    has_backslash: u64,
    /// Where the second half of a pair of escapes stands that was looked at with the first.
    second_half: usize,
    is_wide: bool,
    may_escape_key: bool,
}

/// A block's strings.
pub(super) struct Found {
    /// Quotes that begin and end strings.
    pub(super) quote: u64,
    /// What stands in strings, the opening quotes with it.
    pub(super) inside: u64,
    /// What may not stand where it does.
    pub(super) wrong: u64,
}

impl<'r> Strings<'r> {
    pub(super) fn new(bytes: &'r [u8]) -> Self {
        Self {
            bytes,
            inside: 0,
            escape: 0,
            has_backslash: 0,
            second_half: usize::MAX,
            is_wide: false,
            may_escape_key: false,
        }
    }

    /// Whether the next block must be looked at with care, whatever is in it.
    #[inline(always)]
    pub(super) fn is_special(&self) -> bool {
        self.escape | self.has_backslash != 0
    }

    /// A block without backslashes and whatever else asks for care.
    #[inline(always)]
    pub(super) fn block(&mut self, found: &Masks, running_xor: impl Fn(u64) -> u64) -> Found {
        let inside = running_xor(found.quote) ^ self.inside;
        self.inside = (inside.cast_signed() >> (BLOCK - 1)).cast_unsigned();
        Found { quote: found.quote, inside, wrong: 0 }
    }

    /// Any block.
    #[inline(always)]
    pub(super) fn special_block(
        &mut self,
        found: &Masks,
        base: usize,
        running_xor: impl Fn(u64) -> u64,
    ) -> Found {
        let escaped = escaped_by(found.backslash, &mut self.escape);
        let quote = found.quote & !escaped;
        let inside = running_xor(quote) ^ self.inside;
        self.inside = (inside.cast_signed() >> (BLOCK - 1)).cast_unsigned();
        // A one added anywhere in a run of ones turns up behind its end: strings with backslashes end there.
        let (sum, overflow) = inside.overflowing_add(found.backslash & inside | self.has_backslash);
        let ends = sum & !inside;
        self.has_backslash = u64::from(overflow);
        self.may_escape_key |= ends & (found.colon >> 1 | 1 << (BLOCK - 1)) != 0;
        self.is_wide |= found.wide != 0;
        let wrong = self.wrong_escapes(base, escaped) | found.unusual & !found.wide;
        Found { quote, inside, wrong }
    }

    /// Whether the record of this length is valid UTF-8.
    #[inline(always)]
    pub(super) fn is_text(&self, length: usize) -> bool {
        !self.is_wide || std::str::from_utf8(&self.bytes[..length]).is_ok()
    }

    /// Whether a key may have a backslash.
    #[inline(always)]
    pub(super) fn may_escape_key(&self) -> bool {
        self.may_escape_key
    }

    /// Which escaped characters make no escape that is plain.
    #[inline(never)]
    fn wrong_escapes(&mut self, base: usize, mut escaped: u64) -> u64 {
        let mut wrong = 0;
        while escaped != 0 {
            // The backslash may stand at the end of the block before.
            let backslash = base + escaped.trailing_zeros() as usize - 1;
            if backslash != self.second_half {
                match bytewise::escape_length(&self.bytes[backslash..]) {
                    None => wrong |= escaped & escaped.wrapping_neg(),
                    Some(12) => self.second_half = backslash + 6,
                    Some(_) => {}
                }
            }
            escaped &= escaped - 1;
        }
        wrong
    }
}

/// Which characters are escaped, and whether the first of the next block is.
///
/// Of a run of backslashes each second one is escaped by the one before; if their number is odd, so is
/// what stands behind the run. Only that is wanted: a backslash may always be escaped. A run is odd if
/// it begins at an even place and ends before an odd one, or the other way round; and a one added to the
/// start of a run turns up behind its end.
#[inline(always)]
fn escaped_by(backslash: u64, carried: &mut u64) -> u64 {
    let first = *carried;
    let runs = backslash & !first;
    let starts = runs & !(runs << 1);
    let (from_odd, overflow) = runs.overflowing_add(starts & !EVEN);
    let from_even = runs.wrapping_add(starts & EVEN);
    let behind_odd_runs = (from_odd & EVEN | from_even & !EVEN) & !runs;
    *carried = u64::from(overflow);
    behind_odd_runs | first
}
