//! What `trailmeter check` says of both suites: every rule is named, and what is not run has a
//! reason that the specification gives.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::command::{shared_material, trailmeter};

/// Files with documents that are not run: the file, and for each such document its line and how
/// the reason begins.
///
/// Correlations look at several events: "An error must be raised by the conversion backend if it
/// would generate a query from a rule which contains a feature that is not supported". The rules
/// that they are built on "are not producing individual, independent queries". Both sentences stand
/// in the specification of correlation rules.
const REFUSED: [(&str, &[(u64, &str)]); 4] = [
    (
        "aws_cloudtrail_iam_persistence_chain.yml",
        &[(24, "correlation rules (temporal_ordered)"), (35, BASE), (57, BASE)],
    ),
    ("aws_cloudtrail_many_failed_logins.yml", &[(18, "correlation rules (event_count)"), (29, BASE)]),
    ("aws_cloudtrail_many_recon_events.yml", &[(18, "correlation rules (value_count)"), (30, BASE)]),
    (
        "aws_cloudtrail_s3_enum_after_getcalleridentity.yml",
        &[(25, "correlation rules (temporal_ordered)"), (36, BASE), (56, BASE)],
    ),
];

const BASE: &str = "the base of a correlation rule that is not run";

#[test]
fn every_published_rule_runs_or_is_refused_for_a_reason() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let mut refused = Vec::new();
    for (suite, rules) in [("sigma", 33), ("suzaku_rules", 380)] {
        let folder = material.join("data/suites").join(suite);
        let mut documents = documents_by_file(&folder)?;
        ensure!(documents.values().sum::<usize>() == rules, "{suite} has {documents:?}");
        let run = trailmeter(&["check", "--format", "json", &folder.display().to_string()])?;
        let found = run.json()?;
        let entries = found["detectors"].as_array().context("no list of detectors")?;
        ensure!(run.status == Some(i32::from(suite != "sigma")), "{suite}: {:?}", run.status);
        for entry in entries {
            let file = entry["file"].as_str().context("an entry without a file")?;
            let left =
                documents.get_mut(Path::new(file)).with_context(|| format!("{file} was not asked for"))?;
            *left = left.checked_sub(1).with_context(|| format!("{file} is named once too often"))?;
            ensure!(entry["kind"] == "sigma", "{file} is a Sigma rule: {entry}");
            if entry["runs"] == true {
                ensure!(entry["errors"] == serde_json::json!([]), "{file} runs: {entry}");
            } else {
                refused.push(refusal(file, entry)?);
            }
        }
        documents.retain(|_, left| *left > 0);
        ensure!(documents.is_empty(), "these are not named: {documents:?}");
    }
    let expected: Vec<(String, u64)> = REFUSED
        .iter()
        .flat_map(|(file, places)| places.iter().map(|(line, _)| ((*file).to_owned(), *line)))
        .collect();
    let found: Vec<(String, u64)> = refused.iter().map(|(file, line, _)| (file.clone(), *line)).collect();
    ensure!(found == expected, "refused are {found:?}");
    let reasons = REFUSED.iter().flat_map(|(_, places)| places.iter().map(|(_, reason)| reason));
    for ((file, line, found), expected) in refused.iter().zip(reasons) {
        ensure!(found.starts_with(expected), "{file}:{line}: {found}");
    }
    Ok(())
}

/// The last lines are for people; they add up.
#[test]
fn the_report_for_people_counts_them() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let folders: Vec<String> = ["sigma", "suzaku_rules"]
        .map(|suite| material.join("data/suites").join(suite).display().to_string())
        .into();
    let run = trailmeter(&["check", &folders[0], &folders[1]])?;
    ensure!(run.status == Some(1), "{:?}", run.status);
    let lines = |start: &str| run.stdout.lines().filter(|line| line.starts_with(start)).count();
    ensure!((lines("runs     "), lines("refused  ")) == (403, 10), "{}", run.stdout);
    ensure!(lines("413 Sigma rule(s): 403 run, 10 refused") == 1, "{}", run.stdout);
    Ok(())
}

/// How many documents each rule file of a folder has, counted without any reader of YAML.
fn documents_by_file(folder: &Path) -> Result<BTreeMap<PathBuf, usize>> {
    let mut documents = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yml") {
                let text = fs::read_to_string(&path)?;
                documents.insert(path, text.lines().filter(|line| line.starts_with("title:")).count());
            }
        }
    }
    Ok(documents)
}

/// The file's name, the line and the reason of `FILE:LINE:COLUMN: REASON`.
fn refusal(file: &str, entry: &Value) -> Result<(String, u64, String)> {
    let error = entry["errors"][0].as_str().with_context(|| format!("{file} is refused without a reason"))?;
    let rest = error.strip_prefix(file).and_then(|rest| rest.strip_prefix(':'));
    let (line, rest) = rest.and_then(|rest| rest.split_once(':')).with_context(|| error.to_owned())?;
    let (_, reason) = rest.split_once(": ").with_context(|| error.to_owned())?;
    let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok((name, line.parse()?, reason.to_owned()))
}
