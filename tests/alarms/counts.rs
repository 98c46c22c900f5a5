//! Every alarm that counts: those of the detectors, and those of the pipeline.

use anyhow::Result;
use trailmeter_testkit::alarm_model::{
    Alarm, CloudWatch, Comparison, DAY, HOUR, History, MINUTE, Metric, MissingData, State, Statistic,
};

use super::delivery::{Delivery, LONGEST_LAG, Stamps, by_the_clock, every_cloudwatch, latenesses, metric};
use super::shipped::{Shipped, one_of_each, shipped};

/// Any moment, as long as it is no round one; what happens before it is long over.
const NOON: i64 = 12 * HOUR;
/// Offsets of an arrival to the minute and the period. The step has no divisor with either.
const STEP: usize = 13;

fn is_a_count(shipped: &Shipped) -> bool {
    shipped.alarm.statistic == Statistic::Sum && shipped.alarm.comparison == Comparison::AtLeast
}

/// An alarm of each form that counts something.
pub(super) fn counting() -> Result<Vec<Shipped>> {
    let alarms = one_of_each(shipped()?.into_iter().filter(is_a_count).collect());
    assert!(alarms.len() >= 6, "{alarms:#?}");
    Ok(alarms)
}

fn watch(cloudwatch: CloudWatch, shipped: &Shipped, metric: &Metric, from: i64, until: i64) -> History {
    if shipped.has_contributors {
        cloudwatch.watch_contributors(&shipped.alarm, std::slice::from_ref(metric), from, until)
    } else {
        cloudwatch.watch(&shipped.alarm, metric, from, until)
    }
}

/// How long after the last sample of a burst the alarm may still be in ALARM.
fn longest(cloudwatch: CloudWatch, alarm: &Alarm) -> i64 {
    let range = alarm.evaluation_periods + cloudwatch.extra_points;
    alarm.period * i64::try_from(range).unwrap_or(i64::MAX) + MINUTE
}

fn offsets(alarm: &Alarm) -> impl Iterator<Item = i64> + use<> {
    (0..alarm.period).step_by(STEP)
}

/// The promises below rest on this form; see "Alarms" in ARCHITECTURE.md.
#[test]
fn every_detector_alarm_has_the_form_that_late_files_need() -> Result<()> {
    for Shipped { id, alarm, .. } in shipped()?.iter().filter(|alarm| alarm.is_a_detectors) {
        assert_eq!(alarm.statistic, Statistic::Sum, "{id}");
        assert_eq!(alarm.comparison, Comparison::AtLeast, "{id}");
        assert_eq!(alarm.missing_data, MissingData::NotBreaching, "{id}");
        assert_eq!(alarm.datapoints_to_alarm, 1, "{id}");
        // What is put and seen when its period is over is looked at once more.
        assert!(alarm.period * (i64::try_from(alarm.evaluation_periods)? - 1) >= LONGEST_LAG, "{id}");
    }
    Ok(())
}

/// Matches of one file that reach the threshold: ALARM, once, and OK again.
#[test]
fn a_late_file_rings_once() -> Result<()> {
    for shipped in counting()? {
        for cloudwatch in every_cloudwatch().chain([by_the_clock()]) {
            for lateness in latenesses() {
                // Being late only moves the arrival; all offsets with each lateness would say no more.
                for (at, offset) in (0_i64..).zip(offsets(&shipped.alarm)) {
                    let lag = (at * 37) % (LONGEST_LAG + 1);
                    let delivery = Delivery {
                        event: NOON + offset - lateness,
                        lateness,
                        lag,
                        matches: shipped.alarm.threshold,
                    };
                    let arrival = delivery.arrival();
                    let until = arrival + longest(cloudwatch, &shipped.alarm) + 10 * MINUTE;
                    let metric = metric(&[delivery], Stamps::Arrival);
                    let history = watch(cloudwatch, &shipped, &metric, arrival - 10 * MINUTE, until);
                    let about =
                        || format!("{}, {cloudwatch:?}, {delivery:?}: {:?}", shipped.id, history.changes());
                    let rings = history.rings();
                    assert_eq!(rings.len(), 1, "{}", about());
                    // By the clock it waits for the end of the period.
                    let latest = shipped.alarm.period.max(lag) + MINUTE;
                    assert!((arrival..=arrival + latest).contains(&rings[0]), "{}", about());
                    assert_ne!(history.state_at(until), State::Alarm, "{}", about());
                    let over = history.changes().iter().find(|(at, _)| *at > rings[0]).map(|(at, _)| *at);
                    let end = arrival + longest(cloudwatch, &shipped.alarm);
                    assert!(over.is_some_and(|over| over <= end), "{}", about());
                }
            }
        }
    }
    Ok(())
}

/// Why N is two at least: with one, a sample that can be seen five minutes late is seen too late.
#[test]
fn one_period_alone_would_miss_what_is_seen_late() -> Result<()> {
    for shipped in counting()? {
        let delivery =
            Delivery { event: NOON + 59, lateness: 0, lag: LONGEST_LAG, matches: shipped.alarm.threshold };
        let alarm = Alarm { evaluation_periods: 1, ..shipped.alarm.clone() };
        let alone = Shipped { alarm, ..shipped.clone() };
        let none_extra = CloudWatch { extra_points: 0, ..CloudWatch::default() };
        for (shipped, expected) in [(&shipped, 1), (&alone, 0)] {
            let metric = metric(&[delivery], Stamps::Arrival);
            let history = watch(none_extra, shipped, &metric, NOON - HOUR, NOON + HOUR);
            assert_eq!(history.rings().len(), expected, "{shipped:?}");
        }
    }
    Ok(())
}

/// One match less than the threshold is silence.
#[test]
fn below_the_threshold_nothing_rings() -> Result<()> {
    for shipped in counting()?.iter().filter(|shipped| shipped.alarm.threshold > 1.0) {
        for cloudwatch in every_cloudwatch() {
            let matches = shipped.alarm.threshold - 1.0;
            let delivery = Delivery { event: NOON, lateness: 0, lag: 0, matches };
            let metric = metric(&[delivery], Stamps::Arrival);
            let history = watch(cloudwatch, shipped, &metric, NOON - HOUR, NOON + HOUR);
            assert_eq!(history.changes(), [(NOON - HOUR, State::Ok)], "{}", shipped.id);
        }
    }
    Ok(())
}

/// Nothing happens for a day: the first evaluation says OK, and there is no other change.
#[test]
fn no_alarm_flaps_on_silence() -> Result<()> {
    for shipped in one_of_each(shipped()?) {
        for cloudwatch in every_cloudwatch().chain([by_the_clock()]) {
            let history = watch(cloudwatch, &shipped, &Metric::default(), NOON, NOON + DAY);
            let expected: &[(i64, State)] = match (shipped.has_contributors, shipped.alarm.missing_data) {
                // Without a series there are no contributors; nobody is told of that state.
                (true, _) => &[],
                (false, MissingData::Breaching) => &[(NOON, State::Alarm)],
                (false, _) => &[(NOON, State::Ok)],
            };
            assert_eq!(history.changes(), expected, "{} {cloudwatch:?}", shipped.id);
        }
    }
    Ok(())
}

/// Matches that come one by one, a minute apart or at both ends of the span, in `span` seconds.
fn spread(alarm: &Alarm, from: i64, span: i64) -> Vec<Delivery> {
    let one = |at: i64, matches: f64| Delivery { event: at, lateness: 0, lag: LONGEST_LAG, matches };
    vec![one(from, 1.0), one(from + span, alarm.threshold - 1.0)]
}

/// Matches whose files come over some minutes. A point is made of whole minutes, so the threshold
/// is seen if it is reached within a period less a minute, wherever that lies; between that and a
/// whole period, where in its minute the first file came decides.
#[test]
fn what_comes_within_a_period_less_a_minute_is_added_up() -> Result<()> {
    for shipped in counting()?.iter().filter(|shipped| shipped.alarm.threshold > 1.0) {
        let alarm = &shipped.alarm;
        for cloudwatch in every_cloudwatch() {
            let rings = |span: i64, offset: i64| {
                let first = NOON + offset;
                let metric = metric(&spread(alarm, first, span), Stamps::Arrival);
                let until = first + span + longest(cloudwatch, alarm) + HOUR;
                let history = watch(cloudwatch, shipped, &metric, first - HOUR, until);
                assert_ne!(history.state_at(until), State::Alarm, "{} {span} {offset}", shipped.id);
                history.rings()
            };
            for offset in offsets(alarm) {
                for span in (0..=alarm.period - MINUTE).step_by(STEP).chain([alarm.period - MINUTE]) {
                    let found = rings(span, offset);
                    assert!(!found.is_empty(), "{} {cloudwatch:?} {span} {offset}", shipped.id);
                    let by = NOON + offset + alarm.seconds() + MINUTE;
                    assert!(found[0] <= by, "{} {cloudwatch:?} {span} {offset}", shipped.id);
                }
                // What a period cannot hold is not added up.
                assert_eq!(rings(alarm.period, offset), [0; 0], "{} {offset}", shipped.id);
            }
            // The same span, and the second of the first file decides.
            let span = alarm.period - 1;
            assert!(!rings(span, 0).is_empty(), "{}", shipped.id);
            assert!(rings(span, MINUTE - 1).is_empty(), "{}", shipped.id);
        }
    }
    Ok(())
}

/// The window slides by a minute, so that a burst spread over a period is whole in it now and
/// split then: an alarm with a threshold above one may ring again for the same burst, once for each
/// point that is fetched. An alarm on a single match never does.
#[test]
fn a_burst_rings_again_only_if_it_is_spread_and_counted_to_a_threshold() -> Result<()> {
    for shipped in counting()? {
        let alarm = &shipped.alarm;
        let span = alarm.period - MINUTE;
        for cloudwatch in every_cloudwatch() {
            let most =
                if alarm.threshold > 1.0 { alarm.evaluation_periods + cloudwatch.extra_points } else { 1 };
            for offset in offsets(alarm) {
                let deliveries = if alarm.threshold > 1.0 {
                    spread(alarm, NOON + offset, span)
                } else {
                    let one = |event| Delivery { event, lateness: 0, lag: LONGEST_LAG, matches: 1.0 };
                    vec![one(NOON + offset), one(NOON + offset + span)]
                };
                let metric = metric(&deliveries, Stamps::Arrival);
                let until = NOON + longest(cloudwatch, alarm) + HOUR;
                let rings = watch(cloudwatch, &shipped, &metric, NOON - HOUR, until).rings().len();
                assert!((1..=most).contains(&rings), "{} {cloudwatch:?}: {rings}", shipped.id);
            }
        }
    }
    Ok(())
}
