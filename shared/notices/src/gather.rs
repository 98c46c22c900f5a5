//! The findings that belong to an alarm, picked out of lines of a log and added up.

use std::collections::HashSet;

use serde_json::Value;
use trailmeter_detection::finding::{Finding, Summary, SummaryLine};
use trailmeter_detection::{Severity, parse_event_time};

use crate::alarm::AlarmMetric;
use crate::notice::Window;

/// Events that are told in short.
pub(crate) const MOST_EVENTS: usize = 10;

/// Whose findings are sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// Those that a metric counts.
    Metric(AlarmMetric),
    /// Those of one detector that was loaded.
    Detector(String),
    /// Those of all detectors that were loaded.
    Loaded,
}

/// What the log holds of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gathered {
    /// Added up.
    pub summary: Summary,
    /// The newest of them, the newest first.
    pub events: Vec<Finding<'static>>,
    /// The detectors they are of, with a line on each.
    pub detectors: Vec<(String, String)>,
    /// How bad the worst is.
    pub severity: Option<Severity>,
    /// There may be more: the log was not read to its end.
    pub is_cut: bool,
    /// Lines that look like findings and cannot be read.
    pub unreadable: u64,
    /// The arrival of the last of them.
    pub last_arrival: Option<i64>,
}

impl Watched {
    fn takes(&self, line: &Value) -> bool {
        match self {
            Self::Metric(metric) => {
                line["namespace"] == metric.namespace.as_str() && line["metric"] == metric.name.as_str()
            }
            Self::Detector(name) => line["detector"] == name.as_str(),
            Self::Loaded => line.get("pack").is_none(),
        }
    }
}

impl Gathered {
    /// Picks the findings of what is watched out of lines, those that arrived in the window, each once.
    ///
    /// A summary has no events to know it again by: one that was told twice counts twice, which is why its number
    /// is told as one that may be too high.
    pub fn of_lines<'l>(lines: impl IntoIterator<Item = &'l str>, watched: &Watched, window: Window) -> Self {
        let mut found = Self::default();
        let mut known = HashSet::new();
        for line in lines {
            let Ok(value) = serde_json::from_str::<Value>(line.trim()) else { continue };
            let is_summary = match value["type"].as_str() {
                Some("trailmeter.finding") => false,
                Some("trailmeter.findings-summary") => true,
                _ => continue,
            };
            let arrival = value["arrival_time"].as_str().and_then(parse_event_time);
            // A backfill that found the same at the same time has nothing to do with the alarm.
            if value.get("backfill").is_some()
                || !watched.takes(&value)
                || !arrival.is_none_or(|time| window.has(time))
            {
                continue;
            }
            let is_read = if is_summary {
                serde_json::from_value(value).map(|line: SummaryLine| found.add_summary(&line)).is_ok()
            } else {
                serde_json::from_value(value).map(|finding| found.add(finding, &mut known)).is_ok()
            };
            if is_read {
                found.last_arrival = found.last_arrival.max(arrival);
            } else {
                found.unreadable += 1;
            }
        }
        found
    }

    /// How many matches there are.
    pub fn matches(&self) -> u64 {
        self.summary.findings
    }

    fn add(&mut self, finding: Finding<'static>, known: &mut HashSet<String>) {
        if !known.insert(finding.id().to_string()) {
            return;
        }
        self.summary.add(&finding.event, finding.value);
        self.met(&finding.detector, &finding.title, finding.severity);
        // Few are kept, so the place is found by looking.
        let time = |finding: &Finding<'_>| finding.event.event_time.as_deref().and_then(parse_event_time);
        let place = self.events.iter().position(|other| time(other) < time(&finding));
        self.events.insert(place.unwrap_or(self.events.len()), finding);
        self.events.truncate(MOST_EVENTS);
    }

    fn add_summary(&mut self, line: &SummaryLine) {
        self.summary.merge(&line.summary);
        self.met(&line.detector, &line.title, line.severity);
    }

    fn met(&mut self, detector: &str, title: &str, severity: Severity) {
        if !self.detectors.iter().any(|(known, _)| known == detector) {
            self.detectors.push((detector.to_owned(), title.to_owned()));
        }
        self.severity = self.severity.max(Some(severity));
    }
}
