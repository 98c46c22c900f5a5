//! What came of a fault: how the messages ended, what was counted, what the function said.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use trailmeter_testkit::generate::{File, Truth};

use super::queue::End;
use super::world::World;
use crate::counts::whole;

/// What came of a row.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) ends: Vec<End>,
    pub(crate) maybe_twice: u64,
    /// Matches beyond the truth.
    pub(crate) excess: u64,
    /// Requests of the row's operation in the first invocation.
    pub(crate) asks: usize,
    /// What the function had to say, each once.
    pub(crate) says: BTreeSet<String>,
}

impl Played {
    /// Reads a world whose queue is empty, and asserts what holds whatever the fault was.
    pub(crate) fn of(world: &World, asks: usize) -> Result<Self> {
        let ends = world.queue.ends().context("a message is lost: neither acknowledged nor parked")?;
        let sum = |metric: &str| whole(world.cloudwatch.sum(metric, &[]));
        let maybe_twice = sum("CountedMaybeTwice")?;
        // What is parked is not lost: it is there by its name, and counts when it is sent back.
        let counted: Vec<File> =
            world.files.iter().filter(|file| !world.queue.is_parked(&file.key)).cloned().collect();
        let mut excess = 0;
        for (detector, truth) in truths(&counted) {
            let sum = sum(&detector)?;
            ensure!(sum >= truth, "{detector}: {truth} matches, {sum} counted: something is lost");
            excess += sum - truth;
        }
        balance(world)?;
        let mut says: BTreeSet<String> = world.log().iter().filter_map(said).collect();
        says.extend(told(world)?);
        Ok(Self { ends, maybe_twice, excess, asks, says })
    }
}

/// Nothing that came in is without an outcome, in whatever was put.
fn balance(world: &World) -> Result<()> {
    let sum = |names: &[&str]| -> Result<u64> {
        names.iter().map(|name| whole(world.cloudwatch.sum(name, &[]))).sum()
    };
    for (whole, parts) in [
        ("ObjectsIn", ["ObjectsRead", "ObjectsSkipped", "ObjectsFailed", "ObjectsDuplicate"]),
        ("RecordsRead", ["RecordsMatched", "RecordsUnmatched", "RecordsMalformed", "RecordsDuplicate"]),
    ] {
        let (whole_sum, parts_sum) = (sum(&[whole])?, sum(&parts)?);
        ensure!(whole_sum == parts_sum, "{whole} is {whole_sum}, and {parts:?} are {parts_sum}");
    }
    ensure!(sum(&["CountsUnbalanced"])? == 0, "the function says that its counts do not add up");
    Ok(())
}

/// What the function tells by metrics and not by its log.
fn told(world: &World) -> Result<Vec<String>> {
    let mut told = Vec::new();
    for (metric, words) in
        [("ObjectsDuplicate", "object is a duplicate"), ("LedgerFailures", "ledger failed")]
    {
        let series = world.cloudwatch.series(metric);
        let reasons = series.iter().filter_map(|dimensions| dimensions.get("Reason"));
        told.extend(reasons.map(|reason| format!("{words} `{reason}`")));
    }
    if whole(world.cloudwatch.sum("CountedWithoutLedger", &[]))? > 0 {
        told.push("counted without the ledger".to_owned());
    }
    Ok(told)
}

/// A line of the log that is about trouble: its message and the word that stands for the cause.
fn said(line: &Value) -> Option<String> {
    let fields = &line["fields"];
    // Findings have no level: they are what was found, and no trouble.
    if line["level"] == "INFO" || line["type"] == "trailmeter.finding" {
        return None;
    }
    let message = fields["message"].as_str().unwrap_or_default();
    let word = ["reason", "effect", "cause"].iter().find_map(|name| fields[*name].as_str());
    let message = message.split(':').next().unwrap_or_default();
    Some(word.map_or_else(|| message.to_owned(), |word| format!("{message} `{word}`")))
}

/// The lines of the function's log, for messages of the tests.
pub(crate) fn log(world: &World) -> Vec<String> {
    world.log().iter().map(|line| line["fields"].to_string()).collect()
}

/// Matches of these files, an event counting once for each detector.
pub(crate) fn matches(files: &[File]) -> u64 {
    truths(files).values().sum()
}

/// What each detector of the default pack has to count.
fn truths(files: &[File]) -> BTreeMap<String, u64> {
    let truth = Truth::of(files).default_pack.distinct.detectors;
    truth.into_iter().map(|(detector, counts)| (detector, counts.matches)).collect()
}
