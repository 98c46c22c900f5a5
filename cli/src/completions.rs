//! `trailmeter completions`: what a shell needs to complete the command line.
//!
//! Made from the definition of the command line itself, so that it knows each option.

use std::io::{Write, stdout};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::DONE;
use crate::args::Args;

/// Print a script by which a shell completes this command
///
/// Put it where the shell looks for such scripts, or read it in when the shell starts, as with
/// `source <(trailmeter completions bash)`.
///
/// Exit status: 0.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> anyhow::Result<u8> {
    // Into memory first: the generator panics at what cannot be written.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "trailmeter", &mut script);
    stdout().lock().write_all(&script)?;
    Ok(DONE)
}
