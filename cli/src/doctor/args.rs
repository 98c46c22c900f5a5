//! The options of `trailmeter doctor`.

use crate::args::Format;

/// Check a deployment from outside, and say how to mend what is wrong
///
/// Asks AWS about the trail, the bucket, its notifications and policies, the key, the queues, the
/// function, the ledger, alarms, who hears of them, and what the last hours' metrics say. Nothing is
/// changed. What you may not ask about is named with the permission that is missing; the rest is
/// checked all the same.
///
/// Exit status: 0 no problem was found, 1 there is a problem, 2 the command line or the stack cannot
/// be used.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// The stack
    #[arg(long, value_name = "NAME")]
    pub(super) stack: String,
    /// The trail, where the stack does not say which it is and it is of another account or region
    #[arg(long, value_name = "ARN")]
    pub(super) trail: Option<String>,
    /// How many hours of metrics are looked at
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=360))]
    pub(super) hours: i64,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}
