//! Filter patterns that others wrote, and what they expect of them.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use trailmeter_detection::pattern::Pattern;
use trailmeter_detection::{Rule, load, packaged_files};

use crate::command::shared_material;

fn lines(text: &str) -> Result<Vec<Value>> {
    text.lines().map(|line| serde_json::from_str(line).context("a line is no JSON")).collect()
}

/// Cases from AWS's guide and API examples. Those in braces are JSON patterns and evaluate as
/// expected; the rest are for other kinds of log and are refused as such.
#[test]
fn documented_patterns_evaluate_as_documented() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let cases = lines(&fs::read_to_string(material.join("data/suites/cwlogs_filter_patterns.jsonl"))?)?;
    let (mut evaluated, mut refused) = (0, 0);
    for case in &cases {
        let text = case["pattern"].as_str().context("a case without a pattern")?;
        let parsed = text.parse::<Pattern>();
        if !text.trim_start().starts_with('{') {
            let error = parsed.map(|_| ()).unwrap_err();
            ensure!(error.message.contains("a JSON pattern stands in braces"), "{text}: {}", error.message);
            refused += 1;
            continue;
        }
        let message: Value =
            serde_json::from_str(case["message"].as_str().context("a case without a message")?)?;
        let pattern = parsed.with_context(|| text.to_owned())?;
        ensure!(Value::Bool(pattern.matches(&message)) == case["expected"], "{text} on {message}");
        evaluated += 1;
    }
    ensure!((evaluated, refused) == (14, 20), "{evaluated} evaluated, {refused} refused of {}", cases.len());
    Ok(())
}

/// Each CIS pattern as AWS prints it, with a record that it must match and one that it must not.
#[test]
fn every_cis_pattern_parses_and_tells_its_event_from_others() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let text = fs::read_to_string(material.join("data/suites/cis_patterns.json"))?;
    let controls: Vec<Value> = serde_json::from_str(&text)?;
    ensure!(controls.len() == 15, "15 controls");
    for control in &controls {
        let text = control["pattern"].as_str().context("a control without a pattern")?;
        let pattern: Pattern = text.parse().with_context(|| text.to_owned())?;
        ensure!(
            !pattern.matches(&serde_json::json!({ "eventName": "DescribeInstances" })),
            "{text} matches anything"
        );
        let hit = [
            serde_json::json!({ "errorCode": "Client.UnauthorizedOperation" }),
            serde_json::json!({ "userIdentity": { "type": "Root" }, "eventType": "AwsApiCall" }),
            serde_json::json!({
                "eventName": "ConsoleLogin", "additionalEventData": { "MFAUsed": "No" }, "errorMessage": "Failed authentication",
                "userIdentity": { "type": "IAMUser" }, "responseElements": { "ConsoleLogin": "Success" },
            }),
        ]
        .into_iter()
        .chain(named_events(text))
        .any(|record| pattern.matches(&record));
        ensure!(hit, "{text} matches nothing that it names");
    }
    Ok(())
}

/// The pack has each control once as it is printed, to the byte, under the benchmark's number. Other
/// variants say so in their names.
#[test]
fn the_pack_has_the_cis_patterns_to_the_byte() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let text = fs::read_to_string(material.join("data/suites/cis_patterns.json"))?;
    let controls: Vec<Value> = serde_json::from_str(&text)?;
    let printed = controls.iter().map(|control| {
        let number = control["cis"].as_str().and_then(|cis| cis.split(' ').next()).unwrap_or_default();
        (format!("CIS {number}:"), control["pattern"].as_str().unwrap_or_default().to_owned())
    });
    let set = load(&packaged_files(&["cis"])?).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let strict =
        set.detectors().iter().filter(|detector| !detector.name.ends_with("Tuned")).map(|detector| {
            let Rule::Pattern(pattern) = &detector.rule else {
                return Err(anyhow::anyhow!("{}", detector.name));
            };
            let number = detector.title.split(' ').take(2).collect::<Vec<_>>().join(" ");
            Ok((number, pattern.as_str().to_owned()))
        });
    let (printed, strict) =
        (printed.collect::<BTreeMap<_, _>>(), strict.collect::<Result<BTreeMap<_, _>>>()?);
    ensure!(printed.len() == 15, "{} controls", printed.len());
    for (number, pattern) in &printed {
        let ours = strict.get(number).with_context(|| format!("{number} is not in the pack"))?;
        ensure!(ours == pattern, "{number} is {ours}, and printed as {pattern}");
    }
    ensure!(strict.len() == printed.len(), "the pack has more: {:?}", strict.keys());
    Ok(())
}

/// A record for every event name that a pattern mentions, with every event source it mentions.
fn named_events(pattern: &str) -> impl Iterator<Item = Value> {
    let values = |field: &str| -> Vec<String> {
        pattern
            .split(field)
            .skip(1)
            .filter_map(|rest| rest.trim_start().strip_prefix('='))
            .map(|rest| rest.trim_start().trim_start_matches('"'))
            .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '.').collect())
            .collect()
    };
    let source = values("$.eventSource").into_iter().next().unwrap_or_else(|| "ec2.amazonaws.com".to_owned());
    values("$.eventName")
        .into_iter()
        .map(move |name| serde_json::json!({ "eventName": name, "eventSource": source }))
}

/// Patterns from public Terraform modules. One of them says `&& &&`; it and nothing else is refused.
#[test]
fn patterns_from_the_wild_parse_or_are_refused_for_a_reason() -> Result<()> {
    let Some(material) = shared_material()? else { return Ok(()) };
    let cases = lines(&fs::read_to_string(material.join("data/suites/cis_patterns_in_the_wild.jsonl"))?)?;
    ensure!(cases.len() == 22, "{} cases", cases.len());
    for case in &cases {
        let text = case["pattern"].as_str().context("a case without a pattern")?;
        match text.parse::<Pattern>() {
            Ok(_) => ensure!(!text.contains("&& &&"), "{text} must be refused"),
            Err(error) => {
                ensure!(text.contains("&& &&"), "{text}: {} at {}", error.message, error.offset);
                ensure!(error.message.contains("expected a test"), "{text}: {}", error.message);
            }
        }
    }
    Ok(())
}
