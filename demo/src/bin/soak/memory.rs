//! The memory of the function's processes, as the kernel tells it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use trailmeter_testkit::rng::Rng;

/// The last third may have so much more in memory than the one before it.
const GROWTH: f64 = 1.15;
/// Fewer samples in a third say nothing on growth: the processes are still filling their pools.
const FEWEST: usize = 50;
/// Parts of the run of which the summary tells.
const PARTS: usize = 10;

/// What was seen of the processes that run the function.
pub(crate) struct Memory {
    /// The local cloud unpacks the function below it, which tells its processes from all others.
    below: PathBuf,
    /// Resident kilobytes of each process at each look.
    looks: Vec<Vec<u64>>,
    /// The most that each process ever had.
    peaks: BTreeMap<u32, u64>,
}

impl Memory {
    pub(crate) fn of(directory: &Path) -> Self {
        Self { below: directory.to_owned(), looks: Vec::new(), peaks: BTreeMap::new() }
    }

    /// Takes a look.
    pub(crate) fn sample(&mut self) {
        let mut look = Vec::new();
        for process in self.processes() {
            // It may have ended since it was listed.
            let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else { continue };
            look.extend(kilobytes(&status, "VmRSS:"));
            if let Some(peak) = kilobytes(&status, "VmHWM:") {
                let most = self.peaks.entry(process).or_default();
                *most = peak.max(*most);
            }
        }
        self.looks.push(look);
    }

    /// Ends one process of the function without a word to it. False if none runs.
    pub(crate) fn kill_one(&self, rng: &mut Rng) -> Result<bool> {
        let processes = self.processes();
        if processes.is_empty() {
            return Ok(false);
        }
        let process = processes[rng.index(processes.len())].to_string();
        let status = Command::new("kill").args(["-9", &process]).status().context("there is no kill")?;
        Ok(status.success())
    }

    pub(crate) fn check(&self, configured_mib: u64) -> Result<()> {
        let Some(peak) = self.peak_mib() else { return Ok(()) };
        ensure!(peak < configured_mib, "the function had {peak} MiB in memory, and has {configured_mib}");
        if let Some((before, last)) = self.tops() {
            ensure!(
                last <= before * GROWTH,
                "memory grows: the largest process has {last:.1} MiB in the last third and {before:.1} in the second"
            );
        }
        Ok(())
    }

    pub(crate) fn summary(&self, configured_mib: u64) -> String {
        let Some(peak) = self.peak_mib() else {
            return "memory      there is no /proc here to look at".to_owned();
        };
        let growth = match self.tops() {
            Some((before, last)) => format!(
                "the largest had {last:.1} MiB in the last third, {:.2} times the {before:.1} of the second",
                last / before
            ),
            None => "the run is too short to tell growth from filling".to_owned(),
        };
        let course: Vec<String> = (0..PARTS)
            .filter_map(|part| {
                let looks =
                    &self.looks[part * self.looks.len() / PARTS..(part + 1) * self.looks.len() / PARTS];
                Some(format!("{:.1}/{:.1}", share(looks, 0.5)?, share(looks, 1.0)?))
            })
            .collect();
        format!(
            "memory      {} processes, {peak} MiB at the most of {configured_mib}; {growth}\n            \
             MiB of a process and of the largest, in each tenth of the run: {}",
            self.peaks.len(),
            course.join(" ")
        )
    }

    fn peak_mib(&self) -> Option<u64> {
        self.peaks.values().max().map(|kilobytes| kilobytes.div_ceil(1024))
    }

    /// What the largest process had in MiB in the second and in the last third of the run.
    ///
    /// Not a process in the middle: each grows in steps, when it first meets one of the few large
    /// files, and keeps what it got. Every third has such files, so the largest ones are alike,
    /// unless something is kept that should not be.
    fn tops(&self) -> Option<(f64, f64)> {
        let third = self.looks.len() / 3;
        let top = |looks: &[Vec<u64>]| share(looks, 1.0).filter(|_| looks.len() >= FEWEST);
        top(&self.looks[third..2 * third]).zip(top(&self.looks[2 * third..]))
    }

    /// The processes that run the function, now.
    fn processes(&self) -> Vec<u32> {
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        numbers.filter(|number| self.is_ours(*number)).collect()
    }

    fn is_ours(&self, process: u32) -> bool {
        std::fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|exe| exe.starts_with(&self.below))
    }
}

/// The value in MiB that this share of all values does not exceed.
fn share(looks: &[Vec<u64>], share: f64) -> Option<f64> {
    let mut all: Vec<u64> = looks.iter().flatten().copied().collect();
    all.sort_unstable();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among some thousand values, and kilobytes of a process"
    )]
    let value = all.get((all.len().saturating_sub(1) as f64 * share) as usize).map(|kb| *kb as f64 / 1024.0);
    value
}

fn kilobytes(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_read() {
        let status = "Name:\tbootstrap\nVmHWM:\t   24680 kB\nVmRSS:\t   12340 kB\n";
        assert_eq!(kilobytes(status, "VmRSS:"), Some(12_340));
        assert_eq!(kilobytes(status, "VmHWM:"), Some(24_680));
        assert_eq!(kilobytes(status, "VmSwap:"), None);
    }

    #[test]
    fn growth_and_a_peak_beyond_the_bound_are_found() {
        let memory = |last: u64| Memory {
            below: PathBuf::new(),
            looks: (0..300).map(|at| vec![if at < 200 { 10_240 } else { last }]).collect(),
            peaks: BTreeMap::from([(1, 20_000)]),
        };
        assert!(memory(10_240).check(64).is_ok());
        assert!(memory(11_700).check(64).is_ok());
        assert!(memory(11_900).check(64).is_err());
        assert!(memory(10_240).check(19).is_err());
        assert!(Memory { looks: vec![vec![1]; 9], ..memory(10_240) }.tops().is_none());
    }
}
