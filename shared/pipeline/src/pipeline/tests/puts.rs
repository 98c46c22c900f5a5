//! Requests for metrics that fail, and the account of what may have counted twice.

use super::fixtures::{batch, denied, detector, message, message_of};
use super::world::{Put, Ran, World};
use crate::packing::MOST_DATA;
use crate::{Effect, Problem, Settings};

const READ: &str = "Denied=1 ObjectsIn=1 ObjectsRead=1 RecordsMatched=1 RecordsRead=1";

fn world(puts: &[Put]) -> World {
    World::new()
        .object("a", &[denied(r#""eventID":"1""#)])
        .object("b", &[denied(r#""eventID":"2""#), denied(r#""eventID":"3""#)])
        .puts(puts)
}

fn maybe_twice(ran: &Ran) -> u64 {
    let account = ran.account();
    let sum = account.split(' ').find_map(|series| series.strip_prefix("CountedMaybeTwice="));
    sum.map_or(0, |sum| sum.parse().unwrap())
}

#[test]
fn a_request_that_fails_brings_its_messages_back_and_reports_what_may_count_twice() {
    for (put, effect, twice) in [
        (Put::Refused, Effect::NotApplied, 0),
        (Put::Lost { taken: false }, Effect::Uncertain, 3),
        (Put::Lost { taken: true }, Effect::Uncertain, 3),
    ] {
        let both = || batch([message("m", &["a"]), message("n", &["b"])]);
        let world = world(&[put]);
        let ran = world.run_all([both(), both(), both()]);
        assert_eq!(ran[0].back(), (vec!["m", "n"], vec![]), "{put:?}");
        assert_eq!(ran[0].report.matches, [0, 0], "{put:?}");
        assert!(!ran[0].report.failed, "{put:?}");
        let [Problem::Put { error, maybe_twice: reported }] = &ran[0].report.problems[..] else {
            panic!("one problem: {:?}", ran[0].report.problems)
        };
        assert_eq!((error.effect, *reported), (effect, twice), "{put:?}");
        assert!(ran[1].back().0.is_empty(), "{put:?}");
        assert_eq!(ran.iter().map(maybe_twice).collect::<Vec<_>>(), [0, twice, 0], "{put:?}");
    }
}

#[test]
fn a_direct_invocation_fails_if_its_metrics_do() {
    let world = world(&[Put::Lost { taken: false }]);
    let ran = world.run_all([0, 1].map(|_| super::fixtures::direct(message("", &["a"]))));
    assert!(ran[0].report.failed && !ran[1].report.failed);
    assert_eq!(ran[1].account(), format!("CountedMaybeTwice=1 {READ}"));
}

/// The report of a doubt is no less in doubt itself: it is put until a request with it is taken.
#[test]
fn what_could_not_be_reported_is_reported_later() {
    let once = || batch([message("m", &["a"])]);
    let world = world(&[Put::Lost { taken: true }, Put::Refused, Put::Refused]);
    let ran = world.run_all([once(), once(), batch([]), once(), once(), once()]);
    assert_eq!(ran.iter().map(maybe_twice).collect::<Vec<_>>(), [0, 1, 0, 1, 1, 0]);
    assert_eq!(ran[4].account(), format!("CountedMaybeTwice=1 {READ}"));
}

/// Records with so many values of a dimension that their data fill `data` data and some.
fn wide(from: usize, data: usize) -> Vec<String> {
    (from..from + data).map(|id| denied(&format!("\"eventID\":\"{id}\",\"who\":\"{id}\""))).collect()
}

fn wide_world(puts: &[Put]) -> World {
    let dimensions = "dimensions:\n  - Who: $.who\n";
    let mut world = World::with(&[
        detector("Denied", "{ $.errorCode = \"AccessDenied\" }", dimensions),
        // Sorts behind the data by `who`: its match stands in the last request.
        detector("Zzz", "{ $.who = \"0\" }", ""),
    ])
    .puts(puts);
    world.settings = Settings { dimension_values: 10_000, ..world.settings };
    world
}

#[test]
fn a_message_of_two_requests_comes_back_with_either_and_says_what_was_taken() {
    for (name, puts, requests, twice) in [
        ("both taken", &[Put::Taken, Put::Taken][..], 2, None),
        ("the first refused", &[Put::Refused], 1, Some(0)),
        ("the first lost", &[Put::Lost { taken: true }], 1, Some(1200)),
        ("the second refused", &[Put::Taken, Put::Refused], 2, Some(1200)),
        ("the second lost", &[Put::Taken, Put::Lost { taken: true }], 2, Some(1201)),
    ] {
        let world = wide_world(puts).object("a", &wide(0, 1200));
        let ran = world.run_all([batch([message("m", &["a"])]), batch([message("m", &["a"])])]);
        assert_eq!(ran[0].report.requests, requests, "{name}");
        assert_eq!(ran[0].report.returned.len(), usize::from(twice.is_some()), "{name}");
        assert_eq!(ran[0].report.matches, if twice.is_some() { [0, 0] } else { [1200, 1] }, "{name}");
        assert_eq!(maybe_twice(&ran[1]), twice.unwrap_or(0), "{name}");
        assert_eq!(ran[1].report.matches, [1200, 1], "{name}");
    }
}

#[test]
fn of_two_groups_only_the_failed_one_comes_back() {
    for (name, puts, returned, twice) in [
        ("the first refused", &[Put::Refused][..], ["m"], 0),
        ("the second refused", &[Put::Taken, Put::Refused], ["n"], 0),
        ("the second lost", &[Put::Taken, Put::Lost { taken: true }], ["n"], 600),
    ] {
        let world = wide_world(puts).object("a", &wide(1, 600)).object("b", &wide(1001, 600));
        let both = batch([message("m", &["a"]), message("n", &["b"])]);
        let ran = world.run_all([both, batch([message_of("last", vec![])])]);
        assert!(ran[0].sent.len() > MOST_DATA);
        assert_eq!(ran[0].report.requests, 2, "{name}");
        assert_eq!(ran[0].report.returned, returned, "{name}");
        assert_eq!(ran[0].report.matches, [600, 0], "{name}");
        assert_eq!(maybe_twice(&ran[1]), twice, "{name}");
    }
}

#[test]
fn messages_that_fit_share_a_request() {
    let ran = world(&[]).run(batch([message("m", &["a"]), message("n", &["b"])]));
    assert_eq!(ran.report.requests, 1);
    assert_eq!(ran.account(), "Denied=3 ObjectsIn=2 ObjectsRead=2 RecordsMatched=3 RecordsRead=3");
}
