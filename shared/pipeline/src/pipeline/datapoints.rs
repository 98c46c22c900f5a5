//! From matches that count to datapoints.

use std::collections::{BTreeSet, HashMap};

use trailmeter_detection::{AlarmChoice, Counted, Detector, FileMatches};

use crate::aggregate::{APART, Aggregate, SeriesKey};
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
    /// Whether it is for the past, and set apart in the end.
    pub(super) is_apart: bool,
    pub(super) limiter: &'a mut DimensionLimiter,
    pub(super) aggregate: &'a mut Aggregate,
    pub(super) matches: &'a mut [u64],
    pub(super) now: i64,
}

/// What is added to a series.
#[derive(Clone, Copy)]
struct Values {
    timestamp: i64,
    value: f64,
    times: u64,
    /// Whether each is a match that counts.
    counts: bool,
}

/// The matches of a file, those that make the same datapoints together: a busy file has thousands, of a few dozen
/// kinds.
pub(super) struct Alike<'m> {
    timestamps: Timestamps,
    /// In the order in which they came, as the first dimension values are kept.
    kinds: Vec<(Kind<'m>, u64)>,
    places: HashMap<Kind<'m>, usize, foldhash::fast::RandomState>,
}

/// What a match makes datapoints of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Kind<'m> {
    detector: usize,
    /// The bits of the value.
    value: Option<u64>,
    /// When the event happened, where that makes a difference.
    time: Option<i64>,
    dimensions: &'m [Vec<Option<String>>],
}

impl<'m> Kind<'m> {
    fn of(Counted { record, hit }: Counted<'m>, timestamps: Timestamps) -> Self {
        Self {
            detector: hit.detector,
            value: hit.value.map(f64::to_bits),
            time: record.time.filter(|_| timestamps != Timestamps::Arrival),
            dimensions: &hit.dimensions,
        }
    }
}

impl<'m> Alike<'m> {
    pub(super) fn new(timestamps: Timestamps) -> Self {
        Self { timestamps, kinds: Vec::new(), places: HashMap::default() }
    }

    pub(super) fn add(&mut self, counted: Counted<'m>) {
        let kind = Kind::of(counted, self.timestamps);
        let next = self.kinds.len();
        let place = *self.places.entry(kind).or_insert(next);
        if place == next {
            self.kinds.push((kind, 0));
        }
        self.kinds[place].1 += 1;
    }
}

impl Datapoints<'_> {
    /// Adds one match.
    pub(super) fn add_one(&mut self, counted: Counted<'_>) {
        self.add(Kind::of(counted, self.timestamps), 1);
    }

    /// Adds the matches of a file.
    pub(super) fn add_all(&mut self, alike: Alike<'_>) {
        for (kind, times) in alike.kinds {
            self.add(kind, times);
        }
    }

    /// Adds a match so many times.
    fn add(&mut self, kind: Kind<'_>, times: u64) {
        let detector = &self.detectors[kind.detector];
        self.matches[kind.detector] += times;
        if self.covers_loaded && !self.is_apart && is_covered_as_loaded(detector) {
            let dimensions = [("Detector", detector.name.as_str())];
            pipeline_metrics::add_times(
                self.aggregate,
                self.now,
                LOADED_DETECTOR_MATCHES,
                &dimensions,
                times,
            );
        }
        let Some(value) = kind.value.map(f64::from_bits) else {
            self.pipeline("ValuesMissing", &[("Detector", &detector.name)], times);
            return;
        };
        let dimensions = self.dimension_sets(kind.detector, kind.dimensions, times);
        let name = &detector.metric.name;
        let at = |timestamp, counts| Values { timestamp, value, times, counts };
        if self.timestamps != Timestamps::Event {
            self.series(name, detector, &dimensions, at(self.now, true));
        }
        if self.timestamps == Timestamps::Arrival {
            return;
        }
        match self.event_minute(kind.time) {
            Ok(minute) if self.timestamps == Timestamps::Event => {
                self.series(name, detector, &dimensions, at(minute, true));
            }
            // The match stands in the series of its arrival already.
            Ok(minute) => {
                self.series(&format!("{name}.EventTime"), detector, &dimensions, at(minute, false));
            }
            Err(reason) => self.pipeline("EventTimeRejected", &[("Reason", reason)], times),
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
        let matched: BTreeSet<usize> = file.hits().iter().map(|hit| hit.detector).collect();
        for (_, detector) in self.detectors.iter().enumerate().filter(|(at, _)| !matched.contains(at)) {
            if let Some(value) = detector.default_value.filter(|_| detector.source.takes(file.kind)) {
                let values = Values { timestamp: self.now, value, times: 1, counts: false };
                self.series(&detector.metric.name, detector, &[Vec::new()], values);
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
        times: u64,
    ) -> Vec<Vec<(String, String)>> {
        let mut sets = vec![Vec::new()];
        let name = &self.detectors[detector].name;
        // The past has a store of values of its own, so that it folds none of today's.
        let keeper = if self.is_apart { format!("{name}{APART}") } else { name.clone() };
        for (at, values) in values.iter().enumerate() {
            let names = &self.detectors[detector].dimensions[at].0;
            let (values, folded) = self.limiter.admit(&keeper, at, values);
            if folded {
                let detector = &self.detectors[detector];
                self.pipeline("DimensionValuesFolded", &[("Detector", &detector.name)], times);
            }
            sets.push(names.iter().map(|dimension| dimension.name.clone()).zip(values).collect());
        }
        sets
    }

    fn series(&mut self, name: &str, detector: &Detector, sets: &[Vec<(String, String)>], values: Values) {
        let Values { timestamp, value, times, counts } = values;
        for dimensions in sets {
            let key = SeriesKey {
                namespace: detector.metric.namespace.clone(),
                name: name.to_owned(),
                dimensions: dimensions.clone(),
                timestamp,
                unit: detector.unit.clone(),
            };
            // A match is one match, in however many series it stands.
            let matches = if counts && dimensions.is_empty() { times } else { 0 };
            self.aggregate.add(key, value, times, matches);
        }
    }

    /// A metric of the pipeline: a total, and a series by the given dimension.
    fn pipeline(&mut self, name: &str, dimensions: &[(&str, &str)], times: u64) {
        pipeline_metrics::add_times(self.aggregate, self.now, name, &[], times);
        pipeline_metrics::add_times(self.aggregate, self.now, name, dimensions, times);
    }
}

/// Whether the alarm on loaded detectors is for this one: it came in no pack, so that the template
/// has no alarm on it, and nobody said that there is to be none.
fn is_covered_as_loaded(detector: &Detector) -> bool {
    detector.pack.is_none() && detector.alarm != AlarmChoice::None
}
