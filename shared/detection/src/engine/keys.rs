//! The keys that anybody reads, and where their values stand in a record.
//!
//! A record has some thirty members at its first two levels, and of each all that is asked at first is
//! whether its key is known. So a key is looked up by its last eight bytes, which one load fetches, and
//! what is known is noted down without a further question: of a key that stands twice the last one
//! counts, as everywhere.

use std::collections::HashMap;

use trailmeter_logs::{Members, Spot};

use super::eight::places_of;

/// A key that is read, by its number.
pub(super) type KeyId = u16;

/// The record itself, as what a key of its own level stands in.
const RECORD: KeyId = 0;

/// The most keys. What has no number is found by parsing.
const MOST: KeyId = 4096;

/// What a key has to be to be known.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// The last eight bytes of the name; if there are fewer, those, and zeros behind.
    tail: u64,
    /// What stands before them, down to the quote, as far as it fits. Nothing if the name is shorter than the tail.
    head: u128,
    /// How many bytes of it count.
    head_length: u8,
    parent: KeyId,
    /// 0 in an empty place.
    id: KeyId,
    /// Whether the head is not all: the rest is compared by itself.
    is_long: bool,
    /// Whether a key whose place this is stands further on.
    is_crowded: bool,
}

impl Known {
    fn new(parent: KeyId, name: &[u8], id: KeyId) -> Self {
        let (before, last) = name.split_at(name.len().saturating_sub(8));
        let mut tail = [0; 8];
        tail[..last.len()].copy_from_slice(last);
        let mut known = Self { tail: u64::from_le_bytes(tail), parent, id, ..Self::default() };
        if last.len() == 8 {
            for (&byte, at) in before.iter().rev().chain(b"\"").zip((0..16).rev()) {
                known.head |= u128::from(byte) << (8 * at);
                known.head_length += 1;
            }
            known.is_long = before.len() > 15;
        }
        known
    }
}

/// By how many of the last bytes count: the bits of them.
const LAST: [u128; 17] = {
    let mut masks = [u128::MAX; 17];
    let mut bytes = 0;
    while bytes < 16 {
        masks[bytes] = !(u128::MAX >> (8 * bytes));
        bytes += 1;
    }
    masks
};

/// The keys that are read, of records and of the objects directly below.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    ids: HashMap<(KeyId, String), KeyId>,
    /// By key: those of the object that is its value.
    nested: Vec<Vec<KeyId>>,
    table: Vec<Known>,
    factor: u64,
    shift: u32,
    /// By key: its name.
    names: Vec<Box<[u8]>>,
    /// By key: itself if any key of the object that is its value is read, and [`UNREAD`] if none is.
    inside: Vec<KeyId>,
}

/// What an object is inside of which no key is read.
const UNREAD: KeyId = KeyId::MAX;

impl Default for Keys {
    fn default() -> Self {
        let mut keys = Self {
            ids: HashMap::new(),
            nested: vec![Vec::new()],
            table: Vec::new(),
            factor: 0,
            shift: 0,
            names: Vec::new(),
            inside: Vec::new(),
        };
        keys.build();
        keys
    }
}

impl Keys {
    /// Reads a key of the record, or of the object that is the value of one, if there is room for it.
    /// [`build`](Self::build) has to follow.
    pub(super) fn add(&mut self, parent: Option<KeyId>, name: &str) -> Option<KeyId> {
        let parent = parent.unwrap_or(RECORD);
        if let Some(&id) = self.ids.get(&(parent, name.to_owned())) {
            return Some(id);
        }
        let id = KeyId::try_from(self.nested.len()).ok().filter(|&id| id <= MOST)?;
        self.ids.insert((parent, name.to_owned()), id);
        self.nested.push(Vec::new());
        if parent != RECORD
            && let Some(siblings) = self.nested.get_mut(usize::from(parent))
        {
            siblings.push(id);
        }
        Some(id)
    }

    /// Makes what was added ready to be looked up.
    pub(super) fn build(&mut self) {
        self.names = vec![Box::default(); self.nested.len()];
        self.inside = vec![UNREAD; self.nested.len()];
        let mut all = Vec::new();
        for ((parent, name), &id) in &self.ids {
            all.push(Known::new(*parent, name.as_bytes(), id));
            self.names[usize::from(id)] = name.as_bytes().into();
            if *parent != RECORD {
                self.inside[usize::from(*parent)] = *parent;
            }
        }
        // Most keys are not read and shall meet an empty place, and those that are read shall be alone in theirs.
        // Names with the same tail never are: they stand one behind the other.
        let mut places = (all.len() * 8).next_power_of_two().max(64);
        for attempt in 1.. {
            self.factor = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(2 * attempt + 1);
            self.shift = 64 - places.trailing_zeros();
            let collisions = self.fill(&all, places);
            if collisions == 0 || attempt == 64 {
                break;
            }
            if attempt % 16 == 0 {
                places *= 2;
            }
        }
    }

    /// Fills the table and says how many keys with another tail are not in their own place.
    fn fill(&mut self, all: &[Known], places: usize) -> usize {
        self.table = vec![Known::default(); places];
        let mut collisions = 0;
        for known in all {
            let mut at = place(known.tail, known.parent, self.factor, self.shift);
            while self.table[at].id != RECORD {
                collisions += usize::from(self.table[at].tail != known.tail);
                self.table[at].is_crowded = true;
                at = (at + 1) % places;
            }
            self.table[at] = *known;
        }
        collisions
    }

    /// Notes down, by key, where the values of the keys that are read stand.
    ///
    /// Whether a key is read, and how long it is, differs from member to member as nothing else does. To branch on it
    /// would cost more than all that is done here, so that a key which is not read is noted down as well,
    /// as the one that nobody asks for.
    pub(super) fn note(&self, record: &[u8], members: Members<'_>, spots: &mut Vec<Spot>) {
        spots.clear();
        spots.resize(self.nested.len(), Spot::NOWHERE);
        let mut inside = UNREAD;
        for member in members.iter() {
            let parent = if member.is_nested { inside } else { RECORD };
            if parent == UNREAD {
                continue;
            }
            let id = self.find(record, member.colon, parent);
            if !member.is_nested {
                inside = self.inside.get(usize::from(id)).copied().unwrap_or(UNREAD);
                if inside != UNREAD && spots[usize::from(id)] != Spot::NOWHERE {
                    // What stood in the first of two does not stand in the second.
                    self.nested[usize::from(id)]
                        .iter()
                        .for_each(|&nested| spots[usize::from(nested)] = Spot::NOWHERE);
                }
            }
            spots[usize::from(id)] = member.spot;
        }
        spots[usize::from(RECORD)] = Spot::NOWHERE;
    }

    /// The key before the colon; the one that nobody asks for if it is not read.
    #[inline]
    fn find(&self, record: &[u8], colon: usize, parent: KeyId) -> KeyId {
        let end = colon - 1;
        let (head, tail) = match record.get(..end).and_then(<[u8]>::last_chunk::<24>) {
            Some(bytes) => before(bytes),
            None => before(&beginning(record, end)),
        };
        let tail = of_the_name(tail);
        let Some(known) = self.table.get(place(tail, parent, self.factor, self.shift)) else { return RECORD };
        if known.is_crowded || known.is_long {
            return self.find_further(record, end, tail, parent);
        }
        let differs = (known.head ^ head) & LAST[usize::from(known.head_length % 17)]
            | u128::from(known.tail ^ tail)
            | u128::from(known.parent ^ parent);
        if differs == 0 { known.id } else { RECORD }
    }

    /// As [`find`](Self::find), for what one look cannot tell.
    fn find_further(&self, record: &[u8], end: usize, tail: u64, parent: KeyId) -> KeyId {
        let mut at = place(tail, parent, self.factor, self.shift);
        loop {
            let known = &self.table[at];
            if known.id == RECORD {
                return RECORD;
            }
            let name = &self.names[usize::from(known.id)];
            let start = end.wrapping_sub(name.len());
            if known.tail == tail
                && known.parent == parent
                && record.get(start..end) == Some(name)
                && record.get(start.wrapping_sub(1)) == Some(&b'"')
            {
                return known.id;
            }
            at = (at + 1) % self.table.len();
        }
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the table has as many places as the shift leaves")]
fn place(tail: u64, parent: KeyId, factor: u64, shift: u32) -> usize {
    let mixed = (tail ^ tail >> 32 ^ u64::from(parent) << 40).wrapping_mul(factor);
    (mixed >> shift) as usize
}

/// The first sixteen and the last eight bytes.
#[inline]
fn before(bytes: &[u8; 24]) -> (u128, u64) {
    let (mut head, mut tail) = ([0; 16], [0; 8]);
    head.copy_from_slice(&bytes[..16]);
    tail.copy_from_slice(&bytes[16..]);
    (u128::from_le_bytes(head), u64::from_le_bytes(tail))
}

/// Of the eight bytes before the quote that closes a key, those that belong to it, and zeros behind.
///
/// No key of a plain record has a quote in it, so the last quote before its end opens it.
#[inline]
fn of_the_name(eight: u64) -> u64 {
    let quotes = places_of(b'"', eight);
    // From the last quote on; from the beginning if there is none.
    let behind = 64 - quotes.leading_zeros();
    eight.checked_shr(behind).unwrap_or(0)
}

/// The bytes before `end` if there are fewer: zeros take the place of what is missing.
#[cold]
fn beginning(record: &[u8], end: usize) -> [u8; 24] {
    let mut bytes = [0; 24];
    let there = end.min(24);
    bytes[24 - there..].copy_from_slice(&record[end - there..end]);
    bytes
}

#[cfg(test)]
mod tests {
    use trailmeter_logs::{RecordScanner, Scanned};

    use super::*;
    use crate::engine::fields::Fields;

    /// What is noted for the keys `read`, each one or two names joined by a dot.
    fn noted(record: &str, read: &[&str]) -> Vec<Option<String>> {
        let mut keys = Keys::default();
        let ids: Vec<KeyId> = read
            .iter()
            .map(|path| match path.split_once('.') {
                None => keys.add(None, path).unwrap(),
                Some((parent, name)) => {
                    let parent = keys.add(None, parent);
                    keys.add(parent, name).unwrap()
                }
            })
            .collect();
        keys.build();
        let mut scanner = RecordScanner::new();
        assert!(matches!(scanner.scan(record.as_bytes()), Scanned::Plain { .. }), "{record}");
        let mut spots = Vec::new();
        keys.note(record.as_bytes(), scanner.members(), &mut spots);
        let fields = Fields::new(record.as_bytes(), scanner.members(), &spots);
        let rest = |start: usize| record[start..].split([',', '}']).next().unwrap_or_default().to_owned();
        ids.into_iter().map(|id| fields.start(id).map(rest)).collect()
    }

    #[test]
    fn the_values_of_known_keys_are_found() {
        let record = r#"{"a":1,"eventName":2,"xeventName":3,"userIdentity":{"type":4,"eventName":5,"arn":6},"other":{"type":7},"type":8,"":9,"ntName":10,"abcdefgh":11,"xabcdefgh":12}"#;
        for (read, expected) in [
            ("a", Some("1")),
            ("eventName", Some("2")),
            ("xeventName", Some("3")),
            ("ventName", None),
            ("userIdentity.type", Some("4")),
            ("userIdentity.eventName", Some("5")),
            ("userIdentity.arn", Some("6")),
            ("userIdentity.other", None),
            ("other.type", Some("7")),
            ("other.arn", None),
            ("type", Some("8")),
            ("", Some("9")),
            ("ntName", Some("10")),
            ("abcdefgh", Some("11")),
            ("xabcdefgh", Some("12")),
            ("yabcdefgh", None),
            ("nothing", None),
        ] {
            assert_eq!(noted(record, &[read]), [expected.map(str::to_owned)], "{read}");
        }
        let all = noted(record, &["a", "eventName", "userIdentity.type", "type", "no"]);
        assert_eq!(
            all,
            [Some("1"), Some("2"), Some("4"), Some("8"), None].map(|text| text.map(str::to_owned))
        );
    }

    #[test]
    fn of_a_key_that_stands_twice_the_last_one_counts_with_all_that_is_in_it() {
        let record = r#"{"u":{"a":1,"b":2,"b":3},"k":4,"u":{"b":5},"k":6}"#;
        assert_eq!(
            noted(record, &["u.a", "u.b", "k"]),
            [None, Some("5"), Some("6")].map(|text| text.map(str::to_owned))
        );
        assert_eq!(noted(r#"{"":{"b":1}}"#, &[".b"]), [Some("1".to_owned())]);
        assert_eq!(noted(r#"{"u":{"a":1},"u":7}"#, &["u.a", "u"]), [None, Some("7".to_owned())]);
    }

    #[test]
    fn many_keys_are_told_apart() {
        let names: Vec<String> = (0..2000).map(|at| format!("aKeyWithTheNumber{}", at * 7)).collect();
        let fields: Vec<String> =
            names.iter().enumerate().map(|(at, name)| format!("\"{name}\":{at}")).collect();
        let read: Vec<&str> = names.iter().map(String::as_str).collect();
        let expected: Vec<_> = (0..2000).map(|at| Some(at.to_string())).collect();
        assert_eq!(noted(&format!("{{{}}}", fields.join(",")), &read), expected);
    }
}
