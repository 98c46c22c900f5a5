//! Finds one record in bytes and checks it, in one pass, for the records that are as they nearly always are.
//!
//! A record that is delivered is minified JSON without oddities. For such a *plain* record one pass is
//! enough to know where it ends, that it is well-formed, how deep it is, and where its members
//! stand. Everything else is [`Scanned::Odd`], and the slow way decides: [`crate::Record::parse`].
//!
//! What is plain is written down twice: as a machine that takes one byte after the other
//! (`bytewise.rs`), and as sums over masks of 64 bytes (`blockwise.rs`). The tests hold the one to the other. And
//! of what was found plain so much is remembered (`tree.rs`) that most records need neither, but only to be
//! compared with what is known (`walk.rs`).

#![expect(clippy::inline_always, reason = "only what is inlined is compiled to the instructions; see `Pass`")]

mod ahead;
mod blockwise;
mod bytewise;
mod members;
mod names;
mod nesting;
mod pieces;
mod scalar;
mod strings;
#[cfg(test)]
mod tests;
mod tree;
mod walk;

pub use members::{Member, Members, ShapeId, Spot};

use crate::machine::simd::Instructions;
use blockwise::RecordPass;
use members::{MOST_VALUES, Tape, Value, Values};
use tree::{Place, Tree};
use walk::Walk;

/// The deepest nesting of a plain record.
const DEEPEST: u64 = 62;

/// The longest number of a plain record, sign and point included. It fits every type of number.
const LONGEST_NUMBER: usize = 18;

/// Positions are kept in 31 bits.
const LONGEST: usize = (1 << 31) - 64;

/// Which instructions scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// 64 bytes in a register, on newer servers with x86-64.
    Avx512,
    /// 32 bytes in a register, on every server with x86-64.
    Avx2,
    /// 16 bytes in a register, on everything with x86-64.
    Sse2,
    /// 16 bytes in a register, on arm64.
    Neon,
    /// None in particular: one byte after the other, on every machine.
    Bytewise,
}

/// What the pass over a record found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    /// A complete object, well-formed, valid UTF-8, and without anything that asks for care: no white space
    /// outside strings, no halves of surrogate pairs, no backslash in a key that is listed, no number of
    /// more than 18 bytes or with an exponent, no nesting deeper than 62 levels.
    Plain {
        /// Where it ends: `bytes[..length]` is the object.
        length: usize,
        /// How deeply it is nested; 1 for a flat object.
        depth: u64,
    },
    /// Anything else, or it does not end within the bytes.
    Odd,
}

/// Scans records, one after the other. What it learns of them makes the next ones faster, so one is best used
/// for many files.
#[derive(Debug)]
pub struct RecordScanner {
    /// None: one byte after the other.
    instructions: Option<Instructions>,
    /// The members of the last record, unless it had a shape that is known.
    tape: Tape,
    /// The place of the shape of the last record, if it is known.
    known: Option<Place>,
    /// What the records so far have in common.
    tree: Tree,
    /// What is the last record's own, if its shape is known.
    values: Box<Values>,
}

impl RecordScanner {
    /// With the best that this machine has.
    pub fn new() -> Self {
        let instructions = Instructions::avx512()
            .or_else(Instructions::avx2)
            .or_else(Instructions::sse2)
            .or_else(Instructions::neon);
        Self::with_instructions(instructions)
    }

    /// With one backend, if this machine has it: for tests and benchmarks.
    pub fn with_backend(backend: Backend) -> Option<Self> {
        let instructions = match backend {
            Backend::Avx512 => Some(Instructions::avx512()?),
            Backend::Avx2 => Some(Instructions::avx2()?),
            Backend::Sse2 => Some(Instructions::sse2()?),
            Backend::Neon => Some(Instructions::neon()?),
            Backend::Bytewise => None,
        };
        Some(Self::with_instructions(instructions))
    }

    fn with_instructions(instructions: Option<Instructions>) -> Self {
        Self {
            instructions,
            tape: Tape::default(),
            known: None,
            tree: Tree::new(),
            values: Box::new([Value::default(); MOST_VALUES]),
        }
    }

    /// Scans the record that `bytes` begin with. They may go on behind it, or end before it does.
    #[inline]
    pub fn scan(&mut self, bytes: &[u8]) -> Scanned {
        self.tape.clear();
        self.known = None;
        let bytes = &bytes[..bytes.len().min(LONGEST)];
        let plain = match self.instructions {
            Some(_) if bytes.first() != Some(&b'{') => None,
            Some(instructions) => self.scan_with(instructions, bytes),
            None => bytewise::scan(bytes, &mut self.tape),
        };
        let Some((length, depth)) = plain else {
            self.tape.clear();
            return Scanned::Odd;
        };
        Scanned::Plain { length, depth }
    }

    /// The members of the record that was scanned last; none if it was odd.
    pub fn members(&self) -> Members<'_> {
        match self.known.and_then(|place| self.tree.shapes.get(usize::from(place))) {
            Some(shape) => Members::of_shape(shape, &self.values),
            None => Members::of_tape(&self.tape),
        }
    }

    fn scan_with(&mut self, instructions: Instructions, bytes: &[u8]) -> Option<(usize, u64)> {
        let Self { tape, known, tree, values, .. } = self;
        if let Some((length, place)) = instructions.run(Walk { bytes, tree, values }) {
            *known = Some(place);
            return Some((length, tree.shapes.get(usize::from(place))?.depth));
        }
        let (length, depth) = instructions.run(RecordPass { bytes, tape })?;
        tree.learn(&bytes[..length], depth, tape);
        Some((length, depth))
    }
}

impl Default for RecordScanner {
    fn default() -> Self {
        Self::new()
    }
}
