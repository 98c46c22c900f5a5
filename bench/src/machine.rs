//! What the figures were measured on, and with.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::markdown::short;
use crate::statistics::float;
use crate::work::cores;

/// Features that the scanner or the library for inflating can make use of.
const FEATURES: [&str; 8] =
    ["sse2", "pclmulqdq", "bmi2", "avx2", "avx512bw", "avx512vbmi", "gfni", "vpclmulqdq"];

/// Lines about the machine, as a list in Markdown.
pub(crate) fn description(trailmeter: &Path) -> Result<String> {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| field(&processor, name);
    let flags: Vec<&str> =
        field("flags").or_else(|| field("Features")).unwrap_or_default().split(' ').collect();
    let has: Vec<&str> = FEATURES.into_iter().filter(|feature| flags.contains(feature)).collect();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kibibytes: u64 = crate::machine::field(&memory, "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .unwrap_or_default();
    let machine = format!(
        "- {}, {} cores, {}; {} GB of memory; {} {}\n",
        field("model name").unwrap_or("processor not named"),
        cores(),
        if has.is_empty() { "features not named".to_owned() } else { has.join(" ") },
        short(float(kibibytes) * 1024.0 / 1e9),
        std::env::consts::OS,
        fs::read_to_string("/proc/sys/kernel/osrelease")
            .unwrap_or_default()
            .split('-')
            .next()
            .unwrap_or_default()
            .trim(),
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let built = format!(
        "- {}, commit {}; {}\n",
        said(Command::new(trailmeter).arg("--version"))?,
        said(Command::new("git").args(["describe", "--always", "--dirty"]).current_dir(&root))
            .unwrap_or_else(|_| "unknown".to_owned()),
        said(Command::new("rustc").arg("--version").current_dir(&root))
            .unwrap_or_else(|_| "rustc unknown".to_owned()),
    );
    let lock = fs::read_to_string(root.join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let version = |name: &str| locked(&lock, name).unwrap_or("unknown").to_owned();
    let libraries = format!(
        "- libdeflate of libdeflater {}, flate2 {} with zlib-rs {}\n",
        version("libdeflater"),
        version("flate2"),
        version("zlib-rs")
    );
    Ok([machine, built, libraries].concat())
}

/// The first field of a name in the manner of `/proc`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (before, behind) = line.split_once(':')?;
        (before.trim() == name).then(|| behind.trim())
    })
}

/// The version of a package in a lock file.
fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, behind) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    behind.split('"').next()
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    anyhow::ensure!(output.status.success(), "{command:?} ended with {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_versions_are_found() {
        assert_eq!(field("processor\t: 0\nmodel name\t: A: B\n", "model name"), Some("A: B"));
        assert_eq!(field("", "model name"), None);
        let lock = "[[package]]\nname = \"b-sys\"\nversion = \"2\"\n\n[[package]]\nname = \"b\"\nversion = \"1.2\"\n";
        assert_eq!(locked(lock, "b"), Some("1.2"));
        assert_eq!(locked(lock, "c"), None);
    }
}
