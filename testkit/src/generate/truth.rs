//! What is true of a set of files, counted from what is known about each record.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::facts::{File, RecordFact};
use super::template::{Detector, Pack, Trip};

/// What is true of a set of files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// Files read and skipped.
    pub objects: ObjectCounts,
    /// JSON bytes of the files that are read.
    pub inflated_bytes: u64,
    /// Newest `eventTime` of the set, in seconds since 1970.
    pub newest_event: Option<i64>,
    /// Records whose event was delivered before, by where; those of no interest to any detector too.
    pub repeats: BTreeMap<String, u64>,
    /// With the default pack alone.
    #[serde(rename = "default")]
    pub default_pack: PackTruth,
    /// With the default and the activity pack.
    #[serde(rename = "default+activity")]
    pub both_packs: PackTruth,
}

/// Files by what becomes of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectCounts {
    /// Files that are read.
    pub read: u64,
    /// Files that are skipped, by reason.
    pub skipped: BTreeMap<String, u64>,
}

/// The counts with a choice of packs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackTruth {
    /// An event counts once, however often it was delivered.
    pub distinct: Tally,
    /// Every record counts as it stands.
    #[serde(rename = "as-they-stand")]
    pub standing: Tally,
}

/// Counts in the shape of the product's report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Records by what becomes of them.
    pub records: RecordCounts,
    /// Every detector of the packs, also those that count nothing.
    pub detectors: BTreeMap<String, DetectorCounts>,
}

/// Records by what becomes of them: `read` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordCounts {
    /// All elements of `Records`.
    pub read: u64,
    /// Counted by at least one detector.
    pub matched: u64,
    /// Counted by none.
    pub unmatched: u64,
    /// No object.
    pub malformed: u64,
    /// Repeats of matched events; none where records count as they stand.
    pub duplicate: u64,
}

/// What one detector counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetectorCounts {
    /// Records that it counts.
    pub matches: u64,
    /// Records that an exclusion hides, repeats included in either tally: a record that nothing
    /// counts is not remembered, so its repeat is hidden anew.
    pub excluded: u64,
}

impl Truth {
    /// What is true of these files together: give one file for what is true of it alone, or the
    /// files of one batch.
    pub fn of<'a>(files: impl IntoIterator<Item = &'a File>) -> Self {
        let mut count = TruthCount::default();
        for file in files {
            count.add(file);
        }
        count.truth()
    }
}

/// Counts file by file; what a caller needs who keeps no files.
#[derive(Debug)]
pub struct TruthCount {
    truth: Truth,
    /// Events that a detector of any pack has a word on. The others can repeat unnoticed.
    seen: HashSet<u64>,
}

impl Default for TruthCount {
    fn default() -> Self {
        let mut truth = Truth::default();
        for detector in Detector::ALL {
            let name = detector.name();
            let both = &mut truth.both_packs;
            for tally in [&mut both.distinct, &mut both.standing] {
                tally.detectors.insert(name.to_owned(), DetectorCounts::default());
            }
            if detector.pack() == Pack::Default {
                let default = &mut truth.default_pack;
                for tally in [&mut default.distinct, &mut default.standing] {
                    tally.detectors.insert(name.to_owned(), DetectorCounts::default());
                }
            }
        }
        Self { truth, seen: HashSet::new() }
    }
}

impl TruthCount {
    /// The counts of the files so far.
    pub fn truth(self) -> Truth {
        self.truth
    }

    /// The same for a caller who goes on.
    pub fn so_far(&self) -> Truth {
        self.truth.clone()
    }

    /// Adds a file.
    pub fn add(&mut self, file: &File) {
        if let Some(reason) = file.skipped {
            *self.truth.objects.skipped.entry(reason.to_owned()).or_default() += 1;
            return;
        }
        self.truth.objects.read += 1;
        self.truth.inflated_bytes += file.inflated_bytes;
        self.truth.newest_event = self.truth.newest_event.max(file.newest_event);
        for record in &file.records {
            match record {
                RecordFact::Malformed(_) => self.malformed(),
                RecordFact::Event { event, trips, repeat, .. } => {
                    if let Some(kind) = repeat {
                        *self.truth.repeats.entry(kind.name().to_owned()).or_default() += 1;
                    }
                    let first = trips.is_empty() || self.seen.insert(*event);
                    self.truth.default_pack.add(trips, first, &[Pack::Default]);
                    self.truth.both_packs.add(trips, first, &[Pack::Default, Pack::Activity]);
                }
            }
        }
    }

    fn malformed(&mut self) {
        for pack in [&mut self.truth.default_pack, &mut self.truth.both_packs] {
            for tally in [&mut pack.distinct, &mut pack.standing] {
                tally.records.read += 1;
                tally.records.malformed += 1;
            }
        }
    }
}

impl PackTruth {
    fn add(&mut self, trips: &[Trip], first: bool, packs: &[Pack]) {
        self.distinct.add(trips, first, packs);
        self.standing.add(trips, true, packs);
    }
}

impl Tally {
    fn add(&mut self, trips: &[Trip], first: bool, packs: &[Pack]) {
        let mut counted = false;
        for trip in trips.iter().filter(|trip| packs.contains(&trip.detector().pack())) {
            let counts = self.detectors.entry(trip.detector().name().to_owned()).or_default();
            match trip {
                Trip::Counted(_) => {
                    counted = true;
                    counts.matches += u64::from(first);
                }
                Trip::Excluded(_) => counts.excluded += 1,
            }
        }
        let records = &mut self.records;
        records.read += 1;
        match (counted, first) {
            (true, true) => records.matched += 1,
            (true, false) => records.duplicate += 1,
            (false, _) => records.unmatched += 1,
        }
    }
}
