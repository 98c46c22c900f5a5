//! Which bucket, which queue, which table.

use anyhow::{Context, bail};
use trailmeter_aws::Clients;

use super::args::WhereArgs;

/// Where log files are, and where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) bucket_region: Option<String>,
    /// What stands before `AWSLogs/` in its keys, as far as that is known.
    pub(super) prefix: Option<String>,
    pub(super) queue_url: Option<String>,
    pub(super) table: Option<String>,
}

impl Place {
    pub(super) async fn find(args: &WhereArgs, clients: &Clients) -> anyhow::Result<Self> {
        let Some(name) = &args.stack else {
            let Some(bucket) = args.bucket.clone() else {
                bail!("name a stack with --stack, or a bucket with --bucket")
            };
            return Ok(Self {
                bucket,
                bucket_region: args.bucket_region.clone(),
                prefix: None,
                queue_url: args.queue_url.clone(),
                table: args.table.clone(),
            });
        };
        let stack = crate::stack::named(clients, name).await?;
        let bucket = stack.output("LogBucketName").or_else(|| stack.parameter("LogBucketName"));
        let bucket = bucket.with_context(|| {
            format!("the stack {name} has no output LogBucketName, so it is none of Trailmeter's")
        })?;
        Ok(Self {
            bucket: bucket.to_owned(),
            bucket_region: stack.parameter("LogBucketRegion").map(str::to_owned),
            prefix: stack.parameter("LogKeyPrefix").map(str::to_owned),
            queue_url: stack.output("DeliveryQueueUrl").map(str::to_owned),
            table: stack.output("LedgerTableName").map(str::to_owned),
        })
    }

    /// The queue and the table, without which nothing can be sent: the table is what keeps it from counting twice.
    pub(super) fn destinations(&self) -> anyhow::Result<(String, String)> {
        let queue =
            self.queue_url.clone().context("with --bucket, --queue-url says where the objects are named")?;
        let table = self.table.clone().context(
            "there is no ledger, so that what was counted would count twice: deploy the stack with Ledger=event or \
             object, or name its table with --table",
        )?;
        Ok((queue, table))
    }
}
