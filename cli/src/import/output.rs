//! Writes the detector files. None is ever replaced unless that was asked for.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::join::Imported;
use super::names::file_name;

/// Writes one file for each detector, and returns their paths. Nothing is written if a file of
/// other content is in the way.
pub(super) fn write(detectors: &[Imported], folder: &Path, force: bool) -> anyhow::Result<Vec<PathBuf>> {
    let paths: Vec<PathBuf> =
        detectors.iter().map(|imported| folder.join(file_name(&imported.detector.name))).collect();
    let files: Vec<(&PathBuf, &str)> =
        paths.iter().zip(detectors.iter().map(|imported| imported.detector.text.as_str())).collect();
    let mut changed = Vec::new();
    let mut in_the_way = Vec::new();
    for (path, text) in files {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => changed.push((path, text)),
            Err(error) => return Err(error).with_context(|| format!("cannot look at {}", path.display())),
            Ok(metadata) if metadata.is_file() && is_same(path, metadata.len(), text) => {}
            Ok(_) => {
                in_the_way.push(path.display().to_string());
                changed.push((path, text));
            }
        }
    }
    if !in_the_way.is_empty() && !force {
        bail!(
            "nothing was written, as these files are there already: {}; give --force to replace them, or another --out",
            in_the_way.join(", ")
        );
    }
    if changed.is_empty() {
        return Ok(paths);
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for (path, text) in changed {
        replace(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(paths)
}

fn is_same(path: &Path, length: u64, text: &str) -> bool {
    length == text.len() as u64 && fs::read(path).is_ok_and(|content| content == text.as_bytes())
}

/// Never half a file, and never through a link to somewhere else.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("yaml.new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
    file.write_all(text.as_bytes())?;
    drop(file);
    fs::rename(&beside, path)
}
