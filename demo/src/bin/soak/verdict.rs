//! What was counted against what is true.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use super::deliveries::What;
use super::expected::{Expected, RECEIVES, Sums};
use super::stage::Letter;

/// What comes in is what goes out.
const IDENTITIES: [(&str, &[&str]); 2] = [
    ("ObjectsIn", &["ObjectsRead", "ObjectsSkipped", "ObjectsFailed", "ObjectsDuplicate"]),
    ("RecordsRead", &["RecordsMatched", "RecordsUnmatched", "RecordsMalformed", "RecordsDuplicate"]),
];
/// Metrics that say that something went wrong, and a run without faults has none of.
const TROUBLE: [&str; 4] = ["CountsUnbalanced", "LedgerFailures", "CountedWithoutLedger", "MessagesFailed"];
const TWICE: &str = "CountedMaybeTwice";

/// Everything that has a truth, beside it.
pub(crate) fn table(sums: &Sums, expected: &Expected) -> String {
    let mut text = format!("\n{:<36}{:>12}{:>12}\n", "METRIC", "TRUTH", "SUM");
    let (detectors, pipeline) = (expected.matches(), expected.pipeline());
    for (metric, truth) in detectors.iter().chain(&pipeline) {
        let line = format!("{metric:<36}{truth:>12}{:>12}\n", of(sums, metric));
        text.push_str(&line);
    }
    for (metric, sum) in sums {
        if !detectors.contains_key(metric) && !pipeline.contains_key(metric) {
            let line = format!("{metric:<36}{:>12}{sum:>12}\n", "");
            text.push_str(&line);
        }
    }
    text
}

/// Fails if a sum is not what it has to be.
pub(crate) fn check(sums: &Sums, expected: &Expected, has_kills: bool) -> Result<()> {
    for (whole, parts) in IDENTITIES {
        let sum: u64 = parts.iter().map(|part| of(sums, part)).sum();
        ensure!(of(sums, whole) == sum, "{whole} is {}, and its parts are {sum}", of(sums, whole));
    }
    for metric in TROUBLE {
        ensure!(of(sums, metric) == 0, "{metric} is {}", of(sums, metric));
    }
    // How often a repeated notification meets an object that is being read hangs on time: it comes
    // back then, and is counted again. In the end each is known again, by the ledger or by the
    // invocation that has just read the object.
    let known = of(sums, "ObjectsDuplicate{already-counted}") + of(sums, "ObjectsDuplicate{same-invocation}");
    let again = expected.delivered(What::Again);
    ensure!(known >= again, "{again} notifications were repeated, and {known} known again");
    if has_kills { at_least(sums, expected) } else { exactly(sums, expected) }
}

fn exactly(sums: &Sums, expected: &Expected) -> Result<()> {
    let mut wrong = BTreeMap::new();
    let pipeline = expected.pipeline();
    for (metric, truth) in expected.matches().iter().chain(&pipeline) {
        let (metric, truth) = (metric.as_str(), *truth);
        let sum = of(sums, metric);
        let is_right = match metric {
            // A receive that found the same message still being handled is no failure, but a repeat.
            "ObjectsFailed" => sum <= truth && sum + of(sums, "ObjectsDuplicate{claimed-elsewhere}") >= truth,
            // Where two files with one event are read at the same time, one detector's count can fall
            // to the one file and another's to the other: both records then count.
            "RecordsMatched" => sum >= truth,
            "RecordsDuplicate" => {
                let both = |sums: &Sums| of(sums, metric) + of(sums, "RecordsMatched");
                both(sums) == both(&pipeline)
            }
            _ => sum == truth,
        };
        if !is_right {
            wrong.insert(metric.to_owned(), format!("{sum} instead of {truth}"));
        }
    }
    ensure!(wrong.is_empty(), "the sums are not the truth: {wrong:?}");
    ensure!(of(sums, TWICE) == 0, "{TWICE} is {} where nothing was killed", of(sums, TWICE));
    Ok(())
}

/// Where processes are killed nothing may be missing, and nothing be too much that is not named.
fn at_least(sums: &Sums, expected: &Expected) -> Result<()> {
    let mut excess = 0;
    for (detector, truth) in expected.matches() {
        let sum = of(sums, &detector);
        ensure!(sum >= truth, "{detector} is {sum}, which is less than the {truth} that there are");
        excess += sum - truth;
    }
    let named = of(sums, TWICE);
    ensure!(excess <= named, "{excess} matches too many, and {TWICE} is {named}");
    for metric in ["ObjectsRead", "ObjectsSkipped", "RecordsRead"] {
        let truth = of(&expected.pipeline(), metric);
        ensure!(of(sums, metric) >= truth, "{metric} is {} and not {truth}", of(sums, metric));
    }
    Ok(())
}

/// Fails unless exactly the files that cannot be read are dead letters, each once.
pub(crate) fn dead_letters(letters: &[Letter], expected: &Expected) -> Result<()> {
    // The local cloud looks at the clock twice, first for messages that have been received often
    // enough and then for those that are visible: what becomes visible in between it gives once more.
    let may_be = RECEIVES..=RECEIVES + 1;
    let odd: Vec<_> = letters.iter().filter(|letter| !may_be.contains(&letter.receives)).collect();
    ensure!(odd.is_empty(), "no dead letter after {RECEIVES} receives: {odd:?}");
    let found: BTreeSet<&String> = letters.iter().map(|letter| &letter.key).collect();
    ensure!(found.len() == letters.len(), "some dead letters are there twice: {letters:?}");
    let missing: Vec<_> = expected.poison.iter().filter(|key| !found.contains(key)).collect();
    let further: Vec<_> = found.iter().filter(|key| !expected.poison.contains(**key)).collect();
    ensure!(
        missing.is_empty() && further.is_empty(),
        "no dead letters: {missing:?}; unforeseen: {further:?}"
    );
    Ok(())
}

fn of(sums: &Sums, metric: &str) -> u64 {
    sums.get(metric).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::Arguments;
    use crate::deliveries;

    /// What a short run has to bring, and sums that are just that.
    fn run() -> Result<(Expected, Sums)> {
        let arguments = Arguments::parse_from(["soak", "--deliveries", "90"]);
        let (deliveries, truth) = deliveries::start(&arguments)?;
        assert_eq!(deliveries.iter().count(), 90);
        let expected = truth.join().expect("no panic")?;
        let mut sums: Sums = expected.matches().into_iter().chain(expected.pipeline()).collect();
        let again = expected.delivered(What::Again);
        assert!(again > 0 && !expected.poison.is_empty(), "{:?}", expected.deliveries);
        sums.insert("ObjectsDuplicate".to_owned(), again);
        sums.insert("ObjectsDuplicate{already-counted}".to_owned(), again);
        let parts = IDENTITIES[0].1.iter().map(|part| of(&sums, part)).sum();
        sums.insert("ObjectsIn".to_owned(), parts);
        Ok((expected, sums))
    }

    #[test]
    fn only_the_truth_passes() -> Result<()> {
        let (expected, truth) = run()?;
        check(&truth, &expected, false)?;
        // Changes, whether they pass, and whether they do where processes were killed.
        for (changes, passes, passes_with_kills) in [
            (&[("AccessDenied", 1)][..], false, false),
            (&[("AccessDenied", -1)], false, false),
            (&[("AccessDenied", 1), (TWICE, 1)], false, true),
            (&[("AccessDenied", 2), ("ConsoleLogin", -1), (TWICE, 2)], false, false),
            (&[("RecordsRead", 1), ("RecordsUnmatched", 1)], false, true),
            (&[("RecordsUnmatched", 1)], false, false),
            (&[("RecordsMatched", 1), ("RecordsDuplicate", -1)], true, true),
            (&[("RecordsMatched", -1), ("RecordsDuplicate", 1)], false, true),
            (&[("ObjectsIn", 1)], false, false),
            (&[("ObjectsRead", -1), ("ObjectsIn", -1)], false, false),
            (&[("ObjectsFailed", -1), ("ObjectsIn", -1)], false, true),
            (
                &[("ObjectsFailed", -1), ("ObjectsDuplicate", 1), ("ObjectsDuplicate{claimed-elsewhere}", 1)],
                true,
                true,
            ),
            (&[("ObjectsDuplicate{already-counted}", -1)], false, false),
            (&[("LedgerFailures", 1)], false, false),
            (&[("CountsUnbalanced", 1)], false, false),
        ] {
            let mut sums = truth.clone();
            for (metric, change) in changes {
                let sum = sums.entry((*metric).to_owned()).or_default();
                *sum = sum.checked_add_signed(*change).expect("no sum is below zero");
            }
            assert_eq!(check(&sums, &expected, false).is_ok(), passes, "{changes:?}");
            assert_eq!(check(&sums, &expected, true).is_ok(), passes_with_kills, "{changes:?} with kills");
        }
        Ok(())
    }

    #[test]
    fn dead_letters_are_the_files_that_cannot_be_read_and_no_others() -> Result<()> {
        let (expected, _) = run()?;
        let letter = |key: &str, receives| Letter { key: key.to_owned(), receives };
        let all: Vec<Letter> = expected.poison.iter().map(|key| letter(key, RECEIVES)).collect();
        dead_letters(&all, &expected)?;
        let early = letter(&all[0].key, RECEIVES - 1);
        assert!(dead_letters(&[&all[1..], &[early]].concat(), &expected).is_err());
        assert!(dead_letters(&all[1..], &expected).is_err());
        assert!(dead_letters(&[all.clone(), all.clone()].concat(), &expected).is_err());
        assert!(dead_letters(&[all, vec![letter("good", RECEIVES)]].concat(), &expected).is_err());
        Ok(())
    }
}
