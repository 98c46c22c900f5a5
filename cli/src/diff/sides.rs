//! Two sets of detectors in one scan.

use std::collections::BTreeMap;

use trailmeter_detection::{DetectorSet, FileMatches, Hit};

/// Both sets, the old one first. A scan looks at no names, so it does not mind that most stand twice.
pub(super) struct Sides {
    pub(super) both: DetectorSet,
    old: usize,
    pub(super) pairs: Vec<Pair>,
    /// For each of `both`, which pair it belongs to.
    pair_of: Vec<usize>,
}

/// A detector in the two sets: its places in [`Sides::both`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) old: Option<usize>,
    pub(super) new: Option<usize>,
}

impl Sides {
    pub(super) fn new(old: &DetectorSet, new: &DetectorSet) -> Self {
        let both = [old.detectors(), new.detectors()].concat();
        let old = old.detectors().len();
        let mut pairs: Vec<Pair> = Vec::new();
        let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
        let mut pair_of = Vec::new();
        for (at, detector) in both.iter().enumerate() {
            let pair = *by_name.entry(detector.name.clone()).or_insert_with(|| {
                pairs.push(Pair { name: detector.name.clone(), old: None, new: None });
                pairs.len() - 1
            });
            let side = if at < old { &mut pairs[pair].old } else { &mut pairs[pair].new };
            *side = Some(at);
            pair_of.push(pair);
        }
        Self { both: DetectorSet::new(both), old, pairs, pair_of }
    }

    pub(super) fn pair_of(&self, detector: usize) -> usize {
        self.pair_of[detector]
    }

    pub(super) fn is_old(&self, detector: usize) -> bool {
        detector < self.old
    }

    /// The place in its own set of a detector that has this place in both.
    pub(super) fn in_its_set(&self, detector: usize) -> usize {
        if self.is_old(detector) { detector } else { detector - self.old }
    }

    /// What each set alone would have found.
    pub(super) fn split(&self, file: &FileMatches) -> (FileMatches, FileMatches) {
        let old = self.side(file, true);
        let new = self.side(file, false);
        (old, new)
    }

    fn side(&self, file: &FileMatches, is_old: bool) -> FileMatches {
        let is_ours = |detector: usize| self.is_old(detector) == is_old;
        let mut side = file.without_matches();
        side.excluded = file
            .excluded
            .iter()
            .filter(|((detector, _), _)| is_ours(*detector))
            .map(|(&(detector, exclusion), &count)| ((self.in_its_set(detector), exclusion), count))
            .collect();
        for (record, hits) in file.matched() {
            let hits = hits.iter().filter(|hit| is_ours(hit.detector));
            let hits = hits.map(|hit| Hit { detector: self.in_its_set(hit.detector), ..hit.clone() });
            side.add_record(record.event, record.is_update, record.time, hits);
        }
        side
    }
}

#[cfg(test)]
mod tests {
    use trailmeter_detection::{DetectorFile, load};
    use trailmeter_logs::{Limits, LogKind};

    use super::*;

    fn set(detectors: &[(&str, &str)]) -> DetectorSet {
        let files: Vec<DetectorFile> = detectors
            .iter()
            .map(|(name, pattern)| DetectorFile {
                path: format!("{name}.yaml"),
                pack: None,
                text: format!(
                    "name: {name}\ntitle: t\nwhat: w\nwhy: y\nsources: [s]\nlogs: cloudtrail\npattern: '{pattern}'\nexclude:\n  - {{ name: X, owner: o, reason: r, expires: never, pattern: '{{ $.x IS TRUE }}' }}\ntests:\n  - {{ name: a, match: true, record: {{}} }}\n  - {{ name: b, match: false, record: {{}} }}\n"
                ),
            })
            .collect();
        load(&files).unwrap()
    }

    /// What is split is what each set finds by itself.
    #[test]
    fn one_scan_of_both_is_a_scan_of_each() {
        let old = set(&[("Gone", "{ $.a = 1 }"), ("Kept", "{ $.a = * }")]);
        let new = set(&[("Kept", "{ $.a = 2 }"), ("Added", "{ $.b = * }")]);
        let sides = Sides::new(&old, &new);
        let pair = |name: &str, old, new| Pair { name: name.to_owned(), old, new };
        assert_eq!(
            sides.pairs,
            [pair("Gone", Some(0), None), pair("Kept", Some(1), Some(2)), pair("Added", None, Some(3))]
        );
        let text = br#"{"Records":[{"a":1},{"a":2},{"a":2,"x":true},{"b":0},{"a":1,"b":0,"eventTime":"2026-11-21T06:00:00Z"},{},null]}"#;
        let scan = |set: &DetectorSet| {
            let mut scan = set.scan(LogKind::Events, Limits::default());
            scan.push(text).and_then(|()| scan.finish()).unwrap()
        };
        assert_eq!(sides.split(&scan(&sides.both)), (scan(&old), scan(&new)));
    }
}
