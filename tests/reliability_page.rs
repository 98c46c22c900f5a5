//! What `docs/reliability.md` calls a proof is there.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::support::root;

/// The texts in backquotes of a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[test]
fn every_proof_on_the_page_is_a_test() -> Result<()> {
    let page = std::fs::read_to_string(root().join("docs/reliability.md"))?;
    let mut proofs = 0;
    for line in page.lines().filter(|line| line.starts_with("| **")) {
        let proof = line.rsplit('|').nth(1).context("a row has a last cell")?;
        // Names of tests stand before the file that holds them.
        let mut names: Vec<&str> = Vec::new();
        for word in quoted(proof) {
            if Path::new(word).extension().is_none_or(|extension| extension != "rs") {
                names.push(word);
                continue;
            }
            let path = root().join(word);
            let text = std::fs::read_to_string(&path).with_context(|| format!("{word} is not there"))?;
            for name in names.drain(..) {
                ensure!(text.contains(&format!("fn {name}(")), "{word} has no {name}");
                proofs += 1;
            }
        }
        ensure!(
            names.is_empty() || names.iter().all(|name| name.starts_with("make ")),
            "no file for {names:?}"
        );
        let says_where = proof.contains(".rs") || proof.contains(".md");
        ensure!(says_where, "a promise without a proof: {line}");
    }
    ensure!(proofs > 12, "only {proofs} proofs were found");
    Ok(())
}
