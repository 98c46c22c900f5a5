//! sigma-rust RULES FOLDER counts what the three Sigma rules match.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sigma_rust::{Event, Rule, rule_from_yaml};
use trailmeter_peers::{each_record, print};

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [rules, folder] = &arguments[..] else { bail!("usage: sigma-rust RULES FOLDER") };
    let rules = ["access-denied", "sig-v2", "anonymous"]
        .into_iter()
        .map(|name| rule(&rules.join(name).with_extension("yml")))
        .collect::<Result<Vec<Rule>>>()?;
    let mut counts = vec![0; rules.len()];
    each_record(folder, |record| {
        let event = Event::try_from(record)?;
        for (count, rule) in counts.iter_mut().zip(&rules) {
            *count += u64::from(rule.is_match(&event));
        }
        Ok(())
    })?;
    print(&counts);
    Ok(())
}

fn rule(path: &Path) -> Result<Rule> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    rule_from_yaml(&text).with_context(|| path.display().to_string())
}
