//! Time: when an evaluation takes place, and what it can see.

use super::{
    Alarm, CloudWatch, Comparison, DAY, HOUR, MINUTE, Metric, MissingData, State, Statistic, Window,
};

const NONE_EXTRA: CloudWatch =
    CloudWatch { extra_points: 0, window: Window::Sliding, second_of_hour: 3 * MINUTE };

fn alarm(period: i64, evaluation_periods: usize, threshold: f64) -> Alarm {
    Alarm {
        period,
        evaluation_periods,
        datapoints_to_alarm: 1,
        threshold,
        comparison: Comparison::AtLeast,
        statistic: Statistic::Sum,
        missing_data: MissingData::NotBreaching,
        fill: None,
    }
}

fn metric(samples: &[(i64, i64, f64)]) -> Metric {
    let mut metric = Metric::default();
    for (stamp, visible, value) in samples {
        metric.put(*stamp, *visible, *value);
    }
    metric
}

/// AWS's example: with a period of five minutes, minutes 1 to 5 at the end of minute 5, then 2 to 6.
#[test]
fn the_window_slides_by_the_minute() {
    let metric = metric(&[(70, 70, 1.0), (5 * MINUTE + 10, 5 * MINUTE + 10, 1.0)]);
    let history = NONE_EXTRA.watch(&alarm(300, 1, 2.0), &metric, 0, 20 * MINUTE);
    assert_eq!(history.changes(), [(0, State::Ok), (360, State::Alarm), (420, State::Ok)]);
}

#[test]
fn a_minute_counts_when_it_is_over() {
    let history = NONE_EXTRA.watch(&alarm(60, 1, 1.0), &metric(&[(61, 61, 1.0)]), 0, HOUR);
    assert_eq!(history.changes(), [(0, State::Ok), (120, State::Alarm), (180, State::Ok)]);
}

#[test]
fn a_sample_counts_from_when_it_can_be_seen() {
    let late = metric(&[(61, 61 + 4 * MINUTE, 1.0)]);
    let history = NONE_EXTRA.watch(&alarm(60, 5, 1.0), &late, 0, HOUR);
    assert_eq!(history.changes(), [(0, State::Ok), (360, State::Alarm), (420, State::Ok)]);
    // And not at all if its period has been left behind.
    let history = NONE_EXTRA.watch(&alarm(60, 4, 1.0), &late, 0, HOUR);
    assert_eq!(history.rings(), [0; 0]);
}

/// AWS's example of an alarm over days: the failure of 10:02 is seen at 11:03, its end of 11:43 at
/// 12:03.
#[test]
fn an_alarm_over_days_looks_once_an_hour_at_whole_hours() {
    let clock = |hour: i64, minute: i64| 3 * DAY + hour * HOUR + minute * MINUTE;
    let job = |at: i64, failed: f64| (at, at, failed);
    let metric = metric(&[job(clock(10, 0) - 3 * DAY, 0.0), job(clock(10, 2), 1.0), job(clock(11, 43), 0.0)]);
    let mut over_days = alarm(HOUR, 25, 1.0);
    over_days.datapoints_to_alarm = 1;
    let history = NONE_EXTRA.watch(&over_days, &metric, clock(0, 0), clock(14, 0));
    assert_eq!(history.rings(), [clock(11, 3)]);
    // By the minute up to a day.
    let history = NONE_EXTRA.watch(&alarm(HOUR, 24, 1.0), &metric, clock(0, 0), clock(14, 0));
    assert_eq!(history.rings(), [clock(10, 3)]);
}

#[test]
fn a_wall_clock_window_sees_whole_periods_only() {
    let by_the_clock = CloudWatch { window: Window::WallClock, ..CloudWatch::default() };
    let history = by_the_clock.watch(&alarm(300, 1, 1.0), &metric(&[(310, 310, 1.0)]), 0, HOUR);
    assert_eq!(history.changes(), [(0, State::Ok), (600, State::Alarm), (900, State::Ok)]);
}

#[test]
fn each_statistic() {
    let metric = metric(&[(10, 10, 1.0), (70, 70, 6.0), (80, 80, 2.0)]);
    for (statistic, expected) in [
        (Statistic::Sum, 9.0),
        (Statistic::Maximum, 6.0),
        (Statistic::Minimum, 1.0),
        (Statistic::Average, 3.0),
        (Statistic::SampleCount, 3.0),
    ] {
        assert_eq!(metric.points(statistic, 300, 300, 2, 300), [Some(expected), None], "{statistic:?}");
        for (comparison, at_expected) in [
            (Comparison::AtLeast, true),
            (Comparison::AtMost, true),
            (Comparison::Above, false),
            (Comparison::Below, false),
        ] {
            let alarm = Alarm { comparison, statistic, ..alarm(300, 1, expected) };
            let rings = !NONE_EXTRA.watch(&alarm, &metric, 300, 300).rings().is_empty();
            assert_eq!(rings, at_expected, "{statistic:?} {comparison:?}");
        }
    }
}

#[test]
fn what_is_filled_in_is_not_missing() {
    let silence = Alarm {
        datapoints_to_alarm: 3,
        comparison: Comparison::Below,
        missing_data: MissingData::Breaching,
        ..alarm(HOUR, 3, 1.0)
    };
    let filled = Alarm { fill: Some(0.0), ..silence.clone() };
    let metric = metric(&[(30, 30, 1.0)]);
    let rings = |alarm: &Alarm, from: i64| CloudWatch::default().watch(alarm, &metric, from, DAY).rings();
    // The point holds a plain alarm while it is among the five that are fetched.
    assert_eq!(rings(&silence, MINUTE), [5 * HOUR + MINUTE]);
    assert_eq!(rings(&filled, MINUTE), [3 * HOUR + MINUTE]);
    // And nothing at all is not filled.
    assert_eq!(rings(&filled, 0), [0, 3 * HOUR + MINUTE]);
}

#[test]
fn contributors_have_states_of_their_own() {
    let (one, other) = (metric(&[(10, 10, 1.0)]), metric(&[(10, 10, 0.0), (900, 900, 1.0)]));
    let alarm = alarm(60, 2, 1.0);
    let history = NONE_EXTRA.watch_contributors(&alarm, &[one, other], 0, HOUR);
    let expected = [
        (60, State::Alarm),
        (180, State::InsufficientData),
        (960, State::Alarm),
        (1080, State::InsufficientData),
    ];
    assert_eq!(history.changes(), expected);
}

#[test]
fn what_cloudwatch_refuses_is_refused() {
    for (alarm, allowed) in [
        (alarm(60, 1440, 1.0), true),
        (alarm(60, 1441, 1.0), false),
        (alarm(HOUR, 168, 1.0), true),
        (alarm(HOUR, 169, 1.0), false),
        (alarm(90, 1, 1.0), false),
        (alarm(60, 0, 1.0), false),
        (Alarm { datapoints_to_alarm: 3, ..alarm(60, 2, 1.0) }, false),
    ] {
        assert_eq!(alarm.check().is_ok(), allowed, "{alarm:?}");
    }
}
