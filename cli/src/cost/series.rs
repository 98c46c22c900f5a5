//! Which series got data when.
//!
//! CloudWatch charges a metric for the hours in which it gets data and keeps a point for each
//! minute. Values of dimensions come from whoever makes a request and may be many: so a series is
//! kept as a hash, its minutes as bits, and there is an end to how many are kept.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use trailmeter_pipeline::Datum;

use super::month::{HOUR, HOURS_IN_MONTH, Month};
use super::number::float;

/// Hours of series that are told apart; some 200 MB at the most.
const MOST: usize = 4_000_000;

/// A series, hashed with a key that nobody outside knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SeriesId(u64);

/// The minutes in which each series got data, as bits of its hours.
#[derive(Debug)]
pub(crate) struct SeriesBook {
    hasher: RandomState,
    most: usize,
    minutes: HashMap<(SeriesId, i64), u64>,
    not_kept: u64,
}

impl SeriesBook {
    pub(crate) fn new() -> Self {
        Self::with_room_for(MOST)
    }

    fn with_room_for(most: usize) -> Self {
        Self { hasher: RandomState::new(), most, minutes: HashMap::new(), not_kept: 0 }
    }

    /// Takes down that a series got data. `None` if there is no room left for it.
    pub(crate) fn add(&mut self, datum: &Datum) -> Option<SeriesId> {
        let series = SeriesId(self.hasher.hash_one((&datum.namespace, &datum.name, &datum.dimensions)));
        let hour = datum.timestamp.div_euclid(HOUR);
        let minute = datum.timestamp.rem_euclid(HOUR) / 60;
        let is_full = self.minutes.len() >= self.most;
        let minutes = match self.minutes.get_mut(&(series, hour)) {
            Some(minutes) => minutes,
            None if is_full => {
                self.not_kept += 1;
                return None;
            }
            None => self.minutes.entry((series, hour)).or_default(),
        };
        *minutes |= 1 << minute;
        Some(series)
    }

    /// The hash of something else, such as a dimension's value.
    pub(crate) fn hash(&self, text: &str) -> u64 {
        self.hasher.hash_one(text)
    }

    /// How many data had no room, so that every figure is a lower bound.
    pub(crate) fn not_kept(&self) -> u64 {
        self.not_kept
    }

    /// The hours and minutes of each series.
    pub(crate) fn tallies(self) -> Tallies {
        let mut tallies: HashMap<SeriesId, Tally> = HashMap::new();
        for ((series, _), minutes) in self.minutes {
            let tally = tallies.entry(series).or_default();
            tally.hours += 1;
            tally.minutes += u64::from(minutes.count_ones());
        }
        Tallies(tallies)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    hours: u64,
    minutes: u64,
}

/// The hours and minutes of each series.
#[derive(Debug)]
pub(crate) struct Tallies(HashMap<SeriesId, Tally>);

impl Tallies {
    /// The minutes of some series.
    pub(crate) fn minutes(&self, series: &HashSet<SeriesId>) -> u64 {
        series.iter().filter_map(|series| self.0.get(series)).map(|tally| tally.minutes).sum()
    }

    /// The hours of some series.
    pub(crate) fn hours<'s>(&self, series: impl IntoIterator<Item = &'s SeriesId>) -> Hours {
        let mut hours = Hours::default();
        for tally in series.into_iter().filter_map(|series| self.0.get(series)) {
            *hours.0.entry(tally.hours).or_default() += 1;
        }
        hours
    }
}

/// How many series got data in how many hours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hours(BTreeMap<u64, u64>);

impl Hours {
    /// Hours of all its series together.
    pub(crate) fn total(&self) -> u64 {
        self.0.iter().map(|(hours, series)| hours * series).sum()
    }

    /// How many series there are.
    pub(crate) fn series(&self) -> u64 {
        self.0.values().sum()
    }

    /// What CloudWatch charges for in a month. No series costs more than a whole month, however few
    /// minutes of the clock's hours the logs cover.
    pub(crate) fn metric_months(&self, month: Month) -> f64 {
        let of = |(&hours, &series): (&u64, &u64)| {
            (month.scale(float(hours)) / HOURS_IN_MONTH).min(1.0) * float(series)
        };
        self.0.iter().map(of).fold(0.0, |sum, months| sum + months)
    }
}

#[cfg(test)]
mod tests {
    use trailmeter_pipeline::DatumValues;

    use super::*;

    fn datum(name: &str, who: &str, timestamp: i64) -> Datum {
        Datum {
            namespace: None,
            name: name.to_owned(),
            dimensions: vec![("Who".to_owned(), who.to_owned())],
            timestamp,
            unit: None,
            values: DatumValues::Distribution(vec![(1.0, 1.0)]),
            matches: 1,
        }
    }

    #[test]
    fn series_are_told_apart_and_their_minutes_and_hours_counted_once() {
        let mut book = SeriesBook::new();
        let mut add = |who: &str, timestamp| book.add(&datum("Denied", who, timestamp)).unwrap();
        let a = add("a", 0);
        for timestamp in [59, 60, HOUR - 1, HOUR, -1] {
            assert_eq!(add("a", timestamp), a);
        }
        let b = add("b", 0);
        assert_ne!(a, b);
        let tallies = book.tallies();
        let both = HashSet::from([a, b]);
        // a: 0:00, 0:01, 0:59, 1:00 and 23:59 of the day before; b: 0:00.
        assert_eq!(tallies.minutes(&both), 6);
        assert_eq!(tallies.hours(&both), Hours(BTreeMap::from([(1, 1), (3, 1)])));
        assert_eq!(tallies.hours(&both).total(), 4);
    }

    #[test]
    fn what_has_no_room_is_counted_and_the_rest_goes_on() {
        let mut book = SeriesBook::with_room_for(1);
        assert!(book.add(&datum("Denied", "a", 0)).is_some());
        assert!(book.add(&datum("Denied", "b", 0)).is_none());
        assert!(book.add(&datum("Denied", "a", HOUR)).is_none());
        assert!(book.add(&datum("Denied", "a", 60)).is_some());
        assert_eq!(book.not_kept(), 2);
    }

    #[test]
    fn hours_scale_to_a_month_and_no_further() {
        for (hours, days, expected) in [
            (vec![], 1.0, 0.0),
            // Each hour of three days, and one of them.
            (vec![72], 3.0, 1.0),
            (vec![1], 3.0, 10.0 / 720.0),
            (vec![720], 30.0, 1.0),
            (vec![36, 36, 1], 30.0, 73.0 / 720.0),
            // Half an hour before and after the hour: two of the clock's hours, one of time.
            (vec![2, 2], 1.0 / 24.0, 2.0),
        ] {
            let mut all = Hours::default();
            for &hours in &hours {
                *all.0.entry(hours).or_default() += 1;
            }
            let found = all.metric_months(Month::of_days(days));
            assert!((found - expected).abs() < 1e-9, "{hours:?} in {days} days: {found}");
        }
    }
}
