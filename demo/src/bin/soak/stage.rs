//! The stack in the local cloud, and what is done and seen there.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use serde_json::{Value, json};
use trailmeter_testkit::eventually::eventually_within;
use trailmeter_testkit::local_cloud::{LocalCloud, Packages, Stack, venv};
use trailmeter_testkit::strict_cloudwatch::StrictCloudWatch;

use super::Arguments;
use super::deliveries::Delivery;
use super::expected::{Expected, Sums};

const STACK: &str = "trailmeter-soak";
/// Looks, a fifth of a second apart, until a queue that does not empty is given up.
const LOOKS: u32 = 6000;
/// Seconds until a message comes back. Longer than a batch with large files takes.
const VISIBILITY: u32 = 30;
/// The same, once only files that cannot be read are left: each of their receives takes a moment.
const VISIBILITY_AT_THE_END: u32 = 6;
/// Where processes are killed, their objects stay claimed for as long as three minutes: five
/// receives have to take longer.
const VISIBILITY_WITH_KILLS: u32 = 90;

/// The stack, and the clients for what is around it.
pub(crate) struct Stage {
    cloud: LocalCloud,
    cloudwatch: StrictCloudWatch,
    stack: Stack,
    bucket: String,
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    memory_mib: u64,
    has_kills: bool,
}

impl Stage {
    /// Starts the local cloud and deploys the template with the real function.
    pub(crate) async fn set(arguments: &Arguments) -> Result<Self> {
        let template = std::fs::read_to_string(&arguments.template)
            .with_context(|| format!("cannot read {}", arguments.template.display()))?;
        let cloudwatch = StrictCloudWatch::start()?;
        // The function inherits it. The local cloud's own CloudWatch looks at all points of all
        // alarms with each put, which is quadratic, and enforces no limit.
        let endpoint = cloudwatch.endpoint();
        let cloud = LocalCloud::start_from(&venv(), &[("AWS_ENDPOINT_URL_CLOUDWATCH", &endpoint)]).await?;
        let batch_size = arguments.batch_size.to_string();
        let parameters = [
            ("DeliveryMode", "create-bucket"),
            ("TrailArn", "arn:aws:cloudtrail:us-east-1:111122223333:trail/soak"),
            ("Architecture", "x86_64"),
            // Both are read as text by the local cloud's poller, which then stops; these do no harm.
            ("MaximumConcurrency", "0"),
            ("BatchWindow", "1"),
            ("BatchSize", &batch_size),
            ("Ledger", arguments.ledger.word()),
            // What is looked at here is counting.
            ("Notices", "no"),
        ];
        let packages = Packages::built(&template, &arguments.functions)?;
        let stack = cloud.deploy(STACK, &template, &parameters, &packages.code()).await?;
        let stage = Self {
            bucket: stack.output("LogBucketName")?.to_owned(),
            s3: cloud.s3().await,
            sqs: aws_sdk_sqs::Client::new(&cloud.config().await),
            memory_mib: default_of(&template, "FunctionMemory")?,
            has_kills: arguments.kills > 0,
            cloud,
            cloudwatch,
            stack,
        };
        stage.set_visibility(if stage.has_kills { VISIBILITY_WITH_KILLS } else { VISIBILITY }).await?;
        Ok(stage)
    }

    pub(crate) fn bucket(&self) -> &str {
        &self.bucket
    }

    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        &self.s3
    }

    /// Where the local cloud keeps the function.
    pub(crate) fn directory(&self) -> &Path {
        self.cloud.directory()
    }

    /// The memory that the template gives the function.
    pub(crate) fn memory_mib(&self) -> u64 {
        self.memory_mib
    }

    /// Where deliveries go in.
    pub(crate) fn door(&self) -> Result<Door> {
        let (s3, sqs) = (self.s3.clone(), self.sqs.clone());
        Ok(Door { s3, sqs, bucket: self.bucket.clone(), queue: self.queue()?.to_owned() })
    }

    /// Waits until few enough messages wait. How often it looked in vain.
    pub(crate) async fn wait_for_room(&self, outstanding: u64) -> Result<u64> {
        let mut waits = 0;
        eventually_within(LOOKS, "the queue to empty", async || {
            let visible = self.messages(self.queue()?).await?.visible;
            waits += u64::from(visible >= outstanding);
            Ok((visible < outstanding).then_some(()))
        })
        .await
        .with_context(|| self.tail())?;
        Ok(waits)
    }

    /// Waits until every object is read or skipped.
    pub(crate) async fn all_counted(&self, expected: &Expected) -> Result<()> {
        let wanted = expected.pipeline();
        let mut missing = String::new();
        eventually_within(LOOKS, "every object to be counted", async || {
            let sums = self.sums()?;
            let is_short = |metric: &&str| sums.get(*metric) < wanted.get(*metric);
            let short = ["ObjectsRead", "ObjectsSkipped"].into_iter().find(is_short);
            missing = short.map(|metric| format!("{metric}: {:?}", sums.get(metric))).unwrap_or_default();
            Ok(short.is_none().then_some(()))
        })
        .await
        .with_context(|| format!("{missing}; {}", self.tail()))
    }

    /// Waits until nothing waits or is in flight, and takes the dead letters.
    pub(crate) async fn settled(&self, expected: &Expected) -> Result<Vec<Letter>> {
        if !self.has_kills {
            self.set_visibility(VISIBILITY_AT_THE_END).await?;
        }
        let mut left = Messages::default();
        eventually_within(LOOKS, "an empty queue", async || {
            left = self.messages(self.queue()?).await?;
            Ok((left.visible + left.in_flight == 0).then_some(()))
        })
        .await
        .with_context(|| format!("{left:?} of {} that cannot be read", expected.poison.len()))?;
        self.dead_letters().await
    }

    /// The sums of all series without dimensions, and of the reasons of some.
    pub(crate) fn sums(&self) -> Result<Sums> {
        let namespace = self.stack.output("MetricNamespace")?;
        let mut sums: std::collections::BTreeMap<String, f64> = std::collections::BTreeMap::new();
        for point in self.cloudwatch.datapoints() {
            ensure!(point.namespace == namespace, "{} was put into {}", point.metric, point.namespace);
            let sum = point.sum();
            match (point.dimensions.len(), point.dimensions.get("Reason")) {
                (0, _) => *sums.entry(point.metric).or_default() += sum,
                (1, Some(reason)) => *sums.entry(format!("{}{{{reason}}}", point.metric)).or_default() += sum,
                _ => {}
            }
        }
        // Seconds, and no count.
        sums.remove("DeliveryLag");
        sums.into_iter()
            .map(|(name, sum)| {
                let whole = sum.to_string().parse();
                Ok((name.clone(), whole.with_context(|| format!("{name} is {sum}, which is no count"))?))
            })
            .collect()
    }

    async fn dead_letters(&self) -> Result<Vec<Letter>> {
        let url = self.stack.output("DeadLetterQueueUrl")?;
        let counted = MessageSystemAttributeName::ApproximateReceiveCount;
        let mut letters = Vec::new();
        loop {
            let request = self.sqs.receive_message().queue_url(url).max_number_of_messages(10);
            let found = request.message_system_attribute_names(counted.clone()).send().await?;
            if found.messages().is_empty() {
                return Ok(letters);
            }
            for message in found.messages() {
                let body: Value = serde_json::from_str(message.body().unwrap_or_default())?;
                let key = body["Records"][0]["s3"]["object"]["key"].as_str();
                let key = key.with_context(|| format!("a dead letter without a key: {body}"))?.to_owned();
                let count = message.attributes().and_then(|attributes| attributes.get(&counted));
                let count: u64 = count.context("a message has a receive count")?.parse()?;
                // The last one is this one.
                letters.push(Letter { key, receives: count - 1 });
                let handle = message.receipt_handle().context("a message has a handle")?;
                self.sqs.delete_message().queue_url(url).receipt_handle(handle).send().await?;
            }
        }
    }

    async fn messages(&self, url: &str) -> Result<Messages> {
        let all = QueueAttributeName::All;
        let found = self.sqs.get_queue_attributes().queue_url(url).attribute_names(all).send().await?;
        let attributes = found.attributes().context("a queue has attributes")?;
        let count = |name: QueueAttributeName| -> Result<u64> {
            Ok(attributes.get(&name).context("every queue is counted")?.parse()?)
        };
        Ok(Messages {
            visible: count(QueueAttributeName::ApproximateNumberOfMessages)?,
            in_flight: count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)?,
        })
    }

    async fn set_visibility(&self, seconds: u32) -> Result<()> {
        let visibility = QueueAttributeName::VisibilityTimeout;
        let request = self.sqs.set_queue_attributes().queue_url(self.queue()?);
        request.attributes(visibility, seconds.to_string()).send().await?;
        Ok(())
    }

    fn queue(&self) -> Result<&str> {
        self.stack.output("DeliveryQueueUrl")
    }

    /// What the local cloud and the function said.
    pub(crate) fn log(&self) -> Result<String> {
        self.cloud.log()
    }

    /// The last of it.
    fn tail(&self) -> String {
        let log = self.log().unwrap_or_else(|error| error.to_string());
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

/// Where deliveries go in.
#[derive(Clone)]
pub(crate) struct Door {
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    bucket: String,
    queue: String,
}

impl Door {
    /// Puts the object, which the bucket announces; or announces one that is there.
    pub(crate) async fn deliver(&self, delivery: Delivery) -> Result<()> {
        let key = &delivery.key;
        if let Some(body) = delivery.body {
            let put = self.s3.put_object().bucket(&self.bucket).key(key).body(body.into());
            return match put.send().await {
                Ok(_) => Ok(()),
                Err(error) => anyhow::bail!("cannot put {key}: {}", DisplayErrorContext(&error)),
            };
        }
        let notification = json!({ "Records": [{
            "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            // The generator's keys have no character that would have to be encoded.
            "s3": { "bucket": { "name": self.bucket }, "object": { "key": key } },
        }] });
        let send = self.sqs.send_message().queue_url(&self.queue).message_body(notification.to_string());
        send.send().await.with_context(|| format!("cannot announce {key} again"))?;
        Ok(())
    }
}

/// A message in the dead-letter queue.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) key: String,
    /// How often the function was given it.
    pub(crate) receives: u64,
}

/// Messages of a queue.
#[derive(Debug, Clone, Copy, Default)]
struct Messages {
    visible: u64,
    in_flight: u64,
}

/// The default of a parameter of the template.
fn default_of(template: &str, parameter: &str) -> Result<u64> {
    let head = format!("  {parameter}:");
    let mut lines = template.lines().skip_while(|line| **line != head);
    let default = lines.find_map(|line| line.trim().strip_prefix("Default:"));
    default.and_then(|value| value.trim().parse().ok()).with_context(|| format!("{parameter} has no default"))
}
