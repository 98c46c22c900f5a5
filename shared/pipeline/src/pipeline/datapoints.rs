//! From matches that count to datapoints.

use std::collections::BTreeSet;

use trailmeter_detection::{AlarmChoice, Counted, Detector, FileMatches};

use crate::aggregate::{Aggregate, SeriesKey};
use crate::dimension_values::DimensionLimiter;
use crate::pipeline_metrics;
use crate::settings::Timestamps;

/// CloudWatch takes datapoints from two weeks back to two hours ahead.
const OLDEST: i64 = 14 * 24 * 3600 - MARGIN;
/// An invocation may put what it has read minutes later.
const MARGIN: i64 = 5 * 60;
const FARTHEST_AHEAD: i64 = 2 * 3600;

/// The metric of the one alarm that watches all loaded detectors, a series for each.
pub const LOADED_DETECTOR_MATCHES: &str = "LoadedDetectorMatches";

/// What it takes to turn a match into datapoints.
pub(super) struct Datapoints<'a> {
    pub(super) detectors: &'a [Detector],
    pub(super) timestamps: Timestamps,
    pub(super) covers_loaded: bool,
    pub(super) limiter: &'a mut DimensionLimiter,
    pub(super) aggregate: &'a mut Aggregate,
    pub(super) matches: &'a mut [u64],
    pub(super) now: i64,
}

impl Datapoints<'_> {
    pub(super) fn add(&mut self, counted: Counted<'_>) {
        let Counted { record, hit } = counted;
        let detector = &self.detectors[hit.detector];
        self.matches[hit.detector] += 1;
        if self.covers_loaded && is_covered_as_loaded(detector) {
            let dimensions = [("Detector", detector.name.as_str())];
            pipeline_metrics::add(self.aggregate, self.now, LOADED_DETECTOR_MATCHES, &dimensions, 1);
        }
        let Some(value) = hit.value else {
            self.pipeline("ValuesMissing", &[("Detector", &detector.name)]);
            return;
        };
        let dimensions = self.dimension_sets(hit.detector, &hit.dimensions);
        let name = &detector.metric.name;
        if self.timestamps != Timestamps::Event {
            self.series(name, detector, &dimensions, self.now, value, 1);
        }
        if self.timestamps == Timestamps::Arrival {
            return;
        }
        match self.event_minute(record.time) {
            Ok(minute) if self.timestamps == Timestamps::Event => {
                self.series(name, detector, &dimensions, minute, value, 1);
            }
            // The match stands in the series of its arrival already.
            Ok(minute) => {
                self.series(&format!("{name}.EventTime"), detector, &dimensions, minute, value, 0);
            }
            Err(reason) => self.pipeline("EventTimeRejected", &[("Reason", reason)]),
        }
    }

    /// Adds the default value of each detector whose pattern matched nothing in a whole file.
    ///
    /// It bears the time of arrival whatever the setting: there is no event to take a time from, and
    /// CloudWatch Logs reports it for the minute in which logs came in and none matched.
    pub(super) fn add_defaults(&mut self, file: &FileMatches) {
        if self.detectors.iter().all(|detector| detector.default_value.is_none()) {
            return;
        }
        let matched: BTreeSet<usize> =
            file.matched.iter().flat_map(|record| &record.hits).map(|hit| hit.detector).collect();
        for (_, detector) in self.detectors.iter().enumerate().filter(|(at, _)| !matched.contains(at)) {
            if let Some(value) = detector.default_value {
                self.series(&detector.metric.name, detector, &[Vec::new()], self.now, value, 0);
            }
        }
    }

    /// The minute of an event, if CloudWatch takes a datapoint of that time.
    fn event_minute(&self, time: Option<i64>) -> Result<i64, &'static str> {
        let time = time.ok_or("absent")?;
        let minute = time - time.rem_euclid(60);
        // The minute is what is sent, and one that is too old costs the whole request.
        if minute < self.now - OLDEST {
            Err("too-old")
        } else if time > self.now + FARTHEST_AHEAD {
            Err("ahead")
        } else {
            Ok(minute)
        }
    }

    /// Every set of dimensions that the match counts under; the first is none at all.
    fn dimension_sets(
        &mut self,
        detector: usize,
        values: &[Vec<Option<String>>],
    ) -> Vec<Vec<(String, String)>> {
        let mut sets = vec![Vec::new()];
        for (at, values) in values.iter().enumerate() {
            let names = &self.detectors[detector].dimensions[at].0;
            let (values, folded) = self.limiter.admit(&self.detectors[detector].name, at, values);
            if folded {
                let detector = &self.detectors[detector];
                self.pipeline("DimensionValuesFolded", &[("Detector", &detector.name)]);
            }
            sets.push(names.iter().map(|dimension| dimension.name.clone()).zip(values).collect());
        }
        sets
    }

    fn series(
        &mut self,
        name: &str,
        detector: &Detector,
        sets: &[Vec<(String, String)>],
        timestamp: i64,
        value: f64,
        matches: u64,
    ) {
        for dimensions in sets {
            let key = SeriesKey {
                namespace: detector.metric.namespace.clone(),
                name: name.to_owned(),
                dimensions: dimensions.clone(),
                timestamp,
                unit: detector.unit.clone(),
            };
            // A match is one match, in however many series it stands.
            self.aggregate.add(key, value, if dimensions.is_empty() { matches } else { 0 });
        }
    }

    /// A metric of the pipeline: a total, and a series by the given dimension.
    fn pipeline(&mut self, name: &str, dimensions: &[(&str, &str)]) {
        pipeline_metrics::add(self.aggregate, self.now, name, &[], 1);
        pipeline_metrics::add(self.aggregate, self.now, name, dimensions, 1);
    }
}

/// Whether the alarm on loaded detectors is for this one: it came in no pack, so that the template
/// has no alarm on it, and nobody said that there is to be none.
fn is_covered_as_loaded(detector: &Detector) -> bool {
    detector.pack.is_none() && detector.alarm != AlarmChoice::None
}
