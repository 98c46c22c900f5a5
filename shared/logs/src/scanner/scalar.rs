//! `true`, `false`, `null` and ordinary numbers, eight bytes at a time.

use super::bytewise;

const fn word(text: [u8; 8]) -> u64 {
    u64::from_le_bytes(text)
}

const TRUE: u64 = word(*b"true\0\0\0\0");
const NULL: u64 = word(*b"null\0\0\0\0");
const FALSE: u64 = word(*b"false\0\0\0");
const EACH: u64 = 0x0101_0101_0101_0101;

/// Whether a plain scalar begins here, and a comma or a closing bracket follows it.
#[inline(always)]
pub(super) fn is_ordinary(bytes: &[u8], at: usize) -> bool {
    let Some(eight) = bytes[at..].first_chunk::<8>() else {
        return is_ordinary_bytewise(bytes, at);
    };
    let eight = u64::from_le_bytes(*eight);
    let four = eight & 0xFFFF_FFFF;
    let is_four = four == TRUE || four == NULL;
    let is_five = eight & 0xFF_FFFF_FFFF == FALSE;
    let end = eight >> if is_five { 40 } else { 32 };
    if (is_four | is_five) & is_end(end.to_le_bytes()[0]) {
        return true;
    }
    is_number(eight).unwrap_or_else(|| is_ordinary_bytewise(bytes, at))
}

/// Whether these are the digits of a plain number and its end; none if that cannot be told.
#[inline(always)]
fn is_number(eight: u64) -> Option<bool> {
    let length = few_digits(eight).filter(|&length| length > 0)?;
    let end = (eight >> (8 * length)).to_le_bytes()[0];
    if end == b'.' {
        return None;
    }
    Some(is_end(end) && (length == 1 || eight.to_le_bytes()[0] != b'0'))
}

/// How many of the bytes are digits before the first that is none; none if all are.
#[inline(always)]
pub(super) fn few_digits(eight: u64) -> Option<usize> {
    // Digits become 0 to 9; the sum has the highest bit of the first byte that is none.
    let digits = eight ^ (EACH * u64::from(b'0'));
    let others = ((digits.wrapping_add(EACH * 0x76)) | digits) & (EACH << 7);
    (others != 0).then_some(others.trailing_zeros() as usize / 8)
}

#[cold]
fn is_ordinary_bytewise(bytes: &[u8], at: usize) -> bool {
    let bytes = &bytes[at..];
    bytewise::scalar_length(bytes).is_some_and(|length| bytes.get(length).is_some_and(|&end| is_end(end)))
}

fn is_end(byte: u8) -> bool {
    byte == b',' || byte | 0x20 == b'}'
}
