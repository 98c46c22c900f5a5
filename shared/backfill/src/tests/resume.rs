//! Runs that stop, and those that go on.

use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::world::{World, asked, key};
use crate::{Asked, BackfillError, State};

const DAYS: [&str; 3] = ["2026/11/03", "2026/11/04", "2026/11/05"];

/// Three days with so many objects each.
fn world(objects: &[usize; 3]) -> World {
    let mut keys = Vec::new();
    for (day, &objects) in DAYS.iter().zip(objects) {
        keys.extend((0..objects).map(|at| key(111, "eu-west-1", day, &format!("{at:03}"))));
    }
    World { page_size: 25, ..World::new(keys) }
}

fn slow() -> Asked {
    Asked { rate: Some(10), ..asked("2026-11-03", "2026-11-05") }
}

#[test]
fn what_is_done_is_not_done_again() {
    let world = world(&[30, 1, 2]);
    assert_eq!(world.run(&slow()).unwrap().state, State::Done);
    let again = world.run(&slow()).unwrap();
    assert_eq!((again.state, again.progress.queued, world.keys_sent().len()), (State::DoneBefore, 0, 33));
}

#[test]
fn another_request_does_not_go_on_in_its_place() {
    let world = world(&[1, 1, 1]);
    world.run_for(&slow(), 0).unwrap();
    let other = Asked { to: Some("2026-11-04".to_owned()), ..slow() };
    let error = world.run(&other).unwrap_err();
    assert!(matches!(error, BackfillError::OtherRequest { .. }), "{error}");
    assert!(
        error.to_string().contains("another name") && error.to_string().contains("2026-11-05"),
        "{error}"
    );
    let faster = Asked { rate: Some(1000), ..slow() };
    assert_eq!(world.run(&faster).unwrap().state, State::Done, "the rate may be another");
}

#[test]
fn without_a_table_nothing_is_sent() {
    let world = world(&[1, 1, 1]);
    world.is_table_broken.store(true, Ordering::Relaxed);
    assert!(matches!(world.run(&slow()), Err(BackfillError::Places(_))));
    assert!(world.keys_sent().is_empty());
}

#[test]
fn what_an_earlier_run_did_is_told_apart() {
    let world = world(&[30, 5, 5]);
    // Three looks on the first page, one on the second, none left for the second day.
    let first = world.run_for(&slow(), 4).unwrap();
    assert_eq!((first.state, first.progress.queued, first.progress.folders), (State::Unfinished, 30, 1));
    let second = world.run(&slow()).unwrap();
    let progress = &second.progress;
    assert_eq!((second.state, progress.queued, progress.folders), (State::Done, 10, 2));
    assert_eq!((progress.folders_before, progress.queued_before), (1, 30));
}

#[test]
fn it_stops_among_folders_that_were_done_before() {
    let world = world(&[5, 5, 5]);
    // The third day stops without having been looked at.
    world.run_for(&slow(), 2).unwrap();
    let again = world.run_for(&slow(), 0).unwrap();
    let progress = &again.progress;
    assert_eq!((again.state, progress.folders_before, progress.queued), (State::Unfinished, 1, 0));
}

proptest! {
    /// Wherever it is stopped and whatever fails: in the end each object was sent, and those of one request at the
    /// most twice for each failure.
    #[test]
    fn whatever_stops_it_everything_is_sent_in_the_end(
        objects in [0_usize..60, 0_usize..60, 0_usize..60],
        stops in prop::collection::vec((0_usize..6, prop::option::of(0_usize..4)), 0..8),
    ) {
        let world = world(&objects);
        let mut failures = 0;
        for (looks, sends) in stops {
            *world.sends_left.lock().unwrap() = sends;
            match world.run_for(&slow(), looks) {
                Ok(_) => {}
                Err(BackfillError::Queue(_)) => failures += 1,
                Err(error) => panic!("{error}"),
            }
        }
        *world.sends_left.lock().unwrap() = None;
        let ran = world.run(&slow()).unwrap();
        let all: Vec<String> = world.objects.keys().cloned().collect();
        let expected = if all.is_empty() { &[State::Nothing][..] } else { &[State::Done, State::DoneBefore] };
        prop_assert!(expected.contains(&ran.state), "{:?}", ran.state);
        let sent = world.keys_sent();
        // The queue here takes a request whole or not at all, so nothing is sent twice.
        prop_assert_eq!(sent.len(), all.len(), "{} failures", failures);
        prop_assert_eq!(sent, all);
    }
}
