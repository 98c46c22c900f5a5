//! What the ledger makes of objects and events, case by case.

use std::time::Duration;

use super::fixtures::{LEASE, batch, created, denied, direct, message, message_of};
use super::memory_ledger::MemoryLedger;
use super::world::{Attempt, Put, World};
use crate::delivery::{Invocation, Message};
use crate::{LedgerSettings, Problem, State, Unavailable};

/// `a` and `b`, which have an event in common.
fn world() -> World {
    let mut world = World::new()
        .object("a", &[denied(r#""eventID":"1""#), denied(r#""eventID":"2""#)])
        .object("b", &[denied(r#""eventID":"2""#), denied(r#""eventID":"3""#)]);
    world.settings.ledger = LedgerSettings { events: true, unavailable: Unavailable::Hold };
    world.ledger = Some(MemoryLedger::default());
    world
}

fn ledger(world: &World) -> &MemoryLedger {
    world.ledger.as_ref().unwrap()
}

fn one(name: &str) -> Invocation {
    batch([message("m", &[name])])
}

fn states(world: &World) -> Vec<State> {
    ledger(world).entries().into_iter().map(|(_, entry)| entry.state).collect()
}

#[test]
fn what_was_counted_is_acknowledged_and_not_counted_again() {
    let world = world();
    assert_eq!(
        world.run(one("a")).account(),
        "Denied=2 ObjectsIn=1 ObjectsRead=1 RecordsMatched=2 RecordsRead=2"
    );
    let again = world.run(one("a"));
    assert_eq!(again.account(), "ObjectsDuplicate=1 ObjectsDuplicate{Reason=already-counted}=1 ObjectsIn=1");
    assert_eq!(again.back(), (vec![], vec![]));
    // A direct invocation that Lambda repeats, too.
    assert!(!world.run(direct(message("", &["a"]))).report.failed);
}

#[test]
fn an_event_counts_with_the_object_that_came_first() {
    let world = world();
    world.run(one("a"));
    let other = world.run(one("b"));
    assert_eq!(
        other.account(),
        "Denied=1 ObjectsIn=1 ObjectsRead=1 RecordsDuplicate=1 RecordsMatched=1 RecordsRead=2"
    );
    let mut world = self::world();
    world.settings.ledger.events = false;
    world.run(one("a"));
    assert_eq!(world.run(one("b")).report.matches, [2, 0], "with objects alone it counts again");
}

#[test]
fn an_object_in_other_hands_comes_back_and_fails_nothing() {
    let world = world();
    world.run(one("a"));
    ledger(&world).set_only("a", |entry| {
        entry.state = State::Claimed;
        entry.lease = world.now + 1;
    });
    let ran = world.run(one("a"));
    assert_eq!(ran.account(), "ObjectsDuplicate=1 ObjectsDuplicate{Reason=claimed-elsewhere}=1 ObjectsIn=1");
    assert_eq!(ran.back(), (vec!["m"], vec![]));
    // Beside one that is read it goes back alone.
    let ran = world.run(batch([message("m", &["a", "b"])]));
    assert_eq!(ran.handed_back.len(), 1);
    assert_eq!(ran.report.returned, [""; 0]);
}

#[test]
fn twice_in_one_invocation_it_is_read_once() {
    let world = world();
    let ran = world.run(batch([message("m", &["a"]), message("n", &["a", "b"])]));
    assert_eq!(ran.report.totals.objects_duplicate["same-invocation"], 1);
    assert_eq!(ran.report.matches, [3, 0]);
    assert_eq!(ran.back(), (vec![], vec![]));
    assert_eq!((world.opened("a"), states(&world)), (2, vec![State::Done; 2]));
}

/// The next attempt need not wait for a lease, and only a doubt is doubted.
#[test]
fn after_a_put_that_failed_the_object_is_free_again() {
    for (put, maybe_twice) in [(Put::Refused, ""), (Put::Lost { taken: true }, "CountedMaybeTwice=2 ")] {
        let world = world().puts(&[put]);
        let ran = world.run_all([one("a"), one("a"), one("a")]);
        assert_eq!(ran[0].back(), (vec!["m"], vec![]), "{put:?}");
        assert_eq!(
            ran[1].account(),
            format!("{maybe_twice}Denied=2 ObjectsIn=1 ObjectsRead=1 RecordsMatched=2 RecordsRead=2")
        );
        let names_it = ran[1]
            .report
            .problems
            .iter()
            .any(|problem| matches!(problem, Problem::MaybeTwice { matches: 2, .. }));
        assert_eq!(names_it, !maybe_twice.is_empty(), "{put:?}");
        assert_eq!(ran[2].report.totals.objects_duplicate["already-counted"], 1);
    }
}

#[test]
fn a_doubt_outlives_the_process_that_had_it() {
    let world = world().puts(&[Put::Lost { taken: true }]);
    world.run(one("a"));
    // Another process, which knows nothing but what the ledger says.
    assert!(world.run(one("a")).account().starts_with("CountedMaybeTwice=2 "));
}

#[test]
fn an_object_that_cannot_be_read_is_free_again() {
    let world = world().scripted(
        "late",
        &[Attempt::Body("{\"Records\":".to_owned()), Attempt::Body("{\"Records\":[]}".to_owned())],
    );
    let ran = world.run_all([one("late"), one("late")]);
    assert_eq!(ran[0].back(), (vec!["m"], vec![]));
    assert_eq!(ran[1].back(), (vec![], vec![]));
}

/// The body that is read the second time may be another's.
#[test]
fn what_was_written_over_while_it_was_read_is_claimed_as_what_it_is_now() {
    let (old, new) = (super::fixtures::file(&[denied("")]), super::fixtures::file(&[denied(""), denied("")]));
    let world = world().scripted("it", &[Attempt::BreaksOff(old), Attempt::Body(new)]);
    assert_eq!(world.run(one("it")).report.matches, [2, 0]);
    let mut states = states(&world);
    states.sort_by_key(|state| *state == State::Done);
    assert_eq!(states, [State::Claimed, State::Done], "the old one is free, the new one counted");
}

/// Nobody can read what stood there before, so nobody else can count it.
#[test]
fn what_was_written_over_before_it_counted_is_counted_by_what_stands_there_now() {
    let old = super::fixtures::file(&[denied(r#""eventID":"1""#)]);
    let new = super::fixtures::file(&[denied(r#""eventID":"1""#), denied(r#""eventID":"2""#)]);
    for (put, account) in [
        (Put::Refused, "Denied=2 ObjectsIn=1 ObjectsRead=1 RecordsMatched=2 RecordsRead=2"),
        (
            Put::Lost { taken: true },
            "CountedMaybeTwice=1 Denied=2 ObjectsIn=1 ObjectsRead=1 RecordsMatched=2 RecordsRead=2",
        ),
        (Put::Taken, "Denied=1 ObjectsIn=1 ObjectsRead=1 RecordsDuplicate=1 RecordsMatched=1 RecordsRead=2"),
    ] {
        let world =
            world().scripted("it", &[Attempt::Body(old.clone()), Attempt::Body(new.clone())]).puts(&[put]);
        let ran = world.run_all([one("it"), one("it")]);
        assert_eq!(ran[1].account(), account, "{put:?}");
    }
    // While another invocation is at the old one, the new one waits.
    let world = world().scripted("it", &[Attempt::Body(old), Attempt::Body(new)]);
    ledger(&world).fails(&[false, false, false, true]);
    let ran = world.run_all([one("it"), one("it")]);
    assert_eq!(ran[1].report.totals.objects_duplicate["claimed-elsewhere"], 1);
    assert_eq!(ran[1].back(), (vec!["m"], vec![]));
}

#[test]
fn a_ledger_that_fails_holds_the_object_or_lets_it_count() {
    // In the order of the calls: the claim, the events, flushing.
    for call in 0..3 {
        let script: Vec<bool> = (0..=call).map(|at| at == call).collect();
        let mut world = world();
        ledger(&world).fails(&script);
        let held = world.run(one("a"));
        assert_eq!((held.back(), &*held.report.matches), ((vec!["m"], vec![]), &[0, 0][..]), "call {call}");
        // What it claimed it cannot give up, but the queue waits longer than the lease.
        world.now += LEASE + 1;
        assert_eq!(world.run(one("a")).report.matches, [2, 0], "call {call}");

        world = self::world();
        world.settings.ledger.unavailable = Unavailable::Count;
        ledger(&world).fails(&script);
        let ran = world.run_all([one("a"), one("b")]);
        assert_eq!(ran[0].back(), (vec![], vec![]), "call {call}");
        assert_eq!(ran[0].report.matches, [2, 0]);
        let without = |ran: &super::world::Ran| ran.account().contains("CountedWithoutLedger=1");
        assert!(without(&ran[0]) || without(&ran[1]), "call {call}: {}", ran[0].account());
    }
}

/// One failure is enough: each further question might take seconds to fail.
#[test]
fn a_ledger_that_failed_is_not_asked_about_the_rest() {
    let world = world();
    ledger(&world).fails(&[true]);
    let ran = world.run(batch([message("m", &["a"]), message("n", &["b"])]));
    assert_eq!(ran.back(), (vec!["m", "n"], vec![]));
    assert_eq!((world.opened("a"), world.opened("b")), (1, 0));
    assert!(ran.account().contains("LedgerFailures=1 "), "{}", ran.account());
}

/// It is counted: to let it come back would be to count it twice for sure.
#[test]
fn if_done_cannot_be_taken_down_the_message_is_done_all_the_same() {
    let world = world();
    ledger(&world).fails(&[false, false, false, true]);
    let ran = world.run(one("a"));
    assert_eq!(ran.back(), (vec![], vec![]));
    assert!(ran.report.problems.iter().any(|problem| matches!(problem, Problem::Ledger { .. })));
    assert_eq!(states(&world), [State::Flushing]);
}

#[test]
fn a_claim_that_was_lost_puts_nothing() {
    let world = world();
    // The clock of another process is far ahead: it takes the object over while this one reads it.
    ledger(&world).steal_next_claim();
    let ran = world.run(one("a"));
    assert_eq!((ran.account().as_str(), ran.back()), ("", (vec!["m"], vec![])));
    assert!(ran.report.problems.iter().any(|problem| matches!(problem, Problem::ClaimLost(_))));
}

fn suspect(id: &str, name: &str, receives: u64) -> Message {
    Message { receives, ..message(id, &[name]) }
}

#[test]
fn what_was_received_before_is_tried_alone_and_the_rest_is_acknowledged_first() {
    let world = world().object("c", &[denied(r#""eventID":"9""#)]);
    let ran = world.run(batch([suspect("s", "a", 2), message("m", &["b"]), suspect("t", "c", 4)]));
    assert_eq!(ran.acknowledged, ["receipt of m", "receipt of s"]);
    assert_eq!(ran.report.requests, 3);
    assert_eq!((ran.report.matches[0], ran.back()), (4, (vec![], vec![])));
    // Next time the one that was tried alone already goes last.
    let ran = world.run(batch([suspect("s", "a", 3), suspect("u", "b", 2)]));
    assert_eq!(ran.acknowledged, ["receipt of u"]);
}

/// Its put was refused, so nothing of it has counted when the next one is tried.
#[test]
fn a_suspect_whose_put_failed_hides_no_event_of_the_next() {
    for ledger in [None, Some(MemoryLedger::default())] {
        let mut world = world().puts(&[Put::Refused]);
        world.ledger = ledger;
        let ran = world.run(batch([suspect("s", "a", 2), suspect("t", "a", 2)]));
        assert_eq!(ran.back(), (vec!["s"], vec![]));
        assert_eq!(ran.report.matches, [2, 0]);
        assert_eq!(ran.taken_sums().get("Denied"), Some(&2.0));
    }
}

/// One of them may have ended the process: it takes the others no further.
#[test]
fn a_suspect_of_several_objects_is_taken_apart() {
    let several = || Message { receives: 2, ..message("s", &["a", "b"]) };
    for put in [Put::Taken, Put::Refused] {
        let ran = world().puts(&[put]).run(batch([several()]));
        assert_eq!(ran.account(), "MessagesSkipped=1 MessagesSkipped{Reason=taken-apart}=1");
        assert_eq!((ran.report.returned.len(), ran.handed_back.len()), (0, 2), "{put:?}");
    }
    // Where nothing can be handed back it is read as it is.
    let ran = world().without_hand_back().run(batch([several()]));
    assert_eq!((ran.back(), ran.report.matches[0]), ((vec![], vec![]), 3));
    // One object alone is what it is taken apart into.
    assert_eq!(world().run(batch([suspect("s", "a", 2)])).report.matches, [2, 0]);
}

/// One that ends the process is in the way of those on one side only, each time.
#[test]
fn without_a_ledger_suspects_go_forward_and_backward_in_turn() {
    for (receives, first) in [(2, "receipt of s"), (3, "receipt of t"), (4, "receipt of s")] {
        let mut world = world();
        world.ledger = None;
        let ran = world.run(batch([suspect("s", "a", receives), suspect("t", "b", receives)]));
        assert_eq!(ran.acknowledged, [first], "{receives}");
    }
}

/// Neither is it tried, nor is it taken down that it was.
#[test]
fn a_suspect_for_which_no_time_is_left_goes_back_as_it_came() {
    let mut world = world();
    (world.opens_in_time, world.late) = (1, Duration::from_secs(59));
    let ran = world.run(batch([suspect("s", "a", 2), suspect("t", "b", 2)]));
    assert_eq!(ran.back(), (vec!["t"], vec![]));
    (world.opens_in_time, world.late) = (2, Duration::from_secs(10));
    let ran = world.run(batch([suspect("t", "b", 3), suspect("s", "a", 3), message("n", &["c"])]));
    assert_eq!(ran.report.returned, ["n", "t", "s"]);
    let unread = |problem: &&Problem| matches!(problem, Problem::LeftUnread(1));
    assert_eq!(ran.report.problems.iter().filter(unread).count(), 2);
}

#[test]
fn without_a_ledger_suspects_are_alone_too() {
    let mut world = world();
    world.ledger = None;
    let ran = world.run(batch([suspect("s", "a", 2), message("m", &["b"])]));
    assert_eq!(ran.acknowledged, ["receipt of m"]);
    assert_eq!(ran.report.matches, [3, 0]);
}

/// What was read is put, and what was not is handed on.
#[test]
fn little_time_is_for_what_was_read() {
    let mut world = world();
    world.opens_in_time = 1;
    let ran = world.run(batch([message("m", &["a"]), message("n", &["b"])]));
    assert_eq!((ran.back(), &*ran.report.matches), ((vec!["n"], vec![]), &[2, 0][..]));
    // Not even the object at hand can be read to its end.
    world = self::world();
    (world.opens_in_time, world.late) = (1, Duration::from_secs(29));
    let ran = world.run(batch([message("m", &["a"])]));
    assert_eq!(ran.report.totals.objects_failed["out-of-time"], 1);
    assert_eq!(states(&world), [State::Claimed]);
    assert!(ledger(&world).entries()[0].1.lease < world.now, "and its claim is let go");
}

/// A claim holds for as long as the invocation can last, and is the invocation's own.
#[test]
fn a_claim_is_named_after_its_attempt_and_ends_with_the_lease() {
    let world = world();
    ledger(&world).fails(&[false, false, false, true]);
    world.run(message_batch());
    let (_, entry) = ledger(&world).entries().remove(0);
    assert_eq!((entry.lease, entry.since), (world.now + LEASE, world.now));
    assert_eq!(entry.owner, "0/1");
}

fn message_batch() -> Invocation {
    batch([message_of("m", vec![created(super::fixtures::BUCKET, &super::fixtures::key("a"))])])
}
