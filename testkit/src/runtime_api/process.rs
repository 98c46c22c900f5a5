//! The function's process: its log lines, its memory and its end.

use std::collections::BTreeMap;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// A child process that writes its output into a file. What it wrote before it answered is there with the answer; what
/// goes through a pipe may come behind it.
#[derive(Debug)]
pub(super) struct Process {
    child: Mutex<Child>,
    id: u32,
    output: NamedTempFile,
}

impl Process {
    /// Starts a command with these variables and no others.
    pub(super) fn start(mut command: Command, variables: &BTreeMap<String, String>) -> Result<Self> {
        let output = NamedTempFile::new()?;
        let child = command
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            // Copies of one handle: the one writes behind the other.
            .stdout(output.as_file().try_clone()?)
            .stderr(output.as_file().try_clone()?)
            .spawn()?;
        Ok(Self { id: child.id(), child: Mutex::new(child), output })
    }

    /// How it ended, if it has.
    pub(super) fn ended(&self) -> Result<Option<ExitStatus>> {
        Ok(self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait()?)
    }

    /// The lines so far.
    pub(super) fn lines(&self) -> Vec<String> {
        // Bytes, not text: a function that logs what it could not decode may log anything.
        let written = std::fs::read(self.output.path()).unwrap_or_default();
        let Some(end) = written.iter().rposition(|&byte| byte == b'\n') else { return Vec::new() };
        let lines = written[..end].split(|&byte| byte == b'\n');
        lines.map(|line| String::from_utf8_lossy(line).trim_end().to_owned()).collect()
    }

    /// `VmHWM` of the running process, in bytes.
    pub(super) fn peak_resident_bytes(&self) -> Result<u64> {
        let path = format!("/proc/{}/status", self.id);
        let status = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let figure = line.and_then(|line| line.split_whitespace().next()).context("the process has ended")?;
        Ok(figure.parse::<u64>()? * 1024)
    }

    /// Its number.
    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Ends it.
    pub(super) fn kill(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // Both fail only where the process has ended already.
        drop(child.kill());
        drop(child.wait());
    }
}
