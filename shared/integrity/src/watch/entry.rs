//! What is remembered of a digest.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Location;

/// What came of a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was looked at.
    pub at: Timestamp,
    /// How many things were wrong.
    pub findings: u64,
    /// Whether it stands in its chain.
    pub link: Link,
}

/// Whether a digest stands in its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// It follows the one that it names, begins a chain, or what is wrong with it was told.
    Settled,
    /// The one that it names is not there yet.
    Pending,
}

impl Entry {
    /// The name of a digest's entry.
    pub fn of_digest(at: &Location) -> String {
        format!("digest#{at}")
    }

    /// The name of the entry that says a digest was told of as another trail's. It is not the digest's own: once the trail
    /// is named as one that delivers here, the digest is verified as if it had just come.
    pub(super) fn of_foreign(at: &Location) -> String {
        format!("foreign#{at}")
    }

    /// The name of the entry that says since when there is nothing at a place.
    pub(super) fn of_nothing(place: &Location) -> String {
        format!("nothing-at#{place}")
    }

    /// The name of the entry that says a gap was told of: it is told once, and seen in every round.
    pub(super) fn of_gap(last: &Location) -> String {
        format!("gap-behind#{last}")
    }
}
