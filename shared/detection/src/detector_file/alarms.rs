//! When a detector wakes somebody.

use serde_saphyr::Spanned;

use super::check::Checker;
use super::raw::{RawAlarm, RawAlarmChoice, RawComparison, RawMissingData, RawStatistic, place_of};
use crate::detector::{Alarm, AlarmChoice, Comparison, MissingData, Statistic};
use crate::load_error::Place;

/// CloudWatch's limit.
const LONGEST_ALARM_DESCRIPTION: usize = 1024;

impl Checker<'_> {
    pub(super) fn alarm_choice(&mut self, raw: Option<Spanned<RawAlarmChoice>>) -> AlarmChoice {
        let Some(raw) = raw else { return AlarmChoice::Unsaid };
        match raw.value {
            RawAlarmChoice::None => AlarmChoice::None,
            RawAlarmChoice::Alarm(alarm) => AlarmChoice::Alarm(self.alarm(&alarm, place_of(raw.referenced))),
        }
    }

    fn alarm(&mut self, raw: &RawAlarm, place: Place) -> Alarm {
        if raw.description.trim().is_empty() {
            self.error(place, "the alarm's `description` is empty: say it to the person who is woken");
        }
        if raw.description.len() > LONGEST_ALARM_DESCRIPTION {
            self.error(
                place,
                format!("the alarm's `description` is longer than {LONGEST_ALARM_DESCRIPTION} bytes"),
            );
        }
        if !raw.threshold.is_finite() {
            self.error(place, "the alarm's `threshold` is a number");
        } else if matches!(raw.comparison, RawComparison::AtLeast) && raw.threshold <= 0.0 {
            self.error(
                place,
                "the alarm's `threshold` is above zero with `comparison` >=, or it always holds",
            );
        }
        if !(60..=86_400).contains(&raw.period) || !raw.period.is_multiple_of(60) {
            self.error(place, "the alarm's `period` is a multiple of 60 seconds, up to 86400");
        }
        if raw.evaluation_periods < 1
            || longest_look_back(raw.period) < raw.evaluation_periods.saturating_mul(raw.period)
        {
            self.error(
                place,
                "the alarm's `evaluation-periods` times its `period` is at most a day, or a week with periods of an hour and more",
            );
        }
        if !(1..=raw.evaluation_periods).contains(&raw.datapoints_to_alarm) {
            self.error(place, "the alarm's `datapoints-to-alarm` is 1 to its `evaluation-periods`");
        }
        Alarm {
            description: raw.description.trim().to_owned(),
            statistic: match raw.statistic {
                RawStatistic::Sum => Statistic::Sum,
                RawStatistic::SampleCount => Statistic::SampleCount,
                RawStatistic::Average => Statistic::Average,
                RawStatistic::Minimum => Statistic::Minimum,
                RawStatistic::Maximum => Statistic::Maximum,
            },
            comparison: match raw.comparison {
                RawComparison::AtLeast => Comparison::AtLeast,
                RawComparison::Greater => Comparison::Greater,
                RawComparison::AtMost => Comparison::AtMost,
                RawComparison::Less => Comparison::Less,
            },
            threshold: raw.threshold,
            period: raw.period,
            evaluation_periods: raw.evaluation_periods,
            datapoints_to_alarm: raw.datapoints_to_alarm,
            missing_data: match raw.missing_data {
                RawMissingData::NotBreaching => MissingData::NotBreaching,
                RawMissingData::Breaching => MissingData::Breaching,
                RawMissingData::Ignore => MissingData::Ignore,
                RawMissingData::Missing => MissingData::Missing,
            },
        }
    }
}

/// How far back CloudWatch looks, in seconds.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
fn longest_look_back(period: u32) -> u32 {
    if period < 3600 { 86_400 } else { 7 * 86_400 }
}
