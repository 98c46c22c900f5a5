//! Replays files and takes down what a bill is made of.

use std::collections::{BTreeMap, HashSet};

use trailmeter_detection::{AlarmChoice, Detector, DetectorSet, FileMatches};
use trailmeter_logs::{Limits, SkipReason};
use trailmeter_pipeline::{
    Datum, Delivered, FindingSettings, LOADED_DETECTOR_MATCHES, LedgerSettings, ReadAheadSettings, Replay,
    Replayed, Settings, Timestamps,
};

use super::args::Ledger;
use super::ledger::Pairs;
use super::measured::{AlarmKind, DetectorReplay, Measured, Volume};
use super::month::{Span, Times};
use super::series::{SeriesBook, SeriesId};

/// Repeats that an invocation remembers, as the function's.
const REMEMBERED: usize = 500_000;

/// How the function is deployed, as far as the bill depends on it.
#[derive(Debug, Clone)]
pub(crate) struct Deployment {
    /// How many objects come in one invocation.
    pub(crate) objects_per_invocation: usize,
    /// How many combinations a dimension set keeps in one invocation.
    pub(crate) dimension_values: usize,
    /// Which time datapoints bear.
    pub(crate) timestamps: Timestamps,
    /// Whether detectors that came in no pack are loaded by the function: the template then has no
    /// alarm on each, and one alarm on all.
    pub(crate) loads_detectors: bool,
    /// Whether the log files are encrypted with a KMS key.
    pub(crate) has_log_key: bool,
    /// What the ledger remembers.
    pub(crate) ledger: Ledger,
}

impl Default for Deployment {
    /// The template's defaults, and one object an invocation, which is the dearest.
    fn default() -> Self {
        Self {
            objects_per_invocation: 1,
            dimension_values: 50,
            timestamps: Timestamps::Arrival,
            loads_detectors: false,
            has_log_key: true,
            ledger: Ledger::Event,
        }
    }
}

/// Replays files, in the order in which they would be delivered.
pub(crate) struct Meter<'d> {
    deployment: Deployment,
    detectors: &'d DetectorSet,
    replay: Replay<'d>,
    /// Files of the invocation that is being filled.
    waiting: Vec<FileMatches>,
    arrival: i64,
    times: Times,
    volume: Volume,
    book: SeriesBook,
    seen: Vec<Seen>,
    own: HashSet<SeriesId>,
    pairs: Pairs,
}

/// What was seen of a detector.
#[derive(Default)]
struct Seen {
    series: HashSet<SeriesId>,
    /// Its series in the metric that one alarm watches for all loaded detectors.
    cover: HashSet<SeriesId>,
    values: BTreeMap<String, HashSet<u64>>,
}

impl<'d> Meter<'d> {
    pub(crate) fn new(detectors: &'d DetectorSet, deployment: Deployment) -> Self {
        let settings = Settings {
            buckets: Vec::new(),
            timestamps: deployment.timestamps,
            dimension_values: deployment.dimension_values,
            covers_loaded: deployment.loads_detectors,
            limits: Limits::default(),
            remembered: REMEMBERED,
            read_ahead: ReadAheadSettings::default(),
            // Nothing is delivered twice in a replay.
            ledger: LedgerSettings::default(),
            findings: FindingSettings::default(),
            caught_up_alarms: true,
        };
        Self {
            replay: Replay::new(settings, detectors),
            seen: detectors.detectors().iter().map(|_| Seen::default()).collect(),
            deployment,
            detectors,
            waiting: Vec::new(),
            arrival: 0,
            times: Times::default(),
            volume: Volume::default(),
            book: SeriesBook::new(),
            own: HashSet::new(),
            pairs: Pairs::new(REMEMBERED),
        }
    }

    /// Takes the next file.
    pub(crate) fn read(&mut self, file: FileMatches) {
        self.volume.objects += 1;
        self.volume.records += file.read;
        self.volume.bytes += file.bytes;
        self.pairs.add(&file, &mut self.volume);
        self.times.add(file.oldest_event, file.newest_event);
        self.waiting.push(file);
        if self.waiting.len() >= self.deployment.objects_per_invocation {
            self.invoke();
        }
    }

    /// Says that all files were read, and how many digests lay beside them.
    pub(crate) fn finish(mut self, digests: u64) -> Measured {
        if !self.waiting.is_empty() {
            self.invoke();
        }
        let span = std::mem::take(&mut self.times).span();
        self.digests(digests, span);
        let not_kept = self.book.not_kept();
        let tallies = self.book.tallies();
        let detectors = self.detectors.detectors().iter().zip(&self.seen).map(|(detector, seen)| {
            let values = seen.values.iter().map(|(name, values)| (name.clone(), values.len() as u64));
            DetectorReplay {
                series: seen.series.len() as u64,
                datapoints: tallies.minutes(&seen.series),
                series_hours: tallies.hours(&seen.series),
                cover_hours: tallies.hours(&seen.cover),
                dimension_values: values.collect(),
                alarm: alarm_kind(detector, &self.deployment),
            }
        });
        let detectors = detectors.collect();
        // Two detectors may feed one series, which is then paid for once.
        let fed: HashSet<SeriesId> = self.seen.iter().flat_map(|seen| seen.series.iter().copied()).collect();
        let covers = self.seen.iter().flat_map(|seen| &seen.cover);
        Measured {
            span,
            detectors,
            own_series: self.own.len() as u64,
            hours: tallies.hours(fed.iter().chain(covers).chain(&self.own)),
            fed_hours: tallies.hours(&fed),
            further_packs: further_packs(self.detectors),
            loads_detectors: self.deployment.loads_detectors,
            has_log_key: self.deployment.has_log_key,
            ledger: self.deployment.ledger,
            volume: self.volume,
            not_kept,
        }
    }

    fn invoke(&mut self) {
        let files = std::mem::take(&mut self.waiting);
        // What comes closest to the time of arrival: files come minutes after their newest event.
        self.arrival = files.iter().filter_map(|file| file.newest_event).max().unwrap_or(self.arrival);
        let objects: Vec<_> = files.iter().map(Delivered::Read).collect();
        self.deliver(&objects);
    }

    /// Digests come once an hour for each region and account and are not read. Where their names
    /// lie is not known here, so they are spread evenly.
    fn digests(&mut self, digests: u64, span: Option<Span>) {
        let (first, length) = span.map_or((0, 0), |span| (span.first, span.last - span.first));
        let together = self.deployment.objects_per_invocation as u64;
        for at in (0..digests).step_by(self.deployment.objects_per_invocation) {
            let count = together.min(digests - at);
            let share = i128::from(at) * i128::from(length) / i128::from(digests);
            self.arrival = first + i64::try_from(share).unwrap_or_default();
            self.volume.skipped += count;
            let objects =
                vec![Delivered::Skipped(SkipReason::Digest.reason()); usize::try_from(count).unwrap_or(1)];
            self.deliver(&objects);
        }
    }

    fn deliver(&mut self, objects: &[Delivered<'_>]) {
        let Replayed { requests, detectors, own } = self.replay.invocation(objects, self.arrival);
        self.volume.invocations += 1;
        self.volume.queue_batches += (objects.len() as u64).div_ceil(10);
        self.volume.requests += requests;
        self.own.extend(own.iter().filter_map(|datum| self.book.add(datum)));
        for (at, data) in detectors {
            for datum in &data {
                self.seen[at].add(datum, &mut self.book);
            }
        }
    }
}

impl Seen {
    fn add(&mut self, datum: &Datum, book: &mut SeriesBook) {
        let Some(series) = book.add(datum) else { return };
        if datum.namespace.is_none() && datum.name == LOADED_DETECTOR_MATCHES {
            self.cover.insert(series);
            return;
        }
        self.series.insert(series);
        for (name, value) in &datum.dimensions {
            let value = book.hash(value);
            match self.values.get_mut(name) {
                Some(values) => values.insert(value),
                None => self.values.entry(name.clone()).or_default().insert(value),
            };
        }
    }
}

fn alarm_kind(detector: &Detector, deployment: &Deployment) -> AlarmKind {
    match &detector.alarm {
        AlarmChoice::None => AlarmKind::None,
        _ if deployment.loads_detectors && detector.pack.is_none() => AlarmKind::Shared,
        AlarmChoice::Alarm(_) => AlarmKind::Own,
        AlarmChoice::Unsaid => AlarmKind::None,
    }
}

/// How many packs beside the default one the detectors come from: each has a dashboard of its own.
fn further_packs(detectors: &DetectorSet) -> u64 {
    let packs: HashSet<&str> = detectors
        .detectors()
        .iter()
        .filter_map(|detector| detector.pack.as_deref())
        .filter(|pack| *pack != trailmeter_detection::DEFAULT_PACK)
        .collect();
    packs.len() as u64
}
