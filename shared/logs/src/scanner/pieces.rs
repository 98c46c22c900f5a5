//! A plain record taken apart: what it shares with others of its shape, and what is its own.

use super::bytewise;
use super::members::{Spot, Tape};

/// What comes behind bytes that are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// More of them.
    Go,
    /// The inside of a string, and the quote that ends it.
    Text,
    /// A row of digits.
    Number(Number),
    /// The record has ended.
    End,
}

/// What is before and may be behind a row of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    /// A number begins.
    Whole,
    /// It began with its sign.
    BehindSign,
    /// It goes on behind its point.
    Fraction,
}

/// Bytes that are shared, and what comes behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'r> {
    pub(super) shared: &'r [u8],
    pub(super) op: Op,
}

/// Before the values that are few in all records, and say what else there is in this one.
const BEFORE_NAMES: [&[u8]; 5] = [
    br#""userIdentity":{"type":""#,
    br#""eventSource":""#,
    br#""eventName":""#,
    br#""errorCode":""#,
    br#""eventCategory":""#,
];

/// The longest value that is a name.
pub(super) const LONGEST_NAME: usize = 64;

impl Piece<'_> {
    /// Whether a name comes behind it.
    pub(super) fn is_before_name(self) -> bool {
        self.op == Op::Text && BEFORE_NAMES.iter().any(|before| self.shared.ends_with(before))
    }
}

/// A record in pieces.
#[derive(Debug)]
pub(super) struct Pieces<'r> {
    pub(super) all: Vec<Piece<'r>>,
    /// Where the strings and digits are that are its own.
    own: Vec<Own>,
}

#[derive(Debug)]
struct Own {
    /// Quotes included.
    start: usize,
    end: usize,
    is_text: bool,
}

impl<'r> Pieces<'r> {
    /// Takes a record apart that was found to be plain.
    pub(super) fn of(record: &'r [u8]) -> Self {
        let mut pieces = Self { all: Vec::new(), own: Vec::new() };
        let (mut from, mut at) = (0, 0);
        while let Some(&byte) = record.get(at) {
            match byte {
                b'"' => {
                    let end = bytewise::string_end(record, at).unwrap_or(record.len());
                    // Keys are shared.
                    if record.get(end) != Some(&b':') {
                        pieces.all.push(Piece { shared: &record[from..=at], op: Op::Text });
                        pieces.own.push(Own { start: at, end, is_text: true });
                        from = end;
                    }
                    at = end;
                }
                b'0'..=b'9' => {
                    let number = match record.get(at.wrapping_sub(1)) {
                        Some(b'-') => Number::BehindSign,
                        Some(b'.') => Number::Fraction,
                        _ => Number::Whole,
                    };
                    let end = at + record[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                    pieces.all.push(Piece { shared: &record[from..at], op: Op::Number(number) });
                    pieces.own.push(Own { start: at, end, is_text: false });
                    (from, at) = (end, end);
                }
                _ => at += 1,
            }
        }
        pieces.all.push(Piece { shared: &record[from..], op: Op::End });
        pieces
    }

    /// Of each piece: the text or the digits behind it, without quotes.
    pub(super) fn texts(&self, record: &'r [u8]) -> impl Iterator<Item = &'r [u8]> {
        let own = self.own.iter().map(|own| {
            let quote = usize::from(own.is_text);
            &record[own.start + quote..own.end - quote]
        });
        own.chain(std::iter::once(&record[..0]))
    }

    /// Where the values of the members stand, and whether they are nested.
    pub(super) fn spots(&self, tape: &Tape) -> Box<[(Spot, bool)]> {
        let mut before = 0;
        let spot = |&entry: &u32| {
            let start = (entry >> 1) as usize + 1;
            while self.own.get(before).is_some_and(|own| own.end <= start) {
                before += 1;
            }
            // The value with the number zero is the beginning of the record.
            let spot = match self.own.get(before) {
                Some(own) if own.is_text && own.start == start => {
                    Spot::text(before + 1, self.all[before].is_before_name())
                }
                _ => {
                    let end = before.checked_sub(1).map_or(0, |before| self.own[before].end);
                    Spot::behind(before, start - end)
                }
            };
            (spot, entry & 1 == 1)
        };
        tape.as_slice().iter().map(spot).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shared_and_values_are_not() {
        let pieces = Pieces::of(br#"{"a":"b\"","c":[-1.50,"d"],"e":{"f":true,"g":""},"h":20}"#);
        let found: Vec<(&str, Op)> =
            pieces.all.iter().map(|piece| (std::str::from_utf8(piece.shared).unwrap(), piece.op)).collect();
        assert_eq!(
            found,
            [
                (r#"{"a":""#, Op::Text),
                (r#","c":[-"#, Op::Number(Number::BehindSign)),
                (".", Op::Number(Number::Fraction)),
                (r#",""#, Op::Text),
                (r#"],"e":{"f":true,"g":""#, Op::Text),
                (r#"},"h":"#, Op::Number(Number::Whole)),
                ("}", Op::End),
            ]
        );
    }
}
