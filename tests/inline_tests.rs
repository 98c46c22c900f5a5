//! `trailmeter test`: which tests of detectors fail, where, and why, for people and for CI.

use std::fs;

use anyhow::Result;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{Run, trailmeter};

/// A detector of which every test fails, each in its way, but for the first two.
const FAILING: &str = r#"name: Failing
title: t
what: w
why: y
sources: [https://docs.aws.amazon.com/]
logs: cloudtrail
pattern: '{ ($.eventName = "ConsoleLogin") && ($.error NOT EXISTS) }'
exclude:
  - { name: Drill, owner: Security, reason: r, expires: 2020-02-29, pattern: '{ $.drill IS TRUE }' }
tests:
  - { name: good, match: true, record: { eventName: ConsoleLogin } }
  - { name: malformed and meant to be, match: false, record: { eventName: 7 } }
  - { name: "no <match> & \"none\"", match: true, record: { eventName: ConsoleLogin, error: null } }
  - { name: a match, match: false, record: { eventName: ConsoleLogin } }
  - { name: not excluded, match: excluded, record: { eventName: ConsoleLogin, drill: "yes" } }
  - { name: excluded, match: true, record: { eventName: ConsoleLogin, drill: true } }
  - { name: malformed, match: true, record: { eventName: 7 } }
"#;

const SIGMA: &str = "title: A published rule\nlogsource: { product: aws, service: cloudtrail }\n\
                     detection:\n  one: { eventName: X }\n  condition: one\n";

struct Bench(TempDir);

impl Bench {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for (name, text) in [
            ("failing.yaml", FAILING.to_owned()),
            ("sigma_rule.yml", SIGMA.to_owned()),
            ("unusable.yaml", FAILING.replace("name: Failing", "name: Un usable")),
        ] {
            fs::write(folder.path().join(name), text)?;
        }
        Ok(Self(folder))
    }

    /// The path of a file, or of the folder, which is `.`.
    fn path(&self, name: &str) -> String {
        let path = if name == "." { self.0.path().to_owned() } else { self.0.path().join(name) };
        path.display().to_string()
    }

    fn test(&self, name: &str, options: &[&str]) -> Result<Run> {
        trailmeter(&[&["test", &self.path(name)], options].concat())
    }
}

#[test]
fn each_failure_has_a_place_an_outcome_and_a_reason() -> Result<()> {
    let bench = Bench::new()?;
    let file = bench.path("failing.yaml");
    let run = bench.test("failing.yaml", &[])?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    let (table, failures) = run.stdout.split_once("\n\n").unwrap_or_default();
    let row: Vec<&str> = table.lines().last().unwrap_or_default().split_whitespace().collect();
    assert_eq!(row, ["Failing", "7", "5"]);
    let expected = format!(
        r#"{file}:13:5: test "no <match> & \"none\"" of Failing: expected a match, found no match
    decided by $.error exists   found null
{file}:14:5: test "a match" of Failing: expected no match, found a match
    decided by $.eventName = "ConsoleLogin"   found "ConsoleLogin"
    decided by $.error exists   absent
{file}:15:5: test "not excluded" of Failing: expected an excluded match, found a match
    decided by exclusion Drill: $.drill is true   found "yes", a string, of which this cannot be asked
{file}:16:5: test "excluded" of Failing: expected a match, found an excluded match by Drill
    decided by exclusion Drill: $.drill is true   found true
{file}:17:5: test "malformed" of Failing: the record is malformed (wrong-type)
1 detector(s), 7 inline test(s): 5 failed
"#
    );
    assert_eq!(failures, expected);
    Ok(())
}

#[test]
fn what_has_no_tests_or_cannot_be_used_is_named() -> Result<()> {
    let bench = Bench::new()?;
    for (name, status, parts) in [
        ("sigma_rule.yml", 0, &["SigmaRule", "no tests", "1 detector(s) have no tests"][..]),
        (
            "unusable.yaml",
            1,
            &["unusable.yaml:1:7: a name is a letter", "0 detector(s), 0 inline test(s)", "1 cannot be used"],
        ),
        (
            ".",
            1,
            &["2 detector(s), 7 inline test(s): 5 failed, 1 detector(s) have no tests, 1 cannot be used"],
        ),
    ] {
        let run = bench.test(name, &[])?;
        assert_eq!(run.status, Some(status), "{name}: {}{}", run.stdout, run.stderr);
        for part in parts {
            assert!(run.stdout.contains(part), "{name}: {part} in {}", run.stdout);
        }
    }
    Ok(())
}

#[test]
fn programs_are_told_the_same() -> Result<()> {
    let bench = Bench::new()?;
    let run = bench.test(".", &["--format", "json"])?;
    assert_eq!(run.status, Some(1));
    let found = run.json()?;
    let totals = ["tests", "failed", "untested", "unusable"].map(|key| found[key].clone());
    assert_eq!(totals, [7, 5, 1, 1].map(Value::from));
    let failing = &found["detectors"][0];
    let tests: Vec<Value> = failing["tests"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|test| json!([test["line"], test["passed"], test["expected"], test["found"]]))
        .collect();
    assert_eq!(
        tests,
        [
            json!([11, true, "match", "match"]),
            json!([12, true, "no-match", "no-match"]),
            json!([13, false, "match", "no-match"]),
            json!([14, false, "no-match", "match"]),
            json!([15, false, "excluded", "match"]),
            json!([16, false, "match", "excluded"]),
            json!([17, false, "match", "malformed"]),
        ]
    );
    assert_eq!(found["detectors"][1]["tests"], json!([]));
    assert!(found["detectors"][2]["errors"][0].as_str().is_some_and(|error| error.contains(":1:7:")));
    Ok(())
}

/// The shape that CI systems read: a suite for each detector, what failed inside its case.
#[test]
fn ci_is_told_the_same() -> Result<()> {
    let bench = Bench::new()?;
    let run = bench.test(".", &["--format", "junit"])?;
    assert_eq!(run.status, Some(1));
    let file = bench.path("failing.yaml");
    for part in [
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        r#"<testsuites name="trailmeter" tests="9" failures="5" errors="1">"#,
        &format!(r#"<testsuite name="Failing" file="{file}" tests="7" failures="5" errors="0" skipped="0">"#),
        &format!(
            r#"<testcase classname="Failing" name="no &lt;match&gt; &amp; &quot;none&quot;" file="{file}" line="13">"#
        ),
        r#"<failure message="expected a match, found no match">"#,
        "decided by $.error exists   found null",
        r#"<skipped message="the detector carries no tests"/>"#,
        r#"<error message="the detector cannot be used">"#,
    ] {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    for (open, close) in
        [("<testsuite ", "</testsuite>"), ("<testcase ", "</testcase>"), ("<failure ", "</failure>")]
    {
        assert_eq!(run.stdout.matches(open).count(), run.stdout.matches(close).count(), "{open}");
    }
    Ok(())
}

#[test]
fn what_is_tested_can_be_chosen() -> Result<()> {
    let bench = Bench::new()?;
    let file = bench.path("failing.yaml");
    let count = |arguments: &[&str]| -> Result<(Option<i32>, usize)> {
        let run = trailmeter(&[&["test", "--format", "json"], arguments].concat())?;
        Ok((run.status, run.json()?["detectors"].as_array().map_or(0, Vec::len)))
    };
    let (status, all) = count(&[])?;
    assert_eq!((status, all > 100), (Some(0), true), "every pack passes its own tests");
    let (_, default) = count(&["--pack", "default"])?;
    assert_eq!(default, 8);
    for (arguments, expected) in [
        (&["--pack", "default", "--pack", "activity"][..], (Some(0), 12)),
        (&["--pack", "default", &file], (Some(1), 9)),
        (&["--detector", "SigV2"], (Some(0), 1)),
        (&["--detector", "SigV2", "--detector", "Failing", "--pack", "default", &file], (Some(1), 2)),
    ] {
        assert_eq!(count(arguments)?, expected, "{arguments:?}");
    }
    for (arguments, part) in [
        (&["--detector", "Nope"][..], "there is no detector \"Nope\""),
        (&["--detector", "sigv2"], "did you mean SigV2"),
        (&["--detector", "Un usable", &bench.path(".")], "1 more cannot be used"),
        (&["--pack", "nope"], "the packs are"),
        (&["/nowhere"], "/nowhere"),
        (&["--format", "xml"], "possible values"),
        (&["--list", "x"], "write NAME=VALUE"),
    ] {
        let run = trailmeter(&[&["test"], arguments].concat())?;
        assert_eq!(run.status, Some(2), "{arguments:?}: {}", run.stdout);
        assert!(run.stderr.contains(part), "{arguments:?}: {}", run.stderr);
    }
    Ok(())
}

/// A file that is no detector file is named, and the others are tested all the same.
#[test]
fn bad_files_take_no_good_one_with_them() -> Result<()> {
    let bench = Bench::new()?;
    let large = vec![b'x'; 2 << 20];
    for (text, part) in [
        (&b"\xff\xfe\x00binary"[..], "not UTF-8"),
        (b"name: [", "bad.yaml:1:"),
        (b"just words", "bad.yaml:1:1:"),
        (&large, "larger than 1 MiB"),
    ] {
        fs::write(bench.0.path().join("bad.yaml"), text)?;
        let run = bench.test(".", &[])?;
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(matches!(run.status, Some(1 | 2)) && said.contains(part), "{part}: {said}");
        assert!(!said.contains("panicked"), "{said}");
        assert!(run.status == Some(2) || said.contains("Failing"), "{said}");
    }
    Ok(())
}
