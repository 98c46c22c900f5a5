//! The members of a record, and of the objects directly below it.

/// Where the members of a record stand, in the order of the bytes.
///
/// Listed are the members of the record itself, and those of objects that are a member's value. What
/// stands in an array or deeper is not.
#[derive(Debug, Clone, Default)]
pub struct Members {
    /// The position of the colon, and in the lowest bit whether the member is nested. Only the first `count`
    /// belong to the record.
    tape: Vec<u32>,
    count: usize,
}

/// One member: its key ends before the colon, its value begins behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The position of the colon. `colon - 1` is the quote that ends the key.
    pub colon: usize,
    /// It belongs to an object that is the value of a member of the record.
    pub is_nested: bool,
}

/// More colons are not picked from.
pub(super) const MOST_COLONS: usize = 512;

/// So many are picked at a time.
const PART: usize = 16;

/// Which of a record's colons belong to members that are listed.
#[derive(Debug)]
pub(super) struct Picks {
    /// For each member the number of its colon, and in the lowest bit whether it is nested; then more, to make
    /// whole parts.
    entries: Box<[u32]>,
    count: usize,
}

impl Picks {
    pub(super) fn new(mut entries: Vec<u32>) -> Self {
        let count = entries.len();
        entries.resize(count.next_multiple_of(PART), 0);
        Self { entries: entries.into(), count }
    }
}

impl Members {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Member> + Clone {
        self.as_slice()
            .iter()
            .map(|&entry| Member { colon: (entry >> 1) as usize, is_nested: entry & 1 == 1 })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Each as the position of its colon times two, plus one if it is nested.
    pub fn as_slice(&self) -> &[u32] {
        &self.tape[..self.count]
    }

    /// Whether there is a backslash in any key.
    pub(super) fn have_escaped_key(&self, bytes: &[u8]) -> bool {
        self.iter().any(|member| {
            // The first quote before the closing one opens the key, if it is not itself escaped.
            let before = &bytes[..member.colon - 1];
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
        self.tape.truncate(self.count);
        self.tape.push(u32::try_from(colon << 1).unwrap_or_default() | u32::from(is_nested));
        self.count = self.tape.len();
    }

    /// Takes those of `colons` that were picked.
    pub(super) fn pick(&mut self, colons: &[u32; MOST_COLONS], picks: &Picks) {
        if self.tape.len() < picks.entries.len() {
            self.tape.resize(picks.entries.len(), 0);
        }
        let (parts, _) = self.tape.as_chunks_mut::<PART>();
        for (part, picks) in parts.iter_mut().zip(picks.entries.as_chunks::<PART>().0) {
            for (entry, &pick) in part.iter_mut().zip(picks) {
                *entry = colons[(pick >> 1) as usize % MOST_COLONS] << 1 | pick & 1;
            }
        }
        self.count = picks.count;
    }

    /// Adds those whose colons `colons` has, each nested or not as `nested` says of its place.
    ///
    /// How many there are in a block nobody can predict, so a few are written whether they are there or
    /// not. What is too much lies behind `count`, and is written over.
    #[inline(always)]
    pub(super) fn push_all(&mut self, base: u32, mut colons: u64, nested: u64) {
        if self.tape.len() < self.count + 64 {
            self.tape.resize(self.count + 1024, 0);
        }
        let count = colons.count_ones() as usize;
        let mut entry = || {
            let at = colons.trailing_zeros();
            colons &= colons.wrapping_sub(1);
            base.wrapping_add(at) << 1 | u32::from(nested >> (at & 63) & 1 == 1)
        };
        let slots = &mut self.tape[self.count..][..64];
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
