//! From what is written to what runs: every rule that a detector has to keep.

use std::collections::BTreeMap;

use serde_saphyr::Spanned;

use super::DetectorFile;
use super::place::place_in_scalar;
use super::raw::{
    RawAlarm, RawDetector, RawExcluded, RawExclusion, RawExpected, RawNeeds, RawTest, RawValue, place_of,
};
use crate::detector::{
    Alarm, Detector, Dimension, DimensionSet, Exclusion, Expected, InlineTest, LARGEST_VALUE, MetricValue,
    Needs, RESERVED_METRIC_NAMES,
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
        let pattern = self.pattern(&raw.pattern);
        let exclusions = self.exclusions(raw.exclude);
        let value = self.metric_value(raw.value);
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
        let alarm = raw.alarm.map(|alarm| self.alarm(alarm));
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
            pattern: pattern?,
            exclusions: exclusions?,
            value: value?,
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
            match (self.pattern(&exclusion.pattern), &mut exclusions) {
                (Some(pattern), Some(exclusions)) => {
                    exclusions.push(Exclusion {
                        name: exclusion.name.value,
                        reason: exclusion.reason,
                        pattern,
                    });
                }
                _ => exclusions = None,
            }
        }
        exclusions
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

    fn alarm(&mut self, raw: Spanned<RawAlarm>) -> Alarm {
        let place = place_of(raw.referenced);
        let raw = raw.value;
        if raw.description.trim().is_empty() {
            self.error(place, "the alarm's `description` is empty: say it to the person who is woken");
        }
        if raw.description.len() > LONGEST_ALARM_DESCRIPTION {
            self.error(
                place,
                format!("the alarm's `description` is longer than {LONGEST_ALARM_DESCRIPTION} bytes"),
            );
        }
        if !raw.threshold.is_finite() || raw.threshold <= 0.0 {
            self.error(place, "the alarm's `threshold` is a sum above zero");
        }
        // Shorter periods cost more; longer ones see a late file later than needed.
        if !(60..=300).contains(&raw.period) || !raw.period.is_multiple_of(60) {
            self.error(place, "the alarm's `period` is 60, 120, 180, 240 or 300 seconds");
        }
        // CloudWatch looks back one day at most with periods under an hour.
        if !(1..=288).contains(&raw.evaluation_periods)
            || raw.evaluation_periods.saturating_mul(raw.period) > 86_400
        {
            self.error(place, "the alarm's `evaluation-periods` times its `period` is at most a day");
        }
        Alarm {
            description: raw.description.trim().to_owned(),
            threshold: raw.threshold,
            period: raw.period,
            evaluation_periods: raw.evaluation_periods,
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
