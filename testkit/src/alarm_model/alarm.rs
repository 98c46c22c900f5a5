//! The settings of an alarm that its state depends on.

use anyhow::{Result, ensure};

use super::{DAY, HOUR, MINUTE};

/// A metric alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// `Period`, in seconds.
    pub period: i64,
    /// `EvaluationPeriods`, the N of "M of N".
    pub evaluation_periods: usize,
    /// `DatapointsToAlarm`, the M.
    pub datapoints_to_alarm: usize,
    /// `Threshold`.
    pub threshold: f64,
    /// `ComparisonOperator`.
    pub comparison: Comparison,
    /// `Statistic`, or `Stat` of a metric in `Metrics`.
    pub statistic: Statistic,
    /// `TreatMissingData`.
    pub missing_data: MissingData,
    /// The value that an expression `FILL(metric, value)` gives to periods without a sample.
    pub fill: Option<f64>,
}

/// How the samples of a period become its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Their sum.
    Sum,
    /// The greatest of them.
    Maximum,
    /// The least of them.
    Minimum,
    /// Their mean.
    Average,
    /// How many there are.
    SampleCount,
}

/// Which points breach the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Those at or above it.
    AtLeast,
    /// Those above it.
    Above,
    /// Those at or below it.
    AtMost,
    /// Those below it.
    Below,
}

/// What becomes of periods without a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingData {
    /// `missing`: nothing at all is `INSUFFICIENT_DATA`.
    Missing,
    /// `ignore`: the state stays.
    Ignore,
    /// `breaching`.
    Breaching,
    /// `notBreaching`.
    NotBreaching,
}

impl Alarm {
    /// Refuses what `PutMetricAlarm` refuses, and periods below a minute, which the model does not
    /// know.
    pub fn check(&self) -> Result<()> {
        let (n, m) = (self.evaluation_periods, self.datapoints_to_alarm);
        ensure!(self.period >= MINUTE && self.period % MINUTE == 0, "Period {} is no minutes", self.period);
        ensure!(m >= 1 && m <= n, "DatapointsToAlarm {m} is not within 1 and EvaluationPeriods {n}");
        let longest = if self.period < HOUR { DAY } else { 7 * DAY };
        let seconds = self.seconds();
        ensure!(seconds <= longest, "Period times EvaluationPeriods is {seconds}, more than {longest}");
        Ok(())
    }

    /// `Period` times `EvaluationPeriods`.
    pub fn seconds(&self) -> i64 {
        self.period.saturating_mul(i64::try_from(self.evaluation_periods).unwrap_or(i64::MAX))
    }

    /// Whether a point is on the wrong side of the threshold.
    pub fn breaches(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::AtLeast => value >= self.threshold,
            Comparison::Above => value > self.threshold,
            Comparison::AtMost => value <= self.threshold,
            Comparison::Below => value < self.threshold,
        }
    }
}

impl Statistic {
    /// The statistic that a template names.
    pub fn named(word: &str) -> Result<Self> {
        Ok(match word {
            "Sum" => Self::Sum,
            "Maximum" => Self::Maximum,
            "Minimum" => Self::Minimum,
            "Average" => Self::Average,
            "SampleCount" => Self::SampleCount,
            _ => anyhow::bail!("the model of alarms does not know the statistic {word}"),
        })
    }
}

impl Comparison {
    /// The comparison that a template names.
    pub fn named(word: &str) -> Result<Self> {
        Ok(match word {
            "GreaterThanOrEqualToThreshold" => Self::AtLeast,
            "GreaterThanThreshold" => Self::Above,
            "LessThanOrEqualToThreshold" => Self::AtMost,
            "LessThanThreshold" => Self::Below,
            _ => anyhow::bail!("the model of alarms does not know the comparison {word}"),
        })
    }
}

impl MissingData {
    /// The treatment that a template names.
    pub fn named(word: &str) -> Result<Self> {
        Ok(match word {
            "missing" => Self::Missing,
            "ignore" => Self::Ignore,
            "breaching" => Self::Breaching,
            "notBreaching" => Self::NotBreaching,
            _ => anyhow::bail!("CloudWatch does not treat missing data as {word}"),
        })
    }
}
