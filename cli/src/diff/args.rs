//! What `diff` is asked.

use anyhow::bail;
use trailmeter_detection::DetectorSet;

use crate::args::{DetectorArgs, Format, ListArgs, ReadArgs};

/// Say what another set of detectors would change on the same logs
///
/// Reads the logs once, for both sets, and prints for each detector what would change: matches,
/// which events with up to five examples of each kind, exclusions, series, and what a month costs.
/// A set is a detector file, a folder of them, `pack:NAME`, or several of those with commas between.
///
/// Exit status: 0 nothing changes, 1 something does, 2 the command line or a detector cannot be
/// used, 3 some objects failed (each is named on standard error; the figures are without them).
#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// The detectors as they are
    #[arg(value_name = "OLD")]
    pub(super) old: String,
    /// The detectors as they would be
    #[arg(value_name = "NEW")]
    pub(super) new: String,
    /// Files, folders, or `s3://BUCKET/PREFIX`
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<String>,
    /// How many days the logs stand for [default: from their first event to their last]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) days: Option<u16>,
    #[command(flatten)]
    pub(super) lists: ListArgs,
    /// Go on without the detectors that cannot be used; each is named
    #[arg(long)]
    pub(super) skip_refused: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) reading: ReadArgs,
}

impl DiffArgs {
    /// The detectors that `side` stands for.
    pub(super) fn load(&self, side: &str) -> anyhow::Result<DetectorSet> {
        let mut args = DetectorArgs {
            files: Vec::new(),
            packs: Vec::new(),
            lists: self.lists.clone(),
            skip_refused: self.skip_refused,
        };
        for part in side.split(',') {
            match part.strip_prefix("pack:") {
                _ if part.is_empty() => bail!("{side:?} names no detectors: write FILE, FOLDER or pack:NAME"),
                Some(pack) => args.packs.push(pack.to_owned()),
                None => args.files.push(part.into()),
            }
        }
        crate::detectors::from_args(&args)
    }
}
