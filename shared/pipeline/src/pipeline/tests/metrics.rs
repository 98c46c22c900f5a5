//! Which metric a detector feeds: namespace, name, default value, and what is put beside it.

use super::fixtures::{batch, denied, detector, message, other};
use super::world::{Attempt, Put, World};
use crate::{Effect, News, Problem, ReadProblem, Settings, Timestamps};

const DENIED: &str = "{ $.errorCode = \"AccessDenied\" }";
const ODD: &str = "{ $.odd IS TRUE }";
const CIS: &str = "metric: { namespace: CIS, name: denied-calls }\n";

/// What is put beside the account of objects and records.
fn put(world: &World, names: &[&str]) -> String {
    let ran = world.run(batch([message("m", names)]));
    let account = ran.account();
    let of_interest = account
        .split(' ')
        .filter(|series| !["Objects", "Records", "DeliveryLag"].iter().any(|own| series.starts_with(own)));
    of_interest.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_detector_feeds_the_metric_that_its_file_names() {
    for (name, denied_more, odd_more, expected) in [
        ("its own", "", "", "Denied=2 Odd=1"),
        ("of another name", "metric: { name: calls denied }\n", "", "Odd=1 calls denied=2"),
        ("in another namespace", CIS, "", "CIS:denied-calls=2 Odd=1"),
        ("both the same", "metric: { name: All }\n", "metric: { name: All }\n", "All=3"),
        ("both the same elsewhere", CIS, CIS, "CIS:denied-calls=3"),
        ("one that of the other", "", "metric: { name: Denied }\n", "Denied=3"),
        (
            "with dimensions",
            "metric: { namespace: CIS }\ndimensions:\n  - Who: $.who\n",
            "",
            "CIS:Denied=2 CIS:Denied{Who=__absent__}=1 CIS:Denied{Who=a}=1 Odd=1",
        ),
    ] {
        let world = World::with(&[detector("Denied", DENIED, denied_more), detector("Odd", ODD, odd_more)])
            .object("a", &[denied(r#""odd":true"#), denied(r#""who":"a""#)]);
        assert_eq!(put(&world, &["a"]), expected, "{name}");
        let report = world.run(batch([message("m", &["a"])])).report;
        assert_eq!(report.matches, [2, 1], "{name}: matches are each detector's own");
    }
}

#[test]
fn event_time_is_put_beside_the_metric_under_its_name() {
    let mut world = World::with(&[detector("Denied", DENIED, CIS)])
        .object("a", &[denied(r#""eventTime":"2026-11-21T05:49:00Z""#)]);
    world.settings = Settings { timestamps: Timestamps::Both, ..world.settings };
    assert_eq!(put(&world, &["a"]), "CIS:denied-calls=1 CIS:denied-calls.EventTime@-660=1");
}

/// A file without a match adds the default value, once, at its arrival. A file that does not count
/// adds nothing.
#[test]
fn a_file_in_which_nothing_matched_adds_the_default_value() {
    let excluded = "default-value: 5\nexclude:\n  - { name: R, owner: o, expires: never, reason: r, pattern: '{ $.robot IS TRUE }' }\n";
    let (five, field) = ("default-value: 5\n", "default-value: 5\nvalue: $.n\n");
    let one = || denied(r#""eventID":"1""#);
    for (name, more, files, expected) in [
        ("no match", five, &[&[other()][..]][..], "Denied=5"),
        ("a match", five, &[&[one()]], "Denied=1"),
        ("one file of two", five, &[&[one()], &[other()]], "Denied=6"),
        ("two files without", five, &[&[other()], &[other()]], "Denied=10"),
        ("no record at all", five, &[&[]], "Denied=5"),
        ("a repeat is a match", five, &[&[one()], &[one()]], "Denied=1"),
        (
            "an excluded record is none",
            excluded,
            &[&[denied(r#""robot":true"#)]],
            "Denied=5 MatchesExcluded=1 MatchesExcluded{Detector=Denied,Exclusion=R}=1",
        ),
        (
            "a match without a value is one",
            field,
            &[&[one()]],
            "ValuesMissing=1 ValuesMissing{Detector=Denied}=1",
        ),
        ("zero is a datapoint", "default-value: 0\n", &[&[other()]], "Denied=0"),
        ("elsewhere", "default-value: 0\nmetric: { namespace: CIS }\n", &[&[other()]], "CIS:Denied=0"),
    ] {
        for timestamps in [Timestamps::Arrival, Timestamps::Event, Timestamps::Both] {
            // Events without a time: under `event` a match has no point at all.
            if timestamps != Timestamps::Arrival && files.iter().any(|file| file.contains(&one())) {
                continue;
            }
            let names: Vec<String> = (0..files.len()).map(|at| format!("file{at}")).collect();
            let mut world = World::with(&[detector("Denied", DENIED, more)]);
            for (name, records) in names.iter().zip(files) {
                world = world.object(name, records);
            }
            world.settings = Settings { timestamps, ..world.settings };
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            assert_eq!(put(&world, &names), expected, "{name}, {timestamps:?}");
        }
    }
}

#[test]
fn a_file_that_does_not_count_adds_no_default_value() {
    let world =
        || World::with(&[detector("Denied", DENIED, "default-value: 5\n")]).object("good", &[other()]);
    let gone = || Attempt::Refused(ReadProblem::NotFound);
    assert_eq!(put(&world().scripted("bad", &[gone()]), &["bad"]), "");
    assert_eq!(put(&world().scripted("bad", &[gone()]), &["good", "bad"]), "Denied=5");
    assert_eq!(put(&world().scripted("bad", &[gone()]).without_hand_back(), &["good", "bad"]), "");
}

/// A message whose data stand in two namespaces takes two requests. Whichever fails, it comes back,
/// and what counted all the same is reported; a neighbour in one namespace is not touched.
#[test]
fn namespaces_are_put_apart_and_accounted_for() {
    let lost = Put::Lost { taken: true };
    for (name, puts, returned, twice) in [
        ("all taken", &[Put::Taken, Put::Taken, Put::Taken][..], &[][..], 0),
        ("own refused", &[Put::Taken, Put::Refused], &["n"], 0),
        ("own lost", &[Put::Taken, lost], &["n"], 1),
        ("the other refused", &[Put::Taken, Put::Taken, Put::Refused], &["n"], 1),
        ("the other lost", &[Put::Taken, Put::Taken, lost], &["n"], 3),
        ("the neighbour refused", &[Put::Refused], &["m"], 0),
    ] {
        let world = World::with(&[detector("Denied", DENIED, CIS), detector("Odd", ODD, "")])
            .object("a", &[r#"{"odd":true,"eventID":"0"}"#.to_owned()])
            .object("b", &[denied(r#""odd":true,"eventID":"1""#), denied(r#""eventID":"2""#)])
            .puts(puts);
        let both = || batch([message("m", &["a"]), message("n", &["b"])]);
        let ran = world.run_all([both(), batch([])]);
        assert_eq!(ran[0].back().0, returned, "{name}");
        let reported: u64 = ran[0]
            .report
            .problems
            .iter()
            .map(|problem| match problem {
                Problem::Put { maybe_twice, error } => {
                    assert!(matches!(error.effect, Effect::NotApplied | Effect::Uncertain));
                    *maybe_twice
                }
                other => panic!("{name}: {other:?}"),
            })
            .sum();
        assert_eq!(reported, twice, "{name}");
        let ran = world.run_all([both()]);
        assert_eq!(ran[0].report.requests, 3, "{name}");
        assert!(ran[0].account().starts_with("CIS:denied-calls=2 ObjectsIn=2"), "{}", ran[0].account());
    }
}

/// One alarm watches what is loaded: it sees matches, whatever their value, under one name.
#[test]
fn matches_of_loaded_detectors_are_put_once_more_for_the_alarm_on_them() {
    let alarm = "alarm: { description: d }\n";
    for (name, pack, more, expected) in [
        ("loaded", None, "", "Denied=2 LoadedDetectorMatches{Detector=Denied}=2"),
        ("with an alarm of its own", None, alarm, "Denied=2 LoadedDetectorMatches{Detector=Denied}=2"),
        ("deliberately without", None, "alarm: none\n", "Denied=2"),
        ("of a pack", Some("default"), "", "Denied=2"),
        (
            "with a value",
            None,
            "value: $.n\nmetric: { namespace: CIS, name: bytes }\n",
            "CIS:bytes=7 LoadedDetectorMatches{Detector=Denied}=2 ValuesMissing=1 ValuesMissing{Detector=Denied}=1",
        ),
    ] {
        let mut file = detector("Denied", DENIED, more);
        file.pack = pack.map(str::to_owned);
        let mut world = World::with(&[file]).object("a", &[denied(r#""n":7"#), denied("")]);
        if !more.starts_with("value") {
            world.settings.covers_loaded = false;
            assert_eq!(put(&world, &["a"]), "Denied=2", "{name}, with the alarm off");
        }
        world.settings.covers_loaded = true;
        assert_eq!(put(&world, &["a"]), expected, "{name}");
    }
}

#[test]
fn news_are_put_once_and_again_if_that_fails() {
    let world = World::new().object("a", &[denied(r#""eventID":"1""#)]).puts(&[Put::Refused]);
    let pipeline = world.pipeline();
    let news = |value, key: &str| News {
        name: "DetectorVersionsRejected",
        dimensions: if key.is_empty() { Vec::new() } else { vec![("Source", key.to_owned())] },
        value,
    };
    let of = |account: &str| {
        account.split(' ').filter(|series| series.starts_with("Detector")).collect::<Vec<_>>().join(" ")
    };
    pipeline.announce([news(1, ""), news(1, "s3://b/ä")]);
    let both = r"DetectorVersionsRejected=1 DetectorVersionsRejected{Source=s3://b/\u00e4}=1";
    for (name, expected) in [("refused", both), ("again", both), ("no more", "")] {
        let ran = world.step(&pipeline, batch([message("m", &["a"])]));
        assert_eq!(of(&ran.account()), expected, "{name}");
    }
    pipeline.announce([news(1, "")]);
    pipeline.announce([news(2, "")]);
    let ran = world.step(&pipeline, batch([message("m", &["a"])]));
    assert_eq!(of(&ran.account()), "DetectorVersionsRejected=3");
}
