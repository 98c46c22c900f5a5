//! `trailmeter verify`: are log files what `CloudTrail` delivered, and all of it?
//!
//! The checks are `trailmeter-integrity`'s. Here is what is checked: a trail's bucket (`trail.rs`) or a copy of one
//! (`directory.rs`), and how it is told: in the AWS CLI's lines (`text.rs`) or as JSON (`json.rs`).

mod args;
mod check;
mod copy;
mod directory;
mod json;
mod keys;
mod report;
mod text;
mod trail;
mod words;

use std::io::{Write, stderr};

use anyhow::{Context, bail, ensure};
use jiff::Timestamp;
use trailmeter_integrity::Tally;

pub(crate) use args::VerifyArgs;
use check::CheckError;
use report::Report;

use crate::args::Format;
use crate::printable::Printable;
use crate::{DONE, FAILED, WRONG};

/// So many log files are read at a time.
const LOG_FILES_AT_ONCE: usize = 16;

pub(crate) fn run(args: &VerifyArgs) -> anyhow::Result<u8> {
    if let (Some(start), Some(end)) = (args.start_time, args.end_time) {
        ensure!(start.0 <= end.0, "the time range is reversed: --start-time is behind --end-time");
    }
    if let Some(account) = &args.account_id {
        ensure!(trailmeter_logs::is_account(account), "--account-id is no account: it has twelve digits");
    }
    if let Some(region) = &args.region {
        ensure!(trailmeter_logs::is_region(region), "--region is no region: write it as eu-west-1");
    }
    let mut report: Box<dyn Report> = match args.format {
        Format::Table => Box::new(text::Text::new(args.verbose)),
        Format::Json => Box::new(json::Json { is_verbose: args.verbose }),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let checked = runtime.context("no connections can be made")?.block_on(async {
        match &args.directory {
            Some(directory) => copy::verify(args, directory, Timestamp::now(), &mut *report).await,
            None => trail::verify(args, Timestamp::now(), &mut *report).await,
        }
    })?;
    status(checked, args.lenient)
}

/// The exit status of what was found, or of what could not be asked for.
fn status(checked: Result<Tally, CheckError>, is_lenient: bool) -> anyhow::Result<u8> {
    match checked {
        Ok(all) if all.is_invalid() => Ok(WRONG),
        Ok(all) if all.findings > 0 && !is_lenient => Ok(WRONG),
        Ok(_) => Ok(DONE),
        Err(CheckError::Unavailable(error)) => {
            let problem = error.to_string();
            writeln!(stderr(), "trailmeter: the check is not complete: {}", Printable(&problem))?;
            Ok(FAILED)
        }
        Err(CheckError::Output(error)) => bail!(error),
    }
}
