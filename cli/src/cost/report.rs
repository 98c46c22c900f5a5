//! What there is to say about a replay, to people and to programs.

use std::io::Write;

use trailmeter_detection::DetectorSet;

use super::bill::Bill;
use super::measured::{DetectorReplay, Measured};
use super::month::{Month, Span};
use crate::scan::summary::Summary;

/// All that there is to print.
pub(super) struct Report<'r> {
    pub(super) detectors: &'r DetectorSet,
    pub(super) summary: &'r Summary,
    pub(super) measured: &'r Measured,
    pub(super) month: Month,
    pub(super) trailmeter: Bill,
    pub(super) cloudwatch_logs: Bill,
    pub(super) days: Option<u16>,
    pub(super) series_budget: u64,
    pub(super) assumptions: Vec<String>,
}

impl Report<'_> {
    pub(super) fn is_over_budget(&self, detector: &DetectorReplay) -> bool {
        detector.series > self.series_budget
    }

    /// On standard error, where it is seen whatever becomes of the output.
    pub(super) fn name_those_over_budget(&self) -> bool {
        let mut is_any = false;
        let found = self.detectors.detectors().iter().zip(&self.measured.detectors);
        for (detector, replay) in found.filter(|(_, replay)| self.is_over_budget(replay)) {
            is_any = true;
            let widest = replay.widest_dimension().filter(|(_, values)| *values > 1);
            let widest = widest.map_or_else(String::new, |(name, values)| {
                format!(
                    "; its dimension {name} alone has {values} values: leave it out, or keep fewer (DimensionValues)"
                )
            });
            // With stderr gone the exit status remains.
            let _ignored = writeln!(
                std::io::stderr(),
                "trailmeter: {} has {} series, and the budget is {}{widest}",
                detector.name,
                replay.series,
                self.series_budget
            );
        }
        is_any
    }

    /// What the figures do not say by themselves.
    pub(super) fn notes(&self) -> Vec<String> {
        let (summary, measured) = (self.summary, self.measured);
        let mut notes = Vec::new();
        if summary.has_failures() {
            notes.push("objects that failed are not in the figures".to_owned());
        } else if summary.objects_read == 0 {
            notes.push("there was nothing to read: this is what an idle deployment costs".to_owned());
        }
        if self.days.is_none() && summary.objects_read > 0 {
            notes.extend(time_note(measured.span));
        }
        if measured.not_kept > 0 {
            notes.push(
                "there are more series than can be told apart: every figure on them is a lower bound"
                    .to_owned(),
            );
        }
        let not_remembered = summary.not_remembered();
        if not_remembered > 0 {
            notes.push(format!(
                "{not_remembered} events were too many to remember: repeats of them are among the matches"
            ));
        }
        notes
    }
}

/// Why a month that is scaled from this span may be far off.
fn time_note(span: Option<Span>) -> Option<String> {
    let (problem, remedy) = match span {
        None => (
            "no event says when it happened: the logs are taken for those of a whole month",
            "say with --days what they stand for",
        ),
        Some(span) if span.days() < 1.0 => (
            "the logs span less than a day: a month that is scaled from them can be far off",
            "replay a week, or say with --days what they stand for",
        ),
        Some(span) if span.is_mostly_empty() => (
            "most of the time between the first event and the last has no events, and so has the scaled month",
            "say with --days what the logs stand for",
        ),
        Some(_) => return None,
    };
    Some(format!("{problem}; {remedy}"))
}
