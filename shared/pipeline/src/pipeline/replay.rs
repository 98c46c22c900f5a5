//! What an invocation would put for files that were read already: nothing is sent.
//!
//! Whoever asks beforehand what a deployment costs needs its requests and series, and needs them
//! from the code that makes them: folded values, default values, packing and the pipeline's own
//! metrics all stand in the bill.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use trailmeter_detection::{DetectorSet, FileMatches, Memory, Repeats, count};

use super::datapoints::{Datapoints, LOADED_DETECTOR_MATCHES};
use super::{Handled, Moment, Pipeline, Session};
use crate::aggregate::{Aggregate, Datum};
use crate::carry::Carry;
use crate::delivery::Occasion;
use crate::packing::{pack, requests};
use crate::pipeline_metrics::add_totals;
use crate::settings::Settings;

/// An object that an invocation is given, in a message of its own.
#[derive(Debug, Clone, Copy)]
pub enum Delivered<'f> {
    /// What was found in it.
    Read(&'f FileMatches),
    /// Why it is not read.
    Skipped(&'static str),
}

/// What an invocation would put.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replayed {
    /// `PutMetricData` requests.
    pub requests: u64,
    /// The data of each detector that has any, by its place in the set. Those of matches stand at
    /// the minutes of their events, so that files which hold days at once are not taken for one
    /// moment; with the function's own timestamps each series would stand at the arrival alone.
    pub detectors: BTreeMap<usize, Vec<Datum>>,
    /// The data of the pipeline's own metrics, at the arrival.
    pub own: Vec<Datum>,
}

/// Replays invocations with one set of detectors.
pub struct Replay<'d> {
    detectors: &'d DetectorSet,
    /// The detectors that feed a metric, by namespace and name.
    metrics: HashMap<(Option<String>, String), Vec<usize>>,
    pipeline: Pipeline<(), (), (), ()>,
}

impl<'d> Replay<'d> {
    /// A replay with these settings.
    pub fn new(settings: Settings, detectors: &'d DetectorSet) -> Self {
        let mut metrics: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, detector) in detectors.detectors().iter().enumerate() {
            let metric = &detector.metric;
            for name in [metric.name.clone(), format!("{}.EventTime", metric.name)] {
                metrics.entry((metric.namespace.clone(), name)).or_default().push(at);
            }
        }
        let pipeline = Pipeline {
            settings,
            store: (),
            sink: (),
            queue: (),
            ledger: None,
            findings: (),
            carry: Carry::default(),
            limiter: Mutex::default(),
        };
        Self { detectors, metrics, pipeline }
    }

    /// One invocation with these objects, at this time in seconds since 1970.
    pub fn invocation(&self, objects: &[Delivered<'_>], arrival: i64) -> Replayed {
        let settings = &self.pipeline.settings;
        // Nothing of a replay is claimed.
        let moment = Moment { now: arrival, attempt: "", lease: arrival };
        let mut session =
            Session::new(settings, self.detectors, self.pipeline.take_limiter(), moment, &|| Duration::MAX);
        let messages: Vec<_> = objects.iter().map(|object| self.message(*object, &mut session)).collect();
        let put: Vec<Vec<Datum>> = pack(messages.into_iter().enumerate())
            .into_iter()
            .flat_map(|group| requests(group.aggregate.data()))
            .collect();
        let mut replayed = Replayed {
            requests: put.len() as u64,
            detectors: self.matches(objects, &mut session),
            own: Vec::new(),
        };
        put.into_iter().flatten().for_each(|datum| self.add_without_match(datum, &mut replayed));
        self.pipeline.put_limiter_back(session.limiter);
        replayed
    }

    fn message(&self, object: Delivered<'_>, session: &mut Session<'_>) -> Aggregate {
        let mut handled = Handled::new(None, None, Occasion::Live, self.detectors.detectors().len());
        handled.totals.objects_in = 1;
        match object {
            Delivered::Read(file) => {
                handled.totals.objects_read = 1;
                self.pipeline.add_matches(file, session, &mut handled, |_| {});
                self.pipeline.add_of_file(file, session, &mut handled);
            }
            Delivered::Skipped(reason) => {
                handled.totals.objects_skipped.insert(reason, 1);
            }
        }
        add_totals(&mut handled.aggregate, session.moment.now, &handled.totals);
        handled.aggregate
    }

    /// The matches once more, each at the minute of its event and by its detector. What was kept of
    /// the dimension values is kept again, and what was folded is folded again.
    fn matches(&self, objects: &[Delivered<'_>], session: &mut Session<'_>) -> BTreeMap<usize, Vec<Datum>> {
        let settings = &self.pipeline.settings;
        let mut memory = Memory::new(Repeats::Once, settings.remembered);
        let mut aggregates: BTreeMap<usize, Aggregate> = BTreeMap::new();
        let mut matches = self.no_matches();
        for object in objects {
            let Delivered::Read(file) = object else { continue };
            count(file, &mut memory, |counted| {
                let minute = counted.record.time.map(|time| time - time.rem_euclid(60));
                let mut datapoints = Datapoints {
                    detectors: self.detectors.detectors(),
                    timestamps: settings.timestamps,
                    covers_loaded: settings.covers_loaded,
                    is_apart: false,
                    limiter: &mut session.limiter,
                    aggregate: aggregates.entry(counted.hit.detector).or_default(),
                    matches: &mut matches,
                    now: minute.unwrap_or(session.moment.now),
                };
                datapoints.add_one(counted);
            });
        }
        let of_detector = |(at, aggregate): (usize, Aggregate)| {
            let is_its = |datum: &Datum| is_cover(datum) || self.fed_by(datum).contains(&at);
            (at, aggregate.data().into_iter().filter(is_its).collect())
        };
        aggregates.into_iter().map(of_detector).collect()
    }

    /// Adds what no match brought about: the pipeline's own metrics, and default values.
    fn add_without_match(&self, datum: Datum, replayed: &mut Replayed) {
        let feeding = self.fed_by(&datum);
        if feeding.is_empty() && !is_cover(&datum) {
            replayed.own.push(datum);
            return;
        }
        for &at in feeding.iter().filter(|&&at| self.detectors.detectors()[at].default_value.is_some()) {
            replayed.detectors.entry(at).or_insert_with(|| vec![datum.clone()]);
        }
    }

    /// The detectors that feed the metric of a datum.
    fn fed_by(&self, datum: &Datum) -> &[usize] {
        let metric = (datum.namespace.clone(), datum.name.clone());
        self.metrics.get(&metric).map_or(&[], Vec::as_slice)
    }

    fn no_matches(&self) -> Vec<u64> {
        vec![0; self.detectors.detectors().len()]
    }
}

/// Whether it is of the metric that the one alarm on loaded detectors watches.
fn is_cover(datum: &Datum) -> bool {
    datum.namespace.is_none() && datum.name == LOADED_DETECTOR_MATCHES
}
