//! The findings of an invocation: told and kept before the request that bears their counts is sent.
//!
//! What was told and then comes back is told again: whoever reads findings takes those of the same name for one.
//! The other way round, an alarm could ask for findings that are not there.

use trailmeter_detection::finding::{Finding, FoundIn, Summary, SummaryLine};
use trailmeter_detection::{Counted, Detector};

use super::{Handled, Pipeline, Session};
use crate::delivery::{Backfill, Occasion};
use crate::ledger::ObjectVersion;
use crate::pipeline_metrics;
use crate::ports::FindingSink;
use crate::report::Problem;

/// The names of each kind that a summary tells of.
const MOST_TOLD: usize = 20;
/// What the findings of missed deliveries are marked with where these are not to set off an alarm.
const CAUGHT_UP: &str = "caught-up";

/// What was told of a detector's findings in this invocation.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    lines: usize,
    rest: Summary,
}

impl<S, M, Q, L, F: FindingSink + Sync> Pipeline<S, M, Q, L, F> {
    /// Tells and keeps the findings of an object: its matches that count, of detectors that have findings.
    pub(super) async fn findings_of(
        &self,
        object: &ObjectVersion,
        counted: &[Counted<'_>],
        session: &mut Session<'_>,
        message: &mut Handled,
    ) {
        let settings = &self.settings.findings;
        let detectors = session.detectors.detectors();
        let name = object.object.to_string();
        let backfill = self.backfill(&message.occasion).map(str::to_owned);
        let backfill = backfill.as_deref();
        let found_in = FoundIn {
            which: settings.which,
            namespace: &settings.namespace,
            arrival: session.moment.now,
            object: &name,
            backfill,
        };
        let told = session.told.entry(backfill.map(str::to_owned)).or_default();
        told.resize_with(detectors.len(), Told::default);
        let mut findings = Vec::new();
        let mut summarised = 0;
        for &counted in counted {
            let detector = &detectors[counted.hit.detector];
            if !settings.which.wants(detector) {
                continue;
            }
            let told = &mut told[counted.hit.detector];
            let finding = Finding::new(detector, counted, found_in);
            if let Some(finding) = finding.as_ref().filter(|_| told.lines < settings.lines) {
                told.lines += 1;
                self.findings.tell(finding);
            } else {
                summarised += 1;
                match &finding {
                    Some(finding) => told.rest.add(&finding.event, finding.value),
                    None => told.rest.add_without_details(counted.hit.value),
                }
            }
            findings.extend(finding);
        }
        let now = session.moment.now;
        if summarised > 0 {
            pipeline_metrics::add(&mut message.aggregate, now, "FindingsSummarised", &[], summarised);
        }
        if findings.is_empty() {
            return;
        }
        // Not kept is not lost: they stand in the log. So the count goes on, and somebody is told.
        for error in self.findings.keep(object, &findings).await {
            for dimensions in [&[][..], &[("Reason", error.place)]] {
                let name = "FindingsNotKept";
                pipeline_metrics::add(&mut message.aggregate, now, name, dimensions, error.findings);
            }
            session.report.problems.push(Problem::Findings { object: object.object.clone(), error });
        }
    }

    /// Tells what the findings without a line of their own add up to so far.
    pub(super) fn sum_up_findings(&self, session: &mut Session<'_>) {
        let detectors = session.detectors.detectors();
        for (backfill, told) in &mut session.told {
            for (detector, told) in detectors.iter().zip(told) {
                if told.rest.findings > 0 {
                    let summary = std::mem::take(&mut told.rest);
                    let line = self.summary(detector, summary, backfill.clone(), session.moment.now);
                    self.findings.sum_up(&line);
                }
            }
        }
    }

    /// The backfill that findings of an occasion are of, if they are none of today's.
    fn backfill<'o>(&self, occasion: &'o Occasion) -> Option<&'o str> {
        match occasion {
            Occasion::Backfill(Backfill { name, .. }) => Some(name),
            _ if self.settings.counts_apart(occasion) => Some(CAUGHT_UP),
            _ => None,
        }
    }

    fn summary(
        &self,
        detector: &Detector,
        mut summary: Summary,
        backfill: Option<String>,
        now: i64,
    ) -> SummaryLine {
        summary.keep_top(MOST_TOLD);
        let line = SummaryLine::new(detector, &self.settings.findings.namespace, now, summary);
        SummaryLine { backfill, ..line }
    }
}
