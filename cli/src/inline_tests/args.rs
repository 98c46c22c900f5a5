//! What `test` is asked.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::args::ListArgs;

/// Run the tests that detectors carry
///
/// Prints how many tests each detector has and each failure as `FILE:LINE:COLUMN`, with what was
/// expected, what came out, and the tests of the rule that decided it. Exclusions hold here
/// whatever their last day: what passes today passes tomorrow.
///
/// Exit status: 0 all tests pass, 1 a test fails or a detector cannot be used, 2 the command line
/// or a path cannot be used.
#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    /// Detector files or folders of them [default: all packs]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A pack that comes with Trailmeter
    #[arg(long = "pack", value_name = "NAME")]
    pub(crate) packs: Vec<String>,
    /// Only the detector of this name
    #[arg(long = "detector", value_name = "NAME")]
    pub(crate) detectors: Vec<String>,
    #[command(flatten)]
    pub(crate) lists: ListArgs,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = TestFormat::Table)]
    pub(crate) format: TestFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people
    Table,
    /// For CI: JUnit's XML
    Junit,
    /// For programs
    Json,
}
