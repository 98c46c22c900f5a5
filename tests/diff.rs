//! `trailmeter diff`: what another set of detectors would change, against `scan` and `cost`.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use tempfile::TempDir;
use trailmeter_testkit::generate::{Corpus, Plan};

use crate::command::{Run, trailmeter};
use crate::support::{World, cloud, key, root};

fn detector(name: &str, pattern: &str, more: &str) -> String {
    format!(
        "name: {name}\ntitle: t\nwhat: w\nwhy: y\nsources: [s]\nlogs: cloudtrail\npattern: '{pattern}'\n{more}\
         alarm: {{ description: d }}\n\
         tests:\n  - {{ name: a, match: true, record: {{}} }}\n  - {{ name: b, match: false, record: {{}} }}\n"
    )
}

/// Logs, and two sets of detectors that differ in every way.
struct Bench(TempDir);

impl Bench {
    fn new() -> Result<Self> {
        let bench = Self(tempfile::tempdir()?);
        for folder in ["logs", "old", "new"] {
            fs::create_dir(bench.0.path().join(folder))?;
        }
        let event = |id: &str, error: &str| {
            format!(
                r#"{{"eventID":"{id}","eventTime":"2026-11-01T00:00:10Z","errorCode":"{error}","who":"{id}"}}"#
            )
        };
        let mut first: Vec<String> =
            (0..8).map(|at| event(&format!("other-{at}"), "AccessDeniedException")).collect();
        first.extend([event("exact", "AccessDenied"), event("robot", "AccessDenied"), event("fine", "")]);
        // What has no id counts each time and cannot be named.
        first.push(r#"{"errorCode":"AccessDeniedException"}"#.to_owned());
        let second =
            [event("other-0", "AccessDeniedException"), event("exact", "AccessDenied"), "null".to_owned()];
        bench.write("logs/a.json", &format!(r#"{{"Records":[{}]}}"#, first.join(",")))?;
        bench.write("logs/b.json", &format!(r#"{{"Records":[{}]}}"#, second.join(",")))?;
        let exclude = "exclude: [{ name: Robot, owner: o, reason: r, expires: never, pattern: '{ $.who = \"robot\" }' }]\n";
        for (path, text) in [
            ("old/denied.yaml", detector("Denied", "{ $.errorCode = \"AccessDenied*\" }", "")),
            ("old/gone.yaml", detector("Gone", "{ $.errorCode = \"AccessDenied\" }", "")),
            ("old/same.yaml", detector("Same", "{ $.errorCode = \"AccessDenied\" }", "")),
            ("old/series.yaml", detector("Series", "{ $.errorCode = \"AccessDenied\" }", "")),
            ("new/denied.yaml", detector("Denied", "{ $.errorCode = \"AccessDenied\" }", exclude)),
            ("new/added.yaml", detector("Added", "{ $.errorCode = \"\" }", "")),
            // Another text of the same meaning changes nothing.
            ("new/same.yaml", detector("Same", "{ ($.errorCode = \"AccessDenied\") }", "")),
            (
                "new/series.yaml",
                detector("Series", "{ $.errorCode = \"AccessDenied\" }", "dimensions: [{ Who: $.who }]\n"),
            ),
        ] {
            bench.write(path, &text)?;
        }
        Ok(bench)
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.0.path().join(path), text)?)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn diff(&self, old: &str, new: &str, options: &[&str]) -> Result<Run> {
        diff(&self.path(old), &self.path(new), &self.0.path().join("logs"), options)
    }
}

fn diff(old: &str, new: &str, logs: &Path, options: &[&str]) -> Result<Run> {
    trailmeter(&[&["diff", old, new, &logs.display().to_string()], options].concat())
}

#[test]
fn changes_are_told_by_detector_with_examples() -> Result<()> {
    let bench = Bench::new()?;
    let run = bench.diff("old", "new", &["--format", "json"])?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    let found = run.json()?;
    let shown = |name: &str| -> Value {
        let detector = &found["detectors"][name];
        let side = |side: &str| match &detector[side] {
            Value::Null => Value::Null,
            figures => json!([figures["matches"], figures["excluded"], figures["series"]]),
        };
        json!([
            detector["changes"],
            side("old"),
            side("new"),
            detector["newly_matched"],
            detector["no_longer_matched"]
        ])
    };
    let events = |count: u64, examples: &[&str]| json!({ "count": count, "examples": examples });
    let none = events(0, &[]);
    for (name, expected) in [
        (
            "Denied",
            json!([
                true,
                [11, 0, 1],
                [1, 1, 1],
                none,
                events(10, &["other-0", "other-1", "other-2", "other-3", "other-4"]),
            ]),
        ),
        ("Gone", json!([true, [2, 0, 1], null, none, events(2, &["exact", "robot"])])),
        ("Added", json!([true, null, [1, 0, 1], events(1, &["fine"]), none])),
        ("Same", json!([false, [2, 0, 1], [2, 0, 1], none, none])),
        ("Series", json!([true, [2, 0, 1], [2, 0, 3], none, none])),
    ] {
        assert_eq!(shown(name), expected, "{name}");
    }
    assert_eq!(found["objects"], json!({ "read": 2, "skipped": {}, "failed": {} }));
    Ok(())
}

#[test]
fn people_are_told_the_same() -> Result<()> {
    let bench = Bench::new()?;
    let run = bench.diff("old", "new", &["--days", "30"])?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    let rows: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    for expected in [
        "~ Denied 11 -> 1 0 10 0 -> 1 1 0.10",
        "- Gone 2 -> - 0 2 0 -> - 1 -> - 0.10 -> -",
        "+ Added - -> 1 1 0 - -> 0 - -> 1 - -> 0.10",
        "~ Series 2 0 0 0 1 -> 3 0.10",
        "Denied no longer matched: other-0, other-1, other-2, other-3, other-4, and 5 more",
        "Added newly matched: fine",
        "4 detector(s) change, 1 do not",
        "objects 2 read, 0 skipped, 0 failed; records 15 read",
    ] {
        assert!(rows.contains(&expected.split_whitespace().collect()), "{expected} in {}", run.stdout);
    }
    assert!(run.stdout.contains("scaled from 30.00 days of logs"), "{}", run.stdout);
    assert!(!run.stdout.contains("Same"), "{}", run.stdout);
    Ok(())
}

#[test]
fn the_same_set_changes_nothing() -> Result<()> {
    let bench = Bench::new()?;
    for (old, new) in [("old", "old"), ("new", "new"), ("old/same.yaml", "new/same.yaml")] {
        let run = bench.diff(old, new, &[])?;
        assert_eq!(run.status, Some(0), "{old} {new}: {}", run.stdout);
        assert!(
            run.stdout.contains(" 0 detector(s) change") || run.stdout.starts_with("0 detector(s) change")
        );
        assert!(run.stdout.contains("USD (+0.00)"), "{}", run.stdout);
    }
    Ok(())
}

/// Each side is what `scan` and `cost` find with that set alone.
#[test]
fn each_side_is_what_scan_and_cost_find() -> Result<()> {
    let corpus = Corpus::generate(&Plan::with_everything(11))?;
    let folder = tempfile::tempdir()?;
    for file in &corpus.files {
        let path = folder.path().join(&file.key);
        fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        fs::write(path, &file.body)?;
    }
    let logs = folder.path().display().to_string();
    let changed = tempfile::tempdir()?;
    for entry in fs::read_dir(root().join("detectors/default"))? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|name| *name != "pack.yaml" && *name != "sig-v2.yaml") {
            let text = fs::read_to_string(&path)?.replace("\"*UnauthorizedOperation\"", "\"*NoSuchThing\"");
            fs::write(changed.path().join(name), text)?;
        }
    }
    let new = changed.path().display().to_string();
    for more in [&[][..], &["--count-duplicates"]] {
        let found =
            diff("pack:default", &new, folder.path(), &[&["--format", "json"], more].concat())?.json()?;
        for (side, set) in [("old", ["--pack", "default"]), ("new", ["--detectors", new.as_str()])] {
            let of = |command: &str| -> Result<Value> {
                trailmeter(&[&[command, &logs, "--format", "json"], &set[..], more].concat())?.json()
            };
            let (scan, cost) = (of("scan")?, of("cost")?);
            let names = scan["detectors"].as_object().into_iter().flatten();
            assert!(names.clone().count() >= 7);
            for (name, counts) in names {
                let figures = &found["detectors"][name][side];
                assert_eq!(figures["matches"], counts["matches"], "{side} {name}");
                assert_eq!(figures["excluded"], counts["excluded"], "{side} {name}");
                assert_eq!(figures["series"], cost["detectors"][name]["series"], "{side} {name}");
                assert_eq!(figures["usd_a_month"], cost["detectors"][name]["usd"], "{side} {name}");
            }
            assert_eq!(found["usd_a_month"][side], cost["month"]["trailmeter"]["usd"], "{side}");
        }
        for (name, detector) in found["detectors"].as_object().into_iter().flatten() {
            let number = |value: &Value| value.as_i64().unwrap_or_default();
            let moved =
                number(&detector["newly_matched"]["count"]) - number(&detector["no_longer_matched"]["count"]);
            assert_eq!(
                number(&detector["new"]["matches"]) - number(&detector["old"]["matches"]),
                moved,
                "{name}"
            );
        }
        assert_eq!(found["detectors"]["SigV2"]["new"], Value::Null);
        assert!(found["detectors"]["AccessDenied"]["no_longer_matched"]["count"].as_u64() > Some(0));
    }
    Ok(())
}

#[test]
fn sets_are_files_folders_packs_and_lists_of_them() -> Result<()> {
    let bench = Bench::new()?;
    let (denied, gone) = (bench.path("old/denied.yaml"), bench.path("old/gone.yaml"));
    let logs = bench.0.path().join("logs");
    let names = |old: &str, new: &str| -> Result<usize> {
        let found = diff(old, new, &logs, &["--format", "json"])?.json()?;
        Ok(found["detectors"].as_object().map_or(0, serde_json::Map::len))
    };
    assert_eq!(names(&denied, &denied)?, 1);
    assert_eq!(names(&format!("{denied},{gone}"), &gone)?, 2);
    assert_eq!(names("pack:default", "pack:activity")?, 12);
    assert_eq!(names(&format!("pack:default,{gone}"), "pack:default,pack:activity")?, 13);
    for (old, new, part) in [
        ("pack:nope", "pack:default", "the old detectors: there is no pack \"nope\""),
        ("pack:default", "/nowhere", "the new detectors: cannot read detectors at /nowhere"),
        ("pack:default", "pack:default,", "names no detectors"),
        ("", "pack:default", "names no detectors"),
        (denied.as_str(), &format!("{denied},{denied}"), "already defined"),
    ] {
        let run = diff(old, new, &logs, &[])?;
        assert_eq!(run.status, Some(2), "{old} {new}: {}", run.stdout);
        assert!(run.stderr.contains(part), "{old} {new}: {}", run.stderr);
    }
    for arguments in [&["diff", "pack:default", "pack:default"][..], &["diff", "a", "b", "c", "--days", "0"]]
    {
        assert_eq!(trailmeter(arguments)?.status, Some(2), "{arguments:?}");
    }
    Ok(())
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_compared() -> Result<()> {
    let bench = Bench::new()?;
    bench.write("logs/bad.json", r#"{"Records":["#)?;
    let run = bench.diff("old", "new", &["--format", "json"])?;
    assert_eq!(run.status, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("bad.json: the JSON is cut off"), "{}", run.stderr);
    let found = run.json()?;
    assert_eq!(found["objects"]["failed"], json!({ "truncated-json": 1 }));
    assert_eq!(found["detectors"]["Gone"]["old"]["matches"], 2);

    let nothing = tempfile::tempdir()?;
    let run = diff("pack:default", "pack:default", nothing.path(), &[])?;
    assert_eq!(
        (run.status, run.stdout.contains("there was nothing to read")),
        (Some(0), true),
        "{}",
        run.stdout
    );
    Ok(())
}

/// Names from a log do not move the cursor.
#[test]
fn ids_are_made_fit_for_a_terminal() -> Result<()> {
    let bench = Bench::new()?;
    bench.write("logs/odd.json", r#"{"Records":[{"eventID":"\u001b[2Jodd","errorCode":""}]}"#)?;
    let run = bench.diff("old", "new", &[])?;
    assert!(run.stdout.contains("\\u{1b}[2Jodd") && !run.stdout.contains('\u{1b}'), "{}", run.stdout);
    Ok(())
}

#[tokio::test]
async fn a_bucket_is_read_once_for_both() -> Result<()> {
    let world = World::new("compared").await?;
    world
        .put(&key("one"), br#"{"Records":[{"eventID":"in-s3","errorCode":"AccessDeniedException"}]}"#)
        .await?;
    let environment = [
        ("AWS_ENDPOINT_URL", cloud().await?.endpoint()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let bench = Bench::new()?;
    let place = format!("s3://{}/", world.bucket);
    let arguments = ["diff", &bench.path("old"), &bench.path("new"), &place, "--format", "json"];
    let run = crate::command::trailmeter_with(&environment, &arguments)?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert_eq!(run.json()?["detectors"]["Denied"]["no_longer_matched"]["examples"], json!(["in-s3"]));
    Ok(())
}
