//! The command line of the bench.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Measures Trailmeter beside inflating the same files, and others beside it.
#[derive(Debug, Parser)]
#[command(name = "bench", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure everything, and write the page about it
    Run(RunArgs),
    /// Fail if scanning has become too slow beside inflating
    Guard(GuardArgs),
    /// Make the corpora and measure nothing
    Corpora(CommonArgs),
    /// Start a program and write what it cost: for the bench itself
    #[command(hide = true)]
    Measure {
        report: PathBuf,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct CommonArgs {
    /// Where corpora, peers and results are kept
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    pub(crate) folder: PathBuf,
    /// The command to measure [default: the one beside this program]
    #[arg(long, value_name = "PATH")]
    pub(crate) trailmeter: Option<PathBuf>,
    /// A folder with `SigmaHQ`'s rules for CloudTrail, to be used beside all packs
    #[arg(long, value_name = "FOLDER")]
    pub(crate) sigma: Option<PathBuf>,
    /// Rounds that count
    #[arg(long, value_name = "N", default_value_t = 9)]
    pub(crate) rounds: usize,
    /// Take so small a part of each corpus: 10 for a tenth
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=50))]
    pub(crate) part: u16,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    /// Measure only these sections [default: all]; the page takes the others from the run before
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAME,…")]
    pub(crate) only: Vec<Section>,
    /// Peers that are left out, by name
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    pub(crate) peers_without: Vec<String>,
    /// Write the page and its charts to this folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) docs: Option<PathBuf>,
    /// The day that the page names [default: today, in UTC]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Option<jiff::civil::Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Section {
    /// Trailmeter beside inflating, on all corpora
    Ratios,
    /// Others on the same work
    Peers,
    /// How the cost grows
    Growth,
}

impl Section {
    /// In the order of the page.
    pub(crate) const ALL: [Self; 3] = [Self::Ratios, Self::Peers, Self::Growth];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ratios => "ratios",
            Self::Peers => "peers",
            Self::Growth => "growth",
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct GuardArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Args::command().debug_assert();
    }
}
