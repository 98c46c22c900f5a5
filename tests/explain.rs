//! `trailmeter explain`: the tree, what was found, the verdict, and whatever else comes as a record.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};
use tempfile::TempDir;
use trailmeter_testkit::bad_input::{all, gzip, not_gzip};

use crate::command::{Run, trailmeter, trailmeter_on};

const DETECTOR: &str = r#"name: RootLogin
title: t
what: w
why: y
sources: [https://docs.aws.amazon.com/]
logs: cloudtrail
pattern: '{ ($.eventName = "ConsoleLogin") && ($.error NOT EXISTS) && (($.n > 5) || ($.who != "alice") || ($.p.q = "x*")) }'
exclude:
  - { name: Drill, owner: Security, reason: the yearly drill, expires: never, pattern: '{ $.drill IS TRUE }' }
  - { name: Old, owner: Platform, reason: long gone, expires: 2020-02-29, pattern: '{ $.old IS TRUE }' }
  - { name: Later, owner: Platform, reason: for now, expires: 9999-12-31, pattern: '{ $.later IS TRUE }' }
tests:
  - { name: a, match: true, record: { eventName: ConsoleLogin, n: 6 } }
  - { name: b, match: false, record: {} }
"#;

/// A detector's file, and records to explain with it.
struct Bench {
    folder: TempDir,
    detector: String,
}

impl Bench {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let detector = folder.path().join("root-login.yaml");
        fs::write(&detector, DETECTOR)?;
        Ok(Self { detector: detector.display().to_string(), folder })
    }

    fn file(&self, name: &str, bytes: &[u8]) -> Result<String> {
        let path: PathBuf = self.folder.path().join(name);
        fs::write(&path, bytes)?;
        Ok(path.display().to_string())
    }

    fn explain(&self, record: &[u8], options: &[&str]) -> Result<Run> {
        let record = self.file("record.json", record)?;
        trailmeter(&[&["explain", &self.detector, &record], options].concat())
    }

    fn verdict(&self, record: &Value) -> Result<(Option<i32>, Value)> {
        let run = self.explain(record.to_string().as_bytes(), &["--format", "json"])?;
        let explained = run.json()?["records"][0].clone();
        Ok((run.status, json!([explained["verdict"], explained["excluded_by"]])))
    }
}

#[test]
fn a_record_matches_or_not_and_the_exit_says_so() -> Result<()> {
    let bench = Bench::new()?;
    for (more, status, verdict, by) in [
        (json!({}), 1, "no-match", None),
        (json!({ "n": 6 }), 0, "match", None),
        (json!({ "n": "6" }), 1, "no-match", None),
        (json!({ "who": "alice" }), 1, "no-match", None),
        (json!({ "who": "bob" }), 0, "match", None),
        (json!({ "n": 6, "error": null }), 1, "no-match", None),
        (json!({ "n": 6, "drill": true }), 1, "excluded", Some("Drill")),
        (json!({ "n": 6, "old": true }), 0, "match", None),
        (json!({ "n": 6, "old": true, "later": true }), 1, "excluded", Some("Later")),
        (json!({ "drill": true }), 1, "no-match", None),
    ] {
        let mut record = json!({ "eventName": "ConsoleLogin" });
        for (key, value) in more.as_object().into_iter().flatten() {
            record[key] = value.clone();
        }
        assert_eq!(bench.verdict(&record)?, (Some(status), json!([verdict, by])), "{record}");
    }
    Ok(())
}

#[test]
fn the_tree_says_what_each_test_found() -> Result<()> {
    let bench = Bench::new()?;
    let long = "x".repeat(5000);
    let record = json!({
        "eventID": "e-1", "eventName": "ConsoleLogin", "error": "\u{1b}[31mred\n", "n": "7", "who": ["alice"],
        "p": null, "drill": true, "old": true, "unused": long,
    });
    let run = bench.explain(record.to_string().as_bytes(), &[])?;
    let expected = r#"RootLogin on the record: ConsoleLogin e-1
no   all of:
yes  ├─ $.eventName = "ConsoleLogin"   found "ConsoleLogin"
no   ├─ must not hold:
yes  │  └─ $.error exists   found "\u001b[31mred\n"
no   └─ at least one of:
no      ├─ $.n > 5   found "7", a string, of which this cannot be asked
no      ├─ $.who is there and not = "alice"   found ["alice"], an array, of which this cannot be asked
no      └─ $.p.q = "x*"   absent: $.p is null
no match: the rule does not match
"#;
    assert_eq!(run.stdout, expected);

    let record = json!({ "eventName": "ConsoleLogin", "p": { "q": long }, "drill": true, "old": true });
    let run = bench.explain(record.to_string().as_bytes(), &[])?;
    let cut = "x".repeat(199);
    let expected = format!(
        r#"RootLogin on the record: ConsoleLogin
yes  all of:
yes  ├─ $.eventName = "ConsoleLogin"   found "ConsoleLogin"
yes  ├─ must not hold:
no   │  └─ $.error exists   absent
yes  └─ at least one of:
no      ├─ $.n > 5   absent
no      ├─ $.who is there and not = "alice"   absent
yes     └─ $.p.q = "x*"   found "{cut}…
exclusion Drill (owner Security, never ends): takes it out
     reason: the yearly drill
yes  $.drill is true   found true
exclusion Old (owner Platform, ended on 2020-02-29): does not count any more, and would have taken it out
     reason: long gone
yes  $.old is true   found true
exclusion Later (owner Platform, holds until 9999-12-31): does not take it out
     reason: for now
no   $.later is true   absent
excluded: the rule matches, and Drill takes it out
"#
    );
    assert_eq!(run.stdout, expected);
    Ok(())
}

#[test]
fn a_record_comes_alone_in_an_event_or_in_a_log() -> Result<()> {
    let bench = Bench::new()?;
    let good = r#"{"eventName":"ConsoleLogin","n":6,"eventID":"AB-1"}"#;
    let other = r#"{"eventName":"Other","eventID":"ab-2"}"#;
    let log = format!(r#"{{"Records":[{other},{good},{{"eventName":7}},{good}]}}"#);
    let event = format!(r#"{{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":{good}}}"#);
    let zipped = gzip(log.as_bytes())?;
    for (name, bytes, options, status, verdicts) in [
        ("alone", good.as_bytes(), &[][..], 0, json!([[null, "match"]])),
        ("alone, with a mark", format!("\u{feff}{good}\n").as_bytes(), &[], 0, json!([[null, "match"]])),
        ("alone, by its id", good.as_bytes(), &["--event-id", "ab-1"], 0, json!([[null, "match"]])),
        ("alone, by another id", good.as_bytes(), &["--event-id", "x"], 2, json!(null)),
        ("alone, as the second", good.as_bytes(), &["--record", "2"], 2, json!(null)),
        ("in an event", event.as_bytes(), &[], 0, json!([[null, "match"]])),
        ("in an array", format!("[{good}]").as_bytes(), &[], 0, json!([[1, "match"]])),
        (
            "in a log",
            log.as_bytes(),
            &[],
            0,
            json!([[1, "no-match"], [2, "match"], [3, "malformed"], [4, "match"]]),
        ),
        (
            "in a log, by its id",
            log.as_bytes(),
            &["--event-id", "AB-1"],
            0,
            json!([[2, "match"], [4, "match"]]),
        ),
        ("in a log, by its place", log.as_bytes(), &["--record", "1"], 1, json!([[1, "no-match"]])),
        ("in a log, a malformed one", log.as_bytes(), &["--record", "3"], 2, json!([[3, "malformed"]])),
        ("in a log, behind its end", log.as_bytes(), &["--record", "5"], 2, json!(null)),
        ("in a gzipped log", &zipped, &["--record", "2"], 0, json!([[2, "match"]])),
    ] {
        let run = bench.explain(bytes, &[&["--format", "json"], options].concat())?;
        assert_eq!(run.status, Some(status), "{name}: {}{}", run.stdout, run.stderr);
        let found = match run.json() {
            Ok(found) => found["records"].as_array().map_or(Value::Null, |records| {
                records.iter().map(|one| json!([one["record"], one["verdict"]])).collect()
            }),
            Err(_) => Value::Null,
        };
        assert_eq!(found, verdicts, "{name}: {}", run.stderr);
    }
    Ok(())
}

/// A value is explained as it was delivered, which decides for `|contains` on an object.
#[test]
fn the_source_of_a_record_is_kept_on_every_way() -> Result<()> {
    let bench = Bench::new()?;
    let rule = "sigma:\n  detection:\n    call:\n      requestParameters|contains: '\"b\":1.0,\"a\"'\n    condition: call";
    let start = DETECTOR.find("pattern:").unwrap_or_default();
    let end = DETECTOR.find("exclude:").unwrap_or_default();
    let text = format!("{}{rule}\n{}", &DETECTOR[..start], &DETECTOR[end..]);
    let detector = bench.file("sigma.yaml", text.as_bytes())?;
    let record = r#"{"requestParameters": {"b" : 1.0, "a":2}}"#;
    for text in [
        record.to_owned(),
        format!(r#"{{"detail-type":"x","detail":{record}}}"#),
        format!(r#"{{"Records":[{record}]}}"#),
    ] {
        let path = bench.file("delivered.json", text.as_bytes())?;
        let run = trailmeter(&["explain", &detector, &path])?;
        assert_eq!(run.status, Some(0), "{text}: {}{}", run.stdout, run.stderr);
    }
    Ok(())
}

#[test]
fn what_is_no_record_is_refused_with_what_is_wrong() -> Result<()> {
    let bench = Bench::new()?;
    let huge = format!(r#"{{"a":"{}"}}"#, "x".repeat(5 << 20));
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let many = format!(r#"{{"Records":[{}{{}}]}}"#, "{},".repeat(2000));
    let huge_in_log = format!(r#"{{"Records":[{huge}]}}"#);
    for (name, bytes, part) in [
        ("nothing", &b""[..], "empty"),
        ("binary", &not_gzip(), "no JSON"),
        ("words", b"hello", "no JSON: expected value at line 1 column 1"),
        ("a comma too many", b"{\n\"a\":1,}", "line 2 column 7"),
        ("cut off", b"{\"a\":", "EOF"),
        ("two records", b"{}\n{}", "trailing characters at line 2 column 1"),
        ("a number", b"7", "neither gzip nor a JSON object"),
        ("no records", b"{\"Records\":[]}", "no record among its 0 records"),
        ("another Records", b"{\"Records\":{}}", "`Records` is not an array"),
        ("a malformed record", br#"{"userIdentity":"root"}"#, "malformed (wrong-type)"),
        ("a gzipped record", &gzip(b"{}")?, "it has no `Records`"),
        ("a huge record", huge.as_bytes(), "larger than 4 MiB"),
        ("a deep record", deep.as_bytes(), "recursion limit"),
        ("too many records", many.as_bytes(), "there are 2001 records: choose one"),
        ("a huge record in a log", huge_in_log.as_bytes(), ""),
    ] {
        let run = bench.explain(bytes, &[])?;
        assert_eq!(run.status, Some(2), "{name}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(part), "{name}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{name}: {}", run.stderr);
    }
    for bad in all()? {
        let run = bench.explain(&bad.body, &[])?;
        assert!(matches!(run.status, Some(0..=2)), "{}: {}", bad.name, run.stderr);
        assert!(!run.stderr.contains("panicked"), "{}: {}", bad.name, run.stderr);
    }
    Ok(())
}

#[test]
fn a_detector_is_found_by_its_name_or_its_file() -> Result<()> {
    let bench = Bench::new()?;
    let record = bench.file("record.json", br#"{"eventName":"ConsoleLogin","n":6}"#)?;
    let two = bench
        .file("two.yaml", format!("{DETECTOR}---\n{}", DETECTOR.replace("RootLogin", "Other")).as_bytes())?;
    let bad = bench.file("bad.yaml", DETECTOR.replace("($.n > 5)", "($.n >> 5)").as_bytes())?;
    let folder = bench.folder.path().display().to_string();
    for (arguments, status, part) in [
        (&["AccessDenied", &record][..], 1, "AccessDenied on the record"),
        (
            &["AccessDenied", &record, "--pack", "activity"],
            2,
            "there is no detector \"AccessDenied\" among the 4",
        ),
        (&["accessdenied", &record], 2, "did you mean AccessDenied"),
        (&["", &record], 2, "there is no detector \"\""),
        (&["RootLogin", &record, "--detectors", &bench.detector], 0, "RootLogin on the record"),
        (&["Other", &record, "--detectors", &two], 0, "Other on the record"),
        (&["Third", &record, "--detectors", &folder], 2, "more cannot be used"),
        (&[&two, &record], 2, "two.yaml holds 2 detectors"),
        (&[&bad, &record], 2, "bad.yaml:7:"),
        (&["/nowhere.yaml", &record], 2, "/nowhere.yaml"),
        (&[&record, &record], 2, "record.json"),
        (&["AccessDenied", "/nowhere.json"], 2, "/nowhere.json: No such file"),
        (&["AccessDenied", &folder], 2, "Is a directory"),
        (&["AccessDenied", &record, "--pack", "nope"], 2, "the packs are"),
        (&["AccessDenied", &record, "--record", "0"], 2, "--record"),
        (&["AccessDenied", &record, "--record", "1", "--event-id", "x"], 2, "cannot be used with"),
    ] {
        let run = trailmeter(&[&["explain"], arguments].concat())?;
        assert_eq!(run.status, Some(status), "{arguments:?}: {}{}", run.stdout, run.stderr);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
    Ok(())
}

#[test]
fn standard_input_is_read_as_a_file_is() -> Result<()> {
    let bench = Bench::new()?;
    let record = br#"{"eventName":"ConsoleLogin","n":6}"#;
    let run = trailmeter_on(record, &["explain", &bench.detector, "-"])?;
    assert_eq!(
        (run.status, run.stdout.contains("match: RootLogin counts it")),
        (Some(0), true),
        "{}",
        run.stderr
    );
    let run = trailmeter_on(b"{", &["explain", &bench.detector, "-"])?;
    assert_eq!((run.status, run.stderr.contains("standard input")), (Some(2), true), "{}", run.stderr);
    Ok(())
}

/// What `explain` says of a record is what `test` and `scan` say of it.
#[test]
fn every_packaged_test_is_explained_as_it_comes_out() -> Result<()> {
    let tested = trailmeter(&["test", "--pack", "default", "--format", "json"])?.json()?;
    let mut input = tempfile::NamedTempFile::new()?;
    let text = fs::read_to_string(crate::support::root().join("detectors/default/access-denied.yaml"))?;
    let whole: Value = serde_saphyr::from_str(&text)?;
    // Some are lines of an access log.
    let is_record: Vec<bool> =
        whole["tests"].as_array().into_iter().flatten().map(|test| test["record"].is_object()).collect();
    let records = whole["tests"].as_array().into_iter().flatten().map(|test| &test["record"]);
    let records: Vec<&Value> = records.filter(|record| record.is_object()).collect();
    input.write_all(json!({ "Records": records }).to_string().as_bytes())?;
    let explained =
        trailmeter(&["explain", "AccessDenied", &input.path().display().to_string(), "--format", "json"])?
            .json()?;
    let verdicts = |list: &Value, key: &str| -> Vec<Value> {
        list.as_array().into_iter().flatten().map(|one| one[key].clone()).collect()
    };
    let of_tests = tested["detectors"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|detector| detector["name"] == "AccessDenied")
        .map(|detector| verdicts(&detector["tests"], "found"))
        .unwrap_or_default();
    let of_tests: Vec<Value> = of_tests
        .into_iter()
        .zip(is_record)
        .filter(|(_, is_record)| *is_record)
        .map(|(found, _)| found)
        .collect();
    assert!(of_tests.len() > 5);
    // A malformed record is what some tests are about: to them it is no match.
    let of_records: Vec<Value> = verdicts(&explained["records"], "verdict")
        .into_iter()
        .map(|verdict| if verdict == "malformed" { json!("no-match") } else { verdict })
        .collect();
    assert_eq!(of_records, of_tests);
    Ok(())
}
