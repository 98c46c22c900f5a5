//! A copy of a bucket on this machine.
//!
//! A copy has no metadata, and a digest's signature is metadata. So it lies beside the digest as `KEY.metadata.json`,
//! which holds what `aws s3api get-object` or `head-object` prints: an object with `Metadata`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use trailmeter_integrity::{
    DigestMetadata, FetchError, FetchProblem, FetchedDigest, Location, LogBody, MOST_DIGEST_BYTES, Objects,
};

const SIDECAR: &str = ".metadata.json";
/// User metadata has 2 KB at the most: what is longer is no answer of S3.
const MOST_SIDECAR_BYTES: u64 = 64 * 1024;
const PAGE: usize = 1000;
const PIECE: usize = 64 * 1024;

/// The files below a directory, as objects of a bucket.
#[derive(Debug, Clone)]
pub(super) struct Directory {
    root: PathBuf,
    bucket: String,
    /// In their order, as S3 lists them.
    keys: Arc<Vec<String>>,
    without_metadata: Arc<AtomicU64>,
}

impl Directory {
    /// Lists a directory.
    pub(super) fn open(root: &Path) -> anyhow::Result<Self> {
        let mut keys = Vec::new();
        list(root, "", &mut keys)?;
        keys.sort_unstable();
        Ok(Self {
            root: root.to_owned(),
            bucket: String::new(),
            keys: Arc::new(keys),
            without_metadata: Arc::default(),
        })
    }

    /// The same files as those of `bucket`.
    pub(super) fn as_bucket(&self, bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), ..self.clone() }
    }

    pub(super) fn all_keys(&self) -> &[String] {
        &self.keys
    }

    /// How many digests were read that have no metadata beside them.
    pub(super) fn without_metadata(&self) -> u64 {
        self.without_metadata.load(Ordering::Relaxed)
    }

    /// A digest without its metadata, for what it says of itself.
    pub(super) fn read_claims(&self, at: &Location) -> Result<FetchedDigest, FetchError> {
        let mut stored = Vec::new();
        let mut file = self.open_file(at)?.take(MOST_DIGEST_BYTES + 1);
        file.read_to_end(&mut stored).map_err(|error| failed(at, error))?;
        let metadata = DigestMetadata::default();
        Ok(FetchedDigest { location: at.clone(), stored, metadata, arrived: None })
    }

    fn metadata(&self, at: &Location) -> Result<Option<DigestMetadata>, FetchError> {
        let beside = Location::new(&at.bucket, format!("{}{SIDECAR}", at.key));
        let mut text = Vec::new();
        match self.open_file(&beside) {
            Err(error) if error.problem == FetchProblem::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(file) => file.take(MOST_SIDECAR_BYTES).read_to_end(&mut text),
        }
        .map_err(|error| failed(&beside, error))?;
        let sidecar: Sidecar = serde_json::from_slice(&text).map_err(|_| {
            let what = "it is not what `aws s3api get-object` prints: an object with Metadata";
            FetchError { location: beside, problem: FetchProblem::Unavailable, source: what.into() }
        })?;
        let mut said = sidecar.metadata;
        Ok(Some(DigestMetadata {
            signature: said.remove("signature"),
            algorithm: said.remove("signature-algorithm"),
            backfill_generated: said.remove("backfill-generation-timestamp"),
        }))
    }

    /// Opens the file of a key. Digests name keys, so a key must not lead out of the directory.
    fn open_file(&self, at: &Location) -> Result<File, FetchError> {
        let is_within = at.key.split('/').all(|element| !["", ".", ".."].contains(&element))
            && !at.key.contains(['\\', '\0'])
            && (self.bucket.is_empty() || at.bucket == self.bucket);
        if !is_within {
            return Err(failed(at, ErrorKind::NotFound.into()));
        }
        File::open(self.root.join(&at.key)).map_err(|error| failed(at, error))
    }
}

#[derive(serde::Deserialize)]
struct Sidecar {
    #[serde(rename = "Metadata")]
    metadata: BTreeMap<String, String>,
}

fn list(root: &Path, below: &str, keys: &mut Vec<String>) -> anyhow::Result<()> {
    let folder = root.join(below);
    let unreadable = || format!("cannot list {}", folder.display());
    for entry in fs::read_dir(&folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        // A name that is not UTF-8 is none of CloudTrail's.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let key = if below.is_empty() { name } else { format!("{below}/{name}") };
        // Links are not followed: they may lead in a circle.
        let kind = entry.file_type().with_context(unreadable)?;
        if kind.is_dir() {
            list(root, &key, keys)?;
        } else if kind.is_file() && !key.ends_with(SIDECAR) {
            keys.push(key);
        }
    }
    Ok(())
}

fn failed(at: &Location, error: io::Error) -> FetchError {
    let problem = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FetchProblem::NotFound,
        _ => FetchProblem::Unavailable,
    };
    FetchError { location: at.clone(), problem, source: error.into() }
}

impl Objects for Directory {
    type Body = LocalLogFile;

    async fn digest(&self, at: &Location) -> Result<FetchedDigest, FetchError> {
        let mut digest = self.read_claims(at)?;
        match self.metadata(at)? {
            Some(metadata) => digest.metadata = metadata,
            None => {
                self.without_metadata.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(digest)
    }

    async fn log_file(&self, at: &Location) -> Result<LocalLogFile, FetchError> {
        Ok(LocalLogFile { file: self.open_file(at)?, location: at.clone() })
    }

    async fn keys(&self, _: &str, prefix: &str, after: &str) -> Result<Vec<String>, FetchError> {
        let start = self.keys.partition_point(|key| key.as_str() <= after || key.as_str() < prefix);
        let own = self.keys[start..].iter().take_while(|key| key.starts_with(prefix));
        Ok(own.take(PAGE).cloned().collect())
    }
}

/// A log file that is read from the disk.
#[derive(Debug)]
pub(super) struct LocalLogFile {
    file: File,
    location: Location,
}

impl LogBody for LocalLogFile {
    type Chunk = Vec<u8>;

    async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        let mut piece = Vec::with_capacity(PIECE);
        let read = (&mut self.file).take(PIECE as u64).read_to_end(&mut piece);
        read.map_err(|error| failed(&self.location, error))?;
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_to_no_file_outside() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/verify");
        let directory = Directory::open(&here).unwrap().as_bucket("ours");
        let opened = |bucket: &str, key: &str| {
            directory.open_file(&Location::new(bucket, key)).map(|_| ()).map_err(|error| error.problem)
        };
        assert_eq!(opened("ours", "mod.rs"), Ok(()));
        for (bucket, key) in [
            ("theirs", "mod.rs"),
            ("ours", "../main.rs"),
            ("ours", "./mod.rs"),
            ("ours", "x/../mod.rs"),
            ("ours", "/etc/passwd"),
            ("ours", "mod.rs/"),
            ("ours", "mod.rs/x"),
            ("ours", ""),
            ("ours", "mod.rs\0"),
        ] {
            assert_eq!(opened(bucket, key), Err(FetchProblem::NotFound), "{bucket} {key:?}");
        }
    }

    #[test]
    fn files_are_listed_in_pages_as_keys_are() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let directory = Directory::open(&here).unwrap();
        assert!(directory.all_keys().is_sorted());
        assert!(directory.all_keys().contains(&"verify/directory.rs".to_owned()));
    }
}
