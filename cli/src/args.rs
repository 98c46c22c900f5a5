//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::scan::Since;

/// Counts the events that matter in AWS CloudTrail logs.
#[derive(Debug, Parser)]
#[command(name = "trailmeter", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Scan(ScanArgs),
    Report(crate::report::ReportArgs),
    Cost(crate::cost::CostArgs),
    Check(CheckArgs),
    Import(crate::import::ImportArgs),
    Test(crate::inline_tests::TestArgs),
    Explain(crate::explain::ExplainArgs),
    Diff(crate::diff::DiffArgs),
    New(crate::new::NewArgs),
    Schema(crate::schema::SchemaArgs),
    Backfill(crate::backfill::BackfillArgs),
    Dlq(crate::dlq::DlqArgs),
    Doctor(crate::doctor::DoctorArgs),
    Verify(crate::verify::VerifyArgs),
    Completions(crate::completions::CompletionsArgs),
    Man(crate::man::ManArgs),
}

/// Scan log files and count what the detectors match
///
/// Reads CloudTrail log files, gzipped or plain, exactly as the Lambda function does. In folders
/// and buckets, digests and files that are no logs are skipped and counted. On a terminal the table
/// fits its width and shows when the matches happened.
///
/// With --follow it reads what is delivered to a bucket from now on, prints a line for each file and
/// detector that matches, and the table when it is ended with Ctrl-C.
///
/// Exit status: 0 everything was read, 2 the command line, a detector or a bucket to follow cannot be
/// used, 3 some objects failed (each is named on standard error; what was read is still counted).
#[derive(Debug, clap::Args)]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,
    #[command(flatten)]
    pub(crate) following: FollowArgs,
}

/// Which logs are read, by which detectors
#[derive(Debug, clap::Args)]
pub(crate) struct LogArgs {
    /// Files, folders, or `s3://BUCKET/PREFIX`
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    #[command(flatten)]
    pub(crate) detectors: DetectorArgs,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) reading: ReadArgs,
}

/// How logs are read
#[derive(Debug, clap::Args)]
pub(crate) struct ReadArgs {
    /// How many files are read at the same time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Count every record as it stands, repeats of the same event too
    #[arg(long)]
    pub(crate) count_duplicates: bool,
    /// Refuse files that inflate to more than this
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u64).range(1..=16384))]
    pub(crate) max_inflated_mib: u64,
    /// Memory for the files that are read at the same time: one that needs more than a thread's share
    /// is read piece by piece, which is slower [default: 80 for each thread]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(8..=1_048_576))]
    pub(crate) max_memory_mib: Option<u64>,
}

/// How new deliveries are watched for
#[derive(Debug, clap::Args)]
pub(crate) struct FollowArgs {
    /// Read what is delivered to `s3://BUCKET/PREFIX` from now on, until Ctrl-C
    #[arg(long)]
    pub(crate) follow: bool,
    /// With --follow: begin with files that were delivered since a time, as `6h`, `2d`, `2026-11-21` or
    /// `2026-11-21T06:00:00Z`
    #[arg(long, value_name = "WHEN", requires = "follow")]
    pub(crate) since: Option<Since>,
    /// With --follow: seconds from one look into the bucket to the next
    #[arg(long, value_name = "SECONDS", requires = "follow", default_value_t = 15,
        value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub(crate) interval: u16,
}

/// Which detectors are used
#[derive(Debug, clap::Args)]
pub(crate) struct DetectorArgs {
    /// A detector file, or a folder of them [default: the pack `default`]
    #[arg(long = "detectors", value_name = "PATH")]
    pub(crate) files: Vec<PathBuf>,
    /// A pack that comes with Trailmeter: default, activity, cis, insight, network, s3-access, sources, threats
    #[arg(long = "pack", value_name = "NAME")]
    pub(crate) packs: Vec<String>,
    #[command(flatten)]
    pub(crate) lists: ListArgs,
    /// Go on without the detectors that cannot be used; each is named
    #[arg(long)]
    pub(crate) skip_refused: bool,
}

/// Values for the placeholders of detectors
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ListArgs {
    /// Values for a placeholder, as `known_networks=10.0.0.0/8,192.0.2.0/24`
    #[arg(long = "list", value_name = "NAME=VALUE,…")]
    pub(crate) lists: Vec<String>,
}

/// Load detectors, run the tests they carry, and warn of what finds nothing
///
/// Detectors and published Sigma rules alike. Prints every mistake as `FILE:LINE:COLUMN`, and for
/// Sigma rules which run and which are refused. Warnings, each with its `[code]`, are of what loads
/// and still does not do what it seems to. Exit status: 0 all is well, 1 something is wrong or
/// refused, 2 a path cannot be read.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Detector files or folders of them [default: everything that comes with Trailmeter]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) lists: ListArgs,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Exit with status 1 if there is a warning that no detector allows
    #[arg(long)]
    pub(crate) deny_warnings: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Args::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_pack() {
        let mut command = super::Args::command();
        let help = command.find_subcommand_mut("scan").unwrap().render_long_help().to_string();
        let packs = trailmeter_detection::pack_names();
        // However long the list is, and wherever its lines break.
        let (_, list) = help.split_once("A pack that comes with Trailmeter: ").unwrap();
        let words: Vec<&str> = list.split_whitespace().collect();
        let end = words.iter().position(|word| !word.ends_with(',')).unwrap();
        let mut named: Vec<&str> = words[..=end].iter().map(|word| word.trim_end_matches(',')).collect();
        named.sort_unstable_by_key(|&name| (name != trailmeter_detection::DEFAULT_PACK, name));
        assert_eq!(named, packs);
    }
}
