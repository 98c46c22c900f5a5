//! The tables that AWS publishes, against the model.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>,
//! as of 2026-11. In all of them N is 3 and five points are fetched; the newest stands on the right.

use super::{Alarm, Comparison, MissingData, Point, State, Statistic, decide};

const OK: Option<State> = Some(State::Ok);
const ALARM: Option<State> = Some(State::Alarm);
const INSUFFICIENT: Option<State> = Some(State::InsufficientData);
/// The state stays what it was.
const KEEP: Option<State> = None;

/// Points, and the states with missing data as missing, ignore, breaching, not breaching.
type Row = (&'static str, [Option<State>; 4]);

const THREE_OF_THREE: &[Row] = &[
    ("0 - X - X", [OK, OK, OK, OK]),
    ("0 - - - -", [OK, OK, OK, OK]),
    ("- - - - -", [INSUFFICIENT, KEEP, ALARM, OK]),
    ("0 X X - X", [ALARM, ALARM, ALARM, ALARM]),
    ("- - X - -", [ALARM, KEEP, ALARM, OK]),
];

const TWO_OF_THREE: &[Row] = &[
    ("0 - X - X", [ALARM, ALARM, ALARM, ALARM]),
    ("0 0 X 0 X", [ALARM, ALARM, ALARM, ALARM]),
    ("0 - X - -", [OK, OK, ALARM, OK]),
    ("- - - - 0", [OK, OK, ALARM, OK]),
    ("- - - X -", [ALARM, KEEP, ALARM, OK]),
];

/// Rows of earlier editions, on points that the page now only speaks of.
const EARLIER_THREE_OF_THREE: &[Row] =
    &[("- - - - X", [INSUFFICIENT, KEEP, ALARM, OK]), ("X - - - -", [ALARM, KEEP, ALARM, OK])];
const EARLIER_TWO_OF_THREE: &[Row] = &[("- - - - X", [INSUFFICIENT, KEEP, ALARM, OK])];

/// Points of which the page says that the alarm does not go off at once, M being 3.
const NOT_YET: &[&str] = &["- - - - X", "- - - X -", "- - - X 0", "- - X - 0"];

const TREATMENTS: [MissingData; 4] =
    [MissingData::Missing, MissingData::Ignore, MissingData::Breaching, MissingData::NotBreaching];

fn alarm(datapoints_to_alarm: usize, missing_data: MissingData) -> Alarm {
    Alarm {
        period: 300,
        evaluation_periods: 3,
        datapoints_to_alarm,
        threshold: 1.0,
        comparison: Comparison::AtLeast,
        statistic: Statistic::Sum,
        missing_data,
        fill: None,
    }
}

fn newest_first(row: &str) -> Vec<Point> {
    row.split(' ')
        .rev()
        .map(|point| match point {
            "0" => Point::Within,
            "X" => Point::Breaching,
            "-" => Point::Missing,
            _ => panic!("{point} is no point of the tables"),
        })
        .collect()
}

fn check(rows: &[Row], datapoints_to_alarm: usize) {
    for (row, expected) in rows {
        for (missing_data, expected) in TREATMENTS.into_iter().zip(expected) {
            for before in [State::Ok, State::Alarm, State::InsufficientData] {
                let found = decide(&alarm(datapoints_to_alarm, missing_data), &newest_first(row), before);
                assert_eq!(
                    found,
                    expected.unwrap_or(before),
                    "{datapoints_to_alarm} of 3, {row}, {missing_data:?}, before: {before:?}"
                );
            }
        }
    }
}

#[test]
fn three_of_three() {
    check(THREE_OF_THREE, 3);
    check(EARLIER_THREE_OF_THREE, 3);
}

#[test]
fn two_of_three() {
    check(TWO_OF_THREE, 2);
    check(EARLIER_TWO_OF_THREE, 2);
}

#[test]
fn a_lone_breach_is_waited_out() {
    for row in NOT_YET {
        let found = decide(&alarm(3, MissingData::Missing), &newest_first(row), State::Ok);
        assert_ne!(found, State::Alarm, "{row}");
    }
    // Once it is as old as M points, the wait is over.
    let found = decide(&alarm(3, MissingData::Missing), &newest_first("- - X - -"), State::Ok);
    assert_eq!(found, State::Alarm);
}

/// The note below the first table: the good point holds the alarm as long as it is in the range.
#[test]
fn the_last_good_point_holds_as_long_as_it_is_fetched() {
    let alarm = alarm(3, MissingData::Breaching);
    assert_eq!(decide(&alarm, &newest_first("0 - - - -"), State::Ok), State::Ok);
    assert_eq!(decide(&alarm, &newest_first("- - - - -"), State::Ok), State::Alarm);
}
