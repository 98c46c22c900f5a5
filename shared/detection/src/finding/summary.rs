//! Many findings in few words: how often, who, from where, what, where, with which result.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Event, Finding, time_text};
use crate::detector::{Detector, Severity};
use crate::event_time::parse_event_time;

/// Names that are told apart while they are counted; those that come when so many are known are counted
/// together.
const MOST_NAMES: usize = 1000;

/// How often each of some names came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// By name.
    pub counts: BTreeMap<String, u64>,
    /// Of names that are not told apart.
    #[serde(skip_serializing_if = "is_zero")]
    pub others: u64,
}

impl Tally {
    /// Counts a name so many times.
    pub fn add(&mut self, name: &str, times: u64) {
        if let Some(count) = self.counts.get_mut(name) {
            *count += times;
        } else if self.counts.len() < MOST_NAMES {
            self.counts.insert(name.to_owned(), times);
        } else {
            self.others += times;
        }
    }

    /// Counts what another has counted.
    pub fn merge(&mut self, other: &Self) {
        // The frequent ones first, so that it is not they who find no room.
        for (name, count) in other.top() {
            self.add(name, count);
        }
        self.others += other.others;
    }

    /// The names and how often they came, the most frequent first.
    pub fn top(&self) -> Vec<(&str, u64)> {
        let mut top: Vec<(&str, u64)> =
            self.counts.iter().map(|(name, &count)| (name.as_str(), count)).collect();
        top.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        top
    }

    /// Keeps the most frequent names and counts the rest together.
    pub fn keep_top(&mut self, most: usize) {
        let rest: Vec<String> = self.top().into_iter().skip(most).map(|(name, _)| name.to_owned()).collect();
        for name in rest {
            self.others += self.counts.remove(&name).unwrap_or_default();
        }
    }
}

/// Findings of one detector, added up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// How many there are.
    pub findings: u64,
    /// Those among them of which nothing is known but that they matched.
    #[serde(skip_serializing_if = "is_zero")]
    pub without_details: u64,
    /// What they add to the metric.
    pub value: f64,
    /// When the first event happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_event: Option<String>,
    /// When the last event happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event: Option<String>,
    /// Who: the ARN where there is one, or else the name.
    pub actors: Tally,
    /// From where.
    pub source_ips: Tally,
    /// What, as `SERVICE:API`.
    pub apis: Tally,
    /// On what.
    pub resources: Tally,
    /// In which accounts.
    pub accounts: Tally,
    /// In which regions.
    pub regions: Tally,
    /// With which error.
    pub errors: Tally,
}

impl Summary {
    /// Adds a finding.
    pub fn add(&mut self, event: &Event, value: Option<f64>) {
        self.findings += 1;
        self.value += value.unwrap_or_default();
        let time = event.event_time.as_deref().and_then(parse_event_time);
        self.span(time, time);
        let actor = &event.actor;
        self.actors.add(actor.arn.as_deref().unwrap_or(&actor.name), 1);
        if let Some(api) = event.api() {
            self.apis.add(&api, 1);
        }
        for (tally, name) in [
            (&mut self.source_ips, &event.source_ip),
            (&mut self.accounts, &event.account),
            (&mut self.regions, &event.region),
            (&mut self.errors, &event.error_code),
        ] {
            if let Some(name) = name {
                tally.add(name, 1);
            }
        }
        event.resources.iter().for_each(|arn| self.resources.add(arn, 1));
    }

    /// Adds a match of which nothing else is known.
    pub fn add_without_details(&mut self, value: Option<f64>) {
        self.findings += 1;
        self.without_details += 1;
        self.value += value.unwrap_or_default();
    }

    /// Adds up two summaries.
    pub fn merge(&mut self, other: &Self) {
        self.findings += other.findings;
        self.without_details += other.without_details;
        self.value += other.value;
        let time = |text: &Option<String>| text.as_deref().and_then(parse_event_time);
        self.span(time(&other.first_event), time(&other.last_event));
        for (mine, others) in self.tallies().into_iter().zip(other.clone().tallies()) {
            mine.merge(others);
        }
    }

    /// Keeps the most frequent names of each kind.
    pub fn keep_top(&mut self, most: usize) {
        self.tallies().into_iter().for_each(|tally| tally.keep_top(most));
    }

    fn tallies(&mut self) -> [&mut Tally; 7] {
        [
            &mut self.actors,
            &mut self.source_ips,
            &mut self.apis,
            &mut self.resources,
            &mut self.accounts,
            &mut self.regions,
            &mut self.errors,
        ]
    }

    fn span(&mut self, first: Option<i64>, last: Option<i64>) {
        let known = |text: &Option<String>| text.as_deref().and_then(parse_event_time);
        self.first_event = known(&self.first_event).into_iter().chain(first).min().and_then(time_text);
        self.last_event = known(&self.last_event).into_iter().chain(last).max().and_then(time_text);
    }
}

/// The findings of a detector in one invocation that have no line of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SummaryLine {
    /// Tells it from every other line of a log.
    #[serde(rename = "type")]
    pub tag: SummaryTag,
    /// Of the shape.
    pub version: u8,
    /// The detector.
    pub detector: String,
    /// What that finds, in a line.
    pub title: String,
    /// How bad that is.
    pub severity: Severity,
    /// The namespace of the metric that bears the counts.
    pub namespace: String,
    /// The name of that metric.
    pub metric: String,
    /// The time of the datapoint.
    pub arrival_time: String,
    /// The backfill that found them, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill: Option<String>,
    /// What they add up to.
    #[serde(flatten)]
    pub summary: Summary,
}

/// The `type` of every summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SummaryTag {
    /// The one there is.
    #[serde(rename = "trailmeter.findings-summary")]
    Summary,
}

impl SummaryLine {
    /// The line for some findings of a detector.
    pub fn new(detector: &Detector, namespace: &str, arrival: i64, summary: Summary) -> Self {
        Self {
            tag: SummaryTag::Summary,
            version: Finding::VERSION,
            detector: detector.name.clone(),
            title: detector.title.clone(),
            severity: detector.severity,
            namespace: detector.metric.namespace.as_deref().unwrap_or(namespace).to_owned(),
            metric: detector.metric.name.clone(),
            arrival_time: time_text(arrival).unwrap_or_default(),
            backfill: None,
            summary,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(actor: &str, time: Option<&str>) -> Event {
        let mut event = Event { event_time: time.map(str::to_owned), ..Event::default() };
        event.actor.name = actor.to_owned();
        event
    }

    #[test]
    fn names_beyond_the_bound_are_counted_together() {
        let mut tally = Tally::default();
        (0..MOST_NAMES + 5).for_each(|at| tally.add(&format!("n{at}"), 1));
        tally.add("n3", 6);
        tally.add("late", 1);
        assert_eq!((tally.counts.len(), tally.others), (MOST_NAMES, 6));
        assert_eq!(tally.top()[0], ("n3", 7));
        tally.keep_top(2);
        assert_eq!(tally.counts, [("n0".to_owned(), 1), ("n3".to_owned(), 7)].into());
        assert_eq!(tally.counts.values().sum::<u64>() + tally.others, MOST_NAMES as u64 + 12);
    }

    #[test]
    fn summaries_add_up_in_any_order() {
        let (mut one, mut other) = (Summary::default(), Summary::default());
        one.add(&event("a", Some("2026-11-21T20:00:00Z")), Some(1.0));
        one.add(&event("b", None), Some(2.5));
        other.add(&event("a", Some("2026-11-21T19:00:00Z")), None);
        other.add_without_details(Some(1.0));
        let mut there = one.clone();
        there.merge(&other);
        let mut back = other.clone();
        back.merge(&one);
        assert_eq!(there, back);
        assert_eq!((there.findings, there.without_details, there.value), (4, 1, 4.5));
        assert_eq!(there.first_event.as_deref(), Some("2026-11-21T19:00:00Z"));
        assert_eq!(there.last_event.as_deref(), Some("2026-11-21T20:00:00Z"));
        assert_eq!(there.actors.top(), [("a", 2), ("b", 1)]);
    }
}
