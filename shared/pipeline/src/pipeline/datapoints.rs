//! From matches that count to datapoints.

use trailmeter_detection::{Counted, Detector};

use crate::aggregate::{Aggregate, SeriesKey};
use crate::dimension_values::DimensionLimiter;
use crate::pipeline_metrics;
use crate::settings::Timestamps;

/// CloudWatch takes datapoints from two weeks back to two hours ahead.
const OLDEST: i64 = 14 * 24 * 3600 - MARGIN;
/// An invocation may put what it has read minutes later.
const MARGIN: i64 = 5 * 60;
const FARTHEST_AHEAD: i64 = 2 * 3600;

/// What it takes to turn a match into datapoints.
pub(super) struct Datapoints<'a> {
    pub(super) detectors: &'a [Detector],
    pub(super) timestamps: Timestamps,
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
        let Some(value) = hit.value else {
            self.pipeline("ValuesMissing", &[("Detector", &detector.name)]);
            return;
        };
        let dimensions = self.dimension_sets(hit.detector, &hit.dimensions);
        if self.timestamps != Timestamps::Event {
            self.series(&detector.name, detector, &dimensions, self.now, value);
        }
        if self.timestamps == Timestamps::Arrival {
            return;
        }
        match self.event_minute(record.time) {
            Ok(minute) if self.timestamps == Timestamps::Event => {
                self.series(&detector.name, detector, &dimensions, minute, value);
            }
            Ok(minute) => {
                self.series(&format!("{}.EventTime", detector.name), detector, &dimensions, minute, value);
            }
            Err(reason) => self.pipeline("EventTimeRejected", &[("Reason", reason)]),
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
            let (values, folded) = self.limiter.admit(detector, at, values);
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
    ) {
        for dimensions in sets {
            let key = SeriesKey {
                name: name.to_owned(),
                dimensions: dimensions.clone(),
                timestamp,
                unit: detector.unit.clone(),
            };
            // A match is one match, in however many series it stands.
            let is_the_match = dimensions.is_empty() && (name == detector.name);
            self.aggregate.add(key, value, u64::from(is_the_match));
        }
    }

    /// A metric of the pipeline: a total, and a series by the given dimension.
    fn pipeline(&mut self, name: &str, dimensions: &[(&str, &str)]) {
        pipeline_metrics::add(self.aggregate, self.now, name, &[], 1);
        pipeline_metrics::add(self.aggregate, self.now, name, dimensions, 1);
    }
}
