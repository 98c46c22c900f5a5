//! Strings of which there are few, and where each leads.

use super::pieces::LONGEST_NAME;
use super::tree::{Place, SHARED};

/// The names that were met at one place.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// A power of two of places, at most half of them taken.
    places: Vec<Option<Name>>,
    count: usize,
}

#[derive(Debug, Clone, Copy)]
struct Name {
    text: [u8; LONGEST_NAME],
    length: u8,
    next: Place,
}

impl Names {
    /// Where a name leads. `is` says whether a name that is known, of which it is also given the first part, is
    /// this one.
    #[inline(always)]
    pub(super) fn find(&self, name: &[u8], is: impl Fn(&[u8], &[u8; SHARED]) -> bool) -> Option<Place> {
        let mut at = hash(name);
        loop {
            at &= self.places.len().wrapping_sub(1);
            let known = self.places.get(at)?.as_ref()?;
            if is(known.text.get(..usize::from(known.length))?, known.text.first_chunk()?) {
                return Some(known.next);
            }
            at += 1;
        }
    }

    /// Adds a name that is not there yet.
    pub(super) fn add(&mut self, name: &[u8], next: Place) {
        if self.count * 2 >= self.places.len() {
            let larger = vec![None; (self.places.len() * 2).max(8)];
            for name in std::mem::replace(&mut self.places, larger).into_iter().flatten() {
                self.put(name);
            }
        }
        let mut text = [0; LONGEST_NAME];
        text[..name.len()].copy_from_slice(name);
        // None is longer than 64 bytes.
        self.put(Name { text, length: u8::try_from(name.len()).unwrap_or_default(), next });
        self.count += 1;
    }

    fn put(&mut self, name: Name) {
        let last = self.places.len() - 1;
        let mut at = hash(&name.text[..usize::from(name.length)]) & last;
        while self.places[at].is_some() {
            at = (at + 1) & last;
        }
        self.places[at] = Some(name);
    }
}

/// Of the first and the last eight bytes, and the length.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "any part of it will do")]
fn hash(name: &[u8]) -> usize {
    let (first, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (name.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)), 0),
    };
    let mixed = (first ^ last.rotate_left(29) ^ name.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 40) as usize
}
