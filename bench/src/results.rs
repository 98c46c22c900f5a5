//! Measured sections, kept from run to run, so that one that failed can be measured again alone.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::page::{Chart, Section};
use crate::work::Bench;

/// One part of the page.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    /// The command that was measured, and how: what does not agree must not stand on one page.
    stamp: String,
    pub(crate) sections: Vec<Section>,
    pub(crate) charts: Vec<Chart>,
}

impl Part {
    pub(crate) fn new(bench: &Bench, sections: Vec<Section>, charts: Vec<Chart>) -> Result<Self> {
        Ok(Self { stamp: stamp(bench)?, sections, charts })
    }

    pub(crate) fn keep(&self, bench: &Bench, name: &str) -> Result<()> {
        let path = path(bench, name);
        fs::write(&path, serde_json::to_vec(self)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// What was kept of the same command, measured in the same way.
    pub(crate) fn kept(bench: &Bench, name: &str) -> Result<Self> {
        let kept =
            fs::read(path(bench, name)).ok().and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        match kept {
            Some(kept) if kept.stamp == stamp(bench)? => Ok(kept),
            _ => bail!(
                "the page needs the section {name} of the same build, measured with the same rounds: run it too"
            ),
        }
    }
}

fn path(bench: &Bench, name: &str) -> PathBuf {
    bench.folder.join(format!("{name}.json"))
}

fn stamp(bench: &Bench) -> Result<String> {
    let built = fs::metadata(&bench.trailmeter)?.modified()?;
    Ok(format!("{built:?} {} {} {:?}", bench.rounds, bench.part, bench.sigma))
}
