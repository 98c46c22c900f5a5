//! The fields of one record that anybody reads.

use trailmeter_logs::{Members, Spot};

use super::keys::KeyId;
use super::token::Span;

/// A plain record, and where in it the values of the keys that are read begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'r, 's> {
    pub(super) record: &'r [u8],
    members: Members<'s>,
    /// By key.
    spots: &'s [Spot],
}

impl<'r, 's> Fields<'r, 's> {
    pub(super) fn new(record: &'r [u8], members: Members<'s>, spots: &'s [Spot]) -> Self {
        Self { record, members, spots }
    }

    /// Where the value of `key` begins, if the record has it.
    #[inline]
    pub(super) fn start(&self, key: KeyId) -> Option<usize> {
        self.members.start(*self.spots.get(usize::from(key))?)
    }

    /// Whether all records of the shape have the same string as the value of `key`.
    pub(super) fn is_name(&self, key: KeyId) -> bool {
        self.spots.get(usize::from(key)).is_some_and(|spot| spot.is_name())
    }

    /// The record from the value of `key` on, if it has one.
    #[inline]
    pub(super) fn value(&self, key: KeyId) -> Option<&'r [u8]> {
        self.record.get(self.start(key)?..)
    }

    /// That value, and how far it goes; `None` if it is an array or an object.
    #[inline]
    pub(super) fn scalar(&self, key: KeyId) -> Option<(&'r [u8], Span)> {
        let spot = *self.spots.get(usize::from(key))?;
        let value = self.record.get(self.members.start(spot)?..)?;
        let span = match self.members.text_length(spot) {
            Some(length) => Span { length, is_plain_text: true },
            None => Span::of(value)?,
        };
        Some((value, span))
    }
}
