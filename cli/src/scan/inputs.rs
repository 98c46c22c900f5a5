//! What there is to read: files, folders and buckets, sorted by what their names say.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use trailmeter_aws::ListedObject;
use trailmeter_logs::{KeyClass, LogKind, access_log, classify_key, classify_path};
use trailmeter_pipeline::ObjectRef;

use super::read::Reader;

/// One log to read.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// How it is named to people.
    pub(crate) name: String,
    pub(crate) kind: LogKind,
    pub(crate) place: Place,
    /// Its size as stored: what the progress bar shows, and how much is read at once.
    pub(crate) size: u64,
}

impl Input {
    /// How much there is to do for it. To wait for a bucket takes longer than any file.
    pub(super) fn weight(&self) -> u64 {
        match self.place {
            Place::File(_) => self.size,
            Place::Object(_) => u64::MAX,
        }
    }
}

/// What a file is whose name says nothing, by how it begins.
fn kind_of(path: &Path) -> LogKind {
    let mut start = Vec::new();
    let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    // What cannot be read is told of when it is; of a pipe nothing may be taken before.
    if is_file && let Ok(file) = fs::File::open(path) {
        let _read = file.take(START).read_to_end(&mut start);
    }
    if access_log::begins_as_one(&start) { LogKind::AccessLog } else { LogKind::Events }
}

/// So much of a file has the first fields of a line, generously.
const START: u64 = 512;

/// Where a log is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    File(PathBuf),
    Object(ObjectRef),
}

/// Something that was named and cannot be read.
#[derive(serde::Serialize)]
pub(crate) struct Failure {
    pub(crate) name: String,
    pub(crate) reason: &'static str,
    pub(crate) problem: String,
}

/// Everything that the arguments stand for.
#[derive(Default)]
pub(crate) struct Inputs {
    pub(crate) logs: Vec<Input>,
    pub(crate) skipped: Vec<&'static str>,
    pub(crate) failed: Vec<Failure>,
}

impl Inputs {
    pub(crate) fn find(paths: &[String], reader: &mut Reader<'_>) -> anyhow::Result<Self> {
        let mut inputs = Self::default();
        for path in paths {
            if !path.starts_with("s3://") && (path.contains("://") || path.to_lowercase().starts_with("s3:"))
            {
                bail!("{path} is no place to read from: name a file, a folder, or s3://BUCKET/PREFIX");
            }
            match path.strip_prefix("s3://") {
                Some(location) => inputs.add_bucket(location, reader)?,
                None => inputs.add_path(Path::new(path), true),
            }
        }
        Ok(inputs)
    }

    fn add_bucket(&mut self, location: &str, reader: &mut Reader<'_>) -> anyhow::Result<()> {
        let (bucket, prefix) = location.split_once('/').unwrap_or((location, ""));
        if bucket.is_empty() {
            bail!("s3://{location} names no bucket: write s3://BUCKET/PREFIX");
        }
        let listed = reader.list(bucket, prefix).with_context(|| format!("cannot reach s3://{location}"))?;
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                let name = format!("s3://{location}");
                self.failed.push(Failure { name, reason: "unlistable", problem: error.to_string() });
                return Ok(());
            }
        };
        self.add_listed(listed);
        Ok(())
    }

    /// Adds objects of a bucket, by what their keys say.
    pub(super) fn add_listed(&mut self, listed: Vec<ListedObject>) {
        for entry in listed {
            match classify_key(&entry.object.key) {
                KeyClass::Skipped(reason) => self.skipped.push(reason.reason()),
                KeyClass::Log(kind) => self.logs.push(Input {
                    name: entry.object.to_string(),
                    kind,
                    size: entry.size,
                    place: Place::Object(entry.object),
                }),
            }
        }
    }

    /// Adds a file, or a folder with everything below it. A file that was named itself is read
    /// unless it is a digest; of those in folders only the ones named like logs. In folders a link
    /// to another one is not followed, as one to a folder above would never end; a pipe or a device
    /// would not end either. Both are counted.
    fn add_path(&mut self, path: &Path, is_named: bool) {
        let name = path.display().to_string();
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => return self.add_failure(name, &error),
        };
        if metadata.is_dir() {
            let is_followed = is_named || !path.is_symlink();
            return if is_followed { self.add_folder(path, name) } else { self.skipped.push("link") };
        }
        if !is_named && !metadata.is_file() {
            return self.skipped.push("not-a-file");
        }
        let kind = match classify_path(&name) {
            KeyClass::Log(kind) => kind,
            KeyClass::Skipped(trailmeter_logs::SkipReason::UnknownKey) if is_named => kind_of(path),
            KeyClass::Skipped(reason) => return self.skipped.push(reason.reason()),
        };
        self.logs.push(Input { name, kind, size: metadata.len(), place: Place::File(path.to_owned()) });
    }

    fn add_folder(&mut self, path: &Path, name: String) {
        let entries: Result<Vec<PathBuf>, _> = fs::read_dir(path)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
        match entries {
            Err(error) => self.add_failure(name, &error),
            Ok(mut entries) => {
                entries.sort();
                for entry in &entries {
                    self.add_path(entry, false);
                }
            }
        }
    }

    fn add_failure(&mut self, name: String, error: &std::io::Error) {
        self.failed.push(Failure { name, reason: super::read::reason(error), problem: error.to_string() });
    }
}
