//! From what is written to what runs: every rule that a detector has to keep.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_saphyr::Spanned;

use super::DetectorFile;
use super::place::place_in_scalar;
use super::raw::{
    RawAlarm, RawAlarmChoice, RawComparison, RawDetector, RawExcluded, RawExclusion, RawExpected, RawMetric,
    RawMissingData, RawNeeds, RawSeverity, RawStatistic, RawTest, RawValue, place_of,
};
use crate::detector::{
    Alarm, AlarmChoice, Comparison, Detector, Dimension, DimensionSet, Exclusion, Expected, InlineTest,
    LARGEST_VALUE, Metric, MetricValue, MissingData, Needs, RESERVED_METRIC_NAMES, Severity, Statistic,
};
use crate::load_error::{LoadError, Place};
use crate::pattern::{Pattern, PatternError};

/// CloudWatch allows 255 for a metric and for an alarm, whose name has the stack's of up to 128
/// characters before it.
const LONGEST_NAME: usize = 120;
/// CloudWatch's limit.
const LONGEST_ALARM_DESCRIPTION: usize = 1024;
const LONGEST_DIMENSION_NAME: usize = 255;
const MOST_DIMENSIONS: usize = 30;

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html>
const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// Checks everything and collects what is wrong, so that one look at the file mends it all.
pub(super) fn check(raw: RawDetector, file: &DetectorFile) -> Result<Detector, Vec<LoadError>> {
    let mut checker = Checker { file, errors: Vec::new() };
    let detector = checker.detector(raw);
    match detector {
        Some(detector) if checker.errors.is_empty() => Ok(detector),
        _ => Err(checker.errors),
    }
}

struct Checker<'f> {
    file: &'f DetectorFile,
    errors: Vec<LoadError>,
}

impl Checker<'_> {
    fn detector(&mut self, raw: RawDetector) -> Option<Detector> {
        self.metric_name(&raw.name);
        for (key, text) in [("title", &raw.title), ("what", &raw.what), ("why", &raw.why)] {
            if text.trim().is_empty() {
                self.error(place_of(raw.name.referenced), format!("`{key}` is empty: say it in a sentence"));
            }
        }
        if raw.sources.value.iter().all(|source| source.trim().is_empty()) {
            self.error(
                place_of(raw.sources.referenced),
                "`sources` is empty: name where the rule comes from",
            );
        }
        self.attack(&raw.attack);
        let pattern = self.rule(place_of(raw.name.referenced), raw.pattern.as_ref(), raw.sigma.as_ref());
        let exclusions = self.exclusions(raw.exclude);
        let metric = self.metric(&raw.name.value, raw.metric);
        let value = self.metric_value(raw.value);
        let default_value = raw.default_value.and_then(|value| self.default_value(value, &raw.dimensions));
        if let Some(unit) = &raw.unit
            && !UNITS.contains(&unit.value.as_str())
        {
            self.error(
                place_of(unit.referenced),
                format!("{:?} is no CloudWatch unit, such as Count or Bytes", unit.value),
            );
        }
        let dimensions = raw.dimensions.iter().filter_map(|set| self.dimension_set(set)).collect();
        self.sets_differ(&raw.dimensions);
        let alarm = self.alarm_choice(raw.alarm);
        let tests = self.tests(raw.tests);
        Some(Detector {
            place: place_of(raw.name.referenced),
            name: raw.name.value,
            title: raw.title,
            what: raw.what,
            why: raw.why,
            sources: raw.sources.value,
            needs: match raw.needs {
                RawNeeds::Management => Needs::Management,
                RawNeeds::Data => Needs::Data,
                RawNeeds::Network => Needs::Network,
            },
            severity: match raw.severity {
                RawSeverity::Informational => Severity::Informational,
                RawSeverity::Low => Severity::Low,
                RawSeverity::Medium => Severity::Medium,
                RawSeverity::High => Severity::High,
                RawSeverity::Critical => Severity::Critical,
            },
            attack: raw.attack.into_iter().map(|technique| technique.value).collect(),
            false_positives: raw.false_positives,
            pattern: pattern?,
            exclusions: exclusions?,
            metric,
            value: value?,
            default_value,
            unit: raw.unit.map(|unit| unit.value),
            dimensions,
            alarm,
            tests,
            file: self.file.path.clone(),
            pack: self.file.pack.clone(),
        })
    }

    fn metric_name(&mut self, name: &Spanned<String>) {
        let is_name = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_alphabetic())
                && text.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        if !is_name(&name.value) || name.value.len() > LONGEST_NAME {
            let reason = format!(
                "a name is a letter, then up to {} letters and digits, as in ConsoleLogin",
                LONGEST_NAME - 1
            );
            self.error(place_of(name.referenced), reason);
        } else if RESERVED_METRIC_NAMES.contains(&name.value.as_str()) {
            let reason =
                format!("{} is a metric of Trailmeter itself; give the detector another name", name.value);
            self.error(place_of(name.referenced), reason);
        }
    }

    /// `T1562` or `T1562.008`.
    fn attack(&mut self, techniques: &[Spanned<String>]) {
        for technique in techniques {
            let digits = technique.value.strip_prefix('T').unwrap_or_default();
            let (id, sub) = digits.split_once('.').map_or((digits, None), |(id, sub)| (id, Some(sub)));
            let are_digits =
                |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
            if !are_digits(id, 4) || sub.is_some_and(|sub| !are_digits(sub, 3)) {
                self.error(
                    place_of(technique.referenced),
                    format!("{:?} is no MITRE ATT&CK technique, such as T1078 or T1562.008", technique.value),
                );
            }
        }
    }

    fn rule(
        &mut self,
        place: Place,
        pattern: Option<&Spanned<String>>,
        sigma: Option<&Spanned<serde_json::Value>>,
    ) -> Option<Pattern> {
        match (pattern, sigma) {
            (Some(pattern), None) => self.pattern(pattern),
            (None, Some(sigma)) => {
                self.error(place_of(sigma.referenced), "`sigma` is not supported yet");
                None
            }
            _ => {
                self.error(place, "what to match is said by either `pattern` or `sigma`");
                None
            }
        }
    }

    fn metric(&mut self, detector: &str, raw: RawMetric) -> Metric {
        if let Some(namespace) = &raw.namespace
            && let Some(problem) = namespace_problem(&namespace.value)
        {
            self.error(place_of(namespace.referenced), format!("the namespace {problem}"));
        }
        if let Some(name) = &raw.name {
            if let Some(problem) = dimension_problem(&name.value) {
                self.error(place_of(name.referenced), format!("the metric's name {problem}"));
            } else if raw.namespace.is_none() && RESERVED_METRIC_NAMES.contains(&name.value.as_str()) {
                self.error(
                    place_of(name.referenced),
                    format!("{} is a metric of Trailmeter itself; give the metric another name", name.value),
                );
            }
        }
        Metric {
            namespace: raw.namespace.map(|namespace| namespace.value),
            name: raw.name.map_or_else(|| detector.to_owned(), |name| name.value),
        }
    }

    /// CloudWatch Logs refuses a default value beside dimensions, and so do we: it would have to
    /// name the values of a record that is not there.
    fn default_value(
        &mut self,
        raw: Spanned<f64>,
        dimensions: &[Spanned<BTreeMap<String, Spanned<String>>>],
    ) -> Option<f64> {
        let place = place_of(raw.referenced);
        if !dimensions.is_empty() {
            self.error(place, "`default-value` does not go with `dimensions`");
        }
        if raw.value.is_nan() || raw.value.abs() > LARGEST_VALUE {
            self.error(place, "`default-value` is no number that CloudWatch takes");
        }
        Some(raw.value)
    }

    fn pattern(&mut self, text: &Spanned<String>) -> Option<Pattern> {
        match text.value.parse() {
            Ok(pattern) => Some(pattern),
            Err(PatternError { offset, message }) => {
                let start = place_of(text.referenced);
                let place = place_in_scalar(&self.file.text, start, &text.value, offset);
                self.error(place, format!("bad pattern: {message}"));
                None
            }
        }
    }

    fn exclusions(&mut self, raw: Vec<RawExclusion>) -> Option<Vec<Exclusion>> {
        let mut names = Vec::new();
        let mut exclusions = Some(Vec::new());
        for exclusion in raw {
            let place = place_of(exclusion.name.referenced);
            if let Some(problem) = dimension_problem(&exclusion.name.value) {
                self.error(place, format!("the exclusion's name {problem}: it is counted under it"));
            }
            if exclusion.reason.trim().is_empty() {
                self.error(place, "`reason` is empty: say why these records may be ignored");
            }
            if names.contains(&exclusion.name.value) {
                self.error(place, format!("an exclusion {} stands above already", exclusion.name.value));
            }
            names.push(exclusion.name.value.clone());
            if exclusion.owner.value.trim().is_empty() {
                self.error(
                    place_of(exclusion.owner.referenced),
                    "`owner` is empty: say who answers for the exclusion",
                );
            }
            let expires = self.expiry(&exclusion.expires);
            match (self.rule(place, exclusion.pattern.as_ref(), exclusion.sigma.as_ref()), &mut exclusions) {
                (Some(pattern), Some(exclusions)) => {
                    exclusions.push(Exclusion {
                        name: exclusion.name.value,
                        owner: exclusion.owner.value,
                        reason: exclusion.reason,
                        expires,
                        pattern,
                    });
                }
                _ => exclusions = None,
            }
        }
        exclusions
    }

    fn expiry(&mut self, raw: &Spanned<String>) -> Option<Date> {
        if raw.value == "never" {
            return None;
        }
        let date = raw.value.parse().ok();
        if date.is_none() {
            self.error(
                place_of(raw.referenced),
                "`expires` is the last day on which the exclusion holds, as in 2027-03-31, or never",
            );
        }
        date
    }

    fn metric_value(&mut self, raw: Option<Spanned<RawValue>>) -> Option<MetricValue> {
        let Some(raw) = raw else { return Some(MetricValue::Constant(1.0)) };
        let place = place_of(raw.referenced);
        match raw.value {
            RawValue::Constant(value) if value.abs() <= LARGEST_VALUE => Some(MetricValue::Constant(value)),
            RawValue::Constant(_) => {
                self.error(place, "`value` is larger than CloudWatch takes (2^360)");
                None
            }
            RawValue::Field(text) => match text.parse() {
                Ok(selector) => Some(MetricValue::Field(selector)),
                Err(PatternError { message, .. }) => {
                    self.error(place, format!("bad `value`: {message}"));
                    None
                }
            },
        }
    }

    fn dimension_set(&mut self, raw: &Spanned<BTreeMap<String, Spanned<String>>>) -> Option<DimensionSet> {
        let place = place_of(raw.referenced);
        if raw.value.is_empty() || raw.value.len() > MOST_DIMENSIONS {
            self.error(place, format!("a set has 1 to {MOST_DIMENSIONS} dimensions"));
        }
        let mut dimensions = Vec::new();
        for (name, selector) in &raw.value {
            if let Some(problem) = dimension_problem(name) {
                self.error(place, format!("the dimension name {name:?} {problem}"));
            }
            match selector.value.parse() {
                Ok(selector) => dimensions.push(Dimension { name: name.clone(), selector }),
                Err(PatternError { offset, message }) => {
                    let start = place_of(selector.referenced);
                    let place = place_in_scalar(&self.file.text, start, &selector.value, offset);
                    self.error(place, format!("bad dimension {name}: {message}"));
                    return None;
                }
            }
        }
        Some(DimensionSet(dimensions))
    }

    /// Two sets of the same names would be one family of series, and each match twice in it.
    fn sets_differ(&mut self, sets: &[Spanned<BTreeMap<String, Spanned<String>>>]) {
        for (at, set) in sets.iter().enumerate() {
            if sets[..at].iter().any(|other| other.value.keys().eq(set.value.keys())) {
                self.error(place_of(set.referenced), "a set above has the same dimensions already");
            }
        }
    }

    fn alarm_choice(&mut self, raw: Option<Spanned<RawAlarmChoice>>) -> AlarmChoice {
        let Some(raw) = raw else { return AlarmChoice::Unsaid };
        match raw.value {
            RawAlarmChoice::None => AlarmChoice::None,
            RawAlarmChoice::Alarm(alarm) => AlarmChoice::Alarm(self.alarm(*alarm, place_of(raw.referenced))),
        }
    }

    fn alarm(&mut self, raw: RawAlarm, place: Place) -> Alarm {
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

    fn tests(&mut self, raw: Spanned<Vec<Spanned<RawTest>>>) -> Vec<InlineTest> {
        let place = place_of(raw.referenced);
        let tests: Vec<InlineTest> = raw.value.into_iter().map(inline_test).collect();
        for (expected, words) in [(Expected::Match, "must match"), (Expected::NoMatch, "must not match")] {
            if !tests.iter().any(|test| test.expected == expected) {
                self.error(place, format!("`tests` needs at least one record that {words}"));
            }
        }
        tests
    }

    fn error(&mut self, place: Place, reason: impl Into<String>) {
        self.errors.push(LoadError { file: self.file.path.clone(), place, reason: reason.into() });
    }
}

fn inline_test(raw: Spanned<RawTest>) -> InlineTest {
    InlineTest {
        place: place_of(raw.referenced),
        name: raw.value.name,
        expected: match raw.value.expected {
            RawExpected::Flag(true) => Expected::Match,
            RawExpected::Flag(false) => Expected::NoMatch,
            RawExpected::Word(RawExcluded::Excluded) => Expected::Excluded,
        },
        record: raw.value.record,
    }
}

/// How far back CloudWatch looks, in seconds.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
fn longest_look_back(period: u32) -> u32 {
    if period < 3600 { 86_400 } else { 7 * 86_400 }
}

/// What is wrong with a CloudWatch namespace, if anything.
fn namespace_problem(name: &str) -> Option<&'static str> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/#: ".contains(&byte);
    if name.trim().is_empty() || name.len() > 255 || !name.bytes().all(is_allowed) {
        Some("is no CloudWatch namespace: 1 to 255 letters, digits and . - _ / # :")
    } else if name.starts_with(':') || name.starts_with("AWS/") {
        Some("starts with a colon or AWS/, which CloudWatch keeps for itself")
    } else {
        None
    }
}

/// What is wrong with a name of a dimension, if anything.
fn dimension_problem(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("is blank")
    } else if name.len() > LONGEST_DIMENSION_NAME {
        Some("is longer than 255 characters")
    } else if name.starts_with(':') {
        Some("starts with a colon, which CloudWatch keeps for itself")
    } else if !name.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        Some("has characters other than printable ASCII")
    } else {
        None
    }
}
