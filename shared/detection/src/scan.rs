//! The bytes of one file in, its matches out.

use std::collections::BTreeMap;

use serde_json::Value;
use trailmeter_logs::{
    Element, Layout, Limits, LogFileError, LogFileReader, LogKind, Malformed, Members, Record, RecordSink,
    Scratch,
};

use crate::aggregated::window_start;
use crate::detector::{Detector, DetectorSet, Verdict};
use crate::engine::{Engine, Lease};
use crate::event_key::EventKey;
use crate::event_time::parse_event_time;
use crate::finding::{Event, WhichFindings};

/// What the detectors found in one file that was read to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileMatches {
    /// What kind of file it is.
    pub kind: LogKind,
    /// Elements of `Records`, malformed ones too.
    pub read: u64,
    /// Their bytes, inflated. Records that were passed over as too large are not in it.
    pub bytes: u64,
    /// Those that are no record, by reason.
    pub malformed: BTreeMap<Malformed, u64>,
    /// Where the first of them begins in the inflated file, by reason: of lines of access logs.
    pub malformed_at: BTreeMap<Malformed, u64>,
    /// Records that no detector counts.
    pub unmatched: u64,
    /// Records that at least one detector counts, in the order of the file.
    matched: Vec<RecordMatch>,
    /// Their hits, one record's behind the other's: a record rarely has more than one or two, and a list
    /// of its own for each would cost more than to find them.
    hits: Vec<Hit>,
    /// Their ids as text, in the same order, if the scan [was to keep them](DetectorSet::scan_keeping_ids).
    pub ids: Vec<String>,
    /// Matched records that a finding was to be made of, and whose details had no room.
    pub details_left_out: u64,
    /// How many records each exclusion took out: by detector, then by exclusion.
    pub excluded: BTreeMap<(usize, usize), u64>,
    /// Records that are data events. Lines of access logs tell the same, and are taken for such.
    pub data_events: u64,
    /// The oldest `eventTime`, in seconds since 1970.
    pub oldest_event: Option<i64>,
    /// The newest `eventTime`, in seconds since 1970.
    pub newest_event: Option<i64>,
}

/// A record that at least one detector counts.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordMatch {
    /// Which event it is. `None` if the record has no id: then nothing can repeat it.
    pub event: Option<EventKey>,
    /// It updates an event that was delivered before.
    pub is_update: bool,
    /// When it happened, in seconds since 1970, if the record says so.
    pub time: Option<i64>,
    /// What a finding shows of it, if the scan [was to keep that](DetectorSet::scan_keeping_findings), a
    /// detector that counts it has findings, and there was room.
    pub details: Option<Box<Event>>,
    /// How many detectors count it.
    hits: usize,
}

/// One detector's part in a match.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its place in the set.
    pub detector: usize,
    /// What it adds to the metric; `None` if the field it names is no number.
    pub value: Option<f64>,
    /// For each dimension set of the detector, a value for each dimension.
    pub dimensions: Vec<Vec<Option<String>>>,
}

impl FileMatches {
    /// The records that at least one detector counts, in the order of the file, each with the detectors
    /// that count it.
    pub fn matched(&self) -> impl Iterator<Item = (&RecordMatch, &[Hit])> {
        let mut rest = self.hits.as_slice();
        self.matched.iter().map(move |record| {
            let (hits, behind) = rest.split_at(record.hits);
            rest = behind;
            (record, hits)
        })
    }

    /// Every hit of the file, in its order.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// Adds a record and the detectors that count it, or one more to the unmatched if there is none.
    pub fn add_record(
        &mut self,
        event: Option<EventKey>,
        is_update: bool,
        time: Option<i64>,
        hits: impl IntoIterator<Item = Hit>,
    ) {
        let before = self.hits.len();
        self.hits.extend(hits);
        self.end_record(before, time, || Matched { event, is_update, details: None });
    }

    /// Ends a record whose hits are those behind the first `before`. What else is to be known of it is only
    /// asked if there are any.
    fn end_record(&mut self, before: usize, time: Option<i64>, of: impl FnOnce() -> Matched) {
        match self.hits.len() - before {
            0 => self.unmatched += 1,
            hits => {
                let Matched { event, is_update, details } = of();
                self.matched.push(RecordMatch { event, is_update, time, details, hits });
            }
        }
    }

    /// The same file without its matches.
    #[must_use]
    pub fn without_matches(&self) -> Self {
        Self {
            malformed: self.malformed.clone(),
            malformed_at: self.malformed_at.clone(),
            excluded: self.excluded.clone(),
            matched: Vec::new(),
            hits: Vec::new(),
            ids: Vec::new(),
            ..*self
        }
    }
}

/// What is asked of a record that is matched.
struct Matched {
    event: Option<EventKey>,
    is_update: bool,
    details: Option<Box<Event>>,
}

/// Scans one file that is pushed in chunk by chunk.
///
/// Nothing of a file counts before [`finish`](Self::finish) has said that it is whole.
pub struct FileScan<'d> {
    reader: LogFileReader<Matcher<'d>>,
    engine: &'d Engine,
}

impl DetectorSet {
    /// Begins to scan a file of the given kind.
    pub fn scan(&self, kind: LogKind, limits: Limits) -> FileScan<'_> {
        self.begin(kind, limits, Keeping::default())
    }

    /// Begins a scan that keeps the ids of matched records as text, for people to look them up.
    /// Counting needs no more than their keys.
    pub fn scan_keeping_ids(&self, kind: LogKind, limits: Limits) -> FileScan<'_> {
        self.begin(kind, limits, Keeping { ids: true, ..Keeping::default() })
    }

    /// Begins a scan that keeps of matched records what findings show, as far as there is room for it.
    pub fn scan_keeping_findings(&self, kind: LogKind, limits: Limits, which: WhichFindings) -> FileScan<'_> {
        let wanted = self.detectors().iter().map(|detector| which.wants(detector)).collect();
        self.begin(kind, limits, Keeping { ids: false, details_of: wanted })
    }

    fn begin(&self, kind: LogKind, limits: Limits, keeping: Keeping) -> FileScan<'_> {
        let layout = match kind {
            LogKind::Events | LogKind::Insight | LogKind::NetworkActivity => Layout::Delivery,
            LogKind::Aggregated => Layout::DeliveryOrArray,
            LogKind::AccessLog => Layout::AccessLog,
        };
        let is_of_sums = kind == LogKind::Aggregated;
        let engine = self.engine();
        let mut lease = engine.lease(kind);
        let scratch = lease.take_scratch();
        let found = FileMatches { kind, ..FileMatches::default() };
        let (detectors, room) = (self.detectors(), ROOM_FOR_DETAILS);
        let matcher = Matcher { detectors, is_of_sums, lease, keeping, room, found };
        let reader = LogFileReader::with_scratch(limits, layout, matcher, scratch);
        FileScan { reader, engine }
    }
}

impl FileScan<'_> {
    /// Refuses an access log that has a line about `bucket`, the one it lies in, with
    /// [`Cause::LogsItself`](trailmeter_logs::Cause::LogsItself).
    #[must_use]
    pub fn refusing(self, bucket: &str) -> Self {
        let Self { reader, engine } = self;
        Self { reader: reader.refusing(bucket), engine }
    }

    /// Takes the next bytes of the object as stored. After an error the scan is of no further use.
    pub fn push(&mut self, stored: &[u8]) -> Result<(), LogFileError> {
        self.reader.push(stored)
    }

    /// Scans an object that is there as a whole, in the place of pushing and finishing.
    pub fn read_whole(self, stored: &[u8]) -> Result<FileMatches, LogFileError> {
        let Self { reader, engine } = self;
        end(engine, reader.read_whole(stored))
    }

    /// Says that the object has ended.
    pub fn finish(self) -> Result<FileMatches, LogFileError> {
        let Self { reader, engine } = self;
        end(engine, reader.finish_with_scratch())
    }
}

/// Gives back what the scan worked with.
fn end(
    engine: &Engine,
    (read, scratch): (Result<Matcher<'_>, LogFileError>, Scratch),
) -> Result<FileMatches, LogFileError> {
    match read {
        Ok(mut matcher) => {
            matcher.lease.give_back(scratch);
            Ok(matcher.found)
        }
        Err(error) => {
            engine.keep(scratch);
            Err(error)
        }
    }
}

/// What the details of one file's matches may take in memory. A file of CloudTrail's own would have to match
/// in every record to come near it.
const ROOM_FOR_DETAILS: usize = 32 << 20;

/// What is kept of matched records beside what counting needs.
#[derive(Default)]
struct Keeping {
    /// Their ids as text.
    ids: bool,
    /// By detector: whether it wants the details of what it counts. Empty if none does.
    details_of: Vec<bool>,
}

struct Matcher<'d> {
    detectors: &'d [Detector],
    /// The file is one of aggregated events: there are few in it, and no record of another kind.
    is_of_sums: bool,
    lease: Lease<'d>,
    keeping: Keeping,
    /// For so many bytes of details there is still room.
    room: usize,
    found: FileMatches,
}

impl RecordSink for Matcher<'_> {
    fn element(&mut self, element: Element<'_>) {
        self.found.read += 1;
        match element {
            Element::Plain { bytes, .. } | Element::Bytes { bytes, .. } => {
                self.found.bytes += bytes.len() as u64;
            }
            Element::Line { length, .. } | Element::BadLine { length, .. } => self.found.bytes += length,
            Element::TooLarge => {}
        }
        if let Element::Plain { bytes, members } | Element::Line { json: bytes, members, .. } = element
            && !self.is_of_sums
        {
            return self.plain(bytes, members);
        }
        if let Element::BadLine { why, offset, .. } = element {
            self.found.malformed_at.entry(why).or_insert(offset);
        }
        match Record::parse(element) {
            Ok(record) => self.record(&record),
            Err(malformed) => self.found.add_malformed(malformed),
        }
    }
}

impl Matcher<'_> {
    /// A record as nearly all are: left to the engine.
    fn plain(&mut self, bytes: &[u8], members: Members<'_>) {
        let Some(mut record) = self.lease.read(bytes, members) else {
            return self.found.add_malformed(Malformed::WrongType);
        };
        let found = &mut self.found;
        let time = record.time();
        found.add_time(time);
        found.data_events += u64::from(found.kind == LogKind::AccessLog || record.is_data_event());
        let before = found.hits.len();
        record.verdicts(self.detectors, |record, at, verdict| match verdict {
            Verdict::NoMatch => {}
            // The engine knows rules alone.
            _ if !self.detectors[at].looks_at(record.is_aggregated()) => {}
            Verdict::Excluded(exclusion) => *found.excluded.entry((at, exclusion)).or_default() += 1,
            Verdict::Match => {
                let series = record.series(at).unwrap_or_default();
                if self.detectors[at].value.is_in(&series) {
                    found.hits.push(hit(at, &self.detectors[at], &series));
                }
            }
        });
        if self.keeping.ids && found.hits.len() > before {
            found.ids.push(record.event_id().unwrap_or_default().into_owned());
        }
        let details = if self.keeping.wants_details(&found.hits[before..]) {
            let value = serde_json::from_slice(bytes).unwrap_or(Value::Null);
            details(&value, self.detectors, &mut self.room, found, before)
        } else {
            None
        };
        found.end_record(before, time, || Matched {
            event: record.event_key(),
            is_update: record.is_update(),
            details,
        });
    }

    /// Any other record: every detector is asked.
    fn record(&mut self, record: &Record<'_>) {
        let kind = self.found.kind;
        let found = &mut self.found;
        let time = record.event_time();
        let time = if self.is_of_sums { time.or_else(|| window_start(record.value())) } else { time };
        let time = time.and_then(parse_event_time);
        found.add_time(time);
        found.data_events += u64::from(record.is_data_event());
        let before = found.hits.len();
        let asked = self.detectors.iter().enumerate();
        for (at, detector) in asked.filter(|(_, detector)| detector.source.takes(kind)) {
            match detector.verdict_in(record.into(), self.is_of_sums) {
                Verdict::NoMatch => {}
                Verdict::Excluded(exclusion) => *found.excluded.entry((at, exclusion)).or_default() += 1,
                Verdict::Match => found.hits.push(hit(at, detector, record.value())),
            }
        }
        if self.keeping.ids && found.hits.len() > before {
            found.ids.push(record.event_id().unwrap_or_default().to_owned());
        }
        let details = if self.keeping.wants_details(&found.hits[before..]) {
            details(record.value(), self.detectors, &mut self.room, found, before)
        } else {
            None
        };
        found.end_record(before, time, || Matched {
            event: record.event_id().map(EventKey::new),
            is_update: record.is_update(),
            details,
        });
    }
}

impl Keeping {
    #[inline]
    fn wants_details(&self, hits: &[Hit]) -> bool {
        !self.details_of.is_empty() && hits.iter().any(|hit| self.details_of[hit.detector])
    }
}

/// What a finding shows of a record whose hits are those behind the first `before`, if there is room for it.
fn details(
    record: &Value,
    detectors: &[Detector],
    room: &mut usize,
    found: &mut FileMatches,
    before: usize,
) -> Option<Box<Event>> {
    let event = Event::of(record, found.hits[before..].iter().map(|hit| &detectors[hit.detector]));
    let left = room.checked_sub(event.size());
    if left.is_none() {
        found.details_left_out += 1;
    }
    *room = left?;
    Some(Box::new(event))
}

impl FileMatches {
    fn add_malformed(&mut self, malformed: Malformed) {
        *self.malformed.entry(malformed).or_default() += 1;
    }

    fn add_time(&mut self, time: Option<i64>) {
        self.newest_event = self.newest_event.max(time);
        // Nothing is less than any time, so it must not take part.
        self.oldest_event = self.oldest_event.into_iter().chain(time).min();
    }
}

/// `record` is all of the record that value and dimensions read.
fn hit(at: usize, detector: &Detector, record: &Value) -> Hit {
    let values = |set: &crate::DimensionSet| set.0.iter().map(|dimension| dimension.value(record)).collect();
    Hit {
        detector: at,
        value: detector.value.of(record),
        dimensions: detector.dimensions.iter().map(values).collect(),
    }
}

#[cfg(test)]
mod access_logs;
#[cfg(test)]
pub(crate) mod tests;
