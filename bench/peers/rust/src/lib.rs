//! Records of files, parsed to values. Files are inflated as `inflate-only` does it, with libdeflate
//! and buffers that are used again, so what a program adds is parsing and looking.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use libdeflater::Decompressor;
use serde_json::Value;

/// Calls `look` with each record of the files below a folder.
pub fn each_record(folder: &Path, mut look: impl FnMut(Value) -> Result<()>) -> Result<()> {
    let mut files = Vec::new();
    find(folder, &mut files)?;
    ensure!(!files.is_empty(), "no files at {}", folder.display());
    let (mut packed, mut inflated) = (Vec::new(), Vec::new());
    let mut decompressor = Decompressor::new();
    for path in &files {
        packed.clear();
        File::open(path)?.read_to_end(&mut packed)?;
        let stated = packed.last_chunk().map_or(0, |length| u32::from_le_bytes(*length));
        inflated.resize(inflated.len().max(usize::try_from(stated)?), 0);
        let length = decompressor.gzip_decompress(&packed, &mut inflated)?;
        let mut file: Value = serde_json::from_slice(&inflated[..length])
            .with_context(|| format!("cannot read {}", path.display()))?;
        let Some(Value::Array(records)) = file.get_mut("Records").map(Value::take) else { continue };
        records.into_iter().try_for_each(&mut look)?;
    }
    Ok(())
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "gz") {
            found.push(path);
        }
    }
    Ok(())
}

/// Prints counts as all peers do.
pub fn print(counts: &[u64]) {
    let words: Vec<String> = counts.iter().map(u64::to_string).collect();
    println!("{}", words.join(" "));
}
