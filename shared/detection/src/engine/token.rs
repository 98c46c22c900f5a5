//! One value in the bytes of a plain record.
//!
//! The record was found well-formed and without white space between its tokens, so that a value ends
//! where its first byte says.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::eight::places_of;

/// A scalar as it stands, or the fact that there is an array or an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'r> {
    /// A string, quotes included, none of whose characters is escaped.
    Text(&'r [u8]),
    /// A string, quotes included, in which something is escaped.
    Escaped(&'r [u8]),
    /// A number, a boolean or null.
    Word(&'r [u8]),
    /// An array or an object.
    Container,
}

/// How far a scalar goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) length: usize,
    /// It is a string in which nothing is escaped.
    pub(super) is_plain_text: bool,
}

impl Span {
    /// That of the scalar that `rest` begins with; `None` for an array or an object.
    #[inline]
    pub(super) fn of(rest: &[u8]) -> Option<Self> {
        match rest.first()? {
            b'"' => {
                let (length, is_escaped) = string_length(rest);
                Some(Self { length: length.min(rest.len()), is_plain_text: !is_escaped })
            }
            b'{' | b'[' => None,
            _ => {
                let length = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']'));
                Some(Self { length: length.unwrap_or(rest.len()), is_plain_text: false })
            }
        }
    }
}

impl<'r> Token<'r> {
    /// The value that begins at `at`.
    pub(super) fn at(record: &'r [u8], at: usize) -> Self {
        let rest = record.get(at..).unwrap_or_default();
        Span::of(rest).map_or(Self::Container, |span| Self::with(rest, span))
    }

    /// The value that `rest` begins with, if it goes as far as `span` says.
    pub(super) fn with(rest: &'r [u8], span: Span) -> Self {
        let json = &rest[..span.length];
        match json.first() {
            Some(b'"') if span.is_plain_text => Self::Text(json),
            Some(b'"') => Self::Escaped(json),
            _ => Self::Word(json),
        }
    }

    /// Its bytes; none if it is an array or an object.
    pub(super) fn json(self) -> &'r [u8] {
        match self {
            Self::Text(json) | Self::Escaped(json) | Self::Word(json) => json,
            Self::Container => &[],
        }
    }

    /// The value itself; `None` if it is an array or an object.
    pub(super) fn value(self) -> Option<Value> {
        match self {
            Self::Text(_) => self.text().map(|text| Value::from(text.into_owned())),
            Self::Escaped(json) | Self::Word(json) => serde_json::from_slice(json).ok(),
            Self::Container => None,
        }
    }

    /// The text, if it is a string.
    pub(super) fn text(self) -> Option<Cow<'r, str>> {
        match self {
            Self::Text([b'"', text @ .., b'"']) => std::str::from_utf8(text).ok().map(Cow::Borrowed),
            Self::Escaped(json) => serde_json::from_slice(json).ok().map(Cow::Owned),
            _ => None,
        }
    }
}

/// The value that begins at `at`, whatever it is.
pub(super) fn value_at(record: &[u8], at: usize) -> Option<Value> {
    let mut parser = serde_json::Deserializer::from_slice(record.get(at..)?);
    Value::deserialize(&mut parser).ok()
}

/// How long the string is that begins here, its quotes included, and whether anything in it is escaped.
///
/// Most strings of a record are shorter than what it takes to prepare a search with wide registers.
fn string_length(bytes: &[u8]) -> (usize, bool) {
    let mut at = 1;
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*eight);
        let found = places_of(b'"', word) | places_of(b'\\', word);
        if found != 0 {
            at += found.trailing_zeros() as usize / 8;
            break;
        }
        at += 8;
    }
    let mut is_escaped = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return (at + 1, is_escaped),
            b'\\' => {
                is_escaped = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
    (bytes.len(), is_escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_its_first_byte_says() {
        let filler = "x".repeat(9);
        for (json, token) in [
            (r#""""#, Token::Text(br#""""#)),
            (r#""a""#, Token::Text(br#""a""#)),
            (r#""abcdefg""#, Token::Text(br#""abcdefg""#)),
            (r#""abcdefgh""#, Token::Text(br#""abcdefgh""#)),
            (r#""abcdefghi,}""#, Token::Text(br#""abcdefghi,}""#)),
            ("\"\u{e4}\u{20ac}#!\"", Token::Text("\"\u{e4}\u{20ac}#!\"".as_bytes())),
            (r#""a\"b""#, Token::Escaped(br#""a\"b""#)),
            (r#""abcdefghijk\\""#, Token::Escaped(br#""abcdefghijk\\""#)),
            (r#""\u0041""#, Token::Escaped(br#""\u0041""#)),
            ("null", Token::Word(b"null")),
            ("-1.5", Token::Word(b"-1.5")),
            ("true", Token::Word(b"true")),
            ("[1]", Token::Container),
            (r#"{"a":1}"#, Token::Container),
        ] {
            for end in [",", "}", "]"] {
                let record = format!("{filler}{json}{end}\"{filler}");
                assert_eq!(Token::at(record.as_bytes(), filler.len()), token, "{record}");
                let value: Value = serde_json::from_str(json).unwrap();
                assert_eq!(value_at(record.as_bytes(), filler.len()), Some(value.clone()));
                let scalar = (!value.is_array() && !value.is_object()).then_some(value);
                assert_eq!(token.value(), scalar);
            }
        }
        assert_eq!(Token::Escaped(br#""\u0041""#).text().as_deref(), Some("A"));
        assert_eq!(Token::Word(b"null").text(), None);
    }

    /// As no record ends: nothing is read beyond.
    #[test]
    fn nothing_is_read_beyond_the_end() {
        for record in ["\"", "\"abc", "\"abc\\", "1", ""] {
            drop(format!("{:?}", Token::at(record.as_bytes(), 0)));
        }
    }
}
