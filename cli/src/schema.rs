//! `trailmeter schema`: the shape of a detector file, for editors.

use std::io::{Write, stdout};

use crate::DONE;

/// Print the JSON Schema of the detector file
///
/// By draft 2020-12, for editors and other tools. It says which keys there are and what they may
/// hold; what a pattern means, `trailmeter check` knows.
///
/// Exit status: 0.
#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {}

pub(crate) fn run() -> anyhow::Result<u8> {
    writeln!(stdout().lock(), "{:#}", trailmeter_detection::detector_file_schema())?;
    Ok(DONE)
}
