//! When it happened: matches of each detector by time, and by weekday and hour.

use std::collections::BTreeMap;

use serde::Serialize;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// 1970 began on a Thursday, and a week begins on a Monday.
const FIRST_MONDAY: i64 = 4 * DAY;
/// CloudTrail wrote nothing before 2013. A record may say otherwise, and must not stretch the page.
const PLAUSIBLE: std::ops::Range<i64> = 1_356_998_400..4_102_444_800;
/// So many counts by the hour are kept; if there are more, they become counts by the day, and then by the week.
const MOST_CELLS: usize = 200_000;

/// How much time a count stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Hour,
    Day,
    Week,
}

impl Step {
    const fn seconds(self) -> i64 {
        match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => WEEK,
        }
    }

    /// The start of the step that this time is in.
    fn start(self, time: i64) -> i64 {
        let from = if self == Self::Week { FIRST_MONDAY } else { 0 };
        (time - from).div_euclid(self.seconds()) * self.seconds() + from
    }

    fn longer(self) -> Option<Self> {
        match self {
            Self::Hour => Some(Self::Day),
            Self::Day => Some(Self::Week),
            Self::Week => None,
        }
    }
}

/// Matches by time.
pub(super) struct Times {
    step: Step,
    /// By detector, then by the start of the step.
    cells: BTreeMap<(usize, i64), u64>,
    /// By detector, for the hours of a week that begins on a Monday.
    hours: BTreeMap<usize, Vec<u64>>,
    without: u64,
    most_cells: usize,
}

/// The timeline as the page has it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Timeline {
    /// In seconds.
    step: i64,
    /// Matches in records without a time, or with one that cannot be.
    without_time: u64,
    /// For each detector that has any: the starts of steps, each with its matches.
    counts: Vec<(usize, Vec<(i64, u64)>)>,
}

/// For each detector that has any: its matches in the 168 hours of a week.
pub(super) type Hours = Vec<(usize, Vec<u64>)>;

impl Default for Times {
    fn default() -> Self {
        Self {
            step: Step::Hour,
            cells: BTreeMap::new(),
            hours: BTreeMap::new(),
            without: 0,
            most_cells: MOST_CELLS,
        }
    }
}

impl Times {
    pub(super) fn add(&mut self, detector: usize, time: Option<i64>) {
        let Some(time) = time.filter(|time| PLAUSIBLE.contains(time)) else {
            self.without += 1;
            return;
        };
        *self.cells.entry((detector, self.step.start(time))).or_default() += 1;
        if self.cells.len() > self.most_cells {
            self.lengthen();
        }
        let hours = self.hours.entry(detector).or_insert_with(|| vec![0; 168]);
        let hour = (time - FIRST_MONDAY).rem_euclid(WEEK) / HOUR;
        if let Some(count) = usize::try_from(hour).ok().and_then(|hour| hours.get_mut(hour)) {
            *count += 1;
        }
    }

    /// Weeks stay: of all times that can be, there are some 4,500.
    fn lengthen(&mut self) {
        let Some(step) = self.step.longer() else { return };
        self.step = step;
        for ((detector, start), count) in std::mem::take(&mut self.cells) {
            *self.cells.entry((detector, step.start(start))).or_default() += count;
        }
    }

    pub(super) fn finish(self) -> (Timeline, Hours) {
        let mut counts: Vec<(usize, Vec<(i64, u64)>)> = Vec::new();
        for ((detector, start), count) in self.cells {
            match counts.last_mut() {
                Some((last, cells)) if *last == detector => cells.push((start, count)),
                _ => counts.push((detector, vec![(start, count)])),
            }
        }
        let timeline = Timeline { step: self.step.seconds(), without_time: self.without, counts };
        (timeline, self.hours.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use trailmeter_detection::parse_event_time;

    use super::*;

    fn at(text: &str) -> i64 {
        parse_event_time(text).unwrap()
    }

    fn times(most_cells: usize, matches: &[(usize, Option<i64>)]) -> (Timeline, Hours) {
        let mut times = Times { most_cells, ..Times::default() };
        for &(detector, time) in matches {
            times.add(detector, time);
        }
        times.finish()
    }

    #[test]
    fn matches_stand_in_their_hour_and_weekday() {
        let (timeline, hours) = times(
            10,
            &[
                (1, Some(at("2026-11-23T00:00:00Z"))),
                (0, Some(at("2026-11-22T23:59:59Z"))),
                (1, Some(at("2026-11-23T00:59:59Z"))),
                (1, Some(at("2026-11-24T01:00:00Z"))),
            ],
        );
        let monday = at("2026-11-23T00:00:00Z");
        assert_eq!(
            timeline,
            Timeline {
                step: HOUR,
                without_time: 0,
                counts: vec![(0, vec![(monday - HOUR, 1)]), (1, vec![(monday, 2), (monday + 25 * HOUR, 1)])],
            }
        );
        let filled: Vec<(usize, usize, u64)> = hours
            .iter()
            .flat_map(|(of, hours)| hours.iter().enumerate().map(|(hour, &count)| (*of, hour, count)))
            .filter(|(_, _, count)| *count > 0)
            .collect();
        // The last hour of Sunday, the first of Monday, the second of Tuesday.
        assert_eq!(filled, [(0, 167, 1), (1, 0, 2), (1, 25, 1)]);
    }

    #[test]
    fn times_that_cannot_be_are_counted_apart() {
        let (timeline, hours) = times(
            10,
            &[
                (0, None),
                (0, Some(at("0001-01-01T00:00:00Z"))),
                (0, Some(at("9999-01-01T00:00:00Z"))),
                (0, Some(0)),
            ],
        );
        assert_eq!(timeline, Timeline { step: HOUR, without_time: 4, counts: vec![] });
        assert_eq!(hours, []);
    }

    #[test]
    fn too_many_hours_become_days_and_those_weeks_and_none_is_lost() {
        let monday = at("2026-11-23T00:00:00Z");
        let matches: Vec<(usize, Option<i64>)> =
            (0..240).map(|hour| (0, Some(monday + hour * HOUR))).collect();
        let (timeline, _) = times(10, &matches);
        let days = (0..10).map(|day| (monday + day * DAY, 24)).collect();
        assert_eq!(timeline, Timeline { step: DAY, without_time: 0, counts: vec![(0, days)] });
        let (timeline, hours) = times(2, &matches);
        let weeks = vec![(monday, 168), (monday + WEEK, 72)];
        assert_eq!(timeline, Timeline { step: WEEK, without_time: 0, counts: vec![(0, weeks)] });
        assert_eq!(hours[0].1.iter().sum::<u64>(), 240);
    }
}
