//! From the time that logs cover to a month.

/// Seconds in a day.
pub(crate) const DAY: i64 = 24 * HOUR;
/// Seconds in an hour.
pub(crate) const HOUR: i64 = 3600;
/// A month of the bill.
pub(crate) const DAYS_IN_MONTH: f64 = 30.0;
/// The hours by which CloudWatch prorates a metric's price.
pub(crate) const HOURS_IN_MONTH: f64 = 24.0 * DAYS_IN_MONTH;

/// The times of the files that were read: of each its oldest and its newest event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times(Vec<(i64, i64)>);

/// From the first event to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// How many of its seconds lie within a file, or less than an hour from the next.
    pub(crate) covered: i64,
}

impl Times {
    pub(crate) fn add(&mut self, oldest: Option<i64>, newest: Option<i64>) {
        self.0.extend(oldest.zip(newest));
    }

    /// `None` if no event had a time.
    pub(crate) fn span(mut self) -> Option<Span> {
        self.0.sort_unstable();
        let (first, _) = *self.0.first()?;
        let mut span = Span { first, last: first, covered: 0 };
        for (oldest, newest) in self.0 {
            let from = if oldest - span.last > HOUR { oldest } else { span.last };
            span.covered += (newest - from).max(0);
            span.last = span.last.max(newest);
        }
        Some(span)
    }
}

impl Span {
    /// Its length, and at least an hour: metrics are paid for by the hour, so nothing shorter can
    /// be scaled.
    pub(crate) fn days(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "even a thousand years of seconds are far below 2^53")]
        let days = (self.last - self.first).max(HOUR) as f64 / DAY as f64;
        days
    }

    /// Whether most of it has no events at all, so that a month of it would be mostly empty too.
    pub(crate) fn is_mostly_empty(&self) -> bool {
        self.covered < (self.last - self.first) / 2
    }
}

/// How often the replayed time fits into a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Month(f64);

impl Month {
    /// A month of logs that stand for so many days.
    pub(crate) fn of_days(days: f64) -> Self {
        Self(DAYS_IN_MONTH / days)
    }

    /// A quantity of the replayed time as one of a month.
    pub(crate) fn scale(self, quantity: f64) -> f64 {
        quantity * self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reaches_from_the_first_event_to_the_last() {
        let h = HOUR;
        for (name, files, expected) in [
            ("none", vec![], None),
            ("one event", vec![(5, 5)], Some((5, 5, 0))),
            ("out of order", vec![(300, 400), (0, 100)], Some((0, 400, 400))),
            ("one within another", vec![(0, 5 * h), (h, 2 * h)], Some((0, 5 * h, 5 * h))),
            ("an hour between", vec![(0, h), (2 * h, 3 * h)], Some((0, 3 * h, 3 * h))),
            ("more than an hour between", vec![(0, h), (2 * h + 1, 3 * h)], Some((0, 3 * h, 2 * h - 1))),
        ] {
            let mut times = Times::default();
            for (oldest, newest) in files {
                times.add(Some(oldest), Some(newest));
            }
            times.add(None, None);
            let found = times.span().map(|span| (span.first, span.last, span.covered));
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn a_month_is_thirty_days_of_the_replayed_ones() {
        let of = |last| Span { first: 0, last, covered: last };
        for (span, days, ten) in [
            (of(0), 1.0 / 24.0, 7200.0),
            (of(HOUR), 1.0 / 24.0, 7200.0),
            (of(3 * DAY), 3.0, 100.0),
            (of(60 * DAY), 60.0, 5.0),
        ] {
            assert!((span.days() - days).abs() < 1e-9, "{span:?}");
            assert!((Month::of_days(span.days()).scale(10.0) - ten).abs() < 1e-9, "{span:?}");
        }
        assert!(Span { first: 0, last: 100 * HOUR, covered: 49 * HOUR }.is_mostly_empty());
        assert!(!Span { first: 0, last: 100 * HOUR, covered: 50 * HOUR }.is_mostly_empty());
    }
}
