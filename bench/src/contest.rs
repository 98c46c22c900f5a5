//! Commands in turn, round after round, so that a slow minute of the machine falls on all of them.

use std::io::Write;
use std::process::Command;

use anyhow::{Context, Result};

use crate::measure::{Meter, Sample};
use crate::statistics::Spread;

/// What says whether an output is the right one.
type Check<'a> = Box<dyn Fn(&[u8]) -> Result<()> + 'a>;

/// Whose clock counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The kernel's, over the whole process.
    Kernel,
    /// The command's own: a part of its work, whose CPU seconds are the last word it prints.
    Own,
}

/// A command that takes part.
pub(crate) struct Contestant<'a> {
    pub(crate) name: String,
    pub(crate) command: Command,
    pub(crate) clock: Clock,
    check: Check<'a>,
}

impl<'a> Contestant<'a> {
    pub(crate) fn new(
        name: impl Into<String>,
        command: Command,
        check: impl Fn(&[u8]) -> Result<()> + 'a,
    ) -> Self {
        Self { name: name.into(), command, clock: Clock::Kernel, check: Box::new(check) }
    }

    /// The same, timed by its own clock.
    pub(crate) fn by_its_own_clock(self) -> Self {
        Self { clock: Clock::Own, ..self }
    }

    /// The same under another name.
    pub(crate) fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    fn run(&self, meter: &Meter) -> Result<Sample> {
        let run = meter.run(&self.command)?;
        (self.check)(&run.output).with_context(|| format!("{} gave a wrong answer", self.name))?;
        match self.clock {
            Clock::Kernel => Ok(run.sample),
            Clock::Own => Ok(Sample { cpu: last_number(&run.output)?, ..run.sample }),
        }
    }
}

fn last_number(output: &[u8]) -> Result<f64> {
    let text = String::from_utf8_lossy(output);
    let word = text.split_whitespace().next_back().context("it printed nothing")?;
    word.parse().with_context(|| format!("{word:?} is no number of seconds"))
}

/// What a contestant cost in each round.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) samples: Vec<Sample>,
}

impl Series {
    /// Its CPU seconds, round by round.
    pub(crate) fn cpu(&self) -> Vec<f64> {
        self.samples.iter().map(|sample| sample.cpu).collect()
    }

    /// Its CPU seconds over all rounds.
    pub(crate) fn cpu_spread(&self) -> Spread {
        Spread::of(self.cpu())
    }

    pub(crate) fn wall(&self) -> f64 {
        Spread::of(self.samples.iter().map(|sample| sample.wall)).median
    }

    pub(crate) fn peak_bytes(&self) -> u64 {
        self.samples.iter().map(|sample| sample.peak_bytes).max().unwrap_or_default()
    }

    /// How many times as much CPU as another took, round by round.
    pub(crate) fn ratio_to(&self, other: &Self) -> Spread {
        Spread::of_ratios(&self.cpu(), &other.cpu())
    }
}

/// Runs all in turn, one round to warm up and check the answers and `rounds` that count.
pub(crate) fn contest(
    title: &str,
    meter: &Meter,
    rounds: usize,
    contestants: &[Contestant<'_>],
) -> Result<Vec<Series>> {
    let mut series: Vec<Series> = contestants
        .iter()
        .map(|contestant| Series { name: contestant.name.clone(), samples: Vec::new() })
        .collect();
    for round in 0..=rounds {
        progress(&format!("{title}: round {round} of {rounds}"))?;
        for (contestant, series) in contestants.iter().zip(&mut series) {
            let sample = contestant.run(meter).with_context(|| title.to_owned())?;
            if round > 0 {
                series.samples.push(sample);
            }
        }
    }
    Ok(series)
}

/// Says on standard error what is under way.
pub(crate) fn progress(what: &str) -> Result<()> {
    writeln!(std::io::stderr(), "bench: {what}").context("cannot say what is under way")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_the_time() {
        assert!((last_number(b"10 files\ncpu seconds 0.25\n").unwrap() - 0.25).abs() < 1e-12);
        assert!(last_number(b"").is_err());
        assert!(last_number(b"0.25 s").is_err());
    }
}
