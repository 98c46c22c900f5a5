//! What a month costs: `trailmeter cost` against figures worked out by hand, and against `scan`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;
use trailmeter_testkit::generate::{Corpus, Plan};

use crate::command::{Run, Scan, shared_material, trailmeter};
use crate::support::root;

/// Runs `trailmeter cost` on some paths, for JSON.
fn cost(paths: &[&Path], options: &[&str]) -> Result<Run> {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let arguments = ["cost", "--format", "json"].into_iter().chain(options.iter().copied());
    trailmeter(&arguments.chain(paths.iter().map(String::as_str)).collect::<Vec<_>>())
}

fn event(time: &str, error: &str, who: &str) -> String {
    format!(r#"{{"eventID":"{time}-{who}","eventTime":"{time}","errorCode":"{error}","who":"{who}"}}"#)
}

/// Three deliveries in three days, and a detector that counts three of their five events under
/// three series. Each of the three is an event of its own, in two of the deliveries.
struct Sample {
    folder: TempDir,
    detectors: TempDir,
    bytes: usize,
}

impl Sample {
    fn new() -> Result<Self> {
        let (folder, detectors) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let files = [
            [
                event("2026-11-01T00:00:10Z", "AccessDenied", "alice"),
                event("2026-11-01T00:00:40Z", "AccessDenied", "mallory"),
            ],
            [
                event("2026-11-01T01:30:00Z", "AccessDenied", "alice"),
                event("2026-11-01T02:00:00Z", "Throttling", "alice"),
            ],
            // Not counted, and three days after the first.
            [event("2026-11-04T00:00:10Z", "Throttling", "bob"), "null".to_owned()],
        ];
        for (name, records) in ["a.json", "b.json", "c.json"].iter().zip(&files) {
            fs::write(folder.path().join(name), format!(r#"{{"Records":[{}]}}"#, records.join(",")))?;
        }
        fs::write(
            detectors.path().join("denied.yaml"),
            "name: Denied\ntitle: t\nwhat: w\nwhy: y\nsources: [https://docs.aws.amazon.com/]\nlogs: cloudtrail\n\
             pattern: '{ $.errorCode = \"AccessDenied\" }'\ndimensions:\n  - Who: $.who\n\
             alarm: { description: d, threshold: 1 }\n\
             tests:\n  - { name: a, match: true, record: { errorCode: AccessDenied } }\n  \
             - { name: b, match: false, record: { errorCode: Other } }\n",
        )?;
        Ok(Self { folder, detectors, bytes: files.iter().flatten().map(String::len).sum() })
    }

    fn cost(&self, options: &[&str]) -> Result<Run> {
        let detectors = self.detectors.path().display().to_string();
        cost(&[self.folder.path()], &[&["--detectors", &detectors], options].concat())
    }

    /// The result of a run that has nothing to complain about.
    fn json(&self, options: &[&str]) -> Result<Value> {
        let run = self.cost(options)?;
        assert_eq!(run.status, Some(0), "{options:?}: {}", run.stderr);
        assert_eq!(run.stderr, "", "{options:?}");
        run.json()
    }
}

fn close(found: &Value, expected: f64) -> bool {
    // What is printed is rounded to a millionth.
    found.as_f64().is_some_and(|found| (found - expected).abs() < 1.5e-6)
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred bytes")]
#[test]
fn a_month_costs_what_it_costs_by_hand() -> Result<()> {
    let sample = Sample::new()?;
    let found = sample.json(&[])?;
    assert_eq!(found["records"], 6);
    assert_eq!(found["record_bytes"], sample.bytes);
    assert_eq!(
        found["time"],
        json!({
            "first": "2026-11-01T00:00:10Z", "last": "2026-11-04T00:00:10Z", "days": 3.0, "days_given": false,
        })
    );
    // Denied:     00:00, 01:30      in the hours 0 and 1
    //   alice:    00:00, 01:30      in the hours 0 and 1
    //   mallory:  00:00             in the hour 0
    // 5 hours of series x 10 (30 days / 3) / 720 x $0.30, and an alarm.
    let denied = 5.0 * 10.0 / 720.0 * 0.30 + 0.10;
    let detector = &found["detectors"]["Denied"];
    assert!(close(&detector["usd"], denied), "{detector}");
    let mut figures = detector.clone();
    figures.as_object_mut().context("no object")?.remove("usd");
    let expected = json!({
        "matches": 3, "series": 3, "datapoints": 5, "series_hours": 5, "dimension_values": { "Who": 2 },
        "alarm": "own", "over_budget": false,
    });
    assert_eq!(figures, expected);
    // The pipeline's own, at the newest event of each file: ObjectsIn, ObjectsRead, RecordsRead and
    // DeliveryLag in three hours, RecordsMatched in two, RecordsUnmatched in two, and
    // RecordsMalformed with its reason in one: 18.
    assert_eq!(
        found["replayed"],
        json!({
            "invocations": 3, "metric_requests": 3, "series": 11, "series_hours": 23, "pipeline_series": 8,
        })
    );

    let bytes = sample.bytes as f64;
    let gb = f64::from(1 << 30);
    let own_log = 30.0 * 1500.0 / gb;
    // Objects for 35 days, matches for one, and each for two more until DynamoDB takes it out.
    let ledger = 10.0 * 3.0 * (37.0 * 550.0 + 3.0 * 250.0) / 30.0 / gb;
    let ours = [
        ("metrics", 23.0 * 10.0 / 720.0, 0.30),
        ("metric_requests", 30.0, 0.01 / 1e3),
        // Those on the pipeline, and the detector's.
        ("alarms", 12.0 + 1.0, 0.10),
        ("dashboards", 1.0, 3.0),
        ("invocations", 30.0, 0.20 / 1e6),
        ("compute", 10.0 * (bytes / 25e6 + 3.0 * 0.1), 0.000_013_333_4),
        ("object_reads", 30.0, 0.0004 / 1e3),
        // Each sent, received and deleted; and the polls of an idle queue.
        ("queue_requests", 10.0 * 9.0 + 648_000.0, 0.40 / 1e6),
        ("decryptions", 30.0, 0.03 / 1e4),
        ("keys", 2.0, 1.0),
        ("log_ingestion", own_log, 0.50),
        ("log_storage", own_log * 0.15, 0.03),
        // Three objects with three writes each, three matches with two.
        ("ledger_writes", 10.0 * (3.0 * 3.0 + 3.0 * 2.0), 0.625 / 1e6),
        ("ledger_reads", 10.0 * 3.0 * 0.5, 0.125 / 1e6),
        ("ledger_storage", ledger, 0.25),
        ("ledger_backup", ledger, 0.20),
    ];
    let theirs = [
        ("metrics", 5.0 * 10.0 / 720.0, 0.30),
        ("alarms", 1.0, 0.10),
        ("dashboards", 1.0, 3.0),
        ("log_ingestion", 10.0 * bytes / gb, 0.50),
        ("log_storage", 10.0 * bytes / gb * 0.15, 0.03),
    ];
    for (whose, lines) in [("trailmeter", &ours[..]), ("cloudwatch_logs", &theirs)] {
        let bill = &found["month"][whose];
        for (word, quantity, price) in lines {
            let item = &bill["items"][word];
            assert!(close(&item["quantity"], *quantity), "{whose} {word}: {item}, expected {quantity}");
            assert!(close(&item["usd"], quantity * price), "{whose} {word}: {item}");
        }
        assert_eq!(bill["items"].as_object().map(serde_json::Map::len), Some(lines.len()), "{bill}");
        let total: f64 = lines.iter().map(|(_, quantity, price)| quantity * price).sum();
        assert!(close(&bill["usd"], total), "{whose}: {bill}, expected {total}");
    }
    Ok(())
}

/// What each option changes, as the pointer to a figure and its value.
#[test]
fn options_say_how_it_is_deployed() -> Result<()> {
    let sample = Sample::new()?;
    let ours = "/month/trailmeter/items";
    for (options, figures) in [
        (
            &["--days", "30"][..],
            vec![("/time/days", json!(30.0)), (&format!("{ours}/object_reads/quantity"), json!(3.0))],
        ),
        (&["--days", "30"], vec![("/time/days_given", json!(true)), ("/notes", json!([]))]),
        (
            &["--objects-per-invocation", "2", "--days", "30"],
            vec![
                ("/replayed/invocations", json!(2)),
                ("/replayed/metric_requests", json!(2)),
                // 3 sent, 2 x received and deleted.
                (&format!("{ours}/queue_requests/quantity"), json!(648_007.0)),
            ],
        ),
        (
            &["--objects-per-invocation", "3", "--dimension-values", "1"],
            // Denied, alice, __other__: of one invocation the first value is kept.
            vec![("/detectors/Denied/series", json!(3)), ("/replayed/invocations", json!(1))],
        ),
        (
            &["--dimension-values", "0"],
            vec![
                ("/detectors/Denied/series", json!(2)),
                ("/detectors/Denied/dimension_values", json!({ "Who": 1 })),
            ],
        ),
        (
            &["--timestamps", "both"],
            vec![("/detectors/Denied/series", json!(6)), ("/detectors/Denied/datapoints", json!(10))],
        ),
        (&["--timestamps", "event"], vec![("/detectors/Denied/series", json!(3))]),
        (
            &["--no-log-key"],
            vec![
                (&format!("{ours}/decryptions"), Value::Null),
                (&format!("{ours}/keys/quantity"), json!(1.0)),
            ],
        ),
        (
            // One metric more, in the hours of the detector's own; and the one alarm looks at it.
            &["--loaded"],
            vec![
                ("/detectors/Denied/alarm", json!("shared")),
                // 5 hours of its own series and 2 of that one, x 10 / 720 x $0.30, and $0.10.
                ("/detectors/Denied/usd", json!(0.129_167)),
                ("/detectors/Denied/series", json!(3)),
                ("/replayed/series_hours", json!(25)),
                (&format!("{ours}/query_alarm_metrics/quantity"), json!(1.0)),
                ("/month/cloudwatch_logs/items/alarms/quantity", json!(1.0)),
            ],
        ),
        (&["--count-duplicates"], vec![("/detectors/Denied/matches", json!(3))]),
        (&["--days", "30"], vec![(&format!("{ours}/ledger_writes/quantity"), json!(15.0))]),
        (
            &["--days", "30", "--ledger", "object"],
            vec![
                (&format!("{ours}/ledger_writes/quantity"), json!(9.0)),
                (&format!("{ours}/ledger_reads"), Value::Null),
            ],
        ),
        (
            &["--ledger", "off"],
            vec![
                (&format!("{ours}/ledger_writes"), Value::Null),
                (&format!("{ours}/ledger_storage"), Value::Null),
            ],
        ),
    ] as [(&[&str], Vec<(&str, Value)>); 13]
    {
        let found = sample.json(options)?;
        for (pointer, expected) in figures {
            let figure = found.pointer(pointer).unwrap_or(&Value::Null);
            assert_eq!(*figure, expected, "{options:?}: {pointer} in {found}");
        }
    }
    Ok(())
}

#[test]
fn a_detector_over_its_budget_is_named_with_its_widest_dimension() -> Result<()> {
    let sample = Sample::new()?;
    let run = sample.cost(&["--series-budget", "2"])?;
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("Denied has 3 series, and the budget is 2; its dimension Who alone has 2 values"),
        "{}",
        run.stderr
    );
    assert_eq!(run.json()?["detectors"]["Denied"]["over_budget"], true);

    let detectors = sample.detectors.path().display().to_string();
    let folder = sample.folder.path().display().to_string();
    let table = trailmeter(&["cost", "--series-budget", "2", "--detectors", &detectors, &folder])?;
    assert_eq!(table.status, Some(1));
    assert!(table.stdout.contains("OVER BUDGET, Who 2"), "{}", table.stdout);
    for text in [&run.stdout, &run.stderr, &table.stdout, &table.stderr] {
        assert!(!text.contains("mallory") && !text.contains("alice"), "content of logs in {text}");
    }
    Ok(())
}

#[test]
fn the_table_ends_in_totals_and_what_they_take_for_granted() -> Result<()> {
    let sample = Sample::new()?;
    let detectors = sample.detectors.path().display().to_string();
    let folder = sample.folder.path().display().to_string();
    let found = sample.json(&[])?;
    let run = trailmeter(&["cost", "--detectors", &detectors, &folder])?;
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let total = |whose: &str| found["month"][whose]["usd"].as_f64().unwrap_or(0.0);
    for part in [
        format!(
            "Trailmeter costs ${:.2} a month, CloudWatch Logs with metric filters ${:.2}.",
            total("trailmeter"),
            total("cloudwatch_logs")
        ),
        "read     3 objects, 6 records".to_owned(),
        "3 days, scaled to a month of 30".to_owned(),
        "list prices of us-east-1, 2026-11, without free tiers".to_owned(),
        "https://aws.amazon.com/cloudwatch/pricing/".to_owned(),
    ] {
        assert!(run.stdout.contains(&part), "{part} in {}", run.stdout);
    }
    let (figures, _) = run.stdout.split_once("takes for granted").context("no assumptions")?;
    assert!(!figures.contains(" -0"), "an amount below zero: {figures}");
    Ok(())
}

#[test]
fn logs_that_say_little_of_a_month_are_named_as_such() -> Result<()> {
    for (name, records, days, note) in [
        ("one event", vec![event("2026-11-01T00:00:10Z", "x", "a")], json!(0.041_667), "less than a day"),
        (
            "mostly empty",
            vec![event("2026-11-01T00:00:10Z", "x", "a"), event("2026-11-11T00:00:10Z", "x", "a")],
            json!(10.0),
            "most of the time between",
        ),
        ("no times", vec!["{}".to_owned()], Value::Null, "no event says when"),
    ] {
        let folder = tempfile::tempdir()?;
        for (at, record) in records.iter().enumerate() {
            fs::write(folder.path().join(format!("{at}.json")), format!(r#"{{"Records":[{record}]}}"#))?;
        }
        let found = cost(&[folder.path()], &[])?.json()?;
        assert_eq!(found["time"]["days"], days, "{name}");
        let notes = found["notes"].as_array().context("no notes")?;
        assert!(
            notes.len() == 1 && notes[0].as_str().is_some_and(|text| text.contains(note)),
            "{name}: {notes:?}"
        );
        let given = cost(&[folder.path()], &["--days", "7"])?.json()?;
        assert_eq!((&given["time"]["days"], &given["notes"]), (&json!(7.0), &json!([])), "{name}");
    }
    Ok(())
}

#[test]
fn nothing_to_read_costs_what_an_idle_deployment_costs() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let run = cost(&[folder.path()], &[])?;
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let found = run.json()?;
    assert!(found["notes"][0].as_str().is_some_and(|note| note.contains("nothing to read")), "{found}");
    let words = |whose: &str| -> Vec<String> {
        found["month"][whose]["items"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(word, _)| word.clone())
            .collect()
    };
    assert_eq!(words("trailmeter"), ["alarms", "dashboards", "queue_requests", "keys"]);
    assert_eq!(words("cloudwatch_logs"), ["alarms", "dashboards"]);
    Ok(())
}

#[test]
fn a_file_that_fails_is_named_and_the_rest_is_replayed() -> Result<()> {
    let sample = Sample::new()?;
    fs::write(sample.folder.path().join("bad.json"), r#"{"Records":["#)?;
    let run = sample.cost(&["--series-budget", "2"])?;
    // That the figures are not whole is the worse of the two.
    assert_eq!(run.status, Some(3));
    assert!(run.stderr.contains("bad.json: the JSON is cut off"), "{}", run.stderr);
    assert!(run.stderr.contains("Denied has 3 series"), "{}", run.stderr);
    let found = run.json()?;
    assert_eq!(found["objects"], json!({ "read": 3, "skipped": {}, "failed": { "truncated-json": 1 } }));
    assert_eq!(found["detectors"]["Denied"]["matches"], 3);
    assert!(found["notes"][0].as_str().is_some_and(|note| note.contains("failed")), "{found}");

    let nowhere = cost(&[Path::new("/nowhere")], &[])?;
    assert_eq!(nowhere.status, Some(3));
    assert!(nowhere.stderr.contains("/nowhere: No such file"), "{}", nowhere.stderr);
    Ok(())
}

/// A generated corpus with everything in it: the same matches as `scan`, and a message for each
/// digest.
#[test]
fn a_generated_corpus_is_counted_as_scan_counts_it() -> Result<()> {
    let corpus = Corpus::generate(&Plan::with_everything(11))?;
    let folder = tempfile::tempdir()?;
    for file in &corpus.files {
        let path = folder.path().join(&file.key);
        fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        fs::write(path, &file.body)?;
    }
    let truth = &corpus.truth;
    let found = cost(&[folder.path()], &["--pack", "default", "--pack", "activity"])?.json()?;
    for (name, counts) in &truth.both_packs.distinct.detectors {
        let detector = &found["detectors"][name];
        assert_eq!(detector["matches"], counts.matches, "{name}");
        assert_eq!(detector["series"] == 0, counts.matches == 0, "{name}: {detector}");
    }
    assert_eq!(found["records"], truth.both_packs.distinct.records.read);
    let read = truth.objects.read;
    assert_eq!(found["replayed"]["invocations"], read + truth.objects.skipped["digest"]);
    // What `Records` is wrapped in is no record, nor is the comma between two.
    let bytes = found["record_bytes"].as_u64().unwrap_or(0);
    let wrapping = truth.inflated_bytes - bytes;
    assert_eq!(
        wrapping,
        r#"{"Records":[]}"#.len() as u64 * read + truth.both_packs.distinct.records.read - read
    );
    for threads in ["1", "3"] {
        let again =
            cost(&[folder.path()], &["--pack", "default", "--pack", "activity", "--threads", threads])?;
        assert_eq!(again.json()?, found, "{threads} threads");
    }
    Ok(())
}

#[test]
fn real_records_are_counted_as_scan_counts_them() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let real = material.join("data/real");
    let scanned = Scan::of(&[&real]).pack("default").pack("activity").json()?;
    let found = cost(&[&real], &["--pack", "default", "--pack", "activity"])?.json()?;
    let mut matches = 0;
    for (name, counts) in scanned["detectors"].as_object().context("no detectors")? {
        let detector = &found["detectors"][name];
        assert_eq!(detector["matches"], counts["matches"], "{name}");
        let count = |key: &str| detector[key].as_u64().unwrap_or(0);
        assert!(count("series") <= count("series_hours"), "{name}: {detector}");
        assert!(count("series_hours") <= count("datapoints"), "{name}: {detector}");
        matches += count("matches");
    }
    assert!(matches > 100, "a corpus without matches proves nothing");
    assert_eq!(found["records"], scanned["records"]["read"]);
    Ok(())
}

/// The bill knows what the template makes.
#[test]
fn alarms_and_dashboards_are_those_of_the_template() -> Result<()> {
    let template = fs::read_to_string(root().join("template.yaml"))?;
    let (by_hand, _) = template.split_once("# BEGIN generated").context("no generated block")?;
    let folder = tempfile::tempdir()?;
    let packs: Vec<String> = fs::read_dir(root().join("detectors"))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    let options: Vec<&str> = packs.iter().flat_map(|pack| ["--pack", pack.as_str()]).collect();
    let found = cost(&[folder.path()], &options)?.json()?;
    let items = &found["month"]["trailmeter"]["items"];
    let own =
        found["detectors"].as_object().into_iter().flatten().filter(|(_, one)| one["alarm"] == "own").count();
    let condition = |alarm: &'_ str| -> Option<String> {
        let head = alarm.lines().take_while(|line| *line != "    Properties:");
        head.filter_map(|line| line.strip_prefix("    Condition: ")).map(str::to_owned).next()
    };
    let conditions: Vec<Option<String>> =
        by_hand.split("Type: AWS::CloudWatch::Alarm\n").skip(1).map(condition).collect();
    let on_condition = |name: Option<&str>| conditions.iter().filter(|one| one.as_deref() == name).count();
    // With the ledger and notices, which are on unless they are turned off.
    let always = on_condition(None) + on_condition(Some("HasLedger")) + on_condition(Some("Notifies")) + own;
    assert_eq!(items["alarms"]["quantity"].to_string(), format!("{always}.0"), "see PIPELINE_ALARMS");
    let dashboards = template.matches("Type: AWS::CloudWatch::Dashboard").count();
    assert_eq!(items["dashboards"]["quantity"].to_string(), format!("{dashboards}.0"), "see DASHBOARDS");
    let loaded = cost(&[folder.path()], &[options.as_slice(), &["--loaded"]].concat())?.json()?;
    let always = always + on_condition(Some("LoadsDetectors"));
    let found = &loaded["month"]["trailmeter"]["items"]["alarms"]["quantity"];
    assert_eq!(found.to_string(), format!("{always}.0"), "see LOADING_ALARMS");
    // The one that is paid for by the metrics it looks at.
    assert_eq!(on_condition(Some("WatchesLoadedDetectors")), 1);
    Ok(())
}
