//! The walk of a record through the tree of those that are known.

use std::hint::black_box;

use super::members::{Value, Values};
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
                let (mut quote, mut special) = (simd.text)(ahead.get(length..)?.first_chunk()?);
                let usual = u64::MAX >> (63 - node.usual % 64);
                let (end, has_escapes) = if quote ^ quote.wrapping_sub(1) == usual && special & usual == 0 {
                    // The same as below, but the processor goes on before it knows where the string ends.
                    (at + black_box(usize::from(node.usual)), false)
                } else {
                    let mut block = at;
                    while quote | special == 0 {
                        block += BLOCK;
                        (quote, special) = (simd.text)(window(bytes, block, &mut tail)?);
                    }
                    if special & (quote ^ quote.wrapping_sub(1)) == 0 {
                        (block + quote.trailing_zeros() as usize, false)
                    } else {
                        text_end(bytes, at, &simd.masks)?
                    }
                };
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
                    let start = at - 1 - name.len();
                    let ahead: &[u8; SHARED] = self::ahead(bytes, start, &mut tail)?.first_chunk()?;
                    let is = |known: &[u8], first: &[u8; SHARED]| {
                        known.len() == name.len()
                            && (simd.begins)(ahead, first, known.len().min(SHARED) as u8)
                            && (known.len() <= SHARED || known == name)
                    };
                    usize::from(tree.names.get(usize::from(names))?.find(name, is)?)
                }
                Next::Nowhere => return None,
                Next::Shape(shape) => return Some((at, shape)),
            };
        }
    }
}

/// What a node and the string behind it may have, as far as they are looked at at once.
const AHEAD: usize = SHARED + BLOCK;

/// The next bytes, and zeros where there are none.
#[inline(always)]
fn ahead<'w>(bytes: &'w [u8], at: usize, tail: &'w mut [u8; AHEAD]) -> Option<&'w [u8; AHEAD]> {
    let rest = bytes.get(at..)?;
    if let Some(ahead) = rest.first_chunk() {
        return Some(ahead);
    }
    *tail = [0; AHEAD];
    tail[..rest.len()].copy_from_slice(rest);
    Some(tail)
}

/// As [`ahead`], for one block.
#[inline(always)]
fn window<'w, const N: usize>(bytes: &'w [u8], at: usize, tail: &'w mut [u8; N]) -> Option<&'w [u8; BLOCK]> {
    let rest = bytes.get(at..)?;
    match rest.first_chunk() {
        Some(block) => Some(block),
        None => {
            *tail = [0; N];
            tail[..rest.len()].copy_from_slice(rest);
            tail.first_chunk()
        }
    }
}

/// Where the closing quote stands of the string whose inside begins at `start`, and whether it has escapes; none if
/// it is not as it has to be.
#[inline(never)]
fn text_end<M>(bytes: &[u8], start: usize, masks: &M) -> Option<(usize, bool)>
where
    M: Fn(&[u8; BLOCK]) -> Masks,
{
    let mut tail = [0; BLOCK];
    let mut at = start;
    let (mut has_escapes, mut is_wide) = (false, false);
    loop {
        let found = masks(window(bytes, at, &mut tail)?);
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
    let is_ordinary = count == 1 || bytes[0] != b'0' || number == Number::Fraction;
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
