//! What is found, in numbers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use trailmeter_integrity::watch::{Looked, Round, State};
use trailmeter_integrity::{Class, Reason};
use trailmeter_pipeline::{Datum, DatumValues, MOST_DATA};

/// Numbers by metric and reason, all of one time.
pub(crate) struct Metrics {
    at: i64,
    sums: BTreeMap<(&'static str, Option<&'static str>), u64>,
    data: Vec<Datum>,
}

impl Metrics {
    pub(crate) fn at(now: Timestamp) -> Self {
        Self { at: now.as_second(), sums: BTreeMap::new(), data: Vec::new() }
    }

    pub(crate) fn looked(&mut self, looked: &Looked) {
        match &looked.state {
            // It was counted when it waited for its predecessor.
            State::Done if !looked.is_first_look => {}
            State::Done => {
                let verdict = if looked.is_valid() { "DigestsValid" } else { "DigestsInvalid" };
                self.add(verdict, 1);
            }
            State::Known => self.add("DigestsKnown", 1),
            State::NotADigest => self.add_reason("DigestsSkipped", "not-a-digest", 1),
            State::Postponed(postponed) => self.add_reason("DigestsPostponed", postponed.reason(), 1),
        }
        self.add("LogFilesValid", looked.log_files_valid);
        self.add("ObjectsElsewhere", looked.elsewhere.len() as u64);
        self.add("DeliveriesCaughtUp", looked.caught_up.len() as u64);
        self.add("DigestGapMinutes", looked.gap_minutes);
        for found in &looked.found {
            self.found(found.reason);
        }
    }

    pub(crate) fn round(&mut self, round: &Round) {
        for missed in &round.missed {
            self.found(missed.reason);
            self.add("DigestGapMinutes", missed.minutes);
        }
        // Of a part of them nothing can be said, but what was found there.
        if let Some(why) = &round.broke_off {
            self.add_reason("DigestsPostponed", why.reason(), 1);
            self.add("DigestsUnverified", round.unverified);
            self.add("DigestsStoppedMinutes", round.stopped_minutes);
            return;
        }
        // Gauges, where a zero is news as well.
        *self.sums.entry(("DigestsUnverified", None)).or_default() = round.unverified;
        *self.sums.entry(("DigestChains", None)).or_default() = round.chains;
        *self.sums.entry(("DigestsStoppedMinutes", None)).or_default() = round.stopped_minutes;
    }

    fn found(&mut self, reason: Reason) {
        let metric = match reason.class() {
            Class::Changed => "IntegrityViolations",
            Class::Missing => "IntegrityGaps",
            Class::Expected => "LogFilesExpired",
        };
        self.add_reason(metric, reason.reason(), 1);
    }

    fn add(&mut self, metric: &'static str, more: u64) {
        if more > 0 {
            *self.sums.entry((metric, None)).or_default() += more;
        }
    }

    /// Adds to a metric and to its series of one reason.
    fn add_reason(&mut self, metric: &'static str, reason: &'static str, more: u64) {
        self.add(metric, more);
        *self.sums.entry((metric, Some(reason))).or_default() += more;
    }

    /// What is to be put, in as many requests as it takes.
    pub(crate) fn requests(&mut self) -> impl Iterator<Item = &[Datum]> {
        let at = self.at;
        let datum = |((metric, reason), sum): ((&'static str, Option<&'static str>), u64)| Datum {
            namespace: None,
            name: metric.to_owned(),
            dimensions: reason.map(|reason| ("Reason".to_owned(), reason.to_owned())).into_iter().collect(),
            timestamp: at,
            unit: None,
            #[expect(clippy::cast_precision_loss, reason = "counts of one invocation stay far below 2^53")]
            values: DatumValues::Distribution(vec![(sum as f64, 1.0)]),
            matches: 0,
        };
        self.data = std::mem::take(&mut self.sums).into_iter().map(datum).collect();
        self.data.chunks(MOST_DATA)
    }
}

#[cfg(test)]
mod tests {
    use trailmeter_integrity::watch::{Missed, Postponed};

    use super::*;
    use trailmeter_integrity::Location;

    fn put(metrics: &mut Metrics) -> Vec<String> {
        let line = |datum: &Datum| {
            let DatumValues::Distribution(values) = &datum.values else { panic!("{datum:?}") };
            let reason = datum.dimensions.first().map(|(_, reason)| format!("{{{reason}}}"));
            format!("{}{}={}", datum.name, reason.unwrap_or_default(), values[0].0)
        };
        metrics.requests().flatten().map(line).collect()
    }

    #[test]
    fn a_round_says_that_nothing_waits_and_what_was_missed() {
        let last = Location { bucket: "b".to_owned(), key: "k".to_owned() };
        let missed = Missed { last, reason: Reason::Stopped, minutes: 150 };
        let mut metrics = Metrics::at(Timestamp::UNIX_EPOCH);
        metrics.round(&Round { missed: vec![missed], chains: 2, stopped_minutes: 150, ..Round::default() });
        assert_eq!(
            put(&mut metrics),
            [
                "DigestChains=2",
                "DigestGapMinutes=150",
                "DigestsStoppedMinutes=150",
                "DigestsUnverified=0",
                "IntegrityGaps=1",
                "IntegrityGaps{stopped}=1",
            ]
        );
        assert_eq!(put(&mut metrics), [""; 0], "nothing is put twice");
        // A zero of some chains is no zero of all.
        let broke_off = Some(Postponed::OutOfTime);
        metrics.round(&Round { chains: 2, unverified: 3, broke_off, ..Round::default() });
        let postponed = ["DigestsPostponed=1", "DigestsPostponed{out-of-time}=1"];
        assert_eq!(put(&mut metrics), [&postponed[..], &["DigestsUnverified=3"]].concat());
        assert_eq!(Postponed::OutOfTime.reason(), "out-of-time");
    }
}
