//! Any schedule of deliveries: what has to ring rings, and nothing rings for nothing.

use std::sync::LazyLock;

use proptest::prelude::*;
use trailmeter_testkit::alarm_model::{Alarm, CloudWatch, HOUR, MINUTE, State};

use super::counts::counting;
use super::delivery::{Delivery, LONGEST_LAG, Stamps, metric};
use super::shipped::Shipped;

/// Everything arrives after this.
const NOON: i64 = 12 * HOUR;
/// Everything took place before this.
const LAST: i64 = NOON + 2 * HOUR;

static FORMS: LazyLock<Vec<Shipped>> = LazyLock::new(|| counting().unwrap_or_default());

#[derive(Debug)]
struct Schedule {
    deliveries: Vec<Delivery>,
    /// Which of the forms of alarm.
    form: usize,
    cloudwatch: CloudWatch,
}

fn schedules() -> impl Strategy<Value = Schedule> {
    // Few values of time, so that deliveries meet in a period.
    let lateness = prop_oneof![4 => 0..20 * MINUTE, 2 => 0..HOUR, 1 => 0..4 * HOUR];
    let delivery =
        (prop_oneof![NOON..LAST, NOON..NOON + 15 * MINUTE], lateness, 0..=LONGEST_LAG, 1..8_u8).prop_map(
            |(event, lateness, lag, matches)| Delivery { event, lateness, lag, matches: matches.into() },
        );
    (prop::collection::vec(delivery, 0..12), any::<prop::sample::Index>(), 0..6_usize).prop_map(
        |(deliveries, form, extra_points)| Schedule {
            deliveries,
            form: form.index(1000),
            cloudwatch: CloudWatch { extra_points, ..CloudWatch::default() },
        },
    )
}

/// What arrives in the period that begins here. Arrivals alone: what the model does with samples
/// must not decide what is expected of it.
fn arrived(schedule: &[Delivery], alarm: &Alarm, from: i64) -> f64 {
    let within = |delivery: &&Delivery| (from..from + alarm.period).contains(&delivery.arrival());
    schedule.iter().filter(within).map(|delivery| delivery.matches).sum()
}

/// The moments at which periods can begin.
fn minutes() -> impl Iterator<Item = i64> {
    (NOON - HOUR..LAST + 6 * HOUR).step_by(60)
}

fn periods(count: usize, alarm: &Alarm) -> i64 {
    alarm.period * i64::try_from(count).unwrap_or(i64::MAX)
}

fn run(schedule: &Schedule) -> Result<(), TestCaseError> {
    prop_assert!(!FORMS.is_empty(), "the alarms cannot be read: every_alarm_can_be_read says why");
    let shipped = &FORMS[schedule.form % FORMS.len()];
    // Thresholds of thousands are the same with fewer matches.
    let alarm = &Alarm { threshold: shipped.alarm.threshold.min(10.0), ..shipped.alarm.clone() };
    let end = LAST + 8 * HOUR;
    let metric = metric(&schedule.deliveries, Stamps::Arrival);
    let history = schedule.cloudwatch.watch(alarm, &metric, NOON - HOUR, end);
    let reaches = |from: i64| arrived(&schedule.deliveries, alarm, from) >= alarm.threshold;
    for from in minutes().filter(|from| reaches(*from)) {
        // By then all of it can be seen, and the period is the last of the N.
        let due = from + periods(alarm.evaluation_periods, alarm);
        prop_assert_eq!(history.state_at(due), State::Alarm, "{} for the period at {}", shipped.id, from);
    }
    let range = alarm.evaluation_periods + schedule.cloudwatch.extra_points;
    for now in minutes().filter(|now| history.state_at(*now) == State::Alarm) {
        let reason = (1..=range).map(|age| now - periods(age, alarm)).find(|from| reaches(*from));
        prop_assert!(reason.is_some(), "{} is in ALARM at {} for nothing", shipped.id, now);
    }
    prop_assert_eq!(history.state_at(end), State::Ok, "{}", shipped.id);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_has_to_ring_rings_and_nothing_rings_for_nothing(schedule in schedules()) {
        run(&schedule)?;
    }
}
