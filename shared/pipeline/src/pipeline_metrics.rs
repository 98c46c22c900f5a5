//! The metrics that the pipeline puts about itself, beside those of the detectors.

use std::collections::BTreeMap;

use crate::aggregate::{Aggregate, SeriesKey};
use crate::carry::News;
use crate::dimension_values::safe;
use crate::report::Totals;

/// Matches that may have been counted twice.
pub(crate) const COUNTED_MAYBE_TWICE: &str = "CountedMaybeTwice";

/// Puts the counts of one message into its aggregate. Zeros are not put: a metric that is always
/// zero costs as much as one that is not.
pub(crate) fn add_totals(aggregate: &mut Aggregate, now: i64, totals: &Totals) {
    let mut metrics = Metrics { aggregate, now };
    metrics.count("ObjectsIn", totals.objects_in);
    metrics.count("ObjectsRead", totals.objects_read);
    metrics.by_reason("ObjectsSkipped", &totals.objects_skipped);
    metrics.by_reason("ObjectsDuplicate", &totals.objects_duplicate);
    metrics.by_reason("ObjectsFailed", &totals.objects_failed);
    metrics.by_reason("MessagesSkipped", &totals.messages_skipped);
    metrics.by_reason("MessagesFailed", &totals.messages_failed);
    let records = &totals.records;
    metrics.count("RecordsRead", records.read);
    metrics.count("RecordsMatched", records.matched);
    metrics.count("RecordsUnmatched", records.unmatched);
    metrics.count("RecordsDuplicate", records.duplicate);
    let malformed = records.malformed.iter().map(|(reason, &count)| (reason.reason(), count)).collect();
    metrics.by_reason("RecordsMalformed", &malformed);
    // A mistake in Trailmeter, which nobody would see in the single counts.
    metrics.count("CountsUnbalanced", u64::from(!totals.balance()));
}

/// One metric of the pipeline.
pub(crate) fn add(aggregate: &mut Aggregate, now: i64, name: &str, dimensions: &[(&str, &str)], value: u64) {
    Metrics { aggregate, now }.put(name, dimensions, "Count", value);
}

/// One metric of the pipeline, to which one is added so many times.
pub(crate) fn add_times(
    aggregate: &mut Aggregate,
    now: i64,
    name: &str,
    dimensions: &[(&str, &str)],
    times: u64,
) {
    aggregate.add(key(name, dimensions, now, "Count"), 1.0, times, 0);
}

/// A metric of Trailmeter's own that no message brought about.
pub(crate) fn add_news(aggregate: &mut Aggregate, now: i64, news: &News) {
    // What is in a dimension may be a name from outside, such as an object's key.
    let values: Vec<_> = news.dimensions.iter().map(|(name, value)| (*name, safe(value))).collect();
    let dimensions: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    add(aggregate, now, news.name, &dimensions, news.value);
}

/// How long after its newest event a file was handled.
pub(crate) fn add_lag(aggregate: &mut Aggregate, now: i64, newest_event: i64) {
    let lag = u64::try_from(now - newest_event).unwrap_or(0);
    Metrics { aggregate, now }.put("DeliveryLag", &[], "Seconds", lag);
}

struct Metrics<'a> {
    aggregate: &'a mut Aggregate,
    now: i64,
}

impl Metrics<'_> {
    fn count(&mut self, name: &str, value: u64) {
        if value > 0 {
            self.put(name, &[], "Count", value);
        }
    }

    /// A total, and a series for each reason beside it.
    fn by_reason(&mut self, name: &str, reasons: &BTreeMap<&'static str, u64>) {
        self.count(name, reasons.values().sum());
        for (reason, &value) in reasons {
            self.put(name, &[("Reason", reason)], "Count", value);
        }
    }

    fn put(&mut self, name: &str, dimensions: &[(&str, &str)], unit: &str, value: u64) {
        let key = key(name, dimensions, self.now, unit);
        #[expect(clippy::cast_precision_loss, reason = "counts of one message stay far below 2^53")]
        self.aggregate.add(key, value as f64, 1, 0);
    }
}

fn key(name: &str, dimensions: &[(&str, &str)], timestamp: i64, unit: &str) -> SeriesKey {
    SeriesKey {
        namespace: None,
        name: name.to_owned(),
        dimensions: dimensions.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
        timestamp,
        unit: Some(unit.to_owned()),
    }
}
