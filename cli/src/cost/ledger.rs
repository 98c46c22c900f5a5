//! What the ledger's table costs: its writes, its reads, and what lies in it.

use trailmeter_detection::{FileMatches, Memory, Repeats, count};

use super::args::Ledger;
use super::assumed::GB;
use super::bill::Usage;
use super::measured::Volume;
use super::month::{DAYS_IN_MONTH, Month};
use super::number::float;
use super::prices::Charge;

/// An object is claimed, marked as on its way, and marked as done: an item below 1 KB each time.
pub(crate) const OBJECT_WRITES: f64 = 3.0;
/// A match is put within a transaction, which is charged for twice.
const MATCH_WRITES: f64 = 2.0;
/// It is looked up before, by a read that is eventually consistent, of an item below 4 KB.
const MATCH_READS: f64 = 0.5;
/// An item of an object, with its names, a key as CloudTrail makes them, and the 100 bytes that
/// DynamoDB adds to each.
const OBJECT_BYTES: f64 = 550.0;
/// An item of a match.
const MATCH_BYTES: f64 = 250.0;
/// `LedgerDays`.
const OBJECT_DAYS: f64 = 35.0;
/// `LedgerEventHours`.
const MATCH_DAYS: f64 = 1.0;
/// DynamoDB takes out what has expired within some days, and charges for it until then.
const REMOVAL_DAYS: f64 = 2.0;

/// Counts the matches as the ledger meets them.
pub(super) struct Pairs {
    /// Of all objects.
    known: Memory,
    most: usize,
}

impl Pairs {
    pub(super) fn new(most: usize) -> Self {
        Self { known: Memory::new(Repeats::Once, most), most }
    }

    /// Takes the next object. Within it the function tells repeats by itself; a match whose record
    /// has no id is nothing that the ledger could know again.
    pub(super) fn add(&mut self, file: &FileMatches, volume: &mut Volume) {
        let mut own = Memory::new(Repeats::Once, self.most);
        for (memory, pairs) in [(&mut own, &mut volume.pairs), (&mut self.known, &mut volume.new_pairs)] {
            count(file, memory, |counted| *pairs += u64::from(counted.record.event.is_some()));
        }
    }
}

/// The month's usage with that of the ledger.
pub(super) fn with(usage: Usage, ledger: Ledger, volume: &Volume, month: Month) -> Usage {
    let (objects, pairs, new_pairs) = match ledger {
        Ledger::Off => return usage,
        Ledger::Object => (volume.objects, 0, 0),
        Ledger::Event => (volume.objects, volume.pairs, volume.new_pairs),
    };
    let [objects, pairs, new_pairs] = [objects, pairs, new_pairs].map(|count| month.scale(float(count)));
    let stored =
        |items: f64, days: f64, bytes: f64| items * (days + REMOVAL_DAYS) / DAYS_IN_MONTH * bytes / GB;
    let gb = stored(objects, OBJECT_DAYS, OBJECT_BYTES) + stored(new_pairs, MATCH_DAYS, MATCH_BYTES);
    usage
        .with(Charge::LedgerWrites, objects * OBJECT_WRITES + new_pairs * MATCH_WRITES)
        .with(Charge::LedgerReads, pairs * MATCH_READS)
        .with(Charge::LedgerStorage, gb)
        .with(Charge::LedgerBackup, gb)
}

/// What its lines take for granted.
pub(super) fn sentence(ledger: Ledger) -> String {
    let matches = match ledger {
        Ledger::Off => return "No ledger: what is delivered twice is counted twice.".to_owned(),
        Ledger::Object => String::new(),
        Ledger::Event => format!(
            ", {MATCH_READS} read units for each match of an object and {MATCH_WRITES} write units for each that no \
             earlier object had"
        ),
    };
    format!(
        "The ledger: on demand, {OBJECT_WRITES} write units for each object{matches}; objects are kept for \
         {OBJECT_DAYS} days, matches for {MATCH_DAYS}, and taken out {REMOVAL_DAYS} days later; recovery to any point \
         in time is on."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::bill::Bill;

    #[test]
    fn each_kind_of_ledger_costs_what_it_writes_reads_and_keeps() {
        let volume = Volume { objects: 1000, pairs: 600, new_pairs: 500, ..Volume::default() };
        // Three days, so ten times as much a month; 37 and 3 of 30 days are kept.
        let month = Month::of_days(3.0);
        let objects = 10_000.0 * 37.0 / 30.0 * 550.0 / GB;
        let matches = 5000.0 * 3.0 / 30.0 * 250.0 / GB;
        for (ledger, writes, reads, stored) in [
            (Ledger::Off, None, None, None),
            (Ledger::Object, Some(30_000.0), None, Some(objects)),
            (Ledger::Event, Some(40_000.0), Some(3000.0), Some(objects + matches)),
        ] {
            let bill = Bill::of(&with(Usage::default(), ledger, &volume, month));
            for (charge, expected) in [
                (Charge::LedgerWrites, writes),
                (Charge::LedgerReads, reads),
                (Charge::LedgerStorage, stored),
                (Charge::LedgerBackup, stored),
            ] {
                let found = bill.item(charge).map(|item| item.quantity);
                let is_it = match (found, expected) {
                    (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
                    (found, expected) => found == expected,
                };
                assert!(is_it, "{ledger:?} {charge:?}: {found:?}, expected {expected:?}");
            }
        }
    }
}
