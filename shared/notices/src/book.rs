//! What was told already, so that a storm makes a handful of messages and nothing is told twice.

use serde::{Deserialize, Serialize};

use crate::alarm::Alarm;

/// The limits are by the hour.
const HOUR: i64 = 3600;

/// What was told of an alarm.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// Counts the changes of this entry, so that none is written over unseen.
    pub version: u64,
    /// Matches that arrived until then were told, in seconds since 1970.
    pub covered: Option<i64>,
    /// The change of state that was told last.
    pub changed: Option<i64>,
    /// When messages were sent, those of the last hour.
    pub sent: Vec<i64>,
    /// The alarm, if it rang and was left to the next digest.
    pub left: Option<Alarm>,
}

impl Told {
    /// How many messages were sent in the last hour.
    pub(crate) fn lately(&self, now: i64) -> usize {
        self.sent.iter().filter(|&&at| at > now - HOUR).count()
    }

    /// When the last message was sent.
    pub(crate) fn last(&self) -> Option<i64> {
        self.sent.iter().copied().max()
    }

    /// The entry after a message.
    pub(crate) fn after_message(&self, now: i64, changed: Option<i64>, covered: Option<i64>) -> Self {
        let mut sent = self.sent.clone();
        // The last one stays, whenever it was: the digest asks for it.
        sent.retain(|&at| at > now - HOUR);
        sent.push(now);
        Self {
            version: self.version + 1,
            covered: self.covered.max(covered),
            changed: changed.or(self.changed),
            sent,
            left: None,
        }
    }

    /// The entry of an alarm that is left to the next digest.
    pub(crate) fn leaving(&self, alarm: Alarm) -> Self {
        Self { version: self.version + 1, changed: alarm.changed, left: Some(alarm), ..self.clone() }
    }
}
