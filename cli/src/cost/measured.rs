//! What a replay found, and what a month of it uses: in Trailmeter, and in CloudWatch Logs.

use std::collections::BTreeMap;

use super::args::Ledger;
use super::assumed::{
    DASHBOARDS, GB, IDLE_POLLS, INFLATED_PER_SECOND, LAMBDA_GB, LOADING_ALARMS, LOG_BYTES_PER_INVOCATION,
    OTHER_KEYS, PIPELINE_ALARMS, SECONDS_PER_OBJECT, STORED_SHARE,
};
use super::bill::{Bill, Usage};
use super::ledger;
use super::month::{DAYS_IN_MONTH, Month, Span};
use super::number::float;
use super::prices::Charge;
use super::series::Hours;

/// What a replay found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    /// `None` if no event had a time.
    pub(crate) span: Option<Span>,
    pub(crate) volume: Volume,
    /// In the order of the set.
    pub(crate) detectors: Vec<DetectorReplay>,
    /// Series of the pipeline's own metrics.
    pub(crate) own_series: u64,
    /// Of all series.
    pub(crate) hours: Hours,
    /// Of the series that detectors feed, which metric filters would feed as well.
    pub(crate) fed_hours: Hours,
    /// Packs with a dashboard of their own.
    pub(crate) further_packs: u64,
    /// Whether the function loads detectors beside those of its packs.
    pub(crate) loads_detectors: bool,
    pub(crate) has_log_key: bool,
    pub(crate) ledger: Ledger,
    /// Data that were too many to be told apart: above zero, every figure is a lower bound.
    pub(crate) not_kept: u64,
}

/// How much was replayed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Volume {
    /// Objects that were read.
    pub(crate) objects: u64,
    /// Objects that were delivered and not read.
    pub(crate) skipped: u64,
    pub(crate) records: u64,
    /// Bytes of the records, inflated.
    pub(crate) bytes: u64,
    pub(crate) invocations: u64,
    /// Up to ten messages are received, and deleted, with one request.
    pub(crate) queue_batches: u64,
    /// `PutMetricData` requests.
    pub(crate) requests: u64,
    /// Pairs of an event and a detector that counts it, each once for each object.
    pub(crate) pairs: u64,
    /// Those that no earlier object had.
    pub(crate) new_pairs: u64,
}

/// What a replay found of one detector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DetectorReplay {
    /// Combinations of dimension values, and the series without any.
    pub(crate) series: u64,
    /// Minutes of series.
    pub(crate) datapoints: u64,
    /// Hours of series.
    pub(crate) series_hours: Hours,
    /// Of its series in the metric that one alarm watches for all loaded detectors.
    pub(crate) cover_hours: Hours,
    /// How many values each dimension had.
    pub(crate) dimension_values: BTreeMap<String, u64>,
    pub(crate) alarm: AlarmKind,
}

/// Which alarm covers a detector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AlarmKind {
    #[default]
    None,
    /// One of its own.
    Own,
    /// The one for all loaded detectors.
    Shared,
}

impl AlarmKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Own => "own",
            Self::Shared => "shared",
        }
    }
}

impl DetectorReplay {
    /// What a month of this detector uses beside what the deployment uses anyway.
    pub(crate) fn usage(&self, month: Month) -> Usage {
        let metrics = self.series_hours.metric_months(month) + self.cover_hours.metric_months(month);
        let usage = Usage::default().with(Charge::Metrics, metrics);
        match self.alarm {
            AlarmKind::None => usage,
            AlarmKind::Own => usage.with(Charge::Alarms, 1.0),
            AlarmKind::Shared => usage.with(Charge::QueryAlarms, float(self.cover_hours.series())),
        }
    }

    /// The dimension with the most values.
    pub(crate) fn widest_dimension(&self) -> Option<(&str, u64)> {
        // Of equals the first by name.
        let values = self.dimension_values.iter().rev();
        values.max_by_key(|(_, count)| **count).map(|(name, &count)| (name.as_str(), count))
    }
}

impl Measured {
    /// A month of the replayed logs, which stand for so many days, or for the time they span.
    pub(crate) fn month(&self, days: Option<u16>) -> Month {
        let days = days.map(f64::from).or_else(|| self.span.map(|span| span.days()));
        Month::of_days(days.unwrap_or(DAYS_IN_MONTH))
    }

    /// The bill of a month of Trailmeter.
    pub(crate) fn trailmeter(&self, month: Month) -> Bill {
        let volume = &self.volume;
        let (objects, invocations) = (float(volume.objects), float(volume.invocations));
        let delivered = objects + float(volume.skipped);
        let seconds = float(volume.bytes) / INFLATED_PER_SECOND + delivered * SECONDS_PER_OBJECT;
        // Sent one by one, received and deleted together.
        let queue = delivered + 2.0 * float(volume.queue_batches);
        let own_log = month.scale(invocations) * LOG_BYTES_PER_INVOCATION / GB;
        let usage = Usage::default()
            .with(Charge::Metrics, self.hours.metric_months(month))
            .with(Charge::MetricRequests, month.scale(float(volume.requests)))
            .with(Charge::Alarms, self.count(|detector| detector.alarm == AlarmKind::Own))
            .with(
                Charge::Alarms,
                PIPELINE_ALARMS + f64::from(u8::from(self.loads_detectors)) * LOADING_ALARMS,
            )
            .with(Charge::QueryAlarms, self.sum(|detector| detector.cover_hours.series()))
            .with(Charge::Dashboards, self.dashboards())
            .with(Charge::Invocations, month.scale(invocations))
            .with(Charge::Compute, month.scale(seconds) * LAMBDA_GB)
            .with(Charge::ObjectReads, month.scale(objects))
            .with(Charge::QueueRequests, month.scale(queue) + IDLE_POLLS)
            .with(Charge::Decryptions, if self.has_log_key { month.scale(objects) } else { 0.0 })
            .with(Charge::Keys, OTHER_KEYS + f64::from(u8::from(self.has_log_key)))
            .with(Charge::LogIngestion, own_log)
            .with(Charge::LogStorage, own_log * STORED_SHARE);
        Bill::of(&ledger::with(usage, self.ledger, volume, month))
    }

    /// The bill of a month of CloudWatch Logs: the trail writes into a log group too, a metric
    /// filter feeds each metric, and detectors have the same alarms.
    pub(crate) fn cloudwatch_logs(&self, month: Month) -> Bill {
        let ingested = month.scale(float(self.volume.bytes)) / GB;
        let usage = Usage::default()
            .with(Charge::Metrics, self.fed_hours.metric_months(month))
            .with(Charge::Alarms, self.count(|detector| detector.alarm != AlarmKind::None))
            .with(Charge::Dashboards, self.dashboards())
            .with(Charge::LogIngestion, ingested)
            .with(Charge::LogStorage, ingested * STORED_SHARE);
        Bill::of(&usage)
    }

    fn dashboards(&self) -> f64 {
        DASHBOARDS + float(self.further_packs)
    }

    fn count(&self, is_one: impl Fn(&DetectorReplay) -> bool) -> f64 {
        self.sum(|detector| u64::from(is_one(detector)))
    }

    fn sum(&self, of: impl Fn(&DetectorReplay) -> u64) -> f64 {
        float(self.detectors.iter().map(of).sum())
    }
}
