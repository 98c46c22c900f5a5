//! The values of a column, found again by their bytes.

use super::memo::EntryId;

/// Values and their entries. A value is first known by its first and last sixteen bytes, which overlap in
/// most, so that for nearly all of them nothing else has to be compared.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// A power of two of places, at most half of them taken.
    places: Vec<Place>,
    count: usize,
    /// The bytes of those longer than [`SHORT`], one behind the other.
    long: Vec<u8>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    ends: Ends,
    /// 0 in an empty place: no value has no bytes.
    length: u32,
    entry: EntryId,
    /// Where its bytes begin in `long`.
    start: u32,
}

/// The first and the last sixteen bytes of a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ends {
    first: u128,
    last: u128,
}

/// How much of a value its ends cover.
const SHORT: usize = 32;

impl Ends {
    /// `value` begins what is at hand, which may go on behind it.
    #[inline]
    fn of(value: &[u8], length: usize) -> Self {
        match (value.first_chunk(), length.checked_sub(16)) {
            (Some(first), Some(behind)) => {
                let last = value[behind..].first_chunk().map_or(0, |last| u128::from_le_bytes(*last));
                Self { first: u128::from_le_bytes(*first), last }
            }
            (Some(first), None) => {
                // What follows the value is masked off.
                Self { first: u128::from_le_bytes(*first) & !(u128::MAX << (8 * length)), last: 0 }
            }
            (None, _) => {
                let mut first = [0; 16];
                first[..length].copy_from_slice(&value[..length]);
                Self { first: u128::from_le_bytes(first), last: 0 }
            }
        }
    }

    #[inline]
    fn hash(self, length: usize) -> u64 {
        let fold = |sixteen: u128, by: u64| {
            let (low, high) = halves(sixteen);
            let (low, high) = halves(u128::from(low ^ by) * u128::from(high ^ !by));
            low ^ high
        };
        (fold(self.first, 0x9E37_79B9_7F4A_7C15) ^ fold(self.last, 0xD6E8_FEB8_6659_FD93))
            .wrapping_add(length as u64)
            .wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "each half is half of it")]
fn halves(whole: u128) -> (u64, u64) {
    (whole as u64, (whole >> 64) as u64)
}

impl Values {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The entry of the value that is the first `length` bytes of `rest`.
    #[inline]
    pub(super) fn get(&self, rest: &[u8], length: usize) -> Option<EntryId> {
        if self.places.is_empty() || length == 0 || length > rest.len() {
            return None;
        }
        let ends = Ends::of(rest, length);
        let mut at = self.own_place(ends, length);
        loop {
            let place = &self.places[at];
            if place.length == 0 {
                return None;
            }
            if place.ends == ends && place.length as usize == length {
                let start = place.start as usize;
                if length <= SHORT || self.long[start..start + length] == rest[..length] {
                    return Some(place.entry);
                }
            }
            at = (at + 1) & (self.places.len() - 1);
        }
    }

    /// Adds a value that is not there yet.
    pub(super) fn add(&mut self, value: &[u8], entry: EntryId) {
        let Ok(length) = u32::try_from(value.len()) else { return };
        if self.count * 2 >= self.places.len() {
            let larger = vec![Place::default(); (self.places.len() * 2).max(16)];
            let places = std::mem::replace(&mut self.places, larger);
            for place in places.into_iter().filter(|place| place.length != 0) {
                self.put(place);
            }
        }
        let start = u32::try_from(self.long.len()).unwrap_or_default();
        if value.len() > SHORT {
            self.long.extend_from_slice(value);
        }
        self.put(Place { ends: Ends::of(value, value.len()), length, entry, start });
        self.count += 1;
    }

    fn put(&mut self, place: Place) {
        let mut at = self.own_place(place.ends, place.length as usize);
        while self.places[at].length != 0 {
            at = (at + 1) & (self.places.len() - 1);
        }
        self.places[at] = place;
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the table has as many places as the shift leaves")]
    fn own_place(&self, ends: Ends, length: usize) -> usize {
        let shift = 64 - self.places.len().trailing_zeros();
        (ends.hash(length) >> shift) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(at: usize) -> EntryId {
        EntryId::try_from(at).unwrap()
    }

    #[test]
    fn values_are_found_again_whatever_follows_them() {
        let mut values = Values::default();
        let text: Vec<u8> = (0..3000_u32).map(|at| b'a' + (at * at % 23) as u8).collect();
        let all: Vec<&[u8]> = (1..80)
            .flat_map(|length| (0..40).map(move |at| (at * 67, length)))
            .map(|(at, length)| &text[at..at + length])
            .collect();
        let mut known: Vec<&[u8]> = Vec::new();
        for value in all {
            let entry = known.iter().position(|known| *known == value);
            assert_eq!(values.get(value, value.len()), entry.map(id));
            if entry.is_none() {
                values.add(value, id(known.len()));
                known.push(value);
            }
        }
        assert_eq!(values.len(), known.len());
        for (at, value) in known.iter().enumerate() {
            for behind in ["", "\"", ",abcdefghijklmnop", &"z".repeat(50)] {
                let rest = [value, behind.as_bytes()].concat();
                assert_eq!(values.get(&rest, value.len()), Some(id(at)), "{at} {behind}");
            }
        }
        assert_eq!(values.get(b"", 0), None);
        assert_eq!(values.get(b"ab", 3), None);
    }
}
