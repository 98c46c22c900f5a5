//! Objects in memory.

use std::collections::BTreeMap;

use trailmeter_pipeline::{ObjectBody, ObjectRef, ObjectStore, ReadError, ReadProblem};

pub(crate) const BUCKET: &str = "logs";
/// What comes from the network at once.
const CHUNK: usize = 64 * 1024;

/// Objects by their keys.
#[derive(Debug, Clone)]
pub(crate) struct MemoryStore(BTreeMap<String, Vec<u8>>);

impl MemoryStore {
    pub(crate) fn new(objects: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self(objects.into_iter().collect())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&[u8]> {
        self.0.get(key).map(Vec::as_slice)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// An object that was opened.
pub(crate) struct Body<'s> {
    length: usize,
    rest: &'s [u8],
}

impl<'s> ObjectStore for &'s MemoryStore {
    type Body = Body<'s>;

    async fn open(&self, object: &ObjectRef) -> Result<Body<'s>, ReadError> {
        let bytes = self
            .get(&object.key)
            .ok_or_else(|| ReadError { problem: ReadProblem::NotFound, source: "no such file".into() })?;
        Ok(Body { length: bytes.len(), rest: bytes })
    }
}

impl<'s> ObjectBody for Body<'s> {
    type Chunk = &'s [u8];

    fn version(&self) -> &'static str {
        "1"
    }

    fn length(&self) -> Option<usize> {
        Some(self.length)
    }

    async fn next_chunk(&mut self) -> Result<Option<&'s [u8]>, ReadError> {
        let (chunk, rest) = self.rest.split_at(self.rest.len().min(CHUNK));
        self.rest = rest;
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}
