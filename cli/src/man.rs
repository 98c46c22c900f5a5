//! `trailmeter man`: the manual, made from the definition of the command line.

use std::fs;
use std::io::{Write, stdout};
use std::path::PathBuf;

use anyhow::Context;
use clap::CommandFactory;
use clap_mangen::Man;

use crate::DONE;
use crate::args::Args;
use crate::printable::Printable;

/// Print the manual page, or write the pages of all commands
///
/// `trailmeter man | man -l -` shows the page on the whole command. With --folder there is one for each
/// command beside it: trailmeter.1, trailmeter-scan.1, trailmeter-dlq-list.1 and so on, which belong into a
/// folder such as /usr/local/share/man/man1.
///
/// Exit status: 0 it is done, 2 the folder cannot be written to.
#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// Write the pages of all commands into this folder, which is made if need be
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(crate) fn run(args: &ManArgs) -> anyhow::Result<u8> {
    let mut out = stdout().lock();
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        Man::new(Args::command()).render(&mut page)?;
        out.write_all(&page)?;
        return Ok(DONE);
    };
    let shown = folder.display().to_string();
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Args::command(), folder))
        .with_context(|| format!("the pages cannot be written to {shown}"))?;
    writeln!(out, "the pages are in {}; read one with: man -l {0}/trailmeter.1", Printable(&shown))?;
    Ok(DONE)
}
