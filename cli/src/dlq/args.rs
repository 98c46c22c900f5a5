//! The options of `trailmeter dlq`.

use clap::{Args, Subcommand};

use crate::args::Format;

/// Look at messages that could not be handled, and send them back
///
/// What fails five times lies in the dead-letter queue for 14 days. Here is told which object each
/// message is about, why it failed and what to do; and when the cause is gone it goes back to where
/// it came from. Looking takes nothing away: messages are hidden from others while the command
/// looks at them, and each look counts as a receive.
///
/// Exit status: 0 all is done, 1 something could not be done (each is named), 2 the command line,
/// the stack or the queue cannot be used.
#[derive(Debug, Args)]
pub(crate) struct DlqArgs {
    #[command(subcommand)]
    pub(super) command: DlqCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum DlqCommand {
    List(ListArgs),
    Show(ShowArgs),
    Redrive(RedriveArgs),
}

/// Where the messages are
#[derive(Debug, Args)]
#[group(id = "place", required = true, multiple = true)]
pub(super) struct WhereArgs {
    /// The stack whose dead-letter queue it is
    #[arg(long, value_name = "NAME", conflicts_with_all = ["queue", "source", "log_group"])]
    pub(super) stack: Option<String>,
    /// A dead-letter queue by its URL, in place of a stack
    #[arg(long, value_name = "URL")]
    pub(super) queue: Option<String>,
    /// With --queue: the URL of the queue to send back to
    #[arg(long, value_name = "URL", requires = "queue")]
    pub(super) source: Option<String>,
    /// With --queue: the log group of the function
    #[arg(long, value_name = "NAME", requires = "queue")]
    pub(super) log_group: Option<String>,
}

/// List messages: which object, since when, how often tried, which error
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub(super) place: WhereArgs,
    /// How many messages are looked at
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) limit: u32,
    /// Leave out the errors, which stand in the function's log
    #[arg(long)]
    pub(super) no_logs: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

/// Show everything about one message, and what to do
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The message's id, as `list` prints it
    #[arg(value_name = "ID")]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) place: WhereArgs,
    /// Leave out the errors, which stand in the function's log
    #[arg(long)]
    pub(super) no_logs: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

/// Send messages back, once the cause is gone
///
/// Each is sent first and deleted then, so that none is lost. If the second fails it is there twice,
/// which a stack with a ledger counts once.
#[derive(Debug, Args)]
pub(super) struct RedriveArgs {
    /// Ids of messages, as `list` prints them
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub(super) ids: Vec<String>,
    /// All of them; SQS moves them by itself if it can
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) place: WhereArgs,
    /// Read the objects first, with your own permissions; a message stays if one of them still fails
    #[arg(long)]
    pub(super) check: bool,
    /// Say what would be sent back, and send nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}
