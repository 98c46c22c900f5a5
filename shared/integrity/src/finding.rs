//! What the checks say, one thing at a time.

use jiff::Timestamp;

use crate::location::Location;
use crate::reason::Reason;
use crate::verify::{DigestError, VerifiedDigest};

/// A time from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its start.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

impl Period {
    /// How many minutes it has, the last one perhaps begun only.
    pub fn minutes(&self) -> u64 {
        let seconds = self.to.as_second().saturating_sub(self.from.as_second());
        u64::try_from(seconds).unwrap_or(0).div_ceil(60)
    }
}

/// Something that `validate-logs` does not look for: digests and log files may all be valid, and it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The object it was found at.
    pub location: Location,
    /// What it is.
    pub reason: Reason,
    /// The time that it is about, if it is about one: a gap, an overlap.
    pub period: Option<Period>,
}

/// One thing that a walk along a chain meets.
#[derive(Debug, Clone, Copy)]
pub enum Event<'e> {
    /// A valid digest. Its log files follow.
    Digest(&'e VerifiedDigest),
    /// A digest that is not valid.
    InvalidDigest(&'e DigestError),
    /// A digest that is named by its successor, and gone.
    MissingDigest(&'e Location),
    /// A digest that starts a chain, though there is an older one.
    NothingDelivered(Period),
    /// A log file that a valid digest names.
    LogFile(&'e Location, Result<(), Reason>),
    /// What goes beyond `validate-logs`.
    Finding(&'e Finding),
}

/// What the events of a walk add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Digests that are valid.
    pub valid_digests: u64,
    /// Digests that are not, or not there.
    pub invalid_digests: u64,
    /// Log files that are what their digest says.
    pub valid_log_files: u64,
    /// Log files that are not, or not there.
    pub invalid_log_files: u64,
    /// Findings beyond these.
    pub findings: u64,
    /// Minutes that no valid digest covers.
    pub gap_minutes: u64,
    /// The time that valid digests cover, from the first to the last.
    pub found: Option<Period>,
}

impl Tally {
    /// Counts an event.
    pub fn add(&mut self, event: &Event<'_>) {
        match event {
            Event::Digest(digest) => {
                self.valid_digests += 1;
                let digest = digest.digest();
                let found = self.found.get_or_insert(Period { from: digest.start, to: digest.end });
                found.from = found.from.min(digest.start);
                found.to = found.to.max(digest.end);
            }
            Event::InvalidDigest(_) | Event::MissingDigest(_) => self.invalid_digests += 1,
            Event::NothingDelivered(_) => {}
            Event::LogFile(_, Ok(())) => self.valid_log_files += 1,
            Event::LogFile(_, Err(_)) => self.invalid_log_files += 1,
            Event::Finding(finding) => {
                self.findings += 1;
                if matches!(finding.reason, Reason::Gap | Reason::Stopped) {
                    self.gap_minutes += finding.period.map_or(0, |period| period.minutes());
                }
            }
        }
    }

    /// Whether `validate-logs` would call it invalid.
    pub fn is_invalid(&self) -> bool {
        self.invalid_digests > 0 || self.invalid_log_files > 0
    }
}
