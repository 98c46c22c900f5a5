//! A metric: samples with the time they bear and the time from which they can be seen.

use super::{MINUTE, Statistic};

/// One series of a metric, in seconds of simulated time.
#[derive(Debug, Clone, Default)]
pub struct Metric {
    samples: Vec<Sample>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    stamp: i64,
    visible: i64,
    value: f64,
}

impl Metric {
    /// Adds a sample that bears the time `stamp` and is there for those who look from `visible` on.
    ///
    /// CloudWatch keeps samples of standard resolution by the minute.
    pub fn put(&mut self, stamp: i64, visible: i64, value: f64) {
        let stamp = stamp.div_euclid(MINUTE) * MINUTE;
        self.samples.push(Sample { stamp, visible, value });
    }

    /// The points of `count` periods before `end`, the newest first, as they can be seen at `now`.
    pub(super) fn points(
        &self,
        statistic: Statistic,
        period: i64,
        end: i64,
        count: usize,
        now: i64,
    ) -> Vec<Option<f64>> {
        let mut periods: Vec<Option<Tally>> = vec![None; count];
        for sample in self.samples.iter().filter(|sample| sample.visible <= now && sample.stamp < end) {
            let age = usize::try_from((end - 1 - sample.stamp) / period).unwrap_or(usize::MAX);
            if let Some(tally) = periods.get_mut(age) {
                tally.get_or_insert_default().add(sample.value);
            }
        }
        periods.into_iter().map(|tally| tally.map(|tally| tally.value(statistic))).collect()
    }
}

/// What CloudWatch keeps of the samples of a period.
#[derive(Debug, Clone, Copy)]
struct Tally {
    sum: f64,
    least: f64,
    greatest: f64,
    samples: f64,
}

impl Default for Tally {
    fn default() -> Self {
        Self { sum: 0.0, least: f64::INFINITY, greatest: f64::NEG_INFINITY, samples: 0.0 }
    }
}

impl Tally {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
        self.samples += 1.0;
    }

    fn value(self, statistic: Statistic) -> f64 {
        match statistic {
            Statistic::Sum => self.sum,
            Statistic::Maximum => self.greatest,
            Statistic::Minimum => self.least,
            Statistic::Average => self.sum / self.samples,
            Statistic::SampleCount => self.samples,
        }
    }
}
