//! The template, deployed into the local cloud with the packaged function: a log file lands, its
//! metrics appear, its alarm fires; a bad file is left over alone; no log is lost with the stack.
//!
//! Trails are the one thing that the local cloud cannot make. `tests/template` looks at that mode.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::types::{EventBridgeConfiguration, NotificationConfiguration};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::Value;
use trailmeter_testkit::bad_input::{good_file, not_gzip};
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::generate::{Corpus, File, Plan, Truth};
use trailmeter_testkit::local_cloud::{INBOX, LocalCloud, Stack};

use crate::counts::Counts;
use crate::deployed::{counted, deploy, objects, publish, take, update, waiting};
use crate::messages::cloudtrail;
use crate::shelf::detector;
use crate::support::{cloud, key, put};

/// A topic that a trail notifies.
const TOPIC: &str = "
AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Topic: { Type: AWS::SNS::Topic }
Outputs:
  Arn: { Value: !Ref Topic }
";

/// Files that repeat their own events and no other file's: whatever the poller makes of them in
/// batches, the sums are the same. With them digests and objects that are no logs.
fn files() -> Result<Vec<File>> {
    let mut files = Vec::new();
    for seed in 1..=6 {
        let plan = Plan {
            seed,
            // An account each, or digests would have the same key.
            accounts: vec![format!("11112222333{seed}")],
            files: 1,
            records_per_file: 250,
            repeats_per_mille: 200,
            malformed_per_mille: 10,
            suspicion: 4,
            digest_files: 1,
            unknown_files: 1,
            ..Plan::default()
        };
        files.extend(Corpus::generate(&plan)?.files);
    }
    Ok(files)
}

/// The life of a stack, in order, because each part needs what the ones before it have left.
#[tokio::test]
async fn logs_are_counted_alarms_ring_and_the_bucket_outlives_the_stack() -> Result<()> {
    let cloud = cloud().await?;
    let mode = [
        ("DeliveryMode", "create-bucket"),
        ("TrailArn", "arn:aws:cloudtrail:us-east-1:111122223333:trail/logs"),
    ];
    let stack = deploy(cloud, "whole", &mode).await?;
    let inbox = cloud.deploy("operator", INBOX, &[("Topic", stack.output("AlarmTopicArn")?)], &[]).await?;
    let (s3, bucket) = (cloud.s3().await, stack.output("LogBucketName")?.to_owned());
    let files = files()?;
    for file in &files {
        put(&s3, &bucket, &file.key, &file.body).await?;
    }

    let matches = metrics_appear(cloud, &stack, &files).await?;
    alarms_ring(cloud, &stack, &inbox, &matches).await?;
    let delivered = objects(&s3, &bucket).await?;
    assert_eq!(delivered.len(), files.len());

    // Five receives would take 75 minutes. From here on it is seconds, which is the one thing that is
    // not as deployed. It is changed before the update, because the local cloud ends a function that
    // is updated with whatever it has in hand, and the update of the bucket sends a test event.
    shorten_visibility(cloud, &stack).await?;
    update(cloud, &stack.name, &[("FunctionMemory", "512"), ("LogFileRetentionDays", "400")]).await?;
    assert_eq!(objects(&s3, &bucket).await?, delivered, "after the update");

    // The bucket of before still notifies the queue of before, and the new function still reads.
    a_bad_file_is_left_over_alone(cloud, &stack, files.len() as u64, matches["AccessDenied"]).await?;

    cloud.delete(&inbox).await?;
    cloud.delete(&stack).await?;
    let left = objects(&s3, &bucket).await?;
    assert!(left.is_superset(&delivered), "after the deletion: {left:?}");
    Ok(())
}

async fn shorten_visibility(cloud: &LocalCloud, stack: &Stack) -> Result<()> {
    let queue = stack.output("DeliveryQueueUrl")?;
    let sqs = aws_sdk_sqs::Client::new(&cloud.config().await);
    let visibility = QueueAttributeName::VisibilityTimeout;
    sqs.set_queue_attributes().queue_url(queue).attributes(visibility, "3").send().await?;
    Ok(())
}

/// Every sum is the truth's. Returns what the detectors have counted.
async fn metrics_appear(cloud: &LocalCloud, stack: &Stack, files: &[File]) -> Result<BTreeMap<String, u64>> {
    let mut expected = Counts::default();
    let mut matches: BTreeMap<String, u64> = BTreeMap::new();
    // One by one: the events of one corpus are numbered as those of the next.
    for file in files {
        let truth = Truth::of([file]);
        expected.add_truth(&truth);
        for (detector, counts) in truth.default_pack.distinct.detectors {
            *matches.entry(detector).or_default() += counts.matches;
        }
    }
    counted(cloud, stack, "ObjectsIn", files.len() as u64).await?;
    for metric in ["ObjectsSkipped", "RecordsDuplicate", "RecordsMalformed", "MatchesExcluded"] {
        assert!(expected.get(metric) > 0, "{metric}");
    }
    for (series, sum) in expected.totals() {
        counted(cloud, stack, series, sum).await?;
    }
    Ok(matches)
}

/// Each detector of the corpus has more matches than any threshold, so each alarm rings and is
/// heard by whoever has subscribed.
async fn alarms_ring(
    cloud: &LocalCloud,
    stack: &Stack,
    inbox: &Stack,
    matches: &BTreeMap<String, u64>,
) -> Result<()> {
    assert!(matches.values().all(|&count| count >= 5), "{matches:?}");
    let prefix = format!("{}-", stack.name);
    let mut quiet = BTreeSet::new();
    eventually("every detector's alarm to ring", async || {
        let alarms = cloud.alarms(&prefix).await?;
        let of_detectors = alarms.iter().filter(|(name, _)| matches.contains_key(name));
        quiet = of_detectors.clone().filter(|(_, rings)| !rings).map(|(name, _)| name.clone()).collect();
        Ok((quiet.is_empty() && of_detectors.count() == matches.len()).then_some(()))
    })
    .await
    .with_context(|| format!("quiet: {quiet:?}"))?;
    let url = inbox.output("Url")?;
    let mut heard = BTreeSet::new();
    eventually("a notification of each", async || {
        for body in take(cloud, url).await? {
            let notice: Value = serde_json::from_str(&body).context("a notification is JSON")?;
            if notice["alarm"]["state"] == "ALARM" {
                let name = notice["alarm"]["name"].as_str().unwrap_or_default();
                let names_somebody =
                    notice["summary"]["actors"]["counts"].as_object().is_some_and(|who| !who.is_empty());
                ensure!(names_somebody, "{name} rang, and nobody knows for whom: {notice}");
                heard.insert(name.strip_prefix(&prefix).unwrap_or(name).to_owned());
            }
        }
        Ok(matches.keys().all(|name| heard.contains(name)).then_some(()))
    })
    .await
    .with_context(|| format!("heard: {heard:?}"))
}

/// A bad file between two good ones.
async fn a_bad_file_is_left_over_alone(
    cloud: &LocalCloud,
    stack: &Stack,
    objects_before: u64,
    denied_before: u64,
) -> Result<()> {
    let (queue, dead) = (stack.output("DeliveryQueueUrl")?, stack.output("DeadLetterQueueUrl")?);
    let (s3, bucket) = (cloud.s3().await, stack.output("LogBucketName")?);
    for (name, body) in [("good-1", good_file(3)?), ("poison", not_gzip()), ("good-2", good_file(0)?)] {
        put(&s3, bucket, &key(name), &body).await?;
    }
    eventually("a dead letter", async || Ok((waiting(cloud, dead).await? > 0).then_some(()))).await?;
    eventually("an empty queue", async || Ok((waiting(cloud, queue).await? == 0).then_some(()))).await?;
    let letters = take(cloud, dead).await?;
    assert!(letters.len() == 1 && letters[0].contains("poison"), "{letters:?}");
    // Tried five times; the good ones were read once, although they came with it.
    counted(cloud, stack, "ObjectsFailed", 5).await?;
    counted(cloud, stack, "ObjectsIn", objects_before + 7).await?;
    counted(cloud, stack, "AccessDenied", denied_before + 3).await
}

#[tokio::test]
async fn an_existing_bucket_is_read_through_event_bridge() -> Result<()> {
    let (cloud, bucket) = (cloud().await?, "trailmeter-logs-of-others");
    let s3 = cloud.s3().await;
    s3.create_bucket().bucket(bucket).send().await?;
    let events = EventBridgeConfiguration::builder().build();
    let configuration = NotificationConfiguration::builder().event_bridge_configuration(events).build();
    s3.put_bucket_notification_configuration()
        .bucket(bucket)
        .notification_configuration(configuration)
        .send()
        .await?;
    put(&s3, bucket, "detectors/own.yaml", detector("Own", "").as_bytes()).await?;
    let mode = [
        ("DeliveryMode", "existing-bucket"),
        ("LogBucketName", bucket),
        // Every further pack, and a detector that is none of theirs.
        ("PackActivity", "yes"),
        ("PackCis", "yes"),
        ("PackSources", "yes"),
        ("PackThreats", "yes"),
        ("PackInsight", "yes"),
        ("PackNetwork", "yes"),
        ("KnownNetworks", "192.0.2.0/24,2001:db8::/32"),
        ("UsedRegions", "us-east-1,eu-central-1"),
        ("DetectorsObject", "s3://trailmeter-logs-of-others/detectors/own.yaml"),
        ("DetectorNamespaces", "CISBenchmark,Security"),
        // The one kind of alarm that the local cloud does not know.
        ("LoadedDetectorsAlarm", "no"),
    ];
    let stack = deploy(cloud, "by-events", &mode).await?;
    // The first is for somebody else: the rule passes over what stands outside the trail's folder.
    put(&s3, bucket, "reports/AWSLogs/a.json.gz", &good_file(1)?).await?;
    put(&s3, bucket, &key("it"), &good_file(4)?).await?;
    counted(cloud, &stack, "AccessDenied", 4).await?;
    counted(cloud, &stack, "Own", 4).await?;
    counted(cloud, &stack, "ObjectsIn", 1).await?;
    cloud.delete(&stack).await?;
    assert_eq!(objects(&s3, bucket).await?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn an_existing_topic_of_cloudtrail_is_listened_to() -> Result<()> {
    let (cloud, bucket) = (cloud().await?, "trailmeter-logs-of-a-trail");
    let s3 = cloud.s3().await;
    s3.create_bucket().bucket(bucket).send().await?;
    let trail = cloud.deploy("trail", TOPIC, &[], &[]).await?;
    let topic = trail.output("Arn")?;
    let mode = [("DeliveryMode", "existing-topic"), ("LogBucketName", bucket), ("TrailTopicArn", topic)];
    let stack = deploy(cloud, "by-topic", &mode).await?;
    publish(cloud, topic, "CloudTrail validation message.").await?;
    put(&s3, bucket, &key("it"), &good_file(4)?).await?;
    // One message, two files, one of them gone: the other counts, once.
    publish(cloud, topic, &cloudtrail(bucket, &[&key("it"), &key("gone")])).await?;
    counted(cloud, &stack, "MessagesSkipped", 1).await?;
    counted(cloud, &stack, "AccessDenied", 4).await?;
    counted(cloud, &stack, "ObjectsRead", 1).await?;
    cloud.delete(&stack).await
}
