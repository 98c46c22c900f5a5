//! What a command costs: CPU time and memory of it and of all that it starts and waits for.
//!
//! The kernel tells a process what its ended children cost, all of them together, and hands the
//! memory of whoever starts a program on to its figure. So each command is started by a small
//! process of its own, `bench measure`, which has no other child and next to no memory.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};

/// What one run of a command cost.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// User and system time of all its processes, in seconds.
    pub(crate) cpu: f64,
    /// Time that passed, in seconds.
    pub(crate) wall: f64,
    /// Peak resident memory of its largest process.
    pub(crate) peak_bytes: u64,
}

/// A sample, and what the command printed.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) sample: Sample,
    pub(crate) output: Vec<u8>,
}

/// Runs commands and measures them.
#[derive(Debug)]
pub(crate) struct Meter {
    /// This program.
    bench: PathBuf,
    /// For reports and outputs of the run that is under way.
    folder: PathBuf,
}

impl Meter {
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let bench = std::env::current_exe().context("cannot find this program")?;
        Ok(Self { bench, folder: folder.to_owned() })
    }

    /// Runs a command to its end. One that fails is an error with what it said.
    pub(crate) fn run(&self, command: &Command) -> Result<Run> {
        let (report, output, errors) =
            (self.folder.join("report.json"), self.folder.join("output"), self.folder.join("errors"));
        let mut launcher = Command::new(&self.bench);
        launcher.arg("measure").arg(&report).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => launcher.env(name, value),
                None => launcher.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            launcher.current_dir(folder);
        }
        // Files and no pipes: nobody has to read while the clock runs.
        let status = launcher
            .stdin(Stdio::null())
            .stdout(File::create(&output)?)
            .stderr(File::create(&errors)?)
            .status()
            .context("cannot start the launcher")?;
        if !status.success() {
            let said = fs::read(&errors)?;
            let said = String::from_utf8_lossy(&said[said.len().saturating_sub(2000)..]).into_owned();
            bail!("{command:?} ended with {status}: {said}");
        }
        let sample = serde_json::from_slice(&fs::read(&report)?).context("the launcher's report")?;
        Ok(Run { sample, output: fs::read(&output)? })
    }
}

/// What `bench measure REPORT PROGRAM ARGUMENT…` does: starts the program and writes what it cost.
pub(crate) fn launch(report: &Path, command: &[OsString]) -> Result<()> {
    let (program, arguments) = command.split_first().context("no program to measure")?;
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .status()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let wall = start.elapsed().as_secs_f64();
    ensure!(status.success(), "{} ended with {status}", program.display());
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).context("cannot ask what it cost")?;
    let cpu = (seconds(usage.user_time())? + seconds(usage.system_time())?).as_secs_f64();
    let peak_bytes = u64::try_from(usage.max_rss())? * 1024;
    fs::write(report, serde_json::to_vec(&Sample { cpu, wall, peak_bytes })?)?;
    Ok(())
}

fn seconds(time: TimeVal) -> Result<Duration> {
    let micros = u32::try_from(time.tv_usec())?;
    Ok(Duration::from_secs(u64::try_from(time.tv_sec())?) + Duration::from_micros(u64::from(micros)))
}
