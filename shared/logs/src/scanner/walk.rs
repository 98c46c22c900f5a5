//! The walk of a record through the tree of those that are known.

use std::hint::black_box;

use super::ahead::ahead;
use super::members::{Value, Values};
use super::names::Name;
use super::pieces::{Number, Op};
use super::tree::{NONE, Next, Place, SHARED, Tree};
use super::{LONGEST_NUMBER, bytewise, scalar};
use crate::machine::simd::{BLOCK, Masks, Pass, Simd};

/// Walks the record that `bytes` begin with; gives its length and the place of its shape if it is known, and all
/// that is its own is as it has to be.
pub(super) struct Walk<'r> {
    pub(super) bytes: &'r [u8],
    pub(super) tree: &'r Tree,
    pub(super) values: &'r mut Values,
}

impl Pass for Walk<'_> {
    type Output = Option<(usize, Place)>;

    #[inline(always)]
    fn run<M, X, T, B>(self, simd: Simd<M, X, T, B>) -> Self::Output
    where
        M: Fn(&[u8; BLOCK]) -> Masks,
        X: Fn(u64) -> u64,
        T: Fn(&[u8; BLOCK]) -> (u64, u64),
        B: Fn(&[u8; SHARED], &[u8; SHARED], u8) -> bool,
    {
        let Self { bytes, tree, values } = self;
        let mut tail = [0; AHEAD];
        let mut at = 0;
        let mut count = 1;
        let mut place = 0;
        loop {
            let node = tree.nodes.get(place)?;
            let ahead = ahead(bytes, at, &mut tail)?;
            if !(simd.begins)(ahead.first_chunk()?, &node.shared, node.length) {
                return None;
            }
            let length = usize::from(node.length);
            at += length;
            if node.op == Op::Text {
                let found = (simd.text)(ahead.get(length..)?.first_chunk()?);
                let (end, has_escapes) = string_end(bytes, at, found, node.usual, &simd)?;
                *values.get_mut(count)? = Value::new(at - 1, end + 1, has_escapes);
                count += 1;
                at = end + 1;
            } else if let Op::Number(number) = node.op {
                let end = at + digits(bytes.get(at..)?, number)?;
                *values.get_mut(count)? = Value::new(at, end, false);
                count += 1;
                at = end;
            }
            place = match node.next {
                Next::Neighbour => place + 1,
                Next::Node(next) => usize::from(next),
                Next::Table(table) => {
                    let next = *tree.tables.get(usize::from(table))?.get(usize::from(*bytes.get(at)?))?;
                    if next == NONE {
                        return None;
                    }
                    usize::from(next)
                }
                Next::Names(names) => {
                    let name = values.get(count - 1)?.inside(bytes)?;
                    let first = super::ahead::ahead(bytes, at - 1 - name.len(), &mut tail)?.first_chunk()?;
                    let is = |known: &Name| {
                        usize::from(known.length) == name.len()
                            && (simd.begins)(first, known.first(), known.length.min(MOST_COMPARED))
                            && (name.len() <= SHARED || known.text() == name)
                    };
                    usize::from(tree.names.get(usize::from(names))?.find(name, is)?)
                }
                Next::Nowhere => return None,
                Next::Shape(shape) => return Some((at, shape)),
            };
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is 32")]
const MOST_COMPARED: u8 = SHARED as u8;

/// What a node and the string behind it may have, as far as they are looked at at once.
const AHEAD: usize = SHARED + BLOCK;

/// Where the closing quote stands of the string whose inside begins at `start`, and whether it has escapes; none if
/// it is not as it has to be. `found` is what its first block has.
#[inline(always)]
fn string_end<M, X, T, B>(
    bytes: &[u8],
    start: usize,
    found: (u64, u64),
    usual: u8,
    simd: &Simd<M, X, T, B>,
) -> Option<(usize, bool)>
where
    M: Fn(&[u8; BLOCK]) -> Masks,
    T: Fn(&[u8; BLOCK]) -> (u64, u64),
{
    let (mut quote, mut special) = found;
    let upto_usual = u64::MAX >> (63 - usual % 64);
    if quote ^ quote.wrapping_sub(1) == upto_usual && special & upto_usual == 0 {
        // The same as below, but the processor goes on before it knows where the string ends.
        return Some((start + black_box(usize::from(usual)), false));
    }
    let mut tail = [0; BLOCK];
    let mut block = start;
    while quote | special == 0 {
        block += BLOCK;
        (quote, special) = (simd.text)(ahead(bytes, block, &mut tail)?);
    }
    if special & (quote ^ quote.wrapping_sub(1)) == 0 {
        return Some((block + quote.trailing_zeros() as usize, false));
    }
    special_string_end(bytes, start, &simd.masks)
}

/// As [`string_end`], for any string.
#[inline(never)]
fn special_string_end<M>(bytes: &[u8], start: usize, masks: &M) -> Option<(usize, bool)>
where
    M: Fn(&[u8; BLOCK]) -> Masks,
{
    let mut tail = [0; BLOCK];
    let mut at = start;
    let (mut has_escapes, mut is_wide) = (false, false);
    loop {
        let found = masks(ahead(bytes, at, &mut tail)?);
        let stops = found.quote | found.backslash | found.unusual & !found.wide;
        is_wide |= found.wide & (stops ^ stops.wrapping_sub(1)) != 0;
        at += stops.trailing_zeros() as usize;
        if stops == 0 {
            continue;
        }
        match bytes.get(at)? {
            b'"' => break,
            b'\\' => {
                has_escapes = true;
                at += bytewise::escape_length(&bytes[at..])?;
            }
            _ => return None,
        }
    }
    if is_wide {
        std::str::from_utf8(&bytes[start..at]).ok()?;
    }
    Some((at, has_escapes))
}

/// How many digits begin here; none if they make no ordinary number.
#[inline(always)]
fn digits(bytes: &[u8], number: Number) -> Option<usize> {
    let few = bytes.first_chunk().and_then(|eight| scalar::few_digits(u64::from_le_bytes(*eight)));
    let count = match few {
        Some(count) => count,
        None => many_digits(bytes, number)?,
    };
    let is_ordinary = count == 1 || bytes.first() != Some(&b'0') || number == Number::Fraction;
    (count > 0 && is_ordinary).then_some(count)
}

/// As many as make the longest number, if it has no fraction.
#[cold]
fn many_digits(bytes: &[u8], number: Number) -> Option<usize> {
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_ordinary = match number {
        Number::Whole => count <= LONGEST_NUMBER,
        Number::BehindSign => count < LONGEST_NUMBER,
        Number::Fraction => count < 8,
    };
    (is_ordinary && (count < 8 || bytes.get(count) != Some(&b'.'))).then_some(count)
}
