//! When the matches of each detector happened, in few buckets however long the time.
//!
//! Buckets grow as the time does: an hour's worth of logs is kept by some seconds, a year's by the day. They lie
//! on a grid that does not depend on the logs (hours begin at full hours, in UTC), and each length divides
//! the next. So what comes out is the same in whatever order files are read.

use std::collections::BTreeMap;
use std::ops::Range;

use super::sparkline::sparkline;

/// So many buckets are kept for a detector, at the most. Many more than are ever shown: a length that is good
/// to read can be made of them then.
const KEPT: i64 = 480;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Seconds in a bucket as it is kept. From the last one on it is twice as many each time.
const KEPT_STEPS: [i64; 9] = [1, 5, 30, MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR, DAY];
/// Seconds in a bucket as it is shown. From the last one on it is twice as many each time.
const SHOWN_STEPS: [i64; 21] = [
    1,
    2,
    5,
    10,
    20,
    30,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    4 * DAY,
    7 * DAY,
];

/// Counts over time, of each detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timeline {
    /// Seconds in a bucket.
    step: i64,
    /// The oldest and the newest time that there is to show.
    span: Option<(i64, i64)>,
    /// By detector: buckets by their number on the grid. Those without a match are not there.
    counts: Vec<BTreeMap<i64, u64>>,
}

impl Timeline {
    pub(crate) fn new(detectors: usize) -> Self {
        Self { step: KEPT_STEPS[0], span: None, counts: vec![BTreeMap::new(); detectors] }
    }

    /// Makes room for times at which there were events, matched or not: when nothing matched is to be
    /// seen as well.
    pub(crate) fn cover(&mut self, times: impl IntoIterator<Item = i64>) {
        for time in times {
            let (oldest, newest) = self.span.unwrap_or((time, time));
            self.span = Some((oldest.min(time), newest.max(time)));
        }
        let step = steps(&KEPT_STEPS).find(|step| *step >= self.step && self.count(*step) <= KEPT);
        self.rescale(step);
    }

    /// Counts a match.
    pub(crate) fn add(&mut self, detector: usize, time: i64) {
        self.cover([time]);
        let bucket = time.div_euclid(self.step);
        *self.counts[detector].entry(bucket).or_default() += 1;
    }

    /// The same in so many buckets at the most, as it is shown.
    pub(crate) fn within(&self, buckets: usize) -> Self {
        let most = i64::try_from(buckets).unwrap_or(i64::MAX).max(1);
        let mut shown = self.clone();
        // Made of whole buckets as they are kept.
        let fits = |step: &i64| *step % self.step == 0 && self.count(*step) <= most;
        shown.rescale(steps(&SHOWN_STEPS).find(fits));
        shown
    }

    /// From when until when there were events.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        self.span
    }

    /// How many seconds a bucket has, if there is one.
    pub(crate) fn step(&self) -> Option<i64> {
        self.span.map(|_| self.step)
    }

    /// The matches of a detector as a line of marks.
    pub(crate) fn line(&self, detector: usize, is_utf8: bool) -> String {
        let counts = &self.counts[detector];
        let counts: Vec<u64> = self.range().map(|bucket| counts.get(&bucket).copied().unwrap_or(0)).collect();
        sparkline(&counts, is_utf8)
    }

    /// The matches of all detectors as one.
    pub(crate) fn line_of_all(&self, is_utf8: bool) -> String {
        let all = |bucket| self.counts.iter().filter_map(|counts| counts.get(&bucket)).sum();
        let counts: Vec<u64> = self.range().map(all).collect();
        sparkline(&counts, is_utf8)
    }

    /// The numbers of all buckets.
    fn range(&self) -> Range<i64> {
        self.range_by(self.step)
    }

    fn range_by(&self, step: i64) -> Range<i64> {
        self.span.map_or(0..0, |(oldest, newest)| oldest.div_euclid(step)..newest.div_euclid(step) + 1)
    }

    /// How many buckets of this length there would be.
    fn count(&self, step: i64) -> i64 {
        let range = self.range_by(step);
        range.end - range.start
    }

    /// Puts what is there into longer buckets.
    fn rescale(&mut self, step: Option<i64>) {
        let Some(step) = step.filter(|step| *step != self.step) else { return };
        for counts in &mut self.counts {
            let mut coarse = BTreeMap::new();
            for (&bucket, &count) in &*counts {
                *coarse.entry((bucket * self.step).div_euclid(step)).or_default() += count;
            }
            *counts = coarse;
        }
        self.step = step;
    }
}

/// These lengths, and from the last one on twice as many seconds each time; a bucket of the last holds all the time
/// that can be written.
fn steps(table: &[i64]) -> impl Iterator<Item = i64> {
    let last = table.last().copied().unwrap_or(1);
    table.iter().copied().chain((1..32).map(move |doubled| last << doubled))
}

/// The length of a bucket, for people.
pub(crate) fn length(seconds: i64) -> String {
    let (count, unit) = match seconds {
        DAY.. => (seconds / DAY, "d"),
        HOUR.. => (seconds / HOUR, "h"),
        MINUTE.. => (seconds / MINUTE, "min"),
        _ => (seconds, "s"),
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T06:00:00Z
    const MORNING: i64 = 1_795_240_800;

    fn of(times: &[i64]) -> Timeline {
        let mut timeline = Timeline::new(1);
        for time in times {
            timeline.add(0, *time);
        }
        timeline
    }

    #[test]
    fn lengths_grow_with_the_time_and_each_kept_one_divides_the_next() {
        let kept: Vec<i64> = steps(&KEPT_STEPS).collect();
        assert!(kept.windows(2).all(|pair| pair[0] < pair[1] && pair[1] % pair[0] == 0), "{kept:?}");
        for (seconds, shown, expected) in [
            (0, 1, "1 s"),
            (23, 24, "1 s"),
            (24, 13, "2 s"),
            (24 * MINUTE, 13, "2 min"),
            (HOUR - 1, 12, "5 min"),
            (12 * HOUR, 13, "1 h"),
            (DAY - 1, 24, "1 h"),
            (3 * DAY, 13, "6 h"),
            (7 * DAY - 1, 15, "12 h"),
            (30 * DAY - 1, 16, "2 d"),
            (365 * DAY - 1, 14, "28 d"),
        ] {
            let found = of(&[MORNING, MORNING + seconds]).within(24);
            assert_eq!((found.range().count(), length(found.step).as_str()), (shown, expected), "{seconds}");
        }
    }

    /// Whatever the time, there is a length for it that is neither too long nor made of broken pieces.
    #[test]
    fn no_span_is_shown_in_a_few_marks_only() {
        let mut seconds = 24;
        while seconds < 9000 * 365 * DAY {
            let kept = of(&[0, seconds - 1]);
            for most in [12, 16, 24] {
                let shown = kept.within(most);
                let count = shown.range().count();
                assert!(count <= most && count * 5 / 2 + 2 >= most, "{seconds} s in {most}: {count}");
                assert_eq!(shown.step % kept.step, 0, "{seconds} s in {most}");
                assert_eq!(shown.counts[0].values().sum::<u64>(), 2);
            }
            seconds += seconds / 7 + 1;
        }
    }

    #[test]
    fn the_order_of_files_makes_no_difference() {
        let times: Vec<i64> = (0..2000).map(|at| MORNING + (at * 7919) % (3 * DAY) - at % 3 * 100).collect();
        let forward = of(&times);
        let mut other = times.clone();
        other.reverse();
        assert_eq!(of(&other), forward);
        other.sort_unstable();
        assert_eq!(of(&other), forward);
        assert_eq!(forward.counts[0].values().sum::<u64>(), 2000);
        assert!(forward.range().count() <= 480 && forward.counts[0].len() <= 480);
    }

    #[test]
    fn any_time_that_can_be_written_has_its_bucket() {
        for (oldest, newest) in [
            ("-009999-01-03T00:00:00Z", "9999-12-30T00:00:00Z"),
            ("1969-12-31T23:59:59Z", "1970-01-01T00:00:01Z"),
        ] {
            let [oldest, newest] =
                [oldest, newest].map(|text| trailmeter_detection::parse_event_time(text).unwrap());
            let found = of(&[newest, oldest, oldest]);
            assert!((2..=480).contains(&found.range().count()), "{found:?}");
            assert_eq!(found.counts[0].values().copied().collect::<Vec<_>>(), [2, 1]);
        }
    }

    #[test]
    fn time_without_a_match_is_shown_as_such() {
        let mut timeline = Timeline::new(2);
        timeline.cover([MORNING, MORNING + 9]);
        timeline.add(0, MORNING + 2);
        assert_eq!(timeline.line(0, true), "··█·······");
        assert_eq!(timeline.line(1, true), "··········");
        timeline.add(1, MORNING + 2);
        timeline.add(1, MORNING + 8);
        assert_eq!(timeline.line_of_all(true), "··█·····▄·");
        assert_eq!(timeline.within(5).line_of_all(true), "·█··▄");
        assert_eq!(Timeline::new(1).line(0, true), "");
    }
}
