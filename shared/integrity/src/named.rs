//! Log files that digests name, against log files that are there.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::finding::Period;
use crate::location::Location;
use crate::verify::VerifiedDigest;

/// How far the time in a file's name may lie from the period of the digest that names the file.
const AROUND: SignedDuration = SignedDuration::from_hours(1);

/// The log files that valid digests name, and the time that these digests cover.
///
/// Of a name it keeps 64 bits, hashed with a secret of its own: a month of a large account is some megabytes.
#[derive(Debug, Default)]
pub struct NamedLogFiles {
    names: HashSet<u64>,
    secret: RandomState,
    covered: Vec<Period>,
}

impl NamedLogFiles {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what a digest names.
    pub fn add(&mut self, digest: &VerifiedDigest) {
        let said = digest.digest();
        self.names.extend(said.log_files.iter().map(|log| self.secret.hash_one(&log.location)));
        // A backfill digest names what another one missed. It does not say that there was nothing else.
        if digest.backfill_generated().is_none() && said.start <= said.end {
            self.covered.push(Period { from: said.start, to: said.end });
        }
    }

    /// The time that the digests cover, in periods that do not touch, the first one first.
    pub fn covered(&self) -> Vec<Period> {
        let mut sorted = self.covered.clone();
        sorted.sort_by_key(|period| period.from);
        let mut merged: Vec<Period> = Vec::new();
        for period in sorted {
            match merged.last_mut() {
                Some(last) if period.from <= last.to => last.to = last.to.max(period.to),
                _ => merged.push(period),
            }
        }
        merged
    }

    /// The periods in which a log file has to be named: [`covered`](Self::covered) without an hour at each end, because
    /// a file of that hour may be named by a digest that was not looked at.
    pub fn judged(&self) -> Vec<Period> {
        let inner = |period: Period| {
            let (from, to) = (period.from.checked_add(AROUND).ok()?, period.to.checked_sub(AROUND).ok()?);
            (from < to).then_some(Period { from, to })
        };
        self.covered().into_iter().filter_map(inner).collect()
    }

    /// Whether a digest names it.
    pub fn has(&self, log_file: &Location) -> bool {
        self.names.contains(&self.secret.hash_one(log_file))
    }
}

/// The time in the name of a log file, at which CloudTrail delivered it.
pub fn log_file_time(key: &str) -> Option<Timestamp> {
    let name = key.rsplit('/').next()?;
    let time = name.split('_').nth(3)?;
    let time = DateTime::strptime("%Y%m%dT%H%MZ", time).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_log_files_have_a_time() {
        let time = |key| log_file_time(key).map(|time| time.to_string());
        let key = "a/111122223333_CloudTrail_eu-west-1_20260301T2255Z_0123A00000000000.json.gz";
        assert_eq!(time(key).as_deref(), Some("2026-03-01T22:55:00Z"));
        for other in ["", "a/b", "a_b_c_d_e", "111122223333_CloudTrail_eu-west-1_20261301T2255Z_x.json.gz"] {
            assert_eq!(time(other), None, "{other}");
        }
    }
}
