//! The detector file as it is written, before anything is believed of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_saphyr::Spanned;

#[cfg(feature = "schema")]
use super::schema;
pub(super) use super::yaml_error::reason;
use crate::load_error::Place;

/// A Trailmeter detector: which records of a log it finds, and why.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = schema::detector))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawDetector {
    /// The detector, and its metric: a letter, then letters and digits, at most 120. Unique among
    /// the detectors of a run.
    #[cfg_attr(feature = "schema", schemars(with = "String", transform = schema::name))]
    pub name: Spanned<String>,
    /// One line, for tables and the dashboard.
    #[cfg_attr(feature = "schema", schemars(transform = schema::text))]
    pub title: String,
    /// What it finds, and what it leaves out.
    #[cfg_attr(feature = "schema", schemars(transform = schema::text))]
    pub what: String,
    /// Why that matters, and where to look first.
    #[cfg_attr(feature = "schema", schemars(transform = schema::text))]
    pub why: String,
    /// Where the rule comes from: addresses of documents, at least one.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>", transform = schema::sources))]
    pub sources: Spanned<Vec<String>>,
    /// The logs it is asked of; cloudtrail if it does not say. logs is another word for the same key.
    #[serde(default, alias = "logs")]
    pub source: RawSource,
    /// Which events the trail has to record.
    #[serde(default)]
    pub needs: RawNeeds,
    /// How bad a match is.
    #[serde(default)]
    pub severity: RawSeverity,
    /// The MITRE ATT&CK techniques it is a sign of, such as T1562.008.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>", transform = schema::attack))]
    #[serde(default)]
    pub attack: Vec<Spanned<String>>,
    /// What else may match, a sentence each.
    #[serde(default)]
    pub false_positives: Vec<String>,
    /// What it matches, as a filter pattern of CloudWatch Logs for JSON, such as
    /// `{ $.eventName = "StopLogging" }`. Either this or sigma.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", transform = schema::text))]
    pub pattern: Option<Spanned<String>>,
    /// What it matches, as a Sigma rule: its detection, or the path of a Sigma file beside this one.
    /// Either this or pattern.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Value>", transform = schema::sigma))]
    pub sigma: Option<Spanned<Value>>,
    /// Values for placeholders of the Sigma rule (`|expand: '%known_networks%'`), by name. Whoever
    /// runs the detector can replace them.
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, Vec<String>>"))]
    #[serde(default)]
    pub lists: BTreeMap<String, Spanned<Vec<String>>>,
    /// What is taken out of its matches, and counted under a name of its own.
    #[serde(default)]
    pub exclude: Vec<RawExclusion>,
    /// The metric it feeds, if it is not the detector's name in the namespace of the deployment.
    #[serde(default)]
    pub metric: RawMetric,
    /// What a match adds to the metric: a number (1, unless said otherwise), or a selector of one in
    /// the record, such as $.additionalEventData.bytesTransferredOut.
    #[cfg_attr(feature = "schema", schemars(with = "Option<RawValue>"))]
    pub value: Option<Spanned<RawValue>>,
    /// Which numbers of aggregated events a match adds to the metric. A detector that has it looks at these and at
    /// nothing else, and no other looks at them. In the place of value, with needs: aggregated.
    #[cfg_attr(feature = "schema", schemars(with = "Option<RawAggregated>"))]
    pub aggregated: Option<Spanned<RawAggregated>>,
    /// What a file without a match adds to the metric. It does not go with dimensions.
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub default_value: Option<Spanned<f64>>,
    /// The unit of the metric.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", transform = schema::unit))]
    pub unit: Option<Spanned<String>>,
    /// Further series: each entry is a set of dimensions with selectors of their values, such as
    /// Account: $.recipientAccountId. Each combination of values is paid for.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<BTreeMap<String, String>>", transform = schema::dimensions))]
    #[serde(default)]
    pub dimensions: Vec<Spanned<BTreeMap<String, Spanned<String>>>>,
    /// The alarm on its metric, or the word none. Left out: nobody has decided, and check says so.
    #[cfg_attr(feature = "schema", schemars(with = "Option<RawAlarmChoice>"))]
    pub alarm: Option<Spanned<RawAlarmChoice>>,
    /// Its findings: a line for each match that counts, which says who did what.
    #[serde(default)]
    pub findings: RawFindings,
    /// What the linter is to make of it.
    #[serde(default)]
    pub lint: RawLint,
    /// Records, and what becomes of them: at least one that matches and one that does not.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<RawTest>", transform = schema::tests))]
    pub tests: Spanned<Vec<Spanned<RawTest>>>,
}

#[derive(Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", derive(serde::Serialize))]
pub(super) enum RawSource {
    /// AWS CloudTrail.
    #[serde(rename = "cloudtrail")]
    #[default]
    CloudTrail,
    /// S3's server access logs, whose lines are read as records of CloudTrail's.
    #[serde(rename = "s3-access-log")]
    S3AccessLog,
    /// Either. A request that stands in both is counted by both.
    #[serde(rename = "any")]
    Any,
}

#[derive(Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", derive(serde::Serialize))]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawNeeds {
    /// Management events, which every trail records.
    #[default]
    Management,
    /// Data events, such as access to S3 objects, which a trail records only if told to.
    Data,
    /// Network activity events at VPC endpoints, which a trail records only if told to.
    Network,
    /// Insights: unusual rates of calls and errors, which a trail looks for only if told to.
    Insight,
    /// Data events summed up every five minutes, which a trail does only if told to. See aggregated.
    Aggregated,
}

#[derive(Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", derive(serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub(super) enum RawSeverity {
    /// Worth knowing, never worth waking anybody.
    Informational,
    /// Notable, rarely an incident.
    Low,
    /// To be looked at regularly.
    #[default]
    Medium,
    /// To be looked at promptly.
    High,
    /// An incident.
    Critical,
}

/// What its findings show, if it has any.
#[derive(Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RawFindings {
    /// Whether its matches become findings. on-request is for sheer volume: there is the metric, and findings
    /// only where the deployment asks for them.
    #[serde(default)]
    pub keep: RawKeep,
    /// Selectors of fields to show beside what every finding shows, such as $.requestParameters.groupId. Nothing
    /// else of requests and responses is shown.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>", transform = schema::finding_fields))]
    #[serde(default)]
    pub fields: Vec<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", derive(serde::Serialize))]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawKeep {
    /// They do.
    #[default]
    Always,
    /// Only where the deployment asks for those of sheer volume too.
    OnRequest,
    /// They never do: there is the metric, and nothing else.
    Never,
}

#[derive(Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RawLint {
    /// Warnings that are known and stay.
    #[serde(default)]
    pub allow: Vec<RawAllowed>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RawAllowed {
    /// The warning, as check prints it.
    #[cfg_attr(feature = "schema", schemars(with = "String", transform = schema::warning))]
    pub code: Spanned<String>,
    /// Why it may stay.
    #[cfg_attr(feature = "schema", schemars(transform = schema::text))]
    pub reason: String,
}

/// Takes records out of the matches. What it takes out is counted under its name.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = schema::exclusion))]
#[serde(deny_unknown_fields)]
pub(super) struct RawExclusion {
    /// Its name, under which it is counted.
    #[cfg_attr(feature = "schema", schemars(with = "String", transform = schema::metric_text))]
    pub name: Spanned<String>,
    /// Who answers for it.
    #[cfg_attr(feature = "schema", schemars(with = "String", transform = schema::text))]
    pub owner: Spanned<String>,
    /// Why these records may be ignored.
    #[cfg_attr(feature = "schema", schemars(transform = schema::text))]
    pub reason: String,
    /// The last day on which it holds, as 2027-03-31, or never.
    #[cfg_attr(feature = "schema", schemars(with = "String", transform = schema::expires))]
    pub expires: Spanned<String>,
    /// What it takes out, as a filter pattern. Either this or sigma.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", transform = schema::text))]
    pub pattern: Option<Spanned<String>>,
    /// What it takes out, as a Sigma rule. Either this or pattern.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Value>", transform = schema::sigma))]
    pub sigma: Option<Spanned<Value>>,
}

#[derive(Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RawMetric {
    /// Its namespace, if it is not that of the deployment.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", transform = schema::namespace))]
    pub namespace: Option<Spanned<String>>,
    /// Its name, if it is not the detector's.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", transform = schema::metric_text))]
    pub name: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(super) enum RawValue {
    /// The same for every match.
    Constant(f64),
    /// A selector of a number in the record.
    Field(#[cfg_attr(feature = "schema", schemars(transform = schema::selector))] String),
}

/// What is added up of aggregated events.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RawAggregated {
    /// The primary dimension of the records: eventName for the template `API_ACTIVITY`, resourceARN for
    /// `RESOURCE_ACCESS`, userIdentity for `USER_ACTIONS`. Others are not looked at.
    #[cfg_attr(feature = "schema", schemars(with = "String", transform = schema::text))]
    pub dimension: Spanned<String>,
    /// The dimension among the details whose numbers are added up, if it is not the primary one.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", transform = schema::text))]
    pub detail: Option<Spanned<String>>,
    /// The values of that dimension whose numbers are added up, with * for any characters. All, if it is left out.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>", transform = schema::aggregated_names))]
    #[serde(default)]
    pub names: Vec<Spanned<String>>,
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

/// When the detector's metric wakes somebody.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawAlarm {
    /// A sentence or two for whoever is woken: what happened, and what to do first.
    #[cfg_attr(feature = "schema", schemars(transform = schema::alarm_description))]
    pub description: String,
    /// What is compared.
    #[serde(default)]
    pub statistic: RawStatistic,
    /// How it is compared with the threshold.
    #[serde(default)]
    pub comparison: RawComparison,
    /// With what it is compared. With >= it is above zero, or the alarm would always be on.
    #[serde(default = "one")]
    pub threshold: f64,
    /// Seconds, a multiple of 60.
    #[cfg_attr(feature = "schema", schemars(transform = schema::period))]
    #[serde(default = "five_minutes")]
    pub period: u32,
    /// How many periods are looked at. Take 2: a count that becomes visible only when its period is
    /// over is then still seen.
    #[cfg_attr(feature = "schema", schemars(transform = schema::from_one))]
    #[serde(default = "one_period")]
    pub evaluation_periods: u32,
    /// In how many of them it has to be so.
    #[cfg_attr(feature = "schema", schemars(transform = schema::from_one))]
    #[serde(default = "one_period")]
    pub datapoints_to_alarm: u32,
    /// What a period without data counts as.
    #[serde(default)]
    pub missing_data: RawMissingData,
}

#[derive(Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", derive(serde::Serialize))]
pub(super) enum RawStatistic {
    #[default]
    Sum,
    SampleCount,
    Average,
    Minimum,
    Maximum,
}

#[derive(Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", derive(serde::Serialize))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", derive(serde::Serialize))]
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

/// A record, and what becomes of it.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = schema::test))]
#[serde(deny_unknown_fields)]
pub(super) struct RawTest {
    /// What it shows.
    pub name: String,
    /// true: it counts. false: the rule does not match. excluded: the rule matches, and an exclusion
    /// takes it out.
    #[serde(rename = "match")]
    pub expected: RawExpected,
    /// The record, as CloudTrail writes it. Account ids are strings there, so quote them.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Value>"))]
    #[serde(default, deserialize_with = "even_null")]
    pub record: Option<Value>,
    /// Instead of a record: a line of an S3 server access log.
    pub line: Option<String>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(super) enum RawExpected {
    /// Whether it counts.
    Flag(bool),
    /// The rule matches, and an exclusion takes it out.
    Word(RawExcluded),
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum RawExcluded {
    /// The rule matches, and an exclusion takes it out.
    Excluded,
}

/// A value that is there, and may be null: there are records that are.
fn even_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
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
