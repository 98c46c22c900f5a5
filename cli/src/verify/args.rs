//! The options of `trailmeter verify`.

use std::path::PathBuf;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use crate::args::Format;

/// Check that log files are what `CloudTrail` delivered, and all of it
///
/// Takes the options of `aws cloudtrail validate-logs`, and prints its lines: what is valid on
/// standard output with --verbose, what is not on standard error, and the sums. It looks for more
/// than that: digests that do not fit to each other, time that no digest covers, log files that no
/// digest names. Such findings come behind the sums, on standard error.
///
/// With DIRECTORY it checks a copy of a bucket on this machine, with the public keys of a file.
///
/// Exit status: 0 all is valid, 1 something is not, or there is a finding, 2 the command line cannot
/// be used, 3 something could not be asked for, and nothing is known of it.
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// A copy of the bucket, with the metadata of each digest beside it as `KEY.metadata.json`
    #[arg(value_name = "DIRECTORY", requires = "public_keys")]
    pub(super) directory: Option<PathBuf>,
    /// The trail
    #[arg(long, value_name = "ARN", required_unless_present = "directory")]
    pub(super) trail_arn: Option<String>,
    /// Check log files that were delivered since this time, as `2026-11-21T06:00:00Z`
    #[arg(long, value_name = "TIME", required_unless_present = "directory")]
    pub(super) start_time: Option<Time>,
    /// Check log files that were delivered until this time [default: now; of a copy, its last digest]
    #[arg(long, value_name = "TIME")]
    pub(super) end_time: Option<Time>,
    /// The bucket, if it is not the trail's present one; of a copy, the bucket that it is of
    #[arg(long, value_name = "BUCKET")]
    pub(super) s3_bucket: Option<String>,
    /// What stands before `AWSLogs/` in the bucket, if the trail does not say it
    #[arg(long, value_name = "PREFIX")]
    pub(super) s3_prefix: Option<String>,
    /// The account whose log files are checked, of a trail that records an organization
    #[arg(long, value_name = "ID")]
    pub(super) account_id: Option<String>,
    /// The region whose log files are checked [default: that of the AWS settings, or of the trail; of
    /// a copy, each]
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// Print what is valid, too
    #[arg(long)]
    pub(super) verbose: bool,
    /// A file with what `aws cloudtrail list-public-keys` prints, in place of asking for it
    #[arg(long, value_name = "FILE")]
    pub(super) public_keys: Option<PathBuf>,
    /// Exit with status 0 if all is valid, whatever else was found
    #[arg(long)]
    pub(super) lenient: bool,
    /// How the result is printed: lines, or a JSON object in each line
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

/// A time as people write it. Without a zone it is UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time(pub(super) Timestamp);

impl FromStr for Time {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let utc = |time: DateTime| Offset::UTC.to_timestamp(time).ok();
        let time = text.parse::<Timestamp>().ok();
        // A day is a time for this parser, too: its midnight.
        let time = time.or_else(|| utc(text.parse::<DateTime>().ok()?));
        let time = time.or_else(|| utc(text.parse::<Date>().ok()?.at(0, 0, 0, 0)));
        time.map(Self).ok_or("it is no time: write 2026-11-21T06:00:00Z, or a day as 2026-11-21")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_forms_that_scripts_have() {
        for (text, expected) in [
            ("2026-11-21T06:05:04Z", Some("2026-11-21T06:05:04Z")),
            ("2026-11-21T06:05:04", Some("2026-11-21T06:05:04Z")),
            ("2026-11-21 06:05:04", Some("2026-11-21T06:05:04Z")),
            ("2026-11-21 06:05", Some("2026-11-21T06:05:00Z")),
            ("2026-11-21T06:05:04+02:00", Some("2026-11-21T04:05:04Z")),
            ("20261121T060504Z", Some("2026-11-21T06:05:04Z")),
            ("2026-11-21", Some("2026-11-21T00:00:00Z")),
            (" 2026-11-21 ", Some("2026-11-21T00:00:00Z")),
            ("yesterday", None),
            ("2026-13-21", None),
            ("", None),
        ] {
            let time = text.parse::<Time>().ok().map(|time| time.0.to_string());
            assert_eq!(time.as_deref(), expected, "{text:?}");
        }
    }
}
