//! Bytes of a file in, matches out.

use trailmeter_logs::Cause;

use super::*;
use crate::detector_file::{DetectorFile, load};

/// A detector file. `more` is YAML at its top level.
pub(crate) fn detector(name: &str, pattern: &str, more: &str) -> DetectorFile {
    let text = format!(
        "name: {name}
title: t
what: w
why: y
sources: [https://docs.aws.amazon.com/]
logs: cloudtrail
pattern: '{pattern}'
tests:
  - {{ name: one, match: true, record: {{}} }}
  - {{ name: two, match: false, record: {{}} }}
{more}"
    );
    DetectorFile { path: format!("{name}.yaml"), pack: None, text }
}

/// `Denied` with an exclusion, and `Odd`, which has a value and dimensions.
pub(crate) fn detectors() -> DetectorSet {
    let exclude = "exclude:\n  - { name: Robots, owner: o, expires: never, reason: r, pattern: '{ $.robot IS TRUE }' }\n  \
                   - { name: Tests, owner: o, expires: never, reason: r, pattern: '{ $.test IS TRUE }' }\n";
    let value = "value: $.n\ndimensions:\n  - Who: $.who\n  - Who: $.who\n    Where: $.where\n";
    load(&[
        detector("Denied", "{ $.errorCode = \"AccessDenied*\" }", exclude),
        detector("Odd", "{ $.odd IS TRUE }", value),
    ])
    .unwrap()
}

pub(crate) fn scan(records: &[&str]) -> FileMatches {
    scan_text(LogKind::Events, &format!("{{\"Records\":[{}]}}", records.join(","))).unwrap()
}

fn scan_text(kind: LogKind, text: &str) -> Result<FileMatches, LogFileError> {
    let detectors = detectors();
    let mut scan = detectors.scan(kind, Limits { record: 4096, ..Limits::default() });
    text.as_bytes().chunks(7).try_for_each(|chunk| scan.push(chunk))?;
    scan.finish()
}

#[test]
fn ids_are_kept_only_when_asked_for() {
    let (detectors, text) = (
        detectors(),
        br#"{"Records":[{"errorCode":"AccessDenied","eventID":"a"},{"eventID":"b"},{"errorCode":"AccessDenied"}]}"#,
    );
    let finish = |mut scan: FileScan<'_>| scan.push(text).and_then(|()| scan.finish()).unwrap();
    let plain = finish(detectors.scan(LogKind::Events, Limits::default()));
    let kept = finish(detectors.scan_keeping_ids(LogKind::Events, Limits::default()));
    assert_eq!((plain.ids.as_slice(), kept.ids.as_slice()), (&[][..], &["a".to_owned(), String::new()][..]));
    assert_eq!(FileMatches { ids: Vec::new(), ..kept }, plain);
}

/// Which detectors count each of the matched records.
fn hits(found: &FileMatches) -> Vec<Vec<usize>> {
    found.matched().map(|(_, hits)| hits.iter().map(|hit| hit.detector).collect()).collect()
}

#[test]
fn a_record_is_matched_unmatched_or_malformed_for_a_reason() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(127), "]".repeat(127));
    let large = format!("{{\"errorCode\":\"AccessDenied\",\"a\":\"{}\"}}", "x".repeat(4096));
    for (record, malformed, is_matched) in [
        (r#"{"errorCode":"AccessDenied"}"#, None, true),
        (r#"{"errorCode":"AccessDeniedException"}"#, None, true),
        (r#"{"errorCode":"accessdenied"}"#, None, false),
        ("{}", None, false),
        ("null", Some(Malformed::NotAnObject), false),
        ("-1.5e3", Some(Malformed::NotAnObject), false),
        (r#""AccessDenied""#, Some(Malformed::NotAnObject), false),
        (r#"[{"errorCode":"AccessDenied"}]"#, Some(Malformed::NotAnObject), false),
        (r#"{"errorCode":["AccessDenied"]}"#, Some(Malformed::WrongType), false),
        (r#"{"errorCode":"AccessDenied","userIdentity":"root"}"#, Some(Malformed::WrongType), false),
        (r#"{"errorCode":"AccessDenied","eventName":1}"#, Some(Malformed::WrongType), false),
        (r#"{"errorCode":"AccessDenied",}"#, Some(Malformed::InvalidJson), false),
        (r#"{"errorCode":AccessDenied}"#, Some(Malformed::InvalidJson), false),
        (&deep, Some(Malformed::TooDeep), false),
        (&large, Some(Malformed::TooLarge), false),
    ] {
        let found = scan(&["{}", record, r#"{"errorCode":"AccessDenied"}"#]);
        assert_eq!(found.read, 3, "{record}");
        assert_eq!(found.malformed, malformed.map(|reason| (reason, 1)).into_iter().collect(), "{record}");
        assert_eq!(found.matched.len(), 1 + usize::from(is_matched), "{record}");
        assert_eq!(found.unmatched, 1 + u64::from(malformed.is_none() && !is_matched), "{record}");
    }
}

#[test]
fn each_detector_looks_at_each_record() {
    for (record, expected, excluded) in [
        (r#"{"errorCode":"AccessDenied","odd":true}"#, &[&[0, 1][..]][..], None),
        (r#"{"errorCode":"AccessDenied"}"#, &[&[0]], None),
        (r#"{"odd":true}"#, &[&[1]], None),
        (r#"{"errorCode":"AccessDenied","robot":true}"#, &[], Some((0, 0))),
        (r#"{"errorCode":"AccessDenied","test":true}"#, &[], Some((0, 1))),
        // The first exclusion that takes a record out is the one that is counted.
        (r#"{"errorCode":"AccessDenied","test":true,"robot":true}"#, &[], Some((0, 0))),
        (r#"{"errorCode":"AccessDenied","test":true,"odd":true}"#, &[&[1]], Some((0, 1))),
        (r#"{"robot":true}"#, &[], None),
    ] {
        let found = scan(&[record]);
        assert_eq!(hits(&found), expected, "{record}");
        assert_eq!(found.excluded, excluded.map(|key| (key, 1)).into_iter().collect(), "{record}");
        assert_eq!(found.unmatched, u64::from(expected.is_empty()), "{record}");
    }
}

#[test]
fn a_hit_carries_its_value_and_a_value_for_each_dimension() {
    let text = |text: &str| Some(text.to_owned());
    for (record, value, dimensions) in [
        (
            r#"{"odd":true,"n":2.5,"who":"a","where":"x"}"#,
            Some(2.5),
            [vec![text("a")], vec![text("x"), text("a")]],
        ),
        (
            r#"{"odd":true,"n":"-7","who":3,"where":false}"#,
            Some(-7.0),
            [vec![text("3")], vec![text("false"), text("3")]],
        ),
        (r#"{"odd":true,"n":null,"who":null,"where":[]}"#, None, [vec![None], vec![None, None]]),
        (r#"{"odd":true,"n":"1e999"}"#, None, [vec![None], vec![None, None]]),
        (r#"{"odd":true,"n":1e109}"#, None, [vec![None], vec![None, None]]),
    ] {
        let found = scan(&[record]);
        let hit = &found.hits()[0];
        assert_eq!((hit.value, &hit.dimensions[..]), (value, &dimensions[..]), "{record}");
    }
    // A detector without `value` counts matches.
    assert_eq!(scan(&[r#"{"errorCode":"AccessDenied"}"#]).hits()[0].value, Some(1.0));
}

#[test]
fn the_newest_event_is_found_wherever_it_stands() {
    let at = |time: &str| format!("{{\"eventTime\":{time}}}");
    let (old, new) = (at(r#""2026-11-21T05:00:00Z""#), at(r#""2026-11-21T06:00:00Z""#));
    let (odd, none) = (at(r#""yesterday""#), "null".to_owned());
    for (records, newest) in [
        (vec![], None),
        (vec![&none, &odd], None),
        (vec![&old], Some(1_795_237_200)),
        (vec![&old, &new], Some(1_795_240_800)),
        (vec![&new, &old, &odd, &none], Some(1_795_240_800)),
    ] {
        let records: Vec<&str> = records.into_iter().map(String::as_str).collect();
        assert_eq!(scan(&records).newest_event, newest, "{records:?}");
    }
}

#[test]
fn the_oldest_event_is_found_and_one_without_a_time_is_not_the_oldest() {
    let at = |time: &str| format!("{{\"eventTime\":{time}}}");
    let (old, new) = (at(r#""2026-11-21T05:00:00Z""#), at(r#""2026-11-21T06:00:00Z""#));
    let (odd, none) = (at(r#""yesterday""#), "null".to_owned());
    for (records, oldest) in [
        (vec![], None),
        (vec![&none, &odd], None),
        (vec![&new], Some(1_795_240_800)),
        (vec![&none, &new, &old, &odd], Some(1_795_237_200)),
    ] {
        let bytes: usize = records.iter().map(|record| record.len()).sum();
        let records: Vec<&str> = records.into_iter().map(String::as_str).collect();
        let found = scan(&records);
        assert_eq!(found.oldest_event, oldest, "{records:?}");
        assert_eq!(found.bytes, bytes as u64, "{records:?}");
    }
}

#[test]
fn data_events_are_told_from_management_events() {
    for (record, is_data) in [
        (r#"{"eventCategory":"Data"}"#, true),
        (r#"{"eventCategory":"Data","managementEvent":false}"#, true),
        (r#"{"managementEvent":false}"#, true),
        (r#"{"eventCategory":"Management","managementEvent":true}"#, false),
        (r#"{"managementEvent":"false"}"#, false),
        ("{}", false),
        ("null", false),
    ] {
        assert_eq!(scan(&[record]).data_events, u64::from(is_data), "{record}");
    }
}

#[test]
fn what_tells_events_apart_is_kept() {
    for (fields, event, is_update, time) in [
        (r#""eventID":"a","eventTime":"1970-01-01T00:01:00Z""#, Some("a"), false, Some(60)),
        (r#""eventId":"a""#, Some("a"), false, None),
        (r#""eventID":"a","eventId":"b""#, Some("a"), false, None),
        (r#""eventID":"a","addendum":{"reason":"UPDATED_DATA"}"#, Some("a"), true, None),
        (r#""eventID":"a","addendum":{"reason":"DELIVERY_DELAY"}"#, Some("a"), false, None),
        (r#""sharedEventID":"a""#, None, false, None),
    ] {
        let found = scan(&[&format!("{{\"odd\":true,{fields}}}")]);
        let record = &found.matched[0];
        assert_eq!(
            (record.event, record.is_update, record.time),
            (event.map(EventKey::new), is_update, time),
            "{fields}"
        );
    }
}

#[test]
fn only_aggregated_files_may_be_a_bare_array() {
    for (kind, is_read) in [
        (LogKind::Events, false),
        (LogKind::Insight, false),
        (LogKind::NetworkActivity, false),
        (LogKind::Aggregated, true),
    ] {
        let read = scan_text(kind, "[{},{}]").map(|found| found.read).map_err(|error| error.cause);
        assert_eq!(read, if is_read { Ok(2) } else { Err(Cause::TopLevelNotAnObject) }, "{kind:?}");
        assert_eq!(scan_text(kind, r#"{"Records":[{}]}"#).map(|found| found.read), Ok(1), "{kind:?}");
    }
}

#[test]
fn a_file_that_is_not_whole_has_no_matches() {
    let whole = r#"{"Records":[{"errorCode":"AccessDenied"}]}"#;
    for end in 0..whole.len() {
        assert!(scan_text(LogKind::Events, &whole[..end]).is_err(), "cut off at {end}");
    }
}

/// `Gets` adds up the numbers of aggregated events, and `Singles` counts the same calls one by one.
fn two_ways_to_count() -> DetectorSet {
    let pattern = "{ $.eventSource = \"s3.amazonaws.com\" }";
    let exclude = "exclude:\n  - { name: Other, owner: o, expires: never, reason: r, pattern: '{ $.accountId = 2 }' }\n";
    let gets = "needs: aggregated\naggregated: { dimension: eventName, names: [Get*] }\n\
                dimensions:\n  - Region: $.awsRegion\n";
    load(&[
        detector("Gets", pattern, &format!("{gets}{exclude}")),
        detector("Singles", pattern, "needs: data\n"),
    ])
    .unwrap()
}

fn sums(account: u64, numbers: &str) -> String {
    format!(
        r#"{{"eventId":"s","accountId":{account},"eventCategory":"Aggregated","eventSource":"s3.amazonaws.com","awsRegion":"eu-west-1","timeWindow":{{"windowStart":"1970-01-01T00:05:00Z"}},"summary":{{"primaryDimension":{{"dimension":"eventName","statistics":[{numbers}]}}}}}}"#
    )
}

/// The same calls stand in both files. Neither detector sees what the other counts.
#[test]
fn aggregated_events_are_seen_by_those_that_ask_for_them_and_by_no_others() {
    let detectors = two_ways_to_count();
    let single =
        r#"{"eventID":"e","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventCategory":"Data"}"#;
    let gets = sums(
        1,
        r#"{"name":"GetObject","value":480},{"name":"GetObjectAcl","value":20},{"name":"PutObject","value":9}"#,
    );
    let puts = sums(1, r#"{"name":"PutObject","value":9}"#);
    let text = sums(1, r#"{"name":"GetObject","value":"480"}"#);
    let excluded = sums(2, r#"{"name":"GetObject","value":7}"#);
    let undeclared = gets.replace("\"eventCategory\":\"Aggregated\",", "");
    let region = || vec![vec![Some("eu-west-1".to_owned())]];
    let counted = |value| vec![Hit { detector: 0, value, dimensions: region() }];
    let by_one = || vec![Hit { detector: 1, value: Some(1.0), dimensions: Vec::new() }];
    for (kind, record, expected, is_excluded) in [
        (LogKind::Events, single, by_one(), false),
        (LogKind::Aggregated, &gets, counted(Some(500.0)), false),
        (LogKind::Aggregated, &puts, Vec::new(), false),
        (LogKind::Aggregated, &text, counted(None), false),
        (LogKind::Aggregated, &excluded, Vec::new(), true),
        // A file that has lost its folders on the way to a disk.
        (LogKind::Events, &gets, counted(Some(500.0)), false),
        (LogKind::Events, &puts, Vec::new(), false),
        (LogKind::Events, &excluded, Vec::new(), true),
        // The folder says it, should a record not.
        (LogKind::Aggregated, &undeclared, counted(Some(500.0)), false),
        (LogKind::Aggregated, single, Vec::new(), false),
        (LogKind::Events, &undeclared, by_one(), false),
    ] {
        // Packed, as CloudTrail writes it, and with a blank, which takes the slow way.
        for record in [record.to_owned(), record.replacen('{', "{ ", 1)] {
            let scan = detectors.scan(kind, Limits::default());
            let found = scan.read_whole(format!("{{\"Records\":[{record}]}}").as_bytes()).unwrap();
            assert_eq!(found.hits(), expected, "{kind:?} {record}");
            assert_eq!(found.excluded.values().sum::<u64>(), u64::from(is_excluded), "{kind:?} {record}");
            assert_eq!(found.read, found.unmatched + found.matched.len() as u64, "{kind:?} {record}");
        }
    }
}

/// The minute of what it sums up, for who stamps datapoints with it.
#[test]
fn an_aggregated_event_happened_when_its_window_began() {
    let detectors = two_ways_to_count();
    let record = sums(1, r#"{"name":"GetObject","value":1}"#);
    let found =
        detectors.scan(LogKind::Aggregated, Limits::default()).read_whole(format!("[{record}]").as_bytes());
    let found = found.unwrap();
    assert_eq!((found.matched[0].time, found.newest_event), (Some(300), Some(300)));
    assert_eq!(found.matched[0].event, Some(EventKey::new("s")));
}
