//! Detector files from disk, and the packaged ones by name.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use trailmeter_detection::sigma::Lists;
use trailmeter_detection::{
    DEFAULT_PACK, DetectorFile, DetectorSet, ExpiredExclusion, LoadError, Options, Place, load_each,
    load_with, pack_names, packaged_files,
};

use crate::args::{DetectorArgs, ListArgs};
use crate::printable::Printable;

/// What a pack says of itself, beside its detectors.
const ABOUT_PACK: &str = "pack.yaml";
/// The loader refuses what is larger than 1 MiB, and says so; there is no need to read more.
const LARGEST_READ: u64 = (1 << 20) + 1;

/// The detectors that a command line asks for, as they stand today.
pub(crate) fn from_args(args: &DetectorArgs) -> anyhow::Result<DetectorSet> {
    let mut set = loaded(args)?;
    let mut stderr = std::io::stderr().lock();
    for expired in set.expire(today()) {
        let ExpiredExclusion { detector, file, exclusion, owner, last_day } = expired;
        let warning = format!(
            "{file}: the exclusion {exclusion} of {detector} ended on {last_day} and takes nothing out; {owner} answers for it"
        );
        writeln!(stderr, "trailmeter: {}", Printable(&warning))?;
    }
    Ok(set)
}

/// The day in UTC, on which exclusions end.
pub(crate) fn today() -> Date {
    Offset::UTC.to_datetime(now()).date()
}

/// No other place of the command asks for the time.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

fn loaded(args: &DetectorArgs) -> anyhow::Result<DetectorSet> {
    let default = [DEFAULT_PACK.to_owned()];
    let packs = if args.packs.is_empty() && args.files.is_empty() { &default } else { args.packs.as_slice() };
    let mut files = packaged_files(packs)?;
    files.extend(files_below(&args.files)?);
    let options = Options { skips_packaged_tests: true, ..options(&args.lists)? };
    asked_for(&options.lists, &files)?;
    if !args.skip_refused {
        return load_with(&files, &options).map_err(|errors| anyhow::anyhow!("{}", refusal(&errors)));
    }
    let mut detectors = Vec::new();
    for loaded in load_each(&files, &options) {
        match loaded.result {
            Ok(detector) => detectors.push(*detector),
            Err(errors) => warn(&errors)?,
        }
    }
    Ok(DetectorSet::new(detectors))
}

/// A list that nobody asks for is a name with a slip in it: the detectors would go on with their own.
pub(crate) fn asked_for(lists: &Lists, files: &[DetectorFile]) -> anyhow::Result<()> {
    for name in lists.0.keys() {
        let placeholder = format!("%{name}%");
        if !files.iter().any(|file| file.text.contains(&placeholder)) {
            bail!("--list {name}: none of these detectors has the placeholder {placeholder}");
        }
    }
    Ok(())
}

/// Every mistake of detectors that cannot be used.
fn refusal(errors: &[LoadError]) -> String {
    format!("{} mistake(s) in the detectors\n{}", errors.len(), lines(errors))
}

/// A line for each mistake.
pub(crate) fn lines(errors: &[LoadError]) -> String {
    errors.iter().map(|error| Printable(&error.to_string()).to_string()).collect::<Vec<_>>().join("\n")
}

fn warn(errors: &[LoadError]) -> anyhow::Result<()> {
    let mut stderr = std::io::stderr().lock();
    for error in errors {
        writeln!(stderr, "trailmeter: left out: {}", Printable(&error.to_string()))?;
    }
    Ok(())
}

/// What is said about loading on a command line.
pub(crate) fn options(lists: &ListArgs) -> anyhow::Result<Options<'static>> {
    let mut found = BTreeMap::new();
    for text in &lists.lists {
        let (name, values) = text
            .split_once('=')
            .filter(|(name, values)| !name.is_empty() && values.split(',').all(|value| !value.is_empty()))
            .with_context(|| format!("{text:?} is no list: write NAME=VALUE,VALUE"))?;
        found.insert(name.to_owned(), values.split(',').map(str::to_owned).collect());
    }
    Ok(Options { lists: Lists(found), companions: Some(&companion), ..Options::default() })
}

/// The Sigma rule that a detector's file names, from beside it.
fn companion(file: &DetectorFile, path: &str) -> Result<String, String> {
    if file.pack.is_some() {
        return Err("packaged detectors bring their rules along".to_owned());
    }
    let path = Path::new(&file.path).parent().unwrap_or(Path::new("")).join(path);
    // A pipe would never end, nor even begin.
    if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err("this is no file".to_owned());
    }
    read(&path).map(|file| file.text).map_err(|error| error.reason)
}

/// The detector files of packs and those at `paths`; if nothing is named, every packaged one.
pub(crate) fn files_named(packs: &[String], paths: &[PathBuf]) -> anyhow::Result<Vec<DetectorFile>> {
    if packs.is_empty() && paths.is_empty() {
        return packaged();
    }
    let mut files = packaged_files(packs)?;
    files.extend(files_below(paths)?);
    Ok(files)
}

/// Every packaged detector file.
pub(crate) fn packaged() -> anyhow::Result<Vec<DetectorFile>> {
    Ok(packaged_files(&pack_names())?)
}

/// The detector files at and below `paths`: every YAML file of a folder, in the order of names.
pub(crate) fn files_below(paths: &[PathBuf]) -> anyhow::Result<Vec<DetectorFile>> {
    Ok(paths_below(paths)?.iter().map(|path| read(path)).collect::<Result<_, _>>()?)
}

/// The same for whom a file that cannot be read is one mistake more, and no reason to stop.
pub(crate) fn readable_below(paths: &[PathBuf]) -> anyhow::Result<(Vec<DetectorFile>, Vec<LoadError>)> {
    let (mut files, mut unreadable) = (Vec::new(), Vec::new());
    for path in paths_below(paths)? {
        match read(&path) {
            Ok(file) => files.push(file),
            Err(error) => unreadable.push(error),
        }
    }
    Ok((files, unreadable))
}

fn paths_below(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let before = found.len();
        collect(path, true, &mut found)
            .with_context(|| format!("cannot read detectors at {}", path.display()))?;
        if found.len() == before {
            bail!("no detector file (*.yaml, *.yml) at {}", path.display());
        }
    }
    Ok(found)
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
    let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if is_named || is_yaml && path.file_name().is_none_or(|name| name != ABOUT_PACK) {
        found.push(path.to_owned());
    }
    Ok(())
}

fn read(path: &Path) -> Result<DetectorFile, LoadError> {
    let refused =
        |reason: String| LoadError { file: path.display().to_string(), place: Place::default(), reason };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_READ).read_to_end(&mut bytes))
        .map_err(|error| refused(format!("cannot be read: {error}")))?;
    let is_cut = bytes.len() as u64 == LARGEST_READ;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // The cut may have fallen inside a character.
        Err(error) if is_cut => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        Err(_) => return Err(refused("not UTF-8, so no detector file".to_owned())),
    };
    Ok(DetectorFile { path: path.display().to_string(), pack: None, text })
}
