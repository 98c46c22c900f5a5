//! Which matches count: each event once per detector.

mod memory;
mod sets;

use std::collections::BTreeMap;
use std::ops::AddAssign;

pub use memory::{Memory, Part};
use trailmeter_logs::Malformed;

use crate::scan::{FileMatches, Hit, RecordMatch};

/// How repeats of an event are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// An event counts once for each detector.
    Once,
    /// Every record counts as it stands.
    AsTheyStand,
}

/// Records by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordCounts {
    /// Every element of `Records`.
    pub read: u64,
    /// At least one detector counted it.
    pub matched: u64,
    /// No detector counts it, or all that would are excluded.
    pub unmatched: u64,
    /// No record at all, by reason.
    pub malformed: BTreeMap<Malformed, u64>,
    /// Every detector that matches it had counted the event before.
    pub duplicate: u64,
}

impl RecordCounts {
    /// How many were malformed, for whatever reason.
    pub fn malformed_total(&self) -> u64 {
        self.malformed.values().sum()
    }

    /// Whether every record has exactly one outcome.
    pub fn balance(&self) -> bool {
        self.read == self.matched + self.unmatched + self.malformed_total() + self.duplicate
    }
}

impl AddAssign<&RecordCounts> for RecordCounts {
    fn add_assign(&mut self, other: &RecordCounts) {
        self.read += other.read;
        self.matched += other.matched;
        self.unmatched += other.unmatched;
        self.duplicate += other.duplicate;
        for (&reason, count) in &other.malformed {
            *self.malformed.entry(reason).or_default() += count;
        }
    }
}

/// What one file adds up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// Its records.
    pub records: RecordCounts,
    /// How many records each exclusion took out: by detector, then by exclusion. Repeats included,
    /// because what is excluded is not remembered.
    pub excluded: BTreeMap<(usize, usize), u64>,
}

/// A match that counts.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'m> {
    /// The record it was found in.
    pub record: &'m RecordMatch,
    /// The detector that counts it.
    pub hit: &'m Hit,
}

/// Counts the matches of one file, and gives each that counts to `counted`.
pub fn count<'m>(
    file: &'m FileMatches,
    memory: &mut Memory,
    mut counted: impl FnMut(Counted<'m>),
) -> FileCounts {
    let mut records = RecordCounts {
        read: file.read,
        unmatched: file.unmatched,
        malformed: file.malformed.clone(),
        ..RecordCounts::default()
    };
    for (record, hits) in file.matched() {
        let mut is_duplicate = true;
        memory.count(record, hits, |hit| {
            is_duplicate = false;
            counted(Counted { record, hit });
        });
        if is_duplicate {
            records.duplicate += 1;
        } else {
            records.matched += 1;
        }
    }
    debug_assert!(records.balance(), "every record has one outcome: {records:?}");
    FileCounts { records, excluded: file.excluded.clone() }
}

#[cfg(test)]
mod tests;
