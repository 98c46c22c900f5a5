//! Runs the real `trailmeter` command, and finds the material that lies beside some checkouts.

use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// What a run of the command left.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout).with_context(|| format!("no JSON: {}{}", self.stdout, self.stderr))
    }
}

/// Runs the command that `make test` has built.
pub(crate) fn trailmeter(arguments: &[&str]) -> Result<Run> {
    trailmeter_with(&[], arguments)
}

/// Runs it with something to read on its standard input.
pub(crate) fn trailmeter_on(input: &[u8], arguments: &[&str]) -> Result<Run> {
    let mut file = tempfile::tempfile()?;
    file.write_all(input)?;
    file.rewind()?;
    run(Command::new(binary()?).args(arguments).stdin(file))
}

/// Runs it in a folder.
pub(crate) fn trailmeter_in(folder: &Path, arguments: &[&str]) -> Result<Run> {
    let binary = Path::new(&binary()?).canonicalize().context("cannot run trailmeter: run `make test`")?;
    run(Command::new(binary).args(arguments).current_dir(folder))
}

/// Runs it in a folder with room for so many KiB, its own code included; it dies if it needs more.
pub(crate) fn trailmeter_within(kibibytes: u32, folder: &Path, arguments: &[&str]) -> Result<Run> {
    let binary = Path::new(&binary()?).canonicalize().context("cannot run trailmeter: run `make test`")?;
    let limited = format!("ulimit -v {kibibytes} && exec \"$0\" \"$@\"");
    run(Command::new("sh").arg("-c").arg(limited).arg(binary).args(arguments).current_dir(folder))
}

/// Runs it with more in its environment.
pub(crate) fn trailmeter_with(environment: &[(&str, &str)], arguments: &[&str]) -> Result<Run> {
    run(Command::new(binary()?).args(arguments).envs(environment.iter().copied()))
}

/// Runs it for the account of a stand-in of AWS.
pub(crate) fn trailmeter_at(endpoint: &str, arguments: &[&str]) -> Result<Run> {
    let environment = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    trailmeter_with(&environment, arguments)
}

/// The command, for a test that watches it while it runs.
pub(crate) fn trailmeter_command() -> Result<Command> {
    Ok(Command::new(binary()?))
}

fn binary() -> Result<std::ffi::OsString> {
    #[expect(clippy::disallowed_methods, reason = "the Makefile says where it has put the command")]
    std::env::var_os("TRAILMETER_CLI").context("TRAILMETER_CLI is not set: run `make test`")
}

fn run(command: &mut Command) -> Result<Run> {
    let output = command.output().context("cannot run trailmeter: run `make test`")?;
    Ok(Run {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// A `trailmeter scan` in the making; its result is JSON.
pub(crate) struct Scan(Vec<String>);

impl Scan {
    pub(crate) fn of(paths: &[impl AsRef<Path>]) -> Self {
        let paths = paths.iter().map(|path| path.as_ref().display().to_string());
        Self(["scan", "--format", "json"].into_iter().map(str::to_owned).chain(paths).collect())
    }

    pub(crate) fn detectors(self, path: &Path) -> Self {
        self.with(&["--detectors", &path.display().to_string()])
    }

    pub(crate) fn pack(self, name: &str) -> Self {
        self.with(&["--pack", name])
    }

    pub(crate) fn threads(self, threads: u16) -> Self {
        self.with(&["--threads", &threads.to_string()])
    }

    pub(crate) fn count_duplicates(self) -> Self {
        self.with(&["--count-duplicates"])
    }

    pub(crate) fn run(&self) -> Result<Run> {
        trailmeter(&self.0.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The result of a scan that has to read everything.
    pub(crate) fn json(&self) -> Result<Value> {
        let run = self.run()?;
        ensure!(run.status == Some(0), "{:?} ended with {:?}: {}", self.0, run.status, run.stderr);
        run.json()
    }

    fn with(mut self, arguments: &[&str]) -> Self {
        self.0.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }
}

/// The folder with real records and suites. Without it the caller has nothing to test, which is
/// said out loud, and is an error in CI.
pub(crate) fn shared_material() -> Result<Option<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    if folder.join("data/oracle_per_file.jsonl").exists() {
        return Ok(Some(folder));
    }
    #[expect(clippy::disallowed_methods, reason = "what is missing may be missing on a user's machine only")]
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    ensure!(!is_ci, "CI has no ../shared beside the checkout");
    // Not `eprintln!`: the test harness keeps that back from whoever runs the tests.
    writeln!(std::io::stderr(), "SKIPPED: no ../shared beside the checkout, so no corpus to test with")?;
    Ok(None)
}
