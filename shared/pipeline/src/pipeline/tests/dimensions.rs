//! What a match adds: values, dimensions, exclusions.

use super::fixtures::{batch, denied, detector, message};
use super::world::{Ran, World};
use crate::Settings;

const PATTERN: &str = "{ $.errorCode = \"AccessDenied\" }";

/// Runs one file of denials through one detector and compares what is put beside the account of
/// objects and records.
fn check(name: &str, more: &str, dimension_values: usize, records: &[&str], expected: &str) {
    let records: Vec<String> = records.iter().map(|fields| denied(fields)).collect();
    let mut world = World::with(&[detector("Denied", PATTERN, more)]).object("a", &records);
    world.settings = Settings { dimension_values, ..world.settings };
    let ran = world.run(batch([message("m", &["a"])]));
    let account = ran.account();
    let of_interest: Vec<&str> = account
        .split(' ')
        .filter(|series| !series.starts_with("Objects") && !series.starts_with("Records"))
        .collect();
    assert_eq!(of_interest.join(" "), expected, "{name}");
    assert!(ran.report.returned.is_empty(), "{name}");
    let records = &ran.report.totals.records;
    assert_eq!(records.read, records.matched + records.unmatched, "{name}");
}

#[test]
fn a_value_is_taken_from_the_record_or_missed_and_counted() {
    let one_of = |missing: u32| format!("ValuesMissing={missing} ValuesMissing{{Detector=Denied}}={missing}");
    for (name, records, expected) in [
        ("numbers", &[r#""n":2"#, r#""n":0.5"#, r#""n":-1"#][..], "Denied=1.5".to_owned()),
        ("numbers as text", &[r#""n":"2""#, r#""n":"1e3""#], "Denied=1002".to_owned()),
        ("absent", &[""], one_of(1)),
        ("one of two absent", &["", r#""n":3"#], format!("Denied=3 {}", one_of(1))),
        (
            "no number",
            &[r#""n":null"#, r#""n":"much""#, r#""n":[1]"#, r#""n":true"#, r#""n":"NaN""#, r#""n":"inf""#],
            one_of(6),
        ),
        // CloudWatch would refuse the whole request.
        ("too large a number", &[r#""n":1e200"#, r#""n":"-1e109""#], one_of(2)),
    ] {
        check(name, "value: $.n\nunit: Bytes\n", 50, records, &expected);
    }
    check("a constant", "value: 3\n", 50, &["", ""], "Denied=6");
}

#[test]
fn values_of_a_dimension_are_safe_few_and_accounted_for() {
    for (name, most, records, expected) in [
        (
            "one series each",
            50,
            &[r#""who":"a""#, r#""who":"b""#, r#""who":"a""#][..],
            "Denied=3 Denied{Who=a}=2 Denied{Who=b}=1",
        ),
        (
            "not there, or nothing that a name could be",
            50,
            &["", r#""who":null"#, r#""who":{"a":1}"#, r#""who":7"#, r#""who":true"#],
            "Denied=5 Denied{Who=7}=1 Denied{Who=__absent__}=3 Denied{Who=true}=1",
        ),
        (
            "hostile",
            50,
            &[r#""who":"\u0000""#, r#""who":"ä""#, r#""who":"""#, r#""who":"\t\n""#, r#""who":"\\u00e4""#],
            r"Denied=5 Denied{Who=\u0000}=1 Denied{Who=\u005cu00e4}=1 Denied{Who=\u00e4}=1 Denied{Who=__blank__}=2",
        ),
        (
            "too many",
            2,
            &[r#""who":"a""#, r#""who":"b""#, r#""who":"c""#, r#""who":"d""#, r#""who":"a""#, ""],
            "Denied=6 Denied{Who=__other__}=3 Denied{Who=a}=2 Denied{Who=b}=1 DimensionValuesFolded=3 \
             DimensionValuesFolded{Detector=Denied}=3",
        ),
        (
            "none wanted",
            0,
            &[r#""who":"a""#],
            "Denied=1 Denied{Who=__other__}=1 DimensionValuesFolded=1 DimensionValuesFolded{Detector=Denied}=1",
        ),
    ] {
        check(name, "dimensions:\n  - Who: $.who\n", most, records, expected);
    }
    check(
        "two sets, one of two dimensions",
        "dimensions:\n  - Who: $.who\n  - Who: $.who\n    Where: $.where\n",
        1,
        &[r#""who":"a","where":"x""#, r#""who":"a","where":"y""#],
        "Denied=2 Denied{Where=__other__,Who=__other__}=1 Denied{Where=x,Who=a}=1 Denied{Who=a}=2 \
         DimensionValuesFolded=1 DimensionValuesFolded{Detector=Denied}=1",
    );
}

#[test]
fn the_cap_on_dimension_values_holds_for_the_invocation() {
    let mut world = World::with(&[detector("Denied", PATTERN, "dimensions:\n  - Who: $.who\n")])
        .object("a", &[denied(r#""who":"a""#)])
        .object("b", &[denied(r#""who":"b""#)]);
    world.settings = Settings { dimension_values: 1, ..world.settings };
    let ran = world.run(batch([message("m", &["a"]), message("n", &["b"])]));
    assert_eq!(ran.sums().get("Denied{Who=__other__}"), Some(&1.0));
}

/// Who writes the values could write new ones into every file.
#[test]
fn the_cap_on_dimension_values_outlives_the_invocation_and_ends_with_the_day() {
    let mut world = World::with(&[detector("Denied", PATTERN, "dimensions:\n  - Who: $.who\n")])
        .object("a", &[denied(r#""who":"a""#)])
        .object("b", &[denied(r#""who":"b""#)]);
    world.settings = Settings { dimension_values: 1, ..world.settings };
    let ran = world.run_all(["a", "b", "a"].map(|name| batch([message("m", &[name])])));
    let series = |ran: &Ran| ran.sums().into_keys().find(|series| series.starts_with("Denied{"));
    let series: Vec<_> = ran.iter().filter_map(series).collect();
    assert_eq!(series, ["Denied{Who=a}", "Denied{Who=__other__}", "Denied{Who=a}"]);
}

#[test]
fn exclusions_are_counted_by_detector_and_by_name() {
    let more = "exclude:\n  - { name: Robots, owner: o, expires: never, reason: r, pattern: '{ $.robot IS TRUE }' }\n  \
                - { name: Tests, owner: o, expires: never, reason: r, pattern: '{ $.test IS TRUE }' }\n";
    check(
        "two exclusions",
        more,
        50,
        &["", r#""robot":true"#, r#""robot":true,"test":true"#, r#""test":true"#],
        "Denied=1 MatchesExcluded=3 MatchesExcluded{Detector=Denied,Exclusion=Robots}=2 \
         MatchesExcluded{Detector=Denied,Exclusion=Tests}=1",
    );
}
