//! Single events: looked at at once, and counted once with the file that brings them again.

use std::time::Duration;

use super::fixtures::{batch, denied, direct, message, with};
use super::memory_ledger::MemoryLedger;
use super::world::{Put, World};
use crate::delivery::{Content, Invocation, Message, ObjectRef, SingleEvent};
use crate::{LedgerSettings, Problem, State, Unavailable};

/// With `a`, which holds the events 1 and 2, and a ledger of events.
fn world() -> World {
    let mut world = World::new().object("a", &[denied(r#""eventID":"1""#), denied(r#""eventID":"2""#)]);
    world.settings.ledger = LedgerSettings { events: true, unavailable: Unavailable::Hold };
    world.ledger = Some(MemoryLedger::default());
    world
}

fn ledger(world: &World) -> &MemoryLedger {
    world.ledger.as_ref().unwrap()
}

/// A message that brings an event, with this record.
fn brings(id: &str, record: String) -> Message {
    let object = ObjectRef { bucket: "aws:events".to_owned(), key: id.to_owned() };
    with(&format!("event {id}"), Content::Event(SingleEvent { object, record }))
}

/// A message that brings an event which `Denied` counts.
fn event(id: &str) -> Message {
    brings(id, denied(&format!("\"eventID\":\"{id}\"")))
}

fn file() -> Invocation {
    batch([message("file", &["a"])])
}

const COUNTED: &str = "Denied=1 RecordsMatched=1 RecordsRead=1";
const REPEATED: &str = "RecordsDuplicate=1 RecordsRead=1";

#[test]
fn an_event_and_its_file_count_once_in_either_order() {
    let world = world();
    let ran = world.run_all([batch([event("1")]), file()]);
    assert_eq!(ran[0].account(), COUNTED, "no object came in");
    assert_eq!(
        ran[1].account(),
        "Denied=1 ObjectsIn=1 ObjectsRead=1 RecordsDuplicate=1 RecordsMatched=1 RecordsRead=2"
    );
    let world = self::world();
    let ran = world.run_all([file(), batch([event("1")])]);
    assert_eq!(ran[1].account(), REPEATED);
    assert_eq!(ran[1].back(), (vec![], vec![]));
    // Together, and each twice.
    for messages in [
        [event("1"), message("file", &["a"]), event("1"), event("2")],
        [message("file", &["a"]), event("1"), event("2"), event("1")],
    ] {
        let world = self::world();
        let ran = world.run(batch(messages));
        assert_eq!((ran.report.matches.as_slice(), ran.back()), (&[2, 0][..], (vec![], vec![])));
        assert_eq!(ran.report.totals.records.read, 5);
    }
}

#[test]
fn an_event_that_is_brought_again_is_a_duplicate_whoever_brings_it() {
    let world = world();
    world.run(batch([event("1")]));
    assert_eq!(world.run(batch([event("1")])).account(), REPEATED);
    assert_eq!(world.run(direct(event("1"))).account(), REPEATED);
    assert!(ledger(&world).entries().iter().all(|(_, entry)| entry.state == State::Done));
}

#[test]
fn an_event_that_nothing_matches_costs_the_ledger_nothing() {
    let world = world();
    let ran = world.run(batch([brings("1", r#"{"eventID":"1"}"#.to_owned())]));
    assert_eq!(ran.account(), "RecordsRead=1 RecordsUnmatched=1");
    let ran = world.run(batch([brings("1", r#"{"eventID":"1","userIdentity":"root"}"#.to_owned())]));
    assert_eq!(
        ran.account(),
        "RecordsMalformed=1 RecordsMalformed{Reason=wrong-type}=1 RecordsRead=1",
        "as it would in its file"
    );
    assert!(ledger(&world).entries().is_empty());
}

/// What a file brings about by being one is none of an event's: how late it came, and default values.
#[test]
fn an_event_is_no_file() {
    let mut world = World::with(&[
        super::fixtures::detector("Denied", "{ $.errorCode = \"AccessDenied\" }", ""),
        super::fixtures::detector("Rare", "{ $.rare IS TRUE }", "default-value: 0\n"),
    ]);
    world.settings.ledger.events = true;
    world.ledger = Some(MemoryLedger::default());
    let fields = r#""eventID":"1","eventTime":"2026-11-21T05:59:00Z""#;
    assert_eq!(world.run(batch([brings("1", denied(fields))])).account(), COUNTED);
}

/// Nobody would know the event again in its file, which brings it anyway.
#[test]
fn without_a_ledger_of_events_an_event_is_left_to_its_file() {
    let left = "MessagesSkipped=1 MessagesSkipped{Reason=single-event-without-ledger}=1";
    let mut objects = world();
    objects.settings.ledger.events = false;
    let mut none = world();
    none.ledger = None;
    for world in [objects, none] {
        let ran = world.run(batch([event("1")]));
        assert_eq!((ran.account().as_str(), ran.back()), (left, (vec![], vec![])));
        assert_eq!(world.run(file()).report.matches, [2, 0]);
    }
}

#[test]
fn an_event_in_other_hands_comes_back() {
    let world = world();
    world.run(batch([event("1")]));
    ledger(&world).set_only("1", |entry| {
        entry.state = State::Claimed;
        entry.lease = world.now + 1;
    });
    let ran = world.run(batch([event("1")]));
    assert_eq!(ran.account(), "MessagesFailed=1 MessagesFailed{Reason=claimed-elsewhere}=1");
    assert_eq!(ran.back(), (vec!["event 1"], vec![]));
    assert!(matches!(&ran.report.problems[..], [Problem::InOtherHands(_)]));
}

#[test]
fn after_a_put_that_failed_the_event_counts_when_its_message_comes_back() {
    for (put, maybe_twice) in [(Put::Refused, ""), (Put::Lost { taken: true }, "CountedMaybeTwice=1 ")] {
        let world = world().puts(&[put]);
        let again = Message { receives: 2, ..event("1") };
        let ran = world.run_all([batch([event("1")]), file(), batch([again]), file()]);
        assert_eq!(ran[0].back(), (vec!["event 1"], vec![]), "{put:?}");
        assert_eq!(ran[1].report.matches, [1, 0], "it is the event's, whose message comes back");
        assert_eq!(ran[2].account(), format!("{maybe_twice}{COUNTED}"));
        assert_eq!(ran[3].report.matches, [0, 0]);
    }
}

#[test]
fn an_event_that_the_ledger_does_not_answer_for_waits_or_is_left_to_its_file() {
    for (unavailable, account, back) in [
        (Unavailable::Hold, "MessagesFailed=1 MessagesFailed{Reason=ledger-unavailable}=1", vec!["event 1"]),
        (Unavailable::Count, "MessagesSkipped=1 MessagesSkipped{Reason=ledger-unavailable}=1", vec![]),
    ] {
        let mut world = world();
        world.settings.ledger.unavailable = unavailable;
        ledger(&world).fails(&[true]);
        let ran = world.run(batch([event("1")]));
        let account = format!("LedgerFailures=1 LedgerFailures{{Reason=unavailable}}=1 {account}");
        assert_eq!((ran.account(), ran.back().0), (account, back), "{unavailable:?}");
    }
}

#[test]
fn without_time_an_event_comes_back() {
    let mut world = world();
    (world.opens_in_time, world.late) = (0, Duration::from_secs(29));
    let ran = world.run(batch([event("1")]));
    assert_eq!(ran.account(), "MessagesFailed=1 MessagesFailed{Reason=out-of-time}=1");
    // It has nothing to read, so that less is enough than for a file.
    world.late = Duration::from_secs(31);
    assert_eq!(world.run(batch([event("1")])).account(), COUNTED);
}
