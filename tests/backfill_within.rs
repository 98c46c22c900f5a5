//! Backfills from within AWS: the function `backfill`, its real binary, and the state machine that the template makes of it.

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::local_cloud::LocalCloud;
use trailmeter_testkit::runtime_api::{Function, Invocation};

use crate::backfill::{Deployed, SERIES, days, file_of, key};
use crate::deployed::{counted, deploy};
use crate::support::{World, ask, cloud, function, put};

/// The function that sends, beside the one that counts.
fn sender(here: &Deployed) -> Result<Function> {
    let World { cloud, bucket, namespace, cloudwatch, .. } = &here.world;
    let endpoint = cloudwatch.endpoint();
    let variables = [
        ("AWS_ENDPOINT_URL", cloud.endpoint()),
        ("AWS_ENDPOINT_URL_CLOUDWATCH", &endpoint),
        ("TRAILMETER_BUCKET", bucket),
        ("TRAILMETER_QUEUE_URL", &here.queue),
        ("TRAILMETER_LEDGER_TABLE", &here.table.name),
        ("TRAILMETER_NAMESPACE", namespace),
    ];
    Function::start(&function("backfill")?, &variables)
}

/// All days. What was put just now is no delivery that is still to come.
fn request(name: &str) -> Value {
    let [first, .., last] = days().map(|day| day.replace('/', "-"));
    json!({ "name": name, "from": first, "to": last, "leaveMinutes": 0 })
}

fn with(mut request: Value, field: &str, value: Value) -> Value {
    request[field] = value;
    request
}

#[tokio::test]
async fn the_function_goes_on_until_it_is_done() -> Result<()> {
    let here = Deployed::new("from-within").await?;
    let (function, sender) = (here.start()?, sender(&here)?);
    let night = request("night");

    let estimated = sender.invoke(&with(night.clone(), "dryRun", json!(true)))?.response()?;
    assert_eq!((&estimated["state"], &estimated["objects"]), (&json!("estimated"), &json!(4)), "{estimated}");
    assert_eq!(here.deliver(&function).await?, 0, "nothing is sent");

    // There is less time left than it takes to stop well.
    let soon = Timestamp::now() + SignedDuration::from_secs(30);
    let unfinished = sender.invoke_until(&night, soon)?.response()?;
    assert_eq!((&unfinished["state"], &unfinished["progress"]["queued"]), (&json!("unfinished"), &json!(0)));

    let done = sender.invoke(&night)?.response()?;
    assert_eq!((&done["state"], &done["progress"]["queued"]), (&json!("done"), &json!(4)), "{done}");
    here.deliver(&function).await?;
    assert_eq!(here.sums(&SERIES)?, [0, 16, 4, 0]);
    assert_eq!(here.sums(&["BackfillObjectsQueued", "BackfillFoldersDone"])?, [4, 4]);
    assert_eq!(sender.invoke(&night)?.response()?["state"], "done-before");
    Ok(())
}

#[tokio::test]
async fn what_the_function_cannot_do_is_refused_by_name() -> Result<()> {
    let here = Deployed::new("refused-within").await?;
    let sender = sender(&here)?;
    sender.invoke(&request("night"))?.response()?;
    for (payload, says) in [
        (json!({ "from": "2026-11-18", "to": "2026-11-17" }), "2026-11-18 is after 2026-11-17"),
        (json!({ "from": "2026-11-17", "bucket": "another" }), "may read"),
        (json!({ "form": "2026-11-17" }), "unknown field `form`"),
        (with(request("night"), "accounts", json!(["111122223333"])), "give this one another name"),
    ] {
        let Invocation::Error(report) = sender.invoke(&payload)? else { panic!("{payload} is done") };
        assert_eq!(report.error_type, "RequestRefused", "{payload}");
        assert!(report.message.contains(says), "{payload}: {}", report.message);
    }
    Ok(())
}

async fn states(cloud: &LocalCloud, action: &str, body: &Value) -> Result<Value> {
    ask(cloud, "states", &format!("AWSStepFunctions.{action}"), body).await
}

#[tokio::test]
async fn the_state_machine_sends_every_part_and_is_done() -> Result<()> {
    const BUCKET: &str = "trailmeter-logs-of-the-machine";
    let cloud = cloud().await?;
    let s3 = cloud.s3().await;
    // It notifies nobody.
    s3.create_bucket().bucket(BUCKET).send().await?;
    let places =
        [("111122223333", "us-east-1"), ("111122223333", "eu-west-1"), ("444455556666", "us-east-1")];
    for ((at, day), (account, region)) in (0..).zip(days()).zip(places.iter().cycle()) {
        let key = key(&day).replace("111122223333", account).replace("us-east-1", region);
        put(&s3, BUCKET, &key, &file_of(&day, at * 10..at * 10 + 5)?).await?;
    }
    let mode = [("DeliveryMode", "existing-bucket"), ("LogBucketName", BUCKET), ("Backfill", "map")];
    let stack = deploy(cloud, "machine", &mode).await?;
    let machine = stack.output("BackfillMachineArn")?;

    let input = request("weeks").to_string();
    let started =
        states(cloud, "StartExecution", &json!({ "stateMachineArn": machine, "input": input })).await?;
    let execution = json!({ "executionArn": started["executionArn"] });
    let ended = eventually("the execution to end", async || {
        let described = states(cloud, "DescribeExecution", &execution).await?;
        Ok((described["status"] != "RUNNING").then_some(described))
    });
    let ended = ended.await?;
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
    let output: Value = serde_json::from_str(ended["output"].as_str().context("it has an output")?)?;
    assert_eq!(output, json!({ "state": "done", "name": "weeks" }));

    counted(cloud, &stack, "ObjectsRead.Backfill", 4).await?;
    counted(cloud, &stack, "AccessDenied.Backfill", 20).await?;
    counted(cloud, &stack, "BackfillObjectsQueued", 4).await?;
    Ok(())
}
