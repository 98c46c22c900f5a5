//! What CI runs: a small corpus, and an error if scanning has become much slower than was stated, or reached.
//!
//! CPU time is not the time that passes, rounds are interleaved and the median counts, so a busy
//! neighbour hardly matters. Instruction counts do not know him at all; they are looked at as well
//! where callgrind is installed.

mod instructions;

use anyhow::{Result, ensure};

use crate::access_logs;
use crate::contest::{Series, contest};
use crate::corpora::Recipe;
use crate::corpus::Corpus;
use crate::markdown::{Table, short};
use crate::targets;
use crate::work::{Bench, Detectors, Threads};

/// How many times as slow as stated it may be.
const OF_STATED: f64 = 2.0;
/// How many times as slow as reached, where that is not what was stated.
const OF_REACHED: f64 = 1.5;

/// Measures and returns the table of it, or an error with the table if it is too slow.
pub(crate) fn run(bench: &Bench) -> Result<String> {
    let corpus = bench.corpus(&Recipe::new("guard", "", 24, 2000))?;
    let nothing = bench.corpus(&Recipe::nothing())?;
    let choices = [
        (Detectors::Default, targets::DEFAULT_PACK * OF_STATED),
        (Detectors::AllPacksAndSigma, targets::ALL_PACKS_REACHED * OF_REACHED),
    ];
    let mut contestants = vec![bench.inflate_only(&corpus)];
    for (choice, _) in &choices {
        contestants.push(bench.scan(&corpus, choice, Threads::One)?);
        // So small a corpus must not be charged for the start.
        contestants.push(bench.scan(&nothing, choice, Threads::One)?);
    }
    let series = contest("guard", &bench.meter, bench.rounds, &contestants)?;
    let mut table = Table::new(["work", "× inflate", "with its start", "limit", "verdict"]);
    let mut is_fast = true;
    for (pair, &(_, limit)) in series[1..].chunks_exact(2).zip(&choices) {
        let with_start = pair[0].ratio_to(&series[0]).median;
        let start = pair[1].cpu_spread().median / series[0].cpu_spread().median;
        let ratio = with_start - start;
        is_fast &= ratio <= limit;
        table.row(&[
            pair[0].name.clone(),
            short(ratio),
            short(with_start),
            short(limit),
            if ratio <= limit { "holds" } else { "**too slow**" }.to_owned(),
        ]);
    }
    let of_lines = access_logs(bench, &nothing)?;
    for (name, ratio) in of_lines {
        let holds = ratio <= targets::ACCESS_LOGS_REACHED * OF_REACHED;
        is_fast &= holds;
        table.row(&[
            format!("{name}, access logs"),
            short(ratio),
            String::new(),
            short(targets::ACCESS_LOGS_REACHED * OF_REACHED),
            if holds { "holds" } else { "**too slow**" }.to_owned(),
        ]);
    }
    let (counted, holds) = instructions::guard(bench)?;
    let text = format!("{}\n{counted}", table.text());
    ensure!(
        is_fast && holds,
        "scanning has become too slow beside inflating\n{text}\nFind what slowed it down: `make bench-quick` shows more."
    );
    Ok(text)
}

/// Scans of access logs beside inflating them, without their start.
fn access_logs(bench: &Bench, nothing: &Corpus) -> Result<Vec<(String, f64)>> {
    let corpus = access_logs::corpus(bench)?;
    let mut contestants = vec![bench.inflate_only(&corpus)];
    for choice in [Detectors::Default, Detectors::AllPacks] {
        contestants.push(bench.scan(&corpus, &choice, Threads::One)?);
        contestants.push(bench.scan(nothing, &choice, Threads::One)?);
    }
    let series = contest("guard, access logs", &bench.meter, bench.rounds, &contestants)?;
    let inflate = series[0].cpu_spread().median;
    let ratio = |pair: &[Series]| {
        let start = pair[1].cpu_spread().median / inflate;
        (pair[0].name.clone(), pair[0].ratio_to(&series[0]).median - start)
    };
    Ok(series[1..].chunks_exact(2).map(ratio).collect())
}
