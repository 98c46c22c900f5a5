//! Writes the seeds of every fuzz target: `cargo run --package trailmeter-fuzz-checks --example seeds DIRECTORY`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

#[path = "../tests/seeds/mod.rs"]
mod seeds;

fn main() -> Result<()> {
    let directory =
        std::env::args_os().nth(1).map(PathBuf::from).context("which directory are the seeds to go to?")?;
    for seed in seeds::all()? {
        let folder = directory.join(seed.target);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join(&seed.name);
        fs::write(&path, &seed.input).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
