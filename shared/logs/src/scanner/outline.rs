//! What of a record stands outside its strings.

use super::blockwise::position;
use super::members::MOST_COLONS;
use super::scalar;
use super::strings::{Found, Strings};
use crate::machine::simd::{BLOCK, Masks, PLACES, Pass, Simd};

/// Longer outlines are not taken down.
const LONGEST: usize = 2048;

/// Most outlines are not longer. Loops over them take so many steps even if they are shorter, because how many
/// steps a loop takes is hard to predict.
pub(super) const USUAL: usize = 256;

/// The bytes of a record that stand outside its strings, in their order. For each string stands its closing
/// quote, and for each number a zero.
#[derive(Debug)]
pub(super) struct Outline {
    /// Behind it stand zeros, [`USUAL`] of them.
    bytes: [u8; LONGEST + USUAL],
    length: usize,
    /// The same with the numbers as they are.
    raw: [u8; LONGEST],
    /// The positions of colons.
    colons: [u32; MOST_COLONS],
    count: usize,
    may_escape_key: bool,
}

impl Outline {
    pub(super) fn new() -> Self {
        Self {
            bytes: [0; LONGEST + USUAL],
            length: 0,
            raw: [0; LONGEST],
            colons: [0; MOST_COLONS],
            count: 0,
            may_escape_key: false,
        }
    }

    /// All of it, and zeros to fill [`USUAL`], and then further parts of 32 bytes.
    pub(super) fn padded(&self) -> &[u8] {
        &self.bytes[..self.length.next_multiple_of(32).max(USUAL)]
    }

    /// The positions of all colons.
    pub(super) fn colons(&self) -> &[u32; MOST_COLONS] {
        &self.colons
    }

    /// How many they are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether a key may have a backslash.
    pub(super) fn may_escape_key(&self) -> bool {
        self.may_escape_key
    }

    /// A number that differs for most outlines.
    pub(super) fn fingerprint(&self) -> u64 {
        const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
        // Four sums side by side, none of which waits for another.
        let mut sums = [self.length as u64, 1, 2, 3];
        let (parts, _) = self.padded().as_chunks::<32>();
        for part in parts {
            let (words, _) = part.as_chunks::<8>();
            for (sum, word) in sums.iter_mut().zip(words) {
                *sum = (sum.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
            }
        }
        let [a, b, c, d] = sums;
        let sum = (a ^ b.rotate_left(17) ^ c.rotate_left(31) ^ d.rotate_left(47)).wrapping_mul(FACTOR);
        sum ^ sum >> 32
    }
}

/// Takes the outline of one record down; gives its length, if nothing in its strings asks for care and all of
/// its numbers are ordinary.
///
/// Whether the outline is one of JSON is not looked at, beyond the braces that tell where it ends.
pub(super) struct OutlinePass<'r> {
    pub(super) bytes: &'r [u8],
    pub(super) outline: &'r mut Outline,
}

impl Pass for OutlinePass<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run<M, X, K, P>(self, simd: Simd<M, X, K, P>) -> Self::Output
    where
        M: Fn(&[u8; BLOCK]) -> Masks,
        X: Fn(u64) -> u64,
        K: Fn(&[u8; BLOCK], u64, &mut [u8; BLOCK]),
        P: Fn(u64, u32, &mut [u32; PLACES]),
    {
        let Self { bytes, outline } = self;
        let mut strings = Strings::new(bytes);
        let mut tail = [b' '; BLOCK];
        let mut depth = 0_u64;
        let mut base = 0;
        let mut length = 0;
        let mut count = 0;
        loop {
            let rest = bytes.get(base..)?;
            let block = match rest.first_chunk::<BLOCK>() {
                Some(block) => block,
                None if rest.is_empty() => return None,
                None => {
                    tail[..rest.len()].copy_from_slice(rest);
                    &tail
                }
            };
            let found = (simd.masks)(block);
            let Found { inside, wrong, .. } = if found.backslash | found.unusual != 0 || strings.is_special()
            {
                strings.special_block(&found, base, &simd.running_xor)
            } else {
                strings.block(&found, &simd.running_xor)
            };
            // Behind the end of the record nothing would be wrong, but that is left to the other pass.
            if wrong != 0 {
                return None;
            }

            let open = found.brace & !inside;
            let close = found.end_brace & !inside;
            let closing = u64::from(close.count_ones());
            let end = if closing >= depth { end(open, close, depth) } else { None };
            depth = depth.wrapping_add(u64::from(open.count_ones())).wrapping_sub(closing);

            let record = end.map_or(u64::MAX, |last| u64::MAX >> (63 - last));
            let outside = !inside & record;
            (simd.keep)(block, outside, outline.raw.get_mut(length..)?.first_chunk_mut()?);
            length += outside.count_ones() as usize;
            let colons = found.colon & outside;
            (simd.places)(colons, position(base), outline.colons.get_mut(count..)?.first_chunk_mut()?);
            count += colons.count_ones() as usize;
            if colons.count_ones() as usize > PLACES {
                return None;
            }
            if let Some(last) = end {
                let record = base + last as usize + 1;
                if !strings.is_text(record) {
                    return None;
                }
                outline.may_escape_key = strings.may_escape_key();
                outline.count = count;
                outline.length = fold_numbers(&outline.raw, length, &mut outline.bytes, &simd)?;
                return Some(record);
            }
            base += BLOCK;
        }
    }
}

/// The place of the brace that ends the record, if one does.
fn end(open: u64, close: u64, mut depth: u64) -> Option<u32> {
    let mut braces = open | close;
    while braces != 0 {
        if open & braces & braces.wrapping_neg() != 0 {
            depth += 1;
        } else if depth <= 1 {
            return Some(braces.trailing_zeros());
        } else {
            depth -= 1;
        }
        braces &= braces - 1;
    }
    None
}

/// Copies an outline of this length with a zero for each number; gives the new length, if all numbers are
/// ordinary.
#[inline(always)]
fn fold_numbers<M, X, K, P>(
    raw: &[u8; LONGEST],
    length: usize,
    bytes: &mut [u8; LONGEST + USUAL],
    simd: &Simd<M, X, K, P>,
) -> Option<usize>
where
    M: Fn(&[u8; BLOCK]) -> Masks,
    K: Fn(&[u8; BLOCK], u64, &mut [u8; BLOCK]),
{
    let mut folded = 0;
    let mut digit_before = 0;
    for (at, block) in (0..).step_by(BLOCK).zip(raw.as_chunks::<BLOCK>().0) {
        if at >= length.max(USUAL) {
            break;
        }
        let part = match length.saturating_sub(at) {
            0 => 0,
            more => u64::MAX >> (BLOCK - more.min(BLOCK)),
        };
        let digit = (simd.masks)(block).digit & part;
        let behind = digit << 1 | digit_before;
        digit_before = digit >> 63;
        let keep = part & !(digit & behind);
        let kept = bytes.get_mut(folded..)?.first_chunk_mut()?;
        if keep == part {
            *kept = *block;
        } else {
            (simd.keep)(block, keep, kept);
        }
        let mut numbers = digit & !behind;
        while numbers != 0 {
            if !scalar::is_ordinary_number(raw, at + numbers.trailing_zeros() as usize) {
                return None;
            }
            let before = keep & (numbers ^ (numbers - 1)) >> 1;
            kept[before.count_ones() as usize % BLOCK] = b'0';
            numbers &= numbers - 1;
        }
        folded += keep.count_ones() as usize;
    }
    *bytes.get_mut(folded..)?.first_chunk_mut()? = [0; USUAL];
    Some(folded)
}
