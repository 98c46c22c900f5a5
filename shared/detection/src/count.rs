//! Which matches count: each event once per detector.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::AddAssign;

use trailmeter_logs::Malformed;

use crate::event_key::EventKey;
use crate::scan::{FileMatches, Hit, RecordMatch};

/// How repeats of an event are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// An event counts once for each detector.
    Once,
    /// Every record counts as it stands.
    AsTheyStand,
}

/// Remembers which events have counted, up to a bound.
///
/// An entry takes 33 bytes, in a table with up to twice the room; what a part adds is listed for as
/// long as it may be forgotten, at 32 bytes an entry. Beyond the bound nothing more is remembered: what
/// was counted until then is still recognised, repeats of later events count again, and how many
/// events that may concern is [`Memory::not_remembered`].
#[derive(Debug)]
pub struct Memory {
    repeats: Repeats,
    most: usize,
    counted: HashSet<(EventKey, usize)>,
    /// What has counted in other places than this memory knows of, of the file at hand.
    elsewhere: HashSet<(EventKey, usize)>,
    not_remembered: u64,
    part: Option<Part>,
}

/// What a part of the counting has added to the memory.
#[derive(Debug, Default)]
pub struct Part {
    added: Vec<(EventKey, usize)>,
    not_remembered: u64,
}

impl Part {
    /// How many of its events had no room.
    pub fn not_remembered(&self) -> u64 {
        self.not_remembered
    }
}

impl Memory {
    /// A memory that holds at most `most` pairs of event and detector.
    pub fn new(repeats: Repeats, most: usize) -> Self {
        Self {
            repeats,
            most,
            counted: HashSet::new(),
            elsewhere: HashSet::new(),
            not_remembered: 0,
            part: None,
        }
    }

    /// How many counted events had no room.
    pub fn not_remembered(&self) -> u64 {
        self.not_remembered
    }

    /// Begins a part that [`take_back`](Self::take_back) may undo, and keeps what went before.
    pub fn begin_part(&mut self) {
        self.part = Some(Part::default());
    }

    /// Ends a part. Until it is [forgotten](Self::forget), what it counted stays remembered.
    pub fn end_part(&mut self) -> Part {
        self.part.take().unwrap_or_default()
    }

    /// Forgets what a part counted, as [`take_back`](Self::take_back) does, when other parts have
    /// followed it.
    pub fn forget(&mut self, part: &Part) {
        self.not_remembered -= part.not_remembered;
        for entry in &part.added {
            self.counted.remove(entry);
        }
    }

    /// Forgets what was counted since the last [`begin_part`](Self::begin_part): its counts were
    /// dropped, so the same events elsewhere are no repeats of anything.
    pub fn take_back(&mut self) {
        let part = self.end_part();
        self.forget(&part);
    }

    /// The pairs of event and detector that would count if the file were counted now, each once.
    pub fn would_count(&self, file: &FileMatches) -> Vec<(EventKey, usize)> {
        let mut pairs = BTreeSet::new();
        for record in file.matched.iter().filter(|record| !record.is_update) {
            let Some(event) = record.event else { continue };
            pairs.extend(record.hits.iter().map(|hit| (event, hit.detector)));
        }
        pairs.into_iter().filter(|pair| !self.counted.contains(pair)).collect()
    }

    /// Says which pairs of the next file have counted elsewhere, and forgets those of the one before.
    pub fn set_counted_elsewhere(&mut self, pairs: impl IntoIterator<Item = (EventKey, usize)>) {
        self.elsewhere = pairs.into_iter().collect();
    }

    fn is_first(&mut self, record: &RecordMatch, hit: &Hit) -> bool {
        if self.repeats == Repeats::AsTheyStand {
            return true;
        }
        // The event itself was delivered before this update of it.
        if record.is_update {
            return false;
        }
        let Some(event) = record.event else { return true };
        if self.elsewhere.contains(&(event, hit.detector)) {
            return false;
        }
        if self.counted.len() < self.most {
            let is_new = self.counted.insert((event, hit.detector));
            if let Some(part) = self.part.as_mut().filter(|_| is_new) {
                part.added.push((event, hit.detector));
            }
            return is_new;
        }
        let is_first = !self.counted.contains(&(event, hit.detector));
        self.not_remembered += u64::from(is_first);
        if let Some(part) = &mut self.part {
            part.not_remembered += u64::from(is_first);
        }
        is_first
    }
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
    for record in &file.matched {
        let mut is_duplicate = true;
        for hit in &record.hits {
            if memory.is_first(record, hit) {
                is_duplicate = false;
                counted(Counted { record, hit });
            }
        }
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
