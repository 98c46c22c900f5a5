//! The local cloud's process, and that nothing of it outlives the test.
//!
//! A destructor does not run when a test process is killed. So a shell stands between: it holds the
//! other end of a pipe, and when the pipe closes, for whatever reason, it ends the cloud's whole
//! process group, the functions in it included, and removes the directory.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result};

/// `$0` is the directory, `$1` Python, `$2` MiniStack. Job control would give the group as well,
/// but not every shell has it without a terminal.
const KEEPER: &str = r#"
exec 3<&0
"$1" -c 'import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])' "$2" </dev/null 3<&- &
cloud=$!
(cat <&3 >/dev/null; kill -9 "-$cloud" "$cloud" 2>/dev/null) &
wait "$cloud"
status=$?
echo "status $status" >"$0/ended.new" && mv "$0/ended.new" "$0/ended"
# Functions that outlive a cloud which ended by itself.
kill -9 "-$cloud" 2>/dev/null
# The log of such an end is wanted until the pipe closes.
wait
rm -rf "$0"
exit "$status"
"#;

/// The shell that keeps the cloud.
#[derive(Debug)]
pub(super) struct Process {
    keeper: Child,
    /// Its end is the cloud's end.
    lifeline: Option<ChildStdin>,
    directory: PathBuf,
}

impl Process {
    /// Starts MiniStack at an address.
    pub(super) fn start(bin: &Path, authority: &str, variables: &[(&str, &str)]) -> Result<Self> {
        // The keeper removes the directory: it is the one that lives longest.
        let directory = tempfile::Builder::new().prefix("trailmeter-cloud-").tempdir()?.keep();
        let log = std::fs::File::create(directory.join("log"))?;
        let (host, port) = authority.split_once(':').context("an address has a port")?;
        let mut keeper = Command::new("sh")
            .arg("-c")
            .arg(KEEPER)
            .arg(&directory)
            .arg(bin.join("python"))
            .arg(bin.join("ministack"))
            // An interrupt from the terminal goes to this process alone; the keeper sees it end and
            // does its work.
            .process_group(0)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("HOME", &directory)
            .env("TMPDIR", &directory)
            .env("STATE_DIR", directory.join("state"))
            .env("S3_DATA_DIR", directory.join("s3"))
            // Functions get this host in their endpoint: with a name the S3 client would put the
            // bucket in front of it, which does not resolve.
            .env("MINISTACK_HOST", host)
            .env("BIND_HOST", host)
            .env("GATEWAY_PORT", port)
            .env("IOT_MTLS_ENABLED", "0")
            // The functions it starts inherit it, and so find their way back.
            .env("AWS_ENDPOINT_URL", format!("http://{authority}"))
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start a shell")?;
        let lifeline = keeper.stdin.take();
        Ok(Self { keeper, lifeline, directory })
    }

    /// Whether the cloud ended by itself: the keeper then writes its status and waits on.
    pub(super) fn ended(&self) -> Option<String> {
        std::fs::read_to_string(self.directory.join("ended")).ok()
    }

    /// Everything it wrote.
    pub(super) fn log(&self) -> Result<String> {
        let path = self.directory.join("log");
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The last lines it wrote.
    pub(super) fn log_tail(&self) -> String {
        let log = self.log().unwrap_or_else(|error| error.to_string());
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Where it writes.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // Only when the keeper has ended are port, processes and directory free again.
        drop(self.keeper.wait());
    }
}
