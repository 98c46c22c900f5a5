//! A message that names several objects of which some fail.

use super::fixtures::{batch, denied, direct, key, message};
use super::world::{Attempt, Put, World};
use crate::delivery::{Announced, Content, Message};
use crate::{Problem, ReadProblem};

/// Two good objects, and one that can be read from the second time on.
fn world() -> World {
    let late = [
        Attempt::Refused(ReadProblem::Throttled),
        Attempt::Body(super::fixtures::file(&[denied(r#""eventID":"late""#)])),
    ];
    World::new()
        .object("a", &[denied(r#""eventID":"1""#), denied(r#""eventID":"2""#)])
        .object("b", &[denied(r#""eventID":"3""#)])
        .scripted("late", &late)
}

const ALL: [&str; 3] = ["a", "missing", "b"];

const HANDED_BACK: &str = "Denied=3 ObjectsFailed=1 ObjectsFailed{Reason=not-found}=1 ObjectsIn=3 ObjectsRead=2 \
                           RecordsMatched=3 RecordsRead=3";
const HELD_BACK: &str = "ObjectsFailed=3 ObjectsFailed{Reason=held-back}=2 ObjectsFailed{Reason=not-found}=1 \
                         ObjectsIn=3";

#[test]
fn the_failed_ones_are_handed_back_and_the_rest_counts_once() {
    let ran = world().run(batch([message("m", &ALL)]));
    assert_eq!(ran.account(), HANDED_BACK);
    assert_eq!(ran.back(), (vec![], vec![key("missing").as_str()]));
    assert_eq!(ran.report.matches, [3, 0]);
}

#[test]
fn several_failed_ones_are_handed_back_one_by_one() {
    let ran = world().run(batch([message("m", &["x", "a", "y"])]));
    assert_eq!(ran.back(), (vec![], vec![key("x").as_str(), key("y").as_str()]));
}

#[test]
fn with_nothing_read_there_is_nothing_to_save_and_the_message_comes_back() {
    let digest =
        Announced::Created(super::fixtures::object(&key("a").replace("CloudTrail", "CloudTrail-Digest")));
    let mut names = message("m", &["x", "y"]);
    if let Content::Objects(objects) = &mut names.content {
        objects.push(digest);
    }
    let ran = world().run(batch([names]));
    assert_eq!(
        ran.account(),
        "ObjectsFailed=2 ObjectsFailed{Reason=not-found}=2 ObjectsIn=3 ObjectsSkipped=1 \
         ObjectsSkipped{Reason=digest}=1"
    );
    assert_eq!(ran.back(), (vec!["m"], vec![]));
}

#[test]
fn where_nothing_can_be_handed_back_the_message_comes_back_whole_and_nothing_counts() {
    let broken = world().without_hand_back();
    for (name, ran) in [
        ("the queue refuses", broken.run(batch([message("m", &ALL)]))),
        ("no queue", world().run_without_queue(batch([message("m", &ALL)]))),
    ] {
        assert_eq!(ran.account(), HELD_BACK, "{name}");
        assert_eq!(ran.back(), (vec!["m"], vec![]), "{name}");
        assert_eq!(ran.report.matches, [0, 0], "{name}");
        assert!(ran.report.problems.iter().any(|problem| matches!(problem, Problem::HandBack(_))), "{name}");
    }
}

#[test]
fn a_direct_invocation_fails_as_a_whole_and_still_says_so_in_metrics() {
    let world = world();
    let ran = world.run_all([direct(message("", &ALL)), direct(message("", &["a", "b"]))]);
    assert_eq!(ran[0].account(), HELD_BACK);
    assert!(ran[0].report.failed);
    assert_eq!(ran[0].back(), (vec![], vec![]));
    assert_eq!(ran[1].account(), "Denied=3 ObjectsIn=2 ObjectsRead=2 RecordsMatched=3 RecordsRead=3");
    assert!(!ran[1].report.failed);
}

/// What is held back is not remembered either: the same event in a message that is done must
/// count, as the one that comes back may never be read.
#[test]
fn a_message_held_back_hides_no_event_of_its_neighbours() {
    let world = world().without_hand_back();
    let again = [denied(r#""eventID":"2""#), denied(r#""eventID":"4""#)];
    let ran = world.object("c", &again).run(batch([
        message("bad", &ALL),
        message("good", &["c"]),
        message("more", &["c"]),
    ]));
    assert_eq!(ran.report.returned, ["bad"]);
    assert_eq!(ran.report.matches, [2, 0]);
    assert_eq!((ran.report.totals.records.matched, ran.report.totals.records.duplicate), (2, 2));
}

/// The failed object is on its way back already when the metrics fail. Were the message to come
/// back whole, that object would be read twice.
#[test]
fn if_the_metrics_fail_then_the_good_ones_are_handed_back_too() {
    for (put, maybe_twice) in [
        (Put::Refused, ""),
        (Put::Lost { taken: true }, "CountedMaybeTwice=3 "),
        (Put::Lost { taken: false }, "CountedMaybeTwice=3 "),
    ] {
        let world = world().puts(&[put]);
        let alone = |name: &str| Message { ..message(name, &[name]) };
        let ran = world.run_all([
            batch([message("m", &["a", "late", "b"])]),
            batch([alone("late"), alone("a"), alone("b")]),
        ]);
        assert_eq!(
            ran[0].back(),
            (vec![], vec![key("late").as_str(), key("a").as_str(), key("b").as_str()]),
            "{put:?}"
        );
        assert_eq!(ran[0].report.matches, [0, 0]);
        assert_eq!(
            ran[1].account(),
            format!("{maybe_twice}Denied=4 ObjectsIn=3 ObjectsRead=3 RecordsMatched=4 RecordsRead=4")
        );
    }
}

/// Metrics and queue fail, the queue between two calls. Nothing is lost, but the failed object
/// comes twice; where it is read in one invocation its events still count once.
#[test]
fn if_then_the_queue_fails_as_well_the_message_comes_back_whole() {
    let world = world().puts(&[Put::Refused]);
    world.set_hand_backs(Some(1));
    let ran = world.run_all([
        batch([message("m", &["a", "late", "b"])]),
        batch([message("late", &["late"]), message("m", &["a", "late", "b"])]),
    ]);
    assert_eq!(ran[0].back(), (vec!["m"], vec![key("late").as_str()]));
    assert_eq!(ran[0].report.matches, [0, 0]);
    assert_eq!(ran[1].report.matches, [4, 0]);
    assert_eq!(ran[1].report.totals.records.duplicate, 1);
}
