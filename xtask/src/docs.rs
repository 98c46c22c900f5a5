//! Pages of `docs/` that are written from the code: `cargo xtask docs [--check]`.

mod detectors;
mod lints;
mod schema;

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

/// A page below `docs/`, and what writes it.
type Page = (&'static str, fn() -> anyhow::Result<String>);

const PAGES: [Page; 3] =
    [("detectors.md", detectors::page), ("detector.schema.json", schema::page), ("lints.md", lints::page)];

pub(crate) fn write(root: &Path) -> anyhow::Result<String> {
    let stale = stale(root)?;
    for (name, text) in &stale {
        fs::write(root.join("docs").join(name), text).with_context(|| format!("cannot write docs/{name}"))?;
    }
    Ok(format!("{} page(s) written anew", stale.len()))
}

pub(crate) fn check(root: &Path) -> anyhow::Result<String> {
    let stale = stale(root)?;
    if !stale.is_empty() {
        let names: Vec<String> = stale.iter().map(|(name, _)| format!("docs/{name}")).collect();
        bail!("{} is stale: run `make docs` and commit what it changes", names.join(", "));
    }
    Ok("the generated pages are up to date".to_owned())
}

/// The pages that differ from what they should be, with what they should be.
fn stale(root: &Path) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut stale = Vec::new();
    for (name, page) in PAGES {
        let wanted = page()?;
        // A page that is missing is stale.
        if fs::read_to_string(root.join("docs").join(name)).ok().as_ref() != Some(&wanted) {
            stale.push((name, wanted));
        }
    }
    Ok(stale)
}
