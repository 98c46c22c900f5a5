//! Cases that others published for rules of the same intent as ours.
//!
//! `data/panther_detectors.txt` says which of our detectors stands for which of their rules, and
//! `data/panther_disagreements.txt` where the two differ and what decides. Both are compared
//! exactly: a case that begins to agree has to leave the list.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use trailmeter_detection::{Detector, load, pack_names, packaged_files};
use trailmeter_logs::Record;

use crate::command::shared_material;

const DETECTORS: &str = include_str!("data/panther_detectors.txt");
const DISAGREEMENTS: &str = include_str!("data/panther_disagreements.txt");

/// How many of their rules have to be ours as well.
const LEAST_RULES: usize = 40;
const MOST_DISAGREEMENTS: usize = 5;

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Rule and name of the case, each with the reason.
fn disagreements() -> Result<BTreeMap<(String, String), String>> {
    lines(DISAGREEMENTS)
        .map(|line| {
            let mut parts = line.splitn(3, '|').map(str::trim);
            let mut next = || parts.next().filter(|part| !part.is_empty()).map(str::to_owned);
            let entry = next().zip(next()).zip(next());
            entry.with_context(|| format!("{line:?} is not: rule | case | reason"))
        })
        .collect()
}

/// Whether a detector counts a record: its rule matches, and no exclusion does.
fn counts(detector: &Detector, record: &Record<'_>) -> bool {
    detector.rule.matches(record)
        && !detector.exclusions.iter().any(|exclusion| exclusion.rule.matches(record))
}

#[test]
fn our_detectors_agree_with_published_cases_of_the_same_intent() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let set = load(&packaged_files(&pack_names())?)
        .map_err(|errors| anyhow::anyhow!("{} packaged detectors are bad", errors.len()))?;
    let by_rule: BTreeMap<&str, &str> = lines(DETECTORS)
        .map(|line| line.split_once(' ').with_context(|| format!("{line:?} is not: rule detector")))
        .collect::<Result<_>>()?;
    let listed = disagreements()?;
    ensure!(listed.len() <= MOST_DISAGREEMENTS, "{} disagreements are too many", listed.len());

    let mut found = BTreeSet::new();
    let (mut cases, mut rules) = (0, BTreeSet::new());
    for line in fs::read_to_string(material.join("data/suites/panther.jsonl"))?.lines() {
        let case: Value = serde_json::from_str(line)?;
        let rule = case["rule"].as_str().context("a case without a rule")?;
        let Some(name) = by_rule.get(rule) else { continue };
        let detector = set.detectors().iter().find(|detector| detector.name == *name);
        let detector = detector.with_context(|| format!("{rule}: there is no detector {name}"))?;
        // As text and back, as a record is read: what it looked like when delivered matters.
        let text = case["log"].to_string();
        let record = Record::parse(trailmeter_logs::Element::Bytes { bytes: text.as_bytes(), depth: 0 });
        let record = record.map_err(|reason| anyhow::anyhow!("{rule}: malformed, {}", reason.reason()))?;
        if Value::Bool(counts(detector, &record)) != case["expected"] {
            let name_of_case = case["test"].as_str().context("a case without a name")?;
            found.insert((rule.to_owned(), name_of_case.to_owned()));
        }
        cases += 1;
        rules.insert(rule.to_owned());
    }
    let listed: BTreeSet<_> = listed.into_keys().collect();
    let new: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    ensure!(new.is_empty() && gone.is_empty(), "not listed: {new:?}; listed, but agreeing: {gone:?}");
    let disagreeing: BTreeSet<&String> = found.iter().map(|(rule, _)| rule).collect();
    let agreeing = rules.iter().filter(|rule| !disagreeing.contains(rule)).count();
    ensure!(agreeing >= LEAST_RULES, "{agreeing} rules agree on all their cases, of {cases} cases");
    ensure!(rules.len() == by_rule.len(), "the mapping names rules that have no cases");
    Ok(())
}
