//! `docs/detector-files.md`, `docs/key-families.md` and `docs/sigma.md`: their examples run, and what the first says of
//! mistakes is what is said.

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use trailmeter_detection::{Detector, DetectorFile, load};

use crate::support::root;

fn page(name: &str) -> Result<String> {
    std::fs::read_to_string(root().join("docs").join(name)).with_context(|| name.to_owned())
}

fn examples(page: &str) -> impl Iterator<Item = &str> {
    page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next())
}

fn loaded(text: &str) -> Result<Detector, Vec<String>> {
    let file = DetectorFile { path: "d.yaml".to_owned(), pack: None, text: text.to_owned() };
    let set = load(&[file]).map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    set.detectors().first().cloned().ok_or_else(Vec::new)
}

/// A detector with all that is required, as JSON, which is YAML.
fn base() -> Map<String, Value> {
    let detector = json!({
        "name": "Denied", "title": "t", "what": "w", "why": "y", "sources": ["s"], "logs": "cloudtrail",
        "pattern": "{ $.a = 1 }",
        "tests": [
            { "name": "a", "match": true, "record": { "a": 1 } }, { "name": "b", "match": false, "record": {} },
        ],
    });
    detector.as_object().cloned().unwrap_or_default()
}

#[test]
fn the_examples_are_good_detectors() -> Result<()> {
    let page_of_files = page("detector-files.md")?;
    let whole = examples(&page_of_files).next().context("no example")?;
    let detector = loaded(whole).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let failures = detector.run_tests();
    ensure!(failures.is_empty() && detector.tests.len() == 3, "{failures:?}");
    let page_of_families = page("key-families.md")?;
    let aggregated = examples(&page_of_families).next().context("no example")?;
    let detector = loaded(aggregated).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let failures = detector.run_tests();
    ensure!(failures.is_empty() && detector.tests.len() == 2, "{failures:?}");
    let page_of_sigma = page("sigma.md")?;
    let part = examples(&page_of_sigma).next().context("no example")?;
    let rest: Vec<String> = base()
        .iter()
        .filter(|(key, _)| !["name", "pattern"].contains(&key.as_str()))
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    let detector =
        loaded(&format!("{part}{}", rest.join("\n"))).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    ensure!(detector.name == "AdministratorAttached", "{}", detector.name);
    Ok(())
}

/// The rows whose mistake is a key with a value are tried out.
#[test]
fn mistakes_are_answered_as_the_page_says() -> Result<()> {
    let page = page("detector-files.md")?;
    let mut tried = 0;
    let mut wrong = Vec::new();
    for row in page.lines().skip_while(|line| !line.starts_with("| mistake |")).skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [mistake, message] = cells.as_slice() else { continue };
        let is_code = mistake.starts_with('`') && mistake.matches('`').count() == 2 && mistake.ends_with('`');
        let options = serde_saphyr::options! { strict_booleans: true };
        let Ok(Value::Object(keys)) =
            serde_saphyr::from_str_with_options::<Value>(mistake.trim_matches('`'), options)
        else {
            continue;
        };
        if !is_code {
            continue;
        }
        let mut detector = base();
        for (key, value) in keys {
            if ["period", "threshold"].contains(&key.as_str()) {
                detector.insert("alarm".to_owned(), json!({ "description": "d", key: value }));
            } else {
                if key == "sigma" {
                    detector.remove("pattern");
                }
                detector.insert(key, value);
            }
        }
        // Code with backticks in it stands between two, and a blank.
        let message = message.trim_matches('`').trim().trim_end_matches('\u{2026}').trim_end_matches("; ");
        let message = message.replace("\\|", "|");
        let found = loaded(&Value::Object(detector).to_string()).map(|_| ()).err().unwrap_or_default();
        tried += 1;
        if !found.iter().any(|error| error.contains(message.trim_end_matches('`').trim())) {
            wrong.push(format!("{mistake}: the page says {message:?}, found {found:?}"));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(tried >= 10, "{tried} rows");
    Ok(())
}
