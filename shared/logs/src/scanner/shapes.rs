//! Outlines that are known to be those of plain records.
//!
//! Whether a record without escapes is well-formed, how deep it is and which of its colons belong to
//! members that are listed, all follow from its outline. A trail writes the records of one kind of event
//! with one outline, or a few, and so what was found out about one record holds for thousands.

use super::members::{Members, Picks};
use super::outline::{Outline, USUAL};

/// So many outlines are kept, in sets by their fingerprints.
const SETS: usize = 128;
const IN_A_SET: usize = 4;

/// What is known of an outline.
#[derive(Debug)]
struct Shape {
    /// As [`Outline::padded`].
    outline: Box<[u8]>,
    depth: u64,
    members: Picks,
}

/// The outlines that are known.
#[derive(Debug)]
pub(super) struct Shapes {
    fingerprints: Vec<[u64; IN_A_SET]>,
    shapes: Vec<[Option<Shape>; IN_A_SET]>,
}

impl Shapes {
    pub(super) fn new() -> Self {
        let none = || [const { None }; IN_A_SET];
        Self { fingerprints: vec![[0; IN_A_SET]; SETS], shapes: (0..SETS).map(|_| none()).collect() }
    }

    /// The depth of the record with this outline, and its members; none if the outline is not known.
    pub(super) fn recall(&self, outline: &Outline, members: &mut Members) -> Option<u64> {
        let fingerprint = outline.fingerprint();
        let set = set(fingerprint);
        // Not the first that is equal, but each compared: where it is nobody can predict.
        let known = &self.fingerprints[set];
        let mut at = 0;
        for (other, &known) in known.iter().enumerate() {
            at = if known == fingerprint { other } else { at };
        }
        let shape = self.shapes[set][at].as_ref()?;
        let (known, found) = (&*shape.outline, outline.padded());
        if known.len() != found.len()
            || known.first_chunk::<USUAL>() != found.first_chunk::<USUAL>()
            || known.len() > USUAL && known[USUAL..] != found[USUAL..]
        {
            return None;
        }
        members.pick(outline.colons(), &shape.members);
        Some(shape.depth)
    }

    /// Learns the outline of a record that was found to be plain.
    pub(super) fn learn(&mut self, outline: &Outline, depth: u64, members: &Members) {
        // Only integers without a sign were replaced by their zeros as wholes.
        if outline.padded().iter().any(|byte| matches!(byte, b'.' | b'-')) {
            return;
        }
        let mut colons = outline.colons()[..outline.count()].iter().zip(0_u32..);
        let members = members.as_slice().iter().map(|&entry| {
            colons.find(|(colon, _)| **colon == entry >> 1).map(|(_, number)| number << 1 | entry & 1)
        });
        let Some(members) = members.collect::<Option<Vec<u32>>>() else {
            return;
        };
        let members = Picks::new(members);
        let shape = Shape { outline: outline.padded().into(), depth, members };
        let fingerprint = outline.fingerprint();
        let set = set(fingerprint);
        // The latest comes first, and the one that was learnt first is forgotten.
        self.fingerprints[set].rotate_right(1);
        self.shapes[set].rotate_right(1);
        self.fingerprints[set][0] = fingerprint;
        self.shapes[set][0] = Some(shape);
    }
}

fn set(fingerprint: u64) -> usize {
    usize::from(fingerprint.to_le_bytes()[0]) % SETS
}
