//! The scanner against an independent oracle, on real records.
//!
//! The corpus lies beside the checkout of its developers and of CI; a user's clone has none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::command::{Scan, shared_material};

/// The oracle's definitions as detectors, word for word in filter patterns.
const ORACLE_DETECTORS: [(&str, &str); 7] = [
    (
        "access_denied_wild",
        r#"{ ($.errorCode = "AccessDenied*") || ($.errorCode = "*UnauthorizedOperation") }"#,
    ),
    (
        "access_denied_exact",
        r#"{ ($.errorCode = "AccessDenied") || ($.errorCode = "AccessDeniedException") || ($.errorCode = "UnauthorizedOperation") || ($.errorCode = "Client.UnauthorizedOperation") }"#,
    ),
    (
        "sigv2",
        r#"{ ($.eventSource = "s3.amazonaws.com") && ($.additionalEventData.SignatureVersion = "SigV2") }"#,
    ),
    (
        "anonymous",
        r#"{ ($.userIdentity.principalId = "ANONYMOUS_PRINCIPAL") || ($.userIdentity.principalId = "anonymous") || ($.userIdentity.accountId = "ANONYMOUS_PRINCIPAL") || ($.userIdentity.accountId = "anonymous") }"#,
    ),
    (
        "console_fail",
        r#"{ ($.eventName = "ConsoleLogin") && ($.responseElements.ConsoleLogin = "Failure") }"#,
    ),
    (
        "console_fail_msg",
        r#"{ ($.eventName = "ConsoleLogin") && ($.errorMessage = "Failed authentication") }"#,
    ),
    (
        "root_cis",
        r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
    ),
];

/// The packaged detectors whose matches and exclusions together are what an oracle column counts.
const PACKAGED: [(&str, &str); 4] = [
    ("AccessDenied", "access_denied_wild"),
    ("SigV2", "sigv2"),
    ("AnonymousPrincipal", "anonymous"),
    ("RootUsage", "root_cis"),
];

/// `access_denied_wild` as a detector's name.
fn detector_name(column: &str) -> String {
    column.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

#[test]
fn every_file_of_the_corpus_agrees_with_the_oracle() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    for (column, pattern) in ORACLE_DETECTORS {
        let name = detector_name(column);
        let text = format!(
            "name: {name}\ntitle: t\nwhat: w\nwhy: y\nsources: [oracle.py]\nlogs: cloudtrail\npattern: |-\n  {pattern}\n\
             tests:\n  - {{ name: a, match: true, record: {{}} }}\n  - {{ name: b, match: false, record: {{}} }}\n"
        );
        std::fs::write(folder.path().join(format!("{name}.yaml")), text)?;
    }
    let oracle = std::fs::read_to_string(material.join("data/oracle_per_file.jsonl"))?;
    let mut seen = BTreeMap::<String, u64>::new();
    for line in oracle.lines() {
        let expected: Value = serde_json::from_str(line)?;
        let file = expected["file"].as_str().context("a line without a file")?;
        let path = material.join("data").join(file);
        let found = Scan::of(&[&path]).detectors(folder.path()).pack("default").count_duplicates().json()?;
        ensure!(found["records"]["read"] == expected["records"], "{file}: records");
        for (column, _) in ORACLE_DETECTORS {
            let matches = &found["detectors"][detector_name(column)]["matches"];
            ensure!(
                *matches == expected[column],
                "{file}: {column}: {matches}, the oracle has {}",
                expected[column]
            );
            *seen.entry(column.to_owned()).or_default() += matches.as_u64().unwrap_or(0);
        }
        for (detector, column) in PACKAGED {
            let counts = &found["detectors"][detector];
            let hits = counts["matches"].as_u64().unwrap_or(0) + counts["excluded"].as_u64().unwrap_or(0);
            ensure!(Some(hits) == expected[column].as_u64(), "{file}: {detector} before exclusions: {hits}");
        }
    }
    // A corpus without any would prove nothing.
    for column in ["access_denied_wild", "anonymous", "root_cis"] {
        ensure!(seen[column] > 0, "the corpus has no {column}");
    }
    Ok(())
}

#[test]
fn repeats_in_the_whole_corpus_count_once() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let real = material.join("data/real");
    let standing = Scan::of(&[&real]).pack("default").pack("activity").count_duplicates().json()?;
    let distinct = Scan::of(&[&real]).pack("default").pack("activity").json()?;
    let count = |scan: &Value, outcome: &str| scan["records"][outcome].as_u64().unwrap_or(0);
    assert_eq!(count(&standing, "duplicate"), 0);
    assert_eq!(count(&standing, "matched"), count(&distinct, "matched") + count(&distinct, "duplicate"));
    assert_eq!(count(&standing, "read"), count(&distinct, "read"));
    Ok(())
}

/// The totals do not depend on how many threads read, nor on the order of the arguments' files.
#[test]
fn threads_do_not_change_the_result() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let real = material.join("data/real");
    let with = |threads: u16| Scan::of(&[&real]).pack("default").pack("activity").threads(threads).json();
    let one = with(1)?;
    for threads in [2, 3, 16] {
        assert_eq!(with(threads)?, one, "{threads} threads");
    }
    Ok(())
}

/// Files that are no CloudTrail logs, as they were found in public.
#[test]
fn published_files_that_are_broken_are_refused_by_name() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    for (file, reason) in [
        ("opensearch_samples-large_HEAD.json", "not-cloudtrail"),
        ("otrf_ec2_proxy.ndjson", "not-cloudtrail"),
    ] {
        let path: PathBuf = Path::new(&material).join("data/malformed").join(file);
        let run = Scan::of(&[&path]).run()?;
        assert_eq!(run.status, Some(3), "{file}");
        assert_eq!(run.json()?["objects"]["failed"][reason], 1, "{file}: {}", run.stdout);
        assert!(run.stderr.contains(file) && run.stderr.contains(reason), "{file}: {}", run.stderr);
    }
    Ok(())
}
