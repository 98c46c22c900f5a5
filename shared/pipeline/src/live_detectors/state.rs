//! What is known of the detectors between two invocations.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use trailmeter_detection::{DetectorFile, DetectorSet, ExpiredExclusion};

use super::news::news_of;
use super::{Current, DetectorEvent};
use crate::detector_rules::DetectorRules;
use crate::detector_source::{Fetched, SourceError, Version};

/// What runs, and what was seen of the source.
#[derive(Debug)]
pub(super) struct State {
    set: Arc<DetectorSet>,
    /// The version that was read last, whether it runs or was refused.
    seen: Option<Version>,
    /// Whether `seen` was refused.
    is_refused: bool,
    /// Why the source could not be read when it was last looked at.
    unreadable: Option<&'static str>,
    looked_at: i64,
    today: Date,
    /// The exclusions of the set that no longer hold.
    expired: Vec<ExpiredExclusion>,
}

/// A look at the source, and the version that is known of it.
pub(super) struct Look {
    pub(super) known: Option<Version>,
}

impl State {
    /// Nothing runs yet, and the source is about to be looked at.
    pub(super) fn new(now: i64) -> Self {
        Self {
            set: Arc::default(),
            seen: None,
            is_refused: false,
            unreadable: None,
            looked_at: now,
            today: day(now),
            expired: Vec::new(),
        }
    }

    /// Whether the version that was read last runs.
    pub(super) fn runs_what_is_loaded(&self) -> bool {
        self.seen.is_some() && !self.is_refused
    }

    /// Whether a version stands rejected, or what stands there is not known.
    pub(super) fn is_rejected(&self) -> bool {
        self.is_refused || self.unreadable.is_some()
    }

    /// Begins a look at the source if it is time for one.
    pub(super) fn begin_look(&mut self, now: i64, refresh: i64) -> Option<Look> {
        // A clock that was set back must not keep it from being looked at for as long.
        if (0..refresh).contains(&(now - self.looked_at)) {
            return None;
        }
        self.looked_at = now;
        Some(Look { known: self.seen.clone() })
    }

    /// What a look at the source brings.
    pub(super) fn look(
        &mut self,
        rules: &DetectorRules,
        source: &str,
        read: Result<Option<Fetched>, SourceError>,
    ) -> Vec<DetectorEvent> {
        let fetched = match read {
            Ok(fetched) => fetched,
            Err(error) => {
                // Told once, however long it lasts.
                let is_new = self.unreadable.replace(error.reason) != Some(error.reason);
                let rejected = DetectorEvent::Rejected {
                    source: source.to_owned(),
                    version: None,
                    reasons: vec![format!("{source}: {error}")],
                };
                return if is_new { vec![rejected] } else { Vec::new() };
            }
        };
        self.unreadable = None;
        let Some(Fetched { version, bytes }) = fetched else { return Vec::new() };
        self.seen = Some(version.clone());
        let built = match String::from_utf8(bytes) {
            Ok(text) => rules.build(Some(DetectorFile { path: source.to_owned(), pack: None, text })),
            Err(_) => Err(vec![format!("{source}: not UTF-8, so no detector file")]),
        };
        self.is_refused = built.is_err();
        match built {
            Ok(set) => {
                let mut events = vec![DetectorEvent::Taken { source: source.to_owned(), version }];
                events.extend(self.take(rules, set));
                events
            }
            Err(reasons) => {
                vec![DetectorEvent::Rejected { source: source.to_owned(), version: Some(version), reasons }]
            }
        }
    }

    /// A new set takes the place of the one before it.
    pub(super) fn take(&mut self, rules: &DetectorRules, mut set: DetectorSet) -> Vec<DetectorEvent> {
        self.expired = set.expire(self.today);
        let mut events: Vec<_> = self.expired.iter().cloned().map(DetectorEvent::Expired).collect();
        let without_alarm = rules.without_alarm(&set);
        if !without_alarm.is_empty() {
            events.push(DetectorEvent::WithoutAlarm(without_alarm));
        }
        self.set = Arc::new(set);
        events
    }

    /// Exclusions end with the day. Those that have ended are told again each day.
    pub(super) fn next_day(&mut self, now: i64) -> Vec<DetectorEvent> {
        let today = day(now);
        if today == self.today {
            return Vec::new();
        }
        self.today = today;
        let mut set = DetectorSet::clone(&self.set);
        let expired = set.expire(today);
        if !expired.is_empty() {
            self.set = Arc::new(set);
            self.expired.extend(expired);
        }
        self.expired.iter().cloned().map(DetectorEvent::Expired).collect()
    }

    /// What runs now, with what there is to tell of these events.
    pub(super) fn current(&self, events: Vec<DetectorEvent>) -> Current {
        let news = news_of(&events);
        Current { detectors: Arc::clone(&self.set), events, news }
    }
}

/// The day in UTC.
fn day(seconds: i64) -> Date {
    Offset::UTC.to_datetime(Timestamp::from_second(seconds).unwrap_or_default()).date()
}
