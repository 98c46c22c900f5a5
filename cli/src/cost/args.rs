//! The options of `trailmeter cost`.

use clap::ValueEnum;
use trailmeter_pipeline::Timestamps;

use super::meter::Deployment;
use crate::args::LogArgs;

/// Say what a month of these detectors on these logs costs
///
/// Reads log files as `scan` does, replays what the function would make of them, and prints for
/// each detector its series and what they cost, and for the whole deployment the bill of a month,
/// next to that of CloudWatch Logs with metric filters. Nothing is sent anywhere. What the figures
/// take for granted is printed with them.
///
/// Exit status: 0 all detectors are within the budget, 1 some are over it (each is named on
/// standard error), 2 the command line or a detector cannot be used, 3 some objects failed (each
/// is named on standard error; the figures are without them).
#[derive(Debug, clap::Args)]
pub(crate) struct CostArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,
    /// How many days the logs stand for [default: from their first event to their last]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) days: Option<u16>,
    /// How many series a detector may have
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) series_budget: u64,
    /// How many objects come in one invocation; the template's `BatchSize` is the most
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) objects_per_invocation: u16,
    /// How many combinations of values a dimension set keeps in one invocation: `DimensionValues`
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub(crate) dimension_values: u16,
    /// The time that datapoints bear: `Timestamps`
    #[arg(long, value_enum, default_value_t = PointTime::Arrival)]
    pub(crate) timestamps: PointTime,
    /// The detectors of `--detectors` are loaded by the function, and one alarm covers them all
    #[arg(long)]
    pub(crate) loaded: bool,
    /// The log files are not encrypted with a KMS key
    #[arg(long)]
    pub(crate) no_log_key: bool,
    /// What the ledger remembers: `Ledger`
    #[arg(long, value_enum, default_value_t = Ledger::Event)]
    pub(crate) ledger: Ledger,
}

/// What the ledger remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ledger {
    /// Each object and each match
    Event,
    /// Each object
    Object,
    /// There is none
    Off,
}

/// The time that datapoints bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PointTime {
    /// When the file is handled
    Arrival,
    /// When the event happened
    Event,
    /// Arrival, and the event's in a second metric
    Both,
}

impl CostArgs {
    /// How the options say that the function is deployed.
    pub(super) fn deployment(&self) -> Deployment {
        Deployment {
            objects_per_invocation: usize::from(self.objects_per_invocation),
            dimension_values: usize::from(self.dimension_values),
            timestamps: match self.timestamps {
                PointTime::Arrival => Timestamps::Arrival,
                PointTime::Event => Timestamps::Event,
                PointTime::Both => Timestamps::Both,
            },
            loads_detectors: self.loaded,
            has_log_key: !self.no_log_key,
            ledger: self.ledger,
        }
    }
}
