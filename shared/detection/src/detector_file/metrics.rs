//! What goes into CloudWatch: metric, value, unit, dimensions.

use std::collections::{BTreeMap, BTreeSet};

use serde_saphyr::Spanned;

use super::check::{Checker, LONGEST_CLOUDWATCH_NAME, name_problem};
use super::place::place_in_scalar;
use super::raw::{RawAggregated, RawMetric, RawValue, place_of};
use crate::aggregated::Aggregated;
use crate::detector::{Dimension, DimensionSet, LARGEST_VALUE, Metric, MetricValue, RESERVED_METRIC_NAMES};
use crate::model::{Glob, Token};
use crate::pattern::PatternError;

pub(super) const MOST_DIMENSIONS: usize = 30;
/// Each is tried on each number of a record.
pub(super) const MOST_NAMES: usize = 100;

/// What Trailmeter puts behind the names of metrics, the longest first.
const DERIVED: [&str; 2] = [".EventTime", ".Backfill"];

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html>
pub(super) const UNITS: [&str; 27] = [
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

impl Checker<'_> {
    pub(super) fn unit(&mut self, unit: &Spanned<String>) {
        if !UNITS.contains(&unit.value.as_str()) {
            let reason = format!("{:?} is no CloudWatch unit, such as Count or Bytes", unit.value);
            self.error(place_of(unit.referenced), reason);
        }
    }

    pub(super) fn metric(&mut self, detector: &str, raw: RawMetric) -> Metric {
        if let Some(namespace) = &raw.namespace
            && let Some(problem) = namespace_problem(&namespace.value)
        {
            self.error(place_of(namespace.referenced), format!("the namespace {problem}"));
        }
        if let Some(name) = &raw.name {
            if let Some(problem) = name_problem(&name.value) {
                self.error(place_of(name.referenced), format!("the metric's name {problem}"));
            } else if let Some(problem) = derived_problem(&name.value) {
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
    pub(super) fn default_value(
        &mut self,
        raw: &Spanned<f64>,
        dimensions: &[Spanned<BTreeMap<String, Spanned<String>>>],
    ) {
        let place = place_of(raw.referenced);
        if !dimensions.is_empty() {
            self.error(place, "`default-value` does not go with `dimensions`");
        }
        if raw.value.is_nan() || raw.value.abs() > LARGEST_VALUE {
            self.error(place, "`default-value` is no number that CloudWatch takes");
        }
    }

    pub(super) fn metric_value(&mut self, raw: Option<Spanned<RawValue>>) -> Option<MetricValue> {
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

    /// What is added up of aggregated events. Of the same match nothing else can be the value.
    pub(super) fn aggregated(
        &mut self,
        raw: Spanned<RawAggregated>,
        has_value: bool,
        has_default: bool,
    ) -> MetricValue {
        let place = place_of(raw.referenced);
        for (key, stands) in [("value", has_value), ("default-value", has_default)] {
            if stands {
                self.error(
                    place,
                    format!("`aggregated` does not go with `{key}`: the numbers of the record count"),
                );
            }
        }
        let RawAggregated { dimension, detail, names } = raw.value;
        for text in [&dimension].into_iter().chain(&detail).chain(&names) {
            if text.value.trim().is_empty() {
                self.error(place_of(text.referenced), "a dimension or a name of one is blank");
            }
        }
        if names.len() > MOST_NAMES {
            self.error(place, format!("`names` has more than {MOST_NAMES}: use wildcards"));
        }
        let glob = |name: &Spanned<String>| {
            let token = |character| if character == '*' { Token::Many } else { Token::Char(character) };
            Glob::new(name.value.chars().map(token), false)
        };
        let names = names.iter().take(MOST_NAMES).map(glob).collect();
        let detail = detail.map(|detail| detail.value);
        MetricValue::Aggregated(Aggregated { dimension: dimension.value, detail, names })
    }

    pub(super) fn dimension_set(
        &mut self,
        raw: &Spanned<BTreeMap<String, Spanned<String>>>,
    ) -> Option<DimensionSet> {
        let place = place_of(raw.referenced);
        if raw.value.is_empty() || raw.value.len() > MOST_DIMENSIONS {
            self.error(place, format!("a set has 1 to {MOST_DIMENSIONS} dimensions"));
        }
        let mut dimensions = Vec::new();
        for (name, selector) in &raw.value {
            if let Some(problem) = name_problem(name) {
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
    pub(super) fn sets_differ(&mut self, sets: &[Spanned<BTreeMap<String, Spanned<String>>>]) {
        let mut known = BTreeSet::new();
        for set in sets {
            if !known.insert(set.value.keys().collect::<Vec<_>>()) {
                self.error(place_of(set.referenced), "a set above has the same dimensions already");
            }
        }
    }
}

/// What is wrong with a name that metrics of Trailmeter's own are derived from: the same by the time of events, and
/// that of a backfill, which no alarm may watch by chance.
fn derived_problem(name: &str) -> Option<&'static str> {
    if DERIVED.iter().any(|ending| name.ends_with(ending)) {
        Some("ends in .EventTime or .Backfill, which Trailmeter puts behind the names of metrics")
    } else if name.len() > LONGEST_CLOUDWATCH_NAME - DERIVED[0].len() {
        Some("is longer than 245 characters, and Trailmeter puts up to ten behind it")
    } else {
        None
    }
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
