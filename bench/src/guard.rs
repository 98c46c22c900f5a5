//! What CI runs: a small corpus, and an error if scanning has become much slower than was stated, or reached.
//!
//! CPU time is not the time that passes, rounds are interleaved and the median counts, so a busy
//! neighbour hardly matters. Instruction counts do not know him at all; they are looked at as well
//! where callgrind is installed.

mod instructions;

use anyhow::{Result, ensure};

use crate::access_logs;
use crate::contest::contest;
use crate::corpora::Recipe;
use crate::corpus::Corpus;
use crate::markdown::{Table, short};
use crate::targets;
use crate::work::{Bench, Detectors, Threads};

/// How many times as slow as stated it may be.
const OF_STATED: f64 = 2.0;
/// How many times as slow as reached, where that is not what was stated.
const OF_REACHED: f64 = 1.5;

/// What is scanned with which detectors, and how many times as slow as inflating that may be.
type Limits = [(Detectors, f64); 2];

/// Measures and returns the table of it, or an error with the table if it is too slow.
pub(crate) fn run(bench: &Bench) -> Result<String> {
    let corpus = bench.corpus(&Recipe::new("guard", "", 24, 2000))?;
    let limits = [
        (Detectors::Default, targets::DEFAULT_PACK * OF_STATED),
        (Detectors::AllPacksAndSigma, targets::ALL_PACKS_REACHED * OF_REACHED),
    ];
    let of_lines = targets::ACCESS_LOGS_REACHED * OF_REACHED;
    let limits_of_lines = [(Detectors::Default, of_lines), (Detectors::AllPacks, of_lines)];
    let mut table = Table::new(["work", "× inflate", "with its start", "limit", "verdict"]);
    let is_fast = scans(bench, "", &corpus, &limits, &mut table)?;
    let lines_are_fast =
        scans(bench, ", access logs", &access_logs::corpus(bench)?, &limits_of_lines, &mut table)?;
    let (counted, holds) = instructions::guard(bench)?;
    let text = format!("{}\n{counted}", table.text());
    ensure!(
        is_fast && lines_are_fast && holds,
        "scanning has become too slow beside inflating\n{text}\nFind what slowed it down: `make bench-quick` shows more."
    );
    Ok(text)
}

/// Scans a corpus beside inflating it. Returns whether every scan is within its limit.
fn scans(bench: &Bench, of_what: &str, corpus: &Corpus, limits: &Limits, table: &mut Table) -> Result<bool> {
    let nothing = bench.corpus(&Recipe::nothing())?;
    let mut contestants = vec![bench.inflate_only(corpus)];
    for (choice, _) in limits {
        contestants.push(bench.scan(corpus, choice, Threads::One)?);
        // So small a corpus must not be charged for the start.
        contestants.push(bench.scan(&nothing, choice, Threads::One)?);
    }
    let series = contest(&format!("guard{of_what}"), &bench.meter, bench.rounds, &contestants)?;
    let mut are_fast = true;
    for (pair, &(_, limit)) in series[1..].chunks_exact(2).zip(limits) {
        let with_start = pair[0].ratio_to(&series[0]).median;
        let start = pair[1].cpu_spread().median / series[0].cpu_spread().median;
        let ratio = with_start - start;
        are_fast &= ratio <= limit;
        table.row(&[
            format!("{}{of_what}", pair[0].name),
            short(ratio),
            short(with_start),
            short(limit),
            if ratio <= limit { "holds" } else { "**too slow**" }.to_owned(),
        ]);
    }
    Ok(are_fast)
}
