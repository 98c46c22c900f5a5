//! The values of one column that were met, and what follows from each.

use super::bits;
use super::column::{Column, Standing};
use super::fields::Fields;
use super::plan::Question;
use super::token::Token;
use super::values::Values;

/// Where the entry of a value stands in its memo.
pub(super) type EntryId = u32;

/// What stands there has to be looked at by itself: nothing is known of it.
pub(super) const DEEP: EntryId = 0;
const ABSENT: EntryId = 1;
/// A string that no test of the column compares with.
const OTHER: EntryId = 2;
/// A value that is not remembered. Its tests are asked one by one, if it comes to that.
pub(super) const PASSING: EntryId = 3;
/// A new value is compared with so many of those before it.
const ALIKE: usize = 8;
/// Behind these are the entries of values.
const FIRST_ENTRY: usize = 4;

/// The most values that are remembered for a column. Names and codes are a few hundred. Of what there is no end
/// of, such as `userAgent` and the ARNs of sessions, the same ones come for a while: when there is no room for
/// another, all are forgotten.
const MOST_VALUES: usize = 2048;

/// The longest value that is remembered.
const LONGEST_VALUE: usize = 256;

/// What follows from the values of a column.
#[derive(Debug, Default)]
pub(super) struct Memo {
    values: Values,
    /// Of each entry: which detectors can still match, then which tests of the column hold.
    words: Vec<u64>,
    mask: usize,
    stride: usize,
    /// How often all values were forgotten: entries from before are of no use.
    pub(super) forgotten: u64,
    /// The lengths of the strings that tests compare with, if that is all that they do; 63 stands for longer ones.
    compared_lengths: Option<u64>,
}

/// Says what follows from the answers of a column, by writing the detectors that can still match.
pub(super) trait Conclude {
    /// `answers` is `None` for every test if nothing is known.
    fn conclude(&self, column: usize, answers: &dyn Fn(usize) -> Option<bool>) -> Vec<u64>;
}

impl Memo {
    pub(super) fn new(at: usize, column: &Column, detectors: usize, conclude: &impl Conclude) -> Self {
        let mask = bits::words(detectors);
        let stride = mask + bits::words(column.tests());
        let mut memo = Self { mask, stride, ..Self::default() };
        memo.words.resize(stride * FIRST_ENTRY, 0);
        let anything = conclude.conclude(at, &|_| None);
        for entry in [DEEP, PASSING] {
            let start = entry as usize * stride;
            memo.words[start..start + mask].copy_from_slice(&anything);
        }
        memo.write(ABSENT, at, &column.answers(None), conclude);
        if let Some(compared) = &column.compared {
            let mut lengths = 0;
            for text in compared {
                let json = format!("\"{text}\"");
                lengths |= 1 << json.len().min(63);
                memo.remember(json.as_bytes(), at, &column.answers(Some(&text.as_str().into())), conclude);
            }
            // Longer than each of them, so it is none of them.
            let other = compared.iter().fold("other".to_owned(), |other, text| other + text);
            memo.write(OTHER, at, &column.answers(Some(&other.into())), conclude);
            memo.compared_lengths = Some(lengths);
        }
        memo
    }

    /// The entry of what stands in the column.
    #[inline]
    pub(super) fn entry(
        &mut self,
        fields: &Fields<'_, '_>,
        at: usize,
        column: &Column,
        conclude: &impl Conclude,
    ) -> EntryId {
        let Some((value, span)) = column.scalar(fields) else {
            return if let Standing::Deep = column.standing(fields) { DEEP } else { ABSENT };
        };
        if let Some(lengths) = self.compared_lengths.filter(|_| span.is_plain_text) {
            if lengths & 1 << span.length.min(63) == 0 {
                return OTHER;
            }
            return self.values.get(value, span.length).unwrap_or(OTHER);
        }
        match self.values.get(value, span.length) {
            Some(entry) => entry,
            None => self.meet(Token::with(value, span), at, column, conclude),
        }
    }

    /// Looks at a value for the first time.
    #[cold]
    fn meet(&mut self, token: Token<'_>, at: usize, column: &Column, conclude: &impl Conclude) -> EntryId {
        let json = token.json();
        let is_full = self.values.len() >= MOST_VALUES;
        // The values that tests compare with are never forgotten: what is not among them counts as another one.
        if json.len() > LONGEST_VALUE || is_full && self.compared_lengths.is_some() {
            return PASSING;
        }
        if is_full {
            self.values = Values::default();
            self.words.truncate(self.stride * FIRST_ENTRY);
            self.forgotten += 1;
        }
        let Some(value) = token.value() else { return DEEP };
        let answers = column.answers(Some(&value));
        self.remember(json, at, &answers, conclude)
    }

    fn remember(&mut self, json: &[u8], at: usize, answers: &[bool], conclude: &impl Conclude) -> EntryId {
        let entry = EntryId::try_from(self.words.len() / self.stride.max(1)).unwrap_or(DEEP);
        self.words.resize(self.words.len() + self.stride, 0);
        self.write(entry, at, answers, conclude);
        self.values.add(json, entry);
        entry
    }

    fn write(&mut self, entry: EntryId, at: usize, answers: &[bool], conclude: &impl Conclude) {
        let mask = self.mask;
        let (before, words) = self.words.split_at_mut(entry as usize * self.stride);
        let (possible, tests) = words[..self.stride].split_at_mut(mask);
        tests.fill(0);
        let held = answers.iter().enumerate().filter(|(_, holds)| **holds);
        held.for_each(|(test, _)| bits::insert(tests, test));
        // To conclude takes longer than to ask, and most values of which there is no end answer alike.
        let values = before.get(self.stride * FIRST_ENTRY..).unwrap_or_default();
        let alike = values.rchunks_exact(self.stride).take(ALIKE).find(|other| other[mask..] == *tests);
        match alike {
            Some(other) => possible.copy_from_slice(&other[..mask]),
            None => possible.copy_from_slice(&conclude.conclude(at, &|test| answers.get(test).copied())),
        }
    }

    /// The detectors that can match a record with this entry.
    #[inline]
    pub(super) fn possible(&self, entry: EntryId) -> &[u64] {
        let start = entry as usize * self.stride;
        &self.words[start..start + self.mask]
    }

    /// What a test says of this entry, unless that is [`DEEP`] or [`PASSING`].
    #[inline]
    pub(super) fn answer(&self, entry: EntryId, question: Question) -> bool {
        let start = entry as usize * self.stride;
        bits::contains(&self.words[start + self.mask..start + self.stride], question.test)
    }
}
