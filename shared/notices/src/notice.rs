//! What people are told, before it is put into words.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trailmeter_detection::finding::{Summary, Tally, time_text};

use crate::alarm::{Alarm, AlarmState};
use crate::gather::Gathered;
use crate::links::{Deployment, Links};

/// Names of each kind that are told.
pub(crate) const MOST_NAMES: usize = 5;
/// How much is told to machines: names of each kind, and events. The first that fits is taken.
const IN_JSON: [(usize, usize); 4] = [(20, 10), (10, 5), (5, 1), (0, 0)];

/// A span of time: seconds since 1970, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its first second.
    pub from: i64,
    /// Its last.
    pub to: i64,
}

impl Window {
    /// Whether a time lies in it.
    pub fn has(self, time: i64) -> bool {
        (self.from..=self.to).contains(&time)
    }
}

/// What brought it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An alarm went on.
    Alarm,
    /// An alarm is still on, and there are new matches.
    Digest,
    /// An alarm changed its state in another way, or is none of this stack's detectors.
    State,
}

/// What is told of one alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// What brought it about.
    pub kind: Kind,
    /// The alarm.
    pub alarm: Alarm,
    /// What was found.
    pub gathered: Gathered,
    /// Which arrivals were looked at.
    pub window: Window,
    /// What the reader has to know of how it was found, a sentence each.
    pub remarks: Vec<String>,
}

impl Notice {
    /// What rang: the detector, or the alarm without the stack's name before it.
    pub fn what(&self, deployment: &Deployment) -> String {
        if let [(detector, _)] = self.gathered.detectors.as_slice() {
            return detector.clone();
        }
        let prefix = format!("{}-", deployment.stack);
        self.alarm.name.strip_prefix(&prefix).unwrap_or(&self.alarm.name).to_owned()
    }

    /// For machines, in so many bytes if that is possible at all. What is left out is counted: the summary has
    /// all matches.
    pub fn json(&self, deployment: &Deployment, most_bytes: usize) -> Value {
        let mut forms = IN_JSON.into_iter().map(|(names, events)| self.json_with(deployment, names, events));
        let mut last = Value::Null;
        for form in forms.by_ref() {
            last = form;
            if last.to_string().len() <= most_bytes {
                break;
            }
        }
        last
    }

    fn json_with(&self, deployment: &Deployment, names: usize, events: usize) -> Value {
        let mut summary = self.gathered.summary.clone();
        summary.keep_top(names);
        let links = Links::of(self, deployment);
        json!({
            "type": "trailmeter.notice",
            "version": 1,
            "kind": self.kind,
            "alarm": {
                "name": self.alarm.name,
                "arn": self.alarm.arn,
                "state": self.alarm.state,
                "description": self.alarm.description,
                "reason": self.alarm.reason,
                "changed": self.alarm.changed.and_then(time_text),
                "metric": self.alarm.metric,
            },
            "detectors": self.gathered.detectors.iter().map(|(name, title)| json!({ "name": name, "title": title })).collect::<Vec<_>>(),
            "severity": self.gathered.severity,
            "window": { "from": time_text(self.window.from), "to": time_text(self.window.to) },
            "summary": summary,
            "events": self.gathered.events.iter().take(events).collect::<Vec<_>>(),
            "is_cut": self.gathered.is_cut,
            "remarks": self.remarks,
            "links": links,
        })
    }

    /// Whether there is anything to say beyond the state of the alarm.
    pub(crate) fn has_findings(&self) -> bool {
        self.gathered.matches() > 0
    }

    /// Whether the alarm is on.
    pub(crate) fn is_on(&self) -> bool {
        self.alarm.state == AlarmState::Alarm
    }
}

/// The kinds of names that are told, with the words for them.
pub(crate) fn tallies(summary: &Summary) -> [(&'static str, &Tally); 7] {
    [
        ("Who", &summary.actors),
        ("From", &summary.source_ips),
        ("Called", &summary.apis),
        ("On", &summary.resources),
        ("Answer", &summary.errors),
        ("Account", &summary.accounts),
        ("Region", &summary.regions),
    ]
}
