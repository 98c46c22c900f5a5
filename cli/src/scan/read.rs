//! Reads one log, from disk or from S3, through the detectors.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use tokio::runtime::Runtime;
use trailmeter_aws::{Clients, ListError, ListedObject, S3Store};
use trailmeter_detection::{DetectorSet, FileMatches, FileScan};
use trailmeter_logs::{Limits, LogFileError, LogKind};
use trailmeter_pipeline::{ObjectError, read_object};

use super::inputs::{Input, Place};

const CHUNK: usize = 64 * 1024;

/// Why a log could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Object(#[from] ObjectError),
    #[error(transparent)]
    File(#[from] LogFileError),
    #[error("no connection to S3 was made")]
    NoStore,
}

impl InputError {
    /// The same words as the function uses.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Io(error) => reason(error),
            Self::Object(error) => error.reason(),
            Self::File(error) => error.cause.reason(),
            Self::NoStore => "unreadable",
        }
    }
}

pub(crate) fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "not-found",
        io::ErrorKind::PermissionDenied => "access-denied",
        _ => "unreadable",
    }
}

/// Whether the ids of matched records are kept as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ids {
    Kept,
    Dropped,
}

/// Reads logs for any number of threads.
pub(crate) struct Reader<'d> {
    detectors: &'d DetectorSet,
    limits: Limits,
    ids: Ids,
    /// Made when the first bucket is named: a scan of local files needs neither region nor network.
    remote: Option<Remote>,
}

struct Remote {
    runtime: Runtime,
    store: S3Store,
}

impl<'d> Reader<'d> {
    pub(crate) fn new(detectors: &'d DetectorSet, limits: Limits, ids: Ids) -> Self {
        Self { detectors, limits, ids, remote: None }
    }

    pub(crate) fn list(
        &mut self,
        bucket: &str,
        prefix: &str,
    ) -> io::Result<Result<Vec<ListedObject>, ListError>> {
        let remote = match &mut self.remote {
            Some(remote) => remote,
            none => none.insert(Remote::connect()?),
        };
        Ok(remote.runtime.block_on(remote.store.list(bucket, prefix)))
    }

    pub(crate) fn scan(&self, input: &Input) -> Result<FileMatches, InputError> {
        match &input.place {
            Place::File(path) => self.scan_file(path, input.kind),
            Place::Object(object) => {
                let remote = self.remote.as_ref().ok_or(InputError::NoStore)?;
                let scan = self.begin(input.kind);
                Ok(remote.runtime.handle().block_on(read_object(&remote.store, object, scan))?)
            }
        }
    }

    fn begin(&self, kind: LogKind) -> FileScan<'_> {
        match self.ids {
            Ids::Kept => self.detectors.scan_keeping_ids(kind, self.limits),
            Ids::Dropped => self.detectors.scan(kind, self.limits),
        }
    }

    fn scan_file(&self, path: &Path, kind: LogKind) -> Result<FileMatches, InputError> {
        let mut file = File::open(path)?;
        let mut scan = self.begin(kind);
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => return Ok(scan.finish()?),
                Ok(length) => scan.push(&chunk[..length])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Remote {
    fn connect() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let store = runtime.block_on(async { Clients::load().await.s3_store(None) });
        Ok(Self { runtime, store })
    }
}
