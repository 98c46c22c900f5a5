//! Log files that come late, and the samples that follow.

use trailmeter_testkit::alarm_model::{CloudWatch, HOUR, MINUTE, Metric, Window};

/// Between the arrival of a file and the moment at which CloudWatch shows what it led to: the
/// function may take two minutes (its timeout), CloudWatch a few more.
pub(super) const LONGEST_LAG: i64 = 5 * MINUTE;

/// Which time a sample bears: `TRAILMETER_TIMESTAMPS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamps {
    Arrival,
    Event,
}

/// Matches of one log file, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivery {
    /// When the events took place.
    pub(super) event: i64,
    /// How much later their file came.
    pub(super) lateness: i64,
    /// How much later than that the sample could be seen.
    pub(super) lag: i64,
    pub(super) matches: f64,
}

impl Delivery {
    pub(super) fn arrival(&self) -> i64 {
        self.event + self.lateness
    }
}

/// What CloudWatch has of these deliveries.
pub(super) fn metric(deliveries: &[Delivery], stamps: Stamps) -> Metric {
    let mut metric = Metric::default();
    for delivery in deliveries {
        let stamp = match stamps {
            Stamps::Arrival => delivery.arrival(),
            Stamps::Event => delivery.event,
        };
        metric.put(stamp, delivery.arrival() + delivery.lag, delivery.matches);
    }
    metric
}

/// The evaluation ranges that a promise has to hold under: none beyond N, that of AWS's examples,
/// and more.
pub(super) fn every_cloudwatch() -> impl Iterator<Item = CloudWatch> {
    [0, 1, 2, 5].into_iter().map(|extra_points| CloudWatch { extra_points, ..CloudWatch::default() })
}

/// The same for periods that end with those of the clock, as they would in a wall clock window.
pub(super) fn by_the_clock() -> CloudWatch {
    CloudWatch { window: Window::WallClock, ..CloudWatch::default() }
}

/// How late files come, in seconds: each minute of the first hour, and hours.
pub(super) fn latenesses() -> impl Iterator<Item = i64> {
    (0..=60).map(|minutes| minutes * MINUTE).chain([2, 3, 5, 24].map(|hours| hours * HOUR))
}
