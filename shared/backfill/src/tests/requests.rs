//! What can be asked for.

use std::collections::BTreeSet;

use super::world::{TODAY, asked};
use crate::{Asked, HIGHEST_RATE};

fn with(change: impl FnOnce(&mut Asked)) -> Result<crate::Request, String> {
    let mut asked = asked("2026-11-01", "2026-11-14");
    change(&mut asked);
    asked.check(TODAY).map_err(|error| error.to_string())
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn what_cannot_be_done_is_refused_with_what_helps() {
    type Change = Box<dyn FnOnce(&mut Asked)>;
    let cases: [(Change, &str); 16] = [
        (
            Box::new(|asked| asked.from = "2026-11-15".into()),
            "from: 2026-11-15 is after 2026-11-14: name the earlier day first",
        ),
        (
            Box::new(|asked| asked.from = "2026-02-30".into()),
            "from: \"2026-02-30\" is no day of the calendar",
        ),
        (Box::new(|asked| asked.to = Some("soon".into())), "to: \"soon\" is no day of the calendar"),
        (Box::new(|asked| asked.from = String::new()), "from: \"\" is no day"),
        (
            Box::new(|asked| (asked.from, asked.to) = ("2026-11-22".into(), None)),
            "from: 2026-11-22 is after 2026-11-21",
        ),
        (
            Box::new(|asked| (asked.from, asked.to) = ("2026-12-01".into(), Some("2026-12-02".into()))),
            "from: 2026-12-01 is yet to come; today is 2026-11-21 (UTC)",
        ),
        (
            Box::new(|asked| asked.from = "2012-12-31".into()),
            "from: 2012-12-31 is before there was CloudTrail",
        ),
        (Box::new(|asked| asked.bucket = String::new()), "bucket: is not named"),
        (Box::new(|asked| asked.accounts = words(&["1111"])), "accounts: \"1111\" is no account"),
        (Box::new(|asked| asked.regions = words(&["Ireland"])), "regions: \"Ireland\" is no region"),
        (
            Box::new(|asked| asked.kinds = words(&["digests"])),
            "kinds: \"digests\" is none of events, insight, network-activity, aggregated",
        ),
        (Box::new(|asked| asked.rate = Some(0)), "rate: is no whole number from 1 to 5000"),
        (Box::new(|asked| asked.rate = Some(HIGHEST_RATE + 1)), "rate: is no whole"),
        (Box::new(|asked| asked.name = Some("a b".into())), "name: is no name"),
        (Box::new(|asked| asked.name = Some("x".repeat(65))), "name: is no name"),
        (
            Box::new(|asked| asked.prefix = "AWSLogs/111122223333/CloudTrail-Digest/".into()),
            "prefix: AWSLogs/111122223333/CloudTrail-Digest/ leads to no log files of CloudTrail, whose keys are [PREFIX/]AWSLogs/",
        ),
    ];
    for (change, expected) in cases {
        let error = with(change).unwrap_err();
        assert!(error.starts_with(expected), "{error}, expected {expected}");
    }
}

#[test]
fn days_and_prefixes_are_taken_as_people_write_them() {
    let request = with(|asked| asked.from = "2026/11/01".into()).unwrap();
    assert_eq!((request.from.to_string().as_str(), request.days()), ("2026-11-01", 14));
    // Nothing is there yet of days to come.
    assert_eq!(with(|asked| asked.to = Some("2027-01-01".into())).unwrap().to, TODAY);
    assert_eq!(with(|asked| asked.to = None).unwrap().to, TODAY);
    let one = with(|asked| asked.to = Some("2026-11-01".into())).unwrap();
    assert_eq!(one.days(), 1);
    for (prefix, root) in [
        ("", "AWSLogs/"),
        ("/", "AWSLogs/"),
        ("audit", "audit/AWSLogs/"),
        ("audit/", "audit/AWSLogs/"),
        ("AWSLogs", "AWSLogs/"),
        ("AWSLogs/111122223333", "AWSLogs/111122223333/"),
        (
            "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/02",
            "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/02/",
        ),
    ] {
        assert_eq!(with(|asked| asked.prefix = prefix.into()).unwrap().root, root, "{prefix}");
    }
}

/// So that the same command goes on where it stopped, and another one does not.
#[test]
fn without_a_name_a_request_is_called_by_what_it_asks_for() {
    let name = |change: fn(&mut Asked)| {
        with(|asked| {
            asked.name = None;
            change(asked);
        })
        .unwrap()
        .name
    };
    let usual = name(|_| {});
    assert!(usual.starts_with("backfill-") && usual.len() == 19, "{usual}");
    assert_eq!(usual, name(|asked| asked.rate = Some(7)), "the rate may be another next time");
    let others = [
        name(|asked| asked.bucket = "other".into()),
        name(|asked| asked.from = "2026-11-02".into()),
        name(|asked| asked.to = Some("2026-11-02".into())),
        name(|asked| asked.accounts = words(&["111122223333"])),
        name(|asked| asked.regions = words(&["eu-west-1"])),
        name(|asked| asked.kinds = words(&["insight"])),
        name(|asked| asked.prefix = "audit".into()),
        name(|asked| asked.recount = true),
    ];
    assert!(!others.contains(&usual));
    assert_eq!(others.iter().collect::<BTreeSet<_>>().len(), others.len());
}

#[test]
fn a_request_in_json_has_no_field_that_nobody_knows() {
    let asked: Asked =
        serde_json::from_str(r#"{"bucket":"b","from":"2026-11-01","accounts":["111122223333"]}"#).unwrap();
    assert_eq!(asked.accounts, ["111122223333"]);
    assert!(serde_json::from_str::<Asked>(r#"{"bucket":"b","from":"2026-11-01","account":"1"}"#).is_err());
}
