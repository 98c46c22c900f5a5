//! The members of a record, and of the objects directly below it.

/// Where the members of a record stand, in the order of the bytes.
///
/// Listed are the members of the record itself, and those of objects that are a member's value. What
/// stands in an array or deeper is not.
#[derive(Debug, Clone, Copy)]
pub struct Members<'s>(Listed<'s>);

#[derive(Debug, Clone, Copy)]
enum Listed<'s> {
    Tape(&'s Tape),
    Known(&'s Shape, &'s Values),
}

/// One member: its key ends before the colon, its value begins behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The position of the colon. `colon - 1` is the quote that ends the key.
    pub colon: usize,
    /// It belongs to an object that is the value of a member of the record.
    pub is_nested: bool,
    /// Where its value stands in this record, and in all others of the same [shape](Members::shape).
    pub spot: Spot,
}

/// Where a value stands in the records of one shape. Where that is in a record say its [`Members`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Which of the record's [`Values`], or of its tape's entries. Beyond all of them: nowhere.
    value: u32,
    /// It is not the value itself, but so many bytes behind its end.
    behind: u32,
    is_name: bool,
}

/// It is the value itself.
const ITSELF: u32 = u32::MAX;

impl Spot {
    /// In no record.
    pub const NOWHERE: Self = Self { value: u32::MAX, behind: 0, is_name: false };

    pub(super) fn text(value: usize, is_name: bool) -> Self {
        Self { value: index(value), behind: ITSELF, is_name }
    }

    pub(super) fn behind(value: usize, bytes: usize) -> Self {
        Self { value: index(value), behind: index(bytes), is_name: false }
    }

    /// Whether all records of the shape have the same string there.
    pub fn is_name(self) -> bool {
        self.is_name
    }
}

/// No record has so many bytes that this is not the number itself.
fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX - 1)
}

/// Records with more have no shape.
pub(super) const MOST_VALUES: usize = 512;

/// The strings and digits that are a record's own. The first is the beginning of the record, and has no length.
pub(super) type Values = [Value; MOST_VALUES];

/// Where a string or a row of digits stands in a record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Value {
    /// Quotes included.
    start: u32,
    /// The highest bit says that something is escaped.
    end: u32,
}

impl Value {
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "positions have 31 bits")]
    pub(super) fn new(start: usize, end: usize, has_escapes: bool) -> Self {
        Self { start: start as u32, end: end as u32 | u32::from(has_escapes) << 31 }
    }

    /// Its bytes without the quotes, if it is a string in which nothing is escaped.
    pub(super) fn inside(self, bytes: &[u8]) -> Option<&[u8]> {
        if self.has_escapes() {
            return None;
        }
        bytes.get(self.start as usize + 1..(self.end as usize).checked_sub(1)?)
    }

    /// Behind it.
    #[inline(always)]
    pub(super) fn end(self) -> usize {
        (self.end & (u32::MAX >> 1)) as usize
    }

    fn has_escapes(self) -> bool {
        self.end >> 31 == 1
    }
}

/// Which shape a record has: two with the same have the same keys at the same places, with values of the same
/// types, and only differ within their strings and numbers. The strings that say what kind of event it is are
/// the same in both: `eventName` and a few others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapeId {
    /// Shapes that are known at the same time have different places, all below [`ShapeId::PLACES`].
    pub place: usize,
    /// No two shapes have the same number, not even those of different scanners.
    pub number: u64,
}

/// What is known of all records of a shape.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) id: ShapeId,
    pub(super) depth: u64,
    pub(super) spots: Box<[(Spot, bool)]>,
}

impl<'s> Members<'s> {
    pub(super) fn of_tape(tape: &'s Tape) -> Self {
        Self(Listed::Tape(tape))
    }

    pub(super) fn of_shape(shape: &'s Shape, values: &'s Values) -> Self {
        Self(Listed::Known(shape, values))
    }

    /// The shape of the record, if others of it were met before.
    pub fn shape(self) -> Option<ShapeId> {
        match self.0 {
            Listed::Tape(_) => None,
            Listed::Known(shape, _) => Some(shape.id),
        }
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = Member> {
        (0..self.len()).filter_map(move |at| self.get(at))
    }

    fn get(self, at: usize) -> Option<Member> {
        let (spot, is_nested) = match self.0 {
            Listed::Tape(tape) => (Spot::text(at, false), tape.entry(at)? & 1 == 1),
            Listed::Known(shape, _) => *shape.spots.get(at)?,
        };
        Some(Member { colon: self.start(spot)? - 1, is_nested, spot })
    }

    /// How many there are.
    pub fn len(self) -> usize {
        match self.0 {
            Listed::Tape(tape) => tape.count,
            Listed::Known(shape, _) => shape.spots.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Where the value in a spot begins; `None` if it is nowhere.
    #[inline]
    pub fn start(self, spot: Spot) -> Option<usize> {
        match self.0 {
            Listed::Tape(tape) => Some((tape.entry(spot.value as usize)? >> 1) as usize + 1),
            Listed::Known(_, values) => {
                let value = values.get(spot.value as usize)?;
                let is_itself = spot.behind == ITSELF;
                Some(if is_itself { value.start as usize } else { value.end() + spot.behind as usize })
            }
        }
    }

    /// The length of the string in a spot, its quotes included, if it is one in which nothing is escaped and its
    /// length is known without looking at it.
    #[inline]
    pub fn text_length(self, spot: Spot) -> Option<usize> {
        let Listed::Known(_, values) = self.0 else { return None };
        let value = values.get(spot.value as usize)?;
        (spot.behind == ITSELF && !value.has_escapes()).then(|| (value.end - value.start) as usize)
    }
}

/// The members of one record, as they were found.
#[derive(Debug, Clone, Default)]
pub(super) struct Tape {
    /// The position of the colon, and in the lowest bit whether the member is nested. Only the first `count`
    /// belong to the record.
    entries: Vec<u32>,
    count: usize,
}

impl Tape {
    /// Each as the position of its colon times two, plus one if it is nested.
    pub(super) fn as_slice(&self) -> &[u32] {
        &self.entries[..self.count]
    }

    fn entry(&self, at: usize) -> Option<u32> {
        self.as_slice().get(at).copied()
    }

    /// Whether there is a backslash in any key.
    pub(super) fn has_escaped_key(&self, bytes: &[u8]) -> bool {
        self.as_slice().iter().any(|&entry| {
            // The first quote before the closing one opens the key, if it is not itself escaped.
            let before = &bytes[..(entry >> 1) as usize - 1];
            match memchr::memrchr2(b'"', b'\\', before) {
                Some(0) | None => false,
                Some(at) => bytes[at] == b'\\' || bytes[at - 1] == b'\\',
            }
        })
    }

    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    pub(super) fn push(&mut self, colon: usize, is_nested: bool) {
        self.entries.truncate(self.count);
        self.entries.push(u32::try_from(colon << 1).unwrap_or_default() | u32::from(is_nested));
        self.count = self.entries.len();
    }

    /// Adds those whose colons `colons` has, each nested or not as `nested` says of its place.
    ///
    /// How many there are in a block nobody can predict, so a few are written whether they are there or
    /// not. What is too much lies behind `count`, and is written over.
    #[inline(always)]
    pub(super) fn push_all(&mut self, base: u32, mut colons: u64, nested: u64) {
        if self.entries.len() < self.count + 64 {
            self.entries.resize(self.count + 1024, 0);
        }
        let count = colons.count_ones() as usize;
        let mut entry = || {
            let at = colons.trailing_zeros();
            colons &= colons.wrapping_sub(1);
            base.wrapping_add(at) << 1 | u32::from(nested >> (at & 63) & 1 == 1)
        };
        let slots = &mut self.entries[self.count..][..64];
        for slot in &mut slots[..4] {
            *slot = entry();
        }
        if count > 4 {
            for slot in &mut slots[4..count] {
                *slot = entry();
            }
        }
        self.count += count;
    }
}
