//! What `explain` is asked.

use std::path::PathBuf;

use super::read::Choice;
use crate::args::{Format, ListArgs};

/// Show why a detector matches a record, or why not
///
/// Prints the tree of the detector's rule with what each test found in the record, then its
/// exclusions, then the verdict. Exclusions whose last day is over do not count, and are shown.
///
/// Exit status: 0 the record matches (of several, one does), 1 it does not or is excluded, 2 there
/// is no such detector or no such record, or the record is malformed.
#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// The name of a detector, or a detector's file
    #[arg(value_name = "DETECTOR")]
    pub(crate) detector: String,
    /// A file with a record, an EventBridge event with one, or a log file of CloudTrail or of S3's
    /// server access logs, gzipped or plain; `-` is standard input
    #[arg(value_name = "RECORD.json")]
    pub(crate) record: String,
    /// Of a log file, the record with this eventID
    #[arg(long, value_name = "ID", conflicts_with = "number")]
    pub(crate) event_id: Option<String>,
    /// Of a log file, the Nth record, counted from 1
    #[arg(long = "record", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) number: Option<u64>,
    /// A detector file or a folder of them to look the name up in [default: all packs]
    #[arg(long = "detectors", value_name = "PATH")]
    pub(crate) files: Vec<PathBuf>,
    /// A pack to look the name up in [default: all packs]
    #[arg(long = "pack", value_name = "NAME")]
    pub(crate) packs: Vec<String>,
    #[command(flatten)]
    pub(crate) lists: ListArgs,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

impl ExplainArgs {
    pub(super) fn choice(&self) -> Choice {
        match (&self.event_id, self.number) {
            (Some(id), _) => Choice::Id(id.clone()),
            (None, Some(number)) => Choice::Number(number),
            (None, None) => Choice::All,
        }
    }
}
