//! `docs/alarms.md`, whose table is what the model says of a shipped alarm.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, ensure};
use trailmeter_testkit::alarm_model::{Alarm, CloudWatch, HOUR, MINUTE};

use super::delivery::{Delivery, Stamps, metric};
use super::shipped::the;
use crate::support::root;

const BEGIN: &str =
    "<!-- BEGIN written by TRAILMETER_WRITE_DOCS=1 cargo test -p trailmeter-tests alarms::page -->\n";
const END: &str = "<!-- END -->";
/// An alarm that counts to five, so that one other match in each period is no alarm.
const ALARM: &str = "AlarmAccessDenied";
const NOON: i64 = 48 * HOUR;

/// What becomes of matches that reach the threshold, whichever second they come at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Rings,
    ByChance,
    Missed,
}

impl Outcome {
    fn words(self) -> &'static str {
        match self {
            Self::Rings => "ALARM",
            Self::ByChance => "ALARM or missed",
            Self::Missed => "**missed**",
        }
    }
}

/// A burst that comes `minutes` late; with `others`, a match that comes in time in each period.
fn outcome(alarm: &Alarm, minutes: i64, stamps: Stamps, others: bool) -> Outcome {
    let (from, until) = (NOON - HOUR, NOON + HOUR);
    let mut rings = 0;
    let mut cases = 0;
    for (offset, lag) in
        (0..alarm.period).step_by(23).flat_map(|offset| (0..=3).map(move |lag| (offset, lag * MINUTE)))
    {
        let lateness = minutes * MINUTE;
        let burst = Delivery { event: NOON + offset - lateness, lateness, lag, matches: alarm.threshold };
        let other = |at: i64| Delivery { event: from + at, lateness: 0, lag: 0, matches: 1.0 };
        let others = (0..until - from).step_by(300).map(other).filter(|_| others);
        let deliveries: Vec<Delivery> = others.chain([burst]).collect();
        let history = CloudWatch::default().watch(alarm, &metric(&deliveries, stamps), from, until);
        cases += 1;
        rings += usize::from(!history.rings().is_empty());
    }
    match rings {
        0 => Outcome::Missed,
        all if all == cases => Outcome::Rings,
        _ => Outcome::ByChance,
    }
}

fn table() -> Result<String> {
    let alarm = the(ALARM)?.alarm;
    let mut table =
        "| late by | `arrival` | `event`, with other matches | `event`, nothing else |\n|---:|---|---|---|\n"
            .to_owned();
    for minutes in [0, 5, 6, 7, 8, 9, 10, 11, 15, 17, 20, 21, 30, 60, 180, 1440] {
        let late = if minutes < 120 { format!("{minutes} min") } else { format!("{} h", minutes / 60) };
        let cell = |stamps, others| outcome(&alarm, minutes, stamps, others).words();
        let arrival = cell(Stamps::Arrival, false);
        ensure!(arrival == cell(Stamps::Arrival, true), "other matches make a difference at {minutes}");
        let (busy, lone) = (cell(Stamps::Event, true), cell(Stamps::Event, false));
        writeln!(table, "| {late} | {arrival} | {busy} | {lone} |")?;
    }
    Ok(table)
}

/// With `TRAILMETER_WRITE_DOCS=1` the page gets the table; without, it has to have it.
#[test]
fn the_page_says_what_the_model_says() -> Result<()> {
    let path = root().join("docs/alarms.md");
    let page = fs::read_to_string(&path).context("docs/alarms.md cannot be read")?;
    let (before, rest) = page.split_once(BEGIN).context("docs/alarms.md has lost its BEGIN line")?;
    let (_, after) = rest.split_once(END).context("docs/alarms.md has lost its END line")?;
    let expected = format!("{before}{BEGIN}\n{}\n{END}{after}", table()?);
    #[expect(clippy::disallowed_methods, reason = "asked for by whoever runs the test")]
    if std::env::var_os("TRAILMETER_WRITE_DOCS").is_some() {
        fs::write(&path, &expected)?;
    } else {
        assert_eq!(page, expected, "run this test with TRAILMETER_WRITE_DOCS=1");
    }
    Ok(())
}

/// Why `arrival` is the default: an alarm on event times needs luck from seven minutes of lateness
/// on, and misses what is later than what it looks at. CloudTrail says five minutes on average.
#[test]
fn event_times_miss_what_comes_late() -> Result<()> {
    let alarm = the(ALARM)?.alarm;
    let outcomes = |others: bool| -> Vec<Outcome> {
        (0..60).map(|minutes| outcome(&alarm, minutes, Stamps::Event, others)).collect()
    };
    // The first minute from which on some are missed, and the first from which on all are.
    let missed = |outcomes: &[Outcome]| {
        let since =
            |last: &dyn Fn(Outcome) -> bool| outcomes.iter().rposition(|found| last(*found)).map(|at| at + 1);
        (since(&|found| found == Outcome::Rings), since(&|found| found != Outcome::Missed))
    };
    // It looks at ten minutes. Some are missed from three minutes less on, as samples can be seen
    // that late; all are, once even what comes on the minute and is seen at once is too late.
    let looks_at = usize::try_from(alarm.seconds() / MINUTE)?;
    assert_eq!(missed(&outcomes(true)), (Some(looks_at - 3), Some(looks_at + 1)));
    // Two more periods where the metric is quiet, if CloudWatch fetches two more.
    assert_eq!(missed(&outcomes(false)), (Some(looks_at + 7), Some(looks_at + 11)));
    for minutes in (21..60).chain([120, 300, 1440]) {
        assert_eq!(outcome(&alarm, minutes, Stamps::Event, false), Outcome::Missed, "{minutes}");
        assert_eq!(outcome(&alarm, minutes, Stamps::Arrival, true), Outcome::Rings, "{minutes}");
        assert_eq!(outcome(&alarm, minutes, Stamps::Arrival, false), Outcome::Rings, "{minutes}");
    }
    Ok(())
}
