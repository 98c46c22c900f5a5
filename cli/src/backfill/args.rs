//! The options of `trailmeter backfill`.

use clap::Args;
use trailmeter_backfill::{Asked, DEFAULT_LEAVE_MINUTES, DEFAULT_RATE, HIGHEST_RATE};

use crate::args::Format;

/// Run detection over the past
///
/// Names the log files of past days to the function's queue, which reads and counts them as it does deliveries. What
/// was counted before is passed over. The counts bear the time of their events and stand in metrics of their own,
/// NAME.Backfill, so that no alarm goes off over the past; of events older than two weeks there are findings alone.
///
/// First it says what it comes to: objects, bytes, time, cost. What is interrupted goes on where it stopped when the
/// same command is given again. Files of the last two hours are left to their own delivery.
///
/// Exit status: 0 everything is queued, or the estimate is made, 1 there is nothing to queue, nobody said yes, or it was
/// stopped (the same command goes on), 2 the command line, the stack, the bucket or the queue cannot be used.
#[derive(Debug, Args)]
pub(crate) struct BackfillArgs {
    #[command(flatten)]
    pub(super) place: WhereArgs,
    /// What stands before `AWSLogs/` in the keys, or a folder below that [default: the stack's]
    #[arg(long, value_name = "PREFIX")]
    pub(super) prefix: Option<String>,
    /// An account, by its twelve digits; may be repeated [default: all]
    #[arg(long = "account", value_name = "ID")]
    pub(super) accounts: Vec<String>,
    /// A region; may be repeated [default: all]
    #[arg(long = "region", value_name = "REGION")]
    pub(super) regions: Vec<String>,
    /// A kind of log file: events, insight, network-activity, aggregated; may be repeated [default: all]
    #[arg(long = "kind", value_name = "KIND")]
    pub(super) kinds: Vec<String>,
    /// The first day, as 2026-11-01 (UTC, by the folders that the files are in)
    #[arg(long, value_name = "DAY")]
    pub(super) from: String,
    /// The last day [default: today]
    #[arg(long, value_name = "DAY")]
    pub(super) to: Option<String>,
    /// Objects in a second, at the most
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RATE,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(HIGHEST_RATE)))]
    pub(super) rate: u32,
    /// Leave files that were written in the last N minutes to their own delivery, so that its alarm can still go off
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LEAVE_MINUTES)]
    pub(super) leave_minutes: u32,
    /// Count again what was counted before, each file once in this backfill
    #[arg(long)]
    pub(super) recount: bool,
    /// What it is called: another name begins anew [default: made from what is asked for]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Say what it comes to, and queue nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do not ask whether to begin
    #[arg(long, short)]
    pub(super) yes: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

/// Where the log files are, and where they go
#[derive(Debug, Args)]
#[group(id = "backfill_place", required = true, multiple = true)]
pub(super) struct WhereArgs {
    /// The stack whose bucket, queue and table these are
    #[arg(long, value_name = "NAME", conflicts_with_all = ["bucket", "queue_url", "table", "bucket_region"])]
    pub(super) stack: Option<String>,
    /// The log bucket, in place of a stack
    #[arg(long, value_name = "NAME")]
    pub(super) bucket: Option<String>,
    /// With --bucket: the region it is in, if it is another
    #[arg(long, value_name = "REGION", requires = "bucket")]
    pub(super) bucket_region: Option<String>,
    /// With --bucket: the URL of the queue of deliveries
    #[arg(long, value_name = "URL", requires = "bucket")]
    pub(super) queue_url: Option<String>,
    /// With --bucket: the table that remembers what was counted
    #[arg(long, value_name = "NAME", requires = "bucket")]
    pub(super) table: Option<String>,
}

impl BackfillArgs {
    /// What is asked for, of a bucket whose keys usually begin with a prefix.
    pub(super) fn asked(&self, bucket: &str, prefix: Option<&str>) -> Asked {
        Asked {
            name: self.name.clone(),
            bucket: bucket.to_owned(),
            prefix: self.prefix.as_deref().or(prefix).unwrap_or_default().to_owned(),
            accounts: self.accounts.clone(),
            regions: self.regions.clone(),
            kinds: self.kinds.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            recount: self.recount,
            rate: Some(self.rate),
            leave_minutes: Some(self.leave_minutes),
        }
    }
}
