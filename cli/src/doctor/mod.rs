//! `trailmeter doctor`: a deployment, looked at from outside.
//!
//! `gather.rs` asks and knows nothing of right and wrong; `checks/` says what the answers come down
//! to and asks nothing. Between the two stand the plain values of `facts.rs`.

mod args;
mod checks;
mod facts;
mod finding;
mod gather;
mod output;
mod policy;

use anyhow::Context;

use crate::args::Format;
use crate::{DONE, WRONG};
pub(crate) use args::DoctorArgs;
use finding::State;

pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let facts = runtime.context("no connections can be made")?.block_on(gather::gather(args))?;
    let findings = checks::findings(&facts);
    match args.format {
        Format::Table => output::table(&facts.stack.name, &findings)?,
        Format::Json => output::json(&facts.stack.name, &findings)?,
    }
    Ok(if findings.iter().any(|finding| finding.state == State::Problem) { WRONG } else { DONE })
}
