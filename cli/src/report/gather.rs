//! What the page needs of each match, in memory that does not grow with their number.

use serde::Serialize;
use trailmeter_detection::finding::{Event, Finding, FoundIn, WhichFindings};
use trailmeter_detection::{Counted, Detector, FileMatches};

use super::kept::Kept;
use super::labels::FIELDS;
use super::ranking::Ranking;
use super::times::Times;

/// Everything that adds up over all matches.
pub(super) struct Gathered<'d> {
    detectors: &'d [Detector],
    which: WhichFindings,
    pub(super) times: Times,
    pub(super) rankings: [Ranking; FIELDS.len()],
    pub(super) kept: Kept,
    /// By detector.
    pub(super) findings: Vec<u64>,
    /// Matches that should have become findings, and for whose details their file left no room.
    pub(super) without_details: u64,
    /// Matches of detectors that have no findings here.
    pub(super) volume_only: u64,
    pub(super) oldest: Option<i64>,
    pub(super) newest: Option<i64>,
    failed: Option<serde_json::Error>,
}

/// A finding as the page has it: without what its detector says of them all.
#[derive(Serialize)]
struct Row<'a> {
    /// Its place among the detectors.
    detector: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(flatten)]
    event: &'a Event,
    object: &'a str,
}

impl<'d> Gathered<'d> {
    pub(super) fn new(detectors: &'d [Detector], which: WhichFindings, most_findings: usize) -> Self {
        Self {
            detectors,
            which,
            times: Times::default(),
            rankings: std::array::from_fn(|_| Ranking::default()),
            kept: Kept::new(most_findings),
            findings: vec![0; detectors.len()],
            without_details: 0,
            volume_only: 0,
            oldest: None,
            newest: None,
            failed: None,
        }
    }

    /// When the events of a file happened, those without a match too.
    pub(super) fn read(&mut self, file: &FileMatches) {
        self.newest = self.newest.max(file.newest_event);
        self.oldest = self.oldest.into_iter().chain(file.oldest_event).min();
    }

    /// Takes a match that counts.
    pub(super) fn matched(&mut self, counted: Counted<'_>, object: &str) {
        let at = counted.hit.detector;
        let detector = &self.detectors[at];
        self.times.add(at, counted.record.time);
        // Neither the page nor its figures have a namespace or an arrival: there is no deployment.
        let found = FoundIn { which: self.which, namespace: "", arrival: 0, object, backfill: None };
        let Some(finding) = Finding::new(detector, counted, found) else {
            let left_out =
                if self.which.wants(detector) { &mut self.without_details } else { &mut self.volume_only };
            *left_out += 1;
            return;
        };
        self.findings[at] += 1;
        for (ranking, (_, label)) in self.rankings.iter_mut().zip(FIELDS) {
            if let Some(label) = label(&finding.event) {
                ranking.add(&label);
            }
        }
        let row = Row { detector: at, value: finding.value, event: &finding.event, object };
        if let Err(error) = self.kept.add(finding.severity, counted.record.time, &row) {
            self.failed.get_or_insert(error);
        }
    }

    /// All of it, if every finding could be written down.
    pub(super) fn finish(self) -> serde_json::Result<Self> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }
}
