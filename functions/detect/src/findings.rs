//! Findings: a line each in the log, and whatever other places are set up.

use std::io::Write;

use serde::Serialize;
use trailmeter_aws::FindingPlaces;
use trailmeter_detection::finding::{Finding, SummaryLine};
use trailmeter_detection::printable::escaped_json;
use trailmeter_pipeline::{FindingError, FindingSink, ObjectVersion};

/// Writes findings where they belong.
pub struct Findings {
    places: FindingPlaces,
}

impl Findings {
    /// To the log, and to these places.
    pub fn new(places: FindingPlaces) -> Self {
        Self { places }
    }
}

impl FindingSink for Findings {
    fn tell(&self, finding: &Finding<'_>) {
        line(finding);
    }

    fn sum_up(&self, summary: &SummaryLine) {
        line(summary);
    }

    async fn keep(&self, object: &ObjectVersion, findings: &[Finding<'_>]) -> Vec<FindingError> {
        self.places.keep(object, findings).await
    }
}

/// One line of JSON by itself, not wrapped as the other lines of the log are: Logs Insights finds its fields by
/// the names they have everywhere else.
fn line(value: &impl Serialize) {
    let Ok(line) = serde_json::to_string(value) else { return };
    // People read logs in terminals too, and most of this was written by whoever is being watched.
    let line = escaped_json(&line) + "\n";
    // In one piece, so that no other line comes between. Where standard output is gone so is the log.
    drop(std::io::stdout().lock().write_all(line.as_bytes()));
}
