//! What a finding shows of a record.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::actor::Actor;
use super::sums::{attributed, summed_up};
use super::{FindingField, time_text};
use crate::aggregated::window_start;
use crate::detector::Detector;
use crate::event_time::parse_event_time;

/// What is longer is cut and ends in an ellipsis. CloudTrail cuts most of these at 1 KB itself; a name
/// of 10 KB is somebody's joke.
const LONGEST_TEXT: usize = 1024;
/// `DeleteObjects` and its like name up to a thousand.
const MOST_RESOURCES: usize = 10;
/// What an event takes in memory beside its texts, generously.
const BARE_SIZE: usize = 512;

/// What a finding shows of the record: who, from where, what, on what, with which result.
///
/// Request parameters and responses are left out unless a detector asks for single ones: they hold what
/// people did not mean to be mailed around. What CloudTrail has hidden stays as it put it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    /// When it happened; none if the record has no time that can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_time: Option<String>,
    /// Its `eventID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The account that the trail recorded it for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Who did it.
    pub actor: Actor,
    /// From where: an address, or the service that called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ip: Option<String>,
    /// With what, as the caller says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The service that was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_source: Option<String>,
    /// The API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_name: Option<String>,
    /// Whether the call only reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// The ARNs, or the beginnings of ARNs, of what it was done to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// How many more of them there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub resources_left_out: usize,
    /// The error, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// What AWS says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The fields that the detector asks for, by the names it gives them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

impl Event {
    /// What is shown of a record, and the fields that the detectors matching it ask for.
    pub(crate) fn of<'d>(record: &Value, detectors: impl Iterator<Item = &'d Detector>) -> Self {
        let is_line = record.get("accessLog").is_some();
        let insight = &record["insightDetails"];
        let either = |field: &str| text(record, field).or_else(|| text(insight, field));
        let attributed = |attribute: &str| attributed(record, attribute).map(shortened);
        let summed_up = |dimension: &str| summed_up(record, dimension).map(shortened);
        let time = record["eventTime"].as_str().or_else(|| window_start(record));
        let resources = record["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut arns = resources.iter().filter_map(|one| text(one, "ARN").or_else(|| text(one, "ARNPrefix")));
        let fields = detectors.flat_map(|detector| &detector.findings.fields);
        Self {
            event_time: time.and_then(parse_event_time).and_then(time_text),
            event_id: text(record, "eventID").or_else(|| text(record, "eventId")),
            account: text(record, "recipientAccountId")
                .or_else(|| text(record, "accountId"))
                // Access logs do not tell whose bucket it is, and the requester may be of anywhere.
                .or_else(|| text(&record["userIdentity"], "accountId").filter(|_| !is_line)),
            region: text(record, "awsRegion"),
            actor: Actor::of(record),
            source_ip: text(record, "sourceIPAddress"),
            user_agent: text(record, "userAgent").or_else(|| attributed("userAgent")),
            event_source: either("eventSource"),
            event_name: either("eventName").or_else(|| summed_up("eventName")),
            read_only: record["readOnly"].as_bool(),
            resources: arns.by_ref().chain(summed_up("resourceARN")).take(MOST_RESOURCES).collect(),
            resources_left_out: arns.count(),
            error_code: either("errorCode").or_else(|| attributed("errorCode")),
            error_message: text(record, "errorMessage"),
            parameters: fields.filter_map(|field| Some((field.name.clone(), field.value(record)?))).collect(),
        }
    }

    /// The event with the fields that this detector asks for, and none that only others do.
    pub(super) fn for_detector(&self, detector: &Detector) -> Cow<'_, Self> {
        let is_asked = |name: &String| detector.findings.fields.iter().any(|field| field.name == *name);
        if self.parameters.keys().all(is_asked) {
            return Cow::Borrowed(self);
        }
        let mut own = self.clone();
        own.parameters.retain(|name, _| is_asked(name));
        Cow::Owned(own)
    }

    /// The API with its service, as `s3:GetObject`.
    pub fn api(&self) -> Option<String> {
        let name = self.event_name.as_deref()?;
        let service = self.event_source.as_deref().map(|source| source.trim_end_matches(".amazonaws.com"));
        Some(service.map_or_else(|| name.to_owned(), |service| format!("{service}:{name}")))
    }

    /// About how many bytes it takes in memory.
    pub(crate) fn size(&self) -> usize {
        let actor = &self.actor;
        let texts = [
            &self.event_id,
            &self.account,
            &self.region,
            &self.source_ip,
            &self.user_agent,
            &self.event_source,
            &self.event_name,
            &self.error_code,
            &self.error_message,
            &actor.arn,
            &actor.principal_id,
            &actor.issuer,
        ];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let resources: usize = self.resources.iter().map(|arn| arn.len() + size_of::<String>()).sum();
        let parameters: usize =
            self.parameters.iter().map(|(name, value)| name.len() + value.len() + 64).sum();
        BARE_SIZE + texts + actor.name.len() + resources + parameters
    }
}

impl FindingField {
    /// Its value in a record as text: an array or object as JSON. `None` if it is absent or null.
    fn value(&self, record: &Value) -> Option<String> {
        let mut values = Vec::new();
        self.selector.any(record, &mut |value| {
            match value {
                Value::Null => {}
                Value::String(said) => values.push(Cow::Borrowed(said.as_str())),
                other => values.push(Cow::Owned(other.to_string())),
            }
            values.len() == MOST_RESOURCES
        });
        (!values.is_empty()).then(|| shortened(&values.join(", ")))
    }
}

/// A field that is text and not empty.
pub(super) fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().filter(|said| !said.is_empty()).map(shortened)
}

/// The text, or as much of it as there is room for and an ellipsis.
pub(super) fn shortened(text: &str) -> String {
    if text.len() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let mut short = text[..text.floor_char_boundary(LONGEST_TEXT)].to_owned();
    short.push('…');
    short
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}
