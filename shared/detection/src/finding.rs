//! Findings: what a match that counts tells of who did what, in the shape in which it is kept.
//!
//! A metric says how often; a finding says who. It is one JSON object, the same in the function's log, in the
//! findings bucket and in whatever is told to people, so that each of them can be found from any other.

mod actor;
mod event;
mod formats;
mod summary;
mod sums;

use std::borrow::Cow;
use std::fmt;

pub use actor::{Actor, ActorKind};
pub use event::Event;
pub use formats::{FindingFormat, Product};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
pub use summary::{Summary, SummaryLine, SummaryTag, Tally};

use crate::count::Counted;
use crate::detector::{Detector, Severity};
use crate::model::Path;

/// What is said of a detector's findings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FindingsChoice {
    /// Whether its matches become findings.
    pub keep: Keep,
    /// What else of a record a finding is to show.
    pub fields: Vec<FindingField>,
}

/// Whether the matches of a detector become findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// They do.
    #[default]
    Always,
    /// Only where the deployment asks for those of sheer volume too.
    OnRequest,
    /// They never do: there is the metric, and nothing else.
    Never,
}

impl Keep {
    /// The word for it in a detector file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::OnRequest => "on-request",
            Self::Never => "never",
        }
    }
}

/// A field of the record that is shown beside what every finding shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingField {
    /// Its selector as it is written, without `$.`: the name under which it is shown.
    pub name: String,
    /// Where it stands in the record.
    pub selector: Path,
}

/// The findings that a run keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhichFindings {
    /// None.
    #[default]
    None,
    /// Those of all detectors but the ones that are there for volume.
    Usual,
    /// Those too.
    All,
}

impl WhichFindings {
    /// Whether the matches of a detector become findings in this run.
    pub fn wants(self, detector: &Detector) -> bool {
        match detector.findings.keep {
            Keep::Always => self != Self::None,
            Keep::OnRequest => self == Self::All,
            Keep::Never => false,
        }
    }
}

/// A match that counts, as it is kept and told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding<'a> {
    /// Tells it from every other line of a log.
    #[serde(rename = "type")]
    pub tag: FindingTag,
    /// Of the shape; one that is added to stays the same.
    pub version: u8,
    /// The detector that counts it.
    pub detector: Cow<'a, str>,
    /// What that finds, in a line.
    pub title: Cow<'a, str>,
    /// How bad that is.
    pub severity: Severity,
    /// The pack that the detector came in; none if it was loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<Cow<'a, str>>,
    /// The MITRE ATT&CK techniques it is a sign of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attack: Vec<Cow<'a, str>>,
    /// The namespace of the metric that bears its count.
    pub namespace: Cow<'a, str>,
    /// The name of that metric.
    pub metric: Cow<'a, str>,
    /// What it adds to it; none if the record has no such number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The time of its datapoint, unless the deployment counts by the time of events.
    pub arrival_time: String,
    /// The backfill that found it, long after its file was delivered: none of today's alarms is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill: Option<Cow<'a, str>>,
    /// What the record says.
    #[serde(flatten)]
    pub event: Cow<'a, Event>,
    /// The object it came from, as `s3://BUCKET/KEY`.
    pub object: Cow<'a, str>,
}

/// The `type` of every finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FindingTag {
    /// The one there is.
    #[serde(rename = "trailmeter.finding")]
    Finding,
}

/// Where and when a match was found, and by which run.
#[derive(Debug, Clone, Copy)]
pub struct FoundIn<'a> {
    /// The findings that the run keeps.
    pub which: WhichFindings,
    /// The namespace of the deployment.
    pub namespace: &'a str,
    /// When the file was handled, in seconds since 1970.
    pub arrival: i64,
    /// The object, as `s3://BUCKET/KEY`.
    pub object: &'a str,
    /// The backfill that looks, if one does.
    pub backfill: Option<&'a str>,
}

impl<'a> Finding<'a> {
    /// The shape as it is now.
    pub const VERSION: u8 = 1;

    /// What a match tells. `None` if the detector has no findings in this run, or there was no room for the
    /// details of the record.
    pub fn new(detector: &'a Detector, counted: Counted<'a>, found: FoundIn<'a>) -> Option<Self> {
        let event = counted.record.details.as_deref().filter(|_| found.which.wants(detector))?;
        Some(Self {
            tag: FindingTag::Finding,
            version: Self::VERSION,
            detector: Cow::Borrowed(&detector.name),
            title: Cow::Borrowed(&detector.title),
            severity: detector.severity,
            pack: detector.pack.as_deref().map(Cow::Borrowed),
            attack: detector.attack.iter().map(|technique| Cow::Borrowed(technique.as_str())).collect(),
            namespace: Cow::Borrowed(detector.metric.namespace.as_deref().unwrap_or(found.namespace)),
            metric: Cow::Borrowed(&detector.metric.name),
            value: counted.hit.value,
            arrival_time: time_text(found.arrival).unwrap_or_default(),
            backfill: found.backfill.map(Cow::Borrowed),
            event: event.for_detector(detector),
            object: Cow::Borrowed(found.object),
        })
    }

    /// What it is called: the same for the same event and detector, however often it is found.
    pub fn id(&self) -> FindingId<'_> {
        FindingId { detector: &self.detector, event: self.event.event_id.as_deref(), object: &self.object }
    }
}

/// The name of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingId<'f> {
    detector: &'f str,
    event: Option<&'f str>,
    object: &'f str,
}

/// `DETECTOR/EVENT`. An event without an id is called by its object, which is as near as one can get.
impl fmt::Display for FindingId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.detector, self.event.unwrap_or(self.object))
    }
}

/// A time in seconds since 1970, as CloudTrail writes times.
pub fn time_text(seconds: i64) -> Option<String> {
    Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

#[cfg(test)]
mod tests;
