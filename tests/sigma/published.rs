//! The rules of both suites on the records of the corpus, in both engines.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use trailmeter_logs::{Element, Layout, Limits, LogFileReader, Record, RecordSink};

use super::differences::explain;
use super::engines::Pair;
use super::parts::{Parts, rule};
use crate::command::shared_material;

/// A record with its source, as it was delivered.
struct Delivered(Record<'static>);

#[derive(Default)]
struct Corpus(Vec<Delivered>);

impl RecordSink for Corpus {
    fn element(&mut self, element: Element<'_>) {
        let (Element::Plain { bytes, .. } | Element::Bytes { bytes, .. }) = element else { return };
        // Records live for the whole test, as does what they borrow from.
        let bytes: &'static [u8] = bytes.to_vec().leak();
        self.0.extend(Record::parse(Element::Bytes { bytes, depth: 1 }).map(Delivered));
    }
}

fn files_below(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_below(&path, extension)?);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn corpus(material: &Path) -> Result<Vec<Delivered>> {
    let mut corpus = Corpus::default();
    for path in files_below(&material.join("data/real"), "gz")? {
        let mut reader = LogFileReader::new(Limits::default(), Layout::Delivery, corpus);
        reader.push(&fs::read(&path)?).with_context(|| path.display().to_string())?;
        corpus = reader.finish().with_context(|| path.display().to_string())?;
    }
    Ok(corpus.0)
}

/// Every rule of both suites; those too that are refused because a correlation is built on them.
fn rules(material: &Path) -> Result<Vec<Value>> {
    let mut rules = Vec::new();
    for suite in ["sigma", "suzaku_rules"] {
        for path in files_below(&material.join("data/suites").join(suite), "yml")? {
            for document in fs::read_to_string(&path)?.split("\n---") {
                let options = serde_saphyr::options! { strict_booleans: true };
                let rule: Value = serde_saphyr::from_str_with_options(document, options)?;
                if rule.get("correlation").is_none() {
                    rules.push(rule);
                }
            }
        }
    }
    Ok(rules)
}

/// What the published rules do not ask, of fields that the records have.
fn own_rules() -> Vec<Value> {
    let items = [
        json!({ "requestParameters|contains": "\":{\"" }),
        json!({ "responseElements|contains|all": ["\"assumedRoleUser\":", "\"credentials\":{"] }),
        json!({ "requestParameters|re": "\"(roleArn|policyArn)\":\"arn:aws" }),
        json!({ "userIdentity.sessionContext|contains": "mfaAuthenticated\":\"true" }),
        json!({ "resources|contains": "\"accountId\":" }),
        json!({ "resources.ARN|contains": ":s3:::" }),
        json!({ "resources.ARN|startswith": "ARN:AWS:IAM" }),
        json!({ "requestParameters": null }),
        json!({ "responseElements|exists": true }),
        json!({ "responseElements|neq": "x" }),
        json!({ "sourceIPAddress|cidr": ["10.0.0.0/8", "192.0.2.0/24", "0.0.0.0/1"] }),
        json!({ "eventTime|hour": [7, 8, 9, 10, 11, 12] }),
        json!({ "userIdentity.arn|endswith|fieldref": "userIdentity.userName" }),
        json!({ "recipientAccountId|fieldref": "userIdentity.accountId" }),
        json!({ "readOnly": true, "managementEvent": "true" }),
        json!({ "userAgent": "*boto*" }),
        json!({ "errorMessage": "*not authorized*perform*" }),
        json!({ "requestParameters.instancesSet.items.instanceId|startswith": "i-" }),
        json!({ "eventName|re|neq": "^(Describe|List|Get)" }),
        json!({ "eventVersion|gte": 1.08 }),
        json!(["AccessDenied", "mfaAuthenticated"]),
        json!({ "|all": ["AssumeRole", "sts.amazonaws.com"] }),
    ];
    items.iter().map(|search| rule(&json!({ "own": search, "condition": "own" }))).collect()
}

#[test]
fn published_rules_mean_the_same_in_both_engines() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let (corpus, rules) = (corpus(&material)?, rules(&material)?);
    ensure!((corpus.len(), rules.len()) == (2634, 409), "{} records, {} rules", corpus.len(), rules.len());
    let (matches, firing, needed) = compared(&rules, &corpus.iter().collect::<Vec<_>>())?;
    ensure!((matches, firing) == (854, 83), "{matches} matches of {firing} rules");
    ensure!(needed.is_empty(), "the table explains how they differ, but so far they do not: {needed:?}");
    Ok(())
}

#[test]
fn what_they_do_not_ask_differs_as_the_table_says() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let corpus = corpus(&material)?;
    let rules = own_rules();
    let (matches, firing, needed) = compared(&rules, &corpus.iter().step_by(5).collect::<Vec<_>>())?;
    ensure!(firing > 18 && matches > 1000, "{matches} matches of {firing} rules");
    ensure!(
        needed.contains_key("object-as-delivered"),
        "objects are matched as they were delivered: {needed:?}"
    );
    Ok(())
}

type Compared = (usize, usize, BTreeMap<&'static str, usize>);

/// How often the rules match, how many of them, and which entries of the table were needed.
fn compared(rules: &[Value], corpus: &[&Delivered]) -> Result<Compared> {
    let (mut matches, mut firing, mut needed) = (0, 0, BTreeMap::new());
    for rule in rules {
        let pair = Pair::of(rule);
        let ours = pair.ours.as_ref().map_err(|reason| anyhow::anyhow!("{}: {reason}", rule["title"]))?;
        let found: Vec<bool> = corpus.iter().map(|Delivered(record)| ours.matches(record)).collect();
        let count = found.iter().filter(|matches| **matches).count();
        matches += count;
        firing += usize::from(count > 0);
        for (Delivered(record), ours) in corpus.iter().zip(found) {
            if pair.theirs_match(record.value()) != Some(ours) {
                for name in explained(rule, record)? {
                    *needed.entry(name).or_default() += 1;
                }
            }
        }
    }
    Ok((matches, firing, needed))
}

/// The entries of the table behind the items of which the engines differ.
fn explained(rule: &Value, record: &Record<'_>) -> Result<Vec<&'static str>> {
    let mut names = Vec::new();
    for item in Parts::of(rule)?.items() {
        let pair = Pair::of(&item.rule());
        let ours = pair.ours.as_ref().ok().context("refused")?.matches(record);
        let theirs = pair.theirs_match(record.value());
        if theirs != Some(ours) {
            let explained = explain(item, record.value(), ours).with_context(|| {
                let detection = &rule["detection"];
                format!("unexplained: ours {ours}, theirs {theirs:?}: {detection} on {}", record.value())
            })?;
            names.extend(explained);
        }
    }
    ensure!(
        !names.is_empty(),
        "the items agree, the rule does not: {} on {}",
        rule["detection"],
        record.value()
    );
    Ok(names)
}
