//! Alarms on gauges of SQS, which come each minute while the queue is active.
//!
//! A queue is inactive when nothing has been in it or asked for it for six hours, and its first
//! gauges may then be a quarter of an hour late.

use anyhow::Result;
use trailmeter_testkit::alarm_model::{Alarm, CloudWatch, HOUR, MINUTE, Metric, State, Statistic};

use super::delivery::every_cloudwatch;
use super::shipped::the;

const NOON: i64 = 12 * HOUR;
/// Until a queue that was inactive has gauges again.
const AWAKE: [i64; 4] = [0, MINUTE, 7 * MINUTE, 15 * MINUTE];
/// Until a gauge can be seen.
const LAGS: [i64; 4] = [0, MINUTE, 2 * MINUTE, 3 * MINUTE];

/// A gauge from `from` to below `until`, each minute, `value` being told its age.
fn gauge(metric: &mut Metric, from: i64, until: i64, lag: i64, value: impl Fn(i64) -> f64) {
    let mut at = from;
    while at < until {
        metric.put(at, at + lag, value(at - from));
        at += MINUTE;
    }
}

fn range(cloudwatch: CloudWatch, alarm: &Alarm) -> i64 {
    alarm.period * i64::try_from(alarm.evaluation_periods + cloudwatch.extra_points).unwrap_or(i64::MAX)
}

/// A message in the dead-letter queue: ALARM until it is gone, without a gap.
#[test]
fn a_dead_letter_rings_until_it_is_gone() -> Result<()> {
    let alarm = the("AlarmDeadLetters")?.alarm;
    assert_eq!(alarm.statistic, Statistic::Maximum, "a sum of gauges means nothing");
    for cloudwatch in every_cloudwatch() {
        for second in (0..MINUTE).step_by(11) {
            for (awake, lag) in AWAKE.into_iter().flat_map(|awake| LAGS.map(|lag| (awake, lag))) {
                let (dead, gone) = (NOON + second, NOON + second + 3 * HOUR);
                let mut metric = Metric::default();
                gauge(&mut metric, dead + awake, gone, lag, |_| 1.0);
                gauge(&mut metric, gone, gone + HOUR, lag, |_| 0.0);
                let history = cloudwatch.watch(&alarm, &metric, NOON - HOUR, gone + HOUR);
                let about = format!("{cloudwatch:?} {second} {awake} {lag}: {:?}", history.changes());
                let rings = history.rings();
                assert_eq!(rings.len(), 1, "{about}");
                assert!(rings[0] <= dead + awake + lag + 2 * MINUTE, "{about}");
                let over = history.entered(State::Ok).into_iter().find(|at| *at > rings[0]);
                let end = gone + lag + range(cloudwatch, &alarm) + MINUTE;
                assert!(over.is_some_and(|over| (gone..=end).contains(&over)), "{about}");
            }
        }
    }
    Ok(())
}

/// The queue was in use before, and some gauges are missing.
#[test]
fn gauges_with_gaps_do_not_flap() -> Result<()> {
    let alarm = the("AlarmDeadLetters")?.alarm;
    for cloudwatch in every_cloudwatch() {
        let mut metric = Metric::default();
        gauge(&mut metric, NOON - HOUR, NOON, MINUTE, |_| 0.0);
        for minute in (0..180).filter(|minute| minute % 3 == 0) {
            metric.put(NOON + minute * MINUTE, NOON + (minute + 1) * MINUTE, 1.0);
        }
        let history = cloudwatch.watch(&alarm, &metric, NOON - HOUR, NOON + 3 * HOUR);
        assert_eq!(history.rings().len(), 1, "{cloudwatch:?}: {:?}", history.changes());
    }
    Ok(())
}

/// A delivery that nobody takes: ALARM when it has waited as long as the threshold says.
#[test]
fn a_delivery_that_waits_rings() -> Result<()> {
    let alarm = the("AlarmOldestDelivery")?.alarm;
    assert_eq!(alarm.statistic, Statistic::Maximum, "a sum of ages means nothing");
    assert!((alarm.threshold - 1800.0).abs() < f64::EPSILON);
    #[expect(clippy::cast_precision_loss, reason = "some hours in seconds")]
    let age = |seconds: i64| seconds as f64;
    for cloudwatch in every_cloudwatch() {
        for (second, lag) in (0..MINUTE).step_by(11).flat_map(|second| LAGS.map(|lag| (second, lag))) {
            let came = NOON + second;
            let watch = |taken: i64| {
                let mut metric = Metric::default();
                gauge(&mut metric, came, taken, lag, age);
                cloudwatch.watch(&alarm, &metric, NOON - HOUR, taken + 2 * HOUR)
            };
            let history = watch(came + 2 * HOUR);
            let about = format!("{cloudwatch:?} {second} {lag}: {:?}", history.changes());
            assert_eq!(history.rings().len(), 1, "{about}");
            let due = came + 1800 + lag;
            assert!((due..=due + 2 * MINUTE).contains(&history.rings()[0]), "{about}");
            assert_eq!(history.state_at(came + 4 * HOUR), State::Ok, "{about}");
            // One that is taken in time is no news.
            assert_eq!(watch(came + 1500).rings(), [0; 0], "{about}");
        }
    }
    Ok(())
}
