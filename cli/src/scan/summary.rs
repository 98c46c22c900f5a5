//! What a scan adds up to.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write;

use trailmeter_detection::{Counted, DetectorSet, FileMatches, Memory, RecordCounts, count};

use super::inputs::Failure;
use super::timeline::Timeline;
use crate::printable::Printable;

/// So many failures are kept by name; all are counted, and named on standard error.
const MOST_FAILURES: usize = 1000;

/// The counts of a scan.
pub(crate) struct Summary {
    memory: Memory,
    pub(crate) objects_read: u64,
    pub(crate) objects_skipped: BTreeMap<&'static str, u64>,
    pub(crate) objects_failed: BTreeMap<&'static str, u64>,
    /// The first of them.
    pub(crate) failures: Vec<Failure>,
    pub(crate) records: RecordCounts,
    pub(crate) data_events: u64,
    pub(crate) matches: Vec<u64>,
    pub(crate) excluded: BTreeMap<(usize, usize), u64>,
}

/// Names the lines of a file that cannot be read on standard error: how many there are, and where the first is.
pub(super) fn name_malformed(name: &str, file: &FileMatches) {
    for (why, offset) in &file.malformed_at {
        let (lines, reason) = (file.malformed.get(why).copied().unwrap_or_default(), why.reason());
        // With stderr gone there is nobody to tell; the count remains.
        let _ignored = writeln!(
            std::io::stderr(),
            "trailmeter: {}: {lines} line(s) cannot be read, the first at byte {offset} [{reason}]",
            Printable(name)
        );
    }
}

impl Summary {
    pub(crate) fn new(detectors: &DetectorSet, memory: Memory) -> Self {
        Self {
            memory,
            objects_read: 0,
            objects_skipped: BTreeMap::new(),
            objects_failed: BTreeMap::new(),
            failures: Vec::new(),
            records: RecordCounts::default(),
            data_events: 0,
            matches: vec![0; detectors.detectors().len()],
            excluded: BTreeMap::new(),
        }
    }

    /// Counts a file, and gives each match that counts to `counted`.
    pub(crate) fn read<'f>(&mut self, file: &'f FileMatches, mut counted: impl FnMut(Counted<'f>)) {
        let counts = count(file, &mut self.memory, |one| {
            self.matches[one.hit.detector] += 1;
            counted(one);
        });
        self.objects_read += 1;
        self.records += &counts.records;
        self.data_events += file.data_events;
        for (exclusion, count) in counts.excluded {
            *self.excluded.entry(exclusion).or_default() += count;
        }
    }

    /// Counts a file, and when its matches happened. Gives each match that counts to `counted`.
    pub(super) fn read_in_time<'f>(
        &mut self,
        file: &'f FileMatches,
        timeline: &mut Timeline,
        mut counted: impl FnMut(Counted<'f>),
    ) {
        timeline.cover(file.oldest_event.into_iter().chain(file.newest_event));
        self.read(file, |one| {
            if let Some(time) = one.record.time {
                timeline.add(one.hit.detector, time);
            }
            counted(one);
        });
    }

    pub(crate) fn skipped(&mut self, reason: &'static str) {
        *self.objects_skipped.entry(reason).or_default() += 1;
    }

    /// Counts a failure and names it on standard error.
    pub(crate) fn failed(&mut self, name: &str, reason: &'static str, problem: &dyn Display) {
        *self.objects_failed.entry(reason).or_default() += 1;
        let problem = problem.to_string();
        // With stderr gone there is nobody to tell; the count and the exit status remain.
        let _ignored = writeln!(
            std::io::stderr(),
            "trailmeter: {}: {} [{reason}]",
            Printable(name),
            Printable(&problem)
        );
        if self.failures.len() < MOST_FAILURES {
            self.failures.push(Failure { name: name.to_owned(), reason, problem });
        }
    }

    pub(crate) fn has_failures(&self) -> bool {
        !self.objects_failed.is_empty()
    }

    /// How many counted events could not be remembered, so that repeats of them count again.
    pub(crate) fn not_remembered(&self) -> u64 {
        self.memory.not_remembered()
    }

    pub(crate) fn excluded_by(&self, detector: usize) -> u64 {
        self.excluded.iter().filter(|((of, _), _)| *of == detector).map(|(_, count)| count).sum()
    }
}
