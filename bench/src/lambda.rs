//! The function's binary in a process of its own, on a stand-in for Lambda: what its CPU is used for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use trailmeter_testkit::runtime_api::Function;

/// All packs: what the start is promised for.
const PACKS: &str = "activity,cis,default,sources,threats";

/// The binary that the program was given, or the one beside it.
pub(crate) fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::args_os().nth(1) {
        return Ok(path.into());
    }
    let program = std::env::current_exe().context("cannot find this program")?;
    Ok(program.with_file_name("detect"))
}

/// Starts the function with all packs and a ledger, and waits until it asks for its first event.
/// `endpoint` answers for every service of AWS.
pub(crate) fn start(binary: &Path, endpoint: &str) -> Result<Function> {
    let queue = format!("{endpoint}/queue");
    let function = Function::start(
        binary,
        &[
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
            ("TRAILMETER_BUCKETS", "logs"),
            ("TRAILMETER_PACKS", PACKS),
            ("TRAILMETER_QUEUE_URL", &queue),
            ("TRAILMETER_LEDGER", "event"),
            ("TRAILMETER_LEDGER_TABLE", "ledger"),
        ],
    )?;
    match function.wait_until_ready()? {
        None => Ok(function),
        Some(outcome) => bail!("{} does not start: {outcome:?}", binary.display()),
    }
}

/// The CPU time that a process has used so far.
pub(crate) fn cpu(function: &Function) -> Result<Duration> {
    let process = Pid::from_raw(function.id().try_into()?);
    let clock = clock_getcpuclockid(process).context("the function has ended")?;
    Ok(clock_gettime(clock).context("the function has ended")?.into())
}
