//! Detector files from disk, and the packaged ones by name.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use trailmeter_detection::{DEFAULT_PACK, DetectorFile, DetectorSet, load, pack_names, packaged_files};

use crate::args::DetectorArgs;

/// The detectors that a command line asks for.
pub(crate) fn from_args(args: &DetectorArgs) -> anyhow::Result<DetectorSet> {
    let default = [DEFAULT_PACK.to_owned()];
    let packs = if args.packs.is_empty() && args.files.is_empty() { &default } else { args.packs.as_slice() };
    let mut files = packaged_files(packs)?;
    files.extend(files_below(&args.files)?);
    load(&files).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{} detector(s) cannot be used\n{}", errors.len(), lines.join("\n"))
    })
}

/// Every packaged detector file.
pub(crate) fn packaged() -> anyhow::Result<Vec<DetectorFile>> {
    Ok(packaged_files(&pack_names())?)
}

/// The detector files at and below `paths`: every YAML file of a folder, in the order of names.
pub(crate) fn files_below(paths: &[PathBuf]) -> anyhow::Result<Vec<DetectorFile>> {
    let mut found = Vec::new();
    for path in paths {
        let before = found.len();
        collect(path, true, &mut found)
            .with_context(|| format!("cannot read detectors at {}", path.display()))?;
        if found.len() == before {
            bail!("no detector file (*.yaml, *.yml) at {}", path.display());
        }
    }
    found.into_iter().map(|path| read(&path)).collect()
}

fn collect(path: &Path, is_named: bool, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if fs::metadata(path)?.is_dir() {
        let mut entries = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort();
        // A link to a folder above would never end, nor would a pipe.
        return entries
            .iter()
            .filter(|path| path.is_file() || path.is_dir() && !path.is_symlink())
            .try_for_each(|path| collect(path, false, found));
    }
    if is_named || path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
        found.push(path.to_owned());
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<DetectorFile> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| anyhow::anyhow!("{}: not UTF-8, so no detector file", path.display()))?;
    Ok(DetectorFile { path: path.display().to_string(), pack: None, text })
}
