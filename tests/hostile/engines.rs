//! No expression that a rule brings along can be made slow by the text it is sought in: the function
//! has one engine for them, and that one does not backtrack.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::support::root;

/// What the one engine is made of.
const ENGINE: [&str; 3] = ["regex", "regex-automata", "regex-syntax"];
/// Engines that backtrack, and what binds to such.
const BACKTRACKING: [&str; 12] = [
    "fancy-regex",
    "onig",
    "onig_sys",
    "oniguruma",
    "pcre",
    "pcre2",
    "pcre2-sys",
    "regress",
    "hyperscan",
    "vectorscan",
    "posix-regex",
    "re2",
];
/// Whose names have the word in them, and that bring no engine along.
const HARMLESS: [&str; 1] = ["regex-lite"];

fn dependencies(package: &str) -> Result<BTreeSet<String>> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--package", package])
        .current_dir(root())
        .output()
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}

#[test]
fn the_one_engine_for_expressions_does_not_backtrack() -> Result<()> {
    for package in ["detect", "trailmeter"] {
        let all = dependencies(package)?;
        assert!(ENGINE.iter().all(|name| all.contains(*name)), "{package}: {all:?}");
        let others: Vec<&String> = all
            .iter()
            .filter(|name| {
                BACKTRACKING.contains(&name.as_str())
                    || name.contains("regex")
                        && !ENGINE.contains(&name.as_str())
                        && !HARMLESS.contains(&name.as_str())
            })
            .collect();
        assert!(others.is_empty(), "{package} has another engine for expressions: {others:?}");
    }
    Ok(())
}
