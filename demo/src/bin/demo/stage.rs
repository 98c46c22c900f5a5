//! What every act has at hand: the cloud, the stack, the command.

use std::io::Read;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::types::NotificationConfiguration;
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::http::Server;
use trailmeter_testkit::local_cloud::{LocalCloud, Stack};

use super::{Arguments, exact, is};

pub(crate) struct Stage<'a> {
    pub(crate) arguments: &'a Arguments,
    pub(crate) cloud: &'a LocalCloud,
    pub(crate) stack: &'a Stack,
    /// Has the public keys of the chain that is in the folder below; the rest of AWS is the cloud.
    pub(crate) keys: &'a Server,
    pub(crate) chain: PathBuf,
}

/// A run of the command.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    /// What it printed, with the command itself, to be shown.
    pub(crate) shown: String,
}

impl Stage<'_> {
    /// The sum of a metric of the stack.
    pub(crate) async fn sum(&self, metric: &str) -> Result<f64> {
        self.cloud.metric_sum(self.stack.output("MetricNamespace")?, metric, &[]).await
    }

    /// Waits until a metric has a sum.
    pub(crate) async fn wait(&self, metric: &str, sum: u64) -> Result<()> {
        let what = format!("{metric} to be {sum}");
        let seen = eventually(&what, async || {
            let seen = self.sum(metric).await?;
            // Beyond it there is no way back.
            Ok((is(seen, sum) || seen > exact(sum)).then_some(seen))
        });
        let seen = seen.await?;
        ensure!(is(seen, sum), "{metric}: CloudWatch has {seen}, it should be {sum}");
        Ok(())
    }

    /// Waits until an alarm rings.
    pub(crate) async fn ring(&self, alarm: &str) -> Result<()> {
        let prefix = format!("{}-", self.stack.name);
        eventually(&format!("the alarm {alarm}"), async || {
            let alarms = self.cloud.alarms(&prefix).await?;
            Ok(alarms.iter().any(|(name, rings)| name == alarm && *rings).then_some(()))
        })
        .await
    }

    pub(crate) async fn put(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
        let request = self.cloud.s3().await.put_object().bucket(bucket).key(key).body(body.into());
        request.send().await.with_context(|| format!("cannot deliver {key}"))?;
        Ok(())
    }

    /// Does something to a bucket of which nobody is notified.
    pub(crate) async fn unnoticed(&self, bucket: &str, act: impl AsyncFnOnce() -> Result<()>) -> Result<()> {
        let s3 = self.cloud.s3().await;
        let notified = s3.get_bucket_notification_configuration().bucket(bucket).send().await?;
        let set = |configuration| {
            let request = s3.put_bucket_notification_configuration().bucket(bucket);
            request.notification_configuration(configuration).send()
        };
        set(NotificationConfiguration::builder().build()).await?;
        act().await?;
        let queues = notified.queue_configurations;
        ensure!(queues.is_some(), "s3://{bucket} notifies no queue");
        set(NotificationConfiguration::builder().set_queue_configurations(queues).build()).await?;
        Ok(())
    }

    /// Runs the command against this cloud, with its options as in a shell.
    pub(crate) fn trailmeter(&self, options: &str) -> Result<Run> {
        // One pipe for both, so that lines come in their order.
        let (mut reader, writer) = std::io::pipe()?;
        let mut child = Command::new(&self.arguments.trailmeter)
            .args(options.split_whitespace())
            .env("AWS_ENDPOINT_URL", format!("http://{}", self.keys.address()))
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .spawn()
            .with_context(|| format!("cannot run {}", self.arguments.trailmeter.display()))?;
        let mut text = String::new();
        reader.read_to_string(&mut text)?;
        let mut shown = format!("  $ trailmeter {options}\n");
        shown.extend(text.lines().filter(|line| !line.is_empty()).map(|line| format!("  | {line}\n")));
        Ok(Run { status: child.wait()?.code(), shown })
    }
}
