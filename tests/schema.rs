//! The JSON Schema of detector files: it takes what the loader takes, and says so first of what it
//! does not.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use jsonschema::Validator;
use serde_json::Value;

use crate::command::trailmeter;
use crate::support::root;

const GOOD: &str = r#"name: Denied
title: t
what: w
why: y
sources: [https://docs.aws.amazon.com/]
logs: cloudtrail
pattern: '{ $.errorCode = "AccessDenied*" }'
tests:
  - { name: one, match: true, record: { errorCode: AccessDenied } }
  - { name: two, match: false, record: {} }
"#;

/// A line of an access log.
const LINE: &str = "79a5 b [06/Feb/2014:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT a \"GET /a HTTP/1.1\" 200 - 113 - 7 - \"-\" \"x\" -";

fn validator() -> Result<Validator> {
    let run = trailmeter(&["schema"])?;
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let schema = run.json()?;
    jsonschema::meta::validate(&schema).map_err(|error| anyhow!("the schema is no schema: {error}"))?;
    jsonschema::options().build(&schema).map_err(|error| anyhow!("{error}"))
}

/// As the loader reads it.
fn yaml(text: &str) -> Result<Value> {
    let options = serde_saphyr::options! { strict_booleans: true };
    Ok(serde_saphyr::from_str_with_options(text, options)?)
}

/// Where the schema finds fault.
fn faults(validator: &Validator, text: &str) -> Result<Vec<String>> {
    let value = yaml(text)?;
    Ok(validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect())
}

#[test]
fn the_committed_schema_is_the_one_that_is_printed() -> Result<()> {
    let committed = fs::read_to_string(root().join("docs/detector.schema.json"))?;
    let is_up_to_date = trailmeter(&["schema"])?.stdout == committed;
    assert!(is_up_to_date, "docs/detector.schema.json is stale: run `make docs`");
    Ok(())
}

#[test]
fn every_packaged_detector_and_every_starter_fits() -> Result<()> {
    let validator = validator()?;
    let mut count = 0;
    for pack in fs::read_dir(root().join("detectors"))? {
        for entry in fs::read_dir(pack?.path())? {
            let path = entry?.path();
            if path.ends_with("pack.yaml") || path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let faults = faults(&validator, &fs::read_to_string(&path)?)?;
            assert!(faults.is_empty(), "{}: {faults:#?}", path.display());
            count += 1;
        }
    }
    assert!(count > 100, "{count} files");
    for starter in ["pattern.yaml", "sigma.yaml"] {
        let text = fs::read_to_string(root().join("cli/src/new").join(starter))?;
        assert_eq!(faults(&validator, &text)?, [""; 0], "{starter}");
    }
    Ok(())
}

/// `GOOD` with one edit.
fn with(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from}");
    GOOD.replace(from, to)
}

/// `GOOD` with more at its top level.
fn more(text: &str) -> String {
    with("tests:", &format!("{text}\ntests:"))
}

fn loads(folder: &Path, text: &str) -> Result<bool> {
    let path = folder.join("d.yaml");
    fs::write(&path, text)?;
    let found = trailmeter(&["test", &path.display().to_string(), "--format", "json"])?.json()?;
    Ok(found["unusable"] == 0)
}

#[test]
fn what_the_loader_takes_fits() -> Result<()> {
    let (validator, folder) = (validator()?, tempfile::tempdir()?);
    fs::write(
        folder.path().join("rule.yml"),
        "title: t\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n  a: { b: c }\n  condition: a\n",
    )?;
    let pattern = "pattern: '{ $.errorCode = \"AccessDenied*\" }'";
    for text in [
        GOOD.to_owned(),
        with("name: Denied", "name: D"),
        with("name: Denied", &format!("name: {}", "d9".repeat(60))),
        more("severity: critical\nneeds: network\nattack: [T1562, T1562.008]\nfalse-positives: [a, b]"),
        with(pattern, "sigma: rule.yml"),
        with(pattern, "sigma: { detection: { a: { b|contains: c }, condition: a } }"),
        with(pattern, "sigma: { title: t, detection: { a: [c, d], condition: [a, not a] } }"),
        with(
            pattern,
            "sigma: { detection: { a: { b|cidr|expand: '%nets%' }, condition: a } }\nlists: { nets: [10.0.0.0/8] }",
        ),
        more("value: 2.5\nunit: Bytes/Second\ndefault-value: 0"),
        more(
            "value: $.additionalEventData.bytes\ndimensions: [{ Account: $.recipientAccountId }, { A: $.a, B: \"$['b']\" }]",
        ),
        more("default-value: 0\ndimensions: []"),
        more("metric: { namespace: CIS/Benchmark, name: root usage }"),
        more("metric: {}"),
        more("alarm: none"),
        more("alarm: { description: d }"),
        more(
            "alarm: { description: d, statistic: Average, comparison: '<', threshold: -1, period: 86400, \
             evaluation-periods: 1, datapoints-to-alarm: 1, missing-data: ignore }",
        ),
        more("exclude: [{ name: a b, owner: o, reason: r, expires: never, pattern: '{ $.a = 1 }' }]"),
        more(
            "exclude: [{ name: A, owner: o, reason: r, expires: 2027-02-28, \
             sigma: { detection: { a: { b: c }, condition: a } } }]",
        ),
        with("record: {} }", "record: null }"),
        with("logs: cloudtrail\n", ""),
        with("logs: cloudtrail", "source: cloudtrail"),
        with("logs: cloudtrail", "source: any").replace("record: {} }", &format!("line: '{LINE}' }}")),
        with("match: false", "match: excluded")
            .replace("tests:", "tests:\n  - { name: three, match: false, record: {} }"),
    ] {
        assert_eq!(faults(&validator, &text)?, [""; 0], "{text}");
        assert!(loads(folder.path(), &text)?, "the loader refuses it: {text}");
    }
    Ok(())
}

#[test]
fn what_does_not_fit_is_refused_by_the_loader_too() -> Result<()> {
    let (validator, folder) = (validator()?, tempfile::tempdir()?);
    let long = format!("name: {}", "d".repeat(121));
    let pattern = "pattern: '{ $.errorCode = \"AccessDenied*\" }'";
    for (text, place) in [
        (with("title: t\n", ""), "title"),
        (with("title: t", "title: ' '"), "/title"),
        (with("title: t", "title: [t]"), "/title"),
        (with("why: y", "why: y\nowner: me"), "owner"),
        (with("name: Denied", "name: Access Denied"), "/name"),
        (with("name: Denied", "name: 9lives"), "/name"),
        (with("name: Denied", "name: Dénied"), "/name"),
        (with("name: Denied", "name: ObjectsRead"), "/name"),
        (with("name: Denied", &long), "/name"),
        (with("[https://docs.aws.amazon.com/]", "[]"), "/sources"),
        (with("[https://docs.aws.amazon.com/]", "https://docs.aws.amazon.com/"), "/sources"),
        (with("logs: cloudtrail", "logs: syslog"), "/logs"),
        (with("logs: cloudtrail", "source: syslog"), "/source"),
        (more("source: cloudtrail"), ": "),
        (with("record: {} }", &format!("record: {{}}, line: '{LINE}' }}")), "/tests/1"),
        (with(", record: {} }", " }"), "/tests/1"),
        (with("record: {} }", "line: 7 }"), "/tests/1"),
        (with(&format!("{pattern}\n"), ""), ": "),
        (with(pattern, &format!("{pattern}\nsigma: rule.yml")), ": "),
        (with(pattern, "pattern: ''"), "/pattern"),
        (with(pattern, "sigma: {}"), "/sigma"),
        (with(pattern, "sigma: { detection: { a: { b: c } } }"), "/sigma/detection"),
        (with(pattern, "sigma: 7"), "/sigma"),
        (more("severity: urgent"), "/severity"),
        (more("needs: everything"), "/needs"),
        (more("attack: [T15620]"), "/attack/0"),
        (more("attack: [TA0005]"), "/attack/0"),
        (more("attack: T1562"), "/attack"),
        (more("lists: { nets: 10.0.0.0/8 }"), "/lists/nets"),
        (more("value: bytes"), "/value"),
        (more("value: [1]"), "/value"),
        (more("default-value: none"), "/default-value"),
        (more("default-value: 0\ndimensions: [{ A: $.a }]"), "/dimensions"),
        (more("unit: count"), "/unit"),
        (more("metric: { namespace: AWS/EC2 }"), "/metric/namespace"),
        (more("metric: { name: ':a' }"), "/metric/name"),
        (more("metric: { names: a }"), "/metric"),
        (more("dimensions: [{}]"), "/dimensions/0"),
        (more("dimensions: [{ A: a }]"), "/dimensions/0/A"),
        (more("dimensions: { A: $.a }"), "/dimensions"),
        (more("alarm: never"), "/alarm"),
        (more("alarm: { threshold: 1 }"), "/alarm"),
        (more("alarm: { description: d, period: 90 }"), "/alarm"),
        (more("alarm: { description: d, period: 0 }"), "/alarm"),
        (more("alarm: { description: d, period: 90000 }"), "/alarm"),
        (more("alarm: { description: d, evaluation-periods: 0 }"), "/alarm"),
        (more("alarm: { description: d, comparison: '=' }"), "/alarm"),
        (more("alarm: { description: d, missing-data: zero }"), "/alarm"),
        (
            more("exclude: [{ name: a, owner: o, reason: r, expires: soon, pattern: '{ $.a = 1 }' }]"),
            "/exclude/0/expires",
        ),
        (
            more("exclude: [{ name: a, owner: o, reason: r, expires: 2027-13-01, pattern: '{ $.a = 1 }' }]"),
            "/exclude/0/expires",
        ),
        (more("exclude: [{ name: a, owner: o, reason: r, expires: never }]"), "/exclude/0"),
        (more("exclude: [{ name: a, reason: r, expires: never, pattern: '{ $.a = 1 }' }]"), "/exclude/0"),
        (
            more("exclude: [{ name: é, owner: o, reason: r, expires: never, pattern: '{ $.a = 1 }' }]"),
            "/exclude/0/name",
        ),
        (
            more("exclude: [{ name: a, owner: ' ', reason: r, expires: never, pattern: '{ $.a = 1 }' }]"),
            "/exclude/0/owner",
        ),
        (with("match: false", "match: true"), "/tests"),
        (with("match: true", "match: false"), "/tests"),
        (with("match: true", "match: perhaps"), "/tests/0/match"),
        (with("match: true, record", "match: true, recrd"), "/tests/0"),
        (GOOD.split("tests:").next().unwrap_or_default().to_owned(), "tests"),
        ("just words".to_owned(), ": "),
    ] {
        let faults = faults(&validator, &text)?;
        assert!(faults.iter().any(|fault| fault.contains(place)), "{place} in {faults:#?}: {text}");
        assert!(!loads(folder.path(), &text)?, "the loader takes it: {text}");
    }
    Ok(())
}
