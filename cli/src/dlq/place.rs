//! Which queue, and what else is known of the deployment it belongs to.

use anyhow::{Context, bail};
use trailmeter_aws::Clients;
use trailmeter_logs::Limits;

use super::args::WhereArgs;

/// A dead-letter queue and its surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) queue: String,
    pub(super) source: Option<String>,
    pub(super) log_group: Option<String>,
    /// Whether objects are counted once however often they come; `None` if that is not known.
    pub(super) has_ledger: Option<bool>,
    /// The log bucket, and that of access logs if there is one: the function reads no other. Empty if they are not
    /// known.
    pub(super) buckets: Vec<String>,
    /// The region of the log bucket, if it is another.
    pub(super) bucket_region: Option<String>,
    /// The sizes from which on the function refuses a file.
    pub(super) limits: Limits,
}

impl Place {
    pub(super) async fn find(args: &WhereArgs, clients: &Clients) -> anyhow::Result<Self> {
        let Some(name) = &args.stack else {
            let Some(queue) = args.queue.clone() else {
                bail!("name a stack with --stack, or a queue with --queue")
            };
            return Ok(Self {
                queue,
                source: args.source.clone(),
                log_group: args.log_group.clone(),
                has_ledger: None,
                buckets: Vec::new(),
                bucket_region: None,
                limits: Limits::default(),
            });
        };
        let stack = crate::stack::named(clients, name).await?;
        let queue = stack.output("DeadLetterQueueUrl");
        let queue = queue.with_context(|| {
            format!("the stack {name} has no output DeadLetterQueueUrl, so it is none of Trailmeter's")
        })?;
        let mut limits = Limits::default();
        if let Some(mib) = stack.parameter("MaxInflatedMiB").and_then(|mib| mib.parse::<u64>().ok()) {
            limits.inflated = mib << 20;
        }
        Ok(Self {
            queue: queue.to_owned(),
            source: stack.output("DeliveryQueueUrl").map(str::to_owned),
            log_group: stack.output("DetectLogGroupName").map(str::to_owned),
            has_ledger: Some(stack.output("LedgerTableName").is_some()),
            buckets: stack
                .output("LogBucketName")
                .or_else(|| stack.parameter("LogBucketName"))
                .into_iter()
                .chain(stack.output("AccessLogBucketName"))
                .map(str::to_owned)
                .collect(),
            bucket_region: stack.parameter("LogBucketRegion").map(str::to_owned),
            limits,
        })
    }
}
