//! What changes, detector by detector.

use trailmeter_detection::FileMatches;

use super::sides::{Pair, Sides};

/// Events that are named for each kind of change of a detector.
pub(super) const MOST_EXAMPLES: usize = 5;
/// Differences of dollars that are not the rounding of a sum.
const LEAST_USD: f64 = 1e-6;

/// Events that one set counts and the other does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Events {
    pub(super) count: u64,
    /// The first few `eventID`s. Events without one cannot be named.
    pub(super) examples: Vec<String>,
}

impl Events {
    fn add(&mut self, id: &str) {
        self.count += 1;
        if self.examples.len() < MOST_EXAMPLES && !id.is_empty() {
            self.examples.push(id.to_owned());
        }
    }
}

/// What only one of the two sets counts, by pair.
pub(super) struct Moved {
    pub(super) newly: Vec<Events>,
    pub(super) no_longer: Vec<Events>,
}

impl Moved {
    pub(super) fn new(pairs: usize) -> Self {
        Self { newly: vec![Events::default(); pairs], no_longer: vec![Events::default(); pairs] }
    }

    /// Takes what counted in a file: for each match its record's place, and the detector's.
    pub(super) fn add(&mut self, sides: &Sides, file: &FileMatches, counted: &[(usize, usize)]) {
        for group in counted.chunk_by(|one, next| one.0 == next.0) {
            for &(record, detector) in group {
                let pair = sides.pair_of(detector);
                let is_in_both =
                    group.iter().any(|&(_, other)| other != detector && sides.pair_of(other) == pair);
                if is_in_both {
                    continue;
                }
                let events = if sides.is_old(detector) { &mut self.no_longer } else { &mut self.newly };
                events[pair].add(file.ids.get(record).map_or("", String::as_str));
            }
        }
    }
}

/// What one set makes of a detector.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Figures {
    pub(super) matches: u64,
    pub(super) excluded: u64,
    pub(super) series: u64,
    pub(super) usd: f64,
}

/// A detector, old and new.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) pair: Pair,
    /// `None` if the old set has no such detector.
    pub(super) old: Option<Figures>,
    /// `None` if the new set has no such detector.
    pub(super) new: Option<Figures>,
    pub(super) newly: Events,
    pub(super) no_longer: Events,
}

impl Change {
    pub(super) fn is_any(&self) -> bool {
        let (Some(old), Some(new)) = (self.old, self.new) else { return true };
        self.newly.count > 0
            || self.no_longer.count > 0
            || old.matches != new.matches
            || old.excluded != new.excluded
            || old.series != new.series
            || (old.usd - new.usd).abs() > LEAST_USD
    }
}
