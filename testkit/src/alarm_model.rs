//! How CloudWatch decides on a metric alarm, after AWS's guide: a model for tests, in simulated time.
//!
//! - [Alarm evaluation](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html):
//!   M of N, each minute, and each hour for an alarm that looks at more than a day.
//! - [Missing data](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html):
//!   the evaluation range, the four treatments, the premature alarm. Its tables are tests here.
//! - [Evaluation window](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html):
//!   sliding or by the clock.
//!
//! What AWS leaves open is a setting of [`CloudWatch`], so that a test can ask for the answer under
//! each. What the model leaves out: periods below a minute, percentiles, anomaly bands, composite
//! alarms, muting and warm-up.

mod alarm;
mod evaluation;
mod history;
mod metric;
#[cfg(test)]
mod published;
#[cfg(test)]
mod tests;

pub use alarm::{Alarm, Comparison, MissingData, Statistic};
pub use evaluation::{CloudWatch, Point, Window, decide};
pub use history::{History, State};
pub use metric::Metric;

/// Seconds of a minute: alarms of a minute's period and more are evaluated that often.
pub const MINUTE: i64 = 60;
/// Seconds of an hour.
pub const HOUR: i64 = 3_600;
/// Seconds of a day.
pub const DAY: i64 = 86_400;
