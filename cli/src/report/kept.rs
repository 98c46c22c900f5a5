//! The findings that the table has: the most severe, and of those the newest.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use trailmeter_detection::Severity;

/// All of them together, as JSON: a browser should open the page without a second thought.
const MOST_BYTES: usize = 64 << 20;

/// How much a finding is worth a place: what is greater stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    severity: Severity,
    time: Option<i64>,
    /// The earlier one in the order of the files, so that the same input gives the same page.
    order: Reverse<u64>,
}

/// The best of any number of findings.
pub(super) struct Kept {
    findings: BTreeMap<Worth, Box<RawValue>>,
    bytes: usize,
    most: usize,
    most_bytes: usize,
    seen: u64,
}

impl Kept {
    pub(super) fn new(most: usize) -> Self {
        Self { findings: BTreeMap::new(), bytes: 0, most, most_bytes: MOST_BYTES, seen: 0 }
    }

    /// Takes a finding, if it is worth it.
    pub(super) fn add(
        &mut self,
        severity: Severity,
        time: Option<i64>,
        finding: &impl Serialize,
    ) -> serde_json::Result<()> {
        let worth = Worth { severity, time, order: Reverse(self.seen) };
        self.seen += 1;
        let is_full = self.findings.len() >= self.most;
        if is_full && self.findings.first_key_value().is_none_or(|(&least, _)| worth < least) {
            return Ok(());
        }
        let finding = serde_json::value::to_raw_value(finding)?;
        self.bytes += finding.get().len();
        self.findings.insert(worth, finding);
        while self.findings.len() > self.most || self.bytes > self.most_bytes {
            let Some((_, dropped)) = self.findings.pop_first() else { break };
            self.bytes -= dropped.get().len();
        }
        Ok(())
    }

    /// How many there were in all.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// The best first.
    pub(super) fn into_findings(self) -> Vec<Box<RawValue>> {
        self.findings.into_values().rev().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(
        most: usize,
        most_bytes: usize,
        findings: &[(Severity, Option<i64>, &str)],
    ) -> (u64, Vec<String>) {
        let mut kept = Kept { most_bytes, ..Kept::new(most) };
        for (severity, time, name) in findings {
            kept.add(*severity, *time, name).unwrap();
        }
        let seen = kept.seen();
        let bytes = kept.bytes;
        let names: Vec<String> =
            kept.into_findings().iter().map(|finding| finding.get().replace('"', "")).collect();
        assert_eq!(bytes, names.iter().map(|name| name.len() + 2).sum::<usize>());
        (seen, names)
    }

    #[test]
    fn the_most_severe_stay_and_of_those_the_newest() {
        use Severity::{Critical, Low};
        let findings = [
            (Low, Some(9), "low"),
            (Critical, Some(1), "old"),
            (Critical, None, "timeless"),
            (Critical, Some(5), "first"),
            (Critical, Some(5), "second"),
            (Critical, Some(7), "new"),
        ];
        let order = ["new", "first", "second", "old", "timeless", "low"];
        for most in 0..=7 {
            let (seen, names) = kept(most, 1000, &findings);
            assert_eq!(
                (seen, names),
                (6, order[..most.min(6)].iter().map(ToString::to_string).collect()),
                "{most}"
            );
        }
    }

    #[test]
    fn they_take_no_more_room_than_there_is() {
        let findings = [
            (Severity::Low, Some(1), "aaaa"),
            (Severity::Low, Some(2), "bbbb"),
            (Severity::High, Some(0), "cc"),
        ];
        assert_eq!(kept(9, 10, &findings), (3, vec!["cc".to_owned(), "bbbb".to_owned()]));
        assert_eq!(kept(9, 3, &findings), (3, vec![]));
    }
}
