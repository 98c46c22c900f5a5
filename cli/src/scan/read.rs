//! Reads one log, from disk or from S3, through the detectors.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Runtime;
use trailmeter_aws::{Clients, ListError, ListedObject, S3Store};
use trailmeter_detection::finding::WhichFindings;
use trailmeter_detection::{DetectorSet, FileMatches, FileScan};
use trailmeter_logs::{Limits, LogFileError, LogKind};
use trailmeter_pipeline::{ObjectError, ReadProblem, read_object};

use super::inputs::{Input, Place};

/// How much is read at once of a file that is not read whole. Also what a thread begins with.
const CHUNK: usize = 256 * 1024;

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
    /// Whether the same may turn out well a little later.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Object(ObjectError::Read(error))
            if matches!(error.problem, ReadProblem::Throttled | ReadProblem::Interrupted))
    }

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

/// What is kept of matched records beside what counting needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    Nothing,
    /// Their ids as text.
    Ids,
    /// What findings show of them.
    Findings(WhichFindings),
}

/// Reads logs for any number of threads.
pub(crate) struct Reader<'d> {
    detectors: &'d DetectorSet,
    limits: Limits,
    keeping: Keeping,
    /// Made when the first bucket is named: a scan of local files needs neither region nor network.
    remote: Option<Arc<Remote>>,
}

/// The way to S3.
pub(crate) struct Remote {
    runtime: Runtime,
    store: S3Store,
}

impl<'d> Reader<'d> {
    pub(crate) fn new(detectors: &'d DetectorSet, limits: Limits, keeping: Keeping) -> Self {
        Self { detectors, limits, keeping, remote: None }
    }

    /// One that reads from S3 from the start.
    pub(crate) fn over(
        detectors: &'d DetectorSet,
        limits: Limits,
        keeping: Keeping,
        remote: Arc<Remote>,
    ) -> Self {
        Self { remote: Some(remote), ..Self::new(detectors, limits, keeping) }
    }

    pub(crate) fn list(
        &mut self,
        bucket: &str,
        prefix: &str,
    ) -> io::Result<Result<Vec<ListedObject>, ListError>> {
        let remote = match &mut self.remote {
            Some(remote) => remote,
            none => none.insert(Arc::new(Remote::connect()?)),
        };
        Ok(remote.list(bucket, prefix, ""))
    }

    /// Reads one log. `buffer` is for the bytes of files as they are stored, and a thread's own.
    pub(crate) fn scan(&self, input: &Input, buffer: &mut Buffer) -> Result<FileMatches, InputError> {
        match &input.place {
            Place::File(path) => self.scan_file(path, input, buffer),
            Place::Object(object) => {
                let remote = self.remote.as_ref().ok_or(InputError::NoStore)?;
                let scan = self.begin(input.kind, self.limits);
                Ok(remote.runtime.block_on(read_object(&remote.store, object, scan))?)
            }
        }
    }

    fn begin(&self, kind: LogKind, limits: Limits) -> FileScan<'_> {
        match self.keeping {
            Keeping::Nothing => self.detectors.scan(kind, limits),
            Keeping::Ids => self.detectors.scan_keeping_ids(kind, limits),
            Keeping::Findings(which) => self.detectors.scan_keeping_findings(kind, limits, which),
        }
    }

    fn scan_file(&self, path: &Path, input: &Input, buffer: &mut Buffer) -> Result<FileMatches, InputError> {
        let mut file = File::open(path)?;
        let expected = usize::try_from(input.size).unwrap_or(usize::MAX);
        let (start, is_whole) = buffer.fill(&mut file, expected, self.limits.stored_in_memory())?;
        if is_whole {
            return Ok(self.begin(input.kind, self.limits).read_whole(start)?);
        }
        // It is plain by now that it will not be inflated in memory: nothing of it need be kept.
        let mut scan = self.begin(input.kind, Limits { in_memory: 0, ..self.limits });
        scan.push(start)?;
        loop {
            match buffer.fill(&mut file, 0, 0)? {
                ([], _) => return Ok(scan.finish()?),
                (chunk, _) => scan.push(chunk)?,
            }
        }
    }
}

/// The memory that a thread reads files into, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Buffer(Vec<u8>);

impl Buffer {
    /// Reads until the file ends or more was read than `most`, but a chunk at least. Gives what was
    /// read, and says whether the file has ended.
    ///
    /// `expected` is what the file's metadata say. It saves a copy, and is not believed: files grow,
    /// and a pipe has no size.
    fn fill(&mut self, from: &mut impl Read, expected: usize, most: usize) -> io::Result<(&[u8], bool)> {
        let most = most.max(CHUNK);
        // One byte more than there should be tells in one call that there is no more.
        self.grow(expected.saturating_add(1).clamp(CHUNK, most + 1));
        let mut length = 0;
        loop {
            if length == self.0.len().min(most + 1) {
                if length > most {
                    return Ok((&self.0[..length], false));
                }
                self.grow(length.saturating_mul(2).min(most + 1));
            }
            let end = self.0.len().min(most + 1);
            match from.read(&mut self.0[length..end]) {
                Ok(0) => return Ok((&self.0[..length], true)),
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn grow(&mut self, length: usize) {
        if self.0.len() < length {
            self.0.reserve_exact(length - self.0.len());
            self.0.resize(length, 0);
        }
    }
}

impl Remote {
    pub(crate) fn connect() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let store = runtime.block_on(async { Clients::load().await.s3_store(None) });
        Ok(Self { runtime, store })
    }

    /// Where tasks go that are nobody's thread.
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// See [`S3Store::list`].
    pub(crate) fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: &str,
    ) -> Result<Vec<ListedObject>, ListError> {
        self.runtime.block_on(self.store.list(bucket, prefix, after))
    }

    /// See [`S3Store::folders`].
    pub(crate) fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, ListError> {
        self.runtime.block_on(self.store.folders(bucket, prefix))
    }
}
