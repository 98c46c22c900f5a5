//! What is plain, 64 bytes at a time: sums over masks in the place of a state for each byte.
//!
//! A plain record has no white space outside its strings, so tokens stand side by side, and whether a token
//! may stand where it does is told by what stands directly before it: all tokens of a block are judged at
//! once, by masks moved by one place. What is inside of a string, how deep a place is, and whether
//! a key or a value is to come, are running sums. There is hardly a branch on what the bytes are, because
//! no processor could predict it.
//!
//! The sums take every container for an object of at most seven levels. Blocks for which that is not so, and
//! those with escapes or anything unusual, are followed bracket by bracket.

use super::ahead::ahead;
use super::members::Tape;
use super::nesting::Nesting;
use super::scalar;
use super::strings::{Found, Strings};
use crate::machine::simd::{BLOCK, COMPARED, Masks, Pass, Simd};

/// The pass over one record.
pub(super) struct RecordPass<'r> {
    pub(super) bytes: &'r [u8],
    pub(super) tape: &'r mut Tape,
}

/// What a block has to know of the one before it.
struct Carried {
    /// One if a key, a value or the end of an empty container has to begin.
    begins: u64,
    /// One where a value stands or has to come, as opposed to a key.
    value: u64,
    /// One within a scalar.
    scalar: u64,
    /// One behind an opening bracket.
    opened: u64,
}

impl Pass for RecordPass<'_> {
    type Output = Option<(usize, u64)>;

    #[inline(always)]
    fn run<M, X, T, B>(self, simd: Simd<M, X, T, B>) -> Self::Output
    where
        M: Fn(&[u8; BLOCK]) -> Masks,
        X: Fn(u64) -> u64,
        T: Fn(&[u8; BLOCK]) -> (u64, u64),
        B: Fn(&[u8; COMPARED], &[u8; COMPARED], u8) -> bool,
    {
        let bytes = self.bytes;
        let mut tail = [0; BLOCK];
        // As behind a colon: a value has to come.
        let mut carried = Carried { begins: 1, value: 1, scalar: 0, opened: 0 };
        let mut nesting = Nesting::new();
        let mut strings = Strings::new(bytes);
        let mut base = 0;
        loop {
            let block = ahead(bytes, base, &mut tail)?;
            let found = (simd.masks)(block);

            let is_special = found.is_special || nesting.is_special() || strings.is_special();
            let Found { quote, inside, mut wrong } = if is_special {
                strings.special_block(&found, base, &simd.running_xor)
            } else {
                strings.block(&found, &simd.running_xor)
            };
            let mut open = found.brace & !inside;
            let mut close = found.end_brace & !inside;
            let comma = found.comma & !inside;
            let colon = found.colon & !inside;

            let regions = 'regions: {
                if !is_special && let Some(regions) = nesting.sum(open, close, comma, &simd.running_xor) {
                    break 'regions regions;
                }
                let square = found.square & !inside;
                let end_square = found.end_square & !inside;
                let regions = nesting.follow(open, close, square, end_square, comma)?;
                open |= square;
                close |= end_square;
                regions
            };

            let events = open | close | comma | colon;
            let scalar = !(inside | quote | events);
            let value = value_before(events, regions.keys_begin, &mut carried.value);
            let begins = behind(open | comma | colon, &mut carried.begins);
            let opened = behind(open, &mut carried.opened);
            let mut starts = quote & inside | open;
            let mut values = comma | open;
            if scalar | carried.scalar != 0 {
                let scalar_starts = scalar & !behind(scalar, &mut carried.scalar);
                starts |= scalar_starts;
                values |= scalar_starts;
                let mut scalars = scalar_starts & regions.record;
                while scalars != 0 {
                    if !scalar::is_ordinary(bytes, base + scalars.trailing_zeros() as usize) {
                        return None;
                    }
                    scalars &= scalars - 1;
                }
            }
            wrong |= (starts ^ begins) & !(close & opened)
                | close & !(value | opened)
                | colon & value
                | values & !value;
            if wrong & regions.record != 0 {
                return None;
            }
            self.tape.push_all(position(base), colon & regions.listed & regions.record, regions.nested);
            if regions.has_ended {
                let length = base + regions.record.count_ones() as usize;
                if !strings.is_text(length) || strings.may_escape_key() && self.tape.has_escaped_key(bytes) {
                    return None;
                }
                return Some((length, nesting.deepest()));
            }
            base += BLOCK;
        }
    }
}

/// Whether before each place a value stands or has to come, as opposed to a key.
///
/// Every comma, colon and bracket decides it anew: a key comes behind those in `keys_begin`, a value
/// behind the others (a closing bracket leaves one that is a value itself). The decision holds up to the
/// next one, and that is how carries run through an addition: made where both numbers have a one, kept
/// where one has, lost where none has.
#[inline(always)]
fn value_before(events: u64, keys_begin: u64, carried: &mut u64) -> u64 {
    let values_begin = events & !keys_begin;
    let sum = (!keys_begin).wrapping_add(values_begin).wrapping_add(*carried);
    let before = !(sum ^ events);
    *carried = (values_begin | before & !events) >> 63;
    before
}

/// What stands directly behind `bits`.
#[inline(always)]
fn behind(bits: u64, carried: &mut u64) -> u64 {
    let moved = bits << 1 | *carried;
    *carried = bits >> 63;
    moved
}

/// A place of the record. None is longer than [`super::LONGEST`].
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "no place is beyond 31 bits")]
fn position(at: usize) -> u32 {
    at as u32
}
