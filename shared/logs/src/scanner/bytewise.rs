//! What is plain, one byte after the other: the definition, and what scans where there is no better.

use super::members::Tape;
use super::{DEEPEST, LONGEST_NUMBER};

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Behind `{`.
    KeyOrEnd,
    /// Behind a comma in an object.
    Key,
    /// Behind a key.
    Colon,
    /// Behind a colon, or a comma in an array.
    Value,
    /// Behind `[`.
    ValueOrEnd,
    /// Behind a value.
    CommaOrEnd,
}

/// The length and the depth of the record that `bytes` begin with, if it is plain.
pub(super) fn scan(bytes: &[u8], tape: &mut Tape) -> Option<(usize, u64)> {
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut open: Vec<u8> = Vec::new();
    let mut depth = 0;
    let mut next = Next::Value;
    let mut at = 0;
    loop {
        let byte = *bytes.get(at)?;
        match byte {
            b'{' | b'[' if matches!(next, Next::Value | Next::ValueOrEnd) => {
                open.push(byte);
                depth = depth.max(open.len() as u64);
                if depth > DEEPEST {
                    return None;
                }
                next = if byte == b'{' { Next::KeyOrEnd } else { Next::ValueOrEnd };
                at += 1;
            }
            b'}' | b']' if matches!(next, Next::CommaOrEnd | Next::KeyOrEnd | Next::ValueOrEnd) => {
                let opened = open.pop()?;
                if (opened == b'{') != (byte == b'}') {
                    return None;
                }
                next = Next::CommaOrEnd;
                at += 1;
                if open.is_empty() {
                    std::str::from_utf8(&bytes[..at]).ok()?;
                    return Some((at, depth));
                }
            }
            b',' if next == Next::CommaOrEnd => {
                next = if open.last() == Some(&b'{') { Next::Key } else { Next::Value };
                at += 1;
            }
            b':' if next == Next::Colon => {
                if is_listed(&open) {
                    tape.push(at, open.len() == 2);
                }
                next = Next::Value;
                at += 1;
            }
            b'"' if matches!(next, Next::Key | Next::KeyOrEnd) => {
                let end = string_end(bytes, at)?;
                if is_listed(&open) && bytes[at..end].contains(&b'\\') {
                    return None;
                }
                next = Next::Colon;
                at = end;
            }
            b'"' if matches!(next, Next::Value | Next::ValueOrEnd) => {
                at = string_end(bytes, at)?;
                next = Next::CommaOrEnd;
            }
            _ if matches!(next, Next::Value | Next::ValueOrEnd) => {
                at += scalar_length(&bytes[at..])?;
                next = Next::CommaOrEnd;
            }
            _ => return None,
        }
    }
}

/// Whether the members of the innermost container are listed.
fn is_listed(open: &[u8]) -> bool {
    open == b"{" || open == b"{{"
}

/// Behind the closing quote of the string that begins at `start`.
pub(super) fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += escape_length(&bytes[at..])?,
            ..=0x1F => return None,
            _ => at += 1,
        }
    }
}

/// The length of the plain escape, or pair of escapes, that begins with this backslash.
pub(super) fn escape_length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => match unit(bytes)? {
            // A half of a pair of surrogates is none without the other.
            0xD800..=0xDBFF => {
                let second = bytes.get(6..).filter(|second| second.starts_with(b"\\u"))?;
                (0xDC00..=0xDFFF).contains(&unit(second)?).then_some(12)
            }
            0xDC00..=0xDFFF => None,
            _ => Some(6),
        },
        _ => None,
    }
}

/// The four hexadecimal digits of an escape.
fn unit(escape: &[u8]) -> Option<u32> {
    let digits = escape.get(2..6)?.iter();
    digits.map(|&digit| char::from(digit).to_digit(16)).try_fold(0, |unit, digit| Some(unit << 4 | digit?))
}

/// The length of the plain scalar that begins here.
pub(super) fn scalar_length(bytes: &[u8]) -> Option<usize> {
    for word in [&b"true"[..], b"false", b"null"] {
        if bytes.starts_with(word) {
            return Some(word.len());
        }
    }
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(sign);
    if whole == 0 || (whole > 1 && bytes[sign] == b'0') {
        return None;
    }
    let mut length = sign + whole;
    if bytes.get(length) == Some(&b'.') {
        let fraction = digits(length + 1);
        if fraction == 0 {
            return None;
        }
        length += 1 + fraction;
    }
    (length <= LONGEST_NUMBER).then_some(length)
}
