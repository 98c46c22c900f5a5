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

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    text: [u8; LONGEST_NAME],
    pub(super) length: u8,
    next: Place,
}

impl Name {
    fn new(text: &[u8], next: Place) -> Self {
        let mut name = Self { text: [0; LONGEST_NAME], length: 0, next };
        for (to, &byte) in name.text.iter_mut().zip(text) {
            *to = byte;
            name.length += 1;
        }
        name
    }

    #[inline(always)]
    pub(super) fn text(&self) -> &[u8] {
        &self.text[..usize::from(self.length)]
    }

    /// Its first bytes, and zeros if it has fewer.
    #[inline(always)]
    pub(super) fn first(&self) -> &[u8; SHARED] {
        self.text.first_chunk().unwrap_or(&[0; SHARED])
    }
}

impl Names {
    /// Where a name leads. `is` says whether one that is known is this one.
    #[inline(always)]
    pub(super) fn find(&self, name: &[u8], is: impl Fn(&Name) -> bool) -> Option<Place> {
        let mut at = hash(name);
        loop {
            at &= self.places.len().wrapping_sub(1);
            let known = self.places.get(at)?.as_ref()?;
            if is(known) {
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
        self.put(Name::new(name, next));
        self.count += 1;
    }

    fn put(&mut self, name: Name) {
        let last = self.places.len() - 1;
        let mut at = hash(name.text()) & last;
        while self.places[at].is_some() {
            at = (at + 1) & last;
        }
        self.places[at] = Some(name);
    }
}

/// Of the first and the last eight bytes, and the length.
#[inline(always)]
fn hash(name: &[u8]) -> usize {
    let (first, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (name.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)), 0),
    };
    let mixed = (first ^ last.rotate_left(29) ^ name.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 40) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again_and_others_are_not() {
        let all: Vec<String> = (0..300).map(|at| "Name".repeat(at % 16) + &at.to_string()).collect();
        let mut names = Names::default();
        let find =
            |names: &Names, name: &str| names.find(name.as_bytes(), |known| known.text() == name.as_bytes());
        for (name, at) in all.iter().zip(1..) {
            assert_eq!(find(&names, name), None);
            names.add(name.as_bytes(), at);
            assert_eq!(find(&names, name), Some(at));
        }
        for (name, at) in all.iter().zip(1..) {
            assert_eq!(find(&names, name), Some(at));
            assert_eq!(find(&names, &format!("{name}x")), None);
        }
    }
}
