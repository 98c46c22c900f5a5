//! The evaluation itself, and when it takes place.

use super::{Alarm, DAY, HOUR, History, MINUTE, Metric, MissingData, State};

/// What AWS leaves open about evaluation, or lets an alarm choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloudWatch {
    /// How many points beyond `EvaluationPeriods` are fetched. AWS says only that there are more,
    /// and that it depends; its examples have 2. What is to be relied on has to hold for any number.
    pub extra_points: usize,
    /// `EvaluationWindow`.
    pub window: Window,
    /// Second of the hour at which alarms that look at more than a day are evaluated.
    pub second_of_hour: i64,
}

/// Where the periods of an evaluation end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// At the minute of the evaluation. The default.
    Sliding,
    /// At the last full period of the clock, without a look at points before the N.
    WallClock,
}

impl Default for CloudWatch {
    /// As in AWS's examples.
    fn default() -> Self {
        Self { extra_points: 2, window: Window::Sliding, second_of_hour: 3 * MINUTE }
    }
}

/// A period, as an evaluation sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Nothing was put, or it cannot be seen yet.
    Missing,
    /// Within the threshold: 0 in AWS's tables.
    Within,
    /// Breaching: X in AWS's tables.
    Breaching,
}

impl CloudWatch {
    /// Watches a metric with an alarm that is new at `from`.
    pub fn watch(&self, alarm: &Alarm, metric: &Metric, from: i64, until: i64) -> History {
        let mut history = History::new(from, until);
        for now in self.evaluations(alarm, from, until) {
            let points = self.points(alarm, metric, now);
            let state = decide(alarm, &points, history.last());
            history.enter(now, state);
        }
        history
    }

    /// Watches with a Metrics Insights query with `GROUP BY`: each series is a contributor with a
    /// state, and the alarm is in `ALARM` while one of them is.
    ///
    /// A series that is not found is OK and forgotten, whatever is said of missing data; without any
    /// series the alarm has insufficient data.
    pub fn watch_contributors(&self, alarm: &Alarm, series: &[Metric], from: i64, until: i64) -> History {
        let mut history = History::new(from, until);
        let mut states = vec![State::InsufficientData; series.len()];
        for now in self.evaluations(alarm, from, until) {
            let mut whole = State::InsufficientData;
            for (metric, state) in series.iter().zip(&mut states) {
                let points = self.points(alarm, metric, now);
                if points.iter().all(|point| *point == Point::Missing) {
                    *state = State::Ok;
                    continue;
                }
                *state = decide(alarm, &points, *state);
                // The gravest of them, in whatever order they are asked.
                whole = match (whole, *state) {
                    (State::Alarm, _) | (_, State::Alarm) => State::Alarm,
                    (State::Ok, _) | (_, State::Ok) => State::Ok,
                    (State::InsufficientData, State::InsufficientData) => State::InsufficientData,
                };
            }
            history.enter(now, whole);
        }
        history
    }

    /// Each minute; each hour for an alarm that looks at more than a day.
    fn evaluations(&self, alarm: &Alarm, from: i64, until: i64) -> impl Iterator<Item = i64> + use<> {
        let (step, phase) = if alarm.seconds() > DAY { (HOUR, self.second_of_hour) } else { (MINUTE, 0) };
        let first = from + (phase - from).rem_euclid(step);
        std::iter::successors(Some(first), move |now| Some(now + step)).take_while(move |now| *now <= until)
    }

    /// The points of the evaluation range, the newest first.
    fn points(&self, alarm: &Alarm, metric: &Metric, now: i64) -> Vec<Point> {
        let (grain, extra) = match self.window {
            Window::WallClock => (alarm.period, 0),
            // An alarm over days sees nothing of the hour that has begun.
            Window::Sliding if alarm.seconds() > DAY => (HOUR, self.extra_points),
            Window::Sliding => (MINUTE, self.extra_points),
        };
        let end = now.div_euclid(grain) * grain;
        let range = alarm.evaluation_periods + extra;
        let mut values = metric.points(alarm.statistic, alarm.period, end, range, now);
        // Nothing at all is no series, and there is nothing to be filled in.
        if let Some(fill) = alarm.fill
            && values.iter().any(Option::is_some)
        {
            for value in &mut values {
                value.get_or_insert(fill);
            }
        }
        values
            .into_iter()
            .map(|value| match value {
                None => Point::Missing,
                Some(value) if alarm.breaches(value) => Point::Breaching,
                Some(_) => Point::Within,
            })
            .collect()
    }
}

/// The state that follows from the points of the evaluation range, the newest first.
///
/// The newest N of those that are there decide. Only if there are fewer than N, the missing ones
/// count, as few as possible, in the way that the alarm asks for.
pub fn decide(alarm: &Alarm, points: &[Point], before: State) -> State {
    let there: Vec<(usize, Point)> = (1..)
        .zip(points.iter().copied())
        .filter(|(_, point)| *point != Point::Missing)
        .take(alarm.evaluation_periods)
        .collect();
    let breaching = there.iter().filter(|(_, point)| *point == Point::Breaching).count();
    let missing = alarm.evaluation_periods - there.len();
    let at_least = |breaching: usize| {
        if breaching >= alarm.datapoints_to_alarm { State::Alarm } else { State::Ok }
    };
    match alarm.missing_data {
        _ if missing == 0 => at_least(breaching),
        MissingData::Breaching => at_least(breaching + missing),
        MissingData::NotBreaching => at_least(breaching),
        MissingData::Missing | MissingData::Ignore if breaching < there.len() => at_least(breaching),
        MissingData::Missing | MissingData::Ignore if breaching >= alarm.datapoints_to_alarm => State::Alarm,
        // What is there breaches, and is not enough: the next point may be a good one.
        MissingData::Ignore => before,
        MissingData::Missing => match there.last() {
            // It has not come for so long that waiting is over.
            Some((age, _)) if *age >= alarm.datapoints_to_alarm => State::Alarm,
            // AWS's page says only that this is not ALARM; the table of an earlier edition has this state.
            _ => State::InsufficientData,
        },
    }
}
