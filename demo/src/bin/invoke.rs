//! `make invoke EVENT=…`: the real function, one event, and what came of it.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use serde_json::Value;
use trailmeter_pipeline::{Announced, Content, ObjectRef, decode};
use trailmeter_testkit::bad_input::good_file;
use trailmeter_testkit::local_cloud::LocalCloud;
use trailmeter_testkit::runtime_api::{Function, Invocation};
use trailmeter_testkit::strict_cloudwatch::StrictCloudWatch;

/// Invokes the function with one event, against the local cloud.
///
/// The objects that the event names are put first, each with two denied calls in it.
#[derive(Debug, Parser)]
struct Arguments {
    /// The function's binary.
    #[arg(long)]
    function: PathBuf,
    /// A file with the event.
    event: PathBuf,
}

/// What one object holds.
const RECORDS: usize = 2;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let text = std::fs::read_to_string(&arguments.event)
        .with_context(|| format!("cannot read {}", arguments.event.display()))?;
    let event: Value = serde_json::from_str(&text).context("the event is no JSON")?;
    let objects = objects(&event);
    let buckets: BTreeSet<&str> = objects.iter().map(|object| object.bucket.as_str()).collect();

    let cloud = LocalCloud::start().await?;
    let s3 = cloud.s3().await;
    for bucket in &buckets {
        s3.create_bucket().bucket(*bucket).send().await?;
    }
    for object in &objects {
        s3.put_object()
            .bucket(&object.bucket)
            .key(&object.key)
            .body(good_file(RECORDS)?.into())
            .send()
            .await?;
    }
    let cloudwatch = StrictCloudWatch::start()?;
    let buckets = if buckets.is_empty() { "trailmeter-logs-example".to_owned() } else { join(&buckets) };
    let function = Function::start(
        &arguments.function,
        &[
            ("AWS_ENDPOINT_URL", cloud.endpoint()),
            ("AWS_ENDPOINT_URL_CLOUDWATCH", &cloudwatch.endpoint()),
            ("TRAILMETER_BUCKETS", &buckets),
        ],
    )?;
    let answer = function.invoke(&event)?;
    let mut out = std::io::stdout().lock();
    for line in function.logs() {
        writeln!(out, "{line}")?;
    }
    for metric in cloudwatch.metrics() {
        for dimensions in cloudwatch.series(&metric) {
            let pairs: Vec<(&str, &str)> =
                dimensions.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let shown: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            writeln!(out, "metric  {metric} {}  {}", shown.join(" "), cloudwatch.sum(&metric, &pairs))?;
        }
    }
    match answer {
        Invocation::Response(response) => writeln!(out, "answer  {response}")?,
        other => writeln!(out, "answer  {other:?}")?,
    }
    Ok(())
}

/// The objects that an event names, each once.
fn objects(event: &Value) -> BTreeSet<ObjectRef> {
    let mut found = BTreeSet::new();
    for message in decode(event).messages {
        if let Content::Objects(announced) = message.content {
            found.extend(announced.into_iter().filter_map(|announced| match announced {
                Announced::Created(object) => Some(object),
                Announced::Otherwise(_) => None,
            }));
        }
    }
    found
}

fn join(buckets: &BTreeSet<&str>) -> String {
    buckets.iter().copied().collect::<Vec<_>>().join(",")
}
