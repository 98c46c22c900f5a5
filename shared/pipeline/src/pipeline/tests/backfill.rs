//! The past: counted by the time of its events, under names of its own, once, and never beside an alarm.

use std::sync::Mutex;

use proptest::prelude::*;
use trailmeter_detection::finding::{Finding, SummaryLine, WhichFindings};

use super::fixtures::{NOW, batch, denied, detector, key, message, other};
use super::memory_ledger::MemoryLedger;
use super::world::{Attempt, Put, World};
use crate::aggregate::APART;
use crate::delivery::{Backfill, Message, Occasion};
use crate::{
    FindingError, FindingSettings, FindingSink, LedgerSettings, ObjectVersion, Pipeline, ReadProblem,
    Timestamps,
};

const READ: &str =
    "ObjectsIn.Backfill=1 ObjectsRead.Backfill=1 RecordsMatched.Backfill=1 RecordsRead.Backfill=1";

fn backfill(name: &str, recount: bool) -> Occasion {
    Occasion::Backfill(Backfill { name: name.to_owned(), recount })
}

fn of(occasion: &Occasion, message: Message) -> Message {
    Message { occasion: occasion.clone(), ..message }
}

fn past(id: &str, names: &[&str]) -> Message {
    of(&backfill("b", false), message(id, names))
}

fn at(time: &str, id: &str) -> String {
    denied(&format!(r#""eventTime":"{time}","eventID":"{id}""#))
}

/// A world that remembers events.
fn remembering(mut world: World) -> World {
    world.ledger = Some(MemoryLedger::default());
    world.settings.ledger = LedgerSettings { events: true, ..LedgerSettings::default() };
    world
}

/// Whatever the deployment's own timestamps are.
#[test]
fn the_past_bears_the_time_of_its_events_and_a_name_of_its_own() {
    for timestamps in [Timestamps::Arrival, Timestamps::Event, Timestamps::Both] {
        for (time, account) in [
            ("2026-11-21T05:49:59Z", format!("Denied.Backfill@-660=1 {READ}")),
            ("2026-11-07T06:05:00Z", format!("Denied.Backfill@-1209300=1 {READ}")),
            // Findings only, and told so.
            (
                "2026-11-07T06:04:59Z",
                format!("EventTimeRejected.Backfill=1 EventTimeRejected.Backfill{{Reason=too-old}}=1 {READ}"),
            ),
            (
                "2026-11-21T08:00:01Z",
                format!("EventTimeRejected.Backfill=1 EventTimeRejected.Backfill{{Reason=ahead}}=1 {READ}"),
            ),
        ] {
            let mut world = World::new().object("a", &[at(time, "1")]);
            world.settings.timestamps = timestamps;
            let ran = world.run(batch([past("m", &["a"])]));
            assert_eq!(ran.account(), account, "{time}, {timestamps:?}");
            assert_eq!(ran.report.matches, [1, 0], "a match is a match, whatever its time");
        }
    }
}

/// Not even where there is nothing to count: neither default values nor the alarm on loaded detectors, whose points
/// bear the time of arrival.
#[test]
fn the_past_puts_nothing_that_says_now() {
    let files = [detector("Denied", "{ $.errorCode = \"AccessDenied\" }", "default-value: 0\n")];
    let mut world =
        World::with(&files).object("a", &[other()]).object("b", &[at("2026-11-20T06:00:00Z", "1")]);
    world.settings.covers_loaded = true;
    let live = world.run(batch([message("m", &["a"]), message("n", &["b"])]));
    assert!(
        live.account().contains("Denied=1 LoadedDetectorMatches{Detector=Denied}=1"),
        "{}",
        live.account()
    );
    let ran = world.run(batch([past("m", &["a"]), past("n", &["b"])]));
    assert_eq!(
        ran.account(),
        "Denied.Backfill@-86400=1 ObjectsIn.Backfill=2 ObjectsRead.Backfill=2 RecordsMatched.Backfill=1 \
         RecordsRead.Backfill=2 RecordsUnmatched.Backfill=1"
    );
}

#[test]
fn a_missed_delivery_counts_as_one_that_came_late_unless_it_is_not_to_alarm() {
    let mut world = World::new().object("a", &[at("2026-11-21T04:00:00Z", "1")]);
    let caught_up = |world: &World| {
        let ran = world.run(batch([of(&Occasion::CaughtUp, message("m", &["a"]))]));
        ran.account()
    };
    assert_eq!(
        caught_up(&world),
        "DeliveryLag=7200 Denied=1 ObjectsIn=1 ObjectsRead=1 RecordsMatched=1 RecordsRead=1"
    );
    world.settings.caught_up_alarms = false;
    assert_eq!(caught_up(&world), format!("Denied.Backfill@-7200=1 {READ}"));
}

#[test]
fn overlapping_backfills_and_deliveries_count_each_object_and_event_once() {
    let world = remembering(
        World::new()
            .object("a", &[at("2026-11-20T06:00:00Z", "1"), at("2026-11-20T06:00:00Z", "2")])
            .object("b", &[at("2026-11-20T06:00:00Z", "2"), at("2026-11-20T06:00:00Z", "3")])
            .object("c", &[at("2026-11-20T06:00:00Z", "4")]),
    );
    let one = backfill("one", false);
    let other = backfill("other", false);
    let runs = world.run_all([
        batch([message("m", &["a"])]),
        batch([of(&one, message("n", &["a", "b"])), of(&other, message("o", &["b", "c"]))]),
        batch([of(&other, message("p", &["a", "b", "c"])), message("q", &["a", "b", "c"])]),
    ]);
    let matches: Vec<u64> = runs.iter().map(|ran| ran.report.matches[0]).collect();
    assert_eq!(matches, [2, 2, 0]);
    let counted = |name: &str| -> f64 {
        let sums = runs.iter().flat_map(super::world::Ran::taken_sums);
        sums.filter(|(series, _)| series.starts_with(name)).map(|(_, sum)| sum).sum()
    };
    assert!((counted("Denied") - 4.0).abs() < 1e-9, "each of four events once");
    assert!(
        runs[2].account().contains("ObjectsDuplicate{Reason=already-counted}=3"),
        "{}",
        runs[2].account()
    );
}

/// Of an event in two files of one batch the delivery counts, whichever comes first.
#[test]
fn the_past_takes_no_event_from_a_delivery_beside_it() {
    let record = [at("2026-11-21T05:00:00Z", "1")];
    let world = remembering(World::new().object("a", &record).object("b", &record));
    let ran = world.run(batch([past("m", &["a"]), message("n", &["b"])]));
    assert_eq!(ran.taken_sums().get("Denied"), Some(&1.0), "{}", ran.account());
    assert!(!ran.account().contains("Denied.Backfill"), "{}", ran.account());
}

#[test]
fn a_recount_counts_what_was_counted_and_that_once() {
    let record = [at("2026-11-20T06:00:00Z", "1")];
    let world = remembering(World::new().object("a", &record));
    let recount = |name: &str, id: &str| of(&backfill(name, true), message(id, &["a"]));
    let runs = world.run_all([
        batch([message("m", &["a"])]),
        // Beside its delivery and twice.
        batch([message("m", &["a"]), recount("r", "n"), recount("r", "o")]),
        batch([recount("r", "p")]),
        batch([recount("s", "q"), past("t", &["a"])]),
        batch([message("u", &["a"])]),
    ]);
    let matches: Vec<u64> = runs.iter().map(|ran| ran.report.matches[0]).collect();
    assert_eq!(matches, [1, 1, 0, 1, 0]);
}

/// A process that dies while it sends a recount leaves an entry in the recount's own name: the next one tells of it,
/// and what was delivered is not touched by it.
#[test]
fn a_recount_whose_answer_is_lost_is_told_and_spoils_nothing() {
    let record = [at("2026-11-20T06:00:00Z", "1")];
    let world = remembering(World::new().object("a", &record)).puts(&[Put::Taken, Put::Lost { taken: true }]);
    let recount = || of(&backfill("r", true), message("n", &["a"]));
    let runs = world.run_all([batch([message("m", &["a"])]), batch([recount()]), batch([recount()])]);
    assert_eq!(runs[1].report.returned, ["n"]);
    assert_eq!(runs[2].taken_sums().get("CountedMaybeTwice.Backfill"), Some(&1.0), "{}", runs[2].account());
    assert_eq!(world.run(batch([message("m", &["a"])])).report.matches, [0, 0]);
}

/// It fails, and is still of the past when it comes back by itself.
#[test]
fn an_object_that_is_handed_back_stays_of_its_backfill() {
    let world = World::new()
        .object("a", &[at("2026-11-20T06:00:00Z", "1")])
        .scripted("b", &[Attempt::Refused(ReadProblem::NotFound)]);
    let occasion = backfill("b", true);
    let ran = world.run(batch([of(&occasion, message("m", &["a", "b"]))]));
    assert_eq!((ran.handed_back, ran.occasions), (vec![key("b")], vec![occasion.clone()]));
    let again = Message { receives: 2, ..of(&occasion, message("m", &["a", "b"])) };
    let ran = world.run(batch([again]));
    assert_eq!(ran.occasions, [occasion.clone(), occasion], "taken apart");
}

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl FindingSink for &Lines {
    fn tell(&self, finding: &Finding<'_>) {
        let line = format!("{} {:?}", finding.id(), finding.backfill);
        self.0.lock().unwrap().push(line);
    }

    fn sum_up(&self, line: &SummaryLine) {
        let line = format!("sum {} {:?}", line.summary.findings, line.backfill);
        self.0.lock().unwrap().push(line);
    }

    async fn keep(&self, _: &ObjectVersion, _: &[Finding<'_>]) -> Vec<FindingError> {
        Vec::new()
    }
}

#[test]
fn findings_say_that_they_are_of_a_backfill() {
    let record = |id: &str| at("2026-09-01T06:00:00Z", id);
    let mut world = World::new()
        .object("a", &[record("1"), record("2")])
        .object("b", &[record("3"), record("4")])
        .object("c", &[record("5")]);
    world.settings.findings =
        FindingSettings { which: WhichFindings::Usual, lines: 1, namespace: "Trailmeter".to_owned() };
    world.settings.caught_up_alarms = false;
    let lines = Lines::default();
    let pipeline = Pipeline::new(world.settings.clone(), &world, &world, &world, world.ledger.as_ref());
    let quiet = of(&Occasion::CaughtUp, message("o", &["c"]));
    world.step(&pipeline.with_findings(&lines), batch([past("m", &["a"]), message("n", &["b"]), quiet]));
    assert_eq!(
        *lines.0.lock().unwrap(),
        [
            "Denied/3 None",
            "Denied/1 Some(\"b\")",
            "Denied/5 Some(\"caught-up\")",
            "sum 1 None",
            "sum 1 Some(\"b\")"
        ]
    );
}

proptest! {
    /// Whatever is in a batch: what a backfill puts has a name of its own, and beside a delivery it changes
    /// nothing under the usual names.
    #[test]
    fn the_past_never_adds_to_what_alarms_watch(
        files in prop::collection::vec(prop::collection::vec((0_i64..20 * 86_400, 0_u32..9, any::<bool>()), 0..4), 1..5),
        bad in any::<bool>(),
        timestamps in prop::sample::select(vec![Timestamps::Arrival, Timestamps::Event, Timestamps::Both]),
        receives in 1_u64..3,
    ) {
        let mut world = World::new();
        let names: Vec<String> = (0..files.len()).map(|at| format!("f{at}")).collect();
        for (name, records) in names.iter().zip(&files) {
            let records: Vec<String> = records.iter().map(|&(age, id, is_odd)| {
                let time = trailmeter_detection::finding::time_text(NOW - age).unwrap();
                denied(&format!(r#""eventTime":"{time}","eventID":"{id}","odd":{is_odd}"#))
            }).collect();
            world = world.object(name, &records);
        }
        world = world.scripted("bad", &[Attempt::Body("{".to_owned())]).object("live", &[at("2026-11-21T05:59:00Z", "live")]);
        world.settings.timestamps = timestamps;
        world.settings.covers_loaded = true;
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        if bad {
            names.push("bad");
        }
        let alone = world.run(batch([message("l", &["live"])]));
        let past = Message { receives, ..past("p", &names) };
        let only = world.run(batch([past.clone()]));
        for datum in &only.sent {
            prop_assert!(datum.name.ends_with(APART), "{}", datum.name);
        }
        let both = world.run(batch([past, message("l", &["live"])]));
        let mut live = both.sums();
        live.retain(|series, _| !series.contains(APART));
        prop_assert_eq!(live, alone.sums());
    }
}
