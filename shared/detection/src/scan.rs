//! The bytes of one file in, its matches out.

use std::collections::BTreeMap;

use trailmeter_logs::{
    Element, Layout, Limits, LogFileError, LogFileReader, LogKind, Malformed, Record, RecordSink,
};

use crate::detector::{Detector, DetectorSet, Verdict};
use crate::event_key::EventKey;
use crate::event_time::parse_event_time;

/// What the detectors found in one file that was read to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileMatches {
    /// Elements of `Records`, malformed ones too.
    pub read: u64,
    /// Their bytes, inflated. Those that were passed over as too large are not in it.
    pub bytes: u64,
    /// Those that are no record, by reason.
    pub malformed: BTreeMap<Malformed, u64>,
    /// Records that no detector counts.
    pub unmatched: u64,
    /// Records that at least one detector counts, in the order of the file.
    pub matched: Vec<RecordMatch>,
    /// Their ids as text, in the same order, if the scan [was to keep them](DetectorSet::scan_keeping_ids).
    pub ids: Vec<String>,
    /// How many records each exclusion took out: by detector, then by exclusion.
    pub excluded: BTreeMap<(usize, usize), u64>,
    /// Records that are data events.
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
    /// The detectors that count it.
    pub hits: Vec<Hit>,
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

/// Scans one file that is pushed in chunk by chunk.
///
/// Nothing of a file counts before [`finish`](Self::finish) has said that it is whole.
pub struct FileScan<'d> {
    reader: LogFileReader<Matcher<'d>>,
}

impl DetectorSet {
    /// Begins to scan a file of the given kind.
    pub fn scan(&self, kind: LogKind, limits: Limits) -> FileScan<'_> {
        self.begin(kind, limits, false)
    }

    /// Begins a scan that keeps the ids of matched records as text, for people to look them up.
    /// Counting needs no more than their keys.
    pub fn scan_keeping_ids(&self, kind: LogKind, limits: Limits) -> FileScan<'_> {
        self.begin(kind, limits, true)
    }

    fn begin(&self, kind: LogKind, limits: Limits, keeps_ids: bool) -> FileScan<'_> {
        let layout = match kind {
            LogKind::Events | LogKind::Insight | LogKind::NetworkActivity => Layout::Delivery,
            LogKind::Aggregated => Layout::DeliveryOrArray,
        };
        let matcher = Matcher { detectors: &self.detectors, keeps_ids, found: FileMatches::default() };
        FileScan { reader: LogFileReader::new(limits, layout, matcher) }
    }
}

impl FileScan<'_> {
    /// Takes the next bytes of the object as stored. After an error the scan is of no further use.
    pub fn push(&mut self, stored: &[u8]) -> Result<(), LogFileError> {
        self.reader.push(stored)
    }

    /// Says that the object has ended.
    pub fn finish(self) -> Result<FileMatches, LogFileError> {
        Ok(self.reader.finish()?.found)
    }
}

struct Matcher<'d> {
    detectors: &'d [Detector],
    keeps_ids: bool,
    found: FileMatches,
}

impl RecordSink for Matcher<'_> {
    fn element(&mut self, element: Element<'_>) {
        self.found.read += 1;
        if let Element::Bytes { bytes, .. } = element {
            self.found.bytes += bytes.len() as u64;
        }
        match Record::parse(element) {
            Ok(record) => self.record(&record),
            Err(malformed) => *self.found.malformed.entry(malformed).or_default() += 1,
        }
    }
}

impl Matcher<'_> {
    fn record(&mut self, record: &Record<'_>) {
        let time = record.event_time().and_then(parse_event_time);
        self.found.newest_event = self.found.newest_event.max(time);
        // Nothing is less than any time, so it must not take part.
        self.found.oldest_event = self.found.oldest_event.into_iter().chain(time).min();
        self.found.data_events += u64::from(record.is_data_event());
        let mut hits = Vec::new();
        for (at, detector) in self.detectors.iter().enumerate() {
            match detector.verdict(record.into()) {
                Verdict::NoMatch => {}
                Verdict::Excluded(exclusion) => *self.found.excluded.entry((at, exclusion)).or_default() += 1,
                Verdict::Match => hits.push(hit(at, detector, record)),
            }
        }
        if hits.is_empty() {
            self.found.unmatched += 1;
        } else {
            if self.keeps_ids {
                self.found.ids.push(record.event_id().unwrap_or_default().to_owned());
            }
            self.found.matched.push(RecordMatch {
                event: record.event_id().map(EventKey::new),
                is_update: record.is_update(),
                time,
                hits,
            });
        }
    }
}

fn hit(at: usize, detector: &Detector, record: &Record<'_>) -> Hit {
    let values =
        |set: &crate::DimensionSet| set.0.iter().map(|dimension| dimension.value(record.value())).collect();
    Hit {
        detector: at,
        value: detector.value.of(record.value()),
        dimensions: detector.dimensions.iter().map(values).collect(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
