//! Every shape of event in `events/`, put to the real function: what it answers and what it counts.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::Value;
use trailmeter_testkit::generate::{Corpus, File, Plan, Truth};
use trailmeter_testkit::runtime_api::Invocation;

use crate::counts::{Counts, read_back};
use crate::messages::{back, batch, cloudtrail, event_bridge, sns};
use crate::support::{World, key, root};

/// What becomes of the event in a file.
struct Row {
    file: &'static str,
    /// Which of the three objects it has read.
    read: &'static [usize],
    /// Other series that it counts into, by metric and reason.
    beside: &'static [(&'static str, &'static str)],
    /// The messages that come back.
    back: &'static [&'static str],
}

const fn reads(file: &'static str, read: &'static [usize]) -> Row {
    Row { file, read, beside: &[], back: &[] }
}

const fn is_passed_over(file: &'static str, reason: &'static [(&'static str, &'static str)]) -> Row {
    Row { file, read: &[], beside: reason, back: &[] }
}

const ROWS: &[Row] = &[
    reads("s3-notification.json", &[0]),
    reads("s3-notification-several-records.json", &[0, 1]),
    reads("s3-notification-odd-key.json", &[0]),
    reads("s3-notification-unknown-fields.json", &[0]),
    is_passed_over("s3-object-removed.json", &[("ObjectsSkipped", "not-created")]),
    reads("s3-sqs.json", &[0]),
    reads("s3-sns.json", &[0]),
    reads("s3-sns-sqs.json", &[0]),
    reads("s3-sns-sqs-raw.json", &[0]),
    reads("s3-eventbridge.json", &[0]),
    reads("s3-eventbridge-odd-key.json", &[0]),
    reads("s3-eventbridge-sqs.json", &[0]),
    reads("cloudtrail-sns.json", &[0]),
    reads("cloudtrail-sns-sqs.json", &[0, 1]),
    reads("cloudtrail-sns-sqs-raw.json", &[0, 1]),
    // Without a ledger nobody would know it again in its file. With one: `ledger/single_events.rs`.
    is_passed_over("cloudtrail-event.json", &[("MessagesSkipped", "single-event-without-ledger")]),
    is_passed_over("cloudtrail-event-sqs.json", &[("MessagesSkipped", "single-event-without-ledger")]),
    is_passed_over(
        "cloudtrail-event-sign-in-sqs.json",
        &[("MessagesSkipped", "single-event-without-ledger")],
    ),
    is_passed_over("s3-test-event.json", &[("MessagesSkipped", "test-event")]),
    is_passed_over("s3-test-event-sqs.json", &[("MessagesSkipped", "test-event")]),
    is_passed_over("cloudtrail-validation-message-sqs.json", &[("MessagesSkipped", "validation-message")]),
    Row {
        file: "sqs-mixed-batch.json",
        read: &[0, 1, 2],
        beside: &[
            ("MessagesSkipped", "test-event"),
            ("MessagesSkipped", "validation-message"),
            ("MessagesFailed", "not-json"),
        ],
        back: &["0000000a-0000-4000-8000-00000000e0a1"],
    },
];

/// It counts into other series.
const OF_A_BACKFILL: &str = "backfill-sqs.json";

/// Three files that repeat each other's events, so that a batch has something to tell apart.
fn files(seed: u64) -> Result<Vec<File>> {
    let plan = Plan {
        seed,
        files: 3,
        records_per_file: 120,
        repeats_per_mille: 200,
        malformed_per_mille: 20,
        suspicion: 4,
        ..Plan::default()
    };
    Ok(Corpus::generate(&plan)?.files)
}

fn expected(row: &Row, files: &[File]) -> Counts {
    let mut counts = Counts::default();
    counts.add_truth(&Truth::of(row.read.iter().map(|&at| &files[at])));
    for (metric, reason) in row.beside {
        counts.add_reason(metric, reason, 1);
        // Whatever becomes of an object, it came in.
        counts.add("ObjectsIn", u64::from(*metric == "ObjectsSkipped"));
    }
    counts
}

#[tokio::test]
async fn every_sample_is_answered_and_counted() -> Result<()> {
    let in_folder: BTreeSet<String> = std::fs::read_dir(root().join("events"))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    let of_rows =
        ROWS.iter().map(|row| row.file).chain([OF_A_BACKFILL, "README.md"]).map(str::to_owned).collect();
    assert_eq!(in_folder, of_rows, "a file without a row, or a row without a file");

    // The bucket that all samples name.
    let world = World::new("example").await?;
    let files = files(1)?;
    for (name, file) in ["EXAMPLE0000000001", "EXAMPLE0000000002", "EXAMPLE0000000003"].iter().zip(&files) {
        world.put(&key(name), &file.body).await?;
    }
    world.put(&format!("audit logs/a+b/Prüfung/{}", key("EXAMPLE0000000001")), &files[0].body).await?;

    for row in ROWS {
        world.cloudwatch.clear();
        let payload = std::fs::read(root().join("events").join(row.file))?;
        // A namespace each, so that what the local cloud has can be told apart as well.
        let namespace = format!("{}/{}", world.namespace, row.file.trim_end_matches(".json"));
        let function = world.start(&[("TRAILMETER_NAMESPACE", &namespace)])?;
        let answer = function.invoke_bytes(&payload)?.response().context(row.file)?;
        assert_eq!(answer, back(row.back), "{}", row.file);
        assert_eq!(Counts::of(&world.cloudwatch)?, expected(row, &files), "{}", row.file);
        read_back(world.cloud, &namespace, &world.cloudwatch).await.context(row.file)?;
        // The one metric that hangs on the clock is a point for each file.
        let lags = world.cloudwatch.datapoints().into_iter().filter(|point| point.metric == "DeliveryLag");
        let points: Vec<(f64, f64)> = lags.flat_map(|point| point.values).collect();
        let count = points.iter().fold(0.0, |sum, (_, count)| sum + count);
        assert_eq!(count.to_string(), row.read.len().to_string(), "{}: {points:?}", row.file);
    }
    Ok(())
}

#[tokio::test]
async fn the_sample_of_a_backfill_is_counted_as_one() -> Result<()> {
    let world = World::new("example-of-a-backfill").await?;
    let files = files(1)?;
    for (name, file) in ["EXAMPLE0000000001", "EXAMPLE0000000002"].iter().zip(&files) {
        world.put(&key(name), &file.body).await?;
    }
    let sample = std::fs::read_to_string(root().join("events").join(OF_A_BACKFILL))?;
    let function = world.start(&[])?;
    let event = sample.replace("trailmeter-logs-example", &world.bucket);
    assert_eq!(function.invoke_bytes(event.as_bytes())?.response()?, back(&[]));
    let counts = Counts::of(&world.cloudwatch)?;
    let truth = Truth::of(&files[..2]);
    assert_eq!((counts.get("ObjectsRead"), counts.get("ObjectsRead.Backfill")), (0, 2));
    assert_eq!(counts.get("RecordsRead.Backfill"), truth.both_packs.distinct.records.read);
    // The events are older than what CloudWatch takes, and have findings alone.
    assert_eq!((counts.get("AccessDenied"), counts.get("AccessDenied.Backfill")), (0, 0));
    assert!(counts.get("EventTimeRejected.Backfill") > 0);
    Ok(())
}

#[tokio::test]
async fn a_batch_may_mix_shapes_and_garbage() -> Result<()> {
    let world = World::new("mixed").await?;
    let files = files(2)?;
    let keys = [key("1"), key("2"), key("3")];
    for (key, file) in keys.iter().zip(&files) {
        world.put(key, &file.body).await?;
    }
    let bucket = &world.bucket;
    let event = batch(&[
        ("cloudtrail", sns(&cloudtrail(bucket, &[&keys[0]]))),
        ("no-json", "\u{0}{".to_owned()),
        ("s3", crate::messages::s3(bucket, &keys[1])),
        ("unknown", r#"{"hello":"world"}"#.to_owned()),
        ("event-bridge", event_bridge(bucket, &keys[2])),
        ("empty", cloudtrail(bucket, &[])),
        ("nothing", String::new()),
        ("onion", sns(&sns(&sns(&sns(&sns(&cloudtrail(bucket, &[&keys[0]]))))))),
    ]);
    let function = world.start(&[])?;
    let answer = function.invoke(&event)?.response()?;
    assert_eq!(answer, back(&["no-json", "unknown", "nothing", "onion"]));
    let mut expected = Counts::default();
    expected.add_truth(&Truth::of(&files));
    expected.add_reason("MessagesSkipped", "no-objects", 1);
    expected.add_reason("MessagesFailed", "not-json", 2);
    expected.add_reason("MessagesFailed", "unknown-shape", 1);
    expected.add_reason("MessagesFailed", "too-deep", 1);
    assert_eq!(Counts::of(&world.cloudwatch)?, expected);
    read_back(world.cloud, &world.namespace, &world.cloudwatch).await
}

/// Invocations that no queue stands behind know no partial answer.
#[tokio::test]
async fn a_direct_invocation_fails_as_a_whole() -> Result<()> {
    let world = World::new("direct").await?;
    let files = files(3)?;
    world.put(&key("good"), &files[0].body).await?;
    let two: Value = serde_json::from_str(&cloudtrail(&world.bucket, &[&key("good"), &key("gone")]))?;
    let function = world.start(&[])?;
    let Invocation::Error(report) = function.invoke(&two)? else {
        anyhow::bail!("it was answered");
    };
    assert_eq!(report.error_type, "InvocationFailed");
    // Lambda will repeat all of it, so nothing of the good file may count yet.
    let mut expected = Counts::default();
    expected.add("ObjectsIn", 2);
    expected.add_reason("ObjectsFailed", "not-found", 1);
    expected.add_reason("ObjectsFailed", "held-back", 1);
    assert_eq!(Counts::of(&world.cloudwatch)?, expected);
    Ok(())
}
