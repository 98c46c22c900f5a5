//! The dead-man's switch, for every number of hours that the template allows.

use anyhow::Result;
use trailmeter_testkit::alarm_model::{Alarm, CloudWatch, DAY, HOUR, History, MINUTE, Metric, State};

use super::delivery::every_cloudwatch;
use super::shipped::{silence_hours, silence_with};

/// Until CloudWatch shows what an object led to.
const LAG: i64 = 3 * MINUTE;

/// Objects that come at these seconds.
fn objects(times: impl IntoIterator<Item = i64>) -> Metric {
    let mut metric = Metric::default();
    times.into_iter().for_each(|at| metric.put(at, at + LAG, 1.0));
    metric
}

/// How much later than asked for an alarm may see something: a minute that has begun; or, looking
/// once an hour at whole hours, an hour that has begun and an hour's wait.
fn grain(alarm: &Alarm) -> i64 {
    if alarm.seconds() > DAY { 2 * HOUR } else { 2 * MINUTE }
}

/// Seconds and minutes at which the last object may come.
const OFFSETS: [i64; 4] = [1, 179, 1800, 3599];

fn for_each_case(case: impl Fn(i64, &Alarm, CloudWatch)) -> Result<()> {
    for hours in silence_hours()? {
        let alarm = silence_with(hours)?;
        assert_eq!(alarm.seconds(), i64::try_from(hours)? * HOUR);
        for cloudwatch in every_cloudwatch() {
            case(alarm.seconds(), &alarm, cloudwatch);
        }
    }
    Ok(())
}

fn told(history: &History) -> String {
    let hours = |at: i64| format!("{}:{:02}", at / HOUR, at % HOUR / MINUTE);
    let changes = history.changes().iter().map(|(at, to)| format!("{} {to:?}", hours(*at)));
    changes.collect::<Vec<_>>().join(", ")
}

/// No object for the hours that were asked for: ALARM within the hour (for more than a day, within
/// two), and not before. The next object ends it.
#[test]
fn silence_goes_off_within_its_hour_and_ends_with_the_next_object() -> Result<()> {
    for_each_case(|silence, alarm, cloudwatch| {
        for offset in OFFSETS {
            // A quiet account, with a digest each hour, until something breaks.
            let last = (alarm.seconds() / HOUR + 8) * HOUR + offset;
            let next = last + silence + 3 * HOUR + 17 * MINUTE;
            let regular = (0..=last / HOUR).map(|hour| hour * HOUR + offset);
            let until = next + LAG + grain(alarm) + HOUR;
            let history = cloudwatch.watch(alarm, &objects(regular.chain([next])), last - 2 * HOUR, until);
            let about = format!("{} h, {cloudwatch:?}, last at {last}: {}", silence / HOUR, told(&history));
            let rings = history.rings();
            assert_eq!(rings.len(), 1, "{about}");
            assert_eq!(history.state_at(last), State::Ok, "{about}");
            let hour = if alarm.seconds() > DAY { 2 * HOUR } else { HOUR };
            assert!((last + silence..=last + silence + hour).contains(&rings[0]), "{about}");
            let over = history.entered(State::Ok).into_iter().find(|at| *at > rings[0]);
            let soon = next..=next + LAG + grain(alarm);
            assert!(over.is_some_and(|over| soon.contains(&over)), "{about}");
        }
    })
}

/// Objects that come more often than that, if only just, are no silence.
#[test]
fn silence_does_not_go_off_between_objects_in_time() -> Result<()> {
    for_each_case(|silence, alarm, cloudwatch| {
        let gap = silence - 5 * MINUTE;
        for offset in OFFSETS {
            let times = (0..3).map(|nth| offset + nth * gap);
            let last = offset + 2 * gap;
            let history = cloudwatch.watch(alarm, &objects(times), 0, last);
            let about = || format!("{} h, {cloudwatch:?}, {offset}: {}", silence / HOUR, told(&history));
            assert!(history.rings().iter().all(|at| *at <= offset + LAG), "{}", about());
            assert_eq!(history.state_at(last), State::Ok, "{}", about());
        }
    })
}

/// On a new stack it is in ALARM until the first object, and its OK is the proof of the wiring.
#[test]
fn a_new_stack_is_silent_until_its_first_object() -> Result<()> {
    for_each_case(|_, alarm, cloudwatch| {
        let first = 2 * HOUR + 1234;
        let history = cloudwatch.watch(alarm, &objects([first]), 0, first + LAG + grain(alarm));
        let states: Vec<State> = history.changes().iter().map(|(_, state)| *state).collect();
        assert_eq!(states, [State::Alarm, State::Ok], "{cloudwatch:?}: {}", told(&history));
    })
}
