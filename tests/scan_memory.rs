//! What a scan takes of memory: the files that are read at the same time, and no more than was said.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use trailmeter_testkit::bad_input;

use crate::command::trailmeter_command;

const MIB: u64 = 1 << 20;
/// Beside the files themselves: what a file was packed, its results, and what the allocator keeps.
const BESIDE: u64 = 12 * MIB;

/// Files that are as large as these, inflated, and an eighth of it as they are stored.
fn files(folder: &TempDir, sizes: &[u64]) -> Result<Vec<PathBuf>> {
    let mut state = 1_u64;
    let mut files = Vec::new();
    for (at, &size) in sizes.iter().enumerate() {
        let mut text = String::from(r#"{"Records":["#);
        while (text.len() as u64) < size {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let one = format!("{state:016x}");
            let comma = if text.ends_with('[') { "" } else { "," };
            let record = format!(
                r#"{comma}{{"eventName":"GetObject","eventID":"{one}","with":"{}"}}"#,
                one.repeat(60)
            );
            text.push_str(&record);
        }
        text.push_str("]}");
        let path = folder.path().join(format!("{at}.json.gz"));
        fs::write(&path, bad_input::gzip(text.as_bytes())?)?;
        files.push(path);
    }
    Ok(files)
}

/// Scans these files. The most that the process had resident by then, and what it found.
///
/// The last input is a pipe. When the command opens it, it is done with the files before; it then
/// waits, and can be looked at.
fn scan(files: &[PathBuf], options: &[&str]) -> Result<(u64, Value)> {
    let folder = tempfile::tempdir()?;
    let pipe = folder.path().join("pipe");
    ensure!(std::process::Command::new("mkfifo").arg(&pipe).status()?.success(), "no mkfifo");
    let mut command = trailmeter_command()?;
    command.args(["scan", "--format", "json"]).args(options).args(files).arg(&pipe);
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    std::thread::scope(|scope| {
        let ended = scope.spawn(|| {
            let output = child.wait_with_output();
            // If it never came to the pipe, this lets go of who waits for it there.
            drop(OpenOptions::new().read(true).write(true).open(&pipe));
            output
        });
        let mut writer = OpenOptions::new().write(true).open(&pipe)?;
        let peak = peak(Path::new(&status));
        writer.write_all(br#"{"Records":[]}"#)?;
        drop::<File>(writer);
        let output = ended.join().ok().context("the command cannot be waited for")??;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok((peak?, serde_json::from_slice(&output.stdout)?))
    })
}

/// `VmHWM` of a running process, in bytes.
fn peak(status: &Path) -> Result<u64> {
    let status = fs::read_to_string(status).context("the command ended before it came to its last input")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.and_then(|line| line.split_whitespace().next()).context("no VmHWM")?;
    Ok(figure.parse::<u64>()? * 1024)
}

#[test]
fn a_scan_takes_what_its_largest_files_inflate_to() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (alone, _) = scan(&[], &["--threads", "1"])?;
    for (threads, size, at_once) in [("1", 24 * MIB, 1), ("2", 12 * MIB, 2)] {
        let files = files(&folder, &[size; 4])?;
        let (peak, found) = scan(&files, &["--threads", threads])?;
        let most = alone + at_once * size + BESIDE;
        assert!((alone + size..most).contains(&peak), "{threads} threads: {peak}, {alone} without a file");
        assert_eq!(found["objects"]["read"], 5);
    }
    Ok(())
}

#[test]
fn a_scan_keeps_to_the_memory_it_is_given_and_finds_the_same() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (alone, _) = scan(&[], &["--threads", "1"])?;
    let files = files(&folder, &[24 * MIB, MIB, 3 * MIB])?;
    let (_, with_plenty) = scan(&files, &["--threads", "1"])?;
    for threads in ["1", "3"] {
        let (peak, found) = scan(&files, &["--threads", threads, "--max-memory-mib", "8"])?;
        assert!(peak < alone + 8 * MIB + BESIDE, "{threads} threads: {peak}, {alone} without a file");
        assert_eq!(found, with_plenty, "{threads} threads");
    }
    Ok(())
}
