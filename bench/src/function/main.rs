//! The whole function in memory: from the payloads and S3's bytes to `PutMetricData` requests, made and signed.

#[path = "in_memory.rs"]
mod in_memory;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use serde_json::Value;

use in_memory::{Function, MemoryStore, cpu, payload};

/// Runs the function over the log files below FOLDER, and prints the CPU seconds that it takes
#[derive(Debug, Parser)]
struct Args {
    folder: PathBuf,
    /// Packs of detectors [default: all]
    #[arg(long)]
    pack: Vec<String>,
    /// Messages in an invocation, a file each: the template's `BatchSize`
    #[arg(long, default_value_t = 100)]
    batch: usize,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let mut paths = Vec::new();
    files(&args.folder, &mut paths)?;
    let mut objects = Vec::new();
    for path in paths {
        let key = path.strip_prefix(&args.folder)?.to_str().context("a key is text")?.to_owned();
        objects.push((key, std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?));
    }
    let store = MemoryStore::new(objects);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(run(&args, &store))
}

async fn run(args: &Args, store: &MemoryStore) -> Result<()> {
    let mut function = Function::new(store, &args.pack)?;
    let keys: Vec<&str> = store.keys().collect();
    let payloads: Vec<Value> = keys.chunks(args.batch).map(payload).collect();
    let mut matches = 0;
    let before = cpu()?;
    for payload in &payloads {
        matches += function.invoke(payload).await?;
    }
    let spent = cpu()?.saturating_sub(before).as_secs_f64();
    let (requests, bytes) = function.unsent.taken();
    let per_thousand = requests * 1000 / (keys.len() as u64).max(1);
    let (files, invocations, detectors) = (keys.len(), payloads.len(), function.detectors.detectors().len());
    let out = &mut std::io::stdout();
    writeln!(out, "{files} files in {invocations} invocations, {detectors} detectors, {matches} matches")?;
    writeln!(out, "{requests} requests with {bytes} bytes: {per_thousand} per 1,000 files")?;
    writeln!(out, "CPU seconds: {spent:.6}")?;
    Ok(())
}

/// The files below a folder, in the order of their names.
fn files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() { files(&path, found)? } else { found.push(path) }
    }
    Ok(())
}
