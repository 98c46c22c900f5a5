//! How often an event counts.

use super::fixtures::{BUCKET, batch, created, denied, detector, key, message, message_of};
use super::world::{Attempt, World};
use crate::Settings;

const ONE: &str = r#""eventID":"1""#;
const BOTH: &str = r#""eventID":"1","odd":true"#;
const UPDATE: &str = r#""eventID":"2","addendum":{"reason":"UPDATED_DATA","originalEventID":"1"}"#;
const LATE: &str = r#""eventID":"1","addendum":{"reason":"DELIVERY_DELAY"}"#;
const COPY: &str = r#""eventID":"2","sharedEventID":"s""#;
const OTHER_COPY: &str = r#""eventID":"3","sharedEventID":"s""#;

#[test]
fn an_event_counts_once_in_an_invocation_for_each_detector() {
    for (name, files, denied_count, odd, duplicate) in [
        ("once", &[&[ONE][..]][..], 1, 0, 0),
        ("twice in a file", &[&[ONE, ONE]], 1, 0, 1),
        ("in two objects", &[&[ONE], &[ONE]], 1, 0, 1),
        ("in three", &[&[ONE, ONE], &[ONE], &[ONE]], 1, 0, 3),
        ("without an id", &[&["", ""], &[""]], 3, 0, 0),
        ("an update", &[&[ONE], &[UPDATE]], 1, 0, 1),
        ("an update alone", &[&[UPDATE]], 0, 0, 1),
        ("an event delivered late", &[&[LATE]], 1, 0, 0),
        ("copies in two accounts", &[&[COPY, OTHER_COPY]], 2, 0, 0),
        ("two detectors", &[&[BOTH, BOTH]], 1, 1, 1),
        ("news for one of two detectors", &[&[ONE], &[BOTH]], 1, 1, 0),
    ] {
        let names: Vec<String> = (0..files.len()).map(|at| format!("file{at}")).collect();
        let world = || {
            names.iter().zip(files).fold(World::new(), |world, (name, records)| {
                world.object(name, &records.iter().map(|fields| denied(fields)).collect::<Vec<_>>())
            })
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let each: Vec<_> = names.iter().map(|name| message(name, &[name])).collect();
        for (way, invocation) in
            [("one message", batch([message("m", &names)])), ("a message each", batch(each))]
        {
            let report = world().run(invocation).report;
            assert_eq!(report.matches, [denied_count, odd], "{name}, {way}");
            assert_eq!(report.totals.records.duplicate, duplicate, "{name}, {way}");
            assert!(report.returned.is_empty(), "{name}, {way}");
        }
    }
}

#[test]
fn an_object_announced_twice_counts_once() {
    let world = World::new().object("a", &[denied(ONE)]);
    let ran = world.run(batch([message("m", &["a", "a"]), message("n", &["a"])]));
    assert_eq!(
        ran.account(),
        "Denied=1 ObjectsIn=3 ObjectsRead=3 RecordsDuplicate=2 RecordsMatched=1 RecordsRead=3"
    );
}

#[test]
fn the_next_invocation_starts_afresh() {
    let world = World::new().object("a", &[denied(ONE)]);
    for ran in world.run_all([batch([message("m", &["a"])]), batch([message("m", &["a"])])]) {
        assert_eq!(ran.account(), "Denied=1 ObjectsIn=1 ObjectsRead=1 RecordsMatched=1 RecordsRead=1");
    }
}

/// Beyond the bound nothing is lost: repeats count again, and how many that may be is put.
#[test]
fn beyond_the_bound_of_memory_repeats_count_again_and_are_reported() {
    let records: Vec<String> =
        [1, 2, 3, 4, 1, 2, 3, 4].map(|id| denied(&format!("\"eventID\":\"{id}\""))).into();
    for (remembered, account) in [
        (4, "Denied=4 ObjectsIn=1 ObjectsRead=1 RecordsDuplicate=4 RecordsMatched=4 RecordsRead=8"),
        (
            3,
            "Denied=5 ObjectsIn=1 ObjectsRead=1 RecordsDuplicate=3 RecordsMatched=5 RecordsRead=8 \
             RepeatsNotRemembered=2",
        ),
        (0, "Denied=8 ObjectsIn=1 ObjectsRead=1 RecordsMatched=8 RecordsRead=8 RepeatsNotRemembered=8"),
    ] {
        let mut world = World::new().object("a", &records);
        world.settings = Settings { remembered, ..world.settings };
        assert_eq!(world.run(batch([message("m", &["a"])])).account(), account, "{remembered} remembered");
    }
}

/// The trail delivers the same 500 calls one by one and summed up, and by two templates at that.
#[test]
fn what_is_delivered_singly_and_summed_up_counts_once_for_each_way_that_is_asked_for() {
    let pattern = "{ $.eventSource = \"s3.amazonaws.com\" }";
    let of = |dimension: &str| format!("needs: aggregated\naggregated: {{ dimension: {dimension} }}\n");
    let singles: Vec<String> = (0..500)
        .map(|at| format!(r#"{{"eventID":"{at}","eventSource":"s3.amazonaws.com","eventCategory":"Data"}}"#))
        .collect();
    let sums = |id: &str, dimension: &str, value: u32| {
        format!(
            r#"{{"eventId":"{id}","eventSource":"s3.amazonaws.com","eventCategory":"Aggregated","summary":{{"primaryDimension":{{"dimension":"{dimension}","statistics":[{{"name":"n","value":{value}}}]}}}}}}"#
        )
    };
    let summed = [sums("a", "eventName", 480), sums("b", "eventName", 20), sums("c", "resourceARN", 500)];
    let key = key("sums").replace("/CloudTrail/", "/CloudTrail-Aggregated/");
    let world = World::with(&[
        detector("Singles", pattern, "needs: data\n"),
        detector("Sums", pattern, &of("eventName")),
        detector("Resources", pattern, &of("resourceARN")),
    ])
    .object("singles", &singles)
    // A bare list, and delivered twice.
    .at(&key, &[Attempt::Body(format!("[{}]", [&summed[..], &summed[..1]].concat().join(",")))]);
    let ran =
        world.run(batch([message("singles", &["singles"]), message_of("sums", vec![created(BUCKET, &key)])]));
    assert_eq!(
        ran.account(),
        "ObjectsIn=2 ObjectsRead=2 RecordsDuplicate=1 RecordsMatched=503 RecordsRead=504 Resources=500 Singles=500 Sums=500"
    );
    // A record is one match, however many events it stands for.
    assert_eq!(ran.report.matches, [500, 2, 1]);
}
