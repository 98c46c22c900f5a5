//! The engine against the reference evaluator.
//!
//! A space behind the first brace makes a record odd, and an odd record is parsed as a whole and judged by the
//! reference evaluator. So every record is scanned as it is and with that space, and what is found has to
//! be the same.

use proptest::prelude::*;
use trailmeter_logs::{Limits, LogKind, RecordScanner, Scanned};

use crate::detector_file::{DetectorFile, load};
use crate::scan::tests::detector;
use crate::{DetectorSet, FileMatches, pack_names, packaged_files};

/// Patterns of every kind of test, on paths of every kind.
const PATTERNS: [&str; 26] = [
    r#"{ $.eventName = "GetObject" }"#,
    r#"{ $.eventName = "Get*" }"#,
    r#"{ $.eventName != "GetObject" }"#,
    r"{ $.errorCode NOT EXISTS }",
    r#"{ $.errorCode = "*Denied*" && $.eventName != "PutObject" }"#,
    r"{ $.errorCode IS NULL }",
    r#"{ $.userIdentity.type = "Root" && $.userIdentity.arn NOT EXISTS && $.eventName != "x" }"#,
    r#"{ $.userIdentity.type = "Root" || $.errorCode = "AccessDenied" }"#,
    r"{ $.userIdentity.arn = %^arn:.*root$% }",
    r"{ $.userIdentity NOT EXISTS }",
    r"{ $.readOnly IS TRUE }",
    r#"{ $.readOnly = "true" }"#,
    r"{ $.n = 12 }",
    r"{ $.n >= 1.5 && $.n < 100 }",
    r#"{ $.requestParameters.a = "x" }"#,
    r#"{ $.requestParameters.a.b = "x" }"#,
    r#"{ $.requestParameters.a.b NOT EXISTS && $.eventName = "GetObject" }"#,
    r#"{ $.requestParameters.items[0] = "x" }"#,
    r#"{ $.requestParameters.items[*].a = "x" }"#,
    r#"{ $.requestParameters.* = "x" }"#,
    r#"{ $.requestParameters.a != "x" }"#,
    r#"{ $.* = "GetObject" }"#,
    r#"{ $.requestParameters = "x" }"#,
    r#"{ $.additionalEventData.SignatureVersion = "SigV2" && $.eventSource = "s3.amazonaws.com" }"#,
    r#"{ $.requestParameters.aVeryLongNameOfAField = "x" || $.xVeryLongNameOfAField = "x" }"#,
    r#"{ $.VeryLongNameOfAField = "x" }"#,
];

/// What only Sigma can ask.
const SIGMA: [(&str, &str); 7] = [
    ("Fold", "{ selection: { eventName: getobject }, condition: selection }"),
    (
        "Not",
        "{ selection: { eventName: GetObject }, filter: { userIdentity.type: Root }, condition: selection and not filter }",
    ),
    ("Within", "{ selection: { 'requestParameters|contains': '\"a\":\"x\"' }, condition: selection }"),
    ("Network", "{ selection: { 'sourceIPAddress|cidr': 10.0.0.0/8 }, condition: selection }"),
    ("Same", "{ selection: { 'requestParameters.a|fieldref': eventName }, condition: selection }"),
    ("Words", "{ keywords: [ SigV2 ], condition: keywords }"),
    (
        "Lists",
        "{ selection: { requestParameters.items: [ x, 'y*' ], userIdentity.type: Root }, condition: selection }",
    ),
];

fn sigma(name: &str, detection: &str) -> DetectorFile {
    let text = format!(
        "title: {name}\nid: 7b2d5d5e-0000-4000-8000-0000000000{:02x}\nstatus: test\ndescription: d\n\
         author: a\nlogsource: {{ product: aws, service: cloudtrail }}\ndetection: {detection}\nlevel: high\n",
        name.len() * 16 + usize::from(name.as_bytes()[0] % 16)
    );
    DetectorFile { path: format!("{name}.yml"), pack: None, text }
}

/// One detector for each pattern and rule, the first with exclusions and the second with all that a metric can have.
fn detectors() -> DetectorSet {
    let exclusions = "exclude:\n  - { name: Robots, owner: o, expires: never, reason: r, pattern: '{ $.userIdentity.type = \"Root\" }' }\n  \
                      - { name: Deep, owner: o, expires: never, reason: r, pattern: '{ $.requestParameters.a.b = \"x\" }' }\n";
    let series = "value: $.n\ndimensions:\n  - Who: $.userIdentity.arn\n  - Who: $.userIdentity.arn\n    Item: $.requestParameters.items[*]\n";
    let mut files: Vec<DetectorFile> = PATTERNS
        .iter()
        .enumerate()
        .map(|(at, pattern)| {
            let more = [exclusions, series].get(at).copied().unwrap_or_default();
            detector(&format!("P{at}"), pattern, more)
        })
        .collect();
    files.extend(SIGMA.iter().map(|(name, detection)| sigma(name, detection)));
    load(&files).unwrap()
}

fn packaged() -> DetectorSet {
    load(&packaged_files(&pack_names()).unwrap()).unwrap()
}

/// What a file of these records comes to. But for the bytes, which a space more or less changes.
fn scan(detectors: &DetectorSet, records: &[String]) -> FileMatches {
    let file = format!("{{\"Records\":[{}]}}", records.join(","));
    let found = detectors.scan_keeping_ids(LogKind::Events, Limits::default()).read_whole(file.as_bytes());
    let mut found = found.unwrap();
    found.bytes = 0;
    found
}

/// Scans the records as they are and as odd ones.
fn assert_agree(detectors: &DetectorSet, records: &[String]) {
    let odd: Vec<String> = records.iter().map(|record| record.replacen('{', "{ ", 1)).collect();
    for (record, odd) in records.iter().zip(&odd) {
        assert_eq!(RecordScanner::new().scan(odd.as_bytes()), Scanned::Odd);
        // The second time its shape is known.
        let (found, expected) = ([record, record].map(Clone::clone), [odd, odd].map(Clone::clone));
        assert_eq!(scan(detectors, &found), scan(detectors, &expected), "{record}");
    }
    assert_eq!(scan(detectors, records), scan(detectors, &odd));
}

#[test]
fn hostile_records_come_to_the_same() {
    let long = "x".repeat(300);
    let records = [
        "{}",
        r#"{"eventName":"GetObject","eventName":"PutObject"}"#,
        r#"{"eventName":"PutObject","eventName":"GetObject","eventName":null}"#,
        r#"{"event\u004eame":"GetObject"}"#,
        r#"{"eventName":"Get\u004fbject"}"#,
        r#"{"eventName":"Get\/Object","errorCode":"Access\u0044enied"}"#,
        r#"{"errorCode":"AccessDenied","errorCode":"None"}"#,
        r#"{"userIdentity":{"type":"Root"},"userIdentity":{"arn":"arn:root"}}"#,
        r#"{"userIdentity":{"type":"Root","type":"User"}}"#,
        r#"{"userIdentity":{"type":"Root"},"userIdentity":null}"#,
        r#"{"userIdentity":{"type":{"type":"Root"}}}"#,
        r#"{"userIdentity":{"type":["Root"]}}"#,
        r#"{"userIdentity":[{"type":"Root"}]}"#,
        r#"{"userIdentity":"Root"}"#,
        r#"{"other":{"type":"Root","eventName":"GetObject","errorCode":"AccessDenied"}}"#,
        r#"{"requestParameters":{"eventName":"GetObject","a":"{\"eventName\":\"GetObject\"}"}}"#,
        r#"{"eventName":["GetObject"]}"#,
        r#"{"eventName":12}"#,
        r#"{"errorCode":{"a":1}}"#,
        r#"{"requestParameters":"x"}"#,
        r#"{"requestParameters":["x"]}"#,
        r#"{"requestParameters":{"a":"x"}}"#,
        r#"{"requestParameters":{"a":{"b":"x"}}}"#,
        r#"{"requestParameters":{"a":{"b":"x","b":"y"}}}"#,
        r#"{"requestParameters":{"a":[{"b":"x"}]}}"#,
        r#"{"requestParameters":[{"a":"x"},{"a":{"b":"x"}}]}"#,
        r#"{"requestParameters":{"items":["x","y"]},"userIdentity":{"type":"Root"}}"#,
        r#"{"requestParameters":{"items":[{"a":"x"}]}}"#,
        r#"{"requestParameters":{"items":"x"},"userIdentity":{"type":"Root"}}"#,
        r#"{"requestParameters":{"a":"GetObject"},"eventName":"GetObject"}"#,
        r#"{"requestParameters":null,"n":12,"readOnly":true}"#,
        r#"{"readOnly":"true","n":"12"}"#,
        r#"{"n":1.5}"#,
        r#"{"n":1.50}"#,
        r#"{"n":12.0,"eventName":"GetObject"}"#,
        r#"{"n":-0}"#,
        r#"{"aVeryLongNameOfAField":"x"}"#,
        r#"{"xVeryLongNameOfAField":"x"}"#,
        r#"{"requestParameters":{"aVeryLongNameOfAField":"x"}}"#,
        r#"{"requestParameters":{"bVeryLongNameOfAField":"x"}}"#,
        r#"{"VeryLongNameOfAField":"x"}"#,
        r#"{"":"x","a":"GetObject"}"#,
        r#"{"x":"SigV2"}"#,
        r#"{"additionalEventData":{"SignatureVersion":"SigV2"},"eventSource":"s3.amazonaws.com"}"#,
        r#"{"eventSource":"s3.amazonaws.com","additionalEventData":{"a":{"SignatureVersion":"SigV2"}}}"#,
        r#"{"addendum":{"reason":"UPDATED_DATA"},"errorCode":"AccessDenied","eventID":"e"}"#,
        r#"{"addendum":{"reason":"UPDATED_DATA"},"addendum":{},"errorCode":"AccessDenied","eventID":"e"}"#,
        r#"{"addendum":null,"errorCode":"AccessDenied","eventID":null,"eventId":"e\u0041"}"#,
        r#"{"addendum":"x"}"#,
        r#"{"eventTime":"2026-11-21T06:00:00Z","errorCode":"AccessDenied"}"#,
        r#"{"eventTime":"2026-11-21T06:00:00\u005a","errorCode":"AccessDenied"}"#,
        r#"{"eventTime":7,"eventCategory":"Dat\u0061","errorCode":"AccessDenied"}"#,
        r#"{"eventCategory":"Data"}"#,
        r#"{"eventCategory":"Management","managementEvent":false}"#,
        r#"{"eventCategory":"Management","managementEvent":true}"#,
        r#"{"sourceIPAddress":"10.1.2.3"}"#,
        r#"{"sourceIPAddress":"11.1.2.3"}"#,
        r#"{"sourceIPAddress":["10.1.2.3"]}"#,
        r#"{"a":1,"b":[{"c":{"d":"}]{["}}],"eventName":"GetObject"}"#,
    ]
    .map(str::to_owned);
    let mut records = records.to_vec();
    records
        .push(format!(r#"{{"eventName":"{long}","userIdentity":{{"arn":"arn:{long}root","type":"Root"}}}}"#));
    records.push(format!(r#"{{"{long}":1,"eventName":"GetObject"}}"#));
    for detectors in [detectors(), packaged()] {
        assert_agree(&detectors, &records);
    }
}

/// More values than a column remembers: the entry of those without room is used again and again.
#[test]
fn values_beyond_what_is_remembered_come_to_the_same() {
    let detectors = detectors();
    let records: Vec<String> = (0..20_000)
        .map(|at| {
            let (arn, name) = (if at % 3 == 0 { "root" } else { "other" }, if at % 5 == 0 { "Get" } else { "Put" });
            format!(
                r#"{{"eventName":"{name}{at}","userIdentity":{{"arn":"arn:{at}{arn}","type":"Root"}},"sourceIPAddress":"10.{}.{}.7"}}"#,
                at / 250 % 250,
                at % 250
            )
        })
        .collect();
    let odd: Vec<String> = records.iter().map(|record| record.replacen('{', "{ ", 1)).collect();
    assert_eq!(scan(&detectors, &records), scan(&detectors, &odd));
    assert_eq!(scan(&detectors, &records), scan(&detectors, &odd), "with what is remembered by now");
}

/// Values that are no plain text have no end either where tests only compare; what is compared with stays known.
#[test]
fn escaped_values_and_numbers_hide_no_compared_one() {
    let detectors = detectors();
    let record = |version: &str| {
        format!(
            r#"{{"eventSource":"s3.amazonaws.com","additionalEventData":{{"SignatureVersion":{version}}}}}"#
        )
    };
    let mut records: Vec<String> =
        (0..5000).flat_map(|at| [record(&format!("\"Sig\\u0056{at}\"")), record(&at.to_string())]).collect();
    records.push(record("\"SigV2\""));
    records.push(record("\"Sig\\u00562\""));
    let odd: Vec<String> = records.iter().map(|record| record.replacen('{', "{ ", 1)).collect();
    assert_eq!(scan(&detectors, &records), scan(&detectors, &odd));
}

#[test]
fn a_set_without_detectors_reads_its_records() {
    let found = scan(&DetectorSet::default(), &[r#"{"eventName":"a"}"#.to_owned(), "{}".to_owned()]);
    assert_eq!((found.read, found.unmatched), (2, 2));
}

const NAMES: [&str; 22] = [
    "eventName",
    "eventSource",
    "errorCode",
    "userIdentity",
    "requestParameters",
    "additionalEventData",
    "type",
    "arn",
    "a",
    "b",
    "items",
    "SignatureVersion",
    "n",
    "readOnly",
    "eventID",
    "eventTime",
    "addendum",
    "reason",
    "sourceIPAddress",
    "aVeryLongNameOfAField",
    "event\\u004eame",
    "",
];

const TEXTS: [&str; 20] = [
    "GetObject",
    "PutObject",
    "Get\\u004fbject",
    "getobject",
    "s3.amazonaws.com",
    "AccessDenied",
    "Root",
    "x",
    "y",
    "yy",
    "arn:aws:iam::1:root",
    "SigV2",
    "true",
    "12",
    "UPDATED_DATA",
    "2026-11-21T06:00:00Z",
    "10.1.2.3",
    "\u{e4}\\\"",
    "",
    "Data",
];

fn json() -> impl Strategy<Value = String> {
    let text = prop::sample::select(TEXTS.as_slice()).prop_map(|text| format!("\"{text}\""));
    let word = prop::sample::select(["null", "true", "false", "12", "1.5", "-3", "100"].as_slice());
    let scalar = prop_oneof![3 => text, 1 => word.prop_map(str::to_owned)];
    scalar.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(|parts| format!("[{}]", parts.join(","))),
            3 => object(inner, 5),
        ]
    })
}

fn object(values: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
    let member = (prop::sample::select(NAMES.as_slice()), values);
    prop::collection::vec(member, 0..most).prop_map(|members| {
        let members: Vec<String> =
            members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_records_come_to_the_same(records in prop::collection::vec(object(json(), 9), 1..8)) {
        use std::sync::LazyLock;
        static DETECTORS: LazyLock<DetectorSet> = LazyLock::new(detectors);
        assert_agree(&DETECTORS, &records);
    }
}
