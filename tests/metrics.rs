//! What the settings do to the metrics, and the sums of a whole corpus.

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use trailmeter_testkit::bad_input::{good_record, gzip, not_gzip};
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::generate::{Corpus, Plan, Truth};
use trailmeter_testkit::runtime_api::Invocation;

use crate::counts::{Counts, read_back};
use crate::messages::{back, batch, cloudtrail, event_bridge, s3, sns};
use crate::support::{World, key};

/// All of everything, in batches of several shapes with a bad file in between: every sum is the
/// truth's, every series is one that belongs there, and everything adds up.
#[tokio::test]
async fn a_whole_corpus_sums_to_its_truth() -> Result<()> {
    let world = World::new("corpus").await?;
    let plan = Plan { files: 24, insight_files: 3, aggregated_files: 3, ..Plan::with_everything(21) };
    let corpus = Corpus::generate(&plan)?;
    for file in &corpus.files {
        world.put(&file.key, &file.body).await?;
    }
    world.put(&key("bad"), &not_gzip()).await?;

    let function = world.start(&[("TRAILMETER_PACKS", "default, activity")])?;
    let mut expected = Counts::default();
    for files in corpus.files.chunks(7) {
        let mut messages = vec![("bad", s3(&world.bucket, &key("bad")))];
        for (at, file) in files.iter().enumerate() {
            messages.push(match at % 3 {
                0 => ("s3", s3(&world.bucket, &file.key)),
                1 => ("event-bridge", event_bridge(&world.bucket, &file.key)),
                _ => ("cloudtrail", sns(&cloudtrail(&world.bucket, &[&file.key]))),
            });
        }
        assert_eq!(function.invoke(&batch(&messages))?.response()?, back(&["bad"]));
        let truth = Truth::of(files);
        expected.add_pack(&truth, &truth.both_packs);
        expected.add("ObjectsIn", 1);
        expected.add_reason("ObjectsFailed", "not-json", 1);
    }
    let counts = Counts::of(&world.cloudwatch)?;
    assert_eq!(counts, expected);
    let sum = |metrics: &[&str]| metrics.iter().map(|metric| counts.get(metric)).sum::<u64>();
    let records = sum(&["RecordsMatched", "RecordsUnmatched", "RecordsMalformed", "RecordsDuplicate"]);
    assert_eq!(counts.get("RecordsRead"), records);
    assert_eq!(counts.get("ObjectsIn"), sum(&["ObjectsRead", "ObjectsSkipped", "ObjectsFailed"]));
    // A test that counts nothing would pass as well: every one of these has to be there.
    for metric in ["RecordsDuplicate", "RecordsMalformed", "ObjectsSkipped", "KmsDecrypt", "RootUsage"] {
        assert!(counts.get(metric) > 0, "{metric}");
    }
    for detector in trailmeter_testkit::generate::Detector::ALL {
        assert!(counts.get(detector.name()) > 0, "{detector:?}");
    }
    read_back(world.cloud, &world.namespace, &world.cloudwatch).await
}

/// Nine denied calls: three in one minute, two in another, and four whose time is of no use.
fn at_all_times(now: Timestamp) -> Result<Vec<u8>> {
    let hours = SignedDuration::from_hours;
    let minute = now.as_second() / 60 * 60;
    let at = |time: Timestamp| format!(r#""{}""#, time.strftime("%Y-%m-%dT%H:%M:%SZ"));
    let in_minute = |back: i64, second| anyhow::Ok(at(Timestamp::from_second(minute - back * 60 + second)?));
    let times: Vec<String> = vec![
        in_minute(60, 0)?,
        in_minute(60, 30)?,
        in_minute(60, 59)?,
        in_minute(120, 0)?,
        in_minute(120, 1)?,
        at(now - hours(24 * 15)),
        at(now + hours(5)),
        r#""the ides of March""#.to_owned(),
        "null".to_owned(),
    ];
    let record =
        |(number, time): (usize, String)| good_record(number).replace(r#""2026-03-14T09:00:00Z""#, &time);
    let records: Vec<String> = times.into_iter().enumerate().map(record).collect();
    gzip(format!(r#"{{"Records":[{}]}}"#, records.join(",")).as_bytes())
}

#[tokio::test]
async fn timestamps_are_of_the_arrival_of_the_event_or_of_both() -> Result<()> {
    let world = World::new("times").await?;
    let before = Timestamp::now();
    world.put(&key("it"), &at_all_times(before)?).await?;
    let minute = before.as_second() / 60 * 60;
    // By setting: what arrival counts under NAME, what events count, and under which name.
    for (setting, arrival, event) in [
        ("arrival", Some(9), None),
        ("event", None, Some("AccessDenied")),
        ("both", Some(9), Some("AccessDenied.EventTime")),
    ] {
        world.cloudwatch.clear();
        let function = world.start(&[("TRAILMETER_TIMESTAMPS", setting)])?;
        let message = batch(&[("it", s3(&world.bucket, &key("it")))]);
        assert_eq!(function.invoke(&message)?.response()?, back(&[]), "{setting}");

        let mut expected = Counts::default();
        expected.add("ObjectsIn", 1);
        expected.add("ObjectsRead", 1);
        expected.add("RecordsRead", 9);
        expected.add("RecordsMatched", 9);
        expected.add("AccessDenied", arrival.unwrap_or(0));
        if let Some(name) = event {
            expected.add(name, 5);
            expected.add_reason("EventTimeRejected", "too-old", 1);
            expected.add_reason("EventTimeRejected", "ahead", 1);
            expected.add_reason("EventTimeRejected", "absent", 2);
        }
        assert_eq!(Counts::of(&world.cloudwatch)?, expected, "{setting}");

        let now = Timestamp::now();
        for point in world.cloudwatch.datapoints() {
            let time = format!("{}", point.timestamp.context("every point has a time")?).parse::<i64>()?;
            if Some(point.metric.as_str()) == event {
                let sum = if time == minute - 3600 { 3.0 } else { 2.0 };
                assert!([minute - 3600, minute - 7200].contains(&time), "{setting}: {point:?}");
                assert!((point.sum() - sum).abs() < 0.1, "{setting}: {point:?}");
            } else {
                assert!((before.as_second()..=now.as_second()).contains(&time), "{setting}: {point:?}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn points_stand_in_the_namespace_that_is_set() -> Result<()> {
    let world = World::new("namespaces").await?;
    for (variable, namespace) in [("", "Trailmeter"), ("Trailmeter/a-stack", "Trailmeter/a-stack")] {
        world.cloudwatch.clear();
        let function = world.start(&[("TRAILMETER_NAMESPACE", variable)])?;
        let event = batch(&[("gone", s3(&world.bucket, &key("gone")))]);
        assert_eq!(function.invoke(&event)?.response()?, back(&["gone"]));
        let points = world.cloudwatch.datapoints();
        assert!(!points.is_empty());
        for point in points {
            assert_eq!(point.namespace, namespace);
            assert_eq!(point.unit.as_deref(), Some("Count"), "{}", point.metric);
            // Standard resolution: a minute, which is also what no word means.
            assert!(matches!(point.storage_resolution, None | Some(60)));
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_setting_that_makes_no_sense_ends_the_start_and_says_so() -> Result<()> {
    let world = World::new("settings").await?;
    for (variable, value, says) in [
        ("TRAILMETER_BUCKETS", "", "TRAILMETER_BUCKETS is not set: name the log bucket"),
        ("TRAILMETER_PACKS", "default,nope", r#"TRAILMETER_PACKS: there is no pack \"nope\"; the packs are"#),
        ("TRAILMETER_TIMESTAMPS", "now", "TRAILMETER_TIMESTAMPS is none of arrival, event, both"),
        ("TRAILMETER_NAMESPACE", "AWS/EC2", "TRAILMETER_NAMESPACE is no CloudWatch namespace"),
        ("TRAILMETER_NAMESPACES", "Good,:x", "TRAILMETER_NAMESPACES is no CloudWatch namespace"),
        ("TRAILMETER_DETECTORS", "detectors.yaml", "TRAILMETER_DETECTORS names no place"),
        ("TRAILMETER_LISTS", "10.0.0.0/8", "TRAILMETER_LISTS is no list of lists"),
    ] {
        let function = world.start(&[(variable, value)])?;
        // It never asks for an event: a batch that comes meanwhile goes back to the queue whole.
        let Some(Invocation::Exited(status)) = function.wait_until_ready()? else {
            anyhow::bail!("{variable}={value} is taken");
        };
        assert_eq!(status.code(), Some(1), "{variable}");
        let line = eventually("the reason in the log", async || {
            Ok(function.logs().into_iter().find(|line| line.contains("the function does not start")))
        });
        let line = line.await?;
        assert!(line.contains(says), "{variable}: {line}");
    }
    assert!(world.cloudwatch.requests().is_empty());
    Ok(())
}
