//! What CloudWatch says when an alarm changes its state.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use trailmeter_detection::{RESERVED_METRIC_NAMES, parse_event_time};

use crate::gather::Watched;
use crate::links::Deployment;

/// An alarm that changed its state, or that is on.
///
/// Source of the shape: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html>
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Its ARN, if that is said.
    pub arn: Option<String>,
    /// What whoever made it says of it.
    pub description: String,
    /// The state it is in now.
    pub state: AlarmState,
    /// Why, in CloudWatch's words.
    pub reason: String,
    /// Since when, in seconds since 1970; `None` if that cannot be read.
    pub changed: Option<i64>,
    /// What it watches; `None` if that is no single metric.
    pub metric: Option<AlarmMetric>,
    /// How far back it looks, in seconds.
    pub looks_back: i64,
    /// The detector it is about, where it watches many and names one.
    pub contributor: Option<String>,
}

/// The metric of an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AlarmMetric {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// The states of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// The threshold was reached.
    #[default]
    Alarm,
    /// It is not reached any longer.
    Ok,
    /// There is nothing to say so from.
    InsufficientData,
}

impl AlarmState {
    /// CloudWatch's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alarm => "ALARM",
            Self::Ok => "OK",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Alarm, Self::Ok, Self::InsufficientData].into_iter().find(|state| state.word() == word)
    }
}

/// A message that is no change of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message is no change of an alarm: {0}")]
pub struct NoAlarm(&'static str);

/// Where nobody says how far an alarm looks back.
const USUAL_LOOK_BACK: i64 = 900;
/// An alarm looks back a week at the most.
const LONGEST_LOOK_BACK: i64 = 7 * 86_400;

impl Alarm {
    /// Reads what CloudWatch publishes to a topic.
    pub fn of_message(text: &str) -> Result<Self, NoAlarm> {
        let message: Value = serde_json::from_str(text).map_err(|_| NoAlarm("it is no JSON"))?;
        let name = message["AlarmName"].as_str().ok_or(NoAlarm("it has no AlarmName"))?;
        let state = message["NewStateValue"].as_str().and_then(AlarmState::of);
        let trigger = &message["Trigger"];
        Ok(Self {
            name: name.to_owned(),
            arn: text_of(&message, "AlarmArn"),
            description: text_of(&message, "AlarmDescription").unwrap_or_default(),
            state: state.ok_or(NoAlarm("it has no NewStateValue"))?,
            reason: text_of(&message, "NewStateReason").unwrap_or_default(),
            changed: message["StateChangeTime"].as_str().and_then(time_of),
            metric: metric_of(trigger),
            looks_back: looks_back(trigger),
            contributor: message["AlarmContributorAttributes"]["Detector"].as_str().map(str::to_owned),
        })
    }

    /// Whose findings make up what it counts; `None` if it is no alarm of a detector of this deployment.
    pub(crate) fn watched(&self, deployment: &Deployment) -> Option<Watched> {
        if !self.name.starts_with(&format!("{}-", deployment.stack)) {
            return None;
        }
        if let Some(detector) = &self.contributor {
            return Some(Watched::Detector(detector.clone()));
        }
        match &self.metric {
            Some(metric) if metric.namespace.starts_with("AWS/") => None,
            Some(metric) if metric.namespace == deployment.namespace && is_own(&metric.name) => None,
            Some(metric) => Some(Watched::Metric(metric.clone())),
            // The one alarm without a metric of its own asks for all loaded detectors.
            None => Some(Watched::Loaded),
        }
    }

    /// The numbers that reached the threshold, as far as the reason tells them: their sum.
    ///
    /// `Threshold Crossed: 1 out of the last 2 datapoints [7.0 (21/11/26 20:00:00)] was greater …`
    pub fn datapoints(&self) -> Option<f64> {
        let (_, rest) = self.reason.split_once('[')?;
        let (inside, _) = rest.split_once(']')?;
        let numbers: Vec<f64> = inside
            .split(", ")
            .map(|one| one.split_once(" (").map_or(one, |(number, _)| number).trim().parse())
            .collect::<Result<_, _>>()
            .ok()?;
        let sum: f64 = numbers.iter().sum();
        (sum.is_finite() && !numbers.is_empty()).then_some(sum)
    }
}

/// Whether a metric is one of Trailmeter's own, which no detector feeds.
fn is_own(metric: &str) -> bool {
    RESERVED_METRIC_NAMES.contains(&metric)
}

fn text_of(value: &Value, field: &str) -> Option<String> {
    value[field].as_str().map(str::to_owned)
}

/// `2026-11-21T20:05:00.123+0000`, with an offset without a colon.
fn time_of(text: &str) -> Option<i64> {
    let seconds = text.get(..19)?;
    let behind = text.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    matches!(behind, "+0000" | "+00:00" | "Z" | "")
        .then(|| parse_event_time(&format!("{seconds}Z")))
        .flatten()
}

fn metric_of(trigger: &Value) -> Option<AlarmMetric> {
    let of = |metric: &Value| {
        Some(AlarmMetric { namespace: text_of(metric, "Namespace")?, name: text_of(metric, "MetricName")? })
    };
    of(trigger).or_else(|| {
        let metrics = trigger["Metrics"].as_array()?;
        metrics.iter().find_map(|one| of(&one["MetricStat"]["Metric"]))
    })
}

fn looks_back(trigger: &Value) -> i64 {
    let metrics = trigger["Metrics"].as_array().map(Vec::as_slice).unwrap_or_default();
    let period = trigger["Period"].as_i64().or_else(|| {
        metrics.iter().find_map(|one| one["MetricStat"]["Period"].as_i64().or_else(|| one["Period"].as_i64()))
    });
    match (period, trigger["EvaluationPeriods"].as_i64()) {
        (Some(period), Some(periods)) => period.saturating_mul(periods).clamp(60, LONGEST_LOOK_BACK),
        _ => USUAL_LOOK_BACK,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cloudwatch_publishes_is_read() {
        let message = json!({
            "AlarmName": "prod-AccessDenied", "AlarmDescription": "Several calls were denied.",
            "AWSAccountId": "111122223333", "NewStateValue": "ALARM", "OldStateValue": "OK",
            "NewStateReason": "Threshold Crossed: 1 out of the last 2 datapoints [7.0 (21/11/26 20:00:00)] was greater than or equal to the threshold (5.0).",
            "StateChangeTime": "2026-11-21T20:05:12.345+0000", "Region": "EU (Ireland)",
            "AlarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:prod-AccessDenied",
            "Trigger": {
                "MetricName": "AccessDenied", "Namespace": "Trailmeter/prod", "StatisticType": "Statistic",
                "Statistic": "SUM", "Period": 300, "EvaluationPeriods": 2, "Threshold": 5.0,
            },
        });
        let alarm = Alarm::of_message(&message.to_string()).unwrap();
        assert_eq!(alarm.name, "prod-AccessDenied");
        assert_eq!(alarm.state, AlarmState::Alarm);
        assert_eq!(alarm.changed, parse_event_time("2026-11-21T20:05:12Z"));
        assert_eq!(alarm.looks_back, 600);
        assert_eq!(alarm.datapoints(), Some(7.0));
        let metric = AlarmMetric { namespace: "Trailmeter/prod".to_owned(), name: "AccessDenied".to_owned() };
        assert_eq!(alarm.metric, Some(metric));
    }

    #[test]
    fn an_alarm_on_many_series_names_its_contributor() {
        let message = json!({
            "AlarmName": "prod-loaded-detectors", "NewStateValue": "ALARM",
            "AlarmContributorAttributes": { "Detector": "MyOwn" },
            "Trigger": { "Metrics": [{ "Id": "matches", "Expression": "SELECT …", "Period": 300 }], "EvaluationPeriods": 3 },
        });
        let alarm = Alarm::of_message(&message.to_string()).unwrap();
        assert_eq!(
            (alarm.contributor.as_deref(), alarm.metric, alarm.looks_back),
            (Some("MyOwn"), None, 900)
        );
        assert_eq!((alarm.changed, alarm.reason.as_str()), (None, ""));
    }

    #[test]
    fn numbers_are_read_out_of_the_reason_or_not_at_all() {
        for (reason, datapoints) in [
            ("Threshold Crossed: 1 datapoint [5.0 (21/11/26 20:00:00)] was greater", Some(5.0)),
            ("2 datapoints [5.0 (21/11/26 20:05:00), 2.5 (21/11/26 20:00:00)] were", Some(7.5)),
            ("Threshold Crossed: no datapoints were received", None),
            ("[]", None),
            ("[x (y)]", None),
            ("[1e400 (y)]", None),
            ("]3[", None),
            ("Threshold Crossed: 1 datapoint [3]", Some(3.0)),
        ] {
            let alarm = Alarm { reason: reason.to_owned(), ..Alarm::default() };
            assert_eq!(alarm.datapoints(), datapoints, "{reason}");
        }
    }

    #[test]
    fn what_is_no_alarm_is_told_apart() {
        for (text, says) in [
            ("", "no JSON"),
            ("hello", "no JSON"),
            ("[1]", "no AlarmName"),
            (r#"{"AlarmName":"a"}"#, "no NewStateValue"),
            (r#"{"AlarmName":"a","NewStateValue":"MAYBE"}"#, "no NewStateValue"),
        ] {
            let error = Alarm::of_message(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn hostile_numbers_do_no_harm() {
        for (period, periods, looks_back) in
            [(i64::MAX, i64::MAX, LONGEST_LOOK_BACK), (-1, 5, 60), (0, 0, 60), (300, i64::MIN, 60)]
        {
            let message = json!({
                "AlarmName": "a", "NewStateValue": "OK", "Trigger": { "Period": period, "EvaluationPeriods": periods },
            });
            assert_eq!(Alarm::of_message(&message.to_string()).unwrap().looks_back, looks_back);
        }
    }
}
