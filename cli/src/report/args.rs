//! What `trailmeter report` is asked for.

use crate::args::{DetectorArgs, ReadArgs};

/// Scan log files and write a page of what was found, to look at in a browser
///
/// One HTML file that needs no network: matches over time and by hour, who and what stands out, and
/// a table of findings to sort and filter. It holds names, addresses and ARNs from the logs: keep it
/// as you keep those.
///
/// Exit status: 0 everything was read, 2 the command line or a detector cannot be used or the page
/// cannot be written, 3 some objects failed (each is named on standard error and on the page).
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// Files, folders, or `s3://BUCKET/PREFIX`
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<String>,
    /// Where the page goes, such as report.html; an older one there is replaced. `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: String,
    #[command(flatten)]
    pub(super) detectors: DetectorArgs,
    /// How many findings the table has at the most: the most severe, and of those the newest
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(..=200_000))]
    pub(super) most_findings: u32,
    /// Keep findings of detectors that count volume, such as those of the pack activity, too
    #[arg(long)]
    pub(super) all_findings: bool,
    #[command(flatten)]
    pub(super) reading: ReadArgs,
}
