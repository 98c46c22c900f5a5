//! The detector file as it is written, before anything is believed of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::load_error::Place;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawDetector {
    pub name: Spanned<String>,
    pub title: String,
    pub what: String,
    pub why: String,
    pub sources: Spanned<Vec<String>>,
    #[expect(dead_code, reason = "there is one log source so far; the file must name it all the same")]
    pub logs: RawLogs,
    #[serde(default)]
    pub needs: RawNeeds,
    #[serde(default)]
    pub severity: RawSeverity,
    #[serde(default)]
    pub attack: Vec<Spanned<String>>,
    #[serde(default)]
    pub false_positives: Vec<String>,
    pub pattern: Option<Spanned<String>>,
    pub sigma: Option<Spanned<Value>>,
    #[serde(default)]
    pub lists: BTreeMap<String, Spanned<Vec<String>>>,
    #[serde(default)]
    pub exclude: Vec<RawExclusion>,
    #[serde(default)]
    pub metric: RawMetric,
    pub value: Option<Spanned<RawValue>>,
    pub default_value: Option<Spanned<f64>>,
    pub unit: Option<Spanned<String>>,
    #[serde(default)]
    pub dimensions: Vec<Spanned<BTreeMap<String, Spanned<String>>>>,
    pub alarm: Option<Spanned<RawAlarmChoice>>,
    pub tests: Spanned<Vec<Spanned<RawTest>>>,
}

#[derive(Deserialize)]
pub(super) enum RawLogs {
    #[serde(rename = "cloudtrail")]
    CloudTrail,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawNeeds {
    #[default]
    Management,
    Data,
    Network,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawSeverity {
    Informational,
    Low,
    #[default]
    Medium,
    High,
    Critical,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExclusion {
    pub name: Spanned<String>,
    pub owner: Spanned<String>,
    pub reason: String,
    pub expires: Spanned<String>,
    pub pattern: Option<Spanned<String>>,
    pub sigma: Option<Spanned<Value>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMetric {
    pub namespace: Option<Spanned<String>>,
    pub name: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawValue {
    Constant(f64),
    Field(String),
}

pub(super) enum RawAlarmChoice {
    None,
    Alarm(Box<RawAlarm>),
}

/// By hand: serde's untagged enums forget what was wrong with a variant, and where.
impl<'de> Deserialize<'de> for RawAlarmChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AlarmVisitor)
    }
}

struct AlarmVisitor;

impl<'de> Visitor<'de> for AlarmVisitor {
    type Value = RawAlarmChoice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an alarm, or the word none")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<RawAlarmChoice, E> {
        if word == "none" {
            Ok(RawAlarmChoice::None)
        } else {
            Err(E::invalid_value(Unexpected::Str(word), &self))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawAlarmChoice, A::Error> {
        let alarm = RawAlarm::deserialize(MapAccessDeserializer::new(map))?;
        Ok(RawAlarmChoice::Alarm(Box::new(alarm)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawAlarm {
    pub description: String,
    #[serde(default)]
    pub statistic: RawStatistic,
    #[serde(default)]
    pub comparison: RawComparison,
    #[serde(default = "one")]
    pub threshold: f64,
    #[serde(default = "five_minutes")]
    pub period: u32,
    #[serde(default = "one_period")]
    pub evaluation_periods: u32,
    #[serde(default = "one_period")]
    pub datapoints_to_alarm: u32,
    #[serde(default)]
    pub missing_data: RawMissingData,
}

#[derive(Deserialize, Default)]
pub(super) enum RawStatistic {
    #[default]
    Sum,
    SampleCount,
    Average,
    Minimum,
    Maximum,
}

#[derive(Deserialize, Default)]
pub(super) enum RawComparison {
    #[serde(rename = ">=")]
    #[default]
    AtLeast,
    #[serde(rename = ">")]
    Greater,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = "<")]
    Less,
}

#[derive(Deserialize, Default)]
pub(super) enum RawMissingData {
    #[serde(rename = "notBreaching")]
    #[default]
    NotBreaching,
    #[serde(rename = "breaching")]
    Breaching,
    #[serde(rename = "ignore")]
    Ignore,
    #[serde(rename = "missing")]
    Missing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTest {
    pub name: String,
    #[serde(rename = "match")]
    pub expected: RawExpected,
    pub record: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawExpected {
    Flag(bool),
    Word(RawExcluded),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawExcluded {
    Excluded,
}

fn one() -> f64 {
    1.0
}

fn five_minutes() -> u32 {
    300
}

fn one_period() -> u32 {
    1
}

/// Parses the YAML. Unknown and repeated keys, aliases that multiply and other YAML than one
/// document of this shape are errors.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, (Place, String)> {
    from_yaml(text).map_err(|error| {
        let place = error.location().map(place_of).unwrap_or_default();
        (place, reason(&error))
    })
}

/// YAML 1.2, in which `y` and `no` are words. A record is full of them, and so are rules.
pub(crate) fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T, serde_saphyr::Error> {
    serde_saphyr::from_str_with_options(text, serde_saphyr::options! { strict_booleans: true })
}

pub(super) fn place_of(location: serde_saphyr::Location) -> Place {
    Place { line: location.line(), column: location.column() }
}

/// The library's own words without the place, which is printed before them, and on one line.
pub(super) fn reason(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let first = text.lines().next().unwrap_or_default();
    let end = first.rfind(" at line ").unwrap_or(first.len());
    first[..end].trim_end_matches([',', ';']).to_owned()
}
