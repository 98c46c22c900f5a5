//! Findings of the real function: in its log, in their bucket, and where that does not take them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use trailmeter_testkit::bad_input::gzip;
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::generate::{Corpus, Plan, Truth};
use trailmeter_testkit::runtime_api::Function;

use crate::counts::Counts;
use crate::deployed::objects;
use crate::messages::{back, batch, s3};
use crate::support::{World, key};

const FINDING: &str = "trailmeter.finding";
const SUMMARY: &str = "trailmeter.findings-summary";

/// The lines of one type in the log of an invocation that is over.
async fn lines(function: &Function, kind: &str) -> Result<Vec<Value>> {
    eventually("the invocation's log", async || {
        let logs = function.json_logs();
        let is_whole = logs.iter().any(|line| line["fields"]["message"] == "invocation done");
        Ok(is_whole.then(|| logs.into_iter().filter(|line| line["type"] == kind).collect()))
    })
    .await
}

fn denied(id: u32, name: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventTime": format!("2026-11-{:02}T06:00:00Z", 20 + id % 2), "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject", "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.7", "eventID": format!("e{id}"),
        "errorCode": "AccessDenied", "recipientAccountId": "111122223333",
        "requestParameters": { "password": "swordfish", "bucketName": "b" },
        "userIdentity": { "type": "IAMUser", "userName": name, "arn": format!("arn:aws:iam::111122223333:user/{name}") },
    })
}

fn file(records: &[Value]) -> Result<Vec<u8>> {
    gzip(json!({ "Records": records }).to_string().as_bytes())
}

/// As many as the truth counts, none of those that are there for volume, and each says who it was.
#[tokio::test]
async fn every_match_that_counts_has_a_line_that_says_who() -> Result<()> {
    let world = World::new("findings-truth").await?;
    let corpus = Corpus::generate(&Plan { files: 3, ..Plan::with_everything(5) })?;
    let function =
        world.start(&[("TRAILMETER_PACKS", "default, activity"), ("TRAILMETER_FINDING_LINES", "10000")])?;
    let mut messages = Vec::new();
    for file in &corpus.files {
        world.put(&file.key, &file.body).await?;
        messages.push(("m", s3(&world.bucket, &file.key)));
    }
    assert_eq!(function.invoke(&batch(&messages))?.response()?, back(&[]));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in lines(&function, FINDING).await? {
        let text = |value: &Value| value.as_str().map(str::to_owned).with_context(|| finding.to_string());
        ensure!(!text(&finding["actor"]["name"])?.is_empty(), "{finding}");
        let object = text(&finding["object"])?;
        let is_a_key = object.starts_with(&format!("s3://{}/", world.bucket)) && object.contains("/AWSLogs/");
        ensure!(is_a_key, "{finding}");
        ensure!(finding["namespace"] == world.namespace.as_str(), "{finding}");
        let id =
            finding["event_id"].as_str().map_or_else(|| finding["event_time"].to_string(), str::to_owned);
        found.entry(text(&finding["detector"])?).or_default().insert(id);
    }
    let truth = Truth::of(&corpus.files).both_packs;
    for (detector, counts) in &truth.distinct.detectors {
        let is_volume = ["S3GetObject", "S3PutObject", "KmsDecrypt"].contains(&detector.as_str());
        let findings = found.get(detector).map_or(0, BTreeSet::len) as u64;
        ensure!(
            findings == if is_volume { 0 } else { counts.matches },
            "{detector}: {findings}, not {}",
            counts.matches
        );
    }
    ensure!(found.len() >= 8, "{:?}", found.keys());
    Ok(())
}

#[tokio::test]
async fn a_finding_holds_back_what_nobody_asked_for() -> Result<()> {
    let world = World::new("findings-secret").await?;
    let mut record = denied(1, "mallory");
    record["userIdentity"]["userName"] = json!("HIDDEN_DUE_TO_SECURITY_REASONS");
    record["userAgent"] = json!(format!("evil\u{1b}[2J\n{{\"type\":\"{FINDING}\"}}{}", "A".repeat(10_240)));
    world.put(&key("secret"), &file(&[record])?).await?;
    let function = world.start(&[])?;
    function.invoke(&batch(&[("m", s3(&world.bucket, &key("secret")))]))?.response()?;
    let found = lines(&function, FINDING).await?;
    ensure!(found.len() == 1, "{found:?}");
    assert_eq!(found[0]["actor"]["name"], "HIDDEN_DUE_TO_SECURITY_REASONS");
    let agent = found[0]["user_agent"].as_str().unwrap_or_default();
    ensure!(agent.len() < 1100 && agent.ends_with('…'), "{agent}");
    ensure!(
        !function.logs().iter().any(|line| line.contains("swordfish")),
        "the log shows a request parameter"
    );
    Ok(())
}

/// All findings of the bucket, by the key of the object they are in.
#[expect(clippy::disallowed_types, reason = "these bytes are ours, and whole files are wanted")]
async fn kept(world: &World, bucket: &str) -> Result<BTreeMap<String, Vec<Value>>> {
    let mut found = BTreeMap::new();
    for key in objects(&world.s3, bucket).await? {
        let object = world.s3.get_object().bucket(bucket).key(&key).send().await?;
        let (packed, mut text) = (object.body.collect().await?.into_bytes(), String::new());
        flate2::read::MultiGzDecoder::new(&packed[..]).read_to_string(&mut text)?;
        let findings = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        found.insert(key, findings);
    }
    Ok(found)
}

#[tokio::test]
async fn the_bucket_has_all_of_them_once_and_the_log_a_bounded_number() -> Result<()> {
    let world = World::new("findings-kept").await?;
    let bucket = "trailmeter-kept";
    world.s3.create_bucket().bucket(bucket).send().await?;
    let records: Vec<Value> =
        (0..250).map(|id| denied(id, if id % 5 == 0 { "ann" } else { "bob" })).collect();
    world.put(&key("many"), &file(&records)?).await?;
    let settings = [("TRAILMETER_FINDINGS_BUCKET", bucket), ("TRAILMETER_FINDING_LINES", "20")];
    let message = || batch(&[("m", s3(&world.bucket, &key("many")))]);
    let function = world.start(&settings)?;
    assert_eq!(function.invoke(&message())?.response()?, back(&[]));
    assert_eq!(lines(&function, FINDING).await?.len(), 20);
    let summaries = lines(&function, SUMMARY).await?;
    ensure!(summaries.len() == 1 && summaries[0]["findings"] == 230, "{summaries:?}");
    assert_eq!(summaries[0]["actors"]["counts"]["arn:aws:iam::111122223333:user/ann"], 46);
    assert_eq!(Counts::of(&world.cloudwatch)?.get("FindingsSummarised"), 230);

    let first = kept(&world, bucket).await?;
    let days: Vec<&str> =
        first.keys().filter_map(|key| key.rsplit_once('/')).map(|(folder, _)| folder).collect();
    assert_eq!(days, ["detector=AccessDenied/dt=2026-11-20", "detector=AccessDenied/dt=2026-11-21"]);
    assert_eq!(first.values().map(Vec::len).sum::<usize>(), 250);
    // Without a ledger a second delivery counts again, and writes the same objects over themselves.
    let again = world.start(&settings)?;
    again.invoke(&message())?.response()?;
    let second = kept(&world, bucket).await?;
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    assert_eq!(second.values().map(Vec::len).sum::<usize>(), 250);
    Ok(())
}

/// The alarm matters more: it counts, and somebody is told that the bucket lacks something.
#[tokio::test]
async fn a_bucket_that_takes_nothing_holds_no_count_back() -> Result<()> {
    let world = World::new("findings-refused").await?;
    world.put(&key("one"), &file(&[denied(1, "ann"), denied(2, "bob"), denied(3, "bob")])?).await?;
    let function = world.start(&[("TRAILMETER_FINDINGS_BUCKET", "no-such-bucket-of-findings")])?;
    let message = batch(&[("m", s3(&world.bucket, &key("one")))]);
    assert_eq!(function.invoke(&message)?.response()?, back(&[]));
    assert_eq!(lines(&function, FINDING).await?.len(), 3);
    let counts = Counts::of(&world.cloudwatch)?;
    assert_eq!((counts.get("AccessDenied"), counts.get("FindingsNotKept")), (3, 3));
    assert_eq!(counts.get("FindingsNotKept{Reason=findings-bucket}"), 3);
    let logs = function.json_logs();
    let told = logs.iter().filter(|line| line["fields"]["place"] == "findings-bucket").count();
    ensure!(told == 1, "{logs:?}");
    Ok(())
}

#[tokio::test]
async fn findings_can_be_turned_off() -> Result<()> {
    let world = World::new("findings-off").await?;
    world.put(&key("one"), &file(&[denied(1, "ann")])?).await?;
    let function = world.start(&[("TRAILMETER_FINDINGS", "off")])?;
    function.invoke(&batch(&[("m", s3(&world.bucket, &key("one")))]))?.response()?;
    assert_eq!(lines(&function, FINDING).await?, Vec::<Value>::new());
    assert_eq!(Counts::of(&world.cloudwatch)?.get("AccessDenied"), 1);
    Ok(())
}
