//! Which time data bear.

use super::fixtures::{batch, denied, message};
use super::world::World;
use crate::{Settings, Timestamps};

const READ: &str = "ObjectsIn=1 ObjectsRead=1 RecordsMatched=1 RecordsRead=1";

/// One match at `time`, under each setting: the data of the detector, and why its time was refused.
fn check(time: &str, lag: Option<i64>, event_series: Result<&str, &str>) {
    let lag = lag.map_or_else(String::new, |lag| format!("DeliveryLag={lag} "));
    let rejected = |reason| format!("EventTimeRejected=1 EventTimeRejected{{Reason={reason}}}=1");
    let arrival = format!("{lag}Denied=1 {READ}");
    let (event, both) = match event_series {
        Ok(at) => {
            (format!("{lag}Denied{at}=1 {READ}"), format!("{lag}Denied=1 Denied.EventTime{at}=1 {READ}"))
        }
        Err(reason) => (
            format!("{lag}{} {READ}", rejected(reason)),
            format!("{lag}Denied=1 {} {READ}", rejected(reason)),
        ),
    };
    for (timestamps, account) in
        [(Timestamps::Arrival, arrival), (Timestamps::Event, event), (Timestamps::Both, both)]
    {
        let mut world = World::new().object("a", &[denied(&format!("\"eventTime\":{time}"))]);
        world.settings = Settings { timestamps, ..world.settings };
        let ran = world.run(batch([message("m", &["a"])]));
        assert_eq!(ran.account(), account, "{time}, {timestamps:?}");
        assert_eq!(ran.report.matches, [1, 0], "a match is a match, whatever its time");
    }
}

#[test]
fn event_time_is_the_minute_of_the_event_if_cloudwatch_takes_it() {
    const DAY: i64 = 24 * 3600;
    for (time, lag, event_series) in [
        (r#""2026-11-21T06:00:00Z""#, Some(0), Ok("")),
        (r#""2026-11-21T05:49:59Z""#, Some(601), Ok("@-660")),
        (r#""2026-11-21T05:49:00Z""#, Some(660), Ok("@-660")),
        // Five minutes short of two weeks, as the request is sent a little later.
        (r#""2026-11-07T06:05:00Z""#, Some(14 * DAY - 300), Ok("@-1209300")),
        (r#""2026-11-07T06:04:59Z""#, Some(14 * DAY - 299), Err("too-old")),
        (r#""2026-10-22T06:00:00Z""#, Some(30 * DAY), Err("too-old")),
        (r#""0001-01-01T00:00:00Z""#, Some(63_930_837_600), Err("too-old")),
        // A clock that is ahead: the lag is none, never negative.
        (r#""2026-11-21T06:05:30Z""#, Some(0), Ok("@300")),
        (r#""2026-11-21T08:00:00Z""#, Some(0), Ok("@7200")),
        (r#""2026-11-21T08:00:01Z""#, Some(0), Err("ahead")),
        (r#""9999-12-30T00:00:00Z""#, Some(0), Err("ahead")),
        ("null", None, Err("absent")),
        (r#""yesterday""#, None, Err("absent")),
        ("1795240800", None, Err("absent")),
    ] {
        check(time, lag, event_series);
    }
}

/// The minute is sent, so the minute must not be too old, even where the event itself is not.
#[test]
fn a_minute_that_began_too_early_is_not_sent() {
    let mut world = World::new().object("a", &[denied(r#""eventTime":"2026-11-07T06:00:29Z""#)]);
    world.settings = Settings { timestamps: Timestamps::Event, ..world.settings };
    world.now += 30;
    let ran = world.run(batch([message("m", &["a"])]));
    assert!(ran.account().contains("EventTimeRejected{Reason=too-old}"), "{}", ran.account());
}

#[test]
fn the_lag_of_a_file_is_that_of_its_newest_event() {
    let at = |minute: u32| denied(&format!("\"eventTime\":\"2026-11-21T05:{minute}:00Z\""));
    let world = World::new().object("a", &[at(10), at(50), at(30)]).object("b", &[at(40), denied("")]);
    let ran = world.run(batch([message("m", &["a"]), message("n", &["b"])]));
    let lags = ran.taken.iter().find(|datum| datum.name == "DeliveryLag").unwrap();
    assert_eq!(lags.values, crate::DatumValues::Distribution(vec![(600.0, 1.0), (1200.0, 1.0)]));
    assert_eq!(lags.unit.as_deref(), Some("Seconds"));
}
