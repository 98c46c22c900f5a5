//! A detector as it runs: checked, typed, ready to match.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trailmeter_logs::LogKind;

use crate::aggregated::{Aggregated, is_aggregated};
use crate::engine::Engine;
use crate::finding::FindingsChoice;
use crate::lint::Code;
use crate::load_error::Place;
use crate::model::{Document, Path};
use crate::rule::Rule;

/// The detectors that one run uses. Names are unique.
#[derive(Debug, Clone, Default)]
pub struct DetectorSet {
    detectors: Vec<Detector>,
    /// Made when the first file is scanned: a set that is only checked or explained needs none.
    engine: OnceLock<Arc<Engine>>,
}

impl DetectorSet {
    /// A set of detectors whose names differ.
    pub fn new(detectors: Vec<Detector>) -> Self {
        Self { detectors, engine: OnceLock::new() }
    }

    /// The detectors, to be changed.
    pub(crate) fn detectors_mut(&mut self) -> &mut [Detector] {
        self.engine = OnceLock::new();
        &mut self.detectors
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.engine.get_or_init(|| Arc::new(Engine::new(&self.detectors)))
    }

    /// The detectors, in the order in which they were loaded.
    pub fn detectors(&self) -> &[Detector] {
        &self.detectors
    }
}

/// One detector.
#[derive(Debug, Clone)]
pub struct Detector {
    /// Its name, which is also the name of its metric.
    pub name: String,
    /// One line for a table.
    pub title: String,
    /// What it finds.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// Where the rule comes from.
    pub sources: Vec<String>,
    /// Which logs it is asked of.
    pub source: Source,
    /// Which events the trail has to record.
    pub needs: Needs,
    /// How bad a match is.
    pub severity: Severity,
    /// The MITRE ATT&CK techniques it is a sign of.
    pub attack: Vec<String>,
    /// What else may match.
    pub false_positives: Vec<String>,
    /// What it matches.
    pub rule: Rule,
    /// What is taken out of its matches, and counted.
    pub exclusions: Vec<Exclusion>,
    /// The metric it feeds.
    pub metric: Metric,
    /// What a match adds to the metric.
    pub value: MetricValue,
    /// What a file without a match adds to the metric, if anything.
    pub default_value: Option<f64>,
    /// A CloudWatch unit, if not none.
    pub unit: Option<String>,
    /// The series it asks for beside the one without dimensions.
    pub dimensions: Vec<DimensionSet>,
    /// The alarm on its metric.
    pub alarm: AlarmChoice,
    /// What its findings show, if it has any.
    pub findings: FindingsChoice,
    /// Warnings of the linter that are known and stay.
    pub allowed: Vec<AllowedWarning>,
    /// Records that it must match and must not.
    pub tests: Vec<InlineTest>,
    /// The file it came from.
    pub file: String,
    /// Where its name stands in it.
    pub place: Place,
    /// The pack it belongs to, if it is a packaged one.
    pub pack: Option<String>,
}

/// How bad a match is, in Sigma's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
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

impl Severity {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Which metric a detector feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its namespace, if it is not that of the deployment.
    pub namespace: Option<String>,
    /// Its name: the detector's, unless the file names another.
    pub name: String,
}

/// Which logs a detector is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// CloudTrail's.
    #[default]
    CloudTrail,
    /// S3's server access logs.
    S3AccessLog,
    /// Either.
    Any,
}

impl Source {
    /// Whether it is asked of logs of this kind.
    pub fn takes(self, kind: LogKind) -> bool {
        match self {
            Self::CloudTrail => kind != LogKind::AccessLog,
            Self::S3AccessLog => kind == LogKind::AccessLog,
            Self::Any => true,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::CloudTrail => "cloudtrail",
            Self::S3AccessLog => "s3-access-log",
            Self::Any => "any",
        }
    }
}

/// Which events a detector sees. A trail records management events unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Management events.
    Management,
    /// Data events, such as S3 object access.
    Data,
    /// Network activity events.
    Network,
    /// Insights.
    Insight,
    /// Aggregated data events.
    Aggregated,
}

/// A pattern whose records a detector does not count.
#[derive(Debug, Clone)]
pub struct Exclusion {
    /// Its name, under which it is counted.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it is there.
    pub reason: String,
    /// The last day on which it holds; none if it is meant to stay.
    pub expires: Option<Date>,
    /// What it takes out.
    pub rule: Rule,
}

/// A warning of the linter that is known and stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedWarning {
    /// Which.
    pub code: Code,
    /// Why it may.
    pub reason: String,
}

/// What one match adds to the metric.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricValue {
    /// The same for every match.
    Constant(f64),
    /// A number in the record.
    Field(Path),
    /// Numbers of the events that the record sums up.
    Aggregated(Aggregated),
}

/// 2³⁶⁰. CloudWatch refuses larger values, and with one of them the whole request.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html>
pub(crate) const LARGEST_VALUE: f64 = 2.348_542_582_773_833e108;

impl MetricValue {
    /// The value for `record`; `None` if the field is no number that a metric can take.
    pub fn of(&self, record: &Value) -> Option<f64> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::Aggregated(aggregated) => aggregated.count(record),
            Self::Field(selector) => match selector.first(record)? {
                Value::Number(number) => number.as_f64(),
                Value::String(text) => text.parse().ok(),
                _ => None,
            }
            // Not a number and the infinities are refused as well.
            .filter(|value| value.abs() <= LARGEST_VALUE),
        }
    }

    /// Whether the record has what is to be added at all. Only of an aggregated event that is asked.
    pub(crate) fn is_in(&self, record: &Value) -> bool {
        match self {
            Self::Constant(_) | Self::Field(_) => true,
            Self::Aggregated(aggregated) => aggregated.selects(record),
        }
    }
}

/// One set of dimensions: a series for each combination of their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DimensionSet(pub Vec<Dimension>);

/// One dimension of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// Where its value stands in the record.
    pub selector: Path,
}

impl Dimension {
    /// The value for `record`; `None` if it is absent, null, an array or an object.
    pub fn value(&self, record: &Value) -> Option<String> {
        match self.selector.first(record)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// What a detector file says about an alarm.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum AlarmChoice {
    /// Nothing: whoever runs it is told that no alarm covers it.
    #[default]
    Unsaid,
    /// That there is to be none.
    None,
    /// That there is one.
    Alarm(Alarm),
}

impl AlarmChoice {
    /// The alarm, if there is one.
    pub fn alarm(&self) -> Option<&Alarm> {
        match self {
            Self::Alarm(alarm) => Some(alarm),
            Self::Unsaid | Self::None => None,
        }
    }
}

/// When the detector's metric wakes somebody: in `datapoints_to_alarm` of `evaluation_periods`
/// periods the statistic compares so with the threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// A sentence for whoever is woken.
    pub description: String,
    /// What is compared.
    pub statistic: Statistic,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub threshold: f64,
    /// Seconds, a multiple of 60.
    pub period: u32,
    /// How many periods are looked at.
    pub evaluation_periods: u32,
    /// In how many of them it has to be so.
    pub datapoints_to_alarm: u32,
    /// What a period without data counts as.
    pub missing_data: MissingData,
}

/// A CloudWatch statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are CloudWatch's")]
pub enum Statistic {
    Sum,
    SampleCount,
    Average,
    Minimum,
    Maximum,
}

impl Statistic {
    /// CloudWatch's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sum => "Sum",
            Self::SampleCount => "SampleCount",
            Self::Average => "Average",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
        }
    }
}

/// How a statistic is compared with a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    Greater,
    /// `<=`
    AtMost,
    /// `<`
    Less,
}

impl Comparison {
    /// CloudWatch's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::AtLeast => "GreaterThanOrEqualToThreshold",
            Self::Greater => "GreaterThanThreshold",
            Self::AtMost => "LessThanOrEqualToThreshold",
            Self::Less => "LessThanThreshold",
        }
    }

    /// The sign for it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Greater => ">",
            Self::AtMost => "<=",
            Self::Less => "<",
        }
    }
}

/// What a period without data counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are CloudWatch's")]
pub enum MissingData {
    NotBreaching,
    Breaching,
    Ignore,
    Missing,
}

impl MissingData {
    /// CloudWatch's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotBreaching => "notBreaching",
            Self::Breaching => "breaching",
            Self::Ignore => "ignore",
            Self::Missing => "missing",
        }
    }
}

/// A record and what the detector must make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct InlineTest {
    /// What it shows.
    pub name: String,
    /// What must come out.
    pub expected: Expected,
    /// The record.
    pub record: Value,
    /// Where it stands in the file.
    pub place: Place,
}

/// What a detector makes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It counts it.
    Match,
    /// Its pattern does not match.
    NoMatch,
    /// Its pattern matches, and an exclusion takes it out.
    Excluded,
}

/// The verdict on one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It counts.
    Match,
    /// The rule does not match.
    NoMatch,
    /// The rule matches, and the exclusion at this place takes it out.
    Excluded(usize),
}

impl Detector {
    /// What becomes of `record`, all exclusions holding: whether one has ended is decided by
    /// [`DetectorSet::expire`].
    pub fn verdict(&self, record: Document<'_>) -> Verdict {
        self.verdict_in(record, false)
    }

    /// The same of a record in a file that may be one of aggregated events.
    pub(crate) fn verdict_in(&self, record: Document<'_>, is_of_sums: bool) -> Verdict {
        if !self.looks_at(is_of_sums || is_aggregated(record.value)) || !self.rule.matches(record) {
            return Verdict::NoMatch;
        }
        match self.exclusions.iter().position(|exclusion| exclusion.rule.matches(record)) {
            Some(at) => Verdict::Excluded(at),
            None if self.value.is_in(record.value) => Verdict::Match,
            None => Verdict::NoMatch,
        }
    }

    /// Whether it looks at aggregated events, or at the others: never at both, as the same events may stand in
    /// either.
    pub(crate) fn looks_at(&self, aggregated: bool) -> bool {
        matches!(self.value, MetricValue::Aggregated(_)) == aggregated
    }
}

/// The metrics that the pipeline itself puts into the same namespace.
pub const RESERVED_METRIC_NAMES: &[&str] = &[
    "BackfillFoldersDone",
    "BackfillObjectsQueued",
    "CountedMaybeTwice",
    "CountedWithoutLedger",
    "CountsUnbalanced",
    "DeliveriesCaughtUp",
    "DeliveryLag",
    "DetectorVersionsRejected",
    "DetectorsWithoutAlarm",
    "DigestChains",
    "DigestGapMinutes",
    "DigestsInvalid",
    "DigestsKnown",
    "DigestsPostponed",
    "DigestsSkipped",
    "DigestsStoppedMinutes",
    "DigestsUnverified",
    "DigestsValid",
    "DimensionValuesFolded",
    "EventTimeRejected",
    "ExclusionsExpired",
    "FindingsNotKept",
    "FindingsSummarised",
    "IntegrityGaps",
    "IntegrityViolations",
    "LedgerFailures",
    "LoadedDetectorMatches",
    "LogFilesExpired",
    "LogFilesValid",
    "MatchesExcluded",
    "MessagesFailed",
    "MessagesSkipped",
    "ObjectsDuplicate",
    "ObjectsElsewhere",
    "ObjectsFailed",
    "ObjectsIn",
    "ObjectsRead",
    "ObjectsSkipped",
    "RecordsDuplicate",
    "RecordsMalformed",
    "RecordsMatched",
    "RecordsRead",
    "RecordsUnmatched",
    "RepeatsNotRemembered",
    "ValuesMissing",
];
